"""Packing: what goes in and out, what is refused, what the streams tell, and that nothing is counted twice."""

import json

import pytest

from tests.conftest import NOON
from tests.features.boxes.conftest import HOUR
from tests.rebuilding import REBUILT, assert_rebuilds
from wastetrack.domain.boxes import BoxState
from wastetrack.domain.containers import State
from wastetrack.domain.problems import Refusal
from wastetrack.features.boxes import queries, service
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers import service as container_acts
from wastetrack.features.containers.service import labels, mending
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store


def refused(do, *args, **given):
    with pytest.raises(Refusal) as caught:
        do(*args, **given)
    return [problem.code for problem in caught.value.problems]


def kinds(session, stream):
    return [event.kind.partition(".")[2] for event in ledger.stream(session, stream)]


def test_what_is_packed_stands_in_its_store_as_before_and_counts_once(packer, session, stands, load_of):
    store = packer.world.stores["hospital"]
    bags, box = packer.boxes(3), packer.box()
    before = containers.store(session, packer.world.people["manager"], store.id, NOON)
    packer.pack(box, *bags[:2])
    session.rollback()
    after = containers.store(session, packer.world.people["manager"], store.id, NOON)
    assert (after.count, after.mass, after.first) == (before.count, before.mass, before.first)
    assert [stands(one).state for one in bags] == [State.PACKED, State.PACKED, State.STORED]
    assert stands(bags[0]).must_leave_by == bags[0].must_leave_by
    assert load_of(box) == (2, 7_000)
    assert stands(box).state is BoxState.OPEN
    packer.take_out(box, bags[0])
    assert (stands(bags[0]).state, stands(bags[0]).box_id) == (State.STORED, None)
    assert load_of(box) == (1, 3_500)


def test_both_streams_tell_of_it_each_naming_the_other(packer, session):
    (bag,), box = packer.boxes(1), packer.box()
    packer.pack(box, bag)
    told = ledger.stream(session, containers.stream_of(bag.id))[-1]
    facts = json.loads(told.facts)
    assert (told.kind, facts["to"]["box"], facts["box_code"]) == ("container.pack", str(box.id), queries.shown(box))
    facts = json.loads(ledger.stream(session, queries.stream_of(box.id))[-1].facts)
    assert (facts["count"], facts["mass_g"], facts["state"]) == (1, 3_500, "open")
    assert facts["containers"] == [{"container": str(bag.id), "code": bag.code, "mass_g": 3_500}]
    assert list(ledger_service.verify(session)) == []


def test_one_in_a_box_is_not_moved_weighed_opened_repacked_or_made_void_alone(packer, session):
    box, bags = packer.filled(2)
    w, bag = packer.world, bags[0]
    place = container_acts.PlaceContainers(facility_id=w.stores["hospital"].id, codes=(bag.code,))
    problem = refused(packer.act, "manager", container_acts.place, place)
    assert problem == ["container.store_when_packed"]
    for do, command in (
        (mending.weigh, mending.WeighAgain(code=bag.code, mass="3")),
        (mending.open_up, mending.OpenContainer(code=bag.code, reason="演示")),
        (mending.repack, mending.Repack(code=bag.code, packaging="bag", mass="3", reason="演示")),
        (container_acts.void, container_acts.VoidContainer(code=bag.code, reason="演示")),
    ):
        with pytest.raises(Refusal) as caught:
            packer.act("manager", do, command)
        (problem,) = caught.value.problems
        assert problem.code.endswith("_when_packed")
        assert problem.facts["box"] == queries.shown(box)


def test_everything_against_packing_is_said_at_once(packer):
    box, bags = packer.box(capacity_count=1), packer.boxes(2)
    packer.pack(box, bags[0])
    (other,) = packer.boxes(1, who="factory", waste="900-041-49", mass="5")
    assert refused(packer.pack, box, bags[0], bags[1], other) == [
        "box.already_in_it", "box.other_holder", "compatibility.medical_other", "box.too_many",
    ]  # fmt: skip
    assert refused(packer.pack, box, bags[1], who="operator") == ["access.unknown"]


def test_a_closed_box_takes_and_gives_nothing_until_it_is_opened(packer, stands):
    box, bags = packer.filled(1)
    (more,) = packer.boxes(1)
    assert refused(packer.pack, box, more) == ["box.pack_when_closed"]
    assert refused(packer.take_out, box, bags[0]) == ["box.unpack_when_closed"]
    packer.pack(packer.reopen(box), more)
    assert stands(box).state is BoxState.OPEN


def test_the_same_form_sent_twice_is_one_act(packer, session, load_of):
    box, (bag,) = packer.box(), packer.boxes(1)
    for do, kind in ((service.pack, service.PackIn), (service.take_out, service.TakeOut)):
        command = kind(box_id=box.id, codes=(bag.code,), act_key=new_token())
        for _ in range(2):
            packer.act("manager", do, command)
    session.rollback()
    assert kinds(session, queries.stream_of(box.id)) == ["registered", "pack", "taken_out"]


