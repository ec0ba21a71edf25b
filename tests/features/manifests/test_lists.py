"""Lists of manifests: narrowed by what stands in the address, page by page, and only what the reader may see."""

from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from wastetrack.domain.access import Relation
from wastetrack.domain.containers import Doing
from wastetrack.domain.manifests import State
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests import queries, service
from wastetrack.features.manifests.queries import Filter
from wastetrack.infra.ids import new_token


@pytest.fixture
def three(trade):
    """Two signed manifests and a draft."""
    return trade.signed(trade.boxes(1)), trade.signed(trade.boxes(1)), trade.draft(trade.boxes(1))


@contextmanager
def told_by(store):
    """Collect every statement that is sent to the store."""
    told: list[str] = []

    def listen(_connection, _cursor, statement, *_rest):
        told.append(statement)

    event.listen(store, "before_cursor_execute", listen)
    yield told
    event.remove(store, "before_cursor_execute", listen)


def ids(page):
    return [row.manifest.id for row in page.rows]


def test_the_newest_stands_first_and_pages_follow_without_gap_or_double(trade, three, session):
    manager, seen, after = trade.world.people["manager"], [], None
    while True:
        page = queries.find(session, manager, Filter(), after, limit=1)
        seen += ids(page)
        after = page.next
        if after is None:
            break
    assert seen == [one.id for one in reversed(three)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(number="20261301000002"), {1}),
        (Filter(number="000002"), {1}),
        (Filter(party="焚烧"), {0, 1, 2}),
        (Filter(party="危废运输"), {0, 1, 2}),
        (Filter(party="乙诊所"), set()),
        (Filter(party="100%_"), set()),
        (Filter(state=State.DRAFT), {2}),
        (Filter(state=State.SIGNED), {0, 1}),
        (Filter(since=date(2026, 11, 24)), set()),
        (Filter(since=date(2026, 11, 23), until=date(2026, 11, 23)), {0, 1, 2}),
        (Filter(until=date(2026, 11, 22)), set()),
    ],
)
def test_a_list_is_narrowed_by_each_filter(trade, three, session, wanted, expected):
    found = ids(queries.find(session, trade.world.people["manager"], wanted))
    assert set(found) == {three[index].id for index in expected}


@pytest.mark.parametrize(
    ("who", "count"),
    [("operator", 2), ("driver", 2), ("county", 2), ("city", 2), ("province", 2), ("factory", 0), ("elsewhere", 0)],
)
def test_everybody_sees_what_he_is_party_to_and_no_drafts_of_others(trade, three, session, who, count):
    assert len(ids(queries.find(session, trade.world.people[who], Filter()))) == count


def test_a_tampered_page_mark_begins_at_the_first_page(trade, three, session):
    manager = trade.world.people["manager"]
    for mark in ("", "~", "2026~x", "2026-01-01T00:00:00~", "' OR 1=1", "2026-01-01T00:00:00~" + "0" * 32):
        assert len(ids(queries.find(session, manager, Filter(), mark))) == 3


def test_a_longer_list_needs_no_more_queries(trade, session, store):
    def asked() -> int:
        session.rollback()
        session.expunge_all()
        with told_by(store) as told:
            queries.find(session, trade.world.people["manager"], Filter())
        return len(told)

    trade.signed(trade.boxes(1))
    few = asked()
    for _ in range(3):
        trade.signed(trade.boxes(1))
    assert asked() == few


def test_a_stations_manifest_lists_every_clinics_boxes(trade, session):
    """Boxes of two clinics, received at their station, leave on one manifest that still names both."""
    w = trade.world
    made = []
    for doctor in ("doctor_a", "doctor_b"):
        with trade.work_as(w.people[doctor]) as work:
            command = containers.RegisterContainer(waste="infectious", mass="1.2", act_key=new_token())
            made.append(containers.register(work, command))
    with trade.work_as(w.people["attendant"]) as work:
        for box in sorted(made, key=lambda box: box.id):
            containers.move(work, box.id, Doing.HAND_IN, to=containers.InStore(w.stores["station"]))
    manifest = trade.draft(made, who="attendant", facility_id=w.stores["station"].id)
    manifest = trade.sign(manifest, who="attendant")
    whole = queries.sheet(session, manifest)
    assert {line.producer for line in whole.lines} == {"甲诊所（演示）", "乙诊所（演示）"}
    assert {line.producer for line in queries.printed(queries.newest_print(session, manifest.id)).containers} == {
        "甲诊所（演示）",
        "乙诊所（演示）",
    }
    own, held = queries.view(session, w.people["doctor_a"], manifest.id)
    assert held == {Relation.PRODUCER}
    assert [line.producer for line in own.lines] == ["甲诊所（演示）"]


def test_the_driver_may_look_up_a_box_that_he_is_to_load(trade, session):
    boxes = trade.boxes(1)
    trade.signed(boxes)
    box = session.get(Container, boxes[0].id)
    assert queries.related(session, trade.world.people["driver"], box) == {Relation.CREW, Relation.CARRIER}
    assert queries.related(session, trade.world.people["factory"], box) == set()


def test_scanning_a_box_costs_the_same_on_a_large_load(trade, store, session):
    """The hot path does not read the whole load for each scan."""

    def statements(count: int) -> int:
        boxes = trade.boxes(count)
        manifest = trade.signed(boxes)
        with told_by(store) as told:
            trade.scan("driver", service.load, manifest, boxes[0])
        return len(told)

    statements(1)
    assert statements(2) == statements(12)
