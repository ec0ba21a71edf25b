"""The start page: what waits for me, what is about to go wrong, the acts I do most."""

from flask import render_template
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, may_ever
from wastetrack.features.home import shapes
from wastetrack.features.parties import queries as parties
from wastetrack.features.signing import shapes as signatures
from wastetrack.features.watch import queries as watch
from wastetrack.features.watch.shapes import notices
from wastetrack.infra import clock
from wastetrack.infra.i18n import listed, show
from wastetrack.web.context import actor, look
from wastetrack.web.routing import Pages

pages = Pages("home", __name__)

MOST_ALARMS = 3


@pages.shows("/", needs=Act.HOME)
def index() -> ResponseReturnValue:
    """Show the start page of the person's roles."""
    now, session, who = clock.now(), look(), actor()
    watches = may_ever(who, Act.VIEW_ALERTS)
    current = watch.current(session, who, now, size=MOST_ALARMS)[0] if watches else []
    coming = watch.coming(session, who, now, MOST_ALARMS) if watches else []
    names = parties.names(session, {one.organisation_id for one in (*current, *coming)})
    counts = watch.count_current(session, who, now) if watches else {}
    return render_template(
        "home/index.html",
        board=shapes.board(session, who, now),
        watches=watches,
        alarms=notices(current, names, now),
        coming=notices(coming, names, now),
        alarm_count=sum(counts.values()),
        acts_first=bool(who.roles & shapes.IN_THE_FIELD),
        roles=listed(show(role) for role in who.ordered_roles),
        names_others=who.organisation_id is None,
        signing=signatures.notice(session, who, now),
    )
