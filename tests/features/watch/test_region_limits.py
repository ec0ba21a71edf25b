"""A time limit of a county, city or province: everything there is reckoned by it, at once or by the worker."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from tests.world import CITY, COUNTY, OTHER_COUNTY
from wastetrack.domain.alerts import Limit
from wastetrack.domain.problems import Refusal
from wastetrack.domain.storage_time import StoreGroup
from wastetrack.domain.times import start_of_day
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility, RegionTimeLimit
from wastetrack.features.watch import queries
from wastetrack.features.watch import service as watch
from wastetrack.features.watch.jobs import handler, sweep
from wastetrack.infra.outbox import Outbox, Waiting

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
MIDNIGHT = start_of_day(TOMORROW)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PAPER = {"document": "演示市环发〔2026〕1号", "document_day": TODAY}


@pytest.fixture
def official(world, work_as):
    """Call the approving official of a region."""
    known = {}

    def of(region):
        if region not in known:
            with work_as(world.people["security_admin"], NOON) as work:
                user, _ = accounts.create_account(work, accounts.CreateAccount(
                    username=f"official.{region}", name="演示-审批", roles={"regulator", "approver"},
                    region_code=region,
                ), password="a-long-enough-password-2026", must_change=False)  # fmt: skip
                known[region] = account_queries.actor_of(work.session, user.id)
        return known[region]

    return of


@pytest.fixture
def limit(official, work_as, world):
    """Enter a time limit for a region, by its own official if nobody else is named."""

    def enter(hours, region=COUNTY, who=None, at=NOON, **given):
        facts = {
            "region_code": region, "stores": StoreGroup.INSTITUTION, "hours": hours, "by_law": hours is None,
            "first_day": TODAY, "reason": "演示", **PAPER, **given,
        }  # fmt: skip
        with work_as(world.people[who] if who in world.people else official(who or region), at) as work:
            return service.set_region_time_limit(work, service.SetRegionTimeLimit(**facts))

    return enter


@pytest.fixture
def own_limit(world, work_as):
    """Enter a time limit for the hospital's store."""

    def enter(hours, who="manager", **given):
        store = world.stores["hospital"]
        with work_as(world.people[who], NOON) as work:
            return service.set_time_limit(work, service.SetTimeLimit(
                organisation_id=store.organisation_id, facility_id=store.id, hours=hours, by_law=hours is None,
                first_day=TODAY, reason="演示", **given,
            ))  # fmt: skip

    return enter


@pytest.fixture
def alarms(session, world):
    """Tell which limits are crossed at a moment, each since when."""

    def at(now, who="manager"):
        session.rollback()
        return [(one.limit, one.threshold_at) for one in queries.current(session, world.people[who], now)[0]]

    return at


@pytest.fixture
def due(session):
    """Tell by when a bag must have left."""

    def of(bag):
        session.rollback()
        return session.get_one(Container, bag.id, populate_existing=True).must_leave_by

    return of


def test_what_stands_there_and_what_comes_is_reckoned_by_it(limit, chain, due, alarms):
    before = chain.bag(at=NOON - 10 * HOUR)
    limit(24)
    assert (due(before), due(chain.bag())) == (NOON + 14 * HOUR, NOON + 24 * HOUR)
    assert alarms(NOON + 14 * HOUR - SECOND) == []
    assert alarms(NOON + 14 * HOUR) == [(Limit.LOCAL_TIME, NOON + 14 * HOUR)]


def test_it_counts_for_its_region_and_its_group_of_stores_alone(limit, chain, due):
    bag = chain.bag()
    limit(24, OTHER_COUNTY)
    limit(12, stores=StoreGroup.PLANT)
    assert due(bag) == NOON + 48 * HOUR
    limit(36, CITY)
    assert due(bag) == NOON + 36 * HOUR


def test_the_nearer_region_goes_before_the_farther_and_the_store_before_both(limit, own_limit, chain, due):
    bag = chain.bag()
    limit(72, COUNTY)
    limit(36, CITY)
    assert due(bag) == NOON + 72 * HOUR
    own_limit(60)
    assert due(bag) == NOON + 60 * HOUR
    own_limit(96, "system_admin", **PAPER)
    assert due(bag) == NOON + 96 * HOUR


def test_the_keeper_of_a_store_does_not_get_round_the_limit_of_the_region(limit, own_limit, chain, due):
    bag = chain.bag()
    own_limit(40)
    limit(24)
    assert due(bag) == NOON + 24 * HOUR
    for hours in (30, 40):
        with pytest.raises(Refusal, match=r"registrar|document"):
            own_limit(hours)
    own_limit(None)
    assert due(bag) == NOON + 24 * HOUR


