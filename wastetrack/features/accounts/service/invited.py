"""Invitations: an account without a password, and a link that lets its owner choose one, once.

There is no mail service: whoever invites is shown the link this once and passes it on. The store keeps its hash only.
"""

import hashlib
from typing import Annotated
from uuid import UUID

from sqlalchemy import update

from wastetrack.domain.access import Act, Relation, Role, require
from wastetrack.domain.accounts import console_problems, parse_username
from wastetrack.domain.invitations import (
    VALID_FOR,
    InvitationState,
    made_up_username,
    no_link,
    open_invitation_problem,
)
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, Invitation, User
from wastetrack.features.accounts.service.base import Password, end_invitations, stream_of
from wastetrack.features.accounts.service.kept import CreateAccount, account_problems, write_account
from wastetrack.features.accounts.service.passwords import problems_of, set_password
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Command, ShortText, read_by
from wastetrack.infra.ids import new_id, new_token
from wastetrack.infra.work import Work


class Invite(Command):
    """Invite somebody of an organisation, or a regulator of a region. Without a username one is made up."""

    name: ShortText
    username: Annotated[str, read_by(parse_username)] | None = None
    roles: frozenset[Role]
    organisation_id: UUID | None = None
    region_code: str | None = None
    crew_id: UUID | None = None
    may_sign: bool = True
    act_key: ActKey | None = None


class RenewInvitation(Command):
    """Make another link for somebody who has no password yet; the one before opens nothing any more."""

    user_id: UUID
    act_key: ActKey | None = None


class WithdrawInvitation(Command):
    """Take an invitation back before it is accepted."""

    user_id: UUID
    act_key: ActKey | None = None


class AcceptInvitation(Command):
    """Choose the password of the account that one is invited to."""

    token: str
    new_password: Password
    repeated: Password


def invite(work: Work, command: Invite) -> tuple[User, str | None]:
    """Make an account that opens to nobody yet, and the link to it. The same act again returns no link."""
    require(work.actor, Act.INVITE, {Relation.OWN} if work.actor.acts_for(command.organisation_id) else ())
    if command.organisation_id is None and command.region_code is None:
        refuse_all(console_problems(command.roles))
    return _invite(work, command)


def invite_first(work: Work, command: Invite) -> tuple[User, str | None]:
    """Invite the first person of an organisation, for the feature that has just admitted it and asked who may.

    Where somebody of the organisation can sign in already, only its manager or the security administrator invites.
    """
    organisation_id = command.organisation_id
    if organisation_id is None or queries.somebody_signs_in(work.session, organisation_id):
        return invite(work, command)
    return _invite(work, command)


def _invite(work: Work, command: Invite) -> tuple[User, str | None]:
    facts = command.model_dump() | {"username": command.username or made_up_for(command.roles, command.act_key)}
    wanted = CreateAccount.model_validate(facts)
    existing = queries.by_username(work.session, wanted.username)
    if existing and command.act_key and ledger_queries.has_act(work.session, stream_of(existing.id), command.act_key):
        return existing, None
    refuse_all(account_problems(work, wanted))
    user = write_account(work, wanted, NO_PASSWORD, must_change=False)
    return user, new_link(work, user)


def made_up_for(roles: frozenset[Role], act_key: str | None) -> str:
    """Make up a username; the same for the same act, so that sending it twice is one."""
    random = hashlib.sha256(act_key.encode()).hexdigest() if act_key else new_token()
    return made_up_username(roles, random)


def new_link(work: Work, user: User, act_key: str | None = None) -> str:
    """Make a link for somebody who is held, for an act that has asked who may; the one before opens nothing more."""
    end_invitations(work, user.id, InvitationState.REPLACED)
    token = new_token()
    made = Invitation(
        id=new_id(),
        user_id=user.id,
        token_hash=queries.hash_of_link(token),
        state=InvitationState.OPEN,
        invited_by=work.actor.user_id,
        invited_at=work.now,
        expires_at=work.now + VALID_FOR,
    )
    work.session.add(made)
    work.session.flush()
    ledger.append(
        work, stream_of(user.id), "account.invited", {"invitation": made.id, "until": made.expires_at}, act_key=act_key
    )
    return token


def renew_invitation(work: Work, command: RenewInvitation) -> tuple[User, str | None]:
    """Make a new link for somebody who has no password yet. The same act again returns no link."""
    return renew_for(work, _held(work, command.user_id), command.act_key)


def renew_for(work: Work, user: User, act_key: str | None) -> tuple[User, str | None]:
    """Make a new link for somebody who is held, for a feature that has asked who may."""
    if act_key and ledger_queries.has_act(work.session, stream_of(user.id), act_key):
        return user, None
    refuse_all(console_problems(queries.roles_of(work.session, user.id)))
    if user.password_hash != NO_PASSWORD:
        refuse_all([open_invitation_problem()])
    if not user.active:
        sentence = N_("The account is closed. Open it again before you invite to it.")
        raise refuse("invitation.closed", sentence, kind=Kind.CONFLICT)
    return user, new_link(work, user, act_key)


def withdraw_invitation(work: Work, command: WithdrawInvitation) -> User:
    """Take an invitation back: its link opens nothing any more, and the account stays without a password."""
    user = _held(work, command.user_id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    if not end_invitations(work, user.id, InvitationState.WITHDRAWN):
        sentence = N_("There is no open invitation any more: it was accepted or withdrawn meanwhile.")
        raise refuse("invitation.none", sentence, kind=Kind.CONFLICT)
    ledger.append(work, stream_of(user.id), "account.invitation_withdrawn", {}, act_key=command.act_key)
    return user


def _held(work: Work, user_id: UUID) -> User:
    user = queries.visible(work.session, work.actor, user_id)
    require(work.actor, Act.INVITE, queries.relations(work.actor, user))
    return queries.locked(work.session, user.id)


def accept_invitation(work: Work, command: AcceptInvitation) -> User:
    """Choose the password. Of two who do it at once one is let in; the other is told that the link was used."""
    found = queries.invitation(work.session, command.token)
    if found is None:
        refuse_all([no_link()])
    assert found is not None  # noqa: S101
    user = queries.locked(work.session, found.user_id)
    refuse_all(queries.link_problems(work.session, found.id, work.now))
    problems = problems_of(work, command.new_password, user.username)
    if command.new_password != command.repeated:
        sentence = N_("The two new passwords differ. Type the same one twice.")
        problems.append(Problem("password.repeated", sentence, field="repeated"))
    refuse_all(problems)
    mine = update(Invitation).where(Invitation.id == found.id)
    work.session.execute(mine.values(state=InvitationState.ACCEPTED, ended_at=work.now))
    set_password(work, user, command.new_password, must_change=False)
    ledger.append(work, stream_of(user.id), "account.invitation_accepted", {})
    return user
