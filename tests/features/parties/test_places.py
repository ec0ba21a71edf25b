"""Sites are corrected for the record; stores of every kind are kept; the sign of a plant says what it lets in."""

import json

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON
from tests.living import chain, living_template, store_url, world  # noqa: F401
from tests.world import COUNTY, PASSWORD
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility, Licence, Site, StoreTimeLimit
from wastetrack.features.parties.queries.presence import sign_of

pytestmark = pytest.mark.store
ELSEWHERE = "130102"


@pytest.fixture
def move(world, work_as):  # noqa: F811
    """Correct the site of the hospital's store."""

    def do(who="system_admin", **given):
        facts = {
            "organisation_id": world.id("hospital"), "site_id": world.stores["hospital"].site_id, "name": "东院",
            "region_code": COUNTY, "address": "演示路9号", "reason": "演示更正", **given,
        }  # fmt: skip
        with work_as(world.people[who], NOON) as work:
            return service.change_site(work, service.ChangeSite(**facts))

    return do


def test_a_site_is_corrected_with_what_it_was(move, session):
    for _again in range(2):
        move(act_key="a")
    query = select(LedgerEvent.facts).where(LedgerEvent.kind == "organisation.site_changed")
    (told,) = [json.loads(facts) for facts in session.scalars(query)]
    assert (told["name_before"], told["name"], told["address"]) == ("本部", "东院", "演示路9号")


def test_a_site_lies_elsewhere_only_while_nothing_stands_there(move, chain, session, world):  # noqa: F811
    bag = chain.bag()
    with pytest.raises(Refusal, match="occupied") as no:
        move(region_code=ELSEWHERE)
    assert no.value.problems[0].field == "region_code"
    chain.void(bag, NOON)
    move(region_code=ELSEWHERE)
    site = session.get_one(Site, world.stores["hospital"].site_id)
    assert site.region_code == session.get_one(Facility, world.stores["hospital"].id).region_code == ELSEWHERE


def test_a_manager_does_not_move_his_site(move):
    with pytest.raises(Refusal, match="forbidden"):
        move("manager")


def test_the_sign_of_a_plant_is_medical_while_its_papers_let_in_nothing_else(world, session):  # noqa: F811
    store = session.get_one(Facility, world.stores["plant"].id)
    assert not sign_of(session, store, "http://x", NOON.date()).medical
    licence = session.scalars(select(Licence).where(Licence.organisation_id == world.id("plant"))).one()
    licence.scope = "HW01 841-001-01"
    session.flush()
    assert sign_of(session, store, "http://x", NOON.date()).medical
    assert not sign_of(session, store, "http://x", NOON.date().replace(year=2030)).medical


def test_by_the_forms_a_cold_store_is_added_a_site_corrected_and_a_limit_entered(app, world, session):  # noqa: F811
    admin, manager = Browser(app), Browser(app)
    admin.sign_in("system.admin", PASSWORD)
    manager.sign_in("manager", PASSWORD)
    hospital, store = world.id("hospital"), world.stores["hospital"]
    sent = {"site_id": store.site_id, "name": "冷库", "code": "LK01", "kind": "cold_store", "temperature": "cold",
            "volume_limit_l": "20000"}  # fmt: skip
    assert manager.post(f"/organisations/{hospital}/add/store", sent).status_code == 303
    made = session.scalars(select(Facility).where(Facility.code == "LK01")).one()
    assert (made.kind, made.volume_limit_l) == (FacilityKind.COLD_STORE, 20_000)
    assert "20000 L" in manager.get(f"/organisations/{hospital}").text

    here = f"/organisations/{hospital}/change/site/{store.site_id}"
    assert 'value="本部"' in admin.get(here).text
    assert "长安区" in admin.get(f"{here}?region={ELSEWHERE}").text
    sent = {"name": "东院", "region_code": COUNTY, "address": "演示路9号", "reason": ""}
    assert admin.post(here, sent).status_code == 422
    assert admin.post(here, {**sent, "reason": "演示"}).status_code == 303

    here = f"/organisations/{hospital}/stores/{made.id}/time-limits"
    sent = {"hours": "72", "first_day": "2026-11-23", "reason": "演示"}
    assert "时限" in manager.get(here).text
    assert manager.post(here, sent).status_code == 403
    assert manager.post(here, {**sent, "hours": ""}).status_code == 422
    assert manager.post(here, {**sent, "hours": "24"}).status_code == 303
    session.rollback()
    assert session.scalars(select(StoreTimeLimit)).one().hours == 24
