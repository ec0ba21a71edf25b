"""Text is broken and shrunk without losing a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.documents.fonts import BOLD, LEADING, REGULAR, fit, font_for, text_height, width, wrap
from wastetrack.domain.problems import Refusal

TEXTS = st.text(alphabet="医疗废物（处置）、。，abc123-XY ", min_size=1, max_size=120)


@given(TEXTS, st.floats(min_value=30, max_value=200))
def test_wrapping_loses_nothing_but_blanks(text, room):
    assert "".join(wrap(text, REGULAR, 9, room)).replace(" ", "") == text.replace(" ", "")


@given(TEXTS, st.floats(min_value=30, max_value=200))
def test_no_line_is_wider_than_its_box(text, room):
    assert all(width(line, REGULAR, 9) <= room + 0.01 for line in wrap(text, REGULAR, 9, room))


def test_a_code_is_not_broken_where_it_fits_on_the_next_line():
    assert wrap("容器编码 7K3M-9QXR-2F4C", REGULAR, 10, 85) == ("容器编码", "7K3M-9QXR-2F4C")


def test_no_line_begins_with_closing_punctuation():
    assert not [line for line in wrap("甲乙丙丁，甲乙丙丁，甲乙丙丁，", REGULAR, 10, 41)[1:] if line.startswith("，")]


def test_a_text_that_fits_keeps_its_size():
    assert fit("医疗", 100, size=12, minimum=8, height=20).size == 12


def test_a_text_a_little_too_long_shrinks_and_stays_on_one_line():
    fitted = fit("医疗废物处置", 70, size=12, minimum=8, height=12)
    assert (len(fitted.lines), fitted.size < 12) == (1, True)


def test_a_longer_text_wraps_within_its_height():
    fitted = fit("医疗废物处置单位" * 3, 80, size=12, minimum=8, height=40)
    assert len(fitted.lines) > 1
    assert fitted.height <= 40


def test_a_text_too_long_even_at_the_least_size_is_refused_with_its_field():
    with pytest.raises(Refusal) as refused:
        fit("医疗废物处置单位" * 30, 80, size=12, minimum=8, height=40, field="remark")
    assert refused.value.problems[0].field == "remark"


def test_bold_is_used_where_it_knows_all_characters():
    assert (font_for("医院", bold=True), font_for("挌", bold=True)) == (BOLD, REGULAR)


def test_a_control_character_is_refused_by_its_code():
    with pytest.raises(Refusal) as refused:
        font_for("甲\x07乙")
    assert refused.value.problems[0].facts["codepoint"] == "U+0007"


def test_the_height_of_lines_counts_leading_between_them():
    assert text_height(3, 10) == pytest.approx(20 * LEADING + 10)
