"""Handing over the management of an organisation: asked, taken over, refused, withdrawn. Stream `handover:<id>`."""

from typing import Annotated
from uuid import UUID

from sqlalchemy import delete

from wastetrack.domain.access import Act, Role, require, unknown
from wastetrack.domain.accounts import parse_username
from wastetrack.domain.handovers import HandoverState, already_open_problem, moved_on_problem, successor_problem
from wastetrack.domain.invitations import InvitationState
from wastetrack.domain.parties import is_known
from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, Handover, User, UserRole
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.accounts.queries.handovers import stream_of
from wastetrack.features.accounts.service.base import end_invitations, end_sessions
from wastetrack.features.accounts.service.base import stream_of as user_stream
from wastetrack.features.accounts.service.invited import made_up_for, new_link
from wastetrack.features.accounts.service.keepers import make_manager, manages
from wastetrack.features.accounts.service.kept import CreateAccount, account_problems, cut_off, write_account
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.infra.commands import ActKey, Command, OptionalText, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


class AskHandover(Command):
    """Hand the management of an organisation to one of its people, or to somebody who is invited for it."""

    organisation_id: UUID
    successor_id: UUID | None = None
    name: ShortText | None = None
    """Of somebody who has no account yet."""
    username: Annotated[str, read_by(parse_username)] | None = None
    keeps: frozenset[Role] = frozenset()
    """Roles that the leaver keeps of those he has; with none his account is closed."""
    reason: Text
    act_key: ActKey | None = None


class AnswerHandover(Command):
    """Take the management over, or refuse it."""

    handover_id: UUID
    accept: bool
    reason: OptionalText = ""
    act_key: ActKey | None = None


class WithdrawHandover(Command):
    """Take a hand-over back before it is answered."""

    handover_id: UUID
    reason: OptionalText = ""
    act_key: ActKey | None = None


# --- asking ----------------------------------------------------------------------------------------------------------


