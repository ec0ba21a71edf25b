"""Keeping alerts true: looked at again whenever the ledger grows, opened on time by the sweep."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.alerts import STORAGE_POINT_MOST, TIME_LIMITS, AlertState, Course, Limit, Subject, course
from wastetrack.domain.cleaning import clean_by
from wastetrack.domain.containers import State
from wastetrack.domain.ledger import Event, Evidence, canonical
from wastetrack.domain.long_storage import handed_on_by, year_ends, year_limit
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.plans import is_asked_for_plan, late_from, next_plan
from wastetrack.domain.storage_time import hours_by_law, local_limit
from wastetrack.domain.storing import limits_broken, time_limit
from wastetrack.domain.tanks import Filling, filling, percent
from wastetrack.domain.times import local_day
from wastetrack.features.boxes.models import Box
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.collection.models import HandIn
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import queries as parties_queries
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Facility, Organisation, Vehicle
from wastetrack.features.tanks.models import Tank
from wastetrack.features.tanks.queries import Bulk
from wastetrack.features.watch import queries
from wastetrack.features.watch.models import Alert
from wastetrack.features.watch.queries import Live, Standing
from wastetrack.infra import outbox
from wastetrack.infra.db import at_the_end
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

AT_ONCE = 500
"""How many due alerts one sweep opens in one transaction."""
OUTBOX = "watch.region_limit"
"""The kind of work that a time limit of a region puts into the outbox."""
CHUNK = 200
FEW = 300
"""Up to so many organisations a time limit of a region is reckoned at once, above it by the worker in such chunks."""

_ENDS_A_MISS = frozenset({"container.miss", "container.accept", "container.refuse", "container.take_back"})
_SHOWS_THE_BOX = frozenset(
    {"container.found", "container.hand_in", "container.store", "container.load", "container.void"}
)
"""Acts for which somebody had the box in front of him: they end the search for one not found at a hand-in."""
_MAKES_A_PLANNER = frozenset({"organisation.plan_filed", "organisation.changed", "organisation.state_set"})
_MOVES_A_CONFIRMATION = frozenset({"manifest.arrived", "manifest.confirmed", "manifest.voided"})


def notice(work: Work, event: Event) -> None:
    """Listen to the ledger: whatever an event may have crossed is looked at again at the end of its transaction."""
    kind, _, identity = event.stream.partition(":")
    facts = json.loads(event.facts)
    match kind:
        case "container":
            _of_container(work, event.kind, UUID(identity), facts)
        case "manifest":
            _of_manifest(work, event.kind, UUID(identity), facts)
        case "box":
            _later(work, Subject.BOX, UUID(identity))
        case "tank":
            _later(work, Subject.TANK, UUID(identity))
            _later(work, Subject.FACILITY, UUID(facts["tank"]["facility_id"]))
        case "organisation":
            _of_organisation(work, event.kind, UUID(identity), facts)
        case "region" if event.kind == "region.time_limit_set":
            _touched(work.session).limits[UUID(facts["id"])] = work
            at_the_end(work.session, "watch", partial(_look, work.session))
        case "hand_in" if event.kind == "hand_in.finished":
            for box in facts["not_found"]:
                _later(work, Subject.CONTAINER, UUID(box["container"]))
                _touched(work.session).not_found[UUID(box["container"])] = UUID(identity)


def _of_container(work: Work, kind: str, identity: UUID, facts: Mapping[str, Any]) -> None:
    for place in (facts.get("from"), facts.get("to")):
        _look_later_at(work, place or {})
    if kind in _ENDS_A_MISS | _SHOWS_THE_BOX:
        _later(work, Subject.CONTAINER, identity)
    if kind == "container.miss":
        _touched(work.session).missed.add(identity)
    if kind == "container.registered":
        _touched(work.session).producing.add(UUID(facts["producer"]))


def _of_manifest(work: Work, kind: str, identity: UUID, facts: Mapping[str, Any]) -> None:
    if kind in _MOVES_A_CONFIRMATION:
        _later(work, Subject.MANIFEST, identity)
    for vehicle in facts.get("unloaded", ()):
        _later(work, Subject.VEHICLE, UUID(vehicle))


def _of_organisation(work: Work, kind: str, identity: UUID, facts: Mapping[str, Any]) -> None:
    if kind == "organisation.vehicle_cleaned":
        _later(work, Subject.VEHICLE, UUID(facts["id"]))
    elif kind == "organisation.declared_wrong" and "vehicle" in facts:
        _later(work, Subject.VEHICLE, UUID(facts["vehicle"]))
    elif kind == "organisation.facility_changed":
        _later(work, Subject.FACILITY, UUID(facts["id"]))
    elif kind == "organisation.time_limit_set":
        _recount_later(work, UUID(facts["facility"]), identity)
    elif kind in _MAKES_A_PLANNER:
        _touched(work.session).planning.add(identity)
        _later(work, Subject.ORGANISATION, identity)


def _look_later_at(work: Work, place: Mapping[str, str | None]) -> None:
    """Look at the store a container came from or went to, or at its producer where it stood in none."""
    organisation, facility = place.get("organisation"), place.get("facility")
    if facility:
        _later(work, Subject.FACILITY, UUID(facility))
    elif organisation and not place.get("leg"):
        _later(work, Subject.ORGANISATION, UUID(organisation))


def _recount_later(work: Work, facility_id: UUID, organisation_id: UUID) -> None:
    """Have the deadlines of what stands in a store reckoned anew, and of what its keeper put into none yet."""
    _touched(work.session).recounted.add(facility_id)
    _later(work, Subject.FACILITY, facility_id)
    _recount_unplaced_later(work, organisation_id)


def _recount_unplaced_later(work: Work, organisation_id: UUID) -> None:
    _touched(work.session).recounted.add(organisation_id)
    _later(work, Subject.ORGANISATION, organisation_id)


def sweep(work: Work) -> int:
    """Write the opening of every alert whose moment has come; return how many.

    Where a time limit of a store has begun or ended, what stands there is reckoned anew first; a region's, which may
    concern many, goes to the worker.
    """
    for store in parties_queries.to_recount(work.session, work.now):
        _recount_later(work, store.id, store.organisation_id)
        parties.note_recounted(work, store)
    for limit in parties_queries.regions_to_recount(work.session, work.now):
        parties.begin_recount(work, limit)
        outbox.put(work, OUTBOX, limit.id)
    alerts = queries.due(work.session, work.now, AT_ONCE)
    for alert in alerts:
        _open(work, alert)
    return len(alerts)


def go_on(work: Work, limit_id: UUID, size: int = CHUNK) -> bool:
    """Reckon anew the next of what a time limit of a region concerns; tell whether there is more."""
    limit = parties_queries.region_limit(work.session, limit_id)
    organisations, stores = parties.go_on_recounting(work, limit, size)
    for one in organisations:
        _recount_unplaced_later(work, one)
    for store in stores:
        _recount_later(work, store.id, store.organisation_id)
    return limit.done_to is not None


def give_up(work: Work, limit_id: UUID) -> None:
    """After the last failure: the next sweep begins again, because a limit that is in force has to count."""
    parties_queries.region_limit(work.session, limit_id).recount_at = work.now


@dataclass
class _Touched:
    """What one transaction touched, each with the act that touched it first."""

    acts: dict[tuple[Subject, UUID], Work] = field(default_factory=dict)
    recounted: set[UUID] = field(default_factory=set)
    """The stores whose time limits it changed or found changed, and the producers whose waste is in no store yet."""
    limits: dict[UUID, Work] = field(default_factory=dict)
    """The time limits of regions that it entered."""
    missed: set[UUID] = field(default_factory=set)
    """The containers that it declared missing."""
    producing: set[UUID] = field(default_factory=set)
    """The organisations of which it registered waste: who had none before is to file a plan from now on."""
    planning: set[UUID] = field(default_factory=set)
    """The organisations that filed a plan, or of which something changed that a plan depends on."""
    not_found: dict[UUID, UUID] = field(default_factory=dict)
    """The containers that it did not find at a hand-in, each with the hand-in."""

    def of(self, subject: Subject) -> list[UUID]:
        """Return what it touched of one kind, in the order of the ids."""
        return sorted(identity for kind, identity in self.acts if kind is subject)


def _touched(session: Session) -> _Touched:
    found: _Touched = session.info.setdefault("watch", _Touched())
    return found


def _later(work: Work, subject: Subject, identity: UUID) -> None:
    _touched(work.session).acts.setdefault((subject, identity), work)
    at_the_end(work.session, "watch", partial(_look, work.session))


def _look(session: Session) -> None:
    """Look at everything that the transaction touched, whatever its number in the same few looks.

    Held are producers before stores, as every service does that holds an organisation and then changes its stores,
    each kind in the order of its ids, and then the alerts.
    """
    for limit_id, work in _touched(session).limits.items():
        _begin(work, limit_id)
    touched: _Touched = session.info.pop("watch")
    session.flush()
    acts = touched.acts
    _recount(session, touched)
    producers = queries.held(session, Organisation, touched.of(Subject.ORGANISATION))
    stores = queries.held(session, Facility, touched.of(Subject.FACILITY))
    unplaced, standing = queries.first_unplaced(session, producers), queries.standing(session, stores)
    bulk = queries.bulk(session, stores.values())
    live = queries.live(session, [identity for _subject, identity in acts])
    for one, producer in producers.items():
        _look_at_unplaced(acts[Subject.ORGANISATION, one], live, producer, unplaced.get(one))
        if one in touched.planning or (one in touched.producing and (Limit.PLAN, one) not in live):
            _look_at_plan(acts[Subject.ORGANISATION, one], live, producer)
    for one, store in stores.items():
        _look_at_store(acts[Subject.FACILITY, one], live, store, standing.get(one, Standing()), bulk.get(one, Bulk()))
    for one in touched.of(Subject.CONTAINER):
        act, hand_in_id = acts[Subject.CONTAINER, one], touched.not_found.get(one)
        if hand_in_id is not None:
            _look_at_not_found(act, live, session.get_one(Container, one), session.get_one(HandIn, hand_in_id))
        elif one in touched.missed or (Limit.MISSING, one) in live:
            _look_at_missing(act, live, session.get_one(Container, one))
    for one, tank in queries.held(session, Tank, touched.of(Subject.TANK)).items():
        _look_at_tank(acts[Subject.TANK, one], live, tank)
    for one, vehicle in queries.held(session, Vehicle, touched.of(Subject.VEHICLE)).items():
        _look_at_vehicle(acts[Subject.VEHICLE, one], live, vehicle)
    for one, box in queries.held(session, Box, touched.of(Subject.BOX)).items():
        _look_at_box(acts[Subject.BOX, one], live, box)
    for one in touched.of(Subject.MANIFEST):
        _look_at_confirmation(acts[Subject.MANIFEST, one], live, session.get_one(Manifest, one))
    session.flush()


def _begin(work: Work, limit_id: UUID) -> None:
    """Reckon a new time limit of a region at once where it concerns few; else it is for the worker."""
    limit = parties_queries.region_limit(work.session, limit_id)
    parties.begin_recount(work, limit)
    if limit.total < FEW:
        go_on(work, limit_id, FEW)
    else:
        outbox.put(work, OUTBOX, limit_id)


def _recount(session: Session, touched: _Touched) -> None:
    """Reckon the deadlines anew, those of all stores in one look and those of all producers in another."""
    act = next(iter(touched.acts.values()), None)
    if not touched.recounted or act is None:
        return
    stores = [one for one in touched.of(Subject.FACILITY) if one in touched.recounted]
    containers.recount(act, [session.get_one(Facility, one) for one in stores])
    producers = [one for one in touched.of(Subject.ORGANISATION) if one in touched.recounted]
    containers.recount_unplaced(act, [session.get_one(Organisation, one) for one in producers])


def _look_at_store(work: Work, live: Live, facility: Facility, stock: Standing, bulk: Bulk) -> None:
    """Bring the time and quantity alerts of one store in line with what stands in it, its tanks included."""
    cause = partial(_cause, work, live, Subject.FACILITY, facility.id, facility.organisation_id, facility.region_code)
    local = parties_queries.time_limits(work.session, facility)
    watched = time_limit(facility, local, stock.first)
    by_law = hours_by_law(facility.kind, facility.temperature)
    own = local_limit(local, stock.first, by_law) if stock.first else None
    said = {"hours": own.hours, "document": own.document, "region": own.place} if own else {}
    for limit in TIME_LIMITS:
        cause(limit, stock.first if limit is watched else None, {"place": facility.name, **said})
    years = year_limit(stock.licensed)
    for limit in (Limit.LICENSED_YEAR, Limit.ADVISED_YEAR):
        ends = year_ends(stock.for_a_year) if stock.for_a_year and limit is years else None
        cause(limit, ends, {"place": facility.name})
    hand_on = stock.to_hand_on if stock.collects_only else None
    by = handed_on_by(hand_on, catalogue.calendar(work.session)) if hand_on else None
    cause(Limit.COLLECTED, by, {"place": facility.name})
    mass, litres = stock.mass_g + bulk.mass_g, stock.volume_l + bulk.volume_l
    broken = limits_broken(facility, mass=mass, count=stock.count, volume_l=litres)
    facts = {"place": facility.name, "mass_g": mass, "count": stock.count, "volume_l": litres}
    most = {
        "limit_g": facility.mass_limit_g, "limit_count": facility.count_limit, "limit_l": facility.volume_limit_l,
    }  # fmt: skip
    cause(Limit.CAPACITY, work.now if Limit.CAPACITY in broken else None, facts | most)
    point = {"limit_g": STORAGE_POINT_MOST, "limit_count": None}
    cause(Limit.STORAGE_POINT, work.now if Limit.STORAGE_POINT in broken else None, facts | point)


def _look_at_unplaced(work: Work, live: Live, producer: Organisation, first: datetime | None) -> None:
    """Watch what a producer sealed but never placed in a store: its clock runs all the same."""
    _cause(
        work, live, Subject.ORGANISATION, producer.id, producer.id, producer.region_code,
        Limit.INSTITUTION_TIME, first, {"place": producer.name},
    )  # fmt: skip


def _look_at_missing(work: Work, live: Live, container: Container) -> None:
    """Watch a box that was loaded and did not arrive: for who sent it and for who should have received it."""
    missing = container.state is State.MISSING
    manifest = queries.last_manifest_of(work.session, container.id)
    sender = (manifest.consignor_id, manifest.consignor_region_code) if manifest else None
    organisation_id, region_code = sender or (container.producer_id, container.producer_region_code)
    _cause(
        work, live, Subject.CONTAINER, container.id, organisation_id, region_code,
        Limit.MISSING, work.now if missing else None,
        {"code": container.code, "number": manifest.number if manifest else None},
        also=(manifest.receiver_id, manifest.receiver_region_code) if manifest else None,
    )  # fmt: skip


def _look_at_not_found(work: Work, live: Live, container: Container, hand_in: HandIn) -> None:
    """Watch a box that was declared for a station and not found there: for who still holds it and for the station."""
    if container.holder_organisation_id != hand_in.sender_id:
        return
    sender = work.session.get_one(Organisation, hand_in.sender_id)
    station = work.session.get_one(Facility, hand_in.facility_id)
    _cause(
        work, live, Subject.CONTAINER, container.id, sender.id, container.holder_region_code or sender.region_code,
        Limit.MISSING, work.now, {"code": container.code, "number": None, "station": station.name},
        also=(station.organisation_id, station.region_code),
    )  # fmt: skip


def _look_at_confirmation(work: Work, live: Live, manifest: Manifest) -> None:
    waits = manifest.confirm_by is not None and manifest.confirmed_at is None and manifest.voided_at is None
    _cause(
        work, live, Subject.MANIFEST, manifest.id, manifest.receiver_id, manifest.receiver_region_code,
        Limit.CONFIRMATION, manifest.confirm_by if waits else None, {"number": manifest.number},
    )  # fmt: skip


def _look_at_tank(work: Work, live: Live, tank: Tank) -> None:
    """Watch how full a tank is: a warning while it fills up, an alarm above its limit."""
    store, vessel = work.session.get_one(Facility, tank.facility_id), tank.vessel
    now = filling(tank.content_g, vessel)
    facts = {
        "place": tank.number, "mass_g": tank.content_g, "limit_g": vessel.high,
        "percent": percent(tank.content_g, vessel),
    }  # fmt: skip
    for limit, holds in ((Limit.TANK_FILLING, now is not Filling.FINE), (Limit.TANK_HIGH, now is Filling.ALARM)):
        _cause(
            work, live, Subject.TANK, tank.id, tank.organisation_id, store.region_code,
            limit, work.now if holds else None, facts,
        )  # fmt: skip


def _look_at_vehicle(work: Work, live: Live, vehicle: Vehicle) -> None:
    """Watch what carried medical waste until it is cleaned: for its carrier (H-07)."""
    carrier = work.session.get_one(Organisation, vehicle.organisation_id)
    _cause(
        work, live, Subject.VEHICLE, vehicle.id, carrier.id, carrier.region_code,
        Limit.CLEANING, clean_by(vehicle.unclean_since) if vehicle.unclean_since else None, {"plate": vehicle.plate},
    )  # fmt: skip


def _look_at_box(work: Work, live: Live, box: Box) -> None:
    """Watch what is used again for medical waste until it is washed: for its owner, and for who has it now (H-07)."""
    owner, also = work.session.get_one(Organisation, box.owner_id), None
    if box.holder_organisation_id not in {None, owner.id}:
        holder = work.session.get_one(Organisation, box.holder_organisation_id)
        also = holder.id, box.holder_region_code or holder.region_code
    alert = live.get((Limit.CLEANING, box.id))
    if alert is not None and box.unclean_since is not None:  # an unwashed box may go back to its owner
        alert.also_organisation_id, alert.also_region_code = also or (None, None)
    _cause(
        work, live, Subject.BOX, box.id, owner.id, owner.region_code,
        Limit.CLEANING, clean_by(box.unclean_since) if box.unclean_since else None, {"code": box.code}, also=also,
    )  # fmt: skip


_asked_of_small: list[bool] = []


def ask_small_for_plans(asked: bool) -> None:
    """Have the missing plan of an institution of at most 19 beds be an alarm. Wired once, in `wastetrack.app`."""
    _asked_of_small[:] = [asked]


def _look_at_plan(work: Work, live: Live, one: Organisation) -> None:
    """Watch for the plan that an organisation is to file next, known long before it is late (P-01)."""
    found = queries.planner(work.session, one.id, local_day(work.now).year)
    asked = is_asked_for_plan(found.kinds, one.beds, small_too=any(_asked_of_small))
    wanted, facts = None, {}
    if asked and found.produced_at is not None and one.state is not OrganisationState.CLOSED:
        year = next_plan(local_day(found.produced_at), found.last_filed)
        wanted, facts = late_from(year), {"year": year}
    _cause(work, live, Subject.ORGANISATION, one.id, one.id, one.region_code, Limit.PLAN, wanted, facts)


def _cause(
    work: Work,
    live: Live,
    subject: Subject,
    subject_id: UUID,
    organisation_id: UUID,
    region_code: str,
    limit: Limit,
    wanted: datetime | None,
    facts: Mapping[str, object],
    also: tuple[UUID, str] | None = None,
) -> None:
    """Bring the one live alert of a cause in line with the moment at which the cause now crosses its limit."""
    alert = live.get((limit, subject_id))
    what = course(alert.threshold_at if alert else None, wanted, _moment(work, alert))
    if alert is not None:
        match what:
            case Course.FORGET:
                work.session.delete(alert)
            case Course.CLEAR | Course.RENEW:
                _clear(work, alert)
            case Course.SHIFT if wanted is not None:
                alert.threshold_at = wanted
        if what is not Course.CLEAR and what is not Course.FORGET:
            alert.facts = canonical(facts)
        if what is Course.RENEW:
            work.session.flush()  # the old one has to be clear before the store takes a new one of the same cause
    if wanted is not None and what in {Course.BEGIN, Course.RENEW}:
        alert = Alert(
            id=new_id(), limit=limit, subject=subject, subject_id=subject_id, organisation_id=organisation_id,
            region_code=region_code, also_organisation_id=also[0] if also else None,
            also_region_code=also[1] if also else None, state=AlertState.SCHEDULED, threshold_at=wanted,
            facts=canonical(facts), version=0,
        )  # fmt: skip
        work.session.add(alert)
    waits = alert is not None and alert.state is AlertState.SCHEDULED
    if alert is not None and waits and alert.threshold_at <= work.now and what is not Course.NOTHING:
        _open(work, alert)


def _moment(work: Work, alert: Alert | None) -> datetime:
    """Return when the cause is looked at: never before an opening that is already written.

    Another act on the same store may have been taken a moment later and yet have come first.
    """
    written = alert is not None and alert.state is AlertState.OPEN
    return max(work.now, alert.threshold_at) if alert is not None and written else work.now


def _open(work: Work, alert: Alert) -> None:
    alert.state, alert.opened_at = AlertState.OPEN, work.now
    alert.version = _write(work, alert, "alert.opened", alert.threshold_at)


def _clear(work: Work, alert: Alert) -> None:
    if alert.state is AlertState.SCHEDULED:  # its moment came between two sweeps: the record says so all the same
        _open(work, alert)
    moment = _moment(work, alert)
    alert.state, alert.cleared_at = AlertState.CLEARED, moment
    alert.version = _write(work, alert, "alert.cleared", moment)


def _write(work: Work, alert: Alert, kind: str, occurred_at: datetime) -> int:
    event = ledger.append(
        work,
        f"alert:{alert.id}",
        kind,
        {
            "limit": alert.limit,
            "subject": alert.subject,
            "subject_id": alert.subject_id,
            "organisation": alert.organisation_id,
            "region": alert.region_code,
            "threshold_at": alert.threshold_at,
            "facts": json.loads(alert.facts),
        },
        occurred_at=occurred_at,
        evidence=Evidence.SYSTEM,
        begins=alert.version == 0,
    )
    return event.seq
