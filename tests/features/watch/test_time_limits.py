"""A time limit of a store's own: what stands there is reckoned by it at once, and again when it begins or ends."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from wastetrack.domain.alerts import Limit
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.times import start_of_day
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility, StoreTimeLimit
from wastetrack.features.watch import queries
from wastetrack.features.watch.jobs import sweep

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
MIDNIGHT = start_of_day(TOMORROW)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PAPER = {"document": "演示县卫健局〔2026〕1号", "document_day": TODAY}


@pytest.fixture
def limit(world, work_as):
    """Enter a time limit for the hospital's store, or another."""

    def enter(hours, who="manager", at=NOON, store="hospital", **given):
        facts = {
            "organisation_id": world.id(store), "facility_id": world.stores[store].id, "hours": hours,
            "by_law": hours is None, "first_day": TODAY, "reason": "演示", **given,
        }  # fmt: skip
        with work_as(world.people[who], at) as work:
            return service.set_time_limit(work, service.SetTimeLimit(**facts))

    return enter


@pytest.fixture
def alarms(session, world):
    """Tell which limits are crossed at a moment, each since when."""

    def at(now, who="manager"):
        session.rollback()
        return [(one.limit, one.threshold_at) for one in queries.current(session, world.people[who], now)[0]]

    return at


def due(session, bag):
    session.rollback()
    return session.get_one(Container, bag.id, populate_existing=True).must_leave_by


def test_what_stands_there_is_reckoned_by_it_at_once(limit, chain, session, alarms):
    bag = chain.bag(at=NOON - 10 * HOUR)
    limit(24)
    assert due(session, bag) == NOON + 14 * HOUR
    assert alarms(NOON + 14 * HOUR - SECOND) == []
    assert alarms(NOON + 14 * HOUR) == alarms(NOON + 14 * HOUR + SECOND) == [(Limit.LOCAL_TIME, NOON + 14 * HOUR)]


def test_what_comes_later_is_reckoned_by_it_too(limit, chain, session, alarms):
    limit(24)
    assert due(session, chain.bag()) == NOON + 24 * HOUR
    assert alarms(NOON + 24 * HOUR) == [(Limit.LOCAL_TIME, NOON + 24 * HOUR)]


@pytest.mark.parametrize("before_midnight", [SECOND, timedelta(), -SECOND])
def test_a_limit_of_tomorrow_alarms_at_its_first_second_and_not_before(limit, chain, alarms, before_midnight):
    chain.bag(at=MIDNIGHT - 24 * HOUR + before_midnight)
    limit(24, first_day=TOMORROW)
    threshold = max(MIDNIGHT, MIDNIGHT + before_midnight)
    assert alarms(threshold - SECOND) == []
    assert alarms(threshold) == [(Limit.LOCAL_TIME, threshold)]


def test_when_a_limit_ends_the_sweep_reckons_by_the_law_again(limit, chain, session, alarms, work_as, world):
    bag = chain.bag(at=NOON - 20 * HOUR)
    limit(24, last_day=TODAY)
    assert alarms(NOON + 4 * HOUR) == [(Limit.LOCAL_TIME, NOON + 4 * HOUR)]
    for moment in (NOON, MIDNIGHT - SECOND, MIDNIGHT):
        with work_as(now=moment) as work:
            sweep(work)
    assert alarms(MIDNIGHT) == []
    assert due(session, bag) == NOON + 28 * HOUR
    assert alarms(NOON + 28 * HOUR) == [(Limit.INSTITUTION_TIME, NOON + 28 * HOUR)]
    assert session.get_one(Facility, world.stores["hospital"].id).recount_at is None


def test_a_document_lets_waste_stand_longer_and_clears_the_alarm(limit, chain, session, alarms):
    bag = chain.bag(at=NOON - 50 * HOUR)
    assert alarms(NOON) == [(Limit.INSTITUTION_TIME, NOON - 2 * HOUR)]
    limit(168, "system_admin", **PAPER)
    assert alarms(NOON) == []
    assert due(session, bag) == NOON + 118 * HOUR


def test_taken_back_the_law_counts_from_that_moment(limit, chain, session, alarms):
    bag = chain.bag(at=NOON - 60 * HOUR)
    limit(168, "system_admin", **PAPER)
    later = NOON + HOUR
    limit(None, "system_admin", later)
    assert due(session, bag) == later
    assert alarms(later) == [(Limit.INSTITUTION_TIME, later)]


