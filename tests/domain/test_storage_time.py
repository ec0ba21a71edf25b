"""How long waste may stand: by law, by kind of store, and by a time limit of the store, to the very second."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.alerts import Limit
from wastetrack.domain.parties import FacilityKind, OrganisationKind, Temperature, is_medical_store, store_problems
from wastetrack.domain.storage_time import (
    OWN,
    Deadline,
    LimitState,
    LocalLimit,
    StoreGroup,
    WayStation,
    allowed_besides,
    hours_of,
    kinds_in,
    leaves_institution_by,
    limit_problems,
    limit_state,
    local_limit,
    must_leave,
    next_turn,
)
from wastetrack.domain.storing import may_stand, time_limit
from wastetrack.domain.times import end_of_day, start_of_day

K, H = FacilityKind, timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = date(2026, 11, 25)
EDGE = start_of_day(DAY)
"""00:00 in Shanghai of the day on which the limits here begin."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def leaves(sealed, *local, kind=K.MEDICAL_STORE, now=None, medical=True, temperature=Temperature.AMBIENT, **given):
    return must_leave(
        medical=medical, waste_code=given.get("code", "841-001-01"), kind=kind, temperature=temperature,
        sealed_at=sealed, entered_at=given.get("entered", sealed), local=local, now=now or sealed,
    )  # fmt: skip


def limit(hours, first=DAY, last=None, recorded=LONG_AGO, document=""):
    return LocalLimit(hours, first, last, recorded, document, cited=bool(document))


PAPER = "冀卫〔2026〕1号"


def of_region(level, hours, **given):
    return replace(limit(hours, document=PAPER, **given), level=level)


@pytest.mark.parametrize(
    ("kind", "temperature", "hours", "rule"),
    [
        (K.MEDICAL_STORE, Temperature.AMBIENT, 48, Limit.INSTITUTION_TIME),
        (K.COLD_STORE, Temperature.COLD, 48, Limit.INSTITUTION_TIME),
        (K.STATION_STORE, Temperature.AMBIENT, 48, Limit.INSTITUTION_TIME),
        (K.HUB_STORE, Temperature.COLD, 48, Limit.INSTITUTION_TIME),
        (K.PLANT_STORE, Temperature.AMBIENT, 24, Limit.PLANT_TIME),
        (K.PLANT_STORE, Temperature.COLD, 72, Limit.PLANT_TIME_COLD),
    ],
)
def test_the_law_by_kind_of_store(kind, temperature, hours, rule):
    assert leaves(EDGE, kind=kind, temperature=temperature) == Deadline(EDGE + hours * H, rule)


@pytest.mark.parametrize("kind", [K.WAREHOUSE, K.YARD, K.POOL, K.TANK_FARM, K.STORAGE_POINT, K.PLANT_STORE])
def test_other_waste_has_no_hours_by_law_and_stands_in_these(kind):
    assert leaves(EDGE, kind=kind, medical=False, code="900-249-08") is None
    assert may_stand(False, kind)
    assert may_stand(True, kind) is (kind is K.PLANT_STORE)


def test_only_the_plant_counts_from_receipt():
    assert leaves(EDGE - 30 * H, kind=K.PLANT_STORE, entered=EDGE).at == EDGE + 24 * H
    assert leaves(EDGE - 30 * H, kind=K.COLD_STORE, entered=EDGE).at == EDGE + 18 * H


def test_a_stricter_limit_is_overdue_at_its_very_hours():
    assert leaves(EDGE, limit(24)) == Deadline(EDGE + 24 * H, Limit.LOCAL_TIME)
    assert leaves(EDGE, limit(168, document=PAPER), now=EDGE) == Deadline(EDGE + 168 * H, Limit.LOCAL_TIME)


@pytest.mark.parametrize(
    ("sealed", "at", "rule"),
    [
        # One second before a day is over when the limit begins, exactly then, and one second after.
        (EDGE - 24 * H + SECOND, EDGE + SECOND, Limit.LOCAL_TIME),
        (EDGE - 24 * H, EDGE, Limit.LOCAL_TIME),
        (EDGE - 24 * H - SECOND, EDGE, Limit.LOCAL_TIME),
        # By the law it was overdue before: it stays so, since then, by the law.
        (EDGE - 48 * H + SECOND, EDGE, Limit.LOCAL_TIME),
        (EDGE - 48 * H, EDGE, Limit.LOCAL_TIME),
        (EDGE - 48 * H - SECOND, EDGE - SECOND, Limit.INSTITUTION_TIME),
    ],
)
def test_nothing_is_overdue_by_a_limit_before_it_begins(sealed, at, rule):
    assert leaves(sealed, limit(24), now=sealed) == Deadline(at, rule)
    assert leaves(sealed, limit(24), now=EDGE) == Deadline(at, rule)


