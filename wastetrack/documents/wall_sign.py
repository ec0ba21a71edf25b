"""The sign on the wall of a store: a page of A4 or A3 like the facility signs of HJ 1276-2022, with its code.

Yellow ground, black frame and words, a warning triangle. In A3 it is larger than the 300 × 186 mm that the standard
asks where it is read from up to 4 m; farther off larger ones are asked, and this page stands beside them for its code.
Not certain from the standard's text and drawn by us: the picture in the triangle, a biohazard mark for medical waste, a
skull for other waste.
"""

from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, frame, kept, mm, new_canvas, write
from wastetrack.documents.qr import STURDY, draw_qr
from wastetrack.documents.required import require
from wastetrack.documents.signs import YELLOW, warning_triangle

LANDSCAPE = (297 * mm, 210 * mm)
PORTRAIT = (210 * mm, 297 * mm)
_A3 = 2**0.5
"""A3 is A4 drawn larger by so much."""

_MARGIN = 10 * mm
_FRAME = 3 * mm
_CODE = 86 * mm
_CODE_WORDS = 24 * mm
_WORD = 36 * mm
_BASIS = "HJ 1276-2022"
_ENTRIES = {
    "organisation": "单位名称", "store": "设施名称", "store_code": "设施编码", "kind": "设施类型",
    "emergency_phone": "应急电话",
}  # fmt: skip


@dataclass(frozen=True)
class WallSignFacts:
    """What the sign says; `address` is the upper-case address in the QR, `code` the same as people type it."""

    organisation: str
    store: str
    store_code: str
    kind: str
    emergency_phone: str
    address: str
    code: str
    medical: bool


def wall_sign(facts: WallSignFacts, *, upright: bool = False, large: bool = False) -> bytes:
    """Return the sign as one page of A4, or of A3 where `large`, the same bytes for the same facts.

    Refused when an entry is missing or cannot be printed whole.
    """
    require(facts, _ENTRIES, _BASIS)
    buffer = BytesIO()
    size = PORTRAIT if upright else LANDSCAPE
    canvas = new_canvas(buffer, (size[0] * _A3, size[1] * _A3) if large else size, "贮存设施标志")
    if large:
        canvas.scale(_A3, _A3)
    inner = _ground(canvas, *size)
    if upright:
        _upright(canvas, facts, inner)
    else:
        _lying(canvas, facts, inner)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _ground(canvas: Canvas, width: float, height: float) -> Box:
    edge = _MARGIN + _FRAME / 2
    with kept(canvas):
        canvas.setLineJoin(0)
        frame(canvas, Box(edge, height - edge, width - 2 * edge, height - 2 * edge), _FRAME, YELLOW)
    inside = _MARGIN + _FRAME + 5 * mm
    return Box(inside, height - inside, width - 2 * inside, height - 2 * inside)


def _lying(canvas: Canvas, facts: WallSignFacts, inner: Box) -> None:
    """Put triangle, title and code on the left, the entries on the right."""
    left = Box(inner.x, inner.top, _CODE, inner.height)
    head = inner.height - _CODE - _CODE_WORDS
    _title(canvas, facts, Box(inner.x, inner.top, inner.width, head))
    _code(canvas, facts, Box(left.x, inner.bottom + _CODE + _CODE_WORDS, _CODE, _CODE + _CODE_WORDS))
    rest = inner.x + _CODE + 7 * mm
    _entries(canvas, facts, Box(rest, inner.top - head, inner.right - rest, inner.height - head))


def _upright(canvas: Canvas, facts: WallSignFacts, inner: Box) -> None:
    """Put title, entries and code one below the other."""
    head, foot = 58 * mm, _CODE + _CODE_WORDS
    _title(canvas, facts, Box(inner.x, inner.top, inner.width, head))
    middle = inner.height - head - foot - 6 * mm
    _entries(canvas, facts, Box(inner.x, inner.top - head, inner.width, middle))
    _code(canvas, facts, Box(inner.x + (inner.width - _CODE) / 2, inner.bottom + foot, _CODE, foot))


def _title(canvas: Canvas, facts: WallSignFacts, box: Box) -> None:
    side = min(box.height - 6 * mm, 58 * mm)
    warning_triangle(canvas, box.x, box.top - side * 0.866, side, medical=facts.medical)
    words = Box(box.x + side + 5 * mm, box.top, box.width - side - 5 * mm, box.height - 6 * mm)
    half = words.height / 2
    kind = "医疗废物" if facts.medical else "危险废物"
    write(canvas, kind, Box(words.x, words.top, words.width, half), size=62, minimum=40, bold=True, align="centre")
    below = Box(words.x, words.top - half, words.width, half)
    write(canvas, "贮存设施", below, size=62, minimum=40, bold=True, align="centre")


def _entries(canvas: Canvas, facts: WallSignFacts, box: Box) -> None:
    high = box.height / len(_ENTRIES)
    for index, (name, word) in enumerate(_ENTRIES.items()):
        top = box.top - index * high
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(1)
        canvas.line(box.x, top - high, box.right, top - high)
        write(canvas, word, Box(box.x, top, _WORD, high), size=22, minimum=18, bold=True)
        value = Box(box.x + _WORD, top, box.width - _WORD, high - 1 * mm)
        large = 32 if name == "emergency_phone" else 24
        write(canvas, getattr(facts, name), value, size=large, minimum=12, bold=True, field=name)


def _code(canvas: Canvas, facts: WallSignFacts, box: Box) -> None:
    draw_qr(canvas, facts.address, box.x, box.top - box.width, box.width, STURDY)
    below = box.top - box.width - 2 * mm
    write(canvas, facts.code, Box(box.x, below, box.width, 10 * mm), size=22, minimum=16, bold=True, align="centre")
    hint = Box(box.x, below - 10 * mm, box.width, 8 * mm)
    write(canvas, "扫码可核对本标志是否有效", hint, size=14, minimum=12, align="centre")
