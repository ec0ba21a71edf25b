"""Large boxes as they stand now, and their cleanings. How they came there is in their streams of the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.boxes import BoxKind, BoxState
from wastetrack.infra.db import Base, UtcDateTime, term


class Box(Base):
    """One turnover box, barrel, pallet or carton: what containers are packed into. It is no waste and has no mass.

    A projection of the stream `box:<id>`; `version` is the number of its last event. What is in it has the same
    holder, that of the outermost box.
    """

    __tablename__ = "boxes"
    __table_args__ = (
        CheckConstraint("state = 'retired' OR holder_organisation_id IS NOT NULL", name="live_has_a_holder"),
        CheckConstraint("holder_facility_id IS NULL OR holder_leg_id IS NULL", name="one_place_at_a_time"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_in_itself"),
        UniqueConstraint("registered_by", "act_key"),
        Index("ix_boxes_held", "holder_organisation_id", "state"),
        Index(
            "ix_boxes_unclean",
            "holder_organisation_id",
            "unclean_since",
            sqlite_where=text("unclean_since IS NOT NULL"),
            postgresql_where=text("unclean_since IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """Of the same alphabet as those of containers, and none of theirs."""
    kind: Mapped[BoxKind] = mapped_column(term(BoxKind))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    """The owner's own number or name for it."""
    capacity_count: Mapped[int | None] = mapped_column(Integer)
    capacity_g: Mapped[int | None] = mapped_column(BigInteger)
    capacity_l: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[BoxState] = mapped_column(term(BoxState))
    holder_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    holder_facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"), index=True)
    holder_leg_id: Mapped[UUID | None] = mapped_column(ForeignKey("manifest_legs.id"))
    holder_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("boxes.id"), index=True)
    """The box or pallet that it stands in or on."""
    unclean_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was emptied of medical waste; None while nothing is to be washed."""
    cleaned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)


class BoxCleaning(Base):
    """One time that a box was washed and disinfected."""

    __tablename__ = "box_cleanings"
    __table_args__ = (Index("ix_box_cleanings_box", "box_id", "cleaned_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    box_id: Mapped[UUID] = mapped_column(ForeignKey("boxes.id"))
    cleaned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_for: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
