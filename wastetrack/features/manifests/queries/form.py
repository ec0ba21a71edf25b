"""A manifest composed as the statutory form, in Chinese, whoever asks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.documents.facts import (
    ConsignorPart,
    ContainerLine,
    ManifestDocument,
    ReceivedRow,
    ReceiverPart,
    TransportLeg,
    WasteRow,
)
from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.measures import kilograms
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.waste_codes import Form, ReceiverOpinion, TreatmentMode
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests.queries.sheets import Line, Sheet, reference_of
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Site
from wastetrack.infra.i18n import CHINESE, _, listed, speaking

_FORMS = {form.value: form.label for form in Form}
_MODES = {mode.value: mode.label for mode in TreatmentMode}


def document(session: Session, whole: Sheet, version: int, as_of: datetime) -> ManifestDocument:
    """Compose the statutory form as the manifest stands; in Chinese, whoever asks.

    The newest signed head of the ledger is printed on it: whoever holds the paper holds the ledger to that head.
    """
    manifest = whole.manifest
    with speaking(CHINESE):
        return ManifestDocument(
            number=manifest.number or "",
            reference=reference_of(manifest.id),
            version=version,
            as_of=as_of,
            status=_(manifest.state.label),
            consignor=_consignor_part(session, whole),
            legs=(_leg_part(session, whole),),
            receiver=_receiver_part(session, whole),
            containers=tuple(_container_line(line) for line in whole.lines),
            flags=tuple(_flags(manifest.state)),
            flag_reason=manifest.void_reason or "",
            discrepancies=tuple(_discrepancies(whole)),
            ledger_head=ledger.newest_short(session),
        )


def _flags(state: State) -> Iterable[str]:
    if state is State.DRAFT:
        yield _("DRAFT")
    if state in {State.VOID, State.DISCARDED}:
        yield _("VOID")


def _consignor_part(session: Session, whole: Sheet) -> ConsignorPart:
    one = whole.consignor
    return ConsignorPart(
        name=one.name,
        emergency_phone=one.emergency_phone,
        address=one.address,
        handler=_person(session, whole.manifest.signed_by, whole.manifest.signed_mandate_id),
        phone=one.phone,
        handed_over_at=whole.leg.departed_at,
        rows=tuple(_waste_rows(whole.on_board)),
    )


def _waste_rows(lines: Sequence[Line]) -> Iterable[WasteRow]:
    """One row for each waste in each packaging, as the form has it."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        c = line.container
        groups[c.waste_name, c.waste_code, c.hazards, c.form, c.packaging].append(line)
    for (name, waste_code, hazards, form, _packaging), rows in groups.items():
        yield WasteRow(
            name=name,
            code=waste_code,
            hazards=tuple(hazards.split()),
            form=_(_FORMS.get(form, form)),
            harmful_components=listed(dict.fromkeys(r.container.harmful for r in rows if r.container.harmful)),
            packaging=_(rows[0].container.packaging.label),
            packages=len(rows),
            mass_g=sum(row.box.stated_g for row in rows),
        )


def _leg_part(session: Session, whole: Sheet) -> TransportLeg:
    papers = parties.licences_of(session, whole.carrier.id, LicenceKind.TRANSPORT)
    return TransportLeg(
        carrier=whole.carrier.name,
        permit_number=papers[0].number if papers else "",
        address=whole.carrier.address,
        phone=whole.carrier.phone,
        driver=whole.driver.name,
        driver_phone=whole.driver.phone,
        vehicle=_vehicle(whole),
        plate=whole.plates,
        start=_address(session, whole.store),
        departed_at=whole.leg.departed_at,
        end=_address(session, whole.receiver_store),
        arrived_at=whole.leg.arrived_at,
        note="；".join(_leg_notes(whole)),
    )


def _leg_notes(whole: Sheet) -> Iterable[str]:
    """Say who escorts, and once the driver was asked for it whether his presence at the store is proven."""
    if whole.escort:
        yield _("Escort: {name}", name=whole.escort.name)
    match whole.leg.presence:
        case Presence.PROVEN:
            yield _("Presence at the store proven by the code on its wall")
        case Presence.UNPROVEN:
            reason = whole.leg.presence_reason or _("none given")
            yield _("Unverified pick-up: presence at the store not proven. Reason: {reason}", reason=reason)


