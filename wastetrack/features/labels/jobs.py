"""Making files of labels beside the site, and letting go of old ones."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from sqlalchemy import Engine

from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.label import write_labels
from wastetrack.domain.access import SYSTEM
from wastetrack.domain.labels import PrintState
from wastetrack.features.labels import queries, service
from wastetrack.features.labels.models import LabelPrint
from wastetrack.infra import clock
from wastetrack.infra.db import reader, writing
from wastetrack.infra.files import Files
from wastetrack.infra.outbox import Handler, Task
from wastetrack.infra.work import Work


def handler(files: Files, address: Callable[[], str]) -> Handler:
    """Return who makes the files of labels; `address` tells where this installation is."""
    return Handler(do=partial(_make, files, address), give_up=service.stop)


class _CancelledError(Exception):
    """Nobody wants the file any more."""


def _make(files: Files, address: Callable[[], str], engine: Engine, task: Task) -> None:
    with reader(engine) as session:
        one = session.get_one(LabelPrint, task.row_id)
        if one.state is not PrintState.WORKING:
            return
        paper = queries.paper_of(one)
        facts = queries.facts_of(session, one, address())

        def write(file: IO[bytes]) -> None:
            write_labels(_told(engine, task, facts), file, paper)

        try:
            digest = files.keep_written(write)
        except _CancelledError:
            return
    with writing(engine) as session:
        task.hold(session)
        wanted = service.ended(Work(session, SYSTEM, clock.now(), device="worker"), task.row_id, digest)
    if not wanted:
        files.drop(digest)


def _told(engine: Engine, task: Task, labels: Iterator[LabelFacts]) -> Iterator[LabelFacts]:
    """Pass labels on and write down now and then how far it is; the lease is renewed with it."""
    for number, facts in enumerate(labels):
        if number and number % service.PART == 0:
            with writing(engine) as session:
                task.hold(session)
                if not service.went_on(Work(session, SYSTEM, clock.now(), device="worker"), task.row_id, number):
                    raise _CancelledError
        yield facts


def forget_files(files: Files, work: Work) -> int:
    """Let go of files that were kept long enough; return how many."""
    return service.forget_files(work, files)
