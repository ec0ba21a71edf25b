"""The time limits of stores and regions: as the rules read them, and which are to be reckoned anew."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from wastetrack.domain.access import Act, Actor, Relation, may
from wastetrack.domain.parties import Temperature
from wastetrack.domain.regions import Level, codes_in, covers
from wastetrack.domain.storage_time import LocalLimit, StoreGroup, WayStation, group_of, kinds_in
from wastetrack.domain.storing import may_stand
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.parties.models import Facility, Organisation, RegionTimeLimit, StoreTimeLimit

AT_ONCE = 100
LEVELS = (Level.PROVINCE, Level.CITY, Level.COUNTY)
"""Which divisions set time limits."""

_OF_STORES = (
    select(StoreTimeLimit)
    .where(StoreTimeLimit.facility_id.in_(bindparam("these", expanding=True)))
    .order_by(StoreTimeLimit.number)
)
_ABOVE = aliased(Region)
_PATH = select(Region.path).where(Region.code == bindparam("code")).scalar_subquery()
_OF_CHAIN = (
    select(RegionTimeLimit, _ABOVE.name, _ABOVE.path)
    .join_from(RegionTimeLimit, _ABOVE, _ABOVE.code == RegionTimeLimit.region_code)
    .where(_PATH.startswith(_ABOVE.path))
    .order_by(_ABOVE.path, RegionTimeLimit.number)
)


# --- of one store ----------------------------------------------------------------------------------------------------


def entered(session: Session, facility_id: UUID) -> list[StoreTimeLimit]:
    """Return every time limit that was ever entered for a store, in that order."""
    return list(session.scalars(_OF_STORES, {"these": [facility_id]}))


def time_limits(session: Session, store: Facility) -> Sequence[LocalLimit]:
    """Return the time limits of a store and its regions as the rules read them; most stores have none."""
    if not store.has_time_limits:
        return ()
    own = _own(session)
    if store.id not in own:
        read_ahead(session, [store])
    return (*of_region(session, store.region_code, group_of(store.kind, store.temperature)), *own[store.id])


def own_limits(session: Session, store: Facility) -> Sequence[LocalLimit]:
    """Return the time limits of a store alone."""
    return [one for one in time_limits(session, store) if not one.place]


def read_ahead(session: Session, stores: Collection[Facility]) -> None:
    """Have the own time limits of many stores at hand; asked once in a session."""
    own, wanted = _own(session), [store.id for store in stores]
    for one in wanted:
        own[one] = ()
    for row in session.scalars(_OF_STORES, {"these": wanted}) if wanted else ():
        own[row.facility_id] = (*own[row.facility_id], as_limit(row))


def _own(session: Session) -> dict[UUID, tuple[LocalLimit, ...]]:
    known: dict[UUID, tuple[LocalLimit, ...]] = session.info.setdefault("time_limits", {})
    return known


def forget(session: Session) -> None:
    """Have all time limits asked for again: one was entered."""
    session.info.pop("time_limits", None)
    session.info.pop("region_time_limits", None)


def as_limit(row: StoreTimeLimit | RegionTimeLimit) -> LocalLimit:
    """Return a time limit as the rules read it."""
    cited = bool(row.document and row.document_day)
    return LocalLimit(row.hours, row.first_day, row.last_day, row.recorded_at, row.document, cited)


# --- of a region -----------------------------------------------------------------------------------------------------


def of_region(session: Session, code: str, stores: StoreGroup) -> Sequence[LocalLimit]:
    """Return the time limits of a region and those above it, the farthest first; asked once in a session."""
    known: dict[str, list[tuple[StoreGroup, LocalLimit]]] = session.info.setdefault("region_time_limits", {})
    if code not in known:
        known[code] = _of_chain(session, code)
    return [limit for group, limit in known[code] if group is stores]


def _of_chain(session: Session, code: str) -> list[tuple[StoreGroup, LocalLimit]]:
    rows = session.execute(_OF_CHAIN, {"code": code}).tuples()
    return [(row.stores, replace(as_limit(row), level=len(codes_in(path)), place=name)) for row, name, path in rows]


def entered_for(session: Session, code: str) -> list[RegionTimeLimit]:
    """Return every time limit that was ever entered for a region itself, in that order."""
    query = select(RegionTimeLimit).where(RegionTimeLimit.region_code == code)
    return list(session.scalars(query.order_by(RegionTimeLimit.number)))


def region_limit(session: Session, limit_id: UUID) -> RegionTimeLimit:
    """Return a time limit of a region, held for the work that follows from it."""
    query = select(RegionTimeLimit).where(RegionTimeLimit.id == limit_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def seen_region_limits(session: Session, actor: Actor) -> list[tuple[RegionTimeLimit, Region]]:
    """Return the limits that count in a person's regions: set there, below, and above; the highest region first."""
    above = {code for path in actor.region_paths for code in codes_in(path)}
    query = (
        select(RegionTimeLimit, Region)
        .join(Region, Region.code == RegionTimeLimit.region_code)
        .where(or_(Region.code.in_(above), catalogue.within(Region.code, actor.region_paths)))
        .order_by(Region.path, RegionTimeLimit.number.desc())
    )
    return [(row, region) for row, region in session.execute(query)]


