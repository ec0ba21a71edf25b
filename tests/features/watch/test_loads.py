"""A missing box and a receipt that nobody confirms."""

from datetime import UTC, datetime, timedelta

from tests.conftest import NOON
from tests.features.watch.test_time import in_force, kinds
from wastetrack.domain.alerts import Limit
from wastetrack.features.manifests import service as manifests
from wastetrack.features.watch import queries
from wastetrack.infra.ids import new_token

SOON = NOON + timedelta(hours=3)
LATER = NOON + timedelta(hours=6)
FIVE_WORKING_DAYS_LATER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""The receipt was on Monday the 23rd, which is not counted: the 30th to its end, in Shanghai."""


def half_received(chain):
    here, gone = chain.bag(), chain.bag()
    made = chain.depart([here, gone])
    chain.receive(made, here, SOON)
    return here, gone, made


def test_a_box_that_did_not_arrive_is_an_alarm_for_the_consignor_and_for_the_receiver(session, world, chain):
    _here, gone, made = half_received(chain)
    chain.confirm(made, SOON)
    for who in ("manager", "operator", "county", "city"):
        (alert,) = in_force(session, world, SOON, who)
        assert (alert.limit, alert.subject_id) == (Limit.MISSING, gone.id), who


def test_a_missing_box_is_nobody_elses_alarm(session, world, chain):
    _here, _gone, made = half_received(chain)
    chain.confirm(made, SOON)
    for who in ("doctor_a", "factory", "elsewhere", "town", "driver", "system_admin"):
        assert in_force(session, world, SOON, who) == [], who


def test_the_alarm_clears_when_the_box_is_found_and_received(session, world, chain):
    _here, gone, made = half_received(chain)
    chain.confirm(made, SOON)
    (alert,) = in_force(session, world, SOON)
    chain.receive(made, gone, LATER)
    assert in_force(session, world, LATER) == []
    assert kinds(session, alert) == ["alert.opened", "alert.cleared"]


def test_the_alarm_clears_when_the_box_is_taken_back(session, world, chain, work_as):
    _here, gone, made = half_received(chain)
    chain.confirm(made, SOON)
    with work_as(world.people["manager"], LATER) as work:
        manifests.take_back(work, manifests.ScanBox(manifest_id=made.id, code=gone.code, act_key=new_token()))
    assert [one.limit for one in in_force(session, world, LATER) if one.limit is Limit.MISSING] == []


def test_loading_clears_the_alarm_of_the_store(session, world, chain):
    bag = chain.bag()
    late = NOON + timedelta(hours=49)
    assert len(in_force(session, world, late)) == 1
    chain.depart([bag], late)
    assert in_force(session, world, late) == []


def test_signing_alone_clears_nothing(session, world, chain):
    bag = chain.bag()
    late = NOON + timedelta(hours=49)
    chain.sign([bag], late)
    assert len(in_force(session, world, late)) == 1


def test_at_the_plant_time_runs_anew_from_receipt(session, world, chain):
    bag = chain.bag()
    chain.receive(chain.depart([bag]), bag, SOON)
    due = SOON + timedelta(hours=24)
    limits = [one.limit for one in in_force(session, world, due, "operator")]
    assert limits == [Limit.PLANT_TIME]
    assert in_force(session, world, due - timedelta(microseconds=1), "operator") == []


def test_treatment_clears_the_alarm_of_the_plant(session, world, chain):
    bag = chain.bag()
    chain.confirm(chain.receive(chain.depart([bag]), bag, SOON), SOON)
    late = SOON + timedelta(hours=25)
    assert len(in_force(session, world, late, "operator")) == 1
    chain.treat([bag], late)
    assert in_force(session, world, late, "operator") == []


def test_a_receipt_not_confirmed_within_five_working_days_is_an_alarm_of_the_receiver(session, world, chain):
    bag = chain.bag()
    made = chain.arrive(chain.depart([bag]), SOON)

    def limits(now, who="operator"):
        return [one.limit for one in in_force(session, world, now, who)]

    assert Limit.CONFIRMATION not in limits(FIVE_WORKING_DAYS_LATER - timedelta(microseconds=1))
    assert Limit.CONFIRMATION in limits(FIVE_WORKING_DAYS_LATER)
    assert Limit.CONFIRMATION not in limits(FIVE_WORKING_DAYS_LATER, "manager")
    chain.confirm(made, FIVE_WORKING_DAYS_LATER)
    assert Limit.CONFIRMATION not in limits(FIVE_WORKING_DAYS_LATER)


def test_a_confirmed_receipt_leaves_no_trace_of_an_alarm(session, world, chain):
    bag = chain.bag()
    chain.confirm(chain.receive(chain.depart([bag]), bag, SOON), SOON)
    chain.treat([bag], SOON)
    assert queries.cleared(session, world.people["operator"])[0] == []
