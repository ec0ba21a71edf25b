"""The columns of a file and a row of it, and what became of a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from wastetrack.domain.imports import Verdict
from wastetrack.domain.problems import Problem
from wastetrack.domain.words import Term


class Form(Enum):
    """How the cells of a column are read."""

    TEXT = auto()
    CODE = auto()
    """Digits and letters of which every one counts."""
    DAY = auto()
    TERM = auto()
    TERMS = auto()
    REGION = auto()


@dataclass(frozen=True)
class Column:
    """One column: its key, its title, what is told of it, whether it has to be filled in, how it is read."""

    key: str
    title: str
    note: str
    required: bool = False
    form: Form = Form.TEXT
    terms: type[Term] | None = None
    offered: tuple[Term, ...] = ()
    """The words of the list that make sense here; all of them when none are named."""
    example: str = ""
    width: int = 16

    @property
    def choices(self) -> tuple[Term, ...]:
        """Return the words that a cell may hold."""
        return self.offered or tuple(self.terms or ())


@dataclass(frozen=True)
class Row:
    """One row as it was sent: its number as a spreadsheet program shows it, its cells by the key of the column."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """Return a cell; one of a column that the file does not have is empty."""
        return self.cells.get(key, "")


@dataclass(frozen=True)
class Outcome:
    """What became of a row, and what there is to say of it."""

    verdict: Verdict
    remarks: tuple[Problem, ...] = ()
