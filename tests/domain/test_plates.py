"""Number plates: read as drivers type them, refused when they cannot exist."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.plates import (
    PROVINCES,
    PlateKind,
    VehicleKind,
    kind_by_plate,
    parse_plate,
    plate_kind,
    plate_problems,
    show_plate,
)
from wastetrack.domain.problems import Refusal


@pytest.mark.parametrize(
    ("plate", "kind"),
    [
        ("冀A12345", PlateKind.ORDINARY),
        ("冀B8C3K9", PlateKind.ORDINARY),
        ("冀AD12345", PlateKind.NEW_ENERGY),
        ("冀FFA1234", PlateKind.NEW_ENERGY),
        ("冀A12345D", PlateKind.NEW_ENERGY),
        ("冀J1234挂", PlateKind.TRAILER),
        ("冀A1234学", PlateKind.COACHING),
        ("冀A1234警", PlateKind.POLICE),
        ("冀X1234应急", PlateKind.EMERGENCY),
        ("粤Z1234港", PlateKind.BORDER),
        ("沪A0023领", PlateKind.CONSULATE),
        ("使014578", PlateKind.EMBASSY),
    ],
)
def test_the_shape_of_a_plate_tells_its_kind(plate: str, kind: PlateKind):
    assert plate_kind(parse_plate(plate)) is kind


@pytest.mark.parametrize(
    "typed", ["冀a12345", "冀A·12345", "冀A．12345", " 冀A 123-45 ", "冀Ａ１２３４５", "冀A•12345"]
)
def test_a_plate_is_read_as_people_type_it(typed: str):
    assert parse_plate(typed) == "冀A12345"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "plate.missing"),
        ("A12345", "plate.province"),
        ("翼A12345", "plate.province"),
        ("冀A1234O", "plate.letter"),
        ("冀I12345", "plate.letter"),
        ("冀O12345", "plate.letter"),
        ("冀A1234", "plate.shape"),
        ("冀112345", "plate.shape"),
        ("冀AL12345", "plate.shape"),
        ("冀A123456", "plate.shape"),
        ("冀A12345挂", "plate.shape"),
        ("冀", "plate.shape"),
        ("使01457", "plate.province"),
        ("使A14578", "plate.province"),
        ("使0145789", "plate.province"),
        ("使", "plate.province"),
    ],
)
def test_what_cannot_be_a_plate_is_refused(typed: str, code: str):
    with pytest.raises(Refusal, match=code):
        parse_plate(typed)


def test_every_mainland_province_is_known_once():
    assert len(PROVINCES) == len(set(PROVINCES)) == 31


def test_a_plate_is_shown_with_its_dot():
    assert show_plate(parse_plate("冀AD12345")) == "冀A·D12345"
    assert show_plate(parse_plate("使 014·578")) == "使014·578"


K = VehicleKind
FREE = {
    PlateKind.ORDINARY: ("冀A12345", {K.TRUCK, K.TRACTOR}),
    PlateKind.NEW_ENERGY: ("冀AD12345", {K.TRUCK, K.TRACTOR}),
    PlateKind.BORDER: ("粤Z1234港", {K.TRUCK, K.TRACTOR}),
    PlateKind.TRAILER: ("冀J1234挂", {K.TRAILER}),
    PlateKind.COACHING: ("冀A1234学", set()),
    PlateKind.POLICE: ("冀A1234警", set()),
    PlateKind.EMERGENCY: ("冀X1234应急", set()),
    PlateKind.CONSULATE: ("沪A0023领", set()),
    PlateKind.EMBASSY: ("使014578", set()),
}
"""Which vehicles may carry waste with which plate: every plate, every kind."""


@pytest.mark.parametrize("says", PlateKind)
def test_which_vehicle_may_carry_waste_with_which_plate(says: PlateKind):
    typed, free = FREE[says]
    plate = parse_plate(typed)
    found = {kind: plate_problems(plate, kind) for kind in VehicleKind}
    assert {kind for kind, problems in found.items() if not problems} == free
    wrong = "plate.not_for_waste" if not free else "plate.trailer" if says is PlateKind.TRAILER else "plate.not_trailer"
    assert {problem.code for problems in found.values() for problem in problems} == {wrong}


def test_a_vehicle_that_carries_no_waste_is_called_what_it_is():
    (problem,) = plate_problems(parse_plate("使014578"), K.TRUCK)
    assert (problem.facts["says"], problem.field) == (PlateKind.EMBASSY, "plate")


def test_without_a_word_a_plate_tells_a_trailer():
    assert [kind_by_plate(parse_plate(one)) for one in ("冀J1234挂", "冀AD12345")] == [K.TRAILER, K.TRUCK]


@given(st.from_regex(rf"[{PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{5}}", fullmatch=True))
def test_every_ordinary_plate_survives_being_shown_and_read(plate: str):
    assert parse_plate(show_plate(parse_plate(plate)).lower()) == plate


@given(st.text("冀京使AIOD0123456789挂应急·", max_size=9) | st.text())
def test_anything_typed_is_read_or_refused(text: str):
    with suppress(Refusal):
        plate_kind(parse_plate(text))


def test_a_text_that_was_never_read_has_no_kind():
    with pytest.raises(ValueError, match="read"):
        plate_kind("abc")  # type: ignore[arg-type]
