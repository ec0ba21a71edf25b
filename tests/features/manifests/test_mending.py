"""Weighing again, opening, sealing and repacking, along the whole chain; and what stood where at any past moment."""

from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.features.manifests.conftest import MORNING, Trade
from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.domain.containers import State
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.weighing import WeighedBy
from wastetrack.features.containers import queries
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import mending
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store


def opened(trade: Trade, box: Container, **given) -> Container:
    command = mending.OpenContainer(code=box.code, reason="误装", act_key=new_token(), **given)
    return trade.act("manager", mending.open_up, command)


def repacked(trade: Trade, box: Container, who: str = "manager", act_key: str | None = None, **given) -> Container:
    wanted = {"packaging": "bag", "mass": "3.40", "reason": "破损", "act_key": act_key or new_token(), **given}
    return trade.act(who, mending.repack, mending.Repack(code=box.code, **wanted))


def weighed(trade: Trade, who: str, box: Container, mass: str) -> Container:
    return trade.act(who, mending.weigh, mending.WeighAgain(code=box.code, mass=mass, act_key=new_token()))


def now_of(trade: Trade, box: Container) -> Container:
    with trade.work_as() as work:
        return queries.by_code(work.session, box.code)


def figures(trade: Trade, box: Container) -> list[tuple[str, int, bool]]:
    with trade.work_as() as work:
        past = ledger.stream(work.session, queries.stream_of(box.id))
    return [(one.by.value, int(one.mass), one.counts) for one in queries.weights(past)]


