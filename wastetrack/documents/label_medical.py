"""The label of medical waste, 80 × 60 mm.

Look: HJ 421-2008, pale yellow, black right-angled diamond with the biohazard mark, 警告！ and the class.
Entries: 医疗卫生机构医疗废物管理办法 (MoH Order 36), 产生单位、产生日期、类别、需要的特别说明; beside them
what a collector needs at arm's length: department, mass, when it was sealed and by when it must leave.
"""

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, WHITE, Box, Colour, frame, local, mm, write
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.qr import draw_qr, side_for
from wastetrack.documents.required import require
from wastetrack.documents.signs import biohazard_sign
from wastetrack.domain.measures import kilograms

MEDICAL_SIZE = (80 * mm, 60 * mm)
PALE_YELLOW: Colour = (1.0, 0.957, 0.65)
QR_SYMBOL = 20.4 * mm
"""Width of the dark symbol; 20 mm is the least, the rest is for the printer's error."""

_SMALLEST = 6.5
_HAIR = 0.5
_BASIS = "医疗卫生机构医疗废物管理办法"


def check_medical(facts: LabelFacts) -> None:
    """Refuse a tag that lacks one of the entries of MoH Order 36; special notes are only where needed."""
    require(facts, {"producer_name": "产生单位", "class_name": "类别"}, _BASIS)
    if not facts.produced_on and not facts.sealed_at:
        require(facts, {"produced_on": "产生日期"}, _BASIS)


def draw_medical(canvas: Canvas, facts: LabelFacts) -> None:
    """Draw the label on the current page."""
    width, height = MEDICAL_SIZE
    canvas.setFillColorRGB(*PALE_YELLOW)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    outer = Box(1.2 * mm, height - 1.2 * mm, width - 2.4 * mm, height - 2.4 * mm)
    _warning(canvas, facts, outer)
    _code(canvas, facts, outer)
    _entries(canvas, facts, outer)
    _deadline(canvas, facts, Box(outer.x, outer.bottom + 8.9 * mm, outer.width, 8.9 * mm))
    frame(canvas, outer, 1.2)


def _warning(canvas: Canvas, facts: LabelFacts, outer: Box) -> None:
    biohazard_sign(canvas, outer.x + 11.6 * mm, outer.top - 11.4 * mm, 10.6 * mm, PALE_YELLOW)
    words = Box(outer.x + 22.5 * mm, outer.top - 1.4 * mm, 28 * mm, 20 * mm)

    def line(text: str, top: float, high: float, size: float) -> None:
        box = Box(words.x, words.top - top * mm, words.width, high * mm)
        write(canvas, text, box, size=size, minimum=_SMALLEST, bold=True, align="centre", field="class_name")

    line("医疗废物", 0, 5.4, 14)
    line("MEDICAL WASTE", 5.3, 3.2, 7.5)
    line("警告！", 8.7, 4.8, 12.5)
    line(facts.class_name, 13.4, 6.6, 15)


def _code(canvas: Canvas, facts: LabelFacts, outer: Box) -> None:
    side = side_for(facts.address, QR_SYMBOL)
    x = outer.right - side - 0.4 * mm
    draw_qr(canvas, facts.address, x, outer.top - side - 0.4 * mm, side)
    box = Box(x + 0.2 * mm, outer.top - side - 0.5 * mm, side - 0.6 * mm, 3.9 * mm)
    write(canvas, facts.code, box, size=9.5, minimum=_SMALLEST, bold=True, align="centre", field="code")


def _entries(canvas: Canvas, facts: LabelFacts, outer: Box) -> None:
    left, right = outer.x, outer.right
    split = outer.x + 51 * mm
    top = outer.top - 22.3 * mm
    produced = str(facts.produced_on or local(facts.sealed_at, "%Y-%m-%d"))
    kind = " · ".join(each for each in (f"{facts.class_name} {facts.waste_code}", facts.kind) if each)
    mass = f"{kilograms(facts.mass_g)} kg" if facts.mass_g is not None else ""
    note = facts.special_note or "无"
    _entry(canvas, "产生单位", facts.producer_name, Box(left, top, split - left, 8.6 * mm), "producer_name", 9.5)
    _entry(canvas, "产生部门", facts.department, Box(left, top - 8.6 * mm, split - left, 5.3 * mm), "department", 9.5)
    _entry(canvas, "重量", mass, Box(split, top - 8.6 * mm, right - split, 5.3 * mm), "mass", 12,
           caption=8.5, bold=True)  # fmt: skip
    _entry(canvas, "产生日期", produced, Box(left, top - 13.9 * mm, 35 * mm, 5.1 * mm), "produced_on", 9.5)
    sealed = Box(left + 35 * mm, top - 13.9 * mm, right - left - 35 * mm, 5.1 * mm)
    _entry(canvas, "封口", local(facts.sealed_at), sealed, "sealed_at", 9.5, caption=8.5)
    _entry(canvas, "类别", kind, Box(left, top - 19.0 * mm, 40.5 * mm, 7.4 * mm), "class_name", 9.5, caption=8.5)
    _entry(canvas, "特别说明", note, Box(left + 40.5 * mm, top - 19.0 * mm, right - left - 40.5 * mm, 7.4 * mm),
           "special_note", 9.5)  # fmt: skip


def _entry(
    canvas: Canvas,
    word: str,
    text: str,
    box: Box,
    field: str,
    size: float,
    *,
    caption: float = 13.4,
    bold: bool = False,
) -> None:
    canvas.setLineWidth(_HAIR)
    canvas.setStrokeColorRGB(*BLACK)
    canvas.line(box.x, box.top, box.right, box.top)
    if box.x > 2 * mm:
        canvas.line(box.x, box.top, box.x, box.bottom)
    write(canvas, word, Box(box.x + 0.9 * mm, box.top, caption * mm, box.height), size=7.5, minimum=_SMALLEST)
    value = Box(box.x + caption * mm, box.top, box.width - (caption + 0.7) * mm, box.height).inset(0, 0.3 * mm)
    write(canvas, text, value, size=size, minimum=_SMALLEST, bold=bold, field=field)


def _deadline(canvas: Canvas, facts: LabelFacts, band: Box) -> None:
    """Draw the moment by which the container must leave, white on black, or an empty box to write it in."""
    canvas.setFillColorRGB(*(BLACK if facts.must_leave_by else WHITE))
    canvas.rect(band.x, band.bottom, band.width, band.height, stroke=0, fill=1)
    canvas.line(band.x, band.top, band.right, band.top)
    ink = WHITE if facts.must_leave_by else BLACK
    word = Box(band.x + 2 * mm, band.top, 22 * mm, band.height)
    write(canvas, "最迟运出", word, size=14, minimum=_SMALLEST, bold=True, colour=ink)
    when = Box(band.x + 24 * mm, band.top, band.width - 26 * mm, band.height)
    write(canvas, local(facts.must_leave_by), when, size=21, minimum=12, bold=True, align="right", colour=ink)
