"""The custody ledger for the audit administrator: how much there is, whether it is intact, every stream as written."""

import json
from itertools import islice

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.ledger import Finding
from wastetrack.features.ledger import queries, service
from wastetrack.infra import clock
from wastetrack.web.context import look
from wastetrack.web.routing import Pages

pages = Pages("ledger", __name__)

MOST_FINDINGS = 200
"""A ledger that is wrong in more places than this is not read line by line on a screen: use the command."""


@pages.shows("/ledger", needs=Act.VIEW_LEDGER)
def ledger_page() -> ResponseReturnValue:
    """Show how much there is and the streams by name."""
    return _ledger(None)


@pages.does("/ledger/verify", needs=Act.VIEW_LEDGER)
def verify() -> ResponseReturnValue:
    """Check every row now and say what is wrong."""
    return _ledger(list(islice(service.verify(look()), MOST_FINDINGS + 1)))


def _ledger(findings: list[Finding] | None) -> ResponseReturnValue:
    """Show the ledger; `findings` is None where nobody asked for a verification."""
    prefix, after = request.args.get("prefix", "").strip()[:80], request.args.get("after", "")[:80]
    streams, following = queries.streams_from(look(), prefix, after)
    number, events = queries.counts(look())
    return render_template(
        "ledger/ledger.html",
        number=number,
        events=events,
        streams=streams,
        prefix=prefix,
        following=url_for("ledger.ledger_page", prefix=prefix or None, after=following) if following else None,
        findings=findings,
        most=MOST_FINDINGS,
        checked_at=clock.now(),
    )


@pages.shows("/ledger/stream", needs=Act.VIEW_LEDGER)
def stream_page() -> ResponseReturnValue:
    """Show one stream as it was written, oldest first."""
    name = request.args.get("name", "")[:80]
    events = queries.stream(look(), name)
    if not events:
        raise unknown()
    facts = [json.dumps(json.loads(event.facts), ensure_ascii=False, indent=1) for event in events]
    return render_template("ledger/stream.html", name=name, rows=list(zip(events, facts, strict=True)))
