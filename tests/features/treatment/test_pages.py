"""The pages of the treatment, opened by the plant's operator."""

import re
from datetime import timedelta

import pytest

from tests.chain import chinese_in, sealed, standing
from tests.client import words_on
from tests.conftest import NOON
from wastetrack.domain.containers import State
from wastetrack.features.containers.models import Container

LANGUAGES = pytest.mark.parametrize("language", ["zh-CN", "en"])


@pytest.fixture
def boxes(work_as, world):
    made = [sealed(work_as, world.people["collector"], department="内科", mass=mass) for mass in ("2.50", "1.20")]
    ages = (NOON - timedelta(hours=25), NOON)
    return [standing(work_as, one, world, "plant", now=at) for one, at in zip(made, ages, strict=True)]


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


@pytest.fixture
def form(world, boxes):
    return {
        "facility_id": str(world.stores["plant"].id),
        "mode": "Y10",
        "container_ids": [str(one.id) for one in boxes],
    }


def test_the_queue_names_the_overdue_first(operator, boxes):
    codes = re.findall(r"/c/([0-9A-Z]{12})", operator.get("/treatment").text)
    assert list(dict.fromkeys(codes)) == [one.code for one in boxes]


def test_tick_all_ticks_all(operator, boxes):
    page = operator.get("/treatment?all=1").text
    assert len(re.findall(r'name="container_ids" value="[^"]+" checked', page)) == 2


def test_scanned_boxes_gather_on_the_page(operator, boxes, form):
    operator.get("/treatment")
    first = operator.post("/treatment/scan", {"code": boxes[1].code, "facility_id": form["facility_id"]})
    scanned = re.search(r'name="scanned" value="([^"]*)"', first.text).group(1)
    second = operator.post("/treatment/scan", {"code": boxes[0].code, "scanned": scanned})
    ticked = re.findall(r'name="container_ids" value="([^"]+)" checked', second.text)
    assert set(ticked) == {str(one.id) for one in boxes}


@pytest.mark.parametrize(("code", "status"), [("nonsense", 422), ("", 422)])
def test_a_scan_that_is_no_code_is_said(operator, boxes, code, status):
    assert operator.post("/treatment/scan", {"code": code}).status_code == status


def test_the_scan_of_a_box_that_is_not_here_is_refused(operator, work_as, world, boxes):
    afar = sealed(work_as, world.people["collector"], department="内科")
    assert operator.post("/treatment/scan", {"code": afar.code}).status_code == 409


def confirmed(operator, form):
    """Review the batch and sign under the words that the review shows."""
    return operator.post("/treatment", form | {"shown": words_on(operator.post("/treatment/review", form).text)})


def test_the_review_shows_exactly_what_will_be_treated(operator, boxes, form):
    page = operator.post("/treatment/review", form).text
    assert [page.count(f'name="container_ids" value="{one.id}"') for one in boxes] == [1, 1]


def test_a_confirmed_batch_answers_with_its_receipt(operator, boxes, form):
    operator.get("/treatment")
    answer = confirmed(operator, {**form, "act_key": "B1"})
    assert "20261123-001" in operator.get(answer.location).text


def test_a_second_confirmation_leads_to_the_same_receipt(operator, boxes, form):
    sent = {**form, "act_key": "B1", "shown": words_on(operator.post("/treatment/review", form).text)}
    first, second = (operator.post("/treatment", sent) for _ in range(2))
    assert first.location == second.location


def test_what_somebody_else_has_just_treated_is_a_conflict(operator, boxes, form):
    confirmed(operator, {**form, "container_ids": form["container_ids"][:1]})
    assert operator.post("/treatment/review", form).status_code == 409


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"mode": "Y11"}, 422),
        ({"mode": "nonsense"}, 422),
        ({"mode": ""}, 422),
        ({"container_ids": []}, 422),
        ({"container_ids": ["nonsense"]}, 422),
        ({"container_ids": ["01a20915-4625-7240-af13-d5e75b46c5d9"]}, 404),
        ({"unheard": "of"}, 422),
    ],
)
@pytest.mark.parametrize("path", ["/treatment", "/treatment/review"])
@LANGUAGES
def test_bad_input_gets_a_sentence_and_treats_nothing(signed_in, session, boxes, form, given, status, path, language):
    shown = {"shown": "0" * 64} if path == "/treatment" else {}
    answer = signed_in("operator", language).post(path, {**form, **given, **shown})
    assert answer.status_code == status
    assert session.get(Container, boxes[0].id).state is State.STORED


def test_the_store_of_somebody_else_is_not_there(operator, world, boxes, form):
    foreign = {**form, "facility_id": str(world.stores["hospital"].id)}
    assert operator.post("/treatment", foreign | {"shown": "0" * 64}).status_code == 404
    assert operator.post("/treatment/review", foreign).status_code == 404
    assert operator.get(f"/treatment?facility_id={foreign['facility_id']}").status_code == 404


def test_a_regulator_works_in_no_plant_and_opens_no_batch_of_another_region(signed_in, operator, boxes, form):
    batch = confirmed(operator, form).location
    browser = signed_in("county")
    assert [browser.get(path).status_code for path in ("/treatment", "/treatment/batches", batch)] == [403, 403, 404]


@pytest.mark.parametrize("name", ["manager", "doctor_a", "attendant", "driver", "system_admin"])
def test_only_a_plant_has_these_pages(signed_in, operator, boxes, form, name):
    batch = confirmed(operator, form).location
    browser = signed_in(name)
    assert {browser.get(path).status_code for path in ("/treatment", "/treatment/batches", batch)} == {403}


@LANGUAGES
def test_every_page_opens_in_both_languages(signed_in, boxes, form, language):
    browser = signed_in("operator", language)
    review = browser.post("/treatment/review", form)
    batch = confirmed(browser, form).location
    answers = [review, *(browser.get(path) for path in ("/treatment", "/treatment/batches", batch))]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]


def test_the_english_pages_hold_no_chinese_but_names(signed_in, boxes, form, world):
    browser = signed_in("operator", "en")
    pages = [browser.get("/treatment").text, browser.post("/treatment/review", form).text]
    assert [chinese_in(page, world) for page in pages] == [set(), set()]
