"""A request that nobody decides is overdue once the working days are over, and not a day before."""

from datetime import date, timedelta

from wastetrack.domain.admission import overdue_until

REST = {date(2026, 10, day) for day in range(1, 8)}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in REST


def test_five_working_days_have_to_be_over() -> None:
    monday = date(2026, 11, 9)
    assert overdue_until(works, monday + timedelta(days=7)) == monday - timedelta(days=1)
    assert overdue_until(works, monday + timedelta(days=8)) == monday


def test_a_holiday_does_not_count() -> None:
    asked = date(2026, 9, 29)
    first_overdue = next(
        day for day in (asked + timedelta(days=n) for n in range(40)) if overdue_until(works, day) >= asked
    )
    assert first_overdue == date(2026, 10, 14)


def test_after_one_day_where_the_installation_says_so() -> None:
    assert overdue_until(works, date(2026, 11, 11), 1) == date(2026, 11, 9)
