"""One copy of the loaded store for all tests of this folder; each takes back what it changed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.conftest import NOON, loaded_store
from tests.stores import copy_of
from wastetrack.domain.access import SYSTEM
from wastetrack.infra.db import make_engine
from wastetrack.infra.work import Work


@pytest.fixture(scope="package")
def loaded(server: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The copy, with every village."""
    folder = tmp_path_factory.mktemp("catalogue")
    with loaded_store(server, folder, whole=True) as whole, copy_of(whole, server, folder) as address:
        engine = make_engine(address)
        yield engine
        engine.dispose()


@pytest.fixture
def session(loaded: Engine) -> Iterator[Session]:
    """One transaction on the copy, taken back at the end."""
    with Session(loaded.execution_options(writes=True), expire_on_commit=False) as session:
        yield session
        session.rollback()


@pytest.fixture
def work(session: Session) -> Work:
    """An act of the platform itself in that transaction."""
    return Work(session, SYSTEM, NOON)
