"""Reading grants, the agreement and signatures: may this person sign, on what, and who signed what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Role, may, require_signature
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.signing import (
    WARNED_BEFORE,
    Due,
    GrantState,
    Signature,
    Span,
    agreement_due,
    best,
    closed_door,
    signatures_of,
    text_hash,
)
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.accounts.models import NO_PASSWORD, User, UserRole
from wastetrack.features.parties import queries as parties
from wastetrack.features.signing.models import Agreement, AgreementAcceptance, GivenSignature, SigningGrant

PAGE = 25
SIGNING_ROLES = frozenset(role for role in Role if signatures_of({role}))

# --- grants ----------------------------------------------------------------------------------------------------------


def span(grant: SigningGrant) -> Span:
    """Return the days of a grant as the rules read them."""
    return Span(grant.since, grant.until, grant.withdrawn_at is not None)


def grants_of(session: Session, user_id: UUID) -> list[SigningGrant]:
    """Return every grant that a person has or had, the one that begins last first."""
    query = select(SigningGrant).where(SigningGrant.user_id == user_id)
    return list(session.scalars(query.order_by(SigningGrant.since.desc(), SigningGrant.granted_at.desc())))


def counting(
    session: Session, user_id: UUID, organisation_id: UUID, signature: Signature, day: date
) -> SigningGrant | None:
    """Return the grant that counts when this person signs for this organisation; it may be over or not begun."""
    query = select(SigningGrant).where(
        SigningGrant.user_id == user_id,
        SigningGrant.organisation_id == organisation_id,
        SigningGrant.signature == signature,
    )
    rows = list(session.scalars(query.execution_options(populate_existing=True)))
    at = best([span(row) for row in rows], day)
    return rows[at] if at is not None else None


def managers(session: Session, organisation_id: UUID, but: UUID | None = None) -> list[str]:
    """Return the names of those who keep an organisation, can sign in, and are not the person himself."""
    query = (
        select(User.name)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.organisation_id == organisation_id, UserRole.role == Role.MANAGER)
        .where(User.active, User.password_hash != NO_PASSWORD)
        .order_by(User.username)
        .limit(5)
    )
    return list(session.scalars(query.where(User.id != but) if but else query))


def entrance(
    session: Session, actor: Actor, signature: Signature, now: datetime
) -> tuple[SigningGrant | None, list[Problem]]:
    """Return the grant on which a person signs today; where he may not, why, and whom to ask.

    Who acts for another signs on the mandate, where it names signing, and on no grant of his own.
    """
    day = local_day(now)
    if actor.by_mandate is not None:
        try:
            require_signature(actor)
        except Refusal as refusal:
            return None, list(refusal.problems)
        return None, []
    if actor.organisation_id is None or actor.user_id is None:
        return None, closed_door(signature, actor.organisation_name, None, day, [])
    grant = counting(session, actor.user_id, actor.organisation_id, signature, day)
    if grant is not None and span(grant).state(day) is GrantState.VALID:
        return grant, []
    asked = managers(session, actor.organisation_id, but=actor.user_id)
    return None, closed_door(signature, actor.organisation_name, span(grant) if grant else None, day, asked)


def door(session: Session, actor: Actor, signature: Signature, now: datetime) -> list[Problem]:
    """Return why a person may not give this signature for his organisation today, and whom to ask."""
    return entrance(session, actor, signature, now)[1]


# --- the agreement ---------------------------------------------------------------------------------------------------


def agreement(session: Session, version: int) -> Agreement | None:
    """Return a version of the agreement."""
    return session.get(Agreement, version) if 0 < version < 2**31 else None


def agreements(session: Session) -> list[Agreement]:
    """Return every version, the newest first."""
    return list(session.scalars(select(Agreement).order_by(Agreement.version.desc())))


def in_force(session: Session, day: date) -> Agreement:
    """Return the version that is in force on a day: of those that have begun, the one issued last.

    Before the first has begun (a clock that goes wrong) it is the first: an installation is never without one.
    """
    begun = Agreement.in_force_from <= day
    query = select(Agreement).where(begun | (Agreement.version == 1)).order_by(Agreement.version.desc())
    return session.scalars(query.limit(1)).one()


def accepted(session: Session, user_id: UUID) -> AgreementAcceptance | None:
    """Return the newest version that a person has accepted, and when."""
    query = select(AgreementAcceptance).where(AgreementAcceptance.user_id == user_id)
    return session.scalar(query.order_by(AgreementAcceptance.version.desc()).limit(1))


@dataclass(frozen=True)
class Standing:
    """How a person stands to the agreement: which version is in force, which he has accepted, what is due."""

    agreement: Agreement
    acceptance: AgreementAcceptance | None
    due: Due


def standing(session: Session, user_id: UUID, now: datetime) -> Standing:
    """Tell whether a person has to accept the agreement."""
    day = local_day(now)
    current, acceptance = in_force(session, day), accepted(session, user_id)
    grace = accounts.policy(session).agreement_grace_days
    version = acceptance.version if acceptance else None
    return Standing(current, acceptance, agreement_due(version, current.version, current.in_force_from, grace, day))


# --- signatures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """A signature as it is shown: with the organisation's name, and whether the text is the one that was signed."""

    row: GivenSignature
    organisation: str
    intact: bool


