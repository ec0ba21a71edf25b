"""Acting for another 委托: who may be authorised to what, for how long, and when it ends (docs/decisions/0009).

The law knows it where a declaration is delegated (HJ 1259-2022, 7.1.3) and asks for a named responsible person for each
ledger (6.1.1). Beyond that it is silent: the longest time and what is never delegated are house rules.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from wastetrack.domain.access import Role
from wastetrack.domain.accounts import FITS, covers_day
from wastetrack.domain.parties import OrganisationKind, OrganisationState, may_be_named
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_, Term

LONGEST_DAYS = 365
"""A mandate runs no longer, unless the installation says otherwise: whoever acts for one for good is made its own."""


class MandateState(Term):
    """How far a mandate is; one that was accepted holds only on its days."""

    OFFERED = "offered", N_("waits to be accepted")
    ACCEPTED = "accepted", N_("accepted by the person")
    DECLINED = "declined", N_("declined")
    WITHDRAWN = "withdrawn", N_("withdrawn")
    GIVEN_BACK = "given_back", N_("given back")
    ENDED = "ended", N_("ended with the account")


OPEN = frozenset({MandateState.OFFERED, MandateState.ACCEPTED})
"""What has not been ended by anybody; its days may be over all the same."""

MANDATABLE = frozenset(FITS) - {Role.DRIVER}
"""A driver is a member of the crew in person, with a permit of his own; administrators and regulators are nobody's."""


def roles_to_give(kinds: Collection[OrganisationKind], giver: Collection[Role] = (Role.MANAGER,)) -> list[Role]:
    """Return the roles that somebody with the roles `giver` can give by mandate, in the order of the table.

    A manager gives every role that fits the kinds of the organisation; a village doctor, who has no manager above
    him, gives what he has himself.
    """
    everything = Role.MANAGER in giver
    return [role for role in Role if role in MANDATABLE and FITS[role] & set(kinds) and (everything or role in giver)]


@dataclass(frozen=True)
class Wanted:
    """What a mandate is to say."""

    roles: frozenset[Role]
    since: date
    until: date


def mandate_problems(
    wanted: Wanted,
    kinds: Collection[OrganisationKind],
    today: date,
    longest: int = LONGEST_DAYS,
    giver: Collection[Role] = (Role.MANAGER,),
) -> list[Problem]:
    """Return what speaks against giving a mandate, all at once. Both days are included."""
    problems = []
    if not wanted.roles:
        problems.append(Problem("mandate.roles", N_("Choose at least one role."), field="roles"))
    fitting = roles_to_give(kinds, giver)
    for role in Role:
        if role in wanted.roles and role not in fitting:
            sentence = N_("The role “{role}” cannot be given by authorisation here. Choose another one.")
            problems.append(Problem("mandate.role_fit", sentence, {"role": role}, "roles"))
    if wanted.until < wanted.since:
        sentence = N_("The last day is before the first. Swap them.")
        problems.append(Problem("mandate.days_swapped", sentence, field="until"))
    elif wanted.until < today:
        sentence = N_("The last day is over already. Choose a later one.")
        problems.append(Problem("mandate.days_over", sentence, field="until"))
    elif wanted.until >= wanted.since + timedelta(days=longest):
        sentence = N_("An authorisation runs for at most {days} days. The last day can be {latest}.")
        latest = wanted.since + timedelta(days=longest - 1)
        problems.append(Problem("mandate.too_long", sentence, {"days": longest, "latest": latest}, "until"))
    return problems


def holds(state: MandateState, since: date, until: date, day: date) -> bool:
    """Tell whether a mandate was accepted and runs on this day."""
    return state is MandateState.ACCEPTED and covers_day(since, until, day)


def is_over(state: MandateState, until: date, day: date) -> bool:
    """Tell whether a mandate can never hold again."""
    return state not in OPEN or day > until


def can_act_for(state: OrganisationState) -> bool:
    """Tell whether anybody may act for an organisation by mandate: not while it is suspended, nor once it is closed.

    What is under way there its own people finish (docs/decisions/0006).
    """
    return may_be_named(state)


def unknown_person_problem() -> Problem:
    """Say that nobody fits, in the same words whatever was typed: whom other organisations employ is not told."""
    sentence = N_(
        "There is no open account of an organisation with this username and this name. Ask the person for both, "
        "to the last letter: they stand on the page “Acting for others”."
    )
    return Problem("mandate.person", sentence, field="username")


def self_problem() -> Problem:
    """Say that nobody authorises himself."""
    return Problem("mandate.self", N_("You act for your organisation already. Choose somebody else."), field="username")


def running_problem(until: date) -> Problem:
    """Say that the person has a mandate on some of these days already."""
    sentence = N_(
        "This person is authorised already, until {until}. Withdraw that authorisation first, or begin after its end."
    )
    return Problem("mandate.running", sentence, {"until": until}, "since", Kind.CONFLICT)


def moved_on_problem(state: MandateState) -> Problem:
    """Say that somebody else took a step before."""
    sentence = N_("This authorisation is no longer as you saw it: it is {state}. Nothing was changed.")
    return Problem("mandate.moved_on", sentence, {"state": state}, kind=Kind.CONFLICT)


def idle_problem() -> Problem:
    """Say that a mandate does not hold at this moment."""
    sentence = N_(
        "This authorisation does not hold now: its days have not come or are over, it was ended, or the organisation "
        "is suspended."
    )
    return Problem("mandate.idle", sentence, kind=Kind.CONFLICT)
