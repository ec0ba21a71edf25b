"""A verdict given by mistake is taken back before part three is signed, and stays on the record."""

import json

import pytest

from tests.features.manifests.test_refusals import codes, refusal, together
from tests.living import shown_batch
from wastetrack.domain.containers import State as BoxState
from wastetrack.domain.manifests import State, Verdict
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests import service
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.features.treatment.service import ChooseBatch, treat
from wastetrack.infra.ids import new_token


@pytest.fixture
def arrived(trade):
    """Two boxes at the plant's gate."""
    boxes = trade.boxes(2)
    return trade.arrived(boxes), boxes


def withdraw(trade, manifest, box, who="operator", **given):
    return trade.scan(who, service.withdraw, manifest, box, **given)


def test_an_accepted_box_is_on_the_vehicle_again(trade, arrived, stands):
    manifest, (box, _other) = arrived
    before = stands(Container, box.id)
    held = (before.state, before.holder_organisation_id, before.holder_leg_id, before.manifest_id)
    withdraw(trade, trade.receive(manifest, box), box)
    now = stands(Container, box.id)
    assert (now.state, now.holder_organisation_id, now.holder_leg_id, now.manifest_id) == held
    assert now.holder_facility_id is now.must_leave_by is None


def test_a_refused_box_is_on_the_vehicle_again(trade, arrived, stands):
    manifest, (box, _other) = arrived
    withdraw(trade, trade.refuse(manifest, box), box)
    row = stands(ManifestBox, (manifest.id, box.id))
    assert (row.verdict, row.verdict_reason, row.received_at, row.received_g) == (None, None, None, None)
    assert stands(Container, box.id).state is BoxState.LOADED


def test_a_box_can_be_judged_anew_and_the_receipt_signed(trade, arrived, stands):
    manifest, boxes = arrived
    manifest = withdraw(trade, trade.refuse(manifest, boxes[0]), boxes[0])
    manifest = trade.confirm(trade.receive(manifest, *boxes))
    assert manifest.state is State.ACCEPTED
    assert stands(ManifestBox, (manifest.id, boxes[0].id)).verdict is Verdict.ACCEPTED


def test_both_streams_keep_the_verdict_and_that_it_was_taken_back(trade, arrived, session):
    manifest, (box, _other) = arrived
    withdraw(trade, trade.refuse(manifest, box, reason="误扫"), box)
    own = ledger.stream(session, f"container:{box.id}")[-2:]
    whole = ledger.stream(session, f"manifest:{manifest.id}")[-2:]
    assert [event.kind for event in own] == ["container.refuse", "container.withdraw"]
    assert [event.kind for event in whole] == ["manifest.box_refused", "manifest.verdict_withdrawn"]
    said = json.loads(whole[-1].facts)
    assert (said["verdict"], said["reason"], said["code"]) == ("refused", "误扫", box.code)


def test_a_repeat_is_the_same_act_also_when_the_box_was_judged_again_meanwhile(trade, arrived, stands):
    manifest, (box, _other) = arrived
    key = new_token()
    trade.receive(manifest, box)
    withdraw(trade, manifest, box, act_key=key)
    trade.receive(manifest, box)
    withdraw(trade, manifest, box, act_key=key)
    assert stands(ManifestBox, (manifest.id, box.id)).verdict is Verdict.ACCEPTED


def test_a_box_without_a_verdict_has_none_to_take_back(trade, arrived):
    manifest, (box, _other) = arrived
    assert codes(refusal(withdraw, trade, manifest, box)) == ["manifest.no_verdict"]


def test_after_part_three_is_signed_a_verdict_stays(trade, arrived):
    manifest, boxes = arrived
    trade.confirm(trade.receive(manifest, *boxes))
    assert codes(refusal(withdraw, trade, manifest, boxes[0])) == ["manifest.receive_when_accepted"]


def test_what_was_treated_keeps_its_verdict(trade, arrived, stands):
    manifest, (box, _other) = arrived
    trade.receive(manifest, box)
    trade.treat(box)
    assert codes(refusal(withdraw, trade, manifest, box)) == ["manifest.verdict_stands"]
    assert stands(Container, box.id).state is BoxState.TREATED


@pytest.mark.parametrize("who", ["manager", "driver", "attendant"])
def test_only_the_receiver_takes_a_verdict_back(trade, arrived, who):
    manifest, (box, _other) = arrived
    trade.receive(manifest, box)
    assert codes(refusal(withdraw, trade, manifest, box, who=who))[0].startswith("access.")


def test_signing_what_was_shown_before_a_verdict_was_taken_back_is_refused(trade, arrived):
    manifest, boxes = arrived
    shown = trade.receive(manifest, *boxes).version
    withdraw(trade, manifest, boxes[0])
    assert codes(refusal(trade.confirm, manifest, version=shown)) == ["manifest.changed_meanwhile"]


def test_of_two_taking_a_verdict_back_at_once_one_does(trade, arrived, session):
    manifest, (box, _other) = arrived
    trade.receive(manifest, box)
    told = together(*[lambda: withdraw(trade, manifest, box)] * 2)
    assert sorted(isinstance(one, Manifest) for one in told) == [False, True]
    kinds = [event.kind for event in ledger.stream(session, f"container:{box.id}")]
    assert kinds.count("container.withdraw") == 1


def test_treating_and_taking_the_verdict_back_at_once_end_in_one_of_the_two(trade, arrived, stands):
    manifest, (box, _other) = arrived
    trade.receive(manifest, box)
    chosen = ChooseBatch(facility_id=trade.world.stores["plant"].id, mode="Y10", container_ids=(box.id,))
    with trade.work_as(trade.world.people["operator"]) as work:
        command = shown_batch(work, chosen)
    told = together(lambda: withdraw(trade, manifest, box), lambda: trade.act("operator", treat, command))
    assert sum(isinstance(one, Exception) for one in told) == 1
    row, now = stands(ManifestBox, (manifest.id, box.id)), stands(Container, box.id)
    assert (row.verdict, now.state) in {(None, BoxState.LOADED), (Verdict.ACCEPTED, BoxState.TREATED)}
