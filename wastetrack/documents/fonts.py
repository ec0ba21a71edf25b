"""Text on printed pages: every character is in the font and every text fits its box, or the print is refused.

A name on a label or manifest is evidence. An empty box where a character should be, or a line cut at the
border, would falsify it, so both are errors that name the character or the field.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_

REGULAR = "WasteTrackSC"
BOLD = "WasteTrackSC-Bold"
LEADING = 1.18
"""Distance of two lines, in font sizes."""

_FILES = {REGULAR: "NotoSansSC-Regular-gbk.ttf", BOLD: "NotoSansSC-Bold-8105.ttf"}
_NOT_AT_LINE_START = frozenset("，。、；：！？）》〉】」』”’％%,.;:!?)]}·")
_NOT_AT_LINE_END = frozenset("（《〈【「『“‘([{")
_STEP = 0.25


@dataclass(frozen=True)
class Fitted:
    """A text as it will stand in its box."""

    lines: tuple[str, ...]
    font: str
    size: float

    @property
    def height(self) -> float:
        """Return the height of all lines together."""
        return text_height(len(self.lines), self.size)


def text_height(lines: int, size: float) -> float:
    """Return the height that `lines` of `size` take: full leading between them, glyph height for one."""
    return (lines - 1) * size * LEADING + size


@lru_cache(maxsize=1)
def register() -> None:
    """Load both weights into reportlab, once for the process."""
    folder = Path(__file__).parent / "fonts"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))


@lru_cache(maxsize=2)
def _glyphs(font: str) -> frozenset[int]:
    register()
    return frozenset(cast(TTFont, pdfmetrics.getFont(font)).face.charToGlyph)


def font_for(text: str, *, bold: bool = False, field: str | None = None) -> str:
    """Return the font that holds all of `text`; bold falls back to regular, which knows more characters.

    Raises a Refusal naming the first character that neither can show.
    """
    codes = set(map(ord, text)) - {10}
    if bold and codes <= _glyphs(BOLD):
        return BOLD
    missing = codes - _glyphs(REGULAR)
    if not missing:
        return REGULAR
    character = next(c for c in text if ord(c) in missing)
    raise refuse(
        "print.glyph_missing",
        N_("“{text}” cannot be printed: the font has no shape for the character {character} ({codepoint}). "
           "Write it with another character."),
        field=field,
        text=text,
        character=character if character.isprintable() else unicodedata.name(character, "?"),
        codepoint=f"U+{ord(character):04X}",
    )  # fmt: skip


def require_printable(value: object) -> None:
    """Refuse data of a document that holds a character without a shape, wherever it stands."""
    if isinstance(value, str):
        font_for(value)
    elif isinstance(value, Mapping):
        require_printable(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            require_printable(each)


def tidy(text: str) -> str:
    """Return `text` without outer blanks, with plain line ends and blanks for tabs; nothing else is changed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()


def width(text: str, font: str, size: float) -> float:
    """Return the width of one line in points."""
    return _ems(text, font) * size


@lru_cache(maxsize=512)
def _ems(text: str, font: str) -> float:
    """Return the width in font sizes; kept, because the same words stand on every label of a roll."""
    register()
    return float(pdfmetrics.stringWidth(text, font, 1.0))


def wrap(text: str, font: str, size: float, room: float) -> tuple[str, ...]:
    """Break `text` into lines no wider than `room`, losing no character but the space at a break.

    Chinese breaks anywhere except before closing and after opening punctuation; a run of Latin letters
    and digits stays whole unless it alone is wider than the box.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, font, size, room))
    return tuple(lines)


def _wrap_paragraph(text: str, font: str, size: float, room: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in _pieces(text):
        wide = width(piece, font, size)
        if used + wide <= room:
            line, used = line + piece, used + wide
        elif wide <= room:
            lines.append(line.rstrip(" "))
            line, used = piece.lstrip(" "), width(piece.lstrip(" "), font, size)
        else:
            for character in piece:
                step = width(character, font, size)
                if line and used + step > room:
                    lines.append(line.rstrip(" "))
                    line, used = "", 0.0
                line, used = line + character, used + step
    return [*lines, line.rstrip(" ")]


def _pieces(text: str) -> list[str]:
    """Split `text` where a line may break."""
    pieces: list[str] = []
    for character in text:
        if pieces and _sticks(pieces[-1][-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _sticks(before: str, after: str) -> bool:
    if after in _NOT_AT_LINE_START or before in _NOT_AT_LINE_END:
        return True
    return before != " " and after != " " and ord(before) < 0x2E80 and ord(after) < 0x2E80


@lru_cache(maxsize=512)
def fit(
    text: str,
    room: float,
    *,
    size: float,
    minimum: float,
    height: float,
    bold: bool = False,
    field: str | None = None,
) -> Fitted:
    """Return `text` set as large as fits `room` × `height`: shrunk a little, else wrapped, else shrunk further.

    Never smaller than `minimum`, the least size that law or legibility allows; what does not fit then is
    refused with its field.
    """
    text = tidy(text)
    font = font_for(text, bold=bold, field=field)
    line = _one_line(text, font, room, size, max(minimum, size * 0.85))
    if line and size <= height:
        return line
    for at in _sizes(size, minimum):
        lines = wrap(text, font, at, room)
        if text_height(len(lines), at) <= height + 0.01:
            return Fitted(lines, font, at)
    raise too_long(text, field)


@lru_cache(maxsize=4096)
def fit_or_grow(text: str, room: float, *, size: float, bold: bool = False, field: str | None = None) -> Fitted:
    """Return the text on one line, shrunk by a tenth at most, else on as many lines as it needs at full `size`."""
    text = tidy(text)
    font = font_for(text, bold=bold, field=field)
    line = _one_line(text, font, room, size, size * 0.9)
    return line or Fitted(wrap(text, font, size, room), font, size)


def _one_line(text: str, font: str, room: float, size: float, minimum: float) -> Fitted | None:
    if "\n" in text:
        return None
    return next((Fitted((text,), font, at) for at in _sizes(size, minimum) if width(text, font, at) <= room), None)


def _sizes(size: float, minimum: float) -> Iterator[float]:
    """Yield the sizes to try, from the largest down to the least itself."""
    at = size
    while at > minimum:
        yield at
        at -= _STEP
    yield minimum


def too_long(text: str, field: str | None) -> Refusal:
    """Return the refusal of a text that does not fit its place, naming the field."""
    return refuse(
        "print.too_long",
        N_("“{text}” is too long for its box on the printed form, even in the smallest size allowed. Shorten it."),
        field=field,
        text=text,
    )


def draw(canvas: Canvas, fitted: Fitted, x: float, top: float, *, room: float = 0.0, align: str = "left") -> None:
    """Draw fitted lines below `top`; `align` is left, centre or right within `room`."""
    canvas.setFont(fitted.font, fitted.size)
    baseline = top - fitted.size * 0.88
    for line in fitted.lines:
        if align == "centre":
            canvas.drawCentredString(x + room / 2, baseline, line)
        elif align == "right":
            canvas.drawRightString(x + room, baseline, line)
        else:
            canvas.drawString(x, baseline, line)
        baseline -= fitted.size * LEADING
