"""Finding large boxes and what is in them: as they stand, or held against other writers."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.boxes import BoxState, Content, Filling, Parcel
from wastetrack.domain.cleaning import clean_by
from wastetrack.domain.compatibility import Waste
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.declared_wrong import is_declaration
from wastetrack.domain.ledger import Event, Evidence
from wastetrack.domain.measures import Grams
from wastetrack.domain.waste_codes import Hazard, WasteCode
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.boxes.models import Box, BoxCleaning
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation

PAGE = 50


def stream_of(box_id: UUID) -> str:
    """Return the name of a box's stream in the ledger."""
    return f"box:{box_id}"


def shown(box: Box) -> str:
    """Return a box's code as people read it."""
    return pretty(ContainerCode(box.code))


def is_box(code: str) -> ColumnElement[bool]:
    """Return the condition that a code is that of a box."""
    return exists().where(Box.code == code)


def codes(session: Session, box_ids: Collection[UUID | None]) -> dict[UUID, str]:
    """Return the codes of boxes as people read them."""
    rows = session.execute(select(Box.id, Box.code).where(Box.id.in_(box_ids))).tuples()
    return {one: pretty(ContainerCode(code)) for one, code in rows}


def by_code(session: Session, code: str) -> Box | None:
    """Return the box with this (parsed) code."""
    return session.scalar(select(Box).where(Box.code == code))


def by_codes(session: Session, wanted: Collection[str]) -> list[Box]:
    """Return the boxes among these (parsed) codes."""
    return list(session.scalars(select(Box).where(Box.code.in_(wanted)))) if wanted else []


