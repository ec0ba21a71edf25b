"""The receiver's and the driver's pages where no script runs, and the lists that lead to them."""

import re

import pytest

from tests.features.manifests.test_hand_ins import declare
from tests.features.manifests.test_pages import as_  # noqa: F401
from wastetrack.domain.container_code import new_container_code, pretty
from wastetrack.domain.manifests import Verdict
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import ManifestBox
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.ids import new_token


def test_loads_still_to_be_received_stand_first_and_ended_ones_apart(trade, as_, session):  # noqa: F811
    done = trade.boxes(1)
    ended = trade.confirm(trade.receive(trade.arrived(done), *done))
    arrived, waiting = trade.arrived(trade.boxes(1)), trade.signed(trade.boxes(1))
    way = trade.boxes(1)
    under_way = trade.depart(trade.load(trade.signed(way), *way))
    operator = as_("operator")
    found = re.findall(r"/receipts/([0-9a-f-]{36})", operator.get("/receipts").text)
    assert found == [str(one.id) for one in (arrived, under_way, waiting)]
    assert re.findall(r"/receipts/([0-9a-f-]{36})", operator.get("/receipts?show=ended").text) == [str(ended.id)]


def test_pages_of_open_loads_follow_without_gap_or_double(trade, session):
    loads = [trade.signed(trade.boxes(1)), trade.arrived(trade.boxes(1)), trade.signed(trade.boxes(1))]
    seen, after = [], None
    while len(seen) < 9:
        page = queries.receipts(session, trade.world.people["operator"], after, limit=1)
        seen += [row.manifest.id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == [loads[1].id, loads[2].id, loads[0].id]


def test_a_refusal_opens_with_the_code_of_its_line(trade, as_):  # noqa: F811
    boxes = trade.boxes(2)
    load, operator = trade.arrived(boxes), as_("operator")
    line = f"/receipts/{load.id}?refuse={boxes[0].code}"
    assert f"{line}#refuse" in operator.get(f"/receipts/{load.id}").text
    assert f'name="code" list="open-codes" value="{pretty(boxes[0].code)}"' in operator.get(line).text


def test_a_verdict_is_taken_back_by_the_button_at_its_line(trade, as_, stands):  # noqa: F811
    boxes = trade.boxes(2)
    load, operator = trade.receive(trade.arrived(boxes), boxes[0]), as_("operator")
    assert f'name="code" value="{boxes[0].code}"' in operator.get(f"/receipts/{load.id}").text
    sent = {"code": boxes[0].code, "evidence": "chosen", "act_key": new_token()}
    assert operator.post(f"/receipts/{load.id}/withdraw", sent, follow=True).status_code == 200
    assert stands(ManifestBox, (load.id, boxes[0].id)).verdict is None


def test_after_the_signature_there_is_no_such_button(trade, as_, stands):  # noqa: F811
    boxes = trade.boxes(1)
    load = trade.confirm(trade.receive(trade.arrived(boxes), *boxes))
    assert f'name="code" value="{boxes[0].code}"' not in as_("operator").get(f"/receipts/{load.id}").text
    assert stands(ManifestBox, (load.id, boxes[0].id)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(("who", "path", "act"), [("driver", "trips", "load"), ("operator", "receipts", "receive")])
def test_a_mistyped_code_is_called_mistyped_and_only_one_never_issued_is_suspected(trade, as_, who, path, act):  # noqa: F811
    boxes = trade.boxes(1)
    load = trade.signed(boxes) if who == "driver" else trade.arrived(boxes)
    code = new_container_code(b"unknown")
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    browser = as_(who)
    for typed, word, other in ((wrong, "输入有误", "伪造"), (code, "伪造", "输入有误")):
        page = browser.post(f"/{path}/{load.id}/{act}", {"code": typed, "act_key": new_token()}).text
        assert word in page
        assert other not in page
        assert "这一件没有记录" in page


def test_what_is_promised_to_a_station_is_not_offered_and_the_page_says_so(trade, as_, work_as):  # noqa: F811
    box, other = trade.boxes(2)
    with work_as() as work:
        hospital = work.session.get_one(Organisation, trade.world.id("hospital"))
        hospital.beds, hospital.station_facility_id = 10, trade.world.stores["station"].id
    declare(trade, box)
    page = as_("manager").get("/manifests/new?" + "&".join(f"{k}={v}" for k, v in trade.plan([other]).items())).text
    assert str(other.id) in page
    assert str(box.id) not in page
    assert "另有 1 件已列入周转站交接单" in page


@pytest.mark.parametrize(("who", "words"), [("manager", "本单位参与"), ("county", "本辖区"), ("driver", "驾驶或押运")])
def test_the_list_says_to_each_reader_what_it_holds_for_him(trade, as_, who, words):  # noqa: F811
    assert words in as_(who).get("/manifests").text
