"""Accounts as the security administrator and the managers keep them."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Role, may
from wastetrack.domain.accounts import console_problems, roles_for
from wastetrack.domain.handovers import NOBODY_CAN
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service, shapes
from wastetrack.features.accounts.models import NO_PASSWORD, User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.queries import Filters, handovers, mandates
from wastetrack.features.accounts.service import (
    ChangeRoles,
    CreateAccount,
    ResetPassword,
    ResetSecondFactor,
    SetActive,
)
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.forms import choose_region
from wastetrack.features.parties.models import CrewMember
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import acting, actor, look
from wastetrack.web.forms import said, submit


@pages.shows("/accounts", needs=Act.MANAGE_ROLES)
def accounts_page() -> ResponseReturnValue:
    """List the accounts, narrowed by the filters in the address."""
    role, active = request.args.get("role", ""), request.args.get("active", "")
    filters = Filters(
        text=request.args.get("q", "")[:100],
        role=next((one for one in Role if one.value == role), None),
        active={"yes": True, "no": False}.get(active),
        after=request.args.get("after", "")[:60],
    )
    rows, following = queries.page(look(), actor(), filters)
    kept: dict[str, Any] = {name: request.args[name] for name in ("q", "role", "active") if request.args.get(name)}
    return render_template(
        "accounts/list.html",
        rows=rows,
        filters=filters,
        active=active,
        role_choices=list(Role),
        filtered=bool(kept),
        invited=queries.count_invitations(look(), actor()),
        unmanaged=handovers.count_gaps(look()) if may(actor(), Act.MANAGE_ACCOUNTS) else None,
        vacant=handovers.vacant(look()) if may(actor(), Act.MANAGE_ACCOUNTS) else [],
        next_href=url_for("accounts.accounts_page", **kept, after=following) if following else None,
        first_href=url_for("accounts.accounts_page", **kept) if filters.after else None,
    )


@pages.shows("/accounts/new", needs=Act.MANAGE_ACCOUNTS)
def new_account_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose for whom the account acts, then who it is and in which roles."""
    kind = request.args.get("for", "")
    return render_template(
        "accounts/new.html",
        here="accounts.new_account_page",
        send="accounts.create_account",
        everywhere=True,
        kind=kind if kind in {"organisation", "region", "platform"} else "",
        problems=said(refusal),
        values=request.form,
        held=request.form.getlist("roles"),
        **chosen_scope(kind),
    )


@pages.does("/accounts/new", needs=Act.MANAGE_ACCOUNTS)
def create_account() -> ResponseReturnValue:
    """Make the account and show its one-time password, this once."""
    return submit(
        CreateAccount,
        service.create_account,
        then=lambda made: _show_password(made, _("The account is made")),
        again=new_account_page,
    )


@pages.shows("/accounts/<uuid:user_id>", needs=Act.MANAGE_ROLES)
def account_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one account and what can be done with it."""
    user = queries.visible(look(), actor(), user_id)
    person = queries.actor_of(look(), user_id, clock.now())
    region = "".join(catalogue.region_chain(look(), user.region_code)) if user.region_code else ""
    return render_template(
        "accounts/account.html",
        user=user,
        person=person,
        region=region,
        further=queries.further_regions(look(), user_id, clock.now()),
        problems=said(refusal),
        own=user_id == actor().user_id,
        keeps=may(actor(), Act.MANAGE_ACCOUNTS),
        has_factor=queries.has_second_factor(look(), user_id),
        sessions=shapes.sessions(queries.sessions_of(look(), user_id, clock.now()))
        if may(actor(), Act.MANAGE_ACCOUNTS)
        else [],
        invitation=queries.open_invitation(look(), user_id),
        mandates=mandates.of_person(look(), user_id, clock.now()),
        has_password=user.password_hash != NO_PASSWORD,
        console_only=said(Refusal(found)) if (found := console_problems(person.roles)) else [],
    )


@pages.shows("/accounts/<uuid:user_id>/roles", needs=Act.MANAGE_ROLES)
def roles_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose other roles and say why."""
    session = look()
    user = queries.visible(session, actor(), user_id)
    held = request.form.getlist("roles") if refusal else [role.value for role in queries.roles_of(session, user_id)]
    free = queries.crew_without_account(session, user.organisation_id) if user.organisation_id else []
    return render_template(
        "accounts/roles.html",
        user=user,
        roles=roles_for(queries.scope_of(session, user.organisation_id, user.region_code)),
        held=held,
        crew=[*([session.get_one(CrewMember, user.crew_id)] if user.crew_id else []), *free],
        **last_of(user),
        values=request.form,
        problems=said(refusal),
    )