def held(session: Session, ids: Iterable[UUID]) -> list[Box]:
    """Return these boxes as they stand now, held against other writers, always in the order of their ids."""
    query = select(Box).where(Box.id.in_(list(ids))).order_by(Box.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def below(session: Session, box_ids: Collection[UUID]) -> list[Box]:
    """Return all boxes that stand in these, however deep; they are never more than three, one in the other."""
    found: list[Box] = []
    level = list(box_ids)
    while level:
        rows = list(session.scalars(select(Box).where(Box.parent_id.in_(level)).order_by(Box.id)))
        found += rows
        level = [one.id for one in rows]
    return found


def inside_of(session: Session, box_ids: Collection[UUID | None]) -> list[Container]:
    """Return the containers that are in exactly these boxes."""
    query = select(Container).where(Container.box_id.in_(box_ids)).order_by(Container.id)
    return list(session.scalars(query)) if box_ids else []


@dataclass(frozen=True)
class Load:
    """How much is in a box, all boxes in it included: always counted, never typed."""

    count: int = 0
    mass_g: int = 0


def loads(session: Session, boxes: Sequence[Box]) -> dict[UUID, Load]:
    """Return how much is in each of these boxes, in as many looks as boxes can stand in each other."""
    inner = below(session, [one.id for one in boxes])
    ids = {one.id for one in boxes} | {one.id for one in inner}
    query = (
        select(Container.box_id, func.count(), func.sum(Container.mass_g))
        .where(Container.box_id.in_(ids))
        .group_by(Container.box_id)
    )
    own = {one: (count, int(mass)) for one, count, mass in session.execute(query) if one} if ids else {}
    parents = {one.id: one.parent_id for one in [*boxes, *inner]}
    sums = {one: [0, 0] for one in ids}
    for box_id, (count, mass) in own.items():
        at: UUID | None = box_id
        while at in sums:
            sums[at][0] += count
            sums[at][1] += mass
            at = parents[at]
    return {one.id: Load(*sums[one.id]) for one in boxes}


def load(session: Session, box: Box) -> Load:
    """Return how much is in one box."""
    return loads(session, [box])[box.id]


# --- packing ---------------------------------------------------------------------------------------------------------


def content_of(container: Container) -> Content:
    """Return what the rules of sharing need to know of a container."""
    hazards = tuple(Hazard(letters) for letters in container.hazards.split())  # type: ignore[call-arg]
    waste = Waste(pretty(ContainerCode(container.code)), WasteCode(container.waste_code), hazards)
    return Content(waste, container.mass_g, containers.litres_of(container))


def bound_to(inside: Iterable[Container]) -> tuple[str, ...]:
    """Return the open manifests and hand-ins on which containers stand."""
    ways = {one for each in inside for one in (each.manifest_id, each.hand_in_id) if one is not None}
    return tuple(sorted(str(one) for one in ways))


def filling_of(box: Box, inside: Sequence[Container]) -> Filling:
    """Return what the rules of packing need to know of a box with everything that is in it."""
    return Filling(
        code=shown(box),
        kind=box.kind,
        holder=str(box.holder_organisation_id),
        place=str(box.holder_facility_id or ""),
        capacity_count=box.capacity_count,
        capacity_g=box.capacity_g,
        capacity_l=box.capacity_l,
        content=[content_of(one) for one in inside],
        bound=bound_to(inside),
    )


def parcel_of(thing: Container | Box, inside: Sequence[Container]) -> Parcel:
    """Return what the rules of packing need to know of what is to go in."""
    return Parcel(
        code=pretty(ContainerCode(thing.code)),
        holder=str(thing.holder_organisation_id),
        place=str(thing.holder_facility_id or ""),
        content=[content_of(one) for one in inside],
        bound=bound_to(inside),
        kind=thing.kind if isinstance(thing, Box) else None,
    )


# --- who sees a box --------------------------------------------------------------------------------------------------


def relations(session: Session, actor: Actor, box: Box) -> set[Relation]:
    """Return how a person stands to a box: its owner's or holder's, or whose region it is in."""
    found = set()
    if actor.acts_for(box.owner_id) or actor.acts_for(box.holder_organisation_id):
        found.add(Relation.OWN)
    if actor.region_paths:
        owner = parties.organisation(session, box.owner_id).region_code
        regions = {owner, box.holder_region_code} - {None}
        if catalogue.any_within(session, regions, actor.region_paths):
            found.add(Relation.REGION)
    return found


def visible(session: Session, actor: Actor, box: Box) -> bool:
    """Tell whether a person may see this box."""
    return may(actor, Act.VIEW_BOX, relations(session, actor, box))


def view(session: Session, actor: Actor, box_id: UUID) -> Box:
    """Return a box that the person may see; any other is as if there were none."""
    box = session.get(Box, box_id)
    if box is None or not visible(session, actor, box):
        raise unknown()
    return box


def sees_content(session: Session, actor: Actor, box: Box) -> bool:
    """Tell whether a person may see what is in a box: its holder, or a regulator. Who only owns it may not."""
    held_by = {Relation.OWN} if actor.acts_for(box.holder_organisation_id) else set()
    return may(actor, Act.VIEW_BOX, held_by | (relations(session, actor, box) & {Relation.REGION}))


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What a list of boxes is narrowed to; `after` is the last one of the page before."""

    text: str = ""
    state: BoxState | None = None
    store: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True)
class Row:
    """One box in a list."""

    box: Box
    load: Load
    place: str
    due: datetime | None
    parent: str | None


def scope(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion of the boxes a person sees in lists: his organisation's own, and those it holds."""
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_BOX, {Relation.OWN}):
        seen += [Box.owner_id == actor.organisation_id, Box.holder_organisation_id == actor.organisation_id]
    if actor.region_paths and may(actor, Act.VIEW_BOX, {Relation.REGION}):
        seen.append(catalogue.within(Box.holder_region_code, actor.region_paths))
    return or_(false(), *seen)


def find(session: Session, actor: Actor, wanted: Wanted) -> tuple[list[Row], UUID | None]:
    """Return one page of boxes, the newest first, and after which one the next page begins."""
    query = select(Box).where(scope(actor))
    for word in wanted.text.split():
        code = word.replace("-", "").upper()
        query = query.where(or_(Box.name.contains(word, autoescape=True), Box.code.startswith(code, autoescape=True)))
    if wanted.state is not None:
        query = query.where(Box.state == wanted.state)
    elif wanted.store is None:
        query = query.where(Box.state != BoxState.RETIRED)
    if wanted.store is not None:
        query = query.where(Box.holder_facility_id == wanted.store)
    if wanted.after is not None:
        query = query.where(Box.id < wanted.after)
    found = list(session.scalars(query.order_by(Box.id.desc()).limit(PAGE + 1)))
    return rows_of(session, found[:PAGE]), found[PAGE - 1].id if len(found) > PAGE else None


