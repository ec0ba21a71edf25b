"""Looking accounts up: who is behind a session, what rights he has now, lists for the security administrator."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from wastetrack.domain.access import ADMINISTRATORS, Act, Actor, ByMandate, Relation, Role, may, unknown
from wastetrack.domain.accounts import SEEN_EVERY, Scope, covers_day, is_over, normal_username
from wastetrack.domain.invitations import InvitationState, link_problem
from wastetrack.domain.mandates import can_act_for, holds, roles_to_give
from wastetrack.domain.parties import OrganisationState, may_sign_in
from wastetrack.domain.problems import Problem
from wastetrack.domain.security import Assurance, Policy, is_worn, needs_second_factor, still_proven
from wastetrack.domain.times import local_day
from wastetrack.domain.typed_text import narrow
from wastetrack.features.accounts.models import (
    NO_PASSWORD,
    FailedSignIns,
    Invitation,
    Mandate,
    PastPassword,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    SecurityPolicy,
    SignIn,
    User,
    UserRegion,
    UserRole,
)
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import CrewMember, Organisation
from wastetrack.infra.i18n import _

PAGE = 25

# --- who is it ---------------------------------------------------------------------------------------------------


def signed_in(session: Session, token_hash: str, now: datetime) -> Actor | None:
    """Return who is behind a session, with the rights he has at this moment; None when it has ended.

    Where he chose to act for another he has that one's rights and none of his own, or, once the mandate no longer
    holds, none at all until he goes on as himself.
    """
    row = session.execute(
        select(SignIn, User, Organisation, Region)
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == User.region_code)
        .where(SignIn.token_hash == token_hash, User.active)
    ).one_or_none()
    if row is None or is_over(row.SignIn.expires_at, row.SignIn.seen_at, now):
        return None
    further = _further_regions(session, row.User, now)
    actor = _actor(row.User, roles_of(session, row.User.id), row.Organisation, row.Region, further)
    if not let_in(session, actor):
        return None
    return acting_by(session, actor, row.SignIn.mandate_id, now) if row.SignIn.mandate_id else actor


def acting_by(session: Session, own: Actor, mandate_id: UUID, now: datetime) -> Actor:
    """Return a person as he acts by a mandate; without any rights where it does not hold (any more)."""
    query = select(Mandate, Organisation).join(Organisation, Organisation.id == Mandate.organisation_id)
    row = session.execute(query.where(Mandate.id == mandate_id)).one()
    mandate, organisation = row.Mandate, row.Organisation
    by = ByMandate(
        mandate.id, mandate.own_organisation_id, own.organisation_name, until=mandate.until, signs=mandate.signs
    )
    if mandate.user_id != own.user_id or not mandate_holds(mandate, organisation.state, own.organisation_id, now):
        return replace(own, roles=frozenset(), by_mandate=replace(by, over=True))
    given = roles_to_give(parties.kinds_of(session, organisation.id))
    return Actor(
        user_id=own.user_id,
        name=own.name,
        roles=frozenset(role for role in given if role.value in mandate.roles.split()),
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_state=organisation.state,
        by_mandate=by,
    )


def mandate_holds(mandate: Mandate, state: OrganisationState, own_organisation: UUID | None, now: datetime) -> bool:
    """Tell whether somebody of this organisation acts by a mandate now; `state` is that of whom he acts for."""
    on_its_days = holds(mandate.state, mandate.since, mandate.until, local_day(now))
    return on_its_days and can_act_for(state) and own_organisation == mandate.own_organisation_id


def actor_of(session: Session, user_id: UUID, now: datetime | None = None) -> Actor:
    """Return the person behind an account as he acts; refuse where there is none.

    Without a moment, of the regions beside his own only those without dates count.
    """
    found = user(session, user_id)
    organisation = session.get(Organisation, found.organisation_id) if found.organisation_id else None
    region = session.get(Region, found.region_code) if found.region_code else None
    return _actor(found, roles_of(session, user_id), organisation, region, _further_regions(session, found, now))


def _further_regions(session: Session, account: User, now: datetime | None) -> list[Region]:
    """Return the regions that a regulator covers at this moment beside his own."""
    if account.region_code is None:
        return []
    query = select(UserRegion, Region).join(Region, Region.code == UserRegion.region_code)
    rows = session.execute(query.where(UserRegion.user_id == account.id).order_by(UserRegion.region_code))
    today = local_day(now) if now else None
    return [row.Region for row in rows if covers_day(row.UserRegion.since, row.UserRegion.until, today)]


def _actor(
    found: User, roles: set[Role], organisation: Organisation | None, region: Region | None, further: Sequence[Region]
) -> Actor:
    regions = [region, *further] if region else []
    return Actor(
        user_id=found.id,
        name=found.name,
        roles=frozenset(roles),
        organisation_id=found.organisation_id,
        organisation_name=organisation.name if organisation else "",
        region_code=found.region_code,
        region_paths=tuple(one.path for one in regions),
        region_name="、".join(one.name for one in regions),
        organisation_state=organisation.state if organisation else OrganisationState.ACTIVE,
    )


UnderWay = Callable[[Session, UUID], bool]
_under_way: list[UnderWay] = []


def under_way_is(ask: UnderWay) -> None:
    """Have `ask` tell whether something of an organisation is under way. Wired once, in `wastetrack.app`.

    The answer lies in features higher on the ladder, which this one does not know.
    """
    _under_way[:] = [ask]


def let_in(session: Session, actor: Actor) -> bool:
    """Tell whether the person's organisation still lets its people in."""
    state, organisation_id = actor.organisation_state, actor.organisation_id
    if may_sign_in(state, under_way=False) or organisation_id is None:
        return True
    return may_sign_in(state, under_way=any(ask(session, organisation_id) for ask in _under_way))


