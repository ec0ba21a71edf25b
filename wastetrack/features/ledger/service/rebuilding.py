"""`ledger rebuild --check`: replay all streams and compare every projection with what they give, to the last column.

Nothing is written. Streams are read one after another, family by family, and none of them is held; what is held is the
tables that they make. Each row of the store then takes its own out again, and what nobody took is missing.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from wastetrack.domain.words import N_, Term
from wastetrack.features.ledger.queries import projections as reading
from wastetrack.features.ledger.service.replaying import (
    BY_RULE,
    UNSAID,
    Key,
    OneOf,
    Projection,
    Replay,
    Rows,
    Said,
    Step,
    Told,
    Value,
)
from wastetrack.infra.db import Base


class Deviation(Term):
    """How a table can differ from the ledger."""

    MISSING = "missing", N_("the ledger knows this row, the table does not have it")
    EXTRA = "extra", N_("the table has this row, the ledger knows nothing of it")
    DIFFERS = "differs", N_("the column holds something else than the ledger says")
    UNTOLD = "untold", N_("nothing in the ledger says what this column should hold")
    KIND = "kind", N_("nobody knows what an event of this kind does to the tables")
    FAMILY = "family", N_("nobody knows what streams of this name are of")


@dataclass(frozen=True)
class Difference:
    """One thing in which a table is not what the ledger says, and the event that says it."""

    what: Deviation
    table: str = ""
    key: Key = ()
    column: str = ""
    expected: Value = None
    found: Value = None
    said: Said | None = None

    @property
    def by_rule(self) -> bool:
        """Tell whether no event says so but a rule."""
        return self.said == BY_RULE


@dataclass(frozen=True)
class Plan:
    """All that the features say of their tables, from the bottom of the ladder to its top."""

    replays: tuple[Replay, ...]
    to_come: frozenset[str] = frozenset()
    """Tables and families of which nothing is said yet. This shrinks to nothing."""

    whole: bool = True
    """Whether it speaks of all streams."""

    def of(self, *features: str) -> "Plan":
        """Return the plan for the tables of some features; all others are taken as they stand."""
        return Plan(tuple(one for one in self.replays if one.feature in features), whole=False)

    @property
    def projections(self) -> list[Projection]:
        """Return the tables that follow from the ledger."""
        return [table for one in self.replays for table in one.tables]

    @property
    def set_aside(self) -> dict[str, str]:
        """Return the tables that do not follow from the ledger, with the reasons."""
        return {model.__tablename__: why for one in self.replays for model, why in one.aside.items()}

    @property
    def families(self) -> list[str]:
        """Return the families of streams that are replayed, in the order in which they are read."""
        return list(dict.fromkeys(family for one in self.replays for family in one.families))

    def steps(self, kind: str) -> list[Step]:
        """Return what an event of a kind does: of each feature its step for the kind, or for the whole family."""
        whole = f"{kind.partition('.')[0]}.*"
        found = [one.steps.get(kind) or one.steps.get(whole) for one in self.replays]
        return [step for step in found if step is not None]


class Rebuild:
    """One replay and comparison; on PostgreSQL the session is to be a `snapshot`, as others may be writing."""

    def __init__(self, session: Session, plan: Plan, now: datetime) -> None:
        """Look at `now`, by which rules are reckoned that no event is needed for."""
        self.session, self.plan, self.now = session, plan, now
        self.events = self.compared = 0
        """How many events were replayed and rows compared."""
        self.unsaid: Counter[str] = Counter()
        """How often a column holds what its events do not say, because they are older than the fact."""

    def findings(self) -> Iterator[Difference]:
        """Replay everything, compare, and yield each difference."""
        rows = Rows(self.plan.projections, self._as_it_stands)
        yield from self._strange_families()
        yield from self._replay(rows)
        for replay in self.plan.replays:
            for reckon in replay.reckon:
                for change in reckon(rows, self.now):
                    rows.apply(change, BY_RULE)
        for projection in self.plan.projections:
            yield from self._compare(rows, projection)

    def _strange_families(self) -> Iterator[Difference]:
        if not self.plan.whole:
            return
        silent = {family for one in self.plan.replays for family in one.silent}
        known = {*self.plan.families, *silent, *self.plan.to_come}
        for family in sorted(reading.families(self.session) - known):
            yield Difference(Deviation.FAMILY, said=Said(family, 0))

    def _replay(self, rows: Rows) -> Iterator[Difference]:
        steps: dict[str, list[Step]] = {}
        for family in self.plan.families:
            for stream, seq, kind, facts, *rest in reading.told(self.session, family):
                told = Told(stream, seq, kind, json.loads(facts), *rest)
                self.events += 1
                if kind not in steps:
                    steps[kind] = self.plan.steps(kind)
                said = Said(stream, seq)
                if not steps[kind]:
                    yield Difference(Deviation.KIND, found=kind, said=said)
                for step in steps[kind]:
                    for change in step(rows, told):
                        rows.apply(change, said)

    def _compare(self, rows: Rows, projection: Projection) -> Iterator[Difference]:
        name, columns = projection.name, projection.columns
        at = [columns.index(one) for one in projection.found_by]
        seen = {columns.index(column): look for column, look in projection.through.items()}
        for found in reading.written(self.session, projection.table, columns):
            self.compared += 1
            for place, look in seen.items():
                found[place] = look(found[place])
            key = tuple(found[place] for place in at)
            row = rows.taken(name, key)
            if row is None:
                yield Difference(Deviation.EXTRA, name, key)
                continue
            for column, value in zip(columns, found, strict=True):
                expected = row.values.get(column, _NOTHING)
                if expected == value and type(expected) is type(value):
                    continue
                if expected is UNSAID:
                    self.unsaid[f"{name}.{column}"] += 1
                elif not (isinstance(expected, OneOf) and value in expected.values):
                    what = Deviation.UNTOLD if expected is _NOTHING else Deviation.DIFFERS
                    expected = None if expected is _NOTHING else expected
                    said = row.later.get(column, row.begun)
                    yield Difference(what, name, key, column, expected, value, said)
        for key, said in rows.left(name):
            yield Difference(Deviation.MISSING, name, key, said=said)

    def _as_it_stands(self, table: str) -> dict[Key, dict[str, Value]]:
        """Read a table that the replay is not about."""
        return rows_of(self.session, Base.metadata.tables[table])


_NOTHING = object()


def rows_of(session: Session, table: Table) -> dict[Key, dict[str, Any]]:
    """Return a whole table by its primary key, as the ledger would write it."""
    columns = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    rows: Iterable[dict[str, Any]] = (
        dict(zip(columns, values, strict=True)) for values in reading.written(session, table, columns)
    )
    return {tuple(row[name] for name in keys): row for row in rows}
