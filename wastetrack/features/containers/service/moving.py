"""`move` is the one way in which a container changes its state or its holder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm.util import identity_key

from wastetrack.domain.container_code import (
    ContainerCode,
    pretty,
)
from wastetrack.domain.containers import ENDED, Doing, State, after, after_in_box, stays_in_box
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.storage_time import LocalLimit, WayStation, leaves_institution_by, must_leave
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container, Stay
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.containers.service import boxed, sharing
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation, StoreZone
from wastetrack.infra.work import Work


@dataclass(frozen=True)
class InStore:
    """Held in a storage facility."""

    facility: Facility
    zone: StoreZone | None = None


@dataclass(frozen=True)
class OnLeg:
    """Held by a carrier on the vehicle of one leg of a manifest."""

    carrier_id: UUID
    leg_id: UUID


Place = InStore | OnLeg | None
"""Where a container goes; None where it leaves every place (treated, void) or stays where it is (weighed, refused)."""


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
    into: UUID | None = None,
    with_box: bool = False,
) -> Container:
    """Do what `move` does to a container whose row the caller already holds, as it stands.

    Nothing is sent before the caller flushes or asks the store something, so that many moves go out together. `into`
    names the large box that it is put into; `with_box` says that the box that it is in is moved, and it with the box.
    """
    ledger.hold(work, [stream_of(container.id)], act_key)
    if ledger.done(work, stream_of(container.id), act_key):
        return container
    following = following_state(work, container, doing, manifest=manifest_number or "—", with_box=with_box)
    moment = occurred_at or work.now
    warned = sharing.settle(work, container, doing, to.facility, to.zone) if isinstance(to, InStore) else {}
    before = holder_of(container)
    stood = container.holder_facility_id, container.zone_id, container.stood_since
    local = parties.time_limits(work.session, to.facility) if isinstance(to, InStore) else ()
    _settle(container, following, to, moment, local, work.now)
    container.box_id = into or (container.box_id if stays_in_box(following, doing, with_box=with_box) else None)
    event = ledger.append(
        work,
        stream_of(container.id),
        f"container.{doing.value}",
        {"from": before, "to": holder_of(container), "state": following, **warned, **(facts or {})},
        occurred_at=moment,
        evidence=evidence,
        act_key=act_key,
    )
    container.version = event.seq
    _end_stay(work, container, *stood, moment)
    return container


def following_state(
    work: Work, container: Container, doing: Doing, *, manifest: str = "—", with_box: bool = False
) -> State:
    """Return the state that follows for a held container, or refuse; in a large box it goes where its box goes."""
    code = pretty(ContainerCode(container.code))
    if container.box_id is None:
        return after(container.state, doing, code=code, manifest=manifest)
    box = boxed.code_of(work.session, container.box_id)
    return after_in_box(container.state, doing, box=box, with_box=with_box, code=code, manifest=manifest)


def said_of(
    work: Work,
    container: Container,
    what: str,
    facts: Mapping[str, object],
    *,
    evidence: Evidence = Evidence.CHOSEN,
    act_key: str | None = None,
) -> None:
    """Write down something about a held container that moves and changes nothing: the event `container.<what>`."""
    stream = stream_of(container.id)
    event = ledger.append(work, stream, f"container.{what}", facts, evidence=evidence, act_key=act_key)
    container.version = event.seq
    work.session.flush()


def note_damage(
    work: Work, container: Container, facts: Mapping[str, object], *, evidence: Evidence, act_key: str | None
) -> None:
    """Write down that a held container was seen to be damaged; `facts` says as `reason` what was seen."""
    container.damaged_at, container.damage = work.now, str(facts["reason"])
    said_of(work, container, "damaged", facts, evidence=evidence, act_key=act_key)


def _end_stay(
    work: Work,
    container: Container,
    facility_id: UUID | None,
    zone_id: UUID | None,
    since: datetime | None,
    at: datetime,
) -> None:
    """Keep when it stood in the store, and its zone, that it has just left, so that any past moment can be told."""
    here = container.holder_facility_id, container.zone_id
    if facility_id is None or since is None or here == (facility_id, zone_id):
        return
    stay = Stay(
        container_id=container.id,
        left_seq=container.version,
        facility_id=facility_id,
        zone_id=zone_id,
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
        case InStore(facility, zone):
            stayed = container.holder_facility_id and container.holder_organisation_id == facility.organisation_id
            if not stayed or container.entered_at is None:
                container.entered_at = moment
            before = container.holder_facility_id, container.zone_id
            if before != (facility.id, zone.id if zone else None) or container.stood_since is None:
                container.stood_since = moment
            container.holder_organisation_id = facility.organisation_id
            container.holder_facility_id, container.holder_leg_id = facility.id, None
            container.zone_id = zone.id if zone else None
            container.holder_region_code = facility.region_code
            container.must_leave_by = _deadline(container, facility, local, now)
        case OnLeg(carrier_id, leg_id):
            container.holder_organisation_id, container.holder_leg_id = carrier_id, leg_id
            container.holder_facility_id = container.holder_region_code = None
            container.must_leave_by = container.entered_at = container.stood_since = None
            container.zone_id = None
        case None if following in ENDED:
            container.holder_organisation_id = container.holder_facility_id = container.holder_leg_id = None
            container.holder_region_code = container.must_leave_by = None
            container.entered_at = container.stood_since = container.zone_id = None
        case None:
            pass


def holder_of(container: Container) -> dict[str, object]:
    """Return the holder as the ledger names it, and the large box where it is in one."""
    holder: dict[str, object] = {
        "organisation": container.holder_organisation_id,
        "facility": container.holder_facility_id,
        "leg": container.holder_leg_id,
        **({"zone": container.zone_id} if container.zone_id else {}),
    }
    return holder | ({"box": container.box_id} if container.box_id else {})
