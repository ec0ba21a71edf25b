"""Pages of the container: registering it, its label, the stores, and the page its label leads to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from flask import abort, current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Actor, Relation, finishing, may, may_ever, require, unknown
from wastetrack.domain.alerts import Limit, legal_basis, sentence
from wastetrack.domain.compatibility import Where, warnings_of_sharing
from wastetrack.domain.container_code import ContainerCode, parse_container_code, pretty
from wastetrack.domain.containers import ENDED, TRANSITIONS, Doing, State
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.registration import FULL, STATE_FOR_STRANGERS, moment_in, packagings_for, waste_words
from wastetrack.domain.storage_time import hours_by_law, hours_of, local_limit
from wastetrack.domain.storing import due_soon, overdue, time_limit
from wastetrack.domain.times import local, local_day
from wastetrack.domain.waste_codes import Hazard, WasteCode, medical_class_of
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import forms, queries, service
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import Standing, StoreFilters
from wastetrack.features.containers.service import PlaceContainers, RegisterAlike, VoidContainer, boxed, labels, mending
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, StoreZone
from wastetrack.features.parties.service import AddZone, CloseZone
from wastetrack.features.parties.service import add_zone as add_store_zone
from wastetrack.features.parties.service import close_zone as close_store_zone
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.i18n import _, say, show
from wastetrack.infra.work import Work
from wastetrack.web.context import actor, look, visitor
from wastetrack.web.forms import Said, said, status_of, submit
from wastetrack.web.routing import PUBLIC, SIGNED_IN, Pages
from wastetrack.web.scanning import scanned_code

pages = Pages("containers", __name__)
C = TypeVar("C", bound=Command)

UNDONE = N_("Undone in the same round")
"""The reason of an undo within the round."""


@pages.app_template_filter("code")
def show_code(code: str) -> str:
    """Write a container code as people read it."""
    return pretty(ContainerCode(code))


@pages.app_template_filter("waste")
def show_waste(container: Container) -> str:
    """Name the waste of a container: the class in the reader's language, else the name on the label."""
    return _(waste_words(container.waste_code, container.waste_name))


# --- registering -----------------------------------------------------------------------------------------------------


@pages.shows("/register", needs=Act.REGISTER)
def register_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form for the next bag and the round so far."""
    other = request.args.get("other") == "1"
    session, who = look(), actor()
    if who.organisation_id is None or who.user_id is None:
        raise unknown()
    mine = queries.round_of(session, who)
    just_now = request.args.get("sealed") if refusal is None else None
    today = local_day(clock.now())
    found = request.args.get("q", "")[:100].strip()
    return render_template(
        "containers/register.html",
        problems=said(refusal),
        form=request.form if refusal else request.args,
        offer=forms.offer(session, who, other=other),
        other=other,
        round=mine,
        made=next((one for one in mine if one.code == just_now), None),
        total=Grams(sum(one.mass_g for one in mine)),
        stores=forms.stores_for(parties.facilities_of(session, who.organisation_id), mine),
        found=catalogue.search_waste(session, found, today) if found else [],
        q=found,
        undone=UNDONE,
        blanks=labels.uses_blanks(session, who.organisation_id),
        hand_in_href=_hand_in_href(parties.organisation(session, who.organisation_id).station_facility_id),
    )


@pages.does("/register", needs=Act.REGISTER)
def register() -> ResponseReturnValue:
    """Seal and label one container, or several alike; the form comes back at once, with the receipt."""
    other = request.args.get("other") == "1"

    def then(made: list[Container]) -> ResponseReturnValue:
        for one in made:
            if one.overfull:
                flash(_(FULL, code=show_code(one.code)), "warning")
        if len(made) > 1:
            flash(_("{n} containers are sealed, each with its own label. Print them below.", n=len(made)), "success")
        sealed = made[0].code if len(made) == 1 else None
        return redirect(url_for("containers.register_page", sealed=sealed, other="1" if other else None), 303)

    return submit(RegisterAlike, service.register_alike, then=then, again=register_page)


def _hand_in_href(station: UUID | None) -> str | None:
    """Return where the waste is handed in, None for who belongs to no station."""
    hands_in = may(actor(), Act.HAND_IN, {Relation.OWN}) and not finishing(actor())
    return _href("collection.hand_ins_page") if station and hands_in else None


@pages.does("/register/undo", needs=Act.VOID_CONTAINER)
def undo() -> ResponseReturnValue:
    """Make void a label of the round just made."""

    def then(gone: Container) -> ResponseReturnValue:
        flash(_("Label {code} is void. Take it off the container.", code=show_code(gone.code)), "success")
        return redirect(url_for("containers.register_page"), 303)

    return submit(VoidContainer, service.void, then=then, again=register_page, given={"reason": UNDONE})


@pages.does("/register/place", needs=Act.STORE)
def place_round() -> ResponseReturnValue:
    """Put everything of one's round into a store."""

    def then(placed: list[Container]) -> ResponseReturnValue:
        if placed:
            flash(_("{n} {n:container is|containers are} now in the store.", n=len(placed)), "success")
        else:
            flash(_("There was nothing left to put into a store."), "info")
        return redirect(url_for("containers.register_page"), 303)

    return submit(PlaceContainers, service.place, then=then, again=register_page, given={"all_sealed": True})


