"""Finding hand-ins: what waits at a station, what a clinic has handed in, what stands ready, and where it went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.boxes import BoxState
from wastetrack.domain.collection import STATION_STORES, Box, HandInState, Producer
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import STANDING, State
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import named
from wastetrack.domain.signing import Signature, Statement
from wastetrack.features.boxes import queries as boxes
from wastetrack.features.boxes.models import Box as LargeBox
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.collection.models import HandIn, HandInBox
from wastetrack.features.containers.models import Container
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.infra.i18n import _, show
from wastetrack.infra.paging import newest_first

PAGE = 30


def stream_of(hand_in_id: UUID) -> str:
    """Return the name of a hand-in's stream in the ledger."""
    return f"hand_in:{hand_in_id}"


# --- stations --------------------------------------------------------------------------------------------------------


def station_stores(session: Session, organisation_id: UUID | None) -> list[Facility]:
    """Return the stores in which an organisation can receive hand-ins."""
    query = select(Facility).where(Facility.organisation_id == organisation_id, Facility.kind.in_(STATION_STORES))
    return list(session.scalars(query.order_by(Facility.code)))


def station_of(session: Session, organisation_id: UUID | None) -> Facility | None:
    """Return the station store an organisation hands in at; None where there is none that belongs to somebody else."""
    query = (
        select(Facility)
        .join(Organisation, Organisation.station_facility_id == Facility.id)
        .where(Organisation.id == organisation_id, Facility.organisation_id != organisation_id)
        .where(Facility.kind.in_(STATION_STORES))
    )
    return session.scalar(query)


def station_name(session: Session, store: Facility) -> str:
    """Return whose store it is, and which."""
    return f"{parties.organisation(session, store.organisation_id).name} · {store.name}"


# --- one hand-in -----------------------------------------------------------------------------------------------------


def relations(session: Session, actor: Actor, hand_in: HandIn) -> set[Relation]:
    """Return how a person stands to a hand-in: `CONSIGNOR` hands in, `RECEIVER` keeps the station.

    It is in the region of a regulator of either side.
    """
    found: set[Relation] = set()
    if actor.acts_for(hand_in.sender_id):
        found.add(Relation.CONSIGNOR)
    store = session.get(Facility, hand_in.facility_id)
    if store is not None and actor.acts_for(store.organisation_id):
        found.add(Relation.RECEIVER)
    if actor.region_paths:
        sender = parties.organisation(session, hand_in.sender_id)
        sides = {sender.region_code}
        if store is not None:
            sides |= {store.region_code, parties.organisation(session, store.organisation_id).region_code}
        found |= {Relation.REGION} if catalogue.any_within(session, sides, actor.region_paths) else set()
    return found


def may_send(actor: Actor, related: Collection[Relation]) -> bool:
    """Tell whether the person acts for the one who hands in."""
    return may(actor, Act.HAND_IN, {Relation.OWN} if Relation.CONSIGNOR in related else ())


def may_receive(actor: Actor, related: Collection[Relation]) -> bool:
    """Tell whether the person acts for the station."""
    return may(actor, Act.RECEIVE_HAND_IN, {Relation.OWN} if Relation.RECEIVER in related else ())


def view(session: Session, actor: Actor, hand_in_id: UUID) -> HandIn:
    """Return a hand-in that the person takes part in or oversees; to anybody else it is as if there were none."""
    hand_in = session.get(HandIn, hand_in_id)
    if hand_in is None:
        raise unknown()
    related = relations(session, actor, hand_in)
    own = {Relation.OWN} if related & {Relation.CONSIGNOR, Relation.RECEIVER} else set()
    if not may(actor, Act.VIEW_HAND_IN, related | own):
        raise unknown()
    return hand_in


def locked(session: Session, hand_in_id: UUID) -> HandIn:
    """Return the hand-in as it stands now, held against other writers until the transaction ends."""
    query = select(HandIn).where(HandIn.id == hand_in_id).with_for_update().execution_options(populate_existing=True)
    hand_in = session.scalar(query)
    if hand_in is None:
        raise unknown()
    return hand_in


def statement(session: Session, hand_in: HandIn, boxes: Sequence[tuple[HandInBox, Container]]) -> Statement:
    """Say what the station signs, in the reader's language: the page draws it, the record keeps it."""
    received = [one for box, one in boxes if box.received_at is not None]
    missing = [one for box, one in boxes if box.received_at is None]
    sender = parties.organisation(session, hand_in.sender_id).name
    codes = named([pretty(ContainerCode(one.code)) for one in missing])
    said = _("Not found: {codes}. They stay with {sender} and are named on the record.", codes=codes, sender=sender)
    return Statement(
        Signature.STATION,
        _("Sign the receipt"),
        rows=(
            (_("Handed in by"), sender),
            (_("Received at"), station_name(session, parties.facility(session, hand_in.facility_id))),
            (_("Boxes received"), str(len(received))),
            (_("Mass"), show(Grams(sum(one.mass_g for one in received)))),
            (_("Declared and not found"), str(len(missing))),
        ),
        lines=(said,) if missing else (),
        sentence=_("I confirm that these boxes were received here, counted and checked against their labels."),
        button=_("Sign: {n} received, {missing} not found", n=len(received), missing=len(missing))
        if missing
        else _("Sign: all {n} received", n=len(received)),
    )


