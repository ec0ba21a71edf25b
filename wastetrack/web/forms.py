"""From a sent form to one command, one service call, one answer. All problems come back at once, at their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_origin

from flask import make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from wastetrack.domain.access import Actor
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.infra.commands import Command, read
from wastetrack.infra.db import lost_to_another
from wastetrack.infra.i18n import _, say
from wastetrack.infra.work import Work
from wastetrack.web import context

C = TypeVar("C", bound=Command)
T = TypeVar("T")

NOT_THE_ACTS = frozenset({"csrf_token", "proof_password", "proof_code", "agree"})
"""Fields of a form that say who sends it and what he is bound by, not what is to be done."""

STATUS = {Kind.INVALID: 422, Kind.FORBIDDEN: 403, Kind.UNKNOWN: 404, Kind.CONFLICT: 409}


@dataclass(frozen=True)
class Said:
    """A problem in the reader's language, for the error summary and the field."""

    field: str | None
    text: str
    basis: str | None


def said(refusal: Refusal | None) -> list[Said]:
    """Return the problems of a refusal as people read them."""
    problems = refusal.problems if refusal else ()
    return [Said(p.field, say(p), _(p.basis) if p.basis else None) for p in problems]


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that fits a refusal."""
    return STATUS[refusal.kind]


def parse(command: type[C], form: MultiDict[str, str], given: Mapping[str, object] | None = None) -> C:
    """Read a form into a command; `given` are fields that come from the address. Raises a Refusal with every problem.

    An empty field counts as not sent, so that a default applies or the field is named as still empty.
    """
    values: dict[str, Any] = dict(given or {})
    for name in form:
        if name in NOT_THE_ACTS or name in values:
            continue
        model_field = command.model_fields.get(name)
        entries = [entry for entry in form.getlist(name) if entry.strip()]
        if model_field is not None and get_origin(model_field.annotation) in {list, tuple, set, frozenset}:
            values[name] = entries
        elif entries:
            values[name] = entries[-1]
    return read(command, values)


def _act(do: Callable[[Work, C], T], command: C, who: Actor | None) -> T:
    """Do the act in one transaction; once more from the start when the store ended it in favour of another act."""
    for last_try in (False, False, True):
        try:
            with context.acting(who) as work:
                return do(work, command)
        except DBAPIError as error:
            if last_try or not lost_to_another(error):
                raise
    raise AssertionError("the last try returns or raises")


def submit(
    command: type[C],
    do: Callable[[Work, C], T],
    *,
    then: Callable[[T], ResponseReturnValue],
    again: Callable[[Refusal], ResponseReturnValue],
    given: Mapping[str, object] | None = None,
    who: Actor | None = None,
) -> ResponseReturnValue:
    """Run one act from a form: parse, one transaction, one service call, then the answer.

    `then` makes the answer of success (mostly a redirect); `again` shows the form once more with what was typed
    and every problem. What is forbidden or unknown goes to the error page, unless it belongs to a field: somebody
    who scanned a foreign label wants to scan the next one. `who` acts where nobody is signed in.
    """
    try:
        parsed = parse(command, request.form, given)
        result = _act(do, parsed, who)
    except Refusal as refusal:
        if any(p.field is None and p.kind in {Kind.FORBIDDEN, Kind.UNKNOWN} for p in refusal.problems):
            raise
        answer = make_response(again(refusal))
        if answer.status_code == 200:
            answer.status_code = status_of(refusal)
        return answer
    return then(result)
