"""Acts on containers. `move` is the one way in which a container changes its state or its holder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.util import identity_key

from wastetrack.documents.label import require_printable
from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.container_code import (
    ENTROPY_BYTES,
    ContainerCode,
    new_container_code,
    parse_container_code,
    pretty,
)
from wastetrack.domain.containers import ENDED, Doing, Packaging, State, after
from wastetrack.domain.credit_code import CreditCode
from wastetrack.domain.digital_code import build_digital_code
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Problem, Refusal, refuse, refuse_all
from wastetrack.domain.registration import (
    Registration,
    foreign_label,
    has_left,
    is_medical,
    moment_in,
    on_manifest,
    packagings_for,
    problems_with,
    sealed_moment,
    waste_code_in,
)
from wastetrack.domain.storage_time import LocalLimit, WayStation, leaves_institution_by, must_leave
from wastetrack.domain.storing import wrong_place
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Form, Hazard, WasteCode, medical_class_of
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container, Stay
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.containers.service import labels
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.infra.commands import ActKey, Command, Mass, OptionalText, Text, read_by
from wastetrack.infra.i18n import CHINESE, _, speaking
from wastetrack.infra.ids import new_id, random_bytes
from wastetrack.infra.work import Work


@dataclass(frozen=True)
class InStore:
    """Held in a storage facility."""

    facility: Facility


@dataclass(frozen=True)
class OnLeg:
    """Held by a carrier on the vehicle of one leg of a manifest."""

    carrier_id: UUID
    leg_id: UUID


Place = InStore | OnLeg | None
"""Where a container goes; None where it leaves every place (treated, void) or stays where it is (weighed, refused)."""


# --- registering -----------------------------------------------------------------------------------------------------


class RegisterContainer(Command):
    """Weigh, classify, seal and label one container.

    `waste` is a medical class or any waste code. What is left out is taken as usual: packaging by the waste, hazards
    and name by the national list, sealed now.
    """

    waste: Annotated[WasteCode, read_by(waste_code_in)]
    mass: Mass
    department: Annotated[str, StringConstraints(max_length=60)] = ""
    packaging: Packaging | None = None
    sealed_at: Annotated[AwareDatetime, read_by(moment_in)] | None = None
    note: OptionalText = ""
    waste_name: OptionalText = ""
    hazards: tuple[Hazard, ...] = ()
    form: Form = Form.SOLID
    harmful: OptionalText = ""
    label: Annotated[ContainerCode, read_by(parse_container_code)] | None = None
    """The code of a pre-printed label that is on it already; without one it gets a new code."""
    volume_l: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """What it holds, in litres; left out, the usual of its kind counts as an estimate."""
    act_key: ActKey | None = None


def register(work: Work, command: RegisterContainer) -> Container:
    """Register one container of the own organisation's waste and give it its code. It is sealed, not yet in a store."""
    producer = _own_organisation(work)
    if command.act_key and (known := queries.registered_with(work.session, person(work), command.act_key)):
        return known
    words, edition = _what_the_list_says(work, command)
    packaging = command.packaging or packagings_for(command.waste)[0]
    sealed_at = sealed_moment(command.sealed_at, work.now)
    asked = Registration(
        command.waste,
        packaging,
        command.mass.mass,
        command.sealed_at or work.now,
        words.hazards,
        command.department,
        command.volume_l,
    )
    departments = [one.name for one in parties.departments_of(work.session, producer.id)]
    kinds, stores = parties.kinds_and_stores(work.session, producer.id)
    unfit = labels.problems_with_blank(work, command.label, producer.id) if command.label else []
    refuse_all([*problems_with(asked, kinds=kinds, departments=departments, now=work.now), *unfit])
    medical = is_medical(command.waste)
    places = parties.way_stations(work.session, producer, stores, medical)
    leave_by = leaves_institution_by(medical, command.waste, sealed_at, places, work.now)
    container = Container(
        id=new_id(),
        code=command.label or fresh_code(work),
        packaging=packaging,
        producer_id=producer.id,
        producer_region_code=producer.region_code,
        department=command.department,
        waste_code=command.waste,
        waste_name=words.name,
        medical=medical,
        hazards=" ".join(words.hazards),
        form=command.form.value,
        harmful=command.harmful,
        note=command.note,
        digital_code=None if medical else digital_code(work, producer, command.waste, sealed_at),
        mass_g=command.mass.mass,
        mass_source=command.mass.source,
        volume_l=command.volume_l,
        registered_at=work.now,
        registered_by=person(work),
        act_key=command.act_key,
        sealed_at=sealed_at,
        must_leave_by=leave_by,
        label_leave_by=leave_by,
        state=State.SEALED,
        holder_organisation_id=producer.id,
        holder_region_code=producer.region_code,
        version=1,
    )
    require_label(container, producer)
    work.session.add(container)
    blank = labels.bind_blank(work, container) if command.label else {}
    ledger.append(
        work,
        stream_of(container.id),
        "container.registered",
        {**facts_of(container), "edition": edition, **blank},
        occurred_at=sealed_at,
        act_key=command.act_key,
        begins=True,
    )
    work.session.flush()
    return container