@pages.does("/accounts/<uuid:user_id>/roles", needs=Act.MANAGE_ROLES)
def change_roles(user_id: UUID) -> ResponseReturnValue:
    """Change them."""

    def done(user: User) -> ResponseReturnValue:
        flash(_("The roles of {name} are changed.", name=user.name), "success")
        return redirect(url_for("accounts.account_page", user_id=user.id), 303)

    return submit(
        ChangeRoles,
        service.change_roles,
        then=done,
        again=lambda refusal: roles_page(user_id, refusal),
        given={"user_id": user_id},
    )


def last_of(user: User) -> dict[str, Any]:
    """Return what a form has to say and ask where somebody is the last one in a role."""
    session = look()
    last = handovers.last_roles(session, user)
    beside = handovers.people_of(session, user.organisation_id) if last and user.organisation_id else []
    return {
        "last": last,
        "nobody_can": [sentence for role in last for sentence in NOBODY_CAN[role]],
        "followers": [one for one in beside if one.user.id != user.id and one.has_password],
    }


@pages.shows("/accounts/<uuid:user_id>/close", needs=Act.MANAGE_ACCOUNTS)
def close_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Say what ends with the account, and ask whatever has to be known before."""
    user = queries.visible(look(), actor(), user_id)
    return render_template(
        "accounts/close.html",
        user=user,
        person=queries.actor_of(look(), user_id, clock.now()),
        mandates=[one for one in mandates.of_person(look(), user_id, clock.now()) if not one.over],
        values=request.form,
        problems=said(refusal),
        **last_of(user),
    )


@pages.does("/accounts/<uuid:user_id>/active", needs=Act.MANAGE_ACCOUNTS)
def set_active(user_id: UUID) -> ResponseReturnValue:
    """Close the account or open it again."""

    def done(user: User) -> ResponseReturnValue:
        flash(
            _("The account is open.") if user.active else _("The account is closed; its sessions have ended."),
            "success",
        )
        return redirect(url_for("accounts.account_page", user_id=user.id), 303)

    return submit(
        SetActive,
        service.set_active,
        then=done,
        again=lambda refusal: (close_page if request.form.get("active") == "false" else account_page)(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/password", needs=Act.MANAGE_ACCOUNTS)
def reset_password(user_id: UUID) -> ResponseReturnValue:
    """Give the person a one-time password and show it, this once."""
    return submit(
        ResetPassword,
        service.reset_password,
        then=lambda made: _show_password(made, _("There is a new one-time password")),
        again=lambda refusal: account_page(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/second-factor/reset", needs=Act.MANAGE_ACCOUNTS)
def reset_second_factor(user_id: UUID) -> ResponseReturnValue:
    """Take the person's second factor away: the telephone is lost."""

    def done(user: User) -> ResponseReturnValue:
        flash(
            _("{name} has no second factor any more; all sessions of that account have ended.", name=user.name),
            "success",
        )
        return redirect(url_for("accounts.account_page", user_id=user.id), 303)

    return submit(
        ResetSecondFactor,
        service.reset_second_factor,
        then=done,
        again=lambda refusal: account_page(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/sessions/end", needs=Act.MANAGE_ACCOUNTS)
def end_sessions_of(user_id: UUID) -> ResponseReturnValue:
    """End one session of somebody, or all of them."""
    queries.visible(look(), actor(), user_id)
    handle = request.form.get("session", "")[:64]
    with acting() as work:
        if handle:
            service.end_session(work, user_id, handle)
        else:
            service.end_other_sessions(work, user_id)
    flash(_("Ended. Whoever used it has to sign in again."), "success")
    return redirect(url_for("accounts.account_page", user_id=user_id), 303)


def _show_password(made: tuple[User, str | None], title: str) -> ResponseReturnValue:
    # Shown in the answer itself, not after a redirect: it must not lie in a cookie or in the store on its way.
    user, password = made
    return render_template("accounts/one_time.html", user=user, password=password, title=title)


def chosen_scope(kind: str) -> dict[str, Any]:
    """Return what the form of a new account needs to know of the organisation or region chosen so far."""
    session = look()
    text = request.args.get("q", "")[:100]
    if kind == "organisation":
        chosen = _organisation()
        found = [] if chosen or not text else parties.page(session, actor(), parties.Filters(text=text), 20)[0]
        return {
            "organisation": chosen,
            "found": found,
            "regions": catalogue.full_names(session, [one.region_code for one in found]),
            "text": text,
            "roles": roles_for(queries.scope_of(session, chosen.id, None)) if chosen else [],
            "crew": queries.crew_without_account(session, chosen.id) if chosen else [],
        }
    if kind == "region":
        choice = choose_region(session, request.args.get("region", ""), text)
        return {"choice": choice, "roles": roles_for(queries.scope_of(session, None, choice.code or None))}
    return {}


def _organisation() -> Any:
    try:
        wanted = UUID(request.args.get("organisation", ""))
    except ValueError:
        return None
    return parties.visible(look(), actor(), wanted)
