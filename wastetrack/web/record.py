"""The audit record, joined to every request: who looked, changed, took away, signed in or was refused.

Writing it is not optional. A change and its line are one transaction; a look is written before the answer is sent.
What cannot be written down is not done and not shown. The table belongs to a feature, so its writer is given to `init`.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, g, make_response, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor
from wastetrack.domain.audit import AuditKind, Doing, kind_of, short_address, subject_of
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.web import context, errors, login
from wastetrack.web.routing import PUBLIC, SIGNED_IN, needs_of

Write = Callable[[Session, Doing, datetime], None]
Known = Callable[[Session, str], Actor | None]
"""Tells whose account a typed username is, if it is anybody's."""

DOORS = frozenset({"accounts.sign_in", "accounts.sign_in_with_code"})


class Unrecorded(Exception):
    """The audit record could not be written."""


def init(app: Flask, write: Write, known: Known) -> None:
    """Write the record of every request. Called last: what earlier steps of a request do for themselves is no act."""
    app.register_error_handler(Unrecorded, errors.unrecorded)

    @app.before_request
    def begins() -> None:
        g.act_is_due = request.method == "POST" and request.endpoint not in DOORS and context.visitor() is not None

    def with_the_change(session: Session, who: Actor | None = None) -> bool:
        if who is None and not g.get("act_is_due"):
            return False
        session.flush()
        put(session, AuditKind.CHANGED, who or context.visitor(), None)
        return True

    app.extensions["wastetrack.record"] = with_the_change

    @app.after_request
    def with_the_answer(answer: Response) -> Response:
        told = _told(app, answer)
        if told is None:
            return answer
        kind, who = told
        try:
            with writing(context.engine()) as session:
                put(session, kind, who or tried(session), answer.status_code)
        except (Unrecorded, SQLAlchemyError) as error:
            if request.endpoint in DOORS:
                login.end()
            return make_response(errors.unrecorded(error))
        return answer

    def put(session: Session, kind: AuditKind, who: Actor | None, status: int | None) -> None:
        try:
            write(session, _doing(kind, who, status), clock.now())
        except SQLAlchemyError as error:
            raise Unrecorded from error

    def tried(session: Session) -> Actor | None:
        return known(session, request.form.get("username", "")) if request.endpoint in DOORS else None


def _told(app: Flask, answer: Response) -> tuple[AuditKind, Actor | None] | None:
    """Return what is to be written of an answer, and who got it; None where nothing is or it is written already."""
    if request.endpoint in DOORS and request.method == "POST":
        if current_user.is_authenticated:
            return AuditKind.SIGNED_IN, current_user.actor
        return (AuditKind.FAILED_SIGN_IN, None) if answer.status_code in {401, 403, 422, 429} else None
    who = context.visitor()
    if who is None or request.endpoint in {None, "static"} or g.pop("act_is_recorded", False):
        return None
    if needs_of(app, request.endpoint) in {PUBLIC, SIGNED_IN} and not request.view_args:
        return None
    kind = kind_of(answer.status_code, answer.mimetype or "")
    return (kind, who) if kind else None


def _doing(kind: AuditKind, who: Actor | None, status: int | None) -> Doing:
    subject = subject_of(request.view_args or {})
    if kind is AuditKind.FAILED_SIGN_IN:
        # People type their password there by mistake, so what was typed is kept only as a short hash.
        typed = request.form.get("username", "").strip().lower()
        subject = f"username:{hashlib.sha256(typed.encode()).hexdigest()[:16]}"
    device = request.headers.get("User-Agent", "")[:120] or "browser"
    return Doing(kind, who, request.endpoint or "", subject, status, device, short_address(request.remote_addr))
