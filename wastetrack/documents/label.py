"""Container labels: one page is one label of its true size, so a roll printer needs no scaling.

The language of labels is Chinese. Medical waste carries the mark of HJ 421 and the four entries that
医疗卫生机构医疗废物管理办法 asks for; other hazardous waste the label of HJ 1276-2022.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from wastetrack.documents.drawing import new_canvas
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.label_hazardous import HAZARDOUS_SIDE, check_hazardous, draw_hazardous
from wastetrack.documents.label_medical import MEDICAL_SIZE, check_medical, draw_medical

MEDICAL_CATEGORY = "01"
"""Waste codes ending so are of HW01 医疗废物 in the national list."""

_ANY_ADDRESS, _ANY_CODE = "HTTPS://WASTETRACK.EXAMPLE/C/000000000000", "0000-0000-0000"
_ANY_MOMENT = datetime(2000, 12, 20, 12, 0, tzinfo=UTC)


def is_medical(facts: LabelFacts) -> bool:
    """Return whether the label of HJ 421 applies: HJ 1276-2022 leaves HW01 to it."""
    return facts.waste_code.endswith("-" + MEDICAL_CATEGORY)


def medical_label(facts: LabelFacts) -> bytes:
    """Return the 80 × 60 mm label of one bag, sharps box or turnover box of medical waste.

    Refused when the producer, the class or the date is missing, or a text cannot be printed whole.
    """
    return _pages([facts], lambda _: True)


def hazardous_label(facts: LabelFacts) -> bytes:
    """Return the 100 × 100 mm label of HJ 1276-2022, for containers up to 50 L.

    Refused when an entry that the standard asks for is missing, or a text cannot be printed whole.
    """
    return _pages([facts], lambda _: False)


def labels_pdf(labels: Iterable[LabelFacts]) -> bytes:
    """Return several labels, one on a page, each in the kind that its waste code asks for."""
    return _pages(labels, is_medical)


def require_printable(facts: LabelFacts) -> None:
    """Refuse now what could not be printed whole later: a text too long for its box, a character without a shape."""
    # What differs from label to label but never in length is made alike: a ward's second bag need not be tried again.
    _try(
        replace(
            facts,
            code=_ANY_CODE,
            address=_ANY_ADDRESS,
            digital_code="0" * len(facts.digital_code),
            mass_g=facts.mass_g and 10 ** len(str(facts.mass_g)),
            sealed_at=facts.sealed_at and _ANY_MOMENT,
            must_leave_by=facts.must_leave_by and _ANY_MOMENT,
            produced_on=facts.produced_on and _ANY_MOMENT.date(),
        )
    )


@lru_cache(maxsize=2048)
def _try(facts: LabelFacts) -> None:
    _draw(new_canvas(BytesIO(), MEDICAL_SIZE, ""), facts, is_medical(facts))


def _pages(labels: Iterable[LabelFacts], medical: Callable[[LabelFacts], bool]) -> bytes:
    buffer = BytesIO()
    canvas = new_canvas(buffer, MEDICAL_SIZE, "废物标签")
    for facts in labels:
        _draw(canvas, facts, medical(facts))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, facts: LabelFacts, medical: bool) -> None:
    if medical:
        check_medical(facts)
        canvas.setPageSize(MEDICAL_SIZE)
        draw_medical(canvas, facts)
    else:
        check_hazardous(facts)
        canvas.setPageSize((HAZARDOUS_SIDE, HAZARDOUS_SIDE))
        draw_hazardous(canvas, facts)


__all__ = ["LabelFacts", "hazardous_label", "is_medical", "labels_pdf", "medical_label", "require_printable"]
