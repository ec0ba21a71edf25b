"""Everything the law asks before a manifest is signed: each rule alone, and all together."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.containers import State
from wastetrack.domain.fleet import Combination, Permit, Vehicle, coupling_problems
from wastetrack.domain.manifest_checks import (
    Box,
    Facts,
    Paperwork,
    Transport,
    departure_problems,
    problems,
    transport_problems,
    warnings,
)
from wastetrack.domain.papers import Agreement, Paper, Party, Taken, named
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.words import Several

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)

PAPER = Paper("冀危许0001", TODAY - 300 * DAY, TODAY + 300 * DAY, ("HW01",), frozenset({"Y10"}), 1_000_000)
BOX = Box("7K3M-9QXR-2F4C", "841-001-01", True, State.STORED, True, 3_500, 3_500)
TRUCK = Vehicle("冀A12345", True, TODAY, capacity_g=8_000_000)
TRACTOR = Vehicle("冀A54321", True, TODAY, kind=VehicleKind.TRACTOR)
TRAILER = Vehicle("冀J1234挂", True, TODAY, kind=VehicleKind.TRAILER, capacity_g=20_000_000)
TRANSPORT = Transport(
    carrier=Party("承运公司", True, "13", (Paper("冀运许0001", TODAY - DAY, TODAY + DAY, ("HW01",)),)),
    vehicle=TRUCK,
    driver=Permit("驾驶员", True, TODAY),
    escort=Permit("押运员", True, TODAY),
)
GOOD = Facts(
    day=TODAY,
    consignor=Party("县医院", True, "13"),
    boxes=[BOX],
    transport=TRANSPORT,
    receiver=Party("处置中心", True, "13", (PAPER,)),
    receives_there=True,
    mode="Y10",
)


def found(facts: Facts) -> list[tuple[str, str | None]]:
    return [
        (problem.code.removeprefix("manifest.").removeprefix("papers."), problem.field) for problem in problems(facts)
    ]


def with_receiver(**values) -> Facts:
    return replace(GOOD, receiver=replace(GOOD.receiver, **values))


def with_paper(**values) -> Facts:
    return with_receiver(papers=(replace(PAPER, **values),))


def with_box(**values) -> Facts:
    return replace(GOOD, boxes=[replace(BOX, **values)])


def with_transport(**values) -> Facts:
    return replace(GOOD, transport=replace(TRANSPORT, **values))


def with_truck(**values) -> Facts:
    return with_transport(vehicle=replace(TRUCK, **values))


def with_trailer(tractor=TRACTOR, **values) -> Facts:
    return with_transport(vehicle=tractor, trailer=replace(TRAILER, **values))


def test_a_load_in_order_may_be_signed():
    assert problems(GOOD) == []


CASES = [
    (replace(GOOD, boxes=[]), "no_boxes", "container_ids"),
    (with_box(state=State.LOADED), "not_in_store", "container_ids"),
    (with_box(state=State.VOID), "not_in_store", "container_ids"),
    (with_box(at_consignor=False), "not_in_store", "container_ids"),
    (with_box(mass_g=0, stated_g=0), "not_weighed", "container_ids"),
    (with_box(mass_g=3_400), "mass_changed", "container_ids"),
    (replace(GOOD, consignor=Party("县医院", False, "13")), "party_inactive", "facility_id"),
    (with_receiver(active=False), "party_inactive", "receiver_id"),
    (with_receiver(papers=()), "no_licence", "receiver_id"),
    (with_receiver(province="11"), "cross_province", "receiver_id"),
    (replace(GOOD, receives_there=False), "receiver_store", "receiver_facility_id"),
    (with_paper(valid_until=TODAY - DAY), "licence_expired", "receiver_id"),
    (with_paper(valid_from=TODAY + DAY), "licence_expired", "receiver_id"),
    (with_paper(modes=frozenset({"Y11"})), "licence_mode", "mode"),
    (with_paper(scope=("841-002-01", "HW08")), "licence_scope", "receiver_id"),
    (with_paper(yearly_g=3_499), "licence_quantity", "receiver_id"),
    (replace(GOOD, taken=[Taken("841-001-01", "Y10", 996_501)]), "licence_quantity", "receiver_id"),
    (with_transport(carrier=replace(TRANSPORT.carrier, active=False)), "party_inactive", "carrier_id"),
    (with_transport(carrier=replace(TRANSPORT.carrier, papers=())), "no_licence", "carrier_id"),
    (with_truck(of_carrier=False), "not_of_carrier", "vehicle_id"),
    (with_truck(valid_until=TODAY - DAY), "permit_expired", "vehicle_id"),
    (with_truck(name="冀A1234警"), "plate.not_for_waste", "vehicle_id"),
    (with_transport(vehicle=TRACTOR), "trailer_missing", "trailer_id"),
    (with_transport(vehicle=TRAILER), "trailer_alone", "vehicle_id"),
    (with_transport(trailer=TRUCK), "not_a_trailer", "trailer_id"),
    (with_transport(vehicle=TRACTOR, trailer=TRUCK), "not_a_trailer", "trailer_id"),
    (with_trailer(of_carrier=False), "not_of_carrier", "trailer_id"),
    (with_trailer(valid_until=TODAY - DAY), "permit_expired", "trailer_id"),
    (with_trailer(replace(TRACTOR, valid_until=TODAY - DAY)), "permit_expired", "vehicle_id"),
    (with_trailer(replace(TRUCK, valid_until=TODAY - DAY)), "permit_expired", "vehicle_id"),
    (with_trailer(capacity_g=3_499), "overloaded", "trailer_id"),
    (with_trailer(replace(TRUCK, capacity_g=1_000), capacity_g=2_499), "overloaded", "vehicle_id"),
    (with_transport(driver=Permit("驾驶员", True, TODAY - DAY)), "permit_expired", "driver_id"),
    (with_transport(driver=Permit("押运员", True, TODAY, fit=False)), "wrong_role", "driver_id"),
    (with_transport(driver=Permit("驾驶员", False, TODAY)), "not_of_carrier", "driver_id"),
    (with_transport(escort=Permit("押运员", True, TODAY - DAY)), "permit_expired", "escort_id"),
    (with_truck(capacity_g=3_499), "overloaded", "vehicle_id"),
]


@pytest.mark.parametrize(
    ("facts", "code", "field"), CASES, ids=[f"{code}-{n}" for n, (_f, code, _) in enumerate(CASES)]
)
def test_one_thing_wrong_is_one_problem_at_its_field(facts, code, field):
    assert found(facts) == [(code, field)]


@pytest.mark.parametrize("facts", [case[0] for case in CASES[1:]])
def test_every_problem_but_an_empty_load_cites_the_law_or_says_what_to_choose(facts):
    (problem,) = problems(facts)
    assert problem.basis or problem.code == "manifest.receiver_store"


def test_the_last_day_of_a_paper_still_counts():
    assert problems(with_paper(valid_until=TODAY)) == []


def test_the_yearly_quantity_may_be_reached_exactly():
    assert problems(replace(GOOD, taken=[Taken("841-001-01", "Y10", 1_000_000 - 3_500)])) == []


def test_a_licence_without_a_quantity_limits_nothing():
    assert problems(replace(with_paper(yearly_g=None), taken=[Taken("841-001-01", "Y10", 10**12)])) == []


def test_the_vehicle_may_be_loaded_to_its_capacity():
    assert problems(with_truck(capacity_g=3_500)) == []
    assert problems(with_trailer(capacity_g=3_500)) == []
    assert problems(with_trailer(replace(TRUCK, capacity_g=1_000), capacity_g=2_500)) == []


def test_a_capacity_that_is_not_entered_limits_nothing():
    assert problems(with_truck(capacity_g=None)) == []
    assert problems(with_trailer(replace(TRUCK, capacity_g=1), capacity_g=None)) == []


COUPLED = {
    ("truck", None): [], ("truck", "truck"): ["not_a_trailer"], ("truck", "tractor"): ["not_a_trailer"],
    ("truck", "trailer"): [], ("tractor", None): ["trailer_missing"], ("tractor", "truck"): ["not_a_trailer"],
    ("tractor", "tractor"): ["not_a_trailer"], ("tractor", "trailer"): [], ("trailer", None): ["trailer_alone"],
    ("trailer", "truck"): ["trailer_alone", "not_a_trailer"], ("trailer", "trailer"): ["trailer_alone"],
    ("trailer", "tractor"): ["trailer_alone", "not_a_trailer"],
}  # fmt: skip
ONE_OF = {"truck": TRUCK, "tractor": TRACTOR, "trailer": TRAILER}


@pytest.mark.parametrize(("pair", "codes"), COUPLED.items())
def test_which_vehicles_go_together(pair, codes):
    both = Combination(ONE_OF[pair[0]], ONE_OF.get(pair[1]))
    assert [one.code.removeprefix("manifest.") for one in coupling_problems(both)] == codes
    in_draft = [one.code.removeprefix("manifest.") for one in coupling_problems(both, whole=False)]
    assert in_draft == [code for code in codes if code != "trailer_missing"]


@pytest.mark.parametrize(
    ("vehicle", "trailer", "fit"),
    [
        (TRUCK, None, False),
        (replace(TRUCK, for_medical=True), None, True),
        (replace(TRUCK, for_medical=True), TRAILER, False),
        (TRUCK, replace(TRAILER, for_medical=True), False),
        (replace(TRUCK, for_medical=True), replace(TRAILER, for_medical=True), True),
        (TRACTOR, replace(TRAILER, for_medical=True), True),
        (replace(TRACTOR, for_medical=True), TRAILER, False),
        (replace(TRACTOR, for_medical=True), None, False),
    ],
)
def test_what_carries_the_load_is_to_be_for_medical_waste(vehicle, trailer, fit):
    assert Combination(vehicle, trailer).for_medical is fit


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        (with_truck(unclean=True), ["vehicle_id"]),
        (with_trailer(unclean=True), ["trailer_id"]),
        (with_trailer(replace(TRACTOR, unclean=True)), []),
        (with_trailer(replace(TRUCK, unclean=True), unclean=True), ["vehicle_id", "trailer_id"]),
    ],
)
def test_what_was_not_cleaned_in_time_is_said_and_stops_nobody(facts, fields):
    assert problems(facts) == []
    said = [one for one in warnings(facts) if one.code == "manifest.vehicle_unclean"]
    assert [one.field for one in said] == fields
    assert all(one.basis == "GB 39707-2020, 5.5.2" for one in said)


def test_a_renewed_licence_beside_an_expired_one_is_enough():
    old = replace(PAPER, valid_until=TODAY - DAY)
    assert problems(with_receiver(papers=(old, PAPER))) == []


def test_an_expired_licence_lends_the_valid_one_neither_scope_nor_quantity():
    old = replace(PAPER, valid_until=TODAY - DAY, yearly_g=10**9)
    short = replace(PAPER, scope=("HW08",), yearly_g=1)
    assert found(with_receiver(papers=(old, short))) == [("licence_scope", "receiver_id")]
    short = replace(PAPER, yearly_g=1)
    assert found(with_receiver(papers=(old, short))) == [("licence_quantity", "receiver_id")]


def test_what_steam_does_not_make_harmless_is_not_sent_to_the_steam_plant():
    steam = replace(with_paper(modes=frozenset({"Y11"})), mode="Y11")
    pathological = replace(steam, boxes=[BOX, replace(BOX, code="B", waste_code="841-003-01")])
    assert found(steam) == []
    assert found(pathological) == [("batch.process", "mode")]


def test_medical_and_other_waste_travel_apart():
    oil = replace(BOX, code="B", waste_code="900-214-08", medical=False)
    both = replace(with_paper(scope=("HW01", "HW08")), boxes=[BOX, oil])
    carrier = replace(TRANSPORT.carrier, papers=(replace(TRANSPORT.carrier.papers[0], scope=("HW01", "HW08")),))
    assert found(replace(both, transport=replace(TRANSPORT, carrier=carrier))) == [("mixed_classes", "container_ids")]


@pytest.mark.parametrize(
    ("with_carrier", "said"),
    [
        (None, []),
        ([], ["papers.no_carrier_contract"]),
        ([Agreement("运1", TODAY - DAY, TODAY)], []),
        ([Agreement("运1", TODAY - 2 * DAY, TODAY - DAY)], ["papers.carrier_contract_out_of_date"]),
        ([Agreement("运1", TODAY, TODAY, ("HW08",))], ["papers.carrier_contract_scope"]),
    ],
)
@pytest.mark.parametrize("insist", [False, True])
def test_a_missing_contract_with_the_carrier_is_said_and_never_bars(with_carrier, said, insist):
    paperwork = Paperwork(
        "plant", [Agreement("合1", TODAY, TODAY)], False, None, (), insist, insist, with_carrier=with_carrier
    )
    facts = replace(GOOD, paperwork=paperwork)
    assert problems(facts) == []
    assert [problem.code for problem in warnings(facts)] == said


def test_everything_wrong_is_named_together():
    wrong = Facts(
        day=TODAY,
        consignor=Party("县医院", False, "13"),
        boxes=[],
        transport=Transport(
            Party("承运公司", False, "13"),
            Vehicle("冀J1234挂", False, TODAY - DAY, kind=VehicleKind.TRAILER, capacity_g=0),
            Permit("人", False, TODAY - DAY, fit=False),
        ),
        receiver=Party("处置中心", False, "11"),
        receives_there=False,
        mode="Y10",
    )
    fields = {field for _code, field in found(wrong)}
    assert fields == {
        "container_ids", "facility_id", "receiver_id", "receiver_facility_id", "carrier_id", "vehicle_id", "driver_id",
    }  # fmt: skip


def test_on_the_road_only_carrier_vehicle_and_crew_are_asked_again():
    assert transport_problems(TODAY, TRANSPORT, [BOX]) == []
    later = TODAY + DAY
    codes = [problem.code for problem in transport_problems(later, TRANSPORT, [BOX])]
    assert codes == ["manifest.permit_expired"] * 3


def test_what_is_already_on_the_vehicle_counts_at_departure():
    assert departure_problems(TODAY, TRANSPORT, [BOX], 8_000_000 - 3_500) == []
    (problem,) = departure_problems(TODAY, TRANSPORT, [BOX], 8_000_000 - 3_499)
    assert problem.code == "manifest.overloaded"


def test_many_codes_are_shortened():
    assert named(["A", "B"]) == Several(("A", "B"))
    assert named(list("ABCDEFG")) == Several(("A", "B", "C", "D", "E"), 2)


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=20), st.integers(0, 1_000_000))
def test_the_quantity_is_refused_exactly_when_the_sum_exceeds_the_licence(masses, running):
    boxes = [replace(BOX, code=str(n), mass_g=mass, stated_g=mass) for n, mass in enumerate(masses)]
    over = running + sum(masses) > 1_000_000
    facts = replace(GOOD, boxes=boxes, taken=[Taken("841-001-01", "Y10", running)])
    assert (("licence_quantity", "receiver_id") in found(facts)) is over


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_a_paper_holds_exactly_from_its_first_to_its_last_day(first, last):
    paper = replace(PAPER, valid_from=TODAY + first * DAY, valid_until=TODAY + last * DAY)
    assert paper.in_date(TODAY) is (first <= 0 <= last)
