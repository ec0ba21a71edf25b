"""Reading alerts: those in force at a moment, as far as a person may see them, and the live one of a cause."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.alerts import (
    LONG_LIMITS,
    TIME_LIMITS,
    WARN_BEFORE,
    AlertState,
    Limit,
    Subject,
    warn_before,
)
from wastetrack.domain.containers import STANDING, State
from wastetrack.domain.long_storage import BY_GB_18597, MINERAL_OIL, NICKEL_CADMIUM, stood_a_year_since
from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import LicenceKind, OrganisationKind
from wastetrack.domain.tanks import TANK_PLACES
from wastetrack.features.boxes.models import Box
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import LITRES
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.features.parties.models import (
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    OrganisationKindRow,
    Vehicle,
)
from wastetrack.features.tanks import queries as tanks
from wastetrack.features.tanks.models import Tank
from wastetrack.features.tanks.queries import Bulk
from wastetrack.features.watch.models import Alert
from wastetrack.infra.db import UtcDateTime

PAGE = 50
Kept = TypeVar("Kept", Facility, Organisation, Vehicle, Tank, Box)
Slice = tuple[list[Alert], UUID | None]
"""Some alerts, and after which one the next page begins (None on the last)."""


# Built once: they run at the end of every act on containers, once for everything that it touched.
_THESE: BindParameter[UUID] = bindparam("these", expanding=True)
_AS_IT_STANDS = {"populate_existing": True}
_LIVE = (
    select(Alert)
    .where(Alert.subject_id.in_(_THESE), Alert.state != AlertState.CLEARED)
    .order_by(Alert.id)
    .with_for_update()
    .execution_options(**_AS_IT_STANDS)
)
_YEARS = or_(Container.medical.is_(False), Container.waste_code.in_(BY_GB_18597))
"""What the law gives a year, not hours."""
_HANDED_ON = or_(Container.waste_code.endswith(f"-{MINERAL_OIL}"), Container.waste_code == NICKEL_CADMIUM)
_LICENCES = select(func.count()).where(
    Licence.organisation_id == Container.holder_organisation_id, Licence.kind == LicenceKind.OPERATING
)
_COLLECTING_ONLY = Licence.coverage == Coverage.COLLECTION
_STANDING = (
    select(
        Container.holder_facility_id,
        func.sum(Container.mass_g),
        func.count(),
        func.min(Container.must_leave_by),
        func.sum(LITRES),
        func.min(case((_YEARS, Container.entered_at)), type_=UtcDateTime()),
        func.min(case((_HANDED_ON, Container.entered_at)), type_=UtcDateTime()),
        _LICENCES.scalar_subquery(),
        _LICENCES.where(_COLLECTING_ONLY).scalar_subquery(),
    )
    .where(Container.holder_facility_id.in_(_THESE), Container.state.in_(STANDING))
    .group_by(Container.holder_facility_id, Container.holder_organisation_id)
)
_UNPLACED = (
    select(Container.producer_id, func.min(Container.must_leave_by))
    .where(Container.producer_id.in_(_THESE), Container.state == State.SEALED)
    .group_by(Container.producer_id)
)

_WARNED_OTHERWISE = tuple(one for one in Limit if warn_before(one) != WARN_BEFORE)

Live = dict[tuple[Limit, UUID], Alert]
"""The alerts that have not cleared, by their cause: what limit of what subject."""


def live(session: Session, subjects: Collection[UUID]) -> Live:
    """Return the alerts of these subjects that have not cleared, waiting or in force, held against the sweep."""
    found = session.scalars(_LIVE, {"these": list(subjects)}) if subjects else ()
    return {(alert.limit, alert.subject_id): alert for alert in found}


def in_force(now: datetime) -> ColumnElement[bool]:
    """Return the condition for alerts whose threshold has come, whether or not the sweep has written it yet."""
    return (Alert.state != AlertState.CLEARED) & (Alert.threshold_at <= now)


def soon(now: datetime) -> ColumnElement[bool]:
    """Return the condition for alerts that will open unless somebody acts in time."""
    usual = and_(Alert.limit.not_in(_WARNED_OTHERWISE), Alert.threshold_at <= now + WARN_BEFORE)
    each = [and_(Alert.limit == one, Alert.threshold_at <= now + warn_before(one)) for one in _WARNED_OTHERWISE]
    return and_(Alert.state == AlertState.SCHEDULED, Alert.threshold_at > now, or_(usual, *each))


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for alerts that concern a person's organisation or region; default is none."""
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_ALERTS, {Relation.OWN}):
        seen.append(Alert.organisation_id == actor.organisation_id)
        seen.append(Alert.also_organisation_id == actor.organisation_id)
    if actor.region_paths and may(actor, Act.VIEW_ALERTS, {Relation.REGION}):
        seen.append(catalogue.within(Alert.region_code, actor.region_paths))
        seen.append(catalogue.within(Alert.also_region_code, actor.region_paths))
    return or_(false(), *seen)


