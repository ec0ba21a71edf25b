"""One's own security: the password, the second factor, the sessions, and showing again who one is."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from wastetrack.domain.accounts import IDLE, LONGEST_SESSION
from wastetrack.domain.passwords import least_length
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import PasswordRules, needs_second_factor
from wastetrack.features.accounts import queries, service, shapes
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.door import begin
from wastetrack.features.accounts.service import ChangePassword, ConfirmSecondFactor
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web import login, reauth
from wastetrack.web.context import acting, actor, look
from wastetrack.web.forms import parse, said, status_of
from wastetrack.web.routing import SIGNED_IN

HOUR = 3600


def _me() -> User:
    who = actor()
    assert who.user_id is not None  # noqa: S101
    return queries.user(look(), who.user_id)


def _token_hash() -> str:
    return login.hash_of(current_user.token)


def show_again(password: str, code: str) -> Refusal | None:
    """Check the password or the code of the signed-in person and note that it was right; called by `web.reauth`."""
    proof = service.proven(look(), _me().username, password) if not code else None
    with acting() as work:
        return service.show_again(work, _token_hash(), proof, code, (reauth.PASSWORD, reauth.CODE))


# --- the password ------------------------------------------------------------------------------------------------


@pages.shows("/password", needs=SIGNED_IN)
def password_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask for the present password and a new one."""
    policy = queries.policy(look())
    return render_template(
        "accounts/password.html",
        problems=said(refusal),
        least=least_length(policy),
        complex=policy.passwords is PasswordRules.CLASSIFIED,
        policy=policy,
    )


@pages.does("/password", needs=SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change it; every other session of the person ends, this browser goes on under a new one."""
    assurance = queries.assurance_of(look(), _token_hash())
    try:
        command = parse(ChangePassword, request.form)
        proof = service.proven(look(), _me().username, command.password)
        with acting() as work:
            answer = service.change_password(work, command, proof)
            if isinstance(answer, User):
                begin(work, actor(), assurance)
    except Refusal as refusal:
        return password_page(refusal), status_of(refusal)
    if isinstance(answer, Refusal):
        return password_page(answer), _status(answer)
    flash(_("Your password is changed. Everywhere else you are signed out."), "success")
    return redirect("/", 303)


def _status(refusal: Refusal) -> int:
    return 429 if refusal.problems[0].code == "account.locked" else status_of(refusal)


# --- the second factor -------------------------------------------------------------------------------------------


@pages.shows("/second-factor", needs=SIGNED_IN)
def second_factor_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what there is, and what can be done with it."""
    user = _me()
    return render_template(
        "accounts/second_factor.html",
        problems=said(refusal),
        factor=queries.second_factor(look(), user.id),
        left=queries.recovery_codes_left(look(), user.id),
        required=needs_second_factor(queries.policy(look()), actor().roles),
    )


@pages.does("/second-factor/begin", needs=SIGNED_IN)
def begin_second_factor(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the secret as a QR code and in letters, and ask for the first code.

    In the answer itself, not after a redirect: the secret lies in no cookie and under no address.
    """
    refused = refusal or reauth.show()
    if refused is not None and refusal is None:
        return second_factor_page(refused), _status(refused)
    with acting() as work:
        secret = service.begin_second_factor(work)
    return render_template(
        "accounts/second_factor_new.html",
        problems=said(refusal),
        secret=shapes.in_groups(secret),
        picture=shapes.qr_picture(service.address_for(secret, _me().username)),
    )


@pages.does("/second-factor/confirm", needs=SIGNED_IN)
def confirm_second_factor() -> ResponseReturnValue:
    """Let it count from now on, and show the recovery codes, this once."""
    try:
        command = parse(ConfirmSecondFactor, request.form)
        with acting() as work:
            codes = service.confirm_second_factor(work, command, _token_hash())
    except Refusal as refusal:
        if any(one.field is None for one in refusal.problems):
            raise
        return begin_second_factor(refusal), _status(refusal)
    return render_template("accounts/recovery_codes.html", codes=codes, first=True)


@pages.does("/second-factor/codes", needs=SIGNED_IN)
def new_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, this once."""
    refused = reauth.show(always=True)
    if refused is not None:
        return second_factor_page(refused), _status(refused)
    with acting() as work:
        codes = service.new_recovery_codes(work)
    return render_template("accounts/recovery_codes.html", codes=codes, first=False)


@pages.does("/second-factor/remove", needs=SIGNED_IN)
def remove_second_factor() -> ResponseReturnValue:
    """Take one's own second factor away, after showing anew who one is."""
    refused = reauth.show(always=True)
    if refused is not None:
        return second_factor_page(refused), _status(refused)
    with acting() as work:
        service.remove_second_factor(work)
    flash(_("You have no second factor any more: your password alone signs you in."), "success")
    return redirect(url_for("accounts.second_factor_page"), 303)


# --- the sessions ------------------------------------------------------------------------------------------------


@pages.shows("/sessions", needs=SIGNED_IN)
def sessions_page() -> ResponseReturnValue:
    """Show where the person is signed in."""
    held = queries.sessions_of(look(), _me().id, clock.now())
    return render_template(
        "accounts/sessions.html",
        sessions=shapes.sessions(held, _token_hash()),
        idle=int(IDLE.total_seconds() // HOUR),
        longest=int(LONGEST_SESSION.total_seconds() // HOUR),
    )


@pages.does("/sessions/end", needs=SIGNED_IN)
def end_session() -> ResponseReturnValue:
    """End one of one's own sessions, or all but this one."""
    me, handle = _me(), request.form.get("session", "")[:64]
    with acting() as work:
        if handle:
            service.end_session(work, me.id, handle)
        else:
            service.end_other_sessions(work, me.id, _token_hash())
    flash(_("Ended. Whoever used it has to sign in again."), "success")
    return redirect(url_for("accounts.sessions_page"), 303)