def known_as(session: Session, username: str) -> Actor | None:
    """Return the person whose account has this username, if anybody's has."""
    found = by_username(session, username)
    return actor_of(session, found.id) if found else None


def must_change_password(session: Session, user_id: UUID, now: datetime | None = None) -> bool:
    """Tell whether the person has to choose a password before anything else: it is another's, or too old."""
    found = session.get(User, user_id)
    if found is None:
        return False
    worn = now is not None and is_worn(policy(session), found.password_changed_at or found.created_at, now)
    return found.must_change_password or worn


def must_set_second_factor(session: Session, actor: Actor) -> bool:
    """Tell whether the person has to set up a second factor before anything else."""
    if actor.user_id is None or not needs_second_factor(policy(session), actor.roles):
        return False
    return not has_second_factor(session, actor.user_id)


def was_seen_long_ago(session: Session, token_hash: str, now: datetime) -> bool:
    """Tell whether the last use of a session has to be written down anew."""
    found = session.get(SignIn, token_hash)
    return found is not None and now - found.seen_at >= SEEN_EVERY


# --- policy, passwords, second factors ---------------------------------------------------------------------------


def policy(session: Session) -> Policy:
    """Return the security policy that holds now."""
    row = session.get(SecurityPolicy, 1)
    return Policy(**{one.name: getattr(row, one.name) for one in fields(Policy)}) if row else Policy()


@cache
def common_passwords() -> frozenset[str]:
    """Return the words that people choose first; shipped with the product."""
    lines = (Path(__file__).parent.parent / "data" / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def past_passwords(session: Session, user_id: UUID) -> list[PastPassword]:
    """Return the passwords that somebody must not choose again, newest first."""
    query = select(PastPassword).where(PastPassword.user_id == user_id).order_by(PastPassword.set_at.desc())
    return list(session.scalars(query.limit(policy(session).remembered)))


def second_factor(session: Session, user_id: UUID) -> SecondFactor | None:
    """Return somebody's second factor as it stands now, confirmed or not."""
    query = select(SecondFactor).where(SecondFactor.user_id == user_id)
    return session.scalar(query.execution_options(populate_existing=True))


def has_second_factor(session: Session, user_id: UUID) -> bool:
    """Tell whether somebody signs in with a code, too."""
    query = select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return session.scalar(query) is not None


def recovery_codes_left(session: Session, user_id: UUID) -> int:
    """Return how many recovery codes are not used yet."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return session.scalar(query) or 0


def pending(session: Session, token_hash: str, now: datetime) -> PendingSignIn | None:
    """Return the sign-in whose code is still to come, while there is time."""
    found = session.get(PendingSignIn, token_hash)
    return found if found is not None and now < found.expires_at else None


# --- sessions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it. `handle` names it on pages; it opens nothing."""

    token_hash: str
    device: str
    created_at: datetime
    seen_at: datetime
    assurance: Assurance

    @property
    def handle(self) -> str:
        """Return a short name."""
        return self.token_hash[:16]


def sessions_of(session: Session, user_id: UUID, now: datetime) -> list[OpenSession]:
    """Return the sessions of somebody that have not ended, the one used last first."""
    query = select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.seen_at.desc(), SignIn.token_hash)
    return [
        OpenSession(one.token_hash, one.device, one.created_at, one.seen_at, one.assurance)
        for one in session.scalars(query)
        if not is_over(one.expires_at, one.seen_at, now)
    ]


