"""The consignor's acts: draft, change, discard, sign, void."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select

from wastetrack.domain import manifest_checks as checks
from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import SEALED_IN_STORE
from wastetrack.domain.manifests import State, Step, check_step
from wastetrack.domain.papers import named
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.signing import Signature
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.manifests.service import large
from wastetrack.features.manifests.service.base import begin, hold_containers, record, require_version
from wastetrack.features.manifests.service.numbers import next_number
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import CrewMember, Facility, Licence, Organisation, Vehicle
from wastetrack.features.signing.service import Shown, ink, take_up
from wastetrack.infra.commands import ActKey, Command, Text
from wastetrack.infra.i18n import say_in_each
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_BOXES = 2000


class DraftManifest(Command):
    """What the consignor plans: containers of one store, who carries them in what, and to whom."""

    container_ids: Annotated[list[UUID], Field(max_length=MOST_BOXES)] = Field(default_factory=list)
    facility_id: UUID
    carrier_id: UUID
    vehicle_id: UUID
    trailer_id: UUID | None = None
    driver_id: UUID
    escort_id: UUID | None = None
    receiver_id: UUID
    receiver_facility_id: UUID
    mode: TreatmentMode
    act_key: ActKey


class ChangeDraft(DraftManifest):
    """A draft saved again as a whole."""

    manifest_id: UUID
    version: int


class DiscardDraft(Command):
    """A draft that is not needed."""

    manifest_id: UUID
    act_key: ActKey


class SignManifest(Command):
    """The consignor's signature on the version that was shown, under the words that were shown."""

    manifest_id: UUID
    version: int
    shown: Shown
    act_key: ActKey


class VoidManifest(Command):
    """A signed manifest taken back before departure."""

    manifest_id: UUID
    reason: Text
    act_key: ActKey


def draft(work: Work, command: DraftManifest) -> Manifest:
    """Prepare a manifest: nothing moves yet, but its containers are spoken for."""
    store, receiving = _places(work, command)
    held = hold_containers(work, command.container_ids)
    already = _already_drafted(work, held, store, command.act_key)
    if already:
        return already
    _claim(work, command.container_ids, held, store, None)
    manifest = Manifest(
        id=new_id(),
        state=State.DRAFT,
        consignor_id=store.organisation_id,
        created_at=work.now,
        created_by=work.actor.user_id,
        version=0,
        **_head(store, receiving, command),
    )
    work.session.add(manifest)
    work.session.flush()
    leg = ManifestLeg(id=new_id(), manifest_id=manifest.id, number=1, **_leg(command))
    work.session.add(leg)
    _put_boxes(work, manifest, command.container_ids, held)
    begun = {"consignor": manifest.consignor_id, "leg": leg.id, **_planned(command, manifest, held)}
    record(work, manifest, "manifest.drafted", begun, act_key=command.act_key)
    return manifest


def change_draft(work: Work, command: ChangeDraft) -> Manifest:
    """Save a draft again as a whole; refused when somebody else changed it meanwhile."""
    manifest, done = begin(work, command.manifest_id, Act.DRAFT_MANIFEST, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.CHANGE, number=manifest.number)
    require_version(manifest, command.version)
    store, receiving = _places(work, command)
    if store.organisation_id != manifest.consignor_id:
        raise unknown()
    before = {box.container_id for box in queries.boxes_of(work.session, manifest.id)}
    held = hold_containers(work, before | set(command.container_ids))
    _claim(work, command.container_ids, held, store, manifest.id)
    for name, value in _head(store, receiving, command).items():
        setattr(manifest, name, value)
    leg = queries.leg_of(work.session, manifest.id)
    for name, value in _leg(command).items():
        setattr(leg, name, value)
    work.session.execute(delete(ManifestBox).where(ManifestBox.manifest_id == manifest.id))
    containers.put_on_manifest(work, before, None)
    _put_boxes(work, manifest, command.container_ids, held)
    record(work, manifest, "manifest.changed", _planned(command, manifest, held), act_key=command.act_key)
    return manifest


def discard(work: Work, command: DiscardDraft) -> Manifest:
    """Drop a draft; its containers are free again."""
    manifest, done = begin(work, command.manifest_id, Act.DRAFT_MANIFEST, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.DISCARD, number=manifest.number)
    manifest.discarded_at = work.now
    _free(work, manifest)
    record(work, manifest, "manifest.discarded", {}, act_key=command.act_key)
    return manifest


