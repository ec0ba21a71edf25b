"""What the features say of how their tables follow from the ledger: from the rows so far and one event to changes.

All values are written as the ledger writes facts (`domain.ledger.plain`): ids, moments and terms as text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table

from wastetrack.domain.ledger import Plain
from wastetrack.infra.db import Base

Key = tuple[Any, ...]
"""By what a row is found, as plain values in the order of `Projection.key`."""


class Unsaid:
    """What an event does not say because it is older than the fact. Counted, and never held against a table."""

    def __repr__(self) -> str:
        """Return how it reads in a report."""
        return "?"


UNSAID = Unsaid()


@dataclass(frozen=True)
class OneOf:
    """Values of which each is right: something is being reckoned anew at this moment."""

    values: tuple[Plain, ...]

    def __repr__(self) -> str:
        """Return how it reads in a report."""
        return " / ".join(map(str, self.values))


Value = Any
"""What a column should hold: `Plain`, UNSAID or OneOf. Facts come out of JSON, so nobody can say it more narrowly."""


class Told(NamedTuple):
    """One event as a replay reads it: its facts read, its moments as the ledger writes them."""

    stream: str
    seq: int
    kind: str
    facts: Mapping[str, Any]
    occurred_at: str
    recorded_at: str
    actor_id: str | None
    acting_for: str | None
    act_key: str | None

    @property
    def thing(self) -> str:
        """Return what the stream is of, such as the id of a container."""
        return self.stream.partition(":")[2]

    def said(self, name: str) -> Value:
        """Return a fact; UNSAID where the event is older than the fact."""
        return self.facts.get(name, UNSAID)

    def all_said(self, names: Iterable[str]) -> dict[str, Value]:
        """Return several facts that are called as their columns are."""
        return {name: self.facts.get(name, UNSAID) for name in names}


@dataclass(frozen=True, slots=True)
class Put:
    """A row begins, or columns of it change."""

    table: str
    key: Key
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Gone:
    """A row ends."""

    table: str
    key: Key


Change = Put | Gone
Step = Callable[["Rows", Told], Iterable[Change]]
"""What an event does to the tables. Pure: it reads the rows so far and the event, and says what changes."""
Reckon = Callable[["Rows", datetime], Iterable[Change]]
"""What follows from the rows at the end of all streams by a rule that looks at the clock, and from no event."""


@dataclass(frozen=True)
class Projection:
    """A table that follows from the ledger."""

    model: type[Base]
    key: tuple[str, ...] = ()
    """Columns by which a row is found, where it is not the primary key: another that is unique."""
    aside: Mapping[str, str] = field(default_factory=dict)
    """Columns that do not follow from the ledger, each with the reason in words."""
    through: Mapping[str, Callable[[Any], Plain]] = field(default_factory=dict)
    """What is compared in place of a column's value, such as its hash where the ledger holds no more."""

    @property
    def table(self) -> Table:
        """Return the table itself."""
        table = self.model.__table__
        assert isinstance(table, Table)  # noqa: S101  (every model has one; the type checker cannot see it)
        return table

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return self.table.name

    @property
    def found_by(self) -> tuple[str, ...]:
        """Return the names of the columns by which a row is found."""
        return self.key or tuple(column.name for column in self.table.primary_key)

    @property
    def columns(self) -> list[str]:
        """Return the columns that are compared."""
        return [column.name for column in self.table.columns if column.name not in self.aside]


@dataclass(frozen=True)
class Replay:
    """What one feature says of its tables."""

    feature: str
    families: tuple[str, ...] = ()
    """What its streams are called before the colon, in the order in which they are read."""
    tables: tuple[Projection, ...] = ()
    steps: Mapping[str, Step] = field(default_factory=dict)
    """What each kind of event does; `manifest.*` is any of the family that has no step of its own."""
    reckon: tuple[Reckon, ...] = ()
    aside: Mapping[type[Base], str] = field(default_factory=dict)
    """Its tables that do not follow from the ledger, each with the reason in words."""
    silent: Mapping[str, str] = field(default_factory=dict)
    """Its families of streams that no table follows from, each with the reason in words."""


