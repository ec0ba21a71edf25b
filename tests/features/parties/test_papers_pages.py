"""Contracts, plans and the question what an organisation may do, as people meet them."""

from flask import Flask

from tests.client import Browser
from tests.living import living_template, sit_down, store_url, world
from tests.world import World
from wastetrack.domain.times import local_day
from wastetrack.infra import clock
from wastetrack.infra.ids import new_token

__all__ = ["living_template", "store_url", "world"]

YEAR = local_day(clock.now()).year
ASKED = {"deed": "treat", "waste_code": "841-001-01", "mass": "1", "mode": "Y10", "day": "2026-11-23"}


def at(app: Flask, world: World, who: str) -> Browser:
    return sit_down(Browser(app, "en"), world.people[who])


def ask(app: Flask, world: World, **given: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {**ASKED, **given}.items())
    answer = at(app, world, "system_admin").get(f"/organisations/{world.id('plant')}/may?{query}")
    assert answer.status_code == 200
    return answer.text


def test_the_page_says_yes_or_every_reason_with_its_law(app: Flask, world: World) -> None:
    assert "Yes. Nothing in the papers" in ask(app, world)
    no = ask(app, world, waste_code="900-041-49", mass="30000", mode="D1", day="2031-01-01")
    assert "ended on" in no
    assert "does not name the mode D1" in no
    assert "900-041-49 is outside licence" in no
    assert "Art. 534" in no


def test_a_wrong_question_is_answered_at_its_field(app: Flask, world: World) -> None:
    wrong = ask(app, world, waste_code="abc", mass="")
    assert 'href="#field-waste_code"' in wrong
    assert 'href="#field-mass"' in wrong


def test_a_plan_is_filed_and_filed_again_and_both_versions_are_read(app: Flask, world: World) -> None:
    manager = at(app, world, "manager")
    base = f"/organisations/{world.id('hospital')}"
    line = {"lines.0.waste_code": "84100101", "lines.0.receiver_id": str(world.id("plant")), "lines.0.mass_g": "5"}
    form = {"year": str(YEAR), "version": "0", "filed_on": f"{YEAR}-01-02", "act_key": new_token(), **line}
    assert "not entered here" in manager.get(base).text or "not filed yet" in manager.get(base).text
    assert manager.post(f"{base}/plan/file", form).status_code == 303
    again = {**form, "version": "1", "act_key": new_token(), "lines.0.mass_g": "7", "lines.1.waste_code": "xyz"}
    wrong = manager.post(f"{base}/plan/file", again)
    assert wrong.status_code == 422
    assert 'href="#field-lines-1-waste_code"' in wrong.text
    del again["lines.1.waste_code"]
    assert "Say what changed" in manager.post(f"{base}/plan/file", again).text
    assert manager.post(f"{base}/plan/file", {**again, "reason": "more patients"}).status_code == 303
    assert "7.000 t" in manager.get(f"{base}/plan?year={YEAR}").text
    old = manager.get(f"{base}/plan?year={YEAR}&version=1").text
    assert "5.000 t" in old
    assert "old version" in old
    assert manager.post(f"{base}/plan/file", {**again, "act_key": new_token()}).status_code == 409


def test_both_sides_see_a_contract_and_the_consignor_prolongs_it(app: Flask, world: World) -> None:
    assert "合YS0001" in at(app, world, "system_admin").get(f"/organisations/{world.id('plant')}").text
    manager = at(app, world, "manager")
    form = {
        "partner_id": str(world.id("carrier")), "number": "合YS0002", "valid_from": "2026-01-01",
        "valid_until": "2026-12-31", "scope": "HW01", "act_key": new_token(),
    }  # fmt: skip
    address = f"/organisations/{world.id('hospital')}/add/contract"
    manager.get(address)
    assert manager.post(address, form).status_code == 303
    assert manager.post(address, {**form, "act_key": new_token()}).status_code == 409
    assert manager.post(address, {**form, "partner_id": str(world.id("factory")), "number": "9"}).status_code == 422


def test_what_is_left_of_the_year_stands_beside_the_licence(app: Flask, world: World) -> None:
    page = at(app, world, "system_admin").get(f"/organisations/{world.id('plant')}").text
    assert "left this year: 20000.000 t" in page
