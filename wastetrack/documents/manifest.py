"""The transfer manifest 危险废物转移联单, field by field as the statutory form has it, with its container list.

The three parts follow 环办固体函〔2021〕577号 (危险废物转移管理办法, Order 23 of 2021, Arts 10–12). Below the form
stands what the platform adds: reasons of flags, differences, corrections, and each container with its producer.
"""

from io import BytesIO

from wastetrack.documents.drawing import new_canvas
from wastetrack.documents.facts import (
    ConsignorPart,
    ContainerLine,
    ManifestDocument,
    ReceivedRow,
    ReceiverPart,
    TransportLeg,
    WasteRow,
)
from wastetrack.documents.flow import draw_page, paginate
from wastetrack.documents.manifest_page import BODY, LEFT, SIZE, TOP, draw_flags, draw_margins
from wastetrack.documents.manifest_parts import container_list, records, statutory_form


def render_manifest(doc: ManifestDocument, check_address: str) -> bytes:
    """Return the manifest as an A4 PDF; `check_address` (upper case, `…/V/<TOKEN>`) goes into the QR of each page.

    The same document gives the same bytes at any time. Refused when a character or a text cannot be printed whole.
    """
    pages = paginate([*statutory_form(doc), *records(doc), *container_list(doc)], BODY)
    buffer = BytesIO()
    canvas = new_canvas(buffer, SIZE, f"危险废物转移联单 {doc.number or doc.reference}".strip())
    for number, page in enumerate(pages, start=1):
        draw_margins(canvas, doc, check_address, number, len(pages))
        draw_page(canvas, page, LEFT, TOP)
        draw_flags(canvas, doc.flags)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


__all__ = [
    "ConsignorPart", "ContainerLine", "ManifestDocument", "ReceivedRow", "ReceiverPart", "TransportLeg", "WasteRow",
    "render_manifest",
]  # fmt: skip
