"""A whole day replayed gives the tables as they are; and whatever is changed behind the ledger's back is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Engine, Row, Table, delete, func, select, text, update
from sqlalchemy.orm import Session

from config import Settings
from tests import stores
from tests.rebuilding import assert_rebuilds, differences
from tests.whole import Day, a_whole_day
from wastetrack.app import REBUILT, create_app
from wastetrack.features.ledger.service import Deviation
from wastetrack.features.ledger.service.replaying import Projection
from wastetrack.infra.db import reader, writing
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("rebuild")]

KEYS = [(one, column) for one in REBUILT.projections for column in one.found_by]
MORE_THAN_KEYS = [one for one in REBUILT.projections if set(one.columns) > set(one.found_by)]


@pytest.fixture(scope="module")
def lived(living_template, server, tmp_path_factory) -> Iterator[Engine]:
    """A store in which a whole day was lived."""
    url, world = living_template
    folder = tmp_path_factory.mktemp("lived")
    with stores.copy_of(url, server, folder) as own:
        secret = "a-secret-that-only-the-tests-know-0123456789"
        app = create_app(Settings(own, secret, "http://127.0.0.1:8000", folder, testing=True))
        engine: Engine = app.extensions["wastetrack.engine"]

        @contextmanager
        def work_as(actor, now) -> Iterator[Work]:
            with writing(engine) as session:
                yield Work(session, actor, now, device="test")

        a_whole_day(Day(world, work_as))
        yield engine
        engine.dispose()


@pytest.fixture
def unguarded(lived) -> Iterator[Session]:
    """A session in which anything can be written; nothing of it is kept."""
    sqlite = lived.dialect.name == "sqlite"
    with lived.connect() as connection:
        if sqlite:
            connection.exec_driver_sql("COMMIT")
            for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.exec_driver_sql("BEGIN")
        with Session(connection) as session:
            yield session
            session.rollback()
        connection.invalidate()


def test_a_whole_day_is_what_the_ledger_says(lived):
    with reader(lived) as session:
        assert_rebuilds(session)


def test_the_day_fills_every_table_that_is_replayed(lived):
    with reader(lived) as session:
        empty = [
            one.name for one in REBUILT.projections if not session.scalar(select(func.count()).select_from(one.table))
        ]
    assert empty == []


@pytest.mark.parametrize("projection", MORE_THAN_KEYS, ids=lambda one: one.name)
def test_every_changed_column_is_found(unguarded, projection: Projection):
    table, asked = projection.table, [one for one in projection.columns if one not in projection.found_by]
    row = unguarded.execute(select(table).order_by(*(table.c[one].is_(None) for one in asked)).limit(1)).one()
    changed = {table.c[one]: other(table.c[one], row._mapping[table.c[one]]) for one in asked}
    change(unguarded, table, row, changed)
    found = [(one.what, one.table, one.column) for one in differences(unguarded)]
    assert sorted(found) == sorted((Deviation.DIFFERS, table.name, one) for one in asked)


@pytest.mark.parametrize(("projection", "column"), KEYS, ids=lambda part: getattr(part, "name", part))
def test_a_row_under_another_key_is_found(unguarded, projection: Projection, column: str):
    table = projection.table
    row = unguarded.execute(select(table).limit(1)).one()
    change(unguarded, table, row, {table.c[column]: other(table.c[column], row._mapping[table.c[column]])})
    found = [(one.what, one.table) for one in differences(unguarded)]
    assert sorted(found) == [(Deviation.EXTRA, table.name), (Deviation.MISSING, table.name)]


@pytest.mark.parametrize("projection", REBUILT.projections, ids=lambda one: one.name)
def test_a_row_taken_away_is_found(unguarded, projection: Projection):
    table = projection.table
    row = unguarded.execute(select(table).limit(1)).one()
    free(unguarded, table.name)
    unguarded.execute(delete(table).where(*(one == row._mapping[one] for one in table.primary_key)))
    assert [(one.what, one.table) for one in differences(unguarded)] == [(Deviation.MISSING, table.name)]


def change(session: Session, table: Table, row: Row[Any], values: dict[Column[Any], Any]) -> None:
    """Write values into one row behind everybody's back."""
    free(session, table.name)
    session.execute(update(table).where(*(one == row._mapping[one] for one in table.primary_key)).values(values))


def free(session: Session, table: str) -> None:
    """Drop what the database itself holds against a change of this table, until the rollback."""
    for guard in stores.without_guards(session.get_bind().engine):
        session.execute(text(guard))
    if session.get_bind().dialect.name == "sqlite":
        return
    held = text(
        "SELECT conrelid::regclass || '', conname FROM pg_constraint WHERE contype IN ('c', 'f') "
        "AND CAST(:of AS regclass) IN (conrelid, confrelid)"
    )
    for of, name in session.execute(held, {"of": table}).all():
        session.execute(text(f'ALTER TABLE {of} DROP CONSTRAINT "{name}"'))


def other(column: Column[Any], value: Any) -> Any:
    """Return another value that the column can hold."""
    kind = type(value) if value is not None else getattr(column.type, "impl_instance", column.type).python_type
    if issubclass(kind, Enum):
        return next((one for one in column.type.python_type if one != value), None)
    if kind is str:
        most = getattr(column.type, "length", None) or 200
        return "改" if value is None else ("改" + value)[:most] if value else "改"
    changed = {
        UUID: new_id,
        bool: lambda: not value,
        int: lambda: (value or 0) + 1000,
        datetime: lambda: (value or datetime(2026, 11, 1, tzinfo=UTC)) + timedelta(seconds=1),
        date: lambda: (value or date(2026, 11, 1)) + timedelta(days=1),
    }
    return next(make for of, make in changed.items() if issubclass(kind, of))()
