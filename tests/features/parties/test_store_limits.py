"""The limits of a store are changed on a page, for the record; what waste rests on changes only while it is empty."""

import json

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.living import chain, living_template, store_url, world  # noqa: F401
from tests.world import PASSWORD, World
from wastetrack.domain.access import Act, Relation, may
from wastetrack.domain.alerts import Limit
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.problems import Refusal
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility
from wastetrack.features.watch.models import Alert

pytestmark = pytest.mark.store


@pytest.fixture
def change(world: World, work_as: WorkAs):  # noqa: F811
    """Change a store of the hospital, or of another, as its manager."""

    def do(store="hospital", owner="hospital", who="manager", **given):
        one = world.stores[store]
        facts = {
            "kind": one.kind, "temperature": one.temperature, "mass_limit_g": "300", "count_limit": 80,
            "reason": "演示验收", "organisation_id": world.id(owner), "facility_id": one.id, **given,
        }  # fmt: skip
        with work_as(world.people[who], NOON) as work:
            return service.change_facility(work, service.ChangeFacility(**facts))

    return do


def refused(code):
    return pytest.raises(Refusal, match=code)


def test_limits_change_with_what_they_were_and_why(change, world, session):  # noqa: F811
    change()
    change(act_key="a")
    change(act_key="a", count_limit=90)
    stream = service.stream_of(world.id("hospital"))
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == stream).order_by(LedgerEvent.seq)
    told = [json.loads(f) for f in session.scalars(query.where(LedgerEvent.kind == "organisation.facility_changed"))]
    assert len(told) == 2
    assert told[0]["mass_limit_g_before"] == 500_000
    assert (told[0]["mass_limit_g"], told[0]["count_limit"], told[0]["reason"]) == (300_000, 80, "演示验收")


def test_a_tighter_limit_alarms_at_once_and_a_wider_one_clears(change, chain, session):  # noqa: F811
    chain.bag(mass="3.0")
    change(mass_limit_g="2")
    session.rollback()
    alerts = list(session.scalars(select(Alert)))
    assert [alert.limit for alert in alerts if alert.opened_at and not alert.cleared_at] == [Limit.CAPACITY]
    change(mass_limit_g="200")
    session.rollback()
    assert not [a for a in session.scalars(select(Alert)) if a.limit is Limit.CAPACITY and not a.cleared_at]


@pytest.mark.parametrize("given", [{"kind": FacilityKind.WAREHOUSE}, {"temperature": Temperature.COLD}])
def test_kind_and_temperature_change_only_while_the_store_is_empty(change, chain, session, world, given):  # noqa: F811
    made = chain.bag()
    with refused("facility.occupied"):
        change(**given)
    chain.void(made, NOON)
    change(**given)
    one = session.get_one(Facility, world.stores["hospital"].id)
    assert all(getattr(one, name) is value for name, value in given.items())


def test_a_store_does_not_become_what_its_organisation_is_not(change):
    with refused("facility.kind"):
        change(kind=FacilityKind.PLANT_STORE)


def test_a_station_at_which_clinics_hand_in_stays_one(change):
    with refused("facility.handed_in_at"):
        change("station", "station", "system_admin", kind=FacilityKind.MEDICAL_STORE)


def test_a_foreign_store_is_not_there(change):
    with refused("access.unknown"):
        change("clinic_a", "hospital")
    with refused("access.unknown"):
        change("plant", "plant")


def test_the_form_shows_what_is_kept_and_takes_the_change(app, world, session):  # noqa: F811
    browser = Browser(app)
    browser.sign_in("manager", PASSWORD)
    here = f"/organisations/{world.id('hospital')}/change/store/{world.stores['hospital'].id}"
    assert here in browser.get(f"/organisations/{world.id('hospital')}").text
    form = browser.get(here).text
    assert 'value="500.00"' in form
    assert '<option value="medical_store" selected>' in form
    sent = {"kind": "medical_store", "temperature": "cold", "mass_limit_g": "450", "count_limit": "", "reason": "改造"}
    assert browser.post(here, {**sent, "reason": ""}).status_code == 422
    assert browser.post(here, sent).status_code == 303
    one = session.get_one(Facility, world.stores["hospital"].id)
    assert (one.mass_limit_g, one.count_limit, one.temperature) == (450_000, None, Temperature.COLD)


def test_only_a_manager_and_the_system_administrator_keep_stores(world):  # noqa: F811
    keepers = {who for who, person in world.people.items() if may(person, Act.MANAGE_OWN, {Relation.OWN})}
    assert {"manager", "system_admin"} <= keepers
    assert not keepers & {"collector", "driver", "operator", "county", "security_admin"}
