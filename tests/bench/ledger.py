"""What chain and sealer cost on PostgreSQL: against plain inserts of the same rows, and through the real service.

Three sides, measured one after the other in each round, each with 16 writers in four processes and full durability:

- plain: the event and the end of its stream inserted by the driver, one transaction each, into tables without triggers;
- chain: the stream's end read and held, the event linked to it, hashed and inserted, the end moved, the marker
  written by its trigger, while the sealer takes everything into the log and signs its heads;
- service: the same through `append` in the session that every act uses, beside the sealer as well.

Verification is measured over what the rounds wrote, against hashing the same canonical bytes in memory.
"""

import hashlib
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from config import Settings
from tests import stores
from wastetrack.app import create_app
from wastetrack.domain.access import SYSTEM
from wastetrack.domain.ledger import FIRST_LINK, Event, Evidence, canonical, hash_of
from wastetrack.features.ledger import queries, service
from wastetrack.infra import clock, migrate
from wastetrack.infra.db import make_engine, snapshot, writing
from wastetrack.infra.ids import new_id, new_token
from wastetrack.infra.work import Work

PROCESSES, THREADS = 4, 4
SECONDS = 8.0
STREAMS = 200
"""Streams of each writer; it writes in one after the other."""
NAMES = tuple(Event.__dataclass_fields__)
FACTS = {
    "container": "0193571a-7f1e-7000-8000-000000000001", "mass_g": 2500, "state": "stored",
    "to": {"organisation": "0193571a-7f1e-7000-8000-000000000002", "facility": "0193571a-7f1e-7000-8000-000000000003"},
}  # fmt: skip
PLAIN = """
CREATE TABLE plain_events (LIKE ledger_events INCLUDING ALL);
CREATE TABLE plain_streams (LIKE ledger_streams INCLUDING ALL);
"""
INTO = f"INSERT INTO {{table}} ({', '.join(NAMES)}) VALUES ({', '.join(['%s'] * len(NAMES))})"


def measure(rounds: int) -> dict[str, Any]:
    """Return the medians of several rounds."""
    with _server() as server, stores.fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=url, secret_key="a-secret-that-only-the-bench-knows-0123456789",
            public_url="http://127.0.0.1:8000", instance=Path(folder), testing=True,
        )  # fmt: skip
        engine = make_engine(url)
        migrate.upgrade(engine)
        with psycopg.connect(_plain_address(url)) as connection:
            connection.execute(PLAIN)
        app = create_app(settings)
        sealer = app.extensions["wastetrack.sealer"]
        sealer.round()
        each = [_round(url, sealer) for _ in range(rounds)]
        sealer.round(wait=True)
        checked = _verification(engine, sealer)
        app.extensions["wastetrack.engine"].dispose()
        engine.dispose()
    medians = {name: round(statistics.median(one[name] for one in each), 1) for name in each[0]}
    ratio = round(statistics.median(one["chain_per_s"] / one["plain_per_s"] for one in each), 3)
    through = round(statistics.median(one["service_per_s"] / one["chain_per_s"] for one in each), 3)
    return {
        "store": "postgresql",
        "writers": PROCESSES * THREADS,
        **medians,
        "ratio_to_plain_inserts": ratio,
        "service_to_chain": through,
        **checked,
        "goal": "ratio_to_plain_inserts >= 0.85; verification_ratio >= 0.5",
        "met": {"writes": ratio >= 0.85, "verification": checked["verification_ratio"] >= 0.5},
    }


@contextmanager
def _server() -> Iterator[str]:
    """Start a server that keeps what it says: the tests' one does not wait for the disk."""
    durable = ("max_connections=100", "shared_buffers=256MB", "max_wal_size=4GB")
    with _replaced(stores, "QUICK", durable), stores.postgres_server() as address:
        yield address


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def _round(url: str, sealer: service.LogSealer) -> dict[str, float]:
    plain, _ = _rate(url, _write_plain)
    with _sealing(sealer) as sealed:
        chain, _ = _rate(url, _write_chain)
    with _sealing(sealer):
        through, _ = _rate(url, _write_service)
    print(f"plain {plain:.0f}, chain {chain:.0f}, service {through:.0f} events/s", file=sys.stderr)
    return {"plain_per_s": plain, "chain_per_s": chain, "service_per_s": through, "sealed_meanwhile": float(sealed[0])}


@contextmanager
def _sealing(sealer: service.LogSealer) -> Iterator[list[int]]:
    """Keep the sealer at work, as the worker does, in a process of its own; what waits at the end counts, too."""
    stop, counted = threading.Event(), [0]

    def work() -> None:
        while not stop.wait(1):
            counted[0] += sealer.round().sealed

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield counted
    finally:
        stop.set()
        thread.join()
        sealer.round(wait=True)


Write = Callable[[str, float], int]


