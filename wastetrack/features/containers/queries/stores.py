"""Stores with what stands in them, as far as a person may see them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.alerts import Limit
from wastetrack.domain.compatibility import Waste
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import LIVE, STANDING, USUAL_LITRES
from wastetrack.domain.measures import Grams
from wastetrack.domain.storing import limits_broken, mass_limit
from wastetrack.domain.tanks import TANK_PLACES
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.waste_codes import Hazard, WasteCode
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Facility, Organisation, StoreZone
from wastetrack.infra.db import UtcDateTime

PAGE = 50
BOXES = 100
LITRES: ColumnElement[int] = func.coalesce(Container.volume_l, case(USUAL_LITRES, value=Container.packaging))
"""What a container holds: as entered, else the usual of its kind."""
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class InBulk:
    """What a tank or pool of a store holds, now or at a past moment."""

    id: UUID
    facility_id: UUID
    number: str
    waste_code: str
    waste_name: str
    mass: Grams
    volume_l: int
    high: Grams
    """The mass at its high-level limit."""


Tanks = Callable[[Session, Collection[UUID], datetime | None], list[InBulk]]
_tanks: list[Tanks] = []


def tanks_are(find: Tanks) -> None:
    """Have `find` tell what the tanks of stores hold. Wired once, in `wastetrack.app`: tanks are known further up."""
    _tanks[:] = [find]


def in_bulk(session: Session, stores: Collection[Facility], at: datetime | None = None) -> list[InBulk]:
    """Return what the tanks and pools of these stores hold, now or at a moment; few stores can have any."""
    places = [one.id for one in stores if one.kind in TANK_PLACES]
    return [found for find in _tanks for found in find(session, places, at)] if places else []


@dataclass(frozen=True)
class Standing:
    """A store and what stands in it now: the containers, and what its tanks hold.

    `mass` and `volume_l` are of both together, as the limits of the store are; a tank is no container, so `count`
    is of the containers alone.
    """

    store: Facility
    organisation: str
    count: int
    mass: Grams
    first: datetime | None
    """When the first container must have left."""
    overdue: int
    volume_l: int = 0
    estimated: int = 0
    """Of how many containers the volume is the usual one of their kind."""
    tanks: Sequence[InBulk] = ()

    @property
    def broken(self) -> list[Limit]:
        """Return the quantity limits that it is above."""
        return limits_broken(self.store, mass=self.mass, count=self.count, volume_l=self.volume_l)

    @property
    def limit(self) -> Grams | None:
        """Return the most that may stand here by mass."""
        return mass_limit(self.store)


@dataclass(frozen=True)
class StoreFilters:
    """What a list of stores is narrowed to; `after` is the last one of the page before."""

    text: str = ""
    overdue: bool = False
    after: UUID | None = None


def store_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion of the stores whose contents a person may see."""
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_STORE, {Relation.OWN}):
        seen.append(Facility.organisation_id == actor.organisation_id)
    if actor.region_paths and may(actor, Act.VIEW_STORE, {Relation.REGION}):
        seen.append(catalogue.within(Facility.region_code, actor.region_paths))
    return or_(false(), *seen)


def stores(
    session: Session, actor: Actor, filters: StoreFilters, now: datetime, size: int = PAGE
) -> tuple[list[Standing], UUID | None]:
    """Return one page of the stores a person may see, and where the next one begins (None on the last)."""
    query = (
        select(Facility, Organisation.name)
        .join(Organisation, Organisation.id == Facility.organisation_id)
        .where(store_scope(actor))
    )
    for word in narrow(filters.text).split():
        query = query.where(
            or_(Facility.name.contains(word, autoescape=True), Organisation.name.contains(word, autoescape=True))
        )
    if filters.overdue:
        late = select(Container.id).where(*_stands_in(Facility.id), Container.must_leave_by <= now)
        query = query.where(late.exists())
    last = session.execute(
        select(Organisation.name, Facility.id)
        .join(Organisation, Organisation.id == Facility.organisation_id)
        .where(Facility.id == filters.after)
    ).one_or_none()
    if last is not None:
        name, identity = last
        query = query.where(or_(Organisation.name > name, and_(Organisation.name == name, Facility.id > identity)))
    rows = session.execute(query.order_by(Organisation.name, Facility.id).limit(size + 1)).tuples().all()
    shown = _with_contents(session, rows[:size], now)
    return shown, rows[size - 1][0].id if len(rows) > size else None


