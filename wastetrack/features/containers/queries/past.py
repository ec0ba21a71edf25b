"""What stood in a store at any past moment, and who weighed a container when."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from wastetrack.domain.declared_wrong import declarations
from wastetrack.domain.ledger import Event
from wastetrack.domain.measures import Grams
from wastetrack.domain.weighing import MassSource, WeighedBy, differs
from wastetrack.features.containers.models import Container, Stay

PAST_PAGE = 100


@dataclass(frozen=True)
class Stood:
    """One container that stood in a store at the moment asked for, since when, and the mass that counted."""

    container: Container
    came_at: datetime
    mass_g: int
    zone_id: UUID | None = None


@dataclass(frozen=True)
class Inventory:
    """What stood in a store at a moment: all in all, and one page of it."""

    count: int
    mass: Grams
    rows: Sequence[Stood]
    following: UUID | None
    """After which container the next page begins."""


def inventory(session: Session, facility_id: UUID, at: datetime, after: UUID | None = None) -> Inventory:
    """Return what stood in a store at a moment: what came at it or before, and left after it or is still there."""
    there = _there(facility_id, at).subquery()
    count, mass = session.execute(select(func.count(), func.sum(there.c.mass_g))).one()
    query = select(Container, there.c.came_at, there.c.mass_g, there.c.zone_id).join(
        there, there.c.container_id == Container.id
    )
    query = query.where(Container.id > after) if after else query
    rows = session.execute(query.order_by(Container.id).limit(PAST_PAGE + 1)).tuples().all()
    shown = [Stood(container, came, int(grams), zone) for container, came, grams, zone in rows[:PAST_PAGE]]
    return Inventory(count, Grams(int(mass or 0)), shown, shown[-1].container.id if len(rows) > PAST_PAGE else None)


def _there(facility_id: UUID, at: datetime) -> Select[Any]:
    over = select(Stay.container_id, Stay.came_at, Stay.mass_g, Stay.zone_id).where(
        Stay.facility_id == facility_id, Stay.left_at > at, Stay.came_at <= at
    )
    still = select(Container.id, Container.stood_since, Container.mass_g, Container.zone_id).where(
        Container.holder_facility_id == facility_id, Container.stood_since <= at
    )
    both = union_all(over, still).subquery()
    return select(both.c.container_id, both.c.came_at, both.c.mass_g, both.c.zone_id)


def repacked_into(session: Session, container_id: UUID) -> Container | None:
    """Return the container into which this one was repacked."""
    return session.scalar(select(Container).where(Container.repacked_from == container_id))


@dataclass(frozen=True)
class Weight:
    """One figure: who weighed, how much, read how and when; `gap_g` is the difference to the producer's figure."""

    by: WeighedBy
    mass: Grams
    source: MassSource | None
    at: datetime
    counts: bool
    """Whether it stands; False for one that the same party has weighed anew or taken back."""
    gap: Grams | None = None
    far: bool = False
    """Whether the difference is worth weighing again (rule H-17)."""


def weights(past: Sequence[Event]) -> list[Weight]:
    """Return every figure of a container's life, oldest first. Each party has its own; none replaces another's.

    One that was declared wrong is left out: it stands, struck through, in the record.
    """
    found: list[Weight] = []
    wrong = declarations(past)
    for event in past:
        if event.seq in wrong:
            continue
        facts = json.loads(event.facts)
        if event.kind == "container.withdraw":
            _take_back(found)
        read = _figure(event, facts)
        if read is not None:
            found = [_aside(one) if one.by is read.by else one for one in found]
            found.append(read)
    stated = next((one.mass for one in reversed(found) if one.by is WeighedBy.PRODUCER), None)
    return [_compared(one, stated) for one in found]


def _figure(event: Event, facts: dict[str, Any]) -> Weight | None:
    """Return the figure of an event that is a weighing; a receipt that took the stated mass over is none."""
    by, mass = facts.get("weighed_by"), facts.get("mass_g")
    if event.kind == "container.registered":
        by = WeighedBy.PRODUCER.value
    if event.kind in {"container.hand_in", "container.accept"}:
        by = (WeighedBy.STATION if event.kind == "container.hand_in" else WeighedBy.RECEIVER).value
        mass = facts.get("received_g")
    if by is None or mass is None:
        return None
    source = facts.get("mass_source")
    return Weight(
        by=WeighedBy(by),  # type: ignore[call-arg]  # a Term is looked up by its value
        mass=Grams(mass),
        source=MassSource(source) if source else None,  # type: ignore[call-arg]
        at=event.occurred_at,
        counts=True,
    )


def _take_back(found: list[Weight]) -> None:
    """A verdict taken back takes the receiver's figure with it; it stays to be read."""
    found[:] = [_aside(one) if one.by is WeighedBy.RECEIVER else one for one in found]


def _aside(one: Weight) -> Weight:
    return Weight(one.by, one.mass, one.source, one.at, counts=False)


def _compared(one: Weight, stated: Grams | None) -> Weight:
    if stated is None or one.by is WeighedBy.PRODUCER or not one.counts:
        return one
    return Weight(one.by, one.mass, one.source, one.at, True, Grams(one.mass - stated), differs(stated, one.mass))
