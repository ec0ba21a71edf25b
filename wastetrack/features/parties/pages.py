"""Organisations as people see and keep them: the list, one organisation with all that belongs to it, the forms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from wastetrack.documents.wall_sign import wall_sign
from wastetrack.domain.access import Act, may, require
from wastetrack.domain.credit_code import CreditCode, credit_code_doubts
from wastetrack.domain.measures import kilograms
from wastetrack.domain.papers import Coverage, Deed
from wastetrack.domain.parties import (
    CrewRole,
    FacilityKind,
    LicenceKind,
    OrganisationKind,
    OrganisationState,
    Temperature,
    paper_state,
    store_problems,
)
from wastetrack.domain.presence_code import parse_presence_code, show_presence_code
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries, service, shapes
from wastetrack.features.parties.forms import choose_region
from wastetrack.features.parties.models import Contract, CrewMember, Facility, Licence, Organisation, Vehicle
from wastetrack.features.parties.queries import Filters
from wastetrack.features.parties.queries.presence import in_force, on_the_wall, sign_of
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.i18n import _
from wastetrack.infra.work import Work
from wastetrack.web.context import actor, look, visitor
from wastetrack.web.forms import parse, said, submit
from wastetrack.web.routing import PUBLIC, Pages

pages = Pages("parties", __name__)

KEEPS = (Act.MANAGE_OWN, Act.MANAGE_PARTIES)
LIST_FILTERS = ("q", "kind", "state", "region")
"""What of an address is carried to the next page of the list: nothing else, or it would steer `url_for`."""
Values = Mapping[str, Any]
PLAN_LINES = 6
"""So many lines the form of a plan has at least; there are always three to spare."""


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

# --- looking -----------------------------------------------------------------------------------------------------


@pages.shows("/organisations", needs=Act.VIEW_PARTIES)
def organisations_page() -> ResponseReturnValue:
    """List the organisations that the person may see, narrowed by the filters in the address."""
    filters = _filters()
    rows, following = queries.page(look(), actor(), filters)
    region = request.args.get("region", "")
    return render_template(
        "parties/list.html",
        rows=rows,
        kinds=queries.kinds(look(), [row.id for row in rows]),
        regions=catalogue.full_names(look(), [row.region_code for row in rows]),
        filters=filters,
        kind_choices=list(OrganisationKind),
        state_choices=list(OrganisationState),
        region_choices=_region_steps(region),
        region=region,
        filtered=any(request.args.get(name) for name in ("q", "kind", "state", "region")),
        next_href=_same_list(after=following) if following else None,
        first_href=_same_list() if filters.after else None,
    )


@pages.shows("/organisations/<uuid:organisation_id>", needs=Act.VIEW_PARTIES)
def organisation_page(organisation_id: UUID) -> ResponseReturnValue:
    """Show one organisation and everything that belongs to it."""
    session = look()
    one = queries.visible(session, actor(), organisation_id)
    sites, stores = queries.sites_of(session, one.id), queries.facilities_of(session, one.id)
    licences = queries.licences_of(session, one.id)
    today = local_day(clock.now())
    doubts = credit_code_doubts(CreditCode(one.credit_code)) if one.credit_code else []
    return render_template(
        "parties/organisation.html",
        one=one,
        kinds=queries.kinds(session, [one.id])[one.id],
        sites=sites,
        site_names={site.id: site.name for site in sites},
        stores=stores,
        departments=queries.departments_of(session, one.id),
        vehicles=queries.vehicles_of(session, one.id),
        crew=queries.crew_of(session, one.id),
        licences=licences,
        modes={mode.value: mode for mode in TreatmentMode},
        unlisted=queries.unlisted_codes(session, licences, today),
        quantities=shapes.quantities(session, one, licences, today),
        contracts=(contracts := queries.contracts_of(session, one.id)),
        partners=queries.names(
            session,
            [
                *(each for contract in contracts for each in (contract.organisation_id, contract.partner_id)),
                *(licence.source_id for licence in licences),
            ],
        ),
        plan=shapes.plan_view(session, one, today.year, today),
        regions=catalogue.full_names(session, {one.region_code, *(site.region_code for site in sites)}),
        station=_station(session, one),
        doubts=said(Refusal(doubts)) if doubts else [],
        paper=lambda row: paper_state(getattr(row, "valid_from", None), _end_of(row), today),
        is_keeper=_may(Act.MANAGE_OWN, one),
        is_registrar=_may(Act.MANAGE_PARTIES, one),
    )


def _end_of(row: Any) -> Any:
    return row.valid_until if isinstance(row, Licence | Contract) else row.permit_until


def _station(session: Session, one: Organisation) -> str:
    if one.station_facility_id is None:
        return ""
    store = queries.facility(session, one.station_facility_id)
    return f"{queries.organisation(session, store.organisation_id).name} · {store.name}"


@pages.shows("/organisations/<uuid:organisation_id>/may", needs=Act.VIEW_PARTIES)
def may_page(organisation_id: UUID) -> ResponseReturnValue:
    """Ask whether the organisation may do something with some waste, and say yes or every reason against it."""
    session = look()
    one = queries.visible(session, actor(), organisation_id)
    reasons: list[Problem] | None = None
    refusal: Refusal | None = None
    if request.args.get("deed"):
        try:
            reasons = shapes.answer(session, one, parse(shapes.Question, request.args))
        except Refusal as wrong:
            refusal = wrong
    return render_template(
        "parties/may.html",
        one=one,
        problems=said(refusal),
        reasons=said(Refusal(reasons)) if reasons else [],
        answered=reasons is not None,
        values=request.args,
        today=local_day(clock.now()),
        deeds=list(Deed),
        mode_choices=_mode_choices(),
    )


@pages.shows("/organisations/<uuid:organisation_id>/plan", needs=Act.VIEW_PARTIES)
def plan_page(organisation_id: UUID) -> ResponseReturnValue:
    """Show the plan of a year in any of its versions."""
    one = queries.visible(look(), actor(), organisation_id)
    today = local_day(clock.now())
    version = _number("version", 0)
    year = _number("year", today.year)
    view = shapes.plan_view(look(), one, year, today, version or None)
    return render_template("parties/plan.html", one=one, view=view, year=year, is_keeper=_may(Act.MANAGE_OWN, one))


@pages.shows("/organisations/<uuid:organisation_id>/plan/file", needs=Act.MANAGE_OWN)
def file_plan_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form of a plan with what is filed, or with what was typed."""
    one = _for_keeping(organisation_id, Act.MANAGE_OWN)
    today = local_day(clock.now())
    year = _number("year", today.year)
    view = shapes.plan_view(look(), one, year, today)
    values = _typed() if refusal else _plan_values(view)
    return render_template(
        "parties/plan_form.html",
        one=one,
        year=year,
        version=view.version if view else 0,
        problems=said(refusal),
        values=values,
        lines=range(max(PLAN_LINES, 3 + (len(view.rows) if view else 0))),
        receiver_choices=_of_kinds(queries.RECEIVERS),
        today=today,
    )


