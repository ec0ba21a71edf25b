"""Typed and pasted text is made plain before it is judged."""

from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.typed_text import compact, narrow, quoted


def test_full_width_text_becomes_ordinary():
    assert narrow("　ＡＢ１２：／．\u3000") == "AB12:/."


def test_unseen_characters_of_a_paste_are_dropped():
    assert narrow("\ufeff12\u200b34\u202c") == "1234"


def test_a_superscript_is_not_read_as_a_digit():
    assert narrow("3²") == "3²"


def test_spaces_and_every_sort_of_dash_are_left_out():
    assert compact("a–b—c_d e\tf－g") == "ABCDEFG"


def test_characters_named_besides_are_left_out_too():
    assert compact("冀a·12", also="·") == "冀A12"


@given(st.text())
def test_what_is_plain_stays_as_it_is(text: str):
    assert narrow(narrow(text)) == narrow(text)


@given(st.text())
def test_a_quotation_is_short(text: str):
    assert len(quoted(text)) <= 40