_LABEL_FIELDS = {"special_note": "note", "remark": "note", "harmful_components": "harmful"}
"""Which field of the form fills which entry of the label, where the names differ."""


def require_label(container: Container, producer: Organisation) -> None:
    """Refuse, before anything is kept, what no label could show whole; each problem at the form's own field."""
    try:
        require_printable(queries.label_of(container, producer, "https://wastetrack.example"))
    except Refusal as refusal:
        problems = [replace(p, field=_LABEL_FIELDS.get(p.field or "", p.field)) for p in refusal.problems]
        raise Refusal(problems) from None


@dataclass(frozen=True)
class _Words:
    """How the list calls a waste and which hazards it names."""

    name: str
    hazards: tuple[Hazard, ...]


def _what_the_list_says(work: Work, command: RegisterContainer) -> tuple[_Words, str | None]:
    """Return name and hazards of the waste, and the edition they were taken from (None for a medical class)."""
    medical = medical_class_of(command.waste)
    if medical:
        with speaking(CHINESE):
            return _Words(_(medical.label), medical.hazards), None
    listing = catalogue.listing(work.session, command.waste, local_day(work.now))
    listed = listing.entry
    name = command.waste_name or (listed.category_name if listed else command.waste)
    return _Words(name, command.hazards or (listed.hazard_list if listed else ())), listing.edition.edition


_NUMBERING = select(Organisation).where(Organisation.id == bindparam("this")).with_for_update(key_share=True)


def _own_organisation(work: Work) -> Organisation:
    """Return the person's organisation, its row held: registrations of one producer are numbered one after another."""
    organisation_id = work.actor.organisation_id
    require(work.actor, Act.REGISTER, {Relation.OWN} if organisation_id else ())
    require_beginning(work.actor, waste_only=True)
    return producer_held(work, organisation_id)


def producer_held(work: Work, organisation_id: UUID | None) -> Organisation:
    """Return the producer, its row held until the serial of the new label is taken."""
    return work.session.scalars(_NUMBERING, {"this": organisation_id}).one()


def person(work: Work) -> UUID:
    """Return who acts; only people register waste."""
    if work.actor.user_id is None:
        raise unknown()
    return work.actor.user_id


def fresh_code(work: Work) -> ContainerCode:
    """Return a code that no container carries. Two equal ones of 55 random bits are next to impossible, not quite."""
    while True:
        code = new_container_code(random_bytes(ENTROPY_BYTES))
        if not labels.is_taken(work.session, code):
            return code


def digital_code(work: Work, producer: Organisation, waste: WasteCode, sealed_at: datetime) -> str | None:
    """Return the code of HJ 1276 with the next serial of this waste on this day; None without a credit code."""
    if producer.credit_code is None:
        return None
    day = local_day(sealed_at)
    first = build_digital_code(CreditCode(producer.credit_code), waste, day, 1)
    serial = queries.last_serial(work.session, producer.id, str(first)[:-3]) + 1
    return str(build_digital_code(first.credit_code, waste, day, serial))


def facts_of(container: Container) -> dict[str, object]:
    """Return everything a registration says, as the ledger keeps it."""
    names = (
        "code packaging department waste_code waste_name medical hazards form harmful note digital_code mass_g "
        "mass_source volume_l sealed_at must_leave_by state"
    )
    return {
        **{name: getattr(container, name) for name in names.split()},
        "producer": container.producer_id,
        "producer_region": container.producer_region_code,
        "to": _holder(container),
    }


# --- placing and voiding ---------------------------------------------------------------------------------------------

Code = Annotated[str, read_by(parse_container_code)]


class PlaceContainers(Command):
    """Put containers into one of the own stores: those named by their codes, or all of one's own that are in none."""

    facility_id: UUID
    codes: tuple[Code, ...] = ()
    all_sealed: bool = False
    typed: bool = False
    """Whether the codes were typed or scanned, not ticked in a list."""
    act_key: ActKey | None = None


