"""An order from the commander to everybody it goes to, and back."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON
from tests.living import sit_down
from tests.world import CITY, COUNTY, OTHER_CITY, PASSWORD, TOWN
from wastetrack.domain.access import Role
from wastetrack.domain.orders import OrderState, Progress
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.orders import queries, service
from wastetrack.features.orders.models import Addressee, Order
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
BY = NOON + timedelta(hours=6)


@pytest.fixture
def give(work_as, world):
    """Order something; without names all hospitals of the county."""

    def order(*of, who="commander", region=COUNTY, kind=OrganisationKind.HOSPITAL, by=BY, key=None):
        actor = world.people[who] if isinstance(who, str) else who
        with work_as(actor) as work:
            return service.give(work, service.GiveOrder(
                region_code=region, all_of=None if of else kind, organisation_ids={world.id(each) for each in of},
                text="清空暂存间", basis="预案〔2026〕1号", answer_by=by, act_key=key or new_token(),
            ))  # fmt: skip

    return order


@pytest.fixture
def commander(work_as, world):
    """Make a commander of a region, who may cover another beside it."""

    def make(region, beside=None):
        with work_as(world.people["security_admin"]) as work:
            roles = frozenset({Role.REGULATOR, Role.COMMANDER})
            command = accounts.CreateAccount(username="chief", name="演示指挥", roles=roles, region_code=region)
            user, _none = accounts.create_account(work, command, password=PASSWORD, must_change=False)
            if beside:
                accounts.add_region(work, accounts.AddRegion(user_id=user.id, region_code=beside, reason="演示兼管"))
            return account_queries.actor_of(work.session, user.id)

    return make


@pytest.fixture
def report(work_as, world):
    """Report an order carried out."""

    def carried_out(one, who, key=None):
        with work_as(world.people[who]) as work:
            return service.report(work, service.Report(order_id=one.id, words="已清空", act_key=key or new_token()))

    return carried_out


def codes(refusal) -> list[str]:
    return [one.code for one in refusal.value.problems]


def addressees(session, world, one) -> set[str]:
    session.rollback()
    ids = set(session.scalars(select(Addressee.organisation_id).where(Addressee.order_id == one.id)))
    return {name for name, each in world.organisations.items() if each.id in ids}


def test_from_the_command_to_the_report(app, world, session):
    with time_machine.travel(NOON, tick=False):
        chief, station = (sit_down(Browser(app), world.people[name]) for name in ("commander", "attendant"))
        found = chief.get("/orders/new?q=周转站").text
        assert str(world.id("station")) in found
        assert str(world.id("plant")) not in chief.get("/orders/new?q=处置").text, "it is in another county"
        assert "清空" not in chief.get(f"/orders/new?to={world.id('station')}&to={world.id('hospital')}&go=1").text
        form = {"region_code": COUNTY, "organisation_ids": [str(world.id("station")), str(world.id("hospital"))],
                "text": "清空暂存间", "basis": "预案〔2026〕1号", "answer_by": "2026-11-23T18:00",
                "act_key": "k"}  # fmt: skip
        sent = [chief.post("/orders", form).location for _again in range(2)]
        assert sent[0] == sent[1], "the same form again is the same order"
        assert "清空暂存间" in station.get("/").text
        station.post(f"{sent[0]}/acknowledge", {"act_key": "a"})
        station.post(f"{sent[0]}/report", {"words": "已清空并消毒", "act_key": "b"})
        assert "清空暂存间" not in station.get("/").text
        table = chief.get(sent[0]).text
        assert "已清空并消毒" in table
        assert "未签收" in table
        assert "已清空并消毒" not in sit_down(Browser(app), world.people["manager"]).get(sent[0]).text
    one = session.scalars(select(Order)).one()
    assert [event.kind for event in ledger.stream(session, queries.stream_of(one.id))] == [
        "order.given", "order.acknowledged", "order.carried_out",
    ]  # fmt: skip
    standings = queries.standings(session, one, NOON)[0]
    assert [each.progress for each in standings] == [Progress.NOT_SEEN, Progress.CARRIED_OUT]
    assert list(ledger_service.verify(session)) == []


@pytest.mark.parametrize(
    ("region", "beside", "where", "allowed"),
    [
        (COUNTY, None, COUNTY, True),
        (CITY, None, COUNTY, True),
        (COUNTY, None, TOWN, True),
        (COUNTY, None, CITY, False),
        (TOWN, None, COUNTY, False),
        (OTHER_CITY, None, COUNTY, False),
        (OTHER_CITY, COUNTY, COUNTY, True),
    ],
)
def test_a_commander_commands_in_his_regions_and_below_and_nowhere_else(
    give, commander, session, region, beside, where, allowed
):
    chief = commander(region, beside)
    if allowed:
        assert give("station" if where == TOWN else "hospital", who=chief, region=where)
        return
    with pytest.raises(Refusal) as refusal:
        give("hospital", who=chief, region=where)
    assert codes(refusal) == ["access.forbidden"]
    assert session.scalars(select(Order)).all() == []


def test_all_of_a_kind_are_those_of_the_region_and_nobody_is_ordered_elsewhere(give, commander, world, session):
    assert addressees(session, world, give()) == {"hospital"}
    assert addressees(session, world, give(kind=OrganisationKind.STATION)) == {"station"}
    with pytest.raises(Refusal) as refusal:
        give(kind=OrganisationKind.DISPOSER)
    assert codes(refusal) == ["order.nobody"]
    with pytest.raises(Refusal) as refusal:
        give("hospital", "plant", by=NOON)
    assert codes(refusal) == ["order.elsewhere", "order.past"]
    chief = commander(CITY)
    assert addressees(session, world, give(who=chief, region=CITY, kind=OrganisationKind.DISPOSER)) == {"plant"}


def test_who_did_not_get_it_or_only_regulates_reports_nothing(give, report, page):
    one = give()
    for who, code in (("factory", "access.unknown"), ("county", "access.forbidden"), ("attendant", "access.unknown")):
        with pytest.raises(Refusal) as refusal:
            report(one, who)
        assert codes(refusal) == [code], who
    page("county", f"/orders/{one.id}")
    page("factory", f"/orders/{one.id}", status=404)
    page("elsewhere", f"/orders/{one.id}", status=404)


def test_a_report_is_late_from_its_moment_on(give, page):
    give()
    for moment, late in ((BY - timedelta(microseconds=1), False), (BY, True)):
        with time_machine.travel(moment, tick=False):
            assert ("tone-alarm" in page("manager", "/")) is late
            assert (">late<" in page("manager", "/", language="en")) is late


def test_of_two_who_report_at_once_one_reports(give, report, session, world):
    one, start = give(), Barrier(2)

    def say(_number) -> str:
        start.wait()
        try:
            report(one, "manager")
        except Refusal as refusal:
            return refusal.problems[0].code
        return "reported"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, range(2))) == ["order.reported", "reported"]
    assert len(ledger.stream(session, queries.stream_of(one.id))) == 2


def test_an_order_that_was_closed_asks_for_nothing_any_more(give, report, work_as, world, page):
    one = give()
    close = service.CloseOrder(order_id=one.id, version=1, outcome=OrderState.WITHDRAWN, reason="误发", act_key="c")
    with pytest.raises(Refusal) as refusal, work_as(world.people["inspector"]) as work:
        service.close(work, close)
    assert codes(refusal) == ["access.forbidden"]
    for _again in range(2):
        with work_as(world.people["commander"]) as work:
            service.close(work, close)
    with pytest.raises(Refusal) as refusal:
        report(one, "manager")
    assert codes(refusal) == ["order.closed"]
    read = page("manager", f"/orders/{one.id}")
    assert "<s>清空暂存间</s>" in read
    assert "误发" in read
    assert "清空暂存间" not in page("manager", "/")


def test_who_has_and_who_has_not_is_read_in_pages(give, report, session, world, monkeypatch):
    monkeypatch.setattr(queries, "STANDINGS", 1)
    one = give("hospital", "station", "factory", "clinic_a")
    report(one, "attendant")
    report(one, "factory")
    session.rollback()
    after, seen = None, []
    while True:
        (each,), after = queries.standings(session, one, NOON, None, after)
        seen.append((each.progress, each.row.organisation_id))
        if after is None:
            break
    assert [progress for progress, _who in seen] == [Progress.NOT_SEEN] * 2 + [Progress.CARRIED_OUT] * 2
    assert {who for _progress, who in seen} == {world.id(of) for of in ("hospital", "station", "factory", "clinic_a")}
    assert queries.tally(session, one) == {
        Progress.NOT_SEEN: 2, Progress.ACKNOWLEDGED: 0, Progress.CARRIED_OUT: 2,
    }  # fmt: skip
    assert len(queries.standings(session, one, NOON, Progress.ACKNOWLEDGED)[0]) == 0


def test_from_the_page_of_an_organisation_its_region_is_meant(app, commander, world):
    with time_machine.travel(NOON, tick=False):
        chief = sit_down(Browser(app), commander(OTHER_CITY, beside=CITY))
        offered = chief.get(f"/organisations/{world.id('station')}").text
        link = re.search(r'href="(/orders/new[^"]*)"', offered)[1].replace("&amp;", "&")
        assert world.organisations["station"].name in chief.get(link).text
