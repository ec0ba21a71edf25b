"""Pages of manifests: the consignor's, the driver's, the receiver's, and the check page for anyone."""

from collections.abc import Callable
from itertools import groupby
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.documents.manifest import render_manifest
from wastetrack.domain import manifest_checks as checks
from wastetrack.domain.access import Act, Relation, finishing, may, unknown
from wastetrack.domain.check_symbols import symbols_in
from wastetrack.domain.container_code import parse_container_code, pretty
from wastetrack.domain.containers import Packaging
from wastetrack.domain.manifests import ALLOWED, State, Step, Verdict
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.presence_code import parse_presence_code
from wastetrack.domain.problems import Refusal
from wastetrack.domain.registration import packagings_for
from wastetrack.domain.signing import Signature
from wastetrack.domain.waste_codes import WasteCode
from wastetrack.domain.words import N_
from wastetrack.features.manifests import queries, service, shapes
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.signing import queries as signing
from wastetrack.features.signing import shapes as signatures
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import actor, look
from wastetrack.web.forms import Said, said, status_of, submit
from wastetrack.web.pdf import pdf
from wastetrack.web.reauth import submit_signed
from wastetrack.web.routing import PUBLIC, Pages
from wastetrack.web.scanning import scanned_code

pages = Pages("manifests", __name__)

Again = Callable[[Refusal], ResponseReturnValue]


def _then(endpoint: str, text: str) -> Callable[[Manifest], ResponseReturnValue]:
    """Answer an act with its receipt on the page that follows."""

    def answer(manifest: Manifest) -> ResponseReturnValue:
        flash(_(text, number=manifest.number or queries.reference_of(manifest.id)), "success")
        return redirect(url_for(endpoint, manifest_id=manifest.id), 303)

    return answer


# --- lists -----------------------------------------------------------------------------------------------------------


@pages.shows("/manifests", needs=Act.VIEW_MANIFEST)
def manifests_page() -> ResponseReturnValue:
    """Every manifest that the person may see, narrowed by what stands in the address."""
    wanted, after = shapes.wanted(request.args), request.args.get("after")
    return render_template(
        "manifests/manifests.html",
        page=queries.find(look(), actor(), wanted, after),
        wanted=wanted,
        states=list(State),
        form=request.args,
        next_href=_next_href,
    )


@pages.shows("/trips", needs=Act.CARRY)
def trips_page() -> ResponseReturnValue:
    """The legs of the driver who is signed in."""
    page = queries.trips(look(), actor(), request.args.get("after"))
    return render_template("manifests/trips.html", page=page, next_href=_next_href, State=State)


@pages.shows("/receipts", needs=Act.RECEIVE)
def receipts_page() -> ResponseReturnValue:
    """What stands at the gate, is on its way or about to depart; behind the second tab what was received."""
    ended = request.args.get("show") == "ended"
    page = queries.receipts(look(), actor(), request.args.get("after"), ended=ended)
    groups = [(state, list(rows)) for state, rows in groupby(page.rows, lambda row: row.manifest.state)]
    return render_template(
        "manifests/receipts.html",
        page=page,
        groups=groups,
        short=[] if ended or request.args.get("after") else queries.short(look(), actor()),
        ended=ended,
        next_href=_next_href,
        State=State,
    )


def _next_href(after: str | None) -> str | None:
    if after is None:
        return None
    kept = {name: request.args[name] for name in (*shapes.FILTERS, "show") if request.args.get(name)}
    return url_for(str(request.endpoint), after=after, **kept)  # type: ignore[arg-type]


# --- drafting --------------------------------------------------------------------------------------------------------


