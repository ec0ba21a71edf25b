"""Pages of large boxes: the list with what is to be washed, registering, and one box with all that is done with it."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.documents.box_label import BoxLabelFacts, box_label
from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.boxes import TRANSITIONS, WASHED, BoxDoing, BoxKind, BoxState
from wastetrack.domain.cleaning import WARN_BEFORE, clean_by
from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local
from wastetrack.domain.words import N_
from wastetrack.features.boxes import queries, service
from wastetrack.features.boxes.models import Box
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.i18n import CHINESE, _, speaking
from wastetrack.infra.work import Work
from wastetrack.web.context import actor, look, visitor
from wastetrack.web.forms import said, status_of, submit
from wastetrack.web.pdf import pdf
from wastetrack.web.routing import PUBLIC, Pages
from wastetrack.web.scanning import scanned_code

pages = Pages("boxes", __name__)
C = TypeVar("C", bound=Command)
WARN_HOURS = WARN_BEFORE.total_seconds() / 3600


@pages.shows("/boxes", needs=Act.VIEW_BOX)
def boxes_page() -> ResponseReturnValue:
    """List the boxes a person may see, above them what his organisation has to wash next."""
    wanted = queries.Wanted(
        request.args.get("q", "")[:60],
        next((one for one in BoxState if one.value == request.args.get("state")), None),
        _uuid(request.args.get("store")),
        _uuid(request.args.get("after")),
    )
    rows, after = queries.find(look(), actor(), wanted)
    return render_template(
        "boxes/boxes.html",
        rows=rows,
        wanted=wanted,
        states=list(BoxState),
        to_wash=queries.to_wash(look(), actor()),
        warn_hours=WARN_HOURS,
        may_keep=_own(actor(), Act.KEEP_BOX),
        following=_following(after) if after else None,
    )


@pages.shows("/boxes/new", needs=Act.KEEP_BOX)
def new_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form for one box or several alike."""
    who = actor()
    if who.organisation_id is None:
        raise unknown()
    stores = parties.facilities_of(look(), who.organisation_id)
    return render_template(
        "boxes/new.html", kinds=list(BoxKind), stores=[(str(one.id), one.name) for one in stores],
        problems=said(refusal), form=request.form,
    )  # fmt: skip


@pages.does("/boxes/new", needs=Act.KEEP_BOX)
def register() -> ResponseReturnValue:
    """Register boxes; their labels are printed on their pages."""

    def then(made: list[Box]) -> ResponseReturnValue:
        sentence = N_("{n} {n:box is|boxes are} registered. Print the label of each and fix it to it.")
        flash(_(sentence, n=len(made)), "success")
        one = url_for("boxes.box_page", box_id=made[0].id)
        return redirect(one if len(made) == 1 else url_for("boxes.boxes_page"), 303)

    return submit(service.RegisterBoxes, service.register, then=then, again=new_page)


