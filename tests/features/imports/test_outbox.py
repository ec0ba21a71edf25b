"""Work in the outbox is done at least once, by one worker at a time, whoever dies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from tests.conftest import NOON, WorkAs
from wastetrack.domain.access import SYSTEM
from wastetrack.infra import clock, outbox
from wastetrack.infra.db import writing
from wastetrack.infra.ids import new_id
from wastetrack.infra.outbox import Handler, LeaseLostError, Outbox, Task
from wastetrack.infra.work import Work


@dataclass
class Worker:
    """Somebody who does what is asked, or fails as often as he is told to."""

    fails: int = 0
    done: list[UUID] = field(default_factory=list)
    given_up: list[UUID] = field(default_factory=list)

    def do(self, _engine: Engine, task: Task) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.done.append(task.row_id)

    def give_up(self, _work: Work, row_id: UUID) -> None:
        self.given_up.append(row_id)


class Moment:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def goes_on(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    stands = Moment()
    monkeypatch.setattr(clock, "now", stands)
    return stands


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def box(store: Engine, worker: Worker, moment: Moment) -> Outbox:
    return Outbox(store, {"test": Handler(worker.do, worker.give_up)}, lambda: None)


@pytest.fixture
def asked(work_as: WorkAs, moment: Moment) -> UUID:
    row_id = new_id()
    with work_as() as work:
        outbox.put(work, "test", row_id)
    return row_id


def test_what_is_asked_for_is_done_once(box: Outbox, worker: Worker, asked: UUID) -> None:
    assert (box.run_due(), box.run_due()) == (1, 0)
    assert worker.done == [asked]


def test_what_was_asked_for_in_a_transaction_that_was_dropped_is_not_done(box: Outbox, store: Engine) -> None:
    def ask_and_fail() -> None:
        with writing(store) as session:
            outbox.put(Work(session, SYSTEM, NOON), "test", new_id())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert box.run_due() == 0


def test_asked_again_it_is_done_again(box: Outbox, worker: Worker, asked: UUID, work_as: WorkAs) -> None:
    box.run_due()
    with work_as() as work:
        outbox.put(work, "test", asked)
    box.run_now("test", asked)
    assert worker.done == [asked, asked]


def test_a_failure_is_tried_again_after_a_wait(box: Outbox, worker: Worker, asked: UUID, moment: Moment) -> None:
    worker.fails = 1
    box.run_due()
    moment.goes_on(outbox.WAITS[0] - timedelta(seconds=1))
    box.run_due()
    assert worker.done == []
    moment.goes_on(timedelta(seconds=1))
    box.run_due()
    assert worker.done == [asked]


def test_after_the_last_failure_it_is_given_up_and_said(
    box: Outbox, worker: Worker, asked: UUID, moment: Moment
) -> None:
    worker.fails = 99
    for wait in (*outbox.WAITS, timedelta(days=1), timedelta(days=1)):
        box.run_due()
        moment.goes_on(wait)
    assert worker.given_up == [asked]
    assert worker.fails == 99 - len(outbox.WAITS) - 1


def test_nobody_else_takes_it_before_the_lease_has_ended(
    box: Outbox, store: Engine, worker: Worker, asked: UUID, moment: Moment
) -> None:
    silent = box._take()
    assert silent is not None
    moment.goes_on(outbox.LEASE - timedelta(seconds=1))
    assert box.run_due() == 0
    moment.goes_on(timedelta(seconds=1))
    assert box.run_due() == 1
    assert worker.done == [asked]


def test_a_worker_that_was_only_slow_keeps_nothing_once_another_has_taken_over(
    box: Outbox, store: Engine, asked: UUID, moment: Moment
) -> None:
    slow = box._take()
    assert slow is not None
    moment.goes_on(outbox.LEASE)
    assert box._take() is not None
    with pytest.raises(LeaseLostError), writing(store) as session:
        slow.hold(session)


def test_a_sign_of_life_renews_the_lease(box: Outbox, store: Engine, asked: UUID, moment: Moment) -> None:
    alive = box._take()
    assert alive is not None
    moment.goes_on(outbox.LEASE / 2)
    with writing(store) as session:
        alive.hold(session)
    moment.goes_on(outbox.LEASE / 2)
    assert box.run_due() == 0


def test_a_bell_that_does_not_ring_does_not_disturb(store: Engine) -> None:
    def broken() -> None:
        raise OSError("no such worker")

    Outbox(store, {}, broken).ring()
