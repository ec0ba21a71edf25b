"""The pages of large boxes, as people use them."""

import pytest
import zxingcpp

from tests.chain import _at_noon, signed_in
from tests.documents.paper import picture, text_of
from wastetrack.domain.boxes import BoxState
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.models import Box
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
__all__ = ["_at_noon", "signed_in"]


def test_a_box_is_registered_filled_by_scanning_closed_and_found_from_either_end(signed_in, packer, session, stands):
    manager, bags = signed_in("manager", "en"), packer.boxes(2)
    assert "No large box here" in manager.get("/boxes").text
    manager.get("/boxes/new")
    store = str(packer.world.stores["hospital"].id)
    form = {"kind": "turnover_box", "facility_id": store, "name": "箱7", "count": "1", "act_key": new_token()}
    page = manager.post("/boxes/new", form, follow=True).text
    assert "1 box is registered" in page
    box = session.query(Box).one()
    here = f"/boxes/{box.id}"
    for bag in bags:
        page = manager.post(f"{here}/pack", {"codes": bag.code, "act_key": new_token()}, follow=True).text
    assert "2 containers" in page
    assert "7.00 kg" in page
    manager.post(f"{here}/close", {"act_key": new_token()}, follow=True)
    assert stands(box).state is BoxState.CLOSED
    container = manager.get(f"/c/{bags[0].code}").text
    assert f"is in large box {queries.shown(box)}" in container
    assert bags[0].code[:4] in manager.get(f"/c/{box.code}", follow=True).text
    assert "箱7" in manager.get(f"/boxes?store={store}&q=箱7").text
    wrong = manager.post(f"{here}/pack", {"codes": bags[0].code, "act_key": new_token()})
    assert wrong.status_code == 409
    assert "Open it first" in wrong.text


def test_a_stranger_reads_whom_to_call_and_nothing_of_what_is_in_it(signed_in, packer, browser):
    box, bags = packer.filled(1)
    for visitor in (browser, signed_in("attendant")):
        page = visitor.get(f"/c/{box.code}", follow=True).text
        assert "0311-00000001" in page
        assert bags[0].code not in page


def test_what_is_to_be_washed_stands_first_and_the_cleaning_is_recorded(signed_in, packer):
    box, bags = packer.filled(1)
    packer.take_out(packer.reopen(box), *bags)
    collector = signed_in("collector", "en")
    assert "To wash next" in collector.get("/boxes").text
    collector.get(f"/boxes/{box.id}")
    sent = {"cleaned_at": "2026-11-23T12:00", "note": "含氯消毒剂", "act_key": new_token()}
    page = collector.post(f"/boxes/{box.id}/clean", sent, follow=True).text
    assert "The cleaning is recorded." in page
    assert "含氯消毒剂" in page
    assert "To wash next" not in collector.get("/boxes").text


def test_the_label_is_a_page_with_its_code(signed_in, packer):
    box = packer.box(name="周转箱 A-07")
    answer = signed_in("manager").get(f"/boxes/{box.id}/label.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    (found,) = zxingcpp.read_barcodes(picture(answer.data, dpi=200))
    assert found.text == f"HTTP://127.0.0.1:8000/C/{box.code}"
    said = text_of(answer.data)
    owner = packer.world.organisations["hospital"].name
    assert all(one in said for one in ("周转箱A-07", queries.shown(box), owner))
