"""A trailer beside a tractor or truck: drafted, judged at the signature, loaded, found, printed."""

import json
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import NOON
from tests.living import sit_down
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests import queries
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Vehicle

pytestmark = pytest.mark.store
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def vehicle(world, work_as):
    """Enter another vehicle of the carrier."""

    def enter(plate, kind=None, capacity="8000", **given):
        command = parties.AddVehicle(
            organisation_id=world.id("carrier"), plate=plate, kind=kind, permit_no=f"YSZ{plate[2:5]}",
            permit_until=date(2028, 12, 31), capacity_g=capacity, **given,
        )  # fmt: skip
        with work_as(world.people["system_admin"]) as work:
            return parties.add_vehicle(work, command)

    return enter


@pytest.fixture
def tractor(vehicle):
    return vehicle("冀A54321", VehicleKind.TRACTOR, None)


@pytest.fixture
def trailer(vehicle):
    return vehicle("冀J1234挂")


def refusal(do, *given, **more):
    with pytest.raises(Refusal) as caught:
        do(*given, **more)
    return [(one.code, one.field) for one in caught.value.problems]


def change(work_as, row, **values):
    with work_as() as work:
        for name, value in values.items():
            setattr(work.session.get_one(Vehicle, row.id), name, value)


def test_a_tractor_may_be_drafted_alone_and_is_signed_with_its_trailer(trade, tractor, trailer, session):
    boxes = trade.boxes(1)
    draft = trade.draft(boxes, vehicle_id=tractor.id)
    assert refusal(trade.sign, draft) == [("manifest.trailer_missing", "trailer_id")]
    other = trade.boxes(1)
    signed = trade.signed(other, vehicle_id=tractor.id, trailer_id=trailer.id)
    assert signed.state == "signed"
    drafted = session.scalars(
        select(LedgerEvent.facts).where(LedgerEvent.stream == f"manifest:{signed.id}", LedgerEvent.seq == 1)
    ).one()
    assert json.loads(drafted)["trailer_id"] == str(trailer.id)


def test_a_truck_may_have_a_trailer_and_goes_with_it(trade, trailer):
    boxes = trade.boxes(1)
    assert trade.arrive(trade.depart(trade.load(trade.signed(boxes, trailer_id=trailer.id), *boxes))).state == "arrived"


def test_a_trailer_is_never_the_vehicle_and_a_truck_never_the_trailer(trade, tractor, trailer):
    truck = trade.world.vehicles["truck"]
    assert refusal(trade.draft, vehicle_id=trailer.id) == [("manifest.trailer_alone", "vehicle_id")]
    assert refusal(trade.draft, trailer_id=tractor.id) == [("manifest.not_a_trailer", "trailer_id")]
    assert refusal(trade.draft, vehicle_id=tractor.id, trailer_id=truck.id) == [
        ("manifest.not_a_trailer", "trailer_id")
    ]
    assert refusal(trade.draft, trailer_id=trade.world.id("carrier")) == [("manifest.unknown_entry", "trailer_id")]


def test_the_papers_of_both_are_asked_also_when_it_is_loaded_and_departs(trade, tractor, trailer, work_as):
    boxes = trade.boxes(2)
    signed = trade.signed(boxes, vehicle_id=tractor.id, trailer_id=trailer.id)
    loaded = trade.load(signed, boxes[0])
    change(work_as, trailer, permit_until=YESTERDAY)
    assert refusal(trade.load, loaded, boxes[1]) == [("manifest.permit_expired", "trailer_id")]
    change(work_as, tractor, permit_until=YESTERDAY)
    assert refusal(trade.depart, loaded, leave_behind=True) == [
        ("manifest.permit_expired", "vehicle_id"),
        ("manifest.permit_expired", "trailer_id"),
    ]


def test_the_load_is_compared_to_what_carries_it(trade, tractor, trailer, work_as):
    change(work_as, trailer, capacity_g=6_999)
    alone = trade.draft(trade.boxes(2), vehicle_id=tractor.id, trailer_id=trailer.id)
    assert refusal(trade.sign, alone) == [("manifest.overloaded", "trailer_id")]
    change(work_as, trailer, capacity_g=7_000)
    trade.sign(alone)


def test_a_trailer_is_not_overloaded_by_the_loads_of_several_manifests(trade, tractor, trailer, work_as, session):
    first, second = trade.boxes(1), trade.boxes(1)
    change(work_as, trailer, capacity_g=6_999)
    coupled = {"vehicle_id": tractor.id, "trailer_id": trailer.id}
    trade.depart(trade.load(trade.signed(first, **coupled), *first))
    loaded = trade.load(trade.signed(second, **coupled), *second)
    assert refusal(trade.depart, loaded) == [("manifest.overloaded", "trailer_id")]


def test_the_mark_for_medical_waste_is_that_of_what_carries(trade, tractor, trailer, work_as, session):
    made = trade.draft(trade.boxes(1), vehicle_id=tractor.id, trailer_id=trailer.id)
    for tractor_fit, trailer_fit in ((True, False), (False, True)):
        change(work_as, tractor, medical=tractor_fit)
        change(work_as, trailer, medical=trailer_fit)
        session.rollback()
        whole = queries.sheet(session, session.get_one(type(made), made.id, populate_existing=True))
        assert queries.transport(session, whole, NOON).vehicles.for_medical is trailer_fit


def test_both_plates_stand_on_the_form_the_pages_and_the_check(app, trade, world, tractor, trailer, session):
    boxes = trade.boxes(1)
    made = trade.signed(boxes, vehicle_id=tractor.id, trailer_id=trailer.id)
    manager, driver = (sit_down(Browser(app, "en"), world.people[who]) for who in ("manager", "driver"))
    pdf = manager.get(f"/manifests/{made.id}/print.pdf")
    text = PdfReader(BytesIO(pdf.data)).pages[0].extract_text()
    assert "牵引车带挂车" in text
    for plate in ("冀A54321", "冀J1234挂"):
        assert plate in text
    both = "冀A54321 + 冀J1234挂"
    for browser, path in (
        (manager, f"/manifests/{made.id}"), (driver, "/trips"), (driver, f"/manifests/{made.id}"),
    ):  # fmt: skip
        assert both in browser.get(path).text, path
    token = queries.newest_print(session, made.id).token
    assert both in Browser(app, "en").get(f"/v/{token}").text


def test_a_load_is_found_by_the_plate_of_its_trailer(trade, world, tractor, trailer, session):
    made = trade.signed(trade.boxes(1), vehicle_id=tractor.id, trailer_id=trailer.id)
    trade.signed(trade.boxes(1))
    for text in ("J1234", "A54321"):
        found = queries.find(session, world.people["county"], queries.Filter(plate=text))
        assert [(row.manifest.id, row.plate) for row in found.rows] == [(made.id, "冀A54321 + 冀J1234挂")]


def test_the_form_offers_trailers_beside_and_not_as_vehicle(app, world, trade, trailer):
    trade.boxes(1)
    w = world
    chosen = f"facility_id={w.stores['hospital'].id}&carrier_id={w.id('carrier')}&receiver_id={w.id('plant')}"
    page = sit_down(Browser(app, "en"), world.people["manager"]).get(f"/manifests/new?{chosen}").text
    vehicles = page.partition('name="vehicle_id"')[2].partition("</select>")[0]
    trailers = page.partition('name="trailer_id"')[2].partition("</select>")[0]
    assert str(trailer.id) not in vehicles
    assert str(trailer.id) in trailers
    assert str(w.vehicles["truck"].id) not in trailers