def current(
    session: Session,
    actor: Actor,
    now: datetime,
    after: UUID | None = None,
    size: int = PAGE,
    limit: Limit | None = None,
) -> Slice:
    """Return one page of what is in force for a person, longest first; of one limit if that is asked for."""
    query = select(Alert).where(in_force(now), seen_by(actor))
    if limit is not None:
        query = query.where(Alert.limit == limit)
    last = visible(session, actor, after) if after else None
    if last is not None:
        same = and_(Alert.threshold_at == last.threshold_at, Alert.id > last.id)
        query = query.where(or_(Alert.threshold_at > last.threshold_at, same))
    return _slice(session.scalars(query.order_by(Alert.threshold_at, Alert.id).limit(size + 1)), size)


def coming(session: Session, actor: Actor, now: datetime, size: int = PAGE) -> list[Alert]:
    """Return what a person can still prevent, the most urgent first."""
    query = select(Alert).where(soon(now), seen_by(actor)).order_by(Alert.threshold_at, Alert.id)
    return list(session.scalars(query.limit(size)))


def count_current(session: Session, actor: Actor, now: datetime) -> dict[Limit, int]:
    """Count what is in force for a person, by what it is about."""
    query = select(Alert.limit, func.count()).where(in_force(now), seen_by(actor)).group_by(Alert.limit)
    return dict(session.execute(query).tuples().all())


def cleared(session: Session, actor: Actor, after: UUID | None = None, size: int = PAGE) -> Slice:
    """Return one page of what has cleared, newest first."""
    query = select(Alert).where(Alert.state == AlertState.CLEARED, seen_by(actor))
    last = visible(session, actor, after) if after else None
    if last is not None and last.cleared_at is not None:
        same = and_(Alert.cleared_at == last.cleared_at, Alert.id > last.id)
        query = query.where(or_(Alert.cleared_at < last.cleared_at, same))
    return _slice(session.scalars(query.order_by(Alert.cleared_at.desc(), Alert.id).limit(size + 1)), size)


def _slice(found: Iterable[Alert], size: int) -> Slice:
    rows = list(found)
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def on_facility(session: Session, facility_id: UUID, now: datetime) -> list[Alert]:
    """Return what is in force for one store."""
    query = select(Alert).where(Alert.subject_id == facility_id, in_force(now)).order_by(Alert.threshold_at)
    return list(session.scalars(query))


def visible(session: Session, actor: Actor, alert_id: UUID) -> Alert | None:
    """Return one alert if it concerns the person."""
    return session.scalar(select(Alert).where(Alert.id == alert_id, seen_by(actor)))


def view(session: Session, actor: Actor, alert_id: UUID, now: datetime) -> Alert:
    """Return one alert that concerns the person and has been in force; any other is as if there were none."""
    alert = visible(session, actor, alert_id)
    if alert is None or alert.threshold_at > now:
        raise unknown()
    return alert


