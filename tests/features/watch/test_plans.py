"""A management plan that is not filed by 31 March: said all through March, an alarm from 1 April on (P-01)."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests.conftest import NOON
from wastetrack.domain.alerts import Limit
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.times import SHANGHAI, local_day
from wastetrack.features.accounts.models import User
from wastetrack.features.parties import service as parties
from wastetrack.features.watch import queries
from wastetrack.features.watch import service as watch
from wastetrack.features.watch.jobs import sweep
from wastetrack.features.watch.models import Alert
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
SECOND = timedelta(seconds=1)
LATE = datetime(2027, 4, 1, tzinfo=SHANGHAI)
MARCH = datetime(2027, 3, 1, tzinfo=SHANGHAI)
OIL = "900-214-08"


@pytest.fixture
def alarms(session, world):
    """Tell which plans are missing for somebody at a moment, each by its year."""

    def at(now, who="factory", ask=queries.current):
        session.rollback()
        found = ask(session, world.people[who], now)
        rows = found[0] if ask is queries.current else found
        return [json.loads(one.facts)["year"] for one in rows if one.limit is Limit.PLAN]

    return at


@pytest.fixture
def file_plan(world, work_as):
    """File the factory's plan of a year, or another's."""

    def file(year, at, who="factory", of="factory"):
        command = parties.FilePlan(
            organisation_id=world.id(of), year=year, version=0, filed_on=local_day(at),
            lines={0: {"waste_code": OIL, "mass_g": "5"}}, act_key=new_token(),
        )  # fmt: skip
        with work_as(world.people[who], at) as work:
            return parties.file_plan(work, command)

    return file


@pytest.fixture
def producing(chain):
    """The factory produces oily waste on 23 November 2026."""
    return chain.bag(who="factory", store="factory", waste=OIL)


def test_the_alarm_opens_when_the_last_of_march_has_ended(producing, alarms):
    assert alarms(LATE - SECOND) == []
    for who in ("factory", "county", "province"):
        assert alarms(LATE, who) == [2027]
        assert alarms(LATE + SECOND, who) == [2027]
    assert alarms(LATE, "manager") == []
    assert alarms(LATE, "elsewhere") == []


def test_it_is_said_on_the_first_the_fifteenth_and_the_twenty_fifth_of_march(producing, alarms):
    assert alarms(MARCH - SECOND, ask=queries.coming) == []
    for day in (1, 15, 25, 31):
        assert alarms(datetime(2027, 3, day, tzinfo=SHANGHAI), ask=queries.coming) == [2027]
    assert alarms(LATE, ask=queries.coming) == []


def test_who_produces_first_after_march_is_not_late_for_that_year(producing, alarms):
    assert alarms(NOON + timedelta(days=1)) == []


def test_a_plan_in_time_leaves_no_trace_and_the_next_year_is_watched(producing, alarms, file_plan, session):
    file_plan(2027, LATE - SECOND)
    (alert,) = session.scalars(select(Alert).where(Alert.limit == Limit.PLAN))
    assert (alert.threshold_at, alert.opened_at) == (datetime(2028, 4, 1, tzinfo=SHANGHAI), None)
    assert alarms(LATE) == []
    assert alarms(datetime(2028, 4, 1, tzinfo=SHANGHAI)) == [2028]


def test_a_plan_of_a_year_far_ahead_silences_nothing(producing, alarms, file_plan):
    file_plan(2072, NOON)
    assert alarms(LATE) == [2027]


def test_filing_ends_the_alarm(producing, alarms, file_plan, work_as, session):
    with work_as(now=LATE) as work:
        sweep(work)
    file_plan(2027, LATE + timedelta(days=3))
    assert alarms(LATE + timedelta(days=4)) == []
    cleared = session.scalars(select(Alert.cleared_at).where(Alert.limit == Limit.PLAN, Alert.cleared_at.is_not(None)))
    assert cleared.all() == [LATE + timedelta(days=3)]


def test_more_waste_neither_moves_nor_doubles_the_alarm(producing, alarms, chain, session):
    chain.bag(who="factory", store="factory", waste=OIL, at=NOON + timedelta(days=2))
    chain.bag(who="factory", store="factory", waste=OIL, at=LATE + timedelta(days=2))
    assert alarms(LATE + timedelta(days=3)) == [2027]
    assert len(session.scalars(select(Alert).where(Alert.limit == Limit.PLAN)).all()) == 1


def test_who_produces_nothing_is_not_asked(alarms, file_plan):
    assert alarms(LATE) == []
    file_plan(2027, NOON)
    assert alarms(datetime(2030, 1, 1, tzinfo=SHANGHAI)) == []


def test_a_closed_organisation_is_not_asked(producing, alarms, world, work_as):
    with work_as(world.people["system_admin"]) as work:
        closed = {"organisation_id": world.id("factory"), "state": OrganisationState.CLOSED, "reason": "演示"}
        parties.set_organisation_state(work, parties.SetOrganisationState(**closed))
    assert alarms(LATE, "county") == []


@pytest.mark.parametrize(("asked", "years"), [(False, []), (True, [2027])])
def test_whether_a_small_clinic_is_asked_is_the_installations_to_decide(chain, alarms, asked, years):
    watch.ask_small_for_plans(asked)
    try:
        chain.bag("doctor_a", None, at=NOON)
        assert alarms(LATE, "town") == years
    finally:
        watch.ask_small_for_plans(False)


def test_the_start_page_says_it_and_the_alarm_leads_to_the_plan(producing, page, world, work_as):
    with work_as() as work:
        work.session.execute(update(User).values(password_changed_at=LATE))
    plan = f"/organisations/{world.id('factory')}/plan?year=2027"
    with time_machine.travel(LATE - SECOND, tick=False):
        home = page("factory", "/", language="en")
        assert "No hazardous waste management plan of 2027 is filed here. It is due by 31 March 2027." in home
        assert "Soon, unless somebody acts" in home
    with time_machine.travel(LATE, tick=False):
        alarm = page("factory", "/alerts", language="en")
        assert "Ecological Environment Code, Art. 532" in alarm
        assert "HJ 1259-2022, 5.2.2" in alarm
        href = alarm.partition('class="btn btn-quiet alarm-action" href="')[2].partition('"')[0]
        assert plan in page("factory", href)
        assert "2027" in page("factory", plan)
