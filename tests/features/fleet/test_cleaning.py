"""After medical waste a vehicle is cleaned within 24 hours: since when, who may record it, when the alarm opens."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from tests.living import shown
from tests.rebuilding import assert_rebuilds
from wastetrack.app import REBUILT
from wastetrack.domain.alerts import Limit
from wastetrack.domain.declared_wrong import problems_by_kind
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.signing import Signature
from wastetrack.features.fleet import queries as fleet
from wastetrack.features.fleet import service
from wastetrack.features.ledger import service as ledger
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests import service as manifests
from wastetrack.features.parties.models import Vehicle, VehicleCleaning
from wastetrack.features.watch import queries
from wastetrack.features.watch.jobs import sweep
from wastetrack.features.watch.models import Alert
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DUE = NOON + 24 * HOUR


@pytest.fixture
def truck(world):
    return world.vehicles["truck"]


@pytest.fixture
def kept(session):
    """Read a vehicle as it is kept."""

    def read(vehicle):
        session.rollback()
        return session.get_one(Vehicle, vehicle.id, populate_existing=True)

    return read


@pytest.fixture
def brought(chain):
    """Have a load of medical waste received at a moment."""

    def bring(at=NOON, count=1):
        boxes = [chain.bag(at=at - 2 * HOUR) for _ in range(count)]
        made = chain.arrive(chain.depart(boxes, at - HOUR), at - HOUR / 2)
        for box in boxes:
            chain.receive(made, box, at)
        return made

    return bring


@pytest.fixture
def alarms(session, world):
    """Tell since when vehicles are overdue for somebody at a moment."""

    def at(now, who="dispatcher", ask=queries.current):
        session.rollback()
        found = ask(session, world.people[who], now)
        rows = found[0] if ask is queries.current else found
        return [one.threshold_at for one in rows if one.limit is Limit.CLEANING]

    return at


def refusal(do, *given, **more):
    with pytest.raises(Refusal) as caught:
        do(*given, **more)
    return [(one.code, one.kind) for one in caught.value.problems]


# --- the clock -------------------------------------------------------------------------------------------------------


def test_the_hours_run_from_the_last_box_of_the_load(chain, truck, kept):
    first, second = chain.bag(at=NOON - HOUR), chain.bag(at=NOON - HOUR)
    made = chain.arrive(chain.depart([first, second]))
    chain.receive(made, first, NOON + HOUR)
    assert kept(truck).unclean_since is None
    chain.refuse(made, second, NOON + 2 * HOUR)
    assert kept(truck).unclean_since == NOON + 2 * HOUR
    chain.confirm(made, NOON + 3 * HOUR)
    assert kept(truck).unclean_since == NOON + 2 * HOUR


def test_a_signed_receipt_ends_the_use_where_a_box_is_missing(chain, truck, kept):
    boxes = [chain.bag(at=NOON - HOUR), chain.bag(at=NOON - HOUR)]
    made = chain.arrive(chain.depart(boxes))
    chain.receive(made, boxes[0], NOON + HOUR)
    chain.confirm(made, NOON + 5 * HOUR)
    assert kept(truck).unclean_since == NOON + 5 * HOUR


def test_a_verdict_that_is_mended_does_not_start_the_hours_anew(chain, truck, kept, world, work_as):
    box = chain.bag(at=NOON - HOUR)
    made = chain.arrive(chain.depart([box]))
    chain.receive(made, box, NOON)
    with work_as(world.people["operator"], NOON + HOUR) as work:
        manifests.withdraw(work, manifests.ScanBox(manifest_id=made.id, code=box.code, act_key=new_token()))
    chain.refuse(made, box, NOON + 20 * HOUR)
    assert kept(truck).unclean_since == NOON


def test_other_waste_leaves_nothing_to_be_cleaned(chain, truck, kept, alarms, dispatcher, work_as, session):
    oil = chain.bag(who="factory", store="factory", waste="900-249-08")
    made = _from_factory(chain, oil)
    assert kept(truck).unclean_since is None
    assert alarms(NOON + 100 * HOUR) == []
    assert made.state == "accepted"


def _under(work, made, kind, signature):
    """Sign under the words that the page would show now."""
    words = shown(work, made, signature)
    return kind(manifest_id=made.id, version=made.version, shown=words, act_key=new_token())


def _from_factory(chain, box):
    w = chain.world
    with chain.work_as(w.people["factory"]) as work:
        made = manifests.draft(work, manifests.DraftManifest(
            container_ids=[box.id], facility_id=w.stores["factory"].id, carrier_id=w.id("carrier"),
            vehicle_id=w.vehicles["truck"].id, driver_id=w.crew["driver"].id, receiver_id=w.id("plant"),
            receiver_facility_id=w.stores["plant"].id, mode="D10", act_key=new_token(),
        ))  # fmt: skip
        made = manifests.sign(work, _under(work, made, manifests.SignManifest, Signature.CONSIGNOR))
    with chain.work_as(w.people["driver"]) as work:
        made = manifests.load(work, manifests.ScanBox(manifest_id=made.id, code=box.code, act_key=new_token()))
        made = manifests.depart(work, _under(work, made, manifests.Depart, Signature.CARRIER))
    return chain.confirm(chain.receive(chain.arrive(made), box))


# --- the alarm -------------------------------------------------------------------------------------------------------


def test_the_alarm_opens_at_the_twenty_fourth_hour_for_carrier_and_regulators(brought, alarms, dispatcher):
    brought()
    assert alarms(DUE - SECOND) == []
    for who in ("dispatcher", "city", "province"):
        assert alarms(DUE, who) == [DUE]
        assert alarms(DUE + SECOND, who) == [DUE]
    for who in ("manager", "operator", "county", "elsewhere"):
        assert alarms(DUE, who) == []


def test_it_is_said_from_the_eighteenth_hour_on(brought, alarms, dispatcher):
    brought()
    at_eighteen = NOON + 18 * HOUR
    assert alarms(at_eighteen - SECOND, ask=queries.coming) == []
    assert alarms(at_eighteen, ask=queries.coming) == [DUE]
    assert alarms(DUE, ask=queries.coming) == []


def test_a_cleaning_ends_the_alarm_and_one_in_time_leaves_no_trace(
    brought, alarms, clean, truck, dispatcher, work_as, session
):
    brought()
    clean(truck, "dispatcher", DUE - SECOND)
    assert session.scalars(select(Alert.id).where(Alert.limit == Limit.CLEANING)).all() == []
    brought(DUE)
    late = DUE + 24 * HOUR
    with work_as(now=late) as work:
        sweep(work)
    assert alarms(late) == [late]
    clean(truck, "driver", late + HOUR)
    assert alarms(late + HOUR) == []
    (alert,) = session.scalars(select(Alert).where(Alert.limit == Limit.CLEANING))
    assert (alert.threshold_at, alert.cleared_at) == (late, late + HOUR)
    told = session.scalars(select(LedgerEvent.kind).where(LedgerEvent.stream == f"alert:{alert.id}")).all()
    assert told == ["alert.opened", "alert.cleared"]


def test_a_second_load_before_the_cleaning_does_not_move_the_alarm(brought, alarms, dispatcher):
    brought()
    brought(NOON + 20 * HOUR)
    assert alarms(DUE) == [DUE]


def test_what_was_used_again_after_the_cleaning_waits_for_the_next(brought, alarms, clean, truck, dispatcher, kept):
    brought()
    brought(NOON + 4 * HOUR)
    clean(truck, "dispatcher", NOON + 5 * HOUR, cleaned_at=NOON + 2 * HOUR)
    assert kept(truck).unclean_since == NOON + 4 * HOUR
    assert alarms(DUE) == []
    assert alarms(DUE + 4 * HOUR) == [DUE + 4 * HOUR]


# --- what carries ----------------------------------------------------------------------------------------------------


def test_of_a_tractor_the_trailer_is_cleaned_of_a_truck_both(chain, vehicle, kept, truck, alarms, dispatcher):
    tractor, trailer = vehicle("冀A54321", VehicleKind.TRACTOR, None), vehicle("冀J1234挂")
    for at, head in ((NOON, tractor), (NOON + HOUR, truck)):
        _carried(chain, head, trailer, at)
    assert kept(tractor).unclean_since is None
    assert (kept(trailer).unclean_since, kept(truck).unclean_since) == (NOON, NOON + HOUR)
    assert alarms(DUE + HOUR) == [DUE, DUE + HOUR]


def _carried(chain, head, trailer, at):
    box = chain.bag(at=at - HOUR)
    made = chain.draft([box], at)
    w = chain.world
    with chain.work_as(w.people["manager"], at) as work:
        changed = manifests.ChangeDraft(
            manifest_id=made.id, version=made.version, container_ids=[box.id], facility_id=w.stores["hospital"].id,
            carrier_id=w.id("carrier"), vehicle_id=head.id, trailer_id=trailer.id, driver_id=w.crew["driver"].id,
            receiver_id=w.id("plant"), receiver_facility_id=w.stores["plant"].id, mode="Y10", act_key=new_token(),
        )  # fmt: skip
        made = manifests.change_draft(work, changed)
        made = manifests.sign(work, _under(work, made, manifests.SignManifest, Signature.CONSIGNOR))
    with chain.work_as(w.people["driver"], at) as work:
        made = manifests.load(work, manifests.ScanBox(manifest_id=made.id, code=box.code, act_key=new_token()))
        made = manifests.depart(work, _under(work, made, manifests.Depart, Signature.CARRIER))
    return chain.receive(chain.arrive(made, at), box, at)


# --- the act ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["dispatcher", "driver", "operator"])
def test_who_had_to_do_with_it_may_record_the_cleaning(brought, clean, truck, kept, dispatcher, who, session, world):
    brought()
    clean(truck, who, NOON + 2 * HOUR, note="含氯消毒剂", cleaned_at=NOON + HOUR)
    assert (kept(truck).unclean_since, kept(truck).cleaned_at) == (None, NOON + HOUR)
    (row,) = session.scalars(select(VehicleCleaning))
    assert (row.recorded_by, row.recorded_for) == (world.people[who].user_id, world.people[who].organisation_id)
    event = session.scalars(select(LedgerEvent).where(LedgerEvent.kind == "organisation.vehicle_cleaned")).one()
    assert event.stream == f"organisation:{world.id('carrier')}"
    facts = json.loads(event.facts)
    assert (facts["id"], facts["note"]) == (str(truck.id), "含氯消毒剂")


@pytest.mark.parametrize("who", ["manager", "collector", "attendant", "county", "system_admin"])
def test_nobody_else_records_one(brought, clean, truck, who):
    brought()
    assert refusal(clean, truck, who, NOON + HOUR) == [("access.unknown", Kind.UNKNOWN)]


def test_its_regulator_sees_it_and_records_nothing(brought, clean, truck):
    brought()
    assert refusal(clean, truck, "city", NOON + HOUR) == [("access.forbidden", Kind.FORBIDDEN)]


def test_without_a_trip_neither_driver_nor_plant_has_to_do_with_it(clean, truck):
    for who in ("driver", "operator"):
        assert refusal(clean, truck, who, NOON) == [("access.unknown", Kind.UNKNOWN)]


def test_a_moment_before_the_use_is_refused_and_one_in_its_minute_is_not(brought, clean, truck, kept):
    used = NOON + 30 * SECOND
    brought(used)
    assert refusal(clean, truck, "driver", used + HOUR, cleaned_at=NOON - MINUTE) == [
        ("cleaning.before_use", Kind.INVALID)
    ]
    clean(truck, "driver", used + HOUR, cleaned_at=NOON)
    assert kept(truck).unclean_since is None


def test_the_same_form_sent_twice_is_one_cleaning(brought, clean, truck, session):
    brought()
    for _ in range(2):
        clean(truck, "driver", NOON + HOUR, act_key="K")
    assert len(session.scalars(select(VehicleCleaning)).all()) == 1


# --- what people are told --------------------------------------------------------------------------------------------


def test_who_cleans_is_told_what_is_to_be_cleaned(brought, clean, truck, session, world, dispatcher):
    brought()
    for who in ("dispatcher", "driver", "operator"):
        (one,) = fleet.to_clean(session, world.people[who])
        assert (one.vehicle.id, one.due) == (truck.id, DUE)
    for who in ("manager", "attendant", "city", "system_admin"):
        assert fleet.to_clean(session, world.people[who]) == []
    clean(truck, "operator", NOON + HOUR)
    session.rollback()
    assert fleet.to_clean(session, dispatcher) == []


@pytest.mark.parametrize(("at", "warned"), [(DUE - SECOND, []), (DUE, ["manifest.vehicle_unclean"])])
def test_naming_what_was_not_cleaned_in_time_is_warned_of_and_allowed(brought, chain, session, at, warned):
    brought()
    made = chain.sign([chain.bag(at=at - HOUR)], at)
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == f"manifest:{made.id}")
    facts = json.loads(session.scalars(query.where(LedgerEvent.kind == "manifest.signed")).one())
    assert [one["code"] for one in facts["warned"] if one["code"] == "manifest.vehicle_unclean"] == warned


# --- a record that was wrong -----------------------------------------------------------------------------------------


@pytest.fixture
def declare(world, work_as):
    """Declare a cleaning of the truck wrong, as somebody."""

    def act(row, who="dispatcher", now=NOON + 3 * HOUR, **given):
        command = service.DeclareCleaningWrong(
            vehicle_id=row.vehicle_id, cleaning_id=row.id, **{"reason": "车辆选错", "act_key": new_token(), **given}
        )
        with work_as(world.people[who], now) as work:
            return service.declare_wrong(work, command)

    return act


def test_a_cleaning_that_was_none_leaves_the_vehicle_as_unclean_as_before(
    brought, truck, clean, declare, kept, session, alarms, dispatcher
):
    brought()
    clean(truck, "driver", NOON + HOUR)
    assert (kept(truck).unclean_since, alarms(DUE)) == (None, [])
    row = session.scalars(select(VehicleCleaning)).one()
    declare(row)
    assert (kept(truck).unclean_since, kept(truck).cleaned_at) == (NOON, None)
    assert alarms(DUE) == [DUE], "the alarm is due again"
    events = session.scalars(
        select(LedgerEvent).where(LedgerEvent.kind.in_(("organisation.vehicle_cleaned", "organisation.declared_wrong")))
        .order_by(LedgerEvent.seq)
    ).all()  # fmt: skip
    wrong, said = events[-2], json.loads(events[-1].facts)
    assert (said["wrong"], said["wrong_hash"], said["reason"]) == (wrong.seq, wrong.hash, "车辆选错")
    assert_rebuilds(session, REBUILT.of("parties", "manifests", "fleet"))
    assert session.scalars(select(VehicleCleaning)).one().cleaned_at == NOON + HOUR, "nothing is removed"
    assert events[-1].actor_id == str(dispatcher.user_id)


def test_the_right_cleaning_is_recorded_in_the_same_act_and_named(
    brought, truck, clean, declare, kept, session, world, dispatcher
):
    brought()
    clean(truck, "driver", NOON + 2 * HOUR)
    row = session.scalars(select(VehicleCleaning)).one()
    world_time = declare(row, cleaned_at=NOON + HOUR).cleaned_at
    assert world_time == kept(truck).cleaned_at == NOON + HOUR
    assert kept(truck).unclean_since is None
    events = {one.seq: one for one in session.scalars(
        select(LedgerEvent).where(LedgerEvent.stream == f"organisation:{world.id('carrier')}"))}  # fmt: skip
    said = next(json.loads(one.facts) for one in events.values() if one.kind == "organisation.declared_wrong")
    right = json.loads(events[said["replaced_by"]].facts)
    assert right["cleaned_at"].startswith("2026-11-23T05:00"), "NOON in China and an hour"
    assert said["replaced_by"] > said["wrong"]
    assert_rebuilds(session, REBUILT.of("parties", "manifests", "fleet"))


def test_twice_is_refused_and_the_same_act_twice_is_one(brought, truck, clean, declare, session, dispatcher):
    brought()
    clean(truck, "driver", NOON + HOUR)
    row = session.scalars(select(VehicleCleaning)).one()
    declare(row, act_key="once")
    declare(row, act_key="once")
    assert refusal(declare, row) == [("declared_wrong.already", Kind.CONFLICT)]
    assert refusal(declare, row, cleaned_at=NOON + 100 * HOUR)[0][0] == "cleaning.ahead"
    session.rollback()
    assert len(session.scalars(select(VehicleCleaning)).all()) == 1, "what was refused left nothing behind"


def test_only_the_organisation_that_recorded_it_may_and_a_stranger_does_not_learn_of_it(
    brought, truck, clean, declare, session, dispatcher
):
    brought()
    clean(truck, "operator", NOON + HOUR)
    row = session.scalars(select(VehicleCleaning)).one()
    assert refusal(declare, row, "dispatcher") == [("access.forbidden", Kind.FORBIDDEN)]
    assert refusal(declare, row, "manager") == [("access.unknown", Kind.UNKNOWN)]
    declare(row, "operator")


def test_what_the_law_or_others_rely_on_is_not_declared_wrong(brought, work_as, dispatcher, world):
    made = brought()
    with work_as(dispatcher, NOON + HOUR) as work:
        for stream, seq in ((f"organisation:{world.id('carrier')}", 2), (f"manifest:{made.id}", 2)):
            event = ledger.queries.named_and_declared(work.session, stream, {seq})[0]
            codes = [one.code for one in problems_by_kind(event.kind)]
            assert codes == ["declared_wrong.kind"], event.kind
