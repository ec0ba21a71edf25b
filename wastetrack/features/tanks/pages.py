"""Pages of tanks and pools: the list, one tank with its gauge and its entries, a form for each act, the label."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.documents.tank_label import tank_label
from wastetrack.domain.access import Act, Relation, finishing, may, require, unknown
from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.problems import Refusal
from wastetrack.domain.tanks import (
    HIGH_PERCENT,
    TRANSITIONS,
    Destination,
    Entry,
    MeterUnit,
    Origin,
    Shape,
    Unit,
    thousandths_shown,
)
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Form, Hazard
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.containers import queries as containers
from wastetrack.features.tanks import queries, service, shapes
from wastetrack.features.tanks.models import Tank
from wastetrack.features.tanks.queries import MOST_EXPORTED, Seen
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import said, submit
from wastetrack.web.pdf import pdf
from wastetrack.web.routing import SIGNED_IN, Pages

pages = Pages("tanks", __name__)

FILES: dict[str, tuple[str, Callable[[str, shapes.Columns, shapes.Rows], bytes]]] = {
    "csv": ("text/csv", shapes.as_text),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", shapes.as_workbook),
}


@dataclass(frozen=True)
class Enter:
    """One kind of entry: how its form is called, what it sends, what is said when it is kept."""

    entry: Entry
    title: str
    command: type[Command]
    do: Callable[[Any, Any], Tank]
    done: str
    act: Act = Act.KEEP_TANK


ENTERS = {
    "level": Enter(
        Entry.LEVEL, N_("Read the level"), service.ReadLevel, service.read_level, N_("The level is entered.")
    ),
    "inflow": Enter(
        Entry.INFLOW, N_("Enter an inflow"), service.RecordInflow, service.record_inflow, N_("The inflow is entered.")
    ),
    "outflow": Enter(
        Entry.OUTFLOW, N_("Enter an outflow"), service.RecordOutflow, service.record_outflow,
        N_("The outflow is entered."),
    ),
    "pour": Enter(
        Entry.FILLED, N_("Empty a container into it"), service.PourIn, service.pour_in,
        N_("The container is emptied into the tank. Its label is used up: take it off."),
    ),
    "correct": Enter(
        Entry.CORRECTION, N_("Correct the content"), service.CorrectContent, service.correct,
        N_("The correction is entered."),
    ),
    "clean": Enter(
        Entry.CLEANED, N_("Emptied and cleaned"), service.CleanTank, service.clean, N_("The cleaning is entered.")
    ),
    "close": Enter(
        Entry.CLOSED, N_("Close the tank"), service.CloseTank, service.close, N_("The tank is closed."),
        Act.SET_UP_TANK,
    ),
}  # fmt: skip


@pages.app_template_filter("thousandths")
def show_thousandths(value: int) -> str:
    """Write thousandths of a unit, such as what a counter shows."""
    return thousandths_shown(value)


@pages.shows("/tanks", needs=Act.VIEW_TANK)
def tanks_page() -> ResponseReturnValue:
    """List the tanks a person may see, each with what is in it against its limit."""
    text = request.args.get("q", "")[:60]
    rows, after = queries.page(look(), actor(), text, request.args.get("after", type=UUID))
    own = {Relation.OWN} if actor().organisation_id else set()
    return render_template(
        "tanks/list.html",
        rows=rows,
        text=text,
        following=url_for("tanks.tanks_page", q=text or None, after=after) if after else None,
        may_set_up=may(actor(), Act.SET_UP_TANK, own) and not finishing(actor()),
    )


@pages.shows("/tanks/new", needs=Act.SET_UP_TANK)
def new_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form for a new tank."""
    values = _form() if refusal else {"form": Form.LIQUID.value, "high_percent": HIGH_PERCENT, **_form(request.args)}
    return _described(None, values, refusal)


@pages.does("/tanks/new", needs=Act.SET_UP_TANK)
def set_up() -> ResponseReturnValue:
    """Set up a tank; its page comes next, for the first level and the label."""

    def then(tank: Tank) -> ResponseReturnValue:
        flash(_("Tank {number} is set up. Print its label, and enter the first level.", number=tank.number), "success")
        return redirect(url_for("tanks.tank_page", tank_id=tank.id), 303)

    return submit(service.SetUpTank, service.set_up, then=then, again=new_page)


