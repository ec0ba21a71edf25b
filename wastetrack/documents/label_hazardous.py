"""The label of hazardous waste, HJ 1276-2022: 100, 150 or 200 mm square, by the volume of the container.

Orange ground, black 黑体 text no lower than 3, 5 or 6 mm, black border of at least 1 mm and at least 3 mm blank
outside of it; entries in the order of the standard's layout, hazard signs on the right, code lower right.
"""

from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, Colour, mm, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.fonts import font_for, text_height, tidy, too_long, width, wrap
from wastetrack.documents.qr import STURDY, draw_qr, side_for
from wastetrack.documents.required import require
from wastetrack.documents.signs import HAZARD_WORDS, hazard_sign
from wastetrack.domain.labels import BASIS, CHARACTER_MM, LabelSize
from wastetrack.domain.measures import kilograms
from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_

ORANGE: Colour = (1.0, 150 / 255, 0.0)
BLANK_OUTSIDE = 3.2 * mm

_POINTS_FOR_1_MM = 9.5 / 3
"""Font size at which a Chinese character of this font is 1 mm high, its ink measured."""
_ROOM = {LabelSize.MM100: 1.0, LabelSize.MM150: 1.3, LabelSize.MM200: 1.9}
"""How title, signs and code grow: less than the side where the text grows more."""
_ENTRIES = {
    "waste_name": "废物名称", "category": "废物类别", "waste_code": "废物代码", "form": "废物形态",
    "hazards": "危险特性", "producer_name": "产生/收集单位", "produced_on": "产生日期", "mass_g": "废物重量",
}  # fmt: skip


@dataclass(frozen=True)
class _Form:
    """The measures of one size. Text grows with the height that the standard asks for, the rest as there is room."""

    size: LabelSize

    @property
    def side(self) -> float:
        return self.size.mm * mm

    @property
    def smallest(self) -> float:
        return CHARACTER_MM[self.size] * _POINTS_FOR_1_MM

    @property
    def border(self) -> float:
        return 1.2 * mm * self.size.mm / 100

    def text(self, millimetres: float) -> float:
        """Return a length that grows with the text, given for the smallest label."""
        return millimetres * mm * self.smallest / 9.5

    def room(self, millimetres: float) -> float:
        """Return a length of title, signs and code, given for the smallest label."""
        return millimetres * mm * _ROOM[self.size]


def check_hazardous(facts: LabelFacts) -> None:
    """Refuse a label that lacks an entry of the standard or names a hazard that has no sign."""
    require(facts, _ENTRIES, BASIS)
    for letter in facts.hazards:
        if letter not in HAZARD_WORDS:
            raise refuse(
                "print.hazard_unknown",
                N_("There is no hazard sign for “{letter}”. The hazards are T, C, I, R and In."),
                field="hazards",
                letter=letter,
            )


@dataclass(frozen=True)
class _Cell:
    """One entry: its word, its text, the field it prints, and the width of word and text."""

    word: str
    text: str
    field: str
    room: float
    caption: float
    form: _Form

    @property
    def value_room(self) -> float:
        return self.room - self.caption - self.form.text(0.8)

    @property
    def height(self) -> float:
        """Return the least height in which word and text stand whole."""
        font = font_for(self.text, field=self.field)
        lines = len(wrap(tidy(self.text), font, self.form.smallest, self.value_room))
        return text_height(max(lines, self.word.count("\n") + 1), self.form.smallest) + self.form.text(1.0)


_Row = tuple[_Cell, ...]


def draw_hazardous(canvas: Canvas, facts: LabelFacts, size: LabelSize = LabelSize.MM100) -> None:
    """Draw the label, its left lower corner at the origin."""
    form = _Form(size)
    edge = BLANK_OUTSIDE + form.border / 2
    side = form.side - 2 * edge
    canvas.setFillColorRGB(*ORANGE)
    canvas.setStrokeColorRGB(*BLACK)
    canvas.setLineWidth(form.border)
    canvas.setLineJoin(0)
    canvas.rect(edge, edge, side, side, stroke=1, fill=1)
    inner = Box(edge, form.side - edge, side, side).inset(form.border / 2, form.border / 2)
    head = form.room(8.6)
    title = Box(inner.x, inner.top, inner.width, head)
    write(canvas, "危险废物", title, size=head * 0.86, minimum=form.smallest, bold=True, align="centre")
    code = _Code(facts, form)
    upper, middle, lower = _rows(facts, form, inner.width, code.column)
    heights = _heights(form, (upper, middle, lower), inner.height - head, code.height)
    top = inner.top - head
    for row, height in zip([*upper, *middle, *lower], heights, strict=True):
        _draw_row(canvas, row, inner.x, top, height)
        top -= height
    signs = Box(inner.right - form.room(27), inner.top - head, form.room(27), sum(heights[: len(upper)]))
    _hazards(canvas, facts, form, signs)
    high = sum(heights[-len(lower) :])
    code.draw(canvas, Box(inner.right - code.column, inner.bottom + high, code.column, high))


