"""Signing in and keeping accounts through the browser."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import Role
from wastetrack.domain.accounts import IDLE, LONGEST_SESSION, SEEN_EVERY
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import SignIn, User
from wastetrack.features.accounts.service import SetActive

pytestmark = pytest.mark.store

ONE_TIME = r"(?<![-\w])[0-9A-Z]{4}-[0-9a-z]{4}-[0-9A-Z]{4}(?![-\w])"
"""The shape of a one-time password, and not of a part of an id in an address."""


@pytest.fixture
def security(work_as: WorkAs) -> User:
    with work_as(SECURITY_ADMIN) as work:
        return parties.account(work, "security", Role.SECURITY_ADMIN)


@pytest.fixture
def regulator(work_as: WorkAs) -> User:
    with work_as(SECURITY_ADMIN) as work:
        return parties.account(work, "regulator", Role.REGULATOR, region_code=COUNTY)


@pytest.fixture
def signed_in(browser: Browser, security: User) -> Browser:
    browser.sign_in("security", PASSWORD)
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get("/password").status_code == 200


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_he_was(browser: Browser, security: User) -> None:
    answer = browser.get("/accounts?q=x")
    assert answer.status_code == 303
    form = browser.get(answer.location)
    action = re.search(r'<form class="panel" method="post" action="([^"]+)"', form.text)
    assert action
    answer = browser.post(action.group(1).replace("&amp;", "&"), {"username": "security", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/accounts?q=x")


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(browser: Browser, security: User, elsewhere: str) -> None:
    browser.get("/sign-in")
    sent = {"username": "security", "password": PASSWORD}
    answer = browser.post("/sign-in", sent, query_string={"next": elsewhere})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_wrong_password_is_said_and_never_repeated(browser: Browser, security: User) -> None:
    answer = browser.sign_in("security", "Wrong-password-1")
    assert answer.status_code == 422
    assert "用户名或密码不正确" in answer.text
    assert "Wrong-password-1" not in answer.text
    assert not is_in(browser)


def test_a_locked_name_says_until_when(browser: Browser, security: User) -> None:
    for _ in range(5):
        answer = browser.sign_in("security", "Wrong-password-1")
    assert answer.status_code == 429
    assert browser.sign_in("security", PASSWORD).status_code == 429


def test_an_empty_form_is_answered_at_its_fields(browser: Browser) -> None:
    answer = browser.sign_in("", "")
    assert answer.status_code == 422
    assert 'id="field-username-error"' in answer.text
    assert 'id="field-password-error"' in answer.text


def test_the_cookie_is_worth_nothing_after_signing_out(app: Flask, signed_in: Browser) -> None:
    kept = signed_in._client.get_cookie("wastetrack")
    assert kept is not None
    assert signed_in.post("/sign-out").status_code == 303
    thief = Browser(app)
    thief._client.set_cookie("wastetrack", kept.value)
    assert not is_in(thief)


def test_a_forged_cookie_is_nobody(app: Flask, browser: Browser, security: User) -> None:
    forged = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    browser._client.set_cookie("wastetrack", forged.dumps({"_user_id": str(security.id), "_fresh": True}))
    assert not is_in(browser)
    browser._client.set_cookie("wastetrack", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb")
    assert not is_in(browser)


def test_the_browser_holds_neither_the_hash_nor_anything_of_the_person(signed_in: Browser, session: Session) -> None:
    cookie = signed_in._client.get_cookie("wastetrack")
    kept = session.scalar(select(SignIn.token_hash))
    assert cookie is not None
    assert kept is not None
    assert kept not in cookie.decoded_value
    assert "security" not in cookie.decoded_value


def test_signing_in_again_ends_the_session_before(signed_in: Browser, session: Session) -> None:
    signed_in.post("/sign-in", {"username": "security", "password": PASSWORD})
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_a_closed_account_is_out_with_its_next_click(signed_in: Browser, security: User, work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "another", Role.SECURITY_ADMIN)
        service.set_active(work, SetActive(user_id=security.id, active=False))
    assert not is_in(signed_in)


def test_a_session_lives_while_it_is_used_and_ends_after_a_working_day(browser: Browser, security: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        browser.sign_in("security", PASSWORD)
        step = IDLE - SEEN_EVERY
        moment = NOON
        while moment + step < NOON + LONGEST_SESSION:
            moment += step
            clock.move_to(moment)
            assert is_in(browser), moment
        clock.move_to(NOON + LONGEST_SESSION)
        assert not is_in(browser)


def test_a_session_that_nobody_uses_ends(browser: Browser, security: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        browser.sign_in("security", PASSWORD)
        clock.move_to(NOON + IDLE - timedelta(seconds=1))
        assert is_in(browser)
        clock.move_to(NOON + IDLE * 2)
        assert not is_in(browser)


def test_a_one_time_password_leads_to_choosing_an_own_one(signed_in: Browser, app: Flask, session: Session) -> None:
    facts = {"name": "演示监管人员", "username": "county", "roles": ["regulator"], "region_code": COUNTY}
    answer = signed_in.post(f"/accounts/new?for=region&region={COUNTY}", facts)
    password = re.search(ONE_TIME, answer.text)
    assert password
    newcomer = Browser(app)
    newcomer.sign_in("county", password.group())
    assert newcomer.get("/organisations").location == "/password"
    newcomer.get("/password")
    sent = {"password": password.group(), "new_password": "Another-horse-8", "repeated": "Another-horse-8"}
    assert newcomer.post("/password", sent).location == "/"
    assert newcomer.get("/organisations").status_code == 200
    user = queries.by_username(session, "county")
    assert user is not None
    assert not user.must_change_password


def test_a_new_password_ends_the_other_browsers_session(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in("security", PASSWORD)
    sent = {"password": PASSWORD, "new_password": "Another-horse-8", "repeated": "Another-horse-8"}
    signed_in.post("/password", sent)
    assert is_in(signed_in)
    assert not is_in(other)


def test_problems_of_a_new_password_come_at_their_fields(signed_in: Browser) -> None:
    answer = signed_in.post("/password", {"password": PASSWORD, "new_password": "weak", "repeated": "other"})
    assert answer.status_code == 422
    assert 'id="field-new_password-error"' in answer.text
    assert 'id="field-repeated-error"' in answer.text


def test_only_the_security_administrator_sees_accounts(app: Flask, regulator: User) -> None:
    browser = Browser(app)
    browser.sign_in("regulator", PASSWORD)
    for path in ("/accounts", "/accounts/new", f"/accounts/{regulator.id}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/accounts/{regulator.id}/password").status_code == 403
    assert browser.post("/accounts/new", {"username": "x"}).status_code == 403


def test_the_list_is_narrowed_and_shows_for_whom_people_act(signed_in: Browser, regulator: User) -> None:
    page = signed_in.get("/accounts?role=regulator").text
    assert "石家庄市长安区" in page
    assert ">regulator</a>" in page
    assert ">security</a>" not in page


@pytest.mark.parametrize(
    "path", ["/accounts/new", "/accounts/new?for=platform", "/accounts/new?for=region&region=130100"]
)
def test_the_steps_to_a_new_account_are_shown(signed_in: Browser, path: str) -> None:
    assert signed_in.get(path).status_code == 200


def test_the_form_offers_only_roles_that_fit(signed_in: Browser, work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        hospital = parties.organisation(work, name="演示第二医院")
    found = signed_in.get("/accounts/new?for=organisation&q=第二").text
    assert f"organisation={hospital.id}" in found
    form = signed_in.get(f"/accounts/new?for=organisation&organisation={hospital.id}").text
    assert re.findall(r'name="roles" value="(\w+)"', form) == ["collector", "manager"]


def test_a_forged_role_is_refused_and_nothing_typed_is_lost(signed_in: Browser, work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        hospital = parties.organisation(work)
    facts = {"name": "演示", "username": "clever", "roles": ["security_admin"], "organisation_id": str(hospital.id)}
    answer = signed_in.post(f"/accounts/new?for=organisation&organisation={hospital.id}", facts)
    assert answer.status_code == 422
    assert 'value="clever"' in answer.text


def test_a_password_cannot_be_set_through_the_form(signed_in: Browser, session: Session) -> None:
    facts = {"name": "演示", "username": "clever", "roles": ["audit_admin"], "password": PASSWORD}
    assert signed_in.post("/accounts/new?for=platform", facts).status_code == 422
    assert queries.by_username(session, "clever") is None


def test_a_reset_shows_its_password_once(signed_in: Browser, regulator: User) -> None:
    first = signed_in.post(f"/accounts/{regulator.id}/password", {"act_key": "once"})
    second = signed_in.post(f"/accounts/{regulator.id}/password", {"act_key": "once"})
    assert re.search(ONE_TIME, first.text)
    assert not re.search(ONE_TIME, second.text)


def test_an_account_is_closed_and_opened_again(signed_in: Browser, regulator: User, app: Flask) -> None:
    signed_in.post(f"/accounts/{regulator.id}/active", {"active": "false"})
    other = Browser(app)
    assert other.sign_in("regulator", PASSWORD).status_code == 422
    signed_in.post(f"/accounts/{regulator.id}/active", {"active": "true"})
    assert other.sign_in("regulator", PASSWORD).status_code == 303


def test_an_account_that_is_not_there_is_not_there(signed_in: Browser) -> None:
    assert signed_in.get("/accounts/01234567-89ab-7cde-8f01-23456789abcd").status_code == 404


def test_the_console_makes_the_first_administrator(app: Flask, store: Engine) -> None:
    command = ["accounts", "create-admin", "--role", "system", "--username", "root"]
    weak = app.test_cli_runner().invoke(args=command, input="weak\nweak\n")
    assert weak.exit_code == 1
    assert "too short" in weak.output
    made = app.test_cli_runner().invoke(args=command, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    browser = Browser(app)
    assert browser.sign_in("root", PASSWORD).status_code == 303


def test_the_console_can_make_a_one_time_password(app: Flask) -> None:
    command = ["accounts", "create-admin", "--role", "audit", "--username", "audit", "--generate"]
    made = app.test_cli_runner().invoke(args=command)
    password = made.output.split()[-1]
    browser = Browser(app)
    browser.sign_in("audit", password)
    assert browser.get("/").location == "/password"
