"""Pages of the treatment: the queue by age, the review of what is about to be treated, the batch."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.container_code import ContainerCode, parse_container_code, pretty
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.signing import Signature
from wastetrack.domain.storing import overdue
from wastetrack.domain.times import local_day
from wastetrack.domain.treatment import not_in_queue
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.containers.models import Container
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility
from wastetrack.features.signing import queries as signing
from wastetrack.features.signing import shapes as signatures
from wastetrack.features.treatment import queries, service
from wastetrack.features.treatment.models import Batch
from wastetrack.features.treatment.service import ChooseBatch, Preview, TreatBatch
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.infra.work import Work
from wastetrack.web.context import actor, look
from wastetrack.web.forms import parse, said, status_of, submit
from wastetrack.web.reauth import only_to_show, submit_signed
from wastetrack.web.routing import Pages

pages = Pages("treatment", __name__)


# --- the queue -------------------------------------------------------------------------------------------------------


@pages.shows("/treatment", needs=Act.TREAT)
def queue_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what stands in the plant's store, what must be treated first first, with boxes and process to choose."""
    return _whole_queue(refusal)


def _whole_queue(refusal: Refusal | None) -> str:
    return _queue(refusal, _scanned(), set(request.form.getlist("container_ids")))


def _queue(refusal: Refusal | None, scanned: Sequence[str], ticked: set[str]) -> str:
    session, who = look(), actor()
    stores = queries.plant_stores(session, who.organisation_id)
    store = _store(stores)
    waiting = queries.queue(session, store.id, scanned) if store else queries.Queue(0, 0, ())
    ticked |= {str(one.id) for one in waiting.boxes if one.code in scanned or request.values.get("all") == "1"}
    modes = queries.modes_offered(session, who.organisation_id, local_day(clock.now()))
    return render_template(
        "treatment/queue.html",
        problems=said(refusal),
        stores=stores,
        store=store,
        queue=waiting,
        overdue=sum(overdue(one.must_leave_by, clock.now()) for one in waiting.boxes),
        producers=parties.names(session, (one.producer_id for one in waiting.boxes)),
        modes=[(mode.value, f"{mode.value} {_(mode.label)}") for mode in modes],
        chosen_mode=request.values.get("mode", ""),
        mode=request.values.get("mode") or _mode_meant(waiting.boxes, ticked, modes),
        scan_refused=request.endpoint == "treatment.scan",
        ticked=ticked,
        scanned=scanned,
        closed=signatures.closed(session, who, Signature.TREATMENT, clock.now()),
    )


def _mode_meant(boxes: Sequence[Container], ticked: set[str], modes: Sequence[TreatmentMode]) -> str | None:
    """Return the process to offer: the only one licensed, or the one that the manifests of all chosen boxes name.

    While none is chosen, all that wait count: if they agree, so does any choice among them.
    """
    if len(modes) == 1:
        return modes[0].value
    chosen = [one.id for one in boxes if str(one.id) in ticked] or [one.id for one in boxes]
    meant = queries.modes_meant(look(), chosen)
    return next((mode.value for mode in modes if {mode.value} == meant), None)


@pages.does("/treatment/scan", needs=Act.TREAT)
def scan() -> ResponseReturnValue:
    """Add one scanned box to those that are ticked, or all that is in a large one. The page carries the codes."""
    scanned = _scanned()
    store = _store(queries.plant_stores(look(), actor().organisation_id))
    try:
        code = parse_container_code(request.form.get("code", ""))
        waiting = queries.waiting_under(look(), store.id, code) if store else []
        if not waiting:
            raise not_in_queue(pretty(code))
    except Refusal as refusal:
        return make_response(_queue(refusal, scanned, set()), status_of(refusal))
    return _queue(None, list(dict.fromkeys([*scanned, *waiting])), set())


# --- the batch -------------------------------------------------------------------------------------------------------


@pages.does("/treatment/review", needs=Act.TREAT)
def review() -> ResponseReturnValue:
    """Show exactly what would be treated and how, checked, for one confirmation."""
    return submit(ChooseBatch, service.preview, then=_review, again=queue_page)


