"""Treating waste in a batch: checked against licence and process, recorded box by box. Streams `batch:<id>`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from wastetrack.domain.access import Act, Relation, require, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import Doing, only_with_box
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.signing import Signature
from wastetrack.domain.times import local_day
from wastetrack.domain.treatment import Box, batch_number, problems
from wastetrack.domain.waste_codes import TreatmentMode, WasteCode
from wastetrack.features.boxes import queries as box_queries
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import move_held
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import queries as manifest_queries
from wastetrack.features.manifests import service as manifests
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.features.signing.service import Inked, Shown, hash_of_facts, ink, take_up
from wastetrack.features.treatment import queries
from wastetrack.features.treatment.models import Batch, BatchBox
from wastetrack.features.treatment.queries import stream_of
from wastetrack.infra.commands import ActKey, Code, Command
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_IN_A_BATCH = 2000


class ChooseBatch(Command):
    """Choose containers that stand in the own plant's store, and one process for them."""

    facility_id: UUID
    mode: TreatmentMode
    container_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_IN_A_BATCH)] = ()
    codes: Annotated[tuple[Code, ...], Field(max_length=MOST_IN_A_BATCH)] = ()
    act_key: ActKey | None = None


class TreatBatch(ChooseBatch):
    """Sign that they went through it."""

    shown: Shown


def treat(work: Work, command: TreatBatch) -> Batch:
    """Finish one batch: every box of it is treated, or none. Manifests with nothing left to treat complete."""
    facility = _own_store(work, command.facility_id)
    _held_back(work, facility.organisation_id)
    if command.act_key and (known := queries.done_with(work.session, facility.organisation_id, command.act_key)):
        return known
    pen = take_up(work, Signature.TREATMENT)
    boxes = _locked(work, command)
    _check(work, facility, command, boxes)
    inked = ink(pen, queries.statement(facility, command.mode, boxes), command.shown)
    batch = _finish(work, facility, command, boxes, inked)
    ledger.hold(work, [containers.stream_of(box.id) for box in boxes], command.act_key)
    for box in boxes:
        facts = {"batch": batch.id, "number": batch.number, "mode": batch.mode}
        whole = box.box_id is not None  # all that is in its box is treated (`_check`), closed as it came
        move_held(work, box, Doing.TREAT, facts=facts, act_key=command.act_key, with_box=whole)
    manifests.boxes_treated(work, [box.id for box in boxes])
    return batch


@dataclass(frozen=True)
class Preview:
    """What a batch would be: shown before it is confirmed."""

    facility: Facility
    mode: TreatmentMode
    boxes: list[Container]


def preview(work: Work, command: ChooseBatch) -> Preview:
    """Return what the command would treat, by age, or refuse as `treat` would. Nothing is changed or held."""
    facility = _own_store(work, command.facility_id)
    boxes = queries.by_ids(work.session, _ids(work, command))
    _check(work, facility, command, boxes)
    return Preview(facility, command.mode, boxes)


def _check(work: Work, facility: Facility, command: ChooseBatch, boxes: Sequence[Container]) -> None:
    """Refuse with everything that stands against treating these boxes so."""
    named = set(command.codes)
    known = len(boxes) >= len(set(command.container_ids))
    if not known or not all(one.code in named or containers.visible(work.session, work.actor, one) for one in boxes):
        raise unknown()
    plant = queries.plant_of(work.session, facility.organisation_id)
    sources: dict[UUID, UUID] = {}
    if any(paper.only_from for paper in plant.papers):
        sources = queries.sources_of(work.session, facility.organisation_id, [box.id for box in boxes])
    judged = [_as_box(box, facility, sources.get(box.id, box.producer_id)) for box in boxes]
    found = problems(judged, command.mode, store=facility.kind, plant=plant, day=local_day(work.now))
    refuse_all([*found, *_partly(work, boxes)])


