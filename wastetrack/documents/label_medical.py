"""The tag of medical waste, on every roll and sheet from 40 × 30 mm on.

Look: HJ 421-2008, the colour of the bag or box, black right-angled diamond with the biohazard mark, 警告！ and the
class, warning mark and words together twice as wide as high.
Entries: 医疗卫生机构医疗废物管理办法 (MoH Order 36), 产生单位、产生日期、类别、需要的特别说明; beside them
what a collector needs at arm's length: department, mass, when it was sealed and by when it must leave.
"""

from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, WHITE, Box, Colour, check_box, frame, kept, local, mm, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.fonts import REGULAR
from wastetrack.documents.label_compact import draw_compact
from wastetrack.documents.qr import STURDY, draw_qr
from wastetrack.documents.required import require
from wastetrack.documents.signs import biohazard_sign
from wastetrack.domain.containers import Packaging
from wastetrack.domain.measures import kilograms

PALE_YELLOW: Colour = (1.0, 0.957, 0.65)
YELLOW: Colour = (1.0, 0.9, 0.1)
CLASSES = ("感染性", "损伤性", "病理性", "药物性", "化学性")

_SMALLEST = 6.5
_HAIR = 0.5
_BASIS = "医疗卫生机构医疗废物管理办法"
_WHOLE = (76 * mm, 56 * mm)
"""From here on every entry has its own box; below, the compact form."""
_PLAIN = (80 * mm, 60 * mm)
"""The size for which the measures below are given."""


def check_medical(facts: LabelFacts) -> None:
    """Refuse a tag that lacks one of the entries of MoH Order 36; special notes are only where needed."""
    if facts.blank:
        require(facts, {"producer_name": "产生单位"}, _BASIS)
        return
    require(facts, {"producer_name": "产生单位", "class_name": "类别"}, _BASIS)
    if not facts.produced_on and not facts.sealed_at:
        require(facts, {"produced_on": "产生日期"}, _BASIS)


def ground_of(facts: LabelFacts) -> Colour:
    """Return the colour of what the tag is on: pale yellow for bags and sharps boxes, yellow for turnover boxes."""
    return YELLOW if facts.packaging == Packaging.TURNOVER_BOX else PALE_YELLOW


def draw_medical(canvas: Canvas, facts: LabelFacts, size: tuple[float, float] = _PLAIN) -> None:
    """Draw the tag, its left lower corner at the origin."""
    canvas.setFillColorRGB(*ground_of(facts))
    canvas.rect(0, 0, *size, stroke=0, fill=1)
    if size[0] < _WHOLE[0] or size[1] < _WHOLE[1] - 3 * mm:
        draw_compact(canvas, facts, size, ground_of(facts))
        return
    scale = min(size[0] / _PLAIN[0], size[1] / _PLAIN[1])
    with kept(canvas):
        canvas.scale(scale, scale)
        _Tag(canvas, facts, size[0] / scale, size[1] / scale).draw()


