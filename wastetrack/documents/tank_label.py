"""The label of a tank or pool: an A4 page in the manner of the hazardous-waste label of HJ 1276-2022, with its code.

Orange ground, black frame and words, hazard signs. HJ 1276 has no size of its own for a tank as far as its text was
found; one page that is read from some metres is ours. What is in the tank changes daily, so no mass stands on it: the
code opens the page that says it.
"""

from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, Colour, frame, mm, new_canvas, write
from wastetrack.documents.qr import draw_qr
from wastetrack.documents.required import require
from wastetrack.documents.signs import hazard_sign

ORANGE: Colour = (1.0, 150 / 255, 0.0)
LANDSCAPE = (297 * mm, 210 * mm)
_MARGIN = 10 * mm
_FRAME = 2 * mm
_SIDE = 84 * mm
_HEAD = 28 * mm
_WORD = 34 * mm
_BASIS = "HJ 1276-2022"
_ENTRIES = {
    "number": "罐(池)编号", "waste_name": "废物名称", "waste_code": "废物代码", "form": "废物形态",
    "harmful": "有害成分", "usable_l": "有效容积", "organisation": "单位名称", "store": "贮存设施",
    "emergency_phone": "应急电话",
}  # fmt: skip
_MAY_LACK = frozenset({"harmful"})


@dataclass(frozen=True)
class TankLabelFacts:
    """What the label says; `address` is the upper-case address in the QR, `code` the same as people type it."""

    number: str
    organisation: str
    store: str
    waste_name: str
    waste_code: str
    form: str
    harmful: str
    hazards: tuple[str, ...]
    usable_l: int
    emergency_phone: str
    address: str
    code: str


def tank_label(facts: TankLabelFacts) -> bytes:
    """Return the label as one A4 page, the same bytes for the same facts; refused when an entry is missing."""
    asked = {name: word for name, word in _ENTRIES.items() if name not in _MAY_LACK}
    require(facts, {**asked, "hazards": "危险特性"}, _BASIS)
    buffer = BytesIO()
    canvas = new_canvas(buffer, LANDSCAPE, "危险废物贮存罐标签")
    width, height = LANDSCAPE
    edge = _MARGIN + _FRAME / 2
    frame(canvas, Box(edge, height - edge, width - 2 * edge, height - 2 * edge), _FRAME, ORANGE)
    inside = _MARGIN + _FRAME + 5 * mm
    inner = Box(inside, height - inside, width - 2 * inside, height - 2 * inside)
    head = Box(inner.x, inner.top, inner.width, _HEAD)
    write(canvas, "危险废物", head, size=60, minimum=40, bold=True, align="centre")
    below = inner.top - _HEAD
    _entries(canvas, facts, Box(inner.x, below, inner.width - _SIDE - 6 * mm, inner.height - _HEAD))
    _side(canvas, facts, Box(inner.right - _SIDE, below, _SIDE, inner.height - _HEAD))
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _entries(canvas: Canvas, facts: TankLabelFacts, box: Box) -> None:
    high = box.height / len(_ENTRIES)
    for index, (name, word) in enumerate(_ENTRIES.items()):
        top = box.top - index * high
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(1)
        canvas.line(box.x, top - high, box.right, top - high)
        write(canvas, word, Box(box.x, top, _WORD, high), size=18, minimum=14, bold=True)
        said = f"{facts.usable_l} L" if name == "usable_l" else getattr(facts, name)
        value = Box(box.x + _WORD, top, box.width - _WORD, high - 1 * mm)
        write(
            canvas, said, value, size=32 if name in {"number", "waste_code"} else 20, minimum=10, bold=True, field=name
        )


def _side(canvas: Canvas, facts: TankLabelFacts, box: Box) -> None:
    """Draw the hazard signs beside each other, and the code below them."""
    code = 74 * mm
    room = box.height - code - 22 * mm
    reach = min(room / 2, box.width / (2 * len(facts.hazards))) - 1 * mm
    step = box.width / len(facts.hazards)
    for index, letter in enumerate(facts.hazards):
        hazard_sign(canvas, letter, box.x + step * (index + 0.5), box.top - room / 2, reach)
    left = box.x + (box.width - code) / 2
    foot = box.bottom + 20 * mm
    draw_qr(canvas, facts.address, left, foot, code)
    write(canvas, facts.code, Box(box.x, foot - 2 * mm, box.width, 10 * mm), size=22, minimum=16, bold=True,
          align="centre")  # fmt: skip
    hint = Box(box.x, foot - 12 * mm, box.width, 7 * mm)
    write(canvas, "扫码查看液位、存量和记录", hint, size=13, minimum=11, align="centre")