def _vehicle(whole: Sheet) -> str:
    if whole.vehicle.kind is VehicleKind.TRACTOR:
        return _("Tractor with trailer") if whole.trailer else _("Tractor")
    return _("Lorry with trailer") if whole.trailer else _("Lorry")


def _receiver_part(session: Session, whole: Sheet) -> ReceiverPart:
    one, manifest = whole.receiver, whole.manifest
    papers = parties.licences_of(session, one.id, LicenceKind.OPERATING)
    return ReceiverPart(
        name=one.name,
        licence_number=papers[0].number if papers else "",
        address=one.address,
        handler=_person(session, manifest.confirmed_by, manifest.confirmed_mandate_id),
        phone=one.phone,
        accepted_at=manifest.confirmed_at,
        rows=tuple(_received_rows(whole)),
    )


def _received_rows(whole: Sheet) -> Iterable[ReceivedRow]:
    """One row for each waste: what was accepted of it, and whether all of it was there."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in whole.on_board:
        groups[line.container.waste_name, line.container.waste_code].append(line)
    mode = whole.manifest.mode
    treatment = f"{mode} {_(_MODES[mode])}" if mode in _MODES else mode
    for (name, waste_code), rows in groups.items():
        if not whole.manifest.confirmed_at:
            yield ReceivedRow(name=name, code=waste_code, treatment=treatment)
            continue
        accepted = [row for row in rows if row.box.verdict is Verdict.ACCEPTED]
        missing = sum(row.box.verdict is Verdict.MISSING for row in rows)
        refused = sum(row.box.verdict is Verdict.REFUSED for row in rows)
        note = _("{missing} missing, {refused} refused", missing=missing, refused=refused)
        yield ReceivedRow(
            name=name,
            code=waste_code,
            major_difference=len(accepted) < len(rows),
            difference_note=note if len(accepted) < len(rows) else "",
            opinion=_(_opinion(len(accepted), len(rows)).label),
            treatment=treatment,
            mass_g=sum(row.accepted_g for row in accepted),
        )


def _opinion(accepted: int, of: int) -> ReceiverOpinion:
    if not accepted:
        return ReceiverOpinion.REJECTED
    return ReceiverOpinion.ACCEPTED if accepted == of else ReceiverOpinion.PARTLY_ACCEPTED


def _container_line(line: Line) -> ContainerLine:
    box, container = line.box, line.container
    note = box.verdict_reason or ""
    if box.replaced_by:
        note = _("repacked on the way: {damage}", damage=container.damage)
    elif box.left_behind_at:
        note = _("left in the store")
    elif box.taken_back_at:
        note = _("taken back by the consignor")
    return ContainerLine(
        code=line.code,
        producer=line.producer,
        class_name=container.waste_name,
        waste_code=container.waste_code,
        mass_g=box.stated_g,
        verdict=_(box.verdict.label) if box.verdict else "",
        note=note,
    )


def _discrepancies(whole: Sheet) -> Iterable[str]:
    if whole.left_behind:
        yield _("Left in the consignor's store at departure: {codes}.", codes=_codes(whole.left_behind))
    for line, code in whole.replaced:
        yield _(
            "Damaged on the way: {code}, now in {new}: {damage}.",
            code=line.code,
            new=code,
            damage=line.container.damage,
        )
    for line in whole.damaged:
        yield _("Damaged on the way: {code}: {damage}.", code=line.code, damage=line.container.damage)
    missing = whole.with_verdict(Verdict.MISSING)
    if missing:
        yield _("Missing at the receipt: {codes}.", codes=_codes(missing))
    for line in whole.with_verdict(Verdict.REFUSED):
        yield _("Refused: {code}, because: {reason}.", code=line.code, reason=line.box.verdict_reason)
    if whole.manifest.confirmed_at:
        accepted = whole.with_verdict(Verdict.ACCEPTED)
        difference = sum(line.accepted_g - line.box.stated_g for line in accepted)
        if difference:
            yield _(
                "The accepted containers weigh {difference} kg against what was stated.",
                difference=("+" if difference > 0 else "") + kilograms(difference),
            )


def _codes(lines: Iterable[Line]) -> str:
    return listed(line.code for line in lines)


def _person(session: Session, user_id: UUID | None, mandate_id: UUID | None) -> str:
    name, own = accounts.name_beside(session, user_id, mandate_id)
    return accounts.beside(name, own) if own else name


def _address(session: Session, store: Facility) -> str:
    site = session.get_one(Site, store.site_id)
    return f"{site.address} {store.name}"
