"""The management of an organisation handed over: asked on one page, answered on another."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Actor, unknown
from wastetrack.domain.handovers import ENDS_SOON, HandoverState
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import Handover, User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.invited import show_link
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.accounts.service import AnswerHandover, AskHandover, WithdrawHandover
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import SIGNED_IN

# --- for the successor -----------------------------------------------------------------------------------------------


def newcomer(who: Actor) -> bool:
    """Tell whether somebody has no role yet: he came to take over, and that is all he can do."""
    return not who.roles and who.by_mandate is None


@pages.shows("/handover", needs=SIGNED_IN)
def handover_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the successor what he takes over; let him accept or refuse. A manager is led to where he hands over."""
    who, session = actor(), look()
    waiting = handovers.waiting_for(session, who.user_id) if who.user_id else None
    if waiting is None:
        if who.organisation_id and handovers.may_hand_over(who, who.organisation_id):
            return redirect(url_for("accounts.ask_handover_page", organisation_id=who.organisation_id), 303)
        if newcomer(who):
            return render_template("accounts/handover_none.html")
        raise unknown()
    names = queries.names(session, [waiting.leaver_id, waiting.asked_by])
    return render_template(
        "accounts/handover.html",
        one=waiting,
        organisation=parties.organisation(session, waiting.organisation_id),
        leaver=names.get(waiting.leaver_id) if waiting.leaver_id else None,
        asked_by=names[waiting.asked_by],
        problems=said(refusal),
        **_what_is_taken_over(waiting.organisation_id),
    )


def _what_is_taken_over(organisation_id: UUID) -> dict[str, Any]:
    session, today = look(), local_day(clock.now())
    return {
        "lines": handovers.taken_over(session, organisation_id),
        "papers": parties.ending(session, organisation_id, today + ENDS_SOON),
        "today": today,
        "people": handovers.people_of(session, organisation_id),
    }


@pages.does("/handovers/<uuid:handover_id>/answer", needs=SIGNED_IN)
def answer_handover(handover_id: UUID) -> ResponseReturnValue:
    """Take over, or refuse."""

    def done(one: Handover) -> ResponseReturnValue:
        if one.state is HandoverState.ACCEPTED:
            flash(_("You manage the organisation from now on."), "success")
            return redirect("/", 303)
        flash(_("Refused. Whoever asked you sees it."), "success")
        return redirect("/" if actor().roles else url_for("accounts.sign_in_page"), 303)

    return submit(
        AnswerHandover,
        service.answer_handover,
        then=done,
        again=handover_page,
        given={"handover_id": handover_id},
    )


# --- for whoever hands over ------------------------------------------------------------------------------------------


@pages.shows("/organisations/<uuid:organisation_id>/handover", needs=Act.HAND_OVER)
def ask_handover_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose who takes over, what the leaver keeps, and say why; or look at what waits, and take it back."""
    who, session = actor(), look()
    if not handovers.may_hand_over(who, organisation_id):
        raise unknown()
    organisation = parties.visible(session, who, organisation_id)
    waiting, own = handovers.open_of(session, organisation_id), who.acts_for(organisation_id)
    return render_template(
        "accounts/handover_ask.html",
        organisation=organisation,
        own=own,
        one=waiting,
        successor=queries.user(session, waiting.successor_id) if waiting else None,
        successors=handovers.successors(session, organisation_id, who.user_id),
        roles=who.ordered_roles if own else [],
        held=request.form.getlist("keeps"),
        unmanaged=parties.manager_gap(session, organisation_id),
        values=request.form,
        problems=said(refusal),
        **_what_is_taken_over(organisation_id),
    )


@pages.does("/organisations/<uuid:organisation_id>/handover", needs=Act.HAND_OVER)
def ask_handover(organisation_id: UUID) -> ResponseReturnValue:
    """Ask the successor; where he is invited by it, show the link, this once."""
    here = url_for("accounts.ask_handover_page", organisation_id=organisation_id)

    def done(made: tuple[Handover, User, str | None]) -> ResponseReturnValue:
        _handover, successor, token = made
        if token is not None:
            return show_link((successor, token), (_("Hand over the management"), here))
        flash(_("{name} is asked to take over. Until then everything stays as it is.", name=successor.name), "success")
        return redirect(here, 303)

    return submit(
        AskHandover,
        service.ask_handover,
        then=done,
        again=lambda refusal: ask_handover_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


@pages.does("/handovers/<uuid:handover_id>/withdraw", needs=Act.HAND_OVER)
def withdraw_handover(handover_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    found = handovers.handover(look(), handover_id)

    def done(one: Handover) -> ResponseReturnValue:
        flash(_("The hand-over is withdrawn; everything stays as it is."), "success")
        return redirect(url_for("accounts.ask_handover_page", organisation_id=one.organisation_id), 303)

    return submit(
        WithdrawHandover,
        service.withdraw_handover,
        then=done,
        again=lambda refusal: ask_handover_page(found.organisation_id, refusal),
        given={"handover_id": handover_id},
    )
