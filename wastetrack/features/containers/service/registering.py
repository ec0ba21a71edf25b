"""Registering waste: one container, or several alike, each with its own code."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints
from sqlalchemy import bindparam, select

from wastetrack.documents.label import require_printable
from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.container_code import (
    ENTROPY_BYTES,
    ContainerCode,
    new_container_code,
    parse_container_code,
    pretty,
)
from wastetrack.domain.containers import Doing, Isolation, Packaging, State, Unbound, after
from wastetrack.domain.credit_code import CreditCode
from wastetrack.domain.digital_code import build_digital_code
from wastetrack.domain.labels import LabelWords, usual_words
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Refusal, refuse_all
from wastetrack.domain.registration import (
    MOST_ALIKE,
    Registration,
    alike_problems,
    is_medical,
    moment_in,
    packagings_for,
    problems_with,
    sealed_moment,
    waste_code_in,
)
from wastetrack.domain.storage_time import leaves_institution_by
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Form, Hazard, WasteCode, medical_class_of
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.containers.service import labels
from wastetrack.features.containers.service.moving import holder_of
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.commands import ActKey, Command, Mass, OptionalText, read_by
from wastetrack.infra.i18n import CHINESE, _, speaking
from wastetrack.infra.ids import new_id, random_bytes
from wastetrack.infra.work import Work


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
    components: OptionalText = ""
    """Main components and what to mind, on the label; left out, as the producer wrote last for this waste, else as
    usual for its name and hazards."""
    precautions: OptionalText = ""
    label: Annotated[ContainerCode, read_by(parse_container_code)] | None = None
    """The code of a pre-printed label that is on it already; without one it gets a new code."""
    volume_l: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """What it holds, in litres; left out, the usual of its kind counts as an estimate."""
    isolation: Annotated[Isolation | None, BeforeValidator(lambda given: given or None)] = None
    """That it is waste of isolated patients."""
    double_bagged: bool = False
    """Whether the second bag is on it: asked for waste of isolated patients only."""
    overfull: bool = False
    """Whether it is fuller than three quarters: kept, and warned of."""
    act_key: ActKey | None = None


def register(work: Work, command: RegisterContainer, *, evidence: Evidence = Evidence.CHOSEN) -> Container:
    """Register one container of the own organisation's waste and give it its code. It is sealed, not yet in a store."""
    producer = own_organisation(work)
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
        command.isolation,
        command.double_bagged,
    )
    departments = [one.name for one in parties.departments_of(work.session, producer.id)]
    kinds, stores = parties.kinds_and_stores(work.session, producer.id)
    unfit = labels.problems_with_blank(work, command.label, producer.id) if command.label else []
    refuse_all([*problems_with(asked, kinds=kinds, departments=departments, now=work.now), *unfit])
    state = State.SEALED
    if command.label:
        state = after(Unbound.BLANK, Doing.BIND, code=pretty(command.label))
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
        isolation=command.isolation,
        overfull=command.overfull,
        registered_at=work.now,
        registered_by=person(work),
        act_key=command.act_key,
        sealed_at=sealed_at,
        must_leave_by=leave_by,
        label_leave_by=leave_by,
        state=state,
        holder_organisation_id=producer.id,
        holder_region_code=producer.region_code,
        version=1,
    )
    _put_on_label(work, command, container, producer)
    work.session.add(container)
    blank = labels.bind_blank(work, container) if command.label else {}
    ledger.append(
        work,
        stream_of(container.id),
        "container.registered",
        {**facts_of(container), "edition": edition, **blank},
        occurred_at=sealed_at,
        evidence=evidence,
        act_key=command.act_key,
        begins=True,
    )
    work.session.flush()
    return container


class RegisterAlike(RegisterContainer):
    """Register several containers alike, such as the drums of one filling: `mass` is that of each."""

    count: Annotated[int, Field(ge=1, le=MOST_ALIKE)] = 1


def register_alike(work: Work, command: RegisterAlike) -> list[Container]:
    """Register so many containers alike, each with its own code, all of them or none.

    The same act again returns the same ones. A pre-printed label is on one container only.
    """
    refuse_all(alike_problems(command.count, labelled=command.label is not None))
    made = []
    for number in range(command.count):
        key = f"{command.act_key}:{number}"[-64:] if command.act_key and number else command.act_key
        made.append(register(work, command.model_copy(update={"act_key": key})))
    return made


_LABEL_FIELDS = {"special_note": "note", "remark": "note", "harmful_components": "harmful",
                 "main_components": "components"}  # fmt: skip
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


def _put_on_label(work: Work, command: RegisterContainer, container: Container, producer: Organisation) -> None:
    """Write main components and precautions: as typed, else as last for this waste, else as usual.

    What was not typed gives way where the label is too small for it: nobody is stopped by words that he did not write.
    Refused is what no label could show whole even so.
    """
    known = LabelWords("", "")
    if not container.medical:
        usual = usual_words(container.waste_name, container.hazards.split())
        known = queries.last_words(work.session, producer.id, command.waste, container.hazards) or usual
    for components, precautions in (known, ("", known.precautions), ("", "")):
        container.components = command.components or components
        container.precautions = command.precautions or precautions
        try:
            return require_label(container, producer)
        except Refusal as refusal:
            unfit = refusal
    raise unfit


_NUMBERING = select(Organisation).where(Organisation.id == bindparam("this")).with_for_update(key_share=True)


def own_organisation(work: Work) -> Organisation:
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
        "code packaging department waste_code waste_name medical hazards form harmful components precautions note "
        "digital_code mass_g mass_source volume_l sealed_at must_leave_by label_leave_by state isolation overfull"
    )
    return {
        **{name: getattr(container, name) for name in names.split()},
        "producer": container.producer_id,
        "producer_region": container.producer_region_code,
        "to": holder_of(container),
    }
