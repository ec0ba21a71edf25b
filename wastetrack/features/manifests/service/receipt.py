"""The receiver's acts: scan in, weigh, refuse, mend a slip, confirm; and what follows: taken back, found, treated."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from wastetrack.domain.access import Act
from wastetrack.domain.boxes import BoxDoing
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import MOST, SEALED_IN_STORE, Doing
from wastetrack.domain.containers import State as BoxState
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.manifests import State, Step, Verdict, check_step
from wastetrack.domain.papers import named
from wastetrack.domain.problems import Kind, refuse
from wastetrack.domain.signing import Signature
from wastetrack.domain.weighing import Weighing
from wastetrack.domain.words import N_
from wastetrack.features.boxes.service import Whole
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import contents_of
from wastetrack.features.containers.queries import stream_of as container_stream
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.manifests.service import large
from wastetrack.features.manifests.service.base import (
    Scan,
    about,
    begin,
    begin_scan,
    hold_containers,
    record,
    require_version,
)
from wastetrack.features.manifests.service.transport import ScanBox, note_arrival
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Facility
from wastetrack.features.signing.service import Shown, ink, take_up
from wastetrack.infra.commands import ActKey, Command, Mass, Text
from wastetrack.infra.work import Work


class ReceiveBox(ScanBox):
    """One box accepted, weighed or not, into one of the receiver's stores (the one on the manifest unless said)."""

    mass: Mass | None = None
    facility_id: UUID | None = None


class RefuseBox(ScanBox):
    """One box not accepted, and why."""

    reason: Text


class ConfirmReceipt(Command):
    """The receiver's signature on the verdicts; what was not scanned is missing only when that is said."""

    manifest_id: UUID
    version: int
    shown: Shown
    name_missing: bool = False
    act_key: ActKey


def receive_box(work: Work, command: ReceiveBox) -> Manifest:
    """Accept one box into the store. The first scan also says that the vehicle is there.

    A box that was declared missing and is found is received the same way, also after the confirmation.
    """
    scan = begin_scan(work, command.manifest_id, command.code, Act.RECEIVE, act_key=command.act_key)
    manifest, key = scan.manifest, scan.key
    if scan.done:
        return manifest
    if whole := large.scanned(work, scan):
        return _receive_whole(work, command, scan, whole)
    box, container = _to_judge(work, scan)
    store = _store(work, manifest, command.facility_id)
    mass, source = _weighed(container, command.mass), command.mass.source if command.mass else None
    containers.move_held(
        work,
        container,
        Doing.ACCEPT,
        to=containers.InStore(store),
        facts={"manifest": manifest.id, "number": manifest.number, "received_g": mass, "mass_source": source},
        evidence=command.evidence,
        act_key=key,
        manifest_number=manifest.number,
    )
    box.verdict, box.verdict_reason = Verdict.ACCEPTED, None
    box.received_at, box.received_g = work.now, mass
    containers.put_on_manifest(work, [container.id], None)
    facts = about(box, container) | {"received_g": mass, "mass_source": source, "facility": store.id}
    facts |= {} if scan.others_open else _unloaded(work, scan.leg, container)
    _judged(work, manifest, "manifest.box_accepted", facts, command, key)
    return manifest


def _receive_whole(work: Work, command: ReceiveBox, scan: Scan, whole: Whole) -> Manifest:
    """Accept all that is still in a large box, in it, into the store. What was judged alone is not in it any more."""
    manifest, leg = scan.manifest, scan.leg
    if large.done(work, scan, whole):
        return manifest
    check_step(manifest.state, Step.RECEIVE, number=manifest.number)
    if command.mass is not None:
        sentence = N_("A large box has no mass of its own: leave this empty, or weigh the containers in it one by one.")
        raise refuse("manifest.box_weighed", sentence, field="mass")
    rows = large.rows_on(work, scan, whole)
    if manifest.state is State.IN_TRANSIT:
        note_arrival(work, manifest, act_key=None)
    store = _store(work, manifest, command.facility_id)
    large.move(work, scan, whole, BoxDoing.ACCEPT, containers.InStore(store), {}, command.evidence)
    for box, _container in rows:
        box.verdict, box.verdict_reason = Verdict.ACCEPTED, None
        box.received_at, box.received_g = work.now, None
    containers.put_on_manifest(work, [one.id for one in whole.containers], None)
    facts = {"received_g": None, "mass_source": None, "facility": store.id}
    open_still = [
        one for one in queries.boxes_of(work.session, manifest.id) if one.verdict is None and not one.left_behind_at
    ]
    kind = "manifest.box_accepted"
    large.tell(work, scan, whole, kind, rows[:-1], facts, command.evidence)
    last = {} if open_still else _unloaded(work, leg, rows[-1][1])
    large.tell(work, scan, whole, kind, rows[-1:], facts | last, command.evidence)
    return manifest


