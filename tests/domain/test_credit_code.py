"""The unified social credit code: what is read, what is refused and why."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.credit_code import (
    ALPHABET,
    Registrar,
    check_character,
    credit_code_doubts,
    organisation_check,
    parse_credit_code,
    registrar_of,
)
from wastetrack.domain.problems import Refusal
from wastetrack.domain.words import Several

INVENTED = [  # synthetic: right check characters, no real registrant
    "91130104QJWYLF556H",
    "91130281TH2HUCCPXB",
    "9213068250L23DL88W",
    "12130102P3MR19AE6E",
    "12130400MA1Y1Q815A",
    "52131002FTUQJ76T14",
    "93130800WPFJ3PLA9P",
    "11130000RDCGBWJL0K",
    "91120116WDCP1HGT67",
    "91110108LG89941A2W",
    "12130181MCFMRN7819",
    "541306320RDUELXG44",
]
bodies = st.builds(
    lambda head, region, rest: head + region + rest,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)
codes = bodies.map(lambda body: body + check_character(body))


def problems_of(text: str) -> list[str]:
    with pytest.raises(Refusal) as refused:
        parse_credit_code(text)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("code", INVENTED)
def test_a_right_code_is_read_without_doubts(code: str):
    assert parse_credit_code(code) == code
    assert credit_code_doubts(parse_credit_code(code)) == []


@pytest.mark.parametrize(
    "typed",
    [
        " 91130104qjwylf556h\n",
        "9113 0104 QJWY LF55 6H",
        "911301-04QJWYLF55-6H",
        "９１１３０１０４ＱＪＷＹＬＦ５５６Ｈ",
        "\ufeff91130104QJWYLF556H\u200b",
    ],
)
def test_a_code_is_read_as_people_paste_it(typed: str):
    assert parse_credit_code(typed) == "91130104QJWYLF556H"


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(code: str, place: int, other: str):
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        assert check_character(wrong[:-1]) != wrong[-1]


@given(codes, st.integers(0, 16))
def test_two_neighbours_swapped_are_always_found(code: str, place: int):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        assert check_character(swapped[:-1]) != swapped[-1]


@given(codes)
def test_every_well_formed_code_is_read_back_unchanged(code: str):
    assert parse_credit_code(code.lower()) == code


@given(st.text("0123456789AIOXY- ", min_size=15, max_size=20) | st.text())
def test_anything_typed_is_read_or_refused(text: str):
    with suppress(Refusal):
        assert len(parse_credit_code(text)) == 18


def test_a_mistyped_code_is_refused_for_its_check_character():
    assert problems_of("91130104QJWYLF556J") == ["credit_code.check"]


def test_nothing_typed_is_said_to_be_missing():
    assert problems_of("  ") == ["credit_code.missing"]


def test_a_short_code_with_a_letter_o_has_both_problems():
    assert problems_of("9113O104QJWYLF556") == ["credit_code.length", "credit_code.character"]


def test_the_refusal_says_where_the_wrong_characters_stand():
    with pytest.raises(Refusal) as refused:
        parse_credit_code("9113O104QJWYLFS56H", field="consignor.credit_code")
    problem = refused.value.problems[0]
    assert problem.facts == {"characters": Several(("O", "S")), "positions": Several(("5", "15"))}
    assert problem.field == "consignor.credit_code"


@pytest.mark.parametrize("code", ["91A30104QJWYLF556H", "9113010AQJWYLF556H"])
def test_letters_in_the_region_are_refused(code: str):
    assert problems_of(code) == ["credit_code.region"]


@pytest.mark.parametrize(("first8", "check"), [("QJWYLF55", "6"), ("TH2HUCCP", "X"), ("RDCGBWJL", "0")])
def test_the_organisation_code_has_its_own_check_digit(first8: str, check: str):
    assert organisation_check(first8) == check


def test_another_inner_check_digit_is_doubted_but_read():
    body = "91130104QJWYLF557"
    code = parse_credit_code(body + check_character(body))
    assert [doubt.code for doubt in credit_code_doubts(code)] == ["credit_code.organisation_check"]


def test_an_unknown_registrar_is_doubted_but_read():
    body = "K1130104QJWYLF556"
    code = parse_credit_code(body + check_character(body))
    assert [doubt.code for doubt in credit_code_doubts(code)] == ["credit_code.registrar"]


def test_a_hospital_is_registered_by_the_establishment_office():
    assert registrar_of(parse_credit_code("12130102P3MR19AE6E")) is Registrar.ESTABLISHMENT


def test_a_check_character_is_computed_over_seventeen_only():
    with pytest.raises(ValueError, match="17"):
        check_character("9113")
