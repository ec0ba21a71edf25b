"""Where somebody has to go before he can do anything else, because he has no rights yet, or no more."""

from flask import current_app, request, url_for

from wastetrack.domain.access import Actor
from wastetrack.features.accounts.pages import handovers, mandates
from wastetrack.web.routing import SIGNED_IN, needs_of


def lead(who: Actor) -> str | None:
    """Return the address to go to first: a mandate is over, or somebody has come only to take over."""
    if mandates.over(who):
        return url_for("accounts.mandate_over_page")
    if handovers.newcomer(who) and needs_of(current_app, request.endpoint or "") != SIGNED_IN:
        return url_for("accounts.handover_page")
    return None
