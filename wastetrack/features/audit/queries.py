"""Reading the audit record: narrowed, newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wastetrack.domain.audit import AuditKind
from wastetrack.domain.times import end_of_day, start_of_day
from wastetrack.domain.typed_text import narrow
from wastetrack.features.audit.models import AuditEntry

PAGE = 50
MOST_EXPORTED = 20_000
"""A file with more rows opens badly; whoever wants more narrows the days."""


@dataclass(frozen=True)
class Filters:
    """What the record is narrowed to; what is empty narrows nothing. The days are whole, in China."""

    person: str = ""
    """A part of the name."""
    kind: AuditKind | None = None
    subject: str = ""
    """The beginning of what it was done on."""
    since: date | None = None
    until: date | None = None


def page(
    session: Session, filters: Filters, before: UUID | None = None, size: int = PAGE
) -> tuple[Sequence[AuditEntry], UUID | None]:
    """Return one page of the record, the newest first, and where the next begins (None on the last)."""
    query = _narrowed(filters)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = session.scalars(query.order_by(AuditEntry.id.desc()).limit(size + 1)).all()
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def _narrowed(filters: Filters) -> Select[tuple[AuditEntry]]:
    query = select(AuditEntry)
    for word in narrow(filters.person).split():
        query = query.where(AuditEntry.name.contains(word, autoescape=True))
    if filters.kind is not None:
        query = query.where(AuditEntry.kind == filters.kind)
    if filters.subject:
        query = query.where(AuditEntry.subject.startswith(filters.subject, autoescape=True))
    if filters.since:
        query = query.where(AuditEntry.at >= start_of_day(filters.since))
    if filters.until:
        query = query.where(AuditEntry.at < end_of_day(filters.until))
    return query