def test_boxes_in_boxes_move_as_one_and_are_counted_through(packer, stands, load_of, session, work_as):
    pallet = packer.box(kind="pallet")
    box, bags = packer.filled(2)
    packer.pack(pallet, box)
    assert load_of(pallet) == load_of(box) == (2, 7_000)
    assert refused(packer.reopen, box) == ["box.in_another"]
    assert refused(packer.put, box, "hospital", "manager") == ["box.in_another"]
    assert refused(packer.pack, packer.box(), pallet) == ["box.put_in_when_open"]
    packer.put(pallet, "hospital", "manager")
    assert [one.code for one in queries.path(session, stands(bags[0]).box_id)] == [pallet.code, box.code]
    packer.take_out(pallet, box)
    assert (stands(box).parent_id, stands(pallet).state, load_of(pallet)) == (None, BoxState.READY, (0, 0))


def test_codes_are_of_one_thing_only(packer, session):
    assert labels.is_taken(session, packer.box().code)


# --- washing ---------------------------------------------------------------------------------------------------------


def test_an_emptied_box_is_washed_before_it_is_filled_again(packer, stands, session):
    box, (bag,) = packer.box(), packer.boxes(1)
    packer.pack(box, bag)
    packer.take_out(box, bag, now=NOON + HOUR)
    assert (stands(box).state, stands(box).unclean_since) == (BoxState.DIRTY, NOON + HOUR)
    assert refused(packer.pack, box, bag) == ["box.pack_when_dirty"]
    too_early = {"cleaned_at": NOON, "now": NOON + 2 * HOUR}
    assert refused(packer.clean, box, **too_early) == ["cleaning.before_use"]
    packer.clean(box, now=NOON + 2 * HOUR, note="含氯消毒剂")
    held = stands(box)
    assert (held.state, held.unclean_since, held.cleaned_at) == (BoxState.READY, None, NOON + 2 * HOUR)
    (row,) = queries.cleanings(session, held)
    assert (row.row.note, row.person) == ("含氯消毒剂", packer.world.people["manager"].name)
    packer.pack(box, bag, now=NOON + 3 * HOUR)


def test_a_pallet_needs_no_washing(packer, stands):
    pallet, bags = packer.box(kind="pallet"), packer.boxes(1)
    packer.pack(pallet, *bags)
    packer.take_out(pallet, *bags)
    assert stands(pallet).state is BoxState.READY
    assert refused(packer.clean, packer.filled(1)[0]) == ["box.clean_when_closed"]


def test_an_empty_box_goes_to_who_scans_it_in_and_a_full_one_only_to_its_holder(packer, stands):
    box, _bags = packer.filled(1)
    assert refused(packer.put, box, "plant", "operator") == ["box.foreign"]
    empty = packer.box()
    packer.put(empty, "plant", "operator")
    assert stands(empty).holder_organisation_id == packer.world.id("plant")
    assert stands(empty).owner_id == packer.world.id("hospital")
    packer.put(empty, "hospital", "manager")


def test_several_alike_are_registered_at_once_and_once(packer, session, work_as):
    given = {"kind": "turnover_box", "facility_id": packer.world.stores["hospital"].id, "name": "周转箱", "count": 3}
    command = service.RegisterBoxes.model_validate({**given, "act_key": "K"})
    first = packer.act("manager", service.register, command)
    again = packer.act("manager", service.register, command)
    assert [one.id for one in first] == [one.id for one in again]
    assert [one.name for one in first] == ["周转箱 01", "周转箱 02", "周转箱 03"]


def test_only_who_keeps_boxes_registers_and_only_the_owner_retires(packer, stands):
    assert refused(packer.box, who="collector") == ["access.forbidden"]
    box = packer.box()
    packer.put(box, "plant", "operator")
    gone = service.RetireBox(box_id=box.id, reason="破损")
    assert refused(packer.act, "operator", service.retire, gone) == ["box.foreign"]
    packer.put(box, "hospital", "manager")
    packer.act("manager", service.retire, gone)
    assert stands(box).state is BoxState.RETIRED
    assert refused(packer.put, box, "hospital", "manager") == ["box.store_when_retired"]


def test_the_tables_of_boxes_are_what_their_streams_say(packer, session):
    pallet, (box, bags) = packer.box(kind="pallet"), packer.filled(2)
    packer.pack(pallet, box)
    packer.put(pallet, "hospital", "manager")
    packer.take_out(pallet, box)
    packer.take_out(packer.reopen(box), *bags)
    packer.clean(box, now=NOON + HOUR)
    gone = service.RetireBox(box_id=box.id, reason="破损")
    packer.act("manager", service.retire, gone)
    assert_rebuilds(session, REBUILT.of("boxes", "containers"))
