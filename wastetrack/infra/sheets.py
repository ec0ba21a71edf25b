"""Reading a CSV file that a person made: any usual encoding, limits before parsing, every fault with its row."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from wastetrack.domain.problems import Fact, Problem, Refusal, refuse
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_, Several

_Row = TypeVar("_Row", bound=Mapping[str, Any])
_Value = TypeVar("_Value")

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000


@dataclass(frozen=True)
class SheetRow:
    """One row: its number as a spreadsheet program shows it (the header is 1), and its cells by column."""

    number: int
    cells: dict[str, str]

    def field(self, column: str) -> str:
        """Return the path of one cell, as a problem names it."""
        return f"rows.{self.number}.{column}"


def read_sheet(data: bytes, columns: Sequence[str]) -> list[SheetRow]:
    """Return the rows of a CSV file that must have at least `columns`; rows without any text are passed over."""
    if len(data) > MOST_BYTES:
        raise refuse("sheet.too_large", N_("The file is larger than {most} MB."), most=MOST_BYTES // 1_000_000)
    lines = csv.reader(io.StringIO(_text(data), newline=""))
    try:
        header = [narrow(cell).lower() for cell in next(lines, [])]
        _require(columns, header)
        rows = list(_rows(lines, header))
    except csv.Error as error:
        raise refuse(
            "sheet.not_csv",
            N_("The file cannot be read as CSV (row {row}). Save it as CSV (UTF-8) and try again."),
            row=lines.line_num,
        ) from error
    if not rows:
        raise refuse("sheet.empty", N_("The file has no rows below its header."))
    return rows


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("sheet.encoding", N_("The file is neither in UTF-8 nor in GB 18030. Save it as CSV (UTF-8)."))


def _require(columns: Sequence[str], header: Sequence[str]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        raise refuse(
            "sheet.columns",
            N_("The first row must name the columns; missing: {missing}."),
            missing=Several(tuple(missing)),
        )


def _rows(lines: Iterator[list[str]], header: list[str]) -> Iterator[SheetRow]:
    for number, line in enumerate(lines, start=2):
        if number > MOST_ROWS + 1:
            raise refuse("sheet.too_long", N_("The file has more than {most} rows."), most=MOST_ROWS)
        if any(cell.strip() for cell in line):
            cells = [*line, *[""] * (len(header) - len(line))]
            yield SheetRow(number, {name: cell.strip() for name, cell in zip(header, cells, strict=False)})


def read_each(
    sheet: Sequence[SheetRow], read: Callable[[SheetRow], _Row], unique: str | None = None
) -> tuple[list[_Row], list[Problem]]:
    """Read every row, going on after a refused one; return what could be read and all problems together."""
    rows: list[_Row] = []
    problems: list[Problem] = []
    seen: dict[Any, int] = {}
    for line in sheet:
        try:
            row = read(line)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        rows.append(row)
        if unique is not None:
            first = seen.setdefault(row[unique], line.number)
            if first != line.number:
                facts: dict[str, Fact] = {"row": line.number, "first": first}
                problems.append(
                    Problem("sheet.repeated", N_("Row {row} repeats row {first}."), facts, line.field(unique))
                )
    return rows, problems


def attempt(read: Callable[[], _Value], problems: list[Problem]) -> _Value | None:
    """Return what `read` returns; when it refuses, put its problems to the others and return None."""
    try:
        return read()
    except Refusal as refusal:
        problems += refusal.problems
        return None


def missing(row: SheetRow, columns: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the columns that is empty."""
    sentence = N_("Row {row}: “{column}” is empty.")
    return [fault("sheet.missing", sentence, row, column) for column in columns if not row.cells[column]]


def too_long(row: SheetRow, most: Mapping[str, int]) -> list[Problem]:
    """Return a problem for each column with more characters than it may have."""
    sentence = N_("Row {row}: “{column}” is longer than {most} characters.")
    return [
        fault("sheet.long", sentence, row, column, most=limit)
        for column, limit in most.items()
        if len(row.cells[column]) > limit
    ]


def fault(code: str, sentence: str, row: SheetRow, column: str, **facts: Fact) -> Problem:
    """Make a problem of one cell; its sentence may name `{row}` and `{column}`."""
    return Problem(code, sentence, {"row": row.number, "column": column, **facts}, row.field(column))
