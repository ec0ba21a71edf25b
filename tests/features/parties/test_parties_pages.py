"""Organisations in the browser: who sees which, and the forms that keep them."""

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import WorkAs
from tests.parties import COUNTY, OTHER_COUNTY, PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import Role
from wastetrack.domain.parties import OrganisationKind
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Organisation

pytestmark = pytest.mark.store

K = OrganisationKind


@pytest.fixture
def hospital(work_as: WorkAs) -> Organisation:
    with work_as(SYSTEM_ADMIN) as work:
        return parties.organisation(work, K.HOSPITAL, name="演示第一医院")


@pytest.fixture
def carrier(work_as: WorkAs) -> Organisation:
    with work_as(SYSTEM_ADMIN) as work:
        return parties.organisation(work, K.CARRIER, K.DISPOSER, name="演示运输处置单位", region_code=OTHER_COUNTY)


@pytest.fixture
def system(app: Flask, work_as: WorkAs) -> Browser:
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "system", Role.SYSTEM_ADMIN)
    return signed_in(app, "system")


@pytest.fixture
def manager(app: Flask, work_as: WorkAs, carrier: Organisation) -> Browser:
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "manager", Role.MANAGER, organisation_id=carrier.id)
    return signed_in(app, "manager")


@pytest.fixture
def regulator(app: Flask, work_as: WorkAs) -> Browser:
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "regulator", Role.REGULATOR, region_code="130100")
    return signed_in(app, "regulator")


def signed_in(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(username, PASSWORD)
    return browser


def at(one: Organisation, rest: str = "") -> str:
    return f"/organisations/{one.id}{rest}"


def facts(**given: object) -> dict[str, object]:
    return {**parties.organisation_facts(), "kinds": ["hospital"], **given}


def test_the_list_shows_what_lies_in_the_regulators_region(
    regulator: Browser, hospital: Organisation, carrier: Organisation
) -> None:
    page = regulator.get("/organisations").text
    assert hospital.name in page
    assert carrier.name not in page


def test_a_filter_does_not_lead_out_of_the_region(regulator: Browser, carrier: Organisation) -> None:
    assert carrier.name not in regulator.get(f"/organisations?region={OTHER_COUNTY}&q=演示").text
    assert regulator.get(at(carrier)).status_code == 404


@pytest.mark.parametrize("query", ["kind=nonsense&state=x&after=y&region=z", "q=%25_", "q=" + "长" * 500])
def test_a_nonsensical_address_is_answered(system: Browser, hospital: Organisation, query: str) -> None:
    assert system.get(f"/organisations?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/organisations?q=%00", "/organisations/%00"])
def test_a_nul_is_turned_away_at_the_door(system: Browser, path: str) -> None:
    assert system.get(path).status_code == 400
    assert system.post("/organisations/new", facts(name="演示\0")).status_code == 400


def test_an_empty_list_says_what_to_do_next(system: Browser) -> None:
    assert "没有符合条件的单位" in system.get("/organisations?q=没有").text


