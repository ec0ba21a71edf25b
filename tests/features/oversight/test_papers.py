"""The papers that a container's time line names: a hand-in and a batch, for who oversees where they were made."""

import pytest

from tests.conftest import NOON
from wastetrack.features.collection import service as collection
from wastetrack.features.treatment import queries as treatment
from wastetrack.infra.ids import new_token

HAND_IN = {"province": True, "city": True, "county": True, "town": True, "elsewhere": False}
BATCH = {"province": True, "city": True, "county": False, "town": False, "elsewhere": False}
"""Clinic and station lie in the township, the plant in another county of the same city."""


@pytest.fixture
def handed_in(chain, world, work_as):
    """A bag of a clinic, received at the station."""
    bag = chain.bag("doctor_a", "clinic_a")
    with work_as(world.people["attendant"], NOON) as work:
        taken = collection.receive_box(work, collection.ReceiveHandedIn(code=bag.code, act_key=new_token()))
        return bag, f"/hand-ins/{taken.hand_in.id}"


@pytest.fixture
def treated(chain, session):
    """A bag of the hospital, treated in the plant."""
    bag = chain.bag()
    chain.confirm(chain.receive(chain.depart([bag]), bag))
    chain.treat([bag])
    return bag, f"/treatment/{treatment.batch_of(session, bag.id).id}"


@pytest.mark.parametrize(("who", "sees"), HAND_IN.items())
def test_a_hand_in_opens_in_the_own_region_and_from_the_time_line(page, handed_in, who, sees):
    bag, address = handed_in
    text = page(who, address, status=200 if sees else 404)
    assert ("甲诊所" in text) is sees
    assert "<form" not in text.split("<main")[1]
    if sees:
        assert f'href="{address}"' in page(who, f"/c/{bag.code}")


@pytest.mark.parametrize(("who", "sees"), BATCH.items())
def test_a_batch_opens_in_the_region_of_the_plant_and_from_the_time_line(page, treated, who, sees):
    bag, address = treated
    page(who, address, status=200 if sees else 404)
    if who in {"province", "city", "county"}:
        assert (f'href="{address}"' in page(who, f"/c/{bag.code}")) is sees


@pytest.mark.parametrize(("who", "status"), [("manager", 404), ("doctor_b", 404), ("driver", 403), ("operator", 403)])
def test_a_hand_in_stays_closed_to_who_has_no_part_in_it(page, handed_in, who, status):
    _bag, address = handed_in
    page(who, address, status=status)


def test_the_clinic_comes_from_the_time_line_to_its_hand_in(page, handed_in):
    bag, address = handed_in
    assert f'href="{address}"' in page("doctor_a", f"/c/{bag.code}")
