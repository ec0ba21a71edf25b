"""Organisations entered, changed, suspended and closed."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.parties import (
    OrganisationKind,
    OrganisationState,
    is_known,
)
from wastetrack.domain.problems import Refusal
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.forms import choose_region
from wastetrack.features.parties.pages.blueprint import as_values, back_to, for_keeping, pages, search, typed
from wastetrack.infra.i18n import _
from wastetrack.web.context import look
from wastetrack.web.forms import said, submit


@pages.shows("/organisations/new", needs=Act.MANAGE_PARTIES)
def new_organisation_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose the region, then enter the organisation."""
    values = typed()
    return render_template(
        "parties/new.html",
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), values.get("region_code") or request.args.get("region", ""), search()),
        **_identity_choices(),
    )


@pages.does("/organisations/new", needs=Act.MANAGE_PARTIES)
def create_organisation() -> ResponseReturnValue:
    """Enter an organisation."""
    return submit(
        service.CreateOrganisation,
        service.create_organisation,
        then=lambda one: back_to(one.id, _("{name} is entered.", name=one.name)),
        again=new_organisation_page,
    )


@pages.shows("/organisations/<uuid:organisation_id>/edit", needs=Act.MANAGE_PARTIES)
def edit_organisation_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form with what is kept, or with what was typed."""
    one = for_keeping(organisation_id, Act.MANAGE_PARTIES)
    kept = {**as_values(one), "kinds": queries.kinds(look(), [one.id])[one.id]}
    values = typed() if refusal else kept
    region = request.args.get("region") or values.get("region_code", one.region_code)
    return render_template(
        "parties/edit.html",
        one=one,
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, search()),
        **_identity_choices(),
    )


@pages.does("/organisations/<uuid:organisation_id>/edit", needs=Act.MANAGE_PARTIES)
def change_organisation(organisation_id: UUID) -> ResponseReturnValue:
    """Change what an organisation is known by."""
    return submit(
        service.ChangeOrganisation,
        service.change_organisation,
        then=lambda one: back_to(one.id, _("The change is kept.")),
        again=lambda refusal: edit_organisation_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


@pages.shows("/organisations/<uuid:organisation_id>/state", needs=Act.MANAGE_PARTIES)
def state_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask for the new state and the reason."""
    one = for_keeping(organisation_id, Act.MANAGE_PARTIES)
    choices = [state for state in OrganisationState if is_known(state)]
    return render_template("parties/state.html", one=one, problems=said(refusal), values=typed(), state_choices=choices)


@pages.does("/organisations/<uuid:organisation_id>/state", needs=Act.MANAGE_PARTIES)
def set_state(organisation_id: UUID) -> ResponseReturnValue:
    """Suspend, close or reopen an organisation."""
    return submit(
        service.SetOrganisationState,
        service.set_organisation_state,
        then=lambda one: back_to(one.id, _("{name} is now: {state}.", name=one.name, state=one.state)),
        again=lambda refusal: state_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


def _identity_choices() -> dict[str, object]:
    stores = queries.station_stores(look())
    return {
        "kind_choices": list(OrganisationKind),
        "station_choices": [(str(store.id), f"{holder.name} · {store.name}") for store, holder in stores],
    }