@pages.shows("/tanks/<uuid:tank_id>/edit", needs=Act.SET_UP_TANK)
def edit_page(tank_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what is entered of a tank, to be changed."""
    seen = _own(tank_id, Act.SET_UP_TANK)
    return _described(seen, _form() if refusal else shapes.typed(seen.tank), refusal)


@pages.does("/tanks/<uuid:tank_id>/edit", needs=Act.SET_UP_TANK)
def change(tank_id: UUID) -> ResponseReturnValue:
    """Change what is entered of a tank."""

    def then(_tank: Tank) -> ResponseReturnValue:
        flash(_("The change is entered."), "success")
        return redirect(url_for("tanks.tank_page", tank_id=tank_id), 303)

    return submit(
        service.ChangeTank,
        service.change,
        then=then,
        again=lambda refusal: edit_page(tank_id, refusal),
        given={"tank_id": tank_id},
    )


def _described(seen: Seen | None, values: dict[str, Any], refusal: Refusal | None) -> ResponseReturnValue:
    return render_template(
        "tanks/describe.html",
        seen=seen,
        stores=queries.places_for(look(), actor().organisation_id),
        values=values,
        problems=said(refusal),
        shapes=Shape,
        meters=MeterUnit,
        forms=Form,
        hazards=Hazard,
    )


def _form(source: Any = None) -> dict[str, Any]:
    """Return what was typed, the ticked hazards as a list."""
    typed = request.form if source is None else source
    return {**typed.to_dict(), "hazards": typed.getlist("hazards")}


@pages.shows("/tanks/<uuid:tank_id>", needs=Act.VIEW_TANK)
def tank_page(tank_id: UUID) -> ResponseReturnValue:
    """Show one tank: what is in it, its limit, and everything that was entered, the latest first."""
    session, who = look(), actor()
    seen = queries.view(session, who, tank_id)
    rows, before = queries.entries(session, tank_id, request.args.get("before", type=int))
    own = {Relation.OWN} if who.acts_for(seen.tank.organisation_id) else set()
    offered = [
        (slug, one) for slug, one in ENTERS.items()
        if may(who, one.act, own) and (seen.tank.state, one.entry) in TRANSITIONS
    ]  # fmt: skip
    boxes = {one.container_id for one in rows if one.container_id}
    return render_template(
        "tanks/tank.html",
        seen=seen,
        rows=rows,
        names=_names(seen, rows),
        codes=queries.codes(session, boxes) if boxes else {},
        offered=offered,
        may_keep=may(who, Act.KEEP_TANK, own),
        may_change=may(who, Act.SET_UP_TANK, own) and (seen.tank.state, Entry.CHANGED) in TRANSITIONS,
        sees_store=containers.sees_store(session, who, seen.store.id),
        earlier=url_for("tanks.tank_page", tank_id=tank_id, before=before) if before else None,
        files=_files("tanks.entries_file", tank_id),
        signed=shapes.signed,
    )


def _names(seen: Seen, rows: Any) -> dict[UUID, str]:
    return accounts.names(look(), {one.recorded_by for one in rows}, {seen.tank.organisation_id})


def _files(endpoint: str, tank_id: UUID, **more: Any) -> list[tuple[str, str]]:
    return [(form, url_for(endpoint, tank_id=tank_id, form=form, **more)) for form in FILES]


@pages.shows("/tanks/<uuid:tank_id>/entries.<form>", needs=Act.VIEW_TANK)
def entries_file(tank_id: UUID, form: str) -> ResponseReturnValue:
    """Give everything that was entered of a tank as a file."""
    seen = queries.view(look(), actor(), tank_id)
    rows, _before = queries.entries(look(), tank_id, size=MOST_EXPORTED)
    lines = shapes.entry_rows(rows, _names(seen, rows))
    return _file(form, _("Entries of tank {number}", number=seen.tank.number), shapes.ENTRY_COLUMNS, lines)


@pages.shows("/tanks/<uuid:tank_id>/days", needs=Act.VIEW_TANK)
def days_page(tank_id: UUID) -> ResponseReturnValue:
    """Show the figures of each day of a month, as the ledger of the producer asks for them."""
    seen = queries.view(look(), actor(), tank_id)
    month = _month()
    return render_template(
        "tanks/days.html",
        seen=seen,
        days=queries.days(look(), tank_id, *_ends(month)),
        month=month,
        files=_files("tanks.days_file", tank_id, month=f"{month:%Y-%m}"),
        signed=shapes.signed,
    )


@pages.shows("/tanks/<uuid:tank_id>/days.<form>", needs=Act.VIEW_TANK)
def days_file(tank_id: UUID, form: str) -> ResponseReturnValue:
    """Give the days of a month as a file."""
    seen, month = queries.view(look(), actor(), tank_id), _month()
    lines = shapes.day_rows(queries.days(look(), tank_id, *_ends(month)))
    title = _("Days of tank {number}, {month}", number=seen.tank.number, month=f"{month:%Y-%m}")
    return _file(form, title, shapes.DAY_COLUMNS, lines)


def _month() -> date:
    """Read the month out of the address; what is none is the present one."""
    try:
        return date.fromisoformat(f"{request.args.get('month', '')[:7]}-01")
    except ValueError:
        return local_day(clock.now()).replace(day=1)


def _ends(month: date) -> tuple[date, date]:
    following = (
        month.replace(year=month.year + 1, month=1) if month.month == 12 else month.replace(month=month.month + 1)
    )
    return month, date.fromordinal(following.toordinal() - 1)


def _file(form: str, title: str, columns: shapes.Columns, rows: shapes.Rows) -> ResponseReturnValue:
    if form not in FILES:
        raise unknown()
    kind, write = FILES[form]
    answer = Response(write(title[:31], columns, rows), mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{title}.{form}")
    return answer


@pages.shows("/tanks/<uuid:tank_id>/enter/<what>", needs=(Act.KEEP_TANK, Act.SET_UP_TANK))
def enter_page(tank_id: UUID, what: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form of one act on a tank, with one field to fill in for most."""
    one = _enter(what)
    seen = _own(tank_id, one.act)
    fits = (seen.tank.state, one.entry) in TRANSITIONS
    return render_template(
        "tanks/enter.html",
        seen=seen,
        what=what,
        title=_(one.title),
        fits=fits,
        values=request.form,
        problems=said(refusal),
        units=Unit,
        origins=[Origin.METERED, Origin.ESTIMATED, Origin.MANUAL],
        read_as=[Origin.MEASURED, Origin.ESTIMATED],
        destinations=Destination,
        counts=seen.tank.meter is not MeterUnit.NONE,
    )


@pages.does("/tanks/<uuid:tank_id>/enter/<what>", needs=(Act.KEEP_TANK, Act.SET_UP_TANK))
def enter(tank_id: UUID, what: str) -> ResponseReturnValue:
    """Enter something of a tank."""
    one = _enter(what)

    def then(_tank: Tank) -> ResponseReturnValue:
        flash(_(one.done), "success")
        return redirect(url_for("tanks.tank_page", tank_id=tank_id), 303)

    return submit(
        one.command,
        one.do,
        then=then,
        again=lambda refusal: enter_page(tank_id, what, refusal),
        given={"tank_id": tank_id},
    )


def _enter(what: str) -> Enter:
    if what not in ENTERS:
        raise unknown()
    return ENTERS[what]


def _own(tank_id: UUID, act: Act) -> Seen:
    """Return a tank for one of its forms; whoever only sees it is told that it is not his."""
    seen = queries.view(look(), actor(), tank_id)
    require(actor(), act, {Relation.OWN} if actor().acts_for(seen.tank.organisation_id) else ())
    return seen


@pages.shows("/tanks/<uuid:tank_id>/label.pdf", needs=Act.KEEP_TANK)
def label_pdf(tank_id: UUID) -> ResponseReturnValue:
    """Print the label of a tank."""
    seen = _own(tank_id, Act.KEEP_TANK)
    return pdf(tank_label(queries.label_of(look(), seen.tank, current_app.config["PUBLIC_URL"])), "tank")


@pages.shows("/t/<code>", needs=SIGNED_IN)
@pages.shows("/T/<code>", needs=SIGNED_IN, endpoint="scanned_page")
def by_label(code: str) -> ResponseReturnValue:
    """Open the page of the tank whose label was scanned."""
    tank = queries.labelled(look(), actor(), parse_container_code(code))
    return redirect(url_for("tanks.tank_page", tank_id=tank.id), 303)
