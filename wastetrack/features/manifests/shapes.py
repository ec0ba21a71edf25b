"""What the pages show and read: the filter in the address, the plan under way, the way of a load, its history."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from wastetrack.documents.facts import ManifestDocument
from wastetrack.domain.access import Act, Actor, Relation, may
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.ledger import Event, Evidence
from wastetrack.domain.manifest_prints import readers
from wastetrack.domain.manifests import State
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import CrewRole, OrganisationKind
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.registration import waste_words
from wastetrack.domain.typed_text import compact, narrow
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_, Term
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import CrewMember, Facility, Organisation, Vehicle
from wastetrack.infra.i18n import CHINESE, _, language, speaking

Choice = tuple[str, str]
"""Value and words of one entry in a list."""


FILTERS = ("number", "party", "state", "presence", "since", "until")
"""The names of a list's filters in the address."""

_CHOSEN = (
    "facility_id", "carrier_id", "receiver_id", "vehicle_id", "trailer_id", "driver_id", "escort_id",
    "receiver_facility_id", "mode",
)  # fmt: skip


# --- filters ---------------------------------------------------------------------------------------------------------


def wanted(args: Mapping[str, str]) -> queries.Filter:
    """Read the filter of a list from the address. What cannot be read narrows nothing."""
    state = args.get("state", "")
    return queries.Filter(
        number=compact(args.get("number", ""))[:14],
        party=narrow(args.get("party", ""))[:60],
        state=next((one for one in State if one.value == state), None),
        unverified=args.get("presence") == Presence.UNPROVEN.value,
        since=_day(args.get("since")),
        until=_day(args.get("until")),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


# --- the plan of a manifest ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Everything the form of a draft offers, and what is chosen so far."""

    stores: list[Choice]
    carriers: list[Choice]
    receivers: list[Choice]
    chosen: dict[str, str]
    store: Facility | None = None
    carrier: Organisation | None = None
    receiver: Organisation | None = None
    groups: list[tuple[str, list[Container]]] = field(default_factory=list)
    promised: int = 0
    """How many more stand there, declared for handing in at a station."""
    ticked: frozenset[str] = frozenset()
    vehicles: list[Choice] = field(default_factory=list)
    trailers: list[Choice] = field(default_factory=list)
    drivers: list[Choice] = field(default_factory=list)
    escorts: list[Choice] = field(default_factory=list)
    receiver_stores: list[Choice] = field(default_factory=list)
    modes: list[Choice] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Tell whether the parties are chosen, so that boxes, vehicle and crew can be."""
        return bool(self.store and self.carrier and self.receiver)

    @property
    def count(self) -> int:
        """Return how many containers can be chosen."""
        return sum(len(boxes) for _name, boxes in self.groups)


def plan(session: Session, actor: Actor, sent: MultiDict[str, str], whole: queries.Sheet | None) -> Plan:
    """Gather the choices for a draft: of the own stores, and what belongs to the carrier and receiver chosen.

    With `whole` an existing draft is changed; what was sent overrules what it says.
    """
    stores = parties.facilities_of(session, actor.organisation_id) if actor.organisation_id else []
    carriers = parties.organisations_of_kind(session, OrganisationKind.CARRIER)
    receivers = parties.organisations_of_kind(session, OrganisationKind.DISPOSER)
    chosen = _chosen(sent, whole, {"facility_id": stores, "carrier_id": carriers, "receiver_id": receivers})
    store = next((one for one in stores if str(one.id) == chosen["facility_id"]), None)
    carrier = next((one for one in carriers if str(one.id) == chosen["carrier_id"]), None)
    receiver = next((one for one in receivers if str(one.id) == chosen["receiver_id"]), None)
    first = Plan(_named(stores), _named(carriers), _named(receivers), chosen, store, carrier, receiver)
    if not (store and carrier and receiver) or sent.get("step") == "parties":
        return Plan(first.stores, first.carriers, first.receivers, chosen)
    standing = containers.standing_in(session, store.id)
    fleet = parties.vehicles_of(session, carrier.id)
    groups = _groups(standing, whole)
    return Plan(
        first.stores,
        first.carriers,
        first.receivers,
        chosen,
        store,
        carrier,
        receiver,
        groups=groups,
        promised=sum(box.hand_in_id is not None for box in standing),
        ticked=_ticked(sent, whole, groups),
        vehicles=[_vehicle(one) for one in fleet if one.kind is not VehicleKind.TRAILER],
        trailers=[_vehicle(one) for one in fleet if one.kind is VehicleKind.TRAILER],
        drivers=[_member(one) for one in parties.crew_of(session, carrier.id, CrewRole.DRIVER)],
        escorts=[_member(one) for one in parties.crew_of(session, carrier.id, CrewRole.ESCORT)],
        receiver_stores=stores_of(session, receiver.id),
        modes=_modes(session, receiver.id),
    )


def stores_of(session: Session, organisation_id: UUID) -> list[Choice]:
    """Return the stores of an organisation as choices."""
    return _named(parties.facilities_of(session, organisation_id))


def _chosen(
    sent: MultiDict[str, str],
    whole: queries.Sheet | None,
    single: Mapping[str, Sequence[Facility] | Sequence[Organisation]],
) -> dict[str, str]:
    """Return what is chosen: as sent, else as the draft has it, else the only one there is."""
    found = {name: sent.get(name, "") or _of_draft(whole, name) for name in _CHOSEN}
    for name, rows in single.items():
        if not found[name] and len(rows) == 1:
            found[name] = str(rows[0].id)
    return found


def _of_draft(whole: queries.Sheet | None, name: str) -> str:
    if whole is None:
        return ""
    value = getattr(whole.manifest, name, None) or getattr(whole.leg, name, None)
    value = whole.manifest.consignor_facility_id if name == "facility_id" else value
    return str(value) if value else ""


def _groups(standing: Sequence[Container], whole: queries.Sheet | None) -> list[tuple[str, list[Container]]]:
    """Return what stands in the store and is promised to nobody else, by waste, what must leave first first."""
    own = whole.manifest.id if whole else None
    groups: dict[str, list[Container]] = defaultdict(list)
    for box in standing:
        if box.manifest_id in {None, own} and box.hand_in_id is None:
            groups[f"{waste_in_words(box.waste_name, box.waste_code)} {box.waste_code}"].append(box)
    return sorted(groups.items(), key=lambda group: (not group[1][0].medical, group[0]))


def _ticked(
    sent: MultiDict[str, str], whole: queries.Sheet | None, groups: list[tuple[str, list[Container]]]
) -> frozenset[str]:
    """Return the boxes to show ticked: as sent, as in the draft, else all that may travel together."""
    if "act_key" in sent:
        return frozenset(sent.getlist("container_ids"))
    if whole:
        return frozenset(str(line.container.id) for line in whole.lines)
    together = groups[0][1][0].medical if groups else True
    return frozenset(str(box.id) for _name, boxes in groups for box in boxes if box.medical is together)


def _named(rows: Sequence[Facility] | Sequence[Organisation]) -> list[Choice]:
    return [(str(row.id), row.name) for row in rows]


def _vehicle(one: Vehicle) -> Choice:
    if one.capacity_g is None:
        return str(one.id), _("{plate}, {kind}, permit until {until}", plate=one.plate, kind=one.kind,
                             until=one.permit_until)  # fmt: skip
    return str(one.id), _("{plate}, up to {mass} t, permit until {until}", plate=one.plate,
                         mass=f"{one.capacity_g / 1_000_000:g}", until=one.permit_until)  # fmt: skip


def _member(one: CrewMember) -> Choice:
    return str(one.id), _("{name}, permit until {until}", name=one.name, until=one.permit_until)


def _modes(session: Session, receiver_id: UUID) -> list[Choice]:
    """Return the treatment modes that the receiver's licences and exemptions name."""
    licences = parties.receiving_papers(session, receiver_id)
    named = {mode for licence in licences for mode in licence.modes.split()}
    return [(mode.value, f"{mode.value} {_(mode.label)}") for mode in TreatmentMode if mode.value in named or not named]


def mode_words(mode: str) -> str:
    """Return a treatment mode with its words."""
    return next((f"{mode} {_(one.label)}" for one in TreatmentMode if one.value == mode), mode)


# --- the way and the history -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One step of a load's way; `at` is None while it is still ahead."""

    what: str
    at: datetime | None
    where: str
    tone: str


def way(whole: queries.Sheet) -> list[Way]:
    """Return the steps of a manifest, done and still ahead, untranslated."""
    manifest, leg = whole.manifest, whole.leg
    ended = manifest.voided_at or manifest.discarded_at
    carrier = f"{whole.carrier.name} {whole.plates}"
    steps = [
        (N_("Draft made"), manifest.created_at, whole.consignor.name),
        (N_("Signed by the consignor"), manifest.signed_at, whole.consignor.name),
        (N_("Taken over, departed"), leg.departed_at, carrier),
        (N_("Arrived at the receiver"), leg.arrived_at, whole.receiver.name),
        (N_("Receipt confirmed"), manifest.confirmed_at, whole.receiver.name),
        (N_("Everything accepted is treated"), manifest.completed_at, whole.receiver.name),
    ]
    found = [Way(what, at, where, "done" if at else "future") for what, at, where in steps if at or not ended]
    if ended:
        what = N_("Made void") if manifest.voided_at else N_("Draft discarded")
        found.append(Way(what, ended, whole.consignor.name, "alarm"))
    return found


WORDS = {
    "manifest.drafted": N_("Draft made"),
    "manifest.changed": N_("Draft changed"),
    "manifest.discarded": N_("Draft discarded"),
    "manifest.signed": N_("Signed by the consignor"),
    "manifest.voided": N_("Made void"),
    "manifest.presence_proven": N_("Presence at the store proven"),
    "manifest.presence_unproven": N_("Presence at the store not proven"),
    "manifest.box_loaded": N_("Loaded: {container}"),
    "manifest.box_unloaded": N_("Unloaded again: {container}"),
    "manifest.box_damaged": N_("Declared damaged: {container}"),
    "manifest.box_replaced": N_("New container for a damaged one: {container}"),
    "manifest.departed": N_("Taken over, departed"),
    "manifest.arrived": N_("Arrived at the receiver"),
    "manifest.box_accepted": N_("Accepted: {container}"),
    "manifest.box_refused": N_("Refused: {container}"),
    "manifest.verdict_withdrawn": N_("Verdict taken back: {container}"),
    "manifest.confirmed": N_("Receipt confirmed"),
    "manifest.box_taken_back": N_("Taken back: {container}"),
    "manifest.boxes_treated": N_("Containers treated"),
}
_ALARMING = {
    "manifest.voided", "manifest.presence_unproven", "manifest.box_damaged", "manifest.box_refused",
    "manifest.verdict_withdrawn",
}  # fmt: skip


@dataclass(frozen=True)
class Noted:
    """What was said before a signature and did not stand against it, in the words of that moment."""

    text: str
    basis: str


@dataclass(frozen=True)
class Told:
    """One event of a manifest, as people read it."""

    what: str
    at: datetime
    organisation: str
    person: str
    evidence: Evidence
    number: int
    hash: str
    tone: str
    version: int | None
    """The print that was made with it."""
    noted: tuple[Noted, ...] = ()
    by_mandate_of: str = ""
    """Whose the person is, where he acted for the organisation by mandate."""


def history(session: Session, manifest: Manifest, actor: Actor, held: set[Relation]) -> list[Told]:
    """Return every event of a manifest in words, oldest first; with the prints that this person may open."""
    events = queries.history(session, manifest)
    signed = next((event.seq for event in events if event.kind == "manifest.signed"), None)
    drafts_too = may(actor, Act.VIEW_MANIFEST, readers(held, draft=True))
    first = 1 if drafts_too else signed or len(events) + 1
    acting = [_id(event.acting_for) for event in events]
    organisations = parties.names(session, acting + [_own(json.loads(event.facts)) for event in events])
    people = accounts.names(session, [_id(event.actor_id) for event in events])
    return [_told(event, organisations, people, first) for event in events]


def _told(event: Event, organisations: dict[UUID, str], people: dict[UUID, str], first: int) -> Told:
    facts: dict[str, Any] = json.loads(event.facts)
    named = {"container": pretty(ContainerCode(facts["code"]))} if "code" in facts else {}
    return Told(
        what=_(WORDS.get(event.kind, event.kind), **named),
        at=event.occurred_at,
        organisation=organisations.get(_id(event.acting_for) or UUID(int=0), ""),
        person=people.get(_id(event.actor_id) or UUID(int=0), ""),
        evidence=next(one for one in Evidence if one.value == event.evidence),
        number=event.seq,
        hash=event.hash,
        tone="alarm" if event.kind in _ALARMING else "done",
        version=event.seq if "document_hash" in facts and event.seq >= first else None,
        noted=tuple(_noted(each) for each in facts.get("warned", ())),
        by_mandate_of=organisations.get(_own(facts) or UUID(int=0), ""),
    )


def _noted(kept: str | dict[str, Any]) -> Noted:
    """Read what a signature was warned of; the first ones kept no more than its code."""
    if isinstance(kept, str):
        return Noted(kept, "")
    said = kept[language()]
    return Noted(said["text"], said["basis"])


def _own(facts: dict[str, Any]) -> UUID | None:
    """Return the own organisation of somebody who acted for another."""
    return _id(facts.get("by_mandate", {}).get("organisation"))


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


# --- the check of a print --------------------------------------------------------------------------------------------


def in_words(kind: type[Term], chinese: str) -> str:
    """Say a word of a print, which is always Chinese, in the reader's language; one that is no term stays as it is."""
    with speaking(CHINESE):
        term = next((one for one in kind if _(one.label) == chinese), None)
    return _(term.label) if term else chinese


def waste_in_words(name: str, code: str) -> str:
    """Say the name of a waste in the reader's language: of a medical class; any other name is evidence and stays."""
    return _(waste_words(code, name))


@dataclass(frozen=True)
class Changed:
    """What a print says otherwise than the newest one."""

    label: str
    then: object
    now: object


def changed(then: ManifestDocument, now: ManifestDocument) -> list[Changed]:
    """Return what stands otherwise on the newest print, untranslated; nothing about persons."""

    def said(document: ManifestDocument) -> dict[str, object]:
        leg, rows = document.legs[0], document.consignor.rows
        return {
            N_("Manifest number"): document.number or None,
            N_("Carrier"): leg.carrier,
            N_("Number plate"): leg.plate,
            N_("Receiver"): document.receiver.name,
            N_("Containers"): sum(row.packages or 0 for row in rows),
            N_("Mass"): Grams(sum(row.mass_g or 0 for row in rows)),
            N_("Departed"): leg.departed_at,
            N_("Arrived"): leg.arrived_at,
            N_("Receipt confirmed"): document.receiver.accepted_at,
        }

    before, after = said(then), said(now)
    return [Changed(label, before[label], after[label]) for label in before if before[label] != after[label]]


def since(events: Sequence[Event]) -> list[tuple[str, datetime]]:
    """Return acts in words with their moments; no place and no person."""
    return [(_(WORDS[event.kind]), event.occurred_at) for event in events if event.kind in WORDS]