# --- labels ----------------------------------------------------------------------------------------------------------


@pages.app_template_global("print_href")
def print_href(**chosen: object) -> str | None:
    """Return where these labels are printed; None where this installation prints none."""
    return _href("labels.print_page", **chosen) if may_ever(actor(), Act.PRINT_LABEL) else None


@pages.app_template_global("print_at_once_href")
def print_at_once_href() -> str | None:
    """Return what prints a first label without asking; None where this installation prints none."""
    return _href("labels.print_at_once") if may_ever(actor(), Act.PRINT_LABEL) else None


# --- stores ----------------------------------------------------------------------------------------------------------


@pages.shows("/stores", needs=Act.VIEW_STORE)
def stores_page() -> ResponseReturnValue:
    """List the stores a person may see, each against its limits."""
    now = clock.now()
    filters = StoreFilters(
        request.args.get("q", "")[:60], request.args.get("overdue") == "1", _uuid(request.args.get("after"))
    )
    rows, after = queries.stores(look(), actor(), filters, now)
    following = (
        url_for("containers.stores_page", q=filters.text or None, overdue="1" if filters.overdue else None, after=after)
        if after
        else None
    )
    return render_template(
        "containers/stores.html", rows=rows, filters=filters, following=following, overdue=overdue, due_soon=due_soon
    )