def assurance_of(session: Session, token_hash: str) -> Assurance:
    """Return how the session was begun."""
    return session.scalar(select(SignIn.assurance).where(SignIn.token_hash == token_hash)) or Assurance.PASSWORD


def standing(session: Session, token_hash: str, now: datetime) -> tuple[Assurance, bool]:
    """Return how surely we know who is behind a session, and whether he has shown it recently enough to sign."""
    found = session.execute(
        select(SignIn.proven_at, SignIn.assurance).where(SignIn.token_hash == token_hash)
    ).one_or_none()
    if found is None:
        return Assurance.PASSWORD, False
    return found.assurance, still_proven(policy(session), found.proven_at, now)


# --- accounts ----------------------------------------------------------------------------------------------------


def user(session: Session, user_id: UUID) -> User:
    """Return an account; refuse where there is none."""
    found = session.get(User, user_id)
    if found is None:
        raise unknown()
    return found


def locked(session: Session, user_id: UUID) -> User:
    """Return an account as it stands now, held against other writers until the transaction ends."""
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise unknown()
    return found


def relations(actor: Actor, account: User) -> set[Relation]:
    """Return how a person stands to an account."""
    return {Relation.OWN} if actor.acts_for(account.organisation_id) else set()


def visible(session: Session, actor: Actor, user_id: UUID) -> User:
    """Return an account for somebody who looks; for whom it is not to be seen there is none."""
    found = user(session, user_id)
    if not may(actor, Act.MANAGE_ROLES, relations(actor, found)):
        raise unknown()
    return found


def by_username(session: Session, username: str) -> User | None:
    """Return the account with this username, in whatever letters it is typed."""
    return session.scalar(select(User).where(User.username == normal_username(username)))


def roles_of(session: Session, user_id: UUID) -> set[Role]:
    """Return the roles of an account."""
    return set(session.scalars(select(UserRole.role).where(UserRole.user_id == user_id)))


def roles_of_others(session: Session, account: User) -> set[Role]:
    """Return the roles that the other open accounts of the same organisation, or of the platform, have together.

    Who was invited and has no password yet is not to be relied on.
    """
    query = select(UserRole.role).join(User, User.id == UserRole.user_id)
    opened = (User.active, User.password_hash != NO_PASSWORD, User.id != account.id)
    return set(session.scalars(query.where(_beside(account), *opened).distinct()))


def is_managed(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation has a manager who can sign in."""
    query = select(User.id).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == Role.MANAGER)
    mine = (User.organisation_id == organisation_id, User.active, User.password_hash != NO_PASSWORD)
    return session.scalar(query.where(*mine).limit(1)) is not None


def hold_all_beside(session: Session, account: User) -> None:
    """Hold the accounts of the same organisation, or of the platform, against other writers, always in one order."""
    query = select(User.id).where(_beside(account)).order_by(User.id).with_for_update()
    session.execute(query).all()


def hold_all_of(session: Session, organisation_id: UUID) -> None:
    """Hold the accounts of an organisation against other writers, always in one order."""
    query = select(User.id).where(User.organisation_id == organisation_id).order_by(User.id).with_for_update()
    session.execute(query).all()


def _beside(account: User) -> ColumnElement[bool]:
    if account.organisation_id:
        return User.organisation_id == account.organisation_id
    return and_(User.organisation_id.is_(None), User.region_code.is_not_distinct_from(account.region_code))


def namesake_roles(session: Session, name: str, but: UUID | None = None) -> set[Role]:
    """Return which administrators' roles the other open accounts of persons of this name have."""
    query = select(UserRole.role).join(User, User.id == UserRole.user_id)
    query = query.where(User.name == name, User.active, UserRole.role.in_(ADMINISTRATORS))
    return set(session.scalars(query if but is None else query.where(User.id != but)))


def crew_id_of(session: Session, user_id: UUID | None) -> UUID | None:
    """Return which member of a crew the person is, None for anybody else."""
    return session.scalar(select(User.crew_id).where(User.id == user_id)) if user_id else None


def by_crew(session: Session, crew_id: UUID) -> User | None:
    """Return the account of a member of a crew."""
    return session.scalar(select(User).where(User.crew_id == crew_id))


def crew_without_account(session: Session, organisation_id: UUID) -> list[CrewMember]:
    """Return the drivers and escorts of a carrier who cannot sign in yet."""
    taken = set(session.scalars(select(User.crew_id).where(User.crew_id.is_not(None))))
    return [member for member in parties.crew_of(session, organisation_id) if member.id not in taken]


def names(session: Session, ids: Iterable[UUID | None], of: Iterable[UUID] = ()) -> dict[UUID, str]:
    """Return the names of many people.

    `of` are the organisations for which they acted: whoever did so by mandate is named with his own beside him.
    """
    wanted, acted_for = {one for one in ids if one is not None}, set(of)
    found = dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).tuples().all())
    if not (wanted and acted_for):
        return found
    query = select(Mandate.user_id, Organisation.name).join(
        Organisation, Organisation.id == Mandate.own_organisation_id
    )
    given = (Mandate.user_id.in_(wanted), Mandate.organisation_id.in_(acted_for), Mandate.accepted_at.is_not(None))
    for user_id, own in session.execute(query.where(*given, Mandate.own_organisation_id != Mandate.organisation_id)):
        found[user_id] = beside(found[user_id], own)
    return found


