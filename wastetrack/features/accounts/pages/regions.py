"""The regions that a regulator covers beside his own, as the security administrator keeps them."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.service import AddRegion, TakeRegion
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties.forms import choose_region
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit


@pages.shows("/accounts/<uuid:user_id>/regions", needs=Act.MANAGE_ACCOUNTS)
def regions_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what the regulator covers; choose a further region, and then why and for how long."""
    session = look()
    user = queries.visible(session, actor(), user_id)
    further = queries.further_regions(session, user_id, clock.now())
    return render_template(
        "accounts/regions.html",
        user=user,
        own="".join(catalogue.region_chain(session, user.region_code)) if user.region_code else "",
        further=further,
        choice=choose_region(session, request.args.get("region", ""), request.args.get("q", "")[:100]),
        values=request.form,
        problems=said(refusal),
    )


@pages.does("/accounts/<uuid:user_id>/regions", needs=Act.MANAGE_ACCOUNTS)
def add_region(user_id: UUID) -> ResponseReturnValue:
    """Let the regulator cover the region."""

    def done(user: User) -> ResponseReturnValue:
        flash(_("{name} covers one more region from the next click on.", name=user.name), "success")
        return redirect(url_for("accounts.regions_page", user_id=user.id), 303)

    return submit(
        AddRegion,
        service.add_region,
        then=done,
        again=lambda refusal: regions_page(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/regions/take", needs=Act.MANAGE_ACCOUNTS)
def take_region(user_id: UUID) -> ResponseReturnValue:
    """Take one of them away."""

    def done(user: User) -> ResponseReturnValue:
        flash(_("The region is taken away; all sessions of {name} have ended.", name=user.name), "success")
        return redirect(url_for("accounts.regions_page", user_id=user.id), 303)

    return submit(
        TakeRegion,
        service.take_region,
        then=done,
        again=lambda refusal: regions_page(user_id, refusal),
        given={"user_id": user_id},
    )
