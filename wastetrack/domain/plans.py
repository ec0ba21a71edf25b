"""The yearly management plan 管理计划 of a producer of waste: filed in time, and no more leaves than it says.

Ecological Environment Code (生态环境法典) Art. 532; HJ 1259-2022, 5.2; Order 23 of 2021, Art. 14. Rules P-01 and M-08.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import OrganisationKind, is_small
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.times import end_of_day
from wastetrack.domain.words import N_, Term

FILED = N_("Ecological Environment Code, Art. 532; HJ 1259-2022, 5.2.2")
PLANNED = N_("Order 23 of 2021, Art. 14; HJ 1259-2022, 5.2.3")

PLANNERS = frozenset(
    {OrganisationKind.HOSPITAL, OrganisationKind.CLINIC, OrganisationKind.ENTERPRISE, OrganisationKind.LABORATORY}
)
"""Who produces waste files a plan; who only collects, carries or treats the waste of others plans nothing here."""

WARN_BEFORE = timedelta(days=31)
"""All through March, so on the 1st, the 15th and the 25th, it is said that the plan is still to be filed (P-01)."""

WARN_AT = 90
"""Percent of the planned quantity from which rule M-08 warns."""


class PlanState(Term):
    """How the plan of a year stands on a day."""

    FILED = "filed", N_("filed")
    DUE = "due", N_("not filed yet")
    OVERDUE = "overdue", N_("overdue")


@dataclass(frozen=True)
class Line:
    """How much of one waste may go to one receiver in the year; without receiver to any."""

    waste_code: str
    receiver: str
    mass_g: int


@dataclass(frozen=True)
class Shipped:
    """How much of one waste has gone to one receiver in the year, or is signed to go."""

    waste_code: str
    receiver: str
    mass_g: int


def files_plan(kinds: Collection[OrganisationKind]) -> bool:
    """Tell whether an organisation of these kinds files a management plan."""
    return bool(PLANNERS & set(kinds))


def last_day_to_file(year: int) -> date:
    """Return until when the plan of a year is filed (P-01). It does not move when it falls on a rest day."""
    return date(year, 3, 31)


SMALL_KINDS = frozenset({OrganisationKind.HOSPITAL, OrganisationKind.CLINIC})


def is_asked_for_plan(kinds: Collection[OrganisationKind], beds: int | None, *, small_too: bool) -> bool:
    """Tell whether the missing plan of an organisation is an alarm.

    Whether a medical institution of at most 19 beds files one is not certain (the list exempts its waste in
    collection and transport only): `small_too` is the installation's to decide.
    """
    small = set(kinds) & PLANNERS <= SMALL_KINDS and is_small(beds)
    return files_plan(kinds) and (small_too or not small)


def next_plan(produced_on: date, last_filed: int | None) -> int:
    """Return of which year a plan is to be filed next by who produced hazardous waste first on this day.

    The first is that whose last day comes after it: nobody is late with a plan that was due before there was waste.
    Then one year after the other: the plan of a later year ends what was missed before.
    """
    first = produced_on.year if produced_on <= last_day_to_file(produced_on.year) else produced_on.year + 1
    return first if last_filed is None else max(first, last_filed + 1)


def late_from(year: int) -> datetime:
    """Return the moment from which the plan of a year is late: 31 March has ended in China."""
    return end_of_day(last_day_to_file(year))


def plan_state(filed: bool, year: int, on: date) -> PlanState:
    """Tell how the plan of a year stands on a day."""
    if filed:
        return PlanState.FILED
    return PlanState.OVERDUE if on > last_day_to_file(year) else PlanState.DUE


def used(lines: Sequence[Line], shipped: Sequence[Shipped]) -> list[int]:
    """Return what counts on each line: first on the line for the very receiver, the rest on the one for any.

    What exceeds the plan stands on the last line that fits, so that it is seen.
    """
    counts = [0] * len(lines)
    for flow in sorted(shipped, key=lambda one: (one.waste_code, one.receiver)):
        fitting = _fitting(lines, flow.waste_code, flow.receiver)
        rest = flow.mass_g
        for position in fitting:
            part = max(0, min(rest, lines[position].mass_g - counts[position]))
            counts[position] += part
            rest -= part
        if rest and fitting:
            counts[fitting[-1]] += rest
    return counts


def plan_problems(
    lines: Sequence[Line], shipped: Sequence[Shipped], loads: Mapping[str, int], receiver: str, name: str
) -> list[Problem]:
    """Return which waste would go beyond the filed plan: not before the plan is changed (M-08)."""
    found = []
    for code, mass in sorted(loads.items()):
        planned, gone = _room(lines, shipped, code, receiver)
        facts: dict[str, Fact] = {"code": code, "name": name, "planned": Grams(planned), "gone": Grams(gone)}
        if not planned:
            sentence = N_("{code} to {name} is not in the filed management plan of this year. Change the plan first.")
            found.append(_problem("not_planned", sentence, facts))
        elif gone + mass > planned:
            sentence = N_(
                "The filed management plan allows {planned} of {code} to {name} this year; {gone} have gone or are "
                "signed, and {load} would be added. Change the plan first."
            )
            found.append(_problem("beyond_plan", sentence, {**facts, "load": Grams(mass)}))
    return found


def plan_warnings(
    lines: Sequence[Line], shipped: Sequence[Shipped], loads: Mapping[str, int], receiver: str, name: str
) -> list[Problem]:
    """Return for which waste the plan is nearly used up with this load (M-08, from 90 %)."""
    found = []
    for code, mass in sorted(loads.items()):
        planned, gone = _room(lines, shipped, code, receiver)
        if planned and planned * WARN_AT <= (gone + mass) * 100 and gone + mass <= planned:
            sentence = N_("With this load {share} % of the plan for {code} to {name} are used. Change it in time.")
            facts: dict[str, Fact] = {"share": (gone + mass) * 100 // planned, "code": code, "name": name}
            found.append(_problem("nearly_used", sentence, facts))
    return found


def not_filed(year: int) -> Problem:
    """Make the problem of a year without a filed plan."""
    sentence = N_("No management plan of {year} is entered. It is to be filed by {until}: enter it once it is filed.")
    facts: dict[str, Fact] = {"year": str(year), "until": last_day_to_file(year)}
    return Problem("plan.not_filed", sentence, facts, "facility_id", basis=FILED)


def _fitting(lines: Sequence[Line], code: str, receiver: str) -> list[int]:
    """Return the places of the lines for this waste and receiver, those for any receiver last."""
    own = [n for n, line in enumerate(lines) if line.waste_code == code and line.receiver == receiver]
    return own + [n for n, line in enumerate(lines) if line.waste_code == code and not line.receiver]


def _room(lines: Sequence[Line], shipped: Sequence[Shipped], code: str, receiver: str) -> tuple[int, int]:
    """Return how much of a waste is planned for a receiver, and how much of that is used."""
    counts, fitting = used(lines, shipped), _fitting(lines, code, receiver)
    return sum(lines[n].mass_g for n in fitting), sum(counts[n] for n in fitting)


def _problem(code: str, sentence: str, facts: Mapping[str, Fact]) -> Problem:
    return Problem(f"plan.{code}", sentence, facts, "receiver_id", basis=PLANNED)