@dataclass(frozen=True)
class _Tag:
    """The whole form, at least 80 × 60 mm in its own measures; what is more goes to warning, rows and code."""

    canvas: Canvas
    facts: LabelFacts
    width: float
    height: float

    @property
    def outer(self) -> Box:
        return Box(1.2 * mm, self.height - 1.2 * mm, self.width - 2.4 * mm, self.height - 2.4 * mm)

    @property
    def spare(self) -> float:
        """Return how much higher than the plain form this one is."""
        return self.height - _PLAIN[1]

    @property
    def head(self) -> float:
        return 22.9 * mm + 0.2 * self.spare

    @property
    def band(self) -> float:
        return 7.4 * mm + 0.24 * self.spare

    @property
    def split(self) -> float:
        """Return where the corner of the code begins."""
        return self.outer.right - 26.6 * mm - 0.15 * self.spare - 0.3 * (self.width - _PLAIN[0])

    def draw(self) -> None:
        self._warning()
        self._code()
        self._entries()
        if self.facts.blank:
            self._to_write()
        else:
            self._deadline(Box(self.outer.x, self.outer.bottom + self.band, self.outer.width, self.band))
        frame(self.canvas, self.outer, 1.2)

    def _warning(self) -> None:
        """Draw mark and words in a frame twice as wide as high, in the middle of what the code leaves."""
        outer, room = self.outer, self.split - self.outer.x
        high = min(self.head - 1.6 * mm, (room - 1.6 * mm) / 2)
        box = Box(outer.x + (room - 2 * high) / 2, outer.top - (self.head - high) / 2, 2 * high, high)
        frame(self.canvas, box, 0.8)
        reach = high / 2 - 0.7 * mm
        biohazard_sign(self.canvas, box.x + high / 2 + 0.2 * mm, box.top - high / 2, reach, ground_of(self.facts))
        words = Box(box.x + high + 0.2 * mm, box.top - 0.03 * high, high - 0.9 * mm, 0.94 * high)
        lines = [("医疗废物", 0.25, 13.5), ("MEDICAL WASTE", 0.14, 7), ("警告！", 0.26, 12.5)]
        lines.append((self.facts.class_name, 0.35, 13.5) if self.facts.class_name else ("类别见下", 0.35, 9))
        top = words.top
        for text, share, size in lines:
            part = Box(words.x, top, words.width, share * words.height)
            write(self.canvas, text, part, size=size * high / (22 * mm), minimum=_SMALLEST, bold=True,
                  align="centre", field="class_name")  # fmt: skip
            top -= part.height

    def _code(self) -> None:
        outer, corner = self.outer, self.outer.right - self.split
        high = self.head + 8.4 * mm + 0.14 * self.spare
        words = 4.2 * mm * (2 if self.facts.copy_words else 1)
        side = min(corner, high - words) - 0.6 * mm
        y = outer.top - side - 0.4 * mm
        draw_qr(self.canvas, self.facts.address, self.split + (corner - side) / 2, y, side, STURDY)
        box = Box(self.split + 0.3 * mm, y, corner - 0.6 * mm, 4.0 * mm)
        write(self.canvas, self.facts.code, box, size=9.5, minimum=_SMALLEST, bold=True, align="centre", field="code")
        if self.facts.copy_words:
            below = Box(box.x, box.bottom, box.width, 3.8 * mm)
            write(self.canvas, self.facts.copy_words, below, size=8.5, minimum=_SMALLEST, bold=True, align="centre")

    def _entries(self) -> None:
        facts, outer, grow = self.facts, self.outer, 0.14 * self.spare
        left, right, split = outer.x, outer.right, self.split
        blank = facts.blank
        produced = "" if blank else str(facts.produced_on or local(facts.sealed_at, "%Y-%m-%d"))
        kind = f"{facts.class_name}\n{' · '.join(filter(None, (facts.waste_code, facts.kind)))}"
        mass = f"{kilograms(facts.mass_g)} kg" if facts.mass_g is not None else "kg" if blank else ""
        top = outer.top - self.head
        high = 8.4 * mm + grow
        self._entry("产生单位", facts.producer_name, Box(left, top, split - left, high), "producer_name", 9.5)
        top, high = top - high, 5.3 * mm + grow
        self._entry("产生部门", facts.department, Box(left, top, split - left, high), "department", 9.5)
        self._entry("重量", mass, Box(split, top, right - split, high), "mass", 12, caption=8.5, bold=not blank,
                    align="right" if blank else "left")  # fmt: skip
        top, high = top - high, 5.1 * mm + grow
        half = left + 35 * mm + 0.4 * (self.width - _PLAIN[0])
        sealed = local(facts.sealed_at) or ("月   日   时   分" if blank else "")
        produced = produced or "年   月   日"
        align = "right" if blank else "left"
        self._entry("产生日期", produced, Box(left, top, half - left, high), "produced_on", 9.5, align=align)
        self._entry("封口", sealed, Box(half, top, right - half, high), "sealed_at", 9.5, caption=8.5, align=align)
        top, high = top - high, 8.5 * mm + grow
        if blank:
            self._choices(Box(left, top, right - left, high))
            return
        half = left + 35.5 * mm + 0.4 * (self.width - _PLAIN[0])
        self._entry("类别", kind, Box(left, top, half - left, high), "class_name", 9.5, caption=8.5)
        note = facts.special_note or "无"
        self._entry("特别说明", note, Box(half, top, right - half, high), "special_note", 9.5, caption=12.2)

    def _entry(
        self,
        word: str,
        text: str,
        box: Box,
        field: str,
        size: float,
        *,
        caption: float = 13.4,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        canvas = self.canvas
        canvas.setLineWidth(_HAIR)
        canvas.setStrokeColorRGB(*BLACK)
        canvas.line(box.x, box.top, box.right, box.top)
        if box.x > 2 * mm:
            canvas.line(box.x, box.top, box.x, box.bottom)
        write(canvas, word, Box(box.x + 0.9 * mm, box.top, caption * mm, box.height), size=7.5, minimum=_SMALLEST)
        value = Box(box.x + caption * mm, box.top, box.width - (caption + 0.7) * mm, box.height).inset(0, 0.3 * mm)
        write(canvas, text, value, size=size, minimum=_SMALLEST, bold=bold, align=align, field=field)

    def _choices(self, box: Box) -> None:
        """Draw the five classes to be ticked by hand."""
        self._entry("类别", " ", box, "class_name", 9.5, caption=8.5)
        room = (box.width - 8.5 * mm) / len(CLASSES)
        for number, word in enumerate(CLASSES):
            x = box.x + 8.5 * mm + number * room
            self.canvas.setFillColorRGB(*BLACK)
            check_box(self.canvas, x, box.top - box.height / 2 - 3.0, 9.5, False)
            self.canvas.setFont(REGULAR, 8.5)
            self.canvas.drawString(x + 8.8, box.top - box.height / 2 - 3.0, word)

    def _to_write(self) -> None:
        """Draw white boxes for the special note and for the deadline."""
        band = Box(self.outer.x, self.outer.bottom + self.band, self.outer.width, self.band)
        self.canvas.setFillColorRGB(*WHITE)
        self.canvas.rect(band.x, band.bottom, band.width, band.height, stroke=0, fill=1)
        half = band.x + band.width * 0.46
        self._entry("特别说明", " ", Box(band.x, band.top, half - band.x, band.height), "special_note", 9.5)
        self._entry("最迟运出", "月   日   时   分", Box(half, band.top, band.right - half, band.height), "", 9.5,
                    align="right")  # fmt: skip

    def _deadline(self, band: Box) -> None:
        """Draw the moment by which the container must leave, white on black, or an empty box to write it in."""
        canvas, facts = self.canvas, self.facts
        canvas.setFillColorRGB(*(BLACK if facts.must_leave_by else WHITE))
        canvas.rect(band.x, band.bottom, band.width, band.height, stroke=0, fill=1)
        canvas.line(band.x, band.top, band.right, band.top)
        ink = WHITE if facts.must_leave_by else BLACK
        word = Box(band.x + 2 * mm, band.top, 22 * mm, band.height)
        write(canvas, "最迟运出", word, size=14, minimum=_SMALLEST, bold=True, colour=ink)
        when = Box(band.x + 24 * mm, band.top, band.width - 26 * mm, band.height)
        write(canvas, local(facts.must_leave_by), when, size=21, minimum=12, bold=True, align="right", colour=ink)
