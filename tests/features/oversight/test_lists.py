"""The list of containers: every filter, whole pages, sums that are those of the list."""

import re
from datetime import date, timedelta

import pytest

from tests.conftest import NOON
from wastetrack.domain.container_code import pretty
from wastetrack.domain.containers import State
from wastetrack.domain.oversight import Moment
from wastetrack.features.oversight import queries
from wastetrack.features.oversight.queries import Wanted

YESTERDAY = NOON - timedelta(days=1)
TODAY = date(2026, 11, 23)


@pytest.fixture
def three(chain):
    """One bag of yesterday in the hospital's store, one sealed today, one of a clinic."""
    return chain.bag(at=YESTERDAY), chain.bag(store=None), chain.bag("doctor_a", "clinic_a", at=YESTERDAY)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), {0, 1, 2}),
        (Wanted(state=State.STORED), {0, 2}),
        (Wanted(state=State.SEALED), {1}),
        (Wanted(since=TODAY), {1}),
        (Wanted(until=TODAY - timedelta(days=1)), {0, 2}),
        (Wanted(since=TODAY - timedelta(days=1), until=TODAY), {0, 1, 2}),
        (Wanted(text="诊所"), {2}),
        (Wanted(text="正定", state=State.STORED), {0}),
        (Wanted(text="没有"), set()),
        (Wanted(text="%"), set()),
    ],
)
def test_every_filter_narrows_and_the_sum_is_that_of_the_list(session, world, three, wanted, found):
    county = world.people["county"]
    rows, _more = queries.find_containers(session, county, wanted)
    assert {row.container.id for row in rows} == {three[number].id for number in found}
    counted = queries.sum_containers(session, county, wanted)
    assert (counted.count, counted.mass_g) == (len(found), 3400 * len(found))


def test_a_list_is_narrowed_to_one_store_and_to_the_beginning_of_a_code(session, world, three):
    county = world.people["county"]
    for wanted in (Wanted(store=world.stores["clinic_a"].id), Wanted(text=pretty(three[2].code)[:7])):
        assert [row.container.id for row in queries.find_containers(session, county, wanted)[0]] == [three[2].id]


def test_pages_follow_each_other_without_gap_or_repetition(session, world, chain):
    made = [chain.bag(at=NOON + timedelta(minutes=number // 2)).id for number in range(5)]
    seen, after = [], None
    while True:
        rows, after = queries.find_containers(session, world.people["county"], Wanted(), after, size=2)
        seen += [row.container.id for row in rows]
        if after is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


def test_what_was_treated_on_a_day_is_found_by_that_day(session, world, chain):
    old, _other = chain.bag(at=YESTERDAY), chain.bag()
    chain.confirm(chain.receive(chain.depart([old]), old))
    chain.treat([old])
    treated = Wanted(moment=Moment.TREATED, since=TODAY, until=TODAY)
    rows, _more = queries.find_containers(session, world.people["city"], treated)
    assert [row.container.id for row in rows] == [old.id]
    assert queries.sum_containers(session, world.people["city"], treated).count == 1


def test_a_row_names_producer_and_place(session, world, chain):
    bag = chain.bag()
    ((row,), _more) = queries.find_containers(session, world.people["county"], Wanted())
    assert (row.producer, row.place) == ("正定县医院（演示）", "正定县医院（演示）暂存间")
    chain.receive(chain.depart([bag]), bag)
    session.rollback()
    ((row,), _more) = queries.find_containers(session, world.people["county"], Wanted())
    assert row.place == "焚烧处置中心（演示） · 焚烧处置中心（演示）暂存间"


def test_beyond_the_most_a_sum_only_says_that_there_are_more(session, world, chain):
    for _ in range(3):
        chain.bag()
    assert queries.sum_containers(session, world.people["county"], Wanted(), most=1).count == 2


def test_what_cannot_be_read_in_the_address_is_named_at_its_field(page):
    text = page("county", "/find/containers?since=gestern&state=nowhere&by=x", status=422, language="en")
    assert text.count("Write a date such as 2026-11-23.") == 2  # in the summary and at the field
    assert text.count("Choose one of the entries in the list.") == 4


def test_pages_say_what_to_do_when_nothing_is_found(page):
    assert "本辖区内没有匹配结果" in page("county", "/find?q=没有这样的东西")
    assert "没有符合条件的容器" in page("county", "/find/containers?q=没有")


def test_the_page_of_hits_leads_to_each_of_them(page, chain):
    bag = chain.bag()
    made = chain.depart([bag])
    assert f'href="/manifests/{made.id}"' in page("county", f"/find?q={made.number}")
    assert f'href="/c/{bag.code}"' in page("county", f"/find?q={bag.code}")
    assert "正定县医院（演示）" in page("county", "/find?q=正定")


@pytest.mark.parametrize(("typed", "status"), [("", 200), ("石", 422), (" 7 ", 422), ("石家", 200), ("7K", 200)])
def test_one_character_is_told_that_two_are_needed(page, typed, status):
    text = page("county", f"/find?q={typed}", status=status, language="en")
    assert ("Type at least 2 characters" in text) is (status == 422)
    assert ('href="#field-q"' in text) is (status == 422)


@pytest.mark.parametrize("path", ["/stores", "/organisations", "/find/containers", "/manifests"])
def test_each_search_of_a_page_tells_by_name_what_it_searches(page, path):
    text = page("county", path)
    forms = re.findall(r'<form class="[^"]*" ?[^>]*role="search"[^>]*aria-label="([^"]+)"', text)
    assert len(set(forms)) == len(re.findall('role="search"', text)) == 2
