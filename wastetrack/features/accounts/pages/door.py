"""At the door: name and password, the code where there is a second factor, and what comes before everything else."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user

from wastetrack.domain.access import SYSTEM, Actor
from wastetrack.domain.accounts import Origin, normal_username
from wastetrack.domain.parties import may_be_named
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import Assurance
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.service import CodeCommand, CodeWanted, Proof, SignInCommand
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.i18n import _
from wastetrack.infra.ids import new_token
from wastetrack.infra.work import Work
from wastetrack.web import login
from wastetrack.web.context import acting, engine, look, visitor
from wastetrack.web.forms import parse, said, status_of
from wastetrack.web.language import local_path
from wastetrack.web.routing import PUBLIC, SIGNED_IN

ALWAYS_OPEN = frozenset({"accounts.sign_out", "language.switch"})
BEFORE_OWN_PASSWORD = ALWAYS_OPEN | {"accounts.password_page", "accounts.change_password"}
"""What is open to somebody who still has a one-time password, or one that is too old."""
BEFORE_SECOND_FACTOR = BEFORE_OWN_PASSWORD | {
    "accounts.second_factor_page",
    "accounts.begin_second_factor",
    "accounts.confirm_second_factor",
}
"""What is open to somebody who must have a second factor and has none."""

# --- every request -----------------------------------------------------------------------------------------------


@pages.before_app_request
def keep_session() -> ResponseReturnValue | None:
    """Write down that the session is in use, and lead people to what they have to do before anything else."""
    who = visitor() if request.endpoint != "static" else None
    if who is None or who.user_id is None:
        return None
    token_hash, now = login.hash_of(current_user.token), clock.now()
    if queries.was_seen_long_ago(look(), token_hash, now):
        with acting() as work:
            service.saw(work, token_hash)
    if request.endpoint not in BEFORE_OWN_PASSWORD and queries.must_change_password(look(), who.user_id, now):
        chosen = not queries.user(look(), who.user_id).must_change_password
        old = _("Your password is old and has to be changed. Choose another one before you go on.")
        flash(old if chosen else _("Choose a password of your own before you go on."), "info")
        return redirect(url_for("accounts.password_page"), 303)
    if request.endpoint not in BEFORE_SECOND_FACTOR and queries.must_set_second_factor(look(), who):
        flash(_("Your role needs a second factor. Set it up before you go on."), "info")
        return redirect(url_for("accounts.second_factor_page"), 303)
    return None


# --- signing in and out ------------------------------------------------------------------------------------------


@pages.shows("/sign-in", needs=PUBLIC)
def sign_in_page() -> ResponseReturnValue:
    """Ask who it is; somebody who is signed in already goes on."""
    if visitor() is not None:
        return redirect(_next(), 303)
    return _sign_in_form(None)


@pages.does("/sign-in", needs=PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Let the person in under a new session, or say why not. The password is checked before anything is locked."""
    try:
        command = parse(SignInCommand, request.form)
    except Refusal as refusal:
        return _sign_in_form(refusal), status_of(refusal)
    proof = service.proven(look(), command.username, command.password)
    with _at_the_door() as work:
        answer = service.sign_in(work, command, proof, _origin(command.username))
        if isinstance(answer, Actor):
            _let_in(work, answer, command.username)
        elif isinstance(answer, CodeWanted):
            _ask_for_code(work, answer, proof)
    if isinstance(answer, Refusal):
        return _sign_in_form(answer), _status(answer)
    if isinstance(answer, CodeWanted):
        return redirect(url_for("accounts.code_page", next=request.args.get("next")), 303)
    return _welcome(answer)


@pages.shows("/sign-in/code", needs=PUBLIC)
def code_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask for the code of the second factor, of somebody whose password was right a moment ago."""
    if visitor() is not None or _pending() is None:
        return redirect(url_for("accounts.sign_in_page", next=request.args.get("next")), 303)
    action = url_for("accounts.sign_in_with_code", next=request.args.get("next"))
    return render_template("accounts/code.html", problems=said(refusal), action=action)


@pages.does("/sign-in/code", needs=PUBLIC)
def sign_in_with_code() -> ResponseReturnValue:
    """Let the person in who has sent the right code."""
    name = _pending()
    if name is None:
        flash(_("The time for the code is over. Sign in again with your password."), "warning")
        return redirect(url_for("accounts.sign_in_page", next=request.args.get("next")), 303)
    try:
        command = parse(CodeCommand, request.form)
    except Refusal as refusal:
        return code_page(refusal), status_of(refusal)
    with _at_the_door() as work:
        answer = service.sign_in_with_code(work, command, login.hash_of(cookie["pending"]), _origin(name))
        if isinstance(answer, Actor):
            _let_in(work, answer, name, Assurance.PASSWORD_AND_CODE)
    if isinstance(answer, Refusal):
        return code_page(answer), _status(answer)
    left = queries.recovery_codes_left(look(), answer.user_id) if answer.user_id else 0
    if left <= 3:
        flash(
            _("You have {n} recovery {n:code|codes} left. Make new ones on the page “Second factor”.", n=left),
            "warning",
        )
    return _welcome(answer)


@pages.does("/sign-out", needs=SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    token = login.end()
    if token:
        with acting() as work:
            service.sign_out(work, login.hash_of(token))
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in_page"), 303)


def begin(work: Work, who: Actor, assurance: Assurance = Assurance.PASSWORD) -> None:
    """Give the browser a session with a new name, and end the one it may have had."""
    before = login.end()
    if before:
        service.sign_out(work, login.hash_of(before))
    assert who.user_id is not None  # noqa: S101
    device = request.headers.get("User-Agent", "")
    service.open_session(work, who.user_id, login.hash_of(login.begin(who)), assurance, device)


@contextmanager
def _at_the_door() -> Iterator[Work]:
    """Open a transaction for somebody who is nobody yet."""
    with writing(engine()) as session:
        yield Work(session, SYSTEM, clock.now(), device=request.headers.get("User-Agent", "")[:120] or "browser")


def _origin(username: str) -> Origin:
    return Origin(address=request.remote_addr or "", device=login.device_of(normal_username(username)))


def _let_in(work: Work, who: Actor, username: str, assurance: Assurance = Assurance.PASSWORD) -> None:
    begin(work, who, assurance)
    login.remember_device(normal_username(username))


def _ask_for_code(work: Work, wanted: CodeWanted, proof: Proof | None) -> None:
    assert proof is not None  # noqa: S101  (a code is asked for after the right password only)
    token = new_token()
    service.wait_for_code(work, wanted, proof, login.hash_of(token))
    cookie["pending"] = token


def _pending() -> str | None:
    """Return the username of the person whose code is still to come in this browser."""
    token = cookie.get("pending")
    pending = queries.pending(look(), login.hash_of(token), clock.now()) if isinstance(token, str) else None
    return queries.user(look(), pending.user_id).username if pending else None


def _welcome(who: Actor) -> ResponseReturnValue:
    if not may_be_named(who.organisation_state):
        sentence = N_("{organisation} is {state}: it finishes what is under way and begins nothing new.")
        flash(_(sentence, organisation=who.organisation_name, state=who.organisation_state), "warning")
    return redirect(_next(), 303)


def _sign_in_form(refusal: Refusal | None) -> str:
    return render_template(
        "accounts/sign_in.html",
        problems=said(refusal),
        username=request.form.get("username", ""),
        action=url_for("accounts.sign_in", next=request.args.get("next")),
    )


def _next() -> str:
    return local_path(request.args.get("next"))


def _status(refusal: Refusal) -> int:
    return 429 if refusal.problems[0].code == "account.locked" else status_of(refusal)
