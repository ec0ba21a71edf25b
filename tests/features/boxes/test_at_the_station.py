"""A clinic hands a large box in whole: declared by its code, received by one scan, packed in the station's store."""

import json

import pytest

from tests.chain import _at_noon, sealed, signed_in, standing
from tests.features.boxes.test_packing import refused
from tests.rebuilding import REBUILT, assert_rebuilds
from wastetrack.domain.boxes import BoxState
from wastetrack.domain.collection import BoxNote, HandInState
from wastetrack.domain.containers import State
from wastetrack.features.boxes import queries as boxes
from wastetrack.features.collection import queries, service
from wastetrack.features.containers import queries as containers
from wastetrack.features.ledger import queries as ledger
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
__all__ = ["_at_noon", "signed_in"]


@pytest.fixture
def clinic(packer, work_as, world):
    """Return a maker of closed boxes with bags in them, standing in the store of a clinic."""

    def filled(count=2, clinic="a", close=True):
        who, store = f"doctor_{clinic}", f"clinic_{clinic}"
        bags = [standing(work_as, sealed(work_as, world.people[who]), world, store) for _ in range(count)]
        box = packer.pack(packer.box(who, store=store), *bags, who=who)
        return (packer.close(box, who) if close else box), bags

    return filled


@pytest.fixture
def declare(packer):
    def do(*things, who="doctor_a", ids=()):
        command = service.DeclareHandIn(
            codes=tuple(one.code for one in things), container_ids=tuple(one.id for one in ids), act_key=new_token()
        )
        return packer.act(who, service.declare, command)

    return do


@pytest.fixture
def scan(packer):
    def do(thing, hand_in=None, who="attendant", **given):
        command = {"code": thing.code, "hand_in_id": hand_in.id if hand_in else None, "act_key": new_token(), **given}
        return packer.act(who, service.receive_box, service.ReceiveHandedIn.model_validate(command))

    return do


def told(session, stream):
    last = ledger.stream(session, stream)[-1]
    return last.kind, json.loads(last.facts)


def test_a_box_is_declared_by_its_code_and_received_by_one_scan(clinic, declare, scan, stands, session, world):
    box, bags = clinic(2)
    hand_in = declare(box)
    assert {stands(one).hand_in_id for one in bags} == {hand_in.id}
    taken = scan(box)
    assert (taken.hand_in.id, taken.note, len(taken.containers)) == (hand_in.id, None, 2)
    here = world.id("station"), world.stores["station"].id
    for one in map(stands, [*bags, box]):
        assert (one.holder_organisation_id, one.holder_facility_id) == here
    assert [(stands(one).state, stands(one).box_id, stands(one).hand_in_id) for one in bags] == [
        (State.PACKED, box.id, None)
    ] * 2
    assert stands(box).state is BoxState.CLOSED
    for bag in bags:
        kind, facts = told(session, containers.stream_of(bag.id))
        assert (kind, facts["hand_in"], facts["box_code"]) == (
            "container.hand_in", str(hand_in.id), boxes.shown(box),
        )  # fmt: skip
    kinds = [event.kind for event in ledger.stream(session, queries.stream_of(hand_in.id))]
    assert kinds == ["hand_in.declared", "hand_in.box_received", "hand_in.box_received"]
    assert told(session, queries.stream_of(hand_in.id))[1]["large_box_code"] == box.code
    assert told(session, boxes.stream_of(box.id))[0] == "box.hand_in"
    assert all(row.received_at is not None for row, _one in queries.boxes_of(session, hand_in.id))
    assert refused(scan, box) == ["hand_in.already"]
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "collection"))


def test_the_same_scan_sent_twice_is_one_act(clinic, declare, scan, session):
    box, _bags = clinic(2)
    hand_in = declare(box)
    scan(box, act_key="K")
    assert scan(box, act_key="K").hand_in.id == hand_in.id
    kinds = [event.kind for event in ledger.stream(session, boxes.stream_of(box.id))]
    assert kinds.count("box.hand_in") == 1


