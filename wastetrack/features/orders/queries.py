"""Looking orders up: one with everybody it went to, lists within a person's scope, whom an order may go to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.orders import TO_ALL, OrderState, Progress, is_late, progress
from wastetrack.domain.parties import OrganisationKind, OrganisationState
from wastetrack.domain.typed_text import narrow
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.orders.models import Addressee, Order
from wastetrack.features.parties.models import Organisation, OrganisationKindRow
from wastetrack.infra.paging import newest_first

PAGE = 25
STANDINGS = 50
FEW = 10
MOST_FOUND = 50


def stream_of(order_id: UUID) -> str:
    """Return the name of an order's stream in the ledger."""
    return f"order:{order_id}"


# --- who may see what ------------------------------------------------------------------------------------------------


def _addressed(organisation_id: UUID | None) -> ColumnElement[bool]:
    return exists().where(Addressee.order_id == Order.id, Addressee.organisation_id == organisation_id)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion "an order that the person may see": to his organisation, or given for one of his regions."""
    seen: list[ColumnElement[bool]] = []
    if actor.organisation_id and may(actor, Act.VIEW_ORDER, {Relation.OWN}):
        seen.append(_addressed(actor.organisation_id))
    if actor.region_paths and may(actor, Act.VIEW_ORDER, {Relation.REGION}):
        seen.append(catalogue.within(Order.region_code, actor.region_paths))
    return or_(false(), *seen)


def relations(session: Session, actor: Actor, one: Order) -> set[Relation]:
    """Return how a person stands to an order."""
    found: set[Relation] = set()
    if actor.organisation_id and session.get(Addressee, (one.id, actor.organisation_id)):
        found.add(Relation.OWN)
    if catalogue.any_within(session, [one.region_code], actor.region_paths):
        found.add(Relation.REGION)
    return found


def visible(session: Session, actor: Actor, order_id: UUID) -> Order:
    """Return an order for somebody who looks; for whom it is not to be seen there is none."""
    one = session.scalar(select(Order).where(Order.id == order_id, seen_by(actor)))
    if one is None:
        raise unknown()
    return one


def commands_in(session: Session, actor: Actor, region_code: str) -> bool:
    """Tell whether the person gives orders in this region."""
    return may(actor, Act.COMMAND, {Relation.REGION}) and catalogue.any_within(
        session, [region_code], actor.region_paths
    )


# --- for acts --------------------------------------------------------------------------------------------------------


def given_with(session: Session, user_id: UUID | None, act_key: str) -> Order | None:
    """Return what the act with this key has given already."""
    return session.scalar(select(Order).where(Order.given_by == user_id, Order.act_key == act_key))


def held(session: Session, order_id: UUID) -> Order:
    """Return an order as it stands now, held against other writers until the transaction ends."""
    query = select(Order).where(Order.id == order_id).with_for_update()
    one = session.scalar(query.execution_options(populate_existing=True))
    if one is None:
        raise unknown()
    return one


def addressee(session: Session, order_id: UUID, organisation_id: UUID | None) -> Addressee:
    """Return how far an organisation is with an order that went to it. Whoever asks to change it holds the order."""
    query = select(Addressee).where(Addressee.order_id == order_id, Addressee.organisation_id == organisation_id)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise unknown()
    return row


# --- whom it may go to -----------------------------------------------------------------------------------------------


def regions_to_command(session: Session, actor: Actor) -> list[Region]:
    """Return the person's regions, each followed by those directly below it."""
    own = catalogue.regions_of(session, actor.region_paths)
    return list({one.code: one for each in own for one in (each, *catalogue.children(session, each.code))}.values())


def _may_be_ordered(path: str) -> ColumnElement[bool]:
    """Whoever is suspended finishes what he has begun, so he is ordered, too; who is closed or asks is not."""
    there = catalogue.within(Organisation.region_code, (path,))
    return and_(there, Organisation.state.in_((OrganisationState.ACTIVE, OrganisationState.SUSPENDED)))


def all_of(session: Session, path: str, kind: OrganisationKind) -> list[UUID]:
    """Return all organisations of a kind in a region."""
    of_kind = select(OrganisationKindRow.organisation_id).where(OrganisationKindRow.kind == kind)
    query = select(Organisation.id).where(_may_be_ordered(path), Organisation.id.in_(of_kind))
    return list(session.scalars(query.order_by(Organisation.id)))


def how_many(session: Session, path: str) -> dict[OrganisationKind, int]:
    """Count the organisations of each kind in a region that can be ordered together."""
    query = (
        select(OrganisationKindRow.kind, func.count())
        .join(Organisation, Organisation.id == OrganisationKindRow.organisation_id)
        .where(_may_be_ordered(path), OrganisationKindRow.kind.in_(TO_ALL))
        .group_by(OrganisationKindRow.kind)
    )
    found = dict(session.execute(query).tuples().all())
    return {kind: found.get(kind, 0) for kind in TO_ALL}


def named(session: Session, path: str, text: str) -> list[Organisation]:
    """Return organisations of a region whose name holds every word of a text."""
    words = [Organisation.name.contains(word, autoescape=True) for word in narrow(text).split()]
    query = select(Organisation).where(_may_be_ordered(path), *words)
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id).limit(MOST_FOUND)))


