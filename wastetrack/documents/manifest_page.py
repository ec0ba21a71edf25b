"""What stands around the tables on every page of a manifest: title, number, check code, version, flags."""

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import BLACK, Box, Colour, kept, local, mm, write
from wastetrack.documents.facts import ManifestDocument
from wastetrack.documents.fonts import font_for, width
from wastetrack.documents.qr import draw_qr, level_for

SIZE = A4
LEFT = 14 * mm
WIDTH = SIZE[0] - 2 * LEFT
TOP = SIZE[1] - 41 * mm
BOTTOM = 19 * mm
BODY = TOP - BOTTOM

_QR = 25 * mm
_RED: Colour = (0.80, 0.05, 0.05)
_GREY: Colour = (0.25, 0.25, 0.35)
_VOID = "作废"
_HASH_SHOWN = 16


def draw_margins(canvas: Canvas, doc: ManifestDocument, check_address: str, page: int, pages: int) -> None:
    """Draw head and foot of one page; each page can be checked on its own."""
    _head(canvas, doc, check_address, first=page == 1)
    _foot(canvas, doc, check_address, page, pages)


def _head(canvas: Canvas, doc: ManifestDocument, check_address: str, *, first: bool) -> None:
    top = SIZE[1] - 9 * mm
    title = "危险废物转移联单" if first else "危险废物转移联单（续页）"
    size = 21.0 if first else 16.0
    write(canvas, title, Box(LEFT, top, WIDTH, 14 * mm), size=size, minimum=12, bold=True, align="centre")
    right = LEFT + WIDTH
    draw_qr(canvas, check_address, right - _QR + 1.5 * mm, top - _QR + 2 * mm, _QR, level_for(check_address, 0.8 * _QR))
    words = Box(right - 46 * mm, top - _QR + 1.6 * mm, 46 * mm, 4 * mm)
    write(canvas, "扫码核验本联单真伪与现行状态", words, size=7.5, minimum=6.5, align="right")
    line = Box(LEFT, top - 17 * mm, WIDTH - _QR - 4 * mm, 5.5 * mm)
    write(canvas, f"联单编号：{doc.number}", line, size=12, minimum=8, bold=True, field="number")
    rest = "　　".join(
        each
        for each in (
            f"平台业务号：{doc.reference}" if doc.reference else "",
            f"当前状态：{doc.status}" if doc.status else "",
            f"版本：第 {doc.version} 版",
        )
        if each
    )
    below = Box(LEFT, top - 23.2 * mm, WIDTH - 49 * mm, 6.8 * mm)
    write(canvas, rest, below, size=9, minimum=6.5, field="reference")


def _foot(canvas: Canvas, doc: ManifestDocument, check_address: str, page: int, pages: int) -> None:
    with kept(canvas):
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, 15.5 * mm, LEFT + WIDTH, 15.5 * mm)
    digest = _spaced(doc.content_hash)
    first = f"第 {doc.version} 版　数据截至 {local(doc.as_of)}（北京时间）　内容摘要 SHA-256：{digest}"
    second = f"核验地址：{check_address}" + (f"　账本树头：{doc.ledger_head}" if doc.ledger_head else "")
    room = WIDTH - 26 * mm
    write(canvas, first, Box(LEFT, 15 * mm, room, 4 * mm), size=7.5, minimum=6, field="version")
    write(canvas, second, Box(LEFT, 11 * mm, room, 4 * mm), size=7.5, minimum=5, field="ledger_head")
    number = Box(LEFT + room, 15 * mm, 26 * mm, 4 * mm)
    write(canvas, f"第 {page} 页 / 共 {pages} 页", number, size=8.5, minimum=6, align="right")


def _spaced(digest: str) -> str:
    short = digest[:_HASH_SHOWN].upper()
    return " ".join(short[i : i + 4] for i in range(0, _HASH_SHOWN, 4))


def draw_flags(canvas: Canvas, flags: tuple[str, ...]) -> None:
    """Draw the flags large across the page, so thin that what stands below can still be read."""
    if not flags:
        return
    text = "　".join(flags)
    font = font_for(text, bold=True, field="flags")
    size = min(150.0, 640.0 / max(width(text, font, 1.0), 1.0))
    void = _VOID in flags
    with kept(canvas):
        canvas.setFillColorRGB(*(_RED if void else _GREY))
        canvas.setFillAlpha(0.24 if void else 0.12)
        canvas.translate(SIZE[0] / 2, SIZE[1] / 2)
        canvas.rotate(50)
        canvas.setFont(font, size)
        canvas.drawCentredString(0, -size * 0.36, text)
        if void:
            canvas.setStrokeColorRGB(*_RED)
            canvas.setStrokeAlpha(0.24)
            canvas.setLineWidth(6)
            half = width(text, font, size) / 2 + 0.25 * size
            canvas.rect(-half, -size * 0.62, 2 * half, size * 1.24, stroke=1, fill=0)


__all__ = ["BODY", "LEFT", "SIZE", "TOP", "WIDTH", "draw_flags", "draw_margins"]
