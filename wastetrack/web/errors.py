"""Every refusal and mishap as a page in the reader's language with the status that fits. Never a stack trace."""

import logging
from dataclasses import dataclass

from flask import Flask, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from wastetrack.domain.problems import Kind, Refusal, refuse
from wastetrack.domain.words import N_
from wastetrack.infra.i18n import _
from wastetrack.infra.ids import new_token
from wastetrack.web.forms import Said, said, status_of

log = logging.getLogger(__name__)

TITLES = {
    400: N_("The request could not be read"),
    403: N_("Not yours to do"),
    404: N_("Nothing here"),
    405: N_("That is not done this way"),
    409: N_("It has moved on"),
    410: N_("No longer here"),
    413: N_("Too large"),
    422: N_("That cannot be accepted"),
    429: N_("Too often"),
    500: N_("Our mistake"),
    503: N_("For a moment not available"),
}

_ADVICE = {
    400: N_("Go back, load the page again and repeat the step. Nothing was changed."),
    404: N_("There is nothing under this address. Check the code, or start from the first page."),
    405: N_("This address cannot be called so. Go back and use the buttons of the page."),
    413: N_("What was sent is larger than this page takes. Send a smaller picture or file."),
    429: N_("Too many tries in a short time. Wait a minute, then try again."),
    500: N_("Something went wrong on our side. Nothing was changed. Tell the operator this number: {reference}."),
    503: N_("The store cannot be reached at the moment. Nothing was changed. Try again in a minute."),
}

OTHER_SITES = frozenset({"cross-site", "same-site"})
"""What the header Sec-Fetch-Site says of forms that are not ours: a neighbour under the same domain is not us."""


@dataclass(frozen=True)
class Mishap:
    """What the error page shows."""

    status: int
    title: str
    problems: list[Said]


def init(app: Flask) -> None:
    """Answer every error with the one error page."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _unreachable)
    app.register_error_handler(IntegrityError, _collided)
    app.register_error_handler(Exception, _mistake)

    @app.before_request
    def turn_away_other_sites() -> None:
        # A browser says from where a request comes. One that does not say is held to its token all the same.
        if request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
            sentence = N_("This was sent from another site, so it is not done. Open the page here and do it there.")
            raise refuse("request.other_site", sentence, kind=Kind.FORBIDDEN)

    @app.before_request
    def turn_away_nul() -> None:
        # No person types it, and PostgreSQL cannot keep it: refused here once, for every page and form.
        sent = [*request.args.listvalues(), *request.form.listvalues(), [request.path]]
        if any("\0" in text for texts in sent for text in texts):
            abort(400)


def _page(status: int, problems: list[Said]) -> ResponseReturnValue:
    title = _(TITLES.get(status, TITLES[400]))
    return render_template("errors/problem.html", status=status, title=title, problems=problems), status


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return _page(status_of(refusal), said(refusal))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    text = _("The page stood open too long, or you signed in elsewhere. Load it again and repeat the step.")
    return _page(400, [Said(None, text, None)])


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    text = _(_ADVICE.get(status, _ADVICE[400]), reference="—")
    return _page(status if status in TITLES else 400, [Said(None, text, None)])


def _collided(error: IntegrityError) -> ResponseReturnValue:
    # Two acts wanted the same unique thing at once, or a key of one act came with another: nothing of it was kept.
    log.warning("an act collided with another", exc_info=error)
    text = _("This was done already, or somebody else did it at the same moment. Load the page again and look.")
    return _page(409, [Said(None, text, None)])


def _unreachable(error: OperationalError) -> ResponseReturnValue:
    log.error("the store could not be used", exc_info=error)
    return _page(503, [Said(None, _(_ADVICE[503]), None)])


def unrecorded(error: Exception) -> ResponseReturnValue:
    """Answer where the audit record cannot be written: what cannot be recorded is neither done nor shown."""
    # Without the statement: it would carry names into the log.
    cause = error.__cause__ or error
    log.error("the audit record could not be written: %s", type(getattr(cause, "orig", cause)).__name__)
    text = _(
        "The audit record cannot be written at the moment, so nothing is done and nothing is shown. Try again in a "
        "minute; if it lasts, tell the operator."
    )
    return _page(503, [Said(None, text, None)])


def _mistake(error: Exception) -> ResponseReturnValue:
    reference = new_token()[:8]
    rule = request.url_rule.rule if request.url_rule else "-"
    log.error("mistake %s at %s", reference, rule, exc_info=error)
    return _page(500, [Said(None, _(_ADVICE[500], reference=reference), None)])
