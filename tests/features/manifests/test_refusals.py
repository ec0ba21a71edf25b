"""Bad input: each gets its sentence and its status, and leaves nothing half done."""

from datetime import date
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.client import Browser
from tests.world import PASSWORD
from wastetrack.domain.container_code import new_container_code
from wastetrack.domain.containers import State as Box
from wastetrack.domain.manifests import State
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import service
from wastetrack.features.manifests.models import Manifest, ManifestPrint, ManifestSerial
from wastetrack.features.parties.models import CrewMember, Vehicle
from wastetrack.infra.ids import new_token

YESTERDAY = date(2026, 11, 22)


def refusal(do, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    return caught.value


def codes(found: Refusal) -> list[str]:
    return [problem.code for problem in found.problems]


def change(trade, model, key, **values):
    with trade.work_as() as work:
        row = work.session.get(model, key)
        for name, value in values.items():
            setattr(row, name, value)


# --- at the signature ------------------------------------------------------------------------------------------------


def test_an_expired_licence_of_the_receiver_blocks_the_signature(trade, stands, session):
    manifest = trade.draft()
    trade.change_licence(LicenceKind.OPERATING, valid_until=YESTERDAY)
    found = refusal(trade.sign, manifest)
    assert codes(found) == ["papers.licence_expired"]
    assert found.problems[0].field == "receiver_id"
    assert stands(Manifest, manifest.id).state is State.DRAFT
    assert session.scalar(select(func.count()).select_from(ManifestSerial)) == 0


def test_a_waste_code_outside_the_scope_blocks_the_signature(trade):
    manifest = trade.draft()
    trade.change_licence(LicenceKind.OPERATING, scope="HW08")
    trade.change_licence(LicenceKind.TRANSPORT, scope="HW08 841-002-01")
    found = refusal(trade.sign, manifest)
    assert [(p.code, p.field) for p in found.problems] == [
        ("papers.licence_scope", "receiver_id"),
        ("papers.licence_scope", "carrier_id"),
    ]


def test_everything_that_is_wrong_is_said_at_once(trade):
    manifest = trade.draft()
    w = trade.world
    trade.change_licence(LicenceKind.TRANSPORT, valid_until=YESTERDAY)
    change(trade, Vehicle, w.vehicles["truck"].id, permit_until=YESTERDAY, capacity_g=1000)
    change(trade, CrewMember, w.crew["driver"].id, permit_until=YESTERDAY)
    assert codes(refusal(trade.sign, manifest)) == [
        "papers.licence_expired",
        "manifest.permit_expired",
        "manifest.permit_expired",
        "manifest.overloaded",
    ]


def test_the_yearly_quantity_counts_what_is_accepted_and_what_is_under_way(trade):
    trade.change_licence(LicenceKind.OPERATING, yearly_quantity_g=10_000)
    first, second, third = (trade.boxes(1) for _ in range(3))
    trade.receive(trade.arrived(first), *first)
    trade.signed(second)
    assert codes(refusal(trade.signed, third)) == ["papers.licence_quantity"]


def test_medical_and_other_waste_do_not_share_a_manifest(trade, work_as, stands):
    medical, other = trade.boxes(1), trade.boxes(1)
    change(trade, Container, other[0].id, medical=False, waste_code="900-214-08")
    assert "manifest.mixed_classes" in codes(refusal(trade.signed, medical + other))


def test_a_vehicle_of_another_carrier_is_refused(trade):
    w = trade.world
    found = refusal(trade.signed, None, carrier_id=w.id("factory"))
    assert {"manifest.not_of_carrier", "papers.no_licence"} <= set(codes(found))


def test_an_escort_cannot_be_named_as_driver(trade):
    crew = trade.world.crew
    found = refusal(trade.signed, None, driver_id=crew["escort"].id, escort_id=None)
    assert codes(found) == ["manifest.wrong_role"]


def test_a_changed_draft_is_not_signed_unseen(trade):
    boxes = trade.boxes(2)
    seen = trade.draft(boxes)
    shown = seen.version
    plan = trade.plan(boxes[:1], manifest_id=seen.id, version=shown)
    trade.act("manager", service.change_draft, service.ChangeDraft(**plan))
    found = refusal(trade.sign, seen, version=shown)
    assert (codes(found), found.kind) == (["manifest.changed_meanwhile"], Kind.CONFLICT)


def test_a_second_signature_is_told_that_it_is_signed(trade):
    manifest = trade.draft()
    version = manifest.version
    trade.sign(manifest)
    found = refusal(trade.sign, manifest, version=version)
    assert (codes(found), found.kind) == (["manifest.sign_when_signed"], Kind.CONFLICT)


def test_a_box_weighed_again_since_the_draft_is_named(trade):
    boxes = trade.boxes(1)
    manifest = trade.draft(boxes)
    change(trade, Container, boxes[0].id, mass_g=9_999)
    assert codes(refusal(trade.sign, manifest)) == ["manifest.mass_changed"]


def test_a_box_on_another_open_manifest_is_refused(trade):
    boxes = trade.boxes(2)
    trade.draft(boxes[:1])
    found = refusal(trade.draft, boxes)
    assert (codes(found), found.kind) == (["manifest.already_on_one"], Kind.CONFLICT)


def test_a_draft_names_things_that_exist(trade):
    found = refusal(trade.draft, None, vehicle_id=uuid4(), receiver_id=uuid4())
    assert {problem.field for problem in found.problems} == {"vehicle_id", "receiver_id"}


def test_a_draft_from_another_organisations_store_is_as_if_it_were_not_there(trade):
    found = refusal(trade.draft, trade.boxes(1), who="factory")
    assert found.kind is Kind.UNKNOWN


# --- at the vehicle --------------------------------------------------------------------------------------------------


def test_loading_before_the_signature_is_refused(trade):
    boxes = trade.boxes(1)
    manifest = trade.draft(boxes)
    assert refusal(trade.load, manifest, *boxes).kind is Kind.UNKNOWN  # a draft is not the driver's to know


def test_a_box_already_on_the_vehicle_is_not_taken_twice(trade):
    boxes = trade.boxes(1)
    manifest = trade.load(trade.signed(boxes), *boxes)
    found = refusal(trade.load, manifest, *boxes)
    assert (codes(found), found.kind) == (["container.load_when_loaded"], Kind.CONFLICT)


def test_a_box_of_another_manifest_is_refused(trade):
    mine, foreign = trade.boxes(1), trade.boxes(1)
    manifest = trade.signed(mine)
    assert codes(refusal(trade.load, manifest, *foreign)) == ["manifest.not_on_it"]


def test_a_label_already_on_another_vehicle_is_refused(trade):
    mine, foreign = trade.boxes(1), trade.boxes(1)
    trade.load(trade.signed(foreign), *foreign)
    assert codes(refusal(trade.load, trade.signed(mine), *foreign)) == ["manifest.loaded_elsewhere"]


def test_a_label_that_was_never_issued_is_refused(trade):
    manifest = trade.signed()
    assert codes(refusal(trade.load, manifest, new_container_code(b"forged!"))) == ["manifest.unknown_label"]


def test_a_void_label_is_refused(trade):
    mine, dead = trade.boxes(1), trade.boxes(1)
    command = containers.VoidContainer(code=dead[0].code, reason="称错", act_key=new_token())
    trade.act("manager", containers.void, command)
    assert codes(refusal(trade.load, trade.signed(mine), *dead)) == ["container.load_when_void"]


def test_a_box_that_was_already_treated_is_refused_as_a_copied_label(trade):
    mine, gone = trade.boxes(1), trade.boxes(1)
    trade.confirm(trade.receive(trade.arrived(gone), *gone))
    trade.treat(*gone)
    assert codes(refusal(trade.load, trade.signed(mine), *gone)) == ["container.load_when_treated"]


@pytest.mark.parametrize("moment", ["load", "depart"])
def test_papers_that_ended_after_the_signature_stop_the_vehicle(trade, moment, stands):
    boxes = trade.boxes(2)
    manifest = trade.signed(boxes)
    if moment == "depart":
        manifest = trade.load(manifest, *boxes)
    change(trade, Vehicle, trade.world.vehicles["truck"].id, permit_until=YESTERDAY)
    found = refusal(trade.load, manifest, boxes[0]) if moment == "load" else refusal(trade.depart, manifest)
    assert codes(found) == ["manifest.permit_expired"]
    assert stands(Manifest, manifest.id).state is State.SIGNED


def test_a_void_manifest_is_not_loaded(trade):
    boxes = trade.boxes(1)
    manifest = trade.signed(boxes)
    command = service.VoidManifest(manifest_id=manifest.id, reason="改期", act_key=new_token())
    trade.act("manager", service.void, command)
    assert codes(refusal(trade.load, manifest, *boxes)) == ["manifest.load_when_void"]


def test_a_vehicle_is_not_overloaded_by_the_loads_of_several_consignors(trade):
    first, second = trade.boxes(1), trade.boxes(1)
    one, other = trade.signed(first), trade.signed(second)
    change(trade, Vehicle, trade.world.vehicles["truck"].id, capacity_g=5_000)
    trade.depart(trade.load(one, *first))
    other = trade.load(other, *second)
    assert codes(refusal(trade.depart, other)) == ["manifest.overloaded"]


# --- at the gate -----------------------------------------------------------------------------------------------------


def test_a_box_already_received_is_not_received_twice(trade):
    boxes = trade.boxes(2)
    manifest = trade.receive(trade.arrived(boxes), boxes[0])
    found = refusal(trade.receive, manifest, boxes[0])
    assert (codes(found), found.kind) == (["manifest.already_judged"], Kind.CONFLICT)


def test_a_box_that_is_not_on_the_manifest_is_not_received(trade):
    boxes, foreign = trade.boxes(1), trade.boxes(1)
    assert codes(refusal(trade.receive, trade.arrived(boxes), *foreign)) == ["manifest.not_on_it"]


def test_nothing_is_received_before_the_vehicle_has_departed(trade):
    boxes = trade.boxes(1)
    assert codes(refusal(trade.receive, trade.signed(boxes), *boxes)) == ["manifest.receive_when_signed"]


def test_a_mass_that_no_such_box_can_have_is_refused(trade, stands):
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    assert codes(refusal(trade.receive, manifest, *boxes, mass="350")) == ["mass.absurd"]
    assert stands(Container, boxes[0].id).state is Box.LOADED


def test_boxes_go_only_into_the_receivers_own_stores(trade):
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    found = refusal(trade.receive, manifest, *boxes, facility_id=trade.world.stores["hospital"].id)
    assert codes(found) == ["manifest.receiving_store"]


def test_a_confirmation_binds_what_was_shown(trade):
    boxes = trade.boxes(2)
    manifest = trade.arrived(boxes)
    shown = manifest.version
    trade.receive(manifest, boxes[0])
    assert codes(refusal(trade.confirm, manifest, version=shown, name_missing=True)) == ["manifest.changed_meanwhile"]


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["driver", "operator", "county"])
def test_only_the_consignor_signs(trade, who):
    assert refusal(trade.sign, trade.draft(), who=who).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("who", "kind"), [("manager", Kind.FORBIDDEN), ("factory", Kind.UNKNOWN), ("county", Kind.FORBIDDEN)]
)
def test_only_the_named_crew_loads(trade, who, kind):
    boxes = trade.boxes(1)
    assert refusal(trade.scan, who, service.load, trade.signed(boxes), boxes[0]).kind is kind


