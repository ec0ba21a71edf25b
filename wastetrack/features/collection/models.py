"""Hand-ins: what a clinic (or a station, to the hub) declares to hand over, and what the attendant received."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.collection import BoxNote, HandInState
from wastetrack.infra.db import Base, UtcDateTime, term


class HandIn(Base):
    """One small load on its way into a station's store; a projection of the stream `hand_in:<id>`."""

    __tablename__ = "hand_ins"
    __table_args__ = (
        Index("ix_hand_ins_facility", "facility_id", "state"),
        Index("ix_hand_ins_sender", "sender_id", "declared_at"),
        UniqueConstraint("sender_id", "act_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    state: Mapped[HandInState] = mapped_column(term(HandInState))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str | None] = mapped_column(String(64))
    """Idempotency key of the declaration; empty where the station opened it for boxes that nobody had declared."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(Integer)


class HandInBox(Base):
    """One container of a hand-in; `received_at` stays empty where the attendant did not find it."""

    __tablename__ = "hand_in_boxes"

    hand_in_id: Mapped[UUID] = mapped_column(ForeignKey("hand_ins.id"), primary_key=True)
    container_id: Mapped[UUID] = mapped_column(ForeignKey("containers.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_g: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[BoxNote | None] = mapped_column(term(BoxNote))
    found_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the sender found what the station had not: it never left him."""
