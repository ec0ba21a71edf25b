"""The pages on containers, opened by the people they are for."""

import re
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import time_machine
import zxingcpp
from sqlalchemy import select

from tests.conftest import NOON
from tests.world import build, offered
from wastetrack.domain.security import Assurance
from wastetrack.features.accounts.models import SignIn
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import PlaceContainers, RegisterContainer, place, register
from wastetrack.infra import clock
from wastetrack.infra.ids import new_token
from wastetrack.web.login import hash_of

pytestmark = pytest.mark.store


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def there(work_as):
    return build(work_as)


@pytest.fixture
def signed_in(there, browser, work_as):
    def sign_in(name):
        with work_as() as work:
            offered(work)
            work.session.add(
                SignIn(
                    token_hash=hash_of(name), user_id=there.people[name].user_id,
                    created_at=clock.now(), seen_at=clock.now(),
                    expires_at=NOON + timedelta(days=30), device="test",
                    proven_at=clock.now(), assurance=Assurance.PASSWORD,
                )
            )  # fmt: skip
        with browser._client.session_transaction() as cookie:
            cookie["_user_id"] = name
        browser.get("/find-code")
        return browser

    return sign_in


@pytest.fixture
def bag(there, work_as):
    return make(there, work_as)


def make(there, work_as, who="collector", now=NOON, **given):
    with work_as(there.people[who], now) as work:
        return register(
            work,
            RegisterContainer.model_validate({"waste": "infectious", "mass": "3.42", "department": "内科", **given}),
        )


def stored(there, work_as, who, store, one, now=NOON):
    with work_as(there.people[who], now) as work:
        place(work, PlaceContainers(facility_id=there.stores[store].id, codes=(one.code,)))


FORM = {"waste": "sharps", "mass": "1.20", "department": "手术室"}


def test_a_collector_seals_a_box_and_is_ready_for_the_next(signed_in, session):
    page = signed_in("collector")
    address = page.post("/register", FORM).headers["Location"]
    (box,) = session.scalars(select(Container))
    assert address == f"/register?sealed={box.code}"
    assert box.code[:4] in page.get(address).text


def test_the_receipt_of_a_bag_leads_to_its_label_and_goes_with_the_next_bag(signed_in, session):
    page = signed_in("collector")
    told = page.get(page.post("/register", FORM).location).text
    code = session.scalar(select(Container.code))
    receipt = re.search(r'<div class="notice tone-ok".*?</section>|<div class="notice tone-ok".*?<form', told, re.S)
    assert receipt
    assert 'action="/labels/print-at-once"' in receipt.group()
    assert f'value="{code}"' in receipt.group()
    assert "notice tone-ok" not in page.get("/register").text


def test_a_clinic_with_a_store_of_its_own_hands_in_from_the_page_of_registration(signed_in, there, work_as):
    page = signed_in("doctor_a")
    assert 'href="/hand-ins"' in page.get("/register").text.split("<main")[1]
    make(there, work_as, "doctor_a", department="")
    assert 'href="/hand-ins"' in page.get("/register").text.split('id="tally"')[1].split("<ol")[0]


def test_who_belongs_to_no_station_is_offered_no_hand_in(signed_in):
    main = signed_in("manager").get("/register").text.split("<main")[1].split("</main>")[0]
    assert 'href="/hand-ins"' not in main


def test_a_line_from_the_scale_is_taken_as_it_comes(signed_in, session):
    signed_in("collector").post("/register", {**FORM, "mass": "ST,GS,+   1.20kg"})
    assert session.scalar(select(Container.mass_source)) == "scale"


def test_the_last_department_is_remembered(signed_in):
    page = signed_in("collector")
    page.post("/register", FORM)
    assert re.search(r'<option value="手术室" selected>', page.get("/register").text)


@pytest.mark.parametrize("mass", ["0", "-1", "3,42", "99", "abc", ""])
def test_a_wrong_mass_is_refused_at_its_field_and_nothing_typed_is_lost(signed_in, session, mass):
    answer = signed_in("collector").post("/register", {**FORM, "mass": mass})
    assert answer.status_code == 422
    assert 'id="field-mass-error"' in answer.text
    assert re.search(r'value="sharps" checked', answer.text)
    assert session.scalar(select(Container.id)) is None


def test_a_round_is_put_into_the_store_at_once(signed_in, there, session):
    page = signed_in("collector")
    page.post("/register", FORM)
    page.post("/register", FORM)
    page.post("/register/place", {"facility_id": str(there.stores["hospital"].id)})
    assert set(session.scalars(select(Container.state))) == {"stored"}


