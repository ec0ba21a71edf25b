"""The page of the treatment knows the codes of large boxes: one scan ticks everything in it."""

import re

import pytest

from tests.chain import _at_noon, signed_in
from tests.client import words_on
from wastetrack.domain.boxes import BoxState
from wastetrack.domain.containers import State
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
__all__ = ["_at_noon", "signed_in"]


@pytest.fixture
def at_the_plant(packer):
    """Bring a closed box with two bags, and a bag beside it, to the plant."""
    (box, bags), (single,) = packer.filled(2), packer.boxes(1)
    manifest = packer.arrive(packer.depart(packer.load(packer.signed([*bags, single]), box, single)))
    packer.confirm(packer.receive(manifest, box, single))
    return box, bags, single


def ticked(page):
    return set(re.findall(r'name="container_ids" value="([^"]+)" checked', page))


def test_a_scanned_large_box_ticks_all_in_it_and_is_treated_whole(signed_in, packer, stands, at_the_plant):
    box, bags, single = at_the_plant
    operator, store = signed_in("operator", "en"), str(packer.world.stores["plant"].id)
    operator.get("/treatment")
    page = operator.post("/treatment/scan", {"code": box.code, "facility_id": store}).text
    assert ticked(page) == {str(one.id) for one in bags}
    carried = re.search(r'name="scanned" value="([^"]*)"', page).group(1)
    page = operator.post("/treatment/scan", {"code": single.code, "facility_id": store, "scanned": carried}).text
    assert ticked(page) == {str(one.id) for one in [*bags, single]}
    form = {"facility_id": store, "mode": "Y10", "container_ids": sorted(ticked(page)), "act_key": new_token()}
    shown = words_on(operator.post("/treatment/review", form).text)
    assert operator.post("/treatment", form | {"shown": shown}).status_code == 303
    assert {stands(one).state for one in [*bags, single]} == {State.TREATED}
    assert stands(box).state is BoxState.DIRTY


def test_a_large_box_that_does_not_wait_here_or_is_empty_is_refused(signed_in, packer):
    elsewhere, _bags = packer.filled(1)
    operator = signed_in("operator", "en")
    for box in (elsewhere, packer.box()):
        answer = operator.post("/treatment/scan", {"code": box.code})
        assert answer.status_code == 409
        assert "does not wait for treatment in this store" in answer.text
