"""Reading the log over all events: its tree, its heads, the keys that sign them, and proofs."""

import json
from collections.abc import Collection, Iterable
from typing import TypeVar

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from wastetrack.domain.merkle import (
    GROUP,
    KEPT,
    Node,
    Place,
    Span,
    complete_in,
    consistency_spans,
    fold,
    inclusion_spans,
    kept_for,
    leaf_hash,
    span_hash,
)
from wastetrack.domain.tree_heads import KEYS_STREAM, LOG_STREAM, PublicKey, SignedHead, TreeHead, keys_after
from wastetrack.features.ledger.models import LedgerEntry, LedgerEvent, LedgerHead, LedgerNode, LedgerPending

T = TypeVar("T")
_AT_ONCE = 400
"""So many rows are asked for by name in one query; SQLite has an end to it."""


def size(session: Session) -> int:
    """Return how many events the log holds."""
    last = session.scalar(select(func.max(LedgerEntry.position)))
    return 0 if last is None else last + 1


def waiting(session: Session) -> int:
    """Return how many events wait to be taken into the log."""
    return session.scalar(select(func.count()).select_from(LedgerPending)) or 0


def entry(session: Session, stream: str, seq: int) -> LedgerEntry | None:
    """Return where an event stands in the log; None as long as it waits."""
    return session.scalar(select(LedgerEntry).where(LedgerEntry.stream == stream, LedgerEntry.seq == seq))


def entries_of(session: Session, stream: str) -> dict[int, int]:
    """Return the positions in the log of a stream's events, by their numbers."""
    rows = session.execute(select(LedgerEntry.seq, LedgerEntry.position).where(LedgerEntry.stream == stream))
    return {row.seq: row.position for row in rows}


# --- the tree --------------------------------------------------------------------------------------------------------


def tails(session: Session, count: int) -> list[list[bytes]]:
    """Return for each stored level what stands behind its last full group; see `domain.merkle.grown`."""
    found, level = [], 0
    while count:
        begin = count - count % GROUP
        if level:
            query = select(LedgerNode.position, LedgerNode.hash).where(
                LedgerNode.level == level, LedgerNode.position >= begin, LedgerNode.position < count
            )
            found.append([one for _at, one in sorted(tuple(row) for row in session.execute(query))])
        else:
            leaves = select(LedgerEntry.position, LedgerEntry.hash).where(
                LedgerEntry.position >= begin, LedgerEntry.position < count
            )
            found.append([leaf_hash(one) for _at, one in sorted(tuple(row) for row in session.execute(leaves))])
        count, level = count // GROUP, level + KEPT
    return found


def nodes(session: Session, spans: Iterable[Span]) -> Node:
    """Read at once what these spans are made of; return what gives the hash of a complete subtree in them."""
    kept = {one for span in spans for place in complete_in(span) for one in kept_for(place)}
    there: dict[Place, bytes] = {}
    for some in _portions([index for level, index in kept if level == 0]):
        rows = select(LedgerEntry.position, LedgerEntry.hash).where(LedgerEntry.position.in_(some))
        there |= {(0, position): leaf_hash(one) for position, one in session.execute(rows)}
    for places in _portions([one for one in kept if one[0]]):
        at = tuple_(LedgerNode.level, LedgerNode.position)
        inner = select(LedgerNode.level, LedgerNode.position, LedgerNode.hash).where(at.in_(places))
        there |= {(level, position): one for level, position, one in session.execute(inner)}

    def node(level: int, index: int) -> bytes:
        return fold([there[place] for place in kept_for((level, index))])

    return node


def _portions(all_of_them: list[T]) -> list[list[T]]:
    return [all_of_them[at : at + _AT_ONCE] for at in range(0, len(all_of_them), _AT_ONCE)]


def root(session: Session, count: int) -> bytes:
    """Return the root over the first so many events. Raises KeyError when they are not all there."""
    return span_hash((0, count), nodes(session, [(0, count)]))


def inclusion(session: Session, position: int, count: int) -> list[bytes]:
    """Return the path from an entry to the root over the first so many events."""
    return _path(session, inclusion_spans(position, count))


def consistency(session: Session, old: int, new: int) -> list[bytes]:
    """Return what shows that the log of one size is the beginning of that of the other."""
    return _path(session, consistency_spans(old, new))


def _path(session: Session, spans: Collection[Span]) -> list[bytes]:
    node = nodes(session, spans)
    return [span_hash(span, node) for span in spans]


# --- heads and keys --------------------------------------------------------------------------------------------------


def heads_from(session: Session, above: int = -1, key_id: str | None = None) -> list[SignedHead]:
    """Return the heads of more than so many events, smallest first, of all keys or of one."""
    query = select(LedgerHead).where(LedgerHead.size > above).order_by(LedgerHead.size, LedgerHead.key_id)
    return [signed(row) for row in session.scalars(query.where(LedgerHead.key_id == key_id) if key_id else query)]


def heads_before(session: Session, before: int | None, most: int) -> tuple[list[SignedHead], int | None]:
    """Return one page of heads, newest first, and the size from which the next page goes on."""
    query = select(LedgerHead).order_by(LedgerHead.size.desc(), LedgerHead.key_id)
    if before is not None:
        query = query.where(LedgerHead.size < before)
    rows = [signed(row) for row in session.scalars(query.limit(most + 1))]
    if len(rows) <= most:
        return rows, None
    # Heads of one size stay together.
    sizes = sorted({one.head.size for one in rows}, reverse=True)
    kept = [one for one in rows if one.head.size > sizes[-1]]
    return kept, kept[-1].head.size


def latest_head(session: Session) -> SignedHead | None:
    """Return the newest head; of two by different keys the one of the newer key."""
    return head_of(session, session.scalar(select(func.max(LedgerHead.size))))


def newest_short(session: Session) -> str:
    """Return what is printed of the newest head, in one look; empty while nothing has been signed yet."""
    row = session.scalar(select(LedgerHead).order_by(LedgerHead.size.desc(), LedgerHead.key_id).limit(1))
    return signed(row).short if row else ""


def head_of(session: Session, count: int | None) -> SignedHead | None:
    """Return the head of this size; None where the log was never signed at it."""
    if count is None:
        return None
    rows = [signed(row) for row in session.scalars(select(LedgerHead).where(LedgerHead.size == count))]
    known = keys(session)
    return max(rows, key=lambda one: (_since(known, one.head.key_id), one.head.key_id), default=None)


def head_covering(session: Session, position: int) -> SignedHead | None:
    """Return the newest head, if it covers the entry."""
    head = latest_head(session)
    return head if head and position < head.head.size else None


def signed(row: LedgerHead) -> SignedHead:
    """Return the head that a row holds."""
    return SignedHead(TreeHead(row.log_id, row.size, row.root, row.signed_at, row.key_id), row.signature)


def keys(session: Session) -> dict[str, PublicKey]:
    """Return all keys that ever signed, oldest first."""
    query = select(LedgerEvent.kind, LedgerEvent.facts, LedgerEvent.recorded_at).where(
        LedgerEvent.stream == KEYS_STREAM
    )
    rows = session.execute(query.order_by(LedgerEvent.seq))
    return keys_after((kind, json.loads(facts), at) for kind, facts, at in rows)


def _since(known: dict[str, PublicKey], key_id: str) -> float:
    return known[key_id].since.timestamp() if key_id in known else 0


def log_ids(session: Session) -> list[str]:
    """Return the names that the log has had, the present one last."""
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == LOG_STREAM).order_by(LedgerEvent.seq)
    return [json.loads(facts)["log"] for facts in session.scalars(query)]
