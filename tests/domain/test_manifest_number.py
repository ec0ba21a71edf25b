"""The 14 digits of a manifest (Order 23, Art 15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.manifest_number import (
    build_manifest_number,
    digits_of_departure,
    parse_manifest_number,
)
from wastetrack.domain.problems import Refusal


def test_a_number_is_year_province_city_and_serial():
    assert build_manifest_number(2026, "13", "01", 42) == "20261301000042"


def two_digits(number: int) -> str:
    return f"{number:02d}"


@given(
    st.integers(2000, 2099),
    st.integers(0, 99).map(two_digits),
    st.integers(0, 99).map(two_digits),
    st.integers(1, 999_999),
)
def test_a_number_taken_apart_is_what_it_was_built_of(year: int, province: str, city: str, serial: int):
    number = build_manifest_number(year, province, city, serial)
    assert parse_manifest_number(number) == number
    assert number == f"{year}{province}{city}{serial:06d}"


def test_the_millionth_manifest_of_a_city_is_refused():
    assert build_manifest_number(2026, "13", "01", 999_999).endswith("999999")
    with pytest.raises(Refusal, match=r"^manifest_number\.used_up$"):
        build_manifest_number(2026, "13", "01", 1_000_000)


@pytest.mark.parametrize(
    ("year", "province", "city", "serial"),
    [(1999, "13", "01", 1), (2026, "1", "01", 1), (2026, "13", "1a", 1), (2026, "13", "01", 0)],
)
def test_parts_that_make_no_number_are_a_mistake_of_the_caller(year: int, province: str, city: str, serial: int):
    with pytest.raises(ValueError, match=r"start at 1|20nn"):
        build_manifest_number(year, province, city, serial)


def test_a_number_is_read_as_it_stands_on_paper():
    assert parse_manifest_number(" ２０２６ 1301-000042") == "20261301000042"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "manifest_number.missing"),
        ("2026130100004", "manifest_number.shape"),
        ("202613010000421", "manifest_number.shape"),
        ("19991301000042", "manifest_number.shape"),
        ("2026130100004A", "manifest_number.shape"),
    ],
)
def test_what_is_no_number_is_refused(typed: str, code: str):
    with pytest.raises(Refusal, match=code):
        parse_manifest_number(typed)


OWN = {"130181": "1390", "13XA00": "1331"}


@pytest.mark.parametrize(
    ("above", "city", "digits"),
    [
        (["130000", "130100", "130102"], "130100", "1301"),
        (["130000", "130181", "130181100"], "130100", "1390"),
        (["130000", "13XA00", "130638"], "130600", "1331"),
        (["130000", "130682"], "130600", "1306"),
    ],
)
def test_digits_are_those_of_the_city_unless_a_division_has_its_own(above: list[str], city: str, digits: str):
    assert digits_of_departure(above, city, OWN) == digits
