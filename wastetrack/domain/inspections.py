"""Inspections on the spot 现场检查: what a finding 问题 is, how its remedy 整改 goes, who may take an inspection back.

The kinds, the steps and the figures here are the house's own way; no article is claimed for them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.regions import covers
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_, Term

MOST_FINDINGS = 10
"""House figure: so many findings one inspection has at most; what is worse is inspected again."""
CLOCKS_DIFFER = timedelta(minutes=5)
LATEST_ENTRY = timedelta(days=30)
"""House figure: an inspection is entered within a month, or its date is a slip."""
LONGEST_REMEDY = timedelta(days=366)
"""House figure: a remedy that takes longer than a year is a slip of the pen, too."""


class FindingKind(Term):
    """What was found wrong."""

    LABEL = "label", N_("No label, or an untrue one")
    OVER_TIME = "over_time", N_("Kept longer than allowed")
    OVER_QUANTITY = "over_quantity", N_("More than the store may hold")
    MIXED = "mixed", N_("Mixed or incompatible waste")
    NOT_SEALED = "not_sealed", N_("Not sealed, or leaking")
    REGISTER = "register", N_("Register untrue")
    PAPERS = "papers", N_("Papers missing or out of date")
    CLEANING = "cleaning", N_("Not cleaned or disinfected")
    OTHER = "other", N_("Something else")


class Presence(Term):
    """Whether the inspector is known to have stood in the store."""

    PROVEN = "proven", N_("presence proven by the sign on the wall")
    NOT_PROVEN = "not_proven", N_("presence not proven")


class FindingState(Term):
    """How far the remedy of a finding is."""

    OPEN = "open", N_("to be put right")
    ANSWERED = "answered", N_("said to be put right, to be confirmed")
    SENT_BACK = "sent_back", N_("sent back: not put right yet")
    CONFIRMED = "confirmed", N_("put right and confirmed")
    ON_THE_SPOT = "on_the_spot", N_("told on the spot, put right")


TO_DO = frozenset({FindingState.OPEN, FindingState.SENT_BACK})
"""The organisation has something to do."""
UNSETTLED = TO_DO | {FindingState.ANSWERED}
"""Somebody has something to do."""


class Step(Term):
    """What is done about a finding after the inspection."""

    ANSWER = "answer", N_("Say that it is put right")
    CONFIRM = "confirm", N_("Confirm")
    SEND_BACK = "send_back", N_("Send back")


MOVES: dict[Step, tuple[frozenset[FindingState], FindingState]] = {
    Step.ANSWER: (TO_DO, FindingState.ANSWERED),
    # Who was there again and saw it put right need not wait for an answer.
    Step.CONFIRM: (UNSETTLED, FindingState.CONFIRMED),
    Step.SEND_BACK: (frozenset({FindingState.ANSWERED}), FindingState.SENT_BACK),
}
"""From which states each step may be taken, and to which it leads."""


@dataclass(frozen=True)
class Remedy:
    """What is asked for a finding: to be put right by a day, or nothing more, as it was put right on the spot."""

    due_on: date | None
    on_the_spot: bool


def visit_problems(inspected_at: datetime, now: datetime) -> list[Problem]:
    """Return what speaks against the moment at which an inspection is said to have been."""
    if inspected_at > now + CLOCKS_DIFFER:
        sentence = N_("{at} is still to come. Check the time.")
        return [Problem("inspection.future", sentence, {"at": inspected_at}, "inspected_at")]
    if inspected_at < now - LATEST_ENTRY:
        sentence = N_("{at} is more than {days} days ago. Check the day; an inspection is entered soon after it.")
        return [
            Problem("inspection.long_ago", sentence, {"at": inspected_at, "days": LATEST_ENTRY.days}, "inspected_at")
        ]
    return []


def finding_count_problems(count: int, *, nothing_found: bool) -> list[Problem]:
    """Return what is wrong where no finding is named and that is not said, or some are named and denied."""
    if nothing_found and count:
        sentence = N_("Findings are entered below. Take the tick away, or the findings.")
        return [Problem("inspection.nothing", sentence, field="nothing_found")]
    if not nothing_found and not count:
        sentence = N_("Enter what was found, or tick that nothing was found.")
        return [Problem("inspection.empty", sentence, field="findings.0.kind")]
    return []


def remedy_problems(at: str, remedy: Remedy, inspected_on: date, today: date) -> list[Problem]:
    """Return what is wrong with what is asked for a finding; `at` is the path of the finding in the command."""
    if (remedy.due_on is None) is not remedy.on_the_spot:
        sentence = N_(
            "Name a day by which it is to be put right, or tick that it was put right on the spot: one of both."
        )
        return [Problem("finding.remedy", sentence, field=f"{at}.due_on")]
    if remedy.due_on is None:
        return []
    return _due_problems(remedy.due_on, inspected_on, today, f"{at}.due_on")


def _due_problems(due_on: date, first: date, today: date, field: str) -> list[Problem]:
    if due_on < first:
        sentence = N_("{day} is before {first}. Name a later day.")
        return [Problem("finding.due", sentence, {"day": due_on, "first": first}, field)]
    if due_on > today + LONGEST_REMEDY:
        sentence = N_("{day} is more than a year away. Check the year.")
        return [Problem("finding.far", sentence, {"day": due_on}, field)]
    return []


def moved(step: Step, state: FindingState) -> FindingState | None:
    """Return the state to which a step leads, None where it cannot be taken any more."""
    before, after = MOVES[step]
    return after if state in before else None


def moved_on_problem(state: FindingState) -> Problem:
    """Say that somebody else took a step before."""
    sentence = N_("Somebody was faster: this finding is now “{state}”. Nothing was changed; load the page again.")
    return Problem("finding.moved_on", sentence, {"state": state}, kind=Kind.CONFLICT)


def answer_problems(done_on: date, inspected_on: date, today: date) -> list[Problem]:
    """Return what is wrong with the day on which a finding is said to have been put right."""
    if done_on > today:
        sentence = N_("{day} is still to come. Answer once it is put right.")
        return [Problem("finding.not_yet", sentence, {"day": done_on}, "done_on")]
    if done_on < inspected_on:
        sentence = N_("{day} is before the inspection of {first}. Check the day.")
        return [Problem("finding.before", sentence, {"day": done_on, "first": inspected_on}, "done_on")]
    return []


def decision_problems(step: Step, state: FindingState, words: str, due_on: date | None, today: date) -> list[Problem]:
    """Return what is missing or wrong where an inspector decides on a finding in a state."""
    problems = []
    if step is Step.SEND_BACK and not words:
        sentence = N_("Say what is still to be put right.")
        problems.append(Problem("finding.why", sentence, field="words"))
    if step is Step.CONFIRM and state is not FindingState.ANSWERED and not words:
        sentence = N_("The organisation has not answered. Say what you saw that shows it is put right.")
        problems.append(Problem("finding.seen", sentence, field="words"))
    if step is Step.SEND_BACK and due_on is not None:
        problems += _due_problems(due_on, today, today, "due_on")
    return problems


def days_overdue(state: FindingState, due_on: date | None, now: datetime) -> int:
    """Return for how many days a remedy is overdue. It is from 00:00 in China of the day after the one that was named.

    Whoever has answered has done his part: what waits for the inspector is not overdue.
    """
    if due_on is None or state not in TO_DO:
        return 0
    return max(0, (local_day(now) - due_on).days)


def may_withdraw(*, is_own: bool, own_paths: Collection[str], makers_path: str) -> bool:
    """Tell whether somebody may declare an inspection wrong: who made it, or an inspector of a region above his."""
    return is_own or any(path != makers_path and covers(path, makers_path) for path in own_paths)
