"""Several acts on one store at once: they wait for each other, none is lost, one cause stays one alarm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select

from tests.conftest import NOON
from tests.features.watch.test_time import DUE, in_force, kinds
from wastetrack.domain.alerts import Limit
from wastetrack.features.ledger import service as ledger
from wastetrack.features.watch.jobs import sweep
from wastetrack.features.watch.models import Alert


def at_once(*acts):
    """Run all acts in threads of their own; an error of one is an error of the test."""
    with ThreadPoolExecutor(len(acts)) as pool:
        for running in [pool.submit(act) for act in acts]:
            running.result()


def test_bags_placed_at_once_make_one_alarm_of_each_kind(session, world, chain):
    bags = [chain.bag("doctor_a", None, "20") for _ in range(4)]
    at_once(*(lambda bag=bag: chain.place(bag, "clinic_a", "doctor_a") for bag in bags))
    assert sorted(one.limit for one in in_force(session, world, DUE, "doctor_a")) == [
        Limit.INSTITUTION_TIME,
        Limit.CAPACITY,
    ]
    assert session.scalar(select(func.count()).select_from(Alert)) == 2 + _forgotten(session)


def _forgotten(session):
    """Alerts that are no longer live: none, since waiting ones leave no row."""
    return session.scalar(select(func.count()).where(Alert.cleared_at.is_not(None)))


def test_bags_that_leave_at_once_clear_the_alarm_once(session, world, chain):
    bags = [chain.bag() for _ in range(4)]
    late = DUE + timedelta(hours=1)
    (alert,) = in_force(session, world, late)
    at_once(*(lambda bag=bag: chain.void(bag, late) for bag in bags))
    assert in_force(session, world, late) == []
    assert kinds(session, alert) == ["alert.opened", "alert.cleared"]


def test_sweeps_and_acts_at_once_open_an_alarm_once(session, world, chain, work_as):
    bags = [chain.bag() for _ in range(3)]

    def swept():
        with work_as(now=DUE) as work:
            sweep(work)

    at_once(swept, swept, lambda: chain.void(bags[0], DUE), lambda: chain.void(bags[1], DUE), swept)
    (alert,) = in_force(session, world, DUE)
    swept()
    assert kinds(session, alert) == ["alert.opened"]
    assert list(ledger.verify(session)) == []


def test_bags_sealed_placed_and_voided_at_once_do_not_lock_up(session, world, chain):
    bags = [chain.bag(store=None) for _ in range(3)]
    standing = [chain.bag() for _ in range(3)]
    at_once(
        *(lambda bag=bag: chain.place(bag, "hospital") for bag in bags),
        *(lambda bag=bag: chain.void(bag, NOON) for bag in standing),
        *(lambda: chain.bag(store=None) for _ in range(3)),
    )
    assert len(in_force(session, world, DUE)) == 2
