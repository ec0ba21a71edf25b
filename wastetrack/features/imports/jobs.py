"""Checking and saving files beside the site, a chunk in each transaction."""

import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine

from wastetrack.domain.access import SYSTEM
from wastetrack.features.imports import service
from wastetrack.infra import clock
from wastetrack.infra.db import reader, writing
from wastetrack.infra.files import Files
from wastetrack.infra.outbox import Handler, Task
from wastetrack.infra.work import Work

BREATH = 0.12
"""Seconds between two chunks on SQLite: whoever waits to write tries ten times a second, and gets his turn."""


def handler(files: Files) -> Handler:
    """Return who does the work that imports put into the outbox."""
    return Handler(do=partial(_carry, files), give_up=service.stop)


def forget_files(files: Files, days: int) -> Callable[[Work], int]:
    """Return who deletes files that were sent so many days ago."""
    return partial(service.forget_files, files, days)


def _carry(files: Files, engine: Engine, task: Task) -> None:
    with reader(engine) as session:
        file = service.open_import(session, files, task.row_id)
    while _chunk(engine, task, file):
        if engine.dialect.name == "sqlite":
            time.sleep(BREATH)


def _chunk(engine: Engine, task: Task, file: service.Opened) -> bool:
    with writing(engine) as session:
        task.hold(session)
        return service.go_on(Work(session, SYSTEM, clock.now(), device="worker"), task.row_id, file)
