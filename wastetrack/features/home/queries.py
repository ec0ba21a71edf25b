"""What the start page counts: each question is one query, each count is that of the list it opens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from wastetrack.domain.access import Actor
from wastetrack.domain.containers import STANDING, State
from wastetrack.domain.manifests import State as Progress
from wastetrack.domain.measures import Grams
from wastetrack.domain.words import N_
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.queries.handovers import Line
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.manifests.models import Manifest, ManifestLeg
from wastetrack.features.parties.models import Organisation

FEW = 10


@dataclass(frozen=True)
class Sum:
    """How many containers, and their mass."""

    count: int
    mass_g: int


def my_unplaced(session: Session, actor: Actor) -> Sum:
    """Count what a person sealed, for whom he acts now, and has not yet put into a store."""
    return _sum(session, *_his(actor), Container.state == State.SEALED)


def my_day(session: Session, actor: Actor, since: datetime) -> Sum:
    """Count what a person registered since a moment, for whom he acts now."""
    return _sum(session, *_his(actor), Container.registered_at >= since)


def _his(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Container.registered_by == actor.user_id, Container.producer_id == actor.organisation_id


def held(session: Session, organisation_id: UUID | None) -> dict[State, Sum]:
    """Count what an organisation holds in its stores, sealed (in a box or not) or open, or sealed and in none."""
    query = (
        select(Container.state, func.count(), func.sum(Container.mass_g))
        .where(Container.holder_organisation_id == organisation_id)
        .where(Container.state.in_((State.SEALED, *STANDING)))
        .group_by(Container.state)
    )
    found: dict[State, Sum] = {}
    for state, count, mass in session.execute(query):
        place = State.STORED if state is State.PACKED else state
        before = found.get(place, Sum(0, 0))
        found[place] = Sum(before.count + count, before.mass_g + int(mass))
    return found


def _sum(session: Session, *where: ColumnElement[bool]) -> Sum:
    count, mass = session.execute(select(func.count(), func.sum(Container.mass_g)).where(*where)).one()
    return Sum(count, int(mass or 0))


OPEN = (Progress.DRAFT, Progress.SIGNED, Progress.IN_TRANSIT, Progress.ARRIVED)


def sent(session: Session, organisation_id: UUID | None) -> dict[Progress, int]:
    """Count the open manifests of a consignor by how far they are."""
    return _by_state(session, Manifest.consignor_id, organisation_id, OPEN)


def carried(session: Session, organisation_id: UUID | None) -> dict[Progress, int]:
    """Count the loads that a carrier is to fetch or has on the way."""
    query = (
        select(Manifest.state, func.count(Manifest.id.distinct()))
        .join(ManifestLeg, ManifestLeg.manifest_id == Manifest.id)
        .where(ManifestLeg.carrier_id == organisation_id, Manifest.state.in_(OPEN[1:]))
        .group_by(Manifest.state)
    )
    return dict(session.execute(query).tuples().all())


def coming_in(session: Session, organisation_id: UUID | None) -> dict[Progress, int]:
    """Count the loads on their way to a receiver, and those to be received."""
    return _by_state(session, Manifest.receiver_id, organisation_id, OPEN[2:])


def _by_state(
    session: Session,
    party: InstrumentedAttribute[UUID],
    organisation_id: UUID | None,
    states: Collection[Progress],
) -> dict[Progress, int]:
    query = (
        select(Manifest.state, func.count())
        .where(party == organisation_id, Manifest.state.in_(states))
        .group_by(Manifest.state)
    )
    return dict(session.execute(query).tuples().all())


def seen_under_way(session: Session, actor: Actor) -> int:
    """Count the manifests on the way that a person may see."""
    query = select(func.count()).where(Manifest.state == Progress.IN_TRANSIT, manifests.visible(session, actor))
    return session.scalar(query.select_from(Manifest)) or 0


@dataclass(frozen=True)
class Astray:
    """A manifest with boxes that the consignor must take back or find."""

    manifest_id: UUID
    number: str
    refused: int
    missing: int


def astray(session: Session, organisation_id: UUID | None) -> list[Astray]:
    """Return the consignor's manifests with refused boxes not yet taken back or missing ones not yet found."""

    def number_of(state: State) -> ColumnElement[int]:
        return func.sum(case((Container.state == state, 1), else_=0))

    query = (
        select(Manifest.id, Manifest.number, number_of(State.REFUSED), number_of(State.MISSING))
        .join(Container, Container.manifest_id == Manifest.id)
        .where(Manifest.consignor_id == organisation_id, Container.state.in_((State.REFUSED, State.MISSING)))
        .group_by(Manifest.id, Manifest.number)
        .order_by(Manifest.number)
        .limit(FEW)
    )
    rows = session.execute(query)
    return [Astray(one, number or "—", int(refused), int(missing)) for one, number, refused, missing in rows]


@dataclass(frozen=True)
class Load:
    """A load with who sends and who receives it."""

    manifest: Manifest
    consignor: str
    receiver: str


def my_trips(session: Session, user_id: UUID | None) -> list[Load]:
    """Return the loads that a driver or escort has still to fetch or to bring, the oldest first."""
    crew = select(User.crew_id).where(User.id == user_id, User.crew_id.is_not(None)).scalar_subquery()
    mine = or_(ManifestLeg.driver_id == crew, ManifestLeg.escort_id == crew)
    under_way = Manifest.state.in_((Progress.SIGNED, Progress.IN_TRANSIT))
    return _loads(session, mine, under_way, order=Manifest.signed_at)


def to_receive(session: Session, organisation_id: UUID | None) -> list[Load]:
    """Return the loads that have arrived and wait for the receiver, whose receipt is due first first."""
    arrived = Manifest.state == Progress.ARRIVED
    return _loads(session, Manifest.receiver_id == organisation_id, arrived, order=Manifest.confirm_by)


def _loads(session: Session, *where: ColumnElement[bool], order: InstrumentedAttribute[datetime | None]) -> list[Load]:
    consignor, receiver = aliased(Organisation), aliased(Organisation)
    query = (
        select(Manifest, consignor.name, receiver.name)
        .join(ManifestLeg, ManifestLeg.manifest_id == Manifest.id)
        .join(consignor, consignor.id == Manifest.consignor_id)
        .join(receiver, receiver.id == Manifest.receiver_id)
        .where(*where)
        .order_by(order, Manifest.id)
        .limit(FEW)
    )
    return [Load(manifest, sender, to) for manifest, sender, to in session.execute(query)]


def to_take_over(session: Session, organisation_id: UUID) -> list[Line]:
    """Return what somebody takes over with an organisation: open manifests, and waste that stands there."""
    progress = sent(session, organisation_id)
    arriving = coming_in(session, organisation_id)
    standing = held(session, organisation_id)
    return [
        Line(N_("manifests not signed yet"), progress.get(Progress.DRAFT, 0)),
        Line(N_("manifests signed or on the way"), sum(progress.values()) - progress.get(Progress.DRAFT, 0)),
        Line(N_("loads to receive"), sum(arriving.values())),
        *(
            Line(label, found.count, Grams(found.mass_g))
            for label, found in (
                (N_("containers in the stores"), standing.get(State.STORED, Sum(0, 0))),
                (N_("containers sealed and in no store"), standing.get(State.SEALED, Sum(0, 0))),
            )
        ),
    ]
