"""Supervision paths and what they cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.regions import Level, Place, codes_in, covers, path_range, supervision_paths

PLACES = {
    "130682001": Place("130682"),
    "130682": Place("130600", supervised_by="130000"),
    "130000": Place(None),
    "130600": Place("130000"),
    "13XA00": Place("130000"),
    "130638": Place("130600", supervised_by="13XA00"),
    "130602": Place("130600"),
}


def test_a_path_names_every_division_from_the_province_down() -> None:
    assert supervision_paths(PLACES)["130602"] == "/130000/130600/130602/"


def test_dingzhou_and_its_towns_are_outside_baoding() -> None:
    paths = supervision_paths(PLACES)
    assert paths["130682001"] == "/130000/130682/130682001/"
    assert not covers(paths["130600"], paths["130682001"])


def test_xiong_county_is_under_xiongan_and_not_under_baoding() -> None:
    paths = supervision_paths(PLACES)
    assert covers(paths["13XA00"], paths["130638"])
    assert not covers(paths["130600"], paths["130638"])


def test_the_province_covers_them_all() -> None:
    paths = supervision_paths(PLACES)
    assert all(covers(paths["130000"], path) for path in paths.values())


def test_a_division_does_not_cover_a_longer_code_that_begins_alike() -> None:
    assert not covers("/130000/1301/", "/130000/130100/")


@pytest.mark.parametrize("scope", ["", "/"])
def test_an_empty_scope_covers_nothing(scope: str) -> None:
    assert not covers(scope, "/130000/")


def test_a_division_above_itself_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="above itself"):
        supervision_paths({"1": Place("2"), "2": Place("1")})


def test_a_division_under_an_unknown_one_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="9 is unknown, named by 1"):
        supervision_paths({"1": Place("9")})


def test_levels_go_down_from_the_province() -> None:
    assert [level.depth for level in Level] == [1, 2, 3, 4, 5]


CODES = st.text("0123456789XA", min_size=1, max_size=3)
PATHS = st.lists(CODES, min_size=1, max_size=4).map(lambda codes: f"/{'/'.join(codes)}/")


@given(scope=PATHS, path=PATHS)
def test_the_range_holds_exactly_what_is_covered(scope: str, path: str) -> None:
    lower, upper = path_range(scope)
    assert (lower <= path < upper) == covers(scope, path)


@given(scope=PATHS, below=PATHS)
def test_what_lies_below_is_covered(scope: str, below: str) -> None:
    path = scope + below[1:]
    assert covers(scope, path)
    assert codes_in(path) == codes_in(scope) + codes_in(below)