def boxes_of(session: Session, hand_in_id: UUID) -> list[tuple[HandInBox, Container]]:
    """Return the boxes of a hand-in in their order, each with its container."""
    query = (
        select(HandInBox, Container)
        .join(Container, Container.id == HandInBox.container_id)
        .where(HandInBox.hand_in_id == hand_in_id)
        .order_by(HandInBox.position)
    )
    return [(box, container) for box, container in session.execute(query)]


def declared_with(session: Session, sender_id: UUID, act_key: str) -> HandIn | None:
    """Return the hand-in that this organisation declared with this idempotency key."""
    return session.scalar(select(HandIn).where(HandIn.sender_id == sender_id, HandIn.act_key == act_key))


# --- which hand-in a scanned box belongs to --------------------------------------------------------------------------


def declaring(session: Session, container_id: UUID, store_ids: Collection[UUID]) -> UUID | None:
    """Return the open hand-in at one of these stores on which the container stands."""
    query = _of_box(container_id, HandIn.state == HandInState.DECLARED, HandIn.facility_id.in_(store_ids))
    return session.scalar(query)


def taken_in_on(session: Session, container_id: UUID, store_ids: Collection[UUID]) -> UUID | None:
    """Return the hand-in on which the container was last received in one of these stores."""
    query = _of_box(container_id, HandInBox.received_at.is_not(None), HandIn.facility_id.in_(store_ids))
    return session.scalar(query)


def open_from(session: Session, sender_id: UUID, store_id: UUID) -> UUID | None:
    """Return the latest open hand-in of this sender at this store."""
    query = select(HandIn.id).where(
        HandIn.sender_id == sender_id, HandIn.facility_id == store_id, HandIn.state == HandInState.DECLARED
    )
    return session.scalar(query.order_by(HandIn.declared_at.desc(), HandIn.id.desc()).limit(1))


def _of_box(container_id: UUID, *conditions: ColumnElement[bool]) -> Select[tuple[UUID]]:
    return (
        select(HandIn.id)
        .join(HandInBox, HandInBox.hand_in_id == HandIn.id)
        .where(HandInBox.container_id == container_id, *conditions)
        .order_by(HandIn.declared_at.desc(), HandIn.id.desc())
        .limit(1)
    )


def expected_at(session: Session, actor: Actor, container: Container) -> set[Relation]:
    """Return whether a person's station is to receive the container: for `containers.queries.also_related`."""
    query = (
        select(HandIn.id)
        .join(HandInBox)
        .join(Facility, Facility.id == HandIn.facility_id)
        .where(HandInBox.container_id == container.id, HandIn.state == HandInState.DECLARED)
        .where(Facility.organisation_id == actor.organisation_id)
        .limit(1)
    )
    return {Relation.RECEIVER} if actor.organisation_id and session.scalar(query) else set()


# --- boxes as the rules see them -------------------------------------------------------------------------------------


def as_boxes(session: Session, holder_id: UUID | None, containers: Sequence[Container]) -> list[Box]:
    """Return containers as `domain.collection` judges them; `holder_id` is who hands in."""
    producers = _producers(session, {one.producer_id for one in containers})
    boxed = boxes.codes(session, {one.box_id for one in containers if one.box_id})
    return [
        Box(
            code=pretty(ContainerCode(one.code)),
            state=one.state,
            held=one.holder_organisation_id == holder_id and one.holder_leg_id is None,
            medical=one.medical,
            producer=producers[one.producer_id],
            on_manifest=one.manifest_id is not None,
            on_hand_in=one.hand_in_id is not None,
            in_box=boxed.get(one.box_id, "—") if one.box_id else "—",
        )
        for one in containers
    ]


def boxes_around(session: Session, container_ids: Collection[UUID]) -> set[UUID]:
    """Return the outermost large boxes in which these containers are."""
    query = select(Container.box_id).where(Container.id.in_(container_ids), Container.box_id.is_not(None)).distinct()
    return {boxes.path(session, one)[0].id for one in session.scalars(query)} if container_ids else set()


