"""The acts done a thousand times a day ask the store for little, and for no more the longer the load is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from tests.conftest import NOON
from tests.features.manifests.conftest import MORNING, Trade
from wastetrack.features.containers import service as containers
from wastetrack.features.manifests import service
from wastetrack.infra.ids import new_token

Counted = Callable[[], object]


@pytest.fixture
def statements(store: Engine) -> Callable[[Counted], list[str]]:
    """Do something and return what was sent to the store, but for the beginning and the end of the transaction."""

    @contextmanager
    def listening() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
            if not statement.startswith("BEGIN"):
                sent.append(statement)

        event.listen(store, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(store, "before_cursor_execute", note)

    def count(do: Counted) -> list[str]:
        with listening() as sent:
            do()
        return sent

    return count


def test_loading_a_box_takes_at_most_thirteen_statements(trade: Trade, statements) -> None:
    boxes = trade.boxes(3)
    manifest = trade.load(trade.signed(boxes), boxes[0])
    assert len(statements(lambda: trade.load(manifest, boxes[1]))) <= 13


def test_receiving_a_box_takes_at_most_thirteen_statements(trade: Trade, statements) -> None:
    boxes = trade.boxes(3)
    manifest = trade.receive(trade.arrived(boxes), boxes[0])
    assert len(statements(lambda: trade.receive(manifest, boxes[1]))) <= 13


def test_registering_a_bag_takes_at_most_twelve_statements(trade: Trade, statements) -> None:
    trade.boxes(1)
    command = containers.RegisterContainer(waste="infectious", mass="3.50", department="内科", act_key=new_token())
    assert len(statements(lambda: trade.act("collector", containers.register, command))) <= 12


def test_a_scan_sent_again_takes_three_statements_and_writes_nothing(trade: Trade, statements) -> None:
    boxes = trade.boxes(2)
    manifest = trade.signed(boxes)
    key = new_token()
    trade.scan("driver", service.load, manifest, boxes[0], act_key=key)
    again = statements(lambda: trade.scan("driver", service.load, manifest, boxes[0], act_key=key))
    assert len(again) <= 3
    assert all(statement.lstrip().startswith("SELECT") for statement in again)


def test_the_thirtieth_box_costs_no_more_than_the_second(trade: Trade, statements) -> None:
    boxes = trade.boxes(31)
    manifest = trade.load(trade.signed(boxes), boxes[0])
    second = statements(lambda: trade.load(manifest, boxes[1]))
    with trade.work_as(trade.world.people["driver"], NOON) as work:
        for box in boxes[2:29]:
            service.load(work, service.ScanBox(manifest_id=manifest.id, code=box.code, act_key=new_token()))
    assert statements(lambda: trade.load(manifest, boxes[29])) == second


@pytest.mark.parametrize("count", [2, 20])
def test_placing_many_costs_no_more_than_placing_two(trade: Trade, statements, count: int) -> None:
    with trade.work_as(trade.world.people["collector"], MORNING) as work:
        made = [
            containers.register(work, containers.RegisterContainer(waste="infectious", mass="1.00", department="内科"))
            for _ in range(count)
        ]
    command = containers.PlaceContainers(
        facility_id=trade.world.stores["hospital"].id, codes=tuple(one.code for one in made), act_key=new_token()
    )
    assert len(statements(lambda: trade.act("collector", containers.place, command))) <= 14
