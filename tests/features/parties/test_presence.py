"""The sign of a store: printed by who keeps the store, read by anyone, worthless once it is replaced."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.documents.paper import picture, scanned
from tests.living import chain, living_template, store_url, world  # noqa: F401
from tests.world import PASSWORD, World
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service
from wastetrack.features.parties.queries.presence import in_force

pytestmark = pytest.mark.store


def test_a_sign_holds_until_a_new_one_is_issued(
    app: Flask,
    world: World,  # noqa: F811
    work_as: WorkAs,
    session,
):
    store, anyone, manager = world.stores["hospital"], Browser(app), Browser(app)
    manager.sign_in("manager", PASSWORD)
    address = f"/organisations/{world.id('hospital')}/stores/{store.id}/sign"
    assert manager.get(address).status_code == 200
    old = in_force(session, store.id).code
    pdf = manager.get(f"{address}.pdf").data
    assert scanned(picture(pdf, dpi=100)) == [f"HTTP://127.0.0.1:8000/P/{old}"]
    assert manager.get(f"{address}.pdf").data == pdf
    assert store.name in anyone.get(f"/P/{old}").text

    facts = {"organisation_id": world.id("hospital"), "facility_id": store.id, "reason": "演示遗失", "act_key": "a"}
    for _again in range(2):
        with work_as(world.people["manager"], NOON) as work:
            service.reissue_presence_code(work, service.ReissuePresenceCode(**facts))
    session.rollback()
    new = in_force(session, store.id).code
    assert new != old
    replaced, now = anyone.get(f"/p/{old}"), anyone.get(f"/p/{new}")
    assert store.name not in replaced.text
    assert store.name in now.text
    assert store.name in manager.get(f"/p/{old}").text
    assert anyone.get(f"/p/{new[:-2]}00").status_code == 404
    query = select(LedgerEvent).where(LedgerEvent.kind == "organisation.presence_code_reissued")
    told = list(session.scalars(query))
    assert len(told) == 1
    assert old not in told[0].facts
    assert new not in told[0].facts
