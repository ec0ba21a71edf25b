"""Words that people read, kept beside the rules that need them.

The domain writes every sentence once, in English, and marks it with `N_`; the edge (web, documents)
looks up the Chinese one in the catalogues under `wastetrack/translations`. Nothing here translates.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


def N_(english: str) -> str:  # noqa: N802  (the customary name of a marked, untranslated message)
    """Mark a message for the translation catalogue and return it unchanged."""
    return english


@dataclass(frozen=True)
class Several:
    """Several names in one sentence; the edge joins them as the language does. `more`: how many are left out."""

    names: tuple[str, ...]
    more: int = 0


class Term(StrEnum):
    """A closed list of trade words: the value is stored, the label is shown.

    Write members as `STORED = "stored", N_("in store")`.
    """

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Make a member whose text is the stored `value`; `label` is the English words for people."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
