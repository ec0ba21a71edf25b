import pytest

from tests.conftest import NOON
from wastetrack.domain.containers import State
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import (
    PlaceContainers,
    RegisterContainer,
    VoidContainer,
    place,
    register,
    void,
)
from wastetrack.features.ledger import queries as ledger

pytestmark = pytest.mark.store


def registered(work_as, actor, **given):
    with work_as(actor) as work:
        command = {"waste": "infectious", "mass": "3.42", "department": "内科", **given}
        return register(work, RegisterContainer.model_validate(command))


@pytest.fixture
def bag(world, work_as):
    return registered(work_as, world.collector)


def put(work_as, actor, facility_id, **given):
    with work_as(actor) as work:
        return place(work, PlaceContainers.model_validate({"facility_id": facility_id, **given}))


def codes(refusal):
    return {problem.code for problem in refusal.value.problems}


def store_of(party, kind=FacilityKind.MEDICAL_STORE):
    return party.stores[kind]


def test_all_that_one_has_sealed_goes_into_the_store(world, work_as, bag):
    other = registered(work_as, world.collector)
    placed = put(work_as, world.collector, store_of(world.hospital), all_sealed=True)
    assert {one.id for one in placed} == {bag.id, other.id}
    assert {one.state for one in placed} == {State.STORED}


def test_what_another_collector_has_sealed_stays_with_him(world, work_as, bag):
    assert put(work_as, world.manager, store_of(world.hospital), all_sealed=True) == []


def test_the_clock_goes_on_in_the_store(world, work_as, bag):
    (placed,) = put(work_as, world.collector, store_of(world.hospital), codes=[bag.code])
    assert placed.must_leave_by == bag.must_leave_by


def test_scanning_what_already_stands_there_changes_nothing(world, work_as, session, bag):
    for _ in range(2):
        put(work_as, world.collector, store_of(world.hospital), codes=[bag.code])
    assert len(ledger.stream(session, f"container:{bag.id}")) == 2


def test_a_label_never_issued_is_unknown(world, work_as):
    with pytest.raises(Refusal) as refusal:
        put(work_as, world.collector, store_of(world.hospital), codes=["000000000000"])
    assert (codes(refusal), refusal.value.kind) == ({"label.unknown"}, Kind.UNKNOWN)


def test_the_waste_of_another_organisation_is_left_alone(world, work_as, bag):
    with pytest.raises(Refusal) as refusal:
        put(work_as, world.attendant, store_of(world.station, FacilityKind.STATION_STORE), codes=[bag.code])
    assert codes(refusal) == {"label.foreign"}


def test_the_store_of_another_organisation_is_unknown(world, work_as, bag):
    with pytest.raises(Refusal) as refusal:
        put(work_as, world.collector, store_of(world.station, FacilityKind.STATION_STORE), codes=[bag.code])
    assert refusal.value.kind is Kind.UNKNOWN


def test_hazardous_waste_stands_in_the_warehouse(world, work_as):
    drum = registered(work_as, world.worker, waste="900-249-08", mass="120", department="")
    (placed,) = put(work_as, world.worker, store_of(world.factory, FacilityKind.WAREHOUSE), codes=[drum.code])
    assert (placed.state, placed.must_leave_by) == (State.STORED, None)


def test_hazardous_waste_does_not_stand_in_the_medical_store(world, work_as):
    solvent = registered(work_as, world.collector, waste="900-402-06", mass="12")
    with pytest.raises(Refusal) as refusal:
        put(work_as, world.collector, store_of(world.hospital), codes=[solvent.code])
    assert codes(refusal) == {"store.only_medical"}


def test_one_bag_that_does_not_fit_leaves_all_where_they_were(world, work_as, session, bag):
    solvent = registered(work_as, world.collector, waste="900-402-06", mass="12")
    with pytest.raises(Refusal):
        put(work_as, world.collector, store_of(world.hospital), codes=[bag.code, solvent.code])
    assert session.get(Container, bag.id).state is State.SEALED


def undo(work_as, actor, one, **given):
    with work_as(actor) as work:
        return void(work, VoidContainer.model_validate({"code": one.code, "reason": "误称", **given}))


def test_a_void_label_has_no_holder_and_keeps_its_reason(world, work_as, session, bag):
    gone = undo(work_as, world.collector, bag)
    assert (gone.state, gone.holder_organisation_id) == (State.VOID, None)
    assert "误称" in ledger.stream(session, f"container:{bag.id}")[-1].facts


def test_undoing_twice_with_one_key_is_one_act(world, work_as, session, bag):
    for _ in range(2):
        undo(work_as, world.collector, bag, act_key="k")
    assert len(ledger.stream(session, f"container:{bag.id}")) == 2


def test_a_void_label_cannot_be_placed(world, work_as, bag):
    undo(work_as, world.collector, bag)
    with pytest.raises(Refusal) as refusal:
        put(work_as, world.collector, store_of(world.hospital), codes=[bag.code])
    assert (codes(refusal), refusal.value.kind) == ({"container.store_when_void"}, Kind.CONFLICT)


def test_nobody_else_makes_a_label_void(world, work_as, bag):
    with pytest.raises(Refusal) as refusal:
        undo(work_as, world.doctor, bag)
    assert refusal.value.kind is Kind.FORBIDDEN


def test_a_regulator_sees_what_arose_in_his_region(world, session, bag):
    assert queries.visible(session, world.county, bag)


def test_a_regulator_does_not_see_what_arose_elsewhere(world, session, bag):
    assert not queries.visible(session, world.elsewhere, bag)


def test_a_stranger_organisation_does_not_see_the_bag(world, session, bag):
    assert not queries.visible(session, world.worker, bag)


def test_who_once_held_it_follows_it_on(world, work_as, session, bag):
    from wastetrack.domain.containers import Doing
    from wastetrack.features.containers.service import InStore, move
    from wastetrack.features.parties.models import Facility

    with work_as(world.attendant) as work:
        station = work.session.get(Facility, store_of(world.station, FacilityKind.STATION_STORE))
        move(work, bag.id, Doing.HAND_IN, to=InStore(station))
    with work_as(world.collector) as work:
        home = work.session.get(Facility, store_of(world.hospital))
        move(work, bag.id, Doing.STORE, to=InStore(home))
    assert queries.visible(session, world.attendant, session.get(Container, bag.id))


def test_overdue_is_counted_from_the_exact_moment(bag):
    from datetime import timedelta

    from wastetrack.domain.storing import overdue

    due = NOON + timedelta(hours=48)
    assert bag.must_leave_by == due
    assert overdue(due, due)
    assert not overdue(due, due - timedelta(microseconds=1))
