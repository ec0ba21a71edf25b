"""A large box on its way: one scan moves everything in it, and each container's history shows it."""

import json

import pytest

from tests.conftest import NOON
from tests.features.boxes.test_packing import refused
from tests.living import shown_batch
from tests.rebuilding import REBUILT, assert_rebuilds
from wastetrack.domain.boxes import BoxState
from wastetrack.domain.containers import State
from wastetrack.domain.manifests import State as Progress
from wastetrack.features.boxes import queries
from wastetrack.features.containers import queries as containers
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests import service
from wastetrack.features.treatment import service as treatment
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store


def where(one):
    return one.holder_organisation_id, one.holder_facility_id, one.holder_leg_id


def test_one_scan_loads_and_one_receives_everything_in_a_box(packer, stands, session):
    box, bags = packer.filled(3)
    manifest = packer.load(packer.signed(bags), box)
    assert [stands(one).state for one in bags] == [State.LOADED] * 3
    assert {where(stands(one)) for one in [*bags, box]} == {where(stands(box))}
    assert stands(box).holder_organisation_id == packer.world.id("carrier")
    manifest = packer.receive(packer.arrive(packer.depart(manifest)), box)
    assert [stands(one).state for one in bags] == [State.PACKED] * 3
    assert {where(stands(one)) for one in [*bags, box]} == {
        (packer.world.id("plant"), packer.world.stores["plant"].id, None)
    }
    assert packer.confirm(manifest).state is Progress.ACCEPTED
    facts = json.loads(ledger.stream(session, containers.stream_of(bags[0].id))[-1].facts)
    assert (facts["box_code"], facts["to"]["box"]) == (queries.shown(box), str(box.id))
    facts = json.loads(ledger.stream(session, queries.stream_of(box.id))[-1].facts)
    assert (facts["state"], facts["count"], facts["mass_g"]) == ("closed", 3, 10_500)
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "manifests", "treatment"))


def test_a_single_one_of_a_box_is_not_loaded_or_unloaded(packer, stands):
    box, bags = packer.filled(2)
    manifest = packer.signed(bags)
    assert refused(packer.load, manifest, bags[0]) == ["container.load_when_packed"]
    packer.load(manifest, box)
    assert refused(packer.scan, "driver", service.unload, manifest, bags[0]) == ["container.unload_when_packed"]
    packer.scan("driver", service.unload, manifest, box)
    assert [stands(one).state for one in bags] == [State.PACKED] * 2
    assert (stands(box).state, stands(box).holder_leg_id) == (BoxState.CLOSED, None)


def test_a_manifest_takes_a_box_whole_or_not_at_all(packer):
    _box, bags = packer.filled(2)
    assert refused(packer.draft, bags[:1]) == ["manifest.box_partly"]


def test_a_box_of_another_manifest_is_refused_with_what_is_not_on_this_one(packer):
    box, bags = packer.filled(2)
    packer.signed(bags)
    other = packer.signed(packer.boxes(1))
    assert refused(packer.load, other, box) == ["manifest.box_not_on_it"]


def test_the_receiver_refuses_one_out_of_the_box_and_accepts_the_rest_with_it(packer, stands, session):
    box, bags = packer.filled(3)
    manifest = packer.arrive(packer.depart(packer.load(packer.signed(bags), box)))
    packer.refuse(manifest, bags[0])
    assert (stands(bags[0]).state, stands(bags[0]).box_id) == (State.REFUSED, None)
    assert refused(packer.scan, "operator", service.refuse_box, manifest, box, reason="破损") == ["manifest.one_by_one"]
    manifest = packer.receive(manifest, box)
    assert [stands(one).state for one in bags[1:]] == [State.PACKED] * 2
    assert packer.confirm(manifest).state is Progress.PARTLY_ACCEPTED
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "manifests", "treatment"))


def test_checked_one_by_one_a_box_is_emptied_in_the_receivers_store(packer, stands):
    box, bags = packer.filled(2)
    manifest = packer.arrive(packer.depart(packer.load(packer.signed(bags), box)))
    packer.receive(manifest, bags[0])
    assert (stands(bags[0]).state, stands(box).state) == (State.STORED, BoxState.LOADED)
    packer.receive(manifest, bags[1])
    held = stands(box)
    assert (held.state, held.unclean_since) == (BoxState.DIRTY, NOON)
    assert held.holder_facility_id == packer.world.stores["plant"].id


def test_the_same_scan_sent_twice_is_one_act(packer, session):
    box, bags = packer.filled(2)
    manifest = packer.signed(bags)
    for _ in range(2):
        packer.scan("driver", service.load, manifest, box, act_key="K")
    kinds = [event.kind for event in ledger.stream(session, f"manifest:{manifest.id}")]
    assert kinds.count("manifest.box_loaded") == 2


def test_a_box_is_treated_whole_and_then_to_be_washed(packer, stands, work_as, session):
    box, bags = packer.filled(2)
    manifest = packer.arrive(packer.depart(packer.load(packer.signed(bags), box)))
    packer.confirm(packer.receive(manifest, box))
    here = {"facility_id": packer.world.stores["plant"].id, "mode": "Y10"}
    part = treatment.ChooseBatch(**here, container_ids=(bags[0].id,))
    assert refused(packer.act, "operator", treatment.preview, part) == ["container.treat_when_packed"]
    with work_as(packer.world.people["operator"], NOON) as work:
        chosen = treatment.ChooseBatch(**here, codes=(box.code,), act_key=new_token())
        treatment.treat(work, shown_batch(work, chosen))
    assert [stands(one).state for one in bags] == [State.TREATED] * 2
    held = stands(box)
    assert (held.state, held.unclean_since) == (BoxState.DIRTY, NOON)
    assert stands(manifest).state is Progress.COMPLETED
    assert_rebuilds(session, REBUILT.of("boxes", "containers", "manifests", "treatment"))
    packer.clean(box, "operator")
    packer.put(box, "hospital", "manager")
    assert stands(box).state is BoxState.READY


def test_the_history_of_a_box_tells_each_house_what_was_in_it_only_of_its_own_acts(packer, session):
    box, bags = packer.filled(2)
    manifest = packer.load(packer.signed(bags), box)
    packer.receive(packer.arrive(packer.depart(manifest)), box)
    plant, owner = (queries.timeline(session, packer.world.people[who], box) for who in ("operator", "manager"))
    filled = [next(step for step in steps if step.what == "Filled") for steps in (plant, owner)]
    assert [(one.count, bool(one.codes), one.who) for one in filled] == [(None, False, ""), (2, True, filled[1].who)]
    assert (plant[0].count, owner[0].count) == (2, None)
    assert owner[0].where == plant[0].where != ""
