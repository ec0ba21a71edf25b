"""Deadlines in working days, after the notices of the State Council."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.problems import Refusal
from wastetrack.domain.working_days import Calendar, CalendarStatus, DayException, Deadline

OFF, MAKE_UP = DayException(works=False), DayException(works=True)
NATIONAL_DAY_2026 = {date(2026, 10, day): OFF for day in range(1, 8)}
AUTUMN = {date(2026, 9, 20): MAKE_UP, date(2026, 9, 25): OFF, date(2026, 10, 10): MAKE_UP}
NEW_YEAR_2027 = {date(2027, 1, 1): DayException(works=False, status=CalendarStatus.ESTIMATE)}
CALENDAR = Calendar(NATIONAL_DAY_2026 | AUTUMN | NEW_YEAR_2027)
starts = st.dates(date(2026, 1, 1), date(2026, 11, 1))
counts = st.integers(1, 30)


def test_the_day_of_the_event_is_not_counted():
    monday = date(2026, 11, 23)
    assert CALENDAR.add_working_days(monday, 1).day == date(2026, 11, 24)


def test_five_working_days_from_a_monday_end_on_the_next_monday():
    assert CALENDAR.add_working_days(date(2026, 11, 23), 5) == Deadline(date(2026, 11, 30), provisional=False)


def test_a_holiday_week_and_its_make_up_saturday_are_counted_as_the_notice_says():
    assert CALENDAR.add_working_days(date(2026, 9, 30), 3).day == date(2026, 10, 10)


def test_a_make_up_sunday_is_a_working_day():
    assert CALENDAR.is_working(date(2026, 9, 20))


def test_an_event_on_a_rest_day_starts_counting_on_the_next_working_day():
    assert CALENDAR.add_working_days(date(2026, 11, 21), 1).day == date(2026, 11, 23)


def test_a_deadline_ends_at_midnight_in_china():
    assert CALENDAR.add_working_days(date(2026, 11, 23), 5).ends_at == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_a_deadline_that_rests_on_an_estimated_year_is_provisional():
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == Deadline(date(2026, 12, 31), provisional=False)
    assert CALENDAR.add_working_days(date(2026, 12, 30), 2) == Deadline(date(2027, 1, 4), provisional=True)


def test_a_year_that_was_not_imported_is_refused():
    with pytest.raises(Refusal) as refused:
        CALENDAR.add_working_days(date(2027, 12, 30), 5)
    assert refused.value.problems[0].facts == {"year": "2028"}


def test_a_period_of_days_that_ends_on_a_rest_day_moves_on():
    assert CALENDAR.add_calendar_days(date(2026, 9, 28), 3).day == date(2026, 10, 8)
    assert CALENDAR.add_calendar_days(date(2026, 11, 23), 3).day == date(2026, 11, 26)


def test_a_period_of_days_that_ends_in_an_estimated_year_is_provisional():
    assert CALENDAR.add_calendar_days(date(2026, 12, 31), 1) == Deadline(date(2027, 1, 4), provisional=True)
    assert CALENDAR.add_calendar_days(date(2026, 12, 31), 4) == Deadline(date(2027, 1, 4), provisional=True)


@pytest.mark.parametrize("count", [0, -1])
def test_a_period_without_days_is_a_mistake_of_the_caller(count: int):
    with pytest.raises(ValueError, match="at least one day"):
        CALENDAR.add_working_days(date(2026, 11, 23), count)
    with pytest.raises(ValueError, match="at least one day"):
        CALENDAR.add_calendar_days(date(2026, 11, 23), count)


@given(starts, counts)
def test_a_deadline_is_a_working_day_and_exactly_so_many_have_passed(start: date, count: int):
    deadline = CALENDAR.add_working_days(start, count)
    assert CALENDAR.is_working(deadline.day)
    passed = [start + timedelta(days=days) for days in range(1, (deadline.day - start).days + 1)]
    assert sum(CALENDAR.is_working(day) for day in passed) == count


@given(starts, counts, counts)
def test_counting_on_from_a_deadline_is_counting_both_at_once(start: date, first: int, second: int):
    halfway = CALENDAR.add_working_days(start, first).day
    assert CALENDAR.add_working_days(halfway, second).day == CALENDAR.add_working_days(start, first + second).day