def test_a_box_that_nobody_declared_opens_a_hand_in(clinic, scan, stands, session):
    box, bags = clinic(2)
    taken = scan(box)
    assert (taken.hand_in.state, taken.note) == (HandInState.DECLARED, BoxNote.UNDECLARED)
    rows = queries.boxes_of(session, taken.hand_in.id)
    assert sorted(row.position for row, _one in rows) == [1, 2]
    assert {row.note for row, _one in rows} == {BoxNote.UNDECLARED}
    assert {stands(one).state for one in bags} == {State.PACKED}
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "collection"))


def test_a_box_is_declared_whole_or_not_at_all(clinic, declare, stands):
    box, bags = clinic(2)
    assert refused(declare, ids=bags[:1]) == ["manifest.box_partly"]
    assert {stands(declare(ids=bags)).state} == {HandInState.DECLARED}
    assert refused(declare, box) == ["hand_in.twice"] * 2


def test_an_open_box_is_neither_declared_nor_received(clinic, declare, scan):
    box, bags = clinic(1, close=False)
    assert refused(declare, box) == ["box.hand_in_when_open"]
    assert refused(declare, ids=bags) == ["box.hand_in_when_open"]
    assert refused(scan, box) == ["box.hand_in_when_open"]


def test_one_of_a_box_is_not_received_alone(clinic, declare, scan, stands):
    box, bags = clinic(2)
    declare(box)
    assert refused(scan, bags[0]) == ["container.hand_in_when_packed"]
    assert stands(bags[0]).box_id == box.id


def test_what_stands_against_a_box_is_named_together(clinic, declare, scan, packer, work_as, stands):
    box, bags = clinic(2)
    declare(box)
    assert refused(scan, box, mass="5.00") == ["hand_in.box_mass"]
    with work_as() as work:
        for one in bags:
            work.session.merge(stands(one)).medical = False
    assert refused(scan, box, mass="5.00") == ["hand_in.box_mass", *["store.only_medical"] * 2]
    assert {stands(one).state for one in bags} == {State.PACKED}


def test_a_box_of_somebody_else_tells_nothing_of_what_is_in_it(clinic, declare, scan, packer):
    box, _bags = clinic(1)
    other, _others = clinic(1, "b")
    hand_in = declare(box)
    assert refused(scan, other, hand_in) == ["hand_in.of_another"]
    assert refused(declare, other) == ["box.foreign"]
    hospital, _inside = packer.filled(1)
    assert refused(scan, hospital) == ["hand_in.not_for_here"]


def test_a_box_on_a_pallet_is_received_with_the_pallet(clinic, declare, scan, packer, stands, session):
    box, bags = clinic(2)
    pallet = packer.pack(packer.box("doctor_a", "pallet", "clinic_a"), box, who="doctor_a")
    packer.close(pallet, "doctor_a")
    assert refused(declare, box) == ["box.in_another"]
    declare(pallet)
    assert refused(scan, box) == ["box.in_another"]
    scan(pallet)
    assert {stands(one).holder_facility_id for one in [*bags, box, pallet]} == {packer.world.stores["station"].id}
    assert stands(box).parent_id == pallet.id
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "collection"))


def test_the_pages_say_which_box_to_scan_and_what_was_received(clinic, signed_in):
    box, bags = clinic(2)
    doctor, attendant = signed_in("doctor_a", "en"), signed_in("attendant", "en")
    page = doctor.get("/hand-ins").text
    assert page.count(f"in large box {boxes.shown(box)}") == 2
    form = {"container_ids": [str(one.id) for one in bags], "act_key": new_token()}
    here = doctor.post("/hand-ins", form).location
    assert page.count(boxes.shown(box)) == attendant.get(here).text.count(f"in large box {boxes.shown(box)}") == 2
    sent = {"code": box.code, "evidence": "typed", "act_key": new_token()}
    page = attendant.post(f"{here}/receive", sent, follow=True).text
    assert f"Received large box {boxes.shown(box)}: 2 containers, 5.00 kg." in page
    wrong = attendant.post(f"{here}/receive", {**sent, "act_key": new_token()})
    assert wrong.status_code == 409
    assert "already received" in wrong.text
