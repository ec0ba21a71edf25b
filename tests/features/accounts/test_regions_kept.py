"""A regulator covers further regions beside his own, for a while or for good; a township's sees no more than it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.living import sit_down
from tests.parties import SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.service import AddRegion, TakeRegion
from wastetrack.features.parties import queries as party_queries
from wastetrack.infra import clock

pytestmark = pytest.mark.store
COUNTY, TOWN, OTHER_TOWN, VILLAGE = "130123", "130123100", "130123102", "130123100001"
"""正定县, two of its towns, and a village of the first."""
CITY, SPECIAL = "130600", "130638"
"""保定市, and 雄县 of 雄安新区, which it does not supervise."""
TODAY = NOON.date()
Adds = Callable[..., None]


@pytest.fixture
def officer(work_as: WorkAs) -> Actor:
    """A regulator of 保定市."""
    with work_as(SECURITY_ADMIN) as work:
        parties.person(work, "security", Role.SECURITY_ADMIN)
        return parties.person(work, "officer", Role.REGULATOR, region_code=CITY)


@pytest.fixture
def there(work_as: WorkAs) -> dict[str, str]:
    """An organisation in each of the regions, by its name."""
    with work_as(SYSTEM_ADMIN) as work:
        return {
            code: parties.organisation(work, name=f"演示单位{code}", region_code=code).name
            for code in (COUNTY, TOWN, OTHER_TOWN, VILLAGE, SPECIAL)
        }


@pytest.fixture
def add(officer: Actor, work_as: WorkAs) -> Adds:
    """Have the officer cover a region."""

    def cover(code: str, **given: object) -> None:
        with work_as(SECURITY_ADMIN) as work:
            command = AddRegion(user_id=officer.user_id, region_code=code, reason="演示兼管", **given)
            service.add_region(work, command)

    return cover


def seen_by(session: Session, actor: Actor, day: int = 0) -> set[str]:
    """Return the codes of those organisations that the person sees so many days from now."""
    session.rollback()
    now = queries.actor_of(session, actor.user_id, NOON + timedelta(days=day))  # type: ignore[arg-type]
    rows, _following = party_queries.page(session, now, party_queries.Filters(text="演示单位"))
    found = {one.region_code for one in rows}
    assert found == {one.region_code for one in rows if party_queries.is_visible(session, now, one)}
    return found


def test_a_prefecture_officer_who_also_covers_a_special_county_sees_it(officer, there, add, session) -> None:
    assert seen_by(session, officer) == set()
    add(SPECIAL)
    assert seen_by(session, officer) == {SPECIAL}


def test_a_further_region_holds_from_its_first_to_its_last_day(officer, there, add, session) -> None:
    add(COUNTY, since=TODAY + timedelta(days=2), until=TODAY + timedelta(days=4))
    assert [bool(seen_by(session, officer, day)) for day in range(1, 6)] == [False, True, True, True, False]


def test_a_township_grid_officer_sees_the_township_and_its_villages_only(work_as, there, session) -> None:
    with work_as(SECURITY_ADMIN) as work:
        grid = parties.person(work, "grid", Role.REGULATOR, region_code=TOWN)
    assert seen_by(session, grid) == {TOWN, VILLAGE}
    with work_as(SECURITY_ADMIN) as work:
        service.add_region(work, AddRegion(user_id=grid.user_id, region_code=OTHER_TOWN, reason="两个乡镇"))
    assert seen_by(session, grid) == {TOWN, VILLAGE, OTHER_TOWN}


def test_a_region_taken_away_is_seen_no_more_and_the_sessions_end(officer, there, add, work_as, session, app) -> None:
    add(SPECIAL)
    browser = sit_down(Browser(app), officer)
    with work_as(SECURITY_ADMIN) as work:
        service.take_region(work, TakeRegion(user_id=officer.user_id, region_code=SPECIAL, reason="任务结束"))
    assert seen_by(session, officer) == set()
    assert browser.get("/organisations").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("code", "given", "problem"),
    [
        ("130602", {}, "account.region_inside"),
        ("999999", {}, "region.unknown"),
        (COUNTY, {"since": TODAY, "until": TODAY - timedelta(days=1)}, "account.days_swapped"),
        (COUNTY, {"until": TODAY - timedelta(days=1)}, "account.days_over"),
    ],
)
def test_what_makes_no_sense_is_refused(add, code: str, given: dict[str, object], problem: str) -> None:
    with pytest.raises(Refusal, match=problem):
        add(code, **given)


def test_the_same_region_twice_and_an_account_without_a_region_are_refused(add, work_as) -> None:
    add(COUNTY)
    with pytest.raises(Refusal, match=r"account.region_twice"):
        add(COUNTY)
    with work_as(SYSTEM_ADMIN) as work:
        own = parties.organisation(work)
    with work_as(SECURITY_ADMIN) as work:
        manager = parties.person(work, "manager", Role.MANAGER, organisation_id=own.id)
    with pytest.raises(Refusal, match=r"account.no_regulator"), work_as(SECURITY_ADMIN) as work:
        service.add_region(work, AddRegion(user_id=manager.user_id, region_code=COUNTY, reason="演示"))


def test_the_security_administrator_keeps_them_on_the_page(
    officer, there, app: Flask, session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    browser = Browser(app)
    browser.sign_in("security", parties.PASSWORD)
    here = f"/accounts/{officer.user_id}/regions"
    assert "没有兼管的区域" in browser.get(here).text
    lacking = browser.post(f"{here}?region={SPECIAL}", {"region_code": SPECIAL, "until": "2026-11-01"})
    assert lacking.status_code == 422
    assert 'id="field-reason-error"' in lacking.text
    sent = {"region_code": SPECIAL, "reason": "演示兼管", "until": "2026-12-31", "act_key": "k"}
    assert browser.post(f"{here}?region={SPECIAL}", sent).location == here
    assert browser.post(f"{here}?region={SPECIAL}", sent).location == here
    assert seen_by(session, officer) == {SPECIAL}
    assert "雄县" in browser.get(here).text
    assert "雄县" in browser.get(f"/accounts/{officer.user_id}").text
    assert browser.post(f"{here}/take", {"region_code": SPECIAL}).status_code == 422
    assert browser.post(f"{here}/take", {"region_code": SPECIAL, "reason": "任务结束"}).location == here
    assert seen_by(session, officer) == set()