def _rows(facts: LabelFacts, form: _Form, width: float, column: float) -> tuple[list[_Row], list[_Row], list[_Row]]:
    """Return the entries beside the hazard signs, those of full width, and those beside the code."""
    first, last = width - form.room(27), width - column
    long, short = form.text(18.4), form.text(14.8)
    code_room, date_room = form.text(35.3), form.text(33.1)

    def cell(word: str, text: str, field: str, room: float, caption: float = long) -> _Cell:
        return _Cell(word, text, field, room, caption, form)

    upper: list[_Row] = [
        (cell("废物名称", facts.waste_name, "waste_name", first),),
        (cell("废物类别", facts.category, "category", first),),
        (
            cell("废物代码", facts.waste_code, "waste_code", code_room, short),
            cell("废物形态", facts.form, "form", first - code_room, short),
        ),
    ]
    middle: list[_Row] = [
        (cell("主要成分", facts.main_components, "main_components", width),),
        (cell("有害成分", facts.harmful_components, "harmful_components", width),),
        (cell("注意事项", facts.precautions, "precautions", width),),
        (cell("数字识别码", facts.digital_code, "digital_code", width),),
    ]
    lower: list[_Row] = [
        (cell("产生/收集\n单位", facts.producer_name, "producer_name", last),),
        (cell("联系人和\n联系方式", f"{facts.contact} {facts.phone}".strip(), "contact", last),),
        (
            cell("产生日期", str(facts.produced_on), "produced_on", date_room, short),
            _mass(facts, last - date_room, form),
        ),
        (cell("备注", facts.remark, "remark", last),),
    ]
    return upper, middle, lower


def _mass(facts: LabelFacts, room: float, form: _Form) -> _Cell:
    """Return the entry of the mass; its word gives way to two lines where number and unit need the room."""
    text = f"{kilograms(facts.mass_g or 0)}\N{NO-BREAK SPACE}kg"
    plain = _Cell("废物重量", text, "mass", room, form.text(14.8), form)
    if width(text, font_for(text), form.smallest) <= plain.value_room:
        return plain
    return _Cell("废物\n重量", text, "mass", room, form.text(8.2), form)


def _heights(form: _Form, rows: tuple[list[_Row], ...], room: float, code: float) -> list[float]:
    """Return the height of each row: what its text needs, blocks high enough for signs and code, the rest shared.

    Refused, naming the longest entry, when the texts together are higher than the label.
    """
    blocks = [[max(cell.height for cell in row) for row in block] for block in rows]
    for heights, least in zip(blocks, (form.room(23.5), 0.0, code), strict=True):
        lack = max(0.0, least - sum(heights)) / len(heights)
        heights[:] = [height + lack for height in heights]
    flat = [height for heights in blocks for height in heights]
    spare = room - sum(flat)
    if spare < -0.01:
        longest = max((cell for block in rows for row in block for cell in row), key=lambda cell: cell.height)
        raise too_long(longest.text, longest.field)
    return [height + spare / len(flat) for height in flat]


def _draw_row(canvas: Canvas, row: _Row, x: float, top: float, height: float) -> None:
    _line(canvas, x, top, x + sum(cell.room for cell in row), top)
    for cell in row:
        smallest = cell.form.smallest
        word = Box(x + cell.form.text(1), top, cell.caption, height)
        write(canvas, cell.word, word, size=smallest, minimum=smallest, bold=True)
        value = Box(x + cell.caption, top, cell.value_room, height)
        write(canvas, cell.text, value, size=smallest * 1.1, minimum=smallest, field=cell.field)
        x += cell.room
        if cell is not row[-1]:
            _line(canvas, x, top, x, top - height)


@dataclass(frozen=True)
class _Code:
    """The QR with the container code below it, and the number of the copy from the second on."""

    facts: LabelFacts
    form: _Form

    @property
    def side(self) -> float:
        return side_for(self.facts.address, self.form.room(20.4), STURDY)

    @property
    def lines(self) -> str:
        """Return the words below the QR: the code on one line where it fits, else on two."""
        smallest, code = self.form.smallest, self.facts.code
        if width(code, font_for(code, bold=True), smallest) > self.side + self.form.room(1.6):
            code = f"{code[:10]}\n{code[10:]}"
        return "\n".join(filter(None, (code, self.facts.copy_words)))

    @property
    def column(self) -> float:
        """Return the width of the corner that the code has for itself."""
        smallest, bold = self.form.smallest, font_for(self.facts.code, bold=True)
        words = max(width(line, bold, smallest) for line in self.lines.split("\n"))
        return max(self.side, words) + self.form.room(1.2)

    @property
    def height(self) -> float:
        return self.side + text_height(self.lines.count("\n") + 1, self.form.smallest) + self.form.room(1.0)

    def draw(self, canvas: Canvas, block: Box) -> None:
        _line(canvas, block.x, block.top, block.right, block.top)
        _line(canvas, block.x, block.top, block.x, block.bottom)
        words = self.height - self.side
        y = block.bottom + words + (block.height - self.height) / 2
        draw_qr(canvas, self.facts.address, block.x + (block.width - self.side) / 2, y, self.side, STURDY)
        smallest = self.form.smallest
        below = Box(block.x, y, block.width, words).inset(self.form.room(0.3))
        write(canvas, self.lines, below, size=smallest, minimum=smallest, bold=True, align="centre", field="code")


def _hazards(canvas: Canvas, facts: LabelFacts, form: _Form, column: Box) -> None:
    """Draw up to five signs, as large as the column allows."""
    _line(canvas, column.x, column.top, column.right, column.top)
    _line(canvas, column.x, column.top, column.x, column.bottom)
    words = form.text(4.4)
    caption = Box(column.x, column.top - form.room(0.5), column.width, words)
    write(canvas, "危险特性", caption, size=form.smallest, minimum=form.smallest, bold=True, align="centre")
    high = column.height - words - form.room(1.1)
    room = Box(column.x, column.top - words - form.room(0.5), column.width, high).inset(form.room(0.7))
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
