"""Tanks: level to volume to mass, what may flow, every pair of state and entry, the figures of a day."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain import tanks
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.tanks import (
    TRANSITIONS,
    Change,
    Entry,
    Filling,
    MeterUnit,
    Point,
    Shape,
    TankState,
    Unit,
    Vessel,
)
from wastetrack.domain.waste_codes import WasteCode

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OIL = WasteCode("900-249-08")
BOX = Vessel(Shape.BOX, usable_l=10_000, density_g_l=900, length_mm=2_000, width_mm=2_500)
"""Of five litres a millimetre."""


def codes(problems):
    return [(one.code, one.field) for one in problems]


def refused(do, *given, **more):
    with pytest.raises(Refusal) as caught:
        do(*given, **more)
    return codes(caught.value.problems)


# --- level, volume, mass ---------------------------------------------------------------------------------------------


@st.composite
def tables(draw):
    levels = sorted(draw(st.sets(st.integers(1, 10_000), min_size=1, max_size=12)))
    rises = draw(st.lists(st.integers(0, 5_000), min_size=len(levels) + 1, max_size=len(levels) + 1))
    points, volume = [Point(0, rises[0])], rises[0]
    for level, rise in zip(levels, rises[1:], strict=True):
        volume += rise
        points.append(Point(level, volume))
    return tuple(points)


@st.composite
def vessels(draw):
    shape, size = draw(st.sampled_from(Shape)), st.integers(1, 20_000)
    table = draw(tables())
    return Vessel(
        shape, usable_l=draw(st.integers(1, 10**6)), density_g_l=draw(st.integers(300, 4000)),
        diameter_mm=draw(size), length_mm=draw(size), width_mm=draw(size), calibration=table,
    ), table[-1].level_mm  # fmt: skip


@given(vessels(), st.data())
def test_a_higher_level_never_tells_less(made, data):
    vessel, top = made
    low, high = sorted(data.draw(st.tuples(st.integers(0, top), st.integers(0, top))))
    assert 0 <= vessel.litres_at(low) <= vessel.litres_at(high)
    assert 0 <= vessel.mass_at(low) <= vessel.mass_at(high)


@given(vessels())
def test_a_mass_is_the_volume_times_the_density_to_within_half_a_gram(made):
    vessel, top = made
    assert abs(vessel.mass_at(top) - vessel.litres_at(top) * vessel.density_g_l) <= Fraction(1, 2)


def test_a_table_is_linear_between_its_lines_and_ends_with_its_last():
    vessel = Vessel(Shape.TABLE, 300, 1000, calibration=(Point(0, 10), Point(100, 110), Point(200, 310)))
    assert [vessel.litres_at(level) for level in (0, 50, 100, 150, 200)] == [10, 60, 110, 210, 310]
    assert refused(vessel.mass_at, 201) == [("tank.beyond_table", "level_mm")]


def test_a_cylinder_of_a_metre_holds_its_785_litres():
    vessel = Vessel(Shape.UPRIGHT, 1000, 1000, diameter_mm=1000)
    assert vessel.mass_at(1000) == 785_398


def test_half_a_gram_goes_to_the_even_gram():
    assert [tanks.grams(Fraction(number, 2), 1) for number in (1, 3, 5)] == [0, 2, 2]


# --- setting up ------------------------------------------------------------------------------------------------------


def test_a_table_is_read_as_it_is_pasted_and_every_line_that_cannot_be_is_named():
    assert tanks.calibration_in("0\t0\n100, 250\n\n200 500") == (Point(0, 0), Point(100, 250), Point(200, 500))
    assert refused(tanks.calibration_in, "0 0\nten 20\n30") == [("tank.table_line", "calibration")] * 2
    assert tanks.points_from(tanks.points_kept((Point(0, 0), Point(9, 8)))) == (Point(0, 0), Point(9, 8))


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("0 0\n100 500", []),
        ("0 0", ["tank.table_short"]),
        ("10 0\n100 500", ["tank.table_short"]),
        ("0 0\n100 499", ["tank.table_ends"]),
        ("0 0\n100 300\n100 500", ["tank.table_falls"]),
        ("0 0\n100 300\n200 299\n150 500", ["tank.table_falls"] * 2),
    ],
)
def test_a_table_begins_at_the_bottom_and_rises(table, wrong):
    vessel = Vessel(Shape.TABLE, 500, 1000, calibration=tanks.calibration_in(table))
    assert codes(tanks.vessel_problems(vessel)) == [(one, "calibration") for one in wrong]


def test_each_shape_asks_for_its_own_lengths():
    asked = {shape: codes(tanks.vessel_problems(Vessel(shape, 1, 1000))) for shape in (Shape.UPRIGHT, Shape.BOX)}
    assert asked == {
        Shape.UPRIGHT: [("tank.length", "diameter_mm")],
        Shape.BOX: [("tank.length", "length_mm"), ("tank.length", "width_mm")],
    }


def test_tanks_stand_in_tank_farms_and_pools_of_enterprises_and_disposal_sites():
    for kind in FacilityKind:
        fits = kind in {FacilityKind.TANK_FARM, FacilityKind.POOL}
        assert (tanks.place_problems(kind, {OrganisationKind.ENTERPRISE}) == []) is fits
    for one in OrganisationKind:
        fits = one in {OrganisationKind.ENTERPRISE, OrganisationKind.DISPOSER}
        assert (tanks.place_problems(FacilityKind.POOL, {one}) == []) is fits


def test_medical_waste_is_never_in_a_tank_and_hazards_are_named():
    assert codes(tanks.waste_problems(WasteCode("841-001-01"), ["In"])) == [("tank.medical", "waste")]
    assert codes(tanks.waste_problems(OIL, ())) == [("registration.hazards", "hazards")]
    assert tanks.waste_problems(OIL, ["T"]) == []


def test_another_waste_follows_only_in_an_empty_tank():
    other = WasteCode("900-214-08")
    assert tanks.change_problems(0, before=OIL, waste=other, vessel=BOX) == []
    assert codes(tanks.change_problems(1, before=OIL, waste=other, vessel=BOX)) == [("tank.other_waste", "waste")]
    assert codes(tanks.change_problems(BOX.most + 1, before=OIL, waste=OIL, vessel=BOX)) == [
        ("tank.too_full", "usable_l")
    ]


# --- every pair of state and entry -----------------------------------------------------------------------------------

WHAT_FOLLOWS = {
    TankState.EMPTY: {
        Entry.CHANGED: TankState.EMPTY, Entry.INFLOW: TankState.IN_USE, Entry.LEVEL: TankState.IN_USE,
        Entry.CORRECTION: TankState.IN_USE, Entry.FILLED: TankState.IN_USE, Entry.CLOSED: TankState.CLOSED,
    },
    TankState.IN_USE: {
        Entry.CHANGED: TankState.IN_USE, Entry.INFLOW: TankState.IN_USE, Entry.LEVEL: TankState.IN_USE,
        Entry.OUTFLOW: TankState.IN_USE, Entry.CORRECTION: TankState.IN_USE, Entry.FILLED: TankState.IN_USE,
        Entry.CLEANED: TankState.EMPTY,
    },
    TankState.CLOSED: {},
}  # fmt: skip


@pytest.mark.parametrize("entry", Entry)
@pytest.mark.parametrize("state", TankState)
def test_every_pair_is_a_transition_or_a_named_refusal(state, entry):
    following = WHAT_FOLLOWS[state].get(entry)
    assert ((state, entry) in TRANSITIONS) is (following is not None)
    if following is None:
        assert refused(tanks.after, state, entry, number="TK") == [(f"tank.{entry.value}_when_{state.value}", None)]
    else:
        assert tanks.after(state, entry, number="TK") is following


def test_a_clean_tank_in_which_nothing_is_found_stays_clean():
    assert tanks.after(TankState.EMPTY, Entry.LEVEL, number="TK", holds=False) is TankState.EMPTY
    assert tanks.after(TankState.IN_USE, Entry.LEVEL, number="TK", holds=False) is TankState.IN_USE


# --- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "grams", "millilitres"),
    [
        ("100", Unit.LITRE, 90_000, 100_000),
        ("1.5 m3", Unit.LITRE, 1_350_000, 1_500_000),
        ("1。5", Unit.TONNE, 1_500_000, None),
        ("12.5 kg", Unit.LITRE, 12_500, None),
        ("2吨", Unit.LITRE, 2_000_000, None),
    ],
)
def test_a_quantity_is_read_with_its_unit(text, unit, grams, millilitres):
    read = tanks.quantity(tanks.figure_in(text), unit, 900)
    assert (read.mass, read.volume_ml) == (grams, millilitres)


@pytest.mark.parametrize("text", ["", "-3", "1,5", "3 kilos", "1e9", "NaN", "3.2.1"])
def test_what_can_be_read_in_two_ways_or_none_is_refused(text):
    assert refused(tanks.figure_in, text) == [("tank.unreadable", "amount")]


def test_nothing_flows_by_zero_and_nothing_is_rounded_away():
    assert refused(tanks.quantity, tanks.figure_in("0"), Unit.KILOGRAM, 900) == [("tank.nothing", "amount")]
    assert refused(tanks.quantity, tanks.figure_in("0.0001"), Unit.KILOGRAM, 900) == [("tank.fine", "amount")]


def test_a_counter_counts_what_went_through_and_never_runs_backwards():
    assert tanks.counted(1_000, 3_500, MeterUnit.LITRE, 900).mass == 2_250
    assert tanks.counted(1_000, 3_500, MeterUnit.KILOGRAM, 900).mass == 2_500
    assert tanks.counter_problems(MeterUnit.LITRE, 5, 5) == []
    assert codes(tanks.counter_problems(MeterUnit.LITRE, 5, 4)) == [("tank.counter_back", "counter")]
    assert codes(tanks.counter_problems(MeterUnit.NONE, 0, 4)) == [("tank.no_counter", "counter")]
    assert refused(tanks.counter_at, tanks.figure_in("3 kg"), MeterUnit.LITRE) == [("tank.counter_unit", "counter")]
    assert tanks.counter_at(tanks.figure_in("3 m³"), MeterUnit.LITRE) == 3_000_000


@given(st.integers(0, 9_000_000), st.integers(-9_000_000, 9_000_000))
def test_no_flow_leads_below_nothing_or_above_the_usable_volume(content, change):
    fits = 0 <= content + change <= BOX.most
    assert (tanks.content_problems(content, BOX, change=change, field="amount") == []) is fits


def test_the_moments_of_entries_follow_one_another():
    minute, last = timedelta(minutes=1), NOON - timedelta(hours=1)
    assert tanks.moment_problems(last, last, NOON) == []
    assert codes(tanks.moment_problems(last - timedelta(microseconds=1), last, NOON)) == [("tank.before_last", "at")]
    assert codes(tanks.moment_problems(NOON + 6 * minute, last, NOON)) == [("tank.future", "at")]
    assert tanks.moment_problems(NOON + 6 * minute, NOON + 6 * minute, NOON) == []  # a slow clock beside a quick one
    assert tanks.fitting(None, NOON + minute, NOON) == NOON + minute  # of two at once one comes second
    assert tanks.fitting(last, last + minute / 2, NOON) == last + minute / 2  # typed to the minute
    assert tanks.fitting(last, last + minute, NOON) == last
    assert tanks.fitting(NOON + minute, last, NOON) == NOON


def test_the_quantity_of_a_day_counts_at_its_end_that_of_today_now():
    assert tanks.piped_at(date(2026, 11, 22), NOON) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert tanks.piped_at(date(2026, 11, 23), NOON) == NOON
    assert tanks.piped_at(date(2026, 11, 24), NOON) > NOON


def test_the_limit_is_no_alarm_one_gram_above_is_and_four_fifths_warn():
    assert BOX.high == 8_100_000
    assert [tanks.filling(mass, BOX) for mass in (6_479_999, 6_480_000, 8_100_000, 8_100_001)] == [
        Filling.FINE, Filling.WARN, Filling.WARN, Filling.ALARM,
    ]  # fmt: skip


def test_a_correction_changes_something_and_a_tank_is_empty_before_it_is_cleaned():
    assert codes(tanks.correction_problems(5, 5, BOX)) == [("tank.same", "content")]
    assert tanks.correction_problems(5, 0, BOX) == []
    assert codes(tanks.clean_problems(1)) == [("tank.not_empty", None)]


# --- by the day ------------------------------------------------------------------------------------------------------

FLOWS = (Entry.INFLOW, Entry.OUTFLOW, Entry.LEVEL, Entry.CORRECTION, Entry.FILLED)


@given(
    st.integers(0, 10**7),
    st.lists(st.builds(
        Change, st.dates(date(2026, 11, 1), date(2026, 11, 9)), st.sampled_from(FLOWS), st.integers(-10**6, 10**6)
    )),
)  # fmt: skip
def test_the_days_join_and_their_last_closing_is_the_sum_of_all_entries(opening, changes):
    days = tanks.by_day(opening, changes)
    content = opening
    for one in days:
        assert one.opening_g == content
        content = one.opening_g + one.inflow_g - one.outflow_g + one.corrected_g + one.difference_g
        assert one.closing_g == content
    assert content == opening + sum(one.change_g for one in changes)
    assert [one.day for one in days] == sorted({one.day for one in changes})
