import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.collection import (
    EXEMPT,
    Box,
    HandInState,
    Producer,
    check_cancel,
    check_finish,
    check_open,
    exempt_from_manifest,
    exemption_problems,
    nothing_chosen,
    offer_problems,
    receive_problems,
)
from wastetrack.domain.containers import Packaging, State
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.problems import Refusal

CLINIC, HOSPITAL, FACTORY = OrganisationKind.CLINIC, OrganisationKind.HOSPITAL, OrganisationKind.ENTERPRISE


def producer(*kinds, beds=None):
    return Producer("演示诊所", frozenset(kinds), beds)


def box(**given):
    facts = {
        "code": "7K3M-9QXR-2F4C", "state": State.SEALED, "held": True, "medical": True, "producer": producer(CLINIC),
    }  # fmt: skip
    return Box(**{**facts, **given})


def codes(problems):
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("kinds", "beds", "exempt"),
    [
        ((CLINIC,), None, True),
        ((CLINIC,), 19, True),
        ((CLINIC,), 20, False),
        ((HOSPITAL,), 19, True),
        ((HOSPITAL,), 20, False),
        ((HOSPITAL,), None, False),
        ((HOSPITAL, CLINIC), None, False),
        ((FACTORY,), 0, False),
        ((), None, False),
    ],
)
def test_only_medical_institutions_of_at_most_19_beds_need_no_manifest(kinds, beds, exempt):
    assert exempt_from_manifest(producer(*kinds, beds=beds)) is exempt


def test_a_refusal_for_beds_cites_the_exemption_list():
    (problem,) = exemption_problems(box(producer=producer(HOSPITAL, beds=300)), "container_ids")
    assert (problem.code, problem.basis) == ("hand_in.needs_manifest", EXEMPT)


def test_what_is_sealed_or_stored_at_a_clinic_may_be_handed_in():
    assert [offer_problems(box(state=state), "container_ids") for state in (State.SEALED, State.STORED)] == [[], []]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"held": False}, "label.foreign"),
        ({"state": State.LOADED}, "container.hand_in_when_loaded"),
        ({"state": State.TREATED}, "container.hand_in_when_treated"),
        ({"on_manifest": True}, "label.on_manifest"),
        ({"on_hand_in": True}, "hand_in.twice"),
        ({"medical": False}, "hand_in.not_medical"),
        ({"producer": producer(HOSPITAL, beds=20)}, "hand_in.needs_manifest"),
    ],
)
def test_each_obstacle_to_a_declaration_is_named_at_its_field(given, code):
    problems = offer_problems(box(**given), "container_ids")
    assert [(problem.code, problem.field) for problem in problems] == [(code, "container_ids")]


def test_a_declaration_of_nothing_is_refused():
    assert codes(nothing_chosen([])) == ["hand_in.empty"]


@given(state=st.sampled_from(State), manifest=st.booleans(), medical=st.booleans(), beds=st.integers(0, 40))
def test_a_station_receives_only_what_is_exempt_free_and_at_rest(state, manifest, medical, beds):
    one = box(state=state, on_manifest=manifest, medical=medical, producer=producer(HOSPITAL, beds=beds))
    fine = state in {State.SEALED, State.STORED} and not manifest and medical and beds <= 19
    assert (receive_problems(one, FacilityKind.STATION_STORE, Packaging.BAG, None) == []) is fine


def test_a_mass_that_no_bag_can_have_is_refused():
    assert codes(receive_problems(box(), FacilityKind.STATION_STORE, Packaging.BAG, Grams(30_001))) == ["mass.absurd"]


@pytest.mark.parametrize("state", [HandInState.RECEIVED, HandInState.CANCELLED])
def test_what_has_ended_is_not_received_further(state):
    with pytest.raises(Refusal):
        check_open(state)


def test_a_hand_in_is_not_cancelled_once_a_box_has_changed_hands():
    with pytest.raises(Refusal, match="begun"):
        check_cancel(1)


def test_nobody_signs_another_count_than_he_was_shown():
    with pytest.raises(Refusal, match="moved_on"):
        check_finish(2, seen=3, version=4)


def test_a_receipt_of_nothing_is_not_signed():
    with pytest.raises(Refusal, match="nothing"):
        check_finish(0, seen=1, version=1)
