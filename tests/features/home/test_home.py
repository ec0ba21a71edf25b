"""The start page of each role: alarms at their moment, counts that are those of the lists they open."""

import re
from datetime import timedelta

import pytest
import time_machine

from tests.conftest import NOON
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.manifests import State as Progress
from wastetrack.features.home import queries, shapes
from wastetrack.features.manifests import queries as manifests
from wastetrack.infra.i18n import ENGLISH, speaking

DUE = NOON + timedelta(hours=48)
SOON = NOON + timedelta(hours=3)


@pytest.fixture
def board(app, session, world):
    """Return what stands on somebody's start page, its figures by their words."""

    def made(who, now=NOON):
        with app.test_request_context(), speaking(ENGLISH):
            found = shapes.board(session, world.people[who], now)
        return found, {one.label: one for one in found.figures}

    return made


def test_the_manager_and_the_county_see_the_alarm_at_its_moment_and_not_before(page, chain):
    chain.bag()
    sentence = "Have it collected now."
    for who in ("manager", "county"):
        with time_machine.travel(DUE - timedelta(microseconds=1), tick=False):
            before = page(who, "/", language="en")
            assert "No alarm is in force" in before, who
            assert "Soon, unless somebody acts" in before, who
        with time_machine.travel(DUE, tick=False):
            at_once = page(who, "/", language="en")
            assert sentence in at_once, who
            assert "1 alarm in force" in at_once, who


def test_the_alarm_is_gone_from_the_start_page_when_the_load_has_left(page, chain):
    chain.depart([chain.bag()], DUE)
    with time_machine.travel(DUE, tick=False):
        for who in ("manager", "county"):
            assert "No alarm is in force" in page(who, "/", language="en"), who


def test_the_county_sees_which_stores_are_overdue(board, world, chain):
    chain.bag()
    assert board("county", DUE - timedelta(microseconds=1))[0].overdue_stores == []
    (one,) = board("county", DUE)[0].overdue_stores
    assert (one.store.id, one.overdue) == (world.stores["hospital"].id, 1)


def test_the_county_counts_what_is_registered_stands_moves_and_was_treated_today(board, chain):
    old = chain.bag(at=NOON - timedelta(days=1))
    new, moving = chain.bag(), chain.bag()
    chain.confirm(chain.receive(chain.depart([old]), old, SOON), SOON)
    chain.treat([old], SOON)
    chain.depart([moving])
    _found, figures = board("county", SOON)
    counts = {label: one.value for label, one in figures.items()}
    assert counts == {
        "registered today": 2, "standing in stores": 1, "on vehicles": 1, "treated today": 1, "manifests on the way": 1,
    }  # fmt: skip
    assert new.mass_g == 3400
    assert figures["registered today"].note == "6.80 kg"


def test_every_figure_of_the_county_opens_a_list_of_just_as_many(page, board, chain):
    old = chain.bag(at=NOON - timedelta(days=1))
    chain.bag()
    chain.confirm(chain.receive(chain.depart([old]), old, SOON), SOON)
    chain.treat([old], SOON)
    chain.depart([chain.bag()])
    with time_machine.travel(SOON, tick=False):
        for one in board("county", SOON)[1].values():
            rows = page("county", one.href).count('<th scope="row"')
            assert rows == one.value, one.label


def test_the_manager_counts_manifests_as_the_list_shows_them(session, world, board, chain):
    chain.draft([chain.bag()])
    chain.sign([chain.bag()])
    chain.depart([chain.bag()])
    figures = board("manager")[1]
    manager = world.people["manager"]
    for state, words in (
        (Progress.DRAFT, "manifests to sign"),
        (Progress.SIGNED, "signed, waiting for the vehicle"),
        (Progress.IN_TRANSIT, "manifests on the way"),
    ):
        listed = manifests.find(session, manager, manifests.Filter(state=state)).rows
        assert figures[words].value == len(listed) == 1, words


