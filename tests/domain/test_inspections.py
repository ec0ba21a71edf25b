"""When a remedy is overdue, which steps a finding takes, who may withdraw an inspection."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.inspections import (
    CLOCKS_DIFFER,
    LATEST_ENTRY,
    UNSETTLED,
    FindingState,
    Remedy,
    Step,
    answer_problems,
    days_overdue,
    decision_problems,
    finding_count_problems,
    may_withdraw,
    moved,
    remedy_problems,
    visit_problems,
)

DUE = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""24:00 in China of the day by which it was to be put right."""
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
S = FindingState


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (MIDNIGHT - timedelta(microseconds=1), 0),
        (MIDNIGHT, 1),
        (MIDNIGHT + timedelta(days=1, microseconds=-1), 1),
        (MIDNIGHT + timedelta(days=1), 2),
    ],
)
def test_a_remedy_is_overdue_from_the_midnight_in_china_that_ends_its_day(now: datetime, days: int) -> None:
    assert days_overdue(S.OPEN, DUE, now) == days_overdue(S.SENT_BACK, DUE, now) == days


@pytest.mark.parametrize("state", [S.ANSWERED, S.CONFIRMED, S.ON_THE_SPOT])
def test_what_the_organisation_has_done_is_not_overdue(state: FindingState) -> None:
    assert days_overdue(state, DUE, MIDNIGHT + timedelta(days=90)) == 0


@given(st.lists(st.sampled_from(Step), max_size=8))
def test_whatever_is_done_a_finding_ends_confirmed_or_waits_for_somebody(steps: list[Step]) -> None:
    state = S.OPEN
    for step in steps:
        was, state = state, moved(step, state) or state
        assert was is not S.CONFIRMED or state is S.CONFIRMED
        assert state in UNSETTLED | {S.CONFIRMED}
    assert moved(Step.SEND_BACK, S.OPEN) is moved(Step.ANSWER, S.ANSWERED) is moved(Step.CONFIRM, S.ON_THE_SPOT) is None


def test_a_finding_asks_for_a_day_or_was_put_right_on_the_spot() -> None:
    day = NOW.date()
    for remedy in (Remedy(None, on_the_spot=False), Remedy(day, on_the_spot=True)):
        assert [one.field for one in remedy_problems("findings.3", remedy, day, day)] == ["findings.3.due_on"]
    assert remedy_problems("f", Remedy(day, on_the_spot=False), day, day) == []
    assert remedy_problems("f", Remedy(None, on_the_spot=True), day, day) == []
    assert remedy_problems("f", Remedy(day - timedelta(days=1), on_the_spot=False), day, day)
    assert remedy_problems("f", Remedy(day + timedelta(days=366), on_the_spot=False), day, day) == []
    assert remedy_problems("f", Remedy(day + timedelta(days=367), on_the_spot=False), day, day)


def test_an_inspection_is_neither_to_come_nor_long_ago() -> None:
    for moment in (NOW + CLOCKS_DIFFER, NOW - LATEST_ENTRY):
        assert visit_problems(moment, NOW) == []
    for moment in (NOW + CLOCKS_DIFFER + timedelta(seconds=1), NOW - LATEST_ENTRY - timedelta(seconds=1)):
        assert [one.field for one in visit_problems(moment, NOW)] == ["inspected_at"]


@pytest.mark.parametrize(
    ("count", "nothing", "field"),
    [(0, True, None), (2, False, None), (0, False, "findings.0.kind"), (1, True, "nothing_found")],
)
def test_nothing_found_is_said_and_not_left_open(count: int, nothing: bool, field: str | None) -> None:
    assert [one.field for one in finding_count_problems(count, nothing_found=nothing)] == ([field] if field else [])


def test_an_answer_names_a_day_between_the_inspection_and_today() -> None:
    first, today = DUE, DUE + timedelta(days=3)
    assert answer_problems(first, first, today) == answer_problems(today, first, today) == []
    assert answer_problems(first - timedelta(days=1), first, today)
    assert answer_problems(today + timedelta(days=1), first, today)


def test_who_sends_back_says_why_and_who_confirms_unasked_says_what_he_saw() -> None:
    def fields(*given: object) -> list[str | None]:
        return [one.field for one in decision_problems(*given, DUE)]  # type: ignore[arg-type]

    assert fields(Step.CONFIRM, S.ANSWERED, "", None) == []
    assert fields(Step.CONFIRM, S.OPEN, "", None) == ["words"]
    assert fields(Step.CONFIRM, S.OPEN, "看过", None) == []
    assert fields(Step.SEND_BACK, S.ANSWERED, "", DUE - timedelta(days=1)) == ["words", "due_on"]
    assert fields(Step.SEND_BACK, S.ANSWERED, "未改", DUE) == []


@pytest.mark.parametrize(
    ("own", "paths", "allowed"),
    [
        (True, ("/130000/130100/130123/",), True),
        (False, ("/130000/130100/130123/",), False),
        (False, ("/130000/130100/",), True),
        (False, ("/130000/130200/", "/130000/"), True),
        (False, ("/130000/130100/130123/130123100/",), False),
    ],
)
def test_who_made_it_or_a_region_above_withdraws(own: bool, paths: tuple[str, ...], allowed: bool) -> None:
    assert may_withdraw(is_own=own, own_paths=paths, makers_path="/130000/130100/130123/") is allowed
