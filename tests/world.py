"""A small working world built by the services themselves: every kind of party, with people who can sign in.

For tests that need the whole chain. Names are invented; every account's password is PASSWORD.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from wastetrack.domain.access import REGULATORS, SYSTEM, Actor, Role
from wastetrack.domain.credit_code import check_character, organisation_check
from wastetrack.domain.parties import CrewRole, FacilityKind, LicenceKind, OrganisationKind
from wastetrack.domain.security import PasswordRules, SecondFactorRule
from wastetrack.domain.signing import signatures_of
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import SecurityPolicy
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import CrewMember, Facility, Organisation, Vehicle
from wastetrack.features.signing import queries as signing_queries
from wastetrack.features.signing import service as signing
from wastetrack.infra.work import Work

PASSWORD = "Demo-Pass-2026"
OFFERED = accounts.SetPolicy(
    passwords=PasswordRules.CLASSIFIED,
    change_after_days=365,
    second_factor=SecondFactorRule.OFFERED,
    reason="演示",
)
"""So that a name and a password are enough, and none has to be changed within the years that tests travel."""
LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CITY, COUNTY, TOWN, OTHER_COUNTY, OTHER_CITY = "130100", "130123", "130123100", "130102", "130200"
"""石家庄市, its 正定县 with a town of it, its 长安区, and 唐山市."""

_K = OrganisationKind


def credit_code(number: int, prefix: str = "12130123") -> str:
    """Return a synthetic code with both check characters right."""
    body = f"MA{number:06}"
    first = f"{prefix}{body}{organisation_check(body)}"
    return first + check_character(first)


def offered(work: Work) -> None:
    """Choose that a name and a password are enough, where nobody has chosen yet."""
    if work.session.get(SecurityPolicy, 1) is None:
        security = Actor(None, "演示安全管理员", frozenset({Role.SECURITY_ADMIN}))
        accounts.set_policy(replace(work, actor=security), OFFERED)


def bound(work: Work, who: Actor) -> None:
    """Have somebody accept the agreement on electronic signatures; what he may sign came with his account."""
    if signatures_of(who.roles):
        current = signing_queries.in_force(work.session, local_day(work.now))
        signing.accept(replace(work, actor=who), signing.AcceptAgreement(agreement=current.version))


@dataclass
class World:
    """Who and what there is, by short names."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    stores: dict[str, Facility] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    crew: dict[str, CrewMember] = field(default_factory=dict)

    def id(self, name: str) -> UUID:
        """Return the identity of an organisation."""
        return self.organisations[name].id


def build(work_as, now: datetime = LONG_AGO) -> World:  # type: ignore[no-untyped-def]
    """Make the world: hospital, two clinics, their station, carrier, plant, factory, regulators, administrators."""
    world = World()
    with work_as(SYSTEM, now) as work:
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            accounts.create_administrator(
                work,
                accounts.CreateAccount(username=role.value.replace("_", "."), name=f"演示-{role.value}", roles={role}),
                password=PASSWORD,
                must_change=False,
            )
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        with work_as(SYSTEM, now) as work:
            user = account_queries.by_username(work.session, role.value.replace("_", "."))
            world.people[role.value] = account_queries.actor_of(work.session, user.id)
    with work_as(world.people["security_admin"], now) as work:
        offered(work)
    _parties(world, work_as, now)
    _accounts(world, work_as, now)
    return world


def _parties(world: World, work_as, now: datetime) -> None:  # type: ignore[no-untyped-def]
    with work_as(world.people["system_admin"], now) as work:

        def organisation(name, kinds, region=COUNTY, beds=None, station=None, prefix="12130123"):  # type: ignore[no-untyped-def]
            return parties.create_organisation(
                work,
                parties.CreateOrganisation(
                    name=f"{name}（演示）", kinds=kinds, credit_code=credit_code(len(world.organisations) + 1, prefix),
                    region_code=region, address="演示路1号", contact="演示联系人", phone="0311-00000000",
                    emergency_phone="0311-00000001", beds=beds, station_facility_id=station,
                ),
            )  # fmt: skip

        def store(name, owner, kind, mass_limit="500", region=None):  # type: ignore[no-untyped-def]
            one = world.organisations[owner]
            site = parties.add_site(
                work,
                parties.AddSite(
                    organisation_id=one.id, name="本部", region_code=region or one.region_code, address="演示路1号"
                ),
            )
            world.stores[name] = parties.add_facility(
                work,
                parties.AddFacility(
                    organisation_id=one.id, site_id=site.id, name=f"{one.name}暂存间", code="TS001", kind=kind,
                    mass_limit_g=mass_limit,
                ),
            )  # fmt: skip

        organisations = world.organisations
        organisations["hospital"] = organisation("正定县医院", {_K.HOSPITAL}, beds=300)
        for ward in ("内科", "外科", "手术室"):
            parties.add_department(work, parties.AddDepartment(organisation_id=world.id("hospital"), name=ward))
        store("hospital", "hospital", FacilityKind.MEDICAL_STORE)
        organisations["station"] = organisation("城关周转站", {_K.STATION}, region=TOWN)
        store("station", "station", FacilityKind.STATION_STORE)
        for clinic in ("clinic_a", "clinic_b"):
            organisations[clinic] = organisation(
                "甲诊所" if clinic == "clinic_a" else "乙诊所", {_K.CLINIC}, region=TOWN, beds=0,
                station=world.stores["station"].id,
            )  # fmt: skip
            store(clinic, clinic, FacilityKind.MEDICAL_STORE, "50")
        organisations["plant"] = organisation("焚烧处置中心", {_K.DISPOSER}, region=OTHER_COUNTY, prefix="91130102")
        store("plant", "plant", FacilityKind.PLANT_STORE, "20000")
        organisations["carrier"] = organisation("危废运输公司", {_K.CARRIER}, region=OTHER_COUNTY, prefix="91130102")
        organisations["factory"] = organisation("化工厂", {_K.ENTERPRISE}, prefix="91130123")
        store("factory", "factory", FacilityKind.WAREHOUSE, "50000")
        _papers(world, work)


