"""QR codes as one vector path, so that they stay sharp on any printer."""

import re
from functools import lru_cache
from typing import Final

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import QRData
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

LABEL = ERROR_CORRECT_Q
"""A quarter of the code may be torn, wet or dirty."""
STURDY = ERROR_CORRECT_H
"""Nearly a third of it may be so; its modules are finer, which only a code of some width can bear."""
WIDE_ENOUGH = 16 * mm
"""From this width of the dark symbol on, a label's code is sturdy. Tried out with zxing-cpp at 150 dpi: below
it, finer modules lose more to a blurred picture than the correction gains against stains."""
PAPER = ERROR_CORRECT_M
QUIET_ZONE = 4
"""Blank modules around the code, as ISO/IEC 18004 asks."""

_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_COMPACT: Final = 2
"""Mode indicator of ISO/IEC 18004 for digits, capitals and a few signs: 5.5 bits a character."""
_BYTES: Final = 4
_DARK = re.compile(b"\x01+")
_MASK = 2
"""A fixed mask: searching the best of eight takes five times as long and any reader decodes any mask."""


@lru_cache(maxsize=16)
def matrix(text: str, level: int = LABEL) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the smallest code for `text`; upper-case addresses take the compact mode."""
    code = QRCode(error_correction=level, border=0, mask_pattern=_MASK)
    code.add_data(QRData(text.encode(), mode=_COMPACT if _ALPHANUMERIC.issuperset(text) else _BYTES))
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.modules)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float, level: int = LABEL) -> None:
    """Draw the code with its quiet zone on a white square; `x`, `y` is its lower left, `side` its whole width."""
    modules = matrix(text, level)
    count = len(modules)
    module = side / (count + 2 * QUIET_ZONE)
    canvas.saveState()
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.translate(x + QUIET_ZONE * module, y + QUIET_ZONE * module)
    canvas.scale(module, module)
    bars = [
        f"{start} {count - 1 - row} {length} 1 re"
        for row, cells in enumerate(modules)
        for start, length in _runs(cells)
    ]
    canvas.drawPath(PDFPathObject(code=bars), stroke=0, fill=1)
    canvas.restoreState()


def level_for(symbol: float) -> int:
    """Return how much correction a label's code takes whose dark symbol is so wide."""
    return STURDY if symbol >= WIDE_ENOUGH else LABEL


def side_for(text: str, symbol: float, level: int = LABEL) -> float:
    """Return the whole width, quiet zone included, at which the dark symbol of `text` is `symbol` wide."""
    count = len(matrix(text, level))
    return symbol * (count + 2 * QUIET_ZONE) / count


def _runs(cells: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Return (start, length) of each stretch of dark modules: fewer rectangles and no hairlines between them."""
    return [(found.start(), found.end() - found.start()) for found in _DARK.finditer(bytes(cells))]
