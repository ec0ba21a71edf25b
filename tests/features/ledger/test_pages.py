"""The ledger as the audit administrator sees it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.conftest import NOON
from tests.world import offered
from wastetrack.domain.access import Role
from wastetrack.domain.security import Assurance
from wastetrack.features.accounts.models import SignIn, User, UserRole
from wastetrack.features.ledger import service
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.ids import new_id
from wastetrack.web.login import hash_of

pytestmark = pytest.mark.store


@pytest.fixture
def signed_in(work_as, browser):
    def sign_in(role):
        with work_as() as work:
            offered(work)
            user = new_id()
            work.session.add(User(id=user, username="somebody", name="演示审计员", password_hash="-", created_at=NOON))
            work.session.flush()
            work.session.add(UserRole(user_id=user, role=role))
            now = clock.now()
            work.session.add(
                SignIn(
                    token_hash=hash_of("t"), user_id=user, created_at=now, seen_at=now,
                    expires_at=now + timedelta(days=1), device="test",
                    proven_at=now, assurance=Assurance.PASSWORD,
                )
            )  # fmt: skip
            service.append(work, "test:a", "test.done", {"number": 1})
        with browser._client.session_transaction() as cookie:
            cookie["_user_id"] = "t"
        return browser

    return sign_in


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_audit_administrator_sees_streams_and_their_events(signed_in, language):
    page = signed_in(Role.AUDIT_ADMIN)
    page.language = language
    assert "test:a" in page.get("/ledger").text
    assert "test.done" in page.get("/ledger/stream?name=test:a").text


def test_a_verification_says_that_the_ledger_is_intact(signed_in):
    page = signed_in(Role.AUDIT_ADMIN)
    page.get("/ledger")
    answer = page.post("/ledger/verify")
    assert answer.status_code == 200
    assert "tone-ok" in answer.text


def test_a_verification_names_what_was_changed(signed_in, store):
    page = signed_in(Role.AUDIT_ADMIN)
    page.get("/ledger")
    with writing(store) as session:
        session.execute(text("UPDATE ledger_streams SET seq = 2 WHERE stream = 'test:a'"))
    answer = page.post("/ledger/verify")
    assert "name=test:a" in answer.text
    assert "tone-alarm" in answer.text


def test_streams_are_found_by_their_beginning(signed_in):
    page = signed_in(Role.AUDIT_ADMIN)
    assert "test:a" in page.get("/ledger?prefix=test").text
    assert "test:a" not in page.get("/ledger?prefix=container").text


def test_a_stream_that_is_not_there_is_no_page(signed_in):
    assert signed_in(Role.AUDIT_ADMIN).get("/ledger/stream?name=test:none").status_code == 404


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])
def test_other_administrators_do_not_see_the_ledger(signed_in, role):
    assert signed_in(role).get("/ledger").status_code == 403


def test_the_command_exits_with_one_when_something_is_wrong(app, signed_in, store):
    signed_in(Role.AUDIT_ADMIN)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["ledger", "verify"]).exit_code == 0
    with writing(store) as session:
        session.execute(text("DELETE FROM ledger_streams WHERE stream = 'test:a'"))
    assert runner.invoke(args=["ledger", "verify"]).exit_code == 1
