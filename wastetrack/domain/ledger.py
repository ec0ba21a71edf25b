"""The custody ledger's arithmetic: what an event is, how it is written canonically, how it is linked and checked.

Each thing has its own stream; each event carries the hash of the one before it in its stream. There is no global
chain: streams are independent, so that a whole province can write at once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from wastetrack.domain.words import N_, Term

FIRST_LINK = "0" * 64
"""What the first event of a stream names as the hash before it."""

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


class Evidence(Term):
    """How the person at the place proved what he says."""

    SCANNED = "scanned", N_("scanned")
    TYPED = "typed", N_("code typed in")
    CHOSEN = "chosen", N_("picked from a list")
    CONFIRMED = "confirmed", N_("confirmed on the page by the person signed in")
    IMPORTED = "imported", N_("from a file that was imported")
    SYSTEM = "system", N_("by the system")


@dataclass(frozen=True)
class Event:
    """One line of the ledger. `hash` covers every other field, the link to the line before included."""

    stream: str
    seq: int
    kind: str
    facts: str
    occurred_at: datetime
    recorded_at: datetime
    actor_id: str | None
    acting_for: str | None
    device: str
    place: str | None
    evidence: str
    act_key: str | None
    prev_hash: str
    hash: str = ""


def canonical(facts: Mapping[str, object]) -> str:
    """Write facts as canonical JSON: sorted keys, no blanks, no floats (a subset of RFC 8785)."""
    return json.dumps(
        {key: plain(value) for key, value in facts.items()},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def plain(value: object) -> Plain:
    """Turn a fact into what JSON can hold without loss: moments in UTC with microseconds, ids and terms as text."""
    match value:
        case None | bool():
            return value
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case StrEnum():
            return str(value.value)
        case int():
            return int(value)
        case str():
            return value
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case _:
            raise TypeError(f"a fact of the ledger cannot be a {type(value).__name__}")


def moment(value: datetime) -> str:
    """Write a moment as the ledger hashes it, e.g. 2026-11-23T06:00:00.000000Z."""
    if value.tzinfo is None:
        raise ValueError("a moment in the ledger needs its zone")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_of(event: Event) -> str:
    """Return the SHA-256 (hex) over the canonical form of everything but the hash itself."""
    fields = {name: getattr(event, name) for name in Event.__dataclass_fields__ if name != "hash"}
    return sha256(canonical(fields).encode()).hexdigest()


class Line(NamedTuple):
    """What the check of a stream needs of an event: its place, its links, and the hash that its fields give."""

    stream: str
    seq: int
    prev_hash: str
    hash: str
    right_hash: str


def line_of(event: Event) -> Line:
    """Return an event as a line to be checked."""
    return Line(event.stream, event.seq, event.prev_hash, event.hash, hash_of(event))


_quoted: Callable[[str], str] = json.encoder.encode_basestring


def quick_line(row: Sequence[Any]) -> Line:
    """Return a line from the fields of an event in their order, with the moments written as `moment` writes them.

    The same as `line_of`, several times as fast: the canonical form is written by hand in the order of its keys, and
    without a loop, since this runs for every event of a province. Every field is quoted, also those that can only be
    hexadecimal: what somebody put there instead must not pass for the rest of the line.
    """
    (stream, seq, kind, facts, occurred_at, recorded_at, actor_id, acting_for, device, place, evidence, act_key,
     prev_hash, own) = row  # fmt: skip
    try:
        text = (
            f'{{"act_key":{"null" if act_key is None else _quoted(act_key)},'
            f'"acting_for":{"null" if acting_for is None else _quoted(acting_for)},'
            f'"actor_id":{"null" if actor_id is None else _quoted(actor_id)},'
            f'"device":{_quoted(device)},"evidence":{_quoted(evidence)},"facts":{_quoted(facts)},"kind":{_quoted(kind)},'
            f'"occurred_at":{_quoted(occurred_at)},"place":{"null" if place is None else _quoted(place)},'
            f'"prev_hash":{_quoted(prev_hash)},"recorded_at":{_quoted(recorded_at)},"seq":{seq:d},"stream":{_quoted(stream)}}}'
        )
        right = sha256(text.encode()).hexdigest()
    except (TypeError, ValueError):  # neither text nor a number: whatever stands there now, no event was written so
        right = ""
    return Line(stream, seq, prev_hash, own, right)


class Flaw(Term):
    """What can be wrong with a stored ledger."""

    CHANGED = "changed", N_("the row was changed after it was written")
    REMOVED = "removed", N_("a row is missing before this one")
    INSERTED = "inserted", N_("the row does not follow from the one before it")
    CUT = "cut", N_("the end of the stream was removed or added past the ledger")
    GUARD = "guard", N_("the database no longer refuses to change ledger rows")
    UNSEALED = "unsealed", N_("the event is neither in the log nor waiting for it")
    UNKNOWN = "unknown", N_("the log holds an event that is no longer there")
    OTHER = "other", N_("the log holds another hash for this event")
    GAP = "gap", N_("a place in the log is empty")
    NODE = "node", N_("a stored node of the log's tree is not what its events give")
    HEAD = "head", N_("the signed head does not fit the log")
    SHORT = "short", N_("the log is shorter than what was signed")
    SIGNATURE = "signature", N_("the head is not signed by a key of this log")
    LOG = "log", N_("a head belongs to a log that this database does not know")
    COUNT = "count", N_("events, log and streams do not agree in number: verify everything to see where")


@dataclass(frozen=True)
class Finding:
    """One flaw and where it is; `seq` is 0 where the whole stream or store is meant.

    Where the flaw is in the log and not in a stream, `stream` is `log`, `node` or `head` and `seq` the place or size.
    """

    flaw: Flaw
    stream: str
    seq: int = 0

    @property
    def in_stream(self) -> bool:
        """Tell whether there is a stream to be looked at."""
        return ":" in self.stream


def flaws_in(events: Iterable[Line], heads: Mapping[str, tuple[int, str]]) -> Iterator[Finding]:
    """Check events ordered by stream and sequence number against each other and against the streams' heads.

    `heads` gives for each stream the number and hash of its last event as the ledger remembers it.
    """
    last: Line | None = None
    seen: set[str] = set()
    for event in events:
        before = last if last and last[0] == event[0] else None
        if before is None:
            if last:
                yield from _end(last, heads)
            seen.add(event.stream)
        if before is None or not _follows(before, event):
            yield from _link(before, event)
        last = event
    if last:
        yield from _end(last, heads)
    for stream in sorted(heads.keys() - seen):
        yield Finding(Flaw.CUT, stream)


def _follows(before: Line, event: Line) -> bool:
    """Tell whether an event is just what comes next in the same stream: so with nearly all, hence asked at once."""
    _stream, seq, link, own, right = event
    return own == right and link == before[3] and seq == before[1] + 1


def _link(before: Line | None, event: Line) -> Iterator[Finding]:
    expected = before.seq + 1 if before else 1
    if event.right_hash != event.hash:
        yield Finding(Flaw.CHANGED, event.stream, event.seq)
    if event.seq > expected:
        yield Finding(Flaw.REMOVED, event.stream, event.seq)
    elif event.seq < expected or event.prev_hash != (before.hash if before else FIRST_LINK):
        yield Finding(Flaw.INSERTED, event.stream, event.seq)


def _end(last: Line, heads: Mapping[str, tuple[int, str]]) -> Iterator[Finding]:
    if heads.get(last.stream) != (last.seq, last.hash):
        yield Finding(Flaw.CUT, last.stream, last.seq)
