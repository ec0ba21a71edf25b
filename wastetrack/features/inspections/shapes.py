"""What the pages of inspections show: the form as it is begun, the history in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.ledger import Event
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.inspections.models import Inspection
from wastetrack.features.inspections.queries import stream_of
from wastetrack.features.ledger import queries as ledger

HAPPENED = {
    "inspection.recorded": N_("Inspected"),
    "inspection.finding_answered": N_("Said to be put right"),
    "inspection.finding_confirmed": N_("Confirmed"),
    "inspection.finding_sent_back": N_("Sent back"),
    "inspection.withdrawn": N_("Inspection withdrawn"),
}


@dataclass(frozen=True)
class Step:
    """One act in the history of an inspection."""

    event: Event
    what: str
    who: str
    position: int | None
    words: str
    tone: str


_TONES = {"inspection.finding_sent_back": "warn", "inspection.withdrawn": "warn"}


def history(session: Session, one: Inspection) -> list[Step]:
    """Return what the ledger says of an inspection, with the names of who acted."""
    events = ledger.stream(session, stream_of(one.id))
    names = _names(session, events, one.organisation_id)
    return [_step(event, json.loads(event.facts), names) for event in events]


def _step(event: Event, facts: Mapping[str, Any], names: Mapping[str, str]) -> Step:
    return Step(
        event,
        HAPPENED.get(event.kind, event.kind),
        names.get(event.actor_id or "", ""),
        facts.get("position"),
        facts.get("words") or facts.get("reason") or "",
        _TONES.get(event.kind, "done"),
    )


def _names(session: Session, events: Sequence[Event], of: UUID) -> dict[str, str]:
    found = accounts.names(session, {UUID(event.actor_id) for event in events if event.actor_id}, [of])
    return {str(user): name for user, name in found.items()}
