"""Acts of handing in: a clinic declares, the station receives box by box and signs. Streams `hand_in:<id>`.

Custody changes box by box, at the scan; a declaration only announces. Locks are taken in one order: the hand-in, then
its containers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.boxes import TRANSITIONS, BoxDoing, only_with
from wastetrack.domain.boxes import not_now as box_not_now
from wastetrack.domain.collection import (
    BoxNote,
    HandInState,
    already_found,
    already_here,
    box_already_here,
    box_has_no_mass,
    box_not_for_this_station,
    box_of_another,
    box_on_several,
    check_cancel,
    check_finish,
    check_open,
    no_station,
    not_for_this_station,
    not_sought,
    nothing_chosen,
    of_another,
    offer_problems,
    receive_problems,
    with_its_box,
)
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import Doing, State, not_now
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.parties import station_problems
from wastetrack.domain.problems import Problem, Refusal, refuse_all
from wastetrack.domain.signing import Signature
from wastetrack.features.boxes import queries as box_queries
from wastetrack.features.boxes import service as box_acts
from wastetrack.features.boxes.models import Box
from wastetrack.features.boxes.service import Whole
from wastetrack.features.collection import queries
from wastetrack.features.collection.models import HandIn, HandInBox
from wastetrack.features.collection.queries import stream_of
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import InStore, boxed, move_held, put_on_hand_in, said_of
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.manifests.service.base import hold_containers, scan_key
from wastetrack.features.manifests.service.large import partly
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility
from wastetrack.features.signing.service import Shown, hash_of_facts, ink, take_up
from wastetrack.infra.commands import ActKey, Code, Command, Mass
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_AT_ONCE = 1000

# --- declaring -------------------------------------------------------------------------------------------------------


class DeclareHandIn(Command):
    """Announce what will be handed in at the own organisation's station. The code of a large box names all in it."""

    container_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_AT_ONCE)] = ()
    codes: Annotated[tuple[Code, ...], Field(max_length=MOST_AT_ONCE)] = ()
    act_key: ActKey | None = None


def declare(work: Work, command: DeclareHandIn) -> HandIn:
    """Announce containers that the own organisation holds. They stay its own until the station has scanned them."""
    sender_id = work.actor.organisation_id
    require(work.actor, Act.HAND_IN, {Relation.OWN} if sender_id else ())
    require_beginning(work.actor)
    if sender_id is None:
        raise unknown()
    chosen = _locked(work, command.container_ids, command.codes)
    if command.act_key and (known := queries.declared_with(work.session, sender_id, command.act_key)):
        return known
    store = queries.station_of(work.session, sender_id)
    boxes = [with_its_box(one) for one in queries.as_boxes(work.session, sender_id, chosen)]
    problems = partly(work, {one.id: one for one in chosen if work.actor.acts_for(one.holder_organisation_id)})
    problems += [problem for box in boxes for problem in offer_problems(box, "container_ids")]
    problems += nothing_chosen(boxes)
    if store is None:
        raise Refusal([no_station(), *problems])
    holder = parties.organisation(work.session, store.organisation_id)
    problems += station_problems(holder.name, holder.state, "container_ids")
    refuse_all(problems)
    return _open(work, sender_id, store, chosen, command.act_key)


def _locked(work: Work, ids: Iterable[UUID], codes: Iterable[str]) -> list[Container]:
    """Return the containers named, each once, held in the order of their ids so that two acts never wait in a ring.

    The code of a large box names all in it. Large boxes are held first, also those of which only content is named.
    """
    ids, codes = set(ids), set(codes)
    large = box_queries.by_codes(work.session, codes)
    rest = codes - {one.code for one in large}
    labelled = {containers.labelled(work.session, ContainerCode(code), "codes", Doing.HAND_IN).id for code in rest}
    named = {one.id for one in large}
    tops = named | queries.boxes_around(work.session, ids | labelled)
    held = box_queries.held(work.session, [*tops, *(one.id for one in box_queries.below(work.session, tops))])
    refuse_all([p for one in held if one.id in named for p in _unfit_to_declare(work, one, "codes")])
    within = named | {one.id for one in box_queries.below(work.session, named)}
    labelled |= {one.id for one in box_queries.inside_of(work.session, within)}
    chosen = containers.all_locked(work.session, ids | labelled)
    if len(chosen) < len(ids | labelled):
        raise unknown()
    if not all(one.id in labelled or containers.visible(work.session, work.actor, one) for one in chosen):
        raise unknown()
    around = [one for one in held if one.id in tops - named and work.actor.acts_for(one.holder_organisation_id)]
    refuse_all([p for one in around for p in _unfit_to_declare(work, one, "container_ids")])
    return chosen


