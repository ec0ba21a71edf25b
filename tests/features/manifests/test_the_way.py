"""A load on its way from the hospital's store to the furnace, and every turn it can take."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from wastetrack.domain.containers import State as Box
from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.manifests import service
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.infra.ids import new_token


def refusal_of(do, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    return [problem.code for problem in caught.value.problems]


def test_a_load_goes_from_draft_to_completed(trade, stands):
    boxes = trade.boxes(3)
    manifest = trade.draft(boxes)
    assert (manifest.state, manifest.number) == (State.DRAFT, None)
    manifest = trade.sign(manifest)
    assert (manifest.state, manifest.number) == (State.SIGNED, "20261301000001")
    manifest = trade.depart(trade.load(manifest, *boxes))
    assert manifest.state is State.IN_TRANSIT
    manifest = trade.arrive(manifest)
    assert manifest.state is State.ARRIVED
    manifest = trade.confirm(trade.receive(manifest, *boxes))
    assert manifest.state is State.ACCEPTED
    assert trade.treat(*boxes[:2])[0].state is State.ACCEPTED
    assert trade.treat(boxes[2])[0].state is State.COMPLETED
    assert stands(Manifest, manifest.id).completed_at is not None


def test_the_ledger_of_the_whole_way_is_intact(trade, session):
    boxes = trade.boxes(2)
    trade.confirm(trade.receive(trade.arrived(boxes), *boxes))
    trade.treat(*boxes)
    assert list(ledger_service.verify(session)) == []


def test_a_loaded_box_is_held_by_the_carrier_on_the_leg_and_then_by_the_plant(trade, stands):
    boxes = trade.boxes(1)
    manifest = trade.load(trade.signed(boxes), *boxes)
    held = stands(Container, boxes[0].id)
    assert (held.state, held.holder_organisation_id) == (Box.LOADED, trade.world.id("carrier"))
    assert held.holder_leg_id is not None
    trade.receive(trade.depart(manifest), *boxes)
    held = stands(Container, boxes[0].id)
    assert (held.state, held.holder_facility_id) == (Box.STORED, trade.world.stores["plant"].id)
    assert held.manifest_id is None


def test_confirmation_is_due_five_working_days_after_arrival(trade):
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    assert manifest.confirm_by == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # Monday the 30th, 24:00 in China


def test_the_first_box_scanned_by_the_receiver_says_that_the_truck_is_there(trade):
    boxes = trade.boxes(2)
    manifest = trade.depart(trade.load(trade.signed(boxes), *boxes))
    assert trade.receive(manifest, boxes[0]).state is State.ARRIVED


def test_the_receiver_can_say_that_the_truck_is_there(trade):
    boxes = trade.boxes(1)
    manifest = trade.depart(trade.load(trade.signed(boxes), *boxes))
    assert trade.arrive(manifest, who="operator").state is State.ARRIVED


# --- not everything comes along --------------------------------------------------------------------------------------


def test_departing_names_what_is_not_on_the_vehicle(trade, stands):
    boxes = trade.boxes(3)
    manifest = trade.load(trade.signed(boxes), boxes[0])
    assert refusal_of(trade.depart, manifest) == ["manifest.not_all_loaded"]
    assert stands(Manifest, manifest.id).state is State.SIGNED


def test_boxes_left_behind_stay_in_the_store_and_may_go_on_another_manifest(trade, stands):
    boxes = trade.boxes(3)
    manifest = trade.depart(trade.load(trade.signed(boxes), boxes[0]), leave_behind=True)
    assert manifest.state is State.IN_TRANSIT
    assert stands(Container, boxes[1].id).state is Box.STORED
    assert trade.signed(boxes[1:]).number == "20261301000002"
    manifest = trade.confirm(trade.receive(trade.arrive(manifest), boxes[0]))
    assert manifest.state is State.ACCEPTED


def test_an_empty_vehicle_does_not_depart(trade):
    manifest = trade.signed()
    assert refusal_of(trade.depart, manifest, leave_behind=True) == ["manifest.nothing_loaded"]


def test_an_unloaded_box_stands_in_the_store_again(trade, stands):
    boxes = trade.boxes(1)
    manifest = trade.load(trade.signed(boxes), *boxes)
    trade.scan("driver", service.unload, manifest, boxes[0])
    assert stands(Container, boxes[0].id).holder_facility_id == trade.world.stores["hospital"].id


def test_missing_boxes_are_named_before_the_receipt_is_confirmed(trade, stands):
    boxes = trade.boxes(2)
    manifest = trade.receive(trade.arrived(boxes), boxes[0])
    assert refusal_of(trade.confirm, manifest) == ["manifest.boxes_missing"]
    manifest = trade.confirm(manifest, name_missing=True)
    assert manifest.state is State.PARTLY_ACCEPTED
    assert stands(Container, boxes[1].id).state is Box.MISSING
    assert stands(ManifestBox, (manifest.id, boxes[1].id)).verdict is Verdict.MISSING


def test_a_missing_box_that_is_found_is_received_and_the_manifest_follows(trade, stands):
    boxes = trade.boxes(2)
    manifest = trade.confirm(trade.receive(trade.arrived(boxes), boxes[0]), name_missing=True)
    trade.treat(boxes[0])
    assert stands(Manifest, manifest.id).state is State.COMPLETED
    assert trade.receive(manifest, boxes[1]).state is State.ACCEPTED
    assert stands(Manifest, manifest.id).completed_at is None
    assert trade.treat(boxes[1])[0].state is State.COMPLETED


def test_a_missing_box_may_turn_up_at_the_consignor(trade, stands):
    boxes = trade.boxes(2)
    manifest = trade.confirm(trade.receive(trade.arrived(boxes), boxes[0]), name_missing=True)
    trade.scan("manager", service.take_back, manifest, boxes[1])
    assert stands(Container, boxes[1].id).state is Box.STORED


def test_a_refused_box_goes_back_to_the_consignor_and_is_free(trade, stands):
    boxes = trade.boxes(2)
    manifest = trade.refuse(trade.receive(trade.arrived(boxes), boxes[0]), boxes[1])
    assert stands(Container, boxes[1].id).state is Box.REFUSED
    manifest = trade.confirm(manifest)
    assert manifest.state is State.PARTLY_ACCEPTED
    trade.scan("manager", service.take_back, manifest, boxes[1])
    held = stands(Container, boxes[1].id)
    assert (held.holder_facility_id, held.manifest_id) == (trade.world.stores["hospital"].id, None)
    assert trade.signed([boxes[1]]).state is State.SIGNED


def test_a_load_refused_as_a_whole_is_rejected(trade):
    boxes = trade.boxes(2)
    manifest = trade.arrived(boxes)
    for box in boxes:
        manifest = trade.refuse(manifest, box)
    assert trade.confirm(manifest).state is State.REJECTED


def test_an_accepted_box_is_not_taken_back(trade):
    boxes = trade.boxes(1)
    manifest = trade.receive(trade.arrived(boxes), *boxes)
    assert refusal_of(trade.scan, "manager", service.take_back, manifest, boxes[0]) == ["manifest.nothing_to_take_back"]


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_a_discarded_draft_frees_its_boxes(trade, stands):
    boxes = trade.boxes(2)
    manifest = trade.draft(boxes)
    command = service.DiscardDraft(manifest_id=manifest.id, act_key=new_token())
    assert trade.act("manager", service.discard, command).state is State.DISCARDED
    assert stands(Container, boxes[0].id).manifest_id is None


def test_a_changed_draft_holds_exactly_its_new_boxes(trade, stands, session):
    boxes = trade.boxes(3)
    manifest = trade.draft(boxes[:2])
    plan = trade.plan(boxes[1:], manifest_id=manifest.id, version=manifest.version)
    manifest = trade.act("manager", service.change_draft, service.ChangeDraft(**plan))
    on_it = session.scalars(select(ManifestBox.container_id).where(ManifestBox.manifest_id == manifest.id))
    assert set(on_it) == {boxes[1].id, boxes[2].id}
    assert stands(Container, boxes[0].id).manifest_id is None
    assert trade.sign(manifest).state is State.SIGNED


def test_a_voided_manifest_frees_its_boxes_and_keeps_its_number(trade, stands):
    boxes = trade.boxes(1)
    manifest = trade.signed(boxes)
    command = service.VoidManifest(manifest_id=manifest.id, reason="车辆故障", act_key=new_token())
    assert trade.act("manager", service.void, command).state is State.VOID
    assert stands(Container, boxes[0].id).manifest_id is None
    assert trade.signed(boxes).number == "20261301000002"


def test_a_reason_that_no_print_could_show_is_refused_and_the_manifest_stays_signed(trade, stands):
    manifest = trade.signed(trade.boxes(1))
    command = service.VoidManifest(manifest_id=manifest.id, reason="车坏了🚚", act_key=new_token())
    assert refusal_of(trade.act, "manager", service.void, command) == ["print.glyph_missing"]
    assert stands(Manifest, manifest.id).state is State.SIGNED


def test_a_manifest_with_boxes_on_the_vehicle_is_not_voided(trade):
    boxes = trade.boxes(1)
    manifest = trade.load(trade.signed(boxes), *boxes)
    command = service.VoidManifest(manifest_id=manifest.id, reason="车辆故障", act_key=new_token())
    assert refusal_of(trade.act, "manager", service.void, command) == ["manifest.void_while_loaded"]


# --- the same act twice ----------------------------------------------------------------------------------------------


def test_the_same_draft_sent_twice_is_one_manifest(trade):
    plan = trade.plan(trade.boxes(2))
    first = trade.act("manager", service.draft, service.DraftManifest(**plan))
    assert trade.act("manager", service.draft, service.DraftManifest(**plan)).id == first.id


def test_the_same_signature_sent_twice_is_one(trade, session):
    manifest, key = trade.draft(), new_token()
    version = manifest.version
    trade.sign(manifest, act_key=key)
    again = trade.sign(manifest, act_key=key, version=version)
    assert again.number == "20261301000001"
    kinds = [event.kind for event in ledger.stream(session, f"manifest:{manifest.id}")]
    assert kinds == ["manifest.drafted", "manifest.signed"]


def test_one_form_sent_twice_with_two_labels_is_two_scans(trade, stands):
    boxes, key = trade.boxes(2), new_token()
    manifest = trade.signed(boxes)
    for box in (*boxes, boxes[0]):
        trade.scan("driver", service.load, manifest, box, act_key=key)
    assert {stands(Container, box.id).state for box in boxes} == {Box.LOADED}
