"""Acts on the places of an organisation: its sites, stores and departments."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, Temperature, move_problems, refit_problems, store_problems
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.weighing import MassUnit
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Department, Facility, Site, StoreZone
from wastetrack.features.parties.service.base import (
    Name,
    added,
    changed,
    done_before,
    held,
    mass_in,
    region_problems,
    stream_of,
)
from wastetrack.features.parties.service.presence import issue
from wastetrack.features.parties.service.time_limits import note_limits
from wastetrack.infra.commands import ActKey, Command, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_IN_A_STORE = Grams(100_000_000_000)
Litres = Annotated[int, Field(ge=1, le=100_000_000)]
StoreMass = Annotated[Grams, read_by(mass_in(MassUnit.KILOGRAM, MOST_IN_A_STORE))]


class AddSite(Command):
    """Add a physical place."""

    organisation_id: UUID
    name: Name
    region_code: str
    address: Text
    act_key: ActKey | None = None


class ChangeSite(Command):
    """Correct name, region or address of a site."""

    organisation_id: UUID
    site_id: UUID
    name: Name
    region_code: str
    address: Text
    reason: Text
    act_key: ActKey | None = None


class AddFacility(Command):
    """Add a store at a site."""

    organisation_id: UUID
    site_id: UUID
    name: Name
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    kind: FacilityKind
    temperature: Temperature = Temperature.AMBIENT
    mass_limit_g: StoreMass | None = None
    count_limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    volume_limit_l: Litres | None = None
    act_key: ActKey | None = None


class ChangeFacility(Command):
    """Give a store other limits, or make it another kind of store."""

    organisation_id: UUID
    facility_id: UUID
    kind: FacilityKind
    temperature: Temperature
    mass_limit_g: StoreMass | None = None
    count_limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    volume_limit_l: Litres | None = None
    reason: Text
    act_key: ActKey | None = None


class AddDepartment(Command):
    """Add a ward, workshop or laboratory."""

    organisation_id: UUID
    name: ShortText
    act_key: ActKey | None = None


def add_site(work: Work, command: AddSite) -> Site:
    """Add a physical place with its region."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    done = done_before(work, Site, one.id, command.act_key)
    if done is not None:
        return done
    refuse_all(region_problems(work, command.region_code, queries.kinds_of(work.session, one.id)))
    row = Site(id=new_id(), **command.model_dump(exclude={"act_key"}))
    return added(work, row, "site_added", _place(row), command.act_key, list)


def change_site(work: Work, command: ChangeSite) -> Site:
    """Correct a site. Its stores lie where it lies, so its region changes only while nothing stands in any of them."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    row = queries.part(work.session, Site, command.site_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    stores = [store for store in queries.facilities_of(work.session, one.id) if store.site_id == row.id]
    problems: list[Problem] = []
    if command.region_code != row.region_code:
        problems += region_problems(work, command.region_code, queries.kinds_of(work.session, one.id))
        problems += move_problems([store.name for store in stores if queries.is_occupied(work.session, store.id)])
    refuse_all(problems)
    before = {f"{name}_before": value for name, value in _place(row).items()}
    row.name, row.region_code, row.address = command.name, command.region_code, command.address
    for store in stores:
        store.region_code = row.region_code
        note_limits(work, store)
    return changed(work, row, "site_changed", {**before, **_place(row), "reason": command.reason}, command.act_key)


def _place(row: Site) -> dict[str, object]:
    return {"name": row.name, "region": row.region_code, "address": row.address}


def add_facility(work: Work, command: AddFacility) -> Facility:
    """Add a store at a site, with its limits; it lies where its site lies."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, Facility, one.id, command.act_key)
    if done is not None:
        return done
    refuse_all(store_problems(command.kind, queries.kinds_of(work.session, one.id)))
    site = work.session.get(Site, command.site_id)
    if site is None or site.organisation_id != one.id:
        raise refuse("facility.site", N_("Choose one of the organisation's sites."), field="site_id")

    def taken() -> list[Problem]:
        same = any(store.code == command.code for store in queries.facilities_of(work.session, one.id))
        sentence = N_("The organisation already has a store with this code. Choose another code.")
        return [Problem("facility.code", sentence, field="code", kind=Kind.CONFLICT)] if same else []

    row = Facility(id=new_id(), region_code=site.region_code, **command.model_dump(exclude={"act_key"}))
    facts = {"site": site.id, "code": row.code, "name": row.name, **_limits(row)}
    note_limits(work, row)
    added(work, row, "facility_added", facts, command.act_key, taken)
    issue(work, row)
    return row


