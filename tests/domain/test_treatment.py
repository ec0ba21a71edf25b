from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.containers import State
from wastetrack.domain.papers import Paper, Party
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.processes import MEDICAL_MODES, fit_problem
from wastetrack.domain.treatment import (
    Box,
    batch_number,
    modes_in_force,
    problems,
)
from wastetrack.domain.waste_codes import MedicalClass, TreatmentMode, WasteCode

DAY = date(2026, 11, 23)
M, C = TreatmentMode, MedicalClass
SPENT_OIL = WasteCode("900-214-08")


def box(waste=C.INFECTIOUS.waste_code, **given):
    facts = {"code": "7K3M-9QXR-2F4C", "waste_code": waste, "medical": waste.endswith("-01"), "state": State.STORED}
    return Box(**{**facts, "here": True, **given})


def paper(*modes, scope=("HW01",), until=date(2028, 1, 1), **given):
    return Paper("冀危许1号", date(2025, 1, 1), until, scope, frozenset(mode.value for mode in modes), **given)


def against(boxes, mode=M.Y10, *, store=FacilityKind.PLANT_STORE, licences=None, day=DAY, active=True):
    plant = Party("处置中心", active, "13", (paper(M.Y10),) if licences is None else tuple(licences))
    return problems(boxes, mode, store=store, plant=plant, day=day)


def found(boxes, mode=M.Y10, **given):
    return [problem.code for problem in against(boxes, mode, **given)]


def test_stored_waste_within_the_licence_may_be_treated():
    assert found([box()]) == []


@pytest.mark.parametrize("medical", C)
def test_the_furnace_takes_all_five_classes(medical):
    assert fit_problem(medical.waste_code, True, M.Y10, "") is None


@pytest.mark.parametrize(
    ("mode", "takes"),
    [
        (M.Y11, {C.INFECTIOUS, C.SHARPS}),
        (M.Y12, {C.INFECTIOUS, C.SHARPS, C.PATHOLOGICAL}),
        (M.Y13, {C.INFECTIOUS, C.SHARPS, C.PATHOLOGICAL}),
        (M.Y16, {C.INFECTIOUS, C.SHARPS, C.PATHOLOGICAL}),
        (M.D10, set(C)),
        (M.D1, {C.CHEMICAL, C.PHARMACEUTICAL}),
    ],
)
def test_each_process_takes_the_classes_it_makes_harmless(mode, takes):
    assert {one for one in C if fit_problem(one.waste_code, True, mode, "") is None} == takes


def test_pathological_waste_in_steam_names_the_standard():
    problem = fit_problem(C.PATHOLOGICAL.waste_code, True, M.Y11, "A")
    assert problem.basis.startswith("HJ 276")


@given(st.sampled_from(TreatmentMode))
def test_a_medical_process_is_for_medical_waste_only(mode):
    assert (fit_problem(SPENT_OIL, False, mode, "") is not None) is (mode in MEDICAL_MODES)


def test_a_licence_holds_on_its_last_day_and_not_after():
    ending = [paper(M.Y10, until=DAY)]
    assert (found([box()], licences=ending), found([box()], licences=ending, day=date(2026, 11, 24))) == (
        [],
        ["papers.licence_expired"],
    )


def test_a_process_outside_the_licence_is_refused():
    assert found([box()], M.Y11) == ["papers.licence_mode"]


def test_waste_outside_the_scope_is_refused():
    assert found([box(SPENT_OIL)], M.D10, licences=[paper(M.D10)]) == ["papers.licence_scope"]


def test_scope_of_one_licence_does_not_lend_itself_to_the_mode_of_another():
    licences = [paper(M.D10, scope=("HW01",)), paper(M.R9, scope=("HW08",))]
    assert found([box(SPENT_OIL)], M.D10, licences=licences) == ["papers.licence_scope"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"state": State.TREATED}, "container.treat_when_treated"),
        ({"state": State.LOADED}, "container.treat_when_loaded"),
        ({"here": False}, "batch.elsewhere"),
        ({"on_manifest": True}, "label.on_manifest"),
    ],
)
def test_only_what_stands_here_is_treated(given, code):
    assert found([box(**given)]) == [code]


def test_everything_that_is_wrong_is_said_at_once():
    wrong = found([box(state=State.TREATED), box(SPENT_OIL)], M.Y11, store=FacilityKind.WAREHOUSE)
    assert wrong == [
        "batch.store", "container.treat_when_treated", "papers.licence_mode", "papers.licence_scope",
        "batch.only_medical",
    ]  # fmt: skip


def test_every_reason_of_the_papers_stands_at_a_field_of_the_batch():
    wrong = against([box(), box(SPENT_OIL)], M.Y11, day=date(2031, 1, 1))
    assert {(problem.code, problem.field) for problem in wrong} == {
        ("papers.licence_expired", "mode"), ("papers.licence_mode", "mode"),
        ("papers.licence_scope", "container_ids"), ("batch.only_medical", "mode"),
    }  # fmt: skip


def test_medical_and_other_waste_in_one_batch_are_judged_each_for_itself():
    both = paper(M.Y10, M.D10, scope=("HW01", "HW08"))
    assert found([box(), box(SPENT_OIL)], M.D10, licences=[both]) == []
    assert found([box(), box(SPENT_OIL)], M.Y10, licences=[both]) == ["batch.only_medical"]


def test_a_suspended_plant_treats_what_it_has():
    assert found([box()], active=False) == []


def test_nothing_is_treated_under_a_licence_for_collecting():
    collecting = paper(M.Y10, collecting_only=True)
    assert found([box()], licences=[collecting]) == ["papers.collecting_only"]
    assert modes_in_force([collecting], DAY) == []


def test_an_exemption_for_point_to_point_use_is_for_its_source_alone():
    own, exempt = paper(M.Y10), paper(M.R9, scope=("HW08",), only_from="factory")
    oil = [box(SPENT_OIL, code="A", source="factory"), box(SPENT_OIL, code="B", source="another")]
    assert found(oil[:1], M.R9, licences=[own, exempt]) == []
    assert found(oil[1:], M.R9, licences=[own, exempt]) == ["papers.licence_mode", "papers.licence_scope"]
    named = against(oil, M.R9, licences=[own, exempt])[-1].facts["codes"]
    assert named.names == ("B",)


def test_what_is_treated_has_counted_on_the_year_when_it_was_signed_for():
    full = paper(M.Y10, yearly_g=1)
    assert found([box() for _ in range(3)], licences=[full]) == []


def test_a_batch_of_nothing_is_refused():
    assert found([]) == ["batch.empty"]


def test_the_processes_offered_are_those_of_the_licences_in_force():
    licences = [paper(M.D10, M.Y10), paper(M.Y11, until=date(2026, 1, 1))]
    assert modes_in_force(licences, DAY) == [M.D10, M.Y10]


def test_batches_are_numbered_by_the_day():
    assert [batch_number(DAY, serial) for serial in (1, 999, 1000)] == [
        "20261123-001",
        "20261123-999",
        "20261123-1000",
    ]


def test_there_is_no_batch_before_the_first():
    with pytest.raises(ValueError, match="number 1"):
        batch_number(DAY, 0)
