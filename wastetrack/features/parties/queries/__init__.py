"""Looking parties up: one organisation and what belongs to it, lists within a person's scope, names in bulk."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, literal_column, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.fleet import Fleet
from wastetrack.domain.parties import CrewRole, OrganisationKind, OrganisationState, is_known
from wastetrack.domain.problems import refuse
from wastetrack.domain.regions import covers
from wastetrack.domain.typed_text import compact, narrow
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region, WasteEntry
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import (
    Contract,
    CrewMember,
    Department,
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    OrganisationKindRow,
    Scan,
    Site,
    StoreZone,
    Vehicle,
)
from wastetrack.features.parties.queries.papers import (
    PARTNERS as PARTNERS,
)
from wastetrack.features.parties.queries.papers import (
    RECEIVERS as RECEIVERS,
)
from wastetrack.features.parties.queries.papers import (
    agreements as agreements,
)
from wastetrack.features.parties.queries.papers import (
    carriage_agreements as carriage_agreements,
)
from wastetrack.features.parties.queries.papers import (
    contracts_of as contracts_of,
)
from wastetrack.features.parties.queries.papers import (
    counts_by as counts_by,
)
from wastetrack.features.parties.queries.papers import (
    crew_permit as crew_permit,
)
from wastetrack.features.parties.queries.papers import (
    ending as ending,
)
from wastetrack.features.parties.queries.papers import (
    exempt_sources as exempt_sources,
)
from wastetrack.features.parties.queries.papers import (
    is_contract_partner as is_contract_partner,
)
from wastetrack.features.parties.queries.papers import (
    is_receiver as is_receiver,
)
from wastetrack.features.parties.queries.papers import (
    licences_of as licences_of,
)
from wastetrack.features.parties.queries.papers import (
    line as line,
)
from wastetrack.features.parties.queries.papers import (
    paper as paper,
)
from wastetrack.features.parties.queries.papers import (
    party as party,
)
from wastetrack.features.parties.queries.papers import (
    plan_held as plan_held,
)
from wastetrack.features.parties.queries.papers import (
    plan_of as plan_of,
)
from wastetrack.features.parties.queries.papers import (
    planned as planned,
)
from wastetrack.features.parties.queries.papers import (
    plans_of as plans_of,
)
from wastetrack.features.parties.queries.papers import (
    receiving_papers as receiving_papers,
)
from wastetrack.features.parties.queries.papers import (
    shipped_in as shipped_in,
)
from wastetrack.features.parties.queries.papers import (
    taken_in as taken_in,
)
from wastetrack.features.parties.queries.papers import (
    vehicle_permit as vehicle_permit,
)
from wastetrack.features.parties.queries.scans import (
    Scannable as Scannable,
)
from wastetrack.features.parties.queries.scans import (
    is_scan as is_scan,
)
from wastetrack.features.parties.queries.scans import (
    kept_files as kept_files,
)
from wastetrack.features.parties.queries.scans import (
    model_of as model_of,
)
from wastetrack.features.parties.queries.scans import (
    people as people,
)
from wastetrack.features.parties.queries.scans import (
    people_are as people_are,
)
from wastetrack.features.parties.queries.scans import (
    scan as scan,
)
from wastetrack.features.parties.queries.scans import (
    scan_counts as scan_counts,
)
from wastetrack.features.parties.queries.scans import (
    scannable as scannable,
)
from wastetrack.features.parties.queries.scans import (
    scans_of as scans_of,
)
from wastetrack.features.parties.queries.time_limits import (
    concerned as concerned,
)
from wastetrack.features.parties.queries.time_limits import (
    next_concerned as next_concerned,
)
from wastetrack.features.parties.queries.time_limits import (
    read_ahead as read_ahead,
)
from wastetrack.features.parties.queries.time_limits import (
    region_limit as region_limit,
)
from wastetrack.features.parties.queries.time_limits import (
    regions_to_recount as regions_to_recount,
)
from wastetrack.features.parties.queries.time_limits import (
    stores_concerned as stores_concerned,
)
from wastetrack.features.parties.queries.time_limits import (
    time_limits as time_limits,
)
from wastetrack.features.parties.queries.time_limits import (
    to_recount as to_recount,
)
from wastetrack.features.parties.queries.time_limits import (
    way_stations as way_stations,
)

R = TypeVar("R", Organisation, Facility)
T = TypeVar("T", Site, Facility, StoreZone, Department, Vehicle, CrewMember, Licence, Contract, ManagementPlan, Scan)
PAGE = 25

KNOWN: ColumnElement[bool] = Organisation.state != literal_column("'pending'")
"""Whoever only asks to be admitted stands in no list and is found under no code (see `queries.admission`).

