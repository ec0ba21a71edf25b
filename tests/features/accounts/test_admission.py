"""An organisation asks for itself, its county decides, and its first manager comes in by a link."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.living import living_template, page, sit_down, store_url, world  # noqa: F401
from tests.world import COUNTY, OTHER_COUNTY, PASSWORD, World, credit_code
from wastetrack.domain.access import APPLICANT, Actor, Role
from wastetrack.domain.admission import FORGOTTEN_AFTER, RequestState
from wastetrack.domain.parties import OrganisationKind, OrganisationState
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import User
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.jobs import forget_requests
from wastetrack.features.parties.models import AdmissionRequest, Organisation, OrganisationKindRow
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store

NUMBER = credit_code(800)


def form(**given) -> dict:
    return {"name": "演示新医院", "kinds": ["hospital"], "credit_code": NUMBER, "region_code": COUNTY, "beds": "30",
            "address": "演示路8号", "contact": "演示张三", "phone": "0311-00000008", "emergency_phone": "0311-00000009",
            "manager_name": "演示李四", "manager_username": "Li.Si", "reference": new_token(), **given}  # fmt: skip


@pytest.fixture
def reviewer(work_as: WorkAs, world: World):  # noqa: F811
    """Make somebody who approves in a region."""

    def make(region: str = COUNTY, name: str = "reviewer") -> Actor:
        with work_as(world.people["security_admin"]) as work:
            roles = frozenset({Role.REGULATOR, Role.APPROVER})
            command = accounts.CreateAccount(username=name, name="演示审批", roles=roles, region_code=region)
            user, _none = accounts.create_account(work, command, password=PASSWORD, must_change=False)
            return account_queries.actor_of(work.session, user.id)

    return make


def ask(work_as: WorkAs, **given) -> AdmissionRequest:
    with work_as(APPLICANT) as work:
        return service.ask_admission(work, service.AskAdmission(**form(**given)))


def accept(work_as: WorkAs, who: Actor, asked: AdmissionRequest, **given):
    facts = {"request_id": asked.id, "version": asked.version, "username": asked.manager_username, **given}
    with work_as(who) as work:
        return accounts.accept_request(work, accounts.AcceptRequest(**facts))


def turn_down(work_as: WorkAs, who: Actor, asked: AdmissionRequest, **given) -> AdmissionRequest:
    facts = {"request_id": asked.id, "version": asked.version, "reason": "代码与执照不符", **given}
    with work_as(who) as work:
        return service.refuse_request(work, service.RefuseRequest(**facts))


def codes(refusal) -> set[str]:
    return {one.code for one in refusal.value.problems}


def kinds_of_events(session: Session, organisation_id) -> list[str]:
    stream = service.stream_of(organisation_id)
    query = select(LedgerEvent.kind).where(LedgerEvent.stream == stream).order_by(LedgerEvent.seq)
    return [one.partition(".")[2] for one in session.scalars(query)]


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_stranger_asks_and_sees_what_becomes_of_it(app: Flask, session: Session) -> None:
    browser, sent = Browser(app, "en"), form()
    assert "/register-organisation" in browser.get("/sign-in").text
    assert browser.get(f"/register-organisation?region={COUNTY}").status_code == 200
    answer = browser.post("/register-organisation", sent)
    assert (answer.status_code, answer.location) == (303, f"/register-organisation/{sent['reference']}")
    assert "waits for the review" in browser.get(answer.location).text
    one = session.scalars(select(Organisation).where(Organisation.credit_code == NUMBER)).one()
    assert one.state is OrganisationState.PENDING
    event = session.scalars(select(LedgerEvent).where(LedgerEvent.stream == service.stream_of(one.id))).one()
    assert (event.kind, event.actor_id) == ("organisation.asked", None)
    for secret in (sent["reference"], "演示张三", "演示李四", "0311"):
        assert secret not in event.facts
    assert browser.get(f"/register-organisation/{new_token()}").status_code == 404


def test_all_problems_are_told_at_once_each_at_its_field(app: Flask, session: Session) -> None:
    wrong = form(credit_code=NUMBER[:-1] + "0", phone="x", manager_username="-", name="")
    answer = Browser(app, "en").post("/register-organisation", wrong)
    assert answer.status_code == 422
    summary = re.search(r'<div class="error-summary".*?</ul>', answer.text, re.S).group()
    found = set(re.findall(r"#field-([a-z_0-9-]+)", summary))
    assert {"credit_code", "phone", "manager_username", "name"} <= found
    assert "演示路8号" in answer.text
    answer = Browser(app, "en").post(
        "/register-organisation", form(kinds=["hospital", "authority"], beds="", latitude_e6="38.1")
    )
    summary = re.search(r'<div class="error-summary".*?</ul>', answer.text, re.S).group()
    assert set(re.findall(r"#field-([a-z_0-9-]+)", summary)) == {"kinds", "beds", "longitude_e6"}
    assert session.scalar(select(func.count()).select_from(AdmissionRequest)) == 0


def test_the_same_form_twice_is_one_request(work_as: WorkAs, session: Session) -> None:
    reference = new_token()
    assert ask(work_as, reference=reference).id == ask(work_as, reference=reference).id
    assert session.scalar(select(func.count()).select_from(AdmissionRequest)) == 1


def test_a_known_organisation_is_told_whom_to_ask_and_not_named(app: Flask, world: World) -> None:  # noqa: F811
    known = world.organisations["hospital"]
    answer = Browser(app, "en").post("/register-organisation", form(credit_code=known.credit_code))
    assert answer.status_code == 409
    assert "Ask its manager for an account" in answer.text
    assert known.name not in answer.text


# --- pending ---------------------------------------------------------------------------------------------------------


def test_a_pending_organisation_is_nobody(work_as, world, session, page) -> None:  # noqa: F811
    asked = ask(work_as)
    pending = session.get_one(Organisation, asked.organisation_id)
    assert queries.by_credit_code(session, NUMBER) is None
    assert pending.id not in {one.id for one in queries.organisations_of_kind(session, OrganisationKind.HOSPITAL, None)}
    for who in ("county", "system_admin", "security_admin"):
        assert str(pending.id) not in page(who, "/organisations?q=演示新医院")
        page(who, f"/organisations/{pending.id}", status=404)
    for act in (
        lambda work: service.add_department(work, service.AddDepartment(organisation_id=pending.id, name="内科")),
        lambda work: service.set_organisation_state(
            work,
            service.SetOrganisationState(organisation_id=pending.id, state=OrganisationState.ACTIVE, reason="演示"),
        ),
    ):
        with pytest.raises(Refusal) as refusal, work_as(world.people["system_admin"]) as work:
            act(work)
        assert codes(refusal) == {"access.unknown"}
    account = accounts.CreateAccount(
        username="early", name="演示", roles=frozenset({Role.MANAGER}), organisation_id=pending.id
    )
    with pytest.raises(Refusal) as refusal, work_as(world.people["security_admin"]) as work:
        accounts.create_account(work, account)
    assert codes(refusal) == {"account.organisation"}


def test_nobody_is_made_pending_by_hand(work_as, world) -> None:  # noqa: F811
    command = service.SetOrganisationState(
        organisation_id=world.id("hospital"), state=OrganisationState.PENDING, reason="演示"
    )
    with pytest.raises(Refusal) as refusal, work_as(world.people["system_admin"]) as work:
        service.set_organisation_state(work, command)
    assert codes(refusal) == {"organisation.state"}


def test_people_of_a_pending_organisation_do_not_sign_in(app, work_as, world) -> None:  # noqa: F811
    with work_as() as work:
        work.session.get_one(Organisation, world.id("hospital")).state = OrganisationState.PENDING
    browser = Browser(app, "en")
    answer = browser.sign_in("manager", PASSWORD)
    assert answer.status_code == 403
    assert "not admitted yet" in answer.text


def test_a_request_takes_no_code_away(work_as, world, session, reviewer) -> None:  # noqa: F811
    asked = ask(work_as)
    with work_as(world.people["system_admin"]) as work:
        one = session.get_one(Organisation, asked.organisation_id)
        names = ("name", "credit_code", "region_code", "address", "contact", "phone", "emergency_phone")
        facts = {name: getattr(one, name) for name in names} | {
            "name": "演示真医院",
            "kinds": {OrganisationKind.HOSPITAL},
        }
        service.create_organisation(work, service.CreateOrganisation(**facts))
    with pytest.raises(Refusal) as refusal:
        accept(work_as, reviewer(), asked)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["holder"], problem.kind) == ("credit_code.taken", "演示真医院", Kind.CONFLICT)
    session.rollback()
    session.expire_all()
    assert session.get_one(Organisation, asked.organisation_id).state is OrganisationState.PENDING
    assert account_queries.by_username(session, "li.si") is None


# --- the review ------------------------------------------------------------------------------------------------------


def test_admitted_it_is_one_of_the_others_and_its_manager_comes_in_by_the_link(
    app,
    work_as,
    world,  # noqa: F811
    session,
    reviewer,
) -> None:
    sent = form()
    browser = Browser(app, "en")
    browser.post("/register-organisation", sent)
    asked = session.scalars(select(AdmissionRequest)).one()
    officer = sit_down(Browser(app, "en"), reviewer())
    home = officer.get("/").text
    assert "requests to be admitted" in home
    assert "演示新医院" in officer.get("/requests").text
    seen = officer.get(f"/requests/{asked.id}").text
    for entered in (NUMBER, "演示张三", "0311-00000008", "演示李四", "li.si", "演示路8号"):
        assert entered in seen
    key = new_token()
    decision = {"version": "1", "username": "li.si", "act_key": key}
    answer = officer.post(f"/requests/{asked.id}/accept", decision)
    link = re.search(r"/invitation/[0-9A-Z]{26}", answer.text).group()
    again = officer.post(f"/requests/{asked.id}/accept", decision).text
    assert link not in again
    assert f"/requests/{asked.id}" in again
    assert "is admitted" in browser.get(f"/register-organisation/{sent['reference']}").text
    password = "Ganz-neu-2026-x"
    browser.get(link)
    assert browser.post(link, {"new_password": password, "repeated": password}).status_code == 303
    assert browser.sign_in("li.si", password).status_code == 303
    assert "演示新医院" in browser.get("/", follow=True).text
    session.rollback()
    session.expire_all()
    assert kinds_of_events(session, asked.organisation_id) == ["asked", "admitted"]
    roles = account_queries.roles_of(session, account_queries.by_username(session, "li.si").id)
    assert roles == {Role.MANAGER}


def test_a_lost_link_is_made_anew_until_the_manager_has_come(work_as, session, reviewer) -> None:
    asked, who = ask(work_as), reviewer()
    _user, first = accept(work_as, who, asked)
    with work_as(who) as work:
        user, second = accounts.renew_link(work, accounts.RenewLink(request_id=asked.id, act_key="n"))
        assert second
        assert second != first
    with work_as(replace(who, user_id=user.id)) as work:
        chosen = accounts.AcceptInvitation(token=second, new_password="Ganz-neu-2026-x", repeated="Ganz-neu-2026-x")
        accounts.accept_invitation(work, chosen)
    with pytest.raises(Refusal) as refusal, work_as(who) as work:
        accounts.renew_link(work, accounts.RenewLink(request_id=asked.id))
    assert codes(refusal) == {"invitation.needless"}


def test_a_request_is_decided_once(work_as, session, reviewer) -> None:
    asked, first, second = ask(work_as), reviewer(), reviewer(name="other")
    turn_down(work_as, first, asked, act_key="k")
    turn_down(work_as, first, asked, act_key="k")
    for act in (accept, turn_down):
        with pytest.raises(Refusal) as refusal:
            act(work_as, second, asked)
        assert (codes(refusal), refusal.value.kind) == ({"admission.moved_on"}, Kind.CONFLICT)
    assert kinds_of_events(session, asked.organisation_id) == ["asked", "admission_refused"]
    assert session.scalar(select(func.count()).select_from(User).where(User.username == "li.si")) == 0


def test_of_two_reviewers_at_once_one_decides(work_as, session, reviewer) -> None:
    asked, people, start = ask(work_as), (reviewer(), reviewer(name="other")), Barrier(2)

    def decide(who: Actor) -> str:
        start.wait()
        try:
            accept(work_as, who, asked, username=f"boss.{who.user_id.hex[-6:]}")
        except Refusal as refusal:
            return refusal.problems[0].code
        return "admitted"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, people)) == ["admission.moved_on", "admitted"]
    assert kinds_of_events(session, asked.organisation_id) == ["asked", "admitted"]
    assert session.scalar(select(func.count()).where(User.organisation_id == asked.organisation_id)) == 1


def test_a_taken_username_is_told_with_everything_else_and_another_may_be_given(work_as, session, reviewer) -> None:
    asked, who = ask(work_as, manager_username="manager"), reviewer()
    with pytest.raises(Refusal) as refusal:
        accept(work_as, who, asked)
    assert codes(refusal) == {"account.username_taken"}
    user, link = accept(work_as, who, asked, username="manager.new")
    assert (user.username, user.organisation_id, bool(link)) == ("manager.new", asked.organisation_id, True)
    assert session.get_one(AdmissionRequest, asked.id).manager_username == "manager.new"


def test_only_who_approves_where_it_sits_decides(work_as, world, reviewer) -> None:  # noqa: F811
    asked = ask(work_as)
    for who in (world.people["county"], world.people["system_admin"], reviewer(OTHER_COUNTY)):
        for act in (accept, turn_down):
            with pytest.raises(Refusal) as refusal:
                act(work_as, who, asked)
            assert codes(refusal) == {"access.unknown"}
    assert accept(work_as, reviewer("130100", "city.approver"), asked)[1]


def test_what_a_reviewer_should_look_at_twice_is_said(app, work_as, world, reviewer) -> None:  # noqa: F811
    asked = ask(work_as, name=world.organisations["hospital"].name, manager_username="manager")
    other = ask(work_as)
    seen = sit_down(Browser(app, "en"), reviewer()).get(f"/requests/{asked.id}").text
    for said in ("Another open request names the same code", "An organisation of this name", "is taken"):
        assert said in seen
    assert f"/requests/{other.id}" in seen


# --- refused, withdrawn, forgotten -----------------------------------------------------------------------------------


def test_refused_it_reads_why_mends_it_and_asks_again(app, session, reviewer) -> None:
    sent, browser = form(), Browser(app, "en")
    at = f"/register-organisation/{sent['reference']}"
    browser.post("/register-organisation", sent)
    asked = session.scalars(select(AdmissionRequest)).one()
    officer = sit_down(Browser(app, "en"), reviewer())
    officer.get(f"/requests/{asked.id}")
    assert officer.post(f"/requests/{asked.id}/refuse", {"version": "1", "reason": ""}).status_code == 422
    assert officer.post(f"/requests/{asked.id}/refuse", {"version": "1", "reason": "床位数不符"}).status_code == 303
    assert "床位数不符" in browser.get(at).text
    assert "演示路8号" in browser.get(f"{at}/again").text
    mended = {name: value for name, value in form(beds="40").items() if name != "reference"}
    assert browser.post(f"{at}/again", mended).location == at
    stale = officer.post(f"/requests/{asked.id}/accept", {"version": "1", "username": "li.si"})
    assert stale.status_code == 409
    assert "has changed this request" in stale.text
    session.rollback()
    session.expire_all()
    assert session.get_one(Organisation, asked.organisation_id).beds == 40
    assert kinds_of_events(session, asked.organisation_id) == ["asked", "admission_refused", "asked_again"]


def test_withdrawn_nobody_reviews_it(app, work_as, session, reviewer) -> None:
    sent, browser, who = form(), Browser(app, "en"), reviewer()
    at = f"/register-organisation/{sent['reference']}"
    browser.post("/register-organisation", sent)
    asked = session.scalars(select(AdmissionRequest)).one()
    assert browser.post(f"{at}/withdraw").status_code == 303
    assert browser.post(f"{at}/withdraw").status_code == 303
    with pytest.raises(Refusal) as refusal:
        accept(work_as, who, asked)
    assert codes(refusal) == {"admission.moved_on"}
    session.rollback()
    assert kinds_of_events(session, asked.organisation_id) == ["asked", "request_withdrawn"]


def test_an_admitted_one_is_not_withdrawn(work_as, reviewer) -> None:
    reference = new_token()
    accept(work_as, reviewer(), ask(work_as, reference=reference))
    with pytest.raises(Refusal) as refusal, work_as(APPLICANT) as work:
        service.withdraw(work, service.Withdraw(reference=reference))
    assert codes(refusal) == {"admission.moved_on"}


def test_what_was_decided_long_ago_is_forgotten_and_the_ledger_keeps_it(work_as, session, reviewer) -> None:
    who = reviewer()
    refused, admitted = ask(work_as), ask(work_as, credit_code=credit_code(801), manager_username="wang.wu")
    still = ask(work_as, credit_code=credit_code(802))
    turn_down(work_as, who, refused)
    accept(work_as, who, admitted)
    with work_as(now=NOON + FORGOTTEN_AFTER) as work:
        assert forget_requests(work) == 0
    with work_as(now=NOON + FORGOTTEN_AFTER + timedelta(seconds=1)) as work:
        assert forget_requests(work) == 2
    assert session.scalars(select(AdmissionRequest)).one().id == still.id
    assert session.get(Organisation, refused.organisation_id) is None
    assert session.get_one(Organisation, admitted.organisation_id).state is OrganisationState.ACTIVE
    left = select(OrganisationKindRow).where(OrganisationKindRow.organisation_id == refused.organisation_id)
    assert session.scalars(left).all() == []
    assert kinds_of_events(session, refused.organisation_id) == ["asked", "admission_refused", "request_forgotten"]


def test_reasons_are_in_the_ledger(work_as, session, reviewer) -> None:
    turn_down(work_as, reviewer(), ask(work_as))
    facts = session.scalars(select(LedgerEvent.facts).where(LedgerEvent.kind == "organisation.admission_refused")).one()
    assert json.loads(facts)["reason"] == "代码与执照不符"
    assert session.scalars(select(AdmissionRequest)).one().state is RequestState.REFUSED


def test_what_nobody_decides_is_counted_with_its_age_and_overdue_but_never_decided_by_itself(
    app: Flask, work_as: WorkAs, reviewer, session: Session
) -> None:
    long_ago = NOON - timedelta(days=200)
    with work_as(APPLICANT, long_ago) as work:
        asked = service.ask_admission(work, service.AskAdmission(**form()))
    ask(work_as, credit_code=credit_code(801), manager_username="wang.wu")
    who = reviewer()
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        browser = sit_down(Browser(app, "en"), who)
        home = browser.get("/").text
        assert "the oldest for 200 days" in home
        assert "requests overdue for review" in home
        assert browser.get("/requests").text.count("overdue, waits for 200 days") == 1
    with work_as(now=NOON) as work:
        forget_requests(work)
    session.rollback()
    assert session.get_one(AdmissionRequest, asked.id).state is RequestState.OPEN
