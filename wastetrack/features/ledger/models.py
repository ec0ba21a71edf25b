"""The custody ledger's tables: events, the end of each stream, the log over all events and its signed heads."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.infra.db import Base, UtcDateTime

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A number beyond two thousand million; SQLite's own row number."""


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


class LedgerPending(Base):
    """The marker of an event that is not in the log yet, written by a trigger with the event (ADR 0011)."""

    __tablename__ = "ledger_pending"

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    stream: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))


class LedgerEntry(Base):
    """One event in the log over all events: the 32 bytes of its hash at its position for good. Guarded."""

    __tablename__ = "ledger_log"
    __table_args__ = (Index("uq_ledger_log_stream_seq", "stream", "seq", unique=True),)

    position: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(Integer)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerNode(Base):
    """The hash of a complete subtree of the log, for every fourth level above the leaves. Guarded."""

    __tablename__ = "ledger_nodes"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerHead(Base):
    """A signed head of the log; see `domain.tree_heads`. While keys change, two of them sign each size. Guarded."""

    __tablename__ = "ledger_heads"

    size: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    log_id: Mapped[str] = mapped_column(String(26))
    root: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
