"""Which cleanings of vehicles were declared wrong, as their carrier's stream says."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.declared_wrong import declarations
from wastetrack.domain.ledger import Event
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties.models import VehicleCleaning

CLEANED = "organisation.vehicle_cleaned"


@dataclass(frozen=True)
class Wrong:
    """That a cleaning was declared wrong: by whom, when, and why."""

    by: UUID | None
    at: datetime
    reason: str


def wrong_cleanings(session: Session, organisation_id: UUID) -> dict[UUID, Wrong]:
    """Return the cleanings of a carrier's vehicles that were declared wrong."""
    stream = f"organisation:{organisation_id}"
    said = declarations(ledger.named_and_declared(session, stream, ()))
    if not said:
        return {}
    events = {one.seq: one for one in ledger.named_and_declared(session, stream, said.keys())}
    found = {}
    for seq, declaration in said.items():
        by = events[declaration.seq]
        cleaning = json.loads(events[seq].facts).get("cleaning")
        if cleaning:
            who = UUID(by.actor_id) if by.actor_id else None
            found[UUID(cleaning)] = Wrong(who, by.recorded_at, declaration.reason)
    return found


def cleaning_event(session: Session, row: VehicleCleaning) -> Event:
    """Return the event by which a cleaning was recorded."""
    written = ledger.written_at(session, f"organisation:{row.organisation_id}", CLEANED, row.recorded_at)
    return next(one for one in written if json.loads(one.facts)["cleaning"] == str(row.id))
