"""Facts as people read them in either language."""

import pytest

from wastetrack.domain.words import Several
from wastetrack.infra.i18n import CHINESE, ENGLISH, _, listed, show, speaking


@pytest.mark.parametrize(("language", "joined"), [(CHINESE, "甲、乙"), (ENGLISH, "甲, 乙")])
def test_names_are_joined_as_the_language_does(language: str, joined: str) -> None:
    with speaking(language):
        assert listed(["甲", "乙"]) == joined
        assert show(Several(("甲", "乙"))) == joined


@pytest.mark.parametrize(("language", "said"), [(CHINESE, "A、B，另有 12 项"), (ENGLISH, "A, B and 12 more")])
def test_how_many_names_are_left_out_is_said(language: str, said: str) -> None:
    with speaking(language):
        assert show(Several(("A", "B"), 12)) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0 boxes are here"), (1, "1 box is here"), (2, "2 boxes are here")])
def test_english_words_follow_the_number(n: int, said: str) -> None:
    with speaking(ENGLISH):
        assert _("{n} {n:box is|boxes are} here", n=n) == said
