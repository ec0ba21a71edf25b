"""The printed manifest: byte-identical while nothing changed, and its check page tells everyone the truth."""

import json
import re
from io import BytesIO

import pypdfium2
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import select, text

from tests.client import Browser
from tests.world import PASSWORD
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests import queries, service
from wastetrack.features.manifests.models import ManifestPrint
from wastetrack.infra.ids import new_token


def signed_in(app, who):
    browser = Browser(app)
    browser.sign_in(who.replace("_", "."), PASSWORD)
    return browser


def prints(session, manifest):
    session.rollback()
    query = select(ManifestPrint).where(ManifestPrint.manifest_id == manifest.id).order_by(ManifestPrint.version)
    return list(session.scalars(query))


def test_the_same_version_gives_the_same_bytes_also_after_the_manifest_moved_on(trade, app):
    boxes = trade.boxes(2)
    manifest = trade.signed(boxes)
    manager = signed_in(app, "manager")
    here = f"/manifests/{manifest.id}/print.pdf"
    first = manager.get(here).data
    assert first.startswith(b"%PDF")
    assert manager.get(here).data == first
    version = manifest.version
    trade.depart(trade.load(manifest, *boxes))
    assert manager.get(here).data != first
    assert manager.get(f"{here}?version={version}").data == first


def test_the_print_says_what_the_form_asks_and_carries_its_check_code(trade, app, session):
    boxes = trade.boxes(2)
    manifest = trade.confirm(trade.receive(trade.arrived(boxes), boxes[0], mass="3.60"), name_missing=True)
    pdf = signed_in(app, "county").get(f"/manifests/{manifest.id}/print.pdf").data
    words = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    for expected in (
        "20261301000001",
        "正定县医院",
        "焚烧处置中心",
        "冀A12345",
        "841-001-01",
        "部分接受",
        "感染性废物",
    ):
        assert expected in words, expected
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    token = prints(session, manifest)[-1].token
    assert f"HTTP://127.0.0.1:8000/V/{token}" in [code.text for code in zxingcpp.read_barcodes(page)]


def test_the_ledger_holds_the_hash_of_every_print(trade, session):
    boxes = trade.boxes(1)
    manifest = trade.confirm(trade.receive(trade.arrived(boxes), *boxes))
    trade.treat(*boxes)
    made = prints(session, manifest)
    for one in made:
        facts = json.loads(session.get_one(LedgerEvent, (queries.stream_of(manifest.id), one.version)).facts)
        assert (facts["document_hash"], facts["print"]) == (one.document_hash, one.token)
        assert queries.printed(one).content_hash == one.document_hash
    assert len(made) == len(("drafted", "signed", "departed", "arrived", "confirmed", "treated"))


def test_the_check_page_says_current_then_superseded_then_void(trade, app, session):
    manifest = trade.draft()
    draft = prints(session, manifest)[0]
    stranger = Browser(app)
    assert "仅为草稿" in stranger.get(f"/v/{draft.token}").text
    manifest = trade.sign(manifest)
    newest = prints(session, manifest)[-1]
    page = stranger.get(f"/V/{newest.token}").text
    assert "真实有效" in page
    assert "20261301000001" in page
    assert "不是最新版本" in stranger.get(f"/v/{draft.token}").text
    command = service.VoidManifest(manifest_id=manifest.id, reason="改期", act_key=new_token())
    trade.act("manager", service.void, command)
    for old in prints(session, manifest):
        assert "已作废" in stranger.get(f"/v/{old.token}").text


def test_the_check_page_names_no_person(trade, app, session):
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    page = Browser(app).get(f"/v/{prints(session, manifest)[-1].token}").text
    for private in ("演示驾驶员", "演示押运员", "演示-manager", "0311-0000000"):
        assert private not in page


def test_a_token_that_was_never_printed_is_not_found_and_says_so(app):
    answer = Browser(app).get("/v/0000000000000000000000000A")
    assert answer.status_code == 404
    assert "不是本平台的打印件" in answer.text


def test_the_check_page_reads_english_too(trade, app, session):
    token = prints(session, trade.signed())[-1].token
    assert "Genuine and current" in Browser(app, language="en").get(f"/v/{token}").text


def test_a_stored_document_that_was_changed_is_not_called_genuine(trade, app, session, store):
    manifest = trade.signed()
    token = prints(session, manifest)[-1].token
    with store.connect() as connection, connection.begin():
        connection.execute(text("UPDATE manifest_prints SET document = replace(document, '正定县医院', '正定县药店')"))
    assert "不可信" in Browser(app).get(f"/v/{token}").text


def test_a_producer_sees_his_own_boxes_only_and_no_form(trade, app):
    boxes = trade.boxes(2)
    clinic = trade.world.id("clinic_a")
    with trade.work_as() as work:
        work.session.get(type(boxes[0]), boxes[0].id).producer_id = clinic
    manifest = trade.signed(boxes)
    doctor = signed_in(app, "doctor_a")
    page = doctor.get(f"/manifests/{manifest.id}")
    assert page.status_code == 200
    assert f"/c/{boxes[0].code}" in page.text
    assert f"/c/{boxes[1].code}" not in page.text
    assert doctor.get(f"/manifests/{manifest.id}/print.pdf").status_code == 404
    assert manifest.number in doctor.get("/manifests").text