def given(session: Session, stream: str) -> list[Given]:
    """Return the signatures on one thing, in the order in which they were given."""
    query = select(GivenSignature).where(GivenSignature.stream == stream).order_by(GivenSignature.version)
    rows = list(session.scalars(query))
    names = parties.names(session, [row.organisation_id for row in rows]) if rows else {}
    return [Given(row, names.get(row.organisation_id, ""), text_hash(row.shown) == row.shown_hash) for row in rows]


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody whose work it is to sign, with what he may sign today, what he may not, and what ends soon."""

    user: User
    organisation: str
    may: list[SigningGrant]
    lacks: list[Signature]

    def ending(self, day: date) -> list[SigningGrant]:
        """Return the grants that end within the days in which that is said."""
        return [grant for grant in self.may if span(grant).ends_soon(day)]


def people(
    session: Session, actor: Actor, now: datetime, after: str = "", size: int = PAGE
) -> tuple[list[Person], str | None]:
    """Return one page of those to whom this person grants, by username, and where the next begins."""
    query = select(User).where(User.id.in_(_signers()), User.active, User.username > after, _kept_by(actor))
    users = list(session.scalars(query.order_by(User.username).limit(size + 1)))
    return _persons(session, users[:size], local_day(now)), users[size - 1].username if len(users) > size else None


def person(session: Session, user: User, now: datetime) -> Person:
    """Return how one person stands."""
    return _persons(session, [user], local_day(now))[0]


def _signers() -> ColumnElement[UUID]:
    return select(UserRole.user_id).where(UserRole.role.in_(SIGNING_ROLES)).scalar_subquery()


def _kept_by(actor: Actor) -> ColumnElement[bool]:
    """Narrow to those to whom a person may grant: his own people, or those who have no manager beside themselves."""
    if not may(actor, Act.GRANT_SIGNING):
        return User.organisation_id == actor.organisation_id
    other = User.__table__.alias("other")
    held = UserRole.__table__.alias("held")
    manager = (
        select(other.c.id)
        .join(held, held.c.user_id == other.c.id)
        .where(other.c.organisation_id == User.organisation_id, held.c.role == Role.MANAGER)
        .where(other.c.active, other.c.password_hash != NO_PASSWORD, other.c.id != User.id)
        .exists()
    )
    return ~manager & User.organisation_id.is_not(None)


def _persons(session: Session, users: Sequence[User], day: date) -> list[Person]:
    ids = [one.id for one in users]
    roles: dict[UUID, set[Role]] = {each: set() for each in ids}
    for user_id, role in session.execute(select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(ids))):
        roles[user_id].add(role)
    held: dict[UUID, list[SigningGrant]] = {each: [] for each in ids}
    for grant in session.scalars(_in_force(day).where(SigningGrant.user_id.in_(ids)).order_by(SigningGrant.since)):
        held[grant.user_id].append(grant)
    names = parties.names(session, [one.organisation_id for one in users])
    return [_person(one, names, roles[one.id], held[one.id]) for one in users]


def _person(user: User, names: dict[UUID, str], roles: Iterable[Role], held: Sequence[SigningGrant]) -> Person:
    own = [grant for grant in held if grant.organisation_id == user.organisation_id]
    signs = signatures_of(set(roles))
    valid = [grant for signature in signs for grant in own if grant.signature is signature]
    lacks = [signature for signature in signs if all(grant.signature is not signature for grant in own)]
    return Person(user, names.get(user.organisation_id, "") if user.organisation_id else "", valid, lacks)


def _in_force(day: date):  # type: ignore[no-untyped-def]
    return select(SigningGrant).where(
        SigningGrant.withdrawn_at.is_(None),
        SigningGrant.since <= day,
        or_(SigningGrant.until.is_(None), SigningGrant.until >= day),
    )


def ending(session: Session, now: datetime, *, user_id: UUID | None = None, organisation_id: UUID | None = None) -> int:
    """Count the grants of a person, or of an organisation's people, that end soon and are followed by none."""
    day = local_day(now)
    later = SigningGrant.__table__.alias("later")
    followed = (
        select(later.c.id)
        .where(later.c.user_id == SigningGrant.user_id, later.c.organisation_id == SigningGrant.organisation_id)
        .where(later.c.signature == SigningGrant.signature, later.c.withdrawn_at.is_(None))
        .where(or_(later.c.until.is_(None), later.c.until > SigningGrant.until))
        .exists()
    )
    query = (
        select(func.count())
        .select_from(SigningGrant)
        .join(User, (User.id == SigningGrant.user_id) & (User.organisation_id == SigningGrant.organisation_id))
        .where(User.active, SigningGrant.withdrawn_at.is_(None), SigningGrant.since <= day)
        .where(SigningGrant.until >= day, SigningGrant.until <= day + WARNED_BEFORE, ~followed)
    )
    mine = SigningGrant.user_id == user_id if user_id else SigningGrant.organisation_id == organisation_id
    return session.scalar(query.where(mine)) or 0
