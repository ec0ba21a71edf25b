"""Two clinics hand in at their station, box by box."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chain import sealed, standing
from tests.living import shown_hand_in
from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.domain.collection import BoxNote, HandInState
from wastetrack.domain.container_code import new_container_code, pretty
from wastetrack.domain.containers import Doing, State
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.collection import queries
from wastetrack.features.collection.models import HandIn
from wastetrack.features.collection.service import (
    CancelHandIn,
    DeclareHandIn,
    FinishHandIn,
    ReceiveHandedIn,
    cancel,
    declare,
    finish,
    receive_box,
)
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import VoidContainer, mending, move, void
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger.service import verify
from wastetrack.features.parties import service as parties


@pytest.fixture
def doctor(world):
    return world.people["doctor_a"]


@pytest.fixture
def attendant(world):
    return world.people["attendant"]


@pytest.fixture
def bags(work_as, doctor):
    return [sealed(work_as, doctor, mass=mass) for mass in ("2.50", "1.20")]


@pytest.fixture
def hand_in(work_as, doctor, bags):
    return declared(work_as, doctor, *bags)


def declared(work_as, who, *containers, **given):
    with work_as(who) as work:
        return declare(work, DeclareHandIn(container_ids=tuple(one.id for one in containers), **given))


def received(work_as, who, container, hand_in=None, **given):
    with work_as(who) as work:
        command = {"code": container.code, "hand_in_id": hand_in.id if hand_in else None, **given}
        return receive_box(work, ReceiveHandedIn.model_validate(command))


def finished(work_as, who, hand_in, session, **given):
    version = given.pop("version", None) or session.get(HandIn, hand_in.id, populate_existing=True).version
    session.rollback()
    with work_as(who) as work:
        words = shown_hand_in(work, work.session.get_one(HandIn, hand_in.id))
        return finish(work, FinishHandIn(hand_in_id=hand_in.id, version=version, shown=words, **given))


def refused(call, *args, **given):
    with pytest.raises(Refusal) as refusal:
        call(*args, **given)
    return {problem.code for problem in refusal.value.problems}


def fresh(session, container):
    session.rollback()
    return session.get(Container, container.id, populate_existing=True)


# --- declaring -------------------------------------------------------------------------------------------------------


def test_a_declared_box_stays_with_the_clinic(session, hand_in, bags, world):
    assert {fresh(session, bag).holder_organisation_id for bag in bags} == {world.id("clinic_a")}


def test_a_declaration_goes_to_the_clinics_station(hand_in, world):
    assert (hand_in.facility_id, hand_in.state) == (world.stores["station"].id, HandInState.DECLARED)


def test_the_same_declaration_sent_twice_is_one(work_as, doctor, bags, session):
    first, second = (declared(work_as, doctor, *bags, act_key="K1") for _ in range(2))
    assert (first.id, len(ledger.stream(session, queries.stream_of(first.id)))) == (second.id, 1)


def test_a_box_is_not_on_two_open_hand_ins(work_as, doctor, hand_in, bags):
    assert refused(declared, work_as, doctor, bags[0]) == {"hand_in.twice"}


def test_a_box_of_a_cancelled_hand_in_may_be_declared_again(work_as, doctor, hand_in, bags):
    with work_as(doctor) as work:
        cancel(work, CancelHandIn(hand_in_id=hand_in.id))
    assert declared(work_as, doctor, *bags).state is HandInState.DECLARED


def test_a_hospital_needs_a_manifest(work_as, world):
    bag = sealed(work_as, world.people["collector"], department="内科")
    with work_as(world.people["system_admin"]) as work:
        one = world.organisations["hospital"]
        facts = {name: getattr(one, name) for name in ("name", "credit_code", "region_code", "address", "contact")}
        facts |= {"phone": one.phone, "emergency_phone": one.emergency_phone, "beds": 300, "kinds": {"hospital"}}
        parties.change_organisation(
            work,
            parties.ChangeOrganisation(
                organisation_id=one.id, version=one.version, station_facility_id=world.stores["station"].id, **facts
            ),
        )
    assert refused(declared, work_as, world.people["manager"], bag) == {"hand_in.needs_manifest"}


def test_without_a_station_there_is_nowhere_to_hand_in(work_as, world):
    bag = sealed(work_as, world.people["collector"], department="内科")
    assert "hand_in.no_station" in refused(declared, work_as, world.people["manager"], bag)


def test_nothing_chosen_is_refused(work_as, doctor):
    assert refused(declared, work_as, doctor) == {"hand_in.empty"}


def test_the_box_of_another_clinic_is_not_there_for_this_one(work_as, world, bags):
    assert refused(declared, work_as, world.people["doctor_b"], bags[0]) == {"access.unknown"}


def test_the_label_of_another_clinic_is_foreign(work_as, world, bags):
    with pytest.raises(Refusal) as refusal, work_as(world.people["doctor_b"]) as work:
        declare(work, DeclareHandIn(codes=(bags[0].code,)))
    assert refusal.value.kind is Kind.FORBIDDEN


@pytest.mark.parametrize("who", ["driver", "operator", "county", "system_admin"])
def test_only_who_holds_waste_declares_it(work_as, world, bags, who):
    assert refused(declared, work_as, world.people[who], *bags) == {"access.forbidden"}


# --- receiving -------------------------------------------------------------------------------------------------------


def test_a_scanned_box_stands_in_the_station(work_as, session, attendant, hand_in, bags, world):
    received(work_as, attendant, bags[0], hand_in, evidence="scanned")
    box = fresh(session, bags[0])
    assert (box.holder_facility_id, box.state) == (world.stores["station"].id, State.STORED)


def test_a_received_box_keeps_its_first_producer_and_its_clock(work_as, session, attendant, hand_in, bags, world):
    received(work_as, attendant, bags[0], hand_in)
    box = fresh(session, bags[0])
    assert (box.producer_id, box.must_leave_by) == (world.id("clinic_a"), bags[0].must_leave_by)


def test_the_station_finds_the_hand_in_by_the_label(work_as, attendant, hand_in, bags):
    assert received(work_as, attendant, bags[1]).hand_in.id == hand_in.id


def test_the_same_scan_sent_twice_is_one(work_as, session, attendant, hand_in, bags):
    for named in (hand_in, hand_in, None):
        received(work_as, attendant, bags[0], named, act_key="S1")
    assert len(ledger.stream(session, queries.stream_of(hand_in.id))) == 2


def test_a_second_scan_is_told_that_the_box_is_counted(work_as, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)
    assert refused(received, work_as, attendant, bags[0], hand_in) == {"hand_in.already"}
    assert refused(received, work_as, attendant, bags[0]) == {"hand_in.already"}


def test_an_undeclared_box_of_the_same_clinic_is_added_with_a_note(work_as, session, doctor, attendant, hand_in):
    extra = sealed(work_as, doctor)
    assert received(work_as, attendant, extra, hand_in).note is BoxNote.UNDECLARED
    assert len(queries.boxes_of(session, hand_in.id)) == 3


def test_a_box_that_nobody_declared_opens_a_hand_in(work_as, session, attendant, bags, world):
    taken = received(work_as, attendant, bags[0])
    assert (taken.hand_in.sender_id, taken.note) == (world.id("clinic_a"), BoxNote.UNDECLARED)


def test_the_second_undeclared_box_joins_the_first(work_as, attendant, bags):
    assert len({received(work_as, attendant, bag).hand_in.id for bag in bags}) == 1


def test_a_box_of_the_other_clinic_is_not_mixed_in(work_as, world, attendant, hand_in):
    other = sealed(work_as, world.people["doctor_b"])
    assert refused(received, work_as, attendant, other, hand_in) == {"hand_in.of_another"}


def test_a_box_that_is_not_meant_for_this_station_is_sent_back(work_as, world, attendant, hand_in):
    other = sealed(work_as, world.people["collector"], department="内科")
    for named in (hand_in, None):
        assert refused(received, work_as, attendant, other, named) == {"hand_in.not_for_here"}


def test_an_unknown_label_is_named(work_as, attendant, hand_in):
    code = new_container_code(bytes(range(7)))
    with pytest.raises(Refusal) as refusal, work_as(attendant) as work:
        receive_box(work, ReceiveHandedIn(code=code, hand_in_id=hand_in.id))
    assert (refusal.value.kind, refusal.value.problems[0].facts["code"]) == (Kind.UNKNOWN, pretty(code))


def test_a_void_label_is_refused(work_as, doctor, attendant):
    bag = sealed(work_as, doctor)
    with work_as(doctor) as work:
        void(work, VoidContainer(code=bag.code, reason="演示"))
    assert refused(received, work_as, attendant, bag) == {"container.hand_in_when_void"}


def test_a_treated_box_is_a_copied_label(work_as, attendant, world, bags):
    standing(work_as, bags[0], world, "plant")
    with work_as() as work:
        move(work, bags[0].id, Doing.TREAT)
    assert refused(received, work_as, attendant, bags[0]) == {"container.hand_in_when_treated"}


def test_the_stations_own_weight_is_kept_beside_the_first(work_as, session, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in, mass="2.46")
    kept = {one.id: (one.mass_g, box.received_g) for box, one in queries.boxes_of(session, hand_in.id)}
    assert kept[bags[0].id] == (2500, 2460)


def test_an_absurd_weight_is_refused_and_nothing_moves(work_as, session, attendant, hand_in, bags, world):
    assert refused(received, work_as, attendant, bags[0], hand_in, mass="300") == {"mass.absurd"}
    assert fresh(session, bags[0]).holder_organisation_id == world.id("clinic_a")


def test_the_scan_is_in_both_streams_with_its_evidence(work_as, session, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in, evidence="scanned")
    for stream in (queries.stream_of(hand_in.id), f"container:{bags[0].id}"):
        assert ledger.stream(session, stream)[-1].evidence == Evidence.SCANNED.value


@pytest.mark.parametrize("who", ["doctor_a", "driver", "operator", "manager"])
def test_only_the_station_receives(work_as, world, hand_in, bags, who):
    assert refused(received, work_as, world.people[who], bags[0], hand_in) == {"access.forbidden"}


# --- cancelling and signing ------------------------------------------------------------------------------------------


def test_a_hand_in_that_has_begun_is_not_cancelled(work_as, doctor, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)

    def cancelled():
        with work_as(doctor) as work:
            cancel(work, CancelHandIn(hand_in_id=hand_in.id))

    assert refused(cancelled) == {"hand_in.begun"}


def test_the_hand_in_of_another_clinic_is_unknown(work_as, world, hand_in):
    def cancelled():
        with work_as(world.people["doctor_b"]) as work:
            cancel(work, CancelHandIn(hand_in_id=hand_in.id))

    assert refused(cancelled) == {"access.unknown"}


def test_what_was_not_found_is_named_and_stays_with_the_clinic(work_as, session, attendant, hand_in, bags, world):
    received(work_as, attendant, bags[0], hand_in)
    signed = finished(work_as, attendant, hand_in, session)
    written = ledger.stream(session, queries.stream_of(hand_in.id))[-1].facts
    assert signed.state is HandInState.RECEIVED
    assert bags[1].code in written.split("not_found")[1].split("received")[0]
    assert fresh(session, bags[1]).holder_organisation_id == world.id("clinic_a")


def test_a_box_not_found_can_be_handed_in_later(work_as, session, doctor, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)
    finished(work_as, attendant, hand_in, session)
    assert declared(work_as, doctor, bags[1]).id != hand_in.id


def test_nobody_signs_a_count_that_has_changed(work_as, session, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)
    assert refused(finished, work_as, attendant, hand_in, session, version=1) == {"hand_in.moved_on"}


def test_a_signed_hand_in_takes_no_more_boxes(work_as, session, doctor, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)
    finished(work_as, attendant, hand_in, session)
    assert refused(received, work_as, attendant, bags[1], hand_in) == {"hand_in.received"}


def test_signing_twice_is_once(work_as, session, attendant, hand_in, bags):
    received(work_as, attendant, bags[0], hand_in)
    for _ in range(2):
        finished(work_as, attendant, hand_in, session, act_key="F1", version=2)
    assert len(ledger.stream(session, queries.stream_of(hand_in.id))) == 3


def test_the_ledger_holds_after_a_whole_hand_in(work_as, session, attendant, hand_in, bags):
    for bag in bags:
        received(work_as, attendant, bag, hand_in)
    finished(work_as, attendant, hand_in, session)
    assert list(verify(session)) == []
    assert_rebuilds(session, CUSTODY)


# --- the whole point -------------------------------------------------------------------------------------------------


def test_two_clinics_boxes_stand_in_one_store_and_stay_apart(work_as, session, world, attendant):
    for doctor in ("doctor_a", "doctor_b"):
        received(work_as, attendant, sealed(work_as, world.people[doctor]))
    shares = queries.shares(session, [world.stores["station"].id])
    assert {(one.producer, one.boxes, one.mass_g) for one in shares} == {
        (world.organisations["clinic_a"].name, 1, 2500),
        (world.organisations["clinic_b"].name, 1, 2500),
    }


def test_one_box_scanned_by_two_at_once_is_received_once(work_as, session, attendant, bags):
    def scan(key):
        try:
            return received(work_as, attendant, bags[0], act_key=key).containers[0].code
        except Refusal as refusal:
            return refusal.problems[0].code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(scan, ("A", "B")))
    assert answers == sorted([bags[0].code, "hand_in.already"])


def test_a_station_is_told_of_what_it_is_to_receive(session, attendant, doctor, hand_in, bags):
    assert queries.expected_at(session, attendant, bags[0])
    assert not queries.expected_at(session, doctor, bags[0])


def test_a_stranger_does_not_see_a_hand_in(session, world, hand_in):
    with pytest.raises(Refusal):
        queries.view(session, world.people["doctor_b"], hand_in.id)


def test_the_sender_sees_his_hand_in(session, doctor, hand_in):
    assert queries.view(session, doctor, hand_in.id).id == hand_in.id


def test_a_page_of_hand_ins_ends_where_the_next_begins(work_as, session, doctor, world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    made = [declared(work_as, doctor, sealed(work_as, doctor)).id for _ in range(3)]
    first, more = queries.page(session, sender_id=world.id("clinic_a"))
    second, end = queries.page(session, sender_id=world.id("clinic_a"), before=more)
    assert ({line.hand_in.id for line in [*first, *second]}, end) == (set(made), None)


def test_a_bag_that_the_station_expects_is_not_repacked_under_its_hands(work_as, doctor, hand_in, bags):
    command = mending.Repack(code=bags[0].code, packaging="bag", mass="2.40", reason="破损")
    with pytest.raises(Refusal, match=r"hand_in\.twice"), work_as(doctor) as work:
        mending.repack(work, command)
    with work_as(doctor) as work:
        assert work.session.get_one(Container, bags[0].id).state is State.SEALED
