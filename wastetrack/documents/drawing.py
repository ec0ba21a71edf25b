"""The few strokes that all printed pages share: the canvas, a boxed text, a check box, a local time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import IO, Any

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.fonts import REGULAR, draw, fit, register
from wastetrack.documents.parts import PartsCanvas

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)

rl_config.useA85 = 0  # plain binary streams: a fifth smaller and faster than ASCII ones

BEIJING = timezone(timedelta(hours=8))
"""The one legal time of China; it has no summer time, so a fixed offset prints the same for ever."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in points, by its left upper corner."""

    x: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.top - self.height

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    def inset(self, dx: float, dy: float = 0.0) -> "Box":
        """Return the box made smaller by `dx` on both sides and `dy` above and below."""
        return Box(self.x + dx, self.top - dy, self.width - 2 * dx, self.height - 2 * dy)


def new_canvas(buffer: IO[bytes], size: tuple[float, float], title: str) -> Canvas:
    """Return a canvas whose bytes depend on what is drawn alone: no clock, no random identifiers.

    It writes each page as soon as it is full, so that a thousand take hardly more memory than ten.
    """
    register()
    first_font: Any = REGULAR  # the stubs take it for a number; without it Helvetica is named and not embedded
    canvas = PartsCanvas(
        buffer, pagesize=size, invariant=1, pageCompression=1, lang="zh-CN", initialFontName=first_font
    )
    canvas.setTitle(title)
    canvas.setAuthor("WasteTrack")
    canvas.setCreator("WasteTrack")
    return canvas


def write(
    canvas: Canvas,
    text: str,
    box: Box,
    *,
    size: float,
    minimum: float,
    bold: bool = False,
    align: str = "left",
    field: str | None = None,
    colour: Colour = BLACK,
) -> None:
    """Write `text` in `box`, in the middle of its height, as large as `size` and never below `minimum`."""
    if not text.strip():
        return
    fitted = fit(text, box.width, height=box.height, size=size, minimum=minimum, bold=bold, field=field)
    canvas.setFillColorRGB(*colour)
    draw(canvas, fitted, box.x, box.top - (box.height - fitted.height) / 2, room=box.width, align=align)


def frame(canvas: Canvas, box: Box, thickness: float, fill: Colour | None = None) -> None:
    """Draw the outline of `box`, filled if a colour is given."""
    canvas.setLineWidth(thickness)
    canvas.setStrokeColorRGB(*BLACK)
    if fill:
        canvas.setFillColorRGB(*fill)
    canvas.rect(box.x, box.bottom, box.width, box.height, stroke=1, fill=1 if fill else 0)


def check_box(canvas: Canvas, x: float, baseline: float, size: float, ticked: bool) -> None:
    """Draw a check box as a shape, as fonts disagree about ☐ and ☑; `size` is that of the text beside it."""
    side = size * 0.78
    low = baseline - size * 0.06
    canvas.saveState()
    canvas.setStrokeColorRGB(*BLACK)
    canvas.setLineWidth(0.7)
    canvas.rect(x, low, side, side, stroke=1, fill=0)
    if ticked:
        canvas.setLineWidth(1.4)
        canvas.setLineJoin(1)
        tick = canvas.beginPath()
        tick.moveTo(x + side * 0.18, low + side * 0.52)
        tick.lineTo(x + side * 0.42, low + side * 0.22)
        tick.lineTo(x + side * 0.86, low + side * 0.84)
        canvas.drawPath(tick, stroke=1, fill=0)
    canvas.restoreState()


def local(moment: datetime | None, style: str = "%Y-%m-%d %H:%M") -> str:
    """Return a time as read in China, or nothing. A time without a zone is a mistake of the caller."""
    if moment is None:
        return ""
    if moment.tzinfo is None:
        raise ValueError("a time on a document needs its zone")
    return moment.astimezone(BEIJING).strftime(style)


def long_time(moment: datetime | None) -> str:
    """Return a time as the statutory form asks for it: 年 月 日 时 分; blanks to fill in when there is none."""
    if moment is None:
        return ""
    return local(moment, "%Y年%m月%d日%H时%M分")


@contextmanager
def kept(canvas: Canvas) -> Iterator[None]:
    """Restore colours, lines and clipping afterwards."""
    canvas.saveState()
    yield
    canvas.restoreState()


__all__ = [
    "BEIJING", "BLACK", "WHITE", "Box", "Colour", "check_box", "frame", "kept", "local", "long_time", "mm",
    "new_canvas", "write",
]  # fmt: skip