def chosen(session: Session, path: str, ids: Collection[UUID]) -> list[Organisation]:
    """Return those of these organisations that sit in a region and may be ordered, by name."""
    query = select(Organisation).where(_may_be_ordered(path), Organisation.id.in_(ids))
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One order in a list: how many it went to, how many have acknowledged it and carried it out."""

    order: Order
    addressees: int
    acknowledged: int
    carried_out: int


def page(
    session: Session, actor: Actor, before: UUID | None = None, *, closed: bool = False
) -> tuple[list[Line], UUID | None]:
    """Return one page of the orders that a person may see, newest first, and where the next page begins."""
    in_force = Order.state == OrderState.IN_FORCE
    query = select(Order).where(seen_by(actor), ~in_force if closed else in_force)
    rows, following = newest_first(session, query, Order.given_at, before, PAGE)
    return _lines(session, rows), following


def _lines(session: Session, rows: Sequence[Order]) -> list[Line]:
    query = (
        select(
            Addressee.order_id,
            func.count(),
            func.count(Addressee.acknowledged_at),
            func.count(Addressee.carried_out_at),
        )
        .where(Addressee.order_id.in_([one.id for one in rows]))
        .group_by(Addressee.order_id)
    )
    counted = {order: numbers for order, *numbers in session.execute(query)}
    return [Line(one, *counted.get(one.id, (0, 0, 0))) for one in rows]


@dataclass(frozen=True)
class Standing:
    """How far one addressee of an order is."""

    row: Addressee
    name: str
    progress: Progress
    late: bool


_so_far: ColumnElement[int] = case(
    (Addressee.carried_out_at.is_not(None), 2), (Addressee.acknowledged_at.is_not(None), 1), else_=0
)
"""How far an addressee is, as its place in `Progress`."""


def standings(
    session: Session, one: Order, now: datetime, only: Progress | None = None, after: UUID | None = None
) -> tuple[list[Standing], UUID | None]:
    """Return one page of whom an order went to, who has done least first, and where the next page begins.

    `only` narrows it to those that are so far; `after` is the last organisation of the page before.
    """
    query = (
        select(Addressee, Organisation.name)
        .join(Organisation, Organisation.id == Addressee.organisation_id)
        .where(Addressee.order_id == one.id)
    )
    if only is not None:
        query = query.where(_so_far == _ranked(only))
    last = _standing_at(session, one, after) if after else None
    if last is not None:
        rank, name, identity = last
        same = and_(Organisation.name == name, Addressee.organisation_id > identity)
        query = query.where(or_(_so_far > rank, and_(_so_far == rank, or_(Organisation.name > name, same))))
    query = query.order_by(_so_far, Organisation.name, Addressee.organisation_id).limit(STANDINGS + 1)
    found = [_standing(one, now, row, name) for row, name in session.execute(query).tuples()]
    return found[:STANDINGS], found[STANDINGS - 1].row.organisation_id if len(found) > STANDINGS else None


def standing_of(session: Session, one: Order, organisation_id: UUID | None, now: datetime) -> Standing | None:
    """Return how far one organisation is, None where the order did not go to it."""
    query = (
        select(Addressee, Organisation.name)
        .join(Organisation, Organisation.id == Addressee.organisation_id)
        .where(Addressee.order_id == one.id, Addressee.organisation_id == organisation_id)
    )
    found = session.execute(query).tuples().one_or_none()
    return _standing(one, now, *found) if found else None


def tally(session: Session, one: Order) -> dict[Progress, int]:
    """Count whom an order went to by how far they are."""
    query = select(_so_far, func.count()).where(Addressee.order_id == one.id).group_by(_so_far)
    counted = dict(session.execute(query).tuples().all())
    return {each: counted.get(_ranked(each), 0) for each in Progress}


def _ranked(one: Progress) -> int:
    return list(Progress).index(one)


def _standing(one: Order, now: datetime, row: Addressee, name: str) -> Standing:
    late = is_late(one.answer_by, row.carried_out_at, one.closed_at or now)
    return Standing(row, name, progress(row.acknowledged_at, row.carried_out_at), late)


def _standing_at(session: Session, one: Order, organisation_id: UUID) -> tuple[int, str, UUID] | None:
    query = (
        select(_so_far, Organisation.name, Addressee.organisation_id)
        .join(Organisation, Organisation.id == Addressee.organisation_id)
        .where(Addressee.order_id == one.id, Addressee.organisation_id == organisation_id)
    )
    return session.execute(query).tuples().one_or_none()


@dataclass(frozen=True)
class Waiting:
    """An order in force that an organisation has not carried out yet, as it stands on its start page."""

    order: Order
    acknowledged: bool
    late: bool


def waiting_for(session: Session, actor: Actor, now: datetime) -> list[Waiting]:
    """Return the orders that the person's organisation has still to carry out, the most urgent first."""
    if not may(actor, Act.ANSWER_ORDER, {Relation.OWN}) or actor.organisation_id is None:
        return []
    query = (
        select(Order, Addressee)
        .join(Addressee, Addressee.order_id == Order.id)
        .where(Addressee.organisation_id == actor.organisation_id, Addressee.carried_out_at.is_(None))
        .where(Order.state == OrderState.IN_FORCE)
        .order_by(Order.answer_by, Order.id)
        .limit(FEW)
    )
    return [
        Waiting(one, row.acknowledged_at is not None, is_late(one.answer_by, None, now))
        for one, row in session.execute(query).tuples()
    ]


def count_in_force(session: Session, actor: Actor) -> int:
    """Count the orders in force that a person may see."""
    query = select(func.count()).select_from(Order).where(seen_by(actor), Order.state == OrderState.IN_FORCE)
    return session.scalar(query) or 0


def count_late(session: Session, actor: Actor, now: datetime) -> int:
    """Count the addressees of orders in force whose answer is late."""
    query = (
        select(func.count())
        .select_from(Addressee)
        .join(Order, Order.id == Addressee.order_id)
        .where(seen_by(actor), Order.state == OrderState.IN_FORCE)
        .where(Order.answer_by <= now, Addressee.carried_out_at.is_(None))
    )
    return session.scalar(query) or 0