def test_the_check_page_tells_what_is_true_now_box_by_box_as_it_is_decided(trade, app, session):
    boxes = trade.boxes(4)
    manifest = trade.arrived(boxes)
    token = prints(session, manifest)[-1].token
    trade.refuse(trade.receive(manifest, boxes[0], mass="3.60"), boxes[1])
    page = words_of(Browser(app, language="en").get(f"/v/{token}"))
    assert "Genuine and current" in page
    assert "4 14.00 kg 1 3.60 kg 1 3.50 kg 0 2 7.00 kg" in page


def test_an_older_print_is_told_what_has_changed_and_what_is_missing(trade, app, session):
    boxes = trade.boxes(2)
    manifest = trade.signed(boxes)
    token = prints(session, manifest)[-1].token
    manifest = trade.arrive(trade.depart(trade.load(manifest, *boxes)))
    trade.confirm(trade.receive(manifest, boxes[0]), name_missing=True)
    page = words_of(Browser(app, language="en").get(f"/v/{token}"))
    changed = page[page.index("What has changed") : page.index("True now")]
    for expected in ("Taken over, departed", "Arrived at the receiver", "Receipt confirmed"):
        assert expected in changed
    assert "2 7.00 kg 1 3.50 kg 0 1 3.50 kg 0" in page


def test_wastes_are_counted_apart_and_together(trade, app, session):
    boxes = trade.boxes(2) + trade.boxes(1, waste="sharps", mass="1.20")
    token = prints(session, trade.signed(boxes))[-1].token
    page = words_of(Browser(app, language="en").get(f"/v/{token}"))
    assert "infectious waste 841-001-01 Bag 2 7.00 kg" in page
    assert "sharps waste 841-002-01 Sharps box 1 1.20 kg" in page
    assert "All together 3 8.20 kg" in page


def test_the_english_check_page_speaks_english_of_state_packaging_and_class(trade, app, session):
    manifest = trade.signed()
    made = prints(session, manifest)[-1]
    page = words_of(Browser(app, language="en").get(f"/v/{made.token}"))
    for chinese in ("感染性废物", "已签署", "袋"):
        assert chinese not in page
    assert "signed, waiting for the vehicle" in page
    assert queries.printed(made).consignor.rows[0].name == "感染性废物"


def test_a_withdrawn_manifest_says_why(trade, app, session):
    manifest = trade.signed()
    token = prints(session, manifest)[-1].token
    trade.act(
        "manager", service.void, service.VoidManifest(manifest_id=manifest.id, reason="改期", act_key=new_token())
    )
    assert "原因：改期" in Browser(app).get(f"/v/{token}").text


def test_only_the_consignor_and_who_oversees_him_open_the_prints_of_the_draft(trade, app):
    manifest = trade.draft()
    draft = manifest.version
    manifest = trade.sign(manifest)
    here = f"/manifests/{manifest.id}/print.pdf"
    for who in ("manager", "county"):
        assert signed_in(app, who).get(f"{here}?version={draft}").status_code == 200, who
        assert f"print.pdf?version={draft}" in signed_in(app, who).get(f"/manifests/{manifest.id}").text
    for who in ("operator", "driver"):
        reader = signed_in(app, who)
        assert reader.get(f"{here}?version={draft}").status_code == 404, who
        assert reader.get(here).status_code == 200, who
        page = reader.get(f"/manifests/{manifest.id}").text
        assert f"print.pdf?version={draft}" not in page
        assert f"version={manifest.version}" in page


def words_of(answer):
    """Return the page as it is read, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_paper_holds_the_ledger_to_its_newest_signed_head(trade, app, session):
    app.extensions["wastetrack.sealer"].round()
    manifest = trade.signed(trade.boxes(1))
    printed = prints(session, manifest)[-1]
    head = ledger.latest_head(session)
    assert json.loads(printed.document)["ledger_head"] == head.short
    pdf = signed_in(app, "manager").get(f"/manifests/{manifest.id}/print.pdf").data
    words = re.sub(r"\s", "", PdfReader(BytesIO(pdf)).pages[0].extract_text())
    assert re.sub(r"\s", "", head.short) in words


def test_a_manifest_read_in_english_names_medical_waste_in_english(trade, app):
    boxes = trade.boxes(1)
    manifest = trade.arrived(boxes)
    reader = Browser(app, "en")
    reader.sign_in("manager", PASSWORD)
    page = reader.get(f"/manifests/{manifest.id}").text
    assert "infectious waste 841-001-01" in page
    assert "感染性废物" not in page.partition("What was shown")[0], "what was signed stays in the words that were shown"