def due(session: Session, now: datetime, limit: int) -> list[Alert]:
    """Return waiting alerts whose threshold has come, held for the sweep that asks."""
    query = (
        select(Alert)
        .where(Alert.state == AlertState.SCHEDULED, Alert.threshold_at <= now)
        .order_by(Alert.threshold_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def held(session: Session, kind: type[Kept], ids: Collection[UUID]) -> dict[UUID, Kept]:
    """Hold rows so that two transactions do not decide on the same cause at once; others may still refer to them."""
    rows = session.scalars(_held(kind), {"these": list(ids)}) if ids else ()
    return {row.id: row for row in rows}


@cache
def _held(kind: type[Kept]) -> Select[tuple[Kept]]:
    query = select(kind).where(kind.id.in_(_THESE)).order_by(kind.id).with_for_update(key_share=True)
    return query.execution_options(**_AS_IT_STANDS)


@dataclass(frozen=True)
class Standing:
    """What stands in a store, and when the first of it must have left."""

    mass_g: int = 0
    count: int = 0
    first: datetime | None = None
    volume_l: int = 0
    for_a_year: datetime | None = None
    """Since when the first of what has a year stands with its holder."""
    to_hand_on: datetime | None = None
    """The same of what who collects only has to hand on."""
    licensed: bool = False
    collects_only: bool = False


def standing(session: Session, facilities: Collection[UUID]) -> dict[UUID, Standing]:
    """Return what stands in each of these stores in which anything stands."""
    rows = session.execute(_STANDING, {"these": list(facilities)}) if facilities else ()
    return {
        one: Standing(int(mass), count, first, int(litres), year, oil, licences > 0, 0 < licences == collecting)
        for one, mass, count, first, litres, year, oil, licences, collecting in rows
    }


def bulk(session: Session, facilities: Collection[Facility]) -> dict[UUID, Bulk]:
    """Return what the tanks of these stores hold; where none of them can have any, nothing is asked."""
    places = [one.id for one in facilities if one.kind in TANK_PLACES]
    return tanks.bulk(session, places) if places else {}


def first_unplaced(session: Session, organisations: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Return when the first container that each producer sealed but never placed in a store must have left."""
    rows = session.execute(_UNPLACED, {"these": list(organisations)}) if organisations else ()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Planner:
    """What decides whether the missing plan of an organisation is an alarm, and of which year."""

    kinds: frozenset[OrganisationKind]
    produced_at: datetime | None
    last_filed: int | None


def planner(session: Session, organisation_id: UUID, year: int) -> Planner:
    """Return since when an organisation produces waste here, and of which year its last plan is, looked at in `year`.

    One of a year after the next does not count yet: it may be a slip, and would silence what comes before it.
    """
    kinds = select(OrganisationKindRow.kind).where(OrganisationKindRow.organisation_id == organisation_id)
    produced = (
        select(Container.registered_at)
        .where(Container.producer_id == organisation_id, Container.state != State.VOID)
        .order_by(Container.registered_at)
        .limit(1)
    )
    filed = select(func.max(ManagementPlan.year)).where(
        ManagementPlan.organisation_id == organisation_id, ManagementPlan.year <= year + 1
    )
    return Planner(frozenset(session.scalars(kinds)), session.scalar(produced), session.scalar(filed))


def last_manifest_of(session: Session, container_id: UUID) -> Manifest | None:
    """Return the newest manifest a container was put on."""
    return session.scalar(
        select(Manifest)
        .join(ManifestBox, ManifestBox.manifest_id == Manifest.id)
        .where(ManifestBox.container_id == container_id)
        .order_by(Manifest.created_at.desc())
        .limit(1)
    )


# --- what an alert is about ------------------------------------------------------------------------------------------

MOST_CAUSES = 100
_NO_WASTE = frozenset({Subject.MANIFEST, Subject.VEHICLE, Subject.BOX, Subject.TANK})


@dataclass(frozen=True)
class Causes:
    """The containers behind an alert in force: all of them counted, the first of them shown."""

    count: int
    mass_g: int
    shown: list[Container]


def causes(session: Session, alert: Alert, now: datetime) -> Causes:
    """Return the containers that cause an alert now; none once it has cleared, and none where it is about no waste."""
    if alert.state is AlertState.CLEARED or alert.subject in _NO_WASTE or alert.limit is Limit.PLAN:
        return Causes(0, 0, [])
    here = _causing(alert, now)
    count, mass = session.execute(select(func.count(), func.sum(Container.mass_g)).where(*here)).one()
    query = select(Container).where(*here).order_by(Container.must_leave_by, Container.sealed_at, Container.id)
    return Causes(count, int(mass or 0), list(session.scalars(query.limit(MOST_CAUSES))))


def _causing(alert: Alert, now: datetime) -> list[ColumnElement[bool]]:
    match alert.subject:
        case Subject.CONTAINER:
            return [Container.id == alert.subject_id]
        case Subject.ORGANISATION:
            here = [Container.producer_id == alert.subject_id, Container.state == State.SEALED]
        case _:
            here = [Container.holder_facility_id == alert.subject_id, Container.state.in_(STANDING)]
    if alert.limit in LONG_LIMITS:
        a_year = and_(_YEARS, Container.entered_at <= stood_a_year_since(now))
        return [*here, _HANDED_ON if alert.limit is Limit.COLLECTED else a_year]
    return [*here, Container.must_leave_by <= now] if alert.limit in TIME_LIMITS else here
