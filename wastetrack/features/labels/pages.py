"""Pages of labels: the print dialog, what was printed, blank labels, printers."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.documents.label import Paper, test_page
from wastetrack.domain.access import Act, Relation, may, unknown
from wastetrack.domain.labels import SMALL, LabelFormat, PrintState
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.labels import forms, queries, service
from wastetrack.features.labels.models import BlankBatch, LabelPrint, LabelPrinter
from wastetrack.infra.files import FileChangedError
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, files, look, outbox
from wastetrack.web.forms import said, submit
from wastetrack.web.pdf import pdf
from wastetrack.web.routing import Pages

pages = Pages("labels", __name__)


@pages.shows("/labels", needs=Act.PRINT_LABEL)
def labels_page() -> ResponseReturnValue:
    """Show what was printed, the blank labels, and where printers are kept."""
    session, who = look(), actor()
    if who.organisation_id is None:
        raise unknown()
    before = request.args.get("before", type=UUID)
    rows, following = queries.prints(session, who, before)
    return render_template(
        "labels/list.html",
        rows=rows,
        cancelled=queries.cancelled(session, rows),
        batches=queries.batches(session, who) if not before else [],
        names=accounts.names(session, [one.user_id for one in rows]),
        may_issue=may(who, Act.ISSUE_BLANKS, {Relation.OWN}),
        next_href=url_for("labels.labels_page", before=following) if following else None,
        first_href=url_for("labels.labels_page") if before else None,
    )


# --- printing --------------------------------------------------------------------------------------------------------


@pages.shows("/labels/print", needs=Act.PRINT_LABEL)
def print_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the dialog: which labels, on what, from which place on, and why once more."""
    chosen = forms.selection()
    return render_template(
        "labels/print.html",
        chosen=chosen,
        offer=forms.offer(look(), actor(), chosen),
        problems=said(refusal),
        form=request.form,
    )


@pages.does("/labels/print", needs=Act.PRINT_LABEL)
def print_labels() -> ResponseReturnValue:
    """Print what was chosen and show the file, or how far it is."""
    return submit(service.PrintLabels, service.print_labels, then=_begun, again=print_page)


@pages.does("/labels/print-at-once", needs=Act.PRINT_LABEL)
def print_at_once() -> ResponseReturnValue:
    """Print a first label on what was chosen last, and open it; the dialog comes where there is something to ask."""

    def then(one: LabelPrint) -> ResponseReturnValue:
        _begin(one)
        return redirect(url_for("labels.print_pdf", print_id=one.id), 303)

    return submit(service.PrintLabels, service.print_labels, then=then, again=print_page)


