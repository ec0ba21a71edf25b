"""The custody ledger: for the audit administrator all of it, for anyone the signed heads and what they prove."""

import json
from datetime import datetime
from itertools import islice

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.declared_wrong import declarations
from wastetrack.domain.ledger import Finding
from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_
from wastetrack.features.ledger import queries, service
from wastetrack.features.ledger.service import CheckpointFile, Verification
from wastetrack.features.ledger.shapes import sealer
from wastetrack.infra import clock
from wastetrack.infra.db import snapshot
from wastetrack.web.context import engine, look
from wastetrack.web.routing import PUBLIC, Pages

pages = Pages("ledger", __name__)
heads = Pages("heads", __name__)
"""What is published: open to everybody, without signing in."""

MOST_FINDINGS = 200
"""A ledger that is wrong in more places than this is not read line by line on a screen: use the command."""
A_PAGE = 50
SHORT, LONG = 10, 86_400
"""Seconds for which an answer may be kept: one that changes with the next head, and one that never changes."""


@pages.shows("/ledger", needs=Act.VIEW_LEDGER)
def ledger_page() -> ResponseReturnValue:
    """Show how much there is, how far it is sealed, and the streams by name."""
    return _ledger(None)


@pages.does("/ledger/verify", needs=Act.VIEW_LEDGER)
def verify() -> ResponseReturnValue:
    """Check what came since the last verification, and a part of the rest, and say what is wrong."""
    with snapshot(engine()) as session:
        return _ledger(list(islice(Verification(session, sealer().kept).findings(), MOST_FINDINGS + 1)))


def _ledger(findings: list[Finding] | None) -> ResponseReturnValue:
    """Show the ledger; `findings` is None where nobody asked for a verification."""
    session, checked = look(), CheckpointFile(sealer().kept.folder / "checkpoint.json").read()
    prefix, after = request.args.get("prefix", "").strip()[:80], request.args.get("after", "")[:80]
    streams, following = queries.streams_from(session, prefix, after)
    number, events = queries.counts(session)
    return render_template(
        "ledger/ledger.html",
        number=number,
        events=events,
        head=queries.latest_head(session),
        waiting=queries.waiting(session),
        checked=checked,
        checked_moment=datetime.fromisoformat(checked.at) if checked else None,
        streams=streams,
        prefix=prefix,
        following=url_for("ledger.ledger_page", prefix=prefix or None, after=following) if following else None,
        findings=findings,
        powers=queries.powers(session),
        most=MOST_FINDINGS,
        checked_at=clock.now(),
    )


@pages.shows("/ledger/stream", needs=Act.VIEW_LEDGER)
def stream_page() -> ResponseReturnValue:
    """Show one stream as it was written, oldest first, with each event's place in the log."""
    name = request.args.get("name", "")[:80]
    events = queries.stream(look(), name)
    if not events:
        raise unknown()
    facts = [json.dumps(json.loads(event.facts), ensure_ascii=False, indent=1) for event in events]
    return render_template(
        "ledger/stream.html",
        name=name,
        rows=list(zip(events, facts, strict=True)),
        places=queries.entries_of(look(), name),
        wrong=declarations(events),
    )


# --- published -------------------------------------------------------------------------------------------------------


@heads.shows("/ledger/heads", needs=PUBLIC)
def heads_page() -> ResponseReturnValue:
    """List the signed heads, newest first, with the keys and how to check them."""
    rows, following = queries.heads_before(look(), _number("before"), A_PAGE)
    return render_template(
        "ledger/heads.html",
        newest=queries.latest_head(look()),
        rows=rows,
        keys=queries.keys(look()).values(),
        following=url_for("heads.heads_page", before=following) if following is not None else None,
    )


@heads.shows("/ledger/heads.json", needs=PUBLIC)
def heads_json() -> ResponseReturnValue:
    """List the signed heads, newest first; `next` is the address of those before."""
    rows, following = queries.heads_before(look(), _number("before"), A_PAGE)
    following_href = url_for("heads.heads_json", before=following) if following is not None else None
    return _kept(jsonify(heads=[service.as_json(one) for one in rows], next=following_href), SHORT)


@heads.shows("/ledger/head", needs=PUBLIC, endpoint="head")
@heads.shows("/ledger/head.json", needs=PUBLIC)
def head_json() -> ResponseReturnValue:
    """Give the newest head, or that of the size asked for."""
    size = _number("size")
    found = queries.latest_head(look()) if size is None else queries.head_of(look(), size)
    if found is None:
        raise unknown()
    return _kept(jsonify(service.as_json(found)), SHORT if size is None else LONG)


@heads.shows("/ledger/keys.json", needs=PUBLIC)
def keys_json() -> ResponseReturnValue:
    """Give all public keys that ever signed."""
    return _kept(jsonify(keys=[service.key_json(key) for key in queries.keys(look()).values()]), SHORT)


@heads.shows("/ledger/keys.pem", needs=PUBLIC)
def keys_pem() -> ResponseReturnValue:
    """Give all public keys as `scripts/verify_ledger` takes them."""
    answer = make_response("".join(key.public for key in queries.keys(look()).values()))
    answer.mimetype = "application/x-pem-file"
    return _kept(answer, SHORT)


@heads.shows("/ledger/consistency.json", needs=PUBLIC)
def consistency_json() -> ResponseReturnValue:
    """Prove that the log under one head is the beginning of that under another."""
    old, new = _number("old"), _number("new")
    if old is None or new is None:
        raise refuse("ledger.two_sizes", N_("Name two sizes in the address: ?old=…&new=…"))
    return _kept(jsonify(service.prove_growth(look(), old, new)), LONG)


def _number(name: str) -> int | None:
    """Read a size out of the address; what is none is nobody's page."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise unknown()
    return int(text)


def _kept(answer: Response, seconds: int) -> Response:
    """Let anyone keep the answer for so long: it is the same for everybody."""
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