def test_the_consignor_is_shown_what_was_refused_or_is_missing_until_it_is_back(session, world, chain, work_as):
    refused, lost = chain.bag(), chain.bag()
    made = chain.depart([refused, lost])
    chain.refuse(made, refused, SOON)
    chain.confirm(made, SOON)
    (one,) = queries.astray(session, world.id("hospital"))
    assert (one.manifest_id, one.refused, one.missing) == (made.id, 1, 1)
    assert queries.astray(session, world.id("station")) == []
    chain.receive(made, lost, SOON)
    session.rollback()
    assert [(one.refused, one.missing) for one in queries.astray(session, world.id("hospital"))] == [(1, 0)]


def test_the_manager_of_a_carrier_is_led_to_its_loads_and_vehicles(board, world, chain):
    chain.depart([chain.bag()])
    carrier = world.id("carrier")
    world.people["fleet"] = Actor(world.people["driver"].user_id, "演示-车队", frozenset({Role.MANAGER}), carrier)
    found, figures = board("fleet")
    assert [one.href for one in found.acts] == ["/manifests", f"/organisations/{carrier}#vehicles", "/accounts"]
    assert {label: one.value for label, one in figures.items()} == {
        "signed, waiting for the vehicle": 0, "manifests on the way": 1, "arrived, being received": 0,
    }  # fmt: skip


def test_the_driver_sees_the_loads_still_to_fetch_and_to_bring(session, world, chain):
    first, _done = chain.sign([chain.bag()]), None
    second = chain.depart([chain.bag()], NOON + timedelta(minutes=1))
    driver = world.people["driver"]
    assert [one.manifest.id for one in queries.my_trips(session, driver.user_id)] == [first.id, second.id]
    chain.arrive(second, SOON)
    session.rollback()
    assert [one.manifest.id for one in queries.my_trips(session, driver.user_id)] == [first.id]


@pytest.mark.parametrize("who", ["collector", "manager", "province", "system_admin"])
def test_nobody_else_has_a_drivers_trips(session, world, chain, who):
    chain.sign([chain.bag()])
    assert queries.my_trips(session, world.people[who].user_id) == []


def test_the_operator_sees_what_comes_what_waits_and_what_must_be_confirmed(board, chain):
    here, _gone = chain.bag(), chain.bag()
    chain.depart([_gone])
    made = chain.receive(chain.depart([here]), here, SOON)
    found, figures = board("operator", SOON)
    assert [one.manifest.id for one in found.arrivals] == [made.id]
    assert figures["on the way to us"].value == 1
    assert figures["arrived, receipt to confirm"].value == 1
    assert figures["waiting for treatment"].value == 1


def test_the_collector_counts_what_is_not_yet_in_a_store(board, chain):
    chain.bag()
    chain.bag(store=None)
    figures = board("collector")[1]
    assert figures["sealed by me, not yet in a store"].value == 1
    assert figures["registered by me today"].value == 2
    assert board("manager")[1]["sealed in the house, not yet in a store"].value == 1


def test_the_clinic_counts_what_it_can_hand_in(board, chain):
    chain.bag("doctor_a", "clinic_a")
    chain.bag("doctor_b", "clinic_b")
    assert board("doctor_a")[1]["bags and boxes to hand in"].value == 1


PEOPLE = (
    "collector", "manager", "doctor_a", "driver", "attendant", "operator", "county",
    "system_admin", "security_admin", "audit_admin",
)  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_everything_on_a_start_page_can_be_opened(app, page, board, who):
    found, _figures = board(who)
    assert found.acts
    for href in {one.href for one in (*found.acts, *found.figures)}:
        page(who, href)


def test_the_start_page_asks_the_same_few_questions_however_much_there_is(store, page, chain):
    from sqlalchemy import event

    asked = []
    event.listen(store, "before_cursor_execute", lambda *args: asked.append(args[2]))
    numbers = []
    for _ in range(2):
        for _ in range(3):
            chain.bag()
        chain.bag("doctor_a", "clinic_a")
        asked.clear()
        page("county", "/")
        numbers.append(len([one for one in asked if one.lstrip().startswith("SELECT")]))
    assert numbers[0] == numbers[1]
    assert numbers[0] < 25


def test_both_languages_name_the_place_and_the_role(page):
    assert re.search("正定县医院（演示）.*单位管理员", page("manager", "/"), re.DOTALL)
    assert "Organisation manager" in page("manager", "/", language="en")
