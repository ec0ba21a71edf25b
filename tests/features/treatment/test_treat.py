"""Treating what stands in the plant's store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.chain import sealed, standing
from tests.conftest import NOON
from tests.living import Chain, shown_batch
from wastetrack.domain.access import Role
from wastetrack.domain.containers import State
from wastetrack.domain.parties import LicenceKind, OrganisationState
from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger.service import verify
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Licence
from wastetrack.features.treatment import queries
from wastetrack.features.treatment.service import ChooseBatch, preview, treat


@pytest.fixture
def operator(world):
    return world.people["operator"]


@pytest.fixture
def boxes(work_as, world):
    return [in_plant(work_as, world, mass=mass) for mass in ("2.50", "1.20")]


def in_plant(work_as, world, waste="infectious", **given):
    made = sealed(work_as, world.people["collector"], waste, department="内科", **given)
    return standing(work_as, made, world, "plant")


def treated(work_as, who, world, *boxes, mode="Y10", now=NOON, do=treat, store="plant", **given):
    ids = tuple(one.id for one in boxes)
    with work_as(who, now) as work:
        chosen = ChooseBatch(facility_id=world.stores[store].id, mode=mode, container_ids=ids, **given)
        return do(work, shown_batch(work, chosen))


def refused(call, *args, **given):
    with pytest.raises(Refusal) as refusal:
        call(*args, **given)
    return {problem.code for problem in refusal.value.problems}


def fresh(session, container):
    session.rollback()
    return session.get(Container, container.id, populate_existing=True)


def test_treated_boxes_have_no_holder_any_more(work_as, session, operator, world, boxes):
    treated(work_as, operator, world, *boxes)
    assert {(fresh(session, one).state, fresh(session, one).holder_organisation_id) for one in boxes} == {
        (State.TREATED, None)
    }


def test_a_batch_counts_and_weighs_its_boxes(work_as, operator, world, boxes):
    batch = treated(work_as, operator, world, *boxes)
    assert (batch.boxes, batch.mass_g, batch.mode) == (2, 3700, "Y10")


def test_boxes_may_be_named_by_their_labels(work_as, operator, world, boxes):
    assert treated(work_as, operator, world, codes=tuple(one.code for one in boxes)).boxes == 2


def test_a_box_named_twice_is_one_box(work_as, operator, world, boxes):
    assert treated(work_as, operator, world, boxes[0], boxes[0], codes=(boxes[0].code,)).boxes == 1


def test_batches_are_numbered_by_day(work_as, operator, world, boxes):
    tomorrow = NOON + timedelta(days=1)
    third = in_plant(work_as, world)
    numbers = [
        treated(work_as, operator, world, boxes[0]).number,
        treated(work_as, operator, world, boxes[1]).number,
        treated(work_as, operator, world, third, now=tomorrow).number,
    ]
    assert numbers == ["20261123-001", "20261123-002", "20261124-001"]


def test_the_same_batch_sent_twice_is_one(work_as, session, operator, world, boxes):
    first, second = (treated(work_as, operator, world, *boxes, act_key="B1") for _ in range(2))
    assert (first.id, len(ledger.stream(session, queries.stream_of(first.id)))) == (second.id, 1)


def test_a_treated_box_is_not_treated_again(work_as, operator, world, boxes):
    treated(work_as, operator, world, boxes[0])
    assert refused(treated, work_as, operator, world, *boxes) == {"container.treat_when_treated"}


def test_a_refused_batch_leaves_nothing_half_done(work_as, session, operator, world, boxes):
    treated(work_as, operator, world, boxes[0])
    refused(treated, work_as, operator, world, *boxes)
    assert fresh(session, boxes[1]).state is State.STORED
    assert len(queries.page(session, world.id("plant"), None)[0]) == 1


def test_two_operators_with_the_same_box_make_one_batch(work_as, session, operator, world, boxes):
    def attempt(key):
        try:
            return treated(work_as, operator, world, *boxes, act_key=key).number
        except Refusal as refusal:
            return refusal.problems[0].code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ("A", "B"))) == ["20261123-001", "container.treat_when_treated"]


def test_two_batches_at_once_have_two_numbers(work_as, operator, world, boxes):
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda one: treated(work_as, operator, world, one).number, boxes))
    assert sorted(made) == ["20261123-001", "20261123-002"]


def test_what_stands_elsewhere_is_not_treated_here(work_as, operator, world):
    afar = sealed(work_as, world.people["collector"], department="内科")
    assert refused(treated, work_as, operator, world, afar) == {"access.unknown"}


def test_the_label_of_a_box_that_stands_elsewhere_is_refused(work_as, operator, world):
    afar = sealed(work_as, world.people["collector"], department="内科")
    standing(work_as, afar, world, "hospital")
    assert refused(treated, work_as, operator, world, codes=(afar.code,)) == {"batch.elsewhere"}


def test_a_process_outside_the_licence_is_refused(work_as, operator, world, boxes):
    assert refused(treated, work_as, operator, world, *boxes, mode="Y11") == {"papers.licence_mode"}


def test_steam_is_refused_for_pathological_waste_whatever_the_licence(work_as, operator, world, boxes):
    with work_as(world.people["system_admin"]) as work:
        parties.add_licence(
            work,
            parties.AddLicence(
                organisation_id=world.id("plant"), kind=LicenceKind.OPERATING, number="冀危许YS0009",
                valid_from="2025-01-01", valid_until="2028-01-01", yearly_quantity_g="100", scope="HW01",
                modes={TreatmentMode.Y11},
            ),
        )  # fmt: skip
    organ = in_plant(work_as, world, "pathological")
    assert refused(treated, work_as, operator, world, boxes[0], organ, mode="Y11") == {"batch.process"}


def test_after_the_last_day_of_the_licence_nothing_is_treated(work_as, operator, world, boxes):
    late = NOON.replace(year=2029)
    assert refused(treated, work_as, operator, world, *boxes, now=late) == {"papers.licence_expired"}


def test_a_suspended_plant_treats_what_stands_there(work_as, operator, world, boxes):
    with work_as(world.people["system_admin"]) as work:
        suspended = OrganisationState.SUSPENDED
        parties.set_organisation_state(
            work, parties.SetOrganisationState(organisation_id=world.id("plant"), state=suspended, reason="演示整改")
        )
    assert treated(work_as, operator, world, *boxes).boxes == 2


def test_an_exemption_lets_in_what_its_source_handed_over_and_nothing_else(work_as, session, operator, world):
    with work_as(world.people["system_admin"]) as work:
        work.session.query(Licence).filter_by(organisation_id=world.id("plant")).update({"scope": "HW06"})
        parties.add_licence(
            work,
            parties.AddLicence(
                organisation_id=world.id("plant"), kind=LicenceKind.POINT_TO_POINT, number="豁免1", scope="HW01",
                valid_from="2026-01-01", valid_until="2027-01-01", yearly_quantity_g="1", modes={TreatmentMode.Y10},
                basis="豁免文件", source_code=world.organisations["hospital"].credit_code,
            ),
        )  # fmt: skip
    chain = Chain(world, work_as)
    of_clinic = sealed(work_as, world.people["doctor_a"])
    handed_over = standing(work_as, of_clinic, world, "hospital")
    chain.receive(chain.depart([handed_over]), handed_over)
    other = standing(work_as, sealed(work_as, world.people["doctor_b"]), world, "plant")
    assert refused(treated, work_as, operator, world, handed_over, other) == {"papers.licence_scope"}
    assert treated(work_as, operator, world, handed_over).boxes == 1


def test_an_empty_batch_is_refused(work_as, operator, world):
    assert refused(treated, work_as, operator, world) == {"batch.empty"}


@pytest.mark.parametrize("who", ["manager", "driver", "attendant", "county", "system_admin"])
def test_the_plants_store_is_unknown_to_others(work_as, world, boxes, who):
    assert refused(treated, work_as, world.people[who], world, *boxes) == {"access.unknown"}


def test_an_operator_cannot_treat_from_the_store_of_another(work_as, operator, world, boxes):
    assert refused(treated, work_as, operator, world, *boxes, store="hospital") == {"access.unknown"}


def test_a_person_of_the_plant_without_the_role_may_not_treat(work_as, operator, world, boxes):
    guest = type(operator)(operator.user_id, "演示", frozenset({Role.MANAGER}), operator.organisation_id)
    assert refused(treated, work_as, guest, world, *boxes) == {"access.forbidden"}


def test_a_preview_changes_nothing(work_as, session, operator, world, boxes):
    seen = treated(work_as, operator, world, *boxes, do=preview)
    assert {one.id for one in seen.boxes} == {one.id for one in boxes}
    assert fresh(session, boxes[0]).state is State.STORED


def test_a_preview_refuses_as_the_treatment_would(work_as, operator, world, boxes):
    assert refused(treated, work_as, operator, world, *boxes, mode="Y11", do=preview) == {"papers.licence_mode"}


def test_the_queue_begins_with_what_must_be_treated_first(work_as, session, world):
    young = in_plant(work_as, world)
    made = sealed(work_as, world.people["collector"], department="内科")
    old = standing(work_as, made, world, "plant", now=NOON - timedelta(hours=20))
    assert [one.id for one in queries.queue(session, world.stores["plant"].id).boxes] == [old.id, young.id]


def test_what_was_scanned_is_on_the_page(work_as, session, world, boxes, monkeypatch):
    monkeypatch.setattr(queries, "MOST_SHOWN", 1)
    young = in_plant(work_as, world)
    shown = queries.queue(session, world.stores["plant"].id, [young.code])
    assert ([one.id for one in shown.boxes], shown.count) == ([young.id], 3)


def test_a_container_leads_to_its_batch(work_as, session, operator, world, boxes):
    batch = treated(work_as, operator, world, boxes[0])
    assert (queries.batch_of(session, boxes[0].id).id, queries.batch_of(session, boxes[1].id)) == (batch.id, None)


def test_another_plants_batch_is_unknown(work_as, session, operator, world, boxes):
    batch = treated(work_as, operator, world, *boxes)
    assert refused(queries.view, session, world.people["manager"], batch.id) == {"access.unknown"}


def test_the_ledger_holds_after_a_batch(work_as, session, operator, world, boxes):
    treated(work_as, operator, world, *boxes)
    assert list(verify(session)) == []
