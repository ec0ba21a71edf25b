"""Looking inspections up: one with its findings, lists within a person's scope, what is to do and what is overdue."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.inspections import TO_DO, UNSETTLED, FindingState, days_overdue, may_withdraw
from wastetrack.domain.parties import is_known
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_, Term
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.containers.models import Container
from wastetrack.features.inspections.models import Finding, Inspection
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation, Site
from wastetrack.infra.paging import newest_first

PAGE = 25
FEW = 10


class View(Term):
    """Which inspections a list shows."""

    WAITING = "waiting", N_("Something to do")
    ANSWERED = "answered", N_("To be confirmed")
    OVERDUE = "overdue", N_("Overdue")
    ALL = "all", N_("All")


def stream_of(inspection_id: UUID) -> str:
    """Return the name of an inspection's stream in the ledger."""
    return f"inspection:{inspection_id}"


# --- who may see what ------------------------------------------------------------------------------------------------


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion "an inspection that the person may see": his organisation's, or one in his regions.

    In the regions is what took place there, and what is about an organisation that sits there.
    """
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_INSPECTION, {Relation.OWN}):
        seen.append(Inspection.organisation_id == actor.organisation_id)
    if actor.region_paths and may(actor, Act.VIEW_INSPECTION, {Relation.REGION}):
        there = select(Organisation.id).where(catalogue.within(Organisation.region_code, actor.region_paths))
        seen.append(catalogue.within(Inspection.region_code, actor.region_paths))
        seen.append(Inspection.organisation_id.in_(there))
    return or_(false(), *seen)


def relations(session: Session, actor: Actor, one: Inspection) -> set[Relation]:
    """Return how a person stands to an inspection."""
    found = parties.relations(session, actor, parties.organisation(session, one.organisation_id))
    return found | region_relation(session, actor, one.region_code)


def region_relation(session: Session, actor: Actor, region_code: str) -> set[Relation]:
    """Return whether a place lies in a person's regions, as a relation."""
    return {Relation.REGION} if catalogue.any_within(session, [region_code], actor.region_paths) else set()


def place_relations(
    session: Session, actor: Actor, organisation: Organisation, place: Facility | Site | None
) -> set[Relation]:
    """Return how a person stands to a place to be inspected: by the region of the organisation, or of the place."""
    if not is_known(organisation.state):
        return set()
    found = parties.relations(session, actor, organisation)
    return found | region_relation(session, actor, place.region_code) if place else found


def visible(session: Session, actor: Actor, inspection_id: UUID) -> Inspection:
    """Return an inspection for somebody who looks; for whom it is not to be seen there is none."""
    one = session.scalar(select(Inspection).where(Inspection.id == inspection_id, seen_by(actor)))
    if one is None:
        raise unknown()
    return one


def withdrawable(session: Session, actor: Actor, one: Inspection) -> bool:
    """Tell whether the person may declare the inspection wrong."""
    makers = session.get_one(Region, one.inspector_region_code)
    return (
        one.withdrawn_at is None
        and may(actor, Act.INSPECT, relations(session, actor, one))
        and may_withdraw(
            is_own=actor.user_id == one.inspector_id, own_paths=actor.region_paths, makers_path=makers.path
        )
    )


# --- for acts --------------------------------------------------------------------------------------------------------


def made_with(session: Session, inspector_id: UUID | None, act_key: str) -> Inspection | None:
    """Return what the act with this key has recorded already."""
    return session.scalar(
        select(Inspection).where(Inspection.inspector_id == inspector_id, Inspection.act_key == act_key)
    )


def held(session: Session, inspection_id: UUID) -> Inspection:
    """Return an inspection as it stands now, held against other writers until the transaction ends."""
    query = select(Inspection).where(Inspection.id == inspection_id).with_for_update()
    one = session.scalar(query.execution_options(populate_existing=True))
    if one is None:
        raise unknown()
    return one


def finding(session: Session, inspection_id: UUID, position: int) -> Finding:
    """Return a finding as it stands now; refuse where there is none. Whoever asks holds its inspection."""
    query = select(Finding).where(Finding.inspection_id == inspection_id, Finding.position == position)
    one = session.scalar(query.execution_options(populate_existing=True))
    if one is None:
        raise unknown()
    return one


def manifest_numbered(session: Session, actor: Actor, number: str) -> Manifest | None:
    """Return the manifest with this number, if the person may see it."""
    return session.scalar(select(Manifest).where(Manifest.number == number, manifests.visible(session, actor)))


