"""Medical waste older than two days: an alarm at the exact threshold, gone with the bag."""

from datetime import timedelta

from tests.conftest import NOON
from wastetrack.domain.alerts import AlertState, Limit, Subject
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service as ledger_service
from wastetrack.features.watch import queries
from wastetrack.features.watch.jobs import sweep

DUE = NOON + timedelta(hours=48)
MICRO = timedelta(microseconds=1)


def in_force(session, world, now, who="manager"):
    session.rollback()  # look at what is kept now
    return queries.current(session, world.people[who], now)[0]


def kinds(session, alert):
    return [event.kind for event in ledger.stream(session, f"alert:{alert.id}")]


def test_a_bag_is_not_overdue_one_microsecond_before_two_days(session, world, chain):
    chain.bag()
    assert in_force(session, world, DUE - MICRO) == []


def test_a_bag_is_overdue_at_two_days_exactly_without_any_sweep(session, world, chain):
    chain.bag()
    (alert,) = in_force(session, world, DUE)
    assert (alert.limit, alert.subject_id, alert.threshold_at) == (
        Limit.INSTITUTION_TIME, world.stores["hospital"].id, DUE,
    )  # fmt: skip


def test_before_the_sweep_nothing_is_written_and_after_it_the_opening_at_its_threshold(session, world, chain, work_as):
    chain.bag()
    (alert,) = in_force(session, world, DUE)
    assert kinds(session, alert) == []
    late = DUE + timedelta(seconds=59)
    with work_as(now=late) as work:
        assert sweep(work) == 1
    session.rollback()
    (event,) = ledger.stream(session, f"alert:{alert.id}")
    assert (event.kind, event.occurred_at, event.recorded_at) == ("alert.opened", DUE, late)


def test_the_sweep_opens_nothing_one_microsecond_early_and_nothing_twice(chain, work_as):
    chain.bag()
    opened = []
    for moment in (DUE - MICRO, DUE, DUE + timedelta(minutes=1)):
        with work_as(now=moment) as work:
            opened.append(sweep(work))
    assert opened == [0, 1, 0]


def test_the_alarm_clears_in_the_act_by_which_the_bag_leaves(session, world, chain):
    bag = chain.bag()
    (alert,) = in_force(session, world, DUE + timedelta(hours=1))
    gone = DUE + timedelta(hours=2)
    chain.void(bag, gone)
    assert in_force(session, world, gone) == []
    (past,), _more = queries.cleared(session, world.people["manager"])
    assert (past.id, past.cleared_at) == (alert.id, gone)
    # No sweep ran in between: the record says all the same when it opened.
    assert kinds(session, alert) == ["alert.opened", "alert.cleared"]


def test_a_bag_that_leaves_in_time_leaves_no_trace_of_an_alarm(session, world, chain, work_as):
    bag = chain.bag()
    chain.void(bag, DUE - MICRO)
    with work_as(now=DUE) as work:
        assert sweep(work) == 0
    assert in_force(session, world, DUE) == []
    assert queries.cleared(session, world.people["manager"])[0] == []


def test_many_overdue_bags_are_one_alarm(session, world, chain):
    for minute in range(5):
        chain.bag(at=NOON + timedelta(minutes=minute))
    (alert,) = in_force(session, world, DUE + timedelta(hours=1))
    causes = queries.causes(session, alert, DUE + timedelta(hours=1))
    assert (causes.count, causes.mass_g) == (5, 17_000)


def test_the_causes_are_counted_at_the_exact_threshold(session, world, chain):
    chain.bag()
    chain.bag(at=NOON + timedelta(minutes=1))
    (alert,) = in_force(session, world, DUE)
    assert queries.causes(session, alert, DUE).count == 1


def test_when_the_oldest_leaves_and_another_is_overdue_it_is_still_the_same_alarm(session, world, chain):
    first, _second = chain.bag(), chain.bag(at=NOON + timedelta(hours=1))
    now = DUE + timedelta(hours=2)
    (before,) = in_force(session, world, now)
    chain.void(first, now)
    (after,) = in_force(session, world, now)
    assert (after.id, after.threshold_at) == (before.id, DUE)


def test_when_the_overdue_one_leaves_and_the_next_is_in_time_the_alarm_clears_and_a_new_one_waits(
    session, world, chain
):
    first, _second = chain.bag(), chain.bag(at=NOON + timedelta(hours=10))
    now = DUE + timedelta(hours=1)
    (before,) = in_force(session, world, now)
    chain.void(first, now)
    next_due = DUE + timedelta(hours=10)
    assert in_force(session, world, next_due - MICRO) == []
    (after,) = in_force(session, world, next_due)
    assert after.id != before.id
    assert after.state is AlertState.SCHEDULED


def test_an_older_bag_placed_later_brings_the_threshold_forward(session, world, chain):
    old = chain.bag(store=None)
    chain.bag(at=NOON + timedelta(hours=5))
    chain.place(old, "hospital", "collector", NOON + timedelta(hours=6))
    (alert,) = in_force(session, world, DUE)
    assert alert.subject is Subject.FACILITY


def test_sealed_waste_that_was_never_placed_is_overdue_all_the_same(session, world, chain):
    chain.bag(store=None)
    (alert,) = in_force(session, world, DUE)
    assert (alert.subject, alert.subject_id) == (Subject.ORGANISATION, world.id("hospital"))


def test_the_alarm_of_unplaced_waste_moves_to_the_store_with_it(session, world, chain):
    bag = chain.bag(store=None)
    later = DUE + timedelta(hours=1)
    chain.place(bag, "hospital", "collector", later)
    (alert,) = in_force(session, world, later)
    assert (alert.subject, alert.threshold_at) == (Subject.FACILITY, DUE)


def test_other_hazardous_waste_at_its_producer_has_no_hours(session, world, chain):
    chain.bag(who="factory", store="factory", waste="900-249-08")
    assert in_force(session, world, NOON + timedelta(days=100), "factory") == []


def test_what_is_due_within_twelve_hours_is_announced(session, world, chain):
    chain.bag()
    manager = world.people["manager"]
    assert queries.coming(session, manager, DUE - timedelta(hours=12) - MICRO) == []
    assert [one.threshold_at for one in queries.coming(session, manager, DUE - timedelta(hours=12))] == [DUE]
    assert queries.coming(session, manager, DUE) == []


def test_alerts_are_part_of_a_ledger_that_verifies(session, chain, work_as):
    bag = chain.bag()
    with work_as(now=DUE) as work:
        sweep(work)
    chain.void(bag, DUE + timedelta(hours=1))
    assert list(ledger_service.verify(session)) == []