def _papers(world: World, work) -> None:  # type: ignore[no-untyped-def]
    until = date(2028, 12, 31)
    parties.add_licence(
        work,
        parties.AddLicence(
            organisation_id=world.id("plant"), kind=LicenceKind.OPERATING, number="冀危许YS0001",
            valid_from=date(2025, 1, 1),
            valid_until=until, yearly_quantity_g="20000", scope="HW01 HW06 HW08",
            modes={TreatmentMode.Y10, TreatmentMode.D10},
        ),
    )  # fmt: skip
    parties.add_licence(
        work,
        parties.AddLicence(
            organisation_id=world.id("carrier"), kind=LicenceKind.TRANSPORT, number="冀运许YS0001",
            valid_from=date(2025, 1, 1),
            valid_until=until, scope="HW01 HW06 HW08",
        ),
    )  # fmt: skip
    parties.add_contract(
        work,
        parties.AddContract(
            organisation_id=world.id("hospital"), partner_id=world.id("plant"), number="合YS0001",
            valid_from=date(2026, 1, 1), valid_until=until,
        ),
    )  # fmt: skip
    world.vehicles["truck"] = parties.add_vehicle(
        work,
        parties.AddVehicle(
            organisation_id=world.id("carrier"),
            plate="冀A12345",
            permit_no="YSZ0001",
            permit_until=until,
            capacity_g="8000",
        ),
    )
    for name, role in (("driver", CrewRole.DRIVER), ("escort", CrewRole.ESCORT)):
        world.crew[name] = parties.add_crew_member(
            work,
            parties.AddCrewMember(
                organisation_id=world.id("carrier"), role=role, name="演示驾驶员" if name == "driver" else "演示押运员",
                phone="0311-00000002", permit_no=f"CY{name}", permit_until=until,
            ),
        )  # fmt: skip


def _roles(role: Role) -> set[Role]:
    """Whoever inspects, approves or commands is a regulator, too."""
    return {role, Role.REGULATOR} if role in REGULATORS else {role}


def _accounts(world: World, work_as, now: datetime) -> None:  # type: ignore[no-untyped-def]
    seats = (
        ("collector", Role.COLLECTOR, "hospital", None),
        ("manager", Role.MANAGER, "hospital", None),
        ("doctor_a", Role.CLINIC, "clinic_a", None),
        ("doctor_b", Role.CLINIC, "clinic_b", None),
        ("attendant", Role.ATTENDANT, "station", None),
        ("driver", Role.DRIVER, "carrier", None),
        ("operator", Role.OPERATOR, "plant", None),
        ("factory", Role.MANAGER, "factory", None),
        ("province", Role.REGULATOR, None, "130000"),
        ("city", Role.REGULATOR, None, CITY),
        ("county", Role.REGULATOR, None, COUNTY),
        ("town", Role.REGULATOR, None, TOWN),
        ("elsewhere", Role.REGULATOR, None, OTHER_CITY),
        ("inspector", Role.INSPECTOR, None, COUNTY),
        ("commander", Role.COMMANDER, None, COUNTY),
        ("approver", Role.APPROVER, None, COUNTY),
    )
    with work_as(world.people["security_admin"], now) as work:
        for name, role, owner, region in seats:
            user, _ = accounts.create_account(
                work,
                accounts.CreateAccount(
                    username=name.replace("_", "."), name=f"演示-{role.value}", roles=_roles(role),
                    organisation_id=world.id(owner) if owner else None, region_code=region,
                    crew_id=world.crew["driver"].id if name == "driver" else None,
                ),
                password=PASSWORD,
                must_change=False,
            )  # fmt: skip
            world.people[name] = account_queries.actor_of(work.session, user.id)
            bound(work, world.people[name])
