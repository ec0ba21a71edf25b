"""The driver's acts: load and unload by scanning, take over and depart, arrive."""

from uuid import UUID

from wastetrack.domain import manifest_checks as checks
from wastetrack.domain.access import Act
from wastetrack.domain.boxes import BoxDoing
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import Doing
from wastetrack.domain.damage import departing_problems, loading_problems
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.manifests import Step, check_step
from wastetrack.domain.papers import named
from wastetrack.domain.pick_ups import at_departure
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.signing import Signature
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.boxes.service import Whole
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import service as containers
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest
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
from wastetrack.features.parties.models import Facility
from wastetrack.features.signing.service import Shown, ink, take_up
from wastetrack.infra.commands import ActKey, Code, Command
from wastetrack.infra.work import Work

CONFIRM_WITHIN = 5
"""Working days from receipt (Order 23 of 2021, Art. 18; rule M-04)."""


class ScanBox(Command):
    """One label scanned or typed."""

    manifest_id: UUID
    code: Code
    evidence: Evidence = Evidence.TYPED
    act_key: ActKey


class Depart(Command):
    """The carrier's signature on what is on the vehicle; what is not stays behind only when that is said."""

    manifest_id: UUID
    version: int
    shown: Shown
    leave_behind: bool = False
    act_key: ActKey


class Arrive(Command):
    """The vehicle is at the receiver's."""

    manifest_id: UUID
    act_key: ActKey


def load(work: Work, command: ScanBox) -> Manifest:
    """Take one box onto the vehicle. A label that is not on the manifest is refused, so is a box taken twice."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.CARRY, act_key=command.act_key)
    manifest, leg = scan.manifest, scan.leg
    if scan.done:
        return manifest
    if whole := large.scanned(work, scan):
        return _load_whole(work, command, scan, whole)
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    box, container = scan.on_it()
    refuse_all(loading_problems(pretty(ContainerCode(container.code)), damaged=container.damaged_at is not None))
    transport, today = queries.transport_on(work.session, leg, work.now), local_day(work.now)
    exempt = queries.exempt_box(work.session, (box, container), transport, today)
    refuse_all(checks.transport_problems(today, transport, exempt))
    if container.mass_g != box.stated_g:
        raise refuse(
            "manifest.label_differs",
            N_("Label and manifest state different masses for {container}. Leave it here and tell the consignor."),
            field="code",
            kind=Kind.CONFLICT,
            basis=checks.LABELLED,
            container=pretty(ContainerCode(container.code)),
        )
    plates = {"vehicle": transport.vehicle.name} | ({"trailer": transport.trailer.name} if transport.trailer else {})
    containers.move_held(
        work,
        container,
        Doing.LOAD,
        to=containers.OnLeg(leg.carrier_id, leg.id),
        facts={"manifest": manifest.id, "number": manifest.number, **plates, "presence": leg.presence},
        evidence=command.evidence,
        act_key=scan.key,
        manifest_number=manifest.number,
    )
    box.loaded_at = work.now
    facts = {**about(box, container), "presence": leg.presence}
    record(work, manifest, "manifest.box_loaded", facts, act_key=scan.key, evidence=command.evidence, prints=False)
    return manifest


def _load_whole(work: Work, command: ScanBox, scan: Scan, whole: Whole) -> Manifest:
    """Take a large box with everything in it onto the vehicle; everything that speaks against it is said at once."""
    manifest, leg = scan.manifest, scan.leg
    if large.done(work, scan, whole):
        return manifest
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    rows = large.rows_on(work, scan, whole)
    transport, today = queries.transport_on(work.session, leg, work.now), local_day(work.now)
    problems: list[Problem] = []
    for row in rows:
        exempt = queries.exempt_box(work.session, row, transport, today)
        problems += [one for one in checks.transport_problems(today, transport, exempt) if one not in problems]
    differing = [pretty(ContainerCode(one.code)) for box, one in rows if one.mass_g != box.stated_g]
    if differing:
        sentence = N_(
            "Label and manifest state different masses for {codes}. Leave the box here and tell the consignor."
        )
        facts = {"codes": named(differing)}
        problems.append(
            Problem("manifest.label_differs", sentence, facts, "code", Kind.CONFLICT, basis=checks.LABELLED)
        )
    refuse_all(problems)
    plates = {"vehicle": transport.vehicle.name} | ({"trailer": transport.trailer.name} if transport.trailer else {})
    said = {**plates, "presence": leg.presence}
    large.move(work, scan, whole, BoxDoing.LOAD, containers.OnLeg(leg.carrier_id, leg.id), said, command.evidence)
    for box, _container in rows:
        box.loaded_at = work.now
    large.tell(work, scan, whole, "manifest.box_loaded", rows, {"presence": leg.presence}, command.evidence)
    return manifest


def unload(work: Work, command: ScanBox) -> Manifest:
    """Put one box back into the consignor's store before departure."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.CARRY, act_key=command.act_key)
    manifest = scan.manifest
    if scan.done:
        return manifest
    if whole := large.scanned(work, scan):
        return _unload_whole(work, command, scan, whole)
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    box, container = scan.on_it()
    containers.move_held(
        work,
        container,
        Doing.UNLOAD,
        to=containers.InStore(work.session.get_one(Facility, manifest.consignor_facility_id)),
        facts={"manifest": manifest.id, "number": manifest.number},
        evidence=command.evidence,
        act_key=scan.key,
        manifest_number=manifest.number,
    )
    box.loaded_at = None
    facts = about(box, container)
    record(work, manifest, "manifest.box_unloaded", facts, act_key=scan.key, evidence=command.evidence, prints=False)
    return manifest