def sign(work: Work, command: SignManifest) -> Manifest:
    """Sign part one: everything the law asks is checked at once, the number is issued, the containers may be loaded.

    Of two people signing exactly one does; the other is told that it is signed.
    """
    manifest, done = begin(work, command.manifest_id, Act.SIGN_MANIFEST, act_key=command.act_key)
    if done:
        return manifest
    pen = take_up(work, Signature.CONSIGNOR)
    check_step(manifest.state, Step.SIGN, number=manifest.number)
    require_version(manifest, command.version)
    shown = queries.newest_print(work.session, manifest.id)
    hold_containers(work, [box.container_id for box in queries.boxes_of(work.session, manifest.id)])
    _hold_papers(work, manifest)
    whole = queries.sheet(work.session, manifest)
    inked = ink(pen, queries.consignor_statement(whole), command.shown)
    lawful = queries.facts(work.session, whole, work.now)
    refuse_all(checks.problems(lawful))
    manifest.number = next_number(work, manifest.consignor_region_code)
    manifest.signed_at, manifest.signed_by = work.now, work.actor.user_id
    manifest.signed_mandate_id = work.actor.by_mandate.id if work.actor.by_mandate else None
    facts = {
        "signed_version": command.version,
        "signed_hash": shown.document_hash,
        "boxes": len(whole.lines),
        "mass_g": whole.mass_g,
        "warned": [{"code": one.code, **say_in_each(one)} for one in checks.warnings(lawful)],
    }
    record(work, manifest, "manifest.signed", facts, act_key=command.act_key, whole=whole, inked=inked)
    return manifest


def void(work: Work, command: VoidManifest) -> Manifest:
    """Take a signed manifest back before the vehicle departs; its number is never used again."""
    manifest, done = begin(work, command.manifest_id, Act.DRAFT_MANIFEST, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.VOID, number=manifest.number)
    loaded = queries.sheet(work.session, manifest).loaded
    if loaded:
        raise refuse(
            "manifest.void_while_loaded",
            N_("Already on the vehicle: {codes}. Have the driver unload them first, then void the manifest."),
            kind=Kind.CONFLICT,
            codes=named([line.code for line in loaded]),
        )
    manifest.voided_at, manifest.void_reason = work.now, command.reason
    _free(work, manifest)
    record(work, manifest, "manifest.voided", {"reason": command.reason}, act_key=command.act_key)
    return manifest


def _places(work: Work, command: DraftManifest) -> tuple[Facility, Facility]:
    """Return the consignor's and the receiver's store; refuse what does not exist or is not the person's."""
    session = work.session
    store = session.get(Facility, command.facility_id)
    if store is None or not work.actor.acts_for(store.organisation_id):
        raise unknown()
    require(work.actor, Act.DRAFT_MANIFEST, {Relation.CONSIGNOR})
    require_beginning(work.actor)
    receiving = session.get(Facility, command.receiver_facility_id)
    vehicle = session.get(Vehicle, command.vehicle_id)
    trailer = session.get(Vehicle, command.trailer_id) if command.trailer_id else None
    known = {
        "receiver_facility_id": receiving,
        "receiver_id": session.get(Organisation, command.receiver_id),
        "carrier_id": session.get(Organisation, command.carrier_id),
        "vehicle_id": vehicle,
        "trailer_id": trailer or not command.trailer_id,
        "driver_id": session.get(CrewMember, command.driver_id),
        "escort_id": session.get(CrewMember, command.escort_id) if command.escort_id else True,
    }
    missing = N_("Choose one of the entries in the list.")
    refuse_all([Problem("manifest.unknown_entry", missing, field=field) for field, one in known.items() if not one])
    assert receiving is not None  # noqa: S101  (said above; the type checker cannot see it)
    assert vehicle is not None  # noqa: S101  (the same)
    refuse_all(queries.coupling_problems(vehicle, trailer))
    return store, receiving


def _head(store: Facility, receiving: Facility, command: DraftManifest) -> dict[str, object]:
    return {
        "consignor_facility_id": store.id,
        "consignor_region_code": store.region_code,
        "receiver_id": command.receiver_id,
        "receiver_facility_id": receiving.id,
        "receiver_region_code": receiving.region_code,
        "mode": command.mode.value,
    }