def store(session: Session, actor: Actor, facility_id: UUID, now: datetime) -> Standing:
    """Return one store that a person may see; for whom it is not to be seen there is none."""
    row = session.execute(
        select(Facility, Organisation.name)
        .join(Organisation, Organisation.id == Facility.organisation_id)
        .where(Facility.id == facility_id, store_scope(actor))
    ).one_or_none()
    if row is None:
        raise unknown()
    return _with_contents(session, [(row[0], row[1])], now)[0]


def is_occupied(session: Session, facility_id: UUID, zone_id: UUID | None = None) -> bool:
    """Tell whether anything stands in a store, or in one of its zones."""
    query = select(Container.id).where(Container.holder_facility_id == facility_id, Container.state.in_(LIVE))
    query = query.where(Container.zone_id == zone_id) if zone_id else query
    return session.scalar(query.limit(1)) is not None


def sees_store(session: Session, actor: Actor, facility_id: UUID) -> bool:
    """Tell whether a person may see what stands in a store."""
    return session.scalar(select(Facility.id).where(Facility.id == facility_id, store_scope(actor))) is not None


def _stands_in(facility: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (Container.holder_facility_id == facility, Container.state.in_(STANDING))


def _with_contents(session: Session, rows: Sequence[tuple[Facility, str]], now: datetime) -> list[Standing]:
    """Count what stands in each store, exactly and in one query."""
    late = case((Container.must_leave_by <= now, 1), else_=0)
    counted = session.execute(
        select(
            Container.holder_facility_id,
            func.count(),
            func.sum(Container.mass_g),
            func.min(Container.must_leave_by),
            func.sum(late),
            func.sum(LITRES),
            func.sum(case((Container.volume_l.is_(None), 1), else_=0)),
        )
        .where(Container.holder_facility_id.in_([facility.id for facility, _name in rows]))
        .where(Container.state.in_(STANDING))
        .group_by(Container.holder_facility_id)
    )
    found = {row[0]: row for row in counted}
    tanks = in_bulk(session, [facility for facility, _name in rows])
    return [
        _standing(facility, name, found.get(facility.id), [one for one in tanks if one.facility_id == facility.id])
        for facility, name in rows
    ]


def _standing(facility: Facility, name: str, row: Row[Any] | None, tanks: Sequence[InBulk]) -> Standing:
    mass, volume = sum(one.mass for one in tanks), sum(one.volume_l for one in tanks)
    if row is None:
        return Standing(facility, name, 0, Grams(mass), None, 0, volume, tanks=tanks)
    return Standing(
        facility, name, row[1], Grams(row[2] + mass), row[3], int(row[4]), int(row[5]) + volume, int(row[6]), tanks
    )


def hold_zone(session: Session, zone: StoreZone) -> None:
    """Have others who would put something into this zone wait until the transaction ends."""
    session.scalars(select(StoreZone.id).where(StoreZone.id == zone.id).with_for_update()).one()


def wastes_in(session: Session, facility_id: UUID, zone_id: UUID | None, but: UUID | None = None) -> list[Waste]:
    """Return the wastes that stand in a zone, or in no zone of a store: of each waste the first container."""
    here = Container.zone_id == zone_id if zone_id else Container.zone_id.is_(None)
    query = (
        select(func.min(Container.code), Container.waste_code, Container.hazards)
        .where(*_stands_in(literal(facility_id)), here)
        .group_by(Container.waste_code, Container.hazards)
        .order_by(Container.waste_code, Container.hazards)
    )
    query = query.where(Container.id != but) if but else query
    return [
        Waste(
            pretty(ContainerCode(code)),
            WasteCode(waste),
            tuple(Hazard(letters) for letters in hazards.split()),  # type: ignore[call-arg]
        )
        for code, waste, hazards in session.execute(query).tuples()
    ]


def boxes_in(
    session: Session, facility_id: UUID, after: UUID | None = None, size: int = BOXES
) -> tuple[list[Container], UUID | None]:
    """Return one page of what stands in a store, what must leave first first, and where the next page begins."""
    due = func.coalesce(Container.must_leave_by, _NEVER, type_=UtcDateTime())
    query = select(Container).where(*_stands_in(literal(facility_id)))
    last = session.get(Container, after) if after else None
    if last is not None:
        moment = last.must_leave_by or _NEVER
        query = query.where(
            or_(
                due > moment,
                and_(due == moment, Container.sealed_at > last.sealed_at),
                and_(due == moment, Container.sealed_at == last.sealed_at, Container.id > last.id),
            )
        )
    rows = list(session.scalars(query.order_by(due, Container.sealed_at, Container.id).limit(size + 1)))
    return rows[:size], rows[size - 1].id if len(rows) > size else None
