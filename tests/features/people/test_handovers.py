"""The management of an organisation changes hands: asked, seen, taken over, refused, withdrawn; one at a time."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.client import Browser
from tests.conftest import WorkAs
from tests.living import Chain, sit_down
from tests.world import World
from wastetrack.domain.access import Role
from wastetrack.domain.handovers import HandoverState
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import GrantOrigin, Signature
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import Handover, User
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.accounts.queries.handovers import stream_of
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.signing import queries as signing

pytestmark = pytest.mark.store


@pytest.fixture
def ask(work_as: WorkAs, world: World):  # type: ignore[no-untyped-def]
    """Have the hospital's manager hand over to her collector, or as is given."""

    def make(by: str = "manager", house: str = "hospital", **given: Any) -> tuple[Handover, User, str | None]:
        facts = {"organisation_id": world.id(house), "reason": "演示离任", **given}
        if not {"name", "successor_id"} & given.keys():
            facts["successor_id"] = world.people["collector"].user_id
        with work_as(world.people[by]) as work:
            return service.ask_handover(work, service.AskHandover(**facts))

    return make


def answer(work_as: WorkAs, world: World, one: Handover, who: str = "collector", accept: bool = True) -> Handover:
    with work_as(world.people[who]) as work:
        return service.answer_handover(work, service.AnswerHandover(handover_id=one.id, accept=accept))


def roles(session: Session, world: World, who: str) -> set[Role]:
    session.rollback()
    return queries.roles_of(session, world.people[who].user_id)


def is_open(session: Session, world: World, who: str) -> bool:
    session.rollback()
    return session.scalars(select(User.active).where(User.id == world.people[who].user_id)).one()


def test_the_successor_manages_when_he_accepts_and_not_before(ask, work_as, world, session) -> None:
    one, _who, link = ask(keeps={Role.MANAGER})
    assert link is None
    assert roles(session, world, "collector") == {Role.COLLECTOR}
    answer(work_as, world, one)
    assert roles(session, world, "collector") == {Role.COLLECTOR, Role.MANAGER}
    assert roles(session, world, "manager") == {Role.MANAGER}
    kinds = [event.kind for event in ledger.stream(session, stream_of(one.id))]
    assert kinds == ["handover.asked", "handover.accepted"]
    (came,) = signing.grants_of(session, world.people["collector"].user_id)
    assert (came.signature, came.origin, came.granted_by) == (Signature.CONSIGNOR, GrantOrigin.HANDED_OVER, None)


def test_with_nothing_kept_the_account_of_the_leaver_closes_and_says_why(ask, work_as, world, session, app) -> None:
    leaver = sit_down(Browser(app), world.people["manager"])
    one, _who, _link = ask()
    assert leaver.get("/stores").status_code == 200
    answer(work_as, world, one)
    assert not is_open(session, world, "manager")
    assert leaver.get("/stores").location.startswith("/sign-in")
    closed = ledger.stream(session, service.stream_of(world.people["manager"].user_id))[-1]
    assert (closed.kind, json.loads(closed.facts)["reason"]) == ("account.closed", "演示离任")
    assert json.loads(closed.facts)["handover"] == str(one.id)


def test_refused_and_withdrawn_nothing_changes_and_the_next_can_be_asked(ask, work_as, world, session) -> None:
    one, _who, _link = ask()
    with pytest.raises(Refusal, match=r"handover\.open"):
        ask()
    answer(work_as, world, one, accept=False)
    second, _who, _link = ask()
    with work_as(world.people["manager"]) as work:
        service.withdraw_handover(work, service.WithdrawHandover(handover_id=second.id))
    with pytest.raises(Refusal, match=r"handover\.moved_on"):
        answer(work_as, world, second)
    assert roles(session, world, "collector") == {Role.COLLECTOR}
    assert is_open(session, world, "manager")
    assert ask()[0].state is HandoverState.OPEN


def test_nobody_but_the_successor_answers_and_nobody_but_who_may_hand_over_asks(ask, work_as, world) -> None:
    for who in ("collector", "county", "factory", "system_admin"):
        with pytest.raises(Refusal, match=r"access\.forbidden"):
            ask(by=who)
    one, _who, _link = ask()
    for who in ("manager", "security_admin", "factory"):
        with pytest.raises(Refusal, match=r"access\.unknown"):
            answer(work_as, world, one, who)
    with pytest.raises(Refusal, match=r"access\.unknown"), work_as(world.people["factory"]) as work:
        service.withdraw_handover(work, service.WithdrawHandover(handover_id=one.id))


