"""The supervision class at its thresholds, and which document counts on which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.supervision import (
    KEY_FROM_G,
    SIMPLIFIED_FROM_G,
    Decision,
    Facts,
    Ordered,
    Supervision,
    Why,
    decision_problems,
    in_force,
    is_supervised,
    supervision_class,
    treats_itself,
)

KEY, SIMPLIFIED, REGISTRATION = Supervision
DAY = date(2026, 11, 23)


def facts(
    registered: dict[int, int] | None = None, planned: int = 0, own: bool = False, licence: bool = False
) -> Facts:
    return Facts(registered or {}, planned, own, licence)


@pytest.mark.parametrize(
    ("grams", "expected"),
    [
        (0, REGISTRATION),
        (SIMPLIFIED_FROM_G - 1, REGISTRATION),
        (SIMPLIFIED_FROM_G, SIMPLIFIED),
        (KEY_FROM_G - 1, SIMPLIFIED),
        (KEY_FROM_G, KEY),
    ],
)
def test_the_thresholds_are_10_and_100_tonnes(grams: int, expected: Supervision) -> None:
    assert supervision_class(facts({2025: grams})).supervision is expected
    assert supervision_class(facts(planned=grams)).supervision is expected


def test_the_largest_of_the_years_counts_and_is_named() -> None:
    found = supervision_class(facts({2023: 4, 2024: SIMPLIFIED_FROM_G, 2025: 9}))
    assert (found.quantity_g, found.year, found.why) == (SIMPLIFIED_FROM_G, 2024, Why.REGISTERED)


def test_a_plan_counts_only_where_it_is_larger() -> None:
    assert supervision_class(facts({2025: 7}, planned=7)).why is Why.REGISTERED
    found = supervision_class(facts({2025: 7}, planned=8))
    assert (found.quantity_g, found.year, found.why) == (8, None, Why.PLANNED)


def test_a_licence_or_an_own_facility_makes_it_key_whatever_the_quantity() -> None:
    assert supervision_class(facts(licence=True)).supervision is KEY
    found = supervision_class(facts({2025: 1}, own=True))
    assert (found.supervision, found.why, found.quantity_g) == (KEY, Why.OWN_FACILITY, 1)


@given(st.dictionaries(st.integers(2023, 2025), st.integers(1, 10**12)), st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_waste_is_never_supervised_less(years: dict[int, int], planned: int, more: int) -> None:
    order = list(Supervision)
    before = order.index(supervision_class(facts(years, planned)).supervision)
    after = order.index(supervision_class(facts({**years, 2022: more}, planned)).supervision)
    assert after <= before


def test_who_only_carries_has_no_class() -> None:
    carrier = {OrganisationKind.CARRIER}
    assert not is_supervised(carrier, treats_itself=treats_itself(carrier), holds_licence=False)
    assert is_supervised({OrganisationKind.STATION}, treats_itself=False, holds_licence=True)
    assert is_supervised({OrganisationKind.CLINIC}, treats_itself=False, holds_licence=False)
    assert treats_itself({OrganisationKind.DISPOSER})


# --- documents -------------------------------------------------------------------------------------------------------


def of(ordered: Ordered, since: int, until: int | None = None) -> Decision:
    last = None if until is None else DAY + timedelta(days=until)
    return Decision(ordered, DAY + timedelta(days=since), last)


def counts(*latest_first: Decision) -> Decision | None:
    return in_force([(one, one) for one in latest_first], DAY)


def test_a_document_counts_from_its_first_day_to_its_last() -> None:
    for inside in (of(Ordered.KEY, 0), of(Ordered.KEY, 0, 0), of(Ordered.KEY, -9, 0)):
        assert counts(inside) == inside
    for outside in (of(Ordered.KEY, 1), of(Ordered.KEY, -9, -1)):
        assert counts(outside) is None


def test_a_later_one_supersedes_and_nothing_earlier_revives() -> None:
    first = of(Ordered.KEY, -30)
    assert counts(of(Ordered.REGISTRATION, 0), first).ordered is Ordered.REGISTRATION
    assert counts(of(Ordered.REGISTRATION, -20, -10), first) is None
    assert counts(of(Ordered.COMPUTED, 0), first) is None
    assert counts(of(Ordered.COMPUTED, 1), first) == first


def test_the_last_day_does_not_lie_before_the_first() -> None:
    assert decision_problems(DAY, DAY) == decision_problems(DAY, None) == []
    assert [one.field for one in decision_problems(DAY, DAY - timedelta(days=1))] == ["valid_until"]
