"""How closely a producer of hazardous waste is supervised 环境监管类别: key, simplified or registration.

HJ 1259-2022, 4.2.1 (thresholds), 4.2.2 (the city may fix the class otherwise), 4.2.3 (which yearly quantity counts).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.plans import files_plan
from wastetrack.domain.problems import Problem
from wastetrack.domain.words import N_, Term

TONNE_G = 1_000_000
KEY_FROM_G = 100 * TONNE_G
SIMPLIFIED_FROM_G = 10 * TONNE_G
YEARS = 3
"""So many full years count (4.2.3)."""


class Supervision(Term):
    """The three classes, from the closest."""

    KEY = "key", N_("key supervision")
    SIMPLIFIED = "simplified", N_("simplified supervision")
    REGISTRATION = "registration", N_("registration only")


class Ordered(Term):
    """What a document may fix: a class, or that the computed one counts again."""

    KEY = "key", N_("key supervision")
    SIMPLIFIED = "simplified", N_("simplified supervision")
    REGISTRATION = "registration", N_("registration only")
    COMPUTED = "computed", N_("as computed")

    @property
    def fixed(self) -> Supervision | None:
        """Return the class that is fixed, None where the computed one counts."""
        return None if self is Ordered.COMPUTED else Supervision(self.value)  # type: ignore[call-arg]


class Why(Term):
    """What decides the class, the strongest first."""

    LICENCE = "licence", N_("It holds a hazardous waste operating licence.")
    OWN_FACILITY = "own_facility", N_("It has a facility of its own in which hazardous waste is used or disposed of.")
    REGISTERED = "registered", N_("By the largest quantity registered here in one of the last three full years.")
    PLANNED = "planned", N_("By the quantity that the management plan of this year foresees: it is the largest.")


@dataclass(frozen=True)
class Facts:
    """What the class follows from. Grams by full calendar year as registered; grams planned for the running year."""

    registered_g: Mapping[int, int]
    planned_g: int
    treats_itself: bool
    holds_licence: bool


@dataclass(frozen=True)
class Computed:
    """The class with the quantity it rests on (of `year`, None for a plan) and what decided it."""

    supervision: Supervision
    quantity_g: int
    year: int | None
    why: Why


def is_supervised(kinds: Collection[OrganisationKind], *, treats_itself: bool, holds_licence: bool) -> bool:
    """Tell whether an organisation has a class at all: who only carries or governs produces no waste."""
    return files_plan(kinds) or treats_itself or holds_licence


def treats_itself(kinds: Collection[OrganisationKind]) -> bool:
    """Tell whether an organisation has a facility of its own for use or disposal: then it is of the kind disposer."""
    return OrganisationKind.DISPOSER in kinds


def supervision_class(facts: Facts) -> Computed:
    """Return the class by HJ 1259-2022, 4.2.1: key from 100 t a year, with an own facility or an operating licence;
    simplified from 10 t; else registration only.

    Which quantity (4.2.3): the largest of the last three full years, or, for who has run for less than three, the
    largest so far; for who has not run a full year the larger of the environmental impact assessment and the permit.
    Neither of these two documents is kept here; what the producer itself filed as this year's management plan stands
    in for them. It counts wherever it is larger, also for who has run longer: what was registered here is too little
    in the years in which an installation begins, and a producer who plans 100 t is not to be supervised as one of 5.
    """
    year = max(facts.registered_g, key=lambda one: (facts.registered_g[one], one), default=None)
    registered = facts.registered_g[year] if year is not None else 0
    planned = facts.planned_g > registered
    quantity = facts.planned_g if planned else registered
    found = Supervision.REGISTRATION
    if quantity >= KEY_FROM_G or facts.holds_licence or facts.treats_itself:
        found = Supervision.KEY
    elif quantity >= SIMPLIFIED_FROM_G:
        found = Supervision.SIMPLIFIED
    return Computed(found, quantity, None if planned else year, _why(facts, planned))


def _why(facts: Facts, planned: bool) -> Why:
    if facts.holds_licence:
        return Why.LICENCE
    if facts.treats_itself:
        return Why.OWN_FACILITY
    return Why.PLANNED if planned else Why.REGISTERED


@dataclass(frozen=True)
class Decision:
    """A class fixed by a document, from a day on, until a day or for good."""

    ordered: Ordered
    valid_from: date
    valid_until: date | None = None

    def counts(self, on: date) -> bool:
        """Tell whether it fixes a class on this day."""
        ended = self.valid_until is not None and on > self.valid_until
        return self.valid_from <= on and not ended and self.ordered.fixed is not None


D = TypeVar("D")


def in_force(decisions: Iterable[tuple[Decision, D]], on: date) -> D | None:
    """Return which of the decisions, the one recorded last first, counts on a day; None: the computed class counts.

    A later one supersedes those before it from its first day on, also where it has ended: nothing earlier revives.
    """
    for decision, what in decisions:
        if decision.valid_from <= on:
            return what if decision.counts(on) else None
    return None


def decision_problems(valid_from: date, valid_until: date | None) -> list[Problem]:
    """Return whether the days of a decision are the wrong way round."""
    if valid_until is None or valid_from <= valid_until:
        return []
    sentence = N_("The last day lies before the first. Check both.")
    return [Problem("supervision.dates", sentence, field="valid_until")]
