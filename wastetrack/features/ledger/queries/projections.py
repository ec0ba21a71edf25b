"""Reading for a rebuild: the events of a family of streams, and tables row by row as the ledger would write them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, Table, and_, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from wastetrack.domain.ledger import moment, plain
from wastetrack.features.ledger.models import LedgerEvent, LedgerStream
from wastetrack.features.ledger.queries.streams import text_of

AT_ONCE = 2000
_WRITTEN: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    datetime: moment,
    date: date.isoformat,
    Enum: lambda value: value.value,
    bytes: bytes.hex,
    str: str,
    bool: bool,
    int: int,
}


def families(session: Session) -> set[str]:
    """Return what streams are called before the colon."""
    names = session.scalars(select(LedgerStream.stream).execution_options(yield_per=AT_ONCE))
    return {name.partition(":")[0] for name in names}


def told(session: Session, family: str) -> Iterator[Row[Any]]:
    """Yield the events of a family's streams as `Told` takes them, stream by stream, without holding them all."""
    moments = [text_of(session, name) for name in ("occurred_at", "recorded_at")]
    query = (
        select(
            LedgerEvent.stream, LedgerEvent.seq, LedgerEvent.kind, LedgerEvent.facts, *moments,
            LedgerEvent.actor_id, LedgerEvent.acting_for, LedgerEvent.act_key,
        )
        .where(_in_family(session, family))
        .order_by(LedgerEvent.stream, LedgerEvent.seq)
    )  # fmt: skip
    yield from session.connection().execute(query.execution_options(yield_per=AT_ONCE))


def _in_family(session: Session, family: str) -> ColumnElement[bool]:
    """Return the condition that a stream is of a family; where names sort by their bytes, its place in the index."""
    if session.get_bind().dialect.name == "sqlite":
        return and_(LedgerEvent.stream >= f"{family}:", LedgerEvent.stream < f"{family};")
    return LedgerEvent.stream.startswith(f"{family}:", autoescape=True)


def written(session: Session, table: Table, columns: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the rows of a table, these columns of each as the ledger writes facts."""
    chosen = [table.c[name] for name in columns]
    writers = [_writer(column) for column in chosen]
    for row in session.connection().execute(select(*chosen).execution_options(yield_per=AT_ONCE)):
        yield [None if value is None else write(value) for value, write in zip(row, writers, strict=True)]


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    """Return how a column's values are written; quicker than to ask each of them what it is."""
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    try:
        python = kind.python_type
    except NotImplementedError:
        return plain
    return next((write for of, write in _WRITTEN.items() if issubclass(python, of)), plain)
