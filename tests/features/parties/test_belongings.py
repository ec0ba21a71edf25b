"""What belongs to an organisation: sites, stores, departments, vehicles, crew, licences."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests import parties
from tests.conftest import WorkAs
from tests.parties import COUNTY, SYSTEM_ADMIN
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, LicenceKind, OrganisationKind
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.service import (
    AddCrewMember,
    AddDepartment,
    AddFacility,
    AddLicence,
    AddSite,
    AddVehicle,
    ChangeLicenceDates,
    ChangeVehicle,
)

pytestmark = pytest.mark.store

K = OrganisationKind


def manager_of(organisation_id: UUID) -> Actor:
    return Actor(None, "演示管理员", frozenset({Role.MANAGER}), organisation_id=organisation_id)


def site(organisation_id: UUID, **given: object) -> AddSite:
    facts = {"organisation_id": organisation_id, "name": "演示院区", "region_code": COUNTY, "address": "演示路1号"}
    return AddSite(**{**facts, **given})  # type: ignore[arg-type]


def vehicle(organisation_id: UUID, **given: object) -> AddVehicle:
    facts = {
        "organisation_id": organisation_id,
        "plate": "冀A12345",
        "permit_no": "冀交运管130100001",
        "permit_until": date(2027, 6, 30),
        "capacity_g": Grams(1_500_000),
    }
    return AddVehicle(**{**facts, **given})  # type: ignore[arg-type]


def licence(organisation_id: UUID, **given: object) -> AddLicence:
    facts = {
        "organisation_id": organisation_id,
        "kind": LicenceKind.OPERATING,
        "number": "HW1301020001",
        "valid_from": date(2024, 1, 1),
        "valid_until": date(2028, 12, 31),
        "yearly_quantity_g": "3600",
        "scope": "841-001-01、hw08，84100201",
        "modes": ["Y10"],
    }
    return AddLicence(**{**facts, **given})  # type: ignore[arg-type]


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    with pytest.raises(Refusal) as refusal:
        yield refusal
    assert {problem.code for problem in refusal.value.problems} == set(codes)


def test_a_store_lies_where_its_site_lies(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, region_code="130104")
        place = service.add_site(work, site(one.id))
        store = service.add_facility(
            work,
            AddFacility(
                organisation_id=one.id,
                site_id=place.id,
                name="暂存间",
                code="A1",
                kind=FacilityKind.MEDICAL_STORE,
                mass_limit_g="500",  # type: ignore[arg-type]
            ),
        )
        assert (store.region_code, store.mass_limit_g) == (COUNTY, 500_000)


def test_two_stores_of_one_organisation_have_different_codes(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        place = service.add_site(work, site(one.id))
        store = AddFacility(organisation_id=one.id, site_id=place.id, name="暂存间", code="A1", kind="medical_store")
        service.add_facility(work, store)
        with refused("facility.code"):
            service.add_facility(work, store)


def test_a_hospital_cannot_call_its_store_a_plants(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        place = service.add_site(work, site(one.id))
        store = AddFacility(organisation_id=one.id, site_id=place.id, name="库", code="A1", kind="plant_store")
        with refused("facility.kind"):
            service.add_facility(work, store)


def test_a_store_stands_on_a_site_of_its_own_organisation(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one, other = parties.organisation(work), parties.organisation(work)
        foreign = service.add_site(work, site(other.id))
        store = AddFacility(organisation_id=one.id, site_id=foreign.id, name="库", code="A1", kind="medical_store")
        with refused("facility.site"):
            service.add_facility(work, store)


def test_the_same_act_twice_adds_one_thing(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        command = AddDepartment(organisation_id=one.id, name="内科", act_key="once")
        assert service.add_department(work, command).id == service.add_department(work, command).id
    assert len(queries.departments_of(session, one.id)) == 1
    assert len(ledger.stream(session, f"organisation:{one.id}")) == 2


def test_a_department_is_added_once(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        service.add_department(work, AddDepartment(organisation_id=one.id, name="内科"))
        with refused("department.name"):
            service.add_department(work, AddDepartment(organisation_id=one.id, name="内科"))


def test_a_manager_keeps_the_vehicles_of_his_own_carrier(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
    with work_as(manager_of(one.id)) as work:
        added = service.add_vehicle(work, vehicle(one.id, plate="冀a·12345"))
    assert [found.plate for found in queries.vehicles_of(session, one.id)] == [added.plate] == ["冀A12345"]


def test_a_manager_cannot_reach_another_organisation(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        own, other = parties.organisation(work), parties.organisation(work, K.CARRIER)
    with refused("access.unknown"), work_as(manager_of(own.id)) as work:
        service.add_vehicle(work, vehicle(other.id))


def test_a_manager_cannot_write_licences_or_sites_himself(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.DISPOSER)
    with refused("access.forbidden"), work_as(manager_of(one.id)) as work:
        service.add_licence(work, licence(one.id))
    with refused("access.forbidden"), work_as(manager_of(one.id)) as work:
        service.add_site(work, site(one.id))


def test_a_plate_of_another_carrier_is_refused_without_naming_it_to_a_stranger(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        first, second = parties.organisation(work, K.CARRIER), parties.organisation(work, K.CARRIER)
        service.add_vehicle(work, vehicle(first.id))
    with refused("plate.taken") as refusal, work_as(manager_of(second.id)) as work:
        service.add_vehicle(work, vehicle(second.id))
    (problem,) = refusal.value.problems
    assert (problem.field, problem.kind, dict(problem.facts)) == ("plate", Kind.CONFLICT, {})


def test_only_a_carrier_has_vehicles(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        with refused("vehicle.carrier"):
            service.add_vehicle(work, vehicle(one.id))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"plate": "冀A1234警"}, "plate.not_for_waste"),
        ({"plate": "冀A1234学"}, "plate.not_for_waste"),
        ({"plate": "冀X1234应急"}, "plate.not_for_waste"),
        ({"plate": "沪A0023领"}, "plate.not_for_waste"),
        ({"plate": "使014578"}, "plate.not_for_waste"),
        ({"plate": "冀J1234挂", "kind": VehicleKind.TRUCK}, "plate.trailer"),
        ({"plate": "冀J1234挂", "kind": VehicleKind.TRACTOR, "capacity_g": None}, "plate.trailer"),
        ({"kind": VehicleKind.TRAILER}, "plate.not_trailer"),
        ({"kind": VehicleKind.TRACTOR}, "vehicle.capacity"),
        ({"capacity_g": None}, "vehicle.capacity"),
    ],
)
def test_a_vehicle_that_cannot_carry_waste_so_is_refused(work_as: WorkAs, given: dict[str, object], code: str) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        with refused(code):
            service.add_vehicle(work, vehicle(one.id, **given))


def test_a_truck_turns_out_to_be_a_tractor(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        truck = service.add_vehicle(work, vehicle(one.id))
        trailer = service.add_vehicle(work, vehicle(one.id, plate="冀J1234挂", permit_no="冀交运管130100003"))
        assert (truck.kind, trailer.kind) == (VehicleKind.TRUCK, VehicleKind.TRAILER)
        permit = {"permit_no": truck.permit_no, "permit_until": truck.permit_until, "kind": VehicleKind.TRACTOR}
        with refused("vehicle.capacity"):
            service.change_vehicle(
                work, ChangeVehicle(organisation_id=one.id, vehicle_id=truck.id, capacity_g=Grams(1_000), **permit)
            )
        with refused("plate.trailer", "vehicle.capacity"):
            service.change_vehicle(
                work, ChangeVehicle(organisation_id=one.id, vehicle_id=trailer.id, capacity_g=Grams(1_000), **permit)
            )
        service.change_vehicle(work, ChangeVehicle(organisation_id=one.id, vehicle_id=truck.id, **permit))
    kept = {found.plate: (found.kind, found.capacity_g) for found in queries.vehicles_of(session, one.id)}
    assert kept == {"冀A12345": (VehicleKind.TRACTOR, None), "冀J1234挂": (VehicleKind.TRAILER, 1_500_000)}


def test_a_new_permit_of_a_vehicle_is_an_event(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        truck = service.add_vehicle(work, vehicle(one.id))
        service.change_vehicle(
            work,
            ChangeVehicle(
                organisation_id=one.id,
                vehicle_id=truck.id,
                permit_no="冀交运管130100002",
                permit_until=date(2030, 1, 1),
                capacity_g=Grams(2_000_000),
            ),
        )
    last = ledger.stream(session, f"organisation:{one.id}")[-1]
    assert last.kind == "organisation.vehicle_changed"
    assert "2030-01-01" in last.facts


def test_two_people_do_not_share_a_permit(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        member = AddCrewMember(
            organisation_id=one.id,
            role="driver",  # type: ignore[arg-type]
            name="演示驾驶员",
            phone="13000000000",
            permit_no="1301000001",
            permit_until=date(2027, 1, 1),
        )
        service.add_crew_member(work, member)
        with refused("crew.permit"):
            service.add_crew_member(work, member.model_copy(update={"name": "另一演示驾驶员"}))


def test_a_persons_name_stays_out_of_the_ledger(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        member = AddCrewMember(
            organisation_id=one.id,
            role="escort",  # type: ignore[arg-type]
            name="演示押运员",
            phone="13000000000",
            permit_no="1301000001",
            permit_until=date(2027, 1, 1),
        )
        service.add_crew_member(work, member)
    facts = ledger.stream(session, f"organisation:{one.id}")[-1].facts
    assert "演示押运员" not in facts
    assert "13000000000" not in facts


def test_the_scope_of_a_licence_is_read_and_put_in_order(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.DISPOSER)
        paper = service.add_licence(work, licence(one.id))
        assert (paper.scope, paper.modes) == ("841-001-01 HW08 841-002-01", "Y10")
        assert paper.yearly_quantity_g == 3_600_000_000


def test_a_disposers_licence_needs_modes_and_a_quantity(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.DISPOSER)
        with refused("licence.modes", "licence.quantity"):
            service.add_licence(work, licence(one.id, modes=[], yearly_quantity_g=None))


def test_a_carrier_holds_no_operating_licence(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        with refused("licence.kind"):
            service.add_licence(work, licence(one.id))


def test_a_carriers_licence_has_a_scope_and_no_modes(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.CARRIER)
        paper = licence(one.id, kind=LicenceKind.TRANSPORT, modes=[], yearly_quantity_g=None)
        assert service.add_licence(work, paper).modes == ""


def test_a_licence_number_is_entered_once(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        first, second = parties.organisation(work, K.DISPOSER), parties.organisation(work, K.DISPOSER)
        service.add_licence(work, licence(first.id))
        with refused("number.taken") as refusal:
            service.add_licence(work, licence(second.id, number="hw 1301020001"))
    assert refusal.value.problems[0].facts == {"holder": "演示单位"}


def test_a_licence_that_ends_before_it_begins_is_refused(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.DISPOSER)
        with refused("licence.dates"):
            service.add_licence(work, licence(one.id, valid_until=date(2023, 12, 31)))


def test_new_dates_of_a_licence_are_an_event_with_the_old_ones(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, K.DISPOSER)
        paper = service.add_licence(work, licence(one.id))
        service.change_licence_dates(
            work,
            ChangeLicenceDates(
                organisation_id=one.id,
                licence_id=paper.id,
                valid_from=date(2024, 1, 1),
                valid_until=date(2026, 11, 1),
                reason="演示提前终止",
            ),
        )
    last = ledger.stream(session, f"organisation:{one.id}")[-1]
    assert last.kind == "organisation.licence_dates_changed"
    assert "2028-12-31" in last.facts
    assert "2026-11-01" in last.facts
    assert queries.licences_of(session, one.id)[0].valid_until == date(2026, 11, 1)


def test_every_wrong_entry_of_a_scope_is_named(work_as: WorkAs) -> None:
    with pytest.raises(ValueError, match="refused") as error:
        licence(UUID(int=1), scope="841-001-01 HW99 abc")
    (detail,) = error.value.errors()  # type: ignore[attr-defined]
    assert [problem.facts["typed"] for problem in detail["ctx"]["problems"]] == ["HW99", "abc"]
