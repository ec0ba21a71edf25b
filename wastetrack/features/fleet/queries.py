"""Vehicles as their people need them: who stands how to one, what is to be cleaned, when each was cleaned."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, Role, may, unknown
from wastetrack.domain.cleaning import clean_by
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Organisation, Vehicle, VehicleCleaning
from wastetrack.features.parties.queries.cleanings import Wrong, wrong_cleanings

PAGE = 50
FEW = 10
MOST_ASKED = 50
"""Of so many vehicles at most it is asked, for one page, who drove them last."""


def _drove(vehicle_id: UUID) -> ColumnElement[bool]:
    return or_(ManifestLeg.vehicle_id == vehicle_id, ManifestLeg.trailer_id == vehicle_id)


def last_leg(session: Session, vehicle_id: UUID) -> tuple[ManifestLeg, Manifest] | None:
    """Return the last leg that was driven with a vehicle, and its manifest."""
    query = (
        select(ManifestLeg, Manifest)
        .join(Manifest, Manifest.id == ManifestLeg.manifest_id)
        .where(_drove(vehicle_id), ManifestLeg.departed_at.is_not(None))
        .order_by(ManifestLeg.departed_at.desc(), ManifestLeg.id.desc())
    )
    found = session.execute(query.limit(1)).first()
    return (found[0], found[1]) if found else None


def relations(session: Session, actor: Actor, vehicle: Vehicle) -> set[Relation]:
    """Return how a person stands to a vehicle: it is his organisation's, he drove it last, or brought it his load."""
    found = parties.relations(session, actor, parties.organisation(session, vehicle.organisation_id))
    last = last_leg(session, vehicle.id)
    if last is not None:
        leg, manifest = last
        if actor.acts_for(manifest.receiver_id):
            found.add(Relation.RECEIVER)
        if manifests.crew_id_of(session, actor) in {leg.driver_id, leg.escort_id} - {None}:
            found.add(Relation.CREW)
    return found


def view(session: Session, actor: Actor, vehicle_id: UUID) -> tuple[Vehicle, set[Relation]]:
    """Return a vehicle for somebody who may see it, with his relations; unknown to whoever may not."""
    vehicle = session.get(Vehicle, vehicle_id)
    if vehicle is None:
        raise unknown()
    held = relations(session, actor, vehicle)
    if not may(actor, Act.VIEW_VEHICLE, held):
        raise unknown()
    return vehicle, held


def next_use(session: Session, vehicle_id: UUID, after: datetime) -> datetime | None:
    """Return when the first load of medical waste after a moment was received from a vehicle."""
    medical = exists().where(
        ManifestBox.manifest_id == ManifestLeg.manifest_id,
        ManifestBox.left_behind_at.is_(None),
        Container.id == ManifestBox.container_id,
        Container.medical,
    )
    query = select(ManifestLeg.unloaded_at).where(_drove(vehicle_id), ManifestLeg.unloaded_at > after, medical)
    return session.scalar(query.order_by(ManifestLeg.unloaded_at).limit(1))


# --- what is to be cleaned -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToClean:
    """A vehicle that carried medical waste, whose it is, and by when it is to be clean."""

    vehicle: Vehicle
    carrier: str
    due: datetime


def to_clean(session: Session, actor: Actor) -> list[ToClean]:
    """Return the first few vehicles whose cleaning is the person's, what is due first first."""
    concerned = _concerned(session, actor)
    if not concerned:
        return []
    query = (
        select(Vehicle, Organisation.name)
        .join(Organisation, Organisation.id == Vehicle.organisation_id)
        .where(Vehicle.unclean_since.is_not(None), or_(*concerned))
        .order_by(Vehicle.unclean_since, Vehicle.id)
    )
    found: list[ToClean] = []
    for vehicle, carrier in session.execute(query.limit(MOST_ASKED)):
        if vehicle.unclean_since and len(found) < FEW and _cleans(session, actor, vehicle):
            found.append(ToClean(vehicle, carrier, clean_by(vehicle.unclean_since)))
    return found


def _cleans(session: Session, actor: Actor, vehicle: Vehicle) -> bool:
    """Tell whether cleaning a vehicle is the person's; who drove it last is asked of others than its carrier only."""
    if actor.acts_for(vehicle.organisation_id) and may(actor, Act.CLEAN_VEHICLE, {Relation.OWN}):
        return True
    return may(actor, Act.CLEAN_VEHICLE, relations(session, actor, vehicle))