@pytest.mark.parametrize("who", ["manager", "doctor_a", "county"])
def test_only_somebody_of_the_house_who_does_not_manage_it_follows(ask, world, who: str) -> None:
    with pytest.raises(Refusal, match=r"handover\.successor"):
        ask(successor_id=world.people[who].user_id)


def test_the_same_form_twice_is_one(ask) -> None:
    assert ask(act_key="once")[0].id == ask(act_key="once")[0].id


def test_somebody_new_is_invited_sees_what_he_takes_over_and_does_it(
    ask, world: World, app: Flask, session: Session, work_as: WorkAs
) -> None:
    Chain(world, work_as).bag()
    manager = sit_down(Browser(app), world.people["manager"])
    here = f"/organisations/{world.id('hospital')}/handover"
    assert manager.get("/handover").location == here
    manager.get(here)
    form = {"name": "演示新任", "username": "new.manager", "reason": "演示离任", "keeps": []}
    shown = manager.post(here, form).text
    token = re.search(r"/invitation/([0-9A-Z]{26})", shown)
    assert token
    guest = Browser(app)
    guest.get(token.group())
    chosen = "Another-horse-8"
    guest.post(token.group(), {"new_password": chosen, "repeated": chosen})
    guest.sign_in("new.manager", chosen)
    assert guest.get("/").location == "/handover"
    assert guest.get("/register").location == "/handover"
    page = guest.get("/handover").text
    for seen in ("正定县医院（演示）", "演示离任", "3.40 kg", world.people["collector"].name, "接管"):
        assert seen in page, seen
    one = session.scalars(select(Handover)).one()
    guest.post(f"/handovers/{one.id}/answer", {"accept": "yes"})
    session.rollback()
    user = queries.by_username(session, "new.manager")
    assert queries.roles_of(session, user.id) == {Role.MANAGER}
    assert not is_open(session, world, "manager")


def test_a_newcomer_who_refuses_has_nothing_left_to_sign_in_for(ask, world, session, work_as) -> None:
    one, newcomer, link = ask(name="演示新任")
    assert link
    assert queries.roles_of(session, newcomer.id) == set()
    with work_as(world.people["manager"]) as work:
        service.withdraw_handover(work, service.WithdrawHandover(handover_id=one.id))
    session.rollback()
    assert not session.get_one(User, newcomer.id, populate_existing=True).active
    assert queries.open_invitation(session, newcomer.id) is None


def test_the_security_administrator_finds_a_house_without_manager_and_hands_it_over(
    ask, work_as, world, session, app
) -> None:
    admin = sit_down(Browser(app), world.people["security_admin"])
    manager = world.people["manager"].user_id
    with work_as(world.people["security_admin"]) as work:
        service.set_active(work, service.SetActive(user_id=manager, active=False, emergency=True, reason="演示紧急"))
    assert "无管理员的单位" in admin.get("/").text
    listed = admin.get("/accounts/unmanaged").text
    here = f"/organisations/{world.id('hospital')}/handover"
    assert here in listed
    assert "演示紧急" in listed
    assert (
        "起本单位没有管理员" in sit_down(Browser(app), world.people["county"]).get(here.removesuffix("/handover")).text
    )
    admin.get(here)
    successor = world.people["collector"].user_id
    assert admin.post(here, {"successor_id": str(successor)}).status_code == 422
    assert admin.post(here, {"successor_id": str(successor), "reason": "演示接任"}).location == here
    answer(work_as, world, session.scalars(select(Handover)).one())
    assert roles(session, world, "collector") == {Role.COLLECTOR, Role.MANAGER}
    assert handovers.count_gaps(session) == 0
    assert handovers.gap_of(session, world.id("hospital")) is None


def test_who_is_closed_or_moved_takes_nothing_over(ask, work_as, world, session) -> None:
    one, _who, _link = ask()
    with work_as(world.people["security_admin"]) as work:
        command = service.SetActive(user_id=world.people["collector"].user_id, active=False)
        service.set_active(work, command)
    session.rollback()
    assert session.get_one(Handover, one.id, populate_existing=True).state is HandoverState.WITHDRAWN
