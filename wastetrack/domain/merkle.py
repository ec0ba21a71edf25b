"""The tree over all events: RFC 6962 §2.1 and RFC 9162 §2.1, with proofs that an entry is in it and that it only grew.

Nothing here holds a tree. Whoever asks hands in `node`, which gives the hash of a complete subtree by its level and
its place in the level; level 0 are the leaves.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without entries (RFC 9162 §2.1.1)."""

Node = Callable[[int, int], bytes]
Place = tuple[int, int]
"""Level and place in the level of a complete subtree."""
Span = tuple[int, int]
"""From this entry up to, not including, that one."""

KEPT = 4
"""Of the levels above the leaves every fourth is stored; what lies between is made from the one below."""
GROUP = 1 << KEPT


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry; the prefix keeps an entry from being passed off as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


# --- what a proof is made of -----------------------------------------------------------------------------------------


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return the subtrees whose hashes lead from an entry to the root, nearest first (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no entry {index}")
    return _inclusion(index, (0, size))


def _inclusion(index: int, span: Span) -> list[Span]:
    start, end = span
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_inclusion(index, (start, middle)), (middle, end)]
    return [*_inclusion(index, (middle, end)), (start, middle)]


def consistency_spans(old: int, new: int) -> list[Span]:
    """Return the subtrees which show that the tree of `old` entries is the beginning of that of `new` (§2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    return [] if old == new else _consistency(old, (0, new), whole=True)


def _consistency(old: int, span: Span, *, whole: bool) -> list[Span]:
    start, end = span
    if old == end:
        return [] if whole else [span]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_consistency(old, (start, middle), whole=whole), (middle, end)]
    return [*_consistency(old, (middle, end), whole=False), (start, middle)]


def _split(count: int) -> int:
    """Return the largest power of two smaller than the count."""
    return 1 << (count - 1).bit_length() - 1


def complete_in(span: Span) -> list[Place]:
    """Return the complete subtrees of which a span consists, from left to right, largest first."""
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def kept_for(place: Place) -> list[Place]:
    """Return the stored subtrees from which one is made: itself, or those of the next stored level below it."""
    level, index = place
    between = level % KEPT
    return [(level - between, (index << between) + each) for each in range(1 << between)]


def span_hash(span: Span, node: Node) -> bytes:
    """Return the hash of a subtree that a proof names, or of the whole tree for the span of all entries."""
    start, end = span
    if start == end:
        return EMPTY
    *before, found = [node(*place) for place in complete_in(span)]
    for left in reversed(before):
        found = node_hash(left, found)
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete neighbours of one level, of which there are two, four, eight …"""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


# --- growing ---------------------------------------------------------------------------------------------------------


def grown(size: int, tails: Sequence[Sequence[bytes]], leaves: Sequence[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, place and hash of the nodes to be stored when these leaves (hashed) follow on `size` entries.

    `tails` holds for each stored level, the leaves first, what stands there behind the last full group.
    """
    fresh, there, depth = list(leaves), size, 0
    while fresh:
        tail = list(tails[depth]) if depth < len(tails) else []
        if len(tail) != there % GROUP:
            raise ValueError(f"{len(tail)} nodes of level {depth * KEPT} where {there % GROUP} belong")
        row = tail + fresh
        fresh = [fold(row[at : at + GROUP]) for at in range(0, len(row) - GROUP + 1, GROUP)]
        there, depth = there // GROUP, depth + 1
        for at, one in enumerate(fresh):
            yield depth * KEPT, there + at, one


class Climb:
    """The root of a growing tree that keeps nothing but its peaks and the leaves of the group that is not full."""

    def __init__(self) -> None:
        """Begin with an empty tree."""
        self.size = 0
        self._rest: list[bytes] = []
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Take in the next leaf (hashed)."""
        self._rest.append(leaf)
        self.size += 1
        if len(self._rest) == GROUP:
            self._raise(KEPT, fold(self._rest))
            self._rest = []

    def _raise(self, level: int, peak: bytes) -> None:
        while self._peaks and self._peaks[-1][0] == level:
            peak = node_hash(self._peaks.pop()[1], peak)
            level += 1
        self._peaks.append((level, peak))

    def root(self) -> bytes:
        """Return the root as it is now."""
        rest = [
            fold(self._rest[index << level : (index + 1) << level])
            for level, index in complete_in((0, len(self._rest)))
        ]
        peaks = [peak for _level, peak in self._peaks] + rest
        if not peaks:
            return EMPTY
        found = peaks.pop()
        for peak in reversed(peaks):
            found = node_hash(peak, found)
        return found


# --- checking --------------------------------------------------------------------------------------------------------


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a proof leads from a leaf (hashed); None when it does not fit (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def continues(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether a proof shows that one tree is the beginning of the other (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
