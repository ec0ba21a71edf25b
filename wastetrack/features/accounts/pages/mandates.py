"""Acting for another: what one is authorised to, the choice at the top of each page, and what one has given."""

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from wastetrack.domain.access import Act, Actor, Relation, may
from wastetrack.domain.mandates import roles_to_give
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import Mandate
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.queries import handovers, mandates
from wastetrack.features.accounts.service import AnswerMandate, GiveBackMandate, GiveMandate, WithdrawMandate
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web import login
from wastetrack.web.context import acting, actor, look, visitor
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import SIGNED_IN

WHEN_OVER = frozenset({"accounts.mandate_over_page", "accounts.act_for", "accounts.sign_out", "language.switch"})
"""What is open to somebody whose session names a mandate that no longer holds."""

# --- at the top of every page --------------------------------------------------------------------------------------


@pages.app_context_processor
def acting_strip() -> dict[str, object]:
    """Give every page for whom its reader can act, and what waits for his answer.

    That he acts for another is said from who he is. This is more, and the page that says that the store cannot be
    reached does without it.
    """
    who = visitor()
    none: dict[str, object] = {"my_mandates": [], "my_handover": None}
    if who is None or who.user_id is None or who.organisation_id is None:
        return none
    try:
        mine = mandates.mine(look(), who.user_id, clock.now())
        return {"my_mandates": mine, "my_handover": handovers.waiting_for(look(), who.user_id)}
    except SQLAlchemyError:
        return none


def over(who: Actor) -> bool:
    """Tell whether somebody has first to learn that his mandate is over."""
    return who.by_mandate is not None and who.by_mandate.over and request.endpoint not in WHEN_OVER


@pages.shows("/mandates/over", needs=SIGNED_IN)
def mandate_over_page() -> ResponseReturnValue:
    """Say that nothing more is done for the other, and that nothing was done by the last click."""
    by = actor().by_mandate
    if by is None or not by.over:
        return redirect("/", 303)
    shown = mandates.of_person(look(), current_user.actor.user_id, clock.now())
    one = next((one for one in shown if one.mandate.id == by.id), None)
    return render_template("accounts/mandate_over.html", one=one)


@pages.does("/mandates/act", needs=SIGNED_IN)
def act_for() -> ResponseReturnValue:
    """Act for whom is chosen from now on; for oneself where nobody is."""
    chosen = request.form.get("mandate", type=UUID)
    token_hash = login.hash_of(current_user.token)
    with acting() as work:
        if chosen is None:
            service.act_as_oneself(work, token_hash)
        else:
            service.act_for(work, token_hash, chosen)
    login.renew_forms()
    if chosen is None:
        flash(_("You act for yourself again."), "success")
    return redirect("/", 303)


# --- for those who are authorised ------------------------------------------------------------------------------------


@pages.shows("/mandates", needs=SIGNED_IN)
def mandates_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what one is authorised to, and what waits for an answer."""
    user_id = actor().user_id
    assert user_id is not None  # noqa: S101
    return render_template(
        "accounts/mandates.html",
        rows=mandates.mine(look(), user_id, clock.now()),
        me=queries.user(look(), user_id),
        gives=may(actor(), Act.END_MANDATE, _given_by(actor())),
        problems=said(refusal),
    )


def _given_by(who: Actor) -> set[Relation]:
    """Return how somebody stands to what his organisation gives."""
    return {Relation.OWN} if who.organisation_id else set()


@pages.does("/mandates/<uuid:mandate_id>/answer", needs=SIGNED_IN)
def answer_mandate(mandate_id: UUID) -> ResponseReturnValue:
    """Accept it or decline it."""

    def done(mandate: Mandate) -> ResponseReturnValue:
        if mandate.accepted_at:
            flash(_("Accepted. Choose at the top of the page when you act for the other organisation."), "success")
        else:
            flash(_("Declined. Whoever asked you sees it."), "success")
        return redirect(url_for("accounts.mandates_page"), 303)

    return submit(
        AnswerMandate, service.answer_mandate, then=done, again=mandates_page, given={"mandate_id": mandate_id}
    )


@pages.does("/mandates/<uuid:mandate_id>/give-back", needs=SIGNED_IN)
def give_back_mandate(mandate_id: UUID) -> ResponseReturnValue:
    """Give it back before its last day."""

    def done(_mandate: Mandate) -> ResponseReturnValue:
        flash(_("The authorisation is given back; it opens nothing any more."), "success")
        return redirect(url_for("accounts.mandates_page"), 303)

    return submit(
        GiveBackMandate, service.give_back_mandate, then=done, again=mandates_page, given={"mandate_id": mandate_id}
    )


# --- for those who authorise -----------------------------------------------------------------------------------------


@pages.shows("/mandates/given", needs=Act.END_MANDATE)
def given_mandates_page() -> ResponseReturnValue:
    """List who may act for one's organisation, or, for who keeps the accounts, for any."""
    rows, following = mandates.given(look(), actor(), clock.now(), request.args.get("before", type=UUID))
    return render_template(
        "accounts/mandates_given.html",
        rows=rows,
        everywhere=may(actor(), Act.END_MANDATE),
        next_href=url_for("accounts.given_mandates_page", before=following) if following else None,
        first_href=url_for("accounts.given_mandates_page") if request.args.get("before") else None,
    )


@pages.shows("/mandates/given/new", needs=Act.MANDATE)
def new_mandate_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Name the person as he names himself, the roles, the days and the reason."""
    organisation_id = actor().organisation_id
    assert organisation_id is not None  # noqa: S101  (who authorises has an organisation)
    today = local_day(clock.now())
    return render_template(
        "accounts/mandate_new.html",
        roles=roles_to_give(parties.kinds_of(look(), organisation_id), actor().roles),
        held=request.form.getlist("roles"),
        values=request.form or {"username": request.args.get("username", "")[:60], "since": today.isoformat()},
        latest=today + timedelta(days=service.longest() - 1),
        longest=service.longest(),
        problems=said(refusal),
    )


@pages.does("/mandates/given/new", needs=Act.MANDATE)
def give_mandate() -> ResponseReturnValue:
    """Offer it."""

    def done(mandate: Mandate) -> ResponseReturnValue:
        name = queries.names(look(), [mandate.user_id])[mandate.user_id]
        flash(_("{name} is asked. It holds as soon as it is accepted.", name=name), "success")
        return redirect(url_for("accounts.given_mandates_page"), 303)

    return submit(GiveMandate, service.give_mandate, then=done, again=new_mandate_page)


@pages.shows("/mandates/given/<uuid:mandate_id>", needs=Act.END_MANDATE)
def given_mandate_page(mandate_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one with its reason, and let it be withdrawn."""
    one = mandates.visible(look(), actor(), mandate_id, clock.now())
    return render_template("accounts/mandate_given.html", one=one, values=request.form, problems=said(refusal))


@pages.does("/mandates/given/<uuid:mandate_id>/withdraw", needs=Act.END_MANDATE)
def withdraw_mandate(mandate_id: UUID) -> ResponseReturnValue:
    """Take it back at once."""

    def done(_mandate: Mandate) -> ResponseReturnValue:
        flash(_("The authorisation is withdrawn. Whoever was acting by it has no rights from it any more."), "success")
        return redirect(url_for("accounts.given_mandates_page"), 303)

    return submit(
        WithdrawMandate,
        service.withdraw_mandate,
        then=done,
        again=lambda refusal: given_mandate_page(mandate_id, refusal),
        given={"mandate_id": mandate_id},
    )
