"""Checking the ledger: streams, links, guards, the log against the streams, its heads against the log.

A full verification reads every row. An incremental one starts from what an earlier one found right: it checks what
came since, the counts of everything, and a portion of what is older, another one each time.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from wastetrack.domain.ledger import FIRST_LINK, Event, Finding, Flaw, Line, flaws_in, hash_of, moment, quick_line
from wastetrack.domain.merkle import GROUP, Climb, grown, leaf_hash
from wastetrack.domain.tree_heads import PublicKey, SignedHead
from wastetrack.features.ledger import queries
from wastetrack.features.ledger.models import LedgerEntry, LedgerEvent, LedgerNode, LedgerPending, LedgerStream
from wastetrack.features.ledger.service.kept_heads import KeptHeads
from wastetrack.infra import clock
from wastetrack.infra.signing import is_signed

AGAIN = 20_000
"""So many older events are read once more by each incremental verification, so that in time it has read all."""
_ROWS = 4_096
"""Rows read together; a multiple of the tree's groups."""


@dataclass(frozen=True)
class Checkpoint:
    """What was found right: the log up to `size` with this root. `again` is where the rereading goes on."""

    log: str
    size: int
    root: str
    again: int
    at: str


@dataclass(frozen=True)
class CheckpointFile:
    """Where the checkpoint is kept, outside the database that it speaks of."""

    path: Path

    def read(self) -> Checkpoint | None:
        """Return the last checkpoint; None where there is none that can be read."""
        with suppress(OSError, ValueError, TypeError):
            return Checkpoint(**json.loads(self.path.read_text()))
        return None

    def write(self, one: Checkpoint) -> None:
        """Replace the checkpoint, as a whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(asdict(one)))
        fresh.chmod(0o600)
        fresh.replace(self.path)


@dataclass(frozen=True)
class Outside:
    """What is known of the log outside the database: the heads kept beside it, and those that somebody brings."""

    kept: KeptHeads | None = None
    brought: tuple[SignedHead, ...] = ()


def verify(session: Session, outside: Outside | None = None) -> Iterator[Finding]:
    """Check every row, link, place and head, and that the database still guards them; yield what is wrong.

    On PostgreSQL the session is to be a `snapshot`, as others may be writing.
    """
    yield from _guards(session)
    yield from flaws_in(queries.all_lines(session), queries.heads(session))
    yield from _sealed(session)
    yield from _log(session, outside or Outside())


def verify_since(session: Session, last: Checkpoint, outside: Outside | None = None) -> Iterator[Finding]:
    """Check what came after a checkpoint, that the log is still what it was, the counts, and a part of the rest."""
    yield from _guards(session)
    size = queries.size(session)
    if last.log not in queries.log_ids(session):
        yield Finding(Flaw.LOG, "log", last.size)
        return
    if size < last.size:
        yield Finding(Flaw.SHORT, "log", last.size)
        return
    if _root(session, last.size) != last.root:
        yield Finding(Flaw.HEAD, "log", last.size)
        return
    yield from _counts(session, size)
    yield from _between(session, last.size, size)
    yield from _between(session, last.again, min(last.again + AGAIN, last.size))
    yield from _unsealed_changed(session)
    yield from _heads_since(session, last, outside or Outside())


def checkpoint(session: Session, last: Checkpoint | None) -> Checkpoint | None:
    """Return what may be kept after a verification that found nothing; None before the log has begun."""
    logs, size = queries.log_ids(session), queries.size(session)
    if not logs or not size:
        return None
    again = last.again + AGAIN if last and last.again + AGAIN < last.size else 0
    return Checkpoint(logs[-1], size, queries.root(session, size).hex(), again, moment(clock.now()))


def _guards(session: Session) -> Iterator[Finding]:
    for missing in sorted(queries.guards_wanted(session) - queries.guards(session)):
        yield Finding(Flaw.GUARD, missing)


def _root(session: Session, size: int) -> str | None:
    try:
        return queries.root(session, size).hex()
    except KeyError:
        return None


# --- everything ------------------------------------------------------------------------------------------------------


def _sealed(session: Session) -> Iterator[Finding]:
    """Compare the log with the events, both ways."""
    here = (LedgerEntry.stream == LedgerEvent.stream, LedgerEntry.seq == LedgerEvent.seq)
    marked = (LedgerPending.stream == LedgerEvent.stream, LedgerPending.seq == LedgerEvent.seq)
    events = (
        select(LedgerEvent.stream, LedgerEvent.seq, LedgerEntry.hash, LedgerPending.id)
        .outerjoin(LedgerEntry, (here[0]) & (here[1]))
        .outerjoin(LedgerPending, (marked[0]) & (marked[1]))
        .where((LedgerEntry.hash.is_(None)) | (_hex(session, LedgerEntry.hash) != LedgerEvent.hash))
        .order_by(LedgerEvent.stream, LedgerEvent.seq)
    )
    for stream, seq, kept, marker in session.execute(events.execution_options(yield_per=_ROWS)):
        if kept is not None:
            yield Finding(Flaw.OTHER, stream, seq)
        elif marker is None:
            yield Finding(Flaw.UNSEALED, stream, seq)
    for table in (LedgerEntry, LedgerPending):
        gone = (
            select(table.stream, table.seq)
            .outerjoin(LedgerEvent, (LedgerEvent.stream == table.stream) & (LedgerEvent.seq == table.seq))
            .where(LedgerEvent.stream.is_(None))
            .order_by(table.stream, table.seq)
        )
        for stream, seq in session.execute(gone.execution_options(yield_per=_ROWS)):
            yield Finding(Flaw.UNKNOWN, stream, seq)


def _hex(session: Session, column: object) -> object:
    if session.get_bind().dialect.name == "sqlite":
        return func.lower(func.hex(column))
    return func.encode(column, "hex")


def _log(session: Session, outside: Outside) -> Iterator[Finding]:
    """Walk the log from its beginning: no place is empty, every stored node and every head is what the entries give."""
    marks = _Marks(session, outside)
    yield from marks.foreign
    climb = Climb()
    yield from marks.at(0, climb)
    empty = False
    for begin, rows in _portions(session):
        leaves: list[bytes] = []
        for position, digest in rows:
            if position != begin + len(leaves):
                yield Finding(Flaw.GAP, "log", begin + len(leaves))
                empty = True
                break
            leaf = leaf_hash(digest)
            leaves.append(leaf)
            climb.add(leaf)
            if climb.size in marks.heads:
                yield from marks.at(climb.size, climb)
        yield from _nodes(session, begin, leaves)
        if empty:
            break
    for size in sorted(size for size in marks.heads if size > climb.size):
        yield Finding(Flaw.SHORT, "head", size)
    yield from _surplus_nodes(session, climb.size)


def _portions(session: Session) -> Iterator[tuple[int, list[Row[tuple[int, bytes]]]]]:
    """Yield the log in portions with the position at which each has to begin."""
    begin, after = 0, -1
    while True:
        query = select(LedgerEntry.position, LedgerEntry.hash).where(LedgerEntry.position > after)
        rows = list(session.execute(query.order_by(LedgerEntry.position).limit(_ROWS)))
        if not rows:
            return
        yield begin, rows
        after = rows[-1][0]
        begin += len(rows)


def _nodes(session: Session, begin: int, leaves: list[bytes]) -> Iterator[Finding]:
    """Compare the stored nodes above a portion of leaves that begins with a group.

    Each is made of those stored right below it, which were compared before: what is wrong below shows there.
    """
    try:
        below = queries.tails(session, begin)
        made = {(level, position): one for level, position, one in grown(begin, below, leaves)}
    except ValueError:  # nodes before this portion are missing: they were named there
        made = {}
    stored: dict[tuple[int, int], bytes] = {}
    for level, marks in groupby(sorted(made), key=lambda place: place[0]):
        positions = [position for _level, position in marks]
        rows = session.execute(
            select(LedgerNode.position, LedgerNode.hash).where(
                LedgerNode.level == level, LedgerNode.position.between(positions[0], positions[-1])
            )
        )
        stored |= {(level, position): one for position, one in rows}
    for (level, position), one in sorted(made.items()):
        if stored.get((level, position)) != one:
            yield Finding(Flaw.NODE, f"node {level}", position)


def _surplus_nodes(session: Session, size: int) -> Iterator[Finding]:
    rows = session.execute(select(LedgerNode.level, func.max(LedgerNode.position)).group_by(LedgerNode.level))
    for level, last in rows:
        if last >= size >> level:
            yield Finding(Flaw.NODE, f"node {level}", last)


class _Marks:
    """The heads that the log has to meet on its way: signed ones of the database, kept ones, brought ones."""

    def __init__(self, session: Session, outside: Outside, above: int = -1) -> None:
        """Read them and check their signatures."""
        self._keys = queries.keys(session)
        self.heads: dict[int, set[bytes]] = {}
        self.foreign: list[Finding] = []
        logs = queries.log_ids(session)
        for one in queries.heads_from(session, above):
            self._take(one, logs)
        for one in _kept(outside, logs):
            if one.head.size > above:
                self._take(one, logs)
        if outside.kept:
            self.foreign += [Finding(Flaw.LOG, f"log {name}") for name in sorted(outside.kept.logs() - set(logs))]

    def _take(self, one: SignedHead, logs: list[str]) -> None:
        head = one.head
        if head.log_id not in logs:
            self.foreign.append(Finding(Flaw.LOG, "head", head.size))
        elif not signature_fits(one, self._keys):
            self.foreign.append(Finding(Flaw.SIGNATURE, "head", head.size))
        self.heads.setdefault(head.size, set()).add(head.root)

    def at(self, size: int, climb: Climb) -> Iterator[Finding]:
        """Compare the heads of this size with the log."""
        if self.heads.get(size, set()) - {climb.root()}:
            yield Finding(Flaw.HEAD, "head", size)


def _kept(outside: Outside, logs: list[str]) -> Iterator[SignedHead]:
    """Yield the heads from outside that the log must meet: of a log that was given up for a backup, none."""
    yield from outside.brought
    if outside.kept and logs:
        yield from outside.kept.of(logs[-1])


def signature_fits(one: SignedHead, keys: Mapping[str, PublicKey]) -> bool:
    """Tell whether a head is signed by the key that it names."""
    key = keys.get(one.head.key_id)
    return key is not None and is_signed(key.algorithm, key.public, one.head.text().encode(), one.signature)


# --- since a checkpoint ----------------------------------------------------------------------------------------------


def _counts(session: Session, size: int) -> Iterator[Finding]:
    """See that there are as many events as the log with what waits for it and the streams' ends say."""
    events = session.scalar(select(func.count()).select_from(LedgerEvent)) or 0
    ends = int(session.scalar(select(func.sum(LedgerStream.seq))) or 0)
    if not events == ends == size + queries.waiting(session):
        yield Finding(Flaw.COUNT, "log", size)


