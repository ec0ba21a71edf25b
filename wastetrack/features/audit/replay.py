"""What people looked at and asked for is a record of its own beside the ledger."""

from wastetrack.features.audit.models import AuditEntry
from wastetrack.features.ledger.service.replaying import Replay

REPLAY = Replay(
    "audit",
    aside={AuditEntry: "the record of who asked for which page, refusals among them: nothing follows from it"},
)
