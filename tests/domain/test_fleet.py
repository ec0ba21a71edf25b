"""Could a carrier carry a load on a day with what it has? Judged as a manifest of that day would be."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.containers import State
from wastetrack.domain.fleet import Fleet, Permit, Vehicle, carriage
from wastetrack.domain.manifest_checks import Box, Transport, departure_problems
from wastetrack.domain.papers import Fields, Load, Paper, Party
from wastetrack.domain.plates import VehicleKind

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
FAR = TODAY + 400 * DAY
LOAD = Load("841-001-01", 3_000, True)
PAPER = Paper("冀运许1号", TODAY - DAY, FAR, ("HW01",))
CARRIER = Party("承运公司", True, "13", (PAPER,))
TRUCK = Vehicle("冀A1", True, FAR, capacity_g=3_000)
FLEET = Fleet([TRUCK], [Permit("驾驶员", True, FAR)], [Permit("押运员", True, FAR)])
AT = Fields(party="deed", waste="waste", amount="mass")


def asked(carrier: Party = CARRIER, fleet: Fleet = FLEET, load: Load = LOAD) -> list[str]:
    return [reason.code.partition(".")[2] for reason in carriage(carrier, fleet, load, TODAY, AT).reasons]


def until(day: date) -> Fleet:
    return Fleet(
        [replace(TRUCK, valid_until=day)],
        [Permit("驾驶员", True, day)],
        [Permit("押运员", True, day)],
    )


def test_a_carrier_with_vehicle_and_driver_in_date_may_carry() -> None:
    assert asked() == []
    assert asked(fleet=replace(FLEET, escorts=[])) == [], "as on a manifest, an escort may be left out"


@pytest.mark.parametrize(("day", "reasons"), [(TODAY, []), (TODAY - DAY, ["no_vehicle", "no_driver"])])
def test_papers_of_vehicle_and_crew_hold_on_their_last_day_and_not_after(day: date, reasons: list[str]) -> None:
    assert asked(fleet=until(day)) == reasons


def test_the_load_has_to_go_onto_one_vehicle() -> None:
    assert asked(load=replace(LOAD, mass_g=3_001)) == ["no_vehicle"]
    assert asked(load=replace(LOAD, mass_g=3_001), fleet=replace(FLEET, vehicles=[TRUCK, TRUCK])) == ["no_vehicle"]


def test_every_reason_is_given_at_once_with_the_law_and_a_field() -> None:
    found = carriage(replace(CARRIER, active=False, papers=()), Fleet(), LOAD, TODAY, AT).reasons
    assert [reason.code for reason in found] == [
        "papers.party_inactive", "papers.no_licence", "manifest.no_vehicle", "manifest.no_driver",
    ]  # fmt: skip
    assert {(reason.field, bool(reason.basis)) for reason in found} == {("deed", True)}


@pytest.mark.parametrize(("days", "soon"), [(30, 3), (31, 0)])
def test_papers_that_end_within_thirty_days_are_named(days: int, soon: int) -> None:
    assert len(carriage(CARRIER, until(TODAY + days * DAY), LOAD, TODAY, AT).ending) == soon


def test_the_waste_of_a_small_institution_needs_no_licence_on_a_vehicle_for_medical_waste_alone() -> None:
    unlicensed, exempt = replace(CARRIER, papers=()), replace(LOAD, exempt=True)
    medical = replace(FLEET, vehicles=[TRUCK, replace(TRUCK, name="冀A2", for_medical=True)])
    assert asked(unlicensed, load=exempt) == ["no_licence", "no_vehicle"]
    assert asked(unlicensed, medical, LOAD) == ["no_licence"]
    assert asked(unlicensed, medical, exempt) == []
    assert len(carriage(unlicensed, medical, exempt, TODAY, AT).fleet.vehicles) == 1
    assert len(carriage(CARRIER, medical, exempt, TODAY, AT).fleet.vehicles) == 2


TRACTOR = Vehicle("冀A3", True, FAR, kind=VehicleKind.TRACTOR)
TRAILER = Vehicle("冀J1234挂", True, FAR, kind=VehicleKind.TRAILER, capacity_g=2_000)


@pytest.mark.parametrize(
    ("vehicles", "most"),
    [
        ([TRUCK], 3_000),
        ([TRACTOR], -1),
        ([TRAILER], -1),
        ([TRACTOR, TRAILER], 2_000),
        ([TRUCK, TRAILER], 5_000),
        ([TRUCK, TRACTOR, TRAILER, replace(TRAILER, name="冀J5678挂", capacity_g=4_000)], 7_000),
        ([TRACTOR, replace(TRAILER, valid_until=TODAY - DAY)], -1),
        ([replace(TRACTOR, valid_until=TODAY - DAY), TRAILER], -1),
        ([replace(TRUCK, name="冀A1234警")], -1),
    ],
)
def test_a_tractor_carries_with_a_trailer_a_truck_with_or_without(vehicles: list[Vehicle], most: int) -> None:
    fleet = replace(FLEET, vehicles=vehicles)
    assert asked(fleet=fleet, load=replace(LOAD, mass_g=max(most, 1))) == ([] if most > 0 else ["no_vehicle"])
    assert asked(fleet=fleet, load=replace(LOAD, mass_g=most + 2)) == ["no_vehicle"]


@given(
    st.integers(-2, 2), st.integers(-2, 2), st.integers(2_998, 3_002), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_answer_is_that_of_a_manifest_with_this_vehicle_and_driver(
    vehicle: int, driver: int, mass: int, licensed: bool, medical: bool, exempt: bool
) -> None:
    """What a departing load would be told is what was told beforehand, but that a suspended carrier still departs."""
    carrier = replace(CARRIER, papers=(PAPER,) if licensed else ())
    truck = Vehicle("冀A1", True, TODAY + vehicle * DAY, capacity_g=3_000, for_medical=medical)
    member = Permit("驾驶员", True, TODAY + driver * DAY)
    box = Box("A", LOAD.waste_code, True, State.STORED, True, mass, mass, exempt=exempt and medical)
    transport = Transport(carrier, truck, member)
    barred = bool(departure_problems(TODAY, transport, [box], 0))
    load = replace(LOAD, mass_g=mass, exempt=exempt)
    assert bool(asked(carrier, Fleet([truck], [member]), load)) is barred
    assert "party_inactive" in asked(replace(carrier, active=False), Fleet([truck], [member]), load)
