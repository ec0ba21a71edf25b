"""The code on the wall of a store."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.container_code import new_container_code, parse_container_code
from wastetrack.domain.presence_code import (
    ENTROPY_BYTES,
    PresenceCode,
    new_presence_code,
    parse_presence_code,
    show_presence_code,
)
from wastetrack.domain.problems import Refusal

codes = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES).map(new_presence_code)


@given(codes)
def test_a_new_code_is_read_from_its_address_and_as_typed(code: PresenceCode):
    assert parse_presence_code(f"HTTPS://WASTE.EXAMPLE/P/{code}") == code
    assert parse_presence_code(show_presence_code(code).lower().replace("0", "o")) == code


@given(codes)
def test_a_presence_code_is_never_taken_for_a_container_nor_the_other_way(code: PresenceCode):
    with pytest.raises(Refusal, match="shape"):
        parse_container_code(f"https://waste.example/p/{code}")
    with pytest.raises(Refusal, match="wrong"):
        parse_presence_code(f"https://waste.example/c/{new_container_code(code.encode())}")


@given(codes, st.integers(0, 14))
def test_two_neighbours_swapped_are_refused(code: PresenceCode, place: int):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(Refusal, match="wrong"):
            parse_presence_code(swapped)


def test_nothing_scanned_is_said_to_be_missing():
    with pytest.raises(Refusal, match="missing"):
        parse_presence_code(" ")


@given(st.text("0123456789AILOUZ-/p?", min_size=14, max_size=24) | st.text())
def test_anything_scanned_is_read_or_refused(text: str):
    with suppress(Refusal):
        assert len(parse_presence_code(text)) == 16
