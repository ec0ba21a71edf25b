"""Long work that must not be lost: put beside what asks for it in one transaction, done at least once.

A row here names a kind of work and the row it is about. A worker takes it on a lease and renews the lease in the
very transactions in which it works: a worker that was killed loses its lease by time and another goes on, and one
that was only slow finds its lease gone and its transaction dropped, so that no two do the same piece.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, Engine, Index, Integer, String, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from wastetrack.domain.access import SYSTEM
from wastetrack.infra import clock
from wastetrack.infra.db import Base, UtcDateTime, writing
from wastetrack.infra.ids import new_id, new_token
from wastetrack.infra.work import Work

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""So long after its last sign of life a worker counts as dead."""
WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long after each failure the next try comes; after the last one the work is given up and says so."""


class Waiting(Base):
    """One piece of work that is to be done, or was."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "row_id"),
        Index(
            "ix_outbox_due",
            "not_before",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[UUID] = mapped_column()
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it may be taken: at once, when the lease of the one who has it ends, or after the wait of a failure."""
    lease: Mapped[str | None] = mapped_column(String(26))
    """The random name of the lease that somebody holds."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LeaseLostError(Exception):
    """Somebody else has taken the work over: whoever learns it leaves it at once, and nothing of his is kept."""


@dataclass(frozen=True)
class Task:
    """A piece of work in the hands of a worker."""

    id: UUID
    kind: str
    row_id: UUID
    lease: str

    def hold(self, session: Session) -> None:
        """Renew the lease within a transaction of the work itself; raises when it is somebody else's by now."""
        if not _update(session, self, not_before=clock.now() + LEASE):
            raise LeaseLostError


@dataclass(frozen=True)
class Handler:
    """Who does a kind of work: `do` in as many transactions as it likes, `give_up` after the last failure."""

    do: Callable[[Engine, Task], None]
    give_up: Callable[[Work, UUID], None]


def put(work: Work, kind: str, row_id: UUID) -> None:
    """Ask for work on a row, in the transaction that makes the work necessary. Asked twice, it is done once more."""
    row = work.session.scalar(select(Waiting).where(Waiting.kind == kind, Waiting.row_id == row_id).with_for_update())
    if row is None:
        row = Waiting(id=new_id(), kind=kind, row_id=row_id)
        work.session.add(row)
    row.not_before, row.lease, row.failures, row.done_at = clock.now(), None, 0, None
    work.session.flush()


class Outbox:
    """The work of one store and those who do it."""

    def __init__(self, engine: Engine, handlers: Mapping[str, Handler], ring: Callable[[], None]) -> None:
        """Join store and handlers; `ring` calls the worker, so that nobody has to wait for its next round."""
        self.engine, self.handlers, self._ring = engine, handlers, ring
        self._busy = threading.Lock()

    def ring(self) -> None:
        """Call the worker. When that fails nothing is lost: it looks by itself every minute."""
        try:
            self._ring()
        except Exception:
            log.warning("the worker could not be called", exc_info=True)

    def run_due(self) -> int:
        """Do all that is due, one after the other; return how many. One round at a time in a process."""
        if not self._busy.acquire(blocking=False):
            return 0
        try:
            done = 0
            while task := self._take():
                self._do(task)
                done += 1
            return done
        finally:
            self._busy.release()

    def run_now(self, kind: str, row_id: UUID) -> None:
        """Do one small piece at once, in the request that asked for it; the worker has it when that fails."""
        task = self._take(kind, row_id)
        if task is not None:
            self._do(task)

    def _take(self, kind: str | None = None, row_id: UUID | None = None) -> Task | None:
        now = clock.now()
        query = select(Waiting).where(Waiting.done_at.is_(None), Waiting.not_before <= now)
        if row_id is not None:
            query = query.where(Waiting.kind == kind, Waiting.row_id == row_id)
        with writing(self.engine) as session:
            query = query.order_by(Waiting.not_before, Waiting.id).limit(1).with_for_update(skip_locked=True)
            row = session.scalar(query)
            if row is None:
                return None
            if row.lease is not None:
                log.warning("work %s is taken over from a worker that went silent", row.id)
            row.lease, row.not_before = new_token(), now + LEASE
            return Task(row.id, row.kind, row.row_id, row.lease)

    def _do(self, task: Task) -> None:
        try:
            self.handlers[task.kind].do(self.engine, task)
            with writing(self.engine) as session:
                _update(session, task, done_at=clock.now(), lease=None)
        except LeaseLostError:
            log.warning("work %s was taken over by another worker", task.id)
        except Exception:
            log.exception("work %s failed", task.id)
            with suppress(LeaseLostError):
                self._failed(task)

    def _failed(self, task: Task) -> None:
        with writing(self.engine) as session:
            task.hold(session)
            row = session.get_one(Waiting, task.id)
            row.failures += 1
            row.lease = None
            if row.failures <= len(WAITS):
                row.not_before = clock.now() + WAITS[row.failures - 1]
                return
            row.done_at = clock.now()
            self.handlers[task.kind].give_up(Work(session, SYSTEM, clock.now(), device="worker"), task.row_id)


def _update(session: Session, task: Task, **values: object) -> bool:
    mine = (Waiting.id == task.id, Waiting.lease == task.lease)
    result = session.execute(update(Waiting).where(*mine).values(**values))
    return isinstance(result, CursorResult) and result.rowcount == 1
