"""The last person in a role: who follows, or that it is an emergency, is said before he goes (domain.handovers)."""

from collections.abc import Collection
from uuid import UUID

from wastetrack.domain.access import Role
from wastetrack.domain.handovers import last_one_problems, last_ones, successor_problem
from wastetrack.domain.problems import Problem
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, ManagerGap, User, UserRole
from wastetrack.features.accounts.service.base import stream_of
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import service as parties
from wastetrack.infra.commands import Command
from wastetrack.infra.work import Work


class Leaving(Command):
    """What is said where the last person in a role goes."""

    successor_id: UUID | None = None
    """Who of the organisation manages it from now on."""
    emergency: bool = False
    """That nobody follows, and that this is meant."""


def leaving_problems(
    work: Work, user: User, lost: Collection[Role], said: Leaving, reason: str, *, at_console: bool = False
) -> list[Problem]:
    """Return what is missing before somebody loses these roles. His organisation's accounts have to be held."""
    if not user.active or user.password_hash == NO_PASSWORD:
        return []
    problems = []
    if said.successor_id is not None and not _can_follow(work, user, said.successor_id):
        problems.append(successor_problem())
    last = last_ones(lost, queries.roles_of_others(work.session, user))
    named = said.successor_id is not None
    return problems + last_one_problems(
        last, successor=named, emergency=said.emergency, reason=reason, at_console=at_console
    )


def _can_follow(work: Work, user: User, successor_id: UUID) -> bool:
    other = work.session.get(User, successor_id)
    if other is None or other.id == user.id or other.organisation_id is None:
        return False
    return other.organisation_id == user.organisation_id and other.active and other.password_hash != NO_PASSWORD


def manages(user: User, roles: Collection[Role]) -> bool:
    """Tell whether somebody with these roles is a manager to be relied on."""
    return Role.MANAGER in roles and user.active and user.password_hash != NO_PASSWORD


def follow(work: Work, organisation_id: UUID | None, said: Leaving, reason: str) -> None:
    """Once somebody is gone, let the successor manage the organisation; where nobody does any more, note since when."""
    if organisation_id is None:
        return
    if said.successor_id is not None:
        make_manager(work, said.successor_id, {"reason": reason})
    if not queries.is_managed(work.session, organisation_id):
        note_gap(work, organisation_id, reason)


def make_manager(work: Work, user_id: UUID, facts: dict[str, object]) -> None:
    """Give somebody the manager's role beside those he has."""
    before = queries.roles_of(work.session, user_id)
    if Role.MANAGER in before:
        return
    work.session.add(UserRole(user_id=user_id, role=Role.MANAGER))
    work.session.flush()
    said = {
        "from": sorted(before),
        "to": sorted({*before, Role.MANAGER}),
        "crew": queries.user(work.session, user_id).crew_id,
    }
    ledger.append(work, stream_of(user_id), "account.roles_changed", {**said, **facts})


def note_gap(work: Work, organisation_id: UUID, reason: str) -> None:
    """Note that an organisation has lost its last manager."""
    gap = ManagerGap(organisation_id=organisation_id, since=work.now, reason=reason)
    work.session.merge(gap)
    work.session.flush()
    ledger.append(work, parties.stream_of(organisation_id), "organisation.manager_lost", {"reason": reason})