@pages.does("/organisations/<uuid:organisation_id>/plan/file", needs=Act.MANAGE_OWN)
def file_plan(organisation_id: UUID) -> ResponseReturnValue:
    """Enter the plan of a year as it was filed."""
    return submit(
        service.FilePlan,
        service.file_plan,
        then=lambda _plan: _to(organisation_id, _("The plan is entered. The versions before it stay."), "plan"),
        again=lambda refusal: file_plan_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


def _plan_values(view: shapes.PlanView | None) -> Values:
    values: dict[str, Any] = {}
    for number, row in enumerate(view.rows if view else ()):
        values[f"lines.{number}.waste_code"] = row.waste_code
        values[f"lines.{number}.receiver_id"] = row.receiver_id
        values[f"lines.{number}.mass_g"] = f"{row.mass_g / 1_000_000:g}"
    return values


def _number(name: str, otherwise: int) -> int:
    """Return a small number of the address, or of the form."""
    text = request.args.get(name) or request.form.get(name) or ""
    return int(text) if text.isdecimal() and len(text) <= 4 else otherwise


def _of_kinds(kinds: Sequence[OrganisationKind]) -> list[tuple[str, str]]:
    """Return the organisations of these kinds that may be newly named, each once, to choose from."""
    found = {one.id: one.name for kind in kinds for one in queries.organisations_of_kind(look(), kind)}
    return sorted(((str(each), name) for each, name in found.items()), key=lambda choice: choice[1])


def _mode_choices() -> list[tuple[str, str]]:
    return [(mode.value, f"{mode.value} {_(mode.label)}") for mode in TreatmentMode]


def _may(act: Act, one: Organisation) -> bool:
    return may(actor(), act, queries.relations(look(), actor(), one))


def _filters() -> Filters:
    kind, state, after = (request.args.get(name, "") for name in ("kind", "state", "after"))
    region = catalogue.region(look(), request.args.get("region", ""))
    try:
        last = UUID(after) if after else None
    except ValueError:
        last = None
    return Filters(
        text=request.args.get("q", "")[:100],
        kind=next((one for one in OrganisationKind if one.value == kind), None),
        state=next((one for one in OrganisationState if one.value == state), None),
        region_path=region.path if region else None,
        after=last,
    )


def _region_steps(code: str) -> list[tuple[str, str]]:
    """Return the divisions to narrow the list to: those above the present one, itself, and those directly below."""
    session = look()
    start = code or actor().region_code or ""
    lineage = catalogue.lineage(session, start)
    own = actor().region_path
    steps = [(region.code, region.name) for region in lineage if not own or region.path.startswith(own)]
    below = catalogue.children(session, start if lineage else None)
    return steps + [(region.code, f"— {region.name}") for region in below]


def _same_list(**changed: Any) -> str:
    kept = {name: value for name, value in request.args.items() if name in LIST_FILTERS and value}
    return url_for("parties.organisations_page", **{**kept, **changed})


# --- the organisation itself -------------------------------------------------------------------------------------


@pages.shows("/organisations/new", needs=Act.MANAGE_PARTIES)
def new_organisation_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose the region, then enter the organisation."""
    values = _typed()
    return render_template(
        "parties/new.html",
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), values.get("region_code") or request.args.get("region", ""), _search()),
        **_identity_choices(),
    )


@pages.does("/organisations/new", needs=Act.MANAGE_PARTIES)
def create_organisation() -> ResponseReturnValue:
    """Enter an organisation."""
    return submit(
        service.CreateOrganisation,
        service.create_organisation,
        then=lambda one: _to(one.id, _("{name} is entered.", name=one.name)),
        again=new_organisation_page,
    )


@pages.shows("/organisations/<uuid:organisation_id>/edit", needs=Act.MANAGE_PARTIES)
def edit_organisation_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form with what is kept, or with what was typed."""
    one = _for_keeping(organisation_id, Act.MANAGE_PARTIES)
    kept = {**_as_values(one), "kinds": queries.kinds(look(), [one.id])[one.id]}
    values = _typed() if refusal else kept
    region = request.args.get("region") or values.get("region_code", one.region_code)
    return render_template(
        "parties/edit.html",
        one=one,
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, _search()),
        **_identity_choices(),
    )


