"""The label of a large box: its code large and in words, what it is and whose. It stays on the box for good."""

from dataclasses import dataclass
from io import BytesIO

from wastetrack.documents.drawing import Box, frame, mm, new_canvas, write
from wastetrack.documents.qr import STURDY, draw_qr

_SIZE = (100 * mm, 60 * mm)
_EDGE = 3 * mm
_CODE = 44 * mm


@dataclass(frozen=True)
class BoxLabelFacts:
    """What the label says; `address` is the upper-case address in the QR, `code` the same as people type it."""

    code: str
    address: str
    kind: str
    name: str
    owner: str
    phone: str


def box_label(facts: BoxLabelFacts) -> bytes:
    """Return the label as one page of 100 × 60 mm."""
    buffer = BytesIO()
    canvas = new_canvas(buffer, _SIZE, "大箱标签")
    width, height = _SIZE
    frame(canvas, Box(_EDGE, height - _EDGE, width - 2 * _EDGE, height - 2 * _EDGE), 0.6)
    draw_qr(canvas, facts.address, _EDGE + 2 * mm, (height - _CODE) / 2, _CODE, STURDY)
    left = _EDGE + _CODE + 4 * mm
    words, top = width - left - _EDGE - 2 * mm, height - _EDGE - 2 * mm
    lines = (
        (facts.kind, 9 * mm, 18.0, True),
        (facts.name, 9 * mm, 14.0, False),
        (facts.code, 8 * mm, 13.0, True),
        (facts.owner, 14 * mm, 11.0, False),
        (facts.phone, 7 * mm, 10.0, False),
    )
    for text, tall, points, bold in lines:
        if text:
            write(canvas, text, Box(left, top, words, tall), size=points, minimum=6.0, bold=bold, field="name")
        top -= tall
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
