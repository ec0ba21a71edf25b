"""Somebody acts for another organisation by mandate: with its rights and none of his own, and both are always named."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.living import Chain, shown, sit_down
from tests.world import World
from wastetrack.domain.access import (
    NEVER_BY_MANDATE,
    RIGHTS,
    SIGNED,
    Act,
    Actor,
    ByMandate,
    Relation,
    Role,
    may,
    may_ever,
)
from wastetrack.domain.accounts import FITS
from wastetrack.domain.mandates import MANDATABLE, MandateState
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Signature
from wastetrack.domain.times import end_of_day, local_day
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import Mandate
from wastetrack.features.accounts.queries import mandates
from wastetrack.features.accounts.queries.mandates import stream_of
from wastetrack.features.audit.models import AuditEntry
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import ManifestPrint
from wastetrack.features.parties import service as parties
from wastetrack.features.signing import queries as signing
from wastetrack.infra import clock
from wastetrack.infra.ids import new_id, new_token

pytestmark = pytest.mark.store
DAY = NOON.date()


@pytest.fixture
def give(work_as: WorkAs, world: World):  # type: ignore[no-untyped-def]
    """Have the hospital's manager authorise the station's attendant, or whoever is named."""

    def make(by: str = "manager", to: str = "attendant", **given: Any) -> Mandate:
        with work_as(world.people[by]) as work:
            person = queries.user(work.session, world.people[to].user_id)
            facts = {"username": person.username, "name": person.name, "roles": {Role.COLLECTOR, Role.MANAGER},
                     "since": DAY, "until": DAY + timedelta(days=30), "reason": "演示代班", **given}  # fmt: skip
            return service.give_mandate(work, service.GiveMandate(**facts))

    return make


@pytest.fixture
def acting(give, work_as: WorkAs, world: World):  # type: ignore[no-untyped-def]
    """Have the attendant authorised, accept, and return him as he acts."""

    def make(**given: Any) -> Actor:
        mandate = give(**given)
        answered(work_as, world, mandate)
        with work_as(world.people["attendant"]) as work:
            return queries.acting_by(work.session, world.people["attendant"], mandate.id, NOON)

    return make


def answered(work_as: WorkAs, world: World, mandate: Mandate, who: str = "attendant", accept: bool = True) -> Mandate:
    with work_as(world.people[who]) as work:
        return service.answer_mandate(work, service.AnswerMandate(mandate_id=mandate.id, accept=accept))


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> set[str]:
    return {one.code for one in refusal.value.problems}


# --- what the mandate opens, act by act ---


@pytest.mark.parametrize(("role", "signs"), list(product(sorted(FITS), (False, True))))
def test_by_mandate_one_may_what_the_role_may_but_never_what_is_kept_back(role: Role, signs: bool) -> None:
    by = ByMandate(new_id(), new_id(), "乙", DAY, signs)
    acting_one = Actor(new_id(), "演示", frozenset({role}), organisation_id=new_id(), by_mandate=by)
    for act in Act:
        kept_back = act in NEVER_BY_MANDATE or (act in SIGNED and not signs)
        granted = RIGHTS[act].get(role, set())
        assert may_ever(acting_one, act) is (bool(granted) and not kept_back), act
        for relation in Relation:
            expected = bool(granted & {relation, Relation.ANY}) and not kept_back
            assert may(acting_one, act, {relation}) is expected, (act, relation)


def test_managing_people_passing_on_and_handing_over_is_never_opened_by_a_mandate() -> None:
    assert {Act.MANAGE_ROLES, Act.INVITE, Act.MANDATE, Act.END_MANDATE, Act.HAND_OVER} <= NEVER_BY_MANDATE
    assert Role.DRIVER not in MANDATABLE
    assert set(FITS) >= MANDATABLE


# --- giving ---


def test_a_mandate_holds_once_it_is_accepted_and_on_its_days_only(give, work_as, world, session) -> None:
    mandate = give(since=DAY + timedelta(days=1), until=DAY + timedelta(days=2))
    own = world.people["attendant"]

    def rights(day: int) -> frozenset[Role]:
        session.rollback()
        return queries.acting_by(session, own, mandate.id, NOON + timedelta(days=day)).roles

    assert [rights(day) for day in range(4)] == [frozenset()] * 4
    answered(work_as, world, mandate)
    both = frozenset({Role.COLLECTOR, Role.MANAGER})
    assert [rights(day) for day in range(4)] == [frozenset(), both, both, frozenset()]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"roles": frozenset()}, "mandate.roles"),
        ({"roles": {Role.DRIVER}}, "mandate.role_fit"),
        ({"roles": {Role.SECURITY_ADMIN}}, "mandate.role_fit"),
        ({"roles": {Role.REGULATOR}}, "mandate.role_fit"),
        ({"until": DAY + timedelta(days=365)}, "mandate.too_long"),
        ({"since": DAY - timedelta(days=9), "until": DAY - timedelta(days=1)}, "mandate.days_over"),
        ({"until": DAY - timedelta(days=1)}, "mandate.days_swapped"),
        ({"to": "manager"}, "mandate.self"),
        ({"to": "county"}, "mandate.person"),
        ({"to": "security_admin"}, "mandate.person"),
        ({"name": "演示别人"}, "mandate.person"),
        ({"username": "nobody.at.all"}, "mandate.person"),
    ],
)
def test_what_cannot_be_given_is_refused_in_words(give, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        give(**given)
    assert codes(refusal) == {code}


def test_a_whole_year_is_given_and_all_problems_are_told_at_once(give) -> None:
    assert give(until=DAY + timedelta(days=364)).state is MandateState.OFFERED
    with pytest.raises(Refusal) as refusal:
        give(to="county", roles=frozenset(), until=DAY + timedelta(days=400))
    assert codes(refusal) == {"mandate.person", "mandate.roles", "mandate.too_long"}


def test_only_the_manager_of_the_organisation_gives_and_only_the_person_answers(give, work_as, world) -> None:
    for who in ("collector", "security_admin", "county"):
        with pytest.raises(Refusal, match=r"access\.forbidden"):
            give(by=who)
    mandate = give()
    for who in ("manager", "doctor_a", "security_admin"):
        with pytest.raises(Refusal, match=r"access\.unknown"):
            answered(work_as, world, mandate, who)


def test_the_days_of_two_mandates_do_not_overlap_and_the_same_form_twice_is_one(give) -> None:
    first = give(act_key="once")
    assert give(act_key="once").id == first.id
    with pytest.raises(Refusal, match=r"mandate\.running"):
        give(since=DAY + timedelta(days=30), until=DAY + timedelta(days=40))
    assert give(since=DAY + timedelta(days=31), until=DAY + timedelta(days=40)).id != first.id


# --- acting ---


def test_while_acting_nothing_of_ones_own_is_mixed_in(acting, world, chain, work_as, session) -> None:
    chain.bag("doctor_a", None)
    one = acting()
    assert one.organisation_id == world.id("hospital")
    assert Role.ATTENDANT not in one.roles
    assert not may(one, Act.RECEIVE_HAND_IN, {Relation.OWN})
    stand_in = Chain(World(**{**vars(world), "people": {**world.people, "stand_in": one}}), work_as)
    bag = stand_in.bag("stand_in", None)
    assert bag.producer_id == world.id("hospital")
    with pytest.raises(Refusal, match=r"access\.unknown"):
        stand_in.place(bag, "station", "stand_in")
    stand_in.place(bag, "hospital", "stand_in")


def test_every_event_names_the_person_his_own_organisation_and_for_whom(acting, world, work_as, session) -> None:
    one = acting()
    bag = Chain(World(**{**vars(world), "people": {"stand_in": one}}), work_as)
    made = bag.bag("stand_in")
    events = ledger.stream(session, f"container:{made.id}")
    assert events
    for event in events:
        assert event.actor_id == str(world.people["attendant"].user_id)
        assert event.acting_for == str(world.id("hospital"))
        said = json.loads(event.facts)["by_mandate"]
        assert said == {"mandate": str(one.by_mandate.id), "organisation": str(world.id("station"))}
    assert list(ledger_service.verify(session)) == []


def test_what_one_sealed_for_another_is_not_in_ones_own_round(give, world, work_as, session) -> None:
    own = world.people["doctor_a"]
    mandate = answered(work_as, world, give(to="doctor_a"), "doctor_a")
    one = queries.acting_by(session, own, mandate.id, NOON)
    both = Chain(World(**{**vars(world), "people": {"stand_in": one, "doctor": own}}), work_as)
    for_other, for_own = both.bag("stand_in", None), both.bag("doctor", None)
    session.rollback()
    assert [bag.id for bag in containers.round_of(session, one)] == [for_other.id]
    assert [bag.id for bag in containers.round_of(session, own)] == [for_own.id]


def test_signing_needs_a_mandate_that_names_it_and_the_paper_names_both(acting, world, chain, work_as, session) -> None:
    draft = chain.draft([chain.bag()])
    with work_as() as work:
        words = shown(work, draft, Signature.CONSIGNOR)
    sign = manifests.SignManifest(manifest_id=draft.id, version=draft.version, shown=words, act_key=new_token())
    one = acting()
    with pytest.raises(Refusal, match=r"access\.forbidden"), work_as(one) as work:
        manifests.sign(work, sign)
    with work_as(world.people["manager"]) as work:
        command = service.WithdrawMandate(mandate_id=one.by_mandate.id, reason="演示")
        service.withdraw_mandate(work, command)
    with work_as(acting(signs=True)) as work:
        signed = manifests.sign(work, sign)
    printed = json.loads(
        session.scalars(
            select(ManifestPrint.document)
            .where(ManifestPrint.manifest_id == signed.id)
            .order_by(ManifestPrint.version.desc())
        ).first()
    )
    handler = printed["consignor"]["handler"]
    assert world.people["attendant"].name in handler
    assert world.organisations["station"].name in handler
    assert "受托" in handler
    (given,) = signing.given(session, f"manifest:{signed.id}")
    assert (given.row.grant_id, given.row.mandate_id is not None) == (None, True)
    assert given.row.organisation_id == world.id("hospital")


# --- the session ---


@pytest.fixture
def attendant(app: Flask, world: World) -> Browser:
    return sit_down(Browser(app), world.people["attendant"])


def switched(browser: Browser, mandate: Mandate) -> Browser:
    browser.get("/")
    assert browser.post("/mandates/act", {"mandate": str(mandate.id)}).location == "/"
    browser.get("/")
    return browser


def test_one_switches_at_the_top_of_the_page_and_back(give, work_as, world, attendant: Browser) -> None:
    mandate = give()
    assert "有 1 项委托等待您答复" in attendant.get("/").text
    attendant.post(f"/mandates/{mandate.id}/answer", {"accept": "yes"})
    assert 'name="mandate"' in attendant.get("/").text
    switched(attendant, mandate)
    for path in ("/", "/register", "/stores", "/sessions"):
        page = attendant.get(path).text
        assert "您正在代正定县医院（演示）办理" in page, path
        assert "城关周转站（演示）" in page, path
    assert attendant.get("/accounts").status_code == 403
    assert attendant.get("/mandates/given/new").status_code == 403
    attendant.post("/mandates/act", {})
    page = attendant.get("/").text
    assert "您正在代" not in page
    assert attendant.get("/register").status_code == 200


def test_a_form_opened_before_switching_is_not_taken_for_the_other(give, work_as, world, attendant: Browser) -> None:
    mandate = answered(work_as, world, give())
    attendant.get("/register")
    stale = attendant._token
    switched(attendant, mandate)
    form = {"waste": "infectious", "mass": "2.5", "department": "内科", "act_key": new_token()}
    assert attendant.post("/register", {**form, "csrf_token": stale}).status_code == 400
    assert attendant.post("/register", form).status_code == 303


def test_one_cannot_switch_to_what_is_not_ones_own_or_does_not_hold(give, work_as, world, app, attendant) -> None:
    mandate = give()
    attendant.get("/")
    assert attendant.post("/mandates/act", {"mandate": str(mandate.id)}).status_code == 409
    answered(work_as, world, mandate)
    stranger = sit_down(Browser(app), world.people["doctor_a"])
    stranger.get("/")
    assert stranger.post("/mandates/act", {"mandate": str(mandate.id)}).status_code == 404
    assert "您正在代" not in stranger.get("/").text


def withdraw(work: Any, world: World, mandate: Mandate) -> None:
    service.withdraw_mandate(work, service.WithdrawMandate(mandate_id=mandate.id, reason="演示"))


def suspend(work: Any, world: World, _mandate: Mandate) -> None:
    command = parties.SetOrganisationState(
        organisation_id=world.id("hospital"), state=OrganisationState.SUSPENDED, reason="演示"
    )
    parties.set_organisation_state(work, command)


ENDINGS = {
    "withdrawn by the manager": ("manager", withdraw),
    "withdrawn by the security administrator": ("security_admin", withdraw),
    "suspended": ("system_admin", suspend),
    "given back": (
        "attendant",
        lambda work, _w, one: service.give_back_mandate(work, service.GiveBackMandate(mandate_id=one.id)),
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_that_acts_loses_it_at_once_and_does_nothing_by_mistake(
    ending: str,
    give,
    work_as,
    world,
    attendant: Browser,
    session: Session,
) -> None:
    mandate = answered(work_as, world, give())
    switched(attendant, mandate)
    who, end = ENDINGS[ending]
    with work_as(world.people[who]) as work:
        end(work, world, mandate)
    before = len(session.scalars(select(Container.id)).all())
    form = {"waste": "infectious", "mass": "2.5", "department": "内科", "act_key": new_token()}
    assert attendant.post("/register", form).location == "/mandates/over"
    assert attendant.get("/stores").location == "/mandates/over"
    assert "正定县医院（演示）" in attendant.get("/mandates/over").text
    session.rollback()
    assert len(session.scalars(select(Container.id)).all()) == before
    attendant.post("/mandates/act", {})
    assert "城关周转站（演示）" in attendant.get("/").text


def test_on_the_day_after_the_last_it_is_over(give, work_as, world, app) -> None:
    mandate = answered(work_as, world, give(until=DAY))
    with time_machine.travel(NOON, tick=False) as moved:
        moved.move_to(end_of_day(DAY) - timedelta(minutes=1))
        browser = switched(sit_down(Browser(app), world.people["attendant"]), mandate)
        assert browser.get("/stores").status_code == 200
        moved.move_to(end_of_day(DAY))
        assert browser.get("/stores").location == "/mandates/over"


def test_a_closed_account_and_one_that_moves_take_no_mandate_along(give, work_as, world, session, app) -> None:
    mandate = answered(work_as, world, give())
    other = answered(work_as, world, give(to="doctor_a"), "doctor_a")
    browser = switched(sit_down(Browser(app), world.people["attendant"]), mandate)
    with work_as(world.people["security_admin"]) as work:
        closing = service.SetActive(user_id=world.people["attendant"].user_id, active=False)
        service.set_active(work, closing)
        service.set_active(work, closing.model_copy(update={"active": True}))
        service.move_account(
            work,
            service.MoveAccount(
                user_id=world.people["doctor_a"].user_id, organisation_id=world.id("clinic_b"),
                roles=frozenset({Role.CLINIC}), reason="演示调动",
            ),
        )  # fmt: skip
    assert browser.get("/stores").location.startswith("/sign-in")
    session.rollback()
    for one in (mandate, other):
        kept = session.get_one(Mandate, one.id, populate_existing=True)
        assert kept.state is MandateState.ENDED
        assert ledger.stream(session, stream_of(one.id))[-1].kind == "mandate.ended"


def test_the_audit_record_names_both(give, work_as, world, attendant: Browser, session, app) -> None:
    mandate = answered(work_as, world, give())
    switched(attendant, mandate).get("/stores")
    line = session.scalars(select(AuditEntry).where(AuditEntry.route == "containers.stores_page")).one()
    assert (line.name, line.acts_for) == (world.people["attendant"].name, "正定县医院（演示）")
    assert (line.own_organisation, line.mandate_id) == ("城关周转站（演示）", mandate.id)
    page = sit_down(Browser(app), world.people["audit_admin"]).get("/audit").text
    assert "受托人单位：城关周转站（演示）" in page


def test_the_way_of_a_container_and_of_a_manifest_name_both(acting, world, chain, work_as, app) -> None:
    one = acting(signs=True)
    at_work = Chain(World(**{**vars(world), "people": {**world.people, "manager": one, "collector": one}}), work_as)
    bag = at_work.bag()
    signed = at_work.sign([bag])
    looks = sit_down(Browser(app), world.people["manager"])
    assert "由城关周转站（演示）的人员受托代办" in looks.get(f"/c/{bag.code}").text
    assert (
        f"{world.people['attendant'].name}（城关周转站（演示）人员，受托代办）"
        in looks.get(f"/manifests/{signed.id}").text
    )


def test_who_began_and_ceased_to_act_stands_in_his_own_history(give, work_as, world, attendant, session) -> None:
    mandate = answered(work_as, world, give())
    switched(attendant, mandate)
    attendant.post("/mandates/act", {})
    events = ledger.stream(session, service.stream_of(world.people["attendant"].user_id))
    assert [event.kind for event in events][-2:] == ["account.acting_began", "account.acting_ended"]
    assert {event.acting_for for event in events[-2:]} == {str(world.id("station"))}


def test_the_pages_of_the_manager_list_give_and_withdraw(give, world, app, session) -> None:
    manager = sit_down(Browser(app), world.people["manager"])
    manager.get("/mandates/given/new")
    wrong = manager.post(
        "/mandates/given/new", {"username": "x", "name": "y", "since": "2026-11-23", "until": "2030-01-01"}
    )
    assert wrong.status_code == 422
    today = local_day(clock.now())
    form = {"username": "attendant", "name": world.people["attendant"].name, "roles": ["manager"],
            "since": str(today), "until": str(today + timedelta(days=9)), "reason": "演示"}  # fmt: skip
    assert manager.post("/mandates/given/new", form).location == "/mandates/given"
    page = manager.get("/mandates/given").text
    assert world.people["attendant"].name in page
    mandate = session.scalars(select(Mandate)).one()
    here = f"/mandates/given/{mandate.id}"
    assert manager.post(f"{here}/withdraw", {}).status_code == 422
    assert manager.post(f"{here}/withdraw", {"reason": "演示撤回"}).location == "/mandates/given"
    session.rollback()
    assert session.get_one(Mandate, mandate.id, populate_existing=True).state is MandateState.WITHDRAWN
    stranger = sit_down(Browser(app), world.people["factory"])
    assert stranger.get(here).status_code == 404


def test_the_page_that_tells_of_an_unreachable_store_needs_no_store(app, world, monkeypatch) -> None:
    browser = sit_down(Browser(app), world.people["manager"])

    def gone(*_given: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(mandates, "mine", gone)
    monkeypatch.setattr(containers, "stores", gone)
    assert browser.get("/stores").status_code == 503


def test_a_village_doctor_without_manager_gives_his_own_role_and_no_other(work_as, world) -> None:
    def given(role: Role) -> Mandate:
        facts = {"username": "attendant", "name": world.people["attendant"].name, "roles": {role}, "signs": False}
        days = {"since": DAY, "until": DAY + timedelta(days=30), "reason": "卫生院代办", "act_key": new_token()}
        with work_as(world.people["doctor_a"]) as work:
            return service.give_mandate(work, service.GiveMandate(**facts, **days))

    with pytest.raises(Refusal, match=r"mandate\.role_fit"):
        given(Role.MANAGER)
    assert given(Role.CLINIC).organisation_id == world.id("clinic_a")