def to_wash(session: Session, actor: Actor, size: int = PAGE) -> list[Row]:
    """Return what the person's organisation has to wash, what is due first first."""
    if not (actor.organisation_id and may(actor, Act.CLEAN_BOX, {Relation.OWN})):
        return []
    mine = (Box.holder_organisation_id == actor.organisation_id, Box.unclean_since.is_not(None))
    query = select(Box).where(*mine).order_by(Box.unclean_since, Box.id).limit(size)
    return rows_of(session, list(session.scalars(query)))


def rows_of(session: Session, boxes: Sequence[Box]) -> list[Row]:
    """Return boxes with how much is in them and where they are."""
    counted = loads(session, boxes)
    names = parties.names(session, {one.holder_organisation_id for one in boxes} - {None})
    stores = {one.holder_facility_id for one in boxes} - {None}
    rows = session.execute(select(Facility.id, Facility.name).where(Facility.id.in_(stores))).tuples()
    places = dict(rows.all())
    outer = codes(session, {one.parent_id for one in boxes if one.parent_id})

    def where(box: Box) -> str:
        holder, store = box.holder_organisation_id, box.holder_facility_id
        return " · ".join(
            filter(None, (names.get(holder, "") if holder else "", places.get(store, "") if store else ""))
        )

    return [
        Row(
            one,
            counted[one.id],
            where(one),
            clean_by(one.unclean_since) if one.unclean_since else None,
            outer.get(one.parent_id) if one.parent_id else None,
        )
        for one in boxes
    ]


def registered_with(session: Session, user_id: UUID, act_key: str) -> Box | None:
    """Return the box that this act of a person has registered already."""
    return session.scalar(select(Box).where(Box.registered_by == user_id, Box.act_key == act_key))


@dataclass(frozen=True)
class Node:
    """A box with what is directly in it."""

    box: Box
    load: Load
    containers: list[Container] = field(default_factory=list)
    boxes: list["Node"] = field(default_factory=list)


def tree(session: Session, box: Box) -> Node:
    """Return a box with everything in it, as it stands in each other."""
    inner = below(session, [box.id])
    every = [box, *inner]
    counted, inside = loads(session, every), inside_of(session, [one.id for one in every])

    def node(one: Box) -> Node:
        return Node(
            one,
            counted[one.id],
            [each for each in inside if each.box_id == one.id],
            [node(each) for each in inner if each.parent_id == one.id],
        )

    return node(box)


def path(session: Session, box_id: UUID | None) -> list[Box]:
    """Return the boxes around a container or box, the outermost first."""
    found: list[Box] = []
    while box_id is not None and (box := session.get(Box, box_id)) is not None:
        found.insert(0, box)
        box_id = box.parent_id
    return found


@dataclass(frozen=True)
class Cleaned:
    """One cleaning with who recorded it."""

    row: BoxCleaning
    person: str
    organisation: str


def cleanings(session: Session, box: Box, size: int = PAGE) -> list[Cleaned]:
    """Return the newest cleanings of a box."""
    query = (
        select(BoxCleaning, Organisation.name)
        .join(Organisation, Organisation.id == BoxCleaning.recorded_for)
        .where(BoxCleaning.box_id == box.id)
        .order_by(BoxCleaning.cleaned_at.desc(), BoxCleaning.id.desc())
        .limit(size)
    )
    rows = session.execute(query).tuples().all()
    people = accounts.names(session, {row.recorded_by for row, _name in rows})
    return [Cleaned(row, people.get(row.recorded_by, ""), name) for row, name in rows]


# --- its history -----------------------------------------------------------------------------------------------------

