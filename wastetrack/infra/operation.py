"""Commands of the platform's operator: migrate the store, serve the site with its worker, make a new migration."""

import os
import subprocess
import sys
from collections.abc import Callable

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Settings
from wastetrack.domain.problems import Refusal
from wastetrack.infra import jobs, migrate, roles
from wastetrack.infra.db import reader
from wastetrack.infra.files import Files, compare
from wastetrack.infra.i18n import ENGLISH, _, speaking
from wastetrack.infra.jobs import Beat, Job
from wastetrack.infra.outbox import Outbox


def commands(
    engine: Engine, settings: Settings, work: tuple[Job, ...], outbox: Outbox, beats: tuple[Beat, ...]
) -> list[click.Command]:
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

    @database.command("grant")
    @click.argument("role")
    def grant(role: str) -> None:
        """Let the site run under ROLE, which cannot lift the guards of the ledger (PostgreSQL; as the owner).

        Where the role is missing it is made with the password in SITE_ROLE_PASSWORD.
        """
        with speaking(ENGLISH):
            try:
                roles.grant(engine, role, os.environ.get("SITE_ROLE_PASSWORD"))
            except Refusal as refusal:
                raise click.ClickException(" ".join(_(p.sentence, **p.facts) for p in refusal.problems)) from None
        click.echo(f"A site may run as {role}: it reads and writes, and cannot lift the guards of the ledger.")

    @database.command("role")
    def role() -> None:
        """Say whether the role that DATABASE_URL names could lift the guards of the ledger; exit with 1 if so."""
        with engine.connect() as connection:
            found = roles.powers(connection)
        if found:
            raise click.ClickException("this role could lift the guards of the ledger: " + "; ".join(
                power.label for power in found))  # fmt: skip
        click.echo("This role cannot lift the guards of the ledger." if engine.dialect.name == "postgresql" else
                   "An SQLite file has no roles: who can write it can write all of it.")  # fmt: skip

    @click.command("worker")
    @click.option("--beside", type=int, help="The process that started it: stop when that is gone, killed or not.")
    def worker(beside: int | None) -> None:
        """Run the scheduled work until stopped."""
        own = (*beats, jobs.beside(beside)) if beside else beats
        jobs.work(jobs.schedule(engine, settings.instance, work, outbox), own)

    @click.command("serve")
    @click.option("--workers", type=int, default=lambda: min(2, os.cpu_count() or 1), show_default="2")
    def serve(workers: int) -> None:
        """Serve the site and run its worker, both until stopped."""
        _serve(workers)

    return [database, worker, serve]


Named = Callable[[Session], set[str]]
"""Tells which files the rows of one feature name."""


def file_commands(engine: Engine, files: Files, named: tuple[Named, ...]) -> list[click.Command]:
    """Return the operator's commands for the files that people sent."""

    @click.group("files")
    def group() -> None:
        """Keep the files that people sent."""

    @group.command("check")
    def check() -> None:
        """Compare the kept files with the rows that name them, and each file with its own hash."""
        found = compare(files, lambda: _names(engine, named))
        for kind in ("missing", "changed", "orphan"):
            for name in getattr(found, kind):
                click.echo(f"{kind}  {name}")
        click.echo(
            f"{found.whole} whole, {len(found.missing)} missing, {len(found.changed)} changed; "
            f"{len(found.orphan)} that no row names (harmless)"
        )
        if found.missing or found.changed:
            raise SystemExit(1)

    return [group]


def _names(engine: Engine, named: tuple[Named, ...]) -> set[str]:
    with reader(engine) as session:
        return {digest for ask in named for digest in ask(session)}


def _serve(workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    command = ["flask", "--app", "wastetrack.app", "worker", "--beside", str(os.getpid())]
    worker = subprocess.Popen([sys.executable, "-m", *command])  # noqa: S603  (our own words only)
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
