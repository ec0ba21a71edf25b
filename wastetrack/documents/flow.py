"""Tables that flow over pages: rows as high as their longest cell, kept together where they belong together.

Nothing is ever cut: a text wraps, a row grows, a table goes on over the page with its heading repeated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, check_box, frame, mm
from wastetrack.documents.fonts import LEADING, Fitted, draw, fit_or_grow, font_for, too_long, width

SIZE = 9.0
TINT = (0.93, 0.93, 0.93)
_PAD_X = 1.3 * mm
_PAD_Y = 1.15 * mm
_LINE = 0.5
_BORDER = 1.1


@dataclass(frozen=True)
class Cell:
    """One box of a row; `options` are check boxes (word, ticked) drawn above the text."""

    text: str
    room: float
    field: str = ""
    align: str = "left"
    bold: bool = False
    size: float = SIZE
    tint: bool = False
    options: tuple[tuple[str, bool], ...] = ()

    @cached_property
    def fitted(self) -> Fitted | None:
        """Return the wrapped text, or None when there is none."""
        if not self.text.strip():
            return None
        return fit_or_grow(self.text, self.room - 2 * _PAD_X, size=self.size, bold=self.bold, field=self.field)

    @cached_property
    def option_lines(self) -> list[list[tuple[str, bool]]]:
        """Return the check boxes line by line."""
        lines: list[list[tuple[str, bool]]] = []
        used = self.room
        for option in self.options:
            wide = self.option_width(option[0])
            if used + wide > self.room - 2 * _PAD_X:
                lines.append([])
                used = 0.0
            lines[-1].append(option)
            used += wide
        return lines

    def option_width(self, word: str) -> float:
        """Return the room that a check box and its word take."""
        return self.size * 1.7 + width(word, font_for(word), self.size)

    @property
    def height(self) -> float:
        """Return the least height of the box."""
        text = self.fitted.height if self.fitted else 0.0
        options = len(self.option_lines) * self.size * LEADING
        return max(text + options, self.size) + 2 * _PAD_Y


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    cells: tuple[Cell, ...]
    least: float = 6.2 * mm

    @cached_property
    def height(self) -> float:
        """Return the height of the tallest box."""
        return max(self.least, *(cell.height for cell in self.cells))


@dataclass(frozen=True)
class Group:
    """Rows that stay on one page. `heading` is repeated above them when they begin a page."""

    rows: tuple[Row, ...]
    heading: tuple[Row, ...] = ()
    new_page: bool = False
    gap: float = 0.0

    @property
    def height(self) -> float:
        """Return the height of all rows."""
        return sum(row.height for row in self.rows)


@dataclass
class Page:
    """Rows with the blank above each."""

    rows: list[tuple[float, Row]] = field(default_factory=list)
    used: float = 0.0

    def add(self, rows: Iterable[Row], gap: float = 0.0) -> None:
        """Put rows below what is there."""
        for row in rows:
            self.rows.append((gap, row))
            self.used += gap + row.height
            gap = 0.0


def paginate(groups: Sequence[Group], room: float) -> list[Page]:
    """Distribute groups over pages of height `room`; a group higher than a page breaks between its rows."""
    pages = [Page()]
    for group in groups:
        fits = pages[-1].used + group.gap + group.height <= room
        if pages[-1].rows and (group.new_page or not fits):
            pages.append(Page())
            pages[-1].add(group.heading)
            _add(pages, group, room, 0.0)
        else:
            _add(pages, group, room, group.gap if pages[-1].rows else 0.0)
    return pages


def _add(pages: list[Page], group: Group, room: float, gap: float) -> None:
    for row in group.rows:
        if pages[-1].used + gap + row.height > room:
            pages.append(Page())
            pages[-1].add(group.heading)
            gap = 0.0
        if pages[-1].used + gap + row.height > room:
            longest = max(row.cells, key=lambda cell: cell.height)
            raise too_long(longest.text, longest.field)
        pages[-1].add([row], gap)
        gap = 0.0


def draw_page(canvas: Canvas, page: Page, x: float, top: float) -> None:
    """Draw the rows of a page from `top` downwards."""
    start = top
    for index, (gap, row) in enumerate(page.rows):
        if index and gap:
            _border(canvas, x, start, top, row)
            start = top - gap
        top -= gap
        left = x
        for cell in row.cells:
            _draw_cell(canvas, cell, Box(left, top, cell.room, row.height))
            left += cell.room
        top -= row.height
    if page.rows:
        _border(canvas, x, start, top, page.rows[-1][1])


def _border(canvas: Canvas, x: float, top: float, bottom: float, row: Row) -> None:
    """Draw the stronger outline of one table."""
    frame(canvas, Box(x, top, sum(cell.room for cell in row.cells), top - bottom), _BORDER)


def _draw_cell(canvas: Canvas, cell: Cell, box: Box) -> None:
    frame(canvas, box, _LINE, TINT if cell.tint else None)
    canvas.setFillColorRGB(*BLACK)
    top = box.top - (box.height - cell.height) / 2 - _PAD_Y
    for line in cell.option_lines:
        x = box.x + _PAD_X
        baseline = top - cell.size * 0.88
        for word, ticked in line:
            check_box(canvas, x, baseline, cell.size, ticked)
            canvas.setFont(font_for(word), cell.size)
            canvas.drawString(x + cell.size * 1.05, baseline, word)
            x += cell.option_width(word)
        top -= cell.size * LEADING
    if cell.fitted:
        if not cell.options:
            top = box.top - (box.height - cell.fitted.height) / 2
        draw(canvas, cell.fitted, box.x + _PAD_X, top, room=box.width - 2 * _PAD_X, align=cell.align)
