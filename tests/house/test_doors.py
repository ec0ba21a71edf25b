"""The house is locked: a fresh installation lets nobody in, and every route says who may use it."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.client import Browser
from wastetrack.features.accounts.models import User
from wastetrack.web.routing import PUBLIC, needs_of

OPEN_TO_ALL = {
    "/healthz",
    "/readyz",
    "/language",
    "/sign-in",
    "/sign-in/code",
    "/c/<code>",
    "/C/<code>",
    "/boxes/code/<code>",
    "/v/<token>",
    "/V/<token>",
    "/p/<sign_code>",
    "/P/<sign_code>",
    "/invitation/<token>",
    "/register-organisation",
    "/register-organisation/<token>",
    "/register-organisation/<token>/again",
    "/register-organisation/<token>/withdraw",
    "/ledger/heads",
    "/ledger/heads.json",
    "/ledger/head",
    "/ledger/head.json",
    "/ledger/keys.json",
    "/ledger/keys.pem",
    "/ledger/consistency.json",
    "/static/<path:filename>",
}
"""Every address that works without an account. One more is a decision."""


def test_a_fresh_installation_has_no_account(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.parametrize("username", ["admin", "root", "demo", "system", "administrator"])
def test_customary_names_do_not_open_a_fresh_installation(browser: Browser, username: str) -> None:
    assert browser.sign_in(username, username).status_code in {401, 403, 422}


def test_only_the_listed_addresses_are_open_to_all(app: Flask) -> None:
    found = {rule.rule for rule in app.url_map.iter_rules() if needs_of(app, rule.endpoint) == PUBLIC}
    assert found == OPEN_TO_ALL


def test_every_other_page_sends_a_stranger_to_the_sign_in(app: Flask, browser: Browser) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule in OPEN_TO_ALL or "GET" not in (rule.methods or set()):
            continue
        path = rule.rule
        for argument in rule.arguments:
            filler = "00000000-0000-7000-8000-000000000000"
            path = path.replace(f"<uuid:{argument}>", filler).replace(f"<{argument}>", "7K3M9QXR2F4C")
            path = path.replace(f"<int:{argument}>", "1")
        answer = browser.get(path)
        assert answer.status_code == 303, rule.rule
        assert answer.location.startswith("/sign-in"), rule.rule


def test_every_changing_address_refuses_a_form_without_its_token(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        path = rule.rule
        for argument in rule.arguments:
            filler = "00000000-0000-7000-8000-000000000000"
            path = path.replace(f"<uuid:{argument}>", filler).replace(f"<{argument}>", "7K3M9QXR2F4C")
            path = path.replace(f"<int:{argument}>", "1")
        assert client.post(path).status_code in {303, 400}, rule.rule
        if rule.rule in OPEN_TO_ALL:
            assert client.post(path).status_code == 400, rule.rule