def _unfit_to_declare(work: Work, box: Box, field: str) -> list[Problem]:
    """Say why the code of this large box cannot be declared: it is somebody else's, in another one, or not closed."""
    code = box_queries.shown(box)
    if not work.actor.acts_for(box.holder_organisation_id):
        return [box_acts.foreign(code, field)]
    if box.parent_id is not None:
        return [only_with(code, box_queries.codes(work.session, [box.parent_id])[box.parent_id], field)]
    if (box.state, BoxDoing.HAND_IN) not in TRANSITIONS:
        return [box_not_now(box.state, BoxDoing.HAND_IN, code=code, field=field)]
    return []


def _open(work: Work, sender_id: UUID, store: Facility, declared: Sequence[Container], act_key: str | None) -> HandIn:
    hand_in = HandIn(
        id=new_id(),
        sender_id=sender_id,
        facility_id=store.id,
        state=HandInState.DECLARED,
        declared_at=work.now,
        declared_by=_user(work),
        act_key=act_key,
        version=0,
    )
    work.session.add(hand_in)
    work.session.flush()
    for position, container in enumerate(declared, start=1):
        work.session.add(HandInBox(hand_in_id=hand_in.id, container_id=container.id, position=position))
    put_on_hand_in(work, [one.id for one in declared], hand_in.id)
    facts = {"sender": sender_id, "facility": store.id, "boxes": [_named(one) for one in declared]}
    _record(work, hand_in, "declared" if declared else "opened_at_station", facts, act_key=act_key)
    return hand_in


# --- cancelling ------------------------------------------------------------------------------------------------------


class CancelHandIn(Command):
    """Take a declaration back while nothing has been received."""

    hand_in_id: UUID
    act_key: ActKey | None = None


def cancel(work: Work, command: CancelHandIn) -> HandIn:
    """Cancel a hand-in of the own organisation, or one at the own station that nobody brought."""
    hand_in = queries.locked(work.session, command.hand_in_id)
    related = queries.relations(work.session, work.actor, hand_in)
    if not related:
        raise unknown()
    if not queries.may_receive(work.actor, related):
        require(work.actor, Act.HAND_IN, {Relation.OWN} if Relation.CONSIGNOR in related else ())
    if _done(work, hand_in, command.act_key):
        return hand_in
    check_open(hand_in.state)
    check_cancel(sum(box.received_at is not None for box, _ in queries.boxes_of(work.session, hand_in.id)))
    hand_in.state, hand_in.finished_at, hand_in.finished_by = HandInState.CANCELLED, work.now, _user(work)
    _free(work, hand_in)
    _record(work, hand_in, "cancelled", {}, act_key=command.act_key)
    return hand_in


# --- receiving -------------------------------------------------------------------------------------------------------


class ReceiveHandedIn(Command):
    """Take one box in at a station. Without a hand-in the station finds the one that the box belongs to.

    The code of a large box stands for everything in it.
    """

    code: Code
    hand_in_id: UUID | None = None
    mass: Mass | None = None
    evidence: Evidence = Evidence.TYPED
    act_key: ActKey | None = None


@dataclass(frozen=True)
class Received:
    """What a scan came to: one container, or all in the large box that bears the code."""

    hand_in: HandIn
    containers: Sequence[Container]
    note: BoxNote | None
    large: Box | None = None


def receive_box(work: Work, command: ReceiveHandedIn) -> Received:
    """Take one box over from whoever hands it in here, into the station's store. Custody passes with the scan."""
    if command.act_key:  # the same form sent with another label is another act
        command = command.model_copy(update={"act_key": scan_key(command.act_key, command.code)})
    stores = {store.id: store for store in queries.station_stores(work.session, work.actor.organisation_id)}
    require(work.actor, Act.RECEIVE_HAND_IN, {Relation.OWN} if stores else ())
    if large := box_queries.by_code(work.session, command.code):
        return _receive_whole(work, command, large, stores)
    container = containers.labelled(work.session, ContainerCode(command.code), doing=Doing.HAND_IN)
    hand_in_id = _meant(work, command, container, set(stores))
    hand_in = queries.locked(work.session, hand_in_id) if hand_in_id else None
    if hand_in is not None and hand_in.facility_id not in stores:
        raise unknown()
    container = containers.locked(work.session, container.id)
    row = work.session.get(HandInBox, (hand_in.id, container.id)) if hand_in else None
    if hand_in and row and _done(work, hand_in, command.act_key):
        return Received(hand_in, [container], row.note)
    _check_standing(work, container)
    if hand_in is None:
        hand_in = _open_for(work, container, stores)
    check_open(hand_in.state)
    _check_sender(work, hand_in, container, set(stores))
    store = stores[hand_in.facility_id]
    box = queries.as_boxes(work.session, hand_in.sender_id, [container])[0]
    refuse_all(receive_problems(box, store.kind, container.packaging, command.mass.mass if command.mass else None))
    return _take_in(work, command, hand_in, row, container, store)


