"""Over all routes: the headers of every answer, the token of every change, cookies, sizes, other sites, rates."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from config import Settings
from tests.chain import *  # noqa: F403
from tests.client import Browser
from tests.living import sit_down
from tests.world import PASSWORD, World
from wastetrack.app import LARGEST_REQUEST, create_app
from wastetrack.features.audit.models import AuditEntry
from wastetrack.features.ledger.models import LedgerEvent

HOST = {"base_url": "https://waste.example"}
NOBODY = "00000000-0000-7000-8000-000000000000"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
ONLY_OURS = (
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
)


@pytest.fixture
def behind_tls(store_url: str, tmp_path: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application as it stands in the world: over TLS, with the rates of an installation."""
    app = create_app(Settings(
        store_url, "a-secret-that-only-the-tests-know-0123456789", HOST["base_url"], tmp_path, testing=True
    ))  # fmt: skip
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["wastetrack.engine"].dispose()


def routes(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Yield every route of a method with an address of it."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()):
            values = dict.fromkeys(rule.arguments, NOBODY)
            values |= dict.fromkeys({"seq"} & rule.arguments, 1)
            values |= dict.fromkeys({"code", "sign_code", "waste_code", "token"} & rule.arguments, "7K3M9QXR2F4C")
            values |= dict.fromkeys({"position"} & rule.arguments, "1")
            values |= {"filename": "css/theme.css"} if rule.endpoint == "static" else {}
            built = rule.build(values, append_unknown=False)
            assert built is not None, rule
            yield rule, str(built[1])


def _rows(session: Session) -> tuple[int, int]:
    session.rollback()
    changes = select(func.count()).select_from(AuditEntry).where(AuditEntry.kind == "changed")
    return session.scalar(select(func.count()).select_from(LedgerEvent)) or 0, session.scalar(changes) or 0


@pytest.mark.parametrize("who", [None, "manager", "audit_admin"])
def test_every_answer_carries_what_protects_its_reader(behind_tls: Flask, world: World, who: str | None) -> None:
    browser = Browser(behind_tls)
    client = (sit_down(browser, world.people[who], **HOST) if who else browser)._client
    for method in ("GET", "POST", "DELETE"):
        for rule, path in [*routes(behind_tls, "POST" if method == "POST" else "GET"), (None, "/nothing/here")]:
            answer = client.open(path, method=method, **HOST)
            assert answer.status_code < 500, (method, path)
            for name, value in HEADERS.items():
                assert answer.headers.get(name) == value, (method, path, name)
            secret = rule is not None and "token" in rule.arguments and method != "DELETE"
            assert answer.headers["Referrer-Policy"] == ("strict-origin" if secret else "same-origin"), (method, path)
            policy = answer.headers["Content-Security-Policy"]
            assert all(part in policy for part in ONLY_OURS), path
            assert "unsafe-inline" not in policy
            assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
            assert "camera=(self)" in answer.headers["Permissions-Policy"]
            answer.close()
            published = rule is not None and rule.endpoint.startswith("heads.")
            if published and answer.status_code == 200 and rule.endpoint != "heads.heads_page":
                assert answer.headers["Cache-Control"].startswith("public, max-age="), path
                assert "Set-Cookie" not in answer.headers, path
            elif rule is None or rule.endpoint != "static":
                assert answer.headers["Cache-Control"] == "no-store", path
            for cookie in answer.headers.getlist("Set-Cookie"):
                assert cookie.startswith("__Host-"), cookie
                assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
                assert "Domain=" not in cookie


def test_no_change_goes_without_the_token_of_our_own_page(signed_in, session) -> None:
    browser = signed_in("manager")
    before = _rows(session)
    for _rule, path in routes(browser.app, "POST"):
        for data in ({}, {"csrf_token": "stolen"}):
            assert browser._client.post(path, data=data).status_code in {400, 403}, path
    assert _rows(session) == before


def test_no_change_comes_from_another_site(signed_in) -> None:
    browser = signed_in("manager")
    for _rule, path in routes(browser.app, "POST"):
        for site in ("cross-site", "same-site"):
            sent = {"csrf_token": browser._token}
            answer = browser._client.post(path, data=sent, headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 403, path


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_is_too_large_is_refused_in_a_sentence(signed_in, language: str) -> None:
    browser = signed_in("collector", language)
    answer = browser._client.post(
        "/find-code",
        data=b"0" * (LARGEST_REQUEST + 1),
        content_type="text/plain",
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 413
    assert ("Send a smaller picture" if language == "en" else "较小") in answer.text


def test_who_guesses_passwords_is_slowed_down_in_a_sentence(behind_tls: Flask, world) -> None:
    browser = Browser(behind_tls, "en")
    for number in range(25):
        browser.get("/sign-in", **HOST)
        form = {"username": "manager", "password": f"Wrong-{PASSWORD}-{number}", "csrf_token": browser._token}
        said = {"Referer": "https://waste.example/", "Accept-Language": "en"}
        answer = browser._client.post("/sign-in", data=form, headers=said, **HOST)
    assert answer.status_code == 429
    assert "Wait" in answer.text


def test_who_sends_requests_by_the_hundred_is_slowed_down(behind_tls: Flask) -> None:
    browser = Browser(behind_tls, "en")
    browser.get("/register-organisation", **HOST)
    said = {"Referer": "https://waste.example/", "Accept-Language": "en"}
    form = {"csrf_token": browser._token}
    sent = [browser._client.post("/register-organisation", data=form, headers=said, **HOST) for _ in range(121)]
    assert {answer.status_code for answer in sent[:120]} == {422}
    assert sent[120].status_code == 429
    assert "Wait" in sent[120].text


def test_who_tries_links_of_invitations_is_slowed_down(
    store_url: str, tmp_path: Path, compiled: FileSystemBytecodeCache
) -> None:
    settings = Settings(
        store_url, "a-secret-that-only-the-tests-know-0123456789", "http://127.0.0.1:8000", tmp_path, testing=True,
        sign_ins_per_minute=1,
    )  # fmt: skip
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled
    browser = Browser(app, "en")
    browser.get("/sign-in")
    doors = {
        "looking": lambda number: browser.get(f"/invitation/{number:026d}"),
        "choosing": lambda number: browser.post(f"/invitation/{number:026d}", {"new_password": PASSWORD}),
    }
    for door, tries in doors.items():
        answers = [tries(number) for number in range(21)]
        assert 429 not in {answer.status_code for answer in answers[:20]}, door
        assert answers[20].status_code == 429, door
        assert "Wait" in answers[20].text, door
    app.extensions["wastetrack.engine"].dispose()
