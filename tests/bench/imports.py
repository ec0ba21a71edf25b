"""5,000 institutions of a real city from one workbook, against plain inserts of the very rows that come of it.

The import is all of it: the file read, every row checked through the services and taken back, every row saved with
its events, in chunks with a breath between them. The plain inserts write the same rows by the driver, and commit as
often.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import select

from config import Settings
from tests.features.imports.files import hospital, workbook
from wastetrack.app import create_app
from wastetrack.domain.access import SYSTEM, Role
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.catalogue import service as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.imports import service
from wastetrack.features.imports.models import Import
from wastetrack.features.imports.service.passes import CHUNK
from wastetrack.infra import clock, migrate
from wastetrack.infra.db import make_engine, reader, writing
from wastetrack.infra.ids import new_token
from wastetrack.infra.work import Work

ROWS = 5_000
CITY = "130100"
"""石家庄市, with its townships and streets."""
WRITTEN = ("organisations", "organisation_kinds", "ledger_streams", "ledger_events")


def measure(rounds: int) -> dict[str, Any]:
    """Return the medians of several rounds."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        _fill(empty)
        each = [_round(empty, Path(folder) / str(number)) for number in range(rounds)]
    medians = {name: round(statistics.median(one[name] for one in each), 2) for name in each[0]}
    whole = medians["check_s"] + medians["save_s"]
    return {
        "store": "sqlite",
        "rows": ROWS,
        **medians,
        "whole_s": round(whole, 2),
        "rows_per_s": round(ROWS / whole, 1),
        "saved_rows_per_s": round(ROWS / medians["save_s"], 1),
        "ratio_to_plain_inserts": round(medians["plain_s"] / medians["save_s"], 3),
        "goal": "save_s < 60; check_s comes before it",
        "met": medians["save_s"] < 60,
    }


def _round(empty: Path, folder: Path) -> dict[str, float]:
    folder.mkdir()
    store = folder / "wastetrack.db"
    shutil.copyfile(empty, store)
    with _application(store) as app:
        engine, outbox = app.extensions["wastetrack.engine"], app.extensions["wastetrack.outbox"]
        file = _file(engine)
        began, busy = time.perf_counter(), time.process_time()
        with writing(engine) as session:
            actor = account_queries.actor_of(session, account_queries.by_username(session, "bench").id)  # type: ignore[union-attr]
            command = service.SendFile(
                kind=ImportKind.ORGANISATIONS, file_name="bench.xlsx", file=file, act_key=new_token()
            )
            rows = len(service.opened(command.kind, file).rows)
            one = service.send_file(
                Work(session, actor, clock.now()), app.extensions["wastetrack.files"], command, rows
            )
        outbox.run_due()
        checked = time.perf_counter()
        with writing(engine) as session:
            service.save_rows(Work(session, actor, clock.now()), service.SaveRows(import_id=one.id))
        outbox.run_due()
        saved, busy = time.perf_counter(), time.process_time() - busy
        with reader(engine) as session:
            done = session.get_one(Import, one.id)
            if (done.state, done.new) != (ImportState.DONE, ROWS):
                raise RuntimeError(f"the import ended {done.state} with {done.new} new rows")
    plain = _plain(empty, store, folder / "plain.db")
    print(f"check {checked - began:.1f} s, save {saved - checked:.1f} s, plain {plain:.2f} s", file=sys.stderr)
    return {"check_s": checked - began, "save_s": saved - checked, "plain_s": plain, "processor_s": busy}


@contextmanager
def _application(store: Path) -> Iterator[Any]:
    app = create_app(
        Settings(
            database_url=f"sqlite:///{store}",
            secret_key="a-secret-that-only-the-bench-knows-0123456789",
            public_url="http://127.0.0.1:8000",
            instance=store.parent,
            testing=True,
        )
    )
    yield app
    app.extensions["wastetrack.engine"].dispose()


def _fill(store: Path) -> None:
    """Make a store with the whole reference data and one system administrator."""
    engine = make_engine(f"sqlite:///{store}")
    migrate.upgrade(engine)
    with writing(engine) as session:
        work = Work(session, SYSTEM, clock.now())
        catalogue.load(work)
        command = accounts.CreateAccount(username="bench", name="演示管理员", roles=frozenset({Role.SYSTEM_ADMIN}))
        accounts.create_administrator(work, command, password="Plain-Pass-2026")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _file(engine: Any) -> bytes:
    with reader(engine) as session:
        path = session.get_one(Region, CITY).path
        query = (
            select(Region.code).where(Region.path.startswith(path), Region.level == "township").order_by(Region.code)
        )
        divisions = list(session.scalars(query))
    kinds = ("医院", "诊所/村卫生室", "诊所/村卫生室", "产生危险废物的企业")
    return workbook(
        [
            hospital(n, region_code=divisions[n % len(divisions)], kinds=kinds[n % len(kinds)])
            for n in range(1, ROWS + 1)
        ]
    )


def _plain(empty: Path, full: Path, into: Path) -> float:
    """Return how long the driver needs for the rows that the import wrote, with the same durability."""
    shutil.copyfile(empty, into)
    source, target = sqlite.connect(full), sqlite.connect(into, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        target.execute(f"PRAGMA {pragma}")
    rows = {
        "organisations": source.execute("SELECT * FROM organisations ORDER BY id").fetchall(),
        "organisation_kinds": source.execute("SELECT * FROM organisation_kinds ORDER BY organisation_id").fetchall(),
        "ledger_streams": _of_organisations(source, "ledger_streams"),
        "ledger_events": _of_organisations(source, "ledger_events"),
    }
    began = time.perf_counter()
    for start in range(0, ROWS, CHUNK):
        target.execute("BEGIN IMMEDIATE")
        for table in WRITTEN:
            some = rows[table][start : start + CHUNK]
            marks = ",".join("?" * len(some[0]))
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
        target.execute("COMMIT")
    took = time.perf_counter() - began
    source.close()
    target.close()
    return took


def _of_organisations(source: Any, table: str) -> list[Any]:
    query = f"SELECT * FROM {table} WHERE stream LIKE 'organisation:%' ORDER BY stream"
    rows: list[Any] = source.execute(query).fetchall()
    return rows
