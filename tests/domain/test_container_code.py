"""The code on every label: made, scanned, typed and mistyped."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.check_symbols import SYMBOLS
from wastetrack.domain.container_code import (
    ENTROPY_BYTES,
    ContainerCode,
    code_in,
    new_container_code,
    parse_container_code,
    pretty,
)
from wastetrack.domain.problems import Refusal

codes = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES).map(new_container_code)
CODE = new_container_code(bytes(range(100, 107)))


@given(codes)
def test_a_new_code_is_twelve_symbols_and_reads_back(code: ContainerCode):
    assert len(code) == 12
    assert set(code) <= set(SYMBOLS)
    assert parse_container_code(pretty(code)) == code


@given(codes, st.integers(0, 11), st.sampled_from(SYMBOLS))
def test_one_wrong_symbol_is_refused(code: ContainerCode, place: int, other: str):
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Refusal, match=r"^container_code\.check$"):
            parse_container_code(wrong)


@given(codes, st.integers(0, 10))
def test_two_neighbours_swapped_are_refused(code: ContainerCode, place: int):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(Refusal, match=r"^container_code\.check$"):
            parse_container_code(swapped)


@given(
    codes,
    st.sampled_from(
        ["HTTPS://WASTE.EXAMPLE/C/{}", "https://waste.example/c/{}?n=1", "http://[::1]:8000/c/{}/", "/C/{}#top"]
    ),
)
def test_a_label_address_leads_to_its_code(code: ContainerCode, address: str):
    assert parse_container_code(address.format(code)) == code
    assert parse_container_code(address.format(pretty(code).lower())) == code


@given(codes)
def test_letters_taken_for_digits_are_read_as_digits(code: ContainerCode):
    assert parse_container_code(code.replace("0", "o").replace("1", "l")) == code
    assert parse_container_code(code.replace("0", "O").replace("1", "I")) == code


@given(codes)
def test_full_width_characters_and_spaces_are_read(code: ContainerCode):
    wide = "".join(chr(ord(symbol) + 0xFEE0) for symbol in code)
    assert parse_container_code(f"　{wide[:4]} {wide[4:8]}－{wide[8:]}") == code


@given(st.text("0123456789AILOUZ-/c?", min_size=10, max_size=20) | st.text())
def test_anything_scanned_is_read_or_refused(text: str):
    with suppress(Refusal):
        assert parse_container_code(text) == code_in(text)


@pytest.mark.parametrize("scanned", ["6901234567892", "https://waste.example/v/abc", "7K3M-9QXR-2F4U", "医疗废物"])
def test_another_code_is_said_to_be_no_container_code(scanned: str):
    with pytest.raises(Refusal, match=r"^container_code\.shape$"):
        parse_container_code(scanned)


@pytest.mark.parametrize("scanned", ["", " ", "https://waste.example/c/"])
def test_nothing_scanned_is_said_to_be_missing(scanned: str):
    with pytest.raises(Refusal, match=r"^container_code\.missing$"):
        parse_container_code(scanned)


def test_a_code_is_shown_in_groups_of_four():
    assert [len(group) for group in pretty(CODE).split("-")] == [4, 4, 4]
    assert pretty(CODE).replace("-", "") == CODE


def test_different_entropy_gives_different_codes():
    made = {new_container_code(number.to_bytes(ENTROPY_BYTES)) for number in range(0, 2000, 2)}
    assert len(made) == 1000