@pytest.mark.parametrize("who", ["manager", "driver"])
def test_only_the_receiver_receives(trade, who):
    boxes = trade.boxes(1)
    manifest = trade.depart(trade.load(trade.signed(boxes), *boxes))
    assert refusal(trade.scan, who, service.receive_box, manifest, boxes[0]).kind is Kind.FORBIDDEN


def test_a_regulator_of_another_city_does_not_find_it(trade, app):
    manifest = trade.signed()
    browser = Browser(app)
    browser.sign_in("elsewhere", PASSWORD)
    assert browser.get(f"/manifests/{manifest.id}").status_code == 404
    assert manifest.number not in browser.get("/manifests").text


def test_a_regulator_finds_what_leaves_and_what_enters_his_region(trade, app):
    manifest = trade.signed()
    for who in ("county", "city", "province"):
        browser = Browser(app)
        browser.sign_in(who, PASSWORD)
        assert manifest.number in browser.get("/manifests").text
        assert browser.get(f"/manifests/{manifest.id}").status_code == 200


def test_nobody_but_the_consignor_sees_a_draft(trade, app):
    manifest = trade.draft()
    for who in ("county", "operator"):
        browser = Browser(app)
        browser.sign_in(who, PASSWORD)
        assert browser.get(f"/manifests/{manifest.id}").status_code == 404