def regions_to_limit(session: Session, actor: Actor) -> list[Region]:
    """Return the regions for which a person may set time limits: the own ones and those below, down to the county."""
    if not may(actor, Act.APPROVE, {Relation.REGION} if actor.region_paths else ()):
        return []
    query = select(Region).where(
        catalogue.within(Region.code, actor.region_paths), Region.level.in_(LEVELS), Region.current
    )
    return [one for one in session.scalars(query.order_by(Region.path)) if not one.placeholder]


def may_limit(actor: Actor, region: Region | None) -> bool:
    """Tell whether a person may set time limits for this region."""
    if region is None or region.level not in LEVELS or not region.current or region.placeholder:
        return False
    inside = any(covers(path, region.path) for path in actor.region_paths)
    return may(actor, Act.APPROVE, {Relation.REGION} if inside else ())


# --- where a container may come to stand -----------------------------------------------------------------------------


def way_stations(
    session: Session, organisation: Organisation, stores: Collection[Facility], medical: bool
) -> list[WayStation]:
    """Return those of a producer's stores that are for this sort of waste; without any, what its region sets."""
    found = [store for store in stores if may_stand(medical, store.kind)]
    if found:
        return [WayStation(one.kind, one.temperature, time_limits(session, one)) for one in found]
    if not medical:
        return []
    local = of_region(session, organisation.region_code, StoreGroup.INSTITUTION)
    return [WayStation(None, Temperature.AMBIENT, local)]


# --- to be reckoned anew ---------------------------------------------------------------------------------------------


def to_recount(session: Session, now: datetime) -> list[Facility]:
    """Return stores of which a time limit has begun or ended, held for the sweep that asks."""
    query = select(Facility).where(Facility.recount_at <= now).order_by(Facility.id).limit(AT_ONCE)
    return list(session.scalars(query.with_for_update(skip_locked=True, key_share=True)))


def regions_to_recount(session: Session, now: datetime) -> list[RegionTimeLimit]:
    """Return limits of regions that have begun or ended, held for the sweep that asks."""
    query = select(RegionTimeLimit).where(RegionTimeLimit.recount_at <= now).order_by(RegionTimeLimit.id)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def concerned(session: Session, limit: RegionTimeLimit) -> int:
    """Count the organisations that a time limit of a region concerns."""
    return session.scalar(_concerned(session, limit, select(func.count()).select_from(Organisation))) or 0


def next_concerned(session: Session, limit: RegionTimeLimit, size: int) -> list[Organisation]:
    """Return the next organisations that a time limit of a region concerns, held."""
    query = _concerned(session, limit, select(Organisation))
    if limit.done_to is not None:
        query = query.where(Organisation.id > limit.done_to)
    query = query.order_by(Organisation.id).limit(size).with_for_update(key_share=True)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def stores_concerned(session: Session, limit: RegionTimeLimit, organisations: Collection[UUID]) -> list[Facility]:
    """Return the stores of these organisations that a time limit of a region concerns."""
    query = select(Facility).where(Facility.organisation_id.in_(organisations), *_in_it(session, limit))
    return list(session.scalars(query.order_by(Facility.id).with_for_update(key_share=True)))


def _concerned(session: Session, limit: RegionTimeLimit, query: Select[Any]) -> Select[Any]:
    """Narrow a query to who has such a store in the region, or sits there and may hold waste without any store."""
    path = session.get_one(Region, limit.region_code).path
    keepers = select(Facility.organisation_id).where(*_in_it(session, limit))
    here = or_(Organisation.id.in_(keepers), catalogue.within(Organisation.region_code, (path,)))
    return query.where(here)


def _in_it(session: Session, limit: RegionTimeLimit) -> tuple[ColumnElement[bool], ...]:
    path = session.get_one(Region, limit.region_code).path
    kinds = [and_(Facility.kind == kind, Facility.temperature == warmth) for kind, warmth in kinds_in(limit.stores)]
    return catalogue.within(Facility.region_code, (path,)), or_(*kinds)
