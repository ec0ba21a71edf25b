"""The yearly management plan: filed in time, and not exceeded."""

from datetime import UTC, date, datetime

import pytest

from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.plans import (
    Line,
    PlanState,
    Shipped,
    files_plan,
    is_asked_for_plan,
    late_from,
    next_plan,
    plan_problems,
    plan_state,
    plan_warnings,
    used,
)

CODE = "900-214-08"
LINES = [Line(CODE, "plant", 1000), Line(CODE, "", 500)]


def judged(gone: int, load: int, receiver: str = "plant") -> list[str]:
    shipped = [Shipped(CODE, "plant", gone)]
    asked = (LINES, shipped, {CODE: load}, receiver, "处置中心")
    return [problem.code for problem in plan_problems(*asked) + plan_warnings(*asked)]


@pytest.mark.parametrize(
    ("filed", "day", "state"),
    [
        (True, date(2026, 12, 1), PlanState.FILED),
        (False, date(2026, 3, 31), PlanState.DUE),
        (False, date(2026, 4, 1), PlanState.OVERDUE),
    ],
)
def test_a_plan_is_filed_by_the_end_of_march(filed: bool, day: date, state: PlanState) -> None:
    assert plan_state(filed, 2026, day) is state


def test_a_plan_is_late_when_the_last_of_march_has_ended_in_china_be_it_a_rest_day_or_not() -> None:
    assert late_from(2027) == datetime(2027, 3, 31, 16, tzinfo=UTC)
    assert date(2029, 3, 31).isoweekday() == 6
    assert late_from(2029) == datetime(2029, 3, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("produced_on", "last_filed", "year"),
    [
        (date(2026, 3, 31), None, 2026),
        (date(2026, 4, 1), None, 2027),
        (date(2026, 1, 1), None, 2026),
        (date(2026, 1, 1), 2025, 2026),
        (date(2026, 1, 1), 2026, 2027),
        (date(2026, 4, 1), 2026, 2027),
        (date(2026, 1, 1), 2028, 2029),
        (date(2024, 1, 1), 2023, 2024),
    ],
)
def test_of_which_year_a_plan_is_due_next(produced_on: date, last_filed: int | None, year: int) -> None:
    assert next_plan(produced_on, last_filed) == year


@pytest.mark.parametrize(
    ("kinds", "beds", "asked", "small_too"),
    [
        ("hospital", 20, True, True),
        ("hospital", 19, False, True),
        ("clinic", None, False, True),
        ("clinic", 0, False, True),
        ("enterprise", None, True, True),
        ("laboratory", None, True, True),
        ("clinic enterprise", 0, True, True),
        ("clinic station", 0, False, True),
        ("carrier", None, False, False),
        ("disposer station", 500, False, False),
    ],
)
def test_whose_missing_plan_is_an_alarm(kinds: str, beds: int | None, asked: bool, small_too: bool) -> None:
    of = {OrganisationKind(kind) for kind in kinds.split()}  # type: ignore[call-arg]
    assert is_asked_for_plan(of, beds, small_too=False) is asked
    assert is_asked_for_plan(of, beds, small_too=True) is small_too


def test_who_only_collects_carries_or_treats_files_none() -> None:
    k = OrganisationKind
    assert {kind for kind in k if files_plan({kind})} == {k.HOSPITAL, k.CLINIC, k.ENTERPRISE, k.LABORATORY}


@pytest.mark.parametrize(
    ("gone", "load", "codes"),
    [
        (0, 1349, []),
        (0, 1350, ["plan.nearly_used"]),
        (1000, 500, ["plan.nearly_used"]),
        (1000, 501, ["plan.beyond_plan"]),
    ],
)
def test_no_more_leaves_than_is_planned(gone: int, load: int, codes: list[str]) -> None:
    assert judged(gone, load) == codes


def test_another_receiver_has_what_is_planned_for_any() -> None:
    assert judged(0, 449, "another") == []
    assert judged(0, 501, "another") == ["plan.beyond_plan"]


def test_waste_that_is_not_planned_does_not_leave() -> None:
    (problem,) = plan_problems(LINES, [], {"900-249-08": 1}, "plant", "处置中心")
    assert (problem.code, problem.field) == ("plan.not_planned", "receiver_id")
    assert problem.basis


def test_what_exceeds_the_plan_is_seen() -> None:
    assert used(LINES, [Shipped(CODE, "plant", 1700)]) == [1000, 700]
