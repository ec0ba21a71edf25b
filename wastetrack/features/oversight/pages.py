"""The regulator's pages: one box that finds anything in the region, and the list of its containers."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.containers import State
from wastetrack.domain.oversight import Moment, search_problems
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_, Term
from wastetrack.features.oversight import queries
from wastetrack.features.oversight.queries import Wanted
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.web.context import actor, can, look
from wastetrack.web.forms import said, status_of
from wastetrack.web.routing import Pages

pages = Pages("oversight", __name__)

T = TypeVar("T", bound=Term)
LONGEST = 100
FILTERS = ("q", "state", "by", "since", "until", "store")
"""What of an address is carried to the next page of the list: nothing else, or it would steer `url_for`."""
MOST_COUNTED = 10_000
"""Up to here a list is counted exactly; beyond, it says that there are more."""


@pages.app_context_processor
def search_box() -> dict[str, object]:
    """Put the search box into the head of every page of who may oversee a region."""
    return {"find_href": url_for("oversight.find_page") if can(Act.OVERSEE) else None}


@pages.shows("/find", needs=Act.OVERSEE)
def find_page() -> ResponseReturnValue:
    """Find a container, manifest, organisation, store or plate from one text."""
    text = request.args.get("q", "")[:LONGEST]
    problems = search_problems(text)
    refusal = Refusal(problems) if problems else None
    hits = queries.find(look(), actor(), text, clock.now()) if narrow(text) and not problems else None
    page = render_template("oversight/find.html", text=text, hits=hits, few=queries.FEW, problems=said(refusal))
    return page, status_of(refusal) if refusal else 200


@pages.shows("/find/containers", needs=Act.OVERSEE)
def containers_page() -> ResponseReturnValue:
    """List the region's containers by code, producer, state, day and store."""
    problems: list[Problem] = []
    wanted = _wanted(problems)
    refusal = Refusal(problems) if problems else None
    after = _uuid(request.args.get("after"))
    rows, following = ([], None) if refusal else queries.find_containers(look(), actor(), wanted, after)
    kept = {name: value for name, value in request.args.items() if value and name in FILTERS}
    page = render_template(
        "oversight/containers.html",
        problems=said(refusal),
        form=request.args,
        wanted=wanted,
        rows=rows,
        sum=None if refusal else queries.sum_containers(look(), actor(), wanted, MOST_COUNTED),
        store=parties.facility(look(), wanted.store) if wanted.store and rows else None,
        following=url_for("oversight.containers_page", **kept, after=following) if following else None,  # type: ignore[arg-type]
        states=State,
        moments=Moment,
        most=MOST_COUNTED,
    )
    return page, status_of(refusal) if refusal else 200


def _wanted(problems: list[Problem]) -> Wanted:
    """Read the filters out of the address, collecting what cannot be read."""
    return Wanted(
        text=request.args.get("q", "")[:LONGEST],
        state=_term(State, "state", problems),
        moment=_term(Moment, "by", problems) or Moment.REGISTERED,
        since=_day("since", problems),
        until=_day("until", problems),
        store=_uuid(request.args.get("store")),
    )


def _term(kind: type[T], name: str, problems: list[Problem]) -> T | None:
    typed = request.args.get(name, "")
    try:
        return kind(typed) if typed else None  # type: ignore[call-arg]  # a Term is looked up by its value
    except ValueError:
        problems.append(Problem(f"{name}.unknown", N_("Choose one of the entries in the list."), field=name))
        return None


def _day(name: str, problems: list[Problem]) -> date | None:
    typed = narrow(request.args.get(name, ""))
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        problems.append(Problem(f"{name}.date", N_("Write a date such as 2026-11-23."), field=name))
        return None


def _uuid(text: str | None) -> UUID | None:
    """Read an id out of an address; nonsense there is no page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(404)
