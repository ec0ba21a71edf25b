"""Container labels on the paper that they are printed on: one a page of its true size, or many on an A4 sheet.

The language of labels is Chinese. Medical waste carries the mark of HJ 421 and the four entries that
医疗卫生机构医疗废物管理办法 asks for; other hazardous waste the label of HJ 1276-2022.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import IO

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import Box, kept, mm, new_canvas, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.label_compact import draw_sticker
from wastetrack.documents.label_hazardous import check_hazardous, draw_hazardous
from wastetrack.documents.label_medical import check_medical, draw_medical
from wastetrack.domain.labels import USUAL, LabelFormat, LabelSize, What, sheets_for, size_for

A4 = (210 * mm, 297 * mm)
Size = tuple[float, float]

_UNPRINTED = 4.3 * mm
"""Along the edges of a sheet office printers leave so much blank."""
_GAP = 1.2 * mm
"""Between what is printed and where two labels of a sheet meet: printers are not exact."""
_ANY_ADDRESS, _ANY_CODE = "HTTPS://WASTETRACK.EXAMPLE/C/000000000000", "0000-0000-0000"
_ANY_MOMENT = datetime(2000, 12, 20, 12, 0, tzinfo=UTC)
_MANY_COPIES = 99


@dataclass(frozen=True)
class Paper:
    """How labels go on paper: in which format each kind, from which place of a sheet on, shifted by how much.

    `right_mm` and `down_mm` make good what a printer prints too far left or too high.
    """

    medical: LabelFormat = USUAL[True]
    other: LabelFormat = USUAL[False]
    start: int = 1
    right_mm: float = 0.0
    down_mm: float = 0.0

    def format_of(self, facts: LabelFacts) -> LabelFormat:
        """Return the format for a label: `medical` for medical waste, `other` for the rest."""
        return self.medical if facts.medical else self.other


def labels_pdf(labels: Iterable[LabelFacts], paper: Paper | None = None) -> bytes:
    """Return a file of few labels as its bytes."""
    buffer = BytesIO()
    write_labels(labels, buffer, paper)
    return buffer.getvalue()


def write_labels(labels: Iterable[LabelFacts], file: IO[bytes], paper: Paper | None = None) -> None:
    """Write labels in order, those of one format together; a container above 450 L gets two.

    Each page is written when it is full and then let go: how many there are makes no difference to the memory.
    Refused, naming the entry, when one that the law asks for is missing or a text cannot be printed whole.
    """
    paper = paper or Paper()
    canvas = new_canvas(file, A4, "废物标签")
    sheet = _Sheet(canvas, paper)
    for facts in labels:
        for _ in range(_how_many(facts, paper.format_of(facts))):
            sheet.add(facts)
    sheet.end()
    canvas.save()


def medical_label(facts: LabelFacts) -> bytes:
    """Return one tag of medical waste of 80 × 60 mm."""
    return labels_pdf([replace(facts, waste_code=facts.waste_code or "841-001-01")])


def hazardous_label(facts: LabelFacts, size: LabelSize = LabelSize.MM100) -> bytes:
    """Return one label of HJ 1276-2022 in a size."""
    return labels_pdf([facts], Paper(other=LabelFormat(f"label_{size.value}")))  # type: ignore[call-arg]


def require_printable(facts: LabelFacts, chosen: LabelFormat | None = None) -> None:
    """Refuse now what could not be printed whole later: a text too long for its box, a character without a shape.

    Without a format: in the usual one, and so that further copies can be printed in it as well.
    """
    # What differs from label to label but never in length is made alike: a ward's second bag need not be tried again.
    _try(
        replace(
            facts,
            code=_ANY_CODE,
            address=_ANY_ADDRESS,
            digital_code="0" * len(facts.digital_code),
            mass_g=facts.mass_g and 10 ** len(str(facts.mass_g)),
            sealed_at=facts.sealed_at and _ANY_MOMENT,
            must_leave_by=facts.must_leave_by and _ANY_MOMENT,
            produced_on=facts.produced_on and _ANY_MOMENT.date(),
            copy=_MANY_COPIES,
        ),
        chosen or USUAL[facts.medical],
    )


@lru_cache(maxsize=2048)
def _try(facts: LabelFacts, chosen: LabelFormat) -> None:
    _draw(new_canvas(BytesIO(), A4, ""), facts, chosen, _size_of(facts, chosen))


def test_page(paper: Paper) -> bytes:
    """Return a page to measure a printer's error by: a cross that stands exactly 20 mm from the left and upper edge."""
    size = A4 if paper.medical.grid else _roll(paper.medical)
    buffer = BytesIO()
    canvas = new_canvas(buffer, size, "打印校准页")
    _shift(canvas, paper)
    x, y = 20 * mm, size[1] - 20 * mm
    canvas.setLineWidth(0.4)
    canvas.line(x - 12 * mm, y, x + 12 * mm, y)
    canvas.line(x, y - 8 * mm, x, y + 12 * mm)
    words = Box(24 * mm, size[1] - 5 * mm, size[0] - 27 * mm, 12 * mm)
    write(canvas, "十字中心应距左边和上边各 20 毫米", words, size=9, minimum=5)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _how_many(facts: LabelFacts, chosen: LabelFormat) -> int:
    return sheets_for(facts.litres) if chosen.what is What.LABEL else 1


