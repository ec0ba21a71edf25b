"""Acting for another: mandates given, accepted and ended, and the session that acts by one (docs/decisions/0009).

Events in the stream `mandate:<id>`; when somebody begins and ceases to act for another also stands in his own.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from sqlalchemy import update

from wastetrack.domain.access import Act, Actor, Relation, Role, forbidden, require, unknown
from wastetrack.domain.accounts import normal_username
from wastetrack.domain.mandates import (
    LONGEST_DAYS,
    MandateState,
    Wanted,
    idle_problem,
    is_over,
    mandate_problems,
    moved_on_problem,
    running_problem,
    self_problem,
    unknown_person_problem,
)
from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.times import local_day
from wastetrack.domain.typed_text import narrow
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, Mandate, SignIn, User
from wastetrack.features.accounts.queries import mandates
from wastetrack.features.accounts.queries.mandates import stream_of
from wastetrack.features.accounts.service.base import stream_of as user_stream
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.infra.commands import ActKey, Command, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

_longest = [LONGEST_DAYS]


def run_at_most(days: int) -> None:
    """Let mandates run for so many days at most. Set once, in `wastetrack.app`."""
    _longest[:] = [days]


def longest() -> int:
    """Return for how many days a mandate runs at most."""
    return _longest[0]


class GiveMandate(Command):
    """Authorise a person, named as he names himself, to act for the own organisation."""

    username: Annotated[str, read_by(normal_username)]
    name: ShortText
    roles: frozenset[Role] = frozenset()
    signs: bool = False
    since: date
    until: date
    reason: Text
    act_key: ActKey | None = None


class AnswerMandate(Command):
    """Accept a mandate or decline it."""

    mandate_id: UUID
    accept: bool
    act_key: ActKey | None = None


class WithdrawMandate(Command):
    """Take a mandate back, with the reason. It ends at once."""

    mandate_id: UUID
    reason: Text
    act_key: ActKey | None = None


class GiveBackMandate(Command):
    """Give a mandate back before its last day."""

    mandate_id: UUID
    act_key: ActKey | None = None


# --- giving and answering ------------------------------------------------------------------------------------------


def give_mandate(work: Work, command: GiveMandate) -> Mandate:
    """Offer somebody to act for one's own organisation; it holds once he has accepted, on its days."""
    organisation_id, giver = work.actor.organisation_id, work.actor.user_id
    if organisation_id is None or giver is None:
        raise forbidden(Act.MANDATE)
    require(work.actor, Act.MANDATE, {Relation.OWN})
    person = _person(work, command)
    if person is not None:
        person = queries.locked(work.session, person.id)
        for one in mandates.running(work.session, organisation_id, person.id):
            if command.act_key and ledger_queries.has_act(work.session, stream_of(one.id), command.act_key):
                return one
    refuse_all(_giving_problems(work, command, organisation_id, person))
    assert person is not None and person.organisation_id is not None  # noqa: S101, PT018
    made = Mandate(
        id=new_id(),
        organisation_id=organisation_id,
        user_id=person.id,
        own_organisation_id=person.organisation_id,
        roles=" ".join(sorted(role.value for role in command.roles)),
        signs=command.signs,
        since=command.since,
        until=command.until,
        reason=command.reason,
        state=MandateState.OFFERED,
        given_by=giver,
        given_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    facts = {
        "organisation": organisation_id,
        "person": person.id,
        "own_organisation": person.organisation_id,
        "roles": sorted(role.value for role in command.roles),
        "signs": command.signs,
        "since": command.since,
        "until": command.until,
        "reason": command.reason,
    }
    ledger.append(work, stream_of(made.id), "mandate.given", facts, act_key=command.act_key)
    return made


def _person(work: Work, command: GiveMandate) -> User | None:
    """Return the person meant, if somebody of an organisation has this username and this name."""
    found = queries.by_username(work.session, command.username)
    if found is None or not found.active or found.password_hash == NO_PASSWORD or found.organisation_id is None:
        return None
    return found if narrow(found.name) == narrow(command.name) else None


def _giving_problems(work: Work, command: GiveMandate, organisation_id: UUID, person: User | None) -> list[Problem]:
    today, wanted = local_day(work.now), Wanted(command.roles, command.since, command.until)
    kinds = parties.kinds_of(work.session, organisation_id)
    problems = mandate_problems(wanted, kinds, today, longest(), work.actor.roles)
    if person is None:
        return [unknown_person_problem(), *problems]
    if person.id == work.actor.user_id:
        return [self_problem(), *problems]
    for one in mandates.running(work.session, organisation_id, person.id):
        if not is_over(one.state, one.until, today) and one.since <= command.until and command.since <= one.until:
            problems.append(running_problem(one.until))
    return problems


def answer_mandate(work: Work, command: AnswerMandate) -> Mandate:
    """Accept or decline, by the person himself only; for anybody else there is nothing."""
    mandate = _own(work, command.mandate_id)
    after = MandateState.ACCEPTED if command.accept else MandateState.DECLINED
    if mandate.state is after:
        return mandate
    if mandate.state is not MandateState.OFFERED:
        refuse_all([moved_on_problem(mandate.state)])
    if command.accept and is_over(mandate.state, mandate.until, local_day(work.now)):
        refuse_all([idle_problem()])
    mandate.state = after
    if command.accept:
        mandate.accepted_at = work.now
    else:
        mandate.ended_at = work.now
    work.session.flush()
    kind = "mandate.accepted" if command.accept else "mandate.declined"
    ledger.append(work, stream_of(mandate.id), kind, {}, act_key=command.act_key)
    return mandate


def _own(work: Work, mandate_id: UUID) -> Mandate:
    mandate = mandates.held(work.session, mandate_id)
    if mandate.user_id != work.actor.user_id:
        raise unknown()
    return mandate


# --- ending --------------------------------------------------------------------------------------------------------


def withdraw_mandate(work: Work, command: WithdrawMandate) -> Mandate:
    """Take it back. Sessions that act by it have no rights from their next click on."""
    mandate = mandates.held(work.session, command.mandate_id)
    relations = mandates.relations(work.actor, mandate)
    if not relations:
        require(work.actor, Act.END_MANDATE)
    require(work.actor, Act.END_MANDATE, relations)
    if mandate.state is MandateState.WITHDRAWN:
        return mandate
    _end(work, mandate, MandateState.WITHDRAWN, command.reason, command.act_key)
    return mandate


def give_back_mandate(work: Work, command: GiveBackMandate) -> Mandate:
    """Give it back, by the person himself."""
    mandate = _own(work, command.mandate_id)
    if mandate.state is not MandateState.GIVEN_BACK:
        _end(work, mandate, MandateState.GIVEN_BACK, "", command.act_key)
    return mandate


def _end(work: Work, mandate: Mandate, state: MandateState, reason: str, act_key: str | None = None) -> None:
    if mandate.state not in {MandateState.OFFERED, MandateState.ACCEPTED}:
        refuse_all([moved_on_problem(mandate.state)])
    mandate.state, mandate.ended_at, mandate.end_reason = state, work.now, reason or None
    work.session.flush()
    ledger.append(work, stream_of(mandate.id), f"mandate.{state.value}", {"reason": reason}, act_key=act_key)


def end_mandates(work: Work, user_ids: Iterable[UUID], why: str) -> None:
    """End all that people were authorised to: their accounts are closed or act for another organisation now."""
    for mandate in mandates.open_of(work.session, user_ids):
        _end(work, mandate, MandateState.ENDED, why)


# --- the session ---------------------------------------------------------------------------------------------------


def act_for(work: Work, token_hash: str, mandate_id: UUID) -> Mandate:
    """Have a session act by a mandate of its person, until he stops or it ends."""
    mandate = _own(work, mandate_id)
    own = _himself(work)
    state = parties.organisation(work.session, mandate.organisation_id).state
    if not queries.mandate_holds(mandate, state, own.organisation_id, work.now):
        refuse_all([idle_problem()])
    _switch(work, token_hash, mandate.id)
    facts = {"mandate": mandate.id, "organisation": mandate.organisation_id}
    ledger.append(replace(work, actor=own), user_stream(mandate.user_id), "account.acting_began", facts)
    return mandate


def act_as_oneself(work: Work, token_hash: str) -> None:
    """Have a session act for nobody else any more."""
    by = work.actor.by_mandate
    if by is None or work.actor.user_id is None:
        return
    _switch(work, token_hash, None)
    own = _himself(work)
    ledger.append(replace(work, actor=own), user_stream(work.actor.user_id), "account.acting_ended", {"mandate": by.id})


def _himself(work: Work) -> Actor:
    """Return the person with what is his own."""
    if work.actor.user_id is None:
        raise unknown()
    return queries.actor_of(work.session, work.actor.user_id, work.now)


def _switch(work: Work, token_hash: str, mandate_id: UUID | None) -> None:
    mine = update(SignIn).where(SignIn.token_hash == token_hash, SignIn.user_id == work.actor.user_id)
    work.session.execute(mine.values(mandate_id=mandate_id))
    work.session.flush()