def ask_handover(work: Work, command: AskHandover) -> tuple[Handover, User, str | None]:
    """Ask somebody to take over; return who, and the link for him where he is invited by it.

    The organisation is held meanwhile, so that one hand-over of it is open at most. The same act again returns no link.
    """
    related = handovers.relations(work.actor, command.organisation_id)
    if not related:
        require(work.actor, Act.HAND_OVER)
    require(work.actor, Act.HAND_OVER, related)
    organisation = parties.locked(work.session, command.organisation_id)
    if not is_known(organisation.state) or work.actor.user_id is None:
        raise unknown()
    queries.hold_all_of(work.session, organisation.id)
    before = handovers.open_of(work.session, organisation.id)
    if before is not None:
        if command.act_key and ledger_queries.has_act(work.session, stream_of(before.id), command.act_key):
            return before, queries.user(work.session, before.successor_id), None
        refuse_all([already_open_problem()])
    leaver = queries.user(work.session, work.actor.user_id) if related else None
    keeps = command.keeps & queries.roles_of(work.session, leaver.id) if leaver else frozenset()
    successor, token = _successor(work, command, leaver)
    made = Handover(
        id=new_id(),
        organisation_id=organisation.id,
        leaver_id=leaver.id if leaver else None,
        successor_id=successor.id,
        asked_by=work.actor.user_id,
        keeps=" ".join(sorted(role.value for role in keeps)),
        reason=command.reason,
        state=HandoverState.OPEN,
        asked_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    facts = {
        "organisation": organisation.id,
        "leaver": made.leaver_id,
        "successor": successor.id,
        "keeps": sorted(role.value for role in keeps),
        "invited": token is not None,
        "reason": command.reason,
    }
    ledger.append(work, stream_of(made.id), "handover.asked", facts, act_key=command.act_key)
    return made, successor, token


def _successor(work: Work, command: AskHandover, leaver: User | None) -> tuple[User, str | None]:
    """Return the person who is to take over; one who has no account yet is given one without any role."""
    if command.successor_id is not None:
        choices = handovers.successors(work.session, command.organisation_id, leaver.id if leaver else None)
        found = next((one.user for one in choices if one.user.id == command.successor_id), None)
        if found is None:
            refuse_all([successor_problem()])
        assert found is not None  # noqa: S101
        return found, None
    if command.name is None:
        sentence = N_("Choose one of your people, or write the name of somebody new.")
        refuse_all([Problem("handover.nobody", sentence, field="successor_id")])
    roles = frozenset({Role.MANAGER})
    wanted = CreateAccount(
        username=command.username or made_up_for(roles, command.act_key),
        name=command.name or "",
        roles=roles,
        organisation_id=command.organisation_id,
    )
    refuse_all(account_problems(work, wanted))
    user = write_account(work, wanted.model_copy(update={"roles": frozenset()}), NO_PASSWORD, must_change=False)
    return user, new_link(work, user)


# --- answering -------------------------------------------------------------------------------------------------------


def answer_handover(work: Work, command: AnswerHandover) -> Handover:
    """Take over or refuse, by the person who was asked only; for anybody else there is nothing."""
    found = handovers.handover(work.session, command.handover_id)
    if work.actor.user_id != found.successor_id:
        raise unknown()
    queries.hold_all_of(work.session, found.organisation_id)
    one = handovers.held(work.session, found.id)
    after = HandoverState.ACCEPTED if command.accept else HandoverState.REFUSED
    if one.state is after:
        return one
    if one.state is not HandoverState.OPEN:
        refuse_all([moved_on_problem(one.state)])
    if command.accept:
        _take_over(work, one)
    _end(work, one, after, command.reason, command.act_key)
    if not command.accept:
        _forget_newcomer(work, one)
    return one


def _take_over(work: Work, one: Handover) -> None:
    successor = queries.locked(work.session, one.successor_id)
    if successor.organisation_id != one.organisation_id or not successor.active:
        refuse_all([successor_problem()])
    because = {"reason": one.reason, "handover": one.id}
    make_manager(work, successor.id, because)
    leaver = queries.locked(work.session, one.leaver_id) if one.leaver_id else None
    if leaver is not None:
        before = queries.roles_of(work.session, leaver.id)
        if manages(leaver, before) and leaver.organisation_id == one.organisation_id:
            _leave(work, leaver, {role for role in before if role.value in one.keeps.split()}, because)


def _leave(work: Work, leaver: User, kept: set[Role], because: dict[str, object]) -> None:
    """Take from the leaver what he does not keep; with nothing left his account is closed."""
    before = queries.roles_of(work.session, leaver.id)
    if not kept:
        leaver.active = False
        work.session.flush()
        cut_off(work, leaver.id)
        ledger.append(work, user_stream(leaver.id), "account.closed", because)
        return
    if kept == before:
        return
    work.session.execute(delete(UserRole).where(UserRole.user_id == leaver.id, UserRole.role.not_in(kept)))
    if Role.DRIVER not in kept:
        leaver.crew_id = None
    work.session.flush()
    end_sessions(work, [leaver.id])
    facts = {"from": sorted(before), "to": sorted(kept), "crew": leaver.crew_id, **because}
    ledger.append(work, user_stream(leaver.id), "account.roles_changed", facts)


def withdraw_handover(work: Work, command: WithdrawHandover) -> Handover:
    """Take it back, by whoever may hand over there."""
    found = handovers.handover(work.session, command.handover_id)
    if not handovers.may_hand_over(work.actor, found.organisation_id):
        raise unknown()
    queries.hold_all_of(work.session, found.organisation_id)
    one = handovers.held(work.session, found.id)
    if one.state is HandoverState.WITHDRAWN:
        return one
    if one.state is not HandoverState.OPEN:
        refuse_all([moved_on_problem(one.state)])
    _end(work, one, HandoverState.WITHDRAWN, command.reason, command.act_key)
    _forget_newcomer(work, one)
    return one


def _end(work: Work, one: Handover, state: HandoverState, reason: str, act_key: str | None) -> None:
    one.state, one.ended_at, one.end_reason = state, work.now, reason or None
    work.session.flush()
    facts = {"reason": reason} if reason else {}
    ledger.append(work, stream_of(one.id), f"handover.{state.value}", facts, act_key=act_key)


def _forget_newcomer(work: Work, one: Handover) -> None:
    """Close the account of somebody who was to come for this only: he has no role to sign in for."""
    user = queries.locked(work.session, one.successor_id)
    if user.active and not queries.roles_of(work.session, user.id):
        user.active = False
        work.session.flush()
        end_sessions(work, [user.id])
        end_invitations(work, user.id, InvitationState.WITHDRAWN)
        ledger.append(work, user_stream(user.id), "account.closed", {"handover": one.id})
