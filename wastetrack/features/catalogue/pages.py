"""The national list as people look things up in it: by code, category or word, for a day."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.times import local_day
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.waste_codes import parse_waste_code
from wastetrack.domain.waste_list import Listing, choice_words
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries
from wastetrack.infra import clock
from wastetrack.web.context import look
from wastetrack.web.forms import said, status_of
from wastetrack.web.routing import Pages

pages = Pages("catalogue", __name__)

MOST_SHOWN = 100
LONGEST_SEARCH = 100


@pages.shows("/catalogue", needs=Act.VIEW_CATALOGUE)
def catalogue_page() -> ResponseReturnValue:
    """Search the list; without a search show its categories."""
    text = request.args.get("q", "")[:LONGEST_SEARCH]
    refusal = None
    try:
        on = _day()
    except Refusal as wrong:
        refusal, on = wrong, local_day(clock.now())
    found = queries.search_waste(look(), text, on, MOST_SHOWN + 1)
    page = render_template(
        "catalogue/list.html",
        text=text,
        on=on,
        typed_day=request.args.get("on", ""),
        problems=said(refusal),
        choice_words=choice_words(queries.edition_on(look(), on)),
        choice=queries.edition_on(look(), on),
        entries=found[:MOST_SHOWN],
        more=len(found) > MOST_SHOWN,
        most=MOST_SHOWN,
        categories=[] if text.strip() else queries.categories(look(), on),
    )
    return page, status_of(refusal) if refusal else 200


@pages.shows("/catalogue/<waste_code>", needs=Act.VIEW_CATALOGUE)
def code_page(waste_code: str) -> ResponseReturnValue:
    """Show one code: what the list says of it on a day, and the exemptions that name it."""
    on = _day()
    found = queries.listing(look(), parse_waste_code(waste_code, "code"), on)
    page = render_template(
        "catalogue/code.html",
        found=found,
        on=on,
        warnings=said(Refusal(found.warnings)) if found.warnings else [],
        exemptions=queries.exemptions_for(look(), found.code, on),
    )
    return page, 404 if found.listing is Listing.UNLISTED else 200


def _day() -> date:
    typed = narrow(request.args.get("on", ""))
    if not typed:
        return local_day(clock.now())
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise refuse("catalogue.day", N_("Write a date such as 2026-11-23."), field="on") from None
