"""Alerts, known before they open: one row for each cause, with the moment at which it crosses its limit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.alerts import AlertState, Limit, Subject
from wastetrack.infra.db import Base, UtcDateTime, term

_LIVE = text("state <> 'cleared'")
_CLEARED = text("state = 'cleared'")


class Alert(Base):
    """One cause, one alert, one history (stream `alert:<id>`).

    It is in force from `threshold_at` until `cleared_at`, whether or not the sweep has already written the opening.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("uq_alerts_live_cause", "limit", "subject_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_alerts_due", "threshold_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_alerts_cleared", "cleared_at", "id", sqlite_where=_CLEARED, postgresql_where=_CLEARED),
        Index("ix_alerts_organisation", "organisation_id", "threshold_at"),
        Index("ix_alerts_region", "region_code", "threshold_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    limit: Mapped[Limit] = mapped_column(term(Limit))
    subject: Mapped[Subject] = mapped_column(term(Subject))
    subject_id: Mapped[UUID] = mapped_column()
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    also_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The other party to be told, e.g. the receiver of a load with a missing box."""
    also_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    state: Mapped[AlertState] = mapped_column(term(AlertState))
    threshold_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    facts: Mapped[str] = mapped_column(Text, default="{}")
    """Canonical JSON of what the sentence names beside the threshold; masses as `…_g` in grams (see `watch.shapes`)."""
    version: Mapped[int] = mapped_column(Integer, default=0)
