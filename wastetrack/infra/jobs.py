"""Work that runs beside the site on a schedule, by huey: in a file beside SQLite, or in PostgreSQL itself."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from sqlalchemy.engine import Engine

from wastetrack.domain.access import SYSTEM
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.outbox import Outbox
from wastetrack.infra.work import Work

log = logging.getLogger(__name__)

OUTBOX = "outbox"
Run = Callable[[Work], object]


@dataclass(frozen=True)
class Job:
    """A piece of scheduled work: one transaction, safe to repeat. `minutes` is how often, a divisor of 60."""

    name: str
    minutes: int
    run: Run


@dataclass(frozen=True)
class Beat:
    """Work with transactions of its own, done when the worker starts and then every so many seconds."""

    name: str
    seconds: int
    run: Callable[[], object]


def run(engine: Engine, job: Job) -> object:
    """Do one job now, in a transaction of its own, as the system."""
    with writing(engine) as session:
        return job.run(Work(session, SYSTEM, clock.now(), device="worker"))


def schedule(engine: Engine, instance: Path, jobs: tuple[Job, ...], outbox: Outbox) -> Huey:
    """Return a huey that knows all jobs by their schedule, and the outbox by the minute and by a call."""
    huey = _huey(engine, instance)
    for job in jobs:
        huey.periodic_task(crontab(minute=f"*/{job.minutes}"), name=job.name)(_runner(engine, job))
    huey.periodic_task(crontab(minute="*"), name="outbox.round")(lambda: _drain(outbox))
    huey.task(name=OUTBOX)(lambda: _drain(outbox))
    return huey


def bell(engine: Engine, instance: Path) -> Callable[[], None]:
    """Return what calls the worker to the outbox at once."""

    def ring() -> None:
        huey = _huey(engine, instance)
        try:
            huey.task(name=OUTBOX)(lambda: None)()
        finally:
            huey.storage.close()

    return ring


def _huey(engine: Engine, instance: Path) -> Huey:
    if engine.dialect.name == "sqlite":
        return SqliteHuey("wastetrack", filename=str(instance / "jobs.db"))
    return _postgres_huey(engine, make_tables=False)


def make_tables(engine: Engine) -> None:
    """Make the tables of the queue where they are missing: it is the owner's to do, the site may not."""
    if engine.dialect.name == "postgresql":
        _postgres_huey(engine, make_tables=True).storage.close()


def _postgres_huey(engine: Engine, *, make_tables: bool) -> Huey:
    address = engine.url.set(drivername="postgresql").render_as_string(False)
    return PostgresHuey("wastetrack", dsn=address, create_tables=make_tables)


def _drain(outbox: Outbox) -> None:
    outbox.run_due()


def _runner(engine: Engine, job: Job) -> Callable[[], None]:
    def task() -> None:
        run(engine, job)

    return task


def work(huey: Huey, beats: tuple[Beat, ...] = ()) -> None:
    """Run the worker until it is told to stop."""
    with suppress(KeyboardInterrupt), beating(beats):
        # One may be long over the outbox; the other goes on with what is due by the minute.
        huey.create_consumer(workers=2, periodic=True, check_worker_health=True).run()


def beside(parent: int) -> Beat:
    """Return the beat by which the worker stops when the process `parent` that started it is gone.

    A site that was killed cannot tell its worker: left alone it would go on beside the next one, in folders that
    may be another installation's by then.
    """

    def look() -> None:
        if os.getppid() != parent:
            log.warning("the site that started this worker is gone: stopping")
            os.kill(os.getpid(), signal.SIGTERM)

    return Beat("beside", 2, look)


@contextmanager
def beating(beats: tuple[Beat, ...]) -> Iterator[None]:
    """Keep up the beats, each in a thread of its own; what fails is logged, and done again at the next beat."""
    stop = threading.Event()
    threads = [threading.Thread(target=_keep_up, args=(beat, stop), name=beat.name, daemon=True) for beat in beats]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def _keep_up(beat: Beat, stop: threading.Event) -> None:
    while True:
        try:
            beat.run()
        except Exception:
            log.exception("%s failed", beat.name)
        if stop.wait(beat.seconds):
            return
