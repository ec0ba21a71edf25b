"""Invitations: whoever keeps accounts makes a link, and whoever is given it chooses a password behind it."""

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, may
from wastetrack.domain.accounts import roles_for
from wastetrack.domain.invitations import VALID_FOR, no_link
from wastetrack.domain.passwords import least_length
from wastetrack.domain.problems import Kind, Problem, Refusal
from wastetrack.domain.security import PasswordRules, needs_second_factor
from wastetrack.features.accounts import queries, service, shapes
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.kept import account_page, chosen_scope
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.accounts.service import AcceptInvitation, Invite, RenewInvitation, WithdrawInvitation
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import acting, actor, look
from wastetrack.web.forms import parse, said, status_of, submit
from wastetrack.web.routing import PUBLIC

# --- for those who invite ----------------------------------------------------------------------------------------


@pages.shows("/accounts/invitations", needs=Act.INVITE)
def invitations_page() -> ResponseReturnValue:
    """List who was invited and has not come yet."""
    rows, following = queries.invitations(look(), actor(), clock.now(), request.args.get("before", type=UUID))
    return render_template(
        "accounts/invitations.html",
        rows=rows,
        count=queries.count_invitations(look(), actor()),
        unmanaged=handovers.count_gaps(look()) if may(actor(), Act.MANAGE_ACCOUNTS) else None,
        next_href=url_for("accounts.invitations_page", before=following) if following else None,
        first_href=url_for("accounts.invitations_page") if request.args.get("before") else None,
    )


@pages.shows("/accounts/invite", needs=Act.INVITE)
def invite_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose for whom the person will act, as far as there is a choice, then who it is and in which roles."""
    everywhere = may(actor(), Act.INVITE)
    kind = request.args.get("for", "") if everywhere else "organisation"
    return render_template(
        "accounts/new.html",
        here="accounts.invite_page",
        send="accounts.invite",
        everywhere=everywhere,
        kind=kind if kind in {"organisation", "region", "platform"} else "",
        problems=said(refusal),
        values=request.form,
        held=request.form.getlist("roles"),
        **(chosen_scope(kind) if everywhere else _own_organisation()),
    )


@pages.does("/accounts/invite", needs=Act.INVITE)
def invite() -> ResponseReturnValue:
    """Make the account and show the link, this once."""
    own = {} if may(actor(), Act.INVITE) else {"organisation_id": actor().organisation_id}
    return submit(Invite, service.invite, then=show_link, again=invite_page, given=own)


@pages.does("/accounts/<uuid:user_id>/invitation", needs=Act.INVITE)
def renew_invitation(user_id: UUID) -> ResponseReturnValue:
    """Make another link; the one before opens nothing any more."""
    return submit(
        RenewInvitation,
        service.renew_invitation,
        then=show_link,
        again=lambda refusal: account_page(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/invitation/withdraw", needs=Act.INVITE)
def withdraw_invitation(user_id: UUID) -> ResponseReturnValue:
    """Take the invitation back."""

    def done(user: User) -> ResponseReturnValue:
        flash(_("The invitation of {name} is withdrawn; its link opens nothing any more.", name=user.name), "success")
        return redirect(url_for("accounts.invitations_page"), 303)

    return submit(
        WithdrawInvitation,
        service.withdraw_invitation,
        then=done,
        again=lambda refusal: account_page(user_id, refusal),
        given={"user_id": user_id},
    )


def _own_organisation() -> dict[str, Any]:
    organisation_id = actor().organisation_id
    assert organisation_id is not None  # noqa: S101  (who invites for his own has one)
    return {
        "organisation": parties.organisation(look(), organisation_id),
        "roles": roles_for(queries.scope_of(look(), organisation_id, None)),
        "crew": queries.crew_without_account(look(), organisation_id),
    }


def show_link(made: tuple[User, str | None], back: tuple[str, str] | None = None) -> ResponseReturnValue:
    """Show the link; `back` is the page that led here and its address, where that is not the list of invitations."""
    # Shown in the answer itself, not after a redirect: it must not lie in a cookie or in the store on its way.
    user, token = made
    link = f"{current_app.config['PUBLIC_URL'].rstrip('/')}{_address(token)}" if token else None
    return render_template(
        "accounts/invited.html",
        user=user,
        link=link,
        picture=shapes.qr_picture(link) if link else None,
        until=clock.now() + VALID_FOR,
        days=VALID_FOR.days,
        back=back,
    )


def _address(token: str) -> str:
    return url_for("accounts.invitation_page", token=token)


# --- for whoever was invited -------------------------------------------------------------------------------------


@pages.shows("/invitation/<token>", needs=PUBLIC)
def invitation_page(token: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Say who is invited to what and ask for a password. Looking uses nothing up: messengers look beforehand."""
    session = look()
    found = queries.invitation(session, token)
    problems = queries.link_problems(session, found.id, clock.now()) if found else [no_link()]
    if found is None or problems:
        return _over(problems)
    person = queries.actor_of(session, found.user_id)
    policy = queries.policy(session)
    return render_template(
        "accounts/invitation.html",
        user=queries.user(session, found.user_id),
        person=person,
        expires_at=found.expires_at,
        problems=said(refusal),
        least=least_length(policy),
        complex=policy.passwords is PasswordRules.CLASSIFIED,
        second_factor=needs_second_factor(policy, person.roles),
        action=_address(token),
    )


@pages.does("/invitation/<token>", needs=PUBLIC)
def accept_invitation(token: str) -> ResponseReturnValue:
    """Keep the password; from now on the link opens nothing, and the person signs in like everybody."""
    found = queries.invitation(look(), token)
    if found is None:
        return _over([no_link()])
    who = queries.actor_of(look(), found.user_id)
    try:
        command = parse(AcceptInvitation, request.form, {"token": token})
        with acting(who) as work:
            user = service.accept_invitation(work, command)
    except Refusal as refusal:
        if any(one.field is None for one in refusal.problems):
            return _over(refusal.problems)
        return invitation_page(token, refusal), status_of(refusal)
    flash(_("Your password is set. Sign in as {username}.", username=user.username), "success")
    return redirect(url_for("accounts.sign_in_page"), 303)


def _over(problems: list[Problem] | tuple[Problem, ...]) -> ResponseReturnValue:
    gone = 404 if problems[0].kind is Kind.UNKNOWN else 410
    return render_template("accounts/invitation_over.html", problems=said(Refusal(problems))), gone
