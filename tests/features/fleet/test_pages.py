"""The page of a vehicle, and where people come to it from."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from tests.client import Browser
from tests.conftest import NOON
from tests.living import sit_down
from wastetrack.features.parties.models import VehicleCleaning

HOUR = timedelta(hours=1)
DUE = NOON + 24 * HOUR


@pytest.fixture
def here(world, chain):
    """The address of the truck, which brought medical waste at noon."""
    box = chain.bag(at=NOON - HOUR)
    chain.receive(chain.arrive(chain.depart([box])), box)
    return f"/vehicles/{world.vehicles['truck'].id}"


def test_the_hours_left_stand_on_the_start_page_until_it_is_clean(app, page, here, world, dispatcher):
    with time_machine.travel(NOON + 20 * HOUR, tick=False):
        for who in ("dispatcher", "driver", "operator"):
            home = page(who, "/", language="en")
            assert "Vehicles to be cleaned" in home, who
            assert here in home, who
            assert "4 h left" in home, who
        driver = sit_down(Browser(app, "en"), world.people["driver"])
        form = driver.get(here).text
        assert 'value="2026-11-24T08:00"' in form.replace("&#34;", '"')
        sent = {"cleaned_at": "2026-11-24T07:30", "note": "含氯消毒剂", "act_key": "K"}
        done = driver.post(f"{here}/cleaned", sent, follow=True).text
        assert "The cleaning is recorded." in done
        assert "含氯消毒剂" in done
        assert "Vehicles to be cleaned" not in driver.get("/").text


def test_the_alarm_leads_to_the_vehicle(page, here, dispatcher):
    with time_machine.travel(DUE - timedelta(seconds=1), tick=False):
        assert "No alarm is in force" in page("dispatcher", "/alerts", language="en")
    with time_machine.travel(DUE, tick=False):
        alarms = page("dispatcher", "/alerts", language="en")
        assert "冀A12345 carried medical waste and is to be washed and disinfected by 2026-11-24 12:00." in alarms
        assert "GB 39707-2020, 5.5.2" in alarms
        assert "冀A12345" in page("city", "/alerts")


@pytest.mark.parametrize("typed", ["2026-11-24T07:31", "2026-11-23T11:00", "gestern", "0001-01-01T00:00"])
def test_a_wrong_moment_is_said_at_its_field_and_nothing_typed_is_lost(app, here, world, typed):
    with time_machine.travel(NOON + 20 * HOUR - timedelta(minutes=30), tick=False):
        driver = sit_down(Browser(app, "en"), world.people["driver"])
        driver.get(here)
        answer = driver.post(f"{here}/cleaned", {"cleaned_at": typed, "note": "演示备注", "act_key": "K"})
    assert answer.status_code == 422
    assert "field-cleaned_at-error" in answer.text
    assert "演示备注" in answer.text


def test_a_plant_does_not_learn_where_else_a_vehicle_was_washed(page, here, world, clean, dispatcher, work_as):
    clean(world.vehicles["truck"], "dispatcher", NOON + HOUR, note="车队洗车台")
    clean(world.vehicles["truck"], "operator", NOON + 2 * HOUR, note="处置厂洗车台")
    with work_as() as work:
        work.session.execute(
            update(VehicleCleaning)
            .where(VehicleCleaning.note == "处置厂洗车台")
            .values(recorded_for=world.id("factory"))
        )
    assert "处置厂洗车台" in page("dispatcher", here)
    assert "处置厂洗车台" in page("city", here)
    told = page("operator", here)
    assert "车队洗车台" in told
    assert "处置厂洗车台" not in told


def test_strangers_find_no_vehicle(page, here):
    for who in ("county", "elsewhere"):
        page(who, here, status=404)
    page("manager", here, status=404)
    page("system_admin", here, status=403)


def test_a_cleaning_declared_wrong_stays_struck_through_with_who_and_why(app, here, world, dispatcher, clean, session):
    clean(world.vehicles["truck"], "driver", NOON + HOUR)
    row = session.query(VehicleCleaning).one()
    form = f"{here}/cleanings/{row.id}/wrong"
    with time_machine.travel(NOON + 2 * HOUR, tick=False):
        browser = sit_down(Browser(app, "en"), dispatcher)
        assert form in browser.get(here).text
        assert "When this vehicle was really cleaned" in browser.get(form).text
        assert browser.post(form, {"reason": "", "act_key": "A"}).status_code == 422
        page = browser.post(form, {"reason": "车辆选错", "cleaned_at": "", "act_key": "B"}, follow=True).text
        assert "It stays in the record, struck through." in page
        assert "<s><" in page
        assert "Declared wrong by 演示-调度: 车辆选错" in page
        assert "22 h left" in page, "it is to be cleaned again"
        assert form not in page
        stranger = sit_down(Browser(app, "en"), world.people["driver"])
        assert stranger.post(form, {"reason": "演示", "act_key": "C"}).status_code == 403
        audit = sit_down(Browser(app, "en"), world.people["audit_admin"])
        stream = audit.get(f"/ledger/stream?name=organisation:{world.id('carrier')}").text
        assert "organisation.vehicle_cleaned</s>" in stream
        assert "Declared wrong by entry no." in stream
