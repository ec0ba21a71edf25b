"""What the print dialog offers for the containers that somebody wants labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor
from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.labels import (
    BLANK_STICKERS,
    BLANK_TAGS,
    FOR_MEDICAL,
    FOR_OTHERS,
    LabelFormat,
    ReprintReason,
    size_for,
)
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.labels import queries
from wastetrack.features.labels.models import LabelPrinter

SHOWN = 12
"""So many containers are named in the dialog; of the rest it says how many there are."""


@dataclass(frozen=True)
class Selection:
    """What was asked for in the address or the form."""

    codes: tuple[str, ...]
    round: bool
    store: UUID | None


@dataclass(frozen=True)
class Offer:
    """What the dialog offers."""

    boxes: list[Container]
    shown: list[Container]
    medical: list[LabelFormat]
    """Formats for the medical waste among them; none where there is none."""
    other: list[LabelFormat]
    chosen_medical: str
    chosen_other: str
    printers: Sequence[LabelPrinter]
    printer_id: UUID | None
    again: int
    """How many have a label already."""
    reasons: tuple[ReprintReason, ...] = tuple(ReprintReason)


def selection() -> Selection:
    """Read what is to be printed; a code that is none is not there."""
    store = request.values.get("store", "")
    return Selection(
        tuple(filter(None, map(_code, request.values.getlist("codes")[:2000]))),
        request.values.get("round", "") in {"1", "true", "yes"},
        _uuid(store),
    )


def offer(session: Session, actor: Actor, chosen: Selection) -> Offer:
    """Return what to offer for a selection."""
    ids = queries.to_print(session, actor, codes=chosen.codes, round_too=chosen.round, store=chosen.store)
    boxes = [one for one in queries.some(session, ids) if queries.may_print(actor, one)]
    last = queries.chosen(session, actor.user_id)
    others = [containers.litres_of(one) for one in boxes if not one.medical]
    least = max((size_for(litres).mm for litres in others), default=0)
    return Offer(
        boxes=boxes,
        shown=boxes[:SHOWN],
        medical=list(FOR_MEDICAL) if any(one.medical for one in boxes) else [],
        other=[one for one in FOR_OTHERS if one.size is None or one.size.mm >= least] if others else [],
        chosen_medical=last.medical,
        chosen_other=last.other if last.other.size is None or last.other.size.mm >= least else "label_as_asked",
        printers=queries.printers(session, actor),
        printer_id=last.printer_id,
        again=sum(1 for one in boxes if one.label_copies),
    )


def blank_choices() -> list[LabelFormat]:
    """Return the formats of blank labels."""
    return [*BLANK_TAGS, *BLANK_STICKERS]


def _code(text: str) -> str | None:
    try:
        return parse_container_code(text)
    except Refusal:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
