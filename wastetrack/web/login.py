"""Signing in, wrapped: the browser holds a random name of a session that lives on the server and can be revoked."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Response, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor, forbidden, may_ever
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.infra.ids import new_token
from wastetrack.web import context
from wastetrack.web.routing import PUBLIC, SIGNED_IN, needs_of

Loader = Callable[[Session, str, datetime], Actor | None]
"""Gives the person behind the hash of a session's name, or None when it has ended or was revoked."""
Lead = Callable[[Actor], str | None]
"""Gives the address that somebody has to go to before anything else, if there is one."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """A person together with the session he came by."""

    def __init__(self, token: str, actor: Actor) -> None:
        """Join the two."""
        self.token, self.actor = token, actor

    def get_id(self) -> str:
        """Return what the cookie carries: the session's random name, nothing about the person."""
        return self.token


def hash_of(token: str) -> str:
    """Return what the store keeps of a session's name."""
    return hashlib.sha256(token.encode()).hexdigest()


def init(app: Flask, load: Loader, lead: Lead) -> None:
    """Read the person before each request and turn away whom the route is not for."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> SignedIn | None:
        who = load(context.look(), hash_of(token), clock.now())
        return SignedIn(token, who) if who else None

    app.after_request(_keep_device)

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        needs = needs_of(app, request.endpoint) if request.endpoint else PUBLIC
        if request.endpoint == "static":
            return None
        g.actor = current_user.actor if current_user.is_authenticated else None
        if needs == PUBLIC:
            return None
        if g.actor is None:
            flash(_("Sign in to go on."), "info")
            back = request.full_path if request.method == "GET" else None
            return redirect(url_for("accounts.sign_in_page", next=back), 303)
        first = lead(g.actor)
        if first is not None:
            return redirect(first, 303)
        acts = needs if isinstance(needs, tuple) else (needs,)
        if needs != SIGNED_IN and not any(may_ever(g.actor, act) for act in acts):  # type: ignore[arg-type]
            raise forbidden(acts[0])  # type: ignore[arg-type]
        return None


DEVICE_KEPT = timedelta(days=180)
_PEOPLE_OF_A_DEVICE = 20


def device_of(name: str) -> str:
    """Return the random name of this browser if somebody signed in with it under `name` before, else nothing.

    The cookie is signed: nobody can claim it. It opens nothing; failures from there count by themselves, so that no
    stranger locks a person out who sits where he always sits.
    """
    kept = _device()
    return str(kept["id"]) if kept and _short(name) in kept["people"] else ""


def remember_device(name: str) -> None:
    """Have the browser keep that somebody signed in with it under `name`."""
    kept = _device() or {"id": new_token(), "people": []}
    others = [one for one in kept["people"] if one != _short(name)]
    g.device_cookie = _device_signer().dumps({**kept, "people": [_short(name), *others][:_PEOPLE_OF_A_DEVICE]})


def _device() -> dict[str, Any] | None:
    try:
        kept = _device_signer().loads(
            request.cookies.get(_device_cookie(), ""), max_age=int(DEVICE_KEPT.total_seconds())
        )
    except BadData:
        return None
    return cast(dict[str, Any], kept)


def _device_signer() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="wastetrack device")


def _device_cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _short(name: str) -> str:
    return hash_of(name)[:16]


def _keep_device(answer: Response) -> Response:
    if "device_cookie" in g:
        answer.set_cookie(
            _device_cookie(),
            g.device_cookie,
            max_age=DEVICE_KEPT,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


def begin(actor: Actor) -> str:
    """Sign the person in under a fresh random name and return that name, so that the store can keep its hash."""
    token = new_token()
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    login_user(SignedIn(token, actor))
    return token


def renew_forms() -> None:
    """Have no form work any more that was opened before: it was filled in for somebody else than who acts now."""
    cookie.pop("csrf_token", None)
    g.pop("csrf_token", None)


def end() -> str | None:
    """Sign out and return the name of the session that ended."""
    token = cast(str, current_user.token) if current_user.is_authenticated else None
    logout_user()
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    return token
