"""How a rule says no: one refusal carries every problem found, each with its field and its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wastetrack.domain.measures import Grams
from wastetrack.domain.words import N_, Several, Term

Fact = str | int | Grams | datetime | date | Term | Several | None
"""What a sentence may name. The edge shows masses in kg, times in Asia/Shanghai, terms by label, names joined."""


class Kind(Term):
    """What sort of refusal it is; the web maps it to a status."""

    INVALID = "invalid", N_("cannot be accepted as it stands")
    FORBIDDEN = "forbidden", N_("not yours to do")
    UNKNOWN = "unknown", N_("not found")
    CONFLICT = "conflict", N_("somebody else was faster, or the thing has moved on")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a stable code, the sentence, the facts it names, the field it belongs to.

    `field` is a path as in the command that was refused (`mass`, `containers.3`), or None for the whole.
    `basis` cites the law where the law is the reason.
    """

    code: str
    sentence: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    field: str | None = None
    kind: Kind = Kind.INVALID
    basis: str | None = None


class Refusal(Exception):
    """The act is refused and nothing has changed. Holds at least one problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take all problems of one act; an empty list is a mistake of the caller."""
        if not problems:
            raise ValueError("a refusal needs a reason")
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = tuple(problems)

    @property
    def kind(self) -> Kind:
        """Return the kind of the first problem that is not merely invalid, else INVALID."""
        return next((p.kind for p in self.problems if p.kind is not Kind.INVALID), Kind.INVALID)


def refuse(
    code: str,
    sentence: str,
    *,
    field: str | None = None,
    kind: Kind = Kind.INVALID,
    basis: str | None = None,
    **facts: Fact,
) -> Refusal:
    """Make a refusal for a single problem: `raise refuse("mass.zero", N_("…"), field="mass")`."""
    return Refusal([Problem(code, sentence, facts, field, kind, basis)])


def refuse_all(problems: Sequence[Problem]) -> None:
    """Raise one refusal with all `problems`, or return when there are none."""
    if problems:
        raise Refusal(problems)