class _Sheet:
    """The paper in the printer: takes labels one after the other and begins a page when the last one is full."""

    def __init__(self, canvas: Canvas, paper: Paper) -> None:
        self._canvas, self._paper = canvas, paper
        self._places: Iterator[Box] = iter(())
        self._now: tuple[LabelFormat, Size] | None = None

    def add(self, facts: LabelFacts) -> None:
        chosen = self._paper.format_of(facts)
        size = _size_of(facts, chosen)
        place = next(self._places, None) if self._now == (chosen, size) else None
        if place is None:
            place = self._begin(chosen, size)
        with kept(self._canvas):
            self._canvas.translate(place.x, place.bottom)
            _draw(self._canvas, facts, chosen, (place.width, place.height))

    def end(self) -> None:
        if self._now is not None:
            self._canvas.showPage()

    def _begin(self, chosen: LabelFormat, size: Size) -> Box:
        """Begin a page; the first sheet of a format is begun at the place where the last print of it ended."""
        start = self._paper.start if self._now is None or self._now[0] is not chosen else 1
        self.end()
        self._now = (chosen, size)
        pages, self._places = _page_of(chosen, size)
        self._canvas.setPageSize(pages)
        _shift(self._canvas, self._paper)
        for _ in range(start - 1 if chosen.grid else 0):
            next(self._places)
        return next(self._places)


def _shift(canvas: Canvas, paper: Paper) -> None:
    canvas.translate(paper.right_mm * mm, -paper.down_mm * mm)


def _size_of(facts: LabelFacts, chosen: LabelFormat) -> Size:
    """Return width and height of what is printed of one label."""
    if chosen.what is What.LABEL:
        side = (chosen.size or size_for(facts.litres)).mm * mm
        return side, side
    if chosen.grid is None:
        return _roll(chosen)
    columns, rows = chosen.grid
    return A4[0] / columns - _UNPRINTED - _GAP, A4[1] / rows - _UNPRINTED - _GAP


def _roll(chosen: LabelFormat) -> Size:
    wide, high = chosen.roll_mm or (100, 100)
    return wide * mm, high * mm


def _page_of(chosen: LabelFormat, size: Size) -> tuple[Size, Iterator[Box]]:
    """Return the size of the page and the places on it, row by row from the left upper corner."""
    if chosen.grid is not None:
        return A4, _cells(*chosen.grid, size)
    if chosen is LabelFormat.LABEL_A4:
        return A4, _middle(size)
    return size, iter([Box(0, size[1], *size)])


def _cells(columns: int, rows: int, size: Size) -> Iterator[Box]:
    """Yield where labels stand in the cells of a sheet: off the edges of the page, all of one size."""
    wide, high = A4[0] / columns, A4[1] / rows
    for row in range(rows):
        for column in range(columns):
            x = _within(column * wide, wide, size[0], A4[0])
            y = _within(row * high, high, size[1], A4[1])
            yield Box(x, A4[1] - y, *size)


def _within(start: float, room: float, size: float, page: float) -> float:
    """Return where something begins in the middle of its cell, but not where the printer leaves the page blank."""
    middle = start + (room - size) / 2
    return min(max(middle, _UNPRINTED), page - _UNPRINTED - size)


def _middle(size: Size) -> Iterator[Box]:
    """Yield the places of as many labels as fit on a page, in its middle."""
    columns, rows = int((A4[0] - 4 * mm) // size[0]), int((A4[1] - 4 * mm) // size[1])
    left, top = (A4[0] - columns * size[0]) / 2, A4[1] - (A4[1] - rows * size[1]) / 2
    for row in range(rows):
        for column in range(columns):
            yield Box(left + column * size[0], top - row * size[1], *size)


def _draw(canvas: Canvas, facts: LabelFacts, chosen: LabelFormat, size: Size) -> None:
    """Draw one label, its left lower corner at the origin."""
    if chosen.what is What.STICKER:
        draw_sticker(canvas, facts, size)
    elif chosen.what is What.TAG:
        check_medical(facts)
        draw_medical(canvas, facts, size)
    else:
        check_hazardous(facts)
        draw_hazardous(canvas, facts, LabelSize(str(round(size[0] / mm))))  # type: ignore[call-arg]
        if chosen is LabelFormat.LABEL_A4:
            _cutting_line(canvas, size)


def _cutting_line(canvas: Canvas, size: Size) -> None:
    with kept(canvas):
        canvas.setStrokeColorRGB(0.6, 0.6, 0.6)
        canvas.setLineWidth(0.3)
        canvas.setDash(3, 3)
        canvas.rect(0, 0, *size, stroke=1, fill=0)


__all__ = [
    "LabelFacts",
    "Paper",
    "hazardous_label",
    "labels_pdf",
    "medical_label",
    "require_printable",
    "test_page",
    "write_labels",
]
