"""The world with more than one of a kind: two hospitals with two stores each, and a carrier with two drivers."""

from dataclasses import replace
from datetime import date

import pytest

from tests.living import living_template, store_url
from tests.world import COUNTY, LONG_AGO, PASSWORD, World, bound, credit_code
from wastetrack.domain.access import Role
from wastetrack.domain.parties import CrewRole, FacilityKind, OrganisationKind
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.parties import service as parties

__all__ = ["houses", "living_template", "store_url", "world"]


@pytest.fixture
def world(living_template: tuple[str, World]) -> World:
    """Who and what there is, to be added to by one test alone."""
    made = living_template[1]
    kept = ("organisations", "stores", "people", "vehicles", "crew")
    return replace(made, **{name: dict(getattr(made, name)) for name in kept})


@pytest.fixture
def houses(world: World, work_as) -> World:  # type: ignore[no-untyped-def]
    """Add what there is only one of: a hospital, a store of each, a driver with a truck of his own."""
    with work_as(world.people["system_admin"], LONG_AGO) as work:
        made = parties.CreateOrganisation(
            name="城关医院（演示）", kinds={OrganisationKind.HOSPITAL}, credit_code=credit_code(90), beds=200,
            region_code=COUNTY, address="演示路2号", contact="演示联系人", phone="0311-00000000",
            emergency_phone="0311-00000001",
        )  # fmt: skip
        world.organisations["second"] = parties.create_organisation(work, made)
        for name, owner in (("second", "second"), ("hospital_cold", "hospital"), ("plant_yard", "plant")):
            _store(world, work, name, owner)
        _second_driver(world, work)
    seats = (("chief", Role.MANAGER, "second"), ("driver_b", Role.DRIVER, "carrier"))
    with work_as(world.people["security_admin"], LONG_AGO) as work:
        for name, role, owner in seats:
            account = accounts.CreateAccount(
                username=name.replace("_", "."), name=f"演示-{name}", roles={role}, organisation_id=world.id(owner),
                crew_id=world.crew["driver_b"].id if role is Role.DRIVER else None,
            )  # fmt: skip
            user, _ = accounts.create_account(work, account, password=PASSWORD, must_change=False)
            world.people[name] = account_queries.actor_of(work.session, user.id)
            bound(work, world.people[name])
    return world


def _store(world: World, work, name: str, owner: str) -> None:  # type: ignore[no-untyped-def]
    one = world.organisations[owner]
    site = parties.AddSite(organisation_id=one.id, name="分部", region_code=one.region_code, address="演示路3号")
    kind = FacilityKind.PLANT_STORE if owner == "plant" else FacilityKind.MEDICAL_STORE
    world.stores[name] = parties.add_facility(
        work,
        parties.AddFacility(
            organisation_id=one.id, site_id=parties.add_site(work, site).id, name=f"{one.name}第二暂存间",
            code="TS002", kind=kind, mass_limit_g="500",
        ),
    )  # fmt: skip


def _second_driver(world: World, work) -> None:  # type: ignore[no-untyped-def]
    until = date(2028, 12, 31)
    world.vehicles["truck_b"] = parties.add_vehicle(
        work,
        parties.AddVehicle(
            organisation_id=world.id("carrier"), plate="冀A54321", permit_no="YSZ0002", permit_until=until,
            capacity_g="8000",
        ),
    )  # fmt: skip
    world.crew["driver_b"] = parties.add_crew_member(
        work,
        parties.AddCrewMember(
            organisation_id=world.id("carrier"), role=CrewRole.DRIVER, name="演示驾驶员乙", phone="0311-00000003",
            permit_no="CYdriverb", permit_until=until,
        ),
    )  # fmt: skip