def _meant(work: Work, command: ReceiveHandedIn, container: Container, stores: set[UUID]) -> UUID | None:
    """Return the hand-in a scan is for: the one named, or the one that fits the box; None where there is none yet."""
    if command.hand_in_id:
        return command.hand_in_id
    if container.holder_facility_id in stores:
        return queries.taken_in_on(work.session, container.id, stores)
    if declared := queries.declaring(work.session, container.id, stores):
        return declared
    holder = container.holder_organisation_id
    store = queries.station_of(work.session, holder)
    return queries.open_from(work.session, holder, store.id) if holder and store and store.id in stores else None


def _check_standing(work: Work, container: Container) -> None:
    """Refuse what is in no state to be handed in, and what already stands here."""
    code = pretty(ContainerCode(container.code))
    if container.state not in {State.SEALED, State.STORED}:
        manifest = work.session.get(Manifest, container.manifest_id) if container.manifest_id else None
        number = manifest.number if manifest and manifest.number else "—"
        box = boxed.code_of(work.session, container.box_id) if container.box_id else "—"
        raise Refusal([not_now(container.state, Doing.HAND_IN, code=code, manifest=number, box=box)])
    if work.actor.acts_for(container.holder_organisation_id):
        raise Refusal([already_here(code)])


def _open_for(work: Work, container: Container, stores: dict[UUID, Facility]) -> HandIn:
    """Open a hand-in for a box that its clinic brought without declaring anything."""
    holder = container.holder_organisation_id
    store = queries.station_of(work.session, holder)
    if holder is None or store is None or store.id not in stores:
        raise Refusal([not_for_this_station(pretty(ContainerCode(container.code)))])
    return _open(work, holder, store, [], None)


def _check_sender(work: Work, hand_in: HandIn, container: Container, stores: set[UUID]) -> None:
    """Refuse a box of somebody else; it says where it belongs only when it belongs to this station."""
    holder = container.holder_organisation_id
    if holder == hand_in.sender_id:
        return
    code = pretty(ContainerCode(container.code))
    store = queries.station_of(work.session, holder)
    if holder is None or store is None or store.id not in stores:
        raise Refusal([not_for_this_station(code)])
    raise Refusal([of_another(code, parties.organisation(work.session, holder).name)])


def _take_in(
    work: Work,
    command: ReceiveHandedIn,
    hand_in: HandIn,
    row: HandInBox | None,
    container: Container,
    store: Facility,
) -> Received:
    row = row or _undeclared(work, hand_in, container)
    put_on_hand_in(work, [container.id], None)
    row.received_at = work.now
    row.received_g = command.mass.mass if command.mass else None
    weighed = {"received_g": row.received_g, "mass_source": command.mass.source} if command.mass else {}
    move_held(
        work,
        container,
        Doing.HAND_IN,
        to=InStore(store),
        facts={"hand_in": hand_in.id, **weighed},
        evidence=command.evidence,
        act_key=command.act_key,
    )
    facts = {**_named(container), **weighed, "note": row.note}
    _record(work, hand_in, "box_received", facts, evidence=command.evidence, act_key=command.act_key)
    return Received(hand_in, [container], row.note)


def _undeclared(work: Work, hand_in: HandIn, container: Container) -> HandInBox:
    """Add a container that nobody declared behind the others of a hand-in."""
    work.session.flush()
    count = len(queries.boxes_of(work.session, hand_in.id))
    row = HandInBox(hand_in_id=hand_in.id, container_id=container.id, position=count + 1, note=BoxNote.UNDECLARED)
    work.session.add(row)
    return row


# --- receiving a large box -------------------------------------------------------------------------------------------


