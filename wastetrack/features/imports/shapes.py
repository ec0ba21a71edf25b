"""Imports as people see them: rows in their language, templates to fill in, the wrong rows as a file to mend."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wastetrack.documents.workbook import Sheet as Page
from wastetrack.documents.workbook import SheetColumn, workbook
from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.problems import Problem
from wastetrack.features.accounts.models import User
from wastetrack.features.imports import service
from wastetrack.features.imports.models import ImportRow
from wastetrack.infra.i18n import _, listed, say

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Said:
    """One thing said of a row: in which column, and why the law wants it so."""

    column: str
    text: str
    basis: str | None


@dataclass(frozen=True)
class SaidRow:
    """A row of which there is something to say."""

    number: int
    name: str
    verdict: Verdict
    said: list[Said]


def said_rows(sheet: service.Sheet, rows: Iterable[ImportRow]) -> list[SaidRow]:
    """Return rows with what is said of them, in the reader's language."""
    return [
        SaidRow(row.number, row.name, row.verdict, [_said(sheet, remark) for remark in service.unpacked(row.remarks)])
        for row in rows
    ]


def template_workbook(sheet: service.Sheet) -> bytes:
    """Return the workbook to fill in: the columns, and a sheet that explains each of them."""
    notes = Page(
        _("How to fill in"),
        (
            SheetColumn(_("Column"), 26),
            SheetColumn(_("Required"), 10),
            SheetColumn(_("What to write"), 60),
            SheetColumn(_("Example"), 26),
            SheetColumn(_("Words of the list"), 60),
        ),
        [_explained(column) for column in sheet.columns],
        wraps=True,
    )
    return workbook([Page(_(sheet.kind.label), [_drawn(column) for column in sheet.columns]), notes])


def template_text(sheet: service.Sheet) -> bytes:
    """Return the CSV file to fill in; its mark at the begin tells spreadsheet programs that it is UTF-8."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_(column.title) for column in sheet.columns])
    return buffer.getvalue().encode("utf-8-sig")


def wrong_workbook(file: service.Opened, rows: Sequence[ImportRow]) -> bytes:
    """Return the wrong rows as they were sent, the reasons beside them: mended, this file can be sent as it is."""
    sheet = file.sheet
    sent = {row.number: row for row in file.rows}
    columns = [*(_drawn(column) for column in sheet.columns), SheetColumn(_("What is wrong"), 70)]
    lines = []
    for row in said_rows(sheet, rows):
        reasons = "\n".join(_with_column(said) for said in row.said)
        cells = [sent[row.number][column.key] for column in sheet.columns]
        lines.append([*cells, _("Row {n}: {reasons}", n=row.number, reasons=reasons)])
    return workbook([Page(_(sheet.kind.label), columns, lines, marked=len(columns) - 1)])


def passwords_workbook(given: Iterable[tuple[User, str]]) -> bytes:
    """Return the one-time passwords that were just given. They are written here and nowhere else."""
    columns = (
        SheetColumn(_("Username"), 24),
        SheetColumn(_("Person's name"), 20),
        SheetColumn(_("One-time password"), 24),
    )
    return workbook(
        [Page(_(ImportKind.USERS.label), columns, [(user.username, user.name, one) for user, one in given])]
    )


def _said(sheet: service.Sheet, remark: Problem) -> Said:
    titles = {column.key: column.title for column in sheet.columns}
    title = titles.get(remark.field or "")
    return Said(_(title) if title else "", say(remark), _(remark.basis) if remark.basis else None)


def _with_column(said: Said) -> str:
    return _("{field}: ", field=said.column) + said.text if said.column else said.text


def _drawn(column: service.Column) -> SheetColumn:
    # Several words in one cell cannot be picked from a list.
    several = column.terms is not None and column.form.name == "TERMS"
    choices = () if several else tuple(_(term.label) for term in column.choices)
    return SheetColumn(_(column.title), column.width, choices, column.required)


def _explained(column: service.Column) -> list[str]:
    words = listed(
        _(term.label) if term.value.islower() else f"{term.value} {_(term.label)}" for term in column.choices
    )
    return [_(column.title), _("yes") if column.required else "", _(column.note), column.example, words]
