"""What every act is done with: the open transaction, who acts, and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor
from wastetrack.domain.security import Assurance


@dataclass(frozen=True)
class Work:
    """One act under way. Opened and committed at the edge (page, API, job, command), never by a service.

    `now` is when the server takes the act; a service that learns from a device when it happened passes
    that time to the ledger beside it. `device` names what the act came from.
    """

    session: Session
    actor: Actor
    now: datetime
    device: str = "server"
    assurance: Assurance | None = None
    """How surely it is known who signs; only for acts that are signatures, and only where somebody is signed in."""
