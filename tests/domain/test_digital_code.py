"""The 37 characters of HJ 1276."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.credit_code import parse_credit_code
from wastetrack.domain.digital_code import DigitalCode, build_digital_code, parse_digital_code
from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import parse_waste_code

FACTORY = parse_credit_code("91130104QJWYLF556H")
OIL = parse_waste_code("900-249-08")
PRINTED = "91130104QJWYLF556H9002490820261123007"


def test_a_code_joins_who_what_when_and_which():
    assert str(build_digital_code(FACTORY, OIL, date(2026, 11, 23), 7)) == PRINTED
    assert len(PRINTED) == 37


@given(st.dates(date(1000, 1, 1)), st.integers(1, 999))
def test_a_printed_code_reads_back_the_same(day: date, serial: int):
    code = DigitalCode(FACTORY, OIL, day, serial)
    assert parse_digital_code(str(code).lower()) == code


def test_the_thousandth_container_of_a_day_is_refused():
    with pytest.raises(Refusal, match=r"^digital_code\.used_up$"):
        build_digital_code(FACTORY, OIL, date(2026, 11, 23), 1000)


def test_serials_start_at_one():
    with pytest.raises(ValueError, match="start at 1"):
        build_digital_code(FACTORY, OIL, date(2026, 11, 23), 0)


def test_a_short_code_is_refused_with_its_length():
    with pytest.raises(Refusal) as refused:
        parse_digital_code(PRINTED[:-1])
    assert refused.value.problems[0].facts == {"count": 36}


def test_every_wrong_segment_is_named():
    with pytest.raises(Refusal) as refused:
        parse_digital_code("91130104QJWYLF556J" + "90024951" + "20260230" + "00A", field="label")
    assert [problem.code for problem in refused.value.problems] == [
        "credit_code.check",
        "waste_code.shape",
        "digital_code.day",
        "digital_code.serial",
    ]
    assert {problem.field for problem in refused.value.problems} == {"label"}


@pytest.mark.parametrize("segment", ["2026112A", "20261301", "00000000"])
def test_what_is_no_date_is_refused(segment: str):
    with pytest.raises(Refusal, match=r"^digital_code\.day$"):
        parse_digital_code(PRINTED[:26] + segment + "007")


def test_a_serial_of_nought_is_refused():
    with pytest.raises(Refusal, match=r"^digital_code\.serial$"):
        parse_digital_code(PRINTED[:34] + "000")


@given(st.text("0123456789ABIO年 -", min_size=30, max_size=45) | st.text())
def test_anything_typed_is_read_or_refused(text: str):
    with suppress(Refusal):
        assert len(str(parse_digital_code(text))) == 37
