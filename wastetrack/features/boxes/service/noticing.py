"""Boxes learn from the ledger what has left them: by whatever act on a container, whichever feature it belongs to."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.ledger import Event
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.service.base import Left, note_left, told
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Facility
from wastetrack.infra.db import at_the_end
from wastetrack.infra.work import Work

_BY_ITS_BOX = "container.unpack"
"""What is taken out by an act on the box is written with that act."""


@dataclass
class _Gone:
    """What left one box in this transaction."""

    work: Work
    containers: list[UUID] = field(default_factory=list)
    acts: set[str] = field(default_factory=set)
    store: UUID | None = None
    at: datetime | None = None


def notice(work: Work, event: Event) -> None:
    """Listen to the ledger: a container that was in a box before its event and is not after it has left the box."""
    if not event.stream.startswith("container:") or event.kind == _BY_ITS_BOX or '"box":' not in event.facts:
        return
    facts = json.loads(event.facts)
    box, to = (facts.get("from") or {}).get("box"), facts.get("to") or {}
    if box is None or to.get("box") is not None:
        return
    found: dict[UUID, _Gone] = work.session.info.setdefault("boxes", {})
    gone = found.setdefault(UUID(box), _Gone(work))
    gone.containers.append(UUID(event.stream.partition(":")[2]))
    gone.acts.add(event.kind.partition(".")[2])
    gone.store = UUID(to["facility"]) if to.get("facility") else gone.store
    gone.at = max(gone.at or event.occurred_at, event.occurred_at)
    at_the_end(work.session, "boxes", partial(_write, work.session))


def _write(session: Session) -> None:
    """Write it once for each box, however much left it."""
    touched: dict[UUID, _Gone] = session.info.pop("boxes", {})
    for box in queries.held(session, touched):
        gone = touched[box.id]
        rows = [session.get_one(Container, one) for one in gone.containers]
        store = session.get(Facility, gone.store) if gone.store is not None else None
        facts = {"containers": [told(one) for one in rows], "acts": sorted(gone.acts)}
        left = Left(facts, any(one.medical for one in rows), gone.at or gone.work.now, store)
        note_left(gone.work, box, left)
