"""That the tables are what the ledger says, for any test that has done something rich."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.app import REBUILT
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.ledger.service import Difference, Plan, Rebuild

CUSTODY = REBUILT.of("containers", "labels", "manifests", "collection", "treatment", "boxes", "tanks")
"""Only the tables of the custody chain, where a test made organisations and people past the services."""


def differences(session: Session, plan: Plan = REBUILT, now: datetime | None = None) -> list[Difference]:
    """Return in what the tables are not what the ledger says, as seen at the last event unless said otherwise."""
    last = session.scalar(select(func.max(LedgerEvent.recorded_at)))
    return list(Rebuild(session, plan, now or last or datetime.now(UTC)).findings())


def assert_rebuilds(session: Session, plan: Plan = REBUILT, now: datetime | None = None) -> None:
    """Fail where a table is not what the ledger says, or where an event of today does not say all of a column."""
    session.flush()
    last = session.scalar(select(func.max(LedgerEvent.recorded_at)))
    rebuild = Rebuild(session, plan, now or last or datetime.now(UTC))
    found = list(rebuild.findings())
    assert not found, found[:20]
    assert not rebuild.unsaid