def refuse_box(work: Work, command: RefuseBox) -> Manifest:
    """Refuse one box with a reason. It stays with the carrier until the consignor takes it back, and is not lost."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.RECEIVE, act_key=command.act_key)
    manifest, key = scan.manifest, scan.key
    if scan.done:
        return manifest
    large.refuse_large(work, scan)
    box, container = _to_judge(work, scan)
    containers.move_held(
        work,
        container,
        Doing.REFUSE,
        facts={"manifest": manifest.id, "number": manifest.number, "reason": command.reason},
        evidence=command.evidence,
        act_key=key,
        manifest_number=manifest.number,
    )
    box.verdict, box.verdict_reason, box.received_at = Verdict.REFUSED, command.reason, work.now
    facts = about(box, container) | {"reason": command.reason}
    facts |= {} if scan.others_open else _unloaded(work, scan.leg, container)
    _judged(work, manifest, "manifest.box_refused", facts, command, key)
    return manifest


def withdraw(work: Work, command: ScanBox) -> Manifest:
    """Take back a verdict given by mistake, until part three is signed: the box counts as on the vehicle again.

    The verdict stays on the record, and so does that it was taken back. An accepted box must still stand where it was
    put: what was treated or went elsewhere has its verdict for good.
    """
    scan = begin_scan(work, command.manifest_id, command.code, Act.RECEIVE, act_key=command.act_key)
    manifest, key = scan.manifest, scan.key
    if scan.done:
        return manifest
    large.refuse_large(work, scan)
    box, container = scan.on_it()
    check_step(manifest.state, Step.RECEIVE, number=manifest.number)
    verdict = _withdrawable(work, manifest, box, container)
    containers.move_held(
        work,
        container,
        Doing.WITHDRAW,
        to=containers.OnLeg(scan.leg.carrier_id, scan.leg.id),
        facts={"manifest": manifest.id, "number": manifest.number, "verdict": verdict},
        evidence=command.evidence,
        act_key=key,
        manifest_number=manifest.number,
    )
    facts = about(box, container) | {"verdict": verdict, "reason": box.verdict_reason, "received_g": box.received_g}
    box.verdict = box.verdict_reason = box.received_at = box.received_g = None
    containers.put_on_manifest(work, [container.id], manifest.id)
    _judged(work, manifest, "manifest.verdict_withdrawn", facts, command, key)
    return manifest


def confirm(work: Work, command: ConfirmReceipt) -> Manifest:
    """Sign part three. Boxes without a verdict are named and declared missing."""
    manifest, done = begin(work, command.manifest_id, Act.RECEIVE, act_key=command.act_key)
    if done:
        return manifest
    pen = take_up(work, Signature.RECEIVER)
    check_step(manifest.state, Step.CONFIRM, number=manifest.number)
    require_version(manifest, command.version)
    whole = queries.sheet(work.session, manifest)
    inked = ink(pen, queries.receiver_statement(whole), command.shown)
    if whole.open and not command.name_missing:
        raise refuse(
            "manifest.boxes_missing",
            N_("Not received: {codes}. Scan or refuse them, or tick below that they are missing."),
            field="name_missing",
            codes=named([line.code for line in whole.open]),
        )
    facts: dict[str, object] = {
        "signed_version": command.version,
        "accepted": len(whole.with_verdict(Verdict.ACCEPTED)),
        "accepted_g": whole.accepted_g,
        "refused": [line.container.code for line in whole.with_verdict(Verdict.REFUSED)],
        "missing": [line.container.code for line in whole.open],
    }
    _declare_missing(work, manifest, whole, command.act_key)
    if whole.on_board:
        facts |= _unloaded(work, whole.leg, whole.on_board[0].container)
    manifest.confirmed_at, manifest.confirmed_by = work.now, work.actor.user_id
    manifest.confirmed_mandate_id = work.actor.by_mandate.id if work.actor.by_mandate else None
    record(work, manifest, "manifest.confirmed", facts, act_key=command.act_key, whole=whole, inked=inked)
    return manifest


def take_back(work: Work, command: ScanBox) -> Manifest:
    """Take a refused box, or a missing one that turned up, back into the consignor's store. That cannot be refused."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.TAKE_BACK, act_key=command.act_key)
    manifest, key = scan.manifest, scan.key
    if scan.done:
        return manifest
    large.refuse_large(work, scan)
    box, container = scan.on_it()
    if box.taken_back_at is not None or box.verdict not in {Verdict.REFUSED, Verdict.MISSING}:
        raise refuse(
            "manifest.nothing_to_take_back",
            N_("Container {container} was neither refused nor is it missing, so there is nothing to take back."),
            field="code",
            kind=Kind.CONFLICT,
            container=pretty(ContainerCode(container.code)),
        )
    store = work.session.get_one(Facility, manifest.consignor_facility_id)
    containers.move_held(
        work,
        container,
        Doing.TAKE_BACK,
        to=containers.InStore(store),
        facts={"manifest": manifest.id, "number": manifest.number},
        evidence=command.evidence,
        act_key=key,
        manifest_number=manifest.number,
    )
    box.taken_back_at = work.now
    containers.put_on_manifest(work, [container.id], None)
    facts = about(box, container) | {"facility": store.id}
    record(work, manifest, "manifest.box_taken_back", facts, act_key=key, evidence=command.evidence)
    return manifest


