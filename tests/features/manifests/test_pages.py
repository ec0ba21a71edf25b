"""The pages, through a browser without JavaScript: each person does his part, and each refusal says why."""

import pytest

from tests.client import Browser, words_on
from tests.world import PASSWORD
from wastetrack.domain.container_code import new_container_code
from wastetrack.domain.containers import State as Box
from wastetrack.domain.manifests import State
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest
from wastetrack.infra.ids import new_token


@pytest.fixture
def as_(app):
    """A browser in which somebody has signed in."""
    opened: dict[str, Browser] = {}

    def sign_in(who: str) -> Browser:
        if who not in opened:
            opened[who] = Browser(app)
            opened[who].sign_in(who, PASSWORD)
        return opened[who]

    return sign_in


def form(trade, boxes, **given):
    plan = {name: str(value) for name, value in trade.plan(boxes, **given).items() if name != "container_ids"}
    return {**plan, "container_ids": [str(box.id) for box in boxes]}


def the_manifest(session):
    session.rollback()
    return session.query(Manifest).one()


def test_every_person_does_his_part_in_the_browser(trade, as_, session, stands):
    boxes = trade.boxes(2)
    manager, driver, operator = as_("manager"), as_("driver"), as_("operator")
    assert boxes[0].code[:4] in manager.get("/manifests/new").text
    assert manager.post("/manifests/new", form(trade, boxes)).status_code == 303
    manifest = the_manifest(session)
    here = f"/manifests/{manifest.id}"
    page = manager.get(f"{here}/sign").text
    assert "冀A12345" in page
    sent = {"version": manifest.version, "shown": words_on(page), "act_key": new_token()}
    signed = manager.post(f"{here}/sign", sent, follow=True)
    assert "20261301000001" in signed.text

    trip = f"/trips/{manifest.id}"
    assert "20261301000001" in driver.get("/trips").text
    for box in boxes:
        scanned = driver.post(f"{trip}/load", {"code": box.code, "act_key": new_token(), "evidence": "scanned"})
        assert scanned.status_code == 303
    version = the_manifest(session).version
    sent = {"version": version, "shown": words_on(driver.get(trip).text), "act_key": new_token()}
    assert driver.post(f"{trip}/depart", sent).status_code == 303
    assert driver.post(f"{trip}/arrive", {"act_key": new_token()}).status_code == 303

    receipt = f"/receipts/{manifest.id}"
    assert "20261301000001" in operator.get("/receipts").text
    operator.post(f"{receipt}/receive", {"code": boxes[0].code, "mass": "3.4", "act_key": new_token()})
    assert boxes[1].code[:4] in operator.get(receipt).text
    operator.post(f"{receipt}/refuse", {"code": boxes[1].code, "reason": "破损", "act_key": new_token()})
    version = the_manifest(session).version
    sent = {"version": version, "shown": words_on(operator.get(receipt).text), "act_key": new_token()}
    assert operator.post(f"{receipt}/confirm", sent).status_code == 303
    assert the_manifest(session).state is State.PARTLY_ACCEPTED
    taken = manager.post(f"{here}/take-back", {"code": boxes[1].code, "act_key": new_token()})
    assert taken.status_code == 303
    assert stands(Container, boxes[1].id).state is Box.STORED


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_opens_in_both_languages_in_every_state(trade, app, language):
    boxes = trade.boxes(3)
    draft, pages = trade.draft(boxes), {}
    browsers = {who: Browser(app, language=language) for who in ("manager", "driver", "operator", "county")}
    for who, browser in browsers.items():
        browser.sign_in(who, PASSWORD)

    def look(who, path):
        answer = browsers[who].get(path)
        assert answer.status_code == 200, path
        pages[path] = answer.text

    here = f"/manifests/{draft.id}"
    for path in ("/manifests", "/manifests?number=2026&party=医院&state=signed&since=2026-01-01", "/manifests/new"):
        look("manager", path)
    for path in (here, f"{here}/sign", f"{here}/change", f"{here}/change?step=parties"):
        look("manager", path)
    manifest = trade.sign(draft)
    look("driver", "/trips")
    manifest = trade.load(manifest, boxes[0])
    look("driver", f"/trips/{draft.id}")
    look("operator", f"/receipts/{draft.id}")
    manifest = trade.depart(trade.load(manifest, *boxes[1:]))
    look("driver", f"/trips/{draft.id}")
    look("operator", f"/receipts/{draft.id}")
    manifest = trade.refuse(trade.receive(manifest, boxes[0]), boxes[1])
    look("operator", f"/receipts/{draft.id}")
    trade.confirm(manifest, name_missing=True)
    look("operator", f"/receipts/{draft.id}")
    look("operator", "/receipts")
    for who in ("manager", "operator", "county"):
        look(who, here)
    look("county", "/manifests")


def refused(answer, status, *words):
    assert answer.status_code == status
    for word in words:
        assert word in answer.text


def test_a_label_that_was_never_issued_is_refused_at_loading(trade, as_, stands):
    manifest = trade.signed()
    code = new_container_code(b"unknown")
    answer = as_("driver").post(f"/trips/{manifest.id}/load", {"code": code, "act_key": new_token()})
    refused(answer, 422, code[:4])
    assert stands(Manifest, manifest.id).version == manifest.version
