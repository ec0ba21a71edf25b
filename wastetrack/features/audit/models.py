"""The audit record's one table. Rows are added and never changed: triggers refuse it (migration `audit record`)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.audit import LONGEST_SUBJECT, AuditKind
from wastetrack.infra.db import Base, UtcDateTime, term


class AuditEntry(Base):
    """One thing somebody did. Names and roles are those of that moment. Ids grow with time and order it."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_user_id", "user_id", "id"),
        Index("ix_audit_entries_subject", "subject", "id"),
        Index("ix_audit_entries_kind", "kind", "id"),
        Index("ix_audit_entries_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[AuditKind] = mapped_column(term(AuditKind))
    user_id: Mapped[UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column(String(60))
    roles: Mapped[str] = mapped_column(String(200))
    """Values of the roles, with a space between."""
    organisation_id: Mapped[UUID | None] = mapped_column()
    region_code: Mapped[str | None] = mapped_column(String(12))
    acts_for: Mapped[str] = mapped_column(String(200))
    """The name of the organisation or region."""
    mandate_id: Mapped[UUID | None] = mapped_column()
    """By which mandate, where somebody acted for another."""
    own_organisation: Mapped[str | None] = mapped_column(String(200))
    """Then the name of his own."""
    route: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    status: Mapped[int | None] = mapped_column(Integer)
    """The answer's; empty for a change, which is written with the change and before the answer."""
    device: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(60))