def beside(name: str, own: str) -> str:
    """Name somebody who acted for another together with his own organisation, in the reader's language."""
    return _("{name} (of {organisation}, by authorisation)", name=name, organisation=own)


def name_beside(session: Session, user_id: UUID | None, mandate_id: UUID | None) -> tuple[str, str]:
    """Return the name of somebody who signed, and, where he acted for another, that of his own organisation."""
    name = session.scalar(select(User.name).where(User.id == user_id)) if user_id else None
    of = select(Organisation.name).join(Mandate, Mandate.own_organisation_id == Organisation.id)
    own = session.scalar(of.where(Mandate.id == mandate_id)) if mandate_id else None
    return name or "", own or ""


def scope_of(session: Session, organisation_id: UUID | None, region_code: str | None) -> Scope:
    """Return for whom an account would act."""
    kinds = frozenset(parties.kinds_of(session, organisation_id)) if organisation_id else None
    return Scope(kinds, region_code is not None)


def has_administrators(session: Session) -> bool:
    """Tell whether anybody administers the platform yet."""
    query = select(func.count()).select_from(UserRole).where(UserRole.role.in_(ADMINISTRATORS))
    return bool(session.scalar(query))


def failed_sign_ins(session: Session, username: str, origin: str) -> FailedSignIns | None:
    """Return what is remembered of failures under this name from there, held against other writers."""
    mine = FailedSignIns.username_hash == username_hash(username)
    query = select(FailedSignIns).where(mine, FailedSignIns.origin == origin)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def username_hash(username: str) -> str:
    """Return what is kept of a name under which a sign-in failed: people type passwords there by mistake."""
    return hashlib.sha256(normal_username(username).encode()).hexdigest()


# --- regions beside the own one ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Further:
    """A region that a regulator covers beside his own, with its whole name."""

    region_code: str
    name: str
    since: date | None
    until: date | None
    reason: str
    in_force: bool


def further_regions(session: Session, user_id: UUID, now: datetime) -> list[Further]:
    """Return all regions that are written beside the own one, also those whose day has not come or is over."""
    query = select(UserRegion).where(UserRegion.user_id == user_id)
    rows = list(session.scalars(query.order_by(UserRegion.added_at, UserRegion.region_code)))
    names = catalogue.full_names(session, [one.region_code for one in rows])
    today = local_day(now)
    return [
        Further(
            one.region_code,
            names[one.region_code],
            one.since,
            one.until,
            one.reason,
            covers_day(one.since, one.until, today),
        )
        for one in rows
    ]


# --- invitations -------------------------------------------------------------------------------------------------