# --- one -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A finding with the code that it names, and for how many days its remedy is overdue."""

    row: Finding
    container_code: str | None
    manifest: Manifest | None
    overdue: int


def findings_of(session: Session, one: Inspection, now: datetime) -> list[Found]:
    """Return the findings of an inspection in their order."""
    query = (
        select(Finding, Container.code, Manifest)
        .outerjoin(Container, Container.id == Finding.container_id)
        .outerjoin(Manifest, Manifest.id == Finding.manifest_id)
        .where(Finding.inspection_id == one.id)
        .order_by(Finding.position)
    )
    late = 0 if one.withdrawn_at else 1
    return [
        Found(row, code, manifest, late * days_overdue(row.state, row.due_on, now))
        for row, code, manifest in session.execute(query).tuples()
    ]


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """One inspection in a list, with what is to do about it."""

    inspection: Inspection
    organisation: str
    findings: int = 0
    to_do: int = 0
    answered: int = 0
    overdue: int = 0
    """For how many days the remedy that is due longest is overdue."""


def page(
    session: Session, actor: Actor, view: View, now: datetime, before: UUID | None = None, of: UUID | None = None
) -> tuple[list[Line], UUID | None]:
    """Return one page of the inspections that a person may see, newest first, and where the next page begins."""
    query = select(Inspection).where(seen_by(actor), _shown(view, now))
    if of is not None:
        query = query.where(Inspection.organisation_id == of)
    rows, following = newest_first(session, query, Inspection.inspected_at, before, PAGE)
    return _lines(session, rows, now), following


def counts(session: Session, actor: Actor, now: datetime) -> dict[View, int]:
    """Count for a person the inspections of each list but the last."""
    return {
        view: session.scalar(select(func.count()).select_from(Inspection).where(seen_by(actor), _shown(view, now))) or 0
        for view in (View.WAITING, View.ANSWERED, View.OVERDUE)
    }


def _shown(view: View, now: datetime) -> ColumnElement[bool]:
    if view is View.ALL:
        return Inspection.id.is_not(None)
    wanted = {
        View.WAITING: Finding.state.in_(UNSETTLED),
        View.ANSWERED: Finding.state == FindingState.ANSWERED,
        View.OVERDUE: _is_overdue(now),
    }[view]
    return and_(Inspection.withdrawn_at.is_(None), exists().where(Finding.inspection_id == Inspection.id, wanted))


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """Return the criterion of `domain.inspections.days_overdue`."""
    return and_(Finding.state.in_(TO_DO), Finding.due_on < local_day(now))


def _lines(session: Session, rows: Collection[Inspection], now: datetime) -> list[Line]:
    names = parties.names(session, {one.organisation_id for one in rows})
    lines = {one.id: Line(one, names[one.organisation_id]) for one in rows}
    for each in session.scalars(select(Finding).where(Finding.inspection_id.in_(lines))):
        line = lines[each.inspection_id]
        line.findings += 1
        if line.inspection.withdrawn_at is None:
            line.to_do += each.state in TO_DO
            line.answered += each.state is FindingState.ANSWERED
            line.overdue = max(line.overdue, days_overdue(each.state, each.due_on, now))
    return list(lines.values())


@dataclass(frozen=True)
class Due:
    """A finding that is to be put right, as it stands on a start page."""

    finding: Finding
    organisation: str
    overdue: int


def due(session: Session, actor: Actor, now: datetime, *, only_overdue: bool = False) -> list[Due]:
    """Return what is to be put right where the person sees it, the longest due first."""
    query: Select[tuple[Finding, str]] = (
        select(Finding, Organisation.name)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .join(Organisation, Organisation.id == Inspection.organisation_id)
        .where(seen_by(actor), Inspection.withdrawn_at.is_(None))
        .where(_is_overdue(now) if only_overdue else Finding.state.in_(TO_DO))
        .order_by(Finding.due_on, Finding.inspection_id, Finding.position)
        .limit(FEW)
    )
    return [Due(row, name, days_overdue(row.state, row.due_on, now)) for row, name in session.execute(query).tuples()]


# --- the place -------------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """What the form offers of an organisation: its sites, and its stores by site."""

    sites: list[Site] = field(default_factory=list)
    stores: list[Facility] = field(default_factory=list)


def place_of(session: Session, organisation_id: UUID) -> Place:
    """Return where in an organisation something can be inspected."""
    return Place(parties.sites_of(session, organisation_id), parties.facilities_of(session, organisation_id))