Written out and not bound, because the indexes of the codes hold for it alone and SQLite has to see that.
"""

# Built once, because a bulk import asks it for every row.
_BY_CREDIT_CODE = select(Organisation).where(Organisation.credit_code == bindparam("code"), KNOWN)

_KINDS_AND_STORES: Select[tuple[OrganisationKind, Any]] = (
    select(OrganisationKindRow.kind, Facility)
    .outerjoin(Facility, Facility.organisation_id == OrganisationKindRow.organisation_id)
    .where(OrganisationKindRow.organisation_id == bindparam("this"))
)

# --- one ---------------------------------------------------------------------------------------------------------


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation; refuse where there is none."""
    return _found(session.get(Organisation, organisation_id))


def locked(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation as it stands now, held against other writers until the transaction ends."""
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update()
    return _found(session.scalar(query.execution_options(populate_existing=True)))


def kinds_of(session: Session, organisation_id: UUID) -> set[OrganisationKind]:
    """Return the kinds of an organisation."""
    query = select(OrganisationKindRow.kind).where(OrganisationKindRow.organisation_id == organisation_id)
    return set(session.scalars(query))


def kinds_and_stores(session: Session, organisation_id: UUID) -> tuple[set[OrganisationKind], list[Facility]]:
    """Return the kinds and the stores of an organisation, in one look: both are asked at every registration."""
    rows = session.execute(_KINDS_AND_STORES, {"this": organisation_id}).tuples().all()
    stores = {store.id: store for _kind, store in rows if store is not None}
    return {kind for kind, _store in rows}, list(stores.values())


def facility(session: Session, facility_id: UUID) -> Facility:
    """Return a store; refuse where there is none."""
    return _found(session.get(Facility, facility_id))


Occupied = Callable[[Session, UUID, UUID | None], bool]
_occupied: list[Occupied] = []


def occupied_is(ask: Occupied) -> None:
    """Have `ask` tell whether waste stands in a store. Wired once, in `wastetrack.app`: waste is known further up."""
    _occupied[:] = [ask]


def is_occupied(session: Session, facility_id: UUID, zone_id: UUID | None = None) -> bool:
    """Tell whether waste stands in a store, or in one of its zones."""
    return any(ask(session, facility_id, zone_id) for ask in _occupied)


ManagerGap = Callable[[Session, UUID], datetime | None]
_gaps: list[ManagerGap] = []


def manager_gap_is(ask: ManagerGap) -> None:
    """Have `ask` tell since when an organisation has no manager. Wired once, in `wastetrack.app`."""
    _gaps[:] = [ask]


def manager_gap(session: Session, organisation_id: UUID) -> datetime | None:
    """Return since when nobody manages an organisation that had a manager; None where somebody does."""
    return next((since for ask in _gaps if (since := ask(session, organisation_id))), None)


def is_handed_in_at(session: Session, facility_id: UUID) -> bool:
    """Tell whether an organisation hands in at this store."""
    query = select(Organisation.id).where(Organisation.station_facility_id == facility_id)
    return session.scalar(query.limit(1)) is not None


def part(session: Session, model: type[T], part_id: UUID, organisation_id: UUID) -> T:
    """Return a site, vehicle, licence … of this organisation; refuse where it has none such."""
    found = session.get(model, part_id)
    if found is None or found.organisation_id != organisation_id:
        raise unknown()
    return found


def by_credit_code(session: Session, code: str) -> Organisation | None:
    """Return the organisation with this (parsed) credit code."""
    return session.scalar(_BY_CREDIT_CODE, {"code": code})


def by_medical_licence(session: Session, number: str) -> Organisation | None:
    """Return the organisation with this (parsed) medical licence number."""
    return session.scalar(select(Organisation).where(Organisation.medical_licence_no == number, KNOWN))


def holder_of_plate(session: Session, plate: str) -> Organisation | None:
    """Return whose vehicle carries this plate."""
    return session.scalar(select(Organisation).join(Vehicle).where(Vehicle.plate == plate))


def holder_of_licence(session: Session, number: str) -> Organisation | None:
    """Return whose licence has this number."""
    return session.scalar(
        select(Organisation).join(Licence, Licence.organisation_id == Organisation.id).where(Licence.number == number)
    )


def _found(row: R | None) -> R:
    if row is None:
        raise unknown()
    return row


# --- what belongs to an organisation -----------------------------------------------------------------------------


def sites_of(session: Session, organisation_id: UUID) -> list[Site]:
    """Return the sites of an organisation by name."""
    return list(session.scalars(select(Site).where(Site.organisation_id == organisation_id).order_by(Site.name)))


def facilities_of(session: Session, organisation_id: UUID) -> list[Facility]:
    """Return the stores of an organisation by their codes."""
    query = select(Facility).where(Facility.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Facility.code)))


def zones_of(session: Session, facility_id: UUID) -> list[StoreZone]:
    """Return the zones of a store by name, without those that were closed."""
    query = select(StoreZone).where(StoreZone.facility_id == facility_id, StoreZone.closed_at.is_(None))
    return list(session.scalars(query.order_by(StoreZone.name)))


def zone_names(session: Session, facility_id: UUID) -> dict[UUID, str]:
    """Return what the zones of a store are or were called."""
    query = select(StoreZone.id, StoreZone.name).where(StoreZone.facility_id == facility_id)
    return dict(session.execute(query).tuples().all())


def open_zone(session: Session, facility_id: UUID, zone_id: UUID) -> StoreZone:
    """Return a zone of this store; refuse one that is none of its, or was closed."""
    zone = session.get(StoreZone, zone_id)
    if zone is None or zone.facility_id != facility_id or zone.closed_at is not None:
        raise refuse("zone.unknown", N_("This store has no such zone. Choose one from the list."), field="zone_id")
    return zone


def departments_of(session: Session, organisation_id: UUID) -> list[Department]:
    """Return the departments of an organisation by name."""
    query = select(Department).where(Department.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Department.name)))


def vehicles_of(session: Session, organisation_id: UUID) -> list[Vehicle]:
    """Return the vehicles of an organisation by plate."""
    query = select(Vehicle).where(Vehicle.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Vehicle.plate)))


def vehicle_held(session: Session, vehicle_id: UUID) -> Vehicle:
    """Return a vehicle as it stands now, held against other writers until the transaction ends."""
    query = select(Vehicle).where(Vehicle.id == vehicle_id).with_for_update(key_share=True)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise unknown()
    return found


def crew_of(session: Session, organisation_id: UUID, role: CrewRole | None = None) -> list[CrewMember]:
    """Return the crew of an organisation by name, all of it or the drivers or escorts only."""
    query = select(CrewMember).where(CrewMember.organisation_id == organisation_id)
    if role is not None:
        query = query.where(CrewMember.role == role)
    return list(session.scalars(query.order_by(CrewMember.name, CrewMember.id)))


def fleet_of(session: Session, carrier_id: UUID) -> Fleet:
    """Return all vehicles and crew of a carrier as the rules read them."""
    vehicles = [vehicle_permit(one, carrier_id) for one in vehicles_of(session, carrier_id)]
    drivers, escorts = (
        [crew_permit(one, carrier_id, role) for one in crew_of(session, carrier_id, role)]
        for role in (CrewRole.DRIVER, CrewRole.ESCORT)
    )
    return Fleet(vehicles, drivers, escorts)


# --- many --------------------------------------------------------------------------------------------------------


def organisations_of_kind(
    session: Session, kind: OrganisationKind, state: OrganisationState | None = OrganisationState.ACTIVE
) -> list[Organisation]:
    """Return all organisations of one kind by name; those that may be newly named, unless asked otherwise."""
    query = select(Organisation).where(_of_kind(kind))
    query = query.where(KNOWN if state is None else Organisation.state == state)
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def station_stores(session: Session) -> list[tuple[Facility, Organisation]]:
    """Return the stores where clinics may hand in, with whose they are: stations and hubs that may be named."""
    query = (
        select(Facility, Organisation)
        .join(Organisation, Organisation.id == Facility.organisation_id)
        .where(Facility.kind.in_(("station_store", "hub_store")), Organisation.state == OrganisationState.ACTIVE)
        .order_by(Organisation.name, Facility.code)
    )
    return [(store, holder) for store, holder in session.execute(query)]


def names(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of many organisations in one query."""
    wanted = {one for one in ids if one is not None}
    rows = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)))
    return dict(rows.tuples().all())