def place(work: Work, command: PlaceContainers) -> list[Container]:
    """Put containers into a store, all of them or none. The clock of medical waste goes on, whatever the store."""
    store = parties.facility(work.session, command.facility_id)
    if not work.actor.acts_for(store.organisation_id):
        raise unknown()
    require(work.actor, Act.STORE, {Relation.OWN})
    chosen = _to_place(work, command)
    if not chosen and not command.all_sealed:
        raise refuse("place.nothing", N_("Nothing was chosen. Scan or enter the code of a label."), field="codes")
    refuse_all([problem for container in chosen for problem in _not_placeable(container, store, "codes")])
    evidence = Evidence.TYPED if command.typed else Evidence.CHOSEN
    moving = [one for one in chosen if one.holder_facility_id != store.id]
    ledger.hold(work, [stream_of(one.id) for one in moving], command.act_key)
    for one in moving:
        move_held(work, one, Doing.STORE, to=InStore(store), evidence=evidence, act_key=command.act_key)
    work.session.flush()
    return chosen


def _to_place(work: Work, command: PlaceContainers) -> list[Container]:
    """Return the containers meant, their rows held, each once."""
    if command.all_sealed:
        return queries.all_locked(work.session, [one.id for one in queries.round_of(work.session, work.actor)])
    return queries.all_locked_by_code(work.session, command.codes, "codes")


def _not_placeable(container: Container, store: Facility, field: str) -> list[Problem]:
    """Return why a container cannot be put into this store."""
    code = pretty(ContainerCode(container.code))
    if container.holder_organisation_id is not None and container.holder_organisation_id != store.organisation_id:
        return [foreign_label(code, field)]
    if container.manifest_id is not None and container.holder_facility_id != store.id:
        return [on_manifest(code, field)]
    try:
        after(container.state, Doing.STORE, code=code)
    except Refusal as refusal:
        return list(refusal.problems)
    return wrong_place(code, container.medical, store.kind, field)


class VoidContainer(Command):
    """Declare a label void, with the reason."""

    code: Code
    reason: Text
    act_key: ActKey | None = None


def void(work: Work, command: VoidContainer) -> Container:
    """Make a label void: only by its producer, before the waste has left him, and not from an open manifest."""
    container = queries.locked_by_code(work.session, command.code)
    code = pretty(ContainerCode(container.code))
    if not queries.visible(work.session, work.actor, container):
        raise Refusal([foreign_label(code)])
    require(work.actor, Act.VOID_CONTAINER, queries.relations(work.actor, container))
    if ledger.done(work, stream_of(container.id), command.act_key):
        return container
    if container.manifest_id is not None:
        raise Refusal([on_manifest(code)])
    after(container.state, Doing.VOID, code=code)
    if container.holder_organisation_id != container.producer_id or queries.has_returned(work.session, container.id):
        raise Refusal([has_left(code)])
    return move(work, container.id, Doing.VOID, facts={"reason": command.reason}, act_key=command.act_key)


# --- moving ----------------------------------------------------------------------------------------------------------


def move(
    work: Work,
    container_id: UUID,
    doing: Doing,
    *,
    to: Place = None,
    facts: Mapping[str, object] | None = None,
    evidence: Evidence = Evidence.CHOSEN,
    occurred_at: datetime | None = None,
    act_key: str | None = None,
    manifest_number: str | None = None,
) -> Container:
    """Do one act of the life of a container: check, change state and holder, write the event `container.<doing>`.

    The row is locked first, so of two people doing it at once exactly one wins and the other is refused. The same
    `act_key` again changes nothing and returns the container. Who may do it is checked by the caller, who knows
    the hand-in, manifest or batch that it belongs to.
    """
    moved = move_held(
        work,
        queries.locked(work.session, container_id),
        doing,
        to=to,
        facts=facts,
        evidence=evidence,
        occurred_at=occurred_at,
        act_key=act_key,
        manifest_number=manifest_number,
    )
    work.session.flush()
    return moved


def move_held(
    work: Work,
    container: Container,
    doing: Doing,
    *,
    to: Place = None,
    facts: Mapping[str, object] | None = None,
    evidence: Evidence = Evidence.CHOSEN,
    occurred_at: datetime | None = None,
    act_key: str | None = None,
    manifest_number: str | None = None,
) -> Container:
    """Do what `move` does to a container whose row the caller already holds, as it stands.

    Nothing is sent before the caller flushes or asks the store something, so that many moves go out together.
    """
    ledger.hold(work, [stream_of(container.id)], act_key)
    if ledger.done(work, stream_of(container.id), act_key):
        return container
    code = pretty(ContainerCode(container.code))
    following = after(container.state, doing, code=code, manifest=manifest_number or "—")
    moment = occurred_at or work.now
    before, stood = _holder(container), (container.holder_facility_id, container.stood_since)
    local = parties.time_limits(work.session, to.facility) if isinstance(to, InStore) else ()
    _settle(container, following, to, moment, local, work.now)
    event = ledger.append(
        work,
        stream_of(container.id),
        f"container.{doing.value}",
        {"from": before, "to": _holder(container), "state": following, **(facts or {})},
        occurred_at=moment,
        evidence=evidence,
        act_key=act_key,
    )
    container.version = event.seq
    _end_stay(work, container, *stood, moment)
    return container