def test_a_limit_entered_later_in_the_day_begins_when_it_is_entered():
    noon = EDGE + 12 * H
    assert leaves(EDGE - 20 * H, limit(24, recorded=noon), now=noon).at == noon
    assert local_limit([limit(24, recorded=noon)], noon - SECOND) is None


def test_after_the_last_day_the_law_counts_again():
    short = limit(24, last=DAY)
    sealed = EDGE - 10 * H
    over = EDGE + 24 * H
    assert leaves(sealed, short, now=over - SECOND) == Deadline(sealed + 24 * H, Limit.LOCAL_TIME)
    assert leaves(sealed, short, now=over) == Deadline(sealed + 48 * H, Limit.INSTITUTION_TIME)
    lax = limit(168, last=DAY, document="冀卫〔2026〕1号")
    assert leaves(EDGE - 60 * H, lax, now=EDGE) == Deadline(over, Limit.INSTITUTION_TIME)


def test_of_two_limits_for_one_day_the_later_entered_counts_and_the_law_can_be_put_back():
    first, second, law = limit(24), limit(12), limit(None, first=DAY + timedelta(days=2))
    entered = [first, second, law]
    assert local_limit(entered, EDGE) is second
    assert [limit_state(entered, each, EDGE) for each in entered] == [
        LimitState.ASIDE, LimitState.COUNTS, LimitState.FUTURE,
    ]  # fmt: skip
    assert local_limit(entered, law.begins - SECOND) is second
    assert local_limit(entered, law.begins) is None
    assert limit_state([limit(24, last=DAY)], limit(24, last=DAY), EDGE + 24 * H) is LimitState.OVER


def test_a_limit_binds_all_waste_where_the_law_sets_no_hours_and_not_what_it_exempts():
    assert leaves(EDGE, limit(240), kind=K.WAREHOUSE, medical=False).at == EDGE + 240 * H
    assert leaves(EDGE, limit(24), kind=K.PLANT_STORE, code="841-005-01") is None
    assert leaves(EDGE, limit(24), kind=K.PLANT_STORE, medical=False) is None


def test_the_next_turn_is_the_next_begin_or_end():
    entered = [limit(24, last=DAY), limit(12, first=DAY + timedelta(days=3))]
    turns, now = [], LONG_AGO
    while now := next_turn(entered, now):
        turns.append((now - EDGE) / H)
    assert turns == [0, 24, 72]


def test_which_rule_is_watched_turns_with_the_limit():
    class Store:
        kind, temperature, mass_limit_g, count_limit = K.MEDICAL_STORE, Temperature.AMBIENT, None, None

    assert time_limit(Store(), [limit(24)], EDGE - SECOND) is Limit.INSTITUTION_TIME
    assert time_limit(Store(), [limit(24)], EDGE) is Limit.LOCAL_TIME


HOURS = st.integers(1, 200)
LIMITS = st.lists(
    st.builds(
        LocalLimit,
        st.one_of(st.none(), HOURS),
        st.integers(-3, 3).map(lambda n: DAY + timedelta(days=n)),
        st.one_of(st.none(), st.integers(3, 6).map(lambda n: DAY + timedelta(days=n))),
        st.just(LONG_AGO),
        cited=st.booleans(),
        level=st.sampled_from([1, 2, 3, OWN]),
    ),
    max_size=4,
)


@given(LIMITS, st.integers(-200, 100), st.integers(-200, 300))
def test_overdue_is_to_have_stood_longer_than_what_is_allowed_now(local, sealed_h, later_h):
    sealed = EDGE + sealed_h * H
    now = sealed + abs(later_h) * H
    found = leaves(sealed, *local, now=now)
    own = local_limit(local, now, 48 * H)
    allowed = own.hours * H if own else 48 * H
    assert (found is not None and found.at <= now) is (now - sealed >= allowed)


def test_the_nearer_region_goes_before_the_farther_and_the_store_before_all():
    province, city, county = of_region(1, 36), of_region(2, 72), of_region(3, 24)
    assert leaves(EDGE, province).at == EDGE + 36 * H
    assert leaves(EDGE, city, province).at == EDGE + 72 * H
    assert leaves(EDGE, county, province, city).at == EDGE + 24 * H
    assert leaves(EDGE, county, limit(12)).at == EDGE + 12 * H
    assert leaves(EDGE, county, limit(40, document=PAPER)).at == EDGE + 40 * H


