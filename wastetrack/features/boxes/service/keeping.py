"""Keeping large boxes: registering, washing, placing them in a store, retiring."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.boxes import EMPTY, MOST_AT_ONCE, BoxDoing, BoxKind, BoxState, after
from wastetrack.domain.cleaning import cleaning_problems
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Refusal, refuse_all
from wastetrack.domain.registration import moment_in, on_manifest
from wastetrack.domain.storing import wrong_place
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.models import Box, BoxCleaning
from wastetrack.features.boxes.queries import stream_of
from wastetrack.features.boxes.service.base import foreign, hold, holder_of, mine, record, require_outermost
from wastetrack.features.boxes.service.whole import move_whole
from wastetrack.features.containers.service.moving import InStore
from wastetrack.features.containers.service.registering import fresh_code, person
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.service.places import StoreMass
from wastetrack.infra.commands import ActKey, Command, OptionalText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


class RegisterBoxes(Command):
    """Enter one box or several alike, each with a code of its own, standing empty in one of the own stores."""

    kind: BoxKind
    facility_id: UUID
    name: Annotated[str, Field(max_length=50)] = ""
    count: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    capacity_count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    capacity_g: StoreMass | None = None
    capacity_l: Annotated[int, Field(ge=1, le=100_000)] | None = None
    act_key: ActKey | None = None


class PlaceBox(Command):
    """Put a box, with everything in it, into one of the own stores. An empty one may come from anywhere."""

    box_id: UUID
    facility_id: UUID
    evidence: Evidence = Evidence.CHOSEN
    act_key: ActKey | None = None


class CleanBox(Command):
    """A box was washed and disinfected: when (now, unless it is said), and what there is to say of it."""

    box_id: UUID
    cleaned_at: Annotated[AwareDatetime, read_by(moment_in)] | None = None
    note: OptionalText = ""
    act_key: ActKey | None = None


class RetireBox(Command):
    """A box is not used any more, and why."""

    box_id: UUID
    reason: Text
    act_key: ActKey | None = None


def register(work: Work, command: RegisterBoxes) -> list[Box]:
    """Enter boxes, all of them or none; the same act again returns the same ones."""
    store = parties.facility(work.session, command.facility_id)
    if not work.actor.acts_for(store.organisation_id):
        raise unknown()
    require(work.actor, Act.KEEP_BOX, {Relation.OWN})
    require_beginning(work.actor, waste_only=True)
    made = []
    for number in range(1, command.count + 1):
        key = f"{command.act_key}:{number}"[-64:] if command.act_key else None
        if key and (known := queries.registered_with(work.session, person(work), key)):
            made.append(known)
            continue
        box = Box(
            id=new_id(),
            code=fresh_code(work),
            owner_id=store.organisation_id,
            name=f"{command.name} {number:02}" if command.count > 1 and command.name else command.name,
            state=BoxState.READY,
            holder_organisation_id=store.organisation_id,
            holder_facility_id=store.id,
            holder_region_code=store.region_code,
            registered_at=work.now,
            registered_by=person(work),
            act_key=key,
            version=1,
            **command.model_dump(include={"kind", "capacity_count", "capacity_g", "capacity_l"}),
        )
        work.session.add(box)
        work.session.flush()
        names = ("code", "kind", "name", "capacity_count", "capacity_g", "capacity_l")
        facts = {"owner": box.owner_id, **{name: getattr(box, name) for name in names}}
        record(work, box, "registered", {}, facts, act_key=key)
        made.append(box)
    return made


def place(work: Work, command: PlaceBox) -> Box:
    """Put a box into one's own store. With something in it only its holder moves it; an empty one comes from anywhere.

    So a turnover box finds its way back from the plant to whose it is. No waste changes hands by it.
    """
    store = parties.facility(work.session, command.facility_id)
    if not work.actor.acts_for(store.organisation_id):
        raise unknown()
    require(work.actor, Act.PACK, {Relation.OWN})
    whole = hold(work, command.box_id)
    box = whole.box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    if box.state not in EMPTY and not work.actor.acts_for(box.holder_organisation_id):
        raise Refusal([foreign(queries.shown(box))])
    problems = []
    for one in whole.containers:
        code = pretty(ContainerCode(one.code))
        problems += wrong_place(code, one.medical, store.kind, "facility_id")
        if one.manifest_id is not None and one.holder_facility_id != store.id:
            problems.append(on_manifest(code, "facility_id"))
    refuse_all(problems)
    move_whole(work, whole, BoxDoing.STORE, to=InStore(store), evidence=command.evidence, act_key=command.act_key)
    return box


def clean(work: Work, command: CleanBox) -> Box:
    """Record that a box was washed and disinfected, by who holds it. From then it may be filled again."""
    box = mine(work, command.box_id, Act.CLEAN_BOX).box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    following = after(box.state, BoxDoing.CLEAN, code=queries.shown(box))
    at = command.cleaned_at or work.now
    refuse_all(cleaning_problems(at, box.unclean_since, box.cleaned_at, work.now))
    at = max(at, box.unclean_since) if box.unclean_since else at  # typed to the minute in which it was emptied
    acting_for = work.actor.organisation_id
    if acting_for is None:
        raise unknown()
    made = BoxCleaning(
        id=new_id(), box_id=box.id, cleaned_at=at, note=command.note, recorded_at=work.now,
        recorded_by=person(work), recorded_for=acting_for,
    )  # fmt: skip
    work.session.add(made)
    box.state, box.cleaned_at, box.unclean_since = following, at, None
    facts = {"cleaning": made.id, "note": command.note}
    record(work, box, "clean", holder_of(box), facts, act_key=command.act_key)
    return box


def retire(work: Work, command: RetireBox) -> Box:
    """Take an empty box out of use for good, by its owner who holds it. Its code is never used again."""
    box = mine(work, command.box_id, Act.KEEP_BOX).box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    if not work.actor.acts_for(box.owner_id):
        raise Refusal([foreign(queries.shown(box))])
    require_outermost(work, box)
    box.state = after(box.state, BoxDoing.RETIRE, code=queries.shown(box))
    before = holder_of(box)
    box.holder_organisation_id = box.holder_facility_id = box.holder_leg_id = box.holder_region_code = None
    box.unclean_since = None
    record(work, box, "retire", before, {"reason": command.reason}, act_key=command.act_key)
    return box
