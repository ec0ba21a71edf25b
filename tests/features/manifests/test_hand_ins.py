"""What is declared for handing in at a station is not also put on a manifest; once that ends, it may be."""

import pytest

from tests.features.manifests.test_refusals import codes, refusal, together
from tests.living import shown_hand_in
from wastetrack.domain.problems import Refusal
from wastetrack.features.collection import service as collection
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.ids import new_token


@pytest.fixture(autouse=True)
def small_hospital(trade, work_as):
    """The hospital is small enough to hand in at the station."""
    with work_as() as work:
        hospital = work.session.get_one(Organisation, trade.world.id("hospital"))
        hospital.beds, hospital.station_facility_id = 10, trade.world.stores["station"].id


def declare(trade, *boxes):
    command = collection.DeclareHandIn(container_ids=tuple(box.id for box in boxes), act_key=new_token())
    return trade.act("manager", collection.declare, command)


def test_a_box_on_an_open_hand_in_is_not_drafted_and_is_named(trade):
    box, other = trade.boxes(2)
    declare(trade, box)
    found = refusal(trade.draft, [box, other])
    assert codes(found) == ["manifest.on_hand_in"]


def test_a_box_that_came_on_a_hand_in_after_the_draft_is_not_signed(trade, work_as):
    box = trade.boxes(1)[0]
    other = trade.boxes(1)[0]
    hand_in = declare(trade, other)
    draft = trade.draft([box])
    with work_as() as work:  # as a store of an older version may hold it
        work.session.get_one(Container, box.id).hand_in_id = hand_in.id
    assert codes(refusal(trade.sign, draft)) == ["manifest.on_hand_in"]


def test_after_the_hand_in_is_cancelled_the_box_may_go_on_a_manifest(trade, stands):
    box = trade.boxes(1)[0]
    hand_in = declare(trade, box)
    trade.act("manager", collection.cancel, collection.CancelHandIn(hand_in_id=hand_in.id, act_key=new_token()))
    assert stands(Container, box.id).hand_in_id is None
    assert trade.signed([box]).number


def test_what_the_station_received_and_what_it_did_not_find_is_free(trade, stands):
    brought, kept = boxes = trade.boxes(2)
    hand_in = declare(trade, *boxes)
    command = collection.ReceiveHandedIn(code=brought.code, hand_in_id=hand_in.id, act_key=new_token())
    hand_in = trade.act("attendant", collection.receive_box, command).hand_in
    assert [stands(Container, box.id).hand_in_id for box in boxes] == [None, hand_in.id]
    with trade.work_as(trade.world.people["attendant"]) as work:
        words = shown_hand_in(work, hand_in)
        command = collection.FinishHandIn(
            hand_in_id=hand_in.id, version=hand_in.version, shown=words, act_key=new_token()
        )
        collection.finish(work, command)
    assert stands(Container, kept.id).hand_in_id is None


def test_a_box_drafted_and_declared_at_once_is_on_one_of_the_two(trade, stands):
    box = trade.boxes(1)[0]
    told = together(lambda: trade.draft([box]), lambda: declare(trade, box))
    assert sum(isinstance(one, Refusal) for one in told) == 1
    now = stands(Container, box.id)
    assert (now.manifest_id is None) != (now.hand_in_id is None)
