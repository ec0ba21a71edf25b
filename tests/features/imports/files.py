"""Files as people send them: workbooks and text, filled in as the template asks or spoilt on purpose."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from tests.world import credit_code

HEADER = ("名称", "类别", "统一社会信用代码", "行政区划", "地址", "联系人", "电话", "应急电话", "床位数")


def hospital(number: int, **other: Any) -> dict[str, Any]:
    """A row for an organisation, right unless something else is given."""
    return {
        "name": f"演示医院{number}", "kinds": "医院", "credit_code": credit_code(number), "region_code": "130123",
        "address": "演示路1号", "contact": "演示联系人", "phone": "0311-00000000", "emergency_phone": "0311-00000001",
        "beds": "100", **other,
    }  # fmt: skip


def text(rows: Sequence[dict[str, Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV file with the keys of the columns as its header."""
    titles = list(rows[0])
    lines = [delimiter.join(titles), *(delimiter.join(str(row.get(key, "")) for key in titles) for row in rows)]
    return "\r\n".join(lines).encode(encoding)


def workbook(rows: Sequence[dict[str, Any]], macros: bytes | None = None) -> bytes:
    """A workbook with the keys of the columns as its header; numbers and days are cells of their kind."""
    titles = list(rows[0])
    return sheet([titles, *([row.get(key, "") for key in titles] for row in rows)])


def sheet(lines: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these cells."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy/m/d"}
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet()
        for at, line in enumerate(lines):
            page.write_row(at, 0, line)
    return buffer.getvalue()


def repacked(workbook: bytes, change: dict[str, bytes]) -> bytes:
    """The same package with parts changed or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in change:
                new.writestr(part, old.read(part))
        for name, content in change.items():
            new.writestr(name, content)
    return buffer.getvalue()