def _review(seen: Preview, refusal: Refusal | None = None) -> str:
    return render_template(
        "treatment/review.html",
        store=seen.facility,
        boxes=seen.boxes,
        statement=queries.statement(seen.facility, seen.mode, seen.boxes),
        closed=signatures.closed(look(), actor(), Signature.TREATMENT, clock.now()),
        problems=said(refusal),
        **_sums(seen.boxes, seen.mode),
    )


def _review_again(refusal: Refusal) -> ResponseReturnValue:
    """Show the same boxes once more where only the signature failed; whatever is wrong with them shows the queue."""
    if not only_to_show(said(refusal)) and refusal.problems[0].code != "signing.shown":
        return _whole_queue(refusal)
    try:
        command = parse(ChooseBatch, MultiDict(i for i in request.form.items(multi=True) if i[0] != "shown"))
        return _review(service.preview(Work(look(), actor(), clock.now()), command), refusal)
    except Refusal as other:
        if other.kind in {Kind.FORBIDDEN, Kind.UNKNOWN}:
            raise
        return _whole_queue(other)


@pages.does("/treatment", needs=Act.TREAT)
def treat() -> ResponseReturnValue:
    """Record the batch."""

    def then(batch: Batch) -> ResponseReturnValue:
        flash(_("Batch {number} is recorded.", number=batch.number), "success")
        return redirect(url_for("treatment.batch_page", batch_id=batch.id), 303)

    return submit_signed(TreatBatch, service.treat, then=then, again=_review_again)


@pages.shows("/treatment/batches", needs=Act.TREAT)
def batches_page() -> ResponseReturnValue:
    """List the batches of the own organisation, the latest first."""
    rows, more = queries.page(look(), actor().organisation_id, _uuid(request.args.get("before")))
    modes = {mode.value: mode for mode in TreatmentMode}
    return render_template("treatment/batches.html", rows=rows, more=more, modes=modes)


@pages.shows("/treatment/<uuid:batch_id>", needs=Act.VIEW_BATCH)
def batch_page(batch_id: UUID) -> ResponseReturnValue:
    """Show one batch: its receipt and every box of it."""
    batch = queries.view(look(), actor(), batch_id)
    boxes = queries.boxes_of(look(), batch.id)
    store = parties.facility(look(), batch.facility_id)
    return render_template(
        "treatment/batch.html",
        batch=batch,
        store=store,
        boxes=boxes,
        given=signing.given(look(), queries.stream_of(batch.id)),
        **_sums(boxes, batch.mode),
    )


# --- what the pages share --------------------------------------------------------------------------------------------


def _sums(boxes: Sequence[Container], mode: str) -> dict[str, object]:
    """Return what is said of a set of boxes: the process, the whole mass, each sort of waste, the producers."""
    sorts: dict[str, list[Container]] = {}
    for one in boxes:
        sorts.setdefault(one.waste_code, []).append(one)
    return {
        "mode": TreatmentMode(mode),  # type: ignore[call-arg]  # a Term is looked up by its value
        "mass": Grams(sum(one.mass_g for one in boxes)),
        "sorts": [(rows[0], len(rows), Grams(sum(one.mass_g for one in rows))) for rows in sorts.values()],
        "producers": parties.names(look(), (one.producer_id for one in boxes)),
    }


def _store(stores: Sequence[Facility]) -> Facility | None:
    """Return the store meant by the address or form, else the first; one that is not the own is unknown."""
    wanted = request.values.get("facility_id")
    if not wanted:
        return stores[0] if stores else None
    found = next((store for store in stores if str(store.id) == wanted), None)
    if found is None:
        raise unknown()
    return found


def _scanned() -> list[str]:
    """Return the codes scanned so far; what is no code was not put there by the page and is passed over."""
    codes = []
    for text in request.form.get("scanned", "").split()[: service.MOST_IN_A_BATCH]:
        try:
            codes.append(parse_container_code(text))
        except Refusal:
            continue
    return [str(ContainerCode(code)) for code in dict.fromkeys(codes)]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