def _producers(session: Session, ids: Collection[UUID]) -> dict[UUID, Producer]:
    kinds = parties.kinds(session, list(ids))
    query = select(Organisation.id, Organisation.name, Organisation.beds).where(Organisation.id.in_(ids))
    return {one: Producer(name, frozenset(kinds[one]), beds) for one, name, beds in session.execute(query)}


def ready(session: Session, organisation_id: UUID | None) -> list[Container]:
    """Return what an organisation holds and could hand in now, what must leave first first.

    What is in a large box goes with it, once the box is closed.
    """
    in_closed = Container.box_id.in_(
        select(LargeBox.id).where(LargeBox.holder_organisation_id == organisation_id, LargeBox.state == BoxState.CLOSED)
    )
    query = (
        select(Container)
        .where(
            Container.holder_organisation_id == organisation_id,
            or_(Container.state.in_((State.SEALED, State.STORED)), (Container.state == State.PACKED) & in_closed),
            Container.manifest_id.is_(None),
            Container.medical,
            Container.hand_in_id.is_(None),
        )
        .order_by(Container.must_leave_by, Container.id)
    )
    return list(session.scalars(query))


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One hand-in in a list, with its counts."""

    hand_in: HandIn
    sender: str
    boxes: int
    received: int
    found: int
    mass_g: int

    @property
    def missing(self) -> int:
        """Return how many declared boxes were found by nobody yet, once the station has signed."""
        return self.boxes - self.received - self.found if self.hand_in.state is HandInState.RECEIVED else 0


def open_at(session: Session, store_ids: Collection[UUID]) -> list[Line]:
    """Return the hand-ins that wait at these stores, the oldest first."""
    query = select(HandIn).where(HandIn.facility_id.in_(store_ids), HandIn.state == HandInState.DECLARED)
    return _lines(session, list(session.scalars(query.order_by(HandIn.declared_at, HandIn.id))))


def page(
    session: Session, *, sender_id: UUID | None = None, store_ids: Collection[UUID] = (), before: UUID | None = None
) -> tuple[list[Line], UUID | None]:
    """Return one page of hand-ins of a sender or at stores, the latest first, and where the next page begins."""
    query = select(HandIn).where(HandIn.sender_id == sender_id if sender_id else HandIn.facility_id.in_(store_ids))
    rows, following = newest_first(session, query, HandIn.declared_at, before, PAGE)
    return _lines(session, rows), following


def _lines(session: Session, hand_ins: Sequence[HandIn]) -> list[Line]:
    names = parties.names(session, (one.sender_id for one in hand_ins))
    query = (
        select(
            HandInBox.hand_in_id,
            func.count(),
            func.count(HandInBox.received_at),
            func.count(HandInBox.found_at),
            func.sum(Container.mass_g),
        )
        .join(Container, Container.id == HandInBox.container_id)
        .where(HandInBox.hand_in_id.in_([one.id for one in hand_ins]))
        .group_by(HandInBox.hand_in_id)
    )
    counts = {one: (boxes, received, found, int(mass)) for one, boxes, received, found, mass in session.execute(query)}
    return [Line(one, names[one.sender_id], *counts.get(one.id, (0, 0, 0, 0))) for one in hand_ins]


@dataclass(frozen=True)
class Share:
    """What stands in a station's stores from one clinic."""

    producer_id: UUID
    producer: str
    boxes: int
    mass_g: int
    first_leaves: datetime | None


def shares(session: Session, store_ids: Collection[UUID]) -> list[Share]:
    """Return what stands in these stores by where it arose, what must leave first first."""
    first = func.min(Container.must_leave_by)
    query = (
        select(Container.producer_id, func.count(), func.sum(Container.mass_g), first)
        .where(Container.holder_facility_id.in_(store_ids), Container.state.in_(STANDING))
        .group_by(Container.producer_id)
        .order_by(first, Container.producer_id)
    )
    rows = list(session.execute(query))
    names = parties.names(session, (row[0] for row in rows))
    return [Share(one, names[one], boxes, int(mass), leaves) for one, boxes, mass, leaves in rows]


# --- where a clinic's waste is ---------------------------------------------------------------------------------------


def fate_counts(session: Session, producer_id: UUID | None, since: datetime) -> dict[State, int]:
    """Return how many of the containers registered since then are in which state."""
    query = (
        select(Container.state, func.count())
        .where(Container.producer_id == producer_id, Container.registered_at >= since)
        .group_by(Container.state)
    )
    return dict(session.execute(query).tuples().all())


def fates(session: Session, producer_id: UUID | None, before: UUID | None) -> tuple[list[Container], UUID | None]:
    """Return one page of an organisation's own containers, the latest first, and where the next page begins."""
    query = select(Container).where(Container.producer_id == producer_id)
    return newest_first(session, query, Container.registered_at, before, PAGE)
