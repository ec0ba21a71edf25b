"""Whoever signs has shown lately who he is; the event says how surely he was known."""

import json
from datetime import timedelta

from sqlalchemy import update

from tests.client import Browser, words_on
from tests.world import PASSWORD
from wastetrack.features.accounts.models import SignIn
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests.models import Manifest
from wastetrack.infra import clock
from wastetrack.infra.ids import new_token


def test_signing_after_a_while_asks_for_the_password_in_the_same_form(app, trade, work_as, session):
    manifest = trade.draft(trade.boxes(1))
    browser = Browser(app)
    browser.sign_in("manager", PASSWORD)
    here = f"/manifests/{manifest.id}/sign"
    page = browser.get(here).text
    assert "proof_password" not in page
    with work_as() as work:
        work.session.execute(update(SignIn).values(proven_at=clock.now() - timedelta(minutes=15)))
    form = {"version": manifest.version, "shown": words_on(page), "act_key": new_token()}
    assert "proof_password" in browser.get(here).text
    asked = browser.post(here, form)
    assert asked.status_code == 422
    assert "proof_password" in asked.text, "the form is still there"
    assert browser.post(here, {**form, "proof_password": "Wrong-password-1"}).status_code == 422
    assert session.get(Manifest, manifest.id).signed_at is None
    session.rollback()
    assert browser.post(here, {**form, "proof_password": PASSWORD}).status_code == 303
    assert session.get(Manifest, manifest.id).signed_at is not None
    event = ledger.stream(session, f"manifest:{manifest.id}")[-1]
    facts = event.facts if isinstance(event.facts, dict) else json.loads(event.facts)
    assert (event.kind, facts["assurance"], facts["roles"]) == ("manifest.signed", "password", ["manager"])
