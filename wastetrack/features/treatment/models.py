"""Treatment batches and the containers that went into them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.infra.db import Base, UtcDateTime


class Batch(Base):
    """One run of one process over a set of containers; a projection of the stream `batch:<id>`."""

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        UniqueConstraint("organisation_id", "act_key"),
        Index("ix_batches_organisation", "organisation_id", "finished_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    number: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(4))
    """Process code of HJ 1033 appendix F, e.g. `Y10`."""
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str | None] = mapped_column(String(64))
    boxes: Mapped[int] = mapped_column(Integer)
    mass_g: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)


class BatchBox(Base):
    """One container treated in a batch."""

    __tablename__ = "batch_boxes"

    container_id: Mapped[UUID] = mapped_column(ForeignKey("containers.id"), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), index=True)
