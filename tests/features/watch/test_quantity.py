"""A store above its limit: from the first gram above, not at the limit; gone with the load."""

from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.features.watch.test_time import in_force
from wastetrack.domain.alerts import Limit
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.infra.ids import new_token

LATER = NOON + timedelta(hours=1)


def fill(chain, kilograms, at=NOON):
    """Fill the clinic's store, whose limit is 50 kg, with bags of at most 25 kg."""
    return [chain.bag("doctor_a", "clinic_a", mass, at) for mass in kilograms]


def test_exactly_the_limit_is_no_alarm(session, world, chain):
    fill(chain, ["25", "25"])
    assert in_force(session, world, LATER, "doctor_a") == []


def test_one_gram_above_the_limit_is_an_alarm_from_that_act_on(session, world, chain):
    fill(chain, ["25", "24.999"])
    chain.bag("doctor_a", "clinic_a", "0.002", LATER)
    assert in_force(session, world, LATER - timedelta(microseconds=1), "doctor_a") == []
    (alert,) = in_force(session, world, LATER, "doctor_a")
    assert (alert.limit, alert.threshold_at) == (Limit.CAPACITY, LATER)


def test_it_clears_when_the_store_is_back_at_its_limit(session, world, chain):
    fill(chain, ["25", "25"])
    surplus = chain.bag("doctor_a", "clinic_a", "0.001", LATER)
    chain.void(surplus, LATER + timedelta(hours=1), "doctor_a")
    assert in_force(session, world, LATER + timedelta(hours=1), "doctor_a") == []


def test_more_on_top_is_the_same_alarm_and_says_the_new_mass(session, world, chain):
    fill(chain, ["25", "25", "1"])
    (before,) = in_force(session, world, LATER, "doctor_a")
    chain.bag("doctor_a", "clinic_a", "2", LATER)
    (after,) = in_force(session, world, LATER, "doctor_a")
    assert (after.id, after.threshold_at) == (before.id, NOON)
    assert '"mass_g":53000' in after.facts


def test_a_container_above_the_number_allowed_is_an_alarm(session, world, chain, work_as):
    with work_as() as work:
        work.session.get_one(type(world.stores["clinic_a"]), world.stores["clinic_a"].id).count_limit = 2
    fill(chain, ["1", "1"])
    assert in_force(session, world, LATER, "doctor_a") == []
    fill(chain, ["1"])
    assert [one.limit for one in in_force(session, world, LATER, "doctor_a")] == [Limit.CAPACITY]


def test_a_litre_above_the_volume_allowed_is_an_alarm(session, world, chain, work_as, page):
    def bag(volume_l, at=NOON):
        with work_as(world.people["doctor_a"], at) as work:
            made = containers.register(work, containers.RegisterContainer(
                waste="infectious", mass="1", volume_l=volume_l, act_key=new_token()
            ))  # fmt: skip
        chain.place(made, "clinic_a", "doctor_a", at)
        return made

    with work_as() as work:
        work.session.get_one(type(world.stores["clinic_a"]), world.stores["clinic_a"].id).volume_limit_l = 80
    made = [bag(None), bag(30)]
    assert in_force(session, world, LATER, "doctor_a") == []
    shown = page("doctor_a", f"/stores/{world.stores['clinic_a'].id}", language="en")
    assert "80 of 80 L" in shown
    assert "For 1 container the usual volume" in shown
    surplus = bag(1, LATER)
    (alert,) = in_force(session, world, LATER, "doctor_a")
    assert (alert.limit, alert.threshold_at) == (Limit.CAPACITY, LATER)
    assert "81 L" in page("doctor_a", "/alerts", language="en")
    chain.void(surplus, LATER + timedelta(hours=1), "doctor_a")
    assert in_force(session, world, LATER + timedelta(hours=1), "doctor_a") == []
    assert [session.get_one(Container, one.id).volume_l for one in made] == [None, 30]


def test_a_volume_that_no_such_container_has_is_a_slip(world, work_as):
    with work_as(world.people["doctor_a"], NOON) as work, pytest.raises(Refusal, match=r"volume\.absurd") as no:
        containers.register(work, containers.RegisterContainer(waste="infectious", mass="1", volume_l=201))
    assert no.value.problems[0].field == "volume_l"
