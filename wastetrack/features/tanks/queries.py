"""Tanks as far as a person may see them: now, at any past moment, and by the day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.documents.tank_label import TankLabelFacts
from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.measures import Grams
from wastetrack.domain.tanks import (
    TANK_PLACES,
    Change,
    Day,
    Filling,
    TankState,
    by_day,
    filling,
    litres,
    percent,
)
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.waste_codes import Form
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import InBulk
from wastetrack.features.containers.queries import is_occupied as has_containers
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.features.tanks.models import Tank, TankEntry
from wastetrack.infra.i18n import CHINESE, _, speaking

PAGE = 50
ENTRIES = 30
MOST_EXPORTED = 20_000


def stream_of(tank_id: UUID) -> str:
    """Return the name of a tank's stream in the ledger."""
    return f"tank:{tank_id}"


@dataclass(frozen=True)
class Seen:
    """A tank with the names of where it stands, and what its figures come to."""

    tank: Tank
    store: Facility
    organisation: str

    @property
    def mass(self) -> Grams:
        """Return what is in it."""
        return Grams(self.tank.content_g)

    @property
    def high(self) -> Grams:
        """Return the mass at its high-level limit."""
        return self.tank.vessel.high

    @property
    def litres(self) -> int:
        """Return the volume of what is in it."""
        return litres(self.tank.content_g, self.tank.density_g_l)

    @property
    def percent(self) -> int:
        """Return how full it is."""
        return percent(self.tank.content_g, self.tank.vessel)

    @property
    def filling(self) -> Filling:
        """Return how far it is filled against its limit."""
        return filling(self.tank.content_g, self.tank.vessel)


