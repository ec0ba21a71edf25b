"""A tank over time: what is entered, what is reckoned and measured, who may, what alarms, what stood there when."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from tests.conftest import NOON
from tests.rebuilding import assert_rebuilds
from wastetrack.app import REBUILT
from wastetrack.domain.alerts import Limit
from wastetrack.domain.containers import State
from wastetrack.domain.problems import Refusal
from wastetrack.domain.tanks import Entry, Origin, TankState
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers import service as container_acts
from wastetrack.features.ledger import service as ledger
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import queries as parties
from wastetrack.features.tanks import queries, service
from wastetrack.features.tanks.models import Tank, TankEntry
from wastetrack.features.watch import queries as watch
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def refusal(do, *given, **more):
    with pytest.raises(Refusal) as caught:
        do(*given, **more)
    return [(one.code, one.field) for one in caught.value.problems]


def test_the_content_is_the_last_level_and_what_flowed_since_and_both_figures_are_kept(keep):
    tank = keep.tank()
    keep.level(tank, 200, NOON + MINUTE)  # 1000 L
    keep.counter(tank, "500", NOON + 2 * MINUTE)
    keep.outflow(tank, "100", NOON + 3 * MINUTE)
    keep.level(tank, 270, NOON + 4 * MINUTE)  # 1350 L where 1400 are reckoned
    keep.inflow(tank, "45 kg", NOON + 5 * MINUTE, origin="estimated")
    entries = keep.entries(tank)
    assert [(one.entry, one.change_g, one.after_g, one.origin) for one in entries[1:]] == [
        (Entry.LEVEL, 900_000, 900_000, Origin.MEASURED),
        (Entry.INFLOW, 450_000, 1_350_000, Origin.METERED),
        (Entry.OUTFLOW, -90_000, 1_260_000, Origin.METERED),
        (Entry.LEVEL, -45_000, 1_215_000, Origin.MEASURED),
        (Entry.INFLOW, 45_000, 1_260_000, Origin.ESTIMATED),
    ]
    now = keep.kept(tank)
    assert (now.content_g, now.level_mm, now.counter, now.state) == (1_260_000, 270, 500_000, TankState.IN_USE)


def test_what_was_in_it_at_any_past_moment_can_be_told(keep, session, farm, page):
    tank = keep.tank()
    keep.level(tank, 200, NOON + HOUR)
    keep.outflow(tank, "900kg", NOON + 2 * HOUR)
    at = {hours: queries.content_at(session, tank.id, NOON + hours * HOUR) for hours in (-1, 0, 1, 2)}
    assert at == {-1: None, 0: 0, 1: 900_000, 2: 0}
    store = session.get_one(type(farm), farm.id)
    assert [one.mass for one in containers.in_bulk(session, [store], NOON + HOUR)] == [900_000]
    assert containers.in_bulk(session, [store], NOON + 2 * HOUR) == []
    then = page("factory", f"/stores/{farm.id}/past?at=2026-11-23T13:30", language="en")
    assert "TK-01" in then
    assert "900.00 kg" in then


def test_all_that_is_wrong_is_said_at_once_and_nothing_changes(keep):
    tank = keep.tank()
    keep.level(tank, 200, NOON + HOUR)
    keep.counter(tank, "500", NOON + HOUR)
    before = keep.kept(tank).version
    late, early = NOON + 2 * HOUR, NOON
    assert refusal(keep.counter, tank, "499", late, at=early) == [
        ("tank.before_last", "at"), ("tank.counter_back", "counter"),
    ]  # fmt: skip
    assert refusal(keep.outflow, tank, "1501", late, at=late + HOUR) == [
        ("tank.future", "at"), ("tank.too_little", "amount"),
    ]  # fmt: skip
    assert refusal(keep.inflow, tank, "8501", late) == [("tank.too_full", "amount")]
    assert refusal(keep.level, tank, 2001, late) == [("tank.too_full", "level_mm")]
    assert refusal(keep.inflow, tank, "1", late, counter="600") == [("tank.which", "amount")]
    assert refusal(keep.enter, tank, service.clean, service.CleanTank, late) == [("tank.not_empty", None)]
    assert keep.kept(tank).version == before


def test_a_pipeline_has_one_quantity_a_day_and_the_days_join(keep, session):
    tank = keep.tank(at=NOON - timedelta(days=3))
    yesterday = (NOON - timedelta(days=1)).date()
    keep.inflow(tank, "1000", day=yesterday)
    assert refusal(keep.inflow, tank, "5", day=yesterday) == [("tank.day_twice", "day")]
    keep.inflow(tank, "500", NOON + HOUR, day=NOON.date())
    keep.level(tank, 290, NOON + HOUR)
    assert refusal(keep.inflow, tank, "5", NOON + HOUR, day=date(2026, 11, 24)) == [("tank.future", "day")]
    session.rollback()
    days = queries.days(session, tank.id, date(2026, 11, 22), date(2026, 11, 30))
    assert [(one.day.day, one.opening_g, one.inflow_g, one.difference_g, one.closing_g) for one in days] == [
        (22, 0, 900_000, 0, 900_000), (23, 900_000, 450_000, -45_000, 1_305_000),
    ]  # fmt: skip


def test_the_warning_opens_at_four_fifths_the_alarm_above_the_limit_and_both_clear(keep, session, world, farm):
    def alarms(at):
        session.rollback()
        return sorted(one.limit for one in watch.current(session, world.people["factory"], at)[0])

    tank = keep.tank()  # its high level is 8100 kg; the farm may hold 8 kg
    keep.inflow(tank, "6.479 t", NOON)
    assert alarms(NOON + HOUR) == [Limit.CAPACITY]
    keep.inflow(tank, "1 kg", NOON + HOUR)
    assert alarms(NOON + HOUR) == [Limit.CAPACITY, Limit.TANK_FILLING]
    keep.inflow(tank, "1621 kg", NOON + 2 * HOUR)
    assert alarms(NOON + 2 * HOUR) == [Limit.CAPACITY, Limit.TANK_HIGH, Limit.TANK_FILLING]
    keep.outflow(tank, "8101 kg", NOON + 3 * HOUR)
    assert alarms(NOON + 3 * HOUR) == []


def test_a_container_is_emptied_into_it_and_ends_with_its_mass(keep, world, work_as, session):
    def drum(waste):
        with work_as(world.people["factory"]) as work:
            made = container_acts.register(work, container_acts.RegisterContainer(
                waste=waste, mass="180", form="L", act_key=new_token(),
            ))  # fmt: skip
            place = container_acts.PlaceContainers(facility_id=world.stores["factory"].id, codes=(made.code,))
            container_acts.place(work, place)
            return made

    def pour(one, **given):
        return keep.enter(tank, service.pour_in, service.PourIn, NOON + HOUR, code=one.code, **given)

    tank, oil, other = keep.tank(), drum("900-249-08"), drum("900-214-08")
    assert refusal(pour, other) == [("tank.pour_other", "code")]
    pour(oil, act_key="K")
    pour(oil, act_key="K")
    assert refusal(pour, oil) == [("container.pour_when_repacked", "code")]
    assert (keep.kept(tank).content_g, keep.entries(tank)[-1].container_id) == (180_000, oil.id)
    ended = session.get_one(type(oil), oil.id, populate_existing=True)
    assert (ended.state, ended.holder_organisation_id) == (State.REPACKED, None)


def test_it_is_cleaned_when_empty_takes_another_waste_then_and_is_closed(keep, session, farm):
    tank = keep.tank()
    keep.level(tank, 0)
    assert keep.kept(tank).state is TankState.EMPTY
    keep.level(tank, 10, NOON + MINUTE)
    assert refusal(keep.enter, tank, service.close, service.CloseTank, note="演示")[0][0] == "tank.closed_when_in_use"
    keep.enter(tank, service.correct, service.CorrectContent, NOON + HOUR, content="0", note="演示")
    keep.enter(tank, service.clean, service.CleanTank, NOON + HOUR)
    described = {
        "number": "TK-01", "waste": "900-214-08", "shape": "table", "calibration": "0 0\n100 9000",
        "usable_l": 9000, "density_g_l": 880, "reason": "演示",
    }  # fmt: skip
    keep.enter(tank, service.change, service.ChangeTank, NOON + HOUR, **described)
    assert parties.is_occupied(session, farm.id)
    keep.enter(tank, service.close, service.CloseTank, NOON + HOUR, note="演示")
    session.rollback()
    assert not parties.is_occupied(session, farm.id)
    assert refusal(keep.level, tank, 5, NOON + HOUR)[0][0] == "tank.level_when_closed"


def test_the_same_form_sent_twice_is_one_tank_and_one_entry(keep, session):
    tank = keep.tank(act_key="same")
    assert keep.tank(number="TK-02", act_key="same").id == tank.id
    assert refusal(keep.tank) == [("tank.number", "number")]
    keep.inflow(tank, "5", act_key="flow")
    keep.inflow(tank, "5", act_key="flow")
    assert keep.kept(tank).content_g == 4_500


def test_of_many_at_once_none_is_lost_and_they_stand_in_one_order(keep, session):
    tank = keep.tank()
    with ThreadPoolExecutor(4) as pool:
        for running in [pool.submit(keep.inflow, tank, "1 kg", NOON + number * MINUTE) for number in range(8)]:
            running.result()
    entries = keep.entries(tank)
    assert keep.kept(tank).content_g == entries[-1].after_g == 8_000
    assert [one.after_g for one in entries] == [1_000 * number for number in range(9)]
    assert [one.occurred_at for one in entries] == sorted(one.occurred_at for one in entries)
    assert list(ledger.verify(session)) == []


def test_the_tables_follow_from_the_streams(keep, session):
    tank = keep.tank()
    keep.level(tank, 200)
    keep.counter(tank, "12.5", NOON + HOUR)
    keep.outflow(tank, "100", NOON + HOUR, note="演示")
    keep.enter(tank, service.correct, service.CorrectContent, NOON + HOUR, content="0", note="演示")
    keep.enter(tank, service.clean, service.CleanTank, NOON + HOUR)
    session.rollback()
    assert_rebuilds(session, REBUILT.of("tanks"))


def test_the_events_hold_every_column_of_the_tables(keep, session):
    tank = keep.tank()
    keep.level(tank, 200)
    keep.counter(tank, "12.5", NOON + HOUR)
    session.rollback()
    mine = select(LedgerEvent).where(LedgerEvent.stream == f"tank:{tank.id}").order_by(LedgerEvent.seq)
    rows, events = keep.entries(tank), session.scalars(mine).all()
    for written, row in zip(events, rows, strict=True):
        facts, carried = json.loads(written.facts), {"tank_id", "seq", "occurred_at", "recorded_at", "recorded_by"}
        assert facts.keys() - {"tank"} == {one.key for one in TankEntry.__table__.columns} - carried
        assert facts["tank"].keys() >= {one.key for one in Tank.__table__.columns} - {"last_at", "version", "act_key"}
        assert (facts["after_g"], facts["change_g"], facts["day"]) == (row.after_g, row.change_g, row.day.isoformat())
    assert facts["tank"]["counter"] == 12_500


def test_its_house_and_its_regulators_see_it_strangers_do_not(keep, page):
    tank = keep.tank()
    keep.level(tank, 200)
    for who in ("factory", "county", "province"):
        assert "TK-01" in page(who, f"/tanks/{tank.id}", language="en"), who
        assert "TK-01" in page(who, "/tanks")
        page(who, f"/t/{tank.code}", status=303)
    for who in ("manager", "operator", "elsewhere"):
        page(who, f"/tanks/{tank.id}", status=404)
        page(who, f"/t/{tank.code}", status=404)
        assert "TK-01" not in page(who, "/tanks")
    page("county", f"/tanks/{tank.id}/enter/level", status=403)


def test_the_list_asks_as_much_for_many_tanks_as_for_one(keep, store, session, world, farm):
    def statements():
        asked = []
        event.listen(store, "before_cursor_execute", count := lambda *given: asked.append(given[2]))
        session.rollback()
        queries.page(session, world.people["factory"])
        containers.store(session, world.people["factory"], farm.id, NOON)
        event.remove(store, "before_cursor_execute", count)
        return len(asked)

    keep.tank()
    one = statements()
    for number in range(2, 6):
        keep.tank(number=f"TK-{number:02}")
    assert statements() == one
    assert session.scalar(select(func.count()).select_from(Tank)) == 5
