"""A box that a clinic declared and the station did not find."""

from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.features.watch.test_time import in_force, kinds
from tests.living import shown_hand_in
from tests.rebuilding import assert_rebuilds
from wastetrack.domain.alerts import Limit
from wastetrack.domain.problems import Refusal
from wastetrack.features.collection import service as collection
from wastetrack.features.ledger import queries as ledger
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


def find(world, work_as, made, box, who="doctor_a", key="K"):
    with work_as(world.people[who], LATER) as work:
        return collection.find_box(work, collection.FindBox(hand_in_id=made.id, code=box.code, act_key=key))


def test_the_clinic_says_that_the_box_still_stands_there_and_the_search_ends(session, world, chain, work_as):
    here, gone, made = one_of_two(chain, world, work_as)
    (alert,) = [one for one in in_force(session, world, SOON, "county") if one.limit is Limit.MISSING]
    assert find(world, work_as, made, gone).version == find(world, work_as, made, gone).version
    assert missing(session, world, LATER, "county") == []
    assert kinds(session, alert) == ["alert.opened", "alert.cleared"]
    session.rollback()
    assert_rebuilds(session)
    for stream in (f"container:{gone.id}", f"hand_in:{made.id}"):
        assert ledger.stream(session, stream)[-1].kind in {"container.found", "hand_in.box_found"}
    for box, key, code in ((gone, "L", "hand_in.already_found"), (here, "M", "hand_in.not_sought")):
        with pytest.raises(Refusal) as refused:
            find(world, work_as, made, box, key=key)
        assert [one.code for one in refused.value.problems] == [code]


@pytest.mark.parametrize("who", ["doctor_b", "attendant", "manager", "county"])
def test_only_who_handed_it_in_finds_it(session, world, chain, work_as, who):
    _here, gone, made = one_of_two(chain, world, work_as)
    with pytest.raises(Refusal):
        find(world, work_as, made, gone, who)
    assert missing(session, world, LATER, "county") == [gone.id]


def test_the_page_of_the_hand_in_offers_it_to_the_clinic_alone_and_tells_it_to_all(world, chain, work_as, page):
    _here, gone, made = one_of_two(chain, world, work_as, NOON)
    address = f"/hand-ins/{made.id}"
    assert f"{address}/found" in page("doctor_a", address)
    assert f"{address}/found" not in page("attendant", address) + page("county", address)
    find(world, work_as, made, gone)
    for who in ("doctor_a", "attendant", "county"):
        told = page(who, address, language="en")
        assert "Found with the sender (1)" in told
        assert "never handed over" not in told
