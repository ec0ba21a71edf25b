"""Proofs for others: of one event, of the growth of the log, and whole parts of the ledger as a file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import unknown
from wastetrack.domain.ledger import Event, hash_of, moment, plain
from wastetrack.domain.merkle import inclusion_spans, leaf_hash, root_by_inclusion, span_hash
from wastetrack.domain.problems import refuse
from wastetrack.domain.tree_heads import PublicKey, SignedHead
from wastetrack.domain.words import N_
from wastetrack.features.ledger import queries
from wastetrack.features.ledger.models import LedgerEntry, LedgerEvent
from wastetrack.features.ledger.service.kept_heads import as_json

FORMAT = "wastetrack ledger export 1"
_AT_ONCE = 500
"""Events whose paths are read together."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Proof:
    """That one event stands in the log under a signed head; without head and path as long as it waits for one."""

    event: Event
    position: int | None = None
    head: SignedHead | None = None
    path: tuple[bytes, ...] = ()

    def holds(self) -> bool:
        """Tell whether it leads from the event, as it is stored now, to the head that was signed."""
        if self.position is None or self.head is None:
            return False
        leaf, head = leaf_hash(bytes.fromhex(hash_of(self.event))), self.head.head
        return root_by_inclusion(leaf, self.position, head.size, self.path) == head.root

    def as_json(self) -> Json:
        """Return the proof as it is given out; `scripts/verify_ledger` reads it."""
        if self.position is None or self.head is None:
            return {"event": event_json(self.event), "head": None}
        return {
            "event": event_json(self.event),
            "position": self.position,
            "leaf": leaf_hash(bytes.fromhex(self.event.hash)).hex(),
            "path": [one.hex() for one in self.path],
            "head": as_json(self.head),
        }


@dataclass(frozen=True)
class Part:
    """What is to be exported: some streams, or what was recorded in a period, or, with neither, everything."""

    streams: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def whole(self) -> bool:
        """Tell whether it is the whole log."""
        return not (self.streams or self.since or self.until)

    def as_json(self) -> Json:
        """Say it in the file."""
        if self.whole:
            return {"kind": "all"}
        if self.streams:
            return {"kind": "streams", "streams": list(self.streams)}
        return {"kind": "period", "since": plain(self.since), "until": plain(self.until)}


def prove(session: Session, stream: str, seq: int) -> Proof:
    """Prove that an event stands in the log, under the newest head. Refuses where there is no such event."""
    query = select(*_FIELDS).where(LedgerEvent.stream == stream, LedgerEvent.seq == seq)
    row = session.execute(query).one_or_none()
    if row is None:
        raise unknown()
    event, entry = Event(*row), queries.entry(session, stream, seq)
    head = queries.head_covering(session, entry.position) if entry else None
    if entry is None or head is None:
        return Proof(event, entry.position if entry else None)
    return Proof(event, entry.position, head, tuple(queries.inclusion(session, entry.position, head.head.size)))


def prove_growth(session: Session, old: int, new: int) -> Json:
    """Prove that the log of one size is the beginning of that of another; both are sizes of signed heads."""
    heads = [queries.head_of(session, size) for size in (old, new)]
    if None in heads or old > new:
        raise refuse(
            "ledger.no_head",
            N_("Choose two signed heads, the smaller first. The list of heads shows which sizes were signed."),
        )
    path = queries.consistency(session, old, new) if old else []
    return {
        "old": as_json(heads[0]),  # type: ignore[arg-type]
        "new": as_json(heads[1]),  # type: ignore[arg-type]
        "path": [one.hex() for one in path],
    }


def key_json(key: PublicKey) -> Json:
    """Return a public key as it is published."""
    return {
        "key": key.key_id,
        "algorithm": key.algorithm,
        "public": key.public,
        "since": moment(key.since),
        "until": moment(key.until) if key.until else None,
    }


def event_json(event: Event) -> Json:
    """Return an event with every field as it was hashed."""
    return {name: plain(getattr(event, name)) for name in Event.__dataclass_fields__}


# --- a part of the ledger as a file -----------------------------------------------------------------------------------


def export(session: Session, part: Part, known: Sequence[SignedHead] = ()) -> Iterator[Json]:
    """Yield the lines of an export under the newest head, with what connects it to heads known before.

    The session is to be a `snapshot`. Events that came after the head are left out.
    """
    head = queries.latest_head(session)
    if head is None:
        raise refuse("ledger.unsigned", N_("The log has not been signed yet. Start the worker, or run “ledger head”."))
    size = head.head.size
    keys = [key_json(key) for key in queries.keys(session).values()]
    yield {"format": FORMAT, "part": part.as_json(), "head": as_json(head), "keys": keys}
    for one in known:
        yield {"consistency": _connect(session, one, head)}
    number = 0
    for line in _whole(session, size) if part.whole else _with_paths(session, part, size):
        number += 1
        yield line
    yield {"end": {"events": number}}


def _connect(session: Session, known: SignedHead, head: SignedHead) -> Json:
    size = known.head.size
    if not 0 < size <= head.head.size:
        raise refuse("ledger.head_beyond", N_("The head of {size} events is not one of this log."), size=size)
    path = queries.consistency(session, size, head.head.size)
    return {"old": as_json(known), "new": as_json(head), "path": [one.hex() for one in path]}


_FIELDS = [getattr(LedgerEvent, name) for name in Event.__dataclass_fields__]
_PLACED = select(LedgerEntry.position, *_FIELDS).join(
    LedgerEntry, (LedgerEntry.stream == LedgerEvent.stream) & (LedgerEntry.seq == LedgerEvent.seq)
)


def _whole(session: Session, size: int) -> Iterator[Json]:
    """Yield everything in the order of the log: whoever has all of it needs no paths."""
    query = _PLACED.where(LedgerEntry.position < size).order_by(LedgerEntry.position)
    for position, *fields in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield {"event": event_json(Event(*fields)), "position": position}


def _with_paths(session: Session, part: Part, size: int) -> Iterator[Json]:
    query: Select[Any] = _PLACED.where(LedgerEntry.position < size)
    if part.streams:
        query = query.where(LedgerEvent.stream.in_(part.streams))
    if part.since:
        query = query.where(LedgerEvent.recorded_at >= part.since)
    if part.until:
        query = query.where(LedgerEvent.recorded_at < part.until)
    rows = iter(
        session.execute(query.order_by(LedgerEvent.stream, LedgerEvent.seq).execution_options(yield_per=_AT_ONCE))
    )
    while some := list(islice(rows, _AT_ONCE)):
        yield from _proved(session, some, size)


def _proved(session: Session, rows: Iterable[Any], size: int) -> Iterator[Json]:
    spans = {position: inclusion_spans(position, size) for position, *_fields in rows}
    node = queries.nodes(session, [span for each in spans.values() for span in each])
    for position, *fields in rows:
        path = [span_hash(span, node).hex() for span in spans[position]]
        yield {"event": event_json(Event(*fields)), "position": position, "path": path}


def line(one: Json) -> str:
    """Return one line of the file."""
    return json.dumps(one, ensure_ascii=False, separators=(",", ":"))
