"""Reading the ledger: a stream as it was written, and everything for verification."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from wastetrack.domain.declared_wrong import SUFFIX, WITHDRAWN
from wastetrack.domain.ledger import Event, Line, quick_line
from wastetrack.features.ledger.models import LedgerEvent, LedgerStream

_NAMES = tuple(Event.__dataclass_fields__)
_MOMENTS = ("occurred_at", "recorded_at")
_EVENT_COLUMNS = [getattr(LedgerEvent, name) for name in _NAMES]

# Built once, because every act asks for them.
_ACT = select(LedgerEvent.seq).where(LedgerEvent.stream == bindparam("of"), LedgerEvent.act_key == bindparam("by"))
_ENDS = (
    select(
        LedgerStream,
        exists().where(LedgerEvent.stream == LedgerStream.stream, LedgerEvent.act_key == bindparam("by")),
    )
    .where(LedgerStream.stream.in_(bindparam("these", expanding=True)))
    .order_by(LedgerStream.stream)
    .with_for_update(of=LedgerStream)
    .execution_options(populate_existing=True)
)


def stream(session: Session, name: str) -> list[Event]:
    """Return all events of one stream, oldest first."""
    rows = session.execute(select(*_EVENT_COLUMNS).where(LedgerEvent.stream == name).order_by(LedgerEvent.seq))
    return [Event(*row) for row in rows]


def streams(session: Session, names: list[str]) -> list[Event]:
    """Return the events of several streams together, by the time they happened."""
    rows = session.execute(
        select(*_EVENT_COLUMNS)
        .where(LedgerEvent.stream.in_(names))
        .order_by(LedgerEvent.occurred_at, LedgerEvent.recorded_at, LedgerEvent.stream, LedgerEvent.seq)
    )
    return [Event(*row) for row in rows]


_DECLARES = or_(LedgerEvent.kind.endswith(SUFFIX, autoescape=True), LedgerEvent.kind == WITHDRAWN)


def named_and_declared(session: Session, name: str, numbers: Collection[int]) -> list[Event]:
    """Return these events of a stream, and every one that declares another wrong; oldest first."""
    query = select(*_EVENT_COLUMNS).where(LedgerEvent.stream == name, or_(LedgerEvent.seq.in_(numbers), _DECLARES))
    return [Event(*row) for row in session.execute(query.order_by(LedgerEvent.seq))]


def written_at(session: Session, name: str, kind: str, recorded_at: datetime) -> list[Event]:
    """Return the events of one kind that were written into a stream at this moment."""
    query = select(*_EVENT_COLUMNS).where(
        LedgerEvent.stream == name, LedgerEvent.recorded_at == recorded_at, LedgerEvent.kind == kind
    )
    return [Event(*row) for row in session.execute(query.order_by(LedgerEvent.seq))]


def number_declared(session: Session) -> int:
    """Return how many events are declared wrong, in all streams. Reads every row."""
    return session.scalar(select(func.count()).select_from(LedgerEvent).where(_DECLARES)) or 0


def all_events(session: Session) -> Iterator[Event]:
    """Yield every event ordered by stream and number, without holding them all in memory."""
    query = select(*_EVENT_COLUMNS).order_by(LedgerEvent.stream, LedgerEvent.seq)
    for row in session.execute(query.execution_options(yield_per=2000)):
        yield Event(*row)


def all_lines(session: Session) -> Iterator[Line]:
    """Yield every event as a line to be checked, ordered by stream and number; the store writes the moments."""
    query = (
        select(*line_columns(session)).order_by(LedgerEvent.stream, LedgerEvent.seq).execution_options(yield_per=2000)
    )
    return map(quick_line, session.connection().execute(query))


def line_columns(session: Session) -> list[ColumnElement[Any]]:
    """Return the fields of an event as `domain.ledger.quick_line` takes them."""
    return [text_of(session, name) if name in _MOMENTS else getattr(LedgerEvent, name) for name in _NAMES]


def text_of(session: Session, name: str) -> ColumnElement[str]:
    """Have the store write a moment as it was hashed."""
    column: ColumnElement[datetime] = getattr(LedgerEvent, name)
    if session.get_bind().dialect.name == "sqlite":
        return func.replace(type_coerce(column, String), " ", "T").concat("Z")
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def heads(session: Session) -> dict[str, tuple[int, str]]:
    """Return the remembered end of every stream."""
    rows = session.execute(select(LedgerStream.stream, LedgerStream.seq, LedgerStream.hash))
    return {name: (seq, last) for name, seq, last in rows}


def counts(session: Session) -> tuple[int, int]:
    """Return how many streams and how many events there are."""
    streams_there = session.scalar(select(func.count()).select_from(LedgerStream)) or 0
    return streams_there, session.scalar(select(func.count()).select_from(LedgerEvent)) or 0


def counts_of(session: Session, name: str) -> int:
    """Return how many events a stream has."""
    return session.scalar(select(func.count()).select_from(LedgerEvent).where(LedgerEvent.stream == name)) or 0


def streams_from(
    session: Session, prefix: str = "", after: str = "", size: int = 50
) -> tuple[list[LedgerStream], str | None]:
    """Return one page of streams whose names begin so, by name, and where the next page begins."""
    query = select(LedgerStream).where(LedgerStream.stream.startswith(prefix, autoescape=True))
    rows = list(session.scalars(query.where(LedgerStream.stream > after).order_by(LedgerStream.stream).limit(size + 1)))
    return rows[:size], rows[size - 1].stream if len(rows) > size else None


def has_act(session: Session, stream: str, act_key: str) -> bool:
    """Tell whether the act with this idempotency key is already written in the stream."""
    return session.scalar(_ACT, {"of": stream, "by": act_key}) is not None


def ends(session: Session, streams: Collection[str], act_key: str | None) -> dict[str, tuple[LedgerStream, bool]]:
    """Return the ends of those of these streams that have begun, held, and whether the act stands in each."""
    rows = session.execute(_ENDS, {"these": list(streams), "by": act_key})
    return {end.stream: (end, written) for end, written in rows}
