"""Locks shut nobody else out; sessions are seen and ended; the policy is set with a reason; signing asks again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN
from wastetrack.domain.access import Role
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import PasswordRules, SecondFactorRule
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.service import ChangePassword, SetPolicy
from wastetrack.features.ledger import queries as ledger

pytestmark = pytest.mark.store
STRANGER = {"REMOTE_ADDR": "203.0.113.7"}
NEIGHBOUR = {"REMOTE_ADDR": "203.0.113.99"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def security(work_as: WorkAs) -> User:
    with work_as(SECURITY_ADMIN) as work:
        return parties.account(work, "security", Role.SECURITY_ADMIN)


def fail(app: Flask, times: int, address: dict[str, str] = STRANGER) -> int:
    browser = Browser(app)
    status = 0
    for _ in range(times):
        form = {"username": "security", "password": "Wrong-password-1"}
        status = browser.post("/sign-in", form, environ_overrides=address).status_code
    return status


def enter(browser: Browser, address: dict[str, str]) -> int:
    form = {"username": "security", "password": PASSWORD}
    return browser.post("/sign-in", form, environ_overrides=address).status_code


def test_a_stranger_locks_his_own_block_of_addresses_and_nobody_else(app: Flask, security: User) -> None:
    assert fail(app, 5) == 429
    assert enter(Browser(app), NEIGHBOUR) == 429
    assert enter(Browser(app), {"REMOTE_ADDR": "198.51.100.1"}) == 303


def test_a_device_that_signed_in_before_gets_in_beside_the_stranger(app: Flask, security: User) -> None:
    own = Browser(app)
    assert enter(own, NEIGHBOUR) == 303
    own.post("/sign-out")
    assert fail(app, 5) == 429
    assert enter(own, NEIGHBOUR) == 303


def test_guessing_from_everywhere_is_stopped_and_the_known_device_is_not(app: Flask, security: User) -> None:
    own = Browser(app)
    enter(own, NEIGHBOUR)
    own.post("/sign-out")
    for block in range(25):
        fail(app, 4, {"REMOTE_ADDR": f"198.51.{block}.1"})
    assert enter(Browser(app), {"REMOTE_ADDR": "192.0.2.1"}) == 429
    assert enter(own, NEIGHBOUR) == 303


def test_the_cookie_of_another_persons_device_is_a_strangers(app: Flask, security: User, work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "other", Role.REGULATOR, region_code=COUNTY)
    browser = Browser(app)
    browser.post("/sign-in", {"username": "other", "password": PASSWORD}, environ_overrides=STRANGER)
    browser.post("/sign-out")
    fail(app, 5)
    assert enter(browser, STRANGER) == 429


# --- sessions ---


def test_a_person_sees_his_sessions_and_ends_the_others(app: Flask, security: User, session: Session) -> None:
    here, there = Browser(app), Browser(app)
    enter(here, STRANGER)
    enter(there, STRANGER)
    assert here.get("/sessions").text.count("timeline-item") == 2
    here.post("/sessions/end")
    assert there.get("/sessions").status_code == 303
    assert here.get("/sessions").status_code == 200
    kinds = [event.kind for event in ledger.stream(session, f"user:{security.id}")]
    assert kinds[-1] == "account.session_ended"


def test_nobody_ends_the_session_of_another_but_the_security_administrator(
    app: Flask, security: User, work_as: WorkAs, session: Session
) -> None:
    with work_as(SECURITY_ADMIN) as work:
        other = parties.account(work, "other", Role.REGULATOR, region_code=COUNTY)
        service.open_session(work, other.id, "T" * 64)
    with pytest.raises(Refusal), work_as(queries.actor_of(session, other.id)) as work:
        service.end_other_sessions(work, security.id)
    browser = Browser(app)
    enter(browser, STRANGER)
    assert browser.get(f"/accounts/{other.id}").status_code == 200
    browser.post(f"/accounts/{other.id}/sessions/end", {"session": "T" * 16})
    session.rollback()
    assert queries.signed_in(session, "T" * 64, NOON) is None


# --- the policy ---


def test_the_policy_is_set_on_its_page_with_a_reason_for_the_record(
    app: Flask, security: User, session: Session
) -> None:
    browser = Browser(app, "en")
    enter(browser, STRANGER)
    form = {
        "passwords": "modern",
        "change_after_days": "90",
        "remembered": "5",
        "least_length": "15",
        "second_factor": "offered",
        "signing_minutes": "5",
    }
    assert browser.get("/policy").status_code == 200
    assert browser.post("/policy", {**form, "least_length": "3"}).status_code == 422
    assert browser.post("/policy", {**form, "reason": "Trial", "act_key": "p"}).status_code == 303
    chosen = queries.policy(session)
    assert (chosen.passwords, chosen.least_length, chosen.signing_minutes) == (PasswordRules.MODERN, 15, 5)
    event = ledger.stream(session, "platform:policy")[-1]
    assert event.kind == "policy.changed"


def test_a_worn_password_is_changed_before_anything_else_and_does_not_come_back(
    app: Flask, security: User, work_as: WorkAs, session: Session, clock: Any
) -> None:
    with work_as(SECURITY_ADMIN) as work:
        chosen = {"passwords": PasswordRules.CLASSIFIED, "second_factor": SecondFactorRule.OFFERED}
        service.set_policy(work, SetPolicy(**chosen, change_after_days=90, reason="演示"))
    clock.move_to(NOON + timedelta(days=90))
    browser = Browser(app)
    enter(browser, STRANGER)
    assert browser.get("/accounts").location == "/password"
    me = queries.actor_of(session, security.id)
    turn = {PASSWORD: "Another-horse-8", "Another-horse-8": PASSWORD}
    for old, new in turn.items():
        with work_as(me, NOON + timedelta(days=90)) as work:
            proof = service.proven(work.session, "security", old)
            command = ChangePassword(password=old, new_password=new, repeated=new)
            if new == PASSWORD:
                with pytest.raises(Refusal) as refusal:
                    service.change_password(work, command, proof)
                assert refusal.value.problems[0].code == "password.used_before"
            else:
                assert isinstance(service.change_password(work, command, proof), User)
