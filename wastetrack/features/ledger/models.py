"""The custody ledger's two tables: the events, which the database lets nobody change, and the head of each stream."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.infra.db import Base, UtcDateTime


class LedgerEvent(Base):
    """One event; see `domain.ledger.Event`. Update and delete are refused by triggers (migration 0002)."""

    __tablename__ = "ledger_events"
    __table_args__ = (
        Index("uq_ledger_events_stream_act_key", "stream", "act_key", unique=True),
        Index("ix_ledger_events_recorded_at", "recorded_at"),
    )

    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    facts: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(String(36))
    acting_for: Mapped[str | None] = mapped_column(String(36))
    device: Mapped[str] = mapped_column(String(120))
    place: Mapped[str | None] = mapped_column(String(120))
    evidence: Mapped[str] = mapped_column(String(20))
    act_key: Mapped[str | None] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerStream(Base):
    """Where a stream stands: the number and hash of its last event. Locking this row orders its writers."""

    __tablename__ = "ledger_streams"

    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
