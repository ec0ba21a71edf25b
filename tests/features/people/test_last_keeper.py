"""Nobody is left without a manager, and the platform without an administrator, by mistake; in an emergency at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import WorkAs
from tests.living import sit_down
from tests.world import World
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.handovers import NOBODY_CAN, last_one_problems
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.queries import handovers
from wastetrack.infra.i18n import CHINESE, _, speaking

pytestmark = pytest.mark.store


def close(work_as: WorkAs, world: World, who: str, **given) -> None:
    command = service.SetActive(user_id=world.people[who].user_id, active=False, **given)
    with work_as(world.people["security_admin"]) as work:
        service.set_active(work, command)


def moved(work_as: WorkAs, world: World, **given) -> None:
    command = service.MoveAccount(user_id=world.people["manager"].user_id, organisation_id=world.id("factory"),
                                  roles=frozenset({Role.MANAGER}), reason="演示调动", **given)  # fmt: skip
    with work_as(world.people["security_admin"]) as work:
        service.move_account(work, command)


def demoted(work_as: WorkAs, world: World, **given) -> None:
    command = service.ChangeRoles(
        user_id=world.people["manager"].user_id, roles=frozenset({Role.COLLECTOR}), reason="演示调岗", **given
    )
    with work_as(world.people["security_admin"]) as work:
        service.change_roles(work, command)


WAYS = {
    "closed": lambda work_as, world, **given: close(work_as, world, "manager", reason="演示离任", **given),
    "moved": moved,
    "demoted": demoted,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_last_manager_goes_only_with_a_successor_or_in_an_emergency(way, work_as, world, session) -> None:
    go = WAYS[way]
    with pytest.raises(Refusal, match=r"account\.last_keeper"):
        go(work_as, world)
    for stranger in ("doctor_a", "manager", "county"):
        with pytest.raises(Refusal, match=r"handover\.successor"):
            go(work_as, world, successor_id=world.people[stranger].user_id)
    go(work_as, world, successor_id=world.people["collector"].user_id)
    assert Role.MANAGER in queries.roles_of(session, world.people["collector"].user_id)
    assert handovers.gap_of(session, world.id("hospital")) is None


@pytest.mark.parametrize("way", WAYS)
def test_an_emergency_is_done_at_once_and_stands_on_the_list(way, work_as, world, session) -> None:
    WAYS[way](work_as, world, emergency=True)
    assert handovers.gap_of(session, world.id("hospital")) is not None
    assert handovers.count_gaps(session) == 1
    with work_as(world.people["security_admin"]) as work:
        roles = frozenset({Role.COLLECTOR, Role.MANAGER})
        user_id = world.people["collector"].user_id
        service.change_roles(work, service.ChangeRoles(user_id=user_id, roles=roles, reason="演示接任"))
    session.rollback()
    assert handovers.count_gaps(session) == 0


def test_an_emergency_needs_its_reason(work_as, world) -> None:
    with pytest.raises(Refusal) as refusal:
        close(work_as, world, "manager")
    assert {one.code for one in refusal.value.problems} == {"account.last_keeper", "account.last_reason"}
    with pytest.raises(Refusal, match=r"account\.last_reason"):
        close(work_as, world, "manager", emergency=True)


def test_the_page_says_what_then_nobody_can_do(world, app: Flask) -> None:
    admin = sit_down(Browser(app), world.people["security_admin"])
    last = f"/accounts/{world.people['manager'].user_id}"
    with speaking(CHINESE):
        for sentence in NOBODY_CAN[Role.MANAGER]:
            for page in ("close", "roles", f"move?organisation={world.id('factory')}"):
                assert _(sentence) in admin.get(f"{last}/{page}").text, (page, sentence)
        not_last = admin.get(f"/accounts/{world.people['collector'].user_id}/close").text
        assert _(NOBODY_CAN[Role.MANAGER][0]) not in not_last
    answer = admin.post(f"{last}/active", {"active": "false", "reason": "演示"})
    assert answer.status_code == 409
    assert 'id="field-emergency-error"' in answer.text
    assert admin.post(f"{last}/active", {"active": "false", "reason": "演示", "emergency": "yes"}).location == last


def test_two_last_managers_closed_at_once_leave_one(work_as: WorkAs, world: World, session: Session) -> None:
    with work_as(world.people["security_admin"]) as work:
        parties.account(work, "second.manager", Role.MANAGER, organisation_id=world.id("hospital"))
        parties.account(work, "second.security", Role.SECURITY_ADMIN)
        second = queries.by_username(work.session, "second.manager")
        other_admin = queries.actor_of(work.session, queries.by_username(work.session, "second.security").id)
    together = Barrier(2)

    def shut(by: Actor, user_id) -> str:
        together.wait()
        try:
            with work_as(by) as work:
                service.set_active(work, service.SetActive(user_id=user_id, active=False))
        except Refusal as refusal:
            return refusal.problems[0].code
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(shut, world.people["security_admin"], world.people["manager"].user_id),
            pool.submit(shut, other_admin, second.id),
        ]
        assert sorted(one.result() for one in both) == ["account.last_keeper", "closed"]
    assert queries.is_managed(session, world.id("hospital"))


def test_two_security_administrators_who_close_each_other_at_once_leave_one(work_as, world, session) -> None:
    with work_as(world.people["security_admin"]) as work:
        parties.account(work, "second.security", Role.SECURITY_ADMIN)
        other = queries.actor_of(work.session, queries.by_username(work.session, "second.security").id)
    one, together = world.people["security_admin"], Barrier(2)

    def shut(by: Actor, whom: Actor) -> str:
        together.wait()
        try:
            with work_as(by) as work:
                service.set_active(
                    work, service.SetActive(user_id=whom.user_id, active=False, emergency=True, reason="演示")
                )
        except Refusal as refusal:
            return refusal.problems[0].code
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(shut, one, other), pool.submit(shut, other, one)]
        assert sorted(running.result() for running in both) == ["account.last_security", "closed"]


@pytest.mark.parametrize("role", ["system_admin", "audit_admin"])
def test_the_last_of_the_other_administrators_goes_in_an_emergency_only(role, work_as, world, session, app) -> None:
    with pytest.raises(Refusal, match=r"account\.last_keeper"):
        close(work_as, world, role, reason="演示")
    close(work_as, world, role, reason="演示", emergency=True)
    assert [one.value for one in handovers.vacant(session)] == [role]
    assert "目前没有可登录的人员担任" in sit_down(Browser(app), world.people["security_admin"]).get("/accounts").text


def test_the_last_security_administrator_is_closed_at_the_console_only(world, app: Flask, session: Session) -> None:
    only = (Role.SECURITY_ADMIN,)
    said = last_one_problems(only, successor=False, emergency=True, reason="演示")
    assert [one.code for one in said] == ["account.last_security"]
    run = app.test_cli_runner().invoke
    command = ["accounts", "close", "--username", "security.admin", "--reason", "演示"]
    refused = run(args=command)
    assert refused.exit_code == 1
    assert "last open account" in refused.output
    assert run(args=[*command, "--emergency"]).exit_code == 0
    user = session.scalars(select(User).where(User.username == "security.admin")).one()
    assert not user.active
