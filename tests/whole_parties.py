"""What the parties do on the whole day of `tests.whole`: every one of their tables comes to hold something.

Nothing of it is in the way of what is registered, carried and treated on that day.
"""

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.conftest import NOON
from tests.world import COUNTY, OTHER_COUNTY, credit_code
from wastetrack.domain.access import APPLICANT
from wastetrack.domain.admission import FORGOTTEN_AFTER
from wastetrack.domain.parties import FacilityKind, LicenceKind, OrganisationKind, OrganisationState, Temperature
from wastetrack.domain.scans import PaperKind
from wastetrack.domain.storage_time import StoreGroup
from wastetrack.domain.supervision import Ordered
from wastetrack.features.accounts import service as accounts
from wastetrack.features.fleet import service as fleet
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.service import admission
from wastetrack.infra.files import Files
from wastetrack.infra.ids import new_token

if TYPE_CHECKING:
    from tests.whole import Day

TODAY = date(2026, 11, 23)
PAPER = {"document": "石环字〔2026〕1号", "document_day": date(2026, 1, 10)}
ADMIN, HOSPITAL = "system_admin", "hospital"


def the_parties(day: "Day") -> None:
    """Enter, change, ask and withdraw all that organisations have."""
    _organisations(day)
    _places(day)
    _limits(day)
    _fleet(day)
    _papers(day)
    _scans(day)
    _asked(day)


def _organisations(day: "Day") -> None:
    """One is changed, suspended and made active again; the class of another is fixed."""
    before = day.world.organisations["elsewhere"] = day.act(
        ADMIN, parties.create_organisation, parties.CreateOrganisation, 0, **_form(30, name="演示外县医院"),
        latitude_e6="38.1", longitude_e6="114.5", industry_code="Q8411", industry_name="综合医院",
    )  # fmt: skip
    given = _form(30, name="演示外县医院", kinds={OrganisationKind.HOSPITAL, OrganisationKind.DISPOSER}, beds=80)
    day.act(ADMIN, parties.change_organisation, parties.ChangeOrganisation, 1, organisation_id=before.id,
            version=before.version, **given)  # fmt: skip
    for state in (OrganisationState.SUSPENDED, OrganisationState.ACTIVE):
        day.act(ADMIN, parties.set_organisation_state, parties.SetOrganisationState, 2, organisation_id=before.id,
                state=state, reason="核对")  # fmt: skip
    given = {"ordered": Ordered.KEY, "valid_from": TODAY, "document": "冀环办〔2026〕7号"}
    day.act(ADMIN, parties.fix_supervision, parties.FixSupervision, 2, organisation_id=before.id, **given)


def _places(day: "Day") -> None:
    """A site with its store moves elsewhere; the store becomes another one; its sign is made anew."""
    one = {"organisation_id": day.world.id("elsewhere")}
    site = day.act(
        ADMIN, parties.add_site, parties.AddSite, 2, **one, name="东院", region_code=COUNTY, address="东路1号"
    )
    store = day.act(ADMIN, parties.add_facility, parties.AddFacility, 2, **one, site_id=site.id, name="东院暂存间",
                    code="TS002", kind=FacilityKind.MEDICAL_STORE, mass_limit_g="100")  # fmt: skip
    day.world.stores["elsewhere"] = store
    day.act(ADMIN, parties.change_site, parties.ChangeSite, 3, **one, site_id=site.id, name="西院",
            region_code=OTHER_COUNTY, address="西路1号", reason="迁址")  # fmt: skip
    day.act(ADMIN, parties.change_facility, parties.ChangeFacility, 3, **one, facility_id=store.id, count_limit=40,
            kind=FacilityKind.MEDICAL_STORE, temperature=Temperature.COLD, volume_limit_l=900,
            reason="改造")  # fmt: skip
    day.act(ADMIN, parties.reissue_presence_code, parties.ReissuePresenceCode, 4, **one, facility_id=store.id,
            reason="遗失")  # fmt: skip
    given = {"facility_id": store.id, "name": "甲区"}
    zone = day.act(ADMIN, parties.add_zone, parties.AddZone, 4, **one, **given)
    closing = parties.close_zone, parties.CloseZone
    day.act(ADMIN, *closing, 4.1, **one, facility_id=store.id, zone_id=zone.id)
    day.act(ADMIN, parties.add_zone, parties.AddZone, 4.2, **one, **given)
    day.act(ADMIN, *closing, 4.3, **one, facility_id=store.id, zone_id=zone.id)
    day.act(ADMIN, parties.add_department, parties.AddDepartment, 4, **one, name="急诊")


def _limits(day: "Day") -> None:
    """A store and a region set time limits, where nothing stands that they concern."""
    store = day.world.stores["elsewhere"]
    with day.work_as(day.world.people[ADMIN], _at(5)) as work:
        for hours in (24, 36):
            command = parties.SetTimeLimit(
                organisation_id=store.organisation_id, facility_id=store.id, hours=hours, first_day=TODAY,
                last_day=TODAY + timedelta(days=200), reason="演示", **PAPER,
            )  # fmt: skip
            parties.set_time_limit(work, command)
    with day.work_as(day.world.people["approver"], _at(5)) as work:
        of_region = parties.SetRegionTimeLimit(
            region_code=COUNTY,
            stores=StoreGroup.PLANT,
            hours=20,
            first_day=TODAY,
            last_day=None,
            reason="演示",
            **PAPER,
        )
        parties.set_region_time_limit(work, of_region)


