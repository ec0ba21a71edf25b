"""Invitations: a link that works once lets somebody choose the password of the account made for him.

Whoever makes the account never knows the password. The days are a house figure; no rule of law sets them.
"""

from datetime import datetime, timedelta

from wastetrack.domain.access import Role
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_, Term

VALID_FOR = timedelta(days=7)
"""How long a link is good: a house figure."""
_MADE_UP = 6


class InvitationState(Term):
    """Where an invitation stands; one that is open may have expired all the same."""

    OPEN = "open", N_("open invitation")
    ACCEPTED = "accepted", N_("accepted")
    WITHDRAWN = "withdrawn", N_("withdrawn")
    REPLACED = "replaced", N_("replaced")


def link_problem(state: InvitationState, expires_at: datetime, now: datetime) -> Problem | None:
    """Return why a link leads nowhere any more, in words for whoever holds it; None while it is good."""
    if state is InvitationState.ACCEPTED:
        sentence = N_(
            "This link was used already. If it was you, sign in with the username and the password you chose. If not, "
            "tell whoever sent you the link at once."
        )
        return Problem("invitation.used", sentence, kind=Kind.CONFLICT)
    if state is InvitationState.WITHDRAWN:
        sentence = N_("This invitation was withdrawn. Ask whoever sent you the link.")
        return Problem("invitation.withdrawn", sentence, kind=Kind.CONFLICT)
    if state is InvitationState.REPLACED:
        sentence = N_("This link was replaced by a newer one. Use that, or ask whoever sent it for another.")
        return Problem("invitation.replaced", sentence, kind=Kind.CONFLICT)
    if now >= expires_at:
        sentence = N_("This link was good until {until}. Ask whoever sent it for another.")
        return Problem("invitation.expired", sentence, {"until": expires_at}, kind=Kind.CONFLICT)
    return None


def no_link() -> Problem:
    """Say that a link leads to nothing; the same words whatever was typed."""
    sentence = N_(
        "This link leads to no invitation. See whether all of it was copied, to the last letter, or ask whoever sent "
        "it for another."
    )
    return Problem("invitation.unknown", sentence, kind=Kind.UNKNOWN)


def open_invitation_problem() -> Problem:
    """Say that an account has a password already, so that nobody can be invited to choose one."""
    sentence = N_("This person has a password already, so there is nothing to invite to.")
    return Problem("invitation.needless", sentence, kind=Kind.CONFLICT)


def made_up_username(roles: frozenset[Role], random: str) -> str:
    """Make a username where none was given: the first role and a few random signs."""
    first = next((role for role in Role if role in roles), None)
    return f"{first.value if first else 'user'}.{random[:_MADE_UP].lower()}"
