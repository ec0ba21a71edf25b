"""What people read of alarms: the list, one alarm, the store; at the exact moment and in both languages."""

import re
from datetime import timedelta

import pytest
import time_machine

from tests.conftest import NOON
from tests.features.watch.test_time import DUE, in_force
from wastetrack.domain.container_code import pretty

MICRO = timedelta(microseconds=1)


@pytest.fixture
def at():
    """Set the clock of the server."""
    return lambda moment: time_machine.travel(moment, tick=False)


def test_the_list_names_an_overdue_store_at_the_moment_and_not_before(page, world, chain, at):
    chain.bag()
    for who in ("manager", "county", "province"):
        with at(DUE - MICRO):
            assert "当前没有报警" in page(who, "/alerts"), who
        with at(DUE):
            text = page(who, "/alerts")
            assert "当前报警" in text, who
            assert "正定县医院（演示）暂存间" in text, who


def test_the_store_page_shows_the_alarm_at_the_same_moment(page, world, chain, at):
    chain.bag()
    store = f"/stores/{world.stores['hospital'].id}"
    sentence = "Have it collected now."
    for who in ("manager", "county"):
        with at(DUE - MICRO):
            assert sentence not in page(who, store, language="en"), who
        with at(DUE):
            assert sentence in page(who, store, language="en"), who


def test_a_store_above_its_limit_is_shown_to_its_keeper_and_to_the_regulator(page, world, chain, at):
    for mass in ("25", "25", "0.001"):
        chain.bag("doctor_a", "clinic_a", mass)
    sentence = "holds 50.00 kg in 3 containers; its limit is 50.00 kg."
    with at(NOON):
        for who in ("doctor_a", "town", "county"):
            assert sentence in page(who, "/alerts", language="en"), who
            assert sentence in page(who, f"/stores/{world.stores['clinic_a'].id}", language="en"), who


def test_the_alarm_is_gone_from_every_page_when_the_load_has_left(page, world, chain, at):
    bag = chain.bag()
    chain.depart([bag], DUE)
    with at(DUE):
        for who in ("manager", "county"):
            text = page(who, "/alerts", language="en")
            assert "No alarm is in force" in text, who
            assert "Alarms that have cleared" in text, who
            assert "Have it collected now." not in page(who, f"/stores/{world.stores['hospital'].id}", language="en")


def test_one_alarm_says_why_since_when_on_what_basis_and_names_its_containers(session, page, world, chain, at):
    bag = chain.bag()
    (alert,) = in_force(session, world, DUE)
    with at(DUE):
        text = page("county", f"/alerts/{alert.id}", language="en")
    for words in ("2026-11-25 12:00", "Medical Waste Regulation, Art. 17", pretty(bag.code), f'href="/c/{bag.code}"'):
        assert words in text
    assert f'href="/stores/{world.stores["hospital"].id}"' in text


def test_an_alarm_that_is_not_yet_in_force_has_no_page(session, page, world, chain, at):
    chain.bag()
    (alert,) = in_force(session, world, DUE)
    with at(DUE - MICRO):
        page("county", f"/alerts/{alert.id}", status=404)


@pytest.mark.parametrize("who", ["elsewhere", "doctor_a", "factory", "operator"])
def test_nobody_opens_the_alarm_of_strangers(session, page, world, chain, at, who):
    chain.bag()
    (alert,) = in_force(session, world, DUE)
    with at(DUE):
        page(who, f"/alerts/{alert.id}", status=404)


@pytest.mark.parametrize("address", ["/alerts?after=nonsense", "/alerts/00000000-0000-0000-0000-000000000000"])
def test_a_tampered_address_is_no_page(page, address):
    page("county", address, status=404)


def test_a_count_opens_the_alarms_it_counts(page, world, chain, at):
    chain.bag()
    for mass in ("25", "25", "0.001"):
        chain.bag("doctor_a", "clinic_a", mass, at=NOON + timedelta(hours=40))
    with at(DUE):
        whole = page("county", "/alerts", language="en")
        narrowed = page("county", "/alerts?limit=S-04", language="en")
    assert 'href="/alerts?limit=S-04"' in whole
    assert "Have it collected now." in whole
    assert "Have it collected now." not in narrowed
    assert "its limit is 50.00 kg" in narrowed


def test_the_list_goes_on_where_the_page_before_ended(monkeypatch, page, world, chain, at):
    monkeypatch.setattr("wastetrack.features.watch.queries.current.__defaults__", (None, 1, None))
    chain.bag()
    chain.bag("doctor_a", "clinic_a", at=NOON + timedelta(minutes=1))
    with at(DUE + timedelta(hours=1)):
        first = page("county", "/alerts", language="en")
        (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
        second = page("county", following, language="en")
    assert "正定县医院" in first
    assert "甲诊所" not in first
    assert "甲诊所" in second
    assert 'rel="next"' not in second
