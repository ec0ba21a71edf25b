"""Contracts, plans and the question what an organisation may do, as people meet them."""

from datetime import date

from flask import Flask

from tests.client import Browser
from tests.conftest import WorkAs
from tests.living import living_template, sit_down, store_url, world
from tests.world import World, credit_code
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.times import local_day
from wastetrack.features.parties import service
from wastetrack.features.parties.models import CrewMember, Licence, Vehicle
from wastetrack.infra import clock
from wastetrack.infra.ids import new_token

__all__ = ["living_template", "store_url", "world"]

YEAR = local_day(clock.now()).year
ASKED = {"deed": "treat", "waste_code": "841-001-01", "mass": "1", "mode": "Y10", "day": "2026-11-23"}


def at(app: Flask, world: World, who: str) -> Browser:
    return sit_down(Browser(app, "en"), world.people[who])


def ask(app: Flask, world: World, who: str = "plant", **given: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {**ASKED, **given}.items())
    answer = at(app, world, "system_admin").get(f"/organisations/{world.id(who)}/may?{query}")
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
    open_ended = ask(app, world, mode="", source_code=credit_code(777))
    assert 'href="#field-mode"' in open_ended
    assert 'href="#field-source_code"' in open_ended


def test_a_carrier_is_judged_with_its_vehicles_and_crew(app: Flask, world: World, work_as: WorkAs) -> None:
    yes = ask(app, world, "carrier", deed="carry")
    assert "Yes. Nothing in the papers" in yes
    assert yes.count("1 of 1") == 3
    assert "within 30 days" not in yes
    soon = ask(app, world, "carrier", deed="carry", day="2028-12-10")
    assert all(name in soon for name in ("within 30 days", "冀A12345, on 2028-12-31", "演示押运员, on 2028-12-31"))
    assert "may carry 9000.00 kg of this waste" in ask(app, world, "carrier", deed="carry", mass="9")
    with work_as() as work:
        for row in (*work.session.query(Vehicle), *work.session.query(CrewMember)):
            row.permit_until = date(2026, 11, 22)
    no = ask(app, world, "carrier", deed="carry")
    assert "No vehicle of" in no
    assert "No driver of" in no
    assert no.count("0 of 1") == 3
    assert "of 1" not in ask(app, world, "plant"), "who treats is not asked for vehicles"


def test_the_waste_of_a_small_clinic_may_be_collected_and_carried_without_a_licence(
    app: Flask, world: World, work_as: WorkAs
) -> None:
    clinic = world.organisations["clinic_a"]
    with work_as(world.people["system_admin"]) as work:
        work.session.query(Licence).filter_by(organisation_id=world.id("carrier")).delete()
        service.add_licence(work, service.AddLicence(
            organisation_id=clinic.id, kind=LicenceKind.SMALL_SOURCE, number="豁免1", valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1), basis="名录豁免清单第2项",
        ))  # fmt: skip
    asked = {"who": "carrier", "deed": "carry", "source_code": str(clinic.credit_code)}
    assert "has no licence" in ask(app, world, **asked)
    with work_as() as work:
        work.session.query(Vehicle).update({"medical": True})
    assert "Yes. Nothing in the papers" in ask(app, world, **asked)
    assert "has no licence" in ask(app, world, **{**asked, "source_code": ""})
    assert "Yes. Nothing in the papers" in ask(app, world, **{**asked, "who": "station", "deed": "collect"})
    assert "has no licence" in ask(app, world, **{**asked, "who": "station", "deed": "treat"})


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