def boxes_treated(work: Work, container_ids: Collection[UUID]) -> list[Manifest]:
    """Note that accepted boxes were treated; a manifest whose accepted boxes all are is completed.

    Called by the treatment in its own transaction, which has already asked for the right to treat. What was repacked
    since it was accepted was treated all the same.
    """
    ended = contents_of(work.session, container_ids)
    query = select(ManifestBox.manifest_id).where(
        ManifestBox.container_id.in_(list(ended)),
        ManifestBox.verdict == Verdict.ACCEPTED,
        ManifestBox.treated_at.is_(None),
    )
    touched = []
    for manifest_id in sorted(set(work.session.scalars(query))):
        manifest = queries.locked(work.session, manifest_id)
        treated = [
            box
            for box in queries.boxes_of(work.session, manifest_id)
            if box.container_id in ended and box.verdict is Verdict.ACCEPTED and box.treated_at is None
        ]
        for box in treated:
            box.treated_at = work.now
        _treated(work, manifest, {"containers": [box.container_id for box in treated]})
        touched.append(manifest)
    return touched


def _treated(work: Work, manifest: Manifest, facts: dict[str, object]) -> None:
    """Write the event; only the last box, which completes the manifest, changes what a print says."""
    work.session.flush()
    remaining = any(
        box.verdict is Verdict.ACCEPTED and box.treated_at is None
        for box in queries.boxes_of(work.session, manifest.id)
    )
    prints = manifest.confirmed_at is not None and not remaining
    record(work, manifest, "manifest.boxes_treated", facts, act_key=None, prints=prints)


