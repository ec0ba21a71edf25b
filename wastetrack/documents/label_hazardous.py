"""The label of hazardous waste, HJ 1276-2022: 100 × 100 mm, for containers up to 50 L.

Orange ground, black 黑体 text no lower than 3 mm, black border of at least 1 mm and at least 3 mm blank
outside of it; entries in the order of the standard's layout, hazard signs on the right, code lower right.
"""

from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, Colour, mm, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.fonts import font_for, text_height, tidy, too_long, wrap
from wastetrack.documents.qr import draw_qr, side_for
from wastetrack.documents.required import require
from wastetrack.documents.signs import HAZARD_WORDS, hazard_sign
from wastetrack.domain.measures import kilograms
from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_

HAZARDOUS_SIDE = 100 * mm
ORANGE: Colour = (1.0, 150 / 255, 0.0)
BLANK_OUTSIDE = 3.2 * mm
BORDER = 1.2 * mm
SMALLEST = 9.5
"""Font size at which a Chinese character is 3 mm high, the least that the standard allows on this label."""

_SIZE = 10.5
_QR_SYMBOL = 20.4 * mm
_CAPTION = 18.4 * mm
_HAZARD_COLUMN = 27 * mm
_TITLE = 8.6 * mm
_AIR = 1.0 * mm
_SIGNS_LEAST = 23.5 * mm
_CODE_LINE = 4.4 * mm
_BASIS = "HJ 1276-2022"
_ENTRIES = {
    "waste_name": "废物名称", "category": "废物类别", "waste_code": "废物代码", "form": "废物形态",
    "hazards": "危险特性", "producer_name": "产生/收集单位", "produced_on": "产生日期", "mass_g": "废物重量",
}  # fmt: skip


def check_hazardous(facts: LabelFacts) -> None:
    """Refuse a label that lacks an entry of the standard or names a hazard that has no sign."""
    require(facts, _ENTRIES, _BASIS)
    for letter in facts.hazards:
        if letter not in HAZARD_WORDS:
            raise refuse(
                "print.hazard_unknown",
                N_("There is no hazard sign for “{letter}”. The hazards are T, C, I, R and In."),
                field="hazards",
                letter=letter,
            )


_Row = tuple["_Cell", ...]


@dataclass(frozen=True)
class _Cell:
    """One entry: its word, its text, the field it prints, and the width of word and text."""

    word: str
    text: str
    field: str
    room: float
    caption: float = _CAPTION

    @property
    def value_room(self) -> float:
        return self.room - self.caption - 0.8 * mm

    @property
    def height(self) -> float:
        """Return the least height in which word and text stand whole."""
        lines = len(wrap(tidy(self.text), font_for(self.text, field=self.field), SMALLEST, self.value_room))
        return text_height(max(lines, self.word.count("\n") + 1), SMALLEST) + _AIR


def draw_hazardous(canvas: Canvas, facts: LabelFacts) -> None:
    """Draw the label on the current page."""
    edge = BLANK_OUTSIDE + BORDER / 2
    side = HAZARDOUS_SIDE - 2 * edge
    canvas.setFillColorRGB(*ORANGE)
    canvas.setStrokeColorRGB(*BLACK)
    canvas.setLineWidth(BORDER)
    canvas.setLineJoin(0)
    canvas.rect(edge, edge, side, side, stroke=1, fill=1)
    inner = Box(edge, HAZARDOUS_SIDE - edge, side, side).inset(BORDER / 2, BORDER / 2)
    title = Box(inner.x, inner.top, inner.width, _TITLE)
    write(canvas, "危险废物", title, size=21, minimum=SMALLEST, bold=True, align="centre")
    code = side_for(facts.address, _QR_SYMBOL)
    column = max(code, 26 * mm) + 0.8 * mm
    upper, middle, lower = _rows(facts, inner.width, column)
    heights = _heights(upper, middle, lower, inner.height - _TITLE, code + _CODE_LINE)
    top = inner.top - _TITLE
    for row, height in zip([*upper, *middle, *lower], heights, strict=True):
        _draw_row(canvas, row, inner.x, top, height)
        top -= height
    signs = Box(inner.right - _HAZARD_COLUMN, inner.top - _TITLE, _HAZARD_COLUMN, sum(heights[: len(upper)]))
    _hazards(canvas, facts, signs)
    high = sum(heights[-len(lower) :])
    _code(canvas, facts, Box(inner.right - column, inner.bottom + high, column, high), code)


