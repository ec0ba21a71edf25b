"""Commands of the platform's operator: migrate the store, serve the site with its worker, make a new migration."""

import os
import subprocess
import sys

import click
from sqlalchemy import Engine

from config import Settings
from wastetrack.infra import jobs, migrate
from wastetrack.infra.jobs import Job
from wastetrack.infra.outbox import Outbox


def commands(engine: Engine, settings: Settings, work: tuple[Job, ...], outbox: Outbox) -> list[click.Command]:
    """Return the operator's commands for this store."""

    @click.group("database")
    def database() -> None:
        """Keep the store's schema."""

    @database.command("upgrade")
    def upgrade() -> None:
        """Bring the store to the schema of this code."""
        migrate.upgrade(engine)

    @database.command("revision")
    @click.argument("words")
    def revision(words: str) -> None:
        """Write the next migration from the models (for developers)."""
        migrate.revision(engine, words)

    @click.command("worker")
    def worker() -> None:
        """Run the scheduled work until stopped."""
        jobs.work(jobs.schedule(engine, settings.instance, work, outbox))

    @click.command("serve")
    @click.option("--workers", type=int, default=lambda: min(2, os.cpu_count() or 1), show_default="2")
    def serve(workers: int) -> None:
        """Serve the site and run its worker, both until stopped."""
        _serve(workers)

    return [database, worker, serve]


def _serve(workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wastetrack.app", "worker"])
    try:
        Granian(
            "wastetrack.app:create_app",
            factory=True,
            address=os.environ.get("HOST", "127.0.0.1"),
            port=int(os.environ.get("PORT", "8000")),
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=2,
            log_access=False,
        ).serve()
    finally:
        worker.terminate()
        worker.wait(10)
