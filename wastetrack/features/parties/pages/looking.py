"""Organisations as people see them: the list, one organisation with all that belongs to it, what it may do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act
from wastetrack.domain.cleaning import clean_by
from wastetrack.domain.coordinates import shown_coordinates
from wastetrack.domain.credit_code import CreditCode, credit_code_doubts
from wastetrack.domain.papers import Deed
from wastetrack.domain.parties import (
    OrganisationKind,
    OrganisationState,
    is_known,
    paper_state,
)
from wastetrack.domain.problems import Refusal
from wastetrack.domain.regions import covers
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries, shapes
from wastetrack.features.parties.models import Contract, Licence, Organisation
from wastetrack.features.parties.pages.blueprint import allowed, mode_choices, pages
from wastetrack.features.parties.queries import Filters
from wastetrack.infra import clock
from wastetrack.web.context import actor, look
from wastetrack.web.forms import parse, said

LIST_FILTERS = ("q", "kind", "state", "region")
"""What of an address is carried to the next page of the list: nothing else, or it would steer `url_for`."""


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
        state_choices=[state for state in OrganisationState if is_known(state)],
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
        vehicles=(vehicles := queries.vehicles_of(session, one.id)),
        crew=(crew := queries.crew_of(session, one.id)),
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
        scan_counts=queries.scan_counts(session, _ids(licences, contracts, vehicles, crew)),
        plan=shapes.plan_view(session, one, today.year, today),
        supervision=shapes.supervision_view(session, one, today),
        regions=catalogue.full_names(session, {one.region_code, *(site.region_code for site in sites)}),
        station=_station(session, one),
        coordinates=shown_coordinates(one.latitude_e6, one.longitude_e6),
        doubts=said(Refusal(doubts)) if doubts else [],
        unmanaged=queries.manager_gap(session, one.id),
        paper=lambda row: paper_state(getattr(row, "valid_from", None), _end_of(row), today),
        clean_by=lambda row: clean_by(row.unclean_since) if row.unclean_since else None,
        sees_vehicles=allowed(Act.VIEW_VEHICLE, one),
        is_keeper=allowed(Act.MANAGE_OWN, one),
        is_registrar=allowed(Act.MANAGE_PARTIES, one),
        may_inspect=allowed(Act.INSPECT, one),
        sees_inspections=allowed(Act.VIEW_INSPECTION, one),
        may_command=allowed(Act.COMMAND, one) and one.state is not OrganisationState.CLOSED,
    )


def _ids(*belongings: Sequence[Any]) -> list[UUID]:
    return [row.id for rows in belongings for row in rows]


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
    answer: shapes.Answer | None = None
    refusal: Refusal | None = None
    if request.args.get("deed"):
        try:
            answer = shapes.answer(session, one, parse(shapes.Question, request.args))
        except Refusal as wrong:
            refusal = wrong
    return render_template(
        "parties/may.html",
        one=one,
        problems=said(refusal),
        reasons=said(Refusal(answer.reasons)) if answer and answer.reasons else [],
        answer=answer,
        values=request.args,
        today=local_day(clock.now()),
        deeds=list(Deed),
        usual=_usual_deed(session, one),
        mode_choices=mode_choices(),
    )


def _usual_deed(session: Session, one: Organisation) -> Deed:
    """Return what an organisation is most likely asked about."""
    return Deed.TREAT if queries.is_receiver(session, one.id) else Deed.CARRY


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
    own = actor().region_paths
    steps = [(one.code, one.name) for one in lineage if not own or any(covers(path, one.path) for path in own)]
    below = catalogue.children(session, start if lineage else None)
    steps += [(one.code, f"— {one.name}") for one in below]
    beside = catalogue.regions_of(session, own)
    return steps + [(one.code, one.name) for one in beside if one.code not in dict(steps)]


def _same_list(**changed: Any) -> str:
    kept = {name: value for name, value in request.args.items() if name in LIST_FILTERS and value}
    return url_for("parties.organisations_page", **{**kept, **changed})
