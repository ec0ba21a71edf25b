"""Small labels: the tag of medical waste from 40 × 30 mm on, and the code sticker that is no label by itself.

Code on the right, entries on the left, nothing smaller than 5 points: what does not fit so is refused, and a larger
format takes it.
"""

from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, WHITE, Box, Colour, check_box, frame, local, mm, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.fonts import REGULAR
from wastetrack.documents.qr import draw_qr, level_for, side_for
from wastetrack.documents.signs import biohazard_sign
from wastetrack.domain.measures import kilograms

SMALLEST = 5.0
LEAST_SYMBOL = 12.6 * mm
"""Width of the dark symbol on the smallest tag: coarse enough for any angle at 150 dpi."""

_HAIR = 0.4
_SIGN = 6 * mm
_WIDE = 32 * mm
"""From this width of the left column on, entries have their full words."""


def draw_compact(canvas: Canvas, facts: LabelFacts, size: tuple[float, float], ground: Colour) -> None:
    """Draw a tag of medical waste, its left lower corner at the origin; the ground is already there."""
    _Compact(canvas, facts, size, ground).draw()


def draw_sticker(canvas: Canvas, facts: LabelFacts, size: tuple[float, float]) -> None:
    """Draw the code alone, on white, with the words that it replaces no label."""
    canvas.setFillColorRGB(*WHITE)
    canvas.rect(0, 0, *size, stroke=0, fill=1)
    outer = Box(0.8 * mm, size[1] - 0.8 * mm, size[0] - 1.6 * mm, size[1] - 1.6 * mm)
    side = min(outer.height, outer.width * 0.62)
    level = level_for(facts.address, side * 0.8)
    draw_qr(canvas, facts.address, outer.x, outer.top - (outer.height + side) / 2, side, level)
    words = Box(outer.x + side, outer.top - 0.6 * mm, outer.width - side - 0.6 * mm, outer.height - 1.0 * mm)
    lines = (
        (facts.code.replace("-", "-\n"), 0.42, 13.0, True, "code"),
        (facts.copy_words, 0.12, 8.0, True, "code"),
        (facts.producer_name, 0.24, 6.5, False, "producer_name"),
        ("附加码贴\n不代替标签", 0.22, 7.0, False, ""),
    )
    top = words.top
    for text, share, points, bold, field in lines:
        part = Box(words.x, top, words.width, share * words.height)
        write(canvas, text, part, size=points, minimum=4.5, bold=bold, align="centre", field=field)
        top -= part.height
    frame(canvas, outer, 0.6)


