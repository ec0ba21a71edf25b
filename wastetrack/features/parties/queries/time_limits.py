"""The time limits of stores: as the rules read them, and which stores are to be reckoned anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from wastetrack.domain.storage_time import LocalLimit
from wastetrack.features.parties.models import Facility, StoreTimeLimit

AT_ONCE = 100

_OF_STORE = (
    select(StoreTimeLimit).where(StoreTimeLimit.facility_id == bindparam("this")).order_by(StoreTimeLimit.number)
)


def entered(session: Session, facility_id: UUID) -> list[StoreTimeLimit]:
    """Return every time limit that was ever entered for a store, in that order."""
    return list(session.scalars(_OF_STORE, {"this": facility_id}))


def time_limits(session: Session, store: Facility) -> Sequence[LocalLimit]:
    """Return the time limits of a store as the rules read them; asked once in a session, most stores have none."""
    if not store.has_time_limits:
        return ()
    known: dict[UUID, tuple[LocalLimit, ...]] = session.info.setdefault("time_limits", {})
    if store.id not in known:
        known[store.id] = tuple(as_limit(row) for row in entered(session, store.id))
    return known[store.id]


def forget(session: Session, facility_id: UUID) -> None:
    """Have the time limits of a store asked for again: one was entered."""
    session.info.get("time_limits", {}).pop(facility_id, None)


def as_limit(row: StoreTimeLimit) -> LocalLimit:
    """Return a time limit as the rules read it."""
    return LocalLimit(row.hours, row.first_day, row.last_day, row.recorded_at, row.document)


def to_recount(session: Session, now: datetime) -> list[Facility]:
    """Return stores of which a time limit has begun or ended, held for the sweep that asks."""
    query = select(Facility).where(Facility.recount_at <= now).order_by(Facility.id).limit(AT_ONCE)
    return list(session.scalars(query.with_for_update(skip_locked=True, key_share=True)))
