"""A row for each vehicle, known by its plate; a row for each driver or escort, known by the permit number."""

from sqlalchemy import select

from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.parties import CrewRole
from wastetrack.domain.plates import VehicleKind, parse_plate
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, at_columns, left, organisation_id
from wastetrack.features.imports.service.sheets import Sheet, identity
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Vehicle

CARRIER = Column(
    "organisation",
    N_("Code of the organisation"),
    N_("The unified social credit code, or the medical licence number of a clinic without one."),
    required=True,
    form=Form.CODE,
    width=22,
    example="91130102MA0000066L",
)
PERMIT = {"permit_no": "permit_no", "permit_until": "permit_until"}
VEHICLE = {"organisation_id": "organisation", "plate": "plate", "kind": "kind", **PERMIT,
           "capacity_g": "capacity"}  # fmt: skip
CREW = {"organisation_id": "organisation", "role": "role", "name": "name", "phone": "phone", **PERMIT}
_VEHICLE_CELLS = {name: key for name, key in VEHICLE.items() if name != "organisation_id"}
_CREW_CELLS = {name: key for name, key in CREW.items() if name != "organisation_id"}

VEHICLES = (
    CARRIER,
    Column("plate", N_("Plate"), N_("With province and letter; capitals and dots do not matter."), required=True,
           form=Form.CODE, width=12, example="冀A12345"),
    Column("kind", N_("Kind"), N_("One of the list. Empty: a trailer by its 挂, else a truck."), form=Form.TERM,
           terms=VehicleKind, width=10, example="载货汽车"),
    Column("permit_no", N_("Transport permit"), N_("Number of the road transport permit."), required=True,
           form=Form.CODE, width=22, example="YSZ0001"),
    Column("permit_until", N_("Valid until"), N_("Last day, with the year first, such as 2026-01-02."), required=True,
           form=Form.DAY, width=14, example="2028-12-31"),
    Column("capacity", N_("Capacity (kg)"), N_("Permitted load, a number in kg; empty of a tractor."), width=12,
           example="8000"),
)  # fmt: skip
PEOPLE = (
    CARRIER,
    Column("role", N_("Role"), N_("One of the list."), required=True, form=Form.TERM, terms=CrewRole, width=10,
           example="驾驶员"),
    Column("name", N_("Person's name"), N_("As on the permit."), required=True, example="演示驾驶员"),
    Column("phone", N_("Telephone"), N_("Digits; blanks, dashes and brackets may stand between them."), required=True,
           example="0311-00000002"),
    Column("permit_no", N_("Permit"), N_("Number of the qualification for the transport of dangerous goods."),
           required=True, form=Form.CODE, width=22, example="CY0001"),
    Column("permit_until", N_("Valid until"), N_("Last day, with the year first, such as 2026-01-02."), required=True,
           form=Form.DAY, width=14, example="2028-12-31"),
)  # fmt: skip


def keep_vehicle(desk: Desk, row: Row) -> Outcome:
    """Add the vehicle, or enter its new permit or capacity."""
    slip = Slip(desk, row)
    one = slip.organisation()
    plate = slip.get("plate", parse_plate)
    query = select(Vehicle).where(Vehicle.plate == plate)
    stored = desk.work.session.scalar(query) if one and plate else None
    given = {"organisation_id": organisation_id(one), "act_key": desk.key(row)}
    add = slip.fill(service.AddVehicle, _VEHICLE_CELLS, given)
    if stored is None or stored.organisation_id != add.organisation_id:
        with at_columns(VEHICLE):
            service.add_vehicle(desk.work, add)
        return Outcome(Verdict.NEW)
    sent = add.model_dump(include={"permit_no", "permit_until", "capacity_g", "kind"})
    sent["kind"] = add.kind or stored.kind
    if all(getattr(stored, name) == value for name, value in sent.items()):
        return Outcome(Verdict.SAME)
    change = service.ChangeVehicle(vehicle_id=stored.id, **given, **sent)
    with at_columns(VEHICLE):
        service.change_vehicle(desk.work, change)
    return Outcome(Verdict.CHANGED)


def keep_crew(desk: Desk, row: Row) -> Outcome:
    """Add the driver or escort, or enter what is new of him."""
    slip = Slip(desk, row)
    one = slip.organisation()
    given = {"organisation_id": organisation_id(one), "act_key": desk.key(row)}
    add = slip.fill(service.AddCrewMember, _CREW_CELLS, given)
    crew = parties.crew_of(desk.work.session, add.organisation_id)
    stored = next((member for member in crew if member.permit_no == add.permit_no), None)
    if stored is None:
        with at_columns(CREW):
            service.add_crew_member(desk.work, add)
        return Outcome(Verdict.NEW)
    remarks = () if stored.role is add.role else (left("role", stored.role, add.role),)
    sent = add.model_dump(include={"name", "phone", "permit_no", "permit_until"})
    if all(getattr(stored, name) == value for name, value in sent.items()):
        return Outcome(Verdict.DIFFERS if remarks else Verdict.SAME, remarks)
    change = service.ChangeCrewMember(crew_id=stored.id, **given, **sent)
    with at_columns(CREW):
        service.change_crew_member(desk.work, change)
    return Outcome(Verdict.CHANGED, remarks)


def _crew_identity(row: Row) -> str:
    parts = [compact(row["organisation"]), compact(row["permit_no"])]
    return "|".join(parts) if all(parts) else ""


SHEET_OF_VEHICLES = Sheet(ImportKind.VEHICLES, VEHICLES, identity("plate"), keep_vehicle, named_by="plate")
SHEET_OF_CREW = Sheet(ImportKind.CREW, PEOPLE, _crew_identity, keep_crew)
