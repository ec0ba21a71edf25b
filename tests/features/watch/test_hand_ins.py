"""A box that a clinic declared and the station did not find."""

from datetime import timedelta

from tests.conftest import NOON
from tests.features.watch.test_time import in_force, kinds
from tests.living import shown_hand_in
from wastetrack.domain.alerts import Limit
from wastetrack.features.collection import service as collection
from wastetrack.infra.ids import new_token

SOON = NOON + timedelta(hours=3)
LATER = NOON + timedelta(hours=6)


def one_of_two(chain, world, work_as, now=SOON, store="clinic_a"):
    """The clinic declares two boxes, the station finds one and signs; return both and the hand-in."""
    here, gone = chain.bag("doctor_a", store), chain.bag("doctor_a", store)
    with work_as(world.people["doctor_a"], now) as work:
        made = collection.declare(work, collection.DeclareHandIn(container_ids=(here.id, gone.id)))
    signed(world, work_as, made, here, now)
    return here, gone, made


def received(world, work_as, box, now):
    with work_as(world.people["attendant"], now) as work:
        return collection.receive_box(work, collection.ReceiveHandedIn(code=box.code, act_key=new_token())).hand_in


def signed(world, work_as, made, box, now):
    version = received(world, work_as, box, now).version
    with work_as(world.people["attendant"], now) as work:
        words = shown_hand_in(work, made)
        collection.finish(work, collection.FinishHandIn(hand_in_id=made.id, version=version, shown=words))


def missing(session, world, now, who):
    return [one.subject_id for one in in_force(session, world, now, who) if one.limit is Limit.MISSING]


def test_a_box_not_found_is_an_alarm_of_the_clinic_the_station_and_their_regulators(session, world, chain, work_as):
    _here, gone, _made = one_of_two(chain, world, work_as)
    for who in ("doctor_a", "attendant", "town", "county", "city"):
        assert missing(session, world, SOON, who) == [gone.id], who


def test_it_is_nobody_elses_alarm(session, world, chain, work_as):
    one_of_two(chain, world, work_as)
    for who in ("doctor_b", "manager", "operator", "elsewhere"):
        assert missing(session, world, SOON, who) == [], who


def test_the_alarm_says_where_the_box_was_expected(world, chain, work_as, page):
    one_of_two(chain, world, work_as, NOON)
    assert world.stores["station"].name in page("county", "/alerts")
    assert "was not among the boxes handed in there" in page("county", "/alerts", language="en")


def test_it_clears_when_the_box_is_handed_in_after_all(session, world, chain, work_as):
    _here, gone, _made = one_of_two(chain, world, work_as)
    (alert,) = [one for one in in_force(session, world, SOON, "county") if one.limit is Limit.MISSING]
    received(world, work_as, gone, LATER)
    assert missing(session, world, LATER, "county") == []
    assert kinds(session, alert) == ["alert.opened", "alert.cleared"]


def test_it_clears_when_the_clinic_finds_the_box_and_puts_it_into_its_store(session, world, chain, work_as):
    _here, gone, _made = one_of_two(chain, world, work_as, store=None)
    chain.place(gone, "clinic_a", "doctor_a", LATER)
    assert missing(session, world, LATER, "doctor_a") == []


def test_declaring_it_again_clears_nothing(session, world, chain, work_as):
    _here, gone, _made = one_of_two(chain, world, work_as)
    with work_as(world.people["doctor_a"], LATER) as work:
        collection.declare(work, collection.DeclareHandIn(container_ids=(gone.id,)))
    assert missing(session, world, LATER, "county") == [gone.id]


def test_not_found_a_second_time_it_stays_the_same_alarm(session, world, chain, work_as):
    _here, gone, _made = one_of_two(chain, world, work_as)
    other = chain.bag("doctor_a", "clinic_a")
    with work_as(world.people["doctor_a"], LATER) as work:
        again = collection.declare(work, collection.DeclareHandIn(container_ids=(gone.id, other.id)))
    signed(world, work_as, again, other, LATER)
    assert missing(session, world, LATER, "county") == [gone.id]
