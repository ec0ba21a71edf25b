"""People's accounts, their roles, second factors and sessions, failed sign-ins, and the policy for all of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.access import Role
from wastetrack.domain.handovers import HandoverState
from wastetrack.domain.invitations import InvitationState
from wastetrack.domain.mandates import MandateState
from wastetrack.domain.security import Assurance, PasswordRules, SecondFactorRule
from wastetrack.infra.db import Base, UtcDateTime, term

NO_PASSWORD = ""
"""Kept as the hash of an account that has no password yet: nothing that can be typed fits it."""


class User(Base):
    """An account: acts for an organisation, or for a region as a regulator, or administers the platform."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("organisation_id IS NULL OR region_code IS NULL", name="one_scope"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    crew_id: Mapped[UUID | None] = mapped_column(ForeignKey("crew.id"), unique=True)
    """The crew member this account belongs to, for a driver or escort."""
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None where it was never kept: then the account is as old as its password."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UserRole(Base):
    """One role of one account."""

    __tablename__ = "user_roles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(term(Role), primary_key=True)


class UserRegion(Base):
    """A region that a regulator covers beside his own, from a day until a day where they are named, both included."""

    __tablename__ = "user_regions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A link by which somebody chooses the password of his account, kept as its hash. One that ended says why."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_open",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[InvitationState] = mapped_column(term(InvitationState))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Mandate(Base):
    """That somebody may act for an organisation, in some roles, on some days. A projection of `mandate:<id>`."""

    __tablename__ = "mandates"
    __table_args__ = (
        Index("ix_mandates_organisation_id", "organisation_id", "id"),
        Index(
            "ix_mandates_open",
            "user_id",
            sqlite_where=text("state in ('offered', 'accepted')"),
            postgresql_where=text("state in ('offered', 'accepted')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    """For whom."""
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    own_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    """Whose the person was when it was given: whoever changes to another organisation takes no mandate along."""
    roles: Mapped[str] = mapped_column(String(200))
    """Values of the roles, with a space between."""
    signs: Mapped[bool] = mapped_column()
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[MandateState] = mapped_column(term(MandateState))
    given_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(200))


class Handover(Base):
    """The management of an organisation on its way to somebody else. A projection of `handover:<id>`."""

    __tablename__ = "handovers"
    __table_args__ = (
        Index(
            "uq_handovers_open",
            "organisation_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_handovers_successor",
            "successor_id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    leaver_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """Who hands over; nobody where the security administrator does it for a manager who is gone."""
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    keeps: Mapped[str] = mapped_column(String(200))
    """Values of the roles that the leaver keeps, with a space between; without any his account is closed."""
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[HandoverState] = mapped_column(term(HandoverState))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(200))


class ManagerGap(Base):
    """Since when and why an organisation lost its last manager. It counts only while nobody is manager again."""

    __tablename__ = "manager_gaps"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))


class PastPassword(Base):
    """A password somebody had before, as its hash: it is not to be chosen again."""

    __tablename__ = "past_passwords"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))


class SecurityPolicy(Base):
    """What the security administrator has chosen: one row, none while everything is as it was installed."""

    __tablename__ = "security_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    passwords: Mapped[PasswordRules] = mapped_column(term(PasswordRules))
    change_after_days: Mapped[int] = mapped_column(Integer)
    remembered: Mapped[int] = mapped_column(Integer)
    least_length: Mapped[int] = mapped_column(Integer)
    second_factor: Mapped[SecondFactorRule] = mapped_column(term(SecondFactorRule))
    signing_minutes: Mapped[int] = mapped_column(Integer)
    longest_grant_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    agreement_grace_days: Mapped[int] = mapped_column(Integer, default=14, server_default="14")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondFactor(Base):
    """The secret that somebody's telephone shares with us, sealed; it counts once a code has confirmed it."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(Integer, default=0)
    """The time step of the last code that was used: none up to it is taken again."""


class RecoveryCode(Base):
    """A code for the day the telephone is lost, kept as its mark; gone once it is used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)


class PendingSignIn(Base):
    """Somebody whose password was right and whose code is still to come; worth nothing once the password changes."""

    __tablename__ = "pending_sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    password_mark: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class FailedSignIns(Base):
    """Failed sign-ins under one name from one origin, kept alike whether or not there is such an account."""

    __tablename__ = "failed_sign_ins"

    username_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    origin: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignIn(Base):
    """A session on the server's side; the browser holds only its random name, we only the hash of that."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    device: Mapped[str] = mapped_column(String(200))
    proven_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the person last showed who he is: signing asks for it again after a while."""
    assurance: Mapped[Assurance] = mapped_column(term(Assurance))
    mandate_id: Mapped[UUID | None] = mapped_column()
    """By which mandate the person acts in this session; he chose it last. Whether it still holds is asked each time."""
