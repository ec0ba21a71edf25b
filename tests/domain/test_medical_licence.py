"""The licence number that stands for a clinic without a credit code."""

import pytest

from wastetrack.domain.medical_licence import parse_medical_licence
from wastetrack.domain.problems import Refusal


def test_a_licence_number_is_kept_in_capitals_without_dashes():
    assert parse_medical_licence(" pdy12345-6130102d1101 ") == "PDY123456130102D1101"


@pytest.mark.parametrize("typed", ["1234567", "A" * 23, "冀医证字第12345678号"])
def test_what_cannot_be_a_licence_number_is_refused(typed: str):
    with pytest.raises(Refusal, match=r"^medical_licence\.shape$"):
        parse_medical_licence(typed)


def test_nothing_typed_is_said_to_be_missing():
    with pytest.raises(Refusal, match=r"^medical_licence\.missing$"):
        parse_medical_licence("")