def _between(session: Session, begin: int, end: int) -> Iterator[Finding]:
    """Check a portion of the log with its events, their links and, where one is the last, its stream's end."""
    begin -= begin % GROUP
    before, after = aliased(LedgerEvent), aliased(LedgerEvent)
    query = (
        select(
            LedgerEntry.position, LedgerEntry.stream, LedgerEntry.seq, LedgerEntry.hash,
            before.hash, after.seq, LedgerStream.seq, LedgerStream.hash,
            *queries.line_columns(session),
        )
        .outerjoin(LedgerEvent, (LedgerEvent.stream == LedgerEntry.stream) & (LedgerEvent.seq == LedgerEntry.seq))
        .outerjoin(before, (before.stream == LedgerEntry.stream) & (before.seq == LedgerEntry.seq - 1))
        .outerjoin(after, (after.stream == LedgerEntry.stream) & (after.seq == LedgerEntry.seq + 1))
        .outerjoin(LedgerStream, LedgerStream.stream == LedgerEntry.stream)
        .order_by(LedgerEntry.position)
    )  # fmt: skip
    while begin < end:
        until = min(begin + _ROWS, end)
        some = query.where(LedgerEntry.position >= begin, LedgerEntry.position < until)
        rows = session.connection().execute(some).all()
        leaves = [leaf_hash(row[3]) for row in rows]
        if [row[0] for row in rows] != list(range(begin, until)):
            yield Finding(Flaw.GAP, "log", begin)
            return
        for _position, stream, seq, digest, link, following, last, last_hash, *fields in rows:
            yield from _entry(stream, seq, digest, quick_line(fields) if fields[0] else None, link)
            if following is None and (last, last_hash) != (seq, digest.hex()):
                yield Finding(Flaw.CUT, stream, seq)
        yield from _nodes(session, begin, leaves)
        begin = until


