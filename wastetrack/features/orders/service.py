"""Acts on orders: give one, acknowledge it, report it carried out, end or withdraw it.

Every act is an event in the stream `order:<id>`. The words of an order are never changed.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from wastetrack.domain.access import Act, forbidden, require, unknown
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.orders import (
    TO_ALL,
    OrderState,
    addressing_problems,
    answer_by_problems,
    closed_problem,
    done_problem,
)
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Problem, Refusal, refuse, refuse_all
from wastetrack.domain.registration import moment_in
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.ledger import service as ledger
from wastetrack.features.orders import queries
from wastetrack.features.orders.models import Addressee, Order
from wastetrack.features.orders.queries import stream_of
from wastetrack.infra.commands import ActKey, Command, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class GiveOrder(Command):
    """Order all organisations of a kind in a region, or chosen ones, to do something until a moment."""

    region_code: str
    all_of: OrganisationKind | None = None
    organisation_ids: frozenset[UUID] = frozenset()
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    basis: Text
    answer_by: Annotated[AwareDatetime, read_by(moment_in)]
    act_key: ActKey


class Acknowledge(Command):
    """Say that the organisation has taken note of an order."""

    order_id: UUID
    act_key: ActKey


class Report(Command):
    """Say what the organisation has done to carry an order out."""

    order_id: UUID
    words: Words
    act_key: ActKey


class CloseOrder(Command):
    """End an order that has served its purpose, or withdraw one that was wrong."""

    order_id: UUID
    version: int
    outcome: OrderState
    reason: Text
    act_key: ActKey


def give(work: Work, command: GiveOrder) -> Order:
    """Give an order. Whom it goes to is fixed at this moment; the same form again is the same order."""
    if not queries.commands_in(work.session, work.actor, command.region_code) or work.actor.user_id is None:
        raise forbidden(Act.COMMAND)
    done = queries.given_with(work.session, work.actor.user_id, command.act_key)
    if done is not None:
        return done
    to, problems = _addressees(work, command)
    refuse_all([*problems, *answer_by_problems(command.answer_by, work.now)])
    one = Order(
        id=new_id(),
        region_code=command.region_code,
        all_of=command.all_of,
        text=command.text,
        basis=command.basis,
        answer_by=command.answer_by,
        given_at=work.now,
        given_by=work.actor.user_id,
        act_key=command.act_key,
        state=OrderState.IN_FORCE,
        version=1,
    )
    work.session.add(one)
    work.session.flush()
    work.session.add_all([Addressee(order_id=one.id, organisation_id=each) for each in to])
    facts = {
        "region": one.region_code, "all_of": one.all_of, "organisations": to, "text": one.text, "basis": one.basis,
        "answer_by": one.answer_by,
    }  # fmt: skip
    ledger.append(work, stream_of(one.id), "order.given", facts, act_key=command.act_key, begins=True)
    work.session.flush()
    return one


def _addressees(work: Work, command: GiveOrder) -> tuple[list[UUID], list[Problem]]:
    region = catalogue.region(work.session, command.region_code)
    if region is None:
        raise unknown()
    if command.all_of is not None and command.all_of not in TO_ALL:
        raise refuse("order.kind", N_("Choose one of the entries in the list."), field="organisation_ids")
    to_all = command.all_of is not None
    found = queries.all_of(work.session, region.path, command.all_of) if command.all_of else []
    problems = addressing_problems(len(command.organisation_ids), to_all=to_all, found=len(found))
    if to_all or problems:
        return found, problems
    chosen = [one.id for one in queries.chosen(work.session, region.path, command.organisation_ids)]
    if len(chosen) < len(command.organisation_ids):
        sentence = N_("An organisation that was chosen is not in this region, or is closed. Choose again.")
        problems.append(Problem("order.elsewhere", sentence, field="organisation_ids"))
    return chosen, problems


def acknowledge(work: Work, command: Acknowledge) -> Order:
    """Note that the organisation has seen the order: who and when, once for each."""
    one, row = _answering(work, command.order_id)
    if row.acknowledged_at is not None:
        return one
    _take_note(work, row)
    _append(work, one, "acknowledged", {}, command.act_key)
    return one


def report(work: Work, command: Report) -> Order:
    """Note what the organisation has done; whoever reports has taken note, too."""
    one, row = _answering(work, command.order_id)
    if ledger.done(work, stream_of(one.id), command.act_key):
        return one
    if row.carried_out_at is not None:
        raise Refusal([done_problem()])
    if row.acknowledged_at is None:
        _take_note(work, row)
    row.carried_out_at, row.carried_out_by, row.report = work.now, work.actor.user_id, command.words
    _append(work, one, "carried_out", {"words": command.words}, command.act_key)
    return one


def close(work: Work, command: CloseOrder) -> Order:
    """End or withdraw an order; it stays to be read."""
    one = _held(work, command.order_id, Act.COMMAND)
    if ledger.done(work, stream_of(one.id), command.act_key):
        return one
    if one.state is not OrderState.IN_FORCE or one.version != command.version:
        raise Refusal([closed_problem(one.state)])
    if command.outcome is OrderState.IN_FORCE:
        raise refuse("order.outcome", N_("Choose one of the entries in the list."), field="outcome")
    one.state, one.closed_at, one.closed_by = command.outcome, work.now, work.actor.user_id
    one.closed_reason = command.reason
    one.version += 1
    doing = "ended" if one.state is OrderState.ENDED else "withdrawn"
    _append(work, one, doing, {"reason": command.reason}, command.act_key)
    return one


def _held(work: Work, order_id: UUID, act: Act) -> Order:
    """Return the order, held against other writers, for somebody who may do `act` on it."""
    one = queries.held(work.session, order_id)
    relations = queries.relations(work.session, work.actor, one)
    if not relations:
        raise unknown()
    require(work.actor, act, relations)
    return one


def _answering(work: Work, order_id: UUID) -> tuple[Order, Addressee]:
    one = _held(work, order_id, Act.ANSWER_ORDER)
    if one.state is not OrderState.IN_FORCE:
        raise Refusal([closed_problem(one.state)])
    return one, queries.addressee(work.session, one.id, work.actor.organisation_id)


def _take_note(work: Work, row: Addressee) -> None:
    row.acknowledged_at, row.acknowledged_by = work.now, work.actor.user_id


def _append(work: Work, one: Order, doing: str, facts: dict[str, object], act_key: str) -> None:
    ledger.append(work, stream_of(one.id), f"order.{doing}", facts, evidence=Evidence.CONFIRMED, act_key=act_key)
    work.session.flush()
