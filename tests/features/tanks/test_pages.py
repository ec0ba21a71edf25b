"""The pages: a level in one field, what is wrong said at its field, files, the label whose code opens the page."""

import io

import pytest
import time_machine
from pypdf import PdfReader

from tests.client import Browser
from tests.conftest import NOON
from tests.documents.paper import picture, scanned
from tests.living import sit_down

pytestmark = pytest.mark.store


def test_a_tank_is_set_up_read_and_filled_from_its_pages(app, world, farm):
    with time_machine.travel(NOON, tick=False):
        keeper = sit_down(Browser(app, "en"), world.people["factory"])
        keeper.get("/tanks/new")
        sent = {
            "facility_id": str(farm.id), "number": "TK-07", "waste": "900-249-08", "form": "L", "shape": "table",
            "usable_l": "9000", "density_g_l": "900", "calibration": "0 0\n100 80", "high_percent": "90",
            "meter": "litre", "act_key": "K",
        }  # fmt: skip
        wrong = keeper.post("/tanks/new", sent)
        assert wrong.status_code == 422
        assert "field-calibration-error" in wrong.text
        made = keeper.post("/tanks/new", {**sent, "calibration": "0 0\n1000 10000"}, follow=True)
        assert "Tank TK-07 is set up" in made.text
        here = made.request.path
        for what, typed, said in (
            ("level", {"level_mm": "500"}, "The level is entered."),
            ("inflow", {"counter": "1000"}, "The inflow is entered."),
            ("outflow", {"amount": "1", "unit": "t", "destination": "treated"}, "The outflow is entered."),
        ):
            keeper.get(f"{here}/enter/{what}")
            assert said in keeper.post(f"{here}/enter/{what}", {**typed, "act_key": what}, follow=True).text
        shown = keeper.get(here).text
        assert "4400.00 kg" in shown
        assert keeper.post(f"{here}/enter/level", {"level_mm": "1001", "act_key": "L"}).status_code == 422
        assert "4400.00" in keeper.get(f"{here}/days?month=2026-11").text
        assert "4400.00" in keeper.get(f"{here}/entries.csv").data.decode("utf-8-sig")
        assert keeper.get(f"{here}/days.xlsx?month=2026-11").data[:2] == b"PK"
        assert "TK-07" in keeper.get(f"/stores/{farm.id}").text


def test_the_label_names_the_waste_and_its_code_opens_the_page(app, world, keep):
    tank = keep.tank()
    answer = sit_down(Browser(app), world.people["factory"]).get(f"/tanks/{tank.id}/label.pdf")
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    for word in ("危险废物", "TK-01", "900-249-08", "化工厂（演示）"):
        assert word in text
    (address,) = scanned(picture(answer.data))
    assert address.endswith(f"/T/{tank.code}")


def test_an_alarm_leads_to_the_tank_and_a_warning_says_since_when(app, world, keep):
    tank = keep.tank()
    keep.inflow(tank, "7 t")
    with time_machine.travel(NOON, tick=False):
        alarms = sit_down(Browser(app, "en"), world.people["county"]).get("/alerts").text
    assert "Tank TK-01 holds 7000.00 kg, 77 % of its usable volume; its high-level limit is 8100.00 kg." in alarms
    assert f"/tanks/{tank.id}" in alarms
    assert "Becomes an alarm:" not in alarms
