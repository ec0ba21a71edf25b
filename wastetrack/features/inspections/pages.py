"""Pages of inspections: begin one, record it, the list, one with its findings and their remedies."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, may, require, unknown
from wastetrack.domain.check_symbols import symbols_in
from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.inspections import MOST_FINDINGS, TO_DO, FindingKind, FindingState, Step, moved
from wastetrack.domain.presence_code import LENGTH as SIGN_LENGTH
from wastetrack.domain.presence_code import parse_presence_code
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.times import local, local_day
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.inspections import queries, service, shapes
from wastetrack.features.inspections.models import Inspection
from wastetrack.features.inspections.queries import View
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.features.parties.queries import presence
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, can, look
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import Pages

pages = Pages("inspections", __name__)

ONE = "/inspections/<uuid:inspection_id>"
FINDING = f"{ONE}/findings/<int:position>"


@pages.shows("/inspections", needs=Act.VIEW_INSPECTION)
def inspections_page() -> ResponseReturnValue:
    """List inspections by what is to do about them."""
    now, session, who = clock.now(), look(), actor()
    view = _view(request.args.get("view"))
    of = _uuid(request.args.get("of"))
    lines, before = queries.page(session, who, view, now, _uuid(request.args.get("before")), of)
    numbers = queries.counts(session, who, now) if of is None else {}
    return render_template(
        "inspections/list.html",
        lines=lines,
        view=view,
        tabs_=[
            {
                "label": _(each.label),
                "href": url_for("inspections.inspections_page", view=each.value, of=of),
                "active": each is view,
                "count": numbers.get(each),
            }
            for each in View
        ],
        of=parties.names(session, {of}).get(of) if of and lines else None,
        following=url_for("inspections.inspections_page", view=view.value, of=of, before=before) if before else None,
        names_others=who.organisation_id is None,
    )


# --- recording -------------------------------------------------------------------------------------------------------


@pages.shows("/inspections/begin", needs=Act.INSPECT)
def begin_page() -> ResponseReturnValue:
    """Lead from a scanned sign or label to the form; without one, ask for it."""
    code = request.args.get("code", "").strip()[:300]
    refusal = None
    if code:
        try:
            return redirect(_form_for(code), 303)
        except Refusal as refused:
            refusal = refused
    page = render_template("inspections/begin.html", code=code, problems=said(refusal))
    return page, 422 if refusal else 200


def _form_for(code: str) -> str:
    """Return the address of the form for the store of a sign, or for who holds what a label is on."""
    session = look()
    if len(symbols_in(code, "p")) == SIGN_LENGTH:
        read = parse_presence_code(code, "code")
        sign = presence.on_the_wall(session, read)
        store = parties.facility(session, sign.facility_id) if sign else None
        if sign is None or store is None or sign.replaced_at is not None or not _may_inspect_there(store):
            raise _leads_nowhere()
        return url_for(
            "inspections.record_page", organisation_id=store.organisation_id, store=store.id, presence=read,
            evidence=request.args.get("evidence"),
        )  # fmt: skip
    box = containers.by_code(session, parse_container_code(code, "code"))
    if box is None or not containers.visible(session, actor(), box):
        raise _leads_nowhere()
    holder = parties.organisation(session, box.holder_organisation_id or box.producer_id)
    where = parties.facility(session, box.holder_facility_id) if box.holder_facility_id else None
    if not may(actor(), Act.INSPECT, queries.place_relations(session, actor(), holder, where)):
        raise _leads_nowhere()
    return url_for(
        "inspections.record_page", organisation_id=holder.id,
        store=box.holder_facility_id, code=box.code,
    )  # fmt: skip


def _may_inspect_there(store: Facility) -> bool:
    holder = parties.organisation(look(), store.organisation_id)
    return may(actor(), Act.INSPECT, queries.place_relations(look(), actor(), holder, store))


def _leads_nowhere() -> Refusal:
    sentence = N_(
        "This code leads to nothing that you may inspect: it was replaced, or it is in another region. Find the "
        "organisation in the list and begin there."
    )
    return refuse("inspection.nowhere", sentence, field="code")


@pages.shows("/organisations/<uuid:organisation_id>/inspect", needs=Act.INSPECT)
def record_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the form of an inspection."""
    session = look()
    one = parties.organisation(session, organisation_id)
    store = _store(one)
    _require_inspecting(one, store)
    place = queries.place_of(session, one.id)
    values: dict[str, Any] = request.form.to_dict() if refusal else {
        "facility_id": store.id if store else "",
        "presence": request.args.get("presence", ""),
        "evidence": request.args.get("evidence", ""),
        "inspected_at": f"{local(clock.now()):%Y-%m-%dT%H:%M}",
        "findings.0.code": request.args.get("code", ""),
    }  # fmt: skip
    return render_template(
        "inspections/record.html",
        one=one,
        store=store,
        sites=[(str(each.id), each.name) for each in place.sites],
        stores=[(str(each.id), f"{each.code} {each.name}") for each in place.stores],
        finding_kinds=list(FindingKind),
        numbers=range(MOST_FINDINGS),
        today=local_day(clock.now()),
        values=values,
        problems=said(refusal),
        sees=can(Act.VIEW_PARTIES),
    )


@pages.does("/organisations/<uuid:organisation_id>/inspect", needs=Act.INSPECT)
def record(organisation_id: UUID) -> ResponseReturnValue:
    """Record an inspection."""

    def then(one: Inspection) -> ResponseReturnValue:
        flash(_("The inspection is recorded. The organisation sees it at once."), "success")
        return redirect(url_for("inspections.inspection_page", inspection_id=one.id), 303)

    return submit(
        service.RecordInspection,
        service.record,
        then=then,
        again=lambda refusal: record_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )


