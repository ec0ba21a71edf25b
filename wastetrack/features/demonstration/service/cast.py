"""The cast: organisations with their stores, vehicles and papers, and an account for everybody who acts."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count, product

from wastetrack.domain.access import SYSTEM
from wastetrack.domain.credit_code import check_character, organisation_check
from wastetrack.domain.parties import CrewRole, FacilityKind, LicenceKind, OrganisationKind, Temperature
from wastetrack.domain.plans import files_plan
from wastetrack.domain.security import PasswordRules, SecondFactorRule
from wastetrack.domain.signing import signatures_of
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import MedicalClass, TreatmentMode
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.service import CreateAccount, SetPolicy
from wastetrack.features.demonstration.service.people import ADMINISTRATORS, PEOPLE, Person
from wastetrack.features.demonstration.service.stage import Stage, Truck, rows
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.service import (
    AddContract,
    AddCrewMember,
    AddDepartment,
    AddFacility,
    AddLicence,
    AddSite,
    AddVehicle,
    CreateOrganisation,
    FilePlan,
    PlanLine,
)
from wastetrack.features.signing import queries as signing_queries
from wastetrack.features.signing import service as signing
from wastetrack.features.signing.service import AcceptAgreement
from wastetrack.infra.work import Work

CONSIGNORS = frozenset(OrganisationKind) - {
    OrganisationKind.CLINIC, OrganisationKind.CARRIER, OrganisationKind.DISPOSER, OrganisationKind.AUTHORITY,
}  # fmt: skip
LATE_WITH_ITS_PLAN = "nn-3"
EXPIRED = "expired"
"""In the data: the licence that ends while the demonstration runs."""


POLICY = SetPolicy(
    passwords=PasswordRules.CLASSIFIED,
    change_after_days=365,
    second_factor=SecondFactorRule.OFFERED,
    reason="演示",
)
"""A newcomer signs in with a printed password and nothing else."""


@dataclass(frozen=True)
class Login:
    """What somebody needs to sign in as one of the people."""

    person: Person
    password: str
    acts_for: str


def engage(stage: Stage, at: datetime, expiry: date) -> list[Login]:
    """Enter everybody and everything at one moment before the traffic begins; return the accounts."""
    logins = [_administrator(stage, person, at) for person in ADMINISTRATORS]
    with stage.act("admin.system", at) as work:
        _organisations(stage, work)
        _departments(stage, work)
        _trucks(stage, work)
        _licences(stage, work, expiry)
        _contracts(stage, work)
        _plans(stage, work)
    with stage.act("admin.security", at) as work:
        accounts.set_policy(work, POLICY)
        logins += [_account(stage, work, person) for person in PEOPLE]
    return logins


def _administrator(stage: Stage, person: Person, at: datetime) -> Login:
    with stage.open(SYSTEM, at) as work:
        command = CreateAccount(username=person.username, name=person.name, roles=frozenset({person.role}))
        user, password = accounts.create_administrator(work, command, must_change=False)
        stage.people[person.username] = account_queries.actor_of(work.session, user.id)
    return Login(person, password or "", "")


def _account(stage: Stage, work: Work, person: Person) -> Login:
    truck = stage.trucks.get(person.truck)
    command = CreateAccount(
        username=person.username,
        name=person.name,
        roles=frozenset({person.role, *person.also}),
        organisation_id=stage.organisations.get(person.of),
        region_code=person.region or None,
        crew_id=truck.driver_id if truck else None,
    )
    user, password = accounts.create_account(work, command, must_change=False)
    actor = stage.people[person.username] = account_queries.actor_of(work.session, user.id)
    if signatures_of(actor.roles):
        current = signing_queries.in_force(work.session, local_day(work.now))
        signing.accept(replace(work, actor=actor), AcceptAgreement(agreement=current.version))
    return Login(person, password or "", actor.organisation_name or actor.region_name)


def _organisations(stage: Stage, work: Work) -> None:
    """Enter organisations, each with one site and its stores; those that others hand in at come first in the data."""
    stores: dict[str, list[dict[str, str]]] = {}
    for row in rows("stores"):
        stores.setdefault(row["organisation"], []).append(row)
    serials = count(1)
    for row in rows("organisations"):
        serial = next(serials)
        number = _identity(row["number"], row["region"], serial)
        one = parties.create_organisation(
            work,
            CreateOrganisation(
                name=row["name"],
                kinds=frozenset({OrganisationKind(row["kinds"])}),  # type: ignore[call-arg]
                credit_code=None if row["number"] == "PDY" else number,
                medical_licence_no=number if row["number"] == "PDY" else None,
                region_code=row["region"],
                address=row["address"],
                contact="演示联系人",
                phone=f"0311-0000{serial:04d}",
                emergency_phone=f"0311-0000{serial + 1000:04d}",
                beds=int(row["beds"]) if row["beds"] else None,
                station_facility_id=stage.stores[row["station"]] if row["station"] else None,
            ),
        )
        stage.organisations[row["key"]] = one.id
        site = AddSite(organisation_id=one.id, name="本部", region_code=row["region"], address=row["address"])
        site_id = parties.add_site(work, site).id
        for store in stores.get(row["key"], ()):
            facility = AddFacility(
                organisation_id=one.id,
                site_id=site_id,
                name=store["name"],
                code=store["code"],
                kind=FacilityKind(store["kind"]),  # type: ignore[call-arg]
                temperature=Temperature(store["temperature"]),  # type: ignore[call-arg]
                mass_limit_g=store["mass_limit_kg"],
                count_limit=int(store["count_limit"]),
            )
            stage.stores[f"{row['key']}/{store['code']}"] = parties.add_facility(work, facility).id


def _identity(prefix: str, region: str, serial: int) -> str:
    """Return a well-formed number that nobody has: its organisation code begins with six zeros."""
    if prefix == "PDY":
        return f"PDY0000{serial:02d}{region[:6]}D6001"
    body = f"{serial:08d}"
    first17 = f"{prefix}{region[:6]}{body}{organisation_check(body)}"
    return first17 + check_character(first17)


def _departments(stage: Stage, work: Work) -> None:
    for row in rows("departments"):
        command = AddDepartment(organisation_id=stage.organisations[row["organisation"]], name=row["name"])
        parties.add_department(work, command)


def _trucks(stage: Stage, work: Work) -> None:
    day = local_day(stage.now)
    vehicles = {}
    for row in rows("vehicles"):
        command = AddVehicle(
            organisation_id=stage.organisations[row["organisation"]],
            plate=row["plate"],
            permit_no=row["permit_no"],
            permit_until=day + timedelta(days=int(row["permit_days"])),
            capacity_g=row["capacity_kg"],
        )
        vehicles[row["key"]] = parties.add_vehicle(work, command)
    crew = {}
    for row in rows("crew"):
        member = AddCrewMember(
            organisation_id=stage.organisations[row["organisation"]],
            role=CrewRole(row["role"]),  # type: ignore[call-arg]
            name=row["name"],
            phone=row["phone"],
            permit_no=row["permit_no"],
            permit_until=day + timedelta(days=int(row["permit_days"])),
        )
        crew[row["vehicle"], row["role"]] = parties.add_crew_member(work, member).id
    for key, vehicle in vehicles.items():
        stage.trucks[key] = Truck(
            vehicle.organisation_id, vehicle.id, crew[key, "driver"], crew[key, "escort"], vehicle.plate
        )


def _licences(stage: Stage, work: Work, expiry: date) -> None:
    day = local_day(stage.now)
    for row in rows("licences"):
        until = expiry if row["valid_days"] == EXPIRED else day + timedelta(days=int(row["valid_days"]))
        command = AddLicence(
            organisation_id=stage.organisations[row["organisation"]],
            kind=LicenceKind(row["kind"]),  # type: ignore[call-arg]
            number=row["number"],
            valid_from=until - timedelta(days=5 * 365),
            valid_until=until,
            yearly_quantity_g=row["yearly_t"] or None,
            scope=row["scope"],
            modes=frozenset(TreatmentMode(mode) for mode in row["modes"].split()),  # type: ignore[call-arg]
        )
        parties.add_licence(work, command)


def _contracts(stage: Stage, work: Work) -> None:
    """Enter a contract of everybody who signs manifests with each disposal site, and of each site with each carrier."""
    day = local_day(work.now)
    of_kind: dict[OrganisationKind, list[str]] = {}
    for row in rows("organisations"):
        of_kind.setdefault(OrganisationKind(row["kinds"]), []).append(row["key"])  # type: ignore[call-arg]
    receivers, carriers = of_kind[OrganisationKind.DISPOSER], of_kind[OrganisationKind.CARRIER]
    consignors = [key for kind in of_kind if kind in CONSIGNORS for key in of_kind[kind]]
    for number, (client, contractor) in enumerate([*product(consignors, receivers), *product(receivers, carriers)], 1):
        command = AddContract(
            organisation_id=stage.organisations[client],
            partner_id=stage.organisations[contractor],
            number=f"演示合{day.year}-{number:03d}",
            valid_from=day,
            valid_until=day + timedelta(days=730),
        )
        parties.add_contract(work, command)


def _plans(stage: Stage, work: Work) -> None:
    """Enter the management plans of the years that are played; one clinic has not filed its."""
    wastes: dict[str, set[str]] = {}
    for row in rows("departments"):
        wastes.setdefault(row["organisation"], set()).update(part.split(":")[0] for part in row["mix"].split())
    for row in rows("organisations"):
        if row["key"] == LATE_WITH_ITS_PLAN or not files_plan({OrganisationKind(row["kinds"])}):  # type: ignore[call-arg]
            continue
        chemical = {code for code in wastes.get(row["key"], ()) if code[:1].isdigit()}
        codes = sorted(chemical or {each.waste_code for each in MedicalClass})
        for year in sorted({local_day(stage.start).year, local_day(stage.now).year}):
            command = FilePlan(
                organisation_id=stage.organisations[row["key"]],
                year=year,
                filed_on=min(date(year, 2, 20), local_day(work.now)),
                lines={n: PlanLine(waste_code=code, mass_g="15") for n, code in enumerate(codes)},
            )
            parties.file_plan(work, command)
