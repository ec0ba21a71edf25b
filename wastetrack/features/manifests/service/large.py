"""Scans of large boxes on the way: the code of a box stands for every container in it, in one transaction.

The manifest still names each container, and each has its own event: what happened to a box is told of all in it.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from wastetrack.domain.boxes import BoxDoing, chosen_in_part, not_on_it_whole, one_by_one
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.features.boxes import queries as boxes
from wastetrack.features.boxes import service as box_acts
from wastetrack.features.boxes.service import Whole
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import InStore, OnLeg
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import ManifestBox
from wastetrack.features.manifests.service.base import Scan, about, record
from wastetrack.infra.work import Work

Row = tuple[ManifestBox, Container]


def scanned(work: Work, scan: Scan) -> Whole | None:
    """Return the large box whose code was scanned, held with all that is in it; None where it is no box's."""
    if not scan.unknown:
        return None
    box = boxes.by_code(work.session, scan.code)
    return box_acts.hold(work, box.id) if box else None


def done(work: Work, scan: Scan, whole: Whole) -> bool:
    """Tell whether this very scan of the box was taken before."""
    return ledger.done(work, boxes.stream_of(whole.box.id), scan.key)


def refuse_large(work: Work, scan: Scan) -> None:
    """Refuse the code of a large box where each container is looked at by itself."""
    if scan.unknown and boxes.by_code(work.session, scan.code) is not None:
        raise Refusal([one_by_one(pretty(ContainerCode(scan.code)))])


def rows_on(work: Work, scan: Scan, whole: Whole) -> list[Row]:
    """Return what is in the box, each with its line on the manifest; refuse where something in it is not on it."""
    lines = {
        one.container_id: one for one in queries.boxes_of(work.session, scan.manifest.id) if one.left_behind_at is None
    }
    strange = [pretty(ContainerCode(one.code)) for one in whole.containers if one.id not in lines]
    if strange:
        raise Refusal([not_on_it_whole(boxes.shown(whole.box), strange)])
    return [(lines[one.id], one) for one in whole.containers]


def move(
    work: Work,
    scan: Scan,
    whole: Whole,
    doing: BoxDoing,
    to: InStore | OnLeg,
    facts: Mapping[str, object],
    evidence: Evidence,
) -> None:
    """Move the box with all that is in it."""
    number = scan.manifest.number
    box_acts.move_whole(
        work, whole, doing, to=to, facts={"manifest": scan.manifest.id, "number": number, **facts}, evidence=evidence,
        act_key=scan.key, manifest_number=number,
    )  # fmt: skip


def tell(
    work: Work,
    scan: Scan,
    whole: Whole,
    kind: str,
    rows: Iterable[Row],
    facts: Mapping[str, object],
    evidence: Evidence,
) -> None:
    """Write of each container in the box what the manifest says of it."""
    said = {"large_box": whole.box.id, "large_box_code": whole.box.code, **facts}
    late = scan.manifest.confirmed_at is not None
    for box, container in rows:
        facts_of_one = {**about(box, container), **said}
        record(work, scan.manifest, kind, facts_of_one, act_key=None, evidence=evidence, prints=late)


def partly(work: Work, chosen: Mapping[UUID, Container]) -> list[Problem]:
    """Say of which boxes only a part is chosen: what is in a box goes one way, and with it."""
    found = []
    outermost = {boxes.path(work.session, one.box_id)[0].id for one in chosen.values() if one.box_id is not None}
    for box_id in sorted(outermost):
        within = [box_id, *(one.id for one in boxes.below(work.session, [box_id]))]
        left = [one for one in boxes.inside_of(work.session, within) if one.id not in chosen]
        if left:
            code = boxes.codes(work.session, [box_id])[box_id]
            found.append(chosen_in_part(code, [pretty(ContainerCode(one.code)) for one in left]))
    return found
