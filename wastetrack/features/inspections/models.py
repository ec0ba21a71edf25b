"""Inspections and their findings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.inspections import FindingKind, FindingState, Presence
from wastetrack.infra.db import Base, UtcDateTime, term

_UNSETTLED = text("state IN ('open', 'answered', 'sent_back')")


class Inspection(Base):
    """Somebody was there and looked (stream `inspection:<id>`). What he wrote is never changed, only withdrawn."""

    __tablename__ = "inspections"
    __table_args__ = (
        UniqueConstraint("inspector_id", "act_key"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        Index("ix_inspections_organisation", "organisation_id", "inspected_at"),
        Index("ix_inspections_region", "region_code", "inspected_at"),
        Index("ix_inspections_inspected_at", "inspected_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    """Where it was: of the store, else of the site, else of the organisation."""
    inspected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    inspector_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    """For which region he acted: an inspector of one above it may withdraw the inspection."""
    presence: Mapped[Presence] = mapped_column(term(Presence))
    presence_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it is not proven."""
    met: Mapped[str] = mapped_column(String(60), default="")
    """Whom he met, by function."""
    looked_at: Mapped[str] = mapped_column(String(500))
    act_key: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")


class Finding(Base):
    """One thing that was wrong, and how far its remedy is."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("(due_on IS NULL) = (state = 'on_the_spot')", name="due_or_done"),
        CheckConstraint("container_id IS NULL OR manifest_id IS NULL", name="one_code"),
        Index("ix_findings_unsettled", "state", "due_on", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Counts from 1 within its inspection."""
    kind: Mapped[FindingKind] = mapped_column(term(FindingKind))
    words: Mapped[str] = mapped_column(String(500))
    container_id: Mapped[UUID | None] = mapped_column(ForeignKey("containers.id"))
    manifest_id: Mapped[UUID | None] = mapped_column(ForeignKey("manifests.id"))
    state: Mapped[FindingState] = mapped_column(term(FindingState))
    due_on: Mapped[date | None] = mapped_column()
    """By the end of which day it is to be put right."""
    answer: Mapped[str] = mapped_column(String(500), default="")
    """What the organisation said last, and on which day it was put right."""
    done_on: Mapped[date | None] = mapped_column()
    reply: Mapped[str] = mapped_column(String(500), default="")
    """What the inspector said to it last."""
    version: Mapped[int] = mapped_column(Integer, default=1)