@pages.shows("/stores/<uuid:facility_id>", needs=Act.VIEW_STORE)
def store_page(facility_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what stands in a store, what must leave first first, with everything that is wrong there now."""
    now, session = clock.now(), look()
    standing = queries.store(session, actor(), facility_id, now)
    boxes, after = queries.boxes_in(session, facility_id, _uuid(request.args.get("after")))
    producers = parties.names(session, {box.producer_id for box in boxes})
    own = {Relation.OWN} if actor().acts_for(standing.store.organisation_id) else set()
    return render_template(
        "containers/store.html",
        standing=standing,
        boxes=boxes,
        producers=producers,
        many_producers=set(producers) != {standing.store.organisation_id} and bool(producers),
        following=url_for("containers.store_page", facility_id=facility_id, after=after) if after else None,
        alarms=_alarms(standing),
        problems=said(refusal),
        form=request.form,
        overdue=overdue,
        due_soon=due_soon,
        may_keep=may(actor(), Act.MANAGE_OWN, own),
        may_place=may(actor(), Act.STORE, own),
        may_inspect=_inspects_at(standing.store.region_code),
        zones=parties.zones_of(session, facility_id),
        zone_names=parties.zone_names(session, facility_id),
        together=_together(standing.store),
        own_limit=local_limit(
            parties.time_limits(session, standing.store),
            now,
            hours_by_law(standing.store.kind, standing.store.temperature),
        ),
        hours_by_law=hours_of(hours_by_law(standing.store.kind, standing.store.temperature)),
    )


@pages.does("/stores/<uuid:facility_id>", needs=Act.STORE)
def place(facility_id: UUID) -> ResponseReturnValue:
    """Put one scanned container into a store."""

    def then(placed: list[Container]) -> ResponseReturnValue:
        flash(_("Container {code} stands in this store.", code=show_code(placed[0].code)), "success")
        return redirect(url_for("containers.store_page", facility_id=facility_id), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        there = Refusal([replace(problem, field="codes") for problem in refusal.problems])
        return make_response(store_page(facility_id, there), status_of(refusal))

    try:
        code = scanned_code(request, "codes")
    except Refusal as refusal:
        return again(refusal)
    given = {"facility_id": facility_id, "codes": (code,), "typed": True}
    return submit(PlaceContainers, service.place, then=then, again=again, given=given)


@pages.does("/stores/<uuid:facility_id>/zones", needs=Act.MANAGE_OWN)
def add_zone(facility_id: UUID) -> ResponseReturnValue:
    """Enter a zone of a store."""
    return _zone(facility_id, AddZone, add_store_zone, _("The zone is entered."))


@pages.does("/stores/<uuid:facility_id>/zones/close", needs=Act.MANAGE_OWN)
def close_zone(facility_id: UUID) -> ResponseReturnValue:
    """Close an empty zone of a store."""
    return _zone(facility_id, CloseZone, close_store_zone, _("The zone is closed. What stood there stays on record."))


def _zone(facility_id: UUID, command: type[C], do: Callable[[Work, C], StoreZone], done: str) -> ResponseReturnValue:
    store = queries.store(look(), actor(), facility_id, clock.now()).store

    def then(_zone: StoreZone) -> ResponseReturnValue:
        flash(done, "success")
        return redirect(url_for("containers.store_page", facility_id=facility_id), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        return make_response(store_page(facility_id, refusal), status_of(refusal))

    given = {"organisation_id": store.organisation_id, "facility_id": facility_id}
    return submit(command, do, then=then, again=again, given=given)


@pages.shows("/stores/<uuid:facility_id>/past", needs=Act.VIEW_STORE)
def past_page(facility_id: UUID) -> ResponseReturnValue:
    """Show what stood in a store at a past moment, to the minute."""
    now, session = clock.now(), look()
    standing = queries.store(session, actor(), facility_id, now)
    asked, refusal = _moment(request.args.get("at", ""), now)
    found = queries.inventory(session, facility_id, asked, _uuid(request.args.get("after")))
    tanks = queries.in_bulk(session, [standing.store], asked)
    minute = local(asked).strftime("%Y-%m-%dT%H:%M")
    names = parties.names(session, {row.container.producer_id for row in found.rows})
    page = render_template(
        "containers/past.html",
        store=standing.store,
        organisation=standing.organisation,
        at=asked,
        typed=request.args.get("at") or minute,
        found=found,
        tanks=tanks,
        total=Grams(found.mass + sum(one.mass for one in tanks)),
        names=names,
        zone_names=parties.zone_names(session, facility_id),
        problems=said(refusal),
        following=url_for("containers.past_page", facility_id=facility_id, at=minute, after=found.following)
        if found.following
        else None,
    )
    return make_response(page, 422 if refusal else 200)


def _moment(typed: str, now: datetime) -> tuple[datetime, Refusal | None]:
    """Read the moment asked for, yesterday at this time where none is; one to come is refused, and shown as now."""
    if not typed.strip():
        return now - timedelta(days=1), None
    try:
        asked = moment_in(typed[:40], "at")
    except Refusal as refusal:
        return now, refusal
    if asked > now:
        return now, refuse("store.not_yet", N_("This moment is still to come. Choose one that has passed."), field="at")
    return asked, None


def _alarms(standing: Standing) -> list[Said]:
    """Say what is wrong in a store now, in the words of the storage watch, judged at the exact threshold."""
    store = standing.store
    at = clock.now()
    local = parties.time_limits(look(), store)
    by_law = hours_by_law(store.kind, store.temperature)
    own = local_limit(local, standing.first, by_law) if standing.first else None
    limits: list[Limit] = [time_limit(store, local, standing.first)] if overdue(standing.first, at) else []
    facts = {
        "place": store.name,
        "threshold": standing.first,
        "hours": own.hours if own else None,
        "mass": standing.mass,
        "count": standing.count,
        "limit": _limits(standing),
        "volume_l": standing.volume_l,
        "limit_l": store.volume_limit_l,
    }
    return [
        Said(
            None, _(sentence(limit, facts), **facts), "；".join(_(basis) for basis in legal_basis(limit, local_day(at)))
        )
        for limit in (*limits, *standing.broken)
    ]


def _together(store: Facility) -> list[str]:
    """Say what stands together in a store, or in one of its zones, and had better not (rule S-08)."""
    session, on = look(), local_day(clock.now())
    told: list[str] = []
    for zone in (None, *parties.zones_of(session, store.id)):
        there = queries.wastes_in(session, store.id, zone.id if zone else None)
        where = Where.ZONE if zone else Where.STORE
        for number, one in enumerate(there):
            told += [say(each) for each in warnings_of_sharing(there[:number], one, where, "codes", on=on)]
    return told


def _limits(standing: Standing) -> str:
    """Write the limits of a store in a line."""
    said_limits = []
    if standing.limit is not None:
        said_limits.append(show(standing.limit))
    if standing.store.count_limit is not None:
        said_limits.append(_("{n} {n:container|containers}", n=standing.store.count_limit))
    if standing.store.volume_limit_l is not None:
        said_limits.append(f"{standing.store.volume_limit_l} L")
    return " / ".join(said_limits)


# --- one container ---------------------------------------------------------------------------------------------------


@pages.shows("/c/<code>", needs=PUBLIC)
@pages.shows("/C/<code>", needs=PUBLIC, endpoint="scanned_page")
def container_page(code: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what a label stands for: everything to who is party to it, to a stranger what he must know."""
    try:
        parsed = parse_container_code(code)
        issued_to = labels.owner_of_blank(look(), parsed) if queries.by_code(look(), parsed) is None else None
        if issued_to is not None:
            return _blank(parsed, issued_to)
        if boxed.exists(look(), parsed):
            return redirect(url_for("boxes.scanned_page", code=parsed))
        container = queries.labelled(look(), parsed)
    except Refusal as unread:
        return render_template("containers/unknown.html", problems=said(unread)), 404
    who = visitor()
    if who is not None and queries.visible(look(), who, container):
        return _whole(container, refusal)
    return _for_strangers(container)


def _blank(code: ContainerCode, organisation_id: UUID) -> ResponseReturnValue:
    """Say of a pre-printed label that it stands for nothing yet; its owner goes on to register."""
    who = visitor()
    own = who is not None and who.acts_for(organisation_id) and may(who, Act.REGISTER, {Relation.OWN})
    return render_template("containers/blank.html", code=code, own=own)


def _for_strangers(container: Container) -> ResponseReturnValue:
    carer = parties.organisation(look(), container.holder_organisation_id or container.producer_id)
    return render_template(
        "containers/found.html",
        container=container,
        medical_class=medical_class_of(WasteCode(container.waste_code)),
        hazards=[Hazard(letters) for letters in container.hazards.split()],  # type: ignore[call-arg]
        state=STATE_FOR_STRANGERS[container.state],
        ended=container.state in ENDED,
        phone=carer.emergency_phone,
    )


def _whole(container: Container, refusal: Refusal | None) -> ResponseReturnValue:
    session, who = look(), actor()
    related = queries.relations(who, container)
    names = parties.names(session, [container.producer_id, container.holder_organisation_id])
    place_of = container.holder_facility_id
    steps, proven = queries.timeline(session, container), _proof(container, request.args.get("prove", ""))
    named = {step.manifest_id for step in steps} if may_ever(who, Act.VIEW_MANIFEST) else set()
    return render_template(
        "containers/container.html",
        container=container,
        names=names,
        store=parties.facility(session, place_of) if place_of else None,
        zone=parties.zone_names(session, place_of).get(container.zone_id) if place_of and container.zone_id else None,
        store_visible=bool(place_of and queries.sees_store(session, who, place_of)),
        steps=steps,
        proven=proven,
        proven_holds=proven.holds() if proven else False,
        links={one: _href("manifests.manifest_page", manifest_id=one) for one in named if one} | _papers(steps),
        manifest_href=_manifest_href(container),
        inspect_href=_inspect_href(container),
        may_print=may(who, Act.PRINT_LABEL, related),
        may_do=_may_do(container, who),
        may_declare=_may_declare(steps),
        weights=queries.weights(ledger.stream(session, queries.stream_of(container.id))),
        repacked_into=queries.repacked_into(session, container.id) if container.state is State.REPACKED else None,
        overdue=overdue(container.must_leave_by, clock.now()),
        in_box=boxed.code_of(session, container.box_id) if container.box_id else None,
        problems=said(refusal),
        form=request.form,
    )


_MENDING = {Doing.WEIGH: Act.WEIGH, Doing.OPEN: Act.REPACK, Doing.SEAL: Act.REPACK, Doing.REPACK: Act.REPACK}


def _may_do(container: Container, who: Actor) -> set[str]:
    """Return the acts that the page offers: what fits the state, is the person's to do, and stands on no manifest."""
    free, own = container.manifest_id is None, who.acts_for(container.holder_organisation_id)
    related = queries.all_relations(look(), who, container) if own else set()
    offered = {
        doing.value
        for doing, act in _MENDING.items()
        if own and (container.state, doing) in TRANSITIONS and may(who, act, related)
        if free or (doing is Doing.WEIGH and container.holder_organisation_id != container.producer_id)
    }
    voids = may(who, Act.VOID_CONTAINER, related) and (container.state, Doing.VOID) in TRANSITIONS
    return offered | ({Doing.VOID.value} if voids and free and who.acts_for(container.producer_id) else set())


def _proof(container: Container, number: str) -> ledger_service.Proof | None:
    """Prove the step that was asked for; an address that names none is the page without a proof."""
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    return ledger_service.prove(look(), queries.stream_of(container.id), int(number))


@pages.shows("/c/<code>/proof/<int:seq>.json", needs=Act.VIEW_CONTAINER)
def proof_json(code: str, seq: int) -> ResponseReturnValue:
    """Give the proof of one step to whoever sees the container's page, for `scripts/verify_ledger`."""
    container = queries.view(look(), actor(), parse_container_code(code))
    return jsonify(ledger_service.prove(look(), queries.stream_of(container.id), seq).as_json())


def _papers(steps: Sequence[queries.Step]) -> dict[UUID, str | None]:
    """Return the pages of the hand-ins and batches in a life, as far as the reader may see them."""
    session, who = look(), actor()
    hand_ins = queries.opens(session, who, [step for step in steps if step.hand_in_id], Act.VIEW_HAND_IN)
    batches = queries.opens(session, who, [step for step in steps if step.batch_id], Act.VIEW_BATCH)
    found = {one.hand_in_id: _href("collection.hand_in_page", hand_in_id=one.hand_in_id) for one in hand_ins}
    found |= {one.batch_id: _href("treatment.batch_page", batch_id=one.batch_id) for one in batches}
    return {one: href for one, href in found.items() if one}


@pages.does("/c/<code>/void", needs=Act.VOID_CONTAINER)
def void(code: str) -> ResponseReturnValue:
    """Make a label void, with the reason."""

    def then(gone: Container) -> ResponseReturnValue:
        flash(_("Label {code} is void. Take it off the container.", code=show_code(gone.code)), "success")
        return redirect(url_for("containers.container_page", code=gone.code), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        return container_page(code, refusal)  # type: ignore[no-any-return]

    return submit(VoidContainer, service.void, then=then, again=again, given={"code": code})


@pages.shows("/c/<code>/weigh", needs=Act.WEIGH)
def weigh_page(code: str) -> ResponseReturnValue:
    """Show the form for weighing a container again."""
    return _mend(code, Doing.WEIGH)


@pages.does("/c/<code>/weigh", needs=Act.WEIGH)
def weigh_again(code: str) -> ResponseReturnValue:
    """Weigh a container again where it is."""
    sentence = N_("Container {code} is weighed again. Where the mass stands on its label, print the label again.")
    return _mended(code, Doing.WEIGH, mending.WeighAgain, mending.weigh, sentence)


@pages.shows("/c/<code>/open", needs=Act.REPACK)
def open_page(code: str) -> ResponseReturnValue:
    """Show the form for opening a container."""
    return _mend(code, Doing.OPEN)


@pages.does("/c/<code>/open", needs=Act.REPACK)
def open_container(code: str) -> ResponseReturnValue:
    """Open a container in its store, on the record."""
    sentence = N_("Container {code} is open. Seal it again as soon as you can.")
    return _mended(code, Doing.OPEN, mending.OpenContainer, mending.open_up, sentence)


@pages.shows("/c/<code>/seal", needs=Act.REPACK)
def seal_page(code: str) -> ResponseReturnValue:
    """Show the form for sealing an open container."""
    return _mend(code, Doing.SEAL)


@pages.does("/c/<code>/seal", needs=Act.REPACK)
def seal_again(code: str) -> ResponseReturnValue:
    """Seal an open container again."""
    return _mended(code, Doing.SEAL, mending.SealAgain, mending.seal_again, N_("Container {code} is sealed again."))


@pages.shows("/c/<code>/repack", needs=Act.REPACK)
def repack_page(code: str) -> ResponseReturnValue:
    """Show the form for repacking."""
    return _mend(code, Doing.REPACK)


@pages.does("/c/<code>/repack", needs=Act.REPACK)
def repack(code: str) -> ResponseReturnValue:
    """Put the content into a new container; its page comes next, for its label."""
    sentence = N_("The content is now in {code}. Print its label and take the old one off.")
    return _mended(code, Doing.REPACK, mending.Repack, mending.repack, sentence)


@pages.shows("/c/<code>/wrong", needs=Act.DECLARE_WRONG)
def wrong_page(code: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that declares an own entry of the record wrong; the entry may be named by `wrong`."""
    container = queries.view(look(), actor(), parse_container_code(code))
    steps = queries.timeline(look(), container)
    require(actor(), Act.DECLARE_WRONG, {Relation.OWN} if any(actor().acts_for(one.maker) for one in steps) else ())
    own = _may_declare(steps)
    return render_template(
        "containers/wrong.html",
        container=container,
        own=[_entry(one) for one in steps if one.number in own],
        later=[_entry(one) for one in steps[1:] if one.stands],
        problems=said(refusal),
        form=request.form if refusal else request.args,
    )


@pages.does("/c/<code>/wrong", needs=Act.DECLARE_WRONG)
def declare_wrong(code: str) -> ResponseReturnValue:
    """Declare an own entry wrong."""

    def then(after: Container) -> ResponseReturnValue:
        flash(_("The entry is declared wrong. It stays in the record, struck through."), "success")
        return redirect(url_for("containers.container_page", code=after.code), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        return wrong_page(code, refusal)  # type: ignore[no-any-return]

    return submit(mending.DeclareWrong, mending.declare_wrong, then=then, again=again, given={"code": code})


def _entry(step: queries.Step) -> tuple[str, str]:
    """Name an entry of the record in a list to choose from."""
    return str(step.number), f"{step.number} · {_(step.what)} · {show(step.at)}"


def _may_declare(steps: Sequence[queries.Step]) -> set[int]:
    """Return the numbers of those entries that the person may declare wrong: his own house's, but for the first."""
    who = actor()
    return {
        one.number
        for one in steps[1:]
        if one.stands and may(who, Act.DECLARE_WRONG, {Relation.OWN} if who.acts_for(one.maker) else ())
    }


def _mend(code: str, doing: Doing, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form of one act that puts a container right, or why it does not fit."""
    container = queries.view(look(), actor(), parse_container_code(code))
    return render_template(
        "containers/mend.html",
        container=container,
        doing=doing,
        fits=doing.value in _may_do(container, actor()),
        packagings=packagings_for(WasteCode(container.waste_code)),
        problems=said(refusal),
        form=request.form,
    )


def _mended(
    code: str, doing: Doing, command: type[C], do: Callable[[Work, C], Container], sentence: str
) -> ResponseReturnValue:
    """Do one act that puts a container right, and show the container that the content is in then."""

    def then(after: Container) -> ResponseReturnValue:
        flash(_(sentence, code=show_code(after.code)), "success")
        return redirect(url_for("containers.container_page", code=after.code), 303)

    def again(refusal: Refusal) -> ResponseReturnValue:
        return _mend(code, doing, refusal)

    return submit(command, do, then=then, again=again, given={"code": code})


@pages.shows("/find-code", needs=SIGNED_IN)
def find_code_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the one box for a code: scanned, typed, or as a photo."""
    return render_template("containers/find_code.html", problems=said(refusal), form=request.form)


@pages.does("/find-code", needs=SIGNED_IN)
def find_code() -> ResponseReturnValue:
    """Go to the container whose code was typed or photographed."""
    try:
        code = parse_container_code(scanned_code(request))
        if not queries.is_blank(look(), code):
            queries.labelled(look(), code)
    except Refusal as refusal:
        return make_response(find_code_page(refusal), status_of(refusal))
    return redirect(url_for("containers.container_page", code=code), 303)


def _inspects_at(region_code: str) -> bool:
    """Tell whether the person inspects what is in this region."""
    inside = catalogue.any_within(look(), [region_code], actor().region_paths)
    return may(actor(), Act.INSPECT, {Relation.REGION} if inside else ())


def _inspect_href(container: Container) -> str | None:
    """Return where an inspection of who holds a container is recorded, for somebody who may."""
    if container.holder_organisation_id is None or not _inspects_at(container.holder_region_code or ""):
        return None
    return url_for(
        "inspections.record_page",
        organisation_id=container.holder_organisation_id,
        store=container.holder_facility_id,
        code=container.code,
    )


def _manifest_href(container: Container) -> str | None:
    """Return the page of the open manifest it is on."""
    on = container.manifest_id
    return _href("manifests.manifest_page", manifest_id=on) if on else None


def _href(endpoint: str, **values: object) -> str | None:
    """Return the address of another feature's page, None where this installation has none."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None  # type: ignore[arg-type]


def _uuid(text: str | None) -> UUID | None:
    """Read an id out of an address; nonsense there is no page."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(404)
