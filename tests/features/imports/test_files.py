"""Files as they come: every usual way to write one is read, every dangerous or broken one refused with what to do."""

import io
import struct
import zipfile
import zlib
from datetime import date, datetime

import pytest

from tests.features.imports.files import hospital, repacked, sheet, text, workbook
from wastetrack.domain.problems import Refusal
from wastetrack.infra import packages, tables
from wastetrack.infra.tables import column_name, read_table

KNOWN = {column_name(key) for key in hospital(1)}
GOOD = workbook([hospital(1)])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def refused(content: bytes) -> str:
    """Return the code of why a file is not taken."""
    with pytest.raises(Refusal) as caught:
        read_table(content, KNOWN)
    assert caught.value.problems[0].field == "file"
    return caught.value.problems[0].code


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_any_usual_encoding_with_any_usual_mark(delimiter: str, encoding: str) -> None:
    table = read_table(text([hospital(1)], delimiter, encoding), KNOWN)
    assert table.lines[0].cells[:2] == ("演示医院1", "医院")


def test_the_header_is_found_below_a_title_and_rows_keep_their_numbers() -> None:
    titles = list(hospital(1))
    table = read_table(sheet([["演示县单位一览表"], [], titles, [], list(hospital(1).values())]), KNOWN)
    assert table.header[0] == "name"
    assert [line.number for line in table.lines] == [5]


@pytest.mark.parametrize("title", ["电话", " 电话 ", "电话*", "电　话", "电话（必填）", "电话(手机)", "电话："])
def test_titles_may_carry_blanks_marks_and_remarks(title: str) -> None:
    assert column_name(title) == "电话"


def test_cells_come_out_as_a_person_sees_them() -> None:
    line = [13900000000, 12.5, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), " 甲\n乙 ", True]  # noqa: DTZ001  (a cell has no zone)
    cells = read_table(sheet([["a", "b", "c", "d", "e", "f"], line]), set()).lines[0].cells
    assert cells == ("13900000000", "12.5", "2026-01-02", "2026-01-02 03:04:00", "甲 乙", "1")


def test_text_that_looks_like_a_formula_stays_text() -> None:
    line = ["=1+1", "+86 311", "-5", "@SUM(A1)"]
    assert read_table(sheet([["a", "b", "c", "d"], line]), set()).lines[0].cells == tuple(line)


def test_a_cell_with_a_line_break_is_one_cell_of_one_row() -> None:
    table = read_table(b'a,b\r\n"x\r\ny",1\r\nz,2\r\n', set())
    assert [(line.number, line.cells) for line in table.lines] == [(2, ("x y", "1")), (3, ("z", "2"))]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_locked_workbook() -> None:
    assert refused(OLE + "EncryptedPackage".encode("utf-16-le")) == "table.encrypted"


def test_a_workbook_of_the_old_format() -> None:
    assert refused(OLE) == "table.old_format"


def test_a_workbook_with_macros() -> None:
    assert refused(repacked(GOOD, {"xl/vbaProject.bin": OLE})) == "table.macros"


def test_a_workbook_that_only_says_it_may_hold_macros() -> None:
    types = zipfile.ZipFile(io.BytesIO(GOOD)).read("[Content_Types].xml")
    kind = types.replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    assert refused(repacked(GOOD, {"[Content_Types].xml": kind})) == "table.macros"


def test_a_small_workbook_that_unpacks_to_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = repacked(GOOD, {"xl/media/image1.png": bytes(30_000_000)})
    assert len(bomb) < 100_000
    assert refused(bomb) == "table.unpacked"
    monkeypatch.setattr(packages, "MOST_RATIO", 10_000)
    monkeypatch.setattr(packages, "MOST_UNPACKED", 20_000_000)
    assert refused(bomb) == "table.unpacked"


def test_a_workbook_that_lies_about_its_sizes() -> None:
    bomb = bytearray(repacked(GOOD, {"xl/media/image1.png": bytes(30_000_000)}))
    real, false = struct.pack("<L", 30_000_000), struct.pack("<L", 10)
    assert bomb.count(real) == 2
    assert refused(bytes(bomb.replace(real, false))) == "table.package"


@pytest.mark.parametrize("reference", ["A1048576", "XFD2", "&#88;FD2"])
def test_a_sheet_with_a_cell_far_out(reference: str) -> None:
    """One such cell would have a reader fill sixteen thousand million others."""
    part = zipfile.ZipFile(io.BytesIO(GOOD)).read("xl/worksheets/sheet1.xml").decode()
    far = part.replace("</sheetData>", f'<row><c r="{reference}"><v>1</v></c></row></sheetData>')
    assert far != part
    assert refused(repacked(GOOD, {"xl/worksheets/sheet1.xml": far.encode()})) in {
        "table.sheet_rows",
        "table.sheet_columns",
    }


def test_a_sheet_that_declares_entities() -> None:
    part = zipfile.ZipFile(io.BytesIO(GOOD)).read("xl/worksheets/sheet1.xml").decode()
    lol = part.replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "a">]><worksheet', 1)
    assert refused(repacked(GOOD, {"xl/worksheets/sheet1.xml": lol.encode()})) == "table.package"


@pytest.mark.parametrize("cut", [60, 500, -10])
def test_a_workbook_that_was_cut_off(cut: int) -> None:
    assert refused(GOOD[:cut]) == "table.package"


def test_a_package_that_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(buffer.getvalue()) == "table.format"


def test_a_picture() -> None:
    assert refused(b"\x89PNG\r\n\x1a\n" + zlib.compress(bytes(range(256)))) == "table.encoding"


def test_an_empty_file_and_one_without_rows() -> None:
    assert refused(b" \r\n") == "table.empty_file"
    assert refused(text([hospital(1)]).split(b"\r\n")[0]) == "table.no_rows"


def test_a_file_that_is_too_long_or_too_wide_or_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert refused(text([hospital(n) for n in range(1, 5)])) == "table.rows"
    assert refused(text([hospital(n) for n in range(1, 12)])) == "table.rows"
    assert refused(workbook([hospital(n) for n in range(1, 12)])) == "table.sheet_rows"
    assert refused(text([{f"column {n}": "x" for n in range(61)}])) == "table.columns"
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    assert refused(text([hospital(1)])) == "table.bytes"


def test_characters_that_nobody_sees_the_sense_of() -> None:
    assert refused(text([hospital(1, name="演示\x00医院")])) == "table.encoding"
    shared = zipfile.ZipFile(io.BytesIO(GOOD)).read("xl/sharedStrings.xml").decode()
    hidden = shared.replace("演示医院1", "演示_x0007_医院")
    assert refused(repacked(GOOD, {"xl/sharedStrings.xml": hidden.encode()})) == "table.characters"
