"""Words of the regulator's lists."""

from wastetrack.domain.problems import Problem
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_, Term

LEAST_SEARCHED = 2
"""So many characters are searched for at least: two Chinese characters already name a place or a hospital."""


def search_problems(text: str) -> list[Problem]:
    """Return whether a text is too short to be searched for; nothing typed at all is no search."""
    if not 0 < len(narrow(text)) < LEAST_SEARCHED:
        return []
    sentence = N_("Type at least {least} characters: with fewer, too much would be found to help you.")
    return [Problem("search.short", sentence, {"least": LEAST_SEARCHED}, "q")]


class Moment(Term):
    """Which moment of a container's life the days of a list are about."""

    REGISTERED = "registered", N_("registered")
    TREATED = "treated", N_("treated")