def _receive_whole(work: Work, command: ReceiveHandedIn, box: Box, stores: dict[UUID, Facility]) -> Received:
    """Take a large box over with everything in it. It stays packed in the station's store.

    Held are the hand-in, the box, what is in it, as everywhere. What is in it and nobody declared is added.
    """
    meant = _meant_whole(work, command, box, stores)
    hand_in = queries.locked(work.session, meant) if meant else None
    if hand_in is not None and hand_in.facility_id not in stores:
        raise unknown()
    whole = box_acts.hold(work, box.id)
    if hand_in and ledger.done(work, box_queries.stream_of(box.id), command.act_key):
        return Received(hand_in, whole.containers, None, box)
    _check_box_standing(work, whole, stores)
    hand_in = hand_in or _open(work, _sender(box), next(iter(_stations(work, box, stores))), [], None)
    check_open(hand_in.state)
    code, store = box_queries.shown(box), stores[hand_in.facility_id]
    if box.holder_organisation_id != hand_in.sender_id:
        raise Refusal([box_of_another(code, parties.organisation(work.session, _sender(box)).name)])
    problems = [box_on_several(code)] if {one.hand_in_id for one in whole.containers} - {None, hand_in.id} else []
    problems += [box_has_no_mass(code)] if command.mass else []
    boxes = queries.as_boxes(work.session, hand_in.sender_id, whole.containers)
    for one, container in zip(boxes, whole.containers, strict=True):
        problems += receive_problems(with_its_box(one), store.kind, container.packaging, None)
    refuse_all(problems)
    return _take_in_whole(work, command, hand_in, whole, store)


def _meant_whole(work: Work, command: ReceiveHandedIn, box: Box, stores: dict[UUID, Facility]) -> UUID | None:
    """Return the hand-in that the scan of a large box is for, as `_meant` does for one container of it."""
    within = [box.id, *(one.id for one in box_queries.below(work.session, [box.id]))]
    inside = box_queries.inside_of(work.session, within)
    if command.hand_in_id or not inside:
        return command.hand_in_id
    declared = next((one for one in inside if one.hand_in_id is not None), inside[0])
    return _meant(work, command, declared, set(stores))


def _check_box_standing(work: Work, whole: Whole, stores: dict[UUID, Facility]) -> None:
    """Refuse a large box that is here already, or of somebody who does not hand in here, or not fit to be handed in.

    Nothing is said of what is in it, or of its state, before it is known to belong here.
    """
    box, code = whole.box, box_queries.shown(whole.box)
    if work.actor.acts_for(box.holder_organisation_id):
        here = (box.state, BoxDoing.HAND_IN) in TRANSITIONS
        raise Refusal([box_already_here(code) if here else box_not_now(box.state, BoxDoing.HAND_IN, code=code)])
    if not _stations(work, box, stores):
        raise Refusal([box_not_for_this_station(code)])
    if box.parent_id is not None:
        raise Refusal([only_with(code, box_queries.codes(work.session, [box.parent_id])[box.parent_id])])
    if (box.state, BoxDoing.HAND_IN) not in TRANSITIONS:
        raise Refusal([box_not_now(box.state, BoxDoing.HAND_IN, code=code)])


def _stations(work: Work, box: Box, stores: dict[UUID, Facility]) -> list[Facility]:
    """Return the own store at which the holder of a large box hands in, if there is one."""
    store = queries.station_of(work.session, box.holder_organisation_id)
    return [store] if store is not None and store.id in stores else []


def _sender(box: Box) -> UUID:
    """Return who holds a large box."""
    if box.holder_organisation_id is None:
        raise unknown()
    return box.holder_organisation_id


def _take_in_whole(work: Work, command: ReceiveHandedIn, hand_in: HandIn, whole: Whole, store: Facility) -> Received:
    rows = {}
    for one in whole.containers:
        rows[one.id] = work.session.get(HandInBox, (hand_in.id, one.id)) or _undeclared(work, hand_in, one)
        rows[one.id].received_at = work.now
    put_on_hand_in(work, list(rows), None)
    box_acts.move_whole(
        work, whole, BoxDoing.HAND_IN, to=InStore(store), facts={"hand_in": hand_in.id}, evidence=command.evidence,
        act_key=command.act_key,
    )  # fmt: skip
    large = {"large_box": whole.box.id, "large_box_code": whole.box.code}
    for one in whole.containers:
        facts = {**_named(one), "note": rows[one.id].note, **large}
        _record(work, hand_in, "box_received", facts, evidence=command.evidence, act_key=None)
    note = next((row.note for row in rows.values() if row.note), None)
    return Received(hand_in, whole.containers, note, whole.box)


# --- signing ---------------------------------------------------------------------------------------------------------


