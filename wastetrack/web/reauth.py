"""Showing again who one is, before signing: one function for the pages, one macro for their forms.

Whoever showed it within the last minutes signs with one button. Otherwise the same form asks for the password or the
code (templates/components/reauth.html), wrong ones are counted, and how it was shown stands in the event. Where the
agreement on electronic signatures has to be accepted first, the form of the signature asks for that, too: nothing that
was typed or scanned is lost (templates/components/signature.html).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, cast

from flask import Flask, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from wastetrack.domain.problems import Problem, Refusal, refuse
from wastetrack.domain.security import Assurance
from wastetrack.domain.words import N_
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.work import Work
from wastetrack.web import context
from wastetrack.web.forms import Said, status_of, submit
from wastetrack.web.login import hash_of

PASSWORD, CODE, AGREE = "proof_password", "proof_code", "agree"

Standing = Callable[[Session, str, datetime], tuple[Assurance, bool]]
"""Tells of a session how surely its person is known, and whether he has shown it lately."""
Show = Callable[[str, str], Refusal | None]
"""Checks a password or a code of the signed-in person and notes that it was right; returns what is wrong."""


@dataclass(frozen=True)
class Asked:
    """The agreement that a person has to accept; `now` tells whether before the next signature, or within a while."""

    version: int
    paragraphs: Sequence[str]
    now: bool


Agreement = Callable[[], Asked | None]
"""Tells what the person who is signed in has still to accept."""
Agree = Callable[[Work, int], object]
"""Keeps that the person accepts this version."""

C = TypeVar("C", bound=Command)
T = TypeVar("T")


def init(app: Flask, standing: Standing, show: Show) -> None:
    """Join the kit to whoever knows sessions, passwords and codes; tell the templates what to ask for."""
    app.extensions["wastetrack.standing"] = standing
    app.extensions["wastetrack.show"] = show
    app.jinja_env.globals.update(must_show_again=must_show_again, has_code=has_code, only_to_show=only_to_show)


def bind(app: Flask, agreement: Agreement, agree: Agree) -> None:
    """Join the kit to whoever keeps the agreement on electronic signatures."""
    app.extensions["wastetrack.agreement"] = agreement
    app.extensions["wastetrack.agree"] = agree
    app.jinja_env.globals.update(agreement_to_accept=agreement_to_accept)


def agreement_to_accept() -> Asked | None:
    """Return the agreement that the person has still to accept, None when there is none."""
    if "agreement" not in g:
        g.agreement = cast(Agreement, current_app.extensions["wastetrack.agreement"])()
    return cast(Asked | None, g.agreement)


def must_show_again() -> bool:
    """Tell whether the person has to show again who he is before he signs."""
    return not _standing()[1]


def has_code() -> bool:
    """Tell whether the person can show it by a code, too."""
    return _standing()[0] is Assurance.PASSWORD_AND_CODE


def only_to_show(problems: list[Said]) -> bool:
    """Tell whether all that stands against signing is what its form itself asks of the person."""
    return bool(problems) and all(one.field in {PASSWORD, CODE, AGREE} for one in problems)


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
    refusal = _bound() if _must_accept() else show(always=always)
    if refusal is not None:
        answer = make_response(again(refusal))
        locked = any(one.code == "account.locked" for one in refusal.problems)
        answer.status_code = 429 if locked else status_of(refusal)
        return answer
    assurance = _standing()[0]
    return submit(
        command,
        lambda work, parsed: do(replace(work, assurance=assurance), parsed),
        then=then,
        again=again,
        given=given,
    )


def _must_accept() -> bool:
    asked = agreement_to_accept()
    return asked is not None and asked.now


def bind_to(version: int) -> Refusal | None:
    """Keep that the person accepts this version, once he has ticked so and shown in any case who he is.

    It is kept by itself: it stands also when the signature for which it was asked is then refused.
    """
    problems: list[Problem] = []
    if request.form.get(AGREE) != str(version):
        sentence = N_("Read the agreement and tick that you accept it.")
        problems += refuse("signing.agreement", sentence, field=AGREE).problems
    refusal = show(always=True)
    problems += refusal.problems if refusal else ()
    if problems:
        return Refusal(problems)
    try:
        with context.acting() as work:
            agree = cast(Agree, current_app.extensions["wastetrack.agree"])
            agree(replace(work, assurance=_standing()[0]), version)
    except Refusal as changed:
        return changed
    finally:
        g.pop("agreement", None)
    return None


def _bound() -> Refusal | None:
    asked = agreement_to_accept()
    return bind_to(asked.version) if asked else None


def _standing() -> tuple[Assurance, bool]:
    if not current_user.is_authenticated:
        return Assurance.PASSWORD, False
    if "standing" not in g:
        asked = cast(Standing, current_app.extensions["wastetrack.standing"])
        g.standing = asked(context.look(), hash_of(current_user.token), clock.now())
    return cast(tuple[Assurance, bool], g.standing)