def _end_stay(work: Work, container: Container, facility_id: UUID | None, since: datetime | None, at: datetime) -> None:
    """Keep when it stood in the store that it has just left, so that any past moment can be looked at."""
    if facility_id is None or since is None or container.holder_facility_id == facility_id:
        return
    stay = Stay(
        container_id=container.id,
        left_seq=container.version,
        facility_id=facility_id,
        came_at=since,
        left_at=max(since, at),
        mass_g=container.mass_g,
    )
    work.session.add(stay)


def put_on_manifest(work: Work, container_ids: Iterable[UUID], manifest_id: UUID | None) -> None:
    """Remember the one open manifest these containers are on; None frees them. The caller holds their rows."""
    _note(work, container_ids, "manifest_id", manifest_id)


def put_on_hand_in(work: Work, container_ids: Iterable[UUID], hand_in_id: UUID | None) -> None:
    """Remember the one open hand-in these containers stand on; None frees them. The caller holds their rows."""
    _note(work, container_ids, "hand_in_id", hand_in_id)


def _note(work: Work, container_ids: Iterable[UUID], name: str, value: UUID | None) -> None:
    """Set one column of held rows; where a row is in hand, it goes out with what else changes in it."""
    unseen = []
    for one in container_ids:
        container = work.session.identity_map.get(identity_key(Container, one))
        if container is None:
            unseen.append(one)
        else:
            setattr(container, name, value)
    if unseen:
        work.session.execute(update(Container).where(Container.id.in_(unseen)).values({name: value}))


def recount(work: Work, facilities: Sequence[Facility]) -> None:
    """Reckon anew by when everything in these stores must have left: a limit was entered, begins or ends."""
    by_id = {one.id: one for one in facilities}
    for container in queries.all_locked_in(work.session, list(by_id)):
        facility = by_id[container.holder_facility_id]  # type: ignore[index]  # it stands there
        local = parties.time_limits(work.session, facility)
        container.must_leave_by = _deadline(container, facility, local, work.now)
    work.session.flush()


def recount_unplaced(work: Work, producers: Sequence[Organisation]) -> None:
    """Reckon the same for what these producers sealed and put into no store yet. Its labels stay as they are."""
    by_id = {one.id: one for one in producers}
    places: dict[tuple[UUID, bool], list[WayStation]] = {}
    for one in queries.all_unplaced_locked(work.session, list(by_id)):
        key = one.producer_id, one.medical
        if key not in places:
            stores = parties.facilities_of(work.session, one.producer_id)
            places[key] = parties.way_stations(work.session, by_id[one.producer_id], stores, one.medical)
        one.must_leave_by = leaves_institution_by(one.medical, one.waste_code, one.sealed_at, places[key], work.now)
    work.session.flush()


def _deadline(container: Container, facility: Facility, local: Sequence[LocalLimit], now: datetime) -> datetime | None:
    deadline = must_leave(
        medical=container.medical,
        waste_code=container.waste_code,
        kind=facility.kind,
        temperature=facility.temperature,
        sealed_at=container.sealed_at,
        entered_at=container.entered_at or container.sealed_at,
        local=local,
        now=now,
    )
    return deadline.at if deadline else None


def _settle(
    container: Container, following: State, to: Place, moment: datetime, local: Sequence[LocalLimit], now: datetime
) -> None:
    """Set state, holder and the moment by which it must have left its store."""
    container.state = following
    match to:
        case InStore(facility):
            stayed = container.holder_facility_id and container.holder_organisation_id == facility.organisation_id
            if not stayed or container.entered_at is None:
                container.entered_at = moment
            if container.holder_facility_id != facility.id or container.stood_since is None:
                container.stood_since = moment
            container.holder_organisation_id = facility.organisation_id
            container.holder_facility_id, container.holder_leg_id = facility.id, None
            container.holder_region_code = facility.region_code
            container.must_leave_by = _deadline(container, facility, local, now)
        case OnLeg(carrier_id, leg_id):
            container.holder_organisation_id, container.holder_leg_id = carrier_id, leg_id
            container.holder_facility_id = container.holder_region_code = None
            container.must_leave_by = container.entered_at = container.stood_since = None
        case None if following in ENDED:
            container.holder_organisation_id = container.holder_facility_id = container.holder_leg_id = None
            container.holder_region_code = container.must_leave_by = None
            container.entered_at = container.stood_since = None
        case None:
            pass


def _holder(container: Container) -> dict[str, object]:
    """Return the holder as the ledger names it."""
    return {
        "organisation": container.holder_organisation_id,
        "facility": container.holder_facility_id,
        "leg": container.holder_leg_id,
    }
