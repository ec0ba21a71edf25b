"""Lists of manifests within what a person may see: filters, keyset pages, no query for each row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, false, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from wastetrack.domain.access import Actor
from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.times import end_of_day, require_aware, start_of_day
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.manifests.queries.seen import crew_id_of, of_crew, visible
from wastetrack.features.manifests.queries.sheets import plates, reference_of
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Organisation, Vehicle

PAGE_SIZE = 50


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed by; empty fields narrow nothing."""

    number: str = ""
    party: str = ""
    state: State | None = None
    since: date | None = None
    until: date | None = None
    plate: str = ""
    unverified: bool = False
    """Only loads of which nobody proved that he stood at the store."""


@dataclass(frozen=True)
class Row:
    """One manifest in a list."""

    manifest: Manifest
    consignor: str
    receiver: str
    carrier: str
    plate: str
    unverified: bool
    boxes: int
    mass_g: int

    @property
    def number(self) -> str:
        """Return the number, before it is issued the platform's own reference."""
        return self.manifest.number or reference_of(self.manifest.id)


@dataclass(frozen=True)
class Page:
    """Some rows of a list and where the next page begins."""

    rows: list[Row] = field(default_factory=list)
    next: str | None = None


def find(session: Session, actor: Actor, wanted: Filter, after: str | None = None, limit: int = PAGE_SIZE) -> Page:
    """Return what the person may see and asked for, the newest first; `after` is the `next` of the page before."""
    query = select(Manifest).where(visible(session, actor), *_narrowed(wanted))
    return _page(session, query, after, limit)


def trips(session: Session, actor: Actor, after: str | None = None) -> Page:
    """Return the loads that the person still has to drive or that are being received; ended ones are in the list."""
    crew = crew_id_of(session, actor)
    mine = of_crew(crew) if crew else false()
    to_do = Manifest.state.in_([State.SIGNED, State.IN_TRANSIT, State.ARRIVED])
    return _page(session, select(Manifest).where(mine, to_do), after, PAGE_SIZE)


_URGENCIES = {State.ARRIVED: 3, State.IN_TRANSIT: 2, State.SIGNED: 1}
_URGENCY = case(_URGENCIES, value=Manifest.state, else_=0)
"""Which loads are still to be received, and what stands at the gate before what is far away."""


def receipts(
    session: Session, actor: Actor, after: str | None = None, *, ended: bool = False, limit: int = PAGE_SIZE
) -> Page:
    """Return what the person's organisation has still to receive, first what stands at the gate; or what it received.

    Within each state the newest first.
    """
    mine = Manifest.receiver_id == actor.organisation_id if actor.organisation_id else false()
    if ended:
        received = select(Manifest).where(mine, Manifest.confirmed_at.is_not(None))
        return _page(session, received, after, limit)
    query = select(Manifest).where(mine, Manifest.state.in_(list(_URGENCIES)))
    return _page(session, query, after, limit, first=_URGENCY)


def short(session: Session, actor: Actor) -> list[Row]:
    """Return the loads that the person's organisation received with a box missing that is not found yet."""
    mine = Manifest.receiver_id == actor.organisation_id if actor.organisation_id else false()
    lost = select(ManifestBox.manifest_id).where(
        ManifestBox.verdict == Verdict.MISSING, ManifestBox.taken_back_at.is_(None)
    )
    return _page(session, select(Manifest).where(mine, Manifest.id.in_(lost)), None, PAGE_SIZE).rows


def _narrowed(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.number:
        found.append(Manifest.number.contains(wanted.number, autoescape=True))
    if wanted.party:
        named = select(Organisation.id).where(Organisation.name.contains(wanted.party, autoescape=True))
        carried = exists().where(ManifestLeg.manifest_id == Manifest.id, ManifestLeg.carrier_id.in_(named))
        found.append(or_(Manifest.consignor_id.in_(named), Manifest.receiver_id.in_(named), carried))
    if wanted.plate:
        driven = select(Vehicle.id).where(Vehicle.plate.contains(wanted.plate, autoescape=True))
        either = or_(ManifestLeg.vehicle_id.in_(driven), ManifestLeg.trailer_id.in_(driven))
        found.append(exists().where(ManifestLeg.manifest_id == Manifest.id, either))
    if wanted.unverified:
        unproven = ManifestLeg.presence == literal_column(f"'{Presence.UNPROVEN.value}'")
        found.append(Manifest.id.in_(select(ManifestLeg.manifest_id).where(unproven)))
    if wanted.state:
        found.append(Manifest.state == wanted.state)
    if wanted.since:
        found.append(Manifest.created_at >= start_of_day(wanted.since))
    if wanted.until:
        found.append(Manifest.created_at < end_of_day(wanted.until))
    return found


def _page(
    session: Session,
    query: Select[tuple[Manifest]],
    after: str | None,
    limit: int,
    first: ColumnElement[int] | None = None,
) -> Page:
    """Return one page, the newest first; with `first`, what has more of it before what has less."""
    order: list[ColumnElement[Any]] = [Manifest.created_at.expression, Manifest.id.expression]
    key = _key_in(after)
    if first is None:
        key = key and key[1:]
    else:
        order = [first, *order]
    if key:
        query = query.where(tuple_(*order) < key)
    found = list(session.scalars(query.order_by(*(each.desc() for each in order)).limit(limit + 1)))
    shown, more = found[:limit], len(found) > limit
    return Page(_rows(session, shown), _key_of(shown[-1]) if more else None)


def _key_of(last: Manifest) -> str:
    return f"{_URGENCIES.get(last.state, 0)}~{last.created_at.isoformat()}~{last.id}"


def _key_in(after: str | None) -> tuple[Any, ...] | None:
    try:
        urgency, moment, row = (after or "").split("~")
        if urgency not in {str(each) for each in (0, *_URGENCIES.values())}:
            return None
        return int(urgency), require_aware(datetime.fromisoformat(moment)), UUID(row)
    except (ValueError, OverflowError):
        return None  # an address that was tampered with begins at the first page


def _rows(session: Session, manifests: Sequence[Manifest]) -> list[Row]:
    ids = [manifest.id for manifest in manifests]
    trailer = aliased(Vehicle)
    legs = {
        manifest_id: (carrier, plates(plate, beside), presence is Presence.UNPROVEN)
        for manifest_id, carrier, plate, beside, presence in session.execute(
            select(ManifestLeg.manifest_id, Organisation.name, Vehicle.plate, trailer.plate, ManifestLeg.presence)
            .join(Organisation, Organisation.id == ManifestLeg.carrier_id)
            .join(Vehicle, Vehicle.id == ManifestLeg.vehicle_id)
            .outerjoin(trailer, trailer.id == ManifestLeg.trailer_id)
            .where(ManifestLeg.manifest_id.in_(ids))
        )
    }
    sums = {
        manifest_id: (boxes, int(mass or 0))
        for manifest_id, boxes, mass in session.execute(
            select(ManifestBox.manifest_id, func.count(), func.sum(ManifestBox.stated_g))
            .where(ManifestBox.manifest_id.in_(ids), ManifestBox.left_behind_at.is_(None))
            .group_by(ManifestBox.manifest_id)
        )
    }
    names = parties.names(session, [each for one in manifests for each in (one.consignor_id, one.receiver_id)])
    return [
        Row(m, names[m.consignor_id], names[m.receiver_id], *legs.get(m.id, ("—", "—", False)), *sums.get(m.id, (0, 0)))
        for m in manifests
    ]
