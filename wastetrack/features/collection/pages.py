"""Pages of handing in: what a clinic can hand in, what waits at a station, one hand-in from both sides."""

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Relation, may
from wastetrack.domain.collection import HandInState, exemption_problems
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import State
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Signature
from wastetrack.features.boxes import queries as box_queries
from wastetrack.features.collection import queries, service
from wastetrack.features.collection.models import HandIn
from wastetrack.features.collection.service import (
    CancelHandIn,
    DeclareHandIn,
    FindBox,
    FinishHandIn,
    Received,
    ReceiveHandedIn,
)
from wastetrack.features.containers.models import Container
from wastetrack.features.parties import queries as parties
from wastetrack.features.signing import queries as signing
from wastetrack.features.signing import shapes as signatures
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit
from wastetrack.web.reauth import submit_signed
from wastetrack.web.routing import Pages

pages = Pages("collection", __name__)

FATE_DAYS = 30

EITHER = (Act.HAND_IN, Act.RECEIVE_HAND_IN)


# --- the overview ----------------------------------------------------------------------------------------------------


@pages.shows("/hand-ins", needs=EITHER)
def hand_ins_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what stands ready here, what waits at the own station, and what was handed in."""
    session, who = look(), actor()
    own = {Relation.OWN} if who.organisation_id else set()
    stores = queries.station_stores(session, who.organisation_id) if may(who, Act.RECEIVE_HAND_IN, own) else []
    store_ids = [store.id for store in stores]
    target = queries.station_of(session, who.organisation_id) if may(who, Act.HAND_IN, own) else None
    ready = queries.ready(session, who.organisation_id) if target else []
    boxes = queries.as_boxes(session, who.organisation_id, ready)
    lines, more = queries.page(session, sender_id=who.organisation_id, before=_before()) if own else ([], None)
    return render_template(
        "collection/hand_ins.html",
        problems=said(refusal),
        stores=stores,
        target=queries.station_name(session, target) if target else None,
        ready=ready,
        large=box_queries.codes(session, {one.box_id for one in ready if one.box_id}),
        ready_g=Grams(sum(one.mass_g for one in ready)),
        needs_manifest={
            one.id for one, box in zip(ready, boxes, strict=True) if exemption_problems(box, "container_ids")
        },
        chosen=request.form.getlist("container_ids") if refusal else None,
        waiting=queries.open_at(session, store_ids),
        shares=queries.shares(session, store_ids),
        lines=lines,
        more=more,
    )


@pages.does("/hand-ins", needs=Act.HAND_IN)
def declare() -> ResponseReturnValue:
    """Announce a hand-in."""

    def then(hand_in: HandIn) -> ResponseReturnValue:
        text = _("Declared. Take the boxes to the station: they stay yours until the station has scanned them.")
        flash(text, "success")
        return redirect(url_for("collection.hand_in_page", hand_in_id=hand_in.id), 303)

    return submit(DeclareHandIn, service.declare, then=then, again=hand_ins_page)


@pages.does("/hand-ins/receive", needs=Act.RECEIVE_HAND_IN)
def receive_at_station() -> ResponseReturnValue:
    """Scan a box at the station; the hand-in it belongs to is found, or opened."""
    return submit(ReceiveHandedIn, service.receive_box, then=_received, again=hand_ins_page)


@pages.shows("/hand-ins/received", needs=Act.RECEIVE_HAND_IN)
def received_page() -> ResponseReturnValue:
    """List the hand-ins at the own station, the latest first."""
    session = look()
    stores = queries.station_stores(session, actor().organisation_id)
    lines, more = queries.page(session, store_ids=[store.id for store in stores], before=_before())
    return render_template("collection/received.html", lines=lines, more=more)


# --- one hand-in -----------------------------------------------------------------------------------------------------


@pages.shows("/hand-ins/<uuid:hand_in_id>", needs=Act.VIEW_HAND_IN)
def hand_in_page(hand_in_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one hand-in: to the station with its scan box, to the sender and to regulators with what became of it."""
    session, who = look(), actor()
    hand_in = queries.view(session, who, hand_in_id)
    related = queries.relations(session, who, hand_in)
    boxes = queries.boxes_of(session, hand_in.id)
    received = [(box, one) for box, one in boxes if box.received_at is not None]
    missing = [(box, one) for box, one in boxes if box.received_at is None and box.found_at is None]
    takes_part = queries.may_receive(who, related) or queries.may_send(who, related)
    shows_boxes = takes_part and hand_in.state is HandInState.DECLARED
    signs = queries.may_receive(who, related) and hand_in.state is HandInState.DECLARED
    return render_template(
        "collection/hand_in.html",
        problems=said(refusal),
        form=request.form if refusal else {},
        hand_in=hand_in,
        sender=parties.organisation(session, hand_in.sender_id).name,
        station=queries.station_name(session, parties.facility(session, hand_in.facility_id)),
        receives=queries.may_receive(who, related),
        sends=queries.may_send(who, related),
        boxes=boxes,
        large=box_queries.codes(session, {one.box_id for _box, one in boxes if one.box_id}) if shows_boxes else {},
        received=received,
        missing=missing,
        found=[(box, one) for box, one in boxes if box.found_at is not None],
        received_g=Grams(sum(one.mass_g for _box, one in received)),
        weigh=request.values.get("weigh") == "1",
        producers=parties.names(session, (one.producer_id for _box, one in boxes)),
        statement=queries.statement(session, hand_in, boxes) if signs else None,
        closed=signatures.closed(session, who, Signature.STATION, clock.now()) if signs else [],
        given=signing.given(session, queries.stream_of(hand_in.id)),
    )


