"""Looking into a workbook's package before anything parses it: what it unpacks to, macros, the size of its sheets.

A workbook is a zip of XML. A few kilobytes can unpack to gigabytes, and a sheet with one cell far out makes a reader
fill everything before it: so every part is unpacked once here, piece by piece and counted, and every sheet's cells
are counted, before it is given to a parser.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from xml.parsers import expat

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_

MOST_PARTS = 500
MOST_UNPACKED = 100_000_000
MOST_RATIO = 200
"""A workbook of addresses packs to a tenth, one of equal cells to a fiftieth; what packs tighter was made to hurt."""
_PIECE = 1 << 16
_SMALL_PART = 1_000_000
"""Below this a tight ratio is no harm."""

_SHEET_TYPE = b"spreadsheetml.sheet.main+xml"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class _EnoughError(Exception):
    """Stops the parser of a part that needs no further look."""


def require_plain_workbook(content: bytes, *, most_rows: int, most_columns: int) -> None:
    """Refuse a package that is no ordinary workbook, unpacks to too much, holds macros, or has too large a sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _require_workbook(package)
            unpacked = 0
            for part in package.infolist():
                sheet = _SheetSize(most_rows, most_columns)
                unpacked += _unpack(package, part, MOST_UNPACKED - unpacked, sheet.feed)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        # What a damaged or tampered zip raises differs; for the sender it is all the same.
        raise refuse(
            "table.package",
            N_("The workbook is damaged or was not made by a spreadsheet program. Save it as .xlsx and send it again."),
            field="file",
        ) from None


def _require_workbook(package: zipfile.ZipFile) -> None:
    names = package.namelist()
    if len(names) > MOST_PARTS:
        raise _too_much()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise refuse(
            "table.macros",
            N_("The workbook holds macros. Save it as an ordinary workbook (.xlsx) without macros and send it again."),
            field="file",
        )
    if "[Content_Types].xml" not in names:
        raise _other_format()
    types = _first(package, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise refuse(
            "table.macros",
            N_("The workbook holds macros. Save it as an ordinary workbook (.xlsx) without macros and send it again."),
            field="file",
        )
    if _SHEET_TYPE not in types:
        raise _other_format()


def _first(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        return file.read(_SMALL_PART)


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo, room: int, feed: Callable[[bytes], None]) -> int:
    """Unpack one part piece by piece and return its size; a size that the package lies about fails its check sum."""
    size = 0
    with package.open(part) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > room or (size > _SMALL_PART and size > MOST_RATIO * max(part.compress_size, 1)):
                raise _too_much()
            feed(piece)
    return size


class _SheetSize:
    """Follows the XML of a part; when it is a worksheet, refuses cells too far out and too many of them."""

    def __init__(self, most_rows: int, most_columns: int) -> None:
        self.most_rows, self.most_columns = most_rows, most_columns
        self.rows = self.columns = 0
        self.is_sheet: bool | None = None
        self._parser: expat.XMLParserType | None = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes) -> None:
        """Look at the next piece; what is no XML, or no worksheet, is passed over."""
        if self._parser is None:
            return
        try:
            self._parser.Parse(piece, False)
        except (_EnoughError, expat.ExpatError):
            if self.is_sheet:
                raise ValueError("a damaged worksheet") from None
            self._parser = None

    def _doctype(self, *_declared: object) -> None:
        raise ValueError("a workbook declares no document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if self.is_sheet is None:
            self.is_sheet = name == "worksheet"
            if not self.is_sheet:
                raise _EnoughError
        if name == "row":
            self.rows = max(self.rows + 1, int(attributes.get("r", 0)))
            self.columns = 0
        elif name == "c":
            self._cell(attributes.get("r", ""))
        else:
            return
        if self.rows > self.most_rows:
            raise _sheet_too_long(self.most_rows)
        if self.columns > self.most_columns:
            raise _sheet_too_wide(self.most_columns)

    def _cell(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference.upper())
        if found is None:
            self.columns += 1
            return
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        self.columns, self.rows = max(self.columns, column), max(self.rows, int(found[2]))


def _too_much() -> Refusal:
    sentence = N_("The workbook unpacks to far more than a table holds. Copy the cells into a new workbook.")
    return refuse("table.unpacked", sentence, field="file")


def _other_format() -> Refusal:
    sentence = N_("This is not a workbook in the .xlsx format. Save it as .xlsx or CSV and send it again.")
    return refuse("table.format", sentence, field="file")


def _sheet_too_long(most: int) -> Refusal:
    sentence = N_(
        "A sheet of the workbook goes on to beyond row {most}. Divide it, or delete what stands far below the rows."
    )
    return refuse("table.sheet_rows", sentence, field="file", most=most)


def _sheet_too_wide(most: int) -> Refusal:
    sentence = N_("A sheet of the workbook has cells right of column {most}. Delete the columns that are not needed.")
    return refuse("table.sheet_columns", sentence, field="file", most=most)
