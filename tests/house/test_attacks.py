"""Attacks that once worked: each would be a page that fails, a way off the site, or a change that no event says."""

import pytest
from sqlalchemy import func, select

from tests.chain import *  # noqa: F403
from tests.chain import sealed
from wastetrack.domain.containers import State
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import Vehicle

NOBODY = "00000000-0000-7000-8000-000000000000"
ENDS_OF_TIME = (
    ("manager", "/manifests?since=0001-01-01&until=9999-12-31"),
    ("manager", f"/manifests?after=0001-01-01T00:00:00%2B23:59~{NOBODY}"),
    ("driver", f"/trips?after=9999-12-31T23:59:59-23:59~{NOBODY}"),
    ("province", "/find/containers?since=0001-01-01&until=9999-12-31"),
    ("province", "/find/containers?by=treated&since=0001-01-01&until=9999-12-31"),
)
MANY_WORDS = "+".join(["word"] * 1500)


@pytest.mark.parametrize(("who", "path"), ENDS_OF_TIME)
def test_a_day_at_the_end_of_the_calendar_narrows_a_list_like_any_other(signed_in, who: str, path: str) -> None:
    assert signed_in(who).get(path).status_code == 200


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59-23:59", "9999-12-31T23:59+00:00"])
def test_waste_sealed_at_the_end_of_the_calendar_is_refused_in_words(signed_in, moment: str) -> None:
    form = {"waste": "infectious", "mass": "2", "department": "内科", "sealed_at": moment}
    assert signed_in("collector").post("/register", form).status_code in {303, 422}


@pytest.mark.parametrize(
    ("who", "path"),
    [("collector", "/register?q="), ("security_admin", "/accounts/new?for=organisation&q=")],
)
def test_a_search_for_very_many_words_is_answered(signed_in, who: str, path: str) -> None:
    assert signed_in(who).get(path + MANY_WORDS).status_code == 200


@pytest.mark.parametrize("asked", ["endpoint=x", "_method=DELETE", "_scheme=javascript&_external=1"])
def test_the_address_of_a_list_does_not_steer_its_links(signed_in, world, asked: str) -> None:
    page = signed_in("system_admin").get(f"/organisations?after={world.id('hospital')}&{asked}")
    assert page.status_code == 200
    assert 'href="javascript' not in page.text


@pytest.mark.parametrize("next_page", ["/\t/evil.example", "//evil.example", "/\\evil.example", "/\n/evil.example"])
def test_nobody_is_led_to_another_site(signed_in, next_page: str) -> None:
    answer = signed_in("manager").post("/language", {"language": "en", "next": next_page})
    assert answer.location == "/"


def test_a_vehicle_is_not_changed_by_a_form_whose_event_is_already_written(signed_in, world, session) -> None:
    browser, truck = signed_in("system_admin"), world.vehicles["truck"]
    address = f"/organisations/{truck.organisation_id}/change/vehicle/{truck.id}"
    form = {"permit_no": "YSZ0001", "permit_until": "2029-01-01", "capacity_g": "8000", "act_key": "K"}
    browser.post(address, form)
    browser.post(address, {**form, "permit_until": "2099-01-01"})
    assert session.get(Vehicle, truck.id).permit_until.year == 2029
    changed = select(func.count()).select_from(LedgerEvent).where(LedgerEvent.kind == "organisation.vehicle_changed")
    assert session.scalar(changed) == 1


def test_another_label_in_the_same_form_at_the_station_is_another_act(signed_in, world, work_as, session) -> None:
    boxes = [sealed(work_as, world.people["doctor_a"]) for _ in range(3)]
    declared = {"container_ids": [str(one.id) for one in boxes[:2]], "act_key": "D"}
    hand_in = signed_in("doctor_a").post("/hand-ins", declared).location
    station = signed_in("attendant")
    for box in boxes:
        assert station.post(f"{hand_in}/receive", {"code": box.code, "act_key": "K"}).status_code == 303
    assert [session.get(Container, one.id).state for one in boxes] == [State.STORED] * 3


def test_an_old_form_sent_again_closes_no_account_and_no_organisation(signed_in, world) -> None:
    browser, who = signed_in("security_admin"), world.people["doctor_a"].user_id
    for active, key in (("false", "A"), ("true", "B"), ("false", "A")):
        answer = browser.post(f"/accounts/{who}/active", {"active": active, "act_key": key})
        assert answer.status_code == 303
    registrar = signed_in("system_admin")
    for state, key in (("suspended", "A"), ("active", "B"), ("suspended", "A")):
        form = {"state": state, "reason": "演示", "act_key": key}
        assert registrar.post(f"/organisations/{world.id('hospital')}/state", form).status_code == 303