@pages.does("/hand-ins/<uuid:hand_in_id>/receive", needs=Act.RECEIVE_HAND_IN)
def receive_box(hand_in_id: UUID) -> ResponseReturnValue:
    """Take one box of this hand-in over."""
    return submit(
        ReceiveHandedIn,
        service.receive_box,
        given={"hand_in_id": hand_in_id},
        then=_received,
        again=lambda refusal: hand_in_page(hand_in_id, refusal),
    )


@pages.does("/hand-ins/<uuid:hand_in_id>/finish", needs=Act.RECEIVE_HAND_IN)
def finish(hand_in_id: UUID) -> ResponseReturnValue:
    """Sign the receipt."""

    def then(hand_in: HandIn) -> ResponseReturnValue:
        flash(_("Signed. The sender sees what was received and what was not found."), "success")
        return redirect(url_for("collection.hand_in_page", hand_in_id=hand_in.id), 303)

    return submit_signed(
        FinishHandIn,
        service.finish,
        given={"hand_in_id": hand_in_id},
        then=then,
        again=lambda refusal: hand_in_page(hand_in_id, refusal),
    )


@pages.does("/hand-ins/<uuid:hand_in_id>/found", needs=Act.HAND_IN)
def find_box(hand_in_id: UUID) -> ResponseReturnValue:
    """Say that a box which was not found is still here."""

    def then(hand_in: HandIn) -> ResponseReturnValue:
        flash(_("Noted: it was found and never left. Hand it in the next time."), "success")
        return redirect(url_for("collection.hand_in_page", hand_in_id=hand_in.id), 303)

    return submit(
        FindBox,
        service.find_box,
        given={"hand_in_id": hand_in_id},
        then=then,
        again=lambda refusal: hand_in_page(hand_in_id, refusal),
    )


@pages.does("/hand-ins/<uuid:hand_in_id>/cancel", needs=EITHER)
def cancel(hand_in_id: UUID) -> ResponseReturnValue:
    """Take the declaration back."""

    def then(_hand_in: HandIn) -> ResponseReturnValue:
        flash(_("The hand-in is cancelled. The boxes stay where they are."), "success")
        return redirect(url_for("collection.hand_ins_page"), 303)

    return submit(
        CancelHandIn,
        service.cancel,
        given={"hand_in_id": hand_in_id},
        then=then,
        again=lambda refusal: hand_in_page(hand_in_id, refusal),
    )


def _received(taken: Received) -> ResponseReturnValue:
    mass, count = Grams(sum(one.mass_g for one in taken.containers)), len(taken.containers)
    code = pretty(ContainerCode(taken.large.code if taken.large else taken.containers[0].code))
    if taken.large:
        text = _("Received large box {code}: {n} {n:container|containers}, {mass}.", code=code, n=count, mass=mass)
        flash(text, "success")
    else:
        flash(_("Received {code}, {mass}.", code=code, mass=mass), "success")
    if taken.note and taken.large:
        flash(_("Some of it was not declared and is added to the hand-in."), "warning")
    elif taken.note:
        flash(_("It was not declared and is added to the hand-in."), "warning")
    weigh = "1" if request.form.get("mass") else None
    return redirect(url_for("collection.hand_in_page", hand_in_id=taken.hand_in.id, weigh=weigh), 303)


# --- the fate of one's own waste -------------------------------------------------------------------------------------


@pages.shows("/hand-ins/whereabouts", needs=Act.HAND_IN)
def whereabouts_page() -> ResponseReturnValue:
    """Show where the own organisation's waste is now, without saying whose waste it travels with."""
    session, who = look(), actor()
    rows, more = queries.fates(session, who.organisation_id, _before())
    counts = queries.fate_counts(session, who.organisation_id, clock.now() - timedelta(days=FATE_DAYS))
    return render_template(
        "collection/whereabouts.html",
        days=FATE_DAYS,
        counts=[(state, counts[state], _tone(state)) for state in State if counts.get(state)],
        rows=rows,
        places=_places(rows),
        more=more,
    )


def _places(rows: list[Container]) -> dict[UUID, str]:
    """Return at whose place each container is."""
    names = parties.names(look(), (one.holder_organisation_id for one in rows))
    return {one.id: names[one.holder_organisation_id] for one in rows if one.holder_organisation_id}


def _tone(state: State) -> str | None:
    return "alarm" if state in {State.MISSING, State.REFUSED} else None


def _before() -> UUID | None:
    try:
        return UUID(request.args.get("before", ""))
    except ValueError:
        return None
