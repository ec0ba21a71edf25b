"""Acts on the fleet of a carrier: its vehicles, drivers and escorts; when a vehicle was in use and when cleaned."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from wastetrack.domain.access import Act, forbidden
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import CrewRole, load_problems, vehicle_problems
from wastetrack.domain.plates import Plate, VehicleKind, kind_by_plate, parse_plate, plate_problems
from wastetrack.domain.problems import Kind, Problem, refuse_all
from wastetrack.domain.weighing import MassUnit
from wastetrack.domain.words import N_
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import CrewMember, Vehicle, VehicleCleaning
from wastetrack.features.parties.queries import cleanings
from wastetrack.features.parties.service.base import (
    PaperNumber,
    Phone,
    added,
    changed,
    done_before,
    held,
    mass_in,
    stream_of,
    taken_problems,
)
from wastetrack.infra.commands import ActKey, Command, Day, ShortText, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

LoadMass = Annotated[Grams, read_by(mass_in(MassUnit.KILOGRAM, Grams(60_000_000)))]


class AddVehicle(Command):
    """Add a truck, tractor or trailer with its permit. Where its kind is not said, the plate tells a trailer."""

    organisation_id: UUID
    plate: Annotated[str, read_by(parse_plate)]
    kind: VehicleKind | None = None
    permit_no: PaperNumber
    permit_until: Day
    capacity_g: LoadMass | None = None
    medical: bool = False
    act_key: ActKey | None = None


class ChangeVehicle(Command):
    """Enter the new permit of a vehicle."""

    organisation_id: UUID
    vehicle_id: UUID
    permit_no: PaperNumber
    permit_until: Day
    kind: VehicleKind | None = None
    """None leaves it as it is."""
    capacity_g: LoadMass | None = None
    medical: bool | None = None
    """Whether it is a transfer vehicle for medical waste (GB 19217); None leaves that as it is."""
    act_key: ActKey | None = None


class AddCrewMember(Command):
    """Add a driver or escort."""

    organisation_id: UUID
    role: CrewRole
    name: ShortText
    phone: Phone
    permit_no: PaperNumber
    permit_until: Day
    act_key: ActKey | None = None


class ChangeCrewMember(Command):
    """Enter the new permit or telephone of a member of the crew."""

    organisation_id: UUID
    crew_id: UUID
    name: ShortText
    phone: Phone
    permit_no: PaperNumber
    permit_until: Day
    act_key: ActKey | None = None


def add_vehicle(work: Work, command: AddVehicle) -> Vehicle:
    """Add a vehicle with its permit."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, Vehicle, one.id, command.act_key)
    if done is not None:
        return done
    refuse_all(vehicle_problems(queries.kinds_of(work.session, one.id)))
    kind = command.kind or kind_by_plate(Plate(command.plate))
    refuse_all([*plate_problems(Plate(command.plate), kind), *load_problems(kind, command.capacity_g)])

    def taken() -> list[Problem]:
        sentences = (
            N_("A vehicle with this plate is already entered for {holder}."),
            N_("A vehicle with this plate is already entered for another carrier. Ask the system administrator."),
        )
        return taken_problems(work, queries.holder_of_plate(work.session, command.plate), None, "plate", sentences)

    row = Vehicle(id=new_id(), kind=kind, **command.model_dump(exclude={"act_key", "kind"}))
    facts = {"plate": row.plate, **_vehicle_facts(row)}
    return added(work, row, "vehicle_added", facts, command.act_key, taken)