def scope(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion of the tanks that a person may see."""
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_TANK, {Relation.OWN}):
        seen.append(Tank.organisation_id == actor.organisation_id)
    if actor.region_paths and may(actor, Act.VIEW_TANK, {Relation.REGION}):
        seen.append(catalogue.within(Facility.region_code, actor.region_paths))
    return or_(false(), *seen)


def _seen() -> Select[tuple[Tank, Facility, str]]:
    query = select(Tank, Facility, Organisation.name).join(Facility, Facility.id == Tank.facility_id)
    return query.join(Organisation, Organisation.id == Tank.organisation_id)


def page(
    session: Session, actor: Actor, text: str = "", after: UUID | None = None, size: int = PAGE
) -> tuple[list[Seen], UUID | None]:
    """Return one page of the tanks a person may see, and after which one the next page begins."""
    query = _seen().where(scope(actor))
    for word in narrow(text).split():
        named = (Tank.number, Tank.waste_code, Tank.waste_name, Facility.name, Organisation.name)
        query = query.where(or_(*(one.contains(word, autoescape=True) for one in named)))
    order = (Organisation.name, Tank.number, Tank.id)
    last = session.execute(_seen().where(Tank.id == after)).tuples().one_or_none() if after else None
    if last is not None:
        tank, _store, name = last
        same = and_(Organisation.name == name, Tank.number == tank.number, Tank.id > tank.id)
        further = and_(Organisation.name == name, Tank.number > tank.number)
        query = query.where(or_(Organisation.name > name, further, same))
    rows = session.execute(query.order_by(*order).limit(size + 1)).tuples().all()
    shown = [Seen(*row) for row in rows[:size]]
    return shown, shown[-1].tank.id if len(rows) > size else None


def view(session: Session, actor: Actor, tank_id: UUID) -> Seen:
    """Return one tank; where a person may not see it, it is as if there were none."""
    row = session.execute(_seen().where(Tank.id == tank_id, scope(actor))).tuples().one_or_none()
    if row is None:
        raise unknown()
    return Seen(*row)


def labelled(session: Session, actor: Actor, code: ContainerCode) -> Tank:
    """Return the tank whose label leads here, as far as the person may see it."""
    query = select(Tank).join(Facility, Facility.id == Tank.facility_id).where(Tank.code == code, scope(actor))
    found = session.scalar(query)
    if found is None:
        raise unknown()
    return found


def locked(session: Session, tank_id: UUID) -> Tank:
    """Return a tank as it stands now, held against other writers until the transaction ends."""
    query = select(Tank).where(Tank.id == tank_id).with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise unknown()
    return found


def set_up_with(session: Session, organisation_id: UUID | None, act_key: str) -> Tank | None:
    """Return the tank that this organisation set up with this idempotency key."""
    return session.scalar(select(Tank).where(Tank.organisation_id == organisation_id, Tank.act_key == act_key))


def is_code_taken(session: Session, code: str) -> bool:
    """Tell whether a tank has this code."""
    return session.scalar(select(Tank.id).where(Tank.code == code)) is not None


def is_number_taken(session: Session, facility_id: UUID, number: str, but: UUID | None = None) -> bool:
    """Tell whether another tank of a store is called so."""
    query = select(Tank.id).where(Tank.facility_id == facility_id, Tank.number == number)
    return session.scalar(query if but is None else query.where(Tank.id != but)) is not None


def has_daily(session: Session, tank_id: UUID, day: date) -> bool:
    """Tell whether the quantity of this whole day is entered already."""
    query = select(TankEntry.seq).where(TankEntry.tank_id == tank_id, TankEntry.day == day, TankEntry.daily)
    return session.scalar(query.limit(1)) is not None


def places_for(session: Session, organisation_id: UUID | None) -> list[Facility]:
    """Return the stores of an organisation in which a tank can stand."""
    found = parties.facilities_of(session, organisation_id) if organisation_id else []
    return [one for one in found if one.kind in TANK_PLACES]


# --- entries ---------------------------------------------------------------------------------------------------------


def entries(
    session: Session, tank_id: UUID, before: int | None = None, size: int = ENTRIES
) -> tuple[list[TankEntry], int | None]:
    """Return one page of what was entered, the latest first, and before which number the next page begins."""
    query = select(TankEntry).where(TankEntry.tank_id == tank_id)
    query = query.where(TankEntry.seq < before) if before else query
    rows = list(session.scalars(query.order_by(TankEntry.seq.desc()).limit(size + 1)))
    return rows[:size], rows[size - 1].seq if len(rows) > size else None


def codes(session: Session, containers: Collection[UUID]) -> dict[UUID, str]:
    """Return the codes of containers that were emptied into a tank."""
    rows = session.execute(select(Container.id, Container.code).where(Container.id.in_(containers)))
    return dict(rows.tuples().all())


def content_at(session: Session, tank_id: UUID, at: datetime) -> Grams | None:
    """Return what was in a tank at a moment; None before it was set up."""
    query = select(TankEntry.after_g).where(TankEntry.tank_id == tank_id, TankEntry.occurred_at <= at)
    found = session.scalar(query.order_by(TankEntry.occurred_at.desc(), TankEntry.seq.desc()).limit(1))
    return None if found is None else Grams(found)


def days(session: Session, tank_id: UUID, since: date, until: date) -> list[Day]:
    """Return the figures of each day from `since` to `until` on which anything was entered, for the ledger."""
    mine = TankEntry.tank_id == tank_id
    earlier = select(TankEntry.after_g).where(mine, TankEntry.day < since).order_by(TankEntry.seq.desc()).limit(1)
    sums = (
        select(TankEntry.day, TankEntry.entry, func.sum(TankEntry.change_g))
        .where(mine, TankEntry.day >= since, TankEntry.day <= until)
        .group_by(TankEntry.day, TankEntry.entry)
    )
    changes = [Change(day, entry, int(change)) for day, entry, change in session.execute(sums)]
    return by_day(session.scalar(earlier) or 0, changes)


# --- what stands in a store ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bulk:
    """What the tanks of a store hold together."""

    mass_g: int = 0
    volume_l: int = 0


def bulk(session: Session, facilities: Collection[UUID]) -> dict[UUID, Bulk]:
    """Return what the tanks of each of these stores hold, for the limits of the store."""
    query = select(Tank.facility_id, Tank.content_g, Tank.density_g_l).where(Tank.facility_id.in_(facilities))
    found: dict[UUID, Bulk] = {}
    for facility_id, mass, density in session.execute(query):
        so_far = found.get(facility_id, Bulk())
        found[facility_id] = Bulk(so_far.mass_g + mass, so_far.volume_l + litres(mass, density))
    return found


def in_bulk(session: Session, facilities: Collection[UUID], at: datetime | None = None) -> list[InBulk]:
    """Return the tanks of these stores with what is in them now, or was at a moment, by their numbers."""
    query = select(Tank).where(Tank.facility_id.in_(facilities)).order_by(Tank.number, Tank.id)
    if at is None:
        tanks = session.scalars(query.where(Tank.state != TankState.CLOSED))
        return [_in_bulk(tank, tank.content_g) for tank in tanks]
    then = (
        select(TankEntry.after_g)
        .where(TankEntry.tank_id == Tank.id, TankEntry.occurred_at <= at)
        .order_by(TankEntry.occurred_at.desc(), TankEntry.seq.desc())
        .limit(1)
        .correlate(Tank)
        .scalar_subquery()
    )
    rows: Sequence[Any] = session.execute(query.add_columns(then)).all()
    return [_in_bulk(tank, int(mass)) for tank, mass in rows if mass]


def _in_bulk(tank: Tank, mass: int) -> InBulk:
    return InBulk(
        tank.id, tank.facility_id, tank.number, tank.waste_code, tank.waste_name, Grams(mass),
        litres(mass, tank.density_g_l), tank.vessel.high,
    )  # fmt: skip


def is_occupied(session: Session, facility_id: UUID, zone_id: UUID | None = None) -> bool:
    """Tell whether anything stands in a store: containers, or a tank that is not closed. No tank is in a zone."""
    if zone_id is not None:
        return has_containers(session, facility_id, zone_id)
    open_tank = select(Tank.id).where(Tank.facility_id == facility_id, Tank.state != TankState.CLOSED).limit(1)
    return has_containers(session, facility_id) or session.scalar(open_tank) is not None


# --- the label -------------------------------------------------------------------------------------------------------


def label_of(session: Session, tank: Tank, address: str) -> TankLabelFacts:
    """Return what the label of a tank says, in Chinese."""
    holder = parties.organisation(session, tank.organisation_id)
    store = parties.facility(session, tank.facility_id)
    with speaking(CHINESE):
        form = _(Form(tank.form).label)  # type: ignore[call-arg]  # a Term is looked up by its value
    return TankLabelFacts(
        number=tank.number,
        organisation=holder.name,
        store=f"{store.name}（{store.code}）",
        waste_name=tank.waste_name,
        waste_code=tank.waste_code,
        form=form,
        harmful=tank.harmful,
        hazards=tuple(tank.hazards.split()),
        usable_l=tank.usable_l,
        emergency_phone=holder.emergency_phone,
        address=f"{address}/T/{tank.code}".upper(),
        code=pretty(ContainerCode(tank.code)),
    )