@pages.shows("/manifests/new", needs=Act.DRAFT_MANIFEST)
def new_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Two steps: who is involved, then which containers, vehicle and crew. Who begins nothing new is told so."""
    if finishing(actor()):
        return redirect(url_for("manifests.manifests_page"), 303)
    return _plan_page(None, refusal)


@pages.does("/manifests/new", needs=Act.DRAFT_MANIFEST)
def draft() -> ResponseReturnValue:
    """Keep the draft."""
    then = _then("manifests.manifest_page", N_("The draft {number} is kept. Look at it, then sign it."))
    return submit(service.DraftManifest, service.draft, then=then, again=new_page)


@pages.shows("/manifests/<uuid:manifest_id>/change", needs=Act.DRAFT_MANIFEST)
def change_page(manifest_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """The same form, filled with the draft."""
    whole, held = queries.view(look(), actor(), manifest_id)
    if whole.manifest.state is not State.DRAFT or not may(actor(), Act.DRAFT_MANIFEST, held):
        raise unknown()
    if finishing(actor()):
        return redirect(url_for("manifests.manifest_page", manifest_id=manifest_id), 303)
    return _plan_page(whole, refusal)


@pages.does("/manifests/<uuid:manifest_id>/change", needs=Act.DRAFT_MANIFEST)
def change(manifest_id: UUID) -> ResponseReturnValue:
    """Keep the changed draft."""
    return submit(
        service.ChangeDraft,
        service.change_draft,
        then=_then("manifests.manifest_page", N_("The draft {number} is kept. Look at it, then sign it.")),
        again=lambda refusal: change_page(manifest_id, refusal),
        given={"manifest_id": manifest_id},
    )


def _plan_page(whole: queries.Sheet | None, refusal: Refusal | None) -> ResponseReturnValue:
    plan = shapes.plan(look(), actor(), request.values, whole)
    template = "manifests/plan.html" if plan.complete else "manifests/plan_parties.html"
    return render_template(template, plan=plan, whole=whole, problems=said(refusal))


@pages.does("/manifests/<uuid:manifest_id>/discard", needs=Act.DRAFT_MANIFEST)
def discard(manifest_id: UUID) -> ResponseReturnValue:
    """Drop a draft."""
    return submit(
        service.DiscardDraft,
        service.discard,
        then=_then("manifests.manifest_page", N_("The draft {number} is discarded. Its containers are free again.")),
        again=lambda refusal: manifest_page(manifest_id, refusal),
        given={"manifest_id": manifest_id},
    )


# --- one manifest ----------------------------------------------------------------------------------------------------


@pages.shows("/manifests/<uuid:manifest_id>", needs=Act.VIEW_MANIFEST)
def manifest_page(manifest_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Parties, boxes, way, history, and what the reader may do next."""
    session, who = look(), actor()
    whole, held = queries.view(session, who, manifest_id)
    manifest = whole.manifest
    own_boxes_only = not may(who, Act.VIEW_MANIFEST, held - {Relation.PRODUCER})
    draft_problems, draft_warnings = _judged(whole) if manifest.state is State.DRAFT else ([], [])
    return render_template(
        "manifests/manifest.html",
        whole=whole,
        manifest=manifest,
        reference=queries.reference_of(manifest.id),
        mode=shapes.mode_words(manifest.mode),
        own_boxes_only=own_boxes_only,
        against=draft_problems,
        warned=draft_warnings,
        problems=said(refusal),
        steps=shapes.way(whole),
        history=[] if own_boxes_only else shapes.history(session, manifest, who, held),
        given=[] if own_boxes_only else signing.given(session, queries.stream_of(manifest.id)),
        allowed=_allowed(held, manifest),
        tried=_tried(),
        form=request.form,
        Verdict=Verdict,
        State=State,
        Presence=Presence,
    )


def _judged(whole: queries.Sheet) -> tuple[list[Said], list[Said]]:
    """Return what stands against signing a draft, and what is only said before it."""
    lawful = queries.facts(look(), whole, clock.now())
    against, warned = checks.problems(lawful), checks.warnings(lawful)
    return said(Refusal(against)) if against else [], said(Refusal(warned)) if warned else []


