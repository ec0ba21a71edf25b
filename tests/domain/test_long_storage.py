"""Storage limits of a year and of ninety working days, to the very moment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from wastetrack.domain.alerts import Limit, Severity, legal_basis, severity, warn_before
from wastetrack.domain.long_storage import handed_on_by, year_ends, year_limit
from wastetrack.domain.times import end_of_day, start_of_day
from wastetrack.domain.working_days import Calendar

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("entered", "last"),
    [
        (start_of_day(date(2026, 11, 23)), date(2027, 11, 23)),
        (end_of_day(date(2026, 11, 23)) - SECOND, date(2027, 11, 23)),
        (end_of_day(date(2026, 11, 23)), date(2027, 11, 24)),
        (start_of_day(date(2026, 12, 31)), date(2027, 12, 31)),
        (start_of_day(date(2028, 2, 29)), date(2029, 2, 28)),
    ],
)
def test_a_year_ends_with_the_same_date_of_the_next(entered, last):
    assert year_ends(entered) == end_of_day(last)


def test_who_is_licensed_has_a_limit_and_who_is_not_advice():
    assert (year_limit(licensed=True), year_limit(licensed=False)) == (Limit.LICENSED_YEAR, Limit.ADVISED_YEAR)
    now = datetime(2027, 1, 1, tzinfo=UTC)
    assert severity(now, now, Limit.LICENSED_YEAR) is Severity.ALARM
    assert severity(now, now, Limit.ADVISED_YEAR) is Severity.WARN


def test_the_basis_of_a_year_turns_with_the_law():
    assert legal_basis(Limit.LICENSED_YEAR, date(2026, 8, 14)) == ("Solid Waste Law 2020, Art. 81",)
    assert legal_basis(Limit.LICENSED_YEAR, date(2026, 8, 15)) == ("Ecological Environment Code, Art. 535 (3)",)
    assert len(legal_basis(Limit.ADVISED_YEAR, date(2026, 8, 15))) == 1


def test_ninety_working_days_never_end_earlier_than_eighteen_weeks():
    friday = start_of_day(date(2026, 11, 20))
    assert handed_on_by(friday, Calendar({})) == end_of_day(date(2026, 11, 20) + timedelta(weeks=18))


def test_how_long_before_each_is_said_to_come():
    assert [warn_before(one).days for one in (Limit.LICENSED_YEAR, Limit.ADVISED_YEAR, Limit.COLLECTED)] == [60, 30, 21]
    assert warn_before(Limit.INSTITUTION_TIME) == timedelta(hours=12)
