"""Papers of organisations as the rules read them: licences, contracts, plans, and what counts on them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain import fleet
from wastetrack.domain.cleaning import is_late
from wastetrack.domain.fleet import Permit
from wastetrack.domain.papers import Agreement, Coverage, Paper, Party, Taken
from wastetrack.domain.parties import CrewRole, LicenceKind, OrganisationKind, is_small, may_be_named
from wastetrack.domain.plans import Line, Shipped
from wastetrack.domain.words import N_
from wastetrack.features.parties.models import (
    Contract,
    CrewMember,
    Licence,
    ManagementPlan,
    Organisation,
    OrganisationKindRow,
    PlannedWaste,
    Vehicle,
)

RECEIVERS = (OrganisationKind.DISPOSER, OrganisationKind.HUB, OrganisationKind.STATION)
PARTNERS = (*RECEIVERS, OrganisationKind.CARRIER)

# --- licences ----------------------------------------------------------------------------------------------------


def licences_of(session: Session, organisation_id: UUID, *kinds: LicenceKind | None) -> list[Licence]:
    """Return the licences of an organisation, of these kinds or of all, the one that ends last first."""
    query = select(Licence).where(Licence.organisation_id == organisation_id)
    if any(kinds):
        query = query.where(Licence.kind.in_(kinds))
    return list(session.scalars(query.order_by(Licence.valid_until.desc(), Licence.number)))


def paper(licence: Licence) -> Paper:
    """Return a licence as the rules read it."""
    return Paper(
        number=licence.number,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        scope=tuple(licence.scope.split()),
        modes=frozenset(licence.modes.split()),
        yearly_g=licence.yearly_quantity_g,
        collecting_only=licence.coverage is Coverage.COLLECTION,
        only_from=str(licence.source_id) if licence.source_id else "",
    )


def party(one: Organisation, region_code: str, licences: Iterable[Licence] = ()) -> Party:
    """Return an organisation with its papers as the rules read it; `region_code` is where it acts."""
    return Party(one.name, may_be_named(one.state), region_code[:2], tuple(paper(licence) for licence in licences))


def receiving_papers(session: Session, organisation_id: UUID) -> list[Licence]:
    """Return the papers under which an organisation takes waste: its operating licences and its exemptions for use."""
    return licences_of(session, organisation_id, LicenceKind.OPERATING, LicenceKind.POINT_TO_POINT)


def exempt_sources(session: Session, producers: Iterable[UUID], on: date) -> dict[UUID, list[Paper]]:
    """Return the exemptions in force of small institutions among these, each of which is still small."""
    query = (
        select(Licence, Organisation.beds)
        .join(Organisation, Organisation.id == Licence.organisation_id)
        .where(Licence.kind == LicenceKind.SMALL_SOURCE, Licence.organisation_id.in_(set(producers)))
    )
    found: dict[UUID, list[Paper]] = {}
    for licence, beds in session.execute(query):
        if is_small(beds) and paper(licence).in_date(on):
            found.setdefault(licence.organisation_id, []).append(paper(licence))
    return found


@dataclass(frozen=True)
class Ending:
    """A paper and its last day."""

    kind: str
    """What it is, in words still to be translated."""
    number: str
    until: date


def ending(session: Session, organisation_id: UUID, by: date) -> list[Ending]:
    """Return the papers of an organisation that end until a day or have ended, the first to end first."""
    found: list[Ending] = []
    for kind, number, until, model in (
        (N_("Licence"), Licence.number, Licence.valid_until, Licence),
        (N_("Contract"), Contract.number, Contract.valid_until, Contract),
        (N_("Vehicle"), Vehicle.plate, Vehicle.permit_until, Vehicle),
        (N_("Driver or escort"), CrewMember.name, CrewMember.permit_until, CrewMember),
    ):
        rows = session.execute(select(number, until).where(model.organisation_id == organisation_id, until <= by))
        found += [Ending(kind, *row) for row in rows.tuples()]
    return sorted(found, key=lambda one: (one.until, one.number))


# --- vehicles and crew -------------------------------------------------------------------------------------------


def vehicle_permit(vehicle: Vehicle, carrier_id: UUID, now: datetime | None = None) -> fleet.Vehicle:
    """Return a vehicle as the rules read it, named for a load of this carrier; with `now` whether it is clean."""
    return fleet.Vehicle(
        vehicle.plate,
        vehicle.organisation_id == carrier_id,
        vehicle.permit_until,
        kind=vehicle.kind,
        capacity_g=vehicle.capacity_g,
        for_medical=vehicle.medical,
        unclean=now is not None and is_late(vehicle.unclean_since, now),
    )


def crew_permit(member: CrewMember, carrier_id: UUID, role: CrewRole) -> Permit:
    """Return a member of the crew as the rules read it, named for a load of this carrier in this role."""
    return Permit(member.name, member.organisation_id == carrier_id, member.permit_until, fit=member.role is role)


# --- contracts ---------------------------------------------------------------------------------------------------


def contracts_of(session: Session, organisation_id: UUID) -> list[Contract]:
    """Return the contracts of an organisation, as consignor and as partner, the one that ends last first."""
    mine = or_(Contract.organisation_id == organisation_id, Contract.partner_id == organisation_id)
    return list(session.scalars(select(Contract).where(mine).order_by(Contract.valid_until.desc(), Contract.number)))


def agreements(session: Session, consignor_id: UUID, receiver_id: UUID) -> list[Agreement]:
    """Return the contracts of a consignor with a receiver as the rules read them."""
    return _agreements(session, Contract.organisation_id == consignor_id, Contract.partner_id == receiver_id)


def carriage_agreements(session: Session, shippers: Collection[UUID], carrier_id: UUID) -> list[Agreement]:
    """Return the contracts of those who may ship with a carrier, whoever of the two entered one."""
    entered = and_(Contract.organisation_id.in_(shippers), Contract.partner_id == carrier_id)
    by_carrier = and_(Contract.organisation_id == carrier_id, Contract.partner_id.in_(shippers))
    return _agreements(session, or_(entered, by_carrier))


def _agreements(session: Session, *which: ColumnElement[bool]) -> list[Agreement]:
    query = select(Contract).where(*which).order_by(Contract.valid_until.desc(), Contract.number)
    return [
        Agreement(one.number, one.valid_from, one.valid_until, tuple(one.scope.split()))
        for one in session.scalars(query)
    ]


def is_receiver(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation takes the waste of others."""
    return _is_of(session, organisation_id, RECEIVERS)