def _unload_whole(work: Work, command: ScanBox, scan: Scan, whole: Whole) -> Manifest:
    """Put a large box with everything in it back into the consignor's store before departure."""
    manifest = scan.manifest
    if large.done(work, scan, whole):
        return manifest
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    rows = large.rows_on(work, scan, whole)
    store = containers.InStore(work.session.get_one(Facility, manifest.consignor_facility_id))
    large.move(work, scan, whole, BoxDoing.UNLOAD, store, {}, command.evidence)
    for box, _container in rows:
        box.loaded_at = None
    large.tell(work, scan, whole, "manifest.box_unloaded", rows, {}, command.evidence)
    return manifest


def depart(work: Work, command: Depart) -> Manifest:
    """Sign part two and go. Papers and load are checked again; boxes not loaded stay in the store and are free."""
    manifest, done = begin(work, command.manifest_id, Act.CARRY, act_key=command.act_key)
    if done:
        return manifest
    pen = take_up(work, Signature.CARRIER)
    check_step(manifest.state, Step.DEPART, number=manifest.number)
    require_version(manifest, command.version)
    whole = queries.sheet(work.session, manifest)
    inked = ink(pen, queries.carrier_statement(whole), command.shown)
    _check_load(work, whole, leave_behind=command.leave_behind)
    left = [line.box.container_id for line in whole.to_load]
    loaded_g = sum(line.box.stated_g for line in whole.loaded)
    facts = {
        "signed_version": command.version,
        "presence": at_departure(whole.leg.presence),
        "boxes": len(whole.loaded),
        "mass_g": loaded_g,
        "left_behind": [line.container.code for line in whole.to_load],
    }
    hold_containers(work, left)
    for line in whole.to_load:
        line.box.left_behind_at = work.now
    containers.put_on_manifest(work, left, None)
    whole.leg.departed_at = work.now
    whole.leg.presence = at_departure(whole.leg.presence)
    record(work, manifest, "manifest.departed", facts, act_key=command.act_key, whole=whole, inked=inked)
    return manifest


def _check_load(work: Work, whole: queries.Sheet, *, leave_behind: bool) -> None:
    if not whole.loaded:
        sentence = N_("Nothing is loaded yet. Scan the labels of the containers on the vehicle first.")
        raise refuse("manifest.nothing_loaded", sentence)
    if whole.to_load and not leave_behind:
        raise refuse(
            "manifest.not_all_loaded",
            N_("Not on the vehicle: {codes}. Scan them, or tick below that they stay in the consignor's store."),
            field="leave_behind",
            codes=named([line.code for line in whole.to_load]),
        )
    refuse_all(departing_problems([line.code for line in whole.damaged]))
    other = queries.on_vehicle_g(work.session, whole)
    facts = queries.transport(work.session, whole, work.now)
    today = local_day(work.now)
    aboard = queries.loaded_boxes(work.session, whole, today)
    refuse_all(checks.departure_problems(today, facts, aboard, other))


def arrive(work: Work, command: Arrive) -> Manifest:
    """Say that the vehicle is there. The receiver may say it too: a dead phone must not hold up a truck."""
    manifest, done = begin(work, command.manifest_id, Act.CARRY, Act.RECEIVE, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.ARRIVE, number=manifest.number)
    note_arrival(work, manifest, act_key=command.act_key)
    return manifest


def note_arrival(work: Work, manifest: Manifest, *, act_key: str | None) -> None:
    """Write the arrival and by when the receiver must confirm."""
    leg = queries.leg_of(work.session, manifest.id)
    leg.arrived_at = work.now
    due = catalogue.calendar(work.session).add_working_days(local_day(work.now), CONFIRM_WITHIN)
    manifest.confirm_by = due.ends_at
    record(work, manifest, "manifest.arrived", {"confirm_by": due.ends_at}, act_key=act_key)