@dataclass(frozen=True)
class _Compact:
    canvas: Canvas
    facts: LabelFacts
    size: tuple[float, float]
    ground: Colour

    @property
    def outer(self) -> Box:
        width, height = self.size
        return Box(0.8 * mm, height - 0.8 * mm, width - 1.6 * mm, height - 1.6 * mm)

    @property
    def symbol(self) -> float:
        """Return the width of the dark symbol of the code."""
        return min(max(0.42 * self.outer.height, LEAST_SYMBOL), 18 * mm)

    @property
    def level(self) -> int:
        return level_for(self.facts.address, self.symbol)

    @property
    def side(self) -> float:
        """Return the width of the code with its quiet zone."""
        return side_for(self.facts.address, self.symbol, self.level)

    @property
    def column(self) -> float:
        """Return the width of the right column."""
        return self.side + 0.6 * mm

    def draw(self) -> None:
        outer = self.outer
        sign = self._right(Box(outer.right - self.column, outer.top, self.column, outer.height))
        self._left(Box(outer.x, outer.top, outer.width - self.column, outer.height), sign=sign)
        self.canvas.setLineWidth(_HAIR)
        self.canvas.line(outer.right - self.column, outer.top, outer.right - self.column, outer.bottom)
        frame(self.canvas, outer, 0.9)

    def _right(self, box: Box) -> bool:
        """Draw code, its words, and the warning sign where there is room for it; return whether there was."""
        y = box.top - self.side - 0.3 * mm
        draw_qr(self.canvas, self.facts.address, box.x + (box.width - self.side) / 2, y, self.side, self.level)
        one_line = self.column >= 16 * mm
        code = self.facts.code if one_line else f"{self.facts.code[:10]}\n{self.facts.code[10:]}"
        words = Box(box.x, y, box.width, (3.2 if one_line else 5.4) * mm).inset(0.3 * mm)
        self._write(code, words, 8.5, bold=True, align="centre", field="code")
        bottom = words.bottom
        if self.facts.copy_words:
            copy = Box(words.x, bottom, words.width, 2.6 * mm)
            self._write(self.facts.copy_words, copy, 7, bold=True, align="centre")
            bottom = copy.bottom
        rest = bottom - box.bottom
        if rest < _SIGN:
            return False
        reach = min(rest, box.width) / 2 - 0.5 * mm
        biohazard_sign(self.canvas, box.x + box.width / 2, box.bottom + rest / 2, reach, self.ground)
        return True

    def _left(self, box: Box, *, sign: bool) -> None:
        facts, top = self.facts, box.top
        wide = box.width >= _WIDE
        for share, draw in (
            (0.25, lambda part: self._warning(part, sign=sign)),
            (0.21, lambda part: self._entry(part, "产生单位" if wide else "单位", facts.producer_name, 8.5,
                                            field="producer_name")),
            (0.135, self._department_and_mass),
            (0.115, self._produced),
            (0.145, self._note),
            (0.145, self._deadline),
        ):  # fmt: skip
            part = Box(box.x, top, box.width, share * box.height)
            draw(part)
            top -= part.height

    def _warning(self, box: Box, *, sign: bool) -> None:
        if not sign:
            reach = box.height / 2 - 0.3 * mm
            biohazard_sign(self.canvas, box.x + reach + 0.6 * mm, box.top - box.height / 2, reach, self.ground)
            box = Box(box.x + 2 * reach + 0.8 * mm, box.top, box.width - 2 * reach - 0.8 * mm, box.height)
        box = box.inset(0.6 * mm)
        upper = Box(box.x, box.top - 0.3 * mm, box.width, box.height * 0.42)
        words = "医疗废物 MEDICAL WASTE" if box.width >= _WIDE else "医疗废物"
        self._write(words, upper, 9.5, bold=True, align="centre")
        lower = Box(box.x, upper.bottom, box.width, box.height * 0.5)
        self._write(f"警告！{self.facts.class_name or '类别见下'}", lower, 13, bold=True, align="centre",
                    field="class_name")  # fmt: skip

    def _department_and_mass(self, box: Box) -> None:
        facts = self.facts
        mass = f"{kilograms(facts.mass_g)} kg" if facts.mass_g is not None else "kg" if facts.blank else ""
        right = box.width * 0.46
        left = Box(box.x, box.top, box.width - right, box.height)
        self._entry(left, "部门" if box.width >= _WIDE else "", facts.department, 8, field="department")
        part = Box(left.right, box.top, right, box.height)
        self._entry(part, "", mass, 10, bold=not facts.blank, align="right", field="mass")

    def _produced(self, box: Box) -> None:
        facts, wide = self.facts, box.width >= _WIDE
        day = "年   月   日" if facts.blank else str(facts.produced_on or local(facts.sealed_at, "%Y-%m-%d"))
        align = "right" if facts.blank else "left"
        self._entry(box, "产生日期" if wide else "日期", day, 8, align=align, field="produced_on")

    def _note(self, box: Box) -> None:
        if self.facts.blank:
            self._choices(box)
            return
        word = "特别说明" if box.width >= _WIDE else "说明"
        self._entry(box, word, self.facts.special_note or "无", 7.5, field="special_note")

    def _choices(self, box: Box) -> None:
        """Draw the five classes to be ticked by hand."""
        self._entry(box, "", " ", 7)
        room = (box.width - 0.8 * mm) / 5
        low = box.top - box.height / 2 - 2.1
        for number, word in enumerate(("感染", "损伤", "病理", "药物", "化学")):
            x = box.x + 0.8 * mm + number * room
            self.canvas.setFillColorRGB(*BLACK)
            check_box(self.canvas, x, low, 6.5, False)
            self.canvas.setFont(REGULAR, 6)
            self.canvas.drawString(x + 6.6, low, word)

    def _deadline(self, box: Box) -> None:
        """Draw by when it must leave, white on black, else room to write the special note or the time."""
        facts, wide = self.facts, box.width >= _WIDE
        if facts.must_leave_by is None:
            self.canvas.setFillColorRGB(*WHITE)
            self.canvas.rect(box.x, box.bottom, box.width, box.height, stroke=0, fill=1)
            self._entry(box, "特别说明" if facts.blank else "最迟运出", " ", 7)
            return
        self.canvas.setFillColorRGB(*BLACK)
        self.canvas.rect(box.x, box.bottom, box.width, box.height, stroke=0, fill=1)
        when = local(facts.must_leave_by, "%Y-%m-%d %H:%M" if wide else "%m-%d %H:%M")
        caption = 14 * mm if wide else 6.6 * mm
        word = Box(box.x + 0.7 * mm, box.top, caption, box.height)
        self._write("最迟运出" if wide else "最迟", word, 9 if wide else 8, bold=True, colour=WHITE)
        value = Box(box.x + caption, box.top, box.width - caption - 0.8 * mm, box.height)
        self._write(when, value, 11, bold=True, align="right", colour=WHITE)

    def _entry(
        self,
        box: Box,
        word: str,
        text: str,
        size: float,
        *,
        bold: bool = False,
        align: str = "left",
        field: str | None = None,
    ) -> None:
        canvas = self.canvas
        canvas.setLineWidth(_HAIR)
        canvas.setStrokeColorRGB(*BLACK)
        canvas.line(box.x, box.top, box.right, box.top)
        points = 6.0 if len(word) > 2 else 5.5
        caption = (len(word) * points + 1.2) if word else 0.0
        self._write(word, Box(box.x + 0.6 * mm, box.top, caption, box.height), points)
        value = Box(box.x + 0.6 * mm + caption, box.top, box.width - caption - 1.2 * mm, box.height)
        self._write(text, value.inset(0, 0.15 * mm), size, bold=bold, align=align, field=field)

    def _write(
        self,
        text: str,
        box: Box,
        size: float,
        *,
        bold: bool = False,
        align: str = "left",
        field: str | None = None,
        colour: Colour = BLACK,
    ) -> None:
        write(self.canvas, text, box, size=size, minimum=SMALLEST, bold=bold, align=align, field=field, colour=colour)
