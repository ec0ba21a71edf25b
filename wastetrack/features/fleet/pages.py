"""The page of a vehicle: its papers, whether it is clean, who cleaned it when, and the form to record that."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, Relation, may, require
from wastetrack.domain.cleaning import WARN_BEFORE, clean_by
from wastetrack.domain.parties import paper_state
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local, local_day
from wastetrack.features.fleet import queries, service
from wastetrack.features.parties import queries as parties
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import Pages

pages = Pages("fleet", __name__)

WARN_HOURS = WARN_BEFORE.total_seconds() / 3600


@pages.shows("/vehicles/<uuid:vehicle_id>", needs=Act.VIEW_VEHICLE)
def vehicle_page(vehicle_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one vehicle to its carrier, who drove it last, the plant it came to, and their regulators."""
    session, who, now = look(), actor(), clock.now()
    vehicle, held = queries.view(session, who, vehicle_id)
    rows, more = queries.cleanings(session, who, vehicle, _uuid(request.args.get("before")))
    return render_template(
        "fleet/vehicle.html",
        vehicle=vehicle,
        carrier=parties.organisation(session, vehicle.organisation_id),
        paper=paper_state(None, vehicle.permit_until, local_day(now)),
        due=clean_by(vehicle.unclean_since) if vehicle.unclean_since else None,
        warn_hours=WARN_HOURS,
        rows=rows,
        more=more,
        may_clean=may(who, Act.CLEAN_VEHICLE, held),
        knows_carrier=may(who, Act.VIEW_PARTIES, held - {Relation.CREW, Relation.RECEIVER}),
        problems=said(refusal),
        values=request.form,
        this_minute=local(now).strftime("%Y-%m-%dT%H:%M"),
    )


@pages.does("/vehicles/<uuid:vehicle_id>/cleaned", needs=Act.CLEAN_VEHICLE)
def clean(vehicle_id: UUID) -> ResponseReturnValue:
    """Record that it was washed and disinfected."""

    def then(_vehicle: object) -> ResponseReturnValue:
        flash(_("The cleaning is recorded."), "success")
        return redirect(url_for("fleet.vehicle_page", vehicle_id=vehicle_id), 303)

    return submit(
        service.CleanVehicle,
        service.clean,
        then=then,
        again=lambda refusal: vehicle_page(vehicle_id, refusal),
        given={"vehicle_id": vehicle_id},
    )


@pages.shows("/vehicles/<uuid:vehicle_id>/cleanings/<uuid:cleaning_id>/wrong", needs=Act.DECLARE_WRONG)
def wrong_page(vehicle_id: UUID, cleaning_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form that declares a cleaning wrong which one's own organisation recorded."""
    vehicle, _held = queries.view(look(), actor(), vehicle_id)
    row = queries.cleaning(look(), vehicle, cleaning_id)
    require(actor(), Act.DECLARE_WRONG, {Relation.OWN} if actor().acts_for(row.recorded_for) else ())
    return render_template("fleet/wrong.html", vehicle=vehicle, row=row, problems=said(refusal), values=request.form)


@pages.does("/vehicles/<uuid:vehicle_id>/cleanings/<uuid:cleaning_id>/wrong", needs=Act.DECLARE_WRONG)
def declare_wrong(vehicle_id: UUID, cleaning_id: UUID) -> ResponseReturnValue:
    """Declare a cleaning wrong, and record the right one where there was one."""

    def then(_vehicle: object) -> ResponseReturnValue:
        flash(_("The entry is declared wrong. It stays in the record, struck through."), "success")
        return redirect(url_for("fleet.vehicle_page", vehicle_id=vehicle_id, _anchor="cleanings"), 303)

    return submit(
        service.DeclareCleaningWrong,
        service.declare_wrong,
        then=then,
        again=lambda refusal: wrong_page(vehicle_id, cleaning_id, refusal),
        given={"vehicle_id": vehicle_id, "cleaning_id": cleaning_id},
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
