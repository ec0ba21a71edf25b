from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.conftest import NOON
from wastetrack.domain.container_code import ENTROPY_BYTES, new_container_code, parse_container_code
from wastetrack.domain.containers import Packaging, State
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.containers.service import RegisterAlike, RegisterContainer, register, register_alike
from wastetrack.features.ledger import queries as ledger

pytestmark = pytest.mark.store


def bag(**given):
    return RegisterContainer.model_validate({"waste": "infectious", "mass": "3.42", "department": "内科", **given})


def codes(refusal):
    return {problem.code for problem in refusal.value.problems}


def test_a_bag_is_sealed_in_the_hands_of_its_producer(world, work_as):
    with work_as(world.collector) as work:
        made = register(work, bag())
    assert (made.state, made.holder_organisation_id, made.mass_g) == (State.SEALED, world.hospital.id, 3420)


def test_a_bag_must_leave_two_days_after_sealing(world, work_as):
    with work_as(world.collector) as work:
        made = register(work, bag(sealed_at="2026-11-23T09:00"))
    assert made.must_leave_by == NOON - timedelta(hours=3) + timedelta(hours=48)


def test_the_code_on_the_label_has_its_check_character(world, work_as):
    with work_as(world.collector) as work:
        made = register(work, bag())
    assert parse_container_code(made.code) == made.code


def test_the_ledger_holds_every_registration(world, work_as, session):
    with work_as(world.collector) as work:
        made = register(work, bag())
    (event,) = ledger.stream(session, f"container:{made.id}")
    assert event.kind == "container.registered"
    assert '"mass_g":3420' in event.facts


def test_sharps_go_into_a_sharps_box_without_asking(world, work_as):
    with work_as(world.collector) as work:
        assert register(work, bag(waste="sharps")).packaging is Packaging.SHARPS_BOX


def test_the_same_form_sent_twice_is_one_container(world, work_as):
    with work_as(world.collector) as work:
        first = register(work, bag(act_key="k1"))
    with work_as(world.collector) as work:
        again = register(work, bag(act_key="k1"))
    assert first.id == again.id


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"waste": "sharps", "packaging": "bag"}, "registration.packaging"),
        ({"mass": "31"}, "mass.absurd"),
        ({"department": "不存在"}, "registration.department"),
        ({"department": ""}, "registration.department_missing"),
        ({"sealed_at": "2026-11-23T12:06"}, "registration.future"),
        ({"sealed_at": "2026-11-16T11:59"}, "registration.long_ago"),
        ({"waste": "841-009-01"}, "registration.no_class"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(world, work_as, given, problem):
    with pytest.raises(Refusal) as refusal, work_as(world.collector) as work:
        register(work, bag(**given))
    assert codes(refusal) == {problem}


def test_all_that_is_wrong_is_said_at_once(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.collector) as work:
        register(work, bag(waste="sharps", packaging="bag", mass="99", department="x"))
    assert len(refusal.value.problems) == 3


def test_a_factory_registers_no_medical_waste(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.worker) as work:
        register(work, bag(department=""))
    assert codes(refusal) == {"registration.not_medical"}


def test_a_station_registers_nothing(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.attendant) as work:
        register(work, bag(department=""))
    assert codes(refusal) == {"registration.no_producer"}


def test_a_regulator_registers_nothing(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.county) as work:
        register(work, bag())
    assert refusal.value.kind is Kind.FORBIDDEN


def test_a_village_clinic_without_departments_registers(world, work_as):
    with work_as(world.doctor) as work:
        assert register(work, bag(department="")).department == ""


def oil(**given):
    return RegisterContainer.model_validate({"waste": "900-249-08", "mass": "120", "form": "L", **given})


def test_a_drum_of_oil_is_named_and_marked_by_the_list(world, work_as):
    with work_as(world.worker) as work:
        made = register(work, oil())
    assert (made.packaging, made.must_leave_by) == (Packaging.DRUM, None)
    assert made.hazards.split() == ["T", "I"]
    assert "矿物油" in made.waste_name


def test_digital_codes_count_up_through_the_day(world, work_as):
    with work_as(world.worker) as work:
        made = [register(work, oil()).digital_code for _ in range(3)]
    assert [code[-11:] for code in made] == ["20261123001", "20261123002", "20261123003"]


def drums(work_as, world, **given):
    facts = {"waste": "900-249-08", "mass": "180", "count": 3, "act_key": "drums", **given}
    with work_as(world.worker) as work:
        return register_alike(work, RegisterAlike.model_validate(facts))


def test_drums_alike_are_registered_at_once_each_with_its_own_codes(work_as, world):
    made = drums(work_as, world)
    assert len({one.code for one in made}) == len({one.digital_code for one in made}) == 3
    assert {one.mass_g for one in made} == {180_000}


def test_the_same_drums_sent_twice_are_the_same_drums(work_as, world):
    assert [one.id for one in drums(work_as, world)] == [one.id for one in drums(work_as, world)]


@pytest.mark.parametrize("count", [0, 101])
def test_a_number_that_is_surely_a_slip_is_refused(work_as, world, count):
    with pytest.raises(ValidationError):
        drums(work_as, world, count=count)


def test_one_pre_printed_label_is_not_on_two_drums(work_as, world):
    label = new_container_code(bytes(ENTROPY_BYTES))
    with pytest.raises(Refusal, match=r"registration\.one_label"):
        drums(work_as, world, label=label, count=2)


def test_the_thousandth_drum_of_a_day_is_refused(world, work_as):
    with work_as(world.worker) as work:
        first = register(work, oil())
        first.digital_code = first.digital_code[:-3] + "999"
        work.session.flush()
        with pytest.raises(Refusal) as refusal:
            register(work, oil())
    assert codes(refusal) == {"digital_code.used_up"}


def test_a_code_that_is_not_on_the_list_needs_its_hazards(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.worker) as work:
        register(work, oil(waste="999-999-49"))
    assert codes(refusal) == {"registration.hazards"}


def test_a_code_that_is_not_on_the_list_is_taken_with_its_hazards(world, work_as):
    with work_as(world.worker) as work:
        made = register(work, oil(waste="999-999-49", hazards=["C"], waste_name="废液"))
    assert (made.hazards, made.waste_name) == ("C", "废液")


def test_what_no_label_could_show_whole_is_refused_before_it_is_kept(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.collector) as work:
        register(work, bag(note="很长的特别说明" * 28))
    assert [(p.code, p.field) for p in refusal.value.problems] == [("print.too_long", "note")]


def test_a_character_that_cannot_be_printed_is_named_at_its_field(world, work_as):
    with pytest.raises(Refusal) as refusal, work_as(world.collector) as work:
        register(work, bag(note="小心🚚"))
    (problem,) = refusal.value.problems
    assert (problem.code, problem.field, problem.facts["character"]) == ("print.glyph_missing", "note", "🚚")
