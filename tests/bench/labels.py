"""1,000 labels as one PDF, against a bare reportlab that writes as many pages with the same fonts and nothing else.

The labels are all of it: the texts fitted to their boxes, the codes reckoned and drawn, the fonts cut to what is used.
The bare side draws eight short lines of the same words on each page, so that the ratio says what the rest costs.
"""

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from tests.documents.paper import HAZARDOUS, LABEL_ADDRESS, MEDICAL
from wastetrack.documents.drawing import mm, new_canvas
from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.fonts import REGULAR
from wastetrack.documents.label import Paper, labels_pdf
from wastetrack.domain.labels import LabelFormat

LABELS = 1_000
GOAL_S = 3.0


def measure(rounds: int) -> dict[str, Any]:
    """Return the medians of several rounds."""
    labels_pdf([MEDICAL, HAZARDOUS])  # the fonts are loaded once for a process
    each = [_round() for _ in range(rounds)]
    medians = {name: round(statistics.median(one[name] for one in each), 2) for name in each[0]}
    slowest = max(medians[name] for name in medians if name != "plain_s")
    return {
        "labels": LABELS,
        **medians,
        "labels_per_s": round(LABELS / medians["tags_s"]),
        "ratio_to_plain_pages": round(medians["plain_s"] / medians["tags_s"], 3),
        "most_mb_while_100": _memory(100),
        "most_mb_while_1000": _memory(LABELS),
        "goal": f"the slowest kind of {LABELS} labels < {GOAL_S} s",
        "met": slowest < GOAL_S,
    }


def _round() -> dict[str, float]:
    took = {
        "tags_s": _timed(lambda: labels_pdf(_many(MEDICAL))),
        "labels_of_hj1276_s": _timed(lambda: labels_pdf(_many(HAZARDOUS))),
        "sheets_s": _timed(lambda: labels_pdf(_many(MEDICAL), Paper(medical=LabelFormat.TAG_4X10))),
        "plain_s": _timed(_plain),
    }
    print(", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items()), file=sys.stderr)
    return took


def _timed(do: Callable[[], object]) -> float:
    """Return seconds of the processor: one thread does it all, and who else is on the machine shall not count."""
    began = time.process_time()
    do()
    return time.process_time() - began


def _many(facts: LabelFacts, count: int = LABELS) -> Iterator[LabelFacts]:
    """Yield labels that differ as those of a round do: code, mass, department."""
    for n in range(count):
        address = f"{LABEL_ADDRESS[:-4]}{n:04d}"
        code = f"7K3M-9QXR-{n:04d}"
        yield replace(facts, address=address, code=code, mass_g=1000 + n, department=f"内{n % 40}科")


def _plain() -> bytes:
    buffer = BytesIO()
    canvas = new_canvas(buffer, (80 * mm, 60 * mm), "")
    words = (MEDICAL.producer_name, MEDICAL.class_name, MEDICAL.special_note, MEDICAL.department)
    for n in range(LABELS):
        canvas.setFont(REGULAR, 9)
        for line, text in enumerate((*words, *words)):
            canvas.drawString(10, 160 - 18 * line, f"{text} {n}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _memory(count: int) -> float:
    """Return the most that was held beside the fonts while so many labels were made."""
    tracemalloc.start()
    labels_pdf(_many(MEDICAL, count))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(most / 1_000_000, 1)
