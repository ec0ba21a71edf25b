"""The sealer of the test's application, and what an intruder does who may do everything."""

import pytest
from sqlalchemy import text

from tests.living import living_template
from tests.stores import without_guards
from wastetrack.features.ledger import queries, service
from wastetrack.features.ledger.models import LedgerEntry
from wastetrack.infra.db import reader, writing

__all__ = ["living_template"]


@pytest.fixture
def sealer(app):
    """The sealer, with its keys and heads in the test's own data folder."""
    return app.extensions["wastetrack.sealer"]


@pytest.fixture
def write(work_as):
    """Write some events into streams, each in a transaction of its own."""

    def write_events(number, stream="test:a"):
        for at in range(number):
            with work_as() as work:
                service.append(work, stream, "test.done", {"number": at})

    return write_events


@pytest.fixture
def behind_our_back(store):
    """Run statements with all guards dropped."""

    def run(*statements, **values):
        with writing(store) as session:
            for statement in without_guards(store):
                session.execute(text(statement))
            for statement in statements:
                session.execute(text(statement), values)

    return run


def log_of(store):
    """Return the log: stream and number of each event by position."""
    with reader(store) as session:
        rows = session.query(LedgerEntry).order_by(LedgerEntry.position).all()
        assert [row.position for row in rows] == list(range(len(rows)))
        return [(row.stream, row.seq) for row in rows]


def all_heads(store):
    with reader(store) as session:
        return queries.heads_from(session)
