"""A long list in pages, each from the row that the page before ended with: none is skipped or repeated."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from wastetrack.infra.db import Base

R = TypeVar("R", bound=Base)


def newest_first(
    session: Session, query: Select[tuple[R]], moment: InstrumentedAttribute[datetime], before: UUID | None, size: int
) -> tuple[list[R], UUID | None]:
    """Return one page of `query`, the latest `moment` first, and where the next page begins, if any.

    Rows of the same moment follow their id. An unknown `before` begins at the first page.
    """
    kind: Any = moment.class_
    last = session.get(kind, before) if before else None
    if last is not None:
        then = getattr(last, moment.key)
        query = query.where(or_(moment < then, and_(moment == then, kind.id < last.id)))
    rows = list(session.scalars(query.order_by(moment.desc(), kind.id.desc()).limit(size + 1)))
    ended: Any = rows[size - 1] if len(rows) > size else None
    return rows[:size], ended and ended.id
