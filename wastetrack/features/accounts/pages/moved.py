"""Moving an account to another organisation: first which, then in which roles and why."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.kept import chosen_scope, last_of
from wastetrack.features.accounts.service import MoveAccount
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit


@pages.shows("/accounts/<uuid:user_id>/move", needs=Act.MANAGE_ACCOUNTS)
def move_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Find the other organisation, then choose the roles there."""
    user = queries.visible(look(), actor(), user_id)
    return render_template(
        "accounts/move.html",
        user=user,
        held=request.form.getlist("roles") if refusal else [each.value for each in queries.roles_of(look(), user_id)],
        values=request.form,
        problems=said(refusal),
        **last_of(user),
        **chosen_scope("organisation"),
    )


@pages.does("/accounts/<uuid:user_id>/move", needs=Act.MANAGE_ACCOUNTS)
def move(user_id: UUID) -> ResponseReturnValue:
    """Move it."""

    def done(user: User) -> ResponseReturnValue:
        flash(
            _("{name} acts for the other organisation from now on and has to sign in again.", name=user.name), "success"
        )
        return redirect(url_for("accounts.account_page", user_id=user.id), 303)

    return submit(
        MoveAccount,
        service.move_account,
        then=done,
        again=lambda refusal: move_page(user_id, refusal),
        given={"user_id": user_id},
    )
