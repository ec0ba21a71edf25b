"""Scans of papers: what is taken and what is not, who keeps and opens them, what becomes of them on the disk."""

import hashlib
import io
import logging
import struct
import zlib
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from reportlab.pdfgen import canvas
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from config import read_settings
from tests.client import Browser
from tests.conftest import WorkAs
from tests.living import living_template, sit_down, store_url, world
from tests.world import World
from wastetrack.app import create_app
from wastetrack.domain.problems import Refusal
from wastetrack.domain.scans import MOST_MEGABYTES, MOST_OF_ONE, MOST_PASSES, FileType, named_as
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Contract, Licence, Scan
from wastetrack.features.parties.service import keep_at_most
from wastetrack.infra.ids import new_token
from wastetrack.infra.scanned import read_scanned, take_at_most

__all__ = ["living_template", "store_url", "world"]


def pdf(text: str = "A paper", **given: object) -> bytes:
    page = io.BytesIO()
    sheet = canvas.Canvas(page, invariant=1, **given)
    sheet.drawString(72, 720, text)
    sheet.save()
    return page.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    made = io.BytesIO()
    Image.radial_gradient("L").resize(size).save(made, kind)
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of some hundred bytes that says it is 60,000 dots wide and high."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(bytes(1000))) + part(b"IEND", b"")


PDF, PNG, JPEG = pdf(), picture(), picture("JPEG")