def is_contract_partner(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation takes or carries the waste of others."""
    return _is_of(session, organisation_id, PARTNERS)


def _is_of(session: Session, organisation_id: UUID, kinds: Iterable[OrganisationKind]) -> bool:
    query = select(OrganisationKindRow.kind).where(
        OrganisationKindRow.organisation_id == organisation_id, OrganisationKindRow.kind.in_(list(kinds))
    )
    return session.scalar(query.limit(1)) is not None


# --- plans -------------------------------------------------------------------------------------------------------


def plan_of(session: Session, organisation_id: UUID, year: int, version: int | None = None) -> ManagementPlan | None:
    """Return the plan of a year, its newest version unless another is asked for."""
    query = select(ManagementPlan).where(ManagementPlan.organisation_id == organisation_id, ManagementPlan.year == year)
    if version is not None:
        query = query.where(ManagementPlan.version == version)
    return session.scalar(query.order_by(ManagementPlan.version.desc()).limit(1))


def plan_held(session: Session, organisation_id: UUID, year: int) -> ManagementPlan | None:
    """Return the newest plan of a year, held: who signs under it and who changes it wait for each other."""
    query = select(ManagementPlan).where(ManagementPlan.organisation_id == organisation_id, ManagementPlan.year == year)
    versions = session.scalars(query.order_by(ManagementPlan.version).with_for_update()).all()
    return versions[-1] if versions else None


def plans_of(session: Session, organisation_id: UUID) -> list[ManagementPlan]:
    """Return every version of every plan of an organisation, the newest first."""
    query = select(ManagementPlan).where(ManagementPlan.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(ManagementPlan.year.desc(), ManagementPlan.version.desc())))


def planned(session: Session, plan: ManagementPlan) -> list[PlannedWaste]:
    """Return the lines of one version in their order."""
    query = select(PlannedWaste).where(PlannedWaste.plan_id == plan.id).order_by(PlannedWaste.position)
    return list(session.scalars(query))


def line(row: PlannedWaste) -> Line:
    """Return a line of a plan as the rules read it."""
    return Line(row.waste_code, str(row.receiver_id) if row.receiver_id else "", row.mass_g)


# --- what counts on them, which is known further up --------------------------------------------------------------

TakenIn = Callable[[Session, UUID, int], list[Taken]]
ShippedIn = Callable[[Session, UUID, int], list[Shipped]]
_taken: list[TakenIn] = []
_shipped: list[ShippedIn] = []


def counts_by(taken: TakenIn, shipped: ShippedIn) -> None:
    """Have these tell what an organisation took and what it sent in a year. Wired once, in `wastetrack.app`."""
    _taken[:], _shipped[:] = [taken], [shipped]


def taken_in(session: Session, organisation_id: UUID, year: int) -> list[Taken]:
    """Return what an organisation took in a year and what is on its way to it."""
    return [flow for ask in _taken for flow in ask(session, organisation_id, year)]


def shipped_in(session: Session, organisation_id: UUID, year: int) -> list[Shipped]:
    """Return what an organisation sent in a year, or has signed to send."""
    return [flow for ask in _shipped for flow in ask(session, organisation_id, year)]