@pages.does("/organisations/<uuid:organisation_id>/edit", needs=Act.MANAGE_PARTIES)
def change_organisation(organisation_id: UUID) -> ResponseReturnValue:
    """Change what an organisation is known by."""
    return submit(
        service.ChangeOrganisation,
        service.change_organisation,
        then=lambda one: _to(one.id, _("The change is kept.")),
        again=lambda refusal: edit_organisation_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


@pages.shows("/organisations/<uuid:organisation_id>/state", needs=Act.MANAGE_PARTIES)
def state_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask for the new state and the reason."""
    one = _for_keeping(organisation_id, Act.MANAGE_PARTIES)
    return render_template(
        "parties/state.html", one=one, problems=said(refusal), values=_typed(), state_choices=list(OrganisationState)
    )


@pages.does("/organisations/<uuid:organisation_id>/state", needs=Act.MANAGE_PARTIES)
def set_state(organisation_id: UUID) -> ResponseReturnValue:
    """Suspend, close or reopen an organisation."""
    return submit(
        service.SetOrganisationState,
        service.set_organisation_state,
        then=lambda one: _to(one.id, _("{name} is now: {state}.", name=one.name, state=one.state)),
        again=lambda refusal: state_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


def _identity_choices() -> dict[str, object]:
    stores = queries.station_stores(look())
    return {
        "kind_choices": list(OrganisationKind),
        "station_choices": [(str(store.id), f"{holder.name} · {store.name}") for store, holder in stores],
    }


# --- what belongs to it ------------------------------------------------------------------------------------------


@pages.shows("/organisations/<uuid:organisation_id>/add/<part>", needs=KEEPS)
def add_page(organisation_id: UUID, part: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that adds a site, store, department, vehicle, member of the crew or licence."""
    addition = _known(ADDITIONS, part)
    one = _for_keeping(organisation_id, addition.act)
    values = _typed()
    region = request.args.get("region") or values.get("region_code") or one.region_code
    return render_template(
        "parties/add.html",
        one=one,
        part=part,
        addition=addition,
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, _search()) if part == "site" else None,
        **_part_choices(one),
    )


