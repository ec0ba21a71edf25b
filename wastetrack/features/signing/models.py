"""Grants to sign, the agreement on electronic signatures with who accepted which version, and the signatures given."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.security import Assurance
from wastetrack.domain.signing import GrantOrigin, Signature
from wastetrack.infra.db import Base, UtcDateTime, term


class SigningGrant(Base):
    """That a person may give one signature for an organisation, from a day until a day; one withdrawn says why."""

    __tablename__ = "signing_grants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    signature: Mapped[Signature] = mapped_column(term(Signature))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(200))
    """The document it rests on; empty where its origin says all."""
    origin: Mapped[GrantOrigin] = mapped_column(term(GrantOrigin))
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")


class Agreement(Base):
    """One version of the agreement on electronic signatures, in both languages. It is never changed."""

    __tablename__ = "signing_agreements"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    chinese: Mapped[str] = mapped_column(Text)
    english: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    in_force_from: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class AgreementAcceptance(Base):
    """That a person accepted a version: which text by its hash, when, and how surely it was he."""

    __tablename__ = "signing_acceptances"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("signing_agreements.version"), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assurance: Mapped[Assurance | None] = mapped_column(term(Assurance))


class GivenSignature(Base):
    """One signature: who, for whom, on what grant, after reading what, on what. The event of the act names it."""

    __tablename__ = "signatures"
    __table_args__ = (
        UniqueConstraint("stream", "version"),
        CheckConstraint("(grant_id IS NULL) <> (mandate_id IS NULL)", name="one_authority"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(String(80))
    """Stream of the thing that was signed, and (`version`) the number of the event that is the signature."""
    version: Mapped[int] = mapped_column(Integer)
    signature: Mapped[Signature] = mapped_column(term(Signature))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    """As the person was called then."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    roles: Mapped[str] = mapped_column(String(200))
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("signing_grants.id"))
    """On what he signed: a grant, or (acting for another) a mandate that names signing."""
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    agreement_version: Mapped[int] = mapped_column(ForeignKey("signing_agreements.version"))
    assurance: Mapped[Assurance | None] = mapped_column(term(Assurance))
    """None where nobody was signed in through a page."""
    language: Mapped[str] = mapped_column(String(12))
    shown: Mapped[str] = mapped_column(Text)
    shown_hash: Mapped[str] = mapped_column(String(64))
    signed_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was signed: of the document that bears the signature, or of the facts of its event."""
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
