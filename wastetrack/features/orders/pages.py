"""Pages of orders: choose whom, write what, the list, one with who has and who has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from wastetrack.domain.access import Act, Relation, may, unknown
from wastetrack.domain.orders import CLOSED, MOST_CHOSEN, TO_ALL, OrderState, Progress
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.regions import covers
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.orders import queries, service
from wastetrack.features.orders.models import Order
from wastetrack.features.parties.models import Organisation
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import Pages

pages = Pages("orders", __name__)

ONE = "/orders/<uuid:order_id>"
LONGEST = 100


@pages.shows("/orders", needs=Act.VIEW_ORDER)
def orders_page() -> ResponseReturnValue:
    """List the orders that concern the reader: in force, or ended and withdrawn."""
    closed = request.args.get("closed") == "1"
    lines, before = queries.page(look(), actor(), _uuid(request.args.get("before")), closed=closed)
    own = {one.order.id: one for one in queries.waiting_for(look(), actor(), clock.now())}
    return render_template(
        "orders/list.html",
        lines=lines,
        closed=closed,
        waiting=own,
        regions=catalogue.full_names(look(), {line.order.region_code for line in lines}),
        following=url_for("orders.orders_page", before=before, closed="1" if closed else None) if before else None,
        is_addressee=actor().organisation_id is not None,
    )


# --- giving ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whom:
    """Whom an order is to go to: all of a kind in a region, or chosen organisations of it."""

    region: Region
    kind: OrganisationKind | None
    chosen: list[Organisation]
    count: int


@pages.shows("/orders/new", needs=Act.COMMAND)
def new_page() -> ResponseReturnValue:
    """Choose whom an order goes to; once that is said, the form for what is ordered."""
    session, who = look(), actor()
    regions = queries.regions_to_command(session, who)
    region = _region(regions, request.args.get("region", ""))
    text = request.args.get("q", "")[:LONGEST]
    ticked = _ids(request.args.getlist("to"))
    if request.args.get("go") or request.args.get("all_of"):
        whom = _whom(region, request.args)
        if whom.count:
            return _form(whom)
    return render_template(
        "orders/new.html",
        regions=[(one.code, one.name) for one in regions],
        region=region,
        numbers=queries.how_many(session, region.path),
        text=text,
        chosen=(chosen := queries.chosen(session, region.path, ticked)),
        found=[one for one in queries.named(session, region.path, text) if one not in chosen] if text.strip() else [],
        nobody=bool(request.args.get("go")),
        most_found=queries.MOST_FOUND,
    )


@pages.does("/orders", needs=Act.COMMAND)
def give() -> ResponseReturnValue:
    """Give an order."""

    def then(one: Order) -> ResponseReturnValue:
        flash(_("The order is given. It stands at the top of the start page of everybody it goes to."), "success")
        return redirect(url_for("orders.order_page", order_id=one.id), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        regions = queries.regions_to_command(look(), actor())
        return _form(_whom(_region(regions, request.form.get("region_code", "")), request.form), refusal)

    return submit(service.GiveOrder, service.give, then=then, again=again)


def _form(whom: Whom, refusal: Refusal | None = None) -> ResponseReturnValue:
    return render_template("orders/form.html", whom=whom, values=request.form, problems=said(refusal))


def _whom(region: Region, given: MultiDict[str, str]) -> Whom:
    """Read out of an address or a form whom an order is to go to."""
    kind = next((one for one in TO_ALL if one.value == given.get("all_of")), None)
    if kind is not None:
        return Whom(region, kind, [], queries.how_many(look(), region.path)[kind])
    chosen = queries.chosen(look(), region.path, _ids([*given.getlist("to"), *given.getlist("organisation_ids")]))
    return Whom(region, None, chosen, len(chosen))


def _region(regions: list[Region], code: str) -> Region:
    """Return the region that is meant, or the person's one that it lies in; his own when none is named."""
    if not regions:
        raise unknown()
    meant = catalogue.region(look(), code)
    around = [one for one in regions if meant is not None and covers(one.path, meant.path)]
    return max(around, key=lambda one: len(one.path), default=regions[0])


