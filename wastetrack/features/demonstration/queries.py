"""What the demonstration has to know of the store: whether it is empty, and what stands where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from wastetrack.domain.alerts import AlertState
from wastetrack.domain.containers import State
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Organisation
from wastetrack.features.watch.models import Alert

_UNSPOKEN_FOR = (Container.manifest_id.is_(None), Container.hand_in_id.is_(None))


def is_empty(session: Session) -> bool:
    """Tell whether no organisation has been entered yet."""
    return not session.scalar(select(exists(select(Organisation.id))))


def free_in(session: Session, facility_id: UUID) -> list[Container]:
    """Return what stands in a store and is spoken for by no manifest and no hand-in, the oldest first."""
    query = select(Container).where(
        Container.holder_facility_id == facility_id, Container.state == State.STORED, *_UNSPOKEN_FOR
    )
    return list(session.scalars(query.order_by(Container.sealed_at, Container.id)))


def count_in(session: Session, facility_id: UUID) -> int:
    """Count what stands in a store."""
    query = select(func.count()).where(Container.holder_facility_id == facility_id, Container.state == State.STORED)
    return session.scalar(query) or 0


def sealed_by(session: Session, producer_id: UUID) -> list[Container]:
    """Return what a producer has sealed and still holds, in a store or not, and spoken for by nobody."""
    query = select(Container).where(
        Container.producer_id == producer_id,
        Container.holder_organisation_id == producer_id,
        Container.state.in_((State.SEALED, State.STORED)),
        *_UNSPOKEN_FOR,
    )
    return list(session.scalars(query.order_by(Container.sealed_at, Container.id)))


def next_opening(session: Session, until: datetime) -> datetime | None:
    """Return when the next known alert opens, if that is not after `until`."""
    query = select(func.min(Alert.threshold_at)).where(Alert.state == AlertState.SCHEDULED, Alert.threshold_at <= until)
    return session.scalar(query)


def count_containers(session: Session) -> int:
    """Count all containers."""
    return session.scalar(select(func.count()).select_from(Container)) or 0