def test_an_undone_label_is_void(signed_in, session, bag):
    signed_in("collector").post("/register/undo", {"code": bag.code, "act_key": "u"})
    assert session.scalar(select(Container.state)) == "void"


def test_a_factory_registers_by_code(signed_in, session):
    page = signed_in("factory")
    assert "900-249-08" in page.get("/register?q=废矿物油").text
    page.post("/register", {"waste": "90024908", "mass": "150", "packaging": "drum", "form": "L"})
    assert session.scalar(select(Container.waste_code)) == "900-249-08"


def test_a_driver_registers_nothing(signed_in):
    assert signed_in("driver").get("/register").status_code == 403


# --- labels ---------------------------------------------------------------------------------------------------------


def label_of(page, *boxes, reason=""):
    """Print labels as a person does, and return the file."""
    asked = {"codes": [one.code for one in boxes], "act_key": new_token(), "reason": reason}
    return page.get(page.post("/labels/print-at-once", asked).location).data


def codes_on(pdf, page=0):
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=6).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def test_the_label_leads_to_its_container(signed_in, bag):
    pdf = label_of(signed_in("collector"), bag)
    assert codes_on(pdf) == {f"HTTP://127.0.0.1:8000/C/{bag.code}"}


def test_the_label_says_the_same_after_the_bag_was_stored_and_that_it_is_another_copy(signed_in, there, work_as, bag):
    def words(pdf):
        return set(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())

    page = signed_in("collector")
    before = words(label_of(page, bag))
    stored(there, work_as, "collector", "hospital", bag)
    assert words(label_of(page, bag, reason="lost")) - before == {"补打", "第2份"}


def test_the_label_says_who_what_how_heavy_and_until_when(signed_in, bag):
    text = pypdfium2.PdfDocument(label_of(signed_in("collector"), bag))[0].get_textpage()
    said = text.get_text_range()
    for words in ("正定县医院", "内科", "感染性废物", "3.42 kg", "2026-11-23 12:00", "2026-11-25 12:00"):
        assert words in said


def test_a_round_prints_one_label_on_a_page(signed_in, there, work_as, bag):
    make(there, work_as)
    page = signed_in("collector")
    answer = page.post("/labels/print", {"round": "1", "act_key": "K"})
    assert len(pypdfium2.PdfDocument(page.get(f"{answer.location}/labels.pdf").data)) == 2


def test_a_drum_has_the_label_of_hazardous_waste(signed_in, there, work_as):
    drum = make(there, work_as, "factory", waste="900-249-08", mass="150", department="")
    pdf = label_of(signed_in("factory"), drum)
    said = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert drum.digital_code in "".join(said.split())


def test_nobody_prints_the_label_of_another(signed_in, bag):
    asked = {"codes": bag.code, "act_key": "K"}
    doctor = signed_in("doctor_a")
    assert doctor.post("/labels/print", asked).status_code == 404
    assert "没有要打印的标签" in doctor.get(f"/labels/print?codes={bag.code}").text


# --- stores ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def store_address(there):
    return f"/stores/{there.stores['hospital'].id}"


def test_a_store_is_in_alarm_from_the_exact_moment(signed_in, there, work_as, bag, store_address):
    stored(there, work_as, "collector", "hospital", bag)
    due = NOON + timedelta(hours=48)
    with time_machine.travel(due - timedelta(seconds=1), tick=False):
        page = signed_in("manager")
        assert "tone-alarm" not in page.get(store_address).text
    with time_machine.travel(due, tick=False):
        assert "tone-alarm" in page.get(store_address).text


def test_a_store_at_its_limit_is_full_and_not_above(signed_in, there, work_as, store_address, store):
    one = make(there, work_as)
    stored(there, work_as, "collector", "hospital", one)
    page = signed_in("manager")
    with work_as() as work:
        work.session.get(type(there.stores["hospital"]), there.stores["hospital"].id).mass_limit_g = 3420
    assert '<section class="alarm' not in page.get(store_address).text
    with work_as() as work:
        work.session.get(type(there.stores["hospital"]), there.stores["hospital"].id).mass_limit_g = 3419
    assert '<section class="alarm' in page.get(store_address).text


