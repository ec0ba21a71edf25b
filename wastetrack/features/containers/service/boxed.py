"""What large boxes mean to containers: a box has a code of its own, and whoever is in one goes where it goes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Boxes:
    """What the feature that keeps large boxes knows of them: here only that they are there is known."""

    is_box: Callable[[str], ColumnElement[bool]]
    """The condition that a code is that of a box, to be asked together with others."""
    codes: Callable[[Session, Collection[UUID]], dict[UUID, str]]
    """The codes of boxes, as people read them."""


_boxes: list[Boxes] = []


def boxes_are(boxes: Boxes) -> None:
    """Have large boxes looked up by `boxes`. Wired once, in `wastetrack.app`."""
    _boxes[:] = [boxes]


def is_box(code: str) -> list[ColumnElement[bool]]:
    """Return the conditions that a code is that of a box."""
    return [one.is_box(code) for one in _boxes]


def exists(session: Session, code: str) -> bool:
    """Tell whether a code is that of a box."""
    return any(session.scalar(select(one)) for one in is_box(code))


def codes(session: Session, box_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the codes of these boxes, as people read them."""
    return {box: code for one in _boxes if box_ids for box, code in one.codes(session, box_ids).items()}


def code_of(session: Session, box_id: UUID) -> str:
    """Return the code of one box, as people read it."""
    return codes(session, [box_id])[box_id]
