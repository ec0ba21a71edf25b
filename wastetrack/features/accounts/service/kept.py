"""Accounts as others keep them: made, given roles, closed. Events in the stream `user:<id>`."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from wastetrack.domain.access import ADMINISTRATORS, SYSTEM, Act, Role, forbidden, require
from wastetrack.domain.accounts import (
    console_problems,
    parse_username,
    role_problems,
    same_person_problem,
)
from wastetrack.domain.handovers import HandoverState
from wastetrack.domain.invitations import InvitationState
from wastetrack.domain.parties import is_known
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, User, UserRole
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.accounts.service.base import end_invitations, end_sessions, hashed, stream_of
from wastetrack.features.accounts.service.keepers import Leaving, follow, leaving_problems, manages
from wastetrack.features.accounts.service.mandates import end_mandates
from wastetrack.features.accounts.service.passwords import at_console as held_at_console
from wastetrack.features.accounts.service.passwords import new_password, problems_of
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties.models import CrewMember, Organisation
from wastetrack.infra.commands import ActKey, Command, OptionalText, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


class CreateAccount(Command):
    """Make an account for somebody of an organisation, a regulator of a region, or (neither) an administrator."""

    username: Annotated[str, read_by(parse_username)]
    name: ShortText
    roles: frozenset[Role]
    organisation_id: UUID | None = None
    region_code: str | None = None
    crew_id: UUID | None = None
    may_sign: bool = True
    """Whether the person may sign from the first day what the roles sign; otherwise that is granted later."""
    act_key: ActKey | None = None


class SetActive(Leaving):
    """Close an account, or open it again."""

    user_id: UUID
    active: bool
    reason: OptionalText = ""
    act_key: ActKey | None = None


class ChangeRoles(Leaving):
    """Give an account other roles, with the reason."""

    user_id: UUID
    roles: frozenset[Role]
    crew_id: UUID | None = None
    reason: Text
    act_key: ActKey | None = None


# --- making accounts ---------------------------------------------------------------------------------------------


def create_account(
    work: Work, command: CreateAccount, *, password: str | None = None, must_change: bool = True
) -> tuple[User, str | None]:
    """Make an account. Without a password a one-time one is made and returned: nobody can read it again.

    The same act again returns the account without the password.
    """
    require(work.actor, Act.MANAGE_ACCOUNTS)
    if command.organisation_id is None and command.region_code is None:
        refuse_all(console_problems(command.roles))
    existing = queries.by_username(work.session, command.username)
    if existing and command.act_key and ledger_queries.has_act(work.session, stream_of(existing.id), command.act_key):
        return existing, None
    return _with_password(work, command, password, must_change)


def create_without_password(work: Work, command: CreateAccount) -> User:
    """Make an account that opens to nobody before `reset_password` gives it a one-time password.

    For accounts that come by the thousand: hashing is slow on purpose, and a list of a thousand passwords is a danger.
    """
    require(work.actor, Act.MANAGE_ACCOUNTS)
    refuse_all(console_problems(command.roles))
    existing = queries.by_username(work.session, command.username)
    if existing and command.act_key and ledger_queries.has_act(work.session, stream_of(existing.id), command.act_key):
        return existing
    refuse_all(account_problems(work, command))
    return write_account(work, command, NO_PASSWORD, must_change=True)


def create_administrator(
    work: Work, command: CreateAccount, *, password: str | None = None, must_change: bool = True
) -> tuple[User, str | None]:
    """Make an administrator at the console, where nobody is signed in: the way to the first account."""
    if work.actor is not SYSTEM or not command.roles <= ADMINISTRATORS:
        raise forbidden(Act.MANAGE_ACCOUNTS)
    return _with_password(work, command, password, must_change)


def _with_password(
    work: Work, command: CreateAccount, password: str | None, must_change: bool
) -> tuple[User, str | None]:
    problems = account_problems(work, command)
    if password is not None:
        problems += problems_of(work, password, command.username)
    refuse_all(problems)
    one_time = None if password is not None else new_password()
    return write_account(work, command, hashed(password or one_time or ""), must_change=must_change), one_time


def account_problems(work: Work, command: CreateAccount) -> list[Problem]:
    """Return what is wrong with an account that is to be made."""
    problems = [*username_taken(work, command), *_scope_problems(work, command)]
    return problems + _namesake_problems(work, command.name, command.roles)


def write_account(work: Work, command: CreateAccount, password_hash: str, *, must_change: bool) -> User:
    """Write an account of which `account_problems` had nothing to say."""
    user = User(
        id=new_id(),
        username=command.username,
        name=command.name,
        password_hash=password_hash,
        organisation_id=command.organisation_id,
        region_code=command.region_code,
        crew_id=command.crew_id,
        active=True,
        must_change_password=must_change,
        password_changed_at=work.now,
        created_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(user)
            work.session.flush()
            work.session.add_all(UserRole(user_id=user.id, role=role) for role in command.roles)
            work.session.flush()
    except IntegrityError:
        refuse_all(username_taken(work, command) + crew_problems(work, command.crew_id, command.organisation_id))
        raise
    facts = {
        "username": user.username,
        "roles": values_of(command.roles),
        "organisation": user.organisation_id,
        "region": user.region_code,
        "crew": user.crew_id,
        "must_change": must_change,
        "may_sign": command.may_sign,
    }
    ledger.append(work, stream_of(user.id), "account.created", facts, act_key=command.act_key)
    return user


def username_taken(work: Work, command: CreateAccount) -> list[Problem]:
    """Return whether somebody has the username already."""
    if queries.by_username(work.session, command.username) is None:
        return []
    sentence = N_("The username {username} is taken. Choose another one.")
    return [Problem("account.username_taken", sentence, {"username": command.username}, "username", Kind.CONFLICT)]


def _scope_problems(work: Work, command: CreateAccount) -> list[Problem]:
    """Return what is wrong with organisation, region, roles and crew member together."""
    if command.organisation_id and command.region_code:
        sentence = N_("An account acts for an organisation or for a region, not for both.")
        return [Problem("account.scope", sentence, field="region_code")]
    of = work.session.get(Organisation, command.organisation_id) if command.organisation_id else None
    if command.organisation_id and (of is None or not is_known(of.state)):
        return [Problem("account.organisation", N_("Choose an organisation."), field="organisation_id")]
    if command.region_code:
        region = catalogue.region(work.session, command.region_code)
        if region is None or region.placeholder:
            return [Problem("region.unknown", N_("Choose a region from the list."), field="region_code")]
    scope = queries.scope_of(work.session, command.organisation_id, command.region_code)
    problems = role_problems(command.roles, scope, names_crew=command.crew_id is not None)
    return problems + crew_problems(work, command.crew_id, command.organisation_id)


def _namesake_problems(work: Work, name: str, roles: Iterable[Role], but: UUID | None = None) -> list[Problem]:
    """Say that the person already is an administrator of another kind, as far as a name can tell."""
    kinds = ADMINISTRATORS & set(roles)
    return [same_person_problem()] if kinds and queries.namesake_roles(work.session, name, but) - kinds else []


def crew_problems(
    work: Work, crew_id: UUID | None, organisation_id: UUID | None, but: UUID | None = None
) -> list[Problem]:
    """Return why the account, or that of `but`, cannot belong to this member of the crew."""
    if crew_id is None:
        return []
    member = work.session.get(CrewMember, crew_id)
    if member is None or member.organisation_id != organisation_id:
        sentence = N_("Choose a driver or escort of this organisation.")
        return [Problem("account.crew_unknown", sentence, field="crew_id")]
    holder = queries.by_crew(work.session, crew_id)
    if holder is not None and holder.id != but:
        sentence = N_("This member of the crew already has an account.")
        return [Problem("account.crew_taken", sentence, field="crew_id", kind=Kind.CONFLICT)]
    return []


# --- roles -------------------------------------------------------------------------------------------------------


def change_roles(work: Work, command: ChangeRoles) -> User:
    """Give an account other roles. Where rights are taken away, its sessions end at once."""
    user = queries.visible(work.session, work.actor, command.user_id)
    queries.hold_all_beside(work.session, user)
    user = queries.locked(work.session, user.id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    if user.id == work.actor.user_id:
        sentence = N_("You cannot change your own roles. Somebody else who keeps the accounts can.")
        raise refuse("account.own", sentence, kind=Kind.CONFLICT)
    before = queries.roles_of(work.session, user.id)
    managed = manages(user, before)
    crew_id = (command.crew_id or user.crew_id) if Role.DRIVER in command.roles else None
    refuse_all(_change_problems(work, user, command, before - command.roles, crew_id))
    if before == command.roles and crew_id == user.crew_id:
        return user
    work.session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    work.session.add_all(UserRole(user_id=user.id, role=role) for role in command.roles)
    user.crew_id = crew_id
    work.session.flush()
    if before - command.roles:
        end_sessions(work, [user.id])
    facts = {"from": values_of(before), "to": values_of(command.roles), "crew": crew_id, "reason": command.reason}
    ledger.append(work, stream_of(user.id), "account.roles_changed", facts, act_key=command.act_key)
    if managed and Role.MANAGER not in command.roles:
        follow(work, user.organisation_id, command, command.reason)
    return user


def values_of(roles: Iterable[Role]) -> list[str]:
    """Return roles as the ledger writes them."""
    return sorted(role.value for role in roles)


def _change_problems(
    work: Work, user: User, command: ChangeRoles, lost: set[Role], crew_id: UUID | None
) -> list[Problem]:
    """Return what speaks against these roles for this account."""
    scope = queries.scope_of(work.session, user.organisation_id, user.region_code)
    problems = role_problems(command.roles, scope, names_crew=crew_id is not None)
    problems += crew_problems(work, crew_id, user.organisation_id, user.id)
    problems += _namesake_problems(work, user.name, command.roles, user.id)
    return problems + leaving_problems(work, user, lost, command, command.reason)


def set_active(work: Work, command: SetActive) -> User:
    """Close an account, which ends its sessions at once, or open it again.

    The accounts beside it are held meanwhile: of two last managers who are closed at once the second is stopped.
    """
    require(work.actor, Act.MANAGE_ACCOUNTS)
    queries.hold_all_beside(work.session, queries.user(work.session, command.user_id))
    user = queries.locked(work.session, command.user_id)
    if user.id == work.actor.user_id:
        sentence = N_("You cannot close the account you are using. Another security administrator can.")
        raise refuse("account.own", sentence, kind=Kind.CONFLICT)
    done = command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key)
    if done or user.active is command.active:
        return user
    if command.active:
        user.active = True
        work.session.flush()
        ledger.append(work, stream_of(user.id), "account.opened", _why(command), act_key=command.act_key)
        return user
    close(work, user, command)
    return user


def close_at_console(work: Work, username: str, command: Leaving, reason: str) -> User:
    """Close an account at the console: the only way for the last security administrator."""
    user = held_at_console(work, username)
    queries.hold_all_beside(work.session, user)
    user = queries.locked(work.session, user.id)
    said = SetActive(user_id=user.id, active=False, reason=reason, **command.model_dump())
    if user.active:
        close(work, user, said, at_console=True)
    return user


def close(work: Work, user: User, command: SetActive, *, at_console: bool = False) -> None:
    """Close an account whose neighbours are held: sessions, invitation, mandates and what it was to take over end."""
    roles = queries.roles_of(work.session, user.id)
    refuse_all(leaving_problems(work, user, roles, command, command.reason, at_console=at_console))
    managed = manages(user, roles)
    user.active = False
    work.session.flush()
    cut_off(work, user.id)
    ledger.append(work, stream_of(user.id), "account.closed", _why(command), act_key=command.act_key)
    if managed:
        follow(work, user.organisation_id, command, command.reason)


def cut_off(work: Work, user_id: UUID) -> None:
    """End all that somebody has open: sessions, an invitation, what he does for others, what he was to take over."""
    end_sessions(work, [user_id])
    end_invitations(work, user_id, InvitationState.WITHDRAWN)
    end_mandates(work, [user_id], "")
    for one in handovers.meant_for(work.session, user_id):
        one.state, one.ended_at = HandoverState.WITHDRAWN, work.now
        work.session.flush()
        ledger.append(work, handovers.stream_of(one.id), "handover.withdrawn", {"successor": "closed"})


def _why(command: SetActive) -> dict[str, object]:
    said: dict[str, object] = {"reason": command.reason} if command.reason else {}
    return said | ({"emergency": True} if command.emergency else {})
