"""The management plan of a year, shown in every version and filed."""

from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.parties import queries, service, shapes
from wastetrack.features.parties.pages.blueprint import (
    Values,
    allowed,
    back_to,
    for_keeping,
    of_kinds,
    pages,
    small_number,
    typed,
)
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit

PLAN_LINES = 6
"""So many lines the form of a plan has at least; there are always three to spare."""


@pages.shows("/organisations/<uuid:organisation_id>/plan", needs=Act.VIEW_PARTIES)
def plan_page(organisation_id: UUID) -> ResponseReturnValue:
    """Show the plan of a year in any of its versions."""
    one = queries.visible(look(), actor(), organisation_id)
    today = local_day(clock.now())
    version = small_number("version", 0)
    year = small_number("year", today.year)
    view = shapes.plan_view(look(), one, year, today, version or None)
    plan_id = view.plan.id if view and view.plan else None
    return render_template(
        "parties/plan.html",
        one=one,
        view=view,
        year=year,
        is_keeper=allowed(Act.MANAGE_OWN, one),
        scans=queries.scan_counts(look(), [plan_id]).get(plan_id, 0) if plan_id else 0,
    )


@pages.shows("/organisations/<uuid:organisation_id>/plan/file", needs=Act.MANAGE_OWN)
def file_plan_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form of a plan with what is filed, or with what was typed."""
    one = for_keeping(organisation_id, Act.MANAGE_OWN)
    today = local_day(clock.now())
    year = small_number("year", today.year)
    view = shapes.plan_view(look(), one, year, today)
    values = typed() if refusal else _plan_values(view)
    return render_template(
        "parties/plan_form.html",
        one=one,
        year=year,
        version=view.version if view else 0,
        problems=said(refusal),
        values=values,
        lines=range(max(PLAN_LINES, 3 + (len(view.rows) if view else 0))),
        receiver_choices=of_kinds(queries.RECEIVERS),
        today=today,
    )


@pages.does("/organisations/<uuid:organisation_id>/plan/file", needs=Act.MANAGE_OWN)
def file_plan(organisation_id: UUID) -> ResponseReturnValue:
    """Enter the plan of a year as it was filed."""
    return submit(
        service.FilePlan,
        service.file_plan,
        then=lambda _plan: back_to(organisation_id, _("The plan is entered. The versions before it stay."), "plan"),
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
