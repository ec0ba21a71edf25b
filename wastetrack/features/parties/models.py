"""Organisations, their sites, stores, departments, vehicles, crew and licences."""

from datetime import date, datetime
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

from wastetrack.domain.admission import RequestState
from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import (
    CrewRole,
    FacilityKind,
    LicenceKind,
    OrganisationKind,
    OrganisationState,
    Temperature,
)
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.scans import FileType, PaperKind
from wastetrack.domain.storage_time import StoreGroup
from wastetrack.domain.supervision import Ordered
from wastetrack.infra.db import Base, UtcDateTime, term

_KNOWN = text("state <> 'pending'")


class Organisation(Base):
    """A legal person, known by its unified social credit code, or a village clinic by its medical licence number."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("credit_code IS NOT NULL OR medical_licence_no IS NOT NULL", name="has_an_identity"),
        CheckConstraint("(latitude_e6 IS NULL) = (longitude_e6 IS NULL)", name="both_coordinates"),
        # Whoever only asks to be admitted takes no code away from whom it belongs to.
        Index("uq_organisations_credit_code", "credit_code", unique=True, postgresql_where=_KNOWN, sqlite_where=_KNOWN),
        Index(
            "uq_organisations_medical_licence_no",
            "medical_licence_no",
            unique=True,
            postgresql_where=_KNOWN,
            sqlite_where=_KNOWN,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    credit_code: Mapped[str | None] = mapped_column(String(18))
    medical_licence_no: Mapped[str | None] = mapped_column(String(30))
    legal_representative: Mapped[str | None] = mapped_column(String(60))
    industry_code: Mapped[str | None] = mapped_column(String(5))
    """By GB/T 4754, such as `Q8411`."""
    industry_name: Mapped[str | None] = mapped_column(String(60))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    address: Mapped[str] = mapped_column(String(200))
    latitude_e6: Mapped[int | None] = mapped_column(Integer)
    """Millionths of a degree, as longitude: both or neither."""
    longitude_e6: Mapped[int | None] = mapped_column(Integer)
    contact: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(30))
    emergency_phone: Mapped[str] = mapped_column(String(30))
    beds: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[OrganisationState] = mapped_column(term(OrganisationState), default=OrganisationState.ACTIVE)
    station_facility_id: Mapped[UUID | None] = mapped_column(index=True)
    """The station store where a clinic hands its waste in. No foreign key: facilities already refer to this table."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Goes up with every change, so that nobody overwrites what he has not seen."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrganisationKindRow(Base):
    """One of the kinds an organisation is of."""

    __tablename__ = "organisation_kinds"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(term(OrganisationKind), primary_key=True)


