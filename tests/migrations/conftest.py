"""An empty store of either kind, for tests that go through the migrations themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests import stores
from wastetrack.infra.db import make_engine


@pytest.fixture
def empty(server: str | None, tmp_path: Path) -> Iterator[Engine]:
    """A store in which no migration has run yet."""
    if server is None:
        engine = make_engine(f"sqlite:///{tmp_path}/old.db")
        yield engine
        engine.dispose()
        return
    with stores.fresh_database(server) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()
