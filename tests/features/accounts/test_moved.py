"""Somebody changes to another organisation while signed in: at once he acts for that one only."""

import json

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import WorkAs
from tests.parties import PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.service import MoveAccount
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import Organisation

pytestmark = pytest.mark.store


@pytest.fixture
def houses(work_as: WorkAs) -> tuple[Organisation, Organisation, Organisation]:
    """Two hospitals and a carrier."""
    with work_as(SYSTEM_ADMIN) as work:
        one, other = parties.organisation(work), parties.organisation(work)
        return one, other, parties.organisation(work, kinds=frozenset({OrganisationKind.CARRIER}))


@pytest.fixture
def nurse(work_as: WorkAs, houses: tuple[Organisation, ...]) -> Actor:
    with work_as(SECURITY_ADMIN) as work:
        parties.person(work, "security", Role.SECURITY_ADMIN)
        return parties.person(work, "nurse", Role.COLLECTOR, organisation_id=houses[0].id)


def moved(work_as: WorkAs, whom: Actor, to: Organisation, *roles: Role, by: Actor = SECURITY_ADMIN) -> None:
    with work_as(by) as work:
        command = MoveAccount(user_id=whom.user_id, organisation_id=to.id, roles=frozenset(roles), reason="演示调动")
        service.move_account(work, command)


def test_the_open_session_ends_and_the_next_one_acts_for_the_new_house(
    app: Flask, work_as: WorkAs, houses: tuple[Organisation, ...], nurse: Actor, session: Session
) -> None:
    browser = Browser(app)
    browser.sign_in("nurse", PASSWORD)
    moved(work_as, nurse, houses[1], Role.COLLECTOR)
    assert browser.get("/stores").status_code == 303
    browser.sign_in("nurse", PASSWORD)
    assert houses[1].name in browser.get("/").text
    (facts,) = session.scalars(select(LedgerEvent.facts).where(LedgerEvent.kind == "account.moved"))
    assert json.loads(facts)["from"] == str(houses[0].id)


def test_a_form_opened_before_is_refused_and_changes_nothing(
    app: Flask, work_as: WorkAs, houses: tuple[Organisation, ...], nurse: Actor
) -> None:
    browser = Browser(app)
    browser.sign_in("nurse", PASSWORD)
    moved(work_as, nurse, houses[1], Role.COLLECTOR)
    form = {"waste": "infectious", "mass": "2", "department": "内科", "act_key": "K"}
    answer = browser.post("/register", form)
    assert (answer.status_code, "/sign-in" in answer.headers.get("Location", "")) == (303, True)


@pytest.mark.parametrize(
    ("to", "role", "code"),
    [(0, Role.COLLECTOR, "same_organisation"), (2, Role.COLLECTOR, "role_fit"), (2, Role.DRIVER, "crew")],
)
def test_what_does_not_fit_there_is_refused(
    work_as: WorkAs, houses: tuple[Organisation, ...], nurse: Actor, session: Session, to: int, role: Role, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        moved(work_as, nurse, houses[to], role)
    assert queries.user(session, nurse.user_id).organisation_id == houses[0].id  # type: ignore[arg-type]


def test_the_last_manager_does_not_leave_his_house_without_one(
    work_as: WorkAs, houses: tuple[Organisation, ...], nurse: Actor
) -> None:
    with work_as(SECURITY_ADMIN) as work:
        manager = parties.person(work, "manager", Role.MANAGER, organisation_id=houses[0].id)
    with pytest.raises(Refusal, match="last_keeper"):
        moved(work_as, manager, houses[1], Role.MANAGER)


def test_the_security_administrator_moves_somebody_on_the_pages(
    app: Flask, houses: tuple[Organisation, ...], nurse: Actor
) -> None:
    browser = Browser(app)
    browser.sign_in("security", PASSWORD)
    page = f"/accounts/{nurse.user_id}/move"
    assert houses[1].name in browser.get(f"{page}?q={houses[1].name}").text
    chosen = f"{page}?organisation={houses[1].id}"
    form = {"organisation_id": str(houses[1].id), "roles": "collector", "act_key": "K"}
    assert "field-reason" in browser.post(chosen, form).text
    assert browser.post(chosen, form | {"reason": "演示"}).status_code == 303
    assert houses[1].name in browser.get(f"/accounts/{nurse.user_id}").text
