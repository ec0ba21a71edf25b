"""What belongs to an organisation, added and changed by forms of one kind: sites, stores, vehicles, papers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from wastetrack.domain.access import Act
from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import (
    CrewRole,
    FacilityKind,
    LicenceKind,
    Temperature,
    store_problems,
)
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.forms import choose_region
from wastetrack.features.parties.models import Contract, CrewMember, Facility, Licence, Organisation, Site, Vehicle
from wastetrack.features.parties.pages.blueprint import (
    as_values,
    back_to,
    for_keeping,
    mode_choices,
    of_kinds,
    pages,
    search,
    typed,
)
from wastetrack.infra.commands import Command
from wastetrack.infra.i18n import _
from wastetrack.infra.work import Work
from wastetrack.web.context import look
from wastetrack.web.forms import said, submit

KEEPS = (Act.MANAGE_OWN, Act.MANAGE_PARTIES)


@dataclass(frozen=True)
class Addition:
    """A form that adds something to an organisation: its title, its command, its act, whose work it is."""

    title: str
    command: type[Command]
    do: Callable[[Work, Any], object]
    act: Act
    section: str
    done: str


@dataclass(frozen=True)
class Change:
    """A form that changes something that belongs to an organisation."""

    title: str
    command: type[Command]
    do: Callable[[Work, Any], object]
    act: Act
    section: str
    model: type[Any]
    id_field: str


ADDITIONS = {
    "site": Addition(
        N_("Add a site"), service.AddSite, service.add_site, Act.MANAGE_PARTIES, "sites", N_("The site is added.")
    ),
    "store": Addition(
        N_("Add a store"),
        service.AddFacility,
        service.add_facility,
        Act.MANAGE_OWN,
        "stores",
        N_("The store is added."),
    ),
    "department": Addition(
        N_("Add a department"),
        service.AddDepartment,
        service.add_department,
        Act.MANAGE_OWN,
        "departments",
        N_("The department is added."),
    ),
    "vehicle": Addition(
        N_("Add a vehicle"),
        service.AddVehicle,
        service.add_vehicle,
        Act.MANAGE_OWN,
        "vehicles",
        N_("The vehicle is added."),
    ),
    "crew": Addition(
        N_("Add a driver or escort"),
        service.AddCrewMember,
        service.add_crew_member,
        Act.MANAGE_OWN,
        "crew",
        N_("The member of the crew is added."),
    ),
    "licence": Addition(
        N_("Add a licence"),
        service.AddLicence,
        service.add_licence,
        Act.MANAGE_PARTIES,
        "licences",
        N_("The licence is added."),
    ),
    "contract": Addition(
        N_("Add a contract"),
        service.AddContract,
        service.add_contract,
        Act.MANAGE_OWN,
        "contracts",
        N_("The contract is added."),
    ),
}
CHANGES = {
    "site": Change(
        N_("Change a site"),
        service.ChangeSite,
        service.change_site,
        Act.MANAGE_PARTIES,
        "sites",
        Site,
        "site_id",
    ),
    "store": Change(
        N_("Change a store"),
        service.ChangeFacility,
        service.change_facility,
        Act.MANAGE_OWN,
        "stores",
        Facility,
        "facility_id",
    ),
    "vehicle": Change(
        N_("Change a vehicle"),
        service.ChangeVehicle,
        service.change_vehicle,
        Act.MANAGE_OWN,
        "vehicles",
        Vehicle,
        "vehicle_id",
    ),
    "crew": Change(
        N_("Change a driver or escort"),
        service.ChangeCrewMember,
        service.change_crew_member,
        Act.MANAGE_OWN,
        "crew",
        CrewMember,
        "crew_id",
    ),
    "licence": Change(
        N_("Change the dates of a licence"),
        service.ChangeLicenceDates,
        service.change_licence_dates,
        Act.MANAGE_PARTIES,
        "licences",
        Licence,
        "licence_id",
    ),
    "contract": Change(
        N_("Prolong or end a contract"),
        service.ChangeContract,
        service.change_contract,
        Act.MANAGE_OWN,
        "contracts",
        Contract,
        "contract_id",
    ),
}


@pages.shows("/organisations/<uuid:organisation_id>/add/<part>", needs=KEEPS)
def add_page(organisation_id: UUID, part: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that adds a site, store, department, vehicle, member of the crew or licence."""
    addition = _known(ADDITIONS, part)
    one = for_keeping(organisation_id, addition.act)
    values = typed()
    region = request.args.get("region") or values.get("region_code") or one.region_code
    return render_template(
        "parties/add.html",
        one=one,
        part=part,
        addition=addition,
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, search()) if part == "site" else None,
        **_part_choices(one),
    )


@pages.does("/organisations/<uuid:organisation_id>/add/<part>", needs=KEEPS)
def add(organisation_id: UUID, part: str) -> ResponseReturnValue:
    """Add it."""
    addition = _known(ADDITIONS, part)
    return submit(
        addition.command,
        addition.do,
        then=lambda _row: back_to(organisation_id, _(addition.done), addition.section),
        again=lambda refusal: add_page(organisation_id, part, refusal),
        given={"organisation_id": organisation_id},
    )


@pages.shows("/organisations/<uuid:organisation_id>/change/<part>/<uuid:part_id>", needs=KEEPS)
def change_page(organisation_id: UUID, part: str, part_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that changes a site, a store, a vehicle, a member of the crew or the dates of a licence."""
    change = _known(CHANGES, part)
    one = for_keeping(organisation_id, change.act)
    row = queries.part(look(), change.model, part_id, one.id)
    values = typed() if refusal else as_values(row)
    region = request.args.get("region") or values.get("region_code", "")
    return render_template(
        "parties/change.html",
        one=one,
        row=row,
        part=part,
        change=change,
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, search()) if part == "site" else None,
        **_part_choices(one),
    )


@pages.does("/organisations/<uuid:organisation_id>/change/<part>/<uuid:part_id>", needs=KEEPS)
def change(organisation_id: UUID, part: str, part_id: UUID) -> ResponseReturnValue:
    """Change it."""
    kind = _known(CHANGES, part)
    return submit(
        kind.command,
        kind.do,
        then=lambda _row: back_to(organisation_id, _("The change is kept."), kind.section),
        again=lambda refusal: change_page(organisation_id, part, part_id, refusal),
        given={"organisation_id": organisation_id, kind.id_field: part_id},
    )


def _part_choices(one: Organisation) -> dict[str, object]:
    kinds = queries.kinds_of(look(), one.id)
    return {
        "site_choices": [(str(site.id), site.name) for site in queries.sites_of(look(), one.id)],
        "store_kinds": [kind for kind in FacilityKind if not store_problems(kind, kinds)],
        "temperatures": list(Temperature),
        "vehicle_kinds": list(VehicleKind),
        "crew_roles": list(CrewRole),
        "licence_kinds": list(LicenceKind),
        "coverages": list(Coverage),
        "partner_choices": [choice for choice in of_kinds(queries.PARTNERS) if choice[0] != str(one.id)],
        "mode_choices": mode_choices(),
    }


def _known(table: dict[str, Any], part: str) -> Any:
    if part not in table:
        raise NotFound
    return table[part]