def _rows(facts: LabelFacts, width: float, column: float) -> tuple[list[_Row], list[_Row], list[_Row]]:
    """Return the entries beside the hazard signs, those of full width, and those beside the code."""
    first, last = width - _HAZARD_COLUMN, width - column
    short = 14.8 * mm
    code_room, date_room = 35.3 * mm, 33.1 * mm
    upper: list[_Row] = [
        (_Cell("废物名称", facts.waste_name, "waste_name", first),),
        (_Cell("废物类别", facts.category, "category", first),),
        (
            _Cell("废物代码", facts.waste_code, "waste_code", code_room, short),
            _Cell("废物形态", facts.form, "form", first - code_room, short),
        ),
    ]
    middle: list[_Row] = [
        (_Cell("主要成分", facts.main_components, "main_components", width),),
        (_Cell("有害成分", facts.harmful_components, "harmful_components", width),),
        (_Cell("注意事项", facts.precautions, "precautions", width),),
        (_Cell("数字识别码", facts.digital_code, "digital_code", width),),
    ]
    produced = str(facts.produced_on)
    lower: list[_Row] = [
        (_Cell("产生/收集\n单位", facts.producer_name, "producer_name", last),),
        (_Cell("联系人和\n联系方式", f"{facts.contact} {facts.phone}".strip(), "contact", last),),
        (
            _Cell("产生日期", produced, "produced_on", date_room, short),
            _Cell("废物重量", f"{kilograms(facts.mass_g or 0)} kg", "mass", last - date_room, short),
        ),
        (_Cell("备注", facts.remark, "remark", last),),
    ]
    return upper, middle, lower


def _heights(upper: list[_Row], middle: list[_Row], lower: list[_Row], room: float, code: float) -> list[float]:
    """Return the height of each row: what its text needs, blocks high enough for signs and code, the rest shared.

    Refused, naming the longest entry, when the texts together are higher than the label.
    """
    blocks = [[max(cell.height for cell in row) for row in block] for block in (upper, middle, lower)]
    for heights, least in zip(blocks, (_SIGNS_LEAST, 0.0, code), strict=True):
        lack = max(0.0, least - sum(heights)) / len(heights)
        heights[:] = [height + lack for height in heights]
    flat = [height for heights in blocks for height in heights]
    spare = room - sum(flat)
    if spare < -0.01:
        longest = max((cell for row in [*upper, *middle, *lower] for cell in row), key=lambda cell: cell.height)
        raise too_long(longest.text, longest.field)
    return [height + spare / len(flat) for height in flat]


def _draw_row(canvas: Canvas, row: _Row, x: float, top: float, height: float) -> None:
    _line(canvas, x, top, x + sum(cell.room for cell in row), top)
    for cell in row:
        word = Box(x + 1 * mm, top, cell.caption, height)
        write(canvas, cell.word, word, size=SMALLEST, minimum=SMALLEST, bold=True)
        value = Box(x + cell.caption, top, cell.value_room, height)
        write(canvas, cell.text, value, size=_SIZE, minimum=SMALLEST, field=cell.field)
        x += cell.room
        if cell is not row[-1]:
            _line(canvas, x, top, x, top - height)


def _code(canvas: Canvas, facts: LabelFacts, block: Box, side: float) -> None:
    _line(canvas, block.x, block.top, block.right, block.top)
    _line(canvas, block.x, block.top, block.x, block.bottom)
    y = block.bottom + _CODE_LINE + (block.height - _CODE_LINE - side) / 2
    draw_qr(canvas, facts.address, block.x + (block.width - side) / 2, y, side)
    words = Box(block.x, y, block.width, _CODE_LINE).inset(0.3 * mm)
    write(canvas, facts.code, words, size=_SIZE, minimum=8, bold=True, align="centre", field="code")


def _hazards(canvas: Canvas, facts: LabelFacts, column: Box) -> None:
    """Draw up to five signs, as large as the column allows."""
    _line(canvas, column.x, column.top, column.right, column.top)
    _line(canvas, column.x, column.top, column.x, column.bottom)
    caption = Box(column.x, column.top - 0.5 * mm, column.width, 4.4 * mm)
    write(canvas, "危险特性", caption, size=SMALLEST, minimum=SMALLEST, bold=True, align="centre")
    room = Box(column.x, column.top - 4.9 * mm, column.width, column.height - 5.5 * mm).inset(0.7 * mm)
    for letter, (across, down), reach in _places(facts.hazards, room):
        hazard_sign(canvas, letter, room.x + across, room.top - down, reach)


def _places(letters: tuple[str, ...], room: Box) -> list[tuple[str, tuple[float, float], float]]:
    """Return each sign with its centre in `room` and its reach: one, two abreast, or more in a zigzag."""
    count, middle = len(letters), (room.width / 2, room.height / 2)
    if count == 1:
        return [(letters[0], middle, min(room.width, room.height) / 2)]
    if count == 2:
        reach = room.width / 4
        spots = [(reach, middle[1]), (3 * reach, middle[1])]
    else:
        reach = min(room.width / (count + 1), room.height / 3)
        left = (room.width - (count - 1) * reach) / 2
        spots = [(left + i * reach, middle[1] + (i % 2 - 0.5) * reach) for i in range(count)]
    return [(letter, spot, reach * 0.96) for letter, spot in zip(letters, spots, strict=True)]


def _line(canvas: Canvas, x1: float, y1: float, x2: float, y2: float) -> None:
    canvas.setLineWidth(0.6)
    canvas.setStrokeColorRGB(*BLACK)
    canvas.line(x1, y1, x2, y2)