def test_a_label_is_scanned_into_a_store(signed_in, session, bag, store_address):
    answer = signed_in("collector").post(store_address, {"codes": f"HTTP://127.0.0.1:8000/C/{bag.code}"})
    assert answer.status_code == 303
    assert session.scalar(select(Container.state)) == "stored"


@pytest.mark.parametrize(("code", "status"), [("000000000000", 404), ("7K3M-9QXR-2F4", 422), ("", 422)])
def test_a_label_that_cannot_be_scanned_in_is_refused_at_the_form(signed_in, store_address, code, status):
    answer = signed_in("collector").post(store_address, {"codes": code})
    assert answer.status_code == status
    assert "data-error-summary" in answer.text


def test_the_bag_of_another_is_refused_at_the_form(signed_in, there, bag):
    answer = signed_in("attendant").post(f"/stores/{there.stores['station'].id}", {"codes": bag.code})
    assert answer.status_code == 403
    assert "data-error-summary" in answer.text


def test_a_regulator_sees_the_stores_of_his_region_only(signed_in, there):
    shown = signed_in("county").get("/stores").text
    assert "正定县医院" in shown
    assert "焚烧处置中心" not in shown


def test_a_store_elsewhere_is_not_to_be_seen(signed_in, store_address):
    assert signed_in("elsewhere").get(store_address).status_code == 404


def test_only_stores_with_overdue_waste_can_be_asked_for(signed_in, there, work_as, bag):
    stored(there, work_as, "collector", "hospital", bag)
    with time_machine.travel(NOON + timedelta(hours=49), tick=False):
        shown = signed_in("county").get("/stores?overdue=1").text
    assert "正定县医院" in shown
    assert "城关周转站" not in shown


def test_a_page_of_stores_goes_on_where_the_last_one_ended(there, work_as):
    from wastetrack.features.containers.queries import StoreFilters, stores

    with work_as() as work:
        seen, after = [], None
        while True:
            rows, after = stores(work.session, there.people["province"], StoreFilters(after=after), NOON, size=2)
            seen += [row.store.id for row in rows]
            if after is None:
                break
    assert sorted(seen) == sorted(one.id for one in there.stores.values())


def test_a_store_lists_page_by_page_what_must_leave_first(there, work_as):
    from wastetrack.features.containers.queries import boxes_in

    made = [make(there, work_as, now=NOON - timedelta(hours=hours)) for hours in (1, 5, 3)]
    for one in made:
        stored(there, work_as, "collector", "hospital", one)
    with work_as() as work:
        first, after = boxes_in(work.session, there.stores["hospital"].id, size=2)
        second, end = boxes_in(work.session, there.stores["hospital"].id, after, size=2)
    assert [one.id for one in first + second] == [made[1].id, made[2].id, made[0].id]
    assert end is None


# --- what a label leads to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/c/{}", "/C/{}"])
def test_a_stranger_learns_the_danger_and_whom_to_call_and_no_more(browser, bag, path):
    shown = browser.get(path.format(bag.code)).text
    assert "0311-00000001" in shown
    assert "感染性废物" in shown
    assert "正定县医院" not in shown
    assert "3.42" not in shown


def test_a_label_never_issued_is_said_to_be_unknown(browser, there):
    answer = browser.get("/c/000000000000")
    assert answer.status_code == 404
    assert "12369" in answer.text


def test_the_producer_sees_the_whole_way(signed_in, there, work_as, bag):
    stored(there, work_as, "collector", "hospital", bag)
    shown = signed_in("manager").get(f"/c/{bag.code}").text
    assert shown.count('class="timeline-item') == 2
    assert "正定县医院" in shown


def test_another_producer_sees_it_as_a_stranger(signed_in, bag):
    assert "正定县医院" not in signed_in("doctor_a").get(f"/c/{bag.code}").text


def test_a_regulator_of_the_county_follows_it(signed_in, bag):
    assert "timeline-item" in signed_in("county").get(f"/c/{bag.code}").text


def test_a_regulator_of_elsewhere_sees_it_as_a_stranger(signed_in, bag):
    assert "timeline-item" not in signed_in("elsewhere").get(f"/c/{bag.code}").text


def test_a_label_is_made_void_with_its_reason(signed_in, bag):
    page = signed_in("manager")
    assert page.post(f"/c/{bag.code}/void", {"reason": "称重错误"}).status_code == 303
    assert "称重错误" in page.get(f"/c/{bag.code}").text


