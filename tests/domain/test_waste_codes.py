"""Waste codes and the short lists around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import (
    Hazard,
    MedicalClass,
    TreatmentMode,
    WasteCode,
    category_of,
    medical_class_of,
    parse_hazards,
    parse_scope_entry,
    parse_waste_code,
    scope_covers,
)

codes = st.builds(
    lambda head, category: parse_waste_code(f"{head:06d}{category:02d}"), st.integers(0, 999_999), st.integers(1, 50)
)


@pytest.mark.parametrize("typed", ["841-001-01", "84100101", " 841 001 01", "８４１－００１－０１", "841–001–01"])
def test_a_code_is_read_with_and_without_dashes(typed: str):
    assert parse_waste_code(typed) == "841-001-01"


@pytest.mark.parametrize("typed", ["841-001-00", "841-001-51", "841-001-1", "8410010101", "HW01", "84100I01"])
def test_what_is_no_code_is_refused(typed: str):
    with pytest.raises(Refusal, match=r"^waste_code\.shape$"):
        parse_waste_code(typed)


def test_nothing_typed_is_said_to_be_missing():
    with pytest.raises(Refusal, match=r"^waste_code\.missing$"):
        parse_waste_code("-")


def test_the_last_two_digits_name_the_category():
    assert category_of(parse_waste_code("900-249-08")) == "HW08"


@pytest.mark.parametrize(
    ("medical", "code", "hazards"),
    [
        (MedicalClass.INFECTIOUS, "841-001-01", "In"),
        (MedicalClass.SHARPS, "841-002-01", "In"),
        (MedicalClass.PATHOLOGICAL, "841-003-01", "In"),
        (MedicalClass.CHEMICAL, "841-004-01", "T/C/I/R"),
        (MedicalClass.PHARMACEUTICAL, "841-005-01", "T"),
    ],
)
def test_each_medical_class_has_its_code_and_hazards_of_the_list(medical: MedicalClass, code: str, hazards: str):
    assert medical.waste_code == code
    assert medical.hazards == parse_hazards(hazards)
    assert medical_class_of(medical.waste_code) is medical


def test_waste_oil_is_no_medical_waste():
    assert medical_class_of(parse_waste_code("900-249-08")) is None


@pytest.mark.parametrize(
    ("typed", "hazards"),
    [
        ("In", (Hazard.INFECTIOUS,)),
        ("T/In", (Hazard.TOXIC, Hazard.INFECTIOUS)),
        ("T，I、C", (Hazard.TOXIC, Hazard.IGNITABLE, Hazard.CORROSIVE)),
        ("t c t", (Hazard.TOXIC, Hazard.CORROSIVE)),
    ],
)
def test_hazard_letters_are_read_as_written(typed: str, hazards: tuple[Hazard, ...]):
    assert parse_hazards(typed) == hazards


@pytest.mark.parametrize("typed", ["", "X", "TC", "/"])
def test_unknown_hazard_letters_are_refused(typed: str):
    with pytest.raises(Refusal, match=r"^hazards\.unknown$"):
        parse_hazards(typed)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (["841-001-01"], True),
        (["HW01"], True),
        (["HW08", "841-001-01"], True),
        (["841-002-01", "HW08"], False),
        ([], False),
    ],
)
def test_a_scope_covers_a_code_by_itself_or_by_its_category(scope: list[str], covered: bool):
    assert scope_covers(scope, parse_waste_code("841-001-01")) is covered


@given(codes, codes)
def test_a_category_covers_exactly_the_codes_that_end_in_it(code: WasteCode, other: WasteCode):
    assert scope_covers([category_of(other)], code) == (code[-2:] == other[-2:])


@pytest.mark.parametrize(("typed", "entry"), [("hw01", "HW01"), ("HW 50", "HW50"), ("84100101", "841-001-01")])
def test_an_entry_of_a_scope_is_a_code_or_a_category(typed: str, entry: str):
    assert parse_scope_entry(typed) == entry


@pytest.mark.parametrize("typed", ["HW00", "HW51", "医疗废物", "841", ""])
def test_another_entry_is_refused(typed: str):
    with pytest.raises(Refusal, match=r"^scope\.entry$"):
        parse_scope_entry(typed)


def test_the_table_of_treatment_modes_is_whole():
    assert len(TreatmentMode) == 27
    assert all(mode.name == mode.value for mode in TreatmentMode)
