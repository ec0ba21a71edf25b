"""Stores, fleet, licences and accounts from files: what is new, what changes, what an import leaves as it is."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import WorkAs
from tests.features.imports.conftest import Counts, Desk
from tests.features.imports.files import hospital, text, workbook
from tests.world import credit_code
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.imports import ImportKind
from wastetrack.domain.plates import VehicleKind
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.imports import service
from wastetrack.features.parties.models import CrewMember, Facility, Licence, Organisation, Site, Vehicle

HOSPITAL, CARRIER, PLANT, STATION = (credit_code(number) for number in (1, 2, 3, 4))
SITE = {
    "organisation": HOSPITAL,
    "site": "本部",
    "code": "TS001",
    "name": "暂存间",
    "kind": "医疗废物暂存间",
    "mass_limit": "500",
}
TRUCK = {
    "organisation": CARRIER, "plate": "冀A12345", "permit_no": "YSZ0001", "permit_until": "2028-12-31",
    "capacity": "8000",
}  # fmt: skip
DRIVER = {
    "organisation": CARRIER, "role": "驾驶员", "name": "演示驾驶员", "phone": "0311-00000002", "permit_no": "CY0001",
    "permit_until": "2028年12月31日",
}  # fmt: skip
LICENCE = {
    "organisation": PLANT, "kind": "危险废物经营许可证", "number": "冀危许YS0001", "valid_from": "2025/1/1",
    "valid_until": "20281231", "scope": "HW01 900-249-08", "modes": "Y10、D10 焚烧", "yearly_quantity": "20000",
}  # fmt: skip
PERSON = {"username": "zhang.demo", "name": "演示人员", "roles": "单位管理员、收集员", "organisation": HOSPITAL}


@pytest.fixture(autouse=True)
def parties(desk: Desk, keeper: Actor) -> None:
    """A hospital, a carrier, a plant and a station."""
    kinds = ("医院", "运输单位", "处置(利用)单位", "乡镇医疗废物周转站")
    rows = [hospital(number, kinds=kind, name=kind) for number, kind in enumerate(kinds, start=1)]
    assert desk.bring(keeper, ImportKind.ORGANISATIONS, text(rows)).new == 4


def test_a_site_comes_with_its_stores(desk: Desk, keeper: Actor, counts: Counts, session: Session) -> None:
    second = SITE | {"code": "TS002", "mass_limit": ""}
    alone = dict.fromkeys(SITE, "") | {"organisation": HOSPITAL, "site": "分部"}
    file = text([SITE, second, alone])
    assert counts(desk.bring(keeper, ImportKind.SITES, file)) == (3, 0, 0, 0, 0)
    assert sorted(session.scalars(select(Site.name))) == ["分部", "本部"]
    assert session.scalars(select(Facility.mass_limit_g).order_by(Facility.code)).all() == [500_000, None]
    assert counts(desk.bring(keeper, ImportKind.SITES, file)) == (0, 0, 3, 0, 0)


def test_other_limits_change_a_store_and_another_address_its_site(desk: Desk, keeper: Actor, session: Session) -> None:
    desk.bring(keeper, ImportKind.SITES, text([SITE]))
    file = text([SITE | {"mass_limit": "700", "volume_limit": "2000", "address": "演示路9号"}])
    assert desk.bring(keeper, ImportKind.SITES, file).changed == 1
    store = session.scalars(select(Facility)).one()
    assert (store.mass_limit_g, store.volume_limit_l) == (700_000, 2000)
    assert session.scalars(select(Site.address)).one() == "演示路9号"
    only_site = text([SITE | {"address": "演示路10号"}])
    assert desk.bring(keeper, ImportKind.SITES, only_site).changed == 1
    assert desk.bring(keeper, ImportKind.SITES, only_site).same == 1


def test_a_store_that_does_not_belong_to_such_an_organisation_is_named(desk: Desk, keeper: Actor) -> None:
    one = desk.send(keeper, ImportKind.SITES, text([SITE | {"kind": "乡镇周转站贮存间"}]))
    assert desk.said(one) == {2: [("kind", "facility.kind")]}


def test_a_clinic_hands_in_at_a_station_that_was_imported(desk: Desk, keeper: Actor, session: Session) -> None:
    desk.bring(keeper, ImportKind.SITES, text([SITE | {"organisation": STATION, "kind": "乡镇周转站贮存间"}]))
    clinic = hospital(9, kinds="诊所", credit_code="", medical_licence_no="PDY00000130123", station=STATION, beds="")
    assert desk.bring(keeper, ImportKind.ORGANISATIONS, text([clinic])).new == 1
    made = session.scalars(select(Organisation).where(Organisation.medical_licence_no == "PDY00000130123")).one()
    assert made.station_facility_id == session.scalars(select(Facility.id)).one()
    assert desk.send(keeper, ImportKind.ORGANISATIONS, text([clinic])).same == 1


@pytest.mark.parametrize("plate", ["冀a·12345", "冀 A 12345", "冀A.12345", "冀Ａ１２３４５"])
def test_a_plate_is_the_same_however_it_is_written(desk: Desk, keeper: Actor, counts: Counts, plate: str) -> None:
    desk.bring(keeper, ImportKind.VEHICLES, text([TRUCK]))
    assert counts(desk.bring(keeper, ImportKind.VEHICLES, text([TRUCK | {"plate": plate}]))) == (0, 0, 1, 0, 0)


def test_a_new_permit_changes_the_vehicle(desk: Desk, keeper: Actor, session: Session) -> None:
    desk.bring(keeper, ImportKind.VEHICLES, workbook([TRUCK | {"permit_until": date(2027, 6, 30), "capacity": 8000}]))
    assert desk.bring(keeper, ImportKind.VEHICLES, text([TRUCK])).changed == 1
    assert session.scalars(select(Vehicle.permit_until)).one() == date(2028, 12, 31)


def test_the_kind_of_a_vehicle_is_read_and_told_by_its_plate_where_it_is_left_out(
    desk: Desk, keeper: Actor, counts: Counts, session: Session
) -> None:
    rows = [
        TRUCK | {"kind": ""},
        TRUCK | {"plate": "冀A54321", "permit_no": "YSZ0002", "kind": "牵引车", "capacity": ""},
        TRUCK | {"plate": "冀J1234挂", "permit_no": "YSZ0003", "kind": ""},
        TRUCK | {"plate": "冀J5678挂", "permit_no": "YSZ0004", "kind": "trailer"},
    ]
    assert counts(desk.bring(keeper, ImportKind.VEHICLES, text(rows))) == (4, 0, 0, 0, 0)
    kinds = dict(session.execute(select(Vehicle.plate, Vehicle.kind)).tuples().all())
    assert kinds == {
        "冀A12345": VehicleKind.TRUCK, "冀A54321": VehicleKind.TRACTOR, "冀J1234挂": VehicleKind.TRAILER,
        "冀J5678挂": VehicleKind.TRAILER,
    }  # fmt: skip
    assert counts(desk.bring(keeper, ImportKind.VEHICLES, text(rows))) == (0, 0, 4, 0, 0)
    later = [rows[0] | {"kind": "牵引车", "capacity": ""}, rows[1] | {"kind": ""}]
    assert counts(desk.bring(keeper, ImportKind.VEHICLES, text(later))) == (0, 1, 1, 0, 0)


def test_what_is_wrong_with_a_vehicle_stands_at_its_column(desk: Desk, keeper: Actor) -> None:
    rows = [
        TRUCK | {"kind": "挂车"},
        TRUCK | {"plate": "冀A1234警", "permit_no": "YSZ0002"},
        TRUCK | {"plate": "冀A54321", "permit_no": "YSZ0003", "kind": "牵引车"},
        TRUCK | {"plate": "冀A67890", "permit_no": "YSZ0004", "capacity": ""},
    ]
    one = desk.send(keeper, ImportKind.VEHICLES, text(rows))
    assert desk.said(one) == {
        2: [("kind", "plate.not_trailer")], 3: [("plate", "plate.not_for_waste")],
        4: [("capacity", "vehicle.capacity")], 5: [("capacity", "vehicle.capacity")],
    }  # fmt: skip


def test_a_plate_of_another_carrier_is_named(desk: Desk, keeper: Actor) -> None:
    desk.bring(keeper, ImportKind.VEHICLES, text([TRUCK]))
    other = hospital(8, kinds="运输单位")
    desk.bring(keeper, ImportKind.ORGANISATIONS, text([other]))
    one = desk.send(keeper, ImportKind.VEHICLES, text([TRUCK | {"organisation": credit_code(8)}]))
    assert desk.said(one) == {2: [("plate", "plate.taken")]}


def test_crew_is_known_by_the_permit(desk: Desk, keeper: Actor, counts: Counts, session: Session) -> None:
    desk.bring(keeper, ImportKind.CREW, text([DRIVER]))
    assert counts(desk.bring(keeper, ImportKind.CREW, text([DRIVER]))) == (0, 0, 1, 0, 0)
    one = desk.bring(keeper, ImportKind.CREW, text([DRIVER | {"phone": "0311-00000009", "role": "押运员"}]))
    assert desk.said(one) == {2: [("role", "import.left")]}
    assert session.scalars(select(CrewMember.phone)).one() == "0311-00000009"


def test_a_licence_is_read_with_its_scope_and_modes(desk: Desk, keeper: Actor, session: Session) -> None:
    assert desk.bring(keeper, ImportKind.LICENCES, text([LICENCE])).new == 1
    made = session.scalars(select(Licence)).one()
    assert (made.scope, made.modes, made.yearly_quantity_g) == ("HW01 900-249-08", "D10 Y10", 20_000_000_000)


def test_new_days_change_a_licence_and_another_scope_is_left(desk: Desk, keeper: Actor, session: Session) -> None:
    desk.bring(keeper, ImportKind.LICENCES, text([LICENCE]))
    one = desk.bring(keeper, ImportKind.LICENCES, text([LICENCE | {"valid_until": "2030-12-31", "scope": "HW01"}]))
    assert desk.said(one) == {2: [("scope", "import.left")]}
    made = session.scalars(select(Licence)).one()
    assert (made.valid_until, made.scope) == (date(2030, 12, 31), "HW01 900-249-08")


def test_a_scope_that_names_no_code_is_wrong_and_one_that_the_list_lacks_is_asked_about(
    desk: Desk, keeper: Actor
) -> None:
    rows = [LICENCE | {"scope": "HW01 HW99 12345"}, LICENCE | {"number": "冀危许YS0002", "scope": "HW01 999-999-08"}]
    one = desk.send(keeper, ImportKind.LICENCES, text(rows))
    assert (one.new, one.wrong) == (1, 1)
    said = desk.said(one)
    assert {column for column, _code in said[2]} == {"scope"}
    assert said[3] == [("scope", "import.unlisted")]


def test_accounts_come_without_a_password_and_are_given_one_each(
    desk: Desk, keeper: Actor, warden: Actor, work_as: WorkAs, session: Session
) -> None:
    one = desk.bring(warden, ImportKind.USERS, text([PERSON]))
    made = account_queries.by_username(session, "zhang.demo")
    assert account_queries.roles_of(session, made.id) == {Role.MANAGER, Role.COLLECTOR}
    assert accounts.proven(session, "zhang.demo", "") is None
    with work_as(warden) as work:
        ((user, password),) = service.give_passwords(work, desk.files, service.GivePasswords(import_id=one.id))
        assert user.must_change_password
        assert accounts.proven(work.session, "zhang.demo", password) is not None
        assert service.give_passwords(work, desk.files, service.GivePasswords(import_id=one.id)) == []


def test_an_account_that_is_there_is_not_changed(desk: Desk, warden: Actor, counts: Counts) -> None:
    desk.bring(warden, ImportKind.USERS, text([PERSON]))
    one = desk.bring(warden, ImportKind.USERS, text([PERSON | {"roles": "收集员"}, PERSON | {"username": "li.demo"}]))
    assert counts(one) == (1, 0, 0, 1, 0)
    assert desk.said(one) == {2: [("roles", "import.left")]}


def test_a_regulator_and_a_driver_are_imported_too(desk: Desk, keeper: Actor, warden: Actor, session: Session) -> None:
    desk.bring(keeper, ImportKind.CREW, text([DRIVER]))
    driver = {
        "username": "driver.demo",
        "name": "演示驾驶员",
        "roles": "驾驶员",
        "organisation": CARRIER,
        "crew": "CY0001",
    }
    regulator = {"username": "county.demo", "name": "演示监管", "roles": "监管人员", "region_code": "正定县"}
    titles = dict.fromkeys([*driver, *regulator], "")
    assert desk.bring(warden, ImportKind.USERS, text([titles | driver, titles | regulator])).new == 2
    assert account_queries.by_username(session, "county.demo").region_code == "130123"
    assert account_queries.by_username(session, "driver.demo").crew_id is not None


def test_nobody_becomes_an_administrator_by_a_file(desk: Desk, warden: Actor) -> None:
    row = {"username": "root.demo", "name": "演示", "roles": "安全管理员", "organisation": ""}
    assert desk.send(warden, ImportKind.USERS, text([row])).wrong == 1


def test_each_administrator_imports_only_what_is_his(desk: Desk, keeper: Actor, warden: Actor) -> None:
    for actor, kind in ((keeper, ImportKind.USERS), (warden, ImportKind.ORGANISATIONS)):
        with pytest.raises(Exception, match=r"access\.forbidden"):
            desk.send(actor, kind, text([PERSON if kind is ImportKind.USERS else hospital(7)]))