def _entry(stream: str, seq: int, digest: bytes, event: Line | None, link: str | None) -> Iterator[Finding]:
    if event is None:
        yield Finding(Flaw.UNKNOWN, stream, seq)
        return
    if event.right_hash != event.hash:
        yield Finding(Flaw.CHANGED, stream, seq)
    if event.hash != digest.hex():
        yield Finding(Flaw.OTHER, stream, seq)
    if link is None and seq > 1:
        yield Finding(Flaw.REMOVED, stream, seq)
    elif event.prev_hash != (link or FIRST_LINK):
        yield Finding(Flaw.INSERTED, stream, seq)


def _unsealed_changed(session: Session) -> Iterator[Finding]:
    """Check the events that wait for the log."""
    waiting = select(LedgerPending.stream, LedgerPending.seq, LedgerPending.hash).order_by(LedgerPending.id)
    fields = [getattr(LedgerEvent, name) for name in Event.__dataclass_fields__]
    query = waiting.add_columns(*fields).outerjoin(
        LedgerEvent, (LedgerEvent.stream == LedgerPending.stream) & (LedgerEvent.seq == LedgerPending.seq)
    )
    for stream, seq, digest, *values in session.execute(query.execution_options(yield_per=_ROWS)):
        event = Event(*values) if values[0] else None
        if event is None:
            yield Finding(Flaw.UNKNOWN, stream, seq)
        elif not hash_of(event) == event.hash == digest:
            yield Finding(Flaw.CHANGED, stream, seq)


