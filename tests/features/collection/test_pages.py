"""The pages of handing in, opened by clinic and station."""

import re

import pytest

from tests.chain import chinese_in, sealed
from tests.client import words_on
from wastetrack.domain.container_code import new_container_code, pretty
from wastetrack.domain.containers import State
from wastetrack.features.containers.models import Container

LANGUAGES = pytest.mark.parametrize("language", ["zh-CN", "en"])


@pytest.fixture
def bags(work_as, world):
    doctor = world.people["doctor_a"]
    return [sealed(work_as, doctor, "infectious"), sealed(work_as, doctor, "sharps", mass="1.20")]


@pytest.fixture
def clinic(signed_in):
    return signed_in("doctor_a")


@pytest.fixture
def station(signed_in):
    return signed_in("attendant")


def shown(code):
    return pretty(code)


def declared(clinic, bags):
    """Hand in everything with one tap; return the address of the hand-in."""
    clinic.get("/hand-ins")
    answer = clinic.post("/hand-ins", {"container_ids": [str(bag.id) for bag in bags], "act_key": "D1"})
    assert answer.status_code == 303
    return answer.location


def version_on(page):
    return re.search(r'name="version" value="(\d+)"', page.text).group(1)


def test_a_clinic_sees_what_it_can_hand_in_all_ticked(clinic, bags):
    page = clinic.get("/hand-ins").text
    assert page.count('name="container_ids"') == page.count(" checked") == 2


def test_one_tap_hands_everything_in(clinic, bags):
    page = clinic.get(declared(clinic, bags)).text
    assert all(shown(bag.code) in page for bag in bags)


def test_the_station_receives_signs_and_the_clinic_is_told_what_is_missing(clinic, station, bags):
    address = declared(clinic, bags)
    station.get("/hand-ins")
    assert station.post("/hand-ins/receive", {"code": bags[0].code, "evidence": "scanned"}).location == address
    page = station.get(address)
    sent = {"version": version_on(page), "shown": words_on(page.text)}
    assert station.post(f"{address}/finish", sent).status_code == 303
    told = clinic.get(address).text
    assert "未找到" in told
    assert shown(bags[1].code) in told.split("tone-alarm")[-1]


def test_the_list_of_the_clinic_names_the_missing_box(clinic, station, bags):
    address = declared(clinic, bags)
    station.post(f"{address}/receive", {"code": bags[0].code})
    page = station.get(address)
    station.post(f"{address}/finish", {"version": version_on(page), "shown": words_on(page.text)})
    assert "1 件未找到" in clinic.get("/hand-ins").text


def test_a_station_sees_the_shares_of_its_clinics(work_as, world, station, bags):
    other = sealed(work_as, world.people["doctor_b"])
    for bag in (bags[0], other):
        station.post("/hand-ins/receive", {"code": bag.code})
    page = station.get("/hand-ins").text
    assert all(world.organisations[name].name in page for name in ("clinic_a", "clinic_b"))


def test_a_clinic_does_not_see_the_other_producers(work_as, world, clinic, station, bags):
    station.post("/hand-ins/receive", {"code": sealed(work_as, world.people["doctor_b"]).code})
    pages = clinic.get("/hand-ins").text + clinic.get("/hand-ins/whereabouts").text
    assert world.organisations["clinic_b"].name not in pages


def test_the_whereabouts_name_who_holds_a_box(world, clinic, station, bags):
    station.post("/hand-ins/receive", {"code": bags[0].code})
    assert world.organisations["station"].name in clinic.get("/hand-ins/whereabouts").text


def test_a_hand_in_is_cancelled_by_the_clinic(clinic, bags):
    address = declared(clinic, bags)
    assert clinic.post(f"{address}/cancel").status_code == 303
    assert "已取消" in clinic.get(address).text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"code": ""}, 422),
        ({"code": "not a code"}, 422),
        ({"code": pretty(new_container_code(bytes(7)))}, 404),
        ({"mass": "0"}, 422),
        ({"mass": "-1"}, 422),
        ({"mass": "2,5"}, 422),
        ({"mass": "999"}, 422),
        ({"unheard": "of"}, 422),
    ],
)
@LANGUAGES
def test_bad_input_gets_a_sentence_and_moves_nothing(signed_in, clinic, bags, session, form, status, language):
    address = declared(clinic, bags)
    station = signed_in("attendant", language)
    answer = station.post(f"{address}/receive", {"code": bags[0].code, **form})
    assert (answer.status_code, "error-summary" in answer.text) == (status, True)
    assert session.get(Container, bags[0].id).state is State.SEALED


def test_a_box_counted_twice_is_a_conflict(station, bags):
    station.post("/hand-ins/receive", {"code": bags[0].code})
    assert station.post("/hand-ins/receive", {"code": bags[0].code}).status_code == 409


def test_a_count_that_moved_on_is_not_signed(clinic, station, bags):
    address = declared(clinic, bags)
    station.post(f"{address}/receive", {"code": bags[0].code})
    sent = {"version": "1", "shown": words_on(station.get(address).text)}
    assert station.post(f"{address}/finish", sent).status_code == 409


def test_the_hand_in_of_others_is_not_there(signed_in, clinic, bags):
    address = declared(clinic, bags)
    assert [signed_in(name).get(address).status_code for name in ("doctor_b", "manager")] == [404, 404]


@pytest.mark.parametrize("name", ["driver", "operator", "county", "system_admin"])
def test_who_hands_nothing_in_has_no_such_page(signed_in, name):
    assert signed_in(name).get("/hand-ins").status_code == 403


def test_a_clinic_does_not_receive(clinic, bags):
    assert clinic.post("/hand-ins/receive", {"code": bags[0].code}).status_code == 403


@LANGUAGES
def test_every_page_opens_in_both_languages(signed_in, clinic, station, bags, language):
    address = declared(clinic, bags)
    station.post(f"{address}/receive", {"code": bags[0].code, "mass": "2.46"})
    pages = {
        "doctor_a": ["/hand-ins", address, "/hand-ins/whereabouts"],
        "doctor_b": ["/hand-ins", "/hand-ins/whereabouts"],
        "attendant": ["/hand-ins", "/hand-ins/received", address, f"{address}?weigh=1", "/hand-ins/whereabouts"],
        "manager": ["/hand-ins"],
    }
    answers = [signed_in(name, language).get(path).status_code for name, paths in pages.items() for path in paths]
    assert set(answers) == {200}


def test_the_english_pages_hold_no_chinese_but_names(signed_in, clinic, station, bags, world):
    address = declared(clinic, bags)
    for name in ("doctor_a", "attendant"):
        browser = signed_in(name, "en")
        assert [chinese_in(browser.get(path).text, world) for path in ("/hand-ins", address)] == [set(), set()]
