"""The time limits of a store: what the law allows, what was entered beside it, and the form for another."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.parties import queries, service, shapes
from wastetrack.features.parties.models import Facility, StoreTimeLimit
from wastetrack.features.parties.pages.blueprint import allowed, pages, typed
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit

ADDRESS = "/organisations/<uuid:organisation_id>/stores/<uuid:facility_id>/time-limits"


@pages.shows(ADDRESS, needs=Act.VIEW_PARTIES)
def time_limits_page(organisation_id: UUID, facility_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show every time limit of a store, and to who keeps it the form for another."""
    session, now = look(), clock.now()
    one = queries.visible(session, actor(), organisation_id)
    store = queries.part(session, Facility, facility_id, one.id)
    return render_template(
        "parties/time_limits.html",
        one=one,
        store=store,
        view=shapes.time_limits_view(session, store, now),
        problems=said(refusal),
        values=typed(),
        today=local_day(now),
        is_keeper=allowed(Act.MANAGE_OWN, one),
        is_registrar=allowed(Act.MANAGE_PARTIES, one),
    )


@pages.does(ADDRESS, needs=Act.MANAGE_OWN)
def set_time_limit(organisation_id: UUID, facility_id: UUID) -> ResponseReturnValue:
    """Enter a time limit of a store."""

    def then(_row: StoreTimeLimit) -> ResponseReturnValue:
        flash(_("The time limit is entered. What stands in the store is reckoned by it."), "success")
        here = url_for("parties.time_limits_page", organisation_id=organisation_id, facility_id=facility_id)
        return redirect(here, 303)

    return submit(
        service.SetTimeLimit,
        service.set_time_limit,
        then=then,
        again=lambda refusal: time_limits_page(organisation_id, facility_id, refusal),
        given={"organisation_id": organisation_id, "facility_id": facility_id},
    )
