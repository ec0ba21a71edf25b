"""The blueprint of the parties, and what its pages share."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, may, require
from wastetrack.domain.coordinates import degrees
from wastetrack.domain.measures import kilograms
from wastetrack.domain.parties import (
    OrganisationKind,
)
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.routing import Pages

pages = Pages("parties", __name__)

Values = Mapping[str, Any]


def allowed(act: Act, one: Organisation) -> bool:
    """Tell whether the person may do `act` on the organisation."""
    return may(actor(), act, queries.relations(look(), actor(), one))


def for_keeping(organisation_id: UUID, act: Act) -> Organisation:
    """Return the organisation for somebody who may do `act` on it."""
    one = queries.visible(look(), actor(), organisation_id)
    require(actor(), act, queries.relations(look(), actor(), one))
    return one


def of_kinds(kinds: Sequence[OrganisationKind]) -> list[tuple[str, str]]:
    """Return the organisations of these kinds that may be newly named, each once, to choose from."""
    found = {one.id: one.name for kind in kinds for one in queries.organisations_of_kind(look(), kind)}
    return sorted(((str(each), name) for each, name in found.items()), key=lambda choice: choice[1])


def mode_choices() -> list[tuple[str, str]]:
    """Return the treatment modes to choose from."""
    return [(mode.value, f"{mode.value} {_(mode.label)}") for mode in TreatmentMode]


def small_number(name: str, otherwise: int) -> int:
    """Return a small number of the address, or of the form."""
    text = request.args.get(name) or request.form.get(name) or ""
    return int(text) if text.isdecimal() and len(text) <= 4 else otherwise


def typed() -> Values:
    """Return what the form brought, to show it again."""
    return {**request.form.to_dict(), "kinds": request.form.getlist("kinds"), "modes": request.form.getlist("modes")}


def as_values(row: Any) -> Values:
    """Return a row as its form shows it: masses in kg, coordinates in degrees, days as they are typed."""
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {name: _as_typed(name, value) for name, value in values.items()}


def _as_typed(name: str, value: Any) -> Any:
    if name.endswith("_g") and value:
        return kilograms(value)
    return degrees(value) if name.endswith("_e6") and value is not None else value


def search() -> str:
    """Return what was typed to look for a region."""
    return request.args.get("q", "")


def back_to(organisation_id: UUID, done: str, section: str | None = None) -> ResponseReturnValue:
    """Say what was done, at its place on the page of the organisation."""
    flash(done, "success")
    return redirect(url_for("parties.organisation_page", organisation_id=organisation_id, _anchor=section), 303)