class Said(NamedTuple):
    """The event that says what a column holds; without a stream it is a rule that does."""

    stream: str
    seq: int


BY_RULE = Said("", 0)


@dataclass(slots=True)
class _Row:
    """A row as the ledger has it: its values, which event began it, and of what changed later, which event did."""

    values: dict[str, Value]
    begun: Said
    later: dict[str, Said] = field(default_factory=dict)


class Rows:
    """All tables as the streams read so far make them; those that no stream makes are read as they stand."""

    def __init__(self, projections: Iterable[Projection], given: Callable[[str], dict[Key, dict[str, Value]]]) -> None:
        """Begin with empty tables; `given` reads one that is not made here."""
        self._keys = {one.name: one.found_by for one in projections}
        self._made: dict[str, dict[Key, _Row]] = {name: {} for name in self._keys}
        self._given, self._read = given, dict[str, dict[Key, dict[str, Value]]]()
        self._by: dict[tuple[str, str], dict[Value, dict[Key, None]]] = {}

    def get(self, table: str, *key: Any) -> Mapping[str, Value] | None:
        """Return a row; None where there is none (yet)."""
        if table in self._made:
            row = self._made[table].get(key)
            return row.values if row else None
        return self._standing(table).get(key)

    def stands(self, table: str, *key: Any) -> Mapping[str, Value] | None:
        """Return a row as it stands in the store, for a column that no event says: how far scheduled work is."""
        return self._standing(table).get(key)

    def all(self, table: str) -> Iterator[Mapping[str, Value]]:
        """Yield all rows of a table."""
        if table in self._made:
            yield from (row.values for row in list(self._made[table].values()))
        else:
            yield from self._standing(table).values()

    def where(self, table: str, column: str, value: Value) -> list[Mapping[str, Value]]:
        """Return the rows that hold this value in a column, in the order in which they came to."""
        if table not in self._made:
            return [row for row in self._standing(table).values() if row[column] == value]
        if (table, column) not in self._by:
            index: dict[Value, dict[Key, None]] = {}
            for key, row in self._made[table].items():
                index.setdefault(row.values.get(column), {})[key] = None
            self._by[table, column] = index
        return [self._made[table][key].values for key in self._by[table, column].get(value, ())]

    def key_of(self, table: str, row: Mapping[str, Value]) -> Key:
        """Return by what a row is found."""
        return tuple(row[name] for name in self._keys[table])

    def apply(self, change: Change, said: Said) -> None:
        """Do what an event says. A table that is not made here is not changed."""
        table = self._made.get(change.table)
        if table is None:
            return
        row = table.get(change.key)
        if isinstance(change, Gone):
            if row is not None:
                self._note(change.table, change.key, row.values, None)
                del table[change.key]
            return
        if row is None:
            row = table[change.key] = _Row(dict(zip(self._keys[change.table], change.key, strict=True)), said)
            self._note(change.table, change.key, None, row.values)
        elif row.begun != said:
            row.later |= dict.fromkeys(change.values, said)
        if self._by:
            self._note(change.table, change.key, row.values, {**row.values, **change.values})
        row.values.update(change.values)

    def _note(self, table: str, key: Key, before: Mapping[str, Value] | None, now: Mapping[str, Value] | None) -> None:
        """Keep what `where` looks things up by."""
        for (of, column), index in self._by.items():
            if of != table:
                continue
            if before is not None:
                index.get(before.get(column), {}).pop(key, None)
            if now is not None:
                index.setdefault(now.get(column), {})[key] = None

    def taken(self, table: str, key: Key) -> _Row | None:
        """Take a row out to be compared: what is left at the end is missing in the store."""
        return self._made[table].pop(key, None)

    def left(self, table: str) -> Iterator[tuple[Key, Said]]:
        """Yield the rows that nobody took, with the event that began each."""
        for key, row in self._made[table].items():
            yield key, row.begun

    def _standing(self, table: str) -> dict[Key, dict[str, Value]]:
        if table not in self._read:
            self._read[table] = self._given(table)
        return self._read[table]
