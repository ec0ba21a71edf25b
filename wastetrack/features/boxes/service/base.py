"""What all acts on large boxes share: holding a box with everything in it, its holder, its events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.domain.access import Act, Relation, require, unknown
from wastetrack.domain.boxes import EMPTY, BoxState, emptied, only_with
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Kind, Problem, Refusal
from wastetrack.domain.words import N_
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.models import Box
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service.moving import InStore, OnLeg, Place
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties.models import Facility
from wastetrack.infra.work import Work


@dataclass(frozen=True)
class Whole:
    """A box with the boxes and containers in it, all of them held."""

    box: Box
    inner: list[Box]
    containers: list[Container]

    @property
    def codes(self) -> list[str]:
        """Return the codes of the containers in it, as they are stored."""
        return [one.code for one in self.containers]


def hold(work: Work, box_id: UUID) -> Whole:
    """Hold a box, then the boxes in it, then the containers: always in this order, each kind by its ids."""
    session = work.session
    boxes = {one.id: one for one in queries.held(session, [box_id])}
    if box_id not in boxes:
        raise unknown()
    inner = queries.held(session, [one.id for one in queries.below(session, [box_id])])
    inner = [one for one in inner if one.parent_id is not None]
    ids = {box_id, *(one.id for one in inner)}
    inside = containers.all_locked(session, [one.id for one in queries.inside_of(session, ids)])
    return Whole(boxes[box_id], inner, [one for one in inside if one.box_id in ids])


def mine(work: Work, box_id: UUID, act: Act) -> Whole:
    """Hold a box that the person's own organisation holds, and ask whether he may do this with it."""
    whole = hold(work, box_id)
    if not queries.visible(work.session, work.actor, whole.box):
        raise unknown()
    own = {Relation.OWN} if work.actor.acts_for(whole.box.holder_organisation_id) else set()
    require(work.actor, act, own)
    return whole


def require_outermost(work: Work, box: Box) -> None:
    """Refuse what is done with a box alone that stands in another one."""
    if box.parent_id is not None:
        raise Refusal([only_with(queries.shown(box), queries.codes(work.session, [box.parent_id])[box.parent_id])])


def foreign(code: str, field: str = "code") -> Problem:
    """Make the problem of a box that somebody else holds."""
    sentence = N_("Box {code} is held by another organisation. Leave it where it is and tell its holder.")
    return Problem("box.foreign", sentence, {"code": code}, field, Kind.FORBIDDEN)


def holder_of(box: Box) -> dict[str, object]:
    """Return the holder as the ledger names it, and the box that it stands in."""
    holder: dict[str, object] = {
        "organisation": box.holder_organisation_id,
        "facility": box.holder_facility_id,
        "leg": box.holder_leg_id,
        "region": box.holder_region_code,
    }
    return holder | ({"box": box.parent_id} if box.parent_id else {})


def settle(box: Box, to: Place) -> None:
    """Set the holder; None leaves it where it is."""
    match to:
        case InStore(facility):
            box.holder_organisation_id, box.holder_facility_id = facility.organisation_id, facility.id
            box.holder_region_code, box.holder_leg_id = facility.region_code, None
        case OnLeg(carrier_id, leg_id):
            box.holder_organisation_id, box.holder_leg_id = carrier_id, leg_id
            box.holder_facility_id = box.holder_region_code = None
        case None:
            pass


def record(
    work: Work,
    box: Box,
    kind: str,
    before: Mapping[str, object],
    facts: Mapping[str, object],
    *,
    act_key: str | None = None,
    evidence: Evidence = Evidence.CHOSEN,
    occurred_at: datetime | None = None,
) -> None:
    """Write the event `box.<kind>` with holder, state, count and mass as they are now."""
    work.session.flush()
    load = queries.load(work.session, box)
    said = {
        "from": before,
        "to": holder_of(box),
        "state": box.state,
        "unclean_since": box.unclean_since,
        "cleaned_at": box.cleaned_at,
        "count": load.count,
        "mass_g": load.mass_g,
        **facts,
    }
    event = ledger.append(
        work, queries.stream_of(box.id), f"box.{kind}", said, occurred_at=occurred_at, evidence=evidence,
        act_key=act_key,
    )  # fmt: skip
    box.version = event.seq
    work.session.flush()


@dataclass(frozen=True)
class Left:
    """What has left a box, by which act, and where it went."""

    facts: Mapping[str, object]
    medical: bool
    at: datetime
    store: Facility | None = None
    """The store it went into, where it went into one: who emptied the box there has the box there."""


def note_left(
    work: Work, box: Box, left: Left, *, act_key: str | None = None, evidence: Evidence = Evidence.SYSTEM
) -> None:
    """Write that something has left a held box. With the last of it the box is emptied and leaves the one around it."""
    work.session.flush()
    before, outer = holder_of(box), box.parent_id
    nothing = queries.load(work.session, box).count == 0 and not queries.below(work.session, [box.id])
    if nothing and box.state not in EMPTY:
        box.state, box.parent_id = emptied(box.kind, medical=left.medical), None
        box.unclean_since = left.at if box.state is BoxState.DIRTY else None
        if left.store is not None:
            settle(box, InStore(left.store))
    record(work, box, "taken_out", before, left.facts, act_key=act_key, evidence=evidence, occurred_at=left.at)
    if outer is not None:
        for around in queries.held(work.session, [outer]):
            gone = {"boxes": [{"box": box.id, "code": box.code}]} if box.parent_id is None else left.facts
            note_left(work, around, Left(gone, left.medical, left.at, left.store), evidence=evidence)


def told(container: Container) -> dict[str, object]:
    """Return what a box's event says of one container."""
    return {"container": container.id, "code": container.code, "mass_g": container.mass_g}