def _progress(text: str | None) -> Progress | None:
    """Read out of an address how far those are that are asked for."""
    try:
        return Progress(text) if text else None  # type: ignore[call-arg]  # a Term is looked up by its value
    except ValueError:
        abort(404)


# --- one -------------------------------------------------------------------------------------------------------------


@pages.shows(ONE, needs=Act.VIEW_ORDER)
def order_page(order_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show an order: to the commander who has and who has not, to an addressee what he has to do."""
    now, session, who = clock.now(), look(), actor()
    one = queries.visible(session, who, order_id)
    related = queries.relations(session, who, one)
    sees_all = may(who, Act.VIEW_ORDER, related - {Relation.OWN})
    mine = queries.standing_of(session, one, who.organisation_id, now)
    only = _progress(request.args.get("only"))
    standings, after = queries.standings(session, one, now, only, _uuid(request.args.get("after"))) if sees_all else (
        [], None)  # fmt: skip
    counted = queries.tally(session, one) if sees_all else {}
    in_force = one.state is OrderState.IN_FORCE
    people = {one.given_by, one.closed_by}
    shown = [*standings, *([mine] if mine else [])]
    people |= {user for each in shown for user in (each.row.acknowledged_by, each.row.carried_out_by)}
    return render_template(
        "orders/order.html",
        one=one,
        region=catalogue.full_names(session, {one.region_code})[one.region_code],
        standings=standings,
        count=sum(counted.values()),
        only=only,
        tabs_=[
            {
                "label": _(each.label),
                "href": url_for("orders.order_page", order_id=one.id, only=each.value),
                "active": each is only,
                "count": number,
            }
            for each, number in counted.items()
        ],
        following=url_for("orders.order_page", order_id=one.id, only=only.value if only else None, after=after)
        if after
        else None,
        sees_all=sees_all,
        mine=mine,
        people=accounts.names(session, people, [each.row.organisation_id for each in standings]),
        may_acknowledge=in_force and mine and mine.row.acknowledged_at is None and may(who, Act.ANSWER_ORDER, related),
        may_report=in_force and mine and mine.row.carried_out_at is None and may(who, Act.ANSWER_ORDER, related),
        may_close=in_force and may(who, Act.COMMAND, related),
        outcomes=sorted(CLOSED),
        problems=said(refusal),
        values=request.form if refusal else {},
    )


def _act_on(order_id: UUID, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("orders.order_page", order_id=order_id), 303)


@pages.does(f"{ONE}/acknowledge", needs=Act.ANSWER_ORDER)
def acknowledge(order_id: UUID) -> ResponseReturnValue:
    """Say that the organisation has taken note."""
    return submit(
        service.Acknowledge,
        service.acknowledge,
        then=lambda _one: _act_on(order_id, _("You have acknowledged the order. Report once it is carried out.")),
        again=lambda refusal: order_page(order_id, refusal),
        given={"order_id": order_id},
    )


@pages.does(f"{ONE}/report", needs=Act.ANSWER_ORDER)
def report(order_id: UUID) -> ResponseReturnValue:
    """Report the order carried out."""
    return submit(
        service.Report,
        service.report,
        then=lambda _one: _act_on(order_id, _("Your report is recorded. The command sees it.")),
        again=lambda refusal: order_page(order_id, refusal),
        given={"order_id": order_id},
    )


@pages.does(f"{ONE}/close", needs=Act.COMMAND)
def close(order_id: UUID) -> ResponseReturnValue:
    """End or withdraw the order."""
    return submit(
        service.CloseOrder,
        service.close,
        then=lambda _one: _act_on(order_id, _("The order does not hold any more. Nobody is asked for anything.")),
        again=lambda refusal: order_page(order_id, refusal),
        given={"order_id": order_id},
    )


def _ids(texts: Iterable[str]) -> set[UUID]:
    """Read ids that are ticked; no more than can be chosen, and no nonsense."""
    found: set[UUID] = set()
    for text in list(texts)[: MOST_CHOSEN + 1]:
        one = _uuid(text)
        if one is not None:
            found.add(one)
    return found


def _uuid(text: str | None) -> UUID | None:
    """Read an id out of an address; nonsense there is no page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(404)
