"""Writing the audit record."""

from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.orm import Session

from wastetrack.domain.access import Role
from wastetrack.domain.audit import Doing
from wastetrack.features.audit.models import AuditEntry
from wastetrack.infra.ids import new_id

# Built once and run on the bare table: every page of every feature comes through here.
_ENTRIES: Table = AuditEntry.metadata.tables[AuditEntry.__tablename__]
_INSERT = _ENTRIES.insert()


def write(session: Session, doing: Doing, now: datetime) -> None:
    """Add one line in the session's transaction, as the caller's last word on what is done."""
    who = doing.who
    row = {
        "id": new_id(),
        "at": now,
        "kind": doing.kind,
        "user_id": who.user_id if who else None,
        "name": who.name[:60] if who else "",
        "roles": " ".join(role.value for role in Role if who and role in who.roles),
        "organisation_id": who.organisation_id if who else None,
        "region_code": who.region_code if who else None,
        "acts_for": (who.organisation_name or who.region_name)[:200] if who else "",
        "mandate_id": who.by_mandate.id if who and who.by_mandate else None,
        "own_organisation": who.by_mandate.organisation_name[:200] if who and who.by_mandate else None,
        "route": doing.route[:80],
        "subject": doing.subject,
        "status": doing.status,
        "device": doing.device[:120],
        "address": doing.address,
    }
    session.connection().execute(_INSERT, row)
