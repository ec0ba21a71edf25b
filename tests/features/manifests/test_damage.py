"""What breaks on the way: declared by the driver, seen by all sides, put into another container on the vehicle."""

import json

import pytest

from tests.client import Browser
from tests.living import sit_down
from tests.rebuilding import assert_rebuilds
from wastetrack.domain.containers import State
from wastetrack.domain.manifests import State as Stage
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests import queries, service
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.infra.ids import new_token


def declare(trade, manifest, box, who="driver", key=None):
    command = {"manifest_id": manifest.id, "code": box.code, "reason": "袋体破裂", "act_key": key or new_token()}
    return trade.act(who, service.damaged, service.DeclareDamaged(**command))


def repack(trade, manifest, box, who="driver", key=None, packaging="bag"):
    command = {"manifest_id": manifest.id, "code": box.code, "packaging": packaging, "act_key": key or new_token()}
    return trade.act(who, service.repack_on_the_way, service.RepackOnTheWay(**command))


def successor(session, old):
    session.rollback()
    return session.query(Container).filter(Container.repacked_from == old.id).one()


def codes(refused):
    return [one.code for one in refused.value.problems]


def on_the_way(trade, boxes):
    return trade.depart(trade.load(trade.signed(boxes), *boxes))


def test_the_new_container_takes_the_place_with_mass_count_and_clock(trade, session, stands):
    broken, whole = trade.boxes(2)
    manifest = on_the_way(trade, [broken, whole])
    declare(trade, manifest, broken)
    before = stands(Container, broken.id)
    stated, clock, leg = before.mass_g, before.sealed_at, before.holder_leg_id
    for _ in range(2):  # the same act again is the same act
        repack(trade, manifest, broken, key="R")
    old, new = stands(Container, broken.id), successor(session, broken)
    assert (old.state, old.holder_organisation_id, old.manifest_id) == (State.REPACKED, None, None)
    assert (new.state, new.mass_g, new.sealed_at) == (State.LOADED, stated, clock)
    assert (new.holder_leg_id, new.manifest_id) == (leg, manifest.id)
    assert leg is not None
    sheet = queries.sheet(session, stands(Manifest, manifest.id))
    assert [line.container.id for line in sheet.on_board] == [new.id, whole.id]
    assert sheet.mass_g == stated + whole.mass_g
    assert [(line.container.id, code.replace("-", "")) for line, code in sheet.replaced] == [(broken.id, new.code)]
    arrived = trade.arrive(manifest)
    done = trade.confirm(trade.receive(arrived, new, whole))
    (treated,) = trade.treat(new, whole)
    assert (done.state, treated.state) == (Stage.ACCEPTED, Stage.COMPLETED)
    session.rollback()
    assert_rebuilds(session)
    assert json.loads(ledger.stream(session, f"container:{old.id}")[-1].facts)["into"] == str(new.id)


def test_the_used_up_label_is_refused_at_the_gate(trade):
    broken, whole = trade.boxes(2)
    manifest = on_the_way(trade, [broken, whole])
    declare(trade, manifest, broken)
    repack(trade, manifest, broken)
    with pytest.raises(Refusal) as refused:
        trade.receive(trade.arrive(manifest), broken)
    assert codes(refused) == ["container.load_when_repacked"]


def test_everybody_on_the_manifest_sees_it_before_the_receipt(trade, session, page):
    broken, whole = trade.boxes(2)
    manifest = on_the_way(trade, [broken, whole])
    declare(trade, manifest, broken)
    for who in ("manager", "operator", "county", "driver"):
        assert "袋体破裂" in page(who, f"/manifests/{manifest.id}"), who
    assert "袋体破裂" in page("operator", f"/receipts/{manifest.id}")
    trip = page("driver", f"/trips/{manifest.id}")
    assert "0311-00000001" in trip
    repack(trade, manifest, broken)
    new = successor(session, broken)
    assert new.code[:4] in page("operator", f"/receipts/{manifest.id}")
    assert "途中重新包装" in page("county", f"/manifests/{manifest.id}")


def test_the_driver_does_both_on_his_page(trade, session, app, stands):
    broken, whole = trade.boxes(2)
    manifest = on_the_way(trade, [broken, whole])
    driver = sit_down(Browser(app), trade.world.people["driver"])
    form = {"code": broken.code, "reason": "渗漏", "act_key": "D"}
    driver.get(f"/trips/{manifest.id}")
    empty = driver.post(f"/trips/{manifest.id}/damaged", {**form, "reason": ""})
    assert empty.status_code == 422
    assert driver.post(f"/trips/{manifest.id}/damaged", form).status_code == 303
    assert "/repack" in driver.get(f"/trips/{manifest.id}").text
    unfit = {"code": broken.code, "packaging": "ibc", "act_key": "S"}
    assert driver.post(f"/trips/{manifest.id}/repack", unfit).status_code == 422
    assert driver.post(f"/trips/{manifest.id}/repack", {**unfit, "packaging": "bag"}).status_code == 303
    assert stands(ManifestBox, (manifest.id, broken.id)).replaced_by == successor(session, broken).id


def test_what_is_damaged_neither_departs_nor_is_loaded_again_before_it_is_repacked(trade):
    broken, whole = trade.boxes(2)
    manifest = trade.load(trade.signed([broken, whole]), broken, whole)
    manifest = declare(trade, manifest, broken)
    with pytest.raises(Refusal) as refused:
        trade.depart(manifest)
    assert codes(refused) == ["damage.aboard"]
    with pytest.raises(Refusal) as refused:
        repack(trade, manifest, broken)
    assert codes(refused) == ["damage.not_on_the_way"]
    manifest = trade.scan("driver", service.unload, manifest, broken)
    with pytest.raises(Refusal) as refused:
        trade.load(manifest, broken)
    assert codes(refused) == ["damage.not_loaded"]
    assert trade.depart(manifest, leave_behind=True).state is Stage.IN_TRANSIT


@pytest.mark.parametrize("who", ["manager", "operator", "county"])
def test_only_the_crew_declares_and_repacks(trade, who):
    broken, whole = trade.boxes(2)
    manifest = on_the_way(trade, [broken, whole])
    for act in (declare, repack):
        with pytest.raises(Refusal):
            act(trade, manifest, broken, who)
    with pytest.raises(Refusal) as refused:
        repack(trade, manifest, whole)
    assert codes(refused) == ["damage.whole"]
    declare(trade, manifest, broken)
    with pytest.raises(Refusal) as refused:
        declare(trade, manifest, broken)
    assert codes(refused) == ["damage.already"]
