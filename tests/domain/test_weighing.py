"""Reading masses as a careful clerk does."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Refusal
from wastetrack.domain.weighing import MassSource, MassUnit, Weighing, parse_mass

BAG = Grams(50_000)


@pytest.mark.parametrize(
    ("typed", "grams"),
    [
        ("3.42", 3420),
        ("３．４２", 3420),
        ("3。42", 3420),
        (" 3.425 ", 3425),
        ("+3.42", 3420),
        (".5", 500),
        ("3.42kg", 3420),
        ("3.42 KG", 3420),
        ("3.42㎏", 3420),
        ("3.42公斤", 3420),
        ("3.42 千克", 3420),
        ("3420g", 3420),
        ("3420 克", 3420),
        ("0.00342t", 3420),
        ("0.003吨", 3000),
        ("3.42000", 3420),
    ],
)
def test_a_typed_mass_is_read_and_marked_as_typed(typed: str, grams: int):
    assert parse_mass(typed) == Weighing(Grams(grams), MassSource.MANUAL)


@pytest.mark.parametrize(
    "line", ["ST,GS,+  3.42kg", "st,nt,+ 3.420 kg", "ST,+00003.42 kg\r\n", "ST,GS,  3.42", "ＳＴ，ＧＳ，＋3.42kg"]
)
def test_a_line_from_a_settled_scale_is_read_and_marked_so(line: str):
    assert parse_mass(line) == Weighing(Grams(3420), MassSource.SCALE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "mass.missing"),
        ("US,GS,+  3.42kg", "mass.unstable"),
        ("OL,GS,+  9999kg", "mass.overload"),
        ("ST,TR,+  1.00kg", "mass.tare"),
        ("ST,GS,-  3.42kg", "mass.negative"),
        ("ST,GS,+  3,42kg", "mass.comma"),
        ("3,42", "mass.comma"),
        ("1,234.5", "mass.comma"),
        ("3，42", "mass.comma"),
        ("0", "mass.zero"),
        ("-0.00", "mass.zero"),
        ("-3", "mass.negative"),
        ("−3", "mass.negative"),
        ("3.4255", "mass.fine"),
        ("0.5g", "mass.fine"),
        ("50.001", "mass.absurd"),
        ("3420", "mass.absurd"),
        ("3.", "mass.unreadable"),
        ("1e3", "mass.unreadable"),
        ("3.4.2", "mass.unreadable"),
        ("3 4", "mass.unreadable"),
        ("3²", "mass.unreadable"),
        ("٣", "mass.unreadable"),
        ("about 3", "mass.unreadable"),
        ("3 斤", "mass.unreadable"),
        ("NaN", "mass.unreadable"),
        ("9" * 400, "mass.unreadable"),
        ("3.42 kg 4", "mass.unreadable"),
    ],
)
def test_each_way_to_be_wrong_has_its_own_refusal(text: str, code: str):
    with pytest.raises(Refusal, match=f"^{code}$"):
        parse_mass(text, most=BAG)


def test_the_most_that_is_possible_is_still_read():
    assert parse_mass("50", most=BAG).mass == BAG


def test_an_absurd_mass_names_the_bound():
    with pytest.raises(Refusal) as refused:
        parse_mass("51", field="containers.3.mass", most=BAG)
    assert refused.value.problems[0].facts == {"most": BAG}
    assert refused.value.problems[0].field == "containers.3.mass"


@pytest.mark.parametrize(
    ("unit", "grams"), [(MassUnit.GRAM, 3), (MassUnit.KILOGRAM, 3000), (MassUnit.TONNE, 3_000_000)]
)
def test_a_figure_without_unit_is_in_the_unit_asked_for(unit: MassUnit, grams: int):
    assert parse_mass("3", unit).mass == grams


def test_a_written_unit_goes_before_the_unit_asked_for():
    assert parse_mass("3 kg", MassUnit.TONNE).mass == 3000


def test_an_estimate_stays_marked_as_one():
    assert parse_mass("3", typed=MassSource.ESTIMATED).source is MassSource.ESTIMATED


@given(st.integers(1, 60_000_000))
def test_every_mass_survives_being_written_in_any_unit(grams: int):
    for unit, divisor in (("g", 1), ("kg", 1000), ("t", 1_000_000)):
        assert parse_mass(f"{Decimal(grams) / divisor:f} {unit}").mass == grams


@given(st.text("0123456789.,+-kgtSUGNR公斤 ", max_size=12) | st.text())
def test_anything_typed_is_a_positive_mass_or_refused(text: str):
    with suppress(Refusal):
        assert parse_mass(text).mass > 0
