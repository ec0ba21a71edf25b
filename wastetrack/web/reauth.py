"""Showing again who one is, before signing: one function for the pages, one macro for their forms.

Whoever showed it within the last minutes signs with one button. Otherwise the same form asks for the password or the
code (templates/components/reauth.html), wrong ones are counted, and how it was shown stands in the event.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar, cast

from flask import Flask, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.security import Assurance
from wastetrack.domain.words import N_
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.work import Work
from wastetrack.web import context
from wastetrack.web.forms import Said, status_of, submit
from wastetrack.web.login import hash_of

PASSWORD, CODE = "proof_password", "proof_code"

Standing = Callable[[Session, str, datetime], tuple[Assurance, bool]]
"""Tells of a session how surely its person is known, and whether he has shown it lately."""
Show = Callable[[str, str], Refusal | None]
"""Checks a password or a code of the signed-in person and notes that it was right; returns what is wrong."""

C = TypeVar("C", bound=Command)
T = TypeVar("T")


def init(app: Flask, standing: Standing, show: Show) -> None:
    """Join the kit to whoever knows sessions, passwords and codes; tell the templates what to ask for."""
    app.extensions["wastetrack.standing"] = standing
    app.extensions["wastetrack.show"] = show
    app.jinja_env.globals.update(must_show_again=must_show_again, has_code=has_code, only_to_show=only_to_show)


def must_show_again() -> bool:
    """Tell whether the person has to show again who he is before he signs."""
    return not _standing()[1]


def has_code() -> bool:
    """Tell whether the person can show it by a code, too."""
    return _standing()[0] is Assurance.PASSWORD_AND_CODE


def only_to_show(problems: list[Said]) -> bool:
    """Tell whether all that stands against signing is that the person has to show again who he is."""
    return bool(problems) and all(one.field in {PASSWORD, CODE} for one in problems)


def show(*, always: bool = False) -> Refusal | None:
    """Take the password or the code of the form where it is needed; return why the person may not sign yet."""
    password, code = request.form.get(PASSWORD, "")[:1000], request.form.get(CODE, "").strip()[:60]
    if not always and not must_show_again():
        return None
    if not password and not code:
        sentence = N_("Show again who you are: type your password, then sign.")
        return refuse("account.show_again", sentence, field=PASSWORD)
    refusal = cast(Show, current_app.extensions["wastetrack.show"])(password, code)
    if refusal is None:
        g.standing = (_standing()[0], True)
    return refusal


def submit_signed(
    command: type[C],
    do: Callable[[Work, C], T],
    *,
    then: Callable[[T], ResponseReturnValue],
    again: Callable[[Refusal], ResponseReturnValue],
    given: Mapping[str, object] | None = None,
    always: bool = False,
) -> ResponseReturnValue:
    """Run an act that is a signature: as `forms.submit`, by somebody who has shown lately who he is."""
    refusal = show(always=always)
    if refusal is not None:
        answer = make_response(again(refusal))
        answer.status_code = 429 if refusal.problems[0].code == "account.locked" else status_of(refusal)
        return answer
    assurance = _standing()[0]
    return submit(
        command,
        lambda work, parsed: do(replace(work, assurance=assurance), parsed),
        then=then,
        again=again,
        given=given,
    )


def _standing() -> tuple[Assurance, bool]:
    if not current_user.is_authenticated:
        return Assurance.PASSWORD, False
    if "standing" not in g:
        asked = cast(Standing, current_app.extensions["wastetrack.standing"])
        g.standing = asked(context.look(), hash_of(current_user.token), clock.now())
    return cast(tuple[Assurance, bool], g.standing)
