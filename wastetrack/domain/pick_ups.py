"""Whether whoever fetched a load stood where it was: the code on the wall of the store, or a reason why not.

A pick-up is never held up by a sign that is missing or cannot be read: it goes on and stays marked as unverified.
"""

from wastetrack.domain.problems import Kind, Problem, refuse
from wastetrack.domain.words import N_, Term


class Presence(Term):
    """What is known of the driver's presence at the store that a load was fetched from."""

    OPEN = "open", N_("presence not yet shown")
    PROVEN = "proven", N_("presence proven")
    UNPROVEN = "unproven", N_("unverified")


def at_departure(presence: Presence) -> Presence:
    """Return what stays on the record: whoever showed nothing until he left has proven nothing."""
    return Presence.UNPROVEN if presence is Presence.OPEN else presence


def sign_problems(store: str, *, of_this_store: bool, replaced: bool) -> list[Problem]:
    """Return why a code proves no presence at this store. Nothing is said of where the code belongs instead.

    `replaced`: another one has taken the place of the code, and it is dead.
    """
    if of_this_store and not replaced:
        return []
    if of_this_store:
        sentence = N_(
            "This sign of {store} was replaced, so it proves nothing any more. Scan the new sign; where none hangs "
            "yet, go on with the reason."
        )
        return [Problem("presence.replaced", sentence, {"store": store}, "presence", Kind.CONFLICT)]
    sentence = N_(
        "This is not the sign on the wall of {store}. Scan the sign there; where there is none, go on with the reason."
    )
    return [Problem("presence.elsewhere", sentence, {"store": store}, "presence", Kind.CONFLICT)]


def require_unproven(presence: Presence) -> None:
    """Refuse a reason for what is proven: a proof stays."""
    if presence is Presence.PROVEN:
        sentence = N_("The presence at this store is already proven. Go on with the containers.")
        raise refuse("presence.proven", sentence, kind=Kind.CONFLICT)
