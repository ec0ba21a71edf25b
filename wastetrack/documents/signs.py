"""Warning signs as vector drawings: the biohazard mark of HJ 421 and the hazard signs of HJ 1276-2022.

Each draws itself around a centre, `reach` being the distance from there to a corner of its diamond.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import cos, pi, radians, sin

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from wastetrack.documents.drawing import BLACK, WHITE, Colour, kept
from wastetrack.documents.fonts import BOLD

RED: Colour = (1.0, 0.0, 0.0)
YELLOW: Colour = (1.0, 1.0, 0.0)

HAZARD_WORDS = {"T": "毒性", "C": "腐蚀性", "I": "易燃性", "R": "反应性", "In": "感染性"}
_GROUND = {"T": WHITE, "C": WHITE, "I": RED, "R": YELLOW, "In": WHITE}
_SPOKES = (90.0, 210.0, 330.0)

Point = tuple[float, float]


def biohazard(canvas: Canvas, x: float, y: float, radius: float, ground: Colour, ink: Colour = BLACK) -> None:
    """Draw the international mark, built on the customary proportions (gap 1, ring 3.5, horns 4, … whole 30)."""
    unit = radius / 26
    spots = [(cos(radians(a)), sin(radians(a)), a) for a in _SPOKES]
    with kept(canvas):
        canvas.translate(x, y)
        canvas.scale(unit, unit)
        canvas.setFillColorRGB(*ink)
        for dx, dy, _ in spots:
            canvas.circle(11 * dx, 11 * dy, 15, stroke=0, fill=1)
        canvas.setFillColorRGB(*ground)
        for dx, dy, _ in spots:
            canvas.circle(15 * dx, 15 * dy, 10.5, stroke=0, fill=1)
        canvas.circle(0, 0, 3, stroke=0, fill=1)
        for _, _, angle in spots:
            with kept(canvas):
                canvas.rotate(angle)
                canvas.rect(20, -2, 8, 4, stroke=0, fill=1)
                canvas.rect(0, -0.5, 6, 1, stroke=0, fill=1)
        clip = canvas.beginPath()
        for dx, dy, _ in spots:
            clip.circle(15 * dx, 15 * dy, 9.5)
        canvas.clipPath(clip, stroke=0, fill=0)
        canvas.setStrokeColorRGB(*ink)
        canvas.setLineWidth(3.5)
        canvas.circle(0, 0, 11.75, stroke=1, fill=0)


def diamond(canvas: Canvas, x: float, y: float, reach: float, ground: Colour, line: float) -> None:
    """Draw a right-angled diamond, its outline inside `reach`."""
    inner = reach - line * 0.71
    with kept(canvas):
        canvas.setFillColorRGB(*ground)
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(line)
        canvas.setLineJoin(0)
        canvas.drawPath(_corners(canvas, x, y, inner), stroke=1, fill=1)


def biohazard_sign(canvas: Canvas, x: float, y: float, reach: float, ground: Colour) -> None:
    """Draw the warning diamond of HJ 421 with the mark in it, on the colour of the bag."""
    shade = "".join(f"{round(part * 255):02X}" for part in ground)
    with _stamped(canvas, f"biohazard-{shade}", x, y, reach) as fresh:
        if fresh:
            diamond(canvas, 0, 0, 100, ground, 7.5)
            biohazard(canvas, 0, -4, 56, ground)


def hazard_sign(canvas: Canvas, letter: str, x: float, y: float, reach: float) -> None:
    """Draw the sign for one hazard T, C, I, R or In with its word inside the diamond."""
    with _stamped(canvas, f"hazard-{letter}", x, y, reach) as fresh:
        if not fresh:
            return
        diamond(canvas, 0, 0, 100, _GROUND[letter], 4.5)
        if letter == "C":
            _black_half(canvas)
        canvas.setFillColorRGB(*BLACK)
        canvas.setStrokeColorRGB(*BLACK)
        _SYMBOL[letter](canvas)
        canvas.setFillColorRGB(*(WHITE if letter == "C" else BLACK))
        canvas.setFont(BOLD, 23)
        canvas.drawCentredString(0, -48, HAZARD_WORDS[letter])


def warning_triangle(canvas: Canvas, x: float, y: float, side: float, *, medical: bool) -> None:
    """Draw the yellow warning triangle with the mark of medical waste, or a skull; `x`, `y` is its lower left."""
    with kept(canvas):
        canvas.translate(x, y)
        canvas.scale(side / 100, side / 100)
        canvas.setFillColorRGB(*YELLOW)
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(5)
        canvas.setLineJoin(1)
        canvas.drawPath(_outline(canvas, [(3, 3), (97, 3), (50, 84)]), stroke=1, fill=1)
        if medical:
            biohazard(canvas, 50, 29, 21, YELLOW)
        else:
            canvas.translate(50, 18)
            canvas.scale(0.44, 0.44)
            canvas.setFillColorRGB(*BLACK)
            _skull(canvas)


@contextmanager
def _stamped(canvas: Canvas, name: str, x: float, y: float, reach: float) -> Iterator[bool]:
    """Draw a sign of reach 100 once for the document and place it wherever it is wanted; yields whether to draw."""
    fresh = not canvas.hasForm(name)
    if fresh:
        canvas.beginForm(name, -100, -100, 100, 100)
    try:
        yield fresh
    finally:
        if fresh:
            canvas.endForm()
        with kept(canvas):
            canvas.translate(x, y)
            canvas.scale(reach / 100, reach / 100)
            canvas.doForm(name)


def _corners(canvas: Canvas, x: float, y: float, reach: float) -> PDFPathObject:
    return _outline(canvas, [(x, y + reach), (x + reach, y), (x, y - reach), (x - reach, y)])


def _outline(canvas: Canvas, points: Sequence[Point]) -> PDFPathObject:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def _fill(canvas: Canvas, points: Sequence[Point]) -> None:
    canvas.drawPath(_outline(canvas, points), stroke=0, fill=1)


def _black_half(canvas: Canvas) -> None:
    canvas.setFillColorRGB(*BLACK)
    _fill(canvas, [(-78, -18), (78, -18), (0, -96)])


def _skull(canvas: Canvas) -> None:
    """A skull over crossed bones."""
    for turn in (28, -28):
        with kept(canvas):
            canvas.translate(0, 2)
            canvas.rotate(turn)
            canvas.roundRect(-46, -4, 92, 8, 4, stroke=0, fill=1)
            for end in (-46, 46):
                canvas.circle(end, 5.5, 6.5, stroke=0, fill=1)
                canvas.circle(end, -5.5, 6.5, stroke=0, fill=1)
    canvas.setFillColorRGB(*WHITE)
    canvas.ellipse(-30, 6, 30, 68, stroke=0, fill=1)
    canvas.roundRect(-19, -5, 38, 30, 6, stroke=0, fill=1)
    canvas.setFillColorRGB(*BLACK)
    canvas.ellipse(-26, 14, 26, 64, stroke=0, fill=1)
    canvas.roundRect(-15, -1, 30, 26, 5, stroke=0, fill=1)
    canvas.setFillColorRGB(*WHITE)
    canvas.ellipse(-18, 27, -4, 43, stroke=0, fill=1)
    canvas.ellipse(4, 27, 18, 43, stroke=0, fill=1)
    _fill(canvas, [(0, 27), (-4.5, 17), (4.5, 17)])
    for x in (-8, -1, 6):
        canvas.rect(x, -1, 2, 11, stroke=0, fill=1)


def _corrosion(canvas: Canvas) -> None:
    """Two tipped test tubes: one drips on a plate, one on a hand, and both are eaten."""
    for side in (-1, 1):
        with kept(canvas):
            canvas.scale(side, 1)
            canvas.translate(12, 40)
            canvas.rotate(-24)
            canvas.setLineWidth(3)
            canvas.roundRect(-18, -6, 44, 13, 6, stroke=1, fill=0)
            canvas.rect(4, -6, 21, 6, stroke=0, fill=1)
            canvas.setLineWidth(4)
            canvas.line(26, -9, 26, 10)
    for side in (-1, 1):
        for drop in (20, 11):
            canvas.ellipse(side * 42 - 2.6, drop - 4.5, side * 42 + 2.6, drop + 3.5, stroke=0, fill=1)
    _fill(canvas, [(-66, -12), (-66, 0), (-50, 0), (-46, -6), (-42, -3), (-38, -8), (-34, 0), (-14, 0), (-14, -12)])
    hand = canvas.beginPath()
    hand.moveTo(12, -12)
    hand.lineTo(60, -12)
    hand.curveTo(68, -12, 70, -3, 62, -2)
    hand.lineTo(51, 1)
    hand.lineTo(46, -5)
    hand.lineTo(42, -2)
    hand.lineTo(38, -6)
    hand.lineTo(34, 2)
    hand.curveTo(28, 6, 20, 6, 12, 3)
    hand.close()
    canvas.drawPath(hand, stroke=0, fill=1)


def _flame(canvas: Canvas) -> None:
    """A flame above a bar."""
    canvas.rect(-34, -22, 68, 5.5, stroke=0, fill=1)
    flame = canvas.beginPath()
    flame.moveTo(-8, -10)
    flame.curveTo(-40, -6, -40, 22, -25, 36)
    flame.curveTo(-25, 27, -21, 22, -17, 21)
    flame.curveTo(-22, 42, -12, 60, 8, 70)
    flame.curveTo(2, 56, 10, 46, 15, 38)
    flame.curveTo(18, 42, 19, 46, 18, 51)
    flame.curveTo(40, 30, 38, -6, 9, -10)
    flame.curveTo(20, 0, 17, 12, 8, 18)
    flame.curveTo(9, 11, 6, 8, 3, 7)
    flame.curveTo(4, 16, -1, 21, -5, 26)
    flame.curveTo(-5, 15, -22, 4, -8, -10)
    flame.close()
    canvas.drawPath(flame, stroke=0, fill=1)


def _burst(canvas: Canvas) -> None:
    """A bursting body and its pieces."""
    points: list[Point] = []
    for step in range(24):
        long = 40.0 if step % 4 == 0 else 29.0
        away = long if step % 2 == 0 else 15.0
        points.append((away * sin(pi * step / 12), 24 + away * cos(pi * step / 12)))
    _fill(canvas, points)
    for x, y, turn in ((-46, 20, 20), (46, 26, 50), (-31, 50, 10), (33, 52, 70), (-34, -6, 40), (35, -5, 15)):
        with kept(canvas):
            canvas.translate(x, y)
            canvas.rotate(turn)
            _fill(canvas, [(-5, -4), (6, -2), (1, 6)])


def _mark(canvas: Canvas) -> None:
    biohazard(canvas, 0, 22, 42, WHITE)


_SYMBOL = {"T": _skull, "C": _corrosion, "I": _flame, "R": _burst, "In": _mark}
