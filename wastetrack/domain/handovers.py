"""Handing over the management of an organisation, and what happens where nobody would be left to manage it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from wastetrack.domain.access import ADMINISTRATORS, Role
from wastetrack.domain.accounts import KEEPERS
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_, Term

ENDS_SOON = timedelta(days=60)
"""Papers that end within so many days are shown to whoever takes over."""


class HandoverState(Term):
    """How far a hand-over is."""

    OPEN = "open", N_("waits for the successor")
    ACCEPTED = "accepted", N_("taken over")
    REFUSED = "refused", N_("refused")
    WITHDRAWN = "withdrawn", N_("withdrawn")


def already_open_problem() -> Problem:
    """Say that one hand-over of an organisation is under way at most."""
    sentence = N_("A hand-over of this organisation waits for its successor already. Withdraw that one first.")
    return Problem("handover.open", sentence, kind=Kind.CONFLICT)


def moved_on_problem(state: HandoverState) -> Problem:
    """Say that somebody else took a step before."""
    sentence = N_("This hand-over is no longer as you saw it: it is {state}. Nothing was changed; load the page again.")
    return Problem("handover.moved_on", sentence, {"state": state}, kind=Kind.CONFLICT)


def successor_problem() -> Problem:
    """Say that somebody cannot be the successor."""
    sentence = N_("Choose somebody of this organisation whose account is open and who has not its management already.")
    return Problem("handover.successor", sentence, field="successor_id")


def last_ones(lost: Collection[Role], others: Collection[Role]) -> list[Role]:
    """Return which of the keepers' roles that somebody loses nobody else would have, in the order of the table."""
    return [role for role in Role if role in KEEPERS and role in lost and role not in others]


def last_one_problems(
    last: Collection[Role], *, successor: bool, emergency: bool, reason: str, at_console: bool = False
) -> list[Problem]:
    """Return what is missing before the last person in a role goes: a successor, or that it is said to be an emergency.

    The last security administrator goes at the console only: else nobody could open an account again.
    """
    if not last:
        return []
    if Role.SECURITY_ADMIN in last and not at_console:
        sentence = N_(
            "This is the last security administrator. The account is closed only at the console of the server; make "
            "another security administrator there first."
        )
        return [Problem("account.last_security", sentence, kind=Kind.CONFLICT, basis="GB/T 22239-2019 8.1.5")]
    problems = []
    if not (successor and Role.MANAGER in last) and not emergency:
        words = N_(
            "This is the last open account with the role “{role}”. Name who follows, or tick that it is an emergency."
        )
        alone = N_(
            "This is the last open account with the role “{role}”. Tick that it is an emergency, if it has to be."
        )
        for role in last:
            sentence = alone if role in ADMINISTRATORS else words
            problems.append(Problem("account.last_keeper", sentence, {"role": role}, "emergency", Kind.CONFLICT))
    if not reason.strip():
        sentence = N_("Say why: nobody could ask you later.")
        problems.append(Problem("account.last_reason", sentence, field="reason"))
    return problems


NOBODY_CAN = {
    Role.MANAGER: (
        N_("prepare or sign a manifest for the organisation"),
        N_("take refused waste back into its store"),
        N_("keep its stores, vehicles, crew and contracts"),
        N_("invite people, change their roles or let somebody act for it"),
    ),
    Role.SYSTEM_ADMIN: (N_("enter organisations, sites and licences, or suspend one"),),
    Role.SECURITY_ADMIN: (N_("open, close or help any account"), N_("change the security policy")),
    Role.AUDIT_ADMIN: (N_("read the audit record"), N_("verify the custody ledger on its page")),
}
"""What nobody can do once the last person in a role is gone: said before it happens."""


def age_in_days(since: datetime, now: datetime) -> int:
    """Return for how many days something lasts, counted in China: 0 on its first day."""
    today: date = local_day(now)
    return (today - local_day(since)).days
