"""Tanks and pools as they stand now, and everything that was entered of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.tanks import Destination, Entry, MeterUnit, Origin, Shape, TankState, Vessel, points_from
from wastetrack.infra.db import Base, UtcDateTime, term


class Tank(Base):
    """A tank or pool 储罐/贮存池 in a store, with the one waste it holds. A projection of the stream `tank:<id>`."""

    __tablename__ = "tanks"
    __table_args__ = (
        UniqueConstraint("facility_id", "number"),
        UniqueConstraint("organisation_id", "act_key"),
        CheckConstraint("content_g >= 0", name="content_is_not_negative"),
        CheckConstraint("usable_l > 0 AND density_g_l > 0", name="measures_are_positive"),
        Index("ix_tanks_organisation", "organisation_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """What its label leads to: random, never used again."""
    number: Mapped[str] = mapped_column(String(20))
    """What the house calls it, e.g. `TK-01`."""
    waste_code: Mapped[str] = mapped_column(String(10))
    waste_name: Mapped[str] = mapped_column(String(200))
    hazards: Mapped[str] = mapped_column(String(40))
    form: Mapped[str] = mapped_column(String(4))
    harmful: Mapped[str] = mapped_column(String(200))
    shape: Mapped[Shape] = mapped_column(term(Shape))
    diameter_mm: Mapped[int | None] = mapped_column(Integer)
    length_mm: Mapped[int | None] = mapped_column(Integer)
    width_mm: Mapped[int | None] = mapped_column(Integer)
    calibration: Mapped[str] = mapped_column(Text)
    """Lines of level in mm and litres, as JSON; empty list for the shapes that are reckoned."""
    usable_l: Mapped[int] = mapped_column(Integer)
    density_g_l: Mapped[int] = mapped_column(Integer)
    high_percent: Mapped[int] = mapped_column(Integer)
    meter: Mapped[MeterUnit] = mapped_column(term(MeterUnit))
    counter: Mapped[int] = mapped_column(BigInteger)
    """Where the counter stood last, in thousandths of its unit."""
    content_g: Mapped[int] = mapped_column(BigInteger)
    level_mm: Mapped[int | None] = mapped_column(Integer)
    """The last level that was read since it was set up or cleaned."""
    level_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The moment of the last entry: none can lie before it."""
    state: Mapped[TankState] = mapped_column(term(TankState))
    act_key: Mapped[str | None] = mapped_column(String(64))
    """Idempotency key of its setting up, by which the same form sent twice is one tank."""
    version: Mapped[int] = mapped_column(Integer)

    @property
    def vessel(self) -> Vessel:
        """Return what it is as far as its figures go."""
        return Vessel(
            self.shape, self.usable_l, self.density_g_l, self.high_percent, self.diameter_mm, self.length_mm,
            self.width_mm, points_from(self.calibration),
        )  # fmt: skip


class TankEntry(Base):
    """One entry: what it changed in the content, and what was in it then. Their sum is the content at any moment."""

    __tablename__ = "tank_entries"
    __table_args__ = (
        Index("ix_tank_entries_moment", "tank_id", "occurred_at", "seq"),
        Index("ix_tank_entries_day", "tank_id", "day"),
    )

    tank_id: Mapped[UUID] = mapped_column(ForeignKey("tanks.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Number of the event in the tank's stream."""
    entry: Mapped[Entry] = mapped_column(term(Entry))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date] = mapped_column()
    """The day in the ledger for which it counts."""
    daily: Mapped[bool] = mapped_column()
    """Whether it is the quantity of a whole day, as a pipeline's is: a day has one."""
    origin: Mapped[Origin | None] = mapped_column(term(Origin))
    change_g: Mapped[int] = mapped_column(BigInteger)
    """What it changed; of a level, the difference between what was measured and what was reckoned."""
    after_g: Mapped[int] = mapped_column(BigInteger)
    volume_ml: Mapped[int | None] = mapped_column(BigInteger)
    counter: Mapped[int | None] = mapped_column(BigInteger)
    level_mm: Mapped[int | None] = mapped_column(Integer)
    destination: Mapped[Destination | None] = mapped_column(term(Destination))
    container_id: Mapped[UUID | None] = mapped_column(ForeignKey("containers.id"), index=True)
    note: Mapped[str] = mapped_column(String(200))
