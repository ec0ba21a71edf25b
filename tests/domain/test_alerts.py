"""How an alert lives: every case of the table, and what holds for any course of events."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.alerts import (
    CLEARED_BY,
    SENTENCES,
    Course,
    Limit,
    Severity,
    Stock,
    course,
    legal_basis,
    severity,
    warn_before,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BEFORE, AFTER, LATER = NOW - TICK, NOW + TICK, NOW + 2 * TICK

MOMENTS = st.one_of(st.none(), st.integers(-3, 3).map(lambda ticks: NOW + ticks * TICK))


@pytest.mark.parametrize(
    ("live", "wanted", "then"),
    [
        (None, None, Course.NOTHING),
        (None, BEFORE, Course.BEGIN),
        (None, NOW, Course.BEGIN),
        (None, AFTER, Course.BEGIN),
        (BEFORE, None, Course.CLEAR),
        (NOW, None, Course.CLEAR),
        (AFTER, None, Course.FORGET),
        (BEFORE, BEFORE, Course.NOTHING),
        (BEFORE, NOW, Course.NOTHING),
        (NOW, BEFORE, Course.NOTHING),
        (BEFORE, AFTER, Course.RENEW),
        (NOW, AFTER, Course.RENEW),
        (AFTER, AFTER, Course.NOTHING),
        (AFTER, LATER, Course.SHIFT),
        (AFTER, NOW, Course.SHIFT),
        (AFTER, BEFORE, Course.SHIFT),
    ],
)
def test_the_table(live, wanted, then):
    assert course(live, wanted, NOW) is then


def applied(live, wanted):
    """Return the threshold of the live alert after one look, and whether one in force has cleared."""
    what = course(live, wanted, NOW)
    if what in {Course.BEGIN, Course.SHIFT, Course.RENEW}:
        return wanted, what is Course.RENEW
    return (live, False) if what is Course.NOTHING else (None, what is Course.CLEAR)


@given(MOMENTS, MOMENTS)
def test_after_a_look_something_is_in_force_exactly_when_the_cause_has_crossed_its_limit(live, wanted):
    after, _ended = applied(live, wanted)
    assert (after is not None and after <= NOW) == (wanted is not None and wanted <= NOW)


@given(MOMENTS, MOMENTS)
def test_what_waits_after_a_look_waits_for_the_moment_of_the_cause(live, wanted):
    after, _ended = applied(live, wanted)
    assert after is None or after <= NOW or after == wanted


@given(MOMENTS, MOMENTS)
def test_a_second_look_at_the_same_cause_changes_nothing(live, wanted):
    after, _ended = applied(live, wanted)
    assert course(after, wanted, NOW) is Course.NOTHING


@given(MOMENTS, MOMENTS)
def test_an_alert_clears_only_when_it_was_in_force_and_its_cause_no_longer_is(live, wanted):
    _after, ended = applied(live, wanted)
    in_force, lasts = live is not None and live <= NOW, wanted is not None and wanted <= NOW
    assert ended == (in_force and not lasts)


@pytest.mark.parametrize(
    ("mass", "count", "above"),
    [(500, 10, False), (501, 10, True), (500, 11, True), (0, 0, False)],
)
def test_exactly_the_limit_is_not_above_it(mass, count, above):
    assert Stock(mass, count, 2000, 500, 10, 2000).above is above


def test_a_store_without_limits_is_never_above_them():
    assert not Stock(10**12, 10**6, 10**9, None, None, None).above


@pytest.mark.parametrize(("threshold", "how"), [(BEFORE, "alarm"), (NOW, "alarm"), (AFTER, "warn")])
def test_it_is_an_alarm_from_its_threshold_on_and_a_warning_before(threshold, how):
    assert severity(threshold, NOW) is Severity(how)


@pytest.mark.parametrize("limit", Limit)
def test_every_limit_says_what_is_wrong_what_ends_it_and_on_what_basis(limit):
    assert SENTENCES[limit]
    assert CLEARED_BY[limit]
    assert legal_basis(limit, NOW.date())


def test_the_law_behind_a_quantity_limit_is_the_one_in_force_on_the_day():
    assert "Solid Waste Law 2020, Art. 79" in legal_basis(Limit.CAPACITY, date(2026, 8, 14))
    assert "Ecological Environment Code, Art. 533" in legal_basis(Limit.CAPACITY, date(2026, 8, 15))


@pytest.mark.parametrize(("litres", "above"), [(1999, False), (2000, False), (2001, True)])
def test_a_store_is_too_full_from_the_first_litre_above(litres, above):
    assert Stock(0, 0, litres, None, None, 2000).above is above


@pytest.mark.parametrize("limit", Limit)
def test_it_is_said_beforehand_as_the_rule_has_it(limit):
    otherwise = {
        Limit.CLEANING: timedelta(hours=6),
        Limit.PLAN: timedelta(days=31),
        Limit.LICENSED_YEAR: timedelta(days=60),
        Limit.ADVISED_YEAR: timedelta(days=30),
        Limit.COLLECTED: timedelta(days=21),
    }
    assert warn_before(limit) == otherwise.get(limit, timedelta(hours=12))


def test_a_plan_rests_on_the_law_of_its_day():
    assert legal_basis(Limit.PLAN, date(2026, 4, 1))[1] == "Solid Waste Law 2020, Art. 78"
    assert legal_basis(Limit.PLAN, date(2027, 4, 1))[1] == "Ecological Environment Code, Art. 532"
    assert legal_basis(Limit.CLEANING, date(2026, 4, 1)) == ("GB 39707-2020, 5.5.2",)