def _leg(command: DraftManifest) -> dict[str, object]:
    names = ("carrier_id", "vehicle_id", "trailer_id", "driver_id", "escort_id")
    return {name: getattr(command, name) for name in names}


def _planned(command: DraftManifest, manifest: Manifest, held: dict[UUID, Container]) -> dict[str, object]:
    """Return what the ledger says of a plan."""
    boxes = [
        {"container": each, "code": held[each].code, "stated_g": held[each].mass_g}
        for each in dict.fromkeys(command.container_ids)
    ]
    regions = {"consignor_region": manifest.consignor_region_code, "receiver_region": manifest.receiver_region_code}
    said = command.model_dump(exclude={"container_ids", "act_key", "manifest_id", "version"})
    return {**said, **regions, "boxes": boxes}


def _already_drafted(work: Work, held: dict[UUID, Container], store: Facility, act_key: str) -> Manifest | None:
    """Return the manifest that this very act made before, from what stands in the same store."""
    here = [container for container in held.values() if container.holder_facility_id == store.id]
    for manifest_id in {container.manifest_id for container in here} - {None}:
        if manifest_id and ledger_queries.has_act(work.session, queries.stream_of(manifest_id), act_key):
            return work.session.get(Manifest, manifest_id)
    return None


def _claim(work: Work, ids: list[UUID], held: dict[UUID, Container], store: Facility, manifest_id: UUID | None) -> None:
    """Refuse unless every chosen container stands in the store and is on no other open manifest."""
    chosen = {one: held[one] for one in ids if one in held}
    refuse_all([*_claim_problems(ids, held, store, manifest_id), *large.partly(work, chosen)])


def _claim_problems(
    ids: list[UUID], held: dict[UUID, Container], store: Facility, manifest_id: UUID | None
) -> Iterator[Problem]:
    if not ids:
        yield from checks.no_boxes()
    here = [
        held[each]
        for each in ids
        if each in held and held[each].state in SEALED_IN_STORE and held[each].holder_facility_id == store.id
    ]
    if len(here) < len(ids):
        yield Problem(
            "manifest.moved_meanwhile",
            N_("Some of the chosen containers do not stand in this store any more. Look at the list again."),
            field="container_ids",
            kind=Kind.CONFLICT,
        )
    taken = [pretty(ContainerCode(each.code)) for each in here if each.manifest_id not in {None, manifest_id}]
    if taken:
        yield Problem(
            "manifest.already_on_one",
            N_("Already on another open manifest: {codes}. A container can be on one only: take it off one of them."),
            {"codes": named(taken)},
            field="container_ids",
            kind=Kind.CONFLICT,
        )
    promised = [pretty(ContainerCode(each.code)) for each in here if each.hand_in_id is not None]
    if promised:
        yield checks.on_hand_in(promised)


def _put_boxes(work: Work, manifest: Manifest, ids: list[UUID], held: dict[UUID, Container]) -> None:
    for position, container_id in enumerate(dict.fromkeys(ids), start=1):
        work.session.add(
            ManifestBox(
                manifest_id=manifest.id,
                container_id=container_id,
                position=position,
                stated_g=held[container_id].mass_g,
            )
        )
    work.session.flush()
    containers.put_on_manifest(work, ids, manifest.id)


def _free(work: Work, manifest: Manifest) -> None:
    """Let the containers of a manifest go; they stay where they stand."""
    ids = [box.container_id for box in queries.boxes_of(work.session, manifest.id)]
    hold_containers(work, ids)
    containers.put_on_manifest(work, ids, None)


def _hold_papers(work: Work, manifest: Manifest) -> None:
    """Have signatures that count on the same papers wait for each other, always in the same order.

    Those for one receiver must together stay within its yearly quantity, those of one consignor within its plan.
    """
    kinds = [LicenceKind.OPERATING, LicenceKind.POINT_TO_POINT]
    query = select(Licence.id).where(Licence.organisation_id == manifest.receiver_id, Licence.kind.in_(kinds))
    work.session.execute(query.order_by(Licence.id).with_for_update())
    parties.plan_held(work.session, manifest.consignor_id, local_day(work.now).year)
