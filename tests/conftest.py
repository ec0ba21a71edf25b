"""The same tests on both stores: TEST_STORE=sqlite (default) or postgresql. Each test has its own loaded copy."""

import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Settings
from tests import stores
from tests.client import Browser
from wastetrack.app import create_app
from wastetrack.domain.access import SYSTEM, Actor
from wastetrack.features.accounts import service as accounts
from wastetrack.features.catalogue import service as catalogue
from wastetrack.infra import migrate
from wastetrack.infra.db import make_engine, reader, writing
from wastetrack.infra.work import Work

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""The moment at which the tests' acts happen unless they say otherwise: a Monday, 12:00 in Shanghai."""

VILLAGES_OF = ("130123",)
"""正定县, where the tests' village clinics are."""

HOUSE = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("TEST_STORE", "sqlite") == "postgresql"

WorkAs = Callable[..., AbstractContextManager[Work]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs a store runs on both, marked or not: nobody can forget it."""
    for item in items:
        if "store_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.store)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords as argon2id does, but with next to no work: the tests do it a thousand times."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(accounts.base, "HASHER", quick)
        patch.setattr(accounts.base, "DUMMY", quick.hash("nobody has this password"))
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[str | None]:
    """The PostgreSQL of this run, or None on SQLite."""
    if not POSTGRES:
        yield None
        return
    with stores.postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def template(server: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a store with all migrations and the reference data, from which each test gets its copy.

    Of the fifty thousand villages it has only those of one county: a store is copied a thousand times in a run.
    """
    with loaded_store(server, tmp_path_factory.mktemp("template"), whole=False) as url:
        yield url


@contextmanager
def loaded_store(server: str | None, folder: Path, *, whole: bool) -> Iterator[str]:
    """Yield the address of a store with all migrations and the reference data, with every village or with a few."""
    data = catalogue.DATA if whole else _with_few_villages(folder / "data")
    if server is None:
        yield f"sqlite:///{_kept(data, folder)}"
        return
    with stores.fresh_database(server) as url:
        _fill(url, data)
        yield url


def _with_few_villages(folder: Path) -> Path:
    """Copy the reference data, but of the villages only those of VILLAGES_OF."""
    shutil.copytree(catalogue.DATA, folder)
    with gzip.open(folder / "villages.csv.gz", "rt", encoding="utf-8") as lines:
        head, *rows = lines
    with gzip.open(folder / "villages.csv.gz", "wt", encoding="utf-8") as fewer:
        fewer.writelines([head, *(row for row in rows if row.startswith(VILLAGES_OF))])
    return folder


def _kept(data: Path, folder: Path) -> Path:
    """Return a filled SQLite store, kept between runs as long as schema and reference data stay what they are."""
    shipped = hashlib.sha256(str(data == catalogue.DATA).encode())
    for pattern in (
        "migrations/versions/*.py",
        "wastetrack/features/catalogue/**/*.*",
        "wastetrack/infra/reference.py",
        "tests/conftest.py",
    ):
        for path in sorted(HOUSE.glob(pattern)):
            if path.suffix != ".pyc":
                shipped.update(path.read_bytes())
    kept = Path(tempfile.gettempdir()) / f"wastetrack-test-template-{os.getuid()}-{shipped.hexdigest()[:16]}.db"
    if not kept.exists():
        fresh = folder / "template.db"
        _fill(f"sqlite:///{fresh}", data)
        shutil.copyfile(fresh, folder / "whole.db")
        shutil.move(folder / "whole.db", f"{kept}.{os.getpid()}")
        Path(f"{kept}.{os.getpid()}").replace(kept)
    return kept


def _fill(url: str, data: Path) -> None:
    engine = make_engine(url)
    migrate.upgrade(engine)
    with writing(engine) as session:
        catalogue.load(Work(session, SYSTEM, NOON), data)
    stores.settle(engine)


@pytest.fixture
def store_url(template: str, server: str | None, tmp_path: Path) -> Iterator[str]:
    """Address of this test's own store."""
    with stores.copy_of(template, server, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once in a run: each test has its own application, and would compile them all again."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(store_url: str, tmp_path: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The whole application on this test's store."""
    settings = Settings(
        database_url=store_url,
        secret_key="a-secret-that-only-the-tests-know-0123456789",
        public_url="http://127.0.0.1:8000",
        instance=tmp_path,
        testing=True,
        sign_ins_per_minute=1000,
    )
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["wastetrack.engine"].dispose()


@pytest.fixture
def store(app: Flask) -> Engine:
    """The engine of this test's store, with the application wired to it (ledger listeners included)."""
    engine: Engine = app.extensions["wastetrack.engine"]
    return engine


@pytest.fixture
def session(store: Engine) -> Iterator[Session]:
    """A session for looking at what has been kept."""
    with reader(store) as session:
        yield session


@pytest.fixture
def work_as(store: Engine) -> WorkAs:
    """Open one transaction as somebody, at NOON or at the moment given: `with work_as(actor) as work: …`."""

    @contextmanager
    def open_work(actor: Actor = SYSTEM, now: datetime = NOON) -> Iterator[Work]:
        with writing(store) as session:
            yield Work(session, actor, now, device="test")

    return open_work


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser without JavaScript that checks every page it is given."""
    return Browser(app)
