"""Orders of the command, and to whom they went."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.orders import OrderState
from wastetrack.domain.parties import OrganisationKind
from wastetrack.infra.db import Base, UtcDateTime, term


class Order(Base):
    """What a commander wants done (stream `order:<id>`). Its words are never changed, only ended or withdrawn."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("given_by", "act_key"),
        CheckConstraint("(state = 'in_force') = (closed_at IS NULL)", name="closed_or_in_force"),
        Index("ix_orders_region", "region_code", "given_at"),
        Index("ix_orders_given_at", "given_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    """For which region it was given."""
    all_of: Mapped[OrganisationKind | None] = mapped_column(term(OrganisationKind))
    """Whom it went to: all of this kind in the region; None where they were chosen."""
    text: Mapped[str] = mapped_column(String(1000))
    basis: Mapped[str] = mapped_column(String(200))
    """The plan or document that it rests on."""
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[OrderState] = mapped_column(term(OrderState))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    closed_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)


class Addressee(Base):
    """An organisation that an order went to, and how far it is."""

    __tablename__ = "order_addressees"
    __table_args__ = (Index("ix_order_addressees_organisation", "organisation_id", "order_id"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    carried_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carried_out_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    report: Mapped[str] = mapped_column(String(500), default="")