def _partly(work: Work, chosen: Sequence[Container]) -> list[Problem]:
    """Say what stands in a large box of which not all is chosen: a box is treated whole, never opened before."""
    ids = {one.id for one in chosen}
    boxed = {one.box_id for one in chosen if one.box_id is not None}
    broken = {one.box_id for one in box_queries.inside_of(work.session, boxed) if one.id not in ids}
    codes = box_queries.codes(work.session, broken - {None})
    return [
        only_with_box(pretty(ContainerCode(one.code)), codes[one.box_id], Doing.TREAT, "container_ids")
        for one in chosen
        if one.box_id in codes
    ]


def _own_store(work: Work, facility_id: UUID) -> Facility:
    facility = parties.facility(work.session, facility_id)
    if not work.actor.acts_for(facility.organisation_id):
        raise unknown()
    require(work.actor, Act.TREAT, {Relation.OWN})
    return facility


def _held_back(work: Work, organisation_id: UUID) -> None:
    """Let the organisation's batches be numbered one after another; others may still refer to its row."""
    query = select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    work.session.scalars(query).one()


def _ids(work: Work, command: ChooseBatch) -> list[UUID]:
    """Return the containers named, each once, in the order of their ids; the code of a box names all in it."""
    labelled: set[UUID] = set()
    for code in command.codes:
        box = box_queries.by_code(work.session, code)
        if box is None:
            labelled.add(containers.labelled(work.session, ContainerCode(code), "codes", Doing.TREAT).id)
            continue
        within = [box.id, *(one.id for one in box_queries.below(work.session, [box.id]))]
        labelled |= {one.id for one in box_queries.inside_of(work.session, within)}
    return sorted({*command.container_ids, *labelled})


def _locked(work: Work, command: TreatBatch) -> list[Container]:
    """Return the containers named, held after their manifests and in the order of their ids.

    Receiving holds the manifest first too, so that no two acts wait for each other in a ring.
    """
    ids = _ids(work, command)
    for manifest_id in queries.manifests_of(work.session, ids):
        manifest_queries.locked(work.session, manifest_id)
    held = containers.all_locked(work.session, ids)
    if len(held) < len(ids):
        raise unknown()
    return held


def _as_box(container: Container, facility: Facility, source: UUID) -> Box:
    return Box(
        code=pretty(ContainerCode(container.code)),
        waste_code=WasteCode(container.waste_code),
        medical=container.medical,
        state=container.state,
        here=container.holder_facility_id == facility.id,
        on_manifest=container.manifest_id is not None,
        source=str(source),
    )


def _finish(work: Work, facility: Facility, command: TreatBatch, boxes: Sequence[Container], inked: Inked) -> Batch:
    """Write the batch with its boxes and its one event."""
    if work.actor.user_id is None:
        raise unknown()
    day = local_day(work.now)
    serial = queries.batches_named(work.session, facility.organisation_id, f"{day:%Y%m%d}-") + 1
    batch = Batch(
        id=new_id(),
        organisation_id=facility.organisation_id,
        facility_id=facility.id,
        number=batch_number(day, serial),
        mode=command.mode.value,
        finished_at=work.now,
        finished_by=work.actor.user_id,
        act_key=command.act_key,
        boxes=len(boxes),
        mass_g=sum(box.mass_g for box in boxes),
        version=1,
    )
    work.session.add(batch)
    work.session.flush()
    work.session.add_all(BatchBox(container_id=box.id, batch_id=batch.id) for box in boxes)
    work.session.flush()
    masses: Counter[str] = Counter()
    for box in boxes:
        masses[box.waste_code] += box.mass_g
    facts: dict[str, object] = {
        "number": batch.number,
        "facility": facility.id,
        "mode": batch.mode,
        "boxes": [{"container": box.id, "code": box.code, "mass_g": box.mass_g} for box in boxes],
        "mass_g": batch.mass_g,
        "by_waste_code_g": dict(masses),
    }
    signed = inked.write(work, stream_of(batch.id), batch.version, hash_of_facts(facts))
    ledger.append(
        work, stream_of(batch.id), "batch.finished", facts | signed, evidence=Evidence.CONFIRMED,
        act_key=command.act_key,
    )  # fmt: skip
    return batch