def test_only_who_keeps_the_parties_enters_what_is_laxer_or_replaces_a_document(limit, session):
    with pytest.raises(Refusal, match="registrar") as no:
        limit(49, **PAPER)
    assert (no.value.kind, no.value.problems[-1].field) == (Kind.FORBIDDEN, "hours")
    limit(47)
    limit(None)
    limit(24, "system_admin", **PAPER)
    with pytest.raises(Refusal, match="registrar"):
        limit(12)
    assert [row.hours for row in session.scalars(select(StoreTimeLimit).order_by(StoreTimeLimit.number))] == [
        47, None, 24,
    ]  # fmt: skip


def test_a_foreign_store_has_no_time_limits_to_enter(limit, world):
    for who in ("doctor_a", "operator", "county"):
        with pytest.raises(Refusal, match="access"):
            limit(24, who)
    with pytest.raises(Refusal, match="unknown"):
        limit(24, facility_id=world.stores["plant"].id)


def test_all_that_is_wrong_is_said_at_once(limit):
    with pytest.raises(Refusal) as no:
        limit(None, by_law=False, last_day=TODAY - timedelta(days=1), document="文", document_day=TOMORROW)
    assert [(p.code, p.field) for p in no.value.problems] == [
        ("time_limit.days", "last_day"), ("time_limit.future", "document_day"), ("time_limit.hours", "hours"),
    ]  # fmt: skip


def test_the_same_act_again_is_one_limit_and_one_event(limit, world, session):
    for _again in range(2):
        limit(24, act_key="a", **PAPER)
    (row,) = session.scalars(select(StoreTimeLimit))
    query = select(LedgerEvent.facts).where(LedgerEvent.kind == "organisation.time_limit_set")
    (told,) = [json.loads(facts) for facts in session.scalars(query)]
    assert told["id"] == str(row.id)
    assert told["facility"] == str(world.stores["hospital"].id)
    assert (told["hours"], told["document"], told["document_day"]) == (24, PAPER["document"], "2026-11-23")


def test_a_warehouse_alarms_by_its_own_limit_where_the_law_sets_none(limit, chain, session, alarms):
    bag = chain.bag(who="factory", store="factory", waste="900-249-08")
    assert due(session, bag) is None
    limit(240, "factory", store="factory")
    assert alarms(NOON + 240 * HOUR, "factory") == [(Limit.LOCAL_TIME, NOON + 240 * HOUR)]


def test_at_the_plant_hours_count_from_receipt_whatever_store_it_is_moved_to(limit, chain, session, world, work_as):
    bag = chain.bag(at=NOON - 30 * HOUR)
    made = chain.arrive(chain.depart([bag]))
    chain.receive(made, bag, NOON)
    assert due(session, bag) == NOON + 24 * HOUR
    limit(12, "system_admin", NOON, "plant")
    assert due(session, bag) == NOON + 12 * HOUR
    with work_as(world.people["system_admin"], NOON) as work:
        one = world.stores["plant"]
        second = service.add_facility(work, service.AddFacility(
            organisation_id=one.organisation_id, site_id=one.site_id, name="二号冷库", code="TS002", kind=one.kind,
            temperature="cold",
        ))  # fmt: skip
    world.stores["second"] = second
    chain.place(bag, "second", "operator", NOON + 5 * HOUR)
    del world.stores["second"]
    assert due(session, bag) == NOON + 72 * HOUR


def test_the_alarm_and_the_pages_name_hours_and_document(limit, chain, page, session, world):
    chain.bag(at=NOON - 10 * HOUR)
    limit(8, "system_admin", **PAPER)
    (alert,) = queries.current(session, world.people["manager"], NOON)[0]
    assert json.loads(alert.facts)["hours"] == 8
    here = f"/organisations/{world.id('hospital')}/stores/{world.stores['hospital'].id}/time-limits"
    assert "48 hours" in page("county", here, language="en")
    for who, path in (
        ("manager", f"/alerts/{alert.id}"),
        ("manager", f"/stores/{world.stores['hospital'].id}"),
        ("county", here),
    ):
        text = page(who, path, language="zh-CN")
        assert "8小时" in text
        assert PAPER["document"] in text
    assert "<form" not in page("county", here).split("<main")[1]