def _store(one: Organisation) -> Facility | None:
    """Return the store that the address or the form names."""
    wanted = _uuid(request.args.get("store") or request.form.get("facility_id"))
    return parties.part(look(), Facility, wanted, one.id) if wanted else None


def _require_inspecting(one: Organisation, store: Facility | None) -> None:
    relations = queries.place_relations(look(), actor(), one, store)
    if not relations:
        raise unknown()
    require(actor(), Act.INSPECT, relations)


# --- one -------------------------------------------------------------------------------------------------------------


@pages.shows(ONE, needs=Act.VIEW_INSPECTION)
def inspection_page(inspection_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show an inspection: what was found, how the remedies stand, and what the reader can do about them."""
    now, session, who = clock.now(), look(), actor()
    one = queries.visible(session, who, inspection_id)
    related = queries.relations(session, who, one)
    store = parties.facility(session, one.facility_id) if one.facility_id else None
    people = accounts.names(session, {one.inspector_id, one.withdrawn_by})
    return render_template(
        "inspections/inspection.html",
        one=one,
        organisation=parties.organisation(session, one.organisation_id),
        sees_organisation=parties.is_visible(session, who, parties.organisation(session, one.organisation_id)),
        region=catalogue.full_names(session, {one.region_code})[one.region_code],
        store=store,
        store_visible=bool(store and containers.sees_store(session, who, store.id)),
        site=next((each for each in parties.sites_of(session, one.organisation_id) if each.id == one.site_id), None),
        findings=queries.findings_of(session, one, now),
        history=shapes.history(session, one),
        people=people,
        may_answer=one.withdrawn_at is None and may(who, Act.REMEDY, related),
        may_inspect=one.withdrawn_at is None and may(who, Act.INSPECT, related),
        may_withdraw=queries.withdrawable(session, who, one),
        to_do=TO_DO,
        answered=FindingState.ANSWERED,
        problems=said(refusal),
        values=request.form,
    )


def _here(inspection_id: UUID, done: str, position: int | None = None) -> ResponseReturnValue:
    flash(done, "success")
    anchor = f"finding-{position}" if position else None
    return redirect(url_for("inspections.inspection_page", inspection_id=inspection_id, _anchor=anchor), 303)


@pages.shows(FINDING, needs=(Act.REMEDY, Act.INSPECT))
def finding_page(inspection_id: UUID, position: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show one finding and what the reader can do about it: answer, or confirm and send back."""
    now, session, who = clock.now(), look(), actor()
    one = queries.visible(session, who, inspection_id)
    related = queries.relations(session, who, one)
    found = next((each for each in queries.findings_of(session, one, now) if each.row.position == position), None)
    if found is None or not (may(who, Act.REMEDY, related) or may(who, Act.INSPECT, related)):
        raise unknown()
    state = found.row.state if one.withdrawn_at is None else FindingState.CONFIRMED
    return render_template(
        "inspections/finding.html",
        one=one,
        found=found,
        organisation=parties.organisation(session, one.organisation_id),
        steps=[each for each in shapes.history(session, one) if each.position == position],
        may_answer=may(who, Act.REMEDY, related) and moved(Step.ANSWER, state),
        may_confirm=may(who, Act.INSPECT, related) and moved(Step.CONFIRM, state),
        may_send_back=may(who, Act.INSPECT, related) and moved(Step.SEND_BACK, state),
        today=local_day(now),
        problems=said(refusal),
        values=request.form if refusal else {},
    )


@pages.does(f"{FINDING}/answer", needs=Act.REMEDY)
def answer(inspection_id: UUID, position: int) -> ResponseReturnValue:
    """Say that a finding is put right."""
    sentence = N_("Your answer is recorded. An inspector confirms it or sends it back.")
    return submit(
        service.AnswerFinding,
        service.answer,
        then=lambda _one: _here(inspection_id, _(sentence), position),
        again=lambda refusal: finding_page(inspection_id, position, refusal),
        given={"inspection_id": inspection_id, "position": position},
    )


@pages.does(f"{FINDING}/decide", needs=Act.INSPECT)
def decide(inspection_id: UUID, position: int) -> ResponseReturnValue:
    """Confirm that a finding is put right, or send it back."""
    return submit(
        service.DecideFinding,
        service.decide,
        then=lambda _one: _here(inspection_id, _("Your decision is recorded. The organisation sees it."), position),
        again=lambda refusal: finding_page(inspection_id, position, refusal),
        given={"inspection_id": inspection_id, "position": position},
    )


@pages.does(f"{ONE}/withdraw", needs=Act.INSPECT)
def withdraw(inspection_id: UUID) -> ResponseReturnValue:
    """Declare an inspection wrong."""
    return submit(
        service.WithdrawInspection,
        service.withdraw,
        then=lambda _one: _here(inspection_id, _("The inspection is withdrawn. It stays to be read.")),
        again=lambda refusal: inspection_page(inspection_id, refusal),
        given={"inspection_id": inspection_id},
    )


def _view(text: str | None) -> View:
    try:
        return View(text) if text else View.WAITING  # type: ignore[call-arg]  # a Term is looked up by its value
    except ValueError:
        abort(404)


def _uuid(text: str | None) -> UUID | None:
    """Read an id out of an address; nonsense there is no page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(404)
