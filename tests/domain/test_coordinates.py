"""Coordinates as people write them, and an industry's code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.coordinates import LATITUDES, LONGITUDES, coordinate_problems, degrees, parse_degrees
from wastetrack.domain.industry import parse_industry
from wastetrack.domain.problems import Refusal

HERE = (38_042_307, 114_514_860)


@pytest.mark.parametrize(
    "typed",
    ["38.042307", " 38.042307° ", "N38.042307", "38.0423070N", "３８．０４２３０７", "38,042307", "北38.0423074"],
)
def test_a_coordinate_is_read_as_it_is_written(typed: str) -> None:
    assert parse_degrees(typed) == HERE[0]


@pytest.mark.parametrize("typed", ["", "38°02′34″", "-38.04", "38.04S", "W114.5", "N38.04N", "1e2", "38.", "abc", "٣٨"])
def test_what_is_no_coordinate_is_said(typed: str) -> None:
    with pytest.raises(Refusal):
        parse_degrees(typed)


@given(st.integers(*LATITUDES), st.integers(*LONGITUDES))
def test_what_is_kept_is_what_is_shown(latitude: int, longitude: int) -> None:
    assert (parse_degrees(degrees(latitude)), parse_degrees(degrees(longitude))) == (latitude, longitude)
    assert coordinate_problems(latitude, longitude) == []


def codes(latitude: int | None, longitude: int | None) -> list[tuple[str, str | None]]:
    return [(one.code.partition(".")[2], one.field) for one in coordinate_problems(latitude, longitude)]


def test_one_of_the_two_is_not_enough() -> None:
    assert codes(HERE[0], None) == [("both", "longitude_e6")]
    assert codes(None, HERE[1]) == [("both", "latitude_e6")]


def test_swapped_ones_get_one_sentence_and_others_each_its_own() -> None:
    assert codes(HERE[1], HERE[0]) == [("swapped", "latitude_e6")]
    assert codes(LATITUDES[0] - 1, LONGITUDES[1] + 1) == [("outside", "latitude_e6"), ("outside", "longitude_e6")]
    assert codes(LATITUDES[1], LONGITUDES[0]) == []


@pytest.mark.parametrize("typed", ["Q8411", "q 8411", "Q84", "Ｃ2710"])
def test_an_industry_code_is_read(typed: str) -> None:
    assert parse_industry(typed)[0] in "QC"


@pytest.mark.parametrize("typed", ["8411", "U8411", "Q8", "Q84110", "医院"])
def test_what_is_no_industry_code_is_said(typed: str) -> None:
    with pytest.raises(Refusal):
        parse_industry(typed)
