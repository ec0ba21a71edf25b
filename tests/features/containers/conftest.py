"""A small world for containers: a hospital, a clinic, a factory, a station, and people who act for them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor, Role
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.features.accounts.models import User
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties.models import Department, Facility, Organisation, OrganisationKindRow, Site
from wastetrack.infra.db import writing
from wastetrack.infra.ids import new_id

COUNTY = "130102"
OTHER_COUNTY = "130202"
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Party:
    id: UUID
    name: str
    stores: dict[FacilityKind, UUID] = field(default_factory=dict)


@dataclass
class World:
    session: Session

    def organisation(self, name, *kinds, credit_code=None, licence=None, region=COUNTY, departments=(), stores=()):
        party = Party(new_id(), name)
        self.session.add(
            Organisation(
                id=party.id, name=name, credit_code=credit_code, medical_licence_no=licence, region_code=region,
                address="演示路1号", contact="演示联系人", phone="0311-00000000", emergency_phone="0311-00000001",
                created_at=EARLY,
            )
        )  # fmt: skip
        site = new_id()
        self.session.flush()
        self.session.add(Site(id=site, organisation_id=party.id, name="本部", region_code=region, address="演示路1号"))
        self.session.add_all(OrganisationKindRow(organisation_id=party.id, kind=kind) for kind in kinds)
        self.session.add_all(Department(id=new_id(), organisation_id=party.id, name=one) for one in departments)
        self.session.flush()
        for number, kind in enumerate(stores, 1):
            party.stores[kind] = new_id()
            self.session.add(
                Facility(
                    id=party.stores[kind], organisation_id=party.id, site_id=site, name=f"{name}暂存间{number}",
                    code=f"TS{number:03}", kind=kind, region_code=region, mass_limit_g=100_000, count_limit=50,
                )
            )  # fmt: skip
        self.session.flush()
        return party

    def person(self, role, party=None, region=None):
        user = new_id()
        self.session.add(
            User(
                id=user, username=f"u{user.hex[-12:]}", name="演示人员", password_hash="-", created_at=EARLY,
                organisation_id=party.id if party else None, region_code=region,
            )
        )  # fmt: skip
        self.session.flush()
        found = catalogue.region(self.session, region) if region else None
        return Actor(
            user, "演示人员", frozenset({role}), party.id if party else None, party.name if party else "",
            region, (found.path,) if found else (), found.name if found else "",
        )  # fmt: skip


@dataclass
class People:
    hospital: Party
    clinic: Party
    factory: Party
    station: Party
    collector: Actor
    manager: Actor
    doctor: Actor
    worker: Actor
    attendant: Actor
    county: Actor
    elsewhere: Actor


@pytest.fixture
def world(store: Engine) -> People:
    with writing(store) as session:
        w = World(session)
        hospital = w.organisation(
            "演示县医院", OrganisationKind.HOSPITAL, credit_code="12130102MB0000001A",
            departments=("内科", "手术室"), stores=(FacilityKind.MEDICAL_STORE,),
        )  # fmt: skip
        clinic = w.organisation("演示卫生室", OrganisationKind.CLINIC, licence="PDY000000001")
        factory = w.organisation(
            "演示化工厂", OrganisationKind.ENTERPRISE, credit_code="91130102MA0000002B", region=OTHER_COUNTY,
            stores=(FacilityKind.WAREHOUSE,),
        )  # fmt: skip
        station = w.organisation(
            "演示周转站",
            OrganisationKind.STATION,
            credit_code="12130102MB0000003C",
            stores=(FacilityKind.STATION_STORE,),
        )
        return People(
            hospital, clinic, factory, station,
            w.person(Role.COLLECTOR, hospital), w.person(Role.MANAGER, hospital), w.person(Role.CLINIC, clinic),
            w.person(Role.MANAGER, factory), w.person(Role.ATTENDANT, station),
            w.person(Role.REGULATOR, region=COUNTY), w.person(Role.REGULATOR, region=OTHER_COUNTY),
        )  # fmt: skip