@pages.shows("/labels/prints/<uuid:print_id>", needs=Act.PRINT_LABEL)
def a_print_page(print_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show a print: how far it is, then its file."""
    one = queries.a_print(look(), actor(), print_id)
    kinds = queries.kinds_in(look(), one)
    return render_template(
        "labels/a_print.html",
        one=one,
        State=PrintState,
        kinds=kinds,
        sender=accounts.names(look(), [one.user_id]).get(one.user_id, ""),
        next_place=queries.next_place(one, kinds),
        cancelled=queries.cancelled(look(), [one]),
        problems=said(refusal),
    )


@pages.does("/labels/prints/<uuid:print_id>/cancel", needs=Act.PRINT_LABEL)
def cancel_print(print_id: UUID) -> ResponseReturnValue:
    """Cancel a print whose file is being made."""

    def then(one: LabelPrint) -> ResponseReturnValue:
        return redirect(url_for("labels.a_print_page", print_id=one.id), 303)

    return submit(
        service.CancelPrint,
        service.cancel_print,
        then=then,
        again=lambda refusal: a_print_page(print_id, refusal),
        given={"print_id": print_id},
    )


@pages.shows("/labels/prints/<uuid:print_id>/labels.pdf", needs=Act.PRINT_LABEL)
def print_pdf(print_id: UUID) -> ResponseReturnValue:
    """Give the file to print, as long as it is kept."""
    one = queries.a_print(look(), actor(), print_id)
    here = url_for("labels.a_print_page", print_id=one.id)
    if one.file_hash is None:
        return redirect(here, 303)
    try:
        content = files().read(one.file_hash)
    except (FileNotFoundError, FileChangedError):
        flash(_("The file is no longer kept. Print the labels once more; the reason is asked."), "warning")
        return redirect(here, 303)
    return pdf(content, "labels")


def _begun(one: LabelPrint) -> ResponseReturnValue:
    _begin(one)
    return redirect(url_for("labels.a_print_page", print_id=one.id), 303)


def _begin(one: LabelPrint) -> None:
    """Make a short file at once, call the worker to a long one."""
    if one.total <= SMALL:
        outbox().run_now(service.OUTBOX, one.id)
    else:
        outbox().ring()


# --- blank labels ----------------------------------------------------------------------------------------------------


@pages.shows("/labels/blanks/new", needs=Act.ISSUE_BLANKS)
def new_blanks_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask how many blank labels, in which format."""
    return render_template(
        "labels/new_blanks.html",
        formats=forms.blank_choices(),
        printers=queries.printers(look(), actor()),
        problems=said(refusal),
        form=request.form,
    )


@pages.does("/labels/blanks/new", needs=Act.ISSUE_BLANKS)
def issue_blanks() -> ResponseReturnValue:
    """Issue blank labels and have their file made."""

    def then(batch: BlankBatch) -> ResponseReturnValue:
        printed = queries.print_of_batch(look(), batch.id)
        if printed is not None:
            _begin(printed)
        return redirect(url_for("labels.batch_page", roll_id=batch.id), 303)

    return submit(service.IssueBlanks, service.issue_blanks, then=then, again=new_blanks_page)


@pages.shows("/labels/blanks/<uuid:roll_id>", needs=Act.PRINT_LABEL)
def batch_page(roll_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show a batch of blank labels: its file, how many are used, and how to withdraw the rest."""
    session, who = look(), actor()
    batch = queries.batch(session, who, roll_id)
    return render_template(
        "labels/batch.html",
        batch=batch,
        printed=queries.print_of_batch(session, batch.id),
        State=PrintState,
        used=queries.used_of(session, batch.id),
        issuer=accounts.names(session, [batch.issued_by]).get(batch.issued_by, ""),
        may_issue=may(who, Act.ISSUE_BLANKS, {Relation.OWN}),
        problems=said(refusal),
        form=request.form,
    )


@pages.does("/labels/blanks/<uuid:roll_id>/withdraw", needs=Act.ISSUE_BLANKS)
def withdraw_blanks(roll_id: UUID) -> ResponseReturnValue:
    """Withdraw what is left of a batch."""

    def then(batch: BlankBatch) -> ResponseReturnValue:
        flash(_("The rest of the batch is withdrawn. Destroy what is left of the roll."), "success")
        return redirect(url_for("labels.batch_page", roll_id=batch.id), 303)

    return submit(
        service.WithdrawBlanks,
        service.withdraw_blanks,
        then=then,
        again=lambda refusal: batch_page(roll_id, refusal),
        given={"batch_id": roll_id},
    )


# --- printers --------------------------------------------------------------------------------------------------------


@pages.shows("/labels/printers", needs=Act.PRINT_LABEL)
def printers_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the printers and by how much each prints beside."""
    if actor().organisation_id is None:
        raise unknown()
    return render_template(
        "labels/printers.html",
        rows=queries.printers(look(), actor()),
        problems=said(refusal),
        form=request.form,
    )


@pages.does("/labels/printers", needs=Act.PRINT_LABEL)
def keep_printer() -> ResponseReturnValue:
    """Enter or correct a printer."""

    def then(one: LabelPrinter) -> ResponseReturnValue:
        flash(_("Saved: {name}. Print the test page once more.", name=one.name), "success")
        return redirect(url_for("labels.printers_page"), 303)

    return submit(service.KeepPrinter, service.keep_printer, then=then, again=printers_page)


@pages.shows("/labels/printers/<uuid:printer_id>/test.pdf", needs=Act.PRINT_LABEL)
def test_pdf(printer_id: UUID) -> ResponseReturnValue:
    """Print a page to measure by, as the printer is set now: a sheet, or a label of a roll."""
    one = queries.printer(look(), actor(), printer_id)
    size = LabelFormat.TAG_80X60 if request.args.get("roll") == "1" else LabelFormat.TAG_2X4
    return pdf(test_page(Paper(size, right_mm=one.right_tenths / 10, down_mm=one.down_tenths / 10)), "test")
