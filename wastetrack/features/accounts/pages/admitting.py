"""Requests of organisations to be admitted, as the authority of their region reviews them."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.coordinates import shown_coordinates
from wastetrack.domain.handovers import age_in_days
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import service, shapes
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.invited import show_link
from wastetrack.features.accounts.service import AcceptRequest, RenewLink
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service as parties_service
from wastetrack.features.parties.queries import admission
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit


@pages.shows("/requests", needs=Act.APPROVE)
def requests_page() -> ResponseReturnValue:
    """List the requests of the region: those that wait, or those that were decided."""
    decided = request.args.get("decided") == "1"
    after = request.args.get("after", type=UUID)
    rows, following = admission.requests(look(), actor(), decided=decided, after=after)
    kept: dict[str, Any] = {"decided": "1"} if decided else {}
    return render_template(
        "accounts/requests.html",
        rows=rows,
        decided=decided,
        waiting=admission.count_requests(look(), actor()),
        overdue_before=admission.overdue_before(look(), clock.now()),
        days_since=lambda moment: age_in_days(moment, clock.now()),
        kinds=parties.kinds(look(), [row.organisation.id for row in rows]),
        regions=catalogue.full_names(look(), [row.organisation.region_code for row in rows]),
        next_href=url_for("accounts.requests_page", after=following, **kept) if following else None,
        first_href=url_for("accounts.requests_page", **kept) if after else None,
    )


@pages.shows("/requests/<uuid:request_id>", needs=Act.APPROVE)
def request_page(request_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show all that was entered and whatever raises a doubt; accept or refuse it."""
    session = look()
    asked = admission.for_review(session, actor(), request_id)
    doubts = shapes.doubts_on(session, actor(), asked)
    return render_template(
        "accounts/request.html",
        asked=asked,
        one=asked.organisation,
        request_=asked.request,
        kinds=parties.kinds(session, [asked.organisation.id])[asked.organisation.id],
        coordinates=shown_coordinates(asked.organisation.latitude_e6, asked.organisation.longitude_e6),
        regions=catalogue.full_names(session, [asked.organisation.region_code]),
        rivals=[
            one for one in admission.rivals(session, asked) if admission.may_review(session, actor(), one.organisation)
        ],
        doubts=said(Refusal(doubts)) if doubts else [],
        can_renew=shapes.waits_for_first_manager(session, asked),
        problems=said(refusal),
        values=request.form if refusal else {},
    )


@pages.does("/requests/<uuid:request_id>/accept", needs=Act.APPROVE)
def accept_request(request_id: UUID) -> ResponseReturnValue:
    """Admit the organisation and show the link for its first manager, this once."""
    return submit(
        AcceptRequest,
        service.accept_request,
        then=lambda made: show_link(made, _back(request_id)),
        again=lambda refusal: request_page(request_id, refusal),
        given={"request_id": request_id},
    )


@pages.does("/requests/<uuid:request_id>/refuse", needs=Act.APPROVE)
def refuse_request(request_id: UUID) -> ResponseReturnValue:
    """Refuse it with the reason that the applicant reads."""

    def done(_request: object) -> ResponseReturnValue:
        flash(_("The request is refused. The applicant reads the reason behind its reference."), "success")
        return redirect(url_for("accounts.requests_page"), 303)

    return submit(
        parties_service.RefuseRequest,
        parties_service.refuse_request,
        then=done,
        again=lambda refusal: request_page(request_id, refusal),
        given={"request_id": request_id},
    )


@pages.does("/requests/<uuid:request_id>/link", needs=Act.APPROVE)
def renew_link(request_id: UUID) -> ResponseReturnValue:
    """Make another link for the first manager; the one before opens nothing any more."""
    return submit(
        RenewLink,
        service.renew_link,
        then=lambda made: show_link(made, _back(request_id)),
        again=lambda refusal: request_page(request_id, refusal),
        given={"request_id": request_id},
    )


def _back(request_id: UUID) -> tuple[str, str]:
    return _("Request to be admitted"), url_for("accounts.request_page", request_id=request_id)