@pages.shows("/boxes/<uuid:box_id>", needs=Act.VIEW_BOX)
def box_page(box_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one box: what is in it, where it is, its history, and what can be done with it now."""
    session, who, now = look(), actor(), clock.now()
    box = queries.view(session, who, box_id)
    sees = queries.sees_content(session, who, box)
    names = parties.names(session, [box.owner_id, box.holder_organisation_id])
    own = who.organisation_id
    elsewhere = [one for one in parties.facilities_of(session, own) if one.id != box.holder_facility_id] if own else []
    return render_template(
        "boxes/box.html",
        box=box,
        is_washed=box.kind in WASHED,
        names=names,
        store=parties.facility(session, box.holder_facility_id) if box.holder_facility_id else None,
        around=queries.path(session, box.parent_id),
        tree=queries.tree(session, box) if sees else None,
        steps=queries.timeline(session, who, box),
        cleanings=queries.cleanings(session, box),
        due=clean_by(box.unclean_since) if box.unclean_since else None,
        warn_hours=WARN_HOURS,
        may_do=_may_do(box, who),
        stores=[(str(one.id), one.name) for one in elsewhere],
        problems=said(refusal),
        form=request.form,
        this_minute=local(now).strftime("%Y-%m-%dT%H:%M"),
    )


@pages.shows("/boxes/code/<code>", needs=PUBLIC)
def scanned_page(code: str) -> ResponseReturnValue:
    """Go from the code on a box to its page; to a stranger say what it is and whom to call."""
    try:
        box = queries.by_code(look(), parse_container_code(code))
    except Refusal:
        box = None
    if box is None:
        raise unknown()
    who = visitor()
    if who is not None and queries.visible(look(), who, box):
        return redirect(url_for("boxes.box_page", box_id=box.id))
    carer = parties.organisation(look(), box.holder_organisation_id or box.owner_id)
    return render_template("boxes/found.html", box=box, phone=carer.emergency_phone)


@pages.shows("/boxes/<uuid:box_id>/label.pdf", needs=Act.KEEP_BOX)
def label_pdf(box_id: UUID) -> ResponseReturnValue:
    """Give the label of a box; it stays on the box for good."""
    box = queries.view(look(), actor(), box_id)
    if not _own(actor(), Act.KEEP_BOX):
        raise unknown()
    owner = parties.organisation(look(), box.owner_id)
    address = f"{current_app.config['PUBLIC_URL'].upper()}/C/{box.code}"
    with speaking(CHINESE):
        kind = _(box.kind.label)
    facts = BoxLabelFacts(queries.shown(box), address, kind, box.name, owner.name, owner.emergency_phone)
    return pdf(box_label(facts), f"box-{box.code}")


@pages.does("/boxes/<uuid:box_id>/pack", needs=Act.PACK)
def pack(box_id: UUID) -> ResponseReturnValue:
    """Put what was scanned into the box; the form comes back at once for the next."""
    return _scan(box_id, service.PackIn, service.pack, N_("{codes} is in the box now."))


@pages.does("/boxes/<uuid:box_id>/out", needs=Act.PACK)
def take_out(box_id: UUID) -> ResponseReturnValue:
    """Take one thing out of the box."""
    return _scan(box_id, service.TakeOut, service.take_out, N_("{codes} is taken out of the box."))


@pages.does("/boxes/<uuid:box_id>/close", needs=Act.PACK)
def close(box_id: UUID) -> ResponseReturnValue:
    """Close the box."""
    return _done(box_id, service.ShutBox, service.close, N_("The box is closed."))


@pages.does("/boxes/<uuid:box_id>/open", needs=Act.PACK)
def reopen(box_id: UUID) -> ResponseReturnValue:
    """Open the box."""
    return _done(box_id, service.ShutBox, service.reopen, N_("The box is open."))


@pages.does("/boxes/<uuid:box_id>/place", needs=Act.PACK)
def place(box_id: UUID) -> ResponseReturnValue:
    """Put the box with all that is in it into one of the own stores."""
    return _done(box_id, service.PlaceBox, service.place, N_("The box stands in the store."))


@pages.does("/boxes/<uuid:box_id>/clean", needs=Act.CLEAN_BOX)
def clean(box_id: UUID) -> ResponseReturnValue:
    """Record that the box was washed and disinfected."""
    return _done(box_id, service.CleanBox, service.clean, N_("The cleaning is recorded."))


@pages.does("/boxes/<uuid:box_id>/retire", needs=Act.KEEP_BOX)
def retire(box_id: UUID) -> ResponseReturnValue:
    """Take the box out of use."""
    return _done(box_id, service.RetireBox, service.retire, N_("The box is retired."))


def _following(after: UUID) -> str:
    asked = request.args
    return url_for(
        "boxes.boxes_page", q=asked.get("q"), state=asked.get("state"), store=asked.get("store"), after=after
    )


def _scan(box_id: UUID, command: type[C], do: Callable[[Work, C], Box], sentence: str) -> ResponseReturnValue:
    try:
        code = scanned_code(request, "codes")
    except Refusal as refusal:
        return make_response(box_page(box_id, refusal), status_of(refusal))
    return _done(box_id, command, do, sentence, {"codes": (code,) if code else ()}, code)


def _done(
    box_id: UUID,
    command: type[C],
    do: Callable[[Work, C], Box],
    sentence: str,
    given: dict[str, object] | None = None,
    code: str = "",
) -> ResponseReturnValue:
    """Do one act with a box and show the box again."""

    def then(box: Box) -> ResponseReturnValue:
        flash(_(sentence, codes=code), "success")
        return redirect(url_for("boxes.box_page", box_id=box.id), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        return box_page(box_id, refusal)  # type: ignore[no-any-return]

    return submit(command, do, then=then, again=again, given={"box_id": box_id, **(given or {})})


_OFFERED = {
    BoxDoing.PACK: Act.PACK, BoxDoing.UNPACK: Act.PACK, BoxDoing.CLOSE: Act.PACK, BoxDoing.OPEN: Act.PACK,
    BoxDoing.STORE: Act.PACK, BoxDoing.CLEAN: Act.CLEAN_BOX, BoxDoing.RETIRE: Act.KEEP_BOX,
}  # fmt: skip


def _may_do(box: Box, who: Actor) -> set[str]:
    """Return what the page offers: what fits the state, and is the person's to do."""
    held = {Relation.OWN} if who.acts_for(box.holder_organisation_id) else set()
    offered = {
        doing.value
        for doing, act in _OFFERED.items()
        if (box.state, doing) in TRANSITIONS and box.parent_id is None and may(who, act, held)
    }
    if box.state in {BoxState.READY, BoxState.DIRTY} and _own(who, Act.PACK):
        offered.add(BoxDoing.STORE.value)
    if not who.acts_for(box.owner_id):
        offered.discard(BoxDoing.RETIRE.value)
    return offered | ({"label"} if _own(who, Act.KEEP_BOX) else set())


def _own(who: Actor, act: Act) -> bool:
    return who.organisation_id is not None and may(who, act, {Relation.OWN})


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(404)