def hash_of_link(token: str) -> str:
    """Return what is kept of the token in a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation(session: Session, token: str) -> Invitation | None:
    """Return the invitation that a link leads to, open or ended."""
    return session.scalar(select(Invitation).where(Invitation.token_hash == hash_of_link(token)))


def link_problems(session: Session, invitation_id: UUID, now: datetime) -> list[Problem]:
    """Return why a link leads nowhere any more, as things stand now."""
    query = select(Invitation, User.active).join(User, User.id == Invitation.user_id)
    query = query.where(Invitation.id == invitation_id).execution_options(populate_existing=True)
    found, active = session.execute(query).one()
    state = InvitationState.WITHDRAWN if found.state is InvitationState.OPEN and not active else found.state
    problem = link_problem(state, found.expires_at, now)
    return [problem] if problem else []


def open_invitation(session: Session, user_id: UUID) -> Invitation | None:
    """Return the open invitation of somebody, expired or not."""
    query = select(Invitation).where(Invitation.user_id == user_id, Invitation.state == InvitationState.OPEN)
    return session.scalar(query)


def somebody_signs_in(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation has anybody yet whose account is open and has a password."""
    query = select(func.count()).select_from(User).where(User.organisation_id == organisation_id)
    return bool(session.scalar(query.where(User.active, User.password_hash != NO_PASSWORD)))


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited and has not come yet."""

    invitation: Invitation
    account: "Listed"
    expired: bool


def invitations(
    session: Session, actor: Actor, now: datetime, before: UUID | None = None, size: int = PAGE
) -> tuple[list[Invited], UUID | None]:
    """Return one page of the open invitations a person keeps, newest first, and where the next begins."""
    query = select(Invitation, User).join(User, User.id == Invitation.user_id).where(_open_to(actor))
    if before is not None:
        query = query.where(Invitation.id < before)
    rows = session.execute(query.order_by(Invitation.id.desc()).limit(size + 1)).all()
    shown = {one.user.id: one for one in listed(session, [row.User for row in rows[:size]])}
    found = [Invited(one, shown[user.id], now >= one.expires_at) for one, user in rows[:size]]
    return found, rows[size - 1].Invitation.id if len(rows) > size else None


def count_invitations(session: Session, actor: Actor) -> int:
    """Return how many invitations are open of those a person keeps."""
    query = select(func.count()).select_from(Invitation).join(User, User.id == Invitation.user_id)
    return session.scalar(query.where(_open_to(actor))) or 0


def _open_to(actor: Actor) -> ColumnElement[bool]:
    theirs = true() if may(actor, Act.INVITE) else User.organisation_id == actor.organisation_id
    return and_(Invitation.state == InvitationState.OPEN, theirs)


# --- the list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What the list of accounts is narrowed to; `after` is the last username of the page before."""

    text: str = ""
    role: Role | None = None
    active: bool | None = None
    after: str = ""


@dataclass(frozen=True)
class Listed:
    """An account as the list shows it."""

    user: User
    roles: list[Role]
    place: str

    @property
    def has_password(self) -> bool:
        """Tell whether the person can sign in at all: who was invited cannot before he has chosen a password."""
        return self.user.password_hash != NO_PASSWORD


def page(session: Session, actor: Actor, filters: Filters, size: int = PAGE) -> tuple[list[Listed], str | None]:
    """Return one page of the accounts a person may see, by username, and where the next begins (None on the last)."""
    query = select(User).where(User.username > filters.after)
    if not may(actor, Act.MANAGE_ROLES):
        query = query.where(User.organisation_id == actor.organisation_id)
    for word in narrow(filters.text).split():
        query = query.where(
            or_(
                User.username.contains(word.lower(), autoescape=True),
                User.name.contains(word, autoescape=True),
                User.organisation_id.in_(
                    select(Organisation.id).where(Organisation.name.contains(word, autoescape=True))
                ),
            )
        )
    if filters.role is not None:
        query = query.where(User.id.in_(select(UserRole.user_id).where(UserRole.role == filters.role)))
    if filters.active is not None:
        query = query.where(User.active.is_(filters.active))
    users = list(session.scalars(query.order_by(User.username).limit(size + 1)))
    return listed(session, users[:size]), users[size - 1].username if len(users) > size else None


def listed(session: Session, users: Sequence[User]) -> list[Listed]:
    """Return accounts as lists show them, with their roles and for whom they act, in few queries."""
    roles: dict[UUID, set[Role]] = defaultdict(set)
    held = select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_([one.id for one in users]))
    for user_id, role in session.execute(held):
        roles[user_id].add(role)
    organisations = parties.names(session, [one.organisation_id for one in users])
    regions = catalogue.full_names(session, {one.region_code for one in users if one.region_code})
    return [
        Listed(
            one,
            [role for role in Role if role in roles[one.id]],
            organisations.get(one.organisation_id, "")
            if one.organisation_id
            else regions.get(one.region_code or "", ""),
        )
        for one in users
    ]
