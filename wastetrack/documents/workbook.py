"""Workbooks (.xlsx) from plain data. Whatever a cell holds is text: nothing that somebody typed becomes a formula."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

_FIRST_ROWS = 20_001
"""So far down a column keeps its list of choices."""
_NO_FORMULAS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_LONGEST_LIST = 255
"""What a spreadsheet program takes as a list written into the cell's rule."""


@dataclass(frozen=True)
class SheetColumn:
    """One column: its title, its width in characters, the choices of its cells, whether it has to be filled in."""

    title: str
    width: int = 16
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet: named columns and rows of text. `marked` is a column of remarks on the row, set apart by colour."""

    name: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)
    wraps: bool = False
    marked: int | None = None


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook with these sheets; the first is the one that is read."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _NO_FORMULAS) as book:
        for sheet in sheets:
            _write(book, sheet)
    return buffer.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    head = {"bold": True, "bg_color": "#e3eef0", "border": 1, "text_wrap": True, "valign": "top"}
    plain = {"num_format": "@", "valign": "top", "text_wrap": sheet.wraps}
    formats = {
        "head": book.add_format(head),
        "required": book.add_format({**head, "bg_color": "#ffe9a8"}),
        "plain": book.add_format(plain),
        "marked": book.add_format({**plain, "font_color": "#9b1c1c", "text_wrap": True}),
    }
    for at, column in enumerate(sheet.columns):
        # Text format, or the spreadsheet program would make numbers of codes: 18 digits would lose the last three.
        page.set_column(at, at, column.width, formats["marked" if at == sheet.marked else "plain"])
        page.write_string(0, at, column.title, formats["required" if column.required else "head"])
        if column.choices and len(",".join(column.choices)) <= _LONGEST_LIST:
            rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
            page.data_validation(1, at, _FIRST_ROWS, at, rule)
    for row, cells in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(cells):
            page.write_string(row, at, cell, formats["marked" if at == sheet.marked else "plain"])
    page.freeze_panes(1, 0)
