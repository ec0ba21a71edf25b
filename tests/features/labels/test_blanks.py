"""Blank labels: issued with codes of their own, bound once by registration, withdrawn when a roll is lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select

from tests.conftest import NOON
from wastetrack.domain.container_code import ENTROPY_BYTES, ContainerCode, new_container_code, pretty
from wastetrack.domain.containers import Doing
from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.collection import service as collection
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import mending
from wastetrack.features.labels import service
from wastetrack.features.labels.models import BlankBatch, BlankLabel, LabelPrint
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests import service as manifests
from wastetrack.features.treatment import service as treatment
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store


def issue(chain, who="manager", count=3, chosen="tag_80x60"):
    with chain.work_as(chain.world.people[who], NOON) as work:
        command = service.IssueBlanks.model_validate({"format": chosen, "count": count, "act_key": new_token()})
        batch = service.issue_blanks(work, command)
        query = select(BlankLabel.code).where(BlankLabel.batch_id == batch.id).order_by(BlankLabel.number)
        return batch, list(work.session.scalars(query))


def register(chain, code, who="collector", **given):
    with chain.work_as(chain.world.people[who], NOON) as work:
        department = "内科" if who == "collector" else ""
        asked = {"waste": "infectious", "mass": "2", "department": department, "label": code, **given}
        return containers.register(work, containers.RegisterContainer.model_validate(asked))


def refused(chain, code, **given):
    with pytest.raises(Refusal) as caught:
        register(chain, code, **given)
    return [(problem.code, problem.field) for problem in caught.value.problems]


def test_every_label_of_a_roll_bears_its_own_code_and_says_whose_it_is(chain, app, session):
    batch, codes = issue(chain)
    app.extensions["wastetrack.outbox"].run_due()
    printed = session.scalars(select(LabelPrint).where(LabelPrint.batch_id == batch.id)).one()
    pdf = pypdfium2.PdfDocument(app.extensions["wastetrack.files"].read(printed.file_hash))
    read = [zxingcpp.read_barcodes(page.render(scale=3).to_pil())[0].text.rpartition("/")[2] for page in pdf]
    assert read == codes
    assert "正定县医院" in pdf[0].get_textpage().get_text_range()


def test_registering_with_a_blank_label_uses_its_code_and_counts_it_as_the_first_copy(chain, session):
    batch, codes = issue(chain)
    box = register(chain, f"HTTP://127.0.0.1:8000/C/{codes[1]}")
    assert (box.code, box.label_copies) == (codes[1], 1)
    assert session.get_one(BlankLabel, codes[1]).container_id == box.id
    facts = session.scalar(select(LedgerEvent.facts).where(LedgerEvent.stream == f"container:{box.id}"))
    assert json.loads(facts)["blank"] == str(batch.id)


def test_a_mere_code_is_no_label_yet(chain):
    _batch, codes = issue(chain, chosen="sticker_40x30")
    assert register(chain, codes[0]).label_copies == 0


def test_a_used_blank_label_is_refused(chain, session):
    _batch, codes = issue(chain)
    register(chain, codes[0])
    assert refused(chain, codes[0]) == [("blank.used", "label")]
    assert session.scalar(select(func.count()).select_from(Container)) == 1


def test_the_blank_label_of_another_organisation_is_refused(chain):
    _batch, codes = issue(chain)
    assert refused(chain, codes[0], who="doctor_a") == [("blank.foreign", "label")]


def test_a_withdrawn_blank_label_is_refused_and_what_was_bound_stays(chain, session):
    batch, codes = issue(chain)
    box = register(chain, codes[0])
    with chain.work_as(chain.world.people["manager"], NOON) as work:
        service.withdraw_blanks(work, service.WithdrawBlanks(batch_id=batch.id, reason="标签卷遗失"))
    assert refused(chain, codes[1]) == [("blank.withdrawn", "label")]
    assert session.get_one(Container, box.id).code == codes[0]
    kinds = session.scalars(
        select(LedgerEvent.kind).where(LedgerEvent.stream == f"labels:{batch.id}").order_by(LedgerEvent.seq)
    )
    assert list(kinds) == ["labels.issued", "labels.withdrawn"]


def test_a_code_that_was_never_issued_is_refused_with_all_else_that_is_wrong(chain):
    problems = refused(chain, chain.bag().code, mass="99")
    assert problems == [("mass.absurd", "mass"), ("blank.unknown", "label")]


def test_of_two_who_scan_the_same_blank_label_at_once_one_has_it_and_the_other_is_told(chain, session):
    _batch, codes = issue(chain, count=3)
    for code in codes:
        ready = Barrier(2)

        def bind(waste, code=code, ready=ready):
            ready.wait()
            try:
                return register(chain, code, waste=waste).waste_code
            except Refusal as refusal:
                return [(problem.code, problem.field) for problem in refusal.problems]

        with ThreadPoolExecutor(2) as pool:
            answers = [one.result() for one in [pool.submit(bind, "infectious"), pool.submit(bind, "sharps")]]
        session.rollback()  # looks anew
        kept = session.scalars(select(Container.waste_code).where(Container.code == code)).all()
        assert len(kept) == 1
        assert [answer for answer in answers if answer != kept[0]] == [[("blank.used", "label")]]


def test_a_collector_issues_none(chain):
    with pytest.raises(Refusal, match="forbidden"):
        issue(chain, who="collector")


def test_a_format_without_room_to_write_is_refused(chain):
    with pytest.raises(Refusal, match="format"):
        issue(chain, chosen="tag_40x30")


# --- the pages ------------------------------------------------------------------------------------------------------


def test_a_manager_issues_a_roll_and_withdraws_it(page, chain, session):
    manager = page("manager")
    here = manager.post("/labels/blanks/new", {"format": "tag_60x40", "count": "5", "act_key": "K"}).location
    assert 'max="5"' in manager.get(here).text
    assert manager.post(f"{here}/withdraw", {}).status_code == 422
    manager.post(f"{here}/withdraw", {"reason": "受潮"})
    assert session.scalars(select(BlankBatch)).one().reason == "受潮"


@pytest.mark.parametrize("count", ["0", "2001", "", "x"])
def test_a_number_out_of_reason_is_refused_in_words(page, chain, count):
    answer = page("manager").post("/labels/blanks/new", {"format": "tag_60x40", "count": count, "act_key": "K"})
    assert answer.status_code == 422


def test_the_field_for_a_blank_label_stands_where_there_are_some(page, chain):
    collector = page("collector")
    assert 'name="label"' not in collector.get("/register").text
    issue(chain)
    assert 'name="label"' in collector.get("/register").text


def test_a_scanned_blank_label_says_so_and_leads_its_owner_to_registration(page, chain, browser):
    _batch, codes = issue(chain)
    assert f"/register?label={codes[0]}" in page("collector").get(f"/c/{codes[0]}").text
    stranger = page("doctor_a").get(f"/c/{codes[0]}")
    assert (stranger.status_code, "/register?label" in stranger.text) == (200, False)
    assert pretty(ContainerCode(codes[0])) in stranger.text


# --- a label that stands for nothing yet ----------------------------------------------------------------------------


def _scans(chain, code):
    """Return every act that begins with a scanned code: who does it, and how."""
    w, key = chain.world, new_token()
    scan = {"manifest_id": chain.sign([chain.bag()]).id, "code": code, "act_key": key}
    came = {**scan, "manifest_id": chain.arrive(chain.depart([chain.bag()])).id}
    plant = {"facility_id": w.stores["plant"].id, "mode": TreatmentMode.Y10, "codes": (code,), "act_key": key}
    bag = {"packaging": "bag", "mass": "2", "reason": "破损", "act_key": key}
    store = {"facility_id": w.stores["hospital"].id, "codes": (code,), "act_key": key}
    return {
        Doing.STORE: ("collector", containers.place, containers.PlaceContainers(**store)),
        Doing.VOID: ("collector", containers.void, containers.VoidContainer(code=code, reason="破损")),
        Doing.WEIGH: ("manager", mending.weigh, mending.WeighAgain(code=code, mass="2")),
        Doing.OPEN: ("manager", mending.open_up, mending.OpenContainer(code=code, reason="分拣")),
        Doing.SEAL: ("manager", mending.seal_again, mending.SealAgain(code=code, mass="2")),
        Doing.REPACK: ("manager", mending.repack, mending.Repack(code=code, **bag)),
        Doing.HAND_IN: ("attendant", collection.receive_box, collection.ReceiveHandedIn(code=code, act_key=key)),
        Doing.TREAT: ("operator", treatment.preview, treatment.ChooseBatch(**plant)),
        Doing.LOAD: ("driver", manifests.load, manifests.ScanBox(**scan)),
        Doing.UNLOAD: ("driver", manifests.unload, manifests.ScanBox(**scan)),
        Doing.ACCEPT: ("operator", manifests.receive_box, manifests.ReceiveBox(**came)),
        Doing.REFUSE: ("operator", manifests.refuse_box, manifests.RefuseBox(reason="破损", **came)),
    }


def test_whatever_is_done_with_a_blank_label_is_told_that_it_is_blank(chain, session):
    _batch, codes = issue(chain)
    told = {}
    for doing, (who, act, command) in _scans(chain, codes[0]).items():
        with pytest.raises(Refusal) as caught, chain.work_as(chain.world.people[who], NOON) as work:
            act(work, command)
        (problem,) = caught.value.problems
        told[doing] = (problem.sentence.split(":")[0], problem.facts["code"])
    assert set(told.values()) == {("Label {code} is blank", pretty(ContainerCode(codes[0])))}
    assert session.get_one(BlankLabel, codes[0]).container_id is None


def test_a_code_nobody_issued_stays_an_unknown_label(chain):
    code = new_container_code(b"\x01" * ENTROPY_BYTES)
    with pytest.raises(Refusal, match=r"label\.unknown"), chain.work_as(chain.world.people["manager"], NOON) as work:
        mending.weigh(work, mending.WeighAgain(code=code, mass="2"))


def test_a_blank_label_that_is_looked_up_leads_to_its_page(page, chain):
    _batch, codes = issue(chain)
    answer = page("manager").post("/find-code", {"code": codes[0]})
    assert (answer.status_code, answer.location) == (303, f"/c/{codes[0]}")
