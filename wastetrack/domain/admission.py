"""An organisation that asks to be admitted 单位自助注册: what it may ask for, and how its request goes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_, Term

ASKABLE = (
    OrganisationKind.HOSPITAL,
    OrganisationKind.CLINIC,
    OrganisationKind.ENTERPRISE,
    OrganisationKind.LABORATORY,
    OrganisationKind.CARRIER,
    OrganisationKind.DISPOSER,
)
"""What an organisation may call itself. A station or hub is set up by the county, an authority by law."""

FORGOTTEN_AFTER = timedelta(days=180)
"""So long what was asked and not admitted is kept: a house figure, long enough to ask again."""


REMIND_AFTER = 5
"""After so many working days a request that nobody decided is shown as overdue, unless the installation says otherwise.

No law sets a day for it: it is a reminder and nothing else. A request is never refused or forgotten because of it.
"""


def overdue_until(works: Callable[[date], bool], today: date, days: int = REMIND_AFTER) -> date:
    """Return the last day on which a request was asked that is overdue today: `days` working days ended since."""
    day = today
    while days:
        day -= timedelta(days=1)
        days -= works(day)
    return day - timedelta(days=1)


class RequestState(Term):
    """How far a request is."""

    OPEN = "open", N_("waits for the review")
    ACCEPTED = "accepted", N_("admitted")
    REFUSED = "refused", N_("refused")
    WITHDRAWN = "withdrawn", N_("withdrawn")


@dataclass(frozen=True)
class Moves:
    """From which states a step may be taken, and to which it leads."""

    before: frozenset[RequestState]
    after: RequestState


ACCEPT = Moves(frozenset({RequestState.OPEN}), RequestState.ACCEPTED)
REFUSE = Moves(frozenset({RequestState.OPEN}), RequestState.REFUSED)
WITHDRAW = Moves(frozenset({RequestState.OPEN}), RequestState.WITHDRAWN)
ASK_AGAIN = Moves(frozenset({RequestState.REFUSED, RequestState.WITHDRAWN}), RequestState.OPEN)


def move_problems(state: RequestState, move: Moves) -> list[Problem]:
    """Return why a step cannot be taken: somebody else took one before."""
    if state in move.before:
        return []
    sentence = N_("This request is no longer as you saw it: it is {state}. Nothing was changed; load the page again.")
    return [Problem("admission.moved_on", sentence, {"state": state}, kind=Kind.CONFLICT)]


def asking_problems(kinds: Collection[OrganisationKind], beds: int | None) -> list[Problem]:
    """Return what an organisation may not ask for, or has left out."""
    problems = []
    beyond = [kind for kind in OrganisationKind if kind in kinds and kind not in ASKABLE]
    if beyond:
        sentence = N_("An organisation of the kind “{kind}” is entered by the county authority. Choose another kind.")
        problems.append(Problem("admission.kind", sentence, {"kind": beyond[0]}, "kinds"))
    if OrganisationKind.HOSPITAL in kinds and beds is None:
        sentence = N_("Enter how many beds the hospital has; 0 where it has none.")
        problems.append(Problem("admission.beds", sentence, field="beds"))
    return problems