def _to_judge(work: Work, scan: Scan) -> tuple[ManifestBox, Container]:
    """Return the box on which the receiver may now give a verdict; refuse one that has it, and one from elsewhere."""
    manifest = scan.manifest
    if manifest.state in {State.DRAFT, State.SIGNED, State.VOID, State.DISCARDED}:
        check_step(manifest.state, Step.RECEIVE, number=manifest.number)
    box, container = scan.on_it()
    if box.verdict in {Verdict.ACCEPTED, Verdict.REFUSED} or box.taken_back_at is not None:
        raise refuse(
            "manifest.already_judged",
            N_(
                "Container {container} is already recorded: {verdict}. Scanned twice? Go on with the next one. A "
                "second container with this label bears a copy: set it aside and report it."
            ),
            field="code",
            kind=Kind.CONFLICT,
            container=pretty(ContainerCode(scan.code)),
            verdict=box.verdict,
        )
    if box.verdict is None:
        check_step(manifest.state, Step.RECEIVE, number=manifest.number)
        if manifest.state is State.IN_TRANSIT:
            note_arrival(work, manifest, act_key=None)
    return box, container


def _withdrawable(work: Work, manifest: Manifest, box: ManifestBox, container: Container) -> Verdict:
    """Return the verdict that may be taken back; refuse where there is none, and where the box has gone on since."""
    shown = pretty(ContainerCode(container.code))
    if box.verdict is None:
        raise refuse(
            "manifest.no_verdict",
            N_("Container {container} has no verdict yet, so there is none to take back. Accept or refuse it."),
            field="code",
            kind=Kind.CONFLICT,
            container=shown,
        )
    store = work.session.get(Facility, container.holder_facility_id) if container.holder_facility_id else None
    stands = container.state in SEALED_IN_STORE and container.manifest_id is None
    here = stands and store is not None and store.organisation_id == manifest.receiver_id
    if container.state is not BoxState.REFUSED and not here:
        raise refuse(
            "manifest.verdict_stands",
            N_("Container {container} has gone on since it was received (now: {state}). Its verdict stays."),
            field="code",
            kind=Kind.CONFLICT,
            container=shown,
            state=container.state,
        )
    return box.verdict


def _store(work: Work, manifest: Manifest, facility_id: UUID | None) -> Facility:
    store = work.session.get(Facility, facility_id or manifest.receiver_facility_id)
    if store is None or store.organisation_id != manifest.receiver_id:
        raise refuse("manifest.receiving_store", N_("Choose one of the receiver's own stores."), field="facility_id")
    return store


def _weighed(container: Container, weighing: Weighing | None) -> int | None:
    """Return what the receiver weighed; refuse what no such container can weigh."""
    if weighing is None:
        return None
    most = MOST[container.packaging]
    if weighing.mass > most:
        raise refuse(
            "mass.absurd",
            N_("The mass is above {most}, more than is possible here. Check the figure and its unit."),
            field="mass",
            most=most,
        )
    return weighing.mass


def _judged(work: Work, manifest: Manifest, kind: str, facts: dict[str, object], command: ScanBox, key: str) -> None:
    """Write one verdict. Before the confirmation it is not printed; after it (a missing box found) it is."""
    late = manifest.confirmed_at is not None
    record(work, manifest, kind, facts, act_key=key, evidence=command.evidence, prints=late)


def _unloaded(work: Work, leg: ManifestLeg, container: Container) -> dict[str, object]:
    """Note that the last box has its verdict for the first time, and that what carried medical waste was in use.

    One that is mended afterwards does not move that moment. All boxes of a manifest are medical waste, or none is.
    """
    if leg.unloaded_at is not None:
        return {}
    leg.unloaded_at = work.now
    used = queries.carrying(work.session, leg) if container.medical else []
    for vehicle in used:
        parties.note_used(work, vehicle.id, work.now)
    return {"unloaded": [vehicle.id for vehicle in used]}


def _declare_missing(work: Work, manifest: Manifest, whole: queries.Sheet, act_key: str) -> None:
    missing = whole.open
    held = hold_containers(work, [line.container.id for line in missing])
    ledger.hold(work, [container_stream(one) for one in held], act_key)
    for line in sorted(missing, key=lambda line: line.container.id):
        containers.move_held(
            work,
            held[line.container.id],
            Doing.MISS,
            facts={"manifest": manifest.id, "number": manifest.number},
            evidence=Evidence.CONFIRMED,
            act_key=act_key,
            manifest_number=manifest.number,
        )
        line.box.verdict = Verdict.MISSING
