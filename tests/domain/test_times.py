"""Time is aware, stored in UTC and shown in China."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.times import (
    SHANGHAI,
    end_of_day,
    local,
    local_day,
    require_aware,
    show_deadline,
    show_minute,
    start_of_day,
)

moments = st.integers(700_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_a_moment_is_shown_to_the_minute_in_china():
    assert show_minute(datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)) == "2026-11-24 00:59"


@given(st.dates(date(1992, 1, 1), date(2100, 1, 1)))
def test_the_end_of_a_day_is_shown_as_its_24_00(day: date):
    assert show_deadline(end_of_day(day)) == f"{day} 24:00"


def test_any_other_deadline_is_shown_to_the_minute():
    assert show_deadline(datetime(2026, 11, 23, 16, 1, tzinfo=UTC)) == "2026-11-24 00:01"
    assert show_deadline(datetime(2026, 11, 23, 4, 0, tzinfo=UTC)) == "2026-11-23 12:00"


def test_a_time_without_zone_is_a_mistake():
    with pytest.raises(ValueError, match="zone"):
        require_aware(datetime.fromisoformat("2026-11-23"))


def test_a_time_of_another_zone_becomes_utc():
    tokyo = timezone(timedelta(hours=9))
    assert require_aware(datetime(2026, 11, 23, 9, tzinfo=tokyo)) == datetime(2026, 11, 23, tzinfo=UTC)
    assert require_aware(datetime(2026, 11, 23, 9, tzinfo=tokyo)).tzinfo is UTC


@given(moments)
def test_a_local_time_is_the_same_moment_eight_hours_on(moment: datetime):
    assert local(moment) == moment
    assert local(moment).utcoffset() == timedelta(hours=8)
    assert local(moment).tzinfo is SHANGHAI


@given(moments)
def test_every_moment_lies_in_its_local_day(moment: datetime):
    day = local_day(moment)
    assert start_of_day(day) <= moment < end_of_day(day)


def test_a_day_in_china_ends_at_sixteen_utc():
    assert end_of_day(date(2026, 11, 23)) == datetime(2026, 11, 23, 16, tzinfo=UTC)
