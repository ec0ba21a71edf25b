"""Organisations and offices that nobody keeps any more, for the security administrator."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.queries import handovers
from wastetrack.infra import clock
from wastetrack.web.context import actor, look


@pages.shows("/accounts/unmanaged", needs=Act.MANAGE_ACCOUNTS)
def unmanaged_page() -> ResponseReturnValue:
    """List them, the longest first."""
    after = request.args.get("after", type=UUID)
    rows, following = handovers.gaps(look(), clock.now(), after)
    return render_template(
        "accounts/unmanaged.html",
        rows=rows,
        count=handovers.count_gaps(look()),
        vacant=handovers.vacant(look()),
        invited=queries.count_invitations(look(), actor()),
        next_href=url_for("accounts.unmanaged_page", after=following) if following else None,
        first_href=url_for("accounts.unmanaged_page") if after else None,
    )
