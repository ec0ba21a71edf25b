"""Reading a table that a person made, from a workbook or a text file, into plain cells; limits come before parsing.

Nothing is computed: of a formula only the value that the spreadsheet program saved is read. Every cell comes out as
the text a person sees there, dates as 2026-01-02, whole numbers without a point.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_
from wastetrack.infra.packages import require_plain_workbook

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 60
_HEADER_WITHIN = 5
"""The line that names the columns is one of the first: some files have a title above it."""

_WORKBOOK = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = "\t;,"
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Line:
    """One row: its number as a spreadsheet program shows it, and its cells in the order of the columns."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The columns' names as they stand in the file, and the rows below that hold anything."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(content: bytes, known: Iterable[str]) -> Table:
    """Read a file of either kind, told by what is in it and not by its name.

    `known` are names of columns (as `column_name` writes them) by which the header line is found.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise refuse("table.empty_file", N_("The file is empty. Choose another one."), field="file")
    if len(content) > MOST_BYTES:
        sentence = N_("The file is larger than {most} MB. Divide it into several files.")
        raise refuse("table.bytes", sentence, field="file", most=MOST_BYTES // 1_000_000)
    if content.startswith(_OLE):
        raise _not_open(content)
    lines = _workbook_lines(content) if content.startswith(_WORKBOOK) else _text_lines(content)
    return _table(lines, set(known))


def column_name(text: str) -> str:
    """Return the name of a column as names are compared: any width, any case, without blanks, marks and remarks."""
    plain = re.sub(r"\([^)]*\)", "", narrow(text))
    return re.sub(r"[\s*:_\-]+", "", plain).lower()


def _not_open(content: bytes) -> Refusal:
    if "EncryptedPackage".encode("utf-16-le") in content:
        sentence = N_("The workbook is locked with a password. Take the password off, save it and send it again.")
        return refuse("table.encrypted", sentence, field="file")
    sentence = N_("This is a workbook in an old format (.xls). Save it as .xlsx and send it again.")
    return refuse("table.old_format", sentence, field="file")


def _workbook_lines(content: bytes) -> Iterator[Line]:
    require_plain_workbook(content, most_rows=MOST_ROWS + _HEADER_WITHIN, most_columns=MOST_COLUMNS)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        raise refuse(
            "table.workbook",
            N_("The workbook cannot be read; it may be damaged. Open it, save it as .xlsx and send it again."),
            field="file",
        ) from None
    for number, cells in enumerate(rows, start=1):
        yield Line(number, tuple(_shown(cell) for cell in cells))


def _shown(value: Any) -> str:
    """Return a cell as a person sees it."""
    match value:
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return _tidy(str(value))


def _tidy(text: str) -> str:
    """Return text without what nobody sees: blanks around it, line breaks inside it."""
    return _BLANKS.sub(" ", text).strip()


def _text_lines(content: bytes) -> Iterator[Line]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    # A line break inside a cell makes one row of two lines: the row's number is counted, not the file's lines.
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield Line(number, tuple(_tidy(cell) for cell in cells))
    except csv.Error as error:
        sentence = N_("The file cannot be read from row {row} on. Save it as CSV (UTF-8) or .xlsx and send it again.")
        raise refuse("table.text", sentence, field="file", row=number + 1) from error


def _decoded(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _UNREADABLE.search(text):
            return text
    sentence = N_("This is neither a workbook (.xlsx) nor a CSV file in UTF-8 or GB 18030. Save it as one of these.")
    raise refuse("table.encoding", sentence, field="file")


def _delimiter(text: str) -> str:
    """Return what stands between the cells: whatever the first lines have most of."""
    begin = "\n".join(text.splitlines()[:_HEADER_WITHIN])
    return max(_DELIMITERS, key=begin.count) if any(mark in begin for mark in _DELIMITERS) else ","


def _table(lines: Iterable[Line], known: set[str]) -> Table:
    """Find the header among the first lines; what stands below it are the rows."""
    kept: list[Line] = []
    for line in lines:
        if any(line.cells):
            kept.append(_checked(line))
        if len(kept) > MOST_ROWS + _HEADER_WITHIN:
            raise too_many_rows()
    at = _header_at(kept, known)
    rows = kept[at + 1 :]
    if not rows:
        raise refuse("table.no_rows", N_("The file has no rows below its header."), field="file")
    if len(rows) > MOST_ROWS:
        raise too_many_rows()
    return Table(kept[at].cells, tuple(rows))


def too_many_rows() -> Refusal:
    """Make the refusal of a file that is too long."""
    sentence = N_("The file has more than {most} rows. Divide it into several files.")
    return refuse("table.rows", sentence, field="file", most=MOST_ROWS)


def _checked(line: Line) -> Line:
    if len(line.cells) > MOST_COLUMNS and any(line.cells[MOST_COLUMNS:]):
        sentence = N_("The file has more than {most} columns. Delete those that are not needed.")
        raise refuse("table.columns", sentence, field="file", most=MOST_COLUMNS)
    for cell in line.cells:
        if _UNREADABLE.search(cell):
            sentence = N_("Row {row} holds characters that cannot be shown. Type its cells anew.")
            raise refuse("table.characters", sentence, field="file", row=line.number)
    return line


def _header_at(lines: Sequence[Line], known: set[str]) -> int:
    """Return the place of the line that names most of the known columns, the first of them all when none does."""

    def named(at: int) -> int:
        return len(known & {column_name(cell) for cell in lines[at].cells})

    if not lines:
        raise refuse("table.no_rows", N_("The file has no rows below its header."), field="file")
    return max(range(min(_HEADER_WITHIN, len(lines))), key=lambda at: (named(at), -at))