def _concerned(session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the criteria of the vehicles that a person may have to clean; who drove last is asked of each then."""
    found: list[ColumnElement[bool]] = []
    own = actor.organisation_id
    if own and may(actor, Act.CLEAN_VEHICLE, {Relation.OWN}):
        found.append(Vehicle.organisation_id == own)
    of_it = or_(ManifestLeg.vehicle_id == Vehicle.id, ManifestLeg.trailer_id == Vehicle.id)
    since = ManifestLeg.unloaded_at >= Vehicle.unclean_since
    crew = manifests.crew_id_of(session, actor) if Role.DRIVER in actor.roles else None
    if crew:
        drove = or_(ManifestLeg.driver_id == crew, ManifestLeg.escort_id == crew)
        found.append(exists().where(of_it, since, drove))
    if own and may(actor, Act.CLEAN_VEHICLE, {Relation.RECEIVER}):
        came = ManifestLeg.manifest_id == Manifest.id
        found.append(exists().where(of_it, since, came, Manifest.receiver_id == own))
    return found


# --- the history -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cleaned:
    """One cleaning with who recorded it, and for whom; where it was declared wrong, who says so and why."""

    row: VehicleCleaning
    person: str
    organisation: str
    wrong: Wrong | None = None
    wrong_by: str = ""
    may_declare: bool = False


def cleanings(
    session: Session, actor: Actor, vehicle: Vehicle, before: UUID | None = None
) -> tuple[list[Cleaned], bool]:
    """Return one page of the cleanings of a vehicle, the last first, and whether there are more.

    A plant sees those of the carrier and its own, not at which other plants the vehicle was.
    """
    query = select(VehicleCleaning).where(VehicleCleaning.vehicle_id == vehicle.id)
    if not actor.acts_for(vehicle.organisation_id) and not actor.region_paths:
        query = query.where(VehicleCleaning.recorded_for.in_([vehicle.organisation_id, actor.organisation_id]))
    last = session.get(VehicleCleaning, before) if before else None
    if last is not None and last.vehicle_id == vehicle.id:
        same = (VehicleCleaning.cleaned_at == last.cleaned_at) & (VehicleCleaning.id < last.id)
        query = query.where(or_(VehicleCleaning.cleaned_at < last.cleaned_at, same))
    query = query.order_by(VehicleCleaning.cleaned_at.desc(), VehicleCleaning.id.desc()).limit(PAGE + 1)
    rows = list(session.scalars(query))
    people = accounts.names(session, (row.recorded_by for row in rows))
    names = parties.names(session, (row.recorded_for for row in rows))
    wrong = wrong_cleanings(session, vehicle.organisation_id)
    people = {**people, **accounts.names(session, [one.by for one in wrong.values() if one.by])}

    def shown(row: VehicleCleaning) -> Cleaned:
        said = wrong.get(row.id)
        by = people.get(said.by, "—") if said and said.by else ""
        own = {Relation.OWN} if actor.acts_for(row.recorded_for) else set()
        may_declare = said is None and may(actor, Act.DECLARE_WRONG, own)
        person, organisation = people.get(row.recorded_by, "—"), names.get(row.recorded_for, "—")
        return Cleaned(row, person, organisation, said, by, may_declare)

    return [shown(row) for row in rows[:PAGE]], len(rows) > PAGE


def cleaning(session: Session, vehicle: Vehicle, cleaning_id: UUID) -> VehicleCleaning:
    """Return one cleaning of a vehicle; unknown where it is none of its."""
    row = session.get(VehicleCleaning, cleaning_id)
    if row is None or row.vehicle_id != vehicle.id:
        raise unknown()
    return row


def last_that_stands(session: Session, vehicle: Vehicle) -> datetime | None:
    """Return when the vehicle was last cleaned, by those cleanings that nobody declared wrong."""
    wrong = wrong_cleanings(session, vehicle.organisation_id)
    query = select(VehicleCleaning.cleaned_at).where(VehicleCleaning.vehicle_id == vehicle.id)
    if wrong:
        query = query.where(VehicleCleaning.id.not_in(wrong))
    return session.scalar(query.order_by(VehicleCleaning.cleaned_at.desc()).limit(1))
