"""Scheduled work of the storage watch, and what is too long for the request that makes it necessary."""

import time

from sqlalchemy import Engine

from wastetrack.domain.access import SYSTEM
from wastetrack.features.watch import service
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.outbox import Handler, Task
from wastetrack.infra.work import Work

BREATH = 0.12
"""Seconds between two chunks on SQLite: whoever waits to write tries ten times a second, and gets his turn."""


def sweep(work: Work) -> int:
    """Open every alert whose moment has come; return how many."""
    return service.sweep(work)


def handler() -> Handler:
    """Return who reckons anew what a time limit of a region concerns."""
    return Handler(do=_carry, give_up=service.give_up)


def _carry(engine: Engine, task: Task) -> None:
    while _chunk(engine, task):
        if engine.dialect.name == "sqlite":
            time.sleep(BREATH)


def _chunk(engine: Engine, task: Task) -> bool:
    with writing(engine) as session:
        task.hold(session)
        return service.go_on(Work(session, SYSTEM, clock.now(), device="worker"), task.row_id)
