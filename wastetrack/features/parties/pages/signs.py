"""The sign on the wall of a store: printed, replaced, scanned."""

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.documents.wall_sign import wall_sign
from wastetrack.domain.access import Act, may
from wastetrack.domain.presence_code import parse_presence_code, show_presence_code
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.models import Facility
from wastetrack.features.parties.pages.blueprint import for_keeping, pages, typed
from wastetrack.features.parties.queries.presence import in_force, on_the_wall, sign_of
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import look, visitor
from wastetrack.web.forms import said, submit
from wastetrack.web.pdf import pdf
from wastetrack.web.routing import PUBLIC

SIGN = "/organisations/<uuid:organisation_id>/stores/<uuid:facility_id>/sign"


@pages.shows(SIGN, needs=Act.MANAGE_OWN)
def sign_page(organisation_id: UUID, facility_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Offer the sign of a store to print, and a new code for it."""
    one = for_keeping(organisation_id, Act.MANAGE_OWN)
    store = queries.part(look(), Facility, facility_id, one.id)
    return render_template(
        "parties/sign.html", one=one, store=store, code=in_force(look(), store.id), problems=said(refusal),
        values=typed(), show=show_presence_code,
    )  # fmt: skip


@pages.shows(f"{SIGN}.pdf", needs=Act.MANAGE_OWN)
def sign_pdf(organisation_id: UUID, facility_id: UUID) -> ResponseReturnValue:
    """Print the sign, lying or upright, in A4 or A3."""
    one = for_keeping(organisation_id, Act.MANAGE_OWN)
    store = queries.part(look(), Facility, facility_id, one.id)
    facts = sign_of(look(), store, current_app.config["PUBLIC_URL"], local_day(clock.now()))
    upright, large = (request.args.get(name) == "1" for name in ("upright", "large"))
    return pdf(wall_sign(facts, upright=upright, large=large), "sign")


@pages.does(SIGN, needs=Act.MANAGE_OWN)
def reissue_sign(organisation_id: UUID, facility_id: UUID) -> ResponseReturnValue:
    """Replace the code of a store."""

    def then(store: Facility) -> ResponseReturnValue:
        flash(_("The old sign is dead. Print the new one and fix it to the wall."), "success")
        return redirect(url_for("parties.sign_page", organisation_id=organisation_id, facility_id=store.id), 303)

    return submit(
        service.ReissuePresenceCode,
        service.reissue_presence_code,
        then=then,
        again=lambda refusal: sign_page(organisation_id, facility_id, refusal),
        given={"organisation_id": organisation_id, "facility_id": facility_id},
    )


@pages.shows("/p/<sign_code>", needs=PUBLIC)
@pages.shows("/P/<sign_code>", needs=PUBLIC, endpoint="scanned_sign_page")
def presence_page(sign_code: str) -> ResponseReturnValue:
    """Say which store a scanned sign stands for, or that it was replaced. A replaced one no longer names the store."""
    session = look()
    try:
        sign = on_the_wall(session, parse_presence_code(sign_code))
    except Refusal as unread:
        return render_template("parties/presence.html", sign=None, problems=said(unread)), 404
    if sign is None:
        return render_template("parties/presence.html", sign=None, problems=[]), 404
    store = queries.facility(session, sign.facility_id)
    holder, who = queries.organisation(session, store.organisation_id), visitor()
    related = queries.relations(session, who, holder) if who else set()
    sees = who is not None and may(who, Act.VIEW_STORE, related)
    inspects = who is not None and may(who, Act.INSPECT, related)
    return render_template(
        "parties/presence.html", sign=sign, store=store, holder=holder, sees=sees, inspects=inspects, problems=[],
        show=show_presence_code,
    )  # fmt: skip
