"""How vehicles with their cleanings, crew, licences, contracts, plans and scans follow from events."""

from collections.abc import Iterator

from wastetrack.features.ledger.service.replaying import UNSAID, Change, Put, Rows, Told
from wastetrack.features.parties.models import (
    Contract,
    CrewMember,
    Licence,
    ManagementPlan,
    PlannedWaste,
    Scan,
    Vehicle,
    VehicleCleaning,
)

VEHICLES, CLEANINGS, CREW = Vehicle.__tablename__, VehicleCleaning.__tablename__, CrewMember.__tablename__
LICENCES, CONTRACTS = Licence.__tablename__, Contract.__tablename__
PLANS, PLANNED, SCANS = ManagementPlan.__tablename__, PlannedWaste.__tablename__, Scan.__tablename__

_VEHICLE = ("kind", "permit_no", "permit_until", "capacity_g", "medical")
_PERMIT = ("permit_no", "permit_until")
_DATES = ("valid_from", "valid_until")
_SEQ, _WRONG = "number of the event", "declared wrong"
"""What is remembered of a cleaning beside its columns."""


def vehicle_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a vehicle, clean as it is."""
    values = {"organisation_id": told.thing, **told.all_said(("plate", *_VEHICLE))}
    yield Put(VEHICLES, (told.facts["id"],), {**values, "unclean_since": None, "cleaned_at": None})


def vehicle_changed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Enter the new permit or capacity of a vehicle."""
    yield Put(VEHICLES, (told.facts["id"],), told.all_said(_VEHICLE))


def vehicle_cleaned(_rows: Rows, told: Told) -> Iterator[Change]:
    """Enter a cleaning. What the vehicle carried since stands in the streams of manifests."""
    facts = told.facts
    yield Put(VEHICLES, (facts["id"],), {"cleaned_at": facts["cleaned_at"], "unclean_since": None})
    values = {
        "organisation_id": told.thing,
        "vehicle_id": facts["id"],
        "cleaned_at": facts["cleaned_at"],
        "note": facts["note"],
        "recorded_at": told.recorded_at,
        "recorded_by": told.actor_id,
        "recorded_for": facts["by"],
    }
    yield Put(CLEANINGS, (facts["cleaning"],), {**values, _SEQ: told.seq, _WRONG: False})


def cleaning_wrong(rows: Rows, told: Told) -> Iterator[Change]:
    """Have a vehicle be as clean as those of its cleanings that nobody declared wrong."""
    vehicle = told.said("vehicle")
    if vehicle is UNSAID:
        return
    stand = []
    for row in rows.where(CLEANINGS, "vehicle_id", vehicle):
        if row[_SEQ] == told.facts["wrong"]:
            yield Put(CLEANINGS, (row["id"],), {_WRONG: True})
        elif not row[_WRONG]:
            stand.append(row["cleaned_at"])
    yield Put(VEHICLES, (vehicle,), {"cleaned_at": max(stand, default=None), "unclean_since": None})


def crew_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a member of the crew."""
    yield Put(CREW, (told.facts["id"],), {"organisation_id": told.thing, **told.all_said(("role", *_PERMIT))})


def crew_changed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Enter the new permit of a member of the crew."""
    yield Put(CREW, (told.facts["id"],), told.all_said(_PERMIT))


def licence_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a licence."""
    said = told.all_said(("kind", "number", "scope", "modes", "coverage", "yearly_quantity_g", "basis", *_DATES))
    yield Put(LICENCES, (told.facts["id"],), {"organisation_id": told.thing, "source_id": told.said("source"), **said})


def licence_dated(_rows: Rows, told: Told) -> Iterator[Change]:
    """Renew a licence, or end it early."""
    yield Put(LICENCES, (told.facts["id"],), told.all_said(_DATES))


def contract_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a contract. Its partner's stream tells the same: only the consignor's counts, where an event names him."""
    consignor = told.said("consignor")
    if consignor in {told.thing, UNSAID}:
        partner = UNSAID if consignor is UNSAID else told.facts["partner"]
        values = {"organisation_id": consignor, "partner_id": partner, **told.all_said(("number", "scope", *_DATES))}
        yield Put(CONTRACTS, (told.facts["id"],), values)


def contract_changed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Prolong a contract, or end it early."""
    if told.said("consignor") in {told.thing, UNSAID}:
        yield Put(CONTRACTS, (told.facts["id"],), told.all_said(_DATES))


def plan_filed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Enter a version of a plan with its lines."""
    values = told.all_said(("year", "version", "filed_on", "reason"))
    values |= {"organisation_id": told.thing, "recorded_at": told.recorded_at}
    yield Put(PLANS, (told.facts["id"],), values)
    for position, line in enumerate(told.facts["lines"], start=1):
        yield Put(PLANNED, (told.facts["id"], position), line)


def scan_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a scan."""
    values = {
        "organisation_id": told.thing,
        **told.all_said(("paper", "paper_id")),
        "file_hash": told.facts["file"],
        "file_size": told.facts["size"],
        "file_type": told.facts["type"],
        "added_at": told.recorded_at,
        "added_by": told.actor_id,
        "withdrawn_at": None,
        "withdrawn_by": None,
        "withdrawn_reason": "",
    }
    yield Put(SCANS, (told.facts["id"],), values)


def scan_withdrawn(_rows: Rows, told: Told) -> Iterator[Change]:
    """Withdraw a scan."""
    values = {
        "withdrawn_at": told.recorded_at,
        "withdrawn_by": told.actor_id,
        "withdrawn_reason": told.facts["reason"],
    }
    yield Put(SCANS, (told.facts["id"],), values)