def _fleet(day: "Day") -> None:
    """A vehicle and a driver are entered and get new permits."""
    one = {"organisation_id": day.world.id("carrier")}
    permit = {"permit_no": "YSZ0077", "permit_until": date(2028, 6, 30)}
    truck = day.act(
        ADMIN, parties.add_vehicle, parties.AddVehicle, 0, **one, plate="冀A77777", capacity_g="5000", **permit
    )
    new = {**permit, "permit_no": "YSZ0078"}
    day.act(ADMIN, parties.change_vehicle, parties.ChangeVehicle, 1, **one, vehicle_id=truck.id, capacity_g="6000",
            medical=True, **new)  # fmt: skip
    given = {"name": "演示替班", "phone": "0311-00000077"}
    driver = day.act(ADMIN, parties.add_crew_member, parties.AddCrewMember, 0, **one, role="driver", **given, **permit)
    day.act(ADMIN, parties.change_crew_member, parties.ChangeCrewMember, 1, **one, crew_id=driver.id, **given, **new)


def cleaned(day: "Day") -> None:
    """Clean the truck after its loads were received, entered in the evening; then it carries once more."""
    truck = day.world.vehicles["truck"]
    day.act("driver", fleet.clean, fleet.CleanVehicle, 11, vehicle_id=truck.id, cleaned_at=_at(7), note="演示")
    last = day.bag()
    day.receive(day.depart([last], _at(12)), last, _at(13))


def _papers(day: "Day") -> None:
    """A licence and a contract are prolonged; a plan is filed, and filed again."""
    dates = {"valid_from": TODAY, "valid_until": date(2027, 12, 31)}
    longer = {**dates, "valid_until": date(2028, 12, 31), "reason": "续期"}
    plant, hospital = day.world.id("plant"), day.world.id(HOSPITAL)
    licence = day.act(ADMIN, parties.add_licence, parties.AddLicence, 0, organisation_id=plant, number="冀排许YS0009",
                      kind=LicenceKind.POLLUTION, **dates)  # fmt: skip
    day.act(ADMIN, parties.change_licence_dates, parties.ChangeLicenceDates, 1, organisation_id=plant,
            licence_id=licence.id, **longer)  # fmt: skip
    contract = day.act("manager", parties.add_contract, parties.AddContract, 0, organisation_id=hospital,
                       partner_id=day.world.id("carrier"), number="合YS0009", scope="HW01", **dates)  # fmt: skip
    day.act("manager", parties.change_contract, parties.ChangeContract, 1, organisation_id=hospital,
            contract_id=contract.id, **longer)  # fmt: skip
    line = {"waste_code": "841-001-01", "receiver_id": plant, "mass_g": "5"}
    lines = {0: line, 1: {"waste_code": "841-002-01", "mass_g": "2"}}
    for version, reason in ((0, ""), (1, "增加")):
        day.act("manager", parties.file_plan, parties.FilePlan, 1, organisation_id=hospital, year=2026, version=version,
                filed_on=TODAY, reason=reason, lines=lines)  # fmt: skip


def _scans(day: "Day") -> None:
    """Two scans of a vehicle's permit are kept, one is withdrawn."""
    truck = day.world.vehicles["truck"]
    one = {"organisation_id": truck.organisation_id}
    with TemporaryDirectory() as folder:

        def keep(work: Any, command: parties.AddScan) -> Any:
            return parties.add_scan(work, Files(Path(folder)), command)

        kept = [
            day.act(ADMIN, keep, parties.AddScan, 1, **one, paper=PaperKind.VEHICLE, paper_id=truck.id,
                    file_name="许可证.png", file=_picture(size))
            for size in (40, 50)
        ]  # fmt: skip
    day.act(ADMIN, parties.withdraw_scan, parties.WithdrawScan, 2, **one, scan_id=kept[1].id, reason="看不清")


def _asked(day: "Day") -> None:
    """Of those who ask one is admitted, one refused and asks again, one withdraws and is forgotten, one is refused."""
    admitted, again, gone, refused = (_form(40 + number) for number in range(4))
    for given in (admitted, again, gone, refused):
        given |= {"manager_name": "演示李四", "manager_username": f"li.si.{given['credit_code'][-3:]}".lower()}
        given["reference"] = new_token()
    asked = [_ask(day, parties.ask_admission, given) for given in (admitted, again, refused)]
    day.act("approver", accounts.accept_request, accounts.AcceptRequest, 1, request_id=asked[0].id,
            version=asked[0].version, username=admitted["manager_username"])  # fmt: skip
    for one in asked[1:]:
        day.act("approver", parties.refuse_request, parties.RefuseRequest, 1, request_id=one.id, version=one.version,
                reason="代码与执照不符")  # fmt: skip
    _ask(day, parties.ask_again, {**again, "address": "演示路9号"}, 2)
    long_ago = -24 * (FORGOTTEN_AFTER.days + 1)
    _ask(day, parties.ask_admission, gone, long_ago)
    with day.work_as(APPLICANT, _at(long_ago)) as work:
        parties.withdraw(work, parties.Withdraw(reference=gone["reference"]))
    with day.work_as(APPLICANT, _at(3)) as work:
        assert admission.forget_requests(work) == 1


def _ask(day: "Day", do: Any, given: dict[str, Any], hours: float = 0) -> Any:
    with day.work_as(APPLICANT, _at(hours)) as work:
        return do(work, parties.AskAdmission(**given))


def _at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def _form(number: int, **given: Any) -> dict[str, Any]:
    code = credit_code(number)
    return {"name": f"演示新医院{number}", "kinds": {OrganisationKind.HOSPITAL}, "credit_code": code,
            "region_code": COUNTY, "beds": 30, "address": "演示路8号", "contact": "演示张三",
            "phone": "0311-00000008", "emergency_phone": "0311-00000009", **given}  # fmt: skip


def _picture(size: int) -> bytes:
    made = io.BytesIO()
    Image.radial_gradient("L").resize((size, size)).save(made, "PNG")
    return made.getvalue()