def _allowed(held: set[Relation], manifest: Manifest) -> set[str]:
    """Return the names of the steps that the reader may take now."""
    asked = {
        Step.CHANGE: Act.DRAFT_MANIFEST,
        Step.DISCARD: Act.DRAFT_MANIFEST,
        Step.SIGN: Act.SIGN_MANIFEST,
        Step.VOID: Act.DRAFT_MANIFEST,
        Step.LOAD: Act.CARRY,
        Step.ARRIVE: Act.CARRY,
        Step.RECEIVE: Act.RECEIVE,
    }
    steps = {step.value for step, act in asked.items() if manifest.state in ALLOWED[step] and may(actor(), act, held)}
    if finishing(actor()):
        steps.discard(Step.CHANGE.value)
    if may(actor(), Act.TAKE_BACK, held):
        steps.add("take_back")
    if may(actor(), Act.RECEIVE, held) and manifest.signed_at:
        steps.add("receipt")
    if may(actor(), Act.CARRY, held) and manifest.signed_at:
        steps.add("trip")
    return steps


@pages.shows("/manifests/<uuid:manifest_id>/sign", needs=Act.SIGN_MANIFEST)
def sign_page(manifest_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Exactly what is signed, and every problem that stands against it."""
    whole, held = queries.view(look(), actor(), manifest_id)
    if not may(actor(), Act.SIGN_MANIFEST, held):
        raise unknown()
    if whole.manifest.state is not State.DRAFT and refusal is None:
        return redirect(url_for("manifests.manifest_page", manifest_id=manifest_id), 303)
    return render_template(
        "manifests/sign.html",
        whole=whole,
        manifest=whole.manifest,
        reference=queries.reference_of(manifest_id),
        statement=queries.consignor_statement(whole),
        closed=_closed(Signature.CONSIGNOR),
        problems=said(refusal),
        warned=_judged(whole)[1],
    )


@pages.does("/manifests/<uuid:manifest_id>/sign", needs=Act.SIGN_MANIFEST)
def sign(manifest_id: UUID) -> ResponseReturnValue:
    """Sign part one."""
    then = _then(
        "manifests.manifest_page", N_("Signed. The manifest has the number {number}. The driver can load now.")
    )
    return submit_signed(
        service.SignManifest,
        service.sign,
        then=then,
        again=lambda refusal: sign_page(manifest_id, refusal),
        given={"manifest_id": manifest_id},
    )


@pages.does("/manifests/<uuid:manifest_id>/void", needs=Act.DRAFT_MANIFEST)
def void(manifest_id: UUID) -> ResponseReturnValue:
    """Take a signed manifest back before departure."""
    return submit(
        service.VoidManifest,
        service.void,
        then=_then("manifests.manifest_page", N_("Manifest {number} is void. Its containers are free again.")),
        again=lambda refusal: manifest_page(manifest_id, refusal),
        given={"manifest_id": manifest_id},
    )


@pages.does("/manifests/<uuid:manifest_id>/take-back", needs=Act.TAKE_BACK)
def take_back(manifest_id: UUID) -> ResponseReturnValue:
    """Take one refused or found box back into the store."""
    again: Again = lambda refusal: manifest_page(manifest_id, refusal)  # noqa: E731  (said once, used once)
    return _scanned(service.ScanBox, service.take_back, manifest_id, "manifests.manifest_page", again)


# --- prints ----------------------------------------------------------------------------------------------------------


@pages.shows("/manifests/<uuid:manifest_id>/print.pdf", needs=Act.VIEW_MANIFEST)
def print_pdf(manifest_id: UUID) -> ResponseReturnValue:
    """The statutory form of the newest version, or of the one asked for; the same version gives the same bytes."""
    whole, held = queries.view(look(), actor(), manifest_id)
    made = queries.newest_print(look(), whole.manifest.id, request.args.get("version", type=int))
    document = queries.openable(actor(), held, made)
    address = f"{current_app.config['PUBLIC_URL'].rstrip('/')}/V/{made.token}".upper()
    name = f"{whole.manifest.number or queries.reference_of(manifest_id)}-{made.version}"
    return pdf(render_manifest(document, address), name)


@pages.shows("/v/<token>", needs=PUBLIC)
@pages.shows("/V/<token>", needs=PUBLIC, endpoint="check_page_upper")
def check_page(token: str) -> ResponseReturnValue:
    """Tell anyone whether a print is genuine and current, and what is true now. Names no person."""
    found = queries.check(look(), symbols_in(token, "v"))
    if found is None:
        return render_template("manifests/check_unknown.html", token=token[:40]), 404
    return render_template(
        "manifests/check.html",
        found=found,
        document=found.document,
        status=_(found.said.label) if found.said else shapes.in_words(State, found.document.status),
        packaging=lambda words: shapes.in_words(Packaging, words),
        waste=shapes.waste_in_words,
        changed=shapes.changed(found.document, found.newest_document),
        since=shapes.since(found.since),
    )


# --- the driver ------------------------------------------------------------------------------------------------------


@pages.shows("/trips/<uuid:manifest_id>", needs=Act.CARRY)
def trip_page(manifest_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Scan what is loaded, see what remains, take over and depart, arrive."""
    whole, held = queries.view(look(), actor(), manifest_id)
    if not may(actor(), Act.CARRY, held):
        raise unknown()
    return render_template(
        "manifests/trip.html",
        whole=whole,
        tried=_tried(),
        manifest=whole.manifest,
        problems=said(refusal),
        form=request.form,
        State=State,
        Presence=Presence,
        statement=queries.carrier_statement(whole),
        packagings=packagings_for(WasteCode(whole.lines[0].container.waste_code)) if whole.lines else (),
        closed=_closed(Signature.CARRIER) if whole.manifest.state is State.SIGNED else [],
    )


@pages.does("/trips/<uuid:manifest_id>/presence", needs=Act.CARRY)
def prove_presence(manifest_id: UUID) -> ResponseReturnValue:
    """Take the code on the wall of the store. Nobody types its whole address: that was read from the sign."""
    again = _trip_again(manifest_id)
    try:
        code = scanned_code(request, "presence", reads=parse_presence_code)
    except Refusal as refusal:
        return again(refusal), status_of(refusal)  # type: ignore[return-value]
    given: dict[str, object] = {"manifest_id": manifest_id, "presence": code}
    if "/" in code or not request.form.get("presence", "").strip():
        given["evidence"] = "scanned"
    then = _then("manifests.trip_page", N_("Your presence at the store is proven. Now the containers."))
    return submit(service.ProvePresence, service.prove_presence, then=then, again=again, given=given)


@pages.does("/trips/<uuid:manifest_id>/unverified", needs=Act.CARRY)
def go_on_unverified(manifest_id: UUID) -> ResponseReturnValue:
    """Go on without the code, with the reason."""
    return submit(
        service.GoOnUnverified,
        service.go_on_unverified,
        then=_then("manifests.trip_page", N_("Noted. The pick-up goes on and is marked as unverified.")),
        again=_trip_again(manifest_id),
        given={"manifest_id": manifest_id},
    )


@pages.does("/trips/<uuid:manifest_id>/load", needs=Act.CARRY)
def load(manifest_id: UUID) -> ResponseReturnValue:
    """Take one box onto the vehicle."""
    return _scanned(service.ScanBox, service.load, manifest_id, "manifests.trip_page", _trip_again(manifest_id))


@pages.does("/trips/<uuid:manifest_id>/unload", needs=Act.CARRY)
def unload(manifest_id: UUID) -> ResponseReturnValue:
    """Put one box back into the store."""
    return _scanned(service.ScanBox, service.unload, manifest_id, "manifests.trip_page", _trip_again(manifest_id))


@pages.does("/trips/<uuid:manifest_id>/damaged", needs=Act.CARRY)
def damaged(manifest_id: UUID) -> ResponseReturnValue:
    """Declare one box on the vehicle damaged."""
    return _scanned(
        service.DeclareDamaged, service.damaged, manifest_id, "manifests.trip_page", _trip_again(manifest_id)
    )


@pages.does("/trips/<uuid:manifest_id>/repack", needs=Act.CARRY)
def repack_on_the_way(manifest_id: UUID) -> ResponseReturnValue:
    """Put a damaged box into another container on the vehicle."""
    again = _trip_again(manifest_id)
    return _scanned(service.RepackOnTheWay, service.repack_on_the_way, manifest_id, "manifests.trip_page", again)


@pages.does("/trips/<uuid:manifest_id>/depart", needs=Act.CARRY)
def depart(manifest_id: UUID) -> ResponseReturnValue:
    """Sign part two."""
    return submit_signed(
        service.Depart,
        service.depart,
        then=_then("manifests.trip_page", N_("Taken over. Manifest {number} is on its way.")),
        again=_trip_again(manifest_id),
        given={"manifest_id": manifest_id},
    )


@pages.does("/trips/<uuid:manifest_id>/arrive", needs=Act.CARRY)
def arrive(manifest_id: UUID) -> ResponseReturnValue:
    """Say that the vehicle is there."""
    return submit(
        service.Arrive,
        service.arrive,
        then=_then("manifests.trip_page", N_("Arrived. The receiver can now take the load of manifest {number}.")),
        again=_trip_again(manifest_id),
        given={"manifest_id": manifest_id},
    )


def _trip_again(manifest_id: UUID) -> Again:
    return lambda refusal: trip_page(manifest_id, refusal)


# --- the receiver ----------------------------------------------------------------------------------------------------


@pages.shows("/receipts/<uuid:manifest_id>", needs=Act.RECEIVE)
def receipt_page(manifest_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Scan what comes off the vehicle, with mass and verdict; see what is still missing; sign."""
    whole, held = queries.view(look(), actor(), manifest_id)
    if not may(actor(), Act.RECEIVE, held):
        raise unknown()
    return render_template(
        "manifests/receipt.html",
        whole=whole,
        to_refuse=_to_refuse(whole),
        tried=_tried(),
        manifest=whole.manifest,
        stores=shapes.stores_of(look(), whole.receiver.id),
        accepted=whole.with_verdict(Verdict.ACCEPTED),
        refused=whole.with_verdict(Verdict.REFUSED),
        missing=[line for line in whole.with_verdict(Verdict.MISSING) if not line.box.taken_back_at],
        statement=queries.receiver_statement(whole),
        closed=_closed(Signature.RECEIVER) if whole.manifest.state in ALLOWED[Step.RECEIVE] else [],
        problems=said(refusal),
        form=request.form,
        State=State,
    )


def _to_refuse(whole: queries.Sheet) -> str:
    """Return the code with which the refusal opens: the one that was sent, or of the line it was opened from."""
    if _tried() == "refuse":
        return request.form.get("code", "")
    wanted = request.args.get("refuse", "")
    return next((line.code for line in whole.on_board if wanted == line.container.code), "")


@pages.does("/receipts/<uuid:manifest_id>/receive", needs=Act.RECEIVE)
def receive(manifest_id: UUID) -> ResponseReturnValue:
    """Accept one box."""
    again = _receipt_again(manifest_id)
    return _scanned(service.ReceiveBox, service.receive_box, manifest_id, "manifests.receipt_page", again)


@pages.does("/receipts/<uuid:manifest_id>/refuse", needs=Act.RECEIVE)
def refuse(manifest_id: UUID) -> ResponseReturnValue:
    """Refuse one box."""
    again = _receipt_again(manifest_id)
    return _scanned(service.RefuseBox, service.refuse_box, manifest_id, "manifests.receipt_page", again)


@pages.does("/receipts/<uuid:manifest_id>/withdraw", needs=Act.RECEIVE)
def withdraw(manifest_id: UUID) -> ResponseReturnValue:
    """Take a verdict back that was given by mistake."""
    again = _receipt_again(manifest_id)
    return _scanned(service.ScanBox, service.withdraw, manifest_id, "manifests.receipt_page", again)


@pages.does("/receipts/<uuid:manifest_id>/arrive", needs=Act.RECEIVE)
def receiver_arrive(manifest_id: UUID) -> ResponseReturnValue:
    """Say for the driver that the vehicle is there."""
    return submit(
        service.Arrive,
        service.arrive,
        then=_then("manifests.receipt_page", N_("Arrived. The receiver can now take the load of manifest {number}.")),
        again=_receipt_again(manifest_id),
        given={"manifest_id": manifest_id},
    )


@pages.does("/receipts/<uuid:manifest_id>/confirm", needs=Act.RECEIVE)
def confirm(manifest_id: UUID) -> ResponseReturnValue:
    """Sign part three."""
    return submit_signed(
        service.ConfirmReceipt,
        service.confirm,
        then=_then("manifests.receipt_page", N_("The receipt of manifest {number} is confirmed.")),
        again=_receipt_again(manifest_id),
        given={"manifest_id": manifest_id},
    )


def _receipt_again(manifest_id: UUID) -> Again:
    return lambda refusal: receipt_page(manifest_id, refusal)


def _closed(signature: Signature) -> list[Said]:
    """Return why the reader may not give this signature, in words."""
    return signatures.closed(look(), actor(), signature, clock.now())


def _tried() -> str:
    """Return the name of the act on one box that was just tried and refused, else nothing."""
    name = (request.endpoint or "").rpartition(".")[2]
    return name if name in {do.__name__.removesuffix("_box") for do in _NOTED} else ""


def _scanned(
    command: type[service.ScanBox],
    do: Callable[..., Manifest],
    manifest_id: UUID,
    endpoint: str,
    again: Again,
) -> ResponseReturnValue:
    """Run one act on a box whose label was scanned, typed or photographed."""
    try:
        code = scanned_code(request)
    except Refusal as refusal:
        return again(refusal), status_of(refusal)  # type: ignore[return-value]
    photographed = bool(code) and not request.form.get("code", "").strip()
    given: dict[str, object] = {"manifest_id": manifest_id, "code": code}
    if photographed:
        given["evidence"] = "scanned"
    return submit(command, do, then=_noted(do, code, endpoint), again=again, given=given)


_NOTED = {
    service.load: N_("{code} is loaded. Manifest {number}."),
    service.unload: N_("{code} is taken off the vehicle. Manifest {number}."),
    service.receive_box: N_("{code} is received. Manifest {number}."),
    service.refuse_box: N_("{code} is refused. Manifest {number}."),
    service.withdraw: N_("The verdict on {code} is taken back: accept or refuse it. Manifest {number}."),
    service.damaged: N_("{code} is declared damaged: everybody on manifest {number} sees it."),
    service.repack_on_the_way: N_(
        "The content of {code} has a new container: write its code, shown below, on it. Manifest {number}."
    ),
    service.take_back: N_("{code} is taken back. Manifest {number}."),
}


def _noted(do: Callable[..., Manifest], code: str, endpoint: str) -> Callable[[Manifest], ResponseReturnValue]:
    """Answer a scan with the box it was about: in a load of three hundred nobody else remembers which."""

    def answer(manifest: Manifest) -> ResponseReturnValue:
        box = pretty(parse_container_code(code))
        flash(_(_NOTED[do], code=box, number=manifest.number or queries.reference_of(manifest.id)), "success")
        return redirect(url_for(endpoint, manifest_id=manifest.id), 303)

    return answer
