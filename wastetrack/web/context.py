"""The present request: who asks, the session for looking, the one transaction for acting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from wastetrack.domain import access
from wastetrack.domain.access import Act, Actor, may, may_ever
from wastetrack.infra import clock
from wastetrack.infra.db import reader, writing
from wastetrack.infra.files import Files
from wastetrack.infra.i18n import say
from wastetrack.infra.outbox import Outbox
from wastetrack.infra.work import Work


def engine() -> Engine:
    """Return the store of the running application."""
    return cast(Engine, current_app.extensions["wastetrack.engine"])


def files() -> Files:
    """Return where the files are kept that people send."""
    return cast(Files, current_app.extensions["wastetrack.files"])


def outbox() -> Outbox:
    """Return the long work of the running application."""
    return cast(Outbox, current_app.extensions["wastetrack.outbox"])


def look() -> Session:
    """Return the request's session for reading; opened when first asked for, closed with the request."""
    if "reader" not in g:
        g.reader = reader(engine())
    return cast(Session, g.reader)


@contextmanager
def acting(who: Actor | None = None) -> Iterator[Work]:
    """Open the one transaction of a changing request. It is kept when the block ends and dropped when it raises.

    The line of the audit record stands in the same transaction. `who` acts where nobody is signed in: somebody who
    has shown by other means who he is.
    """
    with writing(engine()) as session:
        device = request.headers.get("User-Agent", "")[:120] or "browser"
        yield Work(session, who or actor(), clock.now(), device=device)
        note = current_app.extensions.get("wastetrack.record")
        noted = note is not None and note(session, who)
    if noted:
        g.act_is_recorded, g.act_is_due = True, False


def actor() -> Actor:
    """Return the signed-in person; only for routes that need one."""
    return cast(Actor, g.actor)


def visitor() -> Actor | None:
    """Return the signed-in person, or None for a stranger."""
    return cast(Actor | None, g.get("actor"))


def can(act: Act, *relations: str) -> bool:
    """Tell whether the person may do `act`; without relations: on anything at all. For templates and navigation."""
    who = visitor() if has_request_context() else None
    if who is None:
        return False
    return may(who, act, relations) if relations else may_ever(who, act)  # type: ignore[arg-type]


def finishing(*, waste_only: bool = False) -> str:
    """Say why the person begins nothing new, empty where he may. For templates: no button leads to a refusal."""
    who = visitor() if has_request_context() else None
    return "".join(say(problem) for problem in access.finishing(who, waste_only=waste_only)) if who else ""


def init(app: Flask, store: Engine, kept: Files, waiting: Outbox) -> None:
    """Join the application to its store, its files and its long work."""
    app.extensions.update({"wastetrack.engine": store, "wastetrack.files": kept, "wastetrack.outbox": waiting})

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        session = g.pop("reader", None)
        if session is not None:
            session.close()
