"""The driver's acts on what breaks or leaks on his vehicle: declare it, and put it into another container there."""

from wastetrack.domain.access import Act
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import Packaging
from wastetrack.domain.damage import ON_THE_WAY, declaring_problems, repacking_problems
from wastetrack.domain.problems import refuse_all
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.service import mending
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.features.manifests.service.base import about, begin_scan, record
from wastetrack.features.manifests.service.transport import ScanBox
from wastetrack.infra.commands import Text
from wastetrack.infra.work import Work


class DeclareDamaged(ScanBox):
    """One container on the vehicle is broken or leaks; `reason` says what is seen."""

    reason: Text


class RepackOnTheWay(ScanBox):
    """A damaged container is put into another one on the vehicle, which gets a code of its own."""

    packaging: Packaging


def damaged(work: Work, command: DeclareDamaged) -> Manifest:
    """Declare a container damaged. Everybody on the manifest and the regulators see it from now on."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.CARRY, act_key=command.act_key)
    if scan.done:
        return scan.manifest
    manifest = scan.manifest
    box, container = scan.on_it()
    code = pretty(ContainerCode(container.code))
    refuse_all(declaring_problems(container.state, code, already=container.damaged_at is not None))
    said = {"manifest": manifest.id, "number": manifest.number, "reason": command.reason}
    containers.note_damage(work, container, said, evidence=command.evidence, act_key=scan.key)
    facts = about(box, container) | {"reason": command.reason}
    late = manifest.state in ON_THE_WAY
    record(work, manifest, "manifest.box_damaged", facts, act_key=scan.key, evidence=command.evidence, prints=late)
    return manifest


def repack_on_the_way(work: Work, command: RepackOnTheWay) -> Manifest:
    """Give the content a new container on the same vehicle and manifest: its mass, count and clock stay as stated."""
    scan = begin_scan(work, command.manifest_id, command.code, Act.CARRY, act_key=command.act_key)
    if scan.done:
        return scan.manifest
    manifest = scan.manifest
    box, old = scan.on_it()
    code = pretty(ContainerCode(old.code))
    refuse_all(repacking_problems(old.state, code, damaged=old.damaged_at is not None, manifest=manifest.state))
    facts = {"manifest": manifest.id, "number": manifest.number, "reason": old.damage}
    new = mending.repack_aboard(work, old, command.packaging, facts, act_key=scan.key)
    taking = ManifestBox(
        manifest_id=manifest.id, container_id=new.id, position=box.position, stated_g=box.stated_g,
        loaded_at=work.now,
    )  # fmt: skip
    work.session.add(taking)
    box.left_behind_at, box.replaced_by = work.now, new.id
    containers.put_on_manifest(work, [old.id], None)
    work.session.flush()
    replaced = about(taking, new) | {"replaces": old.id, "replaces_code": old.code, "position": box.position}
    record(work, manifest, "manifest.box_replaced", replaced, act_key=scan.key, evidence=command.evidence)
    return manifest