def _heads_since(session: Session, last: Checkpoint, outside: Outside) -> Iterator[Finding]:
    marks = _Marks(session, outside, above=last.size if not outside.brought else -1)
    yield from marks.foreign
    size = queries.size(session)
    for at in sorted(marks.heads):
        if at > size:
            yield Finding(Flaw.SHORT, "head", at)
        elif {one.hex() for one in marks.heads[at]} != {_root(session, at)}:
            yield Finding(Flaw.HEAD, "head", at)


@dataclass
class Verification:
    """A verification under way: everything, or what came since the last one that found nothing wrong."""

    session: Session
    kept: KeptHeads
    brought: tuple[SignedHead, ...] = ()
    full: bool = False
    since: Checkpoint | None = field(init=False)

    def __post_init__(self) -> None:
        """See from where it starts."""
        self._file = CheckpointFile(self.kept.folder / "checkpoint.json")
        self.since = None if self.full else self._file.read()

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; when that was nothing, the next one may start from here."""
        last, outside = self.since, Outside(self.kept, self.brought)
        found = False
        checks = verify_since(self.session, last, outside) if last else verify(self.session, outside)
        for one in checks:
            found = True
            yield one
        fresh = None if found else checkpoint(self.session, last)
        if fresh:
            self._file.write(fresh)