def kinds(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[OrganisationKind]]:
    """Return the kinds of many organisations in one query, each in the order of the table."""
    query = select(OrganisationKindRow.organisation_id, OrganisationKindRow.kind)
    found: dict[UUID, set[OrganisationKind]] = defaultdict(set)
    for organisation_id, kind in session.execute(query.where(OrganisationKindRow.organisation_id.in_(ids))):
        found[organisation_id].add(kind)
    return {one: [kind for kind in OrganisationKind if kind in found[one]] for one in ids}


def _of_kind(kind: OrganisationKind) -> ColumnElement[bool]:
    return Organisation.id.in_(select(OrganisationKindRow.organisation_id).where(OrganisationKindRow.kind == kind))


# --- who may see what --------------------------------------------------------------------------------------------


def relations(session: Session, actor: Actor, one: Organisation) -> set[Relation]:
    """Return how a person stands to an organisation."""
    found: set[Relation] = set()
    if actor.acts_for(one.id):
        found.add(Relation.OWN)
    region = session.get(Region, one.region_code) if actor.region_paths else None
    if region is not None and any(covers(path, region.path) for path in actor.region_paths):
        found.add(Relation.REGION)
    return found


def is_visible(session: Session, actor: Actor, one: Organisation) -> bool:
    """Tell whether a person may know this organisation. One that only asks to be admitted is the reviewer's alone."""
    return is_known(one.state) and may(actor, Act.VIEW_PARTIES, relations(session, actor, one))