def change_facility(work: Work, command: ChangeFacility) -> Facility:
    """Give a store other limits; its kind and temperature change only while nothing stands in it."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    row = queries.part(work.session, Facility, command.facility_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    refuse_all(
        store_problems(command.kind, queries.kinds_of(work.session, one.id)) + _refit_problems(work, row, command)
    )
    before = {f"{name}_before": value for name, value in _limits(row).items()}
    row.kind, row.temperature = command.kind, command.temperature
    row.mass_limit_g, row.count_limit = command.mass_limit_g, command.count_limit
    row.volume_limit_l = command.volume_limit_l
    note_limits(work, row)
    facts = {"code": row.code, **before, **_limits(row), "reason": command.reason}
    return changed(work, row, "facility_changed", facts, command.act_key)


def _refit_problems(work: Work, row: Facility, command: ChangeFacility) -> list[Problem]:
    before, after = (row.kind, row.temperature), (command.kind, command.temperature)
    if before == after:
        return []
    return refit_problems(
        before,
        after,
        occupied=queries.is_occupied(work.session, row.id),
        handed_in_at=queries.is_handed_in_at(work.session, row.id),
    )


def _limits(row: Facility) -> dict[str, object]:
    names = ("kind", "temperature", "mass_limit_g", "count_limit", "volume_limit_l")
    return {name: getattr(row, name) for name in names}


class AddZone(Command):
    """Divide a store: enter one of its zones."""

    organisation_id: UUID
    facility_id: UUID
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    act_key: ActKey | None = None


class CloseZone(Command):
    """Close a zone in which nothing stands any more."""

    organisation_id: UUID
    facility_id: UUID
    zone_id: UUID
    act_key: ActKey | None = None


def add_zone(work: Work, command: AddZone) -> StoreZone:
    """Enter a zone of a store (GB 18597-2023, 6.1.2). One that was closed under the same name is opened again."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, StoreZone, one.id, command.act_key)
    if done is not None:
        return done
    store = queries.part(work.session, Facility, command.facility_id, one.id)
    known = work.session.scalar(
        select(StoreZone).where(StoreZone.facility_id == store.id, StoreZone.name == command.name)
    )
    facts = {"facility": store.id, "name": command.name}
    if known is not None and known.closed_at is not None:
        known.closed_at = None
        return changed(work, known, "zone_opened", facts, command.act_key)
    sentence = N_("The store already has a zone of this name.")
    taken = [Problem("zone.name", sentence, field="name", kind=Kind.CONFLICT)] if known is not None else []
    row = StoreZone(id=new_id(), organisation_id=one.id, facility_id=store.id, name=command.name)
    return added(work, row, "zone_added", facts, command.act_key, lambda: taken)


def close_zone(work: Work, command: CloseZone) -> StoreZone:
    """Close an empty zone. It stays known, for what stood there."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    row = queries.part(work.session, StoreZone, command.zone_id, one.id)
    if row.facility_id != command.facility_id:
        raise unknown()
    if row.closed_at is not None or queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    work.session.refresh(row, with_for_update=True)
    if queries.is_occupied(work.session, row.facility_id, row.id):
        sentence = N_("Something still stands in the zone {name}. Move it to another zone first.")
        raise refuse("zone.occupied", sentence, field="zone_id", kind=Kind.CONFLICT, name=row.name)
    row.closed_at = work.now
    return changed(work, row, "zone_closed", {"facility": row.facility_id, "name": row.name}, command.act_key)


def add_department(work: Work, command: AddDepartment) -> Department:
    """Add a ward, workshop or laboratory where waste arises."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, Department, one.id, command.act_key)
    if done is not None:
        return done

    def taken() -> list[Problem]:
        same = any(department.name == command.name for department in queries.departments_of(work.session, one.id))
        sentence = N_("There already is a department of this name.")
        return [Problem("department.name", sentence, field="name", kind=Kind.CONFLICT)] if same else []

    row = Department(id=new_id(), **command.model_dump(exclude={"act_key"}))
    return added(work, row, "department_added", {"name": row.name}, command.act_key, taken)
