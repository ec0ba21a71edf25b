"""A turnover box is washed within 24 hours after it was emptied of medical waste; else an alarm opens (H-07)."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON
from tests.living import sit_down
from tests.rebuilding import REBUILT, assert_rebuilds
from wastetrack.domain.alerts import Limit, Subject
from wastetrack.features.boxes import queries as boxes
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.watch import queries
from wastetrack.features.watch.jobs import sweep
from wastetrack.features.watch.models import Alert

pytestmark = pytest.mark.store
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
DUE = NOON + 24 * HOUR


@pytest.fixture
def emptied(packer):
    """Have a turnover box emptied of medical waste in the hospital at noon."""
    box, bags = packer.filled(1)
    packer.take_out(packer.reopen(box), *bags)
    return box


@pytest.fixture
def alarms(session, world):
    """Tell since when large boxes are overdue for somebody at a moment."""

    def at(now, who="manager"):
        session.rollback()
        found, _after = queries.current(session, world.people[who], now)
        return [one.threshold_at for one in found if one.limit is Limit.CLEANING and one.subject is Subject.BOX]

    return at


def test_the_alarm_opens_at_the_twenty_fourth_hour_for_owner_and_regulators(emptied, alarms):
    for who in ("manager", "county", "city"):
        assert alarms(DUE - SECOND, who) == []
        assert alarms(DUE, who) == [DUE]
        assert alarms(DUE + SECOND, who) == [DUE]
    for who in ("operator", "driver", "elsewhere"):
        assert alarms(DUE, who) == []


def test_washing_ends_the_alarm_and_in_time_leaves_no_trace(packer, emptied, alarms, work_as, session):
    packer.clean(emptied, now=DUE - SECOND)
    assert session.scalars(select(Alert.id).where(Alert.limit == Limit.CLEANING)).all() == []
    late = packer.boxes(1)
    packer.pack(emptied, *late, now=DUE)
    packer.take_out(emptied, *late, now=DUE)
    over = DUE + 24 * HOUR
    with work_as(now=over) as work:
        sweep(work)
    assert alarms(over) == [over]
    packer.clean(emptied, now=over + HOUR)
    assert alarms(over + HOUR) == []
    (alert,) = session.scalars(select(Alert).where(Alert.limit == Limit.CLEANING))
    assert (alert.threshold_at, alert.cleared_at) == (over, over + HOUR)
    told = session.scalars(select(LedgerEvent.kind).where(LedgerEvent.stream == f"alert:{alert.id}")).all()
    assert told == ["alert.opened", "alert.cleared"]
    assert_rebuilds(session, REBUILT.of("boxes", "containers"))


def test_what_a_plant_emptied_is_its_alarm_too_until_the_box_is_back(packer, alarms):
    box, bags = packer.filled(1)
    manifest = packer.arrive(packer.depart(packer.load(packer.signed(bags), box)))
    packer.receive(manifest, bags[0])  # checked one by one: emptied in the plant's store, the truck with it
    assert (alarms(DUE), alarms(DUE, "operator")) == ([DUE], [DUE])
    packer.put(box, "hospital", "manager", now=DUE)
    assert (alarms(DUE), alarms(DUE, "operator")) == ([DUE], [])


def test_a_carton_is_not_washed(packer, alarms):
    box, bags = packer.filled(1, kind="carton")
    packer.take_out(packer.reopen(box), *bags)
    assert alarms(DUE) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Large box {code} held medical waste and is to be washed and disinfected by 2026-11-24 12:00."),
        ("zh-CN", "大箱 {code} 盛装过医疗废物，应于2026-11-24 12:00前完成清洗消毒。"),
    ],
)
def test_the_alarm_leads_to_the_box(app, world, session, emptied, language, said):
    alarm = session.scalars(select(Alert.id).where(Alert.subject_id == emptied.id)).one()
    with time_machine.travel(DUE, tick=False):
        for who in ("manager", "city"):
            reader = sit_down(Browser(app, language), world.people[who])
            assert said.format(code=boxes.shown(emptied)) in reader.get("/alerts").text
            page = reader.get(f"/alerts/{alarm}").text
            assert f'href="/boxes/{emptied.id}"' in page
            assert "GB 39707-2020" in page
            assert boxes.shown(emptied) in reader.get(f"/boxes/{emptied.id}").text
