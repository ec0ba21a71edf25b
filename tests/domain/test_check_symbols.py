"""The check symbol finds every single mistake and every swap: shown for all error patterns.

The value of a code is linear (first test), so an error changes it by the same amount in every code;
trying each error once on the zero code is a proof for all codes.
"""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.check_symbols import SYMBOLS, check_symbol, random_symbols, syndrome

LENGTH = 12
twelve = st.lists(st.integers(0, 31), min_size=LENGTH, max_size=LENGTH)


def written(values: list[int]) -> str:
    return "".join(SYMBOLS[value] for value in values)


@given(twelve, twelve)
def test_the_value_of_a_sum_is_the_sum_of_the_values(one: list[int], other: list[int]):
    both = [a ^ b for a, b in zip(one, other, strict=True)]
    assert syndrome(written(both)) == syndrome(written(one)) ^ syndrome(written(other))


def test_every_single_wrong_symbol_changes_the_value():
    for place in range(LENGTH):
        for error in range(1, 32):
            assert syndrome(written([error if at == place else 0 for at in range(LENGTH)])) != 0


def test_every_swap_of_two_different_symbols_changes_the_value():
    for one, other in combinations(range(LENGTH), 2):
        for difference in range(1, 32):
            assert syndrome(written([difference if at in (one, other) else 0 for at in range(LENGTH)])) != 0


@given(st.text(SYMBOLS, min_size=1, max_size=30))
def test_a_body_with_its_check_symbol_is_right(body: str):
    assert syndrome(body + check_symbol(body)) == 0


def test_a_code_too_long_for_the_proof_is_not_checked():
    with pytest.raises(ValueError, match="31"):
        syndrome("0" * 32)


def test_random_symbols_take_the_first_bits_of_the_entropy():
    assert (
        random_symbols(b"\x00\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf\x84\x65\x3a\x56\xd7\xc6\x75\xbe\x77\xdf", 32)
        == SYMBOLS
    )


def test_too_little_entropy_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="7 bytes"):
        random_symbols(b"123456", 11)
