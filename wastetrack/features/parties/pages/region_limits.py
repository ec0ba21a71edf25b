"""The time limits of counties, cities and provinces: what was entered, and the form for who approves there."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.domain.storage_time import StoreGroup
from wastetrack.domain.times import local_day
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import service, shapes
from wastetrack.features.parties.models import RegionTimeLimit
from wastetrack.features.parties.pages.blueprint import pages, typed
from wastetrack.features.parties.queries.time_limits import regions_to_limit
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look, outbox
from wastetrack.web.forms import said, submit

ADDRESS = "/regions/time-limits"


@pages.shows(ADDRESS, needs=(Act.OVERSEE, Act.APPROVE))
def region_limits_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """List the limits that count in the reader's regions; to who approves there offer the form for another."""
    session, now = look(), clock.now()
    regions = regions_to_limit(session, actor())
    names = catalogue.full_names(session, [one.code for one in regions])
    return render_template(
        "parties/region_limits.html",
        rows=shapes.region_limits_view(session, actor(), now),
        regions=[(one.code, names[one.code]) for one in regions],
        groups=list(StoreGroup),
        problems=said(refusal),
        values=typed(),
        today=local_day(now),
    )


@pages.does(ADDRESS, needs=Act.APPROVE)
def set_region_limit() -> ResponseReturnValue:
    """Enter a time limit of a region."""

    def then(row: RegionTimeLimit) -> ResponseReturnValue:
        if row.done < row.total:
            flash(_("The time limit is entered. What stands in the region is being reckoned by it."), "success")
            outbox().ring()
        else:
            flash(_("The time limit is entered. What stands in the region is reckoned by it."), "success")
        return redirect(url_for("parties.region_limits_page"), 303)

    return submit(service.SetRegionTimeLimit, service.set_region_time_limit, then=then, again=region_limits_page)