def test_a_limit_of_tomorrow_alarms_at_its_first_second_and_ends_at_the_last(limit, chain, due, alarms, work_as):
    bag = chain.bag(at=MIDNIGHT - 24 * HOUR - SECOND)
    limit(24, first_day=TOMORROW, last_day=TOMORROW)
    assert alarms(MIDNIGHT - SECOND) == []
    assert alarms(MIDNIGHT) == [(Limit.LOCAL_TIME, MIDNIGHT)]
    over = MIDNIGHT + 24 * HOUR
    bag2 = chain.bag(at=over - 30 * HOUR)
    assert due(bag2) == over - 6 * HOUR
    for moment in (NOON + 2 * timedelta(minutes=1), MIDNIGHT, over):
        with work_as(now=moment) as work:
            sweep(work)
            for row in work.session.scalars(select(RegionTimeLimit)):
                while watch.go_on(work, row.id):
                    pass
    chain.void(bag, over)
    assert alarms(over) == []
    assert due(bag2) == over + 18 * HOUR


def test_waste_in_no_store_yet_is_reckoned_too_and_its_label_says_what_held(limit, chain, due, session):
    before = chain.bag(who="doctor_a", store=None)
    limit(24)
    after = chain.bag(who="doctor_a", store=None)
    assert (due(before), due(after)) == (NOON + 24 * HOUR, NOON + 24 * HOUR)
    said = containers.labels_of(session, [session.get_one(Container, one.id) for one in (before, after)], "x")
    assert [one.must_leave_by for one in said] == [NOON + 48 * HOUR, NOON + 24 * HOUR]


def test_the_label_names_the_strictest_of_the_stores_it_may_come_to(own_limit, chain, session, alarms):
    own_limit(20)
    bag = chain.bag(store=None)
    (said,) = containers.labels_of(session, [session.get_one(Container, bag.id)], "x")
    assert said.must_leave_by == NOON + 20 * HOUR
    assert alarms(NOON + 20 * HOUR - SECOND) == []
    assert alarms(NOON + 20 * HOUR) == [(Limit.INSTITUTION_TIME, NOON + 20 * HOUR)]


def test_a_new_store_and_a_moved_one_come_under_it(limit, world, work_as, session):
    limit(24)
    one = world.stores["hospital"]
    with work_as(world.people["manager"], NOON) as work:
        made = service.add_facility(work, service.AddFacility(
            organisation_id=one.organisation_id, site_id=one.site_id, name="二号暂存间", code="ZC9", kind=one.kind,
        ))  # fmt: skip
    assert session.get_one(Facility, made.id).has_time_limits


def test_a_large_region_is_the_worker_s_in_chunks_with_progress(limit, chain, due, store, session, monkeypatch):
    monkeypatch.setattr(watch, "FEW", 1)
    monkeypatch.setattr(watch.go_on, "__defaults__", (1,))
    bags = [chain.bag(), chain.bag(who="doctor_a", store=None)]
    made = limit(24, CITY)
    assert (made.done, made.total > 2) == (0, True)
    assert [due(bag) for bag in bags] == [NOON + 48 * HOUR] * 2
    assert session.scalars(select(Waiting.row_id).where(Waiting.done_at.is_(None))).all() == [made.id]
    assert Outbox(store, {watch.OUTBOX: handler()}, lambda: None).run_due() == 1
    assert [due(bag) for bag in bags] == [NOON + 24 * HOUR] * 2
    row = session.get_one(RegionTimeLimit, made.id, populate_existing=True)
    assert row.done == row.total == made.total
    assert row.recount_at is not None


def test_only_who_approves_there_enters_it(limit, world):
    for who in ("county", "system_admin", "manager", "130202"):
        with pytest.raises(Refusal, match="access"):
            limit(24, who=who)
    with pytest.raises(Refusal, match="access"):
        limit(24, CITY, who=COUNTY)
    assert limit(24, COUNTY, who=CITY).hours == 24


def test_a_dated_document_is_asked_for_even_where_it_is_stricter(limit):
    for missing in ({"document": ""}, {"document_day": None}):
        with pytest.raises(ValueError, match="document"):
            limit(24, **missing)


def test_the_pages_show_it_and_only_the_official_gets_the_form(limit, page, world):
    limit(24)
    for who in ("county", "province", "city"):
        text = page(who, "/regions/time-limits", language="zh-CN")
        assert "24小时" in text
        assert PAPER["document"] in text
        assert "<form" not in text.split("<main")[1]
    store = world.stores["hospital"]
    own = page("manager", f"/organisations/{store.organisation_id}/stores/{store.id}/time-limits", language="zh-CN")
    assert PAPER["document"] in own
