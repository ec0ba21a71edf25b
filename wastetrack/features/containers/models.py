"""Containers as they stand now. How they came there is in their streams of the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.containers import Isolation, Packaging, State
from wastetrack.domain.weighing import MassSource
from wastetrack.infra.db import Base, UtcDateTime, term


class Container(Base):
    """One bag, box or drum. The holder is an organisation and a place: a facility, or the vehicle of a leg.

    A projection of the stream `container:<id>`; `version` is the number of its last event.
    """

    __tablename__ = "containers"
    __table_args__ = (
        CheckConstraint("mass_g > 0", name="mass_is_positive"),
        CheckConstraint(
            "state IN ('treated', 'repacked', 'void') OR holder_organisation_id IS NOT NULL", name="live_has_a_holder"
        ),
        CheckConstraint("holder_facility_id IS NULL OR holder_leg_id IS NULL", name="one_place_at_a_time"),
        CheckConstraint("state <> 'packed' OR box_id IS NOT NULL", name="packed_in_a_box"),
        CheckConstraint("zone_id IS NULL OR holder_facility_id IS NOT NULL", name="zone_of_a_store"),
        Index(
            "ix_containers_standing",
            "holder_facility_id",
            "must_leave_by",
            sqlite_where=text("holder_facility_id IS NOT NULL"),
            postgresql_where=text("holder_facility_id IS NOT NULL"),
        ),
        UniqueConstraint("registered_by", "act_key"),
        Index("ix_containers_registered_by", "registered_by", "registered_at"),
        # Mass and state stand in it so that the yearly sums of a very large producer are read from it alone.
        Index("ix_containers_producer", "producer_id", "registered_at", "mass_g", "state"),
        Index("ix_containers_producer_region", "producer_region_code", "registered_at"),
        Index("ix_containers_registered_at", "registered_at", "id"),
        Index(
            "ix_containers_unplaced",
            "producer_id",
            "must_leave_by",
            sqlite_where=text("state = 'sealed'"),
            postgresql_where=text("state = 'sealed'"),
        ),
        Index(
            "ix_containers_astray",
            "manifest_id",
            sqlite_where=text("state IN ('refused', 'missing')"),
            postgresql_where=text("state IN ('refused', 'missing')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    packaging: Mapped[Packaging] = mapped_column(term(Packaging))
    producer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    producer_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    department: Mapped[str] = mapped_column(String(60))
    waste_code: Mapped[str] = mapped_column(String(10), index=True)
    waste_name: Mapped[str] = mapped_column(String(200))
    medical: Mapped[bool] = mapped_column()
    hazards: Mapped[str] = mapped_column(String(40), default="")
    """Hazard codes separated by blanks, e.g. `T C`."""
    form: Mapped[str] = mapped_column(String(4), default="S")
    harmful: Mapped[str] = mapped_column(String(200), default="")
    """Harmful components, for hazardous waste labels and the manifest."""
    components: Mapped[str] = mapped_column(String(200), default="", server_default="")
    precautions: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Main components and what to mind, for hazardous waste labels (HJ 1276)."""
    note: Mapped[str] = mapped_column(String(200), default="")
    digital_code: Mapped[str | None] = mapped_column(String(37), unique=True)
    """Digital identification code of HJ 1276, for hazardous waste of a producer with a credit code."""
    mass_g: Mapped[int] = mapped_column(BigInteger)
    mass_source: Mapped[MassSource] = mapped_column(term(MassSource))
    volume_l: Mapped[int | None] = mapped_column(Integer)
    """What it holds, in litres; None: the usual of its kind is taken for it (`domain.containers.USUAL_LITRES`)."""
    isolation: Mapped[Isolation | None] = mapped_column(term(Isolation))
    """That it holds waste of isolated patients, in two bags; None for all other."""
    overfull: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether whoever sealed it said that it is fuller than three quarters (rule H-08)."""
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str | None] = mapped_column(String(64))
    """Idempotency key of the registration, by which the same form sent twice is one container."""
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it came into the first store of who holds it now: from then a plant's hours count."""
    stood_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it came into the present store; None while it stands in none."""
    must_leave_by: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it must have left the present store; None where the law sets no such moment."""
    label_leave_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """What its label says of that: fixed when it was registered. None on labels from before, which say what the law
    does."""
    state: Mapped[State] = mapped_column(term(State))
    holder_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    holder_facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"))
    zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("store_zones.id"))
    """The zone of the store in which it stands; None where it stands in none."""
    holder_leg_id: Mapped[UUID | None] = mapped_column(ForeignKey("manifest_legs.id"), index=True)
    holder_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    manifest_id: Mapped[UUID | None] = mapped_column(ForeignKey("manifests.id"), index=True)
    """The one open manifest it is on, from drafting until it is received or taken back."""
    hand_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("hand_ins.id"))
    """The one open hand-in it stands on, from its declaration until it is received or the hand-in ends."""
    box_id: Mapped[UUID | None] = mapped_column(ForeignKey("boxes.id"), index=True)
    """The large box it is in. Its own holder is then that of the outermost box."""
    repacked_from: Mapped[UUID | None] = mapped_column(ForeignKey("containers.id"), index=True)
    """The container whose content this one took over; its label is used up."""
    damaged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was declared damaged; it moves on only in another container."""
    damage: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """What was seen of it."""
    label_copies: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many labels with its code were printed, the pre-printed one among them."""
    version: Mapped[int] = mapped_column(Integer)


class Stay(Base):
    """A time that a container stood in a store and that is over: what tells what stood there at a past moment.

    The present stay is in the container itself (`stood_since`).
    """

    __tablename__ = "container_stays"
    __table_args__ = (Index("ix_container_stays_there", "facility_id", "left_at", "came_at"),)

    container_id: Mapped[UUID] = mapped_column(ForeignKey("containers.id"), primary_key=True)
    left_seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Number of the event in the container's stream by which it left."""
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("store_zones.id"))
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mass_g: Mapped[int] = mapped_column(BigInteger)
    """What counted as its mass while it stood there."""
