"""An inspection from the door of the store to the last remedy, and who of which region may do what about it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON
from tests.living import sit_down
from tests.world import CITY, COUNTY, OTHER_CITY, PASSWORD, TOWN
from wastetrack.domain.access import Role
from wastetrack.domain.inspections import FindingKind, FindingState, Presence, Step
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.inspections import queries, service
from wastetrack.features.inspections.models import Finding, Inspection
from wastetrack.features.inspections.queries import View
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
DAY = date(2026, 11, 23)
DUE = DAY + timedelta(days=7)
MIDNIGHT = NOON + timedelta(days=7, hours=12)
"""24:00 in China of the day by which the finding is to be put right."""


@pytest.fixture
def officer(work_as, world):
    """Make an inspector of a region, who may cover another beside it."""

    def make(region, *, name="officer", beside=None):
        with work_as(world.people["security_admin"]) as work:
            roles = frozenset({Role.REGULATOR, Role.INSPECTOR})
            command = accounts.CreateAccount(username=name, name="演示检查", roles=roles, region_code=region)
            user, _none = accounts.create_account(work, command, password=PASSWORD, must_change=False)
            if beside:
                add = accounts.AddRegion(user_id=user.id, region_code=beside, reason="演示兼管")
                accounts.add_region(work, add)
            return account_queries.actor_of(work.session, user.id)

    return make


@pytest.fixture
def sign(session, world):
    """Return the code on the wall of a store."""

    def of(store):
        session.rollback()
        code = in_force(session, world.stores[store].id).code
        session.rollback()
        return code

    return of


@pytest.fixture
def inspect(work_as, world, sign):
    """Record an inspection of the hospital with one finding, due in a week."""

    def record(who=None, at=NOON, **given):
        line = service.FindingLine(kind=FindingKind.LABEL, words="三袋无标签", due_on=DUE)
        facts = {"organisation_id": world.id("hospital"), "presence": sign("hospital"), "inspected_at": at,
                 "looked_at": "暂存间", "findings": {0: line}, "act_key": new_token(), **given}  # fmt: skip
        with work_as(who or world.people["inspector"], at) as work:
            return service.record(work, service.RecordInspection(**facts))

    return record


@pytest.fixture
def step(work_as, world):
    """Answer the first finding, or decide on it."""

    def take(one, what, who=None, at=NOON, version=1, words="演示", key=None, **given):
        who = who or world.people["manager" if what is Step.ANSWER else "inspector"]
        facts = {"inspection_id": one.id, "position": 1, "version": version, "words": words,
                 "act_key": key or new_token(), **given}  # fmt: skip
        with work_as(who, at) as work:
            if what is Step.ANSWER:
                return service.answer(work, service.AnswerFinding(done_on=facts.pop("done_on", DAY), **facts))
            return service.decide(work, service.DecideFinding(decision=what, **facts))

    return take


def codes(refusal) -> list[str]:
    return [one.code for one in refusal.value.problems]


def finding(session, one) -> Finding:
    session.rollback()
    return session.scalars(select(Finding).where(Finding.inspection_id == one.id, Finding.position == 1)).one()


def history(session, one) -> list[str]:
    session.rollback()
    return [event.kind.partition(".")[2] for event in ledger.stream(session, queries.stream_of(one.id))]


# --- recording -------------------------------------------------------------------------------------------------------


def test_from_the_sign_on_the_wall_to_the_confirmed_remedy(app, world, sign, session, page):
    with time_machine.travel(NOON, tick=False):
        inspector, manager = (sit_down(Browser(app), world.people[name]) for name in ("inspector", "manager"))
        begun = inspector.get(f"/inspections/begin?code=http://127.0.0.1:8000/P/{sign('hospital')}&evidence=scanned")
        form = inspector.get(begun.location).text
        assert "到场已证实" in form
        hidden = ("act_key", "presence", "evidence")
        typed = {name: re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in hidden}
        typed |= {"facility_id": str(world.stores["hospital"].id), "inspected_at": "2026-11-23T11:30", "met": "护士长",
                  "looked_at": "暂存间", "findings.0.kind": "label", "findings.0.words": "三袋无标签",
                  "findings.0.due_on": DUE.isoformat(), "findings.2.kind": "cleaning", "findings.2.words": "地面脏",
                  "findings.2.on_the_spot": "true"}  # fmt: skip
        sent = [inspector.post(begun.location.split("?")[0], typed).location for _again in range(2)]
        assert sent[0] == sent[1], "the same form again is the same inspection"
        assert "三袋无标签" in manager.get(sent[0]).text
        assert "标签不实" in manager.get("/").text
        answered = f"{sent[0]}/findings/1"
        manager.get(answered)
        manager.post(f"{answered}/answer", {"words": "已贴", "done_on": "2026-11-23", "version": "1", "act_key": "a"})
        assert "1" in inspector.get("/inspections?view=answered").text
        inspector.get(answered)
        inspector.post(f"{answered}/decide", {"decision": "confirm", "version": "2", "act_key": "b"})
    one = session.scalars(select(Inspection)).one()
    assert (one.presence, one.facility_id, one.met) == (Presence.PROVEN, world.stores["hospital"].id, "护士长")
    states = session.scalars(select(Finding.state).order_by(Finding.position)).all()
    assert states == [FindingState.CONFIRMED, FindingState.ON_THE_SPOT]
    recorded, *_rest = ledger.stream(session, queries.stream_of(one.id))
    assert history(session, one) == ["recorded", "finding_answered", "finding_confirmed"]
    assert recorded.evidence == Evidence.SCANNED
    assert recorded.occurred_at == NOON - timedelta(minutes=30)
    assert [each["kind"] for each in json.loads(recorded.facts)["findings"]] == ["label", "cleaning"]
    assert sign("hospital") not in recorded.facts
    assert list(ledger_service.verify(session)) == []


def test_a_form_is_told_all_that_is_wrong_at_once(app, world, sign, page):
    address = f"/organisations/{world.id('hospital')}/inspect"
    with time_machine.travel(NOON, tick=False):
        inspector = sit_down(Browser(app, "en"), world.people["inspector"])
        inspector.get(address)
        empty = inspector.post(address, {"act_key": "k", "inspected_at": "2026-11-24T12:00", "looked_at": "x"})
        wrong = inspector.post(address, {
            "act_key": "k", "inspected_at": "2026-11-23T12:00", "looked_at": "x", "presence": sign("factory"),
            "nothing_found": "true", "findings.4.kind": "mixed", "findings.4.words": "x", "findings.4.code": "0000",
        })  # fmt: skip
    assert empty.status_code == wrong.status_code == 422
    for text in ("still to come", "say why there is none", "tick that nothing was found"):
        assert text in empty.text
    for text in ("not of a store of this organisation", "Take the tick away", "one of both", "is not a container code"):
        assert text in wrong.text
    assert '<details class="more-fields" open>' in wrong.text, "what was typed is not hidden"


def test_a_dead_sign_proves_nothing(work_as, world, inspect, sign):
    old = sign("hospital")
    with work_as(world.people["manager"]) as work:
        parties.reissue_presence_code(work, parties.ReissuePresenceCode(
            organisation_id=world.id("hospital"), facility_id=world.stores["hospital"].id, reason="演示", act_key="a",
        ))  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        inspect(presence=old)
    assert codes(refusal) == ["inspection.old_sign"]
    one = inspect(presence=None, presence_reason="墙上无标识", facility_id=world.stores["hospital"].id)
    assert (one.presence, one.facility_id) == (Presence.NOT_PROVEN, world.stores["hospital"].id)


def test_a_finding_names_a_container_that_its_inspector_may_see(world, chain, inspect, officer, sign, session):
    bag = chain.bag()
    lines = {0: service.FindingLine(kind=FindingKind.LABEL, words="演示", due_on=DUE, code=bag.code)}
    assert finding(session, inspect(findings=lines)).container_id == bag.id
    with pytest.raises(Refusal) as refusal:
        inspect(officer(TOWN), organisation_id=world.id("clinic_a"), presence=sign("clinic_a"), findings=lines)
    assert codes(refusal) == ["finding.container"]


# --- region ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "beside", "allowed"),
    [
        (COUNTY, None, True),
        (CITY, None, True),
        (OTHER_CITY, None, False),
        (TOWN, None, False),
        (OTHER_CITY, COUNTY, True),
    ],
)
def test_an_inspector_inspects_in_his_regions_and_below_and_nowhere_else(
    officer, inspect, step, session, region, beside, allowed
):
    who, theirs = officer(region, beside=beside), inspect()
    step(theirs, Step.ANSWER)
    if allowed:
        assert inspect(who).inspector_id == who.user_id
        assert step(theirs, Step.CONFIRM, who, version=2)
        assert len(queries.page(session, who, View.ALL, NOON)[0]) == 2
        return
    for act in (lambda: inspect(who), lambda: step(theirs, Step.CONFIRM, who, version=2)):
        with pytest.raises(Refusal) as refusal:
            act()
        assert codes(refusal) == ["access.unknown"]
    assert queries.page(session, who, View.ALL, NOON)[0] == []
    assert finding(session, theirs).state is FindingState.ANSWERED


def test_a_store_in_the_region_is_inspected_though_its_organisation_sits_elsewhere(
    work_as, world, officer, inspect, session
):
    who = officer(TOWN)
    with work_as(world.people["system_admin"]) as work:
        place = parties.add_site(work, parties.AddSite(
            organisation_id=world.id("hospital"), name="分院", region_code=TOWN, address="演示路2号"))  # fmt: skip
        store = parties.add_facility(work, parties.AddFacility(
            organisation_id=world.id("hospital"), site_id=place.id, name="分院暂存间", code="TS002",
            kind="medical_store", mass_limit_g="50",
        ))  # fmt: skip
    one = inspect(who, presence=None, presence_reason="演示", facility_id=store.id)
    assert one.region_code == TOWN
    assert queries.visible(session, who, one.id)
    assert queries.visible(session, world.people["county"], one.id)


def test_who_is_of_another_organisation_or_only_regulates_changes_nothing(world, inspect, step, session):
    one = inspect()
    for who, code in (("factory", "access.unknown"), ("county", "access.forbidden"), ("collector", "access.forbidden")):
        with pytest.raises(Refusal) as refusal:
            step(one, Step.ANSWER, world.people[who])
        assert codes(refusal) == [code], who
    for who in ("manager", "county"):
        with pytest.raises(Refusal) as refusal:
            step(one, Step.CONFIRM, world.people[who])
        assert codes(refusal) == ["access.forbidden"], who
    assert history(session, one) == ["recorded"]


# --- the remedy ------------------------------------------------------------------------------------------------------


def test_it_goes_back_and_forth_until_it_is_right(inspect, step, session):
    one, later = inspect(), DUE + timedelta(days=7)
    step(one, Step.ANSWER, words="已贴标签")
    step(one, Step.SEND_BACK, version=2, words="仍缺一张", due_on=later)
    row = finding(session, one)
    assert (row.state, row.due_on, row.answer, row.reply) == (FindingState.SENT_BACK, later, "已贴标签", "仍缺一张")
    step(one, Step.ANSWER, version=3, words="都贴了")
    for _again in range(2):
        step(one, Step.CONFIRM, version=4, words="", key="same")
    assert finding(session, one).state is FindingState.CONFIRMED
    assert history(session, one) == [
        "recorded", "finding_answered", "finding_sent_back", "finding_answered", "finding_confirmed",
    ]  # fmt: skip


def test_of_two_inspectors_who_decide_at_once_one_decides(inspect, step, officer, session):
    one, start = inspect(), Barrier(2)
    step(one, Step.ANSWER)
    people = [(officer(COUNTY, name="first"), Step.CONFIRM), (officer(CITY, name="second"), Step.SEND_BACK)]

    def decide(way) -> str:
        start.wait()
        try:
            step(one, way[1], way[0], version=2)
        except Refusal as refusal:
            return refusal.problems[0].code
        return "decided"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, people)) == ["decided", "finding.moved_on"]
    assert len(history(session, one)) == 3


def test_it_is_red_on_both_start_pages_and_in_the_list_from_midnight_in_china(inspect, step, page):
    one = inspect()
    for moment, days in ((MIDNIGHT - timedelta(microseconds=1), 0), (MIDNIGHT, 1), (MIDNIGHT + timedelta(days=1), 2)):
        with time_machine.travel(moment, tick=False):
            for who in ("manager", "inspector", "county"):
                for path in ("/", "/inspections"):
                    assert (f"overdue for {days} day" in page(who, path, language="en")) is bool(days), (who, path)
    step(one, Step.ANSWER, at=MIDNIGHT)
    with time_machine.travel(MIDNIGHT, tick=False):
        assert "overdue for" not in page("manager", "/", language="en")


# --- withdrawing -----------------------------------------------------------------------------------------------------


def test_only_who_made_it_or_a_region_above_withdraws_it_and_it_stays_to_be_read(
    work_as, officer, inspect, step, session, page
):
    def withdraw(one, who):
        with work_as(who) as work:
            command = service.WithdrawInspection(inspection_id=one.id, reason="记错单位", act_key=new_token())
            return service.withdraw(work, command)

    one, colleague, superior = inspect(), officer(COUNTY, name="colleague"), officer(CITY, name="superior")
    with pytest.raises(Refusal) as refusal:
        withdraw(one, colleague)
    assert codes(refusal) == ["inspection.not_yours"]
    withdraw(one, superior)
    for act in (lambda: step(one, Step.ANSWER), lambda: withdraw(one, superior)):
        with pytest.raises(Refusal) as refusal:
            act()
        assert codes(refusal) == ["inspection.withdrawn"]
    read = page("manager", f"/inspections/{one.id}")
    assert "<s>三袋无标签</s>" in read
    assert "记错单位" in read
    with time_machine.travel(MIDNIGHT + timedelta(days=3), tick=False):
        assert "overdue for" not in page("manager", "/", language="en")
    assert history(session, one) == ["recorded", "withdrawn"]
