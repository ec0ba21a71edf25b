"""Admitting an organisation that asked for it: it becomes one of the others, and its first manager is invited."""

from typing import Annotated
from uuid import UUID

from wastetrack.domain.access import Role, unknown
from wastetrack.domain.accounts import parse_username
from wastetrack.domain.admission import ACCEPT
from wastetrack.domain.problems import refuse_all
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.service.base import stream_of
from wastetrack.features.accounts.service.invited import Invite, invite_first, renew_for
from wastetrack.features.accounts.service.kept import CreateAccount, username_taken
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.parties.queries import admission as requests
from wastetrack.features.parties.service import admission
from wastetrack.infra.commands import ActKey, Command, read_by
from wastetrack.infra.work import Work

FIRST_ROLES = frozenset({Role.MANAGER})
"""Whoever begins keeps the organisation, and invites the others."""


class AcceptRequest(Command):
    """Admit an organisation. The username that was asked for may be another's: then another one is given."""

    request_id: UUID
    version: int
    username: Annotated[str, read_by(parse_username)]
    act_key: ActKey | None = None


class RenewLink(Command):
    """Make another link for the first manager of an organisation that was admitted."""

    request_id: UUID
    act_key: ActKey | None = None


def accept_request(work: Work, command: AcceptRequest) -> tuple[User, str | None]:
    """Admit the organisation, make its manager's account and the link to it. The same act again returns no link."""
    existing = queries.by_username(work.session, command.username)
    if existing and command.act_key and ledger_queries.has_act(work.session, stream_of(existing.id), command.act_key):
        return existing, None
    asked = admission.hold_for_review(work, command.request_id, command.version, ACCEPT)
    account = {
        "username": command.username,
        "name": asked.request.manager_name,
        "roles": FIRST_ROLES,
        "organisation_id": asked.organisation.id,
        "act_key": command.act_key,
    }
    taken = username_taken(work, CreateAccount.model_validate(account))
    refuse_all(admission.admission_problems(work, asked) + taken)
    admission.admit(work, asked, command.username)
    return invite_first(work, Invite.model_validate(account))


def renew_link(work: Work, command: RenewLink) -> tuple[User, str | None]:
    """Make another link while the first manager has not chosen a password. The same act again returns no link."""
    asked = requests.for_review(work.session, work.actor, command.request_id)
    user = first_manager(work, asked)
    return renew_for(work, queries.locked(work.session, user.id), command.act_key)


def first_manager(work: Work, asked: requests.Asked) -> User:
    """Return the account that was made with the admission; refuse where there is none."""
    user = queries.by_username(work.session, asked.request.manager_username)
    if user is None or user.organisation_id != asked.organisation.id:
        raise unknown()
    return user
