"""The two stores behind one schema: SQLite through pysqlite3, PostgreSQL through psycopg."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from wastetrack.domain.words import Term

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one set of tables."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive one is a mistake of the caller and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def term(kind: type[Term], name: str | None = None) -> Enum:
    """Return the column type for a closed list of words: stored by value, held by a CHECK.

    `name` is that of the CHECK, for a table with the same list in two columns.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def make_engine(url: str) -> Engine:
    """Open a store. SQLite: WAL, full durability, foreign keys, and our own BEGIN (IMMEDIATE for writers)."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, module=sqlite, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction mode commits behind our back before some statements: we say BEGIN ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that later wants to write would fail instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lost_to_another(error: DBAPIError) -> bool:
    """Tell whether PostgreSQL ended the transaction because it stood in another one's way: done again, it succeeds."""
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def reader(engine: Engine) -> Session:
    """Open a session for looking. Nothing done in it is kept."""
    return Session(engine, autoflush=False, expire_on_commit=False)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """Open a session that sees the store as it is at its first question, however long it looks and whoever writes."""
    if engine.dialect.name != "sqlite":  # where a reading transaction is one by itself
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reader(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open one transaction for one act: kept as a whole when the block ends, dropped as a whole when it raises."""
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session, session.begin():
        yield session
        while last_things := session.info.pop("last_things", {}):
            # In one fixed order, so that two transactions that end at once wait for each other instead of locking up.
            for name in sorted(last_things, key=repr):
                last_things[name]()


def at_the_end(session: Session, name: Hashable, do: Callable[[], None]) -> None:
    """Have `do` run once, as the last thing of the transaction, however often it is asked for under `name`.

    For what follows from many changes together, such as the alarms of a store from which 300 boxes leave.
    """
    session.info.setdefault("last_things", {}).setdefault(name, do)
