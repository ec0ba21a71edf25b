"""Transfer manifests: head, legs, boxes, and the printable versions. Number series by city and year."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.pick_ups import Presence
from wastetrack.infra.db import Base, UtcDateTime, term

_UNVERIFIED = text("presence = 'unproven'")


class Manifest(Base):
    """One transfer from a consignor to a receiver. A projection of the stream `manifest:<id>`."""

    __tablename__ = "manifests"
    __table_args__ = (
        Index("ix_manifests_consignor_region", "consignor_region_code", "created_at"),
        Index("ix_manifests_receiver_region", "receiver_region_code", "created_at"),
        Index("ix_manifests_state", "state", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(14), unique=True)
    state: Mapped[State] = mapped_column(term(State))
    consignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    consignor_facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    consignor_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    receiver_facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    receiver_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    mode: Mapped[str] = mapped_column(String(4))
    """How the receiver means to treat it: a mode code of HJ 1033 appendix F."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    signed_mandate_id: Mapped[UUID | None] = mapped_column()
    """By which mandate, where the person is not the consignor's own; so for the receiver below."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    confirmed_mandate_id: Mapped[UUID | None] = mapped_column()
    confirm_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when the receiver must confirm: five working days from arrival (Order 23 Art. 18)."""
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    """Number of the last event in its stream; a signature names the version it was shown."""


class ManifestLeg(Base):
    """One leg: one carrier, one vehicle with or without a trailer, one crew."""

    __tablename__ = "manifest_legs"
    __table_args__ = (
        UniqueConstraint("manifest_id", "number"),
        Index("ix_manifest_legs_unverified", "manifest_id", sqlite_where=_UNVERIFIED, postgresql_where=_UNVERIFIED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(ForeignKey("manifests.id"))
    number: Mapped[int] = mapped_column(Integer)
    carrier_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"), index=True)
    trailer_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"), index=True)
    driver_id: Mapped[UUID] = mapped_column(ForeignKey("crew.id"), index=True)
    escort_id: Mapped[UUID | None] = mapped_column(ForeignKey("crew.id"), index=True)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    presence: Mapped[Presence] = mapped_column(term(Presence), default=Presence.OPEN, server_default="open")
    """Whether the driver proved that he stood at the store he fetched the load from."""
    presence_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Why he did not."""
    unloaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the receiver had judged the last box for the first time: then nothing was left to unload."""


class ManifestBox(Base):
    """One container on a manifest, with what was stated when it was put there and what became of it."""

    __tablename__ = "manifest_boxes"
    __table_args__ = (Index("ix_manifest_boxes_container", "container_id"),)

    manifest_id: Mapped[UUID] = mapped_column(ForeignKey("manifests.id"), primary_key=True)
    container_id: Mapped[UUID] = mapped_column(ForeignKey("containers.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    stated_g: Mapped[int] = mapped_column(BigInteger)
    loaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_behind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the vehicle departed without it: it stays in the consignor's store and is free for another manifest. So too
    when its content went on in another container (`replaced_by`)."""
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("containers.id"))
    """The container that took its place on the way."""
    verdict: Mapped[Verdict | None] = mapped_column(term(Verdict))
    verdict_reason: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_g: Mapped[int | None] = mapped_column(BigInteger)
    treated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ManifestPrint(Base):
    """What a manifest said at one version: rendered again, it gives the same bytes. The token is in its QR code."""

    __tablename__ = "manifest_prints"

    token: Mapped[str] = mapped_column(String(26), primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(ForeignKey("manifests.id"))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `documents.manifest.ManifestDocument`."""
    document_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("manifest_id", "version"),)


class ManifestSerial(Base):
    """The last serial number issued for a city of departure in a year (Order 23 Art. 15)."""

    __tablename__ = "manifest_serials"

    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    city_code: Mapped[str] = mapped_column(String(4), primary_key=True)
    """Province and city digits, e.g. `1306`."""
    last: Mapped[int] = mapped_column(Integer)