def test_without_a_dated_document_the_nearer_only_makes_it_stricter():
    assert leaves(EDGE, of_region(3, 24), limit(40)).at == EDGE + 24 * H
    assert leaves(EDGE, of_region(3, 168), limit(100)).at == EDGE + 100 * H
    ended = of_region(3, 168, last=DAY)
    assert leaves(EDGE - 60 * H, ended, limit(100), now=EDGE + 24 * H).limit is Limit.INSTITUTION_TIME


def test_a_level_that_is_taken_back_leaves_the_farther_one():
    assert leaves(EDGE, of_region(1, 36), of_region(3, 24), of_region(3, None)).at == EDGE + 36 * H


def test_what_else_is_allowed_is_the_least_of_all_those_days():
    until = end_of_day(DAY + timedelta(days=9))
    assert allowed_besides([], 48 * H, EDGE, until) == 48 * H
    assert allowed_besides([of_region(3, 168)], 48 * H, EDGE, until) == 168 * H
    assert allowed_besides([of_region(3, 168, last=DAY)], 48 * H, EDGE, until) == 48 * H
    assert allowed_besides([of_region(3, 24, first=DAY + timedelta(days=2))], 48 * H, EDGE, until) == 24 * H
    assert allowed_besides([], None, EDGE, until) is None


def test_every_store_is_of_one_group_with_the_hours_of_the_law():
    every = [(kind, warmth) for kind in K for warmth in Temperature]
    grouped = [each for group in StoreGroup for each in kinds_in(group)]
    assert sorted(grouped) == sorted(every)
    assert {group: hours_of(group.allowed) for group in StoreGroup} == {
        StoreGroup.INSTITUTION: 48, StoreGroup.PLANT: 24, StoreGroup.PLANT_COLD: 72, StoreGroup.OTHER: None,
    }  # fmt: skip


def test_the_label_names_the_strictest_store_the_producer_has():
    lax = WayStation(K.MEDICAL_STORE, Temperature.AMBIENT, [limit(168, document=PAPER)])
    strict = WayStation(K.MEDICAL_STORE, Temperature.AMBIENT, [limit(24)])
    by_law = WayStation(K.COLD_STORE, Temperature.COLD)
    drums = WayStation(K.WAREHOUSE, Temperature.AMBIENT, [limit(240)])
    assert leaves_institution_by(True, "841-001-01", EDGE) == EDGE + 48 * H
    assert leaves_institution_by(True, "841-001-01", EDGE, [lax]) == EDGE + 168 * H
    assert leaves_institution_by(True, "841-001-01", EDGE, [lax, by_law]) == EDGE + 48 * H
    assert leaves_institution_by(True, "841-001-01", EDGE, [lax, by_law, strict]) == EDGE + 24 * H
    assert leaves_institution_by(False, "900-249-08", EDGE) is None
    assert leaves_institution_by(False, "900-249-08", EDGE, [drums]) == EDGE + 240 * H


def said(*args, by_law=48 * H):
    return [(p.code, p.field) for p in limit_problems(*args, by_law=by_law, today=DAY)]


def test_more_than_the_law_allows_needs_a_dated_document():
    assert said(48, DAY, None, "", None) == []
    assert said(49, DAY, None, "", None) == [
        ("time_limit.document", "document"), ("time_limit.document_day", "document_day"),
    ]  # fmt: skip
    assert said(49, DAY, None, "冀卫〔2026〕1号", DAY) == []
    assert said(5000, DAY, None, "", None, by_law=None) == []
    assert said(None, DAY, None, "", None) == []


def test_days_that_cannot_be_are_said():
    yesterday, tomorrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    assert said(24, DAY, yesterday, "", None) == [("time_limit.days", "last_day")]
    assert said(24, yesterday, yesterday, "", None) == [("time_limit.past", "last_day")]
    assert said(24, DAY, DAY, "文", tomorrow) == [("time_limit.future", "document_day")]
    assert said(24, yesterday, DAY, "文", DAY) == []


def test_a_cold_store_belongs_to_who_has_medical_waste_before_the_plant():
    for kind in (OrganisationKind.HOSPITAL, OrganisationKind.CLINIC, OrganisationKind.STATION, OrganisationKind.HUB):
        assert store_problems(K.COLD_STORE, {kind}) == []
    assert [p.code for p in store_problems(K.COLD_STORE, {OrganisationKind.DISPOSER})] == ["facility.kind"]


@pytest.mark.parametrize(
    ("scope", "medical"),
    [(["HW01"], True), (["841-001-01", "HW01"], True), (["HW01", "HW08"], False), (["900-249-08"], False), ([], False)],
)
def test_the_store_of_a_plant_is_for_medical_waste_when_its_papers_let_in_nothing_else(scope, medical):
    assert is_medical_store(K.PLANT_STORE, scope) is medical
    assert is_medical_store(K.COLD_STORE)
    assert not is_medical_store(K.YARD, ["HW01"])