@pages.does("/organisations/<uuid:organisation_id>/add/<part>", needs=KEEPS)
def add(organisation_id: UUID, part: str) -> ResponseReturnValue:
    """Add it."""
    addition = _known(ADDITIONS, part)
    return submit(
        addition.command,
        addition.do,
        then=lambda _row: _to(organisation_id, _(addition.done), addition.section),
        again=lambda refusal: add_page(organisation_id, part, refusal),
        given={"organisation_id": organisation_id},
    )


@pages.shows("/organisations/<uuid:organisation_id>/change/<part>/<uuid:part_id>", needs=KEEPS)
def change_page(organisation_id: UUID, part: str, part_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that changes a store, a vehicle, a member of the crew or the dates of a licence."""
    change = _known(CHANGES, part)
    one = _for_keeping(organisation_id, change.act)
    row = queries.part(look(), change.model, part_id, one.id)
    return render_template(
        "parties/change.html",
        one=one,
        row=row,
        part=part,
        change=change,
        problems=said(refusal),
        values=_typed() if refusal else _as_values(row),
        **_part_choices(one),
    )


@pages.does("/organisations/<uuid:organisation_id>/change/<part>/<uuid:part_id>", needs=KEEPS)
def change(organisation_id: UUID, part: str, part_id: UUID) -> ResponseReturnValue:
    """Change it."""
    kind = _known(CHANGES, part)
    return submit(
        kind.command,
        kind.do,
        then=lambda _row: _to(organisation_id, _("The change is kept."), kind.section),
        again=lambda refusal: change_page(organisation_id, part, part_id, refusal),
        given={"organisation_id": organisation_id, kind.id_field: part_id},
    )


def _part_choices(one: Organisation) -> dict[str, object]:
    kinds = queries.kinds_of(look(), one.id)
    return {
        "site_choices": [(str(site.id), site.name) for site in queries.sites_of(look(), one.id)],
        "store_kinds": [kind for kind in FacilityKind if not store_problems(kind, kinds)],
        "temperatures": list(Temperature),
        "crew_roles": list(CrewRole),
        "licence_kinds": list(LicenceKind),
        "coverages": list(Coverage),
        "partner_choices": [choice for choice in _of_kinds(queries.PARTNERS) if choice[0] != str(one.id)],
        "mode_choices": _mode_choices(),
    }


# --- the sign on the wall ----------------------------------------------------------------------------------------

SIGN = "/organisations/<uuid:organisation_id>/stores/<uuid:facility_id>/sign"


@pages.shows(SIGN, needs=Act.MANAGE_OWN)
def sign_page(organisation_id: UUID, facility_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Offer the sign of a store to print, and a new code for it."""
    one = _for_keeping(organisation_id, Act.MANAGE_OWN)
    store = queries.part(look(), Facility, facility_id, one.id)
    return render_template(
        "parties/sign.html", one=one, store=store, code=in_force(look(), store.id), problems=said(refusal),
        values=_typed(), show=show_presence_code,
    )  # fmt: skip


@pages.shows(f"{SIGN}.pdf", needs=Act.MANAGE_OWN)
def sign_pdf(organisation_id: UUID, facility_id: UUID) -> ResponseReturnValue:
    """Print the sign, lying or upright."""
    one = _for_keeping(organisation_id, Act.MANAGE_OWN)
    store = queries.part(look(), Facility, facility_id, one.id)
    facts = sign_of(look(), store, current_app.config["PUBLIC_URL"])
    answer = make_response(wall_sign(facts, upright=request.args.get("upright") == "1"))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="sign.pdf"'
    return answer


@pages.does(SIGN, needs=Act.MANAGE_OWN)
def reissue_sign(organisation_id: UUID, facility_id: UUID) -> ResponseReturnValue:
    """Replace the code of a store."""

    def then(store: Facility) -> ResponseReturnValue:
        flash(_("The old sign is dead. Print the new one and fix it to the wall."), "success")
        return redirect(url_for("parties.sign_page", organisation_id=organisation_id, facility_id=store.id), 303)

    return submit(
        service.ReissuePresenceCode,
        service.reissue_presence_code,
        then=then,
        again=lambda refusal: sign_page(organisation_id, facility_id, refusal),
        given={"organisation_id": organisation_id, "facility_id": facility_id},
    )


@pages.shows("/p/<code>", needs=PUBLIC)
@pages.shows("/P/<code>", needs=PUBLIC, endpoint="scanned_sign_page")
def presence_page(code: str) -> ResponseReturnValue:
    """Say which store a scanned sign stands for, or that it was replaced. A replaced one no longer names the store."""
    session = look()
    try:
        sign = on_the_wall(session, parse_presence_code(code))
    except Refusal as unread:
        return render_template("parties/presence.html", sign=None, problems=said(unread)), 404
    if sign is None:
        return render_template("parties/presence.html", sign=None, problems=[]), 404
    store = queries.facility(session, sign.facility_id)
    holder, who = queries.organisation(session, store.organisation_id), visitor()
    sees = who is not None and may(who, Act.VIEW_STORE, queries.relations(session, who, holder))
    return render_template(
        "parties/presence.html", sign=sign, store=store, holder=holder, sees=sees, problems=[], show=show_presence_code
    )


# --- what the pages share ----------------------------------------------------------------------------------------


def _known(table: dict[str, Any], part: str) -> Any:
    if part not in table:
        raise NotFound
    return table[part]


def _for_keeping(organisation_id: UUID, act: Act) -> Organisation:
    """Return the organisation for somebody who may do `act` on it."""
    one = queries.visible(look(), actor(), organisation_id)
    require(actor(), act, queries.relations(look(), actor(), one))
    return one


def _typed() -> Values:
    return {**request.form.to_dict(), "kinds": request.form.getlist("kinds"), "modes": request.form.getlist("modes")}


def _as_values(row: Any) -> Values:
    """Return a row as its form shows it: masses in kg, days as they are typed."""
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {name: kilograms(value) if name.endswith("_g") and value else value for name, value in values.items()}


def _search() -> str:
    return request.args.get("q", "")


def _to(organisation_id: UUID, done: str, section: str | None = None) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("parties.organisation_page", organisation_id=organisation_id, _anchor=section), 303)