# --- what is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileType.PDF),
        (PDF.replace(b"startxref", b"  startxref") + b"\n\n", FileType.PDF),
        (PNG, FileType.PNG),
        (JPEG, FileType.JPEG),
        (picture("JPEG", (5000, 7000)), FileType.JPEG),
    ],
    ids=["pdf", "pdf with blanks", "png", "jpeg", "large jpeg"],
)
def test_whole_scans_are_taken_for_what_they_are(content: bytes, kind: FileType) -> None:
    assert read_scanned(content).kind is kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "scan.none"),
        (b"MZ\x90 a program called licence.pdf", "scan.type"),
        (b"<html><script>alert(1)</script>", "scan.type"),
        (picture("GIF"), "scan.type"),
        (b"%PDF-1.7\n" + bytes(MOST_MEGABYTES * 1_000_000), "scan.bytes"),
        (PDF[: len(PDF) // 2], "scan.damaged_pdf"),
        (PDF.replace(b"/Root", b"/Boot"), "scan.damaged_pdf"),
        (b"%PDF-1.7\nstartxref\n9999\n%%EOF", "scan.damaged_pdf"),
        (pdf(encrypt="secret"), "scan.locked_pdf"),
        (picture(size=(600, 400))[:3000], "scan.damaged_picture"),
        (JPEG[:-400], "scan.damaged_picture"),
        (JPEG + b"\xff\xda" * MOST_PASSES, "scan.damaged_picture"),
        (PNG[:50] + b"\0\0\0\0" + PNG[54:], "scan.damaged_picture"),
        (bomb(), "scan.pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_whole_open_scan_is_refused_with_why(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_scanned(content)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_name_says_what_the_file_is() -> None:
    assert named_as("许可证.PDF", FileType.PDF) == "许可证.PDF"
    assert named_as("licence.exe", FileType.PDF) == "licence.exe.pdf"
    assert named_as("photo", FileType.JPEG) == "photo.jpg"


# --- on the pages ----------------------------------------------------------------------------------------------------


def at(app: Flask, world: World, who: str, language: str = "en") -> Browser:
    browser = sit_down(Browser(app, language), world.people[who])
    browser.get("/find-code")
    return browser


def send(browser: Browser, address: str, content: bytes, name: str = "paper.pdf", key: str = ""):  # type: ignore[no-untyped-def]
    # Encoded here: the test client leaves the file open in which it puts down what is large.
    sent = {"file": FileStorage(io.BytesIO(content), name), "act_key": key or new_token(), "csrf_token": browser._token}
    mark, body = encode_multipart(sent)
    language = {"Accept-Language": browser.language}
    form = f"multipart/form-data; boundary={mark}"
    return browser._checked(browser._client.post(address, data=body, content_type=form, headers=language))


@pytest.fixture
def of_contract(world: World, session) -> str:  # type: ignore[no-untyped-def]
    """Where the scans of the hospital's contract with the plant stand."""
    contract_id = session.scalars(select(Contract.id)).one()
    session.rollback()  # so that the test sees what is kept from now on
    return f"/organisations/{world.id('hospital')}/papers/contract/{contract_id}"


def test_a_scan_is_kept_shown_and_told_by_its_hash(app: Flask, world: World, of_contract: str, session, tmp_path: Path):  # type: ignore[no-untyped-def]
    manager = at(app, world, "manager")
    assert send(manager, of_contract, PDF, "C:/papers/合同\u202efdp.exe", "K1").status_code == 303
    assert send(manager, of_contract, PDF, "合同.exe", "K1").status_code == 303, "the same act once more"
    scan = session.scalars(select(Scan)).one()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (scan.file_hash, scan.file_size, scan.file_name) == (digest, len(PDF), "合同fdp.exe")
    assert scan.added_by == world.people["manager"].user_id
    assert (tmp_path / "files" / digest[:2] / digest[2:]).read_bytes() == PDF
    event = session.scalars(select(LedgerEvent).where(LedgerEvent.kind == "organisation.scan_added")).one()
    assert digest in event.facts
    assert "合同" not in event.facts, "how the sender called it stays out of the ledger"
    page = manager.get(of_contract).text
    assert digest[:16] in page
    assert world.people["manager"].name in page
    assert "Scans (1)" in manager.get(f"/organisations/{world.id('hospital')}").text

    file = manager.get(f"/organisations/{world.id('hospital')}/scans/{scan.id}")
    assert (file.data, file.mimetype) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Content-Disposition"].endswith(".pdf")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert "script-src" not in file.headers["Content-Security-Policy"]
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" not in manager.get(of_contract).headers["Content-Security-Policy"]


def test_the_other_side_of_a_contract_sees_its_scan_and_cannot_touch_it(
    app: Flask, world: World, of_contract: str, session
) -> None:  # type: ignore[no-untyped-def]
    send(at(app, world, "manager"), of_contract, PNG, "page.png")
    scan = session.scalars(select(Scan)).one()
    theirs = of_contract.replace(str(world.id("hospital")), str(world.id("plant")))
    assert scan.file_name in at(app, world, "system_admin").get(theirs).text
    shown = at(app, world, "system_admin").get(f"/organisations/{world.id('plant')}/scans/{scan.id}")
    assert (shown.mimetype, shown.headers["Content-Disposition"][:6]) == ("image/png", "inline")
    assert send(at(app, world, "system_admin"), theirs, JPEG).status_code == 404
    withdraw = f"/organisations/{world.id('plant')}/scans/{scan.id}/withdraw"
    assert at(app, world, "system_admin").post(withdraw, {"reason": "not ours"}).status_code == 404
    elsewhere = of_contract.replace(str(world.id("hospital")), str(world.id("carrier")))
    assert at(app, world, "system_admin").get(elsewhere).status_code == 404
    assert at(app, world, "factory").get(f"/organisations/{world.id('factory')}/scans/{scan.id}").status_code == 404


def test_a_scan_is_withdrawn_with_the_reason_and_may_then_be_sent_again(
    app: Flask, world: World, of_contract: str, session
) -> None:  # type: ignore[no-untyped-def]
    manager = at(app, world, "manager")
    send(manager, of_contract, PDF)
    twice = send(manager, of_contract, PDF)
    assert twice.status_code == 409
    assert "already kept" in twice.text
    withdraw = f"/organisations/{world.id('hospital')}/scans/{session.scalars(select(Scan.id)).one()}/withdraw"
    assert manager.get(withdraw).status_code == 200
    assert manager.post(withdraw, {"reason": " "}).status_code == 422
    assert manager.post(withdraw, {"reason": "of last year's contract"}).status_code == 303
    assert manager.post(withdraw, {"reason": "once more"}).status_code == 409
    page = manager.get(of_contract).text
    assert "withdrawn" in page
    assert "of last year&#39;s contract" in page
    assert manager.get(withdraw.removesuffix("/withdraw")).data == PDF, "the content stays"
    assert send(manager, of_contract, PDF).status_code == 303


def test_what_is_wrong_with_a_file_is_said_at_its_field_in_both_languages(
    app: Flask, world: World, of_contract: str
) -> None:
    wrong = send(at(app, world, "manager"), of_contract, pdf(encrypt="secret"))
    assert wrong.status_code == 422
    assert 'href="#field-file"' in wrong.text
    assert "locked by a password" in wrong.text
    chinese = at(app, world, "manager", "zh-CN")
    assert "PDF 设有密码" in send(chinese, of_contract, pdf(encrypt="secret")).text
    assert "Choose the file first" in at(app, world, "manager").post(of_contract, {"act_key": "K"}).text


def test_the_route_takes_no_more_than_a_scan(app: Flask, world: World, of_contract: str, session) -> None:  # type: ignore[no-untyped-def]
    manager = at(app, world, "manager")
    assert send(manager, of_contract, b"%PDF-" + bytes(MOST_MEGABYTES * 1_000_000)).status_code == 422
    assert send(manager, of_contract, b"%PDF-" + bytes(13_000_000)).status_code == 413
    assert session.scalars(select(Scan)).all() == []


def test_an_installation_sets_how_large_scans_are_and_how_many_a_paper_has(  # type: ignore[no-untyped-def]
    world: World, of_contract: str, store_url, tmp_path, compiled
) -> None:
    secret = "a-secret-that-only-the-tests-know-0123456789"
    given = {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": store_url, "SECRET_KEY": secret, "TESTING": "1"}
    try:
        app = create_app(read_settings({**given, "SCAN_MEGABYTES": "14", "SCANS_PER_PAPER": "2"}))
        app.jinja_env.bytecode_cache = compiled
        manager = at(app, world, "manager")
        assert "14 MB" in manager.get(of_contract).text
        assert "larger than 14 MB" in send(manager, of_contract, b"%PDF-" + bytes(14_000_000)).text
        whole = PDF.replace(b"%PDF-1.", b"%" + b"x" * 12_600_000 + b"\n%PDF-1.", 1)
        assert "no PDF" in send(manager, of_contract, whole).text, "it is looked into, and not turned away for its size"
        assert [send(manager, of_contract, one).status_code for one in (PDF, PNG, JPEG)] == [303, 303, 422]
        assert "2 scans are kept" in send(manager, of_contract, JPEG).text
        app.extensions["wastetrack.engine"].dispose()
    finally:
        take_at_most(MOST_MEGABYTES)
        keep_at_most(MOST_OF_ONE)


def test_the_scan_of_a_licence_is_for_the_registrar(app: Flask, world: World, session) -> None:  # type: ignore[no-untyped-def]
    licence = session.scalars(select(Licence).where(Licence.organisation_id == world.id("plant"))).one()
    address = f"/organisations/{world.id('plant')}/papers/licence/{licence.id}"
    assert send(at(app, world, "system_admin"), address, PDF).status_code == 303
    assert send(at(app, world, "manager"), address, PDF).status_code == 404
    assert at(app, world, "operator").get(address).status_code == 403
    seen = at(app, world, "province").get(address).text
    assert "paper.pdf" in seen
    assert "Add a scan" not in seen


# --- on the disk -----------------------------------------------------------------------------------------------------


def test_a_file_that_was_changed_or_lost_is_not_shown_and_the_log_says_which(
    app: Flask, world: World, of_contract: str, session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:  # type: ignore[no-untyped-def]
    manager = at(app, world, "manager")
    send(manager, of_contract, PDF)
    scan = session.scalars(select(Scan)).one()
    address = f"/organisations/{world.id('hospital')}/scans/{scan.id}"
    kept = tmp_path / "files" / scan.file_hash[:2] / scan.file_hash[2:]
    kept.chmod(0o600)
    kept.write_bytes(PDF + b"1")
    with caplog.at_level(logging.ERROR):
        changed = manager.get(address)
        kept.unlink()
        lost = manager.get(address)
    assert (changed.status_code, lost.status_code) == (409, 409)
    assert "no longer what was sent" in changed.text
    assert "is missing" in lost.text
    assert sum(scan.file_hash in record.getMessage() for record in caplog.records) == 2


def test_the_operator_finds_missing_changed_and_orphan_files(
    app: Flask, world: World, of_contract: str, session, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    check = app.test_cli_runner()
    manager = at(app, world, "manager")
    for content in (PDF, PNG, JPEG):
        send(manager, of_contract, content)
    orphan = app.extensions["wastetrack.files"].keep(b"of an act that was dropped")
    fine = check.invoke(args=["files", "check"])
    assert fine.exit_code == 0
    assert f"orphan  {orphan}" in fine.output
    assert "3 whole, 0 missing, 0 changed; 1 that no row names" in fine.output
    paths = {one: tmp_path / "files" / one[:2] / one[2:] for one in session.scalars(select(Scan.file_hash))}
    (first, lost), (second, bent), _third = paths.items()
    lost.unlink()
    bent.write_bytes(b"something else")
    found = check.invoke(args=["files", "check"])
    assert found.exit_code == 1
    assert f"missing  {first}" in found.output
    assert f"changed  {second}" in found.output


def test_the_same_content_is_kept_once_and_an_act_that_fails_leaves_no_row(
    app: Flask, world: World, of_contract: str, session, tmp_path: Path, work_as: WorkAs
) -> None:  # type: ignore[no-untyped-def]
    manager = at(app, world, "manager")
    send(manager, of_contract, PDF)
    truck = f"/organisations/{world.id('carrier')}/papers/vehicle/{world.vehicles['truck'].id}"
    assert send(at(app, world, "system_admin"), truck, PDF).status_code == 303
    assert len(list((tmp_path / "files").glob("??/*"))) == 1
    assert queries.kept_files(session) == {hashlib.sha256(PDF).hexdigest()}
    session.rollback()
    unknown = truck.replace(str(world.vehicles["truck"].id), str(world.id("plant")))
    assert send(at(app, world, "system_admin"), unknown, PNG).status_code == 404
    assert len(session.scalars(select(Scan)).all()) == 2