def codes_of(refusal) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_the_producer_weighs_anew_and_the_first_figure_stays_on_record(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    assert weighed(trade, "manager", box, "3.10").mass_g == 3100
    assert figures(trade, box) == [("producer", 3500, False), ("producer", 3100, True)]


def test_producer_carrier_and_receiver_each_keep_their_own_figure(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    manifest = trade.load(trade.signed([box]), box)
    assert weighed(trade, "driver", box, "3.45").mass_g == 3500
    trade.receive(trade.arrive(trade.depart(manifest)), box, mass="3.00")
    assert figures(trade, box) == [("producer", 3500, True), ("carrier", 3450, True), ("receiver", 3000, True)]
    with trade.work_as() as work:
        weights = queries.weights(ledger.stream(work.session, queries.stream_of(box.id)))
    assert [(one.by, one.gap, one.far) for one in weights] == [
        (WeighedBy.PRODUCER, None, False),
        (WeighedBy.CARRIER, -50, False),
        (WeighedBy.RECEIVER, -500, True),
    ]


def test_what_stands_on_a_manifest_is_not_weighed_anew_by_its_producer(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    trade.draft([box])
    with pytest.raises(Refusal) as refusal:
        weighed(trade, "manager", box, "3.10")
    assert codes_of(refusal) == ["label.on_manifest"]


def test_an_open_container_counts_in_its_store_but_goes_on_no_manifest(trade: Trade) -> None:
    box, other = trade.boxes(2)
    assert opened(trade, box).state is State.OPENED
    with trade.work_as() as work:
        standing = queries.store(work.session, trade.world.people["manager"], trade.world.stores["hospital"].id, NOON)
    assert standing.count == 2
    with pytest.raises(Refusal):
        trade.draft([box, other])


def test_sealed_again_it_keeps_its_clock_and_has_its_new_mass(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    opened(trade, box)
    command = mending.SealAgain(code=box.code, mass="3.20", act_key=new_token())
    sealed = trade.act("manager", mending.seal_again, command)
    assert (sealed.state, sealed.mass_g) == (State.STORED, 3200)
    assert (sealed.sealed_at, sealed.must_leave_by) == (box.sealed_at, box.must_leave_by)


def test_repacked_waste_lives_on_in_a_container_that_names_the_old_one(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    new = repacked(trade, box)
    old = now_of(trade, box)
    assert (old.state, old.holder_organisation_id, old.holder_facility_id) == (State.REPACKED, None, None)
    assert (new.state, new.repacked_from, new.holder_facility_id) == (State.STORED, box.id, box.holder_facility_id)
    assert (new.sealed_at, new.must_leave_by, new.mass_g) == (box.sealed_at, box.must_leave_by, 3400)
    assert new.code != box.code


def test_repacking_sent_twice_is_one_new_container(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    key = new_token()
    assert repacked(trade, box, act_key=key).id == repacked(trade, box, act_key=key).id


def test_a_repacked_drum_gets_a_digital_code_of_its_own(trade: Trade) -> None:
    (drum,) = trade.boxes(1, "factory", waste="900-249-08", mass="20")
    new = repacked(trade, drum, "factory", packaging="drum", mass="19.50")
    assert new.digital_code not in {None, drum.digital_code}


def test_a_packaging_that_is_wrong_for_the_waste_and_an_absurd_mass_are_both_named(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    with pytest.raises(Refusal) as refusal:
        repacked(trade, box, packaging="sharps_box", mass="900")
    assert codes_of(refusal) == ["registration.packaging", "mass.absurd"]
    assert now_of(trade, box).state is State.STORED


def test_nobody_repacks_what_another_house_holds(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    with pytest.raises(Refusal) as refusal:
        repacked(trade, box, "factory")
    assert refusal.value.problems[0].kind is Kind.UNKNOWN


def test_what_was_repacked_counts_once_in_the_year(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    repacked(trade, box)
    with trade.work_as() as work:
        assert queries.yearly(work.session, trade.world.id("hospital"), [2026]) == {2026: 3400}


def test_what_stood_here_then_is_told_to_the_minute(trade: Trade) -> None:
    box, other = trade.boxes(2)
    trade.load(trade.signed([box]), box)
    store = trade.world.stores["hospital"].id

    def stood(at):
        with trade.work_as() as work:
            found = queries.inventory(work.session, store, at)
        return {row.container.code for row in found.rows}, int(found.mass)

    assert stood(MORNING - timedelta(minutes=1)) == (set(), 0)
    assert stood(MORNING) == ({box.code, other.code}, 7000)
    assert stood(NOON - timedelta(minutes=1)) == ({box.code, other.code}, 7000)
    assert stood(NOON) == ({other.code}, 3500)


def test_the_history_of_a_store_is_what_the_streams_tell(trade: Trade) -> None:
    box, other = trade.boxes(2)
    trade.receive(trade.arrived([box]), box)
    repacked(trade, other)
    with trade.work_as() as work:
        told = {}
        for event in ledger.all_events(work.session):
            if event.stream.startswith("container:"):
                told[event.stream] = queries.holder_after(event).get("facility")
        stores = [store.id for store in trade.world.stores.values()]
        shown = {
            queries.stream_of(row.container.id): str(store)
            for store in stores
            for row in queries.inventory(work.session, store, NOON + timedelta(days=9)).rows
        }
        assert_rebuilds(work.session, CUSTODY)
    assert shown == {stream: place for stream, place in told.items() if place}


def test_an_open_container_is_not_moved_to_another_room(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    opened(trade, box)
    command = containers.PlaceContainers(facility_id=trade.world.stores["hospital"].id, codes=(box.code,))
    with pytest.raises(Refusal) as refusal:
        trade.act("manager", containers.place, command)
    assert codes_of(refusal) == ["container.store_when_opened"]


def declared(trade: Trade, who: str, box: Container, wrong: int, replaced_by: int | None = None) -> Container:
    command = mending.DeclareWrong(
        code=box.code, wrong=wrong, replaced_by=replaced_by, reason="称错", act_key=new_token()
    )
    return trade.act(who, mending.declare_wrong, command)


def test_a_wrong_weighing_stays_in_the_record_and_counts_no_more(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    weighed(trade, "manager", box, "9.99")
    weighed(trade, "manager", box, "3.10")
    declared(trade, "manager", box, 3, 4)
    assert figures(trade, box) == [("producer", 3500, False), ("producer", 3100, True)]
    with trade.work_as() as work:
        steps = queries.timeline(work.session, now_of(trade, box))
        assert not list(service.verify(work.session))
    assert [step.number for step in steps if step.wrong] == [3]
    assert len(steps) == 5


def test_what_another_house_wrote_is_not_ours_to_declare_wrong(trade: Trade) -> None:
    (box,) = trade.boxes(1)
    trade.receive(trade.arrived([box]), box)
    with pytest.raises(Refusal) as refusal:
        declared(trade, "operator", box, 2, 3)
    assert refusal.value.problems[0].kind is Kind.FORBIDDEN