class FinishHandIn(Command):
    """Sign for what was received. `version` is the one shown, so that nobody signs another count than he read."""

    hand_in_id: UUID
    version: int
    shown: Shown
    act_key: ActKey | None = None


def finish(work: Work, command: FinishHandIn) -> HandIn:
    """Sign the receipt. Boxes that were declared and not found stay with the sender and are named on the record."""
    hand_in = queries.locked(work.session, command.hand_in_id)
    related = queries.relations(work.session, work.actor, hand_in)
    if not related:
        raise unknown()
    require(work.actor, Act.RECEIVE_HAND_IN, {Relation.OWN} if Relation.RECEIVER in related else ())
    if _done(work, hand_in, command.act_key):
        return hand_in
    pen = take_up(work, Signature.STATION)
    check_open(hand_in.state)
    boxes = queries.boxes_of(work.session, hand_in.id)
    received = [one for box, one in boxes if box.received_at is not None]
    missing = [one for box, one in boxes if box.received_at is None]
    check_finish(len(received), seen=command.version, version=hand_in.version)
    inked = ink(pen, queries.statement(work.session, hand_in, boxes), command.shown)
    hand_in.state, hand_in.finished_at, hand_in.finished_by = HandInState.RECEIVED, work.now, _user(work)
    _free(work, hand_in)
    facts: dict[str, object] = {
        "received": [_named(one) for one in received],
        "not_found": [_named(one) for one in missing],
    }
    signed = inked.write(work, stream_of(hand_in.id), hand_in.version + 1, hash_of_facts(facts))
    _record(work, hand_in, "finished", facts | signed, act_key=command.act_key)
    return hand_in


# --- finding ---------------------------------------------------------------------------------------------------------


class FindBox(Command):
    """Say that a box which the station did not find is still here: its label was read or typed."""

    hand_in_id: UUID
    code: Code
    evidence: Evidence = Evidence.TYPED
    act_key: ActKey | None = None


def find_box(work: Work, command: FindBox) -> HandIn:
    """Note that a box not found at a hand-in never left its sender. The search ends; nothing is moved."""
    hand_in = queries.locked(work.session, command.hand_in_id)
    related = queries.relations(work.session, work.actor, hand_in)
    if not related:
        raise unknown()
    require(work.actor, Act.HAND_IN, {Relation.OWN} if Relation.CONSIGNOR in related else ())
    container = containers.labelled(work.session, ContainerCode(command.code))
    container = containers.locked(work.session, container.id)
    key = scan_key(command.act_key, command.code) if command.act_key else None
    if _done(work, hand_in, key):
        return hand_in
    row = work.session.get(HandInBox, (hand_in.id, container.id))
    sought = row is not None and row.received_at is None and hand_in.state is HandInState.RECEIVED
    held = container.holder_organisation_id == hand_in.sender_id
    if row is None or not sought or not held:
        raise Refusal([not_sought(pretty(ContainerCode(container.code)))])
    if row.found_at is not None:
        raise Refusal([already_found(pretty(ContainerCode(container.code)))])
    row.found_at = work.now
    said_of(work, container, "found", {"hand_in": hand_in.id}, evidence=command.evidence, act_key=key)
    _record(work, hand_in, "box_found", _named(container), evidence=command.evidence, act_key=key)
    return hand_in


# --- what all acts share ---------------------------------------------------------------------------------------------


def _free(work: Work, hand_in: HandIn) -> None:
    """Let go what still stands on a hand-in that ends: it may go on a manifest or another hand-in."""
    declared = hold_containers(work, [one.id for _box, one in queries.boxes_of(work.session, hand_in.id)])
    put_on_hand_in(work, [each for each, one in declared.items() if one.hand_in_id == hand_in.id], None)


def _record(
    work: Work,
    hand_in: HandIn,
    kind: str,
    facts: Mapping[str, object],
    *,
    evidence: Evidence = Evidence.CONFIRMED,
    act_key: str | None,
) -> None:
    event = ledger.append(work, stream_of(hand_in.id), f"hand_in.{kind}", facts, evidence=evidence, act_key=act_key)
    hand_in.version = event.seq
    work.session.flush()


def _done(work: Work, hand_in: HandIn, act_key: str | None) -> bool:
    return ledger.done(work, stream_of(hand_in.id), act_key)


def _named(container: Container) -> dict[str, object]:
    return {"container": container.id, "code": container.code, "mass_g": container.mass_g}


def _user(work: Work) -> UUID:
    """Return who acts; only people hand in and receive."""
    if work.actor.user_id is None:
        raise unknown()
    return work.actor.user_id
