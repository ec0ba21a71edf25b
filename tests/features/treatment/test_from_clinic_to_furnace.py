"""Issue 2, point 6, to its end: two clinics' boxes, one station, one load, one batch."""

import pytest

from tests.chain import sealed
from tests.living import shown, shown_batch
from wastetrack.domain.containers import State as BoxState
from wastetrack.domain.manifests import State
from wastetrack.domain.signing import Signature
from wastetrack.features.collection.service import ReceiveHandedIn, receive_box
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.service import verify
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties.models import Organisation
from wastetrack.features.treatment.service import ChooseBatch, treat
from wastetrack.infra.ids import new_token


@pytest.fixture
def boxes(work_as, world):
    """One box of each clinic, received by the station without a declaration."""
    made = [sealed(work_as, world.people[doctor]) for doctor in ("doctor_a", "doctor_b")]
    for box in made:
        with work_as(world.people["attendant"]) as work:
            receive_box(work, ReceiveHandedIn(code=box.code))
    return made


@pytest.fixture
def received(work_as, world, boxes):
    """The manifest of the station's consolidated load, received at the plant."""

    def act(who, do, kind, **given):
        with work_as(world.people[who]) as work:
            if signature := given.pop("signs", None):
                load = work.session.get_one(Manifest, given["manifest_id"])
                given |= {"version": load.version, "shown": shown(work, load, signature)}
            return do(work, kind(act_key=new_token(), **given))

    plan = {
        "container_ids": [box.id for box in boxes], "facility_id": world.stores["station"].id,
        "carrier_id": world.id("carrier"), "vehicle_id": world.vehicles["truck"].id,
        "driver_id": world.crew["driver"].id, "escort_id": world.crew["escort"].id,
        "receiver_id": world.id("plant"), "receiver_facility_id": world.stores["plant"].id, "mode": "Y10",
    }  # fmt: skip
    load = act("attendant", manifests.draft, manifests.DraftManifest, **plan)
    load = act("attendant", manifests.sign, manifests.SignManifest, manifest_id=load.id, signs=Signature.CONSIGNOR)
    for box in boxes:
        load = act("driver", manifests.load, manifests.ScanBox, manifest_id=load.id, code=box.code)
    load = act("driver", manifests.depart, manifests.Depart, manifest_id=load.id, signs=Signature.CARRIER)
    load = act("driver", manifests.arrive, manifests.Arrive, manifest_id=load.id)
    for box in boxes:
        load = act("operator", manifests.receive_box, manifests.ReceiveBox, manifest_id=load.id, code=box.code)
    return act("operator", manifests.confirm, manifests.ConfirmReceipt, manifest_id=load.id, signs=Signature.RECEIVER)


def burnt(work_as, world, *boxes):
    with work_as(world.people["operator"]) as work:
        ids = tuple(box.id for box in boxes)
        chosen = ChooseBatch(facility_id=world.stores["plant"].id, mode="Y10", container_ids=ids)
        treat(work, shown_batch(work, chosen))


def test_the_load_still_lists_every_clinics_boxes(session, world, boxes, received):
    producers = {session.get(Container, box.id).producer_id for box in boxes}
    names = {session.get(Organisation, one).name for one in producers}
    assert names == {world.organisations["clinic_a"].name, world.organisations["clinic_b"].name}
    assert received.consignor_id == world.id("station")


def test_a_manifest_waits_for_its_last_box(work_as, session, world, boxes, received):
    burnt(work_as, world, boxes[0])
    assert session.get(Manifest, received.id).state is State.ACCEPTED


def test_the_last_box_treated_completes_the_manifest(work_as, session, world, boxes, received):
    burnt(work_as, world, *boxes)
    assert session.get(Manifest, received.id).state is State.COMPLETED
    assert {session.get(Container, box.id).state for box in boxes} == {BoxState.TREATED}
    assert list(verify(session)) == []