def visible(session: Session, actor: Actor, organisation_id: UUID) -> Organisation:
    """Return an organisation for somebody who looks; for whom it is not to be seen there is none."""
    one = organisation(session, organisation_id)
    if not is_visible(session, actor, one):
        raise unknown()
    return one


def scope(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion of the organisations that a person may see in lists."""
    if may(actor, Act.VIEW_PARTIES):
        return KNOWN
    seen: list[ColumnElement[bool]] = []
    if actor.region_paths and may(actor, Act.VIEW_PARTIES, {Relation.REGION}):
        seen.append(catalogue.within(Organisation.region_code, actor.region_paths))
    if actor.organisation_id and may(actor, Act.VIEW_PARTIES, {Relation.OWN}):
        seen.append(Organisation.id == actor.organisation_id)
    return and_(KNOWN, or_(false(), *seen))


# --- the list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What a list of organisations is narrowed to; `after` is the last one of the page before."""

    text: str = ""
    kind: OrganisationKind | None = None
    state: OrganisationState | None = None
    region_path: str | None = None
    after: UUID | None = None


def page(session: Session, actor: Actor, filters: Filters, size: int = PAGE) -> tuple[list[Organisation], UUID | None]:
    """Return one page of what the person may see, by name, and where the next page begins (None on the last)."""
    query = select(Organisation).where(scope(actor))
    if filters.text.strip():
        query = query.where(_named(filters.text))
    if filters.kind is not None:
        query = query.where(_of_kind(filters.kind))
    if filters.state is not None:
        query = query.where(Organisation.state == filters.state)
    if filters.region_path is not None:
        query = query.where(catalogue.within(Organisation.region_code, (filters.region_path,)))
    last = session.get(Organisation, filters.after) if filters.after else None
    if last is not None:
        following = and_(Organisation.name == last.name, Organisation.id > last.id)
        query = query.where(or_(Organisation.name > last.name, following))
    rows = list(session.scalars(query.order_by(Organisation.name, Organisation.id).limit(size + 1)))
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def _named(text: str) -> ColumnElement[bool]:
    """Match every word of the name, or the beginning of a credit code or medical licence number."""
    words = [Organisation.name.contains(word, autoescape=True) for word in narrow(text).split()]
    code = compact(text)
    return or_(
        and_(*words),
        Organisation.credit_code.startswith(code, autoescape=True),
        Organisation.medical_licence_no.startswith(code, autoescape=True),
    )


# --- what to look at twice ---------------------------------------------------------------------------------------


def unlisted_codes(session: Session, licences: Iterable[Licence], on: date) -> list[str]:
    """Return the waste codes in the scopes that the list in force on a day does not have, in their order."""
    codes = dict.fromkeys(entry for licence in licences for entry in licence.scope.split() if "-" in entry)
    edition = catalogue.edition_on(session, on).edition
    query = select(WasteEntry.code).where(WasteEntry.edition == edition, WasteEntry.code.in_(codes))
    listed = set(session.scalars(query)) if codes else set()
    return [code for code in codes if code not in listed]


# --- acts done before --------------------------------------------------------------------------------------------


def recorded(session: Session, stream: str, act_key: str | None) -> dict[str, Any] | None:
    """Return the facts of the act with this idempotency key, None when it was not done yet."""
    if not act_key:
        return None
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == stream, LedgerEvent.act_key == act_key)
    facts = session.scalar(query)
    return dict(json.loads(facts)) if facts is not None else None