def test_a_label_is_not_made_void_without_a_reason(signed_in, session, bag):
    assert signed_in("manager").post(f"/c/{bag.code}/void", {}).status_code == 422
    assert session.scalar(select(Container.state)) == "sealed"


def test_a_typed_code_opens_its_container(signed_in, bag):
    answer = signed_in("collector").post("/find-code", {"code": f"{bag.code[:4]}-{bag.code[4:].lower()}"})
    assert answer.headers["Location"] == f"/c/{bag.code}"


def test_a_photo_of_a_label_opens_its_container(signed_in, bag):
    page = signed_in("collector")
    picture = BytesIO()
    pdf = pypdfium2.PdfDocument(label_of(page, bag))
    pdf[0].render(scale=4).to_pil().convert("RGB").save(picture, "JPEG")
    picture.seek(0)
    answer = page.post("/find-code", {"photo": (picture, "photo.jpg")}, content_type="multipart/form-data")
    assert answer.headers["Location"] == f"/c/{bag.code}"


def test_a_photo_that_is_none_is_refused_in_words(signed_in):
    answer = signed_in("collector").post(
        "/find-code", {"photo": (BytesIO(b"nothing"), "photo.jpg")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_opens_in_both_languages(signed_in, browser, there, work_as, bag, store_address, language):
    stored(there, work_as, "collector", "hospital", bag)
    browser.language = language
    page = signed_in("collector")
    for path in ("/register", "/register?other=1", "/stores", store_address, f"/c/{bag.code}", "/find-code"):
        assert page.get(path).status_code == 200, path


def test_a_leaking_bag_is_repacked_and_its_page_leads_to_the_new_one(signed_in, there, work_as, bag):
    browser = signed_in("collector")
    stored(there, work_as, "collector", "hospital", bag)
    page = browser.get(f"/c/{bag.code}/repack")
    assert page.status_code == 200
    answer = browser.post(f"/c/{bag.code}/repack", data={"packaging": "bag", "mass": "3.40", "reason": "渗漏"})
    new = answer.headers["Location"].rsplit("/", 1)[-1]
    assert new != bag.code
    assert f"/c/{new}" in browser.get(f"/c/{bag.code}").text


def test_a_form_that_is_wrong_names_every_field(signed_in, there, work_as, bag):
    browser = signed_in("collector")
    stored(there, work_as, "collector", "hospital", bag)
    answer = browser.post(f"/c/{bag.code}/repack", data={"packaging": "bag", "mass": "", "reason": ""})
    assert answer.status_code == 422
    assert 'href="#field-mass"' in answer.text
    assert 'href="#field-reason"' in answer.text


def test_what_does_not_fit_the_state_is_said_instead_of_a_form(signed_in, bag):
    page = signed_in("collector").get(f"/c/{bag.code}/seal").text
    assert "不能进行此操作" in page


def test_a_store_shows_what_stood_there_at_a_past_moment(signed_in, there, work_as, bag):
    browser = signed_in("collector")
    stored(there, work_as, "collector", "hospital", bag)
    place_of = f"/stores/{there.stores['hospital'].id}/past"
    assert bag.code[:4] in browser.get(f"{place_of}?at=2026-11-23T12:00").text
    assert "当时此处没有废物" in browser.get(f"{place_of}?at=2026-11-23T11:59").text


@pytest.mark.parametrize("at", ["2027-01-01T00:00", "gestern"])
def test_a_moment_that_is_none_or_to_come_is_refused_in_words(signed_in, there, at):
    answer = signed_in("collector").get(f"/stores/{there.stores['hospital'].id}/past?at={at}")
    assert answer.status_code == 422
    assert 'href="#field-at"' in answer.text


def test_a_wrong_entry_is_struck_through_on_the_page(signed_in, there, work_as, bag):
    stored(there, work_as, "collector", "hospital", bag)
    browser = signed_in("manager")
    for mass in ("9.99", "3.10"):
        browser.post(f"/c/{bag.code}/weigh", data={"mass": mass})
    assert browser.get(f"/c/{bag.code}/wrong?wrong=3").status_code == 200
    said = {"wrong": "3", "reason": "称错", "replaced_by": ""}
    answer = browser.post(f"/c/{bag.code}/wrong", data=said)
    assert (answer.status_code, 'href="#field-replaced_by"' in answer.text) == (409, True)
    browser.post(f"/c/{bag.code}/wrong", data={**said, "replaced_by": "4"})
    assert "<s>重新称重</s>" in browser.get(f"/c/{bag.code}").text
