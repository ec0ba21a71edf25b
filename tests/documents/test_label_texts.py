"""Whatever a name is, a label prints it whole or refuses it by its field: on every paper, for tags and for labels."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.documents.paper import HAZARDOUS, LONG_NAME, MEDICAL, squeezed, text_of
from wastetrack.documents.label import Paper, labels_pdf
from wastetrack.domain.labels import FOR_MEDICAL, FOR_OTHERS, LabelFormat, What
from wastetrack.domain.problems import Refusal

NAMES = st.text(
    st.one_of(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), st.sampled_from("ABCxyz 0189-（）·㐂𠮷😀囍")),
    min_size=1,
    max_size=60,
).filter(str.strip)
PAPERS = sorted({*FOR_MEDICAL, *FOR_OTHERS})


@pytest.mark.parametrize("chosen", PAPERS, ids=lambda one: one.value)
@settings(max_examples=4, deadline=None, database=None, derandomize=True)
@given(name=NAMES)
@example(name=LONG_NAME)
@example(name="Demonstration Petrochemical Engineering Company Limited")
@example(name="演示😀诊所")
@example(name="演" * 400)
def test_a_name_is_printed_whole_or_refused_by_its_field(chosen: LabelFormat, name):
    facts = replace(HAZARDOUS if chosen.what is What.LABEL else MEDICAL, producer_name=name)
    try:
        pdf = labels_pdf([facts], Paper(medical=chosen, other=chosen))
    except Refusal as refusal:
        (problem,) = refusal.problems
        assert (problem.field, problem.facts["text"]) == ("producer_name", name.strip())
        if problem.code == "print.glyph_missing":
            assert problem.facts["character"] in name
        else:
            assert problem.code == "print.too_long"
            assert len(name) > 12
    else:
        assert squeezed(name) in text_of(pdf)
