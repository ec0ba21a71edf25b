"""Scans of papers: shown with the paper, added and withdrawn by whoever keeps it, opened by whoever may see it."""

import io
import logging
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.problems import Kind, Refusal, refuse
from wastetrack.domain.scans import PaperKind, named_as
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.models import Contract, CrewMember, Licence, Organisation, Scan, Vehicle
from wastetrack.features.parties.pages.blueprint import allowed, for_keeping, pages, typed
from wastetrack.features.parties.pages.parts import KEEPS
from wastetrack.infra.files import FileChangedError
from wastetrack.infra.i18n import _
from wastetrack.infra.scanned import most_megabytes
from wastetrack.web.context import actor, files, look
from wastetrack.web.forms import said, submit
from wastetrack.web.headers import sandboxed

log = logging.getLogger(__name__)


@pages.shows("/organisations/<uuid:organisation_id>/papers/<paper>/<uuid:paper_id>", needs=Act.VIEW_PARTIES)
def scans_page(
    organisation_id: UUID, paper: str, paper_id: UUID, refusal: Refusal | None = None
) -> ResponseReturnValue:
    """Show the scans of one paper, and take another one from whoever keeps it."""
    one, kind = queries.visible(look(), actor(), organisation_id), _kind(paper)
    row = queries.scannable(look(), one.id, kind, paper_id)
    scans = queries.scans_of(look(), kind, row.id)
    return render_template(
        "parties/scans.html",
        one=one,
        kind=kind,
        row=row,
        title=_title(kind, row),
        scans=scans,
        people=queries.people(look(), (who for scan in scans for who in (scan.added_by, scan.withdrawn_by)), one.id),
        is_keeper=row.organisation_id == one.id and allowed(kind.act, one) and one.state.value != "closed",
        problems=said(refusal),
        values=typed(),
        most_mb=most_megabytes(),
    )


@pages.does("/organisations/<uuid:organisation_id>/papers/<paper>/<uuid:paper_id>", needs=KEEPS)
def add_scan(organisation_id: UUID, paper: str, paper_id: UUID) -> ResponseReturnValue:
    """Keep a scan beside the paper. Who may not is turned away before the file is looked into."""
    kind = _kind(paper)
    for_keeping(organisation_id, kind.act)
    sent = request.files.get("file")
    return submit(
        service.AddScan,
        lambda work, command: service.add_scan(work, files(), command),
        then=lambda scan: _back(scan, _("The scan is kept.")),
        again=lambda refusal: scans_page(organisation_id, paper, paper_id, refusal),
        given={
            "organisation_id": organisation_id,
            "paper": kind,
            "paper_id": paper_id,
            "file_name": (sent.filename or "") if sent else "",
            "file": sent.read() if sent else b"",
        },
    )


@pages.shows("/organisations/<uuid:organisation_id>/scans/<uuid:scan_id>", needs=Act.VIEW_PARTIES)
def scan_file(organisation_id: UUID, scan_id: UUID) -> ResponseReturnValue:
    """Give the file as it was sent: a picture is shown, a document is saved. A browser runs nothing of it."""
    one = queries.visible(look(), actor(), organisation_id)
    scan, _paper = queries.scan(look(), one.id, scan_id)
    answer = send_file(
        io.BytesIO(_content(scan)),
        mimetype=scan.file_type.mime,
        as_attachment=not scan.file_type.is_picture,
        download_name=named_as(scan.file_name, scan.file_type),
    )
    answer.headers["Cache-Control"] = "no-store"
    return sandboxed(answer)


@pages.shows("/organisations/<uuid:organisation_id>/scans/<uuid:scan_id>/withdraw", needs=KEEPS)
def withdraw_scan_page(organisation_id: UUID, scan_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask why the scan does not count any more."""
    one, scan = _kept(organisation_id, scan_id)
    row = queries.scannable(look(), one.id, scan.paper, scan.paper_id)
    return render_template(
        "parties/scan_withdraw.html",
        one=one,
        scan=scan,
        title=_title(scan.paper, row),
        problems=said(refusal),
        values=typed(),
    )


@pages.does("/organisations/<uuid:organisation_id>/scans/<uuid:scan_id>/withdraw", needs=KEEPS)
def withdraw_scan(organisation_id: UUID, scan_id: UUID) -> ResponseReturnValue:
    """Withdraw it."""
    _kept(organisation_id, scan_id)
    return submit(
        service.WithdrawScan,
        service.withdraw_scan,
        then=lambda scan: _back(scan, _("The scan is withdrawn.")),
        again=lambda refusal: withdraw_scan_page(organisation_id, scan_id, refusal),
        given={"organisation_id": organisation_id, "scan_id": scan_id},
    )


def _kind(text: str) -> PaperKind:
    found = next((kind for kind in PaperKind if kind.value == text), None)
    if found is None:
        raise unknown()
    return found


def _kept(organisation_id: UUID, scan_id: UUID) -> tuple[Organisation, Scan]:
    """Return a scan for whoever keeps its paper."""
    scan, _paper = queries.scan(look(), organisation_id, scan_id)
    one = for_keeping(organisation_id, scan.paper.act)
    return one, queries.part(look(), Scan, scan_id, one.id)


def _content(scan: Scan) -> bytes:
    """Return the file, or say that it cannot be shown: what was changed or lost on the disk is never given out."""
    try:
        return files().read(scan.file_hash)
    except FileChangedError:
        log.error("kept file %s is no longer what was sent: scan %s is not shown", scan.file_hash, scan.id)
        sentence = N_("The kept file is no longer what was sent in, so it is not shown. Tell the operator: {file}.")
    except FileNotFoundError:
        log.error("kept file %s is missing: scan %s cannot be shown", scan.file_hash, scan.id)
        sentence = N_("The kept file is missing, so it cannot be shown. Tell the operator: {file}.")
    raise refuse("scan.lost", sentence, kind=Kind.CONFLICT, file=scan.file_hash[:16])


def _back(scan: Scan, done: str) -> ResponseReturnValue:
    flash(done, "success")
    paper, whose = scan.paper.value, scan.organisation_id
    return redirect(url_for("parties.scans_page", organisation_id=whose, paper=paper, paper_id=scan.paper_id), 303)


def _title(kind: PaperKind, row: queries.Scannable) -> str:
    """Return which paper it is, as people name it."""
    match row:
        case Licence() | Contract():
            name = row.number
        case Vehicle():
            name = row.plate
        case CrewMember():
            name = row.name
        case _:
            name = _("{year}, version {n}", year=str(row.year), n=row.version)
    return f"{_(kind.label)} {name}"