def change_vehicle(work: Work, command: ChangeVehicle) -> Vehicle:
    """Enter the new permit or capacity of a vehicle."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    row = queries.part(work.session, Vehicle, command.vehicle_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    kind = command.kind or row.kind
    refuse_all([*plate_problems(Plate(row.plate), kind), *load_problems(kind, command.capacity_g)])
    row.kind, row.capacity_g = kind, command.capacity_g
    row.permit_no, row.permit_until = command.permit_no, command.permit_until
    if command.medical is not None:
        row.medical = command.medical
    return changed(work, row, "vehicle_changed", _vehicle_facts(row), command.act_key)


def note_used(work: Work, vehicle_id: UUID, until: datetime) -> None:
    """Note that a load of medical waste was received from a vehicle: from the first since its cleaning hours count.

    The act itself is in the stream of the manifest, and the receiver's right to it has been asked there.
    """
    row = queries.vehicle_held(work.session, vehicle_id)
    if row.unclean_since is None and (row.cleaned_at is None or row.cleaned_at < until):
        row.unclean_since = until


def note_cleaned(
    work: Work, row: Vehicle, cleaned_at: datetime, note: str, since: datetime | None, act_key: str | None
) -> VehicleCleaning:
    """Write that a vehicle, which is held, was cleaned; `since` is a use after that moment, if there was one.

    Called by `features.fleet`, which has asked for the right: that depends on manifests, which are known further up.
    """
    who, acting_for = work.actor.user_id, work.actor.organisation_id
    if who is None or acting_for is None:
        raise forbidden(Act.CLEAN_VEHICLE)
    made = VehicleCleaning(
        id=new_id(), organisation_id=row.organisation_id, vehicle_id=row.id, cleaned_at=cleaned_at, note=note,
        recorded_at=work.now, recorded_by=who, recorded_for=acting_for,
    )  # fmt: skip
    row.cleaned_at, row.unclean_since = cleaned_at, since
    work.session.add(made)
    facts = {"cleaning": made.id, "cleaned_at": cleaned_at, "by": acting_for, "note": note}
    changed(work, row, "vehicle_cleaned", facts, act_key)
    return made


def note_cleaning_wrong(
    work: Work, row: Vehicle, cleaning: VehicleCleaning, reason: str, right: VehicleCleaning | None, act_key: str
) -> None:
    """Write that a cleaning of a vehicle, which is held, was recorded wrongly, and which one is recorded instead."""
    work.session.flush()
    wrong = cleanings.cleaning_event(work.session, cleaning).seq
    replaced_by = cleanings.cleaning_event(work.session, right).seq if right else None
    ledger.declare_wrong(work, stream_of(row.organisation_id), wrong, reason, replaced_by, act_key, {"vehicle": row.id})
    work.session.flush()


def follow_cleanings(work: Work, row: Vehicle, cleaned_at: datetime | None, since: datetime | None) -> None:
    """Have a vehicle, which is held, be as clean as the cleanings that stand make it."""
    row.cleaned_at, row.unclean_since = cleaned_at, since
    work.session.flush()


def add_crew_member(work: Work, command: AddCrewMember) -> CrewMember:
    """Add a driver or escort with his permit."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, CrewMember, one.id, command.act_key)
    if done is not None:
        return done
    refuse_all(vehicle_problems(queries.kinds_of(work.session, one.id)))
    row = CrewMember(id=new_id(), **command.model_dump(exclude={"act_key"}))
    facts = {"role": row.role, **_crew_facts(row)}
    return added(work, row, "crew_added", facts, command.act_key, lambda: _permit_taken(work, one.id, command))


def change_crew_member(work: Work, command: ChangeCrewMember) -> CrewMember:
    """Enter the new permit, name or telephone of a member of the crew."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    row = queries.part(work.session, CrewMember, command.crew_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    refuse_all(_permit_taken(work, one.id, command, but=row.id))
    row.name, row.phone = command.name, command.phone
    row.permit_no, row.permit_until = command.permit_no, command.permit_until
    return changed(work, row, "crew_changed", _crew_facts(row), command.act_key)


def _permit_taken(
    work: Work, organisation_id: UUID, command: AddCrewMember | ChangeCrewMember, but: UUID | None = None
) -> list[Problem]:
    crew = queries.crew_of(work.session, organisation_id)
    if not any(member.permit_no == command.permit_no and member.id != but for member in crew):
        return []
    sentence = N_("Another member of the crew has this permit number. Check it.")
    return [Problem("crew.permit", sentence, field="permit_no", kind=Kind.CONFLICT)]


def _vehicle_facts(row: Vehicle) -> dict[str, object]:
    return {"kind": row.kind, "permit_no": row.permit_no, "permit_until": row.permit_until,
            "capacity_g": row.capacity_g, "medical": row.medical}  # fmt: skip


def _crew_facts(row: CrewMember) -> dict[str, object]:
    return {"permit_no": row.permit_no, "permit_until": row.permit_until}
