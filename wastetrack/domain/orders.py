"""Orders of the command 指令: to whom they may go, until when, how far each addressee is.

On what plan or document an order rests is named by who gives it; the steps here are the house's own way.
"""

from datetime import datetime, timedelta

from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_, Term

TO_ALL = (
    OrganisationKind.HOSPITAL,
    OrganisationKind.CARRIER,
    OrganisationKind.STATION,
    OrganisationKind.HUB,
    OrganisationKind.DISPOSER,
)
"""Kinds of which all in a region can be ordered at once."""
MOST_CHOSEN = 50
"""House figure: so many organisations can be picked one by one; more are a kind."""
LONGEST = timedelta(days=366)
"""House figure: an order that waits longer for its answer is a slip of the pen."""


class OrderState(Term):
    """Whether an order holds."""

    IN_FORCE = "in_force", N_("in force")
    ENDED = "ended", N_("ended")
    WITHDRAWN = "withdrawn", N_("withdrawn")


CLOSED = frozenset({OrderState.ENDED, OrderState.WITHDRAWN})


class Progress(Term):
    """How far an addressee is."""

    NOT_SEEN = "not_seen", N_("not acknowledged")
    ACKNOWLEDGED = "acknowledged", N_("acknowledged")
    CARRIED_OUT = "carried_out", N_("carried out")


def progress(acknowledged_at: datetime | None, carried_out_at: datetime | None) -> Progress:
    """Return how far an addressee is."""
    if carried_out_at is not None:
        return Progress.CARRIED_OUT
    return Progress.ACKNOWLEDGED if acknowledged_at is not None else Progress.NOT_SEEN


def is_late(answer_by: datetime, carried_out_at: datetime | None, now: datetime) -> bool:
    """Tell whether the answer is late, or came late: from the moment itself on."""
    return (carried_out_at or now) >= answer_by


def answer_by_problems(answer_by: datetime, now: datetime) -> list[Problem]:
    """Return what is wrong with the moment by which an answer is wanted."""
    if answer_by <= now:
        sentence = N_("{at} has passed already. Name a later time.")
        return [Problem("order.past", sentence, {"at": answer_by}, "answer_by")]
    if answer_by > now + LONGEST:
        sentence = N_("{at} is more than a year away. Check the year.")
        return [Problem("order.far", sentence, {"at": answer_by}, "answer_by")]
    return []


def addressing_problems(chosen: int, *, to_all: bool, found: int) -> list[Problem]:
    """Return what is wrong with whom an order is to go to: chosen ones or all of a kind, and at least one."""
    if (chosen > 0) is to_all:
        sentence = N_("Choose organisations, or all of a kind: one of both.")
        return [Problem("order.whom", sentence, field="organisation_ids")]
    if to_all and not found:
        sentence = N_("There is no such organisation in this region. Choose another kind or region.")
        return [Problem("order.nobody", sentence, field="organisation_ids")]
    if chosen > MOST_CHOSEN:
        sentence = N_("At most {most} organisations are chosen one by one. Choose all of a kind, or give two orders.")
        return [Problem("order.many", sentence, {"most": MOST_CHOSEN}, "organisation_ids")]
    return []


def closed_problem(state: OrderState) -> Problem:
    """Say that an order does not hold any more."""
    sentence = N_("This order is {state}. Nothing was changed; load the page again.")
    return Problem("order.closed", sentence, {"state": state}, kind=Kind.CONFLICT)


def done_problem() -> Problem:
    """Say that this was reported already."""
    sentence = N_("Somebody of your organisation has reported this already. Load the page again.")
    return Problem("order.reported", sentence, kind=Kind.CONFLICT)
