"""Pages of the storage watch: what is wrong now, what soon will be, what has cleared, and one alarm with its causes."""

from collections.abc import Sequence
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Relation, may
from wastetrack.domain.alerts import Limit, Subject
from wastetrack.domain.ledger import Event
from wastetrack.domain.words import N_
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.watch import queries
from wastetrack.features.watch.models import Alert
from wastetrack.features.watch.shapes import Notice, notice, notices
from wastetrack.infra import clock
from wastetrack.web.context import actor, look
from wastetrack.web.routing import Pages

pages = Pages("watch", __name__)

WORDS = {"alert.opened": N_("The limit was crossed"), "alert.cleared": N_("The cause was gone")}


def in_words(alerts: Sequence[Alert]) -> list[Notice]:
    """Put alerts into the reader's words, with the names of the organisations read in one query."""
    return notices(alerts, parties.names(look(), {one.organisation_id for one in alerts}), clock.now())


@pages.app_template_global("alert_target")
def target(one: Notice) -> str | None:
    """Return the page where somebody can do something about an alert, None where the reader has none."""
    match one.subject:
        case Subject.FACILITY:
            return url_for("containers.store_page", facility_id=one.subject_id)
        case Subject.CONTAINER if one.code:
            return url_for("containers.container_page", code=one.code)
        case Subject.MANIFEST:
            return url_for("manifests.manifest_page", manifest_id=one.subject_id)
        case Subject.VEHICLE if may(actor(), Act.VIEW_VEHICLE, {Relation.OWN, Relation.REGION}):
            return url_for("fleet.vehicle_page", vehicle_id=one.subject_id)
        case Subject.BOX if may(actor(), Act.VIEW_BOX, {Relation.OWN, Relation.REGION}):
            return url_for("boxes.box_page", box_id=one.subject_id)
        case Subject.TANK if may(actor(), Act.VIEW_TANK, {Relation.OWN, Relation.REGION}):
            return url_for("tanks.tank_page", tank_id=one.subject_id)
        case Subject.ORGANISATION if one.limit is Limit.PLAN:
            if not may(actor(), Act.VIEW_PARTIES, {Relation.OWN, Relation.REGION}):
                return None
            return url_for("parties.plan_page", organisation_id=one.subject_id, year=one.year)
        case Subject.ORGANISATION if may(actor(), Act.REGISTER, {Relation.OWN}):
            return url_for("containers.register_page")
        case _:
            return None


@pages.shows("/alerts", needs=Act.VIEW_ALERTS)
def alerts_page() -> ResponseReturnValue:
    """List what is in force, the longest first, what can still be prevented, and what has cleared."""
    now, session, who = clock.now(), look(), actor()
    limit = _limit(request.args.get("limit"))
    alerts, after = queries.current(session, who, now, _uuid(request.args.get("after")), limit=limit)
    past, earlier = queries.cleared(session, who, _uuid(request.args.get("before")))
    first = not (request.args.get("after") or request.args.get("before") or limit)
    return render_template(
        "watch/alerts.html",
        current=in_words(alerts) if not request.args.get("before") else [],
        coming=in_words(queries.coming(session, who, now)) if first else [],
        cleared=in_words(past) if first or request.args.get("before") else [],
        limit=limit,
        counts=queries.count_current(session, who, now),
        following=url_for("watch.alerts_page", after=after, limit=limit.value if limit else None) if after else None,
        earlier=url_for("watch.alerts_page", before=earlier) if earlier else None,
        first=first,
    )


@pages.shows("/alerts/<uuid:alert_id>", needs=Act.VIEW_ALERTS)
def alert_page(alert_id: UUID) -> ResponseReturnValue:
    """Show one alarm: why, since when, what causes it now, and what the ledger says of it."""
    now, session = clock.now(), look()
    alert = queries.view(session, actor(), alert_id, now)
    causes = queries.causes(session, alert, now)
    names = parties.names(
        session, {alert.organisation_id, alert.also_organisation_id, *(one.producer_id for one in causes.shown)}
    )
    return render_template(
        "watch/alert.html",
        one=notice(alert, names[alert.organisation_id], now),
        other=names.get(alert.also_organisation_id) if alert.also_organisation_id else None,
        causes=causes,
        names=names,
        history=_told(ledger.stream(session, f"alert:{alert.id}")),
    )


def _told(events: Sequence[Event]) -> list[tuple[str, Event]]:
    return [(WORDS.get(event.kind, event.kind), event) for event in events]


def _limit(text: str | None) -> Limit | None:
    """Read the limit a list is narrowed to out of an address."""
    try:
        return Limit(text) if text else None  # type: ignore[call-arg]  # a Term is looked up by its value
    except ValueError:
        abort(404)


def _uuid(text: str | None) -> UUID | None:
    """Read an id out of an address; nonsense there is no page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(404)