# --- over HTTP -------------------------------------------------------------------------------------------------------


def test_refusals_have_the_status_that_fits_and_keep_the_page(trade, app):
    boxes = trade.boxes(2)
    manifest = trade.load(trade.signed(boxes), boxes[0])
    driver = Browser(app)
    driver.sign_in("driver", PASSWORD)
    there = f"/trips/{manifest.id}/load"
    again = driver.post(there, {"code": boxes[0].code, "act_key": new_token()})
    assert again.status_code == 409
    assert "不能重复" in again.text or "已在车" in again.text or "已装车" in again.text
    nonsense = driver.post(there, {"code": "哈哈", "act_key": new_token()})
    assert nonsense.status_code == 422
    empty = driver.post(there, {"act_key": new_token()})
    assert empty.status_code == 422
    assert driver.post(f"/trips/{uuid4()}/load", {"code": boxes[1].code, "act_key": new_token()}).status_code == 404


# --- two at once -----------------------------------------------------------------------------------------------------


def together(*acts):
    """Do all acts at the same moment, each in its own thread; return what each gave or raised."""
    gate, answers = Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        gate.wait(10)
        try:
            answers[index] = act()
        except Refusal as found:
            answers[index] = found

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_of_two_people_signing_at_once_exactly_one_does(trade, session):
    manifest = trade.draft()
    version = manifest.version
    answers = together(*[lambda: trade.sign(manifest, version=version)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Manifest", "Refusal"]
    assert session.scalar(select(ManifestSerial.last)) == 1
    assert list(ledger.verify(session)) == []


def test_a_box_drafted_twice_at_once_is_on_one_manifest(trade, session):
    boxes = trade.boxes(3)
    answers = together(lambda: trade.draft(boxes), lambda: trade.draft(boxes[::-1]))
    assert sorted(type(answer).__name__ for answer in answers) == ["Manifest", "Refusal"]
    assert session.scalar(select(func.count()).select_from(Manifest)) == 1


def test_a_box_scanned_by_two_at_once_is_loaded_once(trade, session):
    boxes = trade.boxes(1)
    manifest = trade.signed(boxes)
    answers = together(*[lambda: trade.load(manifest, *boxes)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Manifest", "Refusal"]


def test_numbers_issued_at_once_have_neither_gaps_nor_doubles(trade, session):
    drafts = [trade.draft(trade.boxes(1)) for _ in range(6)]
    versions = {draft.id: draft.version for draft in drafts}
    together(*[lambda draft=draft: trade.sign(draft, version=versions[draft.id]) for draft in drafts])
    numbers = sorted(session.scalars(select(Manifest.number)))
    assert numbers == [f"20261301{serial:06}" for serial in range(1, 7)]
    assert session.scalar(select(func.count()).select_from(ManifestPrint)) == 12