WORDS = {
    "box.registered": N_("Registered and labelled"),
    "box.pack": N_("Filled"),
    "box.taken_out": N_("Taken out of it"),
    "box.close": N_("Filled box closed"),
    "box.open": N_("Opened to take out or put in"),
    "box.put_in": N_("Put into another box"),
    "box.take_out": N_("Taken out of the other box"),
    "box.store": N_("Placed in a store"),
    "box.hand_in": N_("Received at a station"),
    "box.load": N_("Loaded on the vehicle"),
    "box.unload": N_("Taken off the vehicle before departure"),
    "box.accept": N_("Accepted at the disposal site"),
    "box.refuse": N_("Refused at the disposal site"),
    "box.withdraw": N_("Verdict taken back: on the vehicle again"),
    "box.take_back": N_("Taken back by the consignor"),
    "box.clean": N_("Washed and disinfected"),
    "box.retire": N_("Retired"),
}


@dataclass(frozen=True)
class Step:
    """One event in the history of a box, in words still to be translated."""

    what: str
    at: datetime
    who: str
    where: str
    evidence: Evidence
    count: int | None
    mass: Grams | None
    codes: tuple[str, ...]
    note: str
    number: int
    hash: str


def timeline(session: Session, actor: Actor, box: Box) -> list[Step]:
    """Return the history of a box from its stream, the newest first, with names instead of ids.

    A box goes from house to house. What was done with it elsewhere is told to a regulator; to its owner without what
    was in it; to who has it now without where and by whom either, as those are other producers' affairs.
    """
    regulator = may(actor, Act.VIEW_BOX, relations(session, actor, box) & {Relation.REGION})
    past = [one for one in ledger.stream(session, stream_of(box.id)) if not is_declaration(one)]
    facts = [json.loads(one.facts) for one in past]
    places = [one.get("to") or {} for one in facts]
    organisations = {containers.as_id(one.get("organisation")) for one in places}
    organisations |= {containers.as_id(one.acting_for) for one in past}
    names = parties.names(session, organisations - {None})
    stores = {containers.as_id(one.get("facility")) for one in places} - {None}
    rows = session.execute(select(Facility.id, Facility.name).where(Facility.id.in_(stores))).tuples()
    known = {str(one): name for one, name in [*names.items(), *rows]}
    steps = []
    for event, said in zip(past, facts, strict=True):
        step = _step(event, said, known)
        if not (regulator or _was_there(actor, event, said)):
            step = replace(step, count=None, mass=None, codes=(), note="")
            if not actor.acts_for(box.owner_id):
                step = replace(step, who="", where="")
        steps.append(step)
    return steps[::-1]


def _was_there(actor: Actor, event: Event, facts: dict[str, object]) -> bool:
    """Tell whether a person's organisation did this with a box, gave it or got it."""
    holders = [place.get("organisation") for name in ("from", "to") if isinstance(place := facts.get(name), dict)]
    return any(actor.acts_for(containers.as_id(one)) for one in (event.acting_for, *holders))


def _step(event: Event, facts: dict[str, object], known: dict[str, str]) -> Step:
    to = facts.get("to")
    place = to if isinstance(to, dict) else {}
    moved = [*_listed(facts, "containers"), *_listed(facts, "boxes")]
    mass = facts.get("mass_g")
    return Step(
        what=WORDS.get(event.kind, event.kind),
        at=event.occurred_at,
        who=known.get(event.acting_for or "", ""),
        where=" · ".join(filter(None, (known.get(str(place.get(one)), "") for one in ("organisation", "facility")))),
        evidence=Evidence(event.evidence),  # type: ignore[call-arg]  # a Term is looked up by its value
        count=facts.get("count") if isinstance(facts.get("count"), int) else None,  # type: ignore[arg-type]  # it is
        mass=Grams(mass) if isinstance(mass, int) else None,
        codes=tuple(pretty(ContainerCode(str(one["code"]))) for one in moved),
        note=str(facts.get("note") or facts.get("reason") or ""),
        number=event.seq,
        hash=event.hash,
    )


def _listed(facts: dict[str, object], name: str) -> list[dict[str, object]]:
    found = facts.get(name)
    return found if isinstance(found, list) else []