class SupervisionDecision(Base):
    """A supervision class fixed by a document (HJ 1259-2022, 4.2.2). None is changed: a later one supersedes."""

    __tablename__ = "supervision_decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    ordered: Mapped[Ordered] = mapped_column(term(Ordered))
    valid_from: Mapped[date] = mapped_column()
    valid_until: Mapped[date | None] = mapped_column()
    document: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AdmissionRequest(Base):
    """What a pending organisation asks: who its first manager is to be, and how far the request is."""

    __tablename__ = "admission_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), unique=True)
    reference_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the random reference that the applicant alone holds."""
    state: Mapped[RequestState] = mapped_column(term(RequestState), index=True)
    manager_name: Mapped[str] = mapped_column(String(60))
    manager_username: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was refused."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Site(Base):
    """A physical place of an organisation."""

    __tablename__ = "sites"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    address: Mapped[str] = mapped_column(String(200))


class Facility(Base):
    """A storage facility 贮存设施: where containers stand, with its limits. Masses in grams."""

    __tablename__ = "facilities"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        Index(
            "ix_facilities_recount",
            "recount_at",
            sqlite_where=text("recount_at IS NOT NULL"),
            postgresql_where=text("recount_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[FacilityKind] = mapped_column(term(FacilityKind))
    temperature: Mapped[Temperature] = mapped_column(term(Temperature), default=Temperature.AMBIENT)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    mass_limit_g: Mapped[int | None] = mapped_column(BigInteger)
    count_limit: Mapped[int | None] = mapped_column(Integer)
    volume_limit_l: Mapped[int | None] = mapped_column(Integer)
    """In litres, against the volumes of the containers that stand there, entered or usual for their kind."""
    has_time_limits: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether a time limit was ever entered for it or its region: most stores have none, and nobody asks for it."""
    recount_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a time limit of it begins or ends next, and the deadlines of what stands there are reckoned anew."""


class StoreZone(Base):
    """A zone 贮存分区 of a store: what is incompatible stands in different ones. A closed one is kept for the past."""

    __tablename__ = "store_zones"
    __table_args__ = (UniqueConstraint("facility_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    name: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StoreTimeLimit(Base):
    """A time limit of one store, from a day until a day, with the local document it rests on. None is changed."""

    __tablename__ = "store_time_limits"
    __table_args__ = (
        UniqueConstraint("facility_id", "number"),
        CheckConstraint("hours > 0", name="hours_are_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Counts the limits of a store in the order in which they were entered: of two for one day the later counts."""
    hours: Mapped[int | None] = mapped_column(Integer)
    """None: from then on the law alone counts."""
    first_day: Mapped[date] = mapped_column()
    last_day: Mapped[date | None] = mapped_column()
    document: Mapped[str] = mapped_column(String(200), default="")
    """Issuer, title and number of the local document."""
    document_day: Mapped[date | None] = mapped_column()
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegionTimeLimit(Base):
    """A time limit that a county, city or province set for one group of its stores. None is changed.

    What follows from it for the containers there is reckoned by scheduled work, which keeps here how far it is.
    """

    __tablename__ = "region_time_limits"
    __table_args__ = (
        UniqueConstraint("region_code", "number"),
        CheckConstraint("hours > 0", name="hours_are_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    number: Mapped[int] = mapped_column(Integer)
    """Counts the limits of a region in the order in which they were entered: of two for one day the later counts."""
    stores: Mapped[StoreGroup] = mapped_column(term(StoreGroup))
    hours: Mapped[int | None] = mapped_column(Integer)
    """None: from then on this region sets none."""
    first_day: Mapped[date] = mapped_column()
    last_day: Mapped[date | None] = mapped_column()
    document: Mapped[str] = mapped_column(String(200))
    document_day: Mapped[date] = mapped_column()
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[UUID] = mapped_column()
    """Which official entered it. No foreign key: accounts are known further up."""
    total: Mapped[int] = mapped_column(Integer, default=0)
    """How many organisations it concerns, and of how many everything has been reckoned by it."""
    done: Mapped[int] = mapped_column(Integer, default=0)
    done_to: Mapped[UUID | None] = mapped_column()
    """The last organisation that was done, None before the first and after all."""
    again: Mapped[bool] = mapped_column(Boolean, default=True, server_default=false())
    """Whether it is still to be done once more for what was placed while it was entered."""
    recount_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When everything is reckoned anew: at once while it is done, then when it begins or ends."""


class PresenceCode(Base):
    """The code on the wall of a store. One is in force; those before it are remembered, so that an old sign says so."""

    __tablename__ = "presence_codes"
    __table_args__ = (
        Index(
            "uq_presence_codes_in_force",
            "facility_id",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
            sqlite_where=text("replaced_at IS NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Department(Base):
    """A ward, workshop or laboratory where waste arises."""

    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))


class Vehicle(Base):
    """A truck, tractor or trailer of a carrier with its road transport permit."""

    __tablename__ = "vehicles"
    __table_args__ = (
        Index(
            "ix_vehicles_unclean",
            "organisation_id",
            "unclean_since",
            sqlite_where=text("unclean_since IS NOT NULL"),
            postgresql_where=text("unclean_since IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    plate: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[VehicleKind] = mapped_column(
        term(VehicleKind), default=VehicleKind.TRUCK, server_default=VehicleKind.TRUCK.value
    )
    permit_no: Mapped[str] = mapped_column(String(40))
    permit_until: Mapped[date] = mapped_column()
    capacity_g: Mapped[int | None] = mapped_column(BigInteger)
    """None of a tractor, on which nothing is loaded."""
    medical: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether it is a transfer vehicle for medical waste as GB 19217 asks."""
    unclean_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the first load of medical waste since its last cleaning was received from it; None while it is clean."""
    cleaned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VehicleCleaning(Base):
    """That a vehicle was washed and disinfected (GB 39707-2020, 5.5.2), when, and who recorded it for whom."""

    __tablename__ = "vehicle_cleanings"
    __table_args__ = (Index("ix_vehicle_cleanings_vehicle", "vehicle_id", "cleaned_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Whose vehicle it is."""
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    cleaned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[UUID] = mapped_column()
    """The account; no foreign key, since accounts stand above the parties."""
    recorded_for: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    """The organisation for which he acted: the carrier, or the plant that washed it."""


class CrewMember(Base):
    """A driver or escort with his qualification, and the account he signs in with if he has one."""

    __tablename__ = "crew"
    __table_args__ = (UniqueConstraint("organisation_id", "permit_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[CrewRole] = mapped_column(term(CrewRole))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(30))
    permit_no: Mapped[str] = mapped_column(String(40))
    permit_until: Mapped[date] = mapped_column()


class Licence(Base):
    """A licence, permit or exemption: waste codes or categories, treatment modes, yearly quantity in grams, dates."""

    __tablename__ = "licences"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[LicenceKind] = mapped_column(term(LicenceKind))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    valid_from: Mapped[date] = mapped_column()
    valid_until: Mapped[date] = mapped_column()
    yearly_quantity_g: Mapped[int | None] = mapped_column(BigInteger)
    scope: Mapped[str] = mapped_column(String(2000))
    """Waste codes and categories, separated by blanks: `841-001-01 HW08`."""
    modes: Mapped[str] = mapped_column(String(200), default="")
    """Treatment mode codes of HJ 1033 appendix F, separated by blanks; empty for a carrier."""
    coverage: Mapped[Coverage | None] = mapped_column(term(Coverage))
    """Comprehensive or collecting only: of an operating licence."""
    basis: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The document that an exemption rests on."""
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Whose waste alone an exemption for point-to-point use is for."""


class Contract(Base):
    """A written contract 合同 of a consignor with who takes or carries its waste (Order 23 of 2021, Arts 10 and 13)."""

    __tablename__ = "contracts"
    __table_args__ = (UniqueConstraint("organisation_id", "partner_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The consignor."""
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date] = mapped_column()
    valid_until: Mapped[date] = mapped_column()
    scope: Mapped[str] = mapped_column(String(2000), default="")
    """Waste codes and categories, separated by blanks; empty where the contract names none."""


class ManagementPlan(Base):
    """One version of a producer's management plan 管理计划 of a year (HJ 1259-2022, A.7). None is changed."""

    __tablename__ = "management_plans"
    __table_args__ = (UniqueConstraint("organisation_id", "year", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    year: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    filed_on: Mapped[date] = mapped_column()
    reason: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlannedWaste(Base):
    """How much of one waste is to go to one receiver in the year; without receiver to whoever is licensed."""

    __tablename__ = "planned_wastes"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("management_plans.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    waste_code: Mapped[str] = mapped_column(String(10))
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    mass_g: Mapped[int] = mapped_column(BigInteger)


class Scan(Base):
    """A scan of a paper as it was sent: the file is kept by the hash of its content (`infra.files`), never changed."""

    __tablename__ = "scans"
    __table_args__ = (Index("ix_scans_paper", "paper_id", "added_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    paper: Mapped[PaperKind] = mapped_column(term(PaperKind))
    paper_id: Mapped[UUID] = mapped_column()
    """Which licence, contract, vehicle … it is of, by `paper`."""
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    file_size: Mapped[int] = mapped_column(Integer)
    file_type: Mapped[FileType] = mapped_column(term(FileType))
    file_name: Mapped[str] = mapped_column(String(200))
    """As the sender called it."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[UUID | None] = mapped_column()
    """Whose account; no foreign key, accounts are known further up. Nobody for the platform itself."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[UUID | None] = mapped_column()
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
