"""What counts on the receiver's yearly quantity, gram by gram, at every step of a load's way."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from tests.features.manifests.conftest import Trade
from tests.features.manifests.test_papers import at_once, refused
from wastetrack.domain.manifests import State
from wastetrack.domain.parties import LicenceKind
from wastetrack.features.manifests import service
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import shapes
from wastetrack.infra.ids import new_token

BOX = 3_500
FULL = ["papers.licence_quantity"]


@pytest.fixture
def taken(trade: Trade, session: Session) -> Callable[..., int]:
    def grams(year: int = 2026) -> int:
        session.rollback()
        return sum(flow.mass_g for flow in parties.taken_in(session, trade.world.id("plant"), year))

    return grams


def limit(trade: Trade, grams: int) -> None:
    trade.change_licence(LicenceKind.OPERATING, yearly_quantity_g=grams)


def void(trade: Trade, manifest: Manifest) -> Manifest:
    command = service.VoidManifest(manifest_id=manifest.id, reason="改期", act_key=new_token())
    return trade.act("manager", service.void, command)


def test_every_step_of_a_load_counts_each_box_once(trade: Trade, taken: Callable[..., int]) -> None:
    left, weighed, unweighed, sent_back, lost = boxes = trade.boxes(5)
    manifest = trade.draft(boxes)
    assert taken() == 0, "a draft is no more than a wish"
    manifest = trade.sign(manifest)
    assert taken() == 5 * BOX
    manifest = trade.load(manifest, *boxes[1:])
    assert taken() == 5 * BOX
    manifest = trade.arrive(trade.depart(manifest, leave_behind=True))
    assert taken() == 4 * BOX, "what the vehicle left behind is free again"
    manifest = trade.receive(manifest, weighed, mass="4.20")
    assert taken() == 3 * BOX + 4_200, "the receiver's scale counts"
    manifest = trade.receive(manifest, unweighed)
    assert taken() == 3 * BOX + 4_200
    manifest = trade.refuse(manifest, sent_back)
    assert taken() == 2 * BOX + 4_200
    manifest = trade.scan("operator", service.withdraw, manifest, sent_back)
    assert taken() == 3 * BOX + 4_200, "the verdict was taken back: the box is as good as on the vehicle"
    manifest = trade.refuse(manifest, sent_back)
    manifest = trade.scan("operator", service.withdraw, manifest, weighed)
    assert taken() == 3 * BOX, "what the receiver had weighed goes with the verdict"
    manifest = trade.confirm(trade.receive(manifest, weighed, mass="3.10"), name_missing=True)
    assert taken() == BOX + 3_100, "what is missing has not been taken"
    trade.scan("manager", service.take_back, manifest, sent_back)
    assert taken() == BOX + 3_100
    trade.receive(manifest, lost, mass="3.00")
    assert taken() == BOX + 3_100 + 3_000, "a box that is found after all is taken"
    trade.treat(weighed, unweighed, lost)
    assert taken() == BOX + 3_100 + 3_000, "treatment counts nothing a second time"
    trade.signed([left])
    assert taken() == 2 * BOX + 3_100 + 3_000


def test_a_gram_more_than_stated_is_a_gram_less_for_the_next(trade: Trade) -> None:
    limit(trade, 2 * BOX)
    (box,) = boxes = trade.boxes(1)
    manifest, second = trade.arrived(boxes), trade.draft(trade.boxes(1))
    manifest = trade.receive(manifest, box, mass="3.501")
    assert refused(trade.sign, second) == FULL
    trade.receive(trade.scan("operator", service.withdraw, manifest, box), box, mass="3.500")
    assert trade.sign(second).state is State.SIGNED


def test_what_arrives_heavier_than_the_year_allows_is_received_and_seen(
    trade: Trade, session: Session, taken: Callable[..., int]
) -> None:
    limit(trade, BOX)
    boxes = trade.boxes(1)
    trade.receive(trade.arrived(boxes), *boxes, mass="4.00")
    assert taken() == 4_000
    plant = trade.world.organisations["plant"]
    licences = parties.licences_of(session, plant.id)
    (quantity,) = shapes.quantities(session, plant, licences, datetime(2026, 11, 23, tzinfo=UTC).date()).values()
    assert (quantity.used_g, quantity.left_g) == (4_000, 0)


@pytest.mark.parametrize("release", ["void", "refuse", "leave behind", "missing"])
def test_what_does_not_come_after_all_makes_room(trade: Trade, release: str) -> None:
    limit(trade, 2 * BOX)
    boxes, second = trade.boxes(2), trade.draft(trade.boxes(1))
    if release == "void":
        manifest = trade.signed(boxes)
        assert refused(trade.sign, second) == FULL
        void(trade, manifest)
    elif release == "leave behind":
        manifest = trade.load(trade.signed(boxes), boxes[0])
        assert refused(trade.sign, second) == FULL
        trade.depart(manifest, leave_behind=True)
    else:
        manifest = trade.receive(trade.arrived(boxes), boxes[0])
        assert refused(trade.sign, second) == FULL
        judged = trade.refuse(manifest, boxes[1]) if release == "refuse" else manifest
        trade.confirm(judged, name_missing=release == "missing")
    assert trade.sign(second).state is State.SIGNED


def test_a_load_over_new_year_counts_where_it_is_received(trade: Trade, taken: Callable[..., int]) -> None:
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    assert (taken(2026), taken(2027)) == (BOX, BOX), "on its way it keeps room in either year"
    late = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the first moment of 2027 in Shanghai
    command = service.ReceiveBox(manifest_id=manifest.id, code=boxes[0].code, act_key=new_token())
    trade.act("operator", service.receive_box, command, late)
    assert (taken(2026), taken(2027)) == (0, BOX)


@pytest.mark.parametrize("other", ["void", "refuse", "receive more"])
def test_whoever_signs_while_room_is_made_or_taken_sees_the_one_or_the_other(
    trade: Trade, session: Session, taken: Callable[..., int], other: str
) -> None:
    """Both at the same moment: the sum is right whoever was first, and nothing is signed beyond what it saw."""
    heavier = other == "receive more"
    limit(trade, 2 * BOX if heavier else BOX)
    boxes, second = trade.boxes(1), trade.draft(trade.boxes(1))
    manifest = trade.signed(boxes) if other == "void" else trade.arrived(boxes)
    acts = {
        "void": lambda: void(trade, manifest),
        "refuse": lambda: trade.refuse(manifest, boxes[0]),
        "receive more": lambda: trade.receive(manifest, boxes[0], mass="4.00"),
    }
    codes = at_once(acts[other], lambda: trade.sign(second))
    session.rollback()
    signed = session.get_one(Manifest, second.id).state is State.SIGNED
    assert codes == ([] if signed else FULL)
    assert taken() == (4_000 if heavier else 0) + (BOX if signed else 0)
    if signed:
        third = trade.draft(trade.boxes(1))
        assert refused(trade.sign, third) == FULL
    elif not heavier:
        assert trade.sign(second).state is State.SIGNED, "there is room now"
