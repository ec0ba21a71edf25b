"""The pages of signing: granting, withdrawing, one's own authority, the versions of the agreement."""

from datetime import date

import pytest

from tests.chain import chinese_in
from tests.features.signing.conftest import Desk
from wastetrack.domain.signing import Signature
from wastetrack.features.signing import queries

pytestmark = pytest.mark.store


def address(world, name: str) -> str:
    return f"/accounts/{world.people[name].user_id}/signing"


def test_the_security_administrator_grants_and_withdraws_on_the_page(desk, world, signed_in, session):
    desk.withdraw_all()
    browser, page = signed_in("security_admin", "en"), address(world, "driver")
    assert "演示-driver" in browser.get("/signing").text
    assert "Has the role, and no authority today" in browser.get(page).text
    form = {
        "signatures": "carrier",
        "since": "2026-11-23",
        "until": "2026-12-10",
        "basis": "演示授权书",
        "act_key": "A",
    }
    wrong = browser.post(page, {**form, "since": "2026-11-01", "basis": ""})
    assert wrong.status_code == 422
    assert [f"field-{name}" in wrong.text for name in ("since", "basis")] == [True, True]
    assert (browser.post(page, form).status_code, browser.post(page, form).status_code) == (303, 303)
    rows = queries.grants_of(session, world.people["driver"].user_id)
    (row,) = [one for one in rows if one.withdrawn_at is None]
    assert (row.signature, row.until) == (Signature.CARRIER, date(2026, 12, 10))
    assert "ends soon" in browser.get(page).text
    assert browser.post(f"{page}/withdraw", {"grant_id": str(row.id)}).status_code == 422
    session.rollback()
    assert browser.post(f"{page}/withdraw", {"grant_id": str(row.id), "reason": "演示"}).status_code == 303
    again = browser.post(f"{page}/withdraw", {"grant_id": str(row.id), "reason": "演示"})
    assert again.status_code == 409


def test_what_ends_within_thirty_days_stands_on_the_start_pages(desk: Desk, world, signed_in, session):
    for day, seen in ((date(2026, 12, 23), True), (date(2026, 12, 24), False)):
        desk.take_all()
        desk.grant("manager", Signature.CONSIGNOR, until=day)
        assert ("Your authority to sign ends soon" in signed_in("manager", "en").get("/").text) is seen
    desk.grant("manager", Signature.CONSIGNOR, until=date(2027, 12, 1))
    assert "ends soon" not in signed_in("manager", "en").get("/").text, "another follows it"
    assert "2027-12-01" in signed_in("manager", "en").get("/signing/mine").text


def test_the_manager_sees_whose_authority_ends(desk: Desk, world, signed_in, work_as):
    from tests.features.signing.test_grants import second_manager

    second_manager(work_as, world, may_sign=False)
    desk.grant("second", Signature.CONSIGNOR, by="manager", until=date(2026, 12, 1))
    browser = signed_in("manager", "en")
    assert "1 authority of your people to sign ends within 30 days" in browser.get("/").text
    assert "ends soon" in browser.get("/signing").text
    assert browser.get(address(world, "attendant")).status_code == 404


def test_a_new_version_of_the_agreement_is_put_in_force_on_its_page(world, signed_in, session):
    browser = signed_in("security_admin", "en")
    form = {"chinese": "第2版\r\n正文", "english": "Version 2\r\nText", "in_force_from": "2026-11-23", "act_key": "A"}
    assert browser.post("/signing/agreements", form).status_code == 422
    for _ in range(2):
        assert browser.post("/signing/agreements", {**form, "reason": "演示"}).status_code == 303
    assert [one.version for one in queries.agreements(session)] == [2, 1]
    assert "Version 2" in browser.get("/signing/agreement?version=2").text
    assert "A new version of the agreement" not in signed_in("driver", "en").get("/signing/agreement").text


@pytest.mark.parametrize("path", ["/signing", "/signing/mine", "/signing/agreement", "{own}"])
def test_the_english_pages_hold_no_chinese_but_names(world, signed_in, path):
    page = signed_in("manager", "en").get(path.format(own=address(world, "collector"))).text
    assert chinese_in(page, world) == set()
