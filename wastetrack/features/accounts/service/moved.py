"""People who change from one organisation to another and keep their account. Events in the stream `user:<id>`."""

from uuid import UUID

from sqlalchemy import delete

from wastetrack.domain.access import Act, Role, require
from wastetrack.domain.accounts import role_problems
from wastetrack.domain.parties import is_known
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import User, UserRole
from wastetrack.features.accounts.service.base import stream_of
from wastetrack.features.accounts.service.keepers import Leaving, follow, leaving_problems, manages
from wastetrack.features.accounts.service.kept import crew_problems, cut_off, values_of
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.commands import ActKey, Text
from wastetrack.infra.work import Work


class MoveAccount(Leaving):
    """Have an account act for another organisation, in the roles it gets there, with the reason."""

    user_id: UUID
    organisation_id: UUID
    roles: frozenset[Role]
    crew_id: UUID | None = None
    reason: Text
    act_key: ActKey | None = None


def move_account(work: Work, command: MoveAccount) -> User:
    """Move somebody to another organisation; the sessions end at once, so nobody acts for both.

    What the person did stays with the organisation it was done for; what is under way there is finished by others.
    """
    require(work.actor, Act.MANAGE_ACCOUNTS)
    user = queries.user(work.session, command.user_id)
    queries.hold_all_beside(work.session, user)
    user = queries.locked(work.session, user.id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    before = queries.roles_of(work.session, user.id)
    refuse_all(_problems(work, user, command, before))
    facts = {
        "from": user.organisation_id,
        "to": command.organisation_id,
        "roles_from": values_of(before),
        "roles_to": values_of(command.roles),
        "crew": command.crew_id,
        "reason": command.reason,
    }
    work.session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    work.session.add_all(UserRole(user_id=user.id, role=role) for role in command.roles)
    left, managed = user.organisation_id, manages(user, before)
    user.organisation_id, user.crew_id = command.organisation_id, command.crew_id
    work.session.flush()
    cut_off(work, user.id)
    ledger.append(work, stream_of(user.id), "account.moved", facts, act_key=command.act_key)
    if managed:
        follow(work, left, command, command.reason)
    return user


def _problems(work: Work, user: User, command: MoveAccount, before: set[Role]) -> list[Problem]:
    if user.organisation_id is None:
        sentence = N_("This account acts for no organisation. Make another account for the organisation.")
        raise refuse("account.no_organisation", sentence, kind=Kind.CONFLICT)
    to = work.session.get(Organisation, command.organisation_id)
    if to is None or not is_known(to.state):
        return [Problem("account.organisation", N_("Choose an organisation."), field="organisation_id")]
    if to.id == user.organisation_id:
        sentence = N_("The account acts for this organisation already. Choose another one.")
        return [Problem("account.same_organisation", sentence, field="organisation_id", kind=Kind.CONFLICT)]
    scope = queries.scope_of(work.session, to.id, None)
    problems = role_problems(command.roles, scope, names_crew=command.crew_id is not None)
    problems += crew_problems(work, command.crew_id, to.id, user.id)
    return problems + leaving_problems(work, user, before, command, command.reason)