def _rate(url: str, write: Write) -> tuple[float, float]:
    """Return events per second of all writers together."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    until = time.time() + SECONDS + 1.5
    crowd = [context.Process(target=_crowd, args=(url, write, until, queue)) for _ in range(PROCESSES)]
    for one in crowd:
        one.start()
    done = [queue.get() for _ in crowd]
    for one in crowd:
        one.join()
    return sum(done) / SECONDS, until


def _crowd(url: str, write: Write, until: float, queue: Any) -> None:
    """Let several threads write from the common start to the common end."""
    counts = [0] * THREADS

    def work(number: int) -> None:
        counts[number] = write(url, until)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put(sum(counts))


def _values(event: Event) -> list[Any]:
    return [getattr(event, name) for name in NAMES]


def _event(stream: str, seq: int, link: str) -> Event:
    now = clock.now()
    return Event(
        stream, seq, "container.stored", canonical(FACTS), now, now, FACTS["container"], FACTS["container"],  # type: ignore[arg-type]
        "Mozilla/5.0 (Linux; Android 14) Mobile", None, Evidence.SCANNED.value, new_token(), link,
    )  # fmt: skip


def _write_plain(url: str, until: float) -> int:
    """Insert the same rows, with hashes made beforehand: nothing is read and nothing linked."""
    mine, number = new_id().hex, 0
    with psycopg.connect(_plain_address(url)) as connection:
        _wait(until)
        while time.time() < until:
            stream = f"benchmark:{mine}-{number}"
            event = _event(stream, 1, FIRST_LINK)
            with connection.pipeline():
                connection.execute(INTO.format(table="plain_events"), [*_values(event)[:-1], FIRST_LINK], prepare=True)
                connection.execute(
                    "INSERT INTO plain_streams VALUES (%s, %s, %s)", (stream, 1, FIRST_LINK), prepare=True
                )
                connection.commit()
            number += 1
    return number


def _write_chain(url: str, until: float) -> int:
    """Link each event to the one before it in its stream, as the service does, with nothing else around it."""
    mine, number = new_id().hex, 0
    with psycopg.connect(_plain_address(url)) as connection:
        _wait(until)
        while time.time() < until:
            stream = f"benchmark:{mine}-{number % STREAMS}"
            held = "SELECT seq, hash FROM ledger_streams WHERE stream = %s FOR UPDATE"
            row = connection.execute(held, (stream,), prepare=True).fetchone()
            seq, link = (row[0] + 1, row[1]) if row else (1, FIRST_LINK)
            event = _event(stream, seq, link)
            digest = hash_of(event)
            end = (
                "UPDATE ledger_streams SET seq = %s, hash = %s WHERE stream = %s"
                if row
                else "INSERT INTO ledger_streams (seq, hash, stream) VALUES (%s, %s, %s)"
            )
            with connection.pipeline():
                connection.execute(INTO.format(table="ledger_events"), [*_values(event)[:-1], digest], prepare=True)
                connection.execute(end, (seq, digest, stream), prepare=True)
                connection.commit()
            number += 1
    return number


def _write_service(url: str, until: float) -> int:
    mine, number = new_id().hex, 0
    engine = make_engine(url)
    _wait(until)
    while time.time() < until:
        with writing(engine) as session:
            work = Work(session, SYSTEM, clock.now(), device="Mozilla/5.0 (Linux; Android 14) Mobile")
            stream = f"benchmark:{mine}-{number % STREAMS}"
            service.append(work, stream, "container.stored", FACTS, evidence=Evidence.SCANNED, act_key=new_token())
        number += 1
    engine.dispose()
    return number


def _wait(until: float) -> None:
    time.sleep(max(0.0, until - SECONDS - time.time()))


def _plain_address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _verification(engine: Any, sealer: service.LogSealer) -> dict[str, Any]:
    """Return how fast everything is verified, against hashing the very bytes that the events' hashes are made of."""
    with snapshot(engine) as session:
        began = time.perf_counter()
        flaws = list(service.verify(session, service.Outside(sealer.kept)))
        took = time.perf_counter() - began
        if flaws:
            raise RuntimeError(f"the ledger is not intact: {flaws[:3]}")
        number = queries.counts(session)[1]
        last = service.checkpoint(session, None)
        began = time.perf_counter()
        if last is None or list(service.verify_since(session, last)):
            raise RuntimeError("the checkpoint does not hold")
        since = time.perf_counter() - began
        texts, hashes = [], []
        for event in queries.all_events(session):
            fields = {name: getattr(event, name) for name in NAMES if name != "hash"}
            texts.append(canonical(fields).encode())
            hashes.append(event.hash)
            if len(texts) == 200_000:
                break
    began = time.perf_counter()
    if [hashlib.sha256(text).hexdigest() for text in texts] != hashes:
        raise RuntimeError("the bytes in memory are not those that were hashed")
    memory = len(texts) / (time.perf_counter() - began)
    return {
        "events": number,
        "verified_per_s": round(number / took),
        "hashed_in_memory_per_s": round(memory),
        "verification_ratio": round(number / took / memory, 3),
        "incremental_s": round(since, 2),
        "full_s": round(took, 2),
    }