def test_pages_are_turned_with_the_filters_kept(
    system: Browser, work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        for number in range(3):
            parties.organisation(work, name=f"演示医院{number}")
    monkeypatch.setattr(queries.page, "__defaults__", (2,))
    first = system.get("/organisations?kind=hospital")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = system.get(following.group(1).replace("&amp;", "&"))
    assert "kind=hospital" in following.group(1)
    assert "演示医院2" in second.text
    assert "演示医院0" not in second.text


def test_an_organisation_is_entered_after_choosing_its_region(system: Browser, session: Session) -> None:
    assert "省" in system.get("/organisations/new").text
    found = system.get("/organisations/new?q=长安区").text
    assert f"region={COUNTY}" in found
    form = system.get(f"/organisations/new?region={COUNTY}").text
    assert f'name="region_code" value="{COUNTY}"' in form
    sent = facts(name="演示新医院")
    answer = system.post("/organisations/new", sent)
    assert answer.status_code == 303, answer.text
    assert "演示新医院" in system.get(answer.location).text
    one = queries.by_credit_code(session, str(sent["credit_code"]))
    assert one is not None
    assert one.region_code == COUNTY


def test_a_wrong_form_keeps_what_was_typed_and_names_every_problem(system: Browser) -> None:
    sent = facts(credit_code="911301020000000019", phone="abc", name="演示保留", kinds=["hospital", "station"])
    answer = system.post("/organisations/new", sent)
    assert answer.status_code == 422
    for field in ("credit_code", "phone"):
        assert f'id="field-{field}-error"' in answer.text
    assert 'value="演示保留"' in answer.text
    assert answer.text.count(" checked") == 2


def test_a_taken_credit_code_is_a_conflict_that_names_the_holder(system: Browser, hospital: Organisation) -> None:
    answer = system.post("/organisations/new", facts(credit_code=hospital.credit_code))
    assert answer.status_code == 409
    assert "演示第一医院" in answer.text


def test_the_second_of_two_changes_at_once_is_refused(system: Browser, hospital: Organisation) -> None:
    sent = facts(credit_code=hospital.credit_code, version="1")
    assert system.post(at(hospital, "/edit"), {**sent, "name": "演示甲"}).status_code == 303
    answer = system.post(at(hospital, "/edit"), {**sent, "name": "演示乙"})
    assert answer.status_code == 409
    assert "演示甲" in system.get(at(hospital)).text


def test_the_page_to_change_an_organisation_shows_what_is_kept(system: Browser, hospital: Organisation) -> None:
    page = system.get(at(hospital, "/edit")).text
    assert f'value="{hospital.credit_code}"' in page
    assert 'value="hospital" checked' in page


def test_an_organisation_is_suspended_with_a_reason(system: Browser, hospital: Organisation) -> None:
    assert system.get(at(hospital, "/state")).status_code == 200
    assert system.post(at(hospital, "/state"), {"state": "suspended"}).status_code == 422
    answer = system.post(at(hospital, "/state"), {"state": "suspended", "reason": "演示整改"}, follow=True)
    assert "该单位已暂停" in answer.text


def test_everything_can_be_added_through_its_form(system: Browser, carrier: Organisation, session: Session) -> None:
    site = {"name": "演示厂区", "region_code": OTHER_COUNTY, "address": "演示路1号"}
    assert system.post(at(carrier, "/add/site"), site).status_code == 303
    (place,) = queries.sites_of(session, carrier.id)
    forms = {
        "store": {"site_id": str(place.id), "name": "演示库", "code": "TS001", "kind": "plant_store",
                  "temperature": "cold", "mass_limit_g": "5000", "count_limit": "300"},
        "department": {"name": "一车间"},
        "vehicle": {"plate": "冀A·12345", "permit_no": "130100001", "permit_until": "2027-06-30", "capacity_g": "1500"},
        "crew": {"role": "driver", "name": "演示驾驶员", "phone": "13000000000", "permit_no": "1301000001",
                 "permit_until": "2026-12-31"},
        "licence": {"kind": "operating", "number": "HW1301020001", "valid_from": "2020-01-01",
                    "valid_until": "2025-12-31", "scope": "841-001-01 999-999-49", "modes": ["Y10", "D10"],
                    "yearly_quantity_g": "3600"},
    }  # fmt: skip
    for part, sent in forms.items():
        assert system.get(at(carrier, f"/add/{part}")).status_code == 200
        answer = system.post(at(carrier, f"/add/{part}"), sent)
        assert answer.status_code == 303, (part, answer.text)
    page = system.get(at(carrier)).text
    for word in (
        "TS001",
        "5000.00 kg",
        "一车间",
        "冀A12345",
        "演示驾驶员",
        "HW1301020001",
        "3600.000 t",
        "已过期",
        "即将到期",
    ):
        assert word in page, word
    assert "999-999-49。" in page


def test_the_form_of_each_change_shows_what_is_kept(system: Browser, carrier: Organisation, session: Session) -> None:
    sent = {"plate": "冀A12345", "permit_no": "130100001", "permit_until": "2027-06-30", "capacity_g": "1500"}
    system.post(at(carrier, "/add/vehicle"), sent)
    (truck,) = queries.vehicles_of(session, carrier.id)
    form = system.get(at(carrier, f"/change/vehicle/{truck.id}")).text
    assert 'value="1500.00"' in form
    assert 'value="2027-06-30"' in form
    sent = {"permit_no": "130100002", "permit_until": "2028-06-30", "capacity_g": "1800"}
    assert system.post(at(carrier, f"/change/vehicle/{truck.id}"), sent).status_code == 303
    assert "1800.00 kg" in system.get(at(carrier)).text


def test_a_manager_keeps_crew_and_vehicles_of_his_own_and_nothing_else(
    manager: Browser, carrier: Organisation, hospital: Organisation
) -> None:
    page = manager.get(at(carrier)).text
    assert "/add/vehicle" in page
    assert "/add/licence" not in page
    assert manager.get(at(carrier, "/add/licence")).status_code == 403
    assert manager.get(at(carrier, "/edit")).status_code == 403
    assert manager.get(at(hospital)).status_code == 404
    assert manager.get(at(hospital, "/add/department")).status_code == 404
    assert manager.post(at(hospital, "/add/department"), {"name": "内科"}).status_code == 404
    assert manager.post(at(carrier, "/add/department"), {"name": "内科"}).status_code == 303


def test_an_organisation_cannot_be_slipped_into_a_form(
    manager: Browser, carrier: Organisation, hospital: Organisation, session: Session
) -> None:
    manager.post(at(carrier, "/add/department"), {"name": "内科", "organisation_id": str(hospital.id)})
    assert queries.departments_of(session, hospital.id) == []


def test_a_part_that_belongs_to_another_is_not_there(
    system: Browser, carrier: Organisation, hospital: Organisation
) -> None:
    nobody = UUID("01234567-89ab-7cde-8f01-23456789abcd")
    assert system.get(at(hospital, f"/change/vehicle/{nobody}")).status_code == 404
    assert system.get(at(hospital, "/add/nonsense")).status_code == 404
    assert system.get(f"/organisations/{nobody}").status_code == 404


def test_a_crew_members_telephone_is_shown_to_the_carrier_only(
    system: Browser, app: Flask, carrier: Organisation, work_as: WorkAs
) -> None:
    sent = {
        "role": "driver",
        "name": "演示驾驶员",
        "phone": "13000000000",
        "permit_no": "1",
        "permit_until": "2027-01-01",
    }
    system.post(at(carrier, "/add/crew"), {**sent, "permit_no": "1301000001"})
    with work_as(SECURITY_ADMIN) as work:
        parties.account(work, "elsewhere", Role.REGULATOR, region_code=OTHER_COUNTY)
    page = signed_in(app, "elsewhere").get(at(carrier)).text
    assert "演示驾驶员" in page
    assert "13000000000" not in page


def test_a_name_with_markup_is_only_a_name(system: Browser) -> None:
    answer = system.post("/organisations/new", facts(name="<script>alert(1)</script>"), follow=True)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_english_is_complete_too(app: Flask, system: Browser, carrier: Organisation) -> None:
    system.language = "en"
    page = system.get(at(carrier)).text
    assert "Stores and their limits" in page
    assert "Add a licence" in page
