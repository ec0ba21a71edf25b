"""Importing files, page by page: choose what, send the file, read the check, save, read what became of it."""

import io
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask import send_file as send_file_of
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.imports import SMALL, UNDER_WAY, ImportKind, ImportState, Verdict
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.imports import queries, service, shapes
from wastetrack.features.imports.forms import sent_file
from wastetrack.features.imports.models import Import
from wastetrack.infra import clock
from wastetrack.infra.i18n import CHINESE, _, speaking
from wastetrack.infra.tables import MOST_BYTES, MOST_ROWS
from wastetrack.infra.work import Work
from wastetrack.web.context import acting, actor, files, look, outbox
from wastetrack.web.forms import said, status_of, submit
from wastetrack.web.routing import Pages

pages = Pages("imports", __name__)

KEEPERS = (Act.MANAGE_PARTIES, Act.MANAGE_ACCOUNTS, Act.IMPORT_WASTE)
_TO_SAY = {
    "wrong": (Verdict.WRONG,),
    "changed": (Verdict.CHANGED, Verdict.DIFFERS),
    "doubts": (Verdict.NEW,),
}


@pages.shows("/imports", needs=KEEPERS)
def imports_page() -> ResponseReturnValue:
    """Show what can be imported, and the imports so far."""
    before = request.args.get("before", type=UUID)
    rows, following = queries.page(look(), actor(), before)
    return render_template(
        "imports/list.html",
        kinds=queries.kinds_for(actor()),
        rows=rows,
        names=accounts.names(look(), [row.user_id for row in rows]),
        next_href=url_for("imports.imports_page", before=following) if following else None,
        first_href=url_for("imports.imports_page") if before else None,
    )


@pages.shows("/imports/new/<kind>", needs=KEEPERS)
def new_import_page(kind: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show how a file of one kind looks, and take it."""
    chosen = _kind(kind)
    return render_template(
        "imports/new.html",
        kind=chosen,
        columns=service.SHEETS[chosen].columns,
        problems=said(refusal),
        most_rows=MOST_ROWS,
        most_mb=MOST_BYTES // 1_000_000,
    )


@pages.does("/imports/new/<kind>", needs=KEEPERS)
def send_file(kind: str) -> ResponseReturnValue:
    """Take a file and have it checked: at once when it is short, beside the site when it is long."""
    chosen = _kind(kind)
    try:
        command, rows = sent_file(chosen)
    except Refusal as refusal:
        answer = make_response(new_import_page(kind, refusal))
        answer.status_code = status_of(refusal)
        return answer
    with acting() as work:
        one = service.send_file(work, files(), command, rows)
    return _begun(one)


@pages.shows("/imports/templates/<kind>.<form>", needs=KEEPERS)
def template_file(kind: str, form: str) -> ResponseReturnValue:
    """Give the file to fill in, in Chinese for every reader: it goes round in the county."""
    sheet = service.SHEETS[_kind(kind)]
    if form not in {"csv", "xlsx"}:
        raise unknown()
    with speaking(CHINESE):
        name = f"{_(sheet.kind.label)}.{form}"
        if form == "csv":
            return _download(shapes.template_text(sheet), "text/csv", name)
        return _download(shapes.template_workbook(sheet), shapes.XLSX, name)


@pages.shows("/imports/<uuid:import_id>", needs=KEEPERS)
def import_page(import_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show an import as it stands: its progress, what the check found, what became of it."""
    session = look()
    one = queries.visible(session, actor(), import_id)
    shown = request.args.get("show", "")
    spoken = queries.spoken_of(session, one.id)
    counts = {name: sum(spoken.get(verdict, 0) for verdict in verdicts) for name, verdicts in _TO_SAY.items()}
    if not counts.get(shown):
        shown = next((name for name, count in counts.items() if count), "wrong")
    file = None if one.state in UNDER_WAY or one.file_gone_at else service.opened(one.kind, files().read(one.file_hash))
    rows = queries.rows(session, one.id, _TO_SAY[shown])
    return render_template(
        "imports/import.html",
        one=one,
        State=ImportState,
        under_way=one.state in UNDER_WAY,
        sender=accounts.names(session, [one.user_id]).get(one.user_id, ""),
        unknown_columns=file.unknown if file else (),
        rows=shapes.said_rows(service.SHEETS[one.kind], rows),
        counts=counts,
        shown=shown,
        most=queries.SHOWN,
        waiting=len(_waiting(one)),
        at_once=service.PASSWORDS_AT_ONCE,
        problems=said(refusal),
    )


@pages.does("/imports/<uuid:import_id>/save", needs=KEEPERS)
def save_rows(import_id: UUID) -> ResponseReturnValue:
    """Save what was checked."""
    return submit(
        service.SaveRows,
        service.save_rows,
        then=_begun,
        again=lambda refusal: import_page(import_id, refusal),
        given={"import_id": import_id},
    )


@pages.does("/imports/<uuid:import_id>/give-up", needs=KEEPERS)
def give_up(import_id: UUID) -> ResponseReturnValue:
    """Give up a file that was checked."""

    def then(one: Import) -> ResponseReturnValue:
        flash(_("The file is given up. Nothing of it was saved."), "success")
        return redirect(url_for("imports.import_page", import_id=one.id), 303)

    return submit(
        service.GiveUp,
        service.give_up,
        then=then,
        again=lambda refusal: import_page(import_id, refusal),
        given={"import_id": import_id},
    )


@pages.does("/imports/<uuid:import_id>/passwords", needs=Act.MANAGE_ACCOUNTS)
def give_passwords(import_id: UUID) -> ResponseReturnValue:
    """Give the next accounts their one-time passwords, in a file that is made this once."""
    with acting() as work:
        given = service.give_passwords(work, files(), service.GivePasswords(import_id=import_id))
    if not given:
        flash(_("All accounts of this import have a password by now."), "success")
        return redirect(url_for("imports.import_page", import_id=import_id), 303)
    return _download(shapes.passwords_workbook(given), shapes.XLSX, f"{_('One-time passwords')}.xlsx")


@pages.shows("/imports/<uuid:import_id>/wrong.xlsx", needs=KEEPERS)
def wrong_file(import_id: UUID) -> ResponseReturnValue:
    """Give the wrong rows with the reasons beside them."""
    one = queries.visible(look(), actor(), import_id)
    rows = queries.rows(look(), one.id, [Verdict.WRONG], most=None)
    if not rows or one.file_gone_at:
        raise unknown()
    file = service.open_import(look(), files(), one.id)
    return _download(shapes.wrong_workbook(file, rows), shapes.XLSX, f"{_('Wrong rows')}.xlsx")


def _kind(text: str) -> ImportKind:
    """Return what is to be imported; for whom it is not to import there is no such address."""
    chosen = next((kind for kind in queries.kinds_for(actor()) if kind.value == text), None)
    if chosen is None:
        raise unknown()
    return chosen


def _begun(one: Import) -> ResponseReturnValue:
    """Do a short file at once, call the worker to a long one, and show how it stands."""
    if one.total <= SMALL:
        outbox().run_now(service.OUTBOX, one.id)
    else:
        outbox().ring()
    return redirect(url_for("imports.import_page", import_id=one.id), 303)


def _waiting(one: Import) -> list[object]:
    """Return the accounts of an import that still need a password."""
    return list(service.waiting_for_passwords(Work(look(), actor(), clock.now()), files(), one))


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = send_file_of(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
