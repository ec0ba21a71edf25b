"""Cleaning after medical waste: within 24 hours, and only a cleaning after the use counts."""

from datetime import UTC, datetime, timedelta

import pytest

from wastetrack.domain.cleaning import clean_by, cleaning_problems, is_late

USED = datetime(2026, 11, 23, 4, 0, 30, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=24)
NOW = USED + DAY


@pytest.mark.parametrize(
    ("now", "late"), [(USED, False), (USED + DAY - SECOND, False), (USED + DAY, True), (USED + DAY + SECOND, True)]
)
def test_it_is_late_from_the_twenty_fourth_hour_on(now, late):
    assert is_late(USED, now) is late
    assert not is_late(None, now)
    assert clean_by(USED) == USED + DAY


@pytest.mark.parametrize(
    ("at", "used", "last", "codes"),
    [
        (NOW, USED, None, []),
        (NOW + SECOND, USED, None, ["cleaning.ahead"]),
        (USED, USED, None, []),
        (USED - 30 * SECOND, USED, None, []),
        (USED - MINUTE, USED, None, ["cleaning.before_use"]),
        (USED - MINUTE, None, None, []),
        (USED, None, USED, []),
        (USED - SECOND, None, USED, ["cleaning.older"]),
        (USED + SECOND, USED, USED - DAY, []),
    ],
)
def test_which_moment_of_a_cleaning_is_believed(at, used, last, codes):
    assert [problem.code for problem in cleaning_problems(at, used, last, NOW)] == codes
