"""The time line of a container, in words still to be translated."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may
from wastetrack.domain.declared_wrong import Declaration, declarations, is_declaration
from wastetrack.domain.labels import LabelFormat, ReprintReason
from wastetrack.domain.ledger import Event, Evidence
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Fact
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries.found import stream_of
from wastetrack.features.containers.queries.seen import as_id, holder_after
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties.models import Facility, Organisation

WORDS = {
    "container.registered": N_("Weighed, classified, sealed and labelled"),
    "container.label_printed": N_("Label printed"),
    "container.store": N_("Placed in a store"),
    "container.hand_in": N_("Received at a station"),
    "container.damaged": N_("Found damaged on the vehicle"),
    "container.found": N_("Found: it had never left"),
    "container.load": N_("Loaded on the vehicle"),
    "container.unload": N_("Taken off the vehicle before departure"),
    "container.accept": N_("Accepted at the disposal site"),
    "container.refuse": N_("Refused at the disposal site"),
    "container.miss": N_("Declared missing"),
    "container.withdraw": N_("Verdict taken back: on the vehicle again"),
    "container.take_back": N_("Taken back by the consignor"),
    "container.treat": N_("Treated"),
    "container.void": N_("Label made void"),
    "container.weigh": N_("Weighed again"),
    "container.declared_wrong": N_("An entry declared wrong"),
    "container.open": N_("Opened"),
    "container.seal": N_("Weighed and sealed again"),
    "container.repack": N_("Content repacked: this label is used up"),
    "container.pack": N_("Put into a large box"),
    "container.unpack": N_("Taken out of the large box"),
    "container.pour": N_("Emptied into a tank: this label is used up"),
    "container.successor": N_("Repacked, weighed, sealed and labelled"),
}
_ALARMING = frozenset(
    {
        "container.damaged",
        "container.refuse",
        "container.miss",
        "container.void",
        "container.open",
        "container.repack",
        "container.pour",
    }
)
_SAID = {
    "mass_g": N_("Mass"),
    "received_g": N_("Mass received"),
    "reason": N_("Reason"),
    "wrong": N_("Wrong entry no."),
    "replaced_by": N_("Put right by entry no."),
    "from_code": N_("Content of"),
    "into_code": N_("Now in"),
    "tank_number": N_("Tank"),
    "note": N_("Note"),
    "box_code": N_("In box"),
    "beside": N_("Stands beside what it had better not"),
    "number": N_("Manifest"),
    "vehicle": N_("Vehicle"),
    "trailer": N_("Trailer"),
    "mode": N_("Process"),
    "copy": N_("Copy no."),
    "format": N_("Format"),
    "reprint": N_("Why once more"),
}
"""Facts of an event that people want to read beside it, and how they are called."""

_NUMBER_OF_BATCH = N_("Batch")
"""What `number` names where waste is treated."""


@dataclass(frozen=True)
class Step:
    """One event in the life of a container, in words still to be translated."""

    what: str
    at: datetime
    recorded_at: datetime
    who: str
    where: str
    evidence: Evidence
    alarming: bool
    details: tuple[tuple[str, Fact], ...]
    number: int
    hash: str
    manifest_id: UUID | None
    """The manifest that the act belongs to."""
    hand_in_id: UUID | None = None
    """The hand-in that the act belongs to."""
    batch_id: UUID | None = None
    """The batch that the act belongs to."""
    sides: frozenset[UUID] = frozenset()
    """The organisations that held it before and after."""
    regions: frozenset[str] = frozenset()
    """The divisions of these organisations and of the store it came to."""
    by_mandate_of: str = ""
    """Whose the person is who acted for `who` by mandate."""
    maker: UUID | None = None
    """The organisation for which it was written."""
    wrong: Declaration | None = None
    """What was declared of it, where it was declared wrong."""
    declares: bool = False
    """Whether it is itself such a declaration."""

    @property
    def stands(self) -> bool:
        """Tell whether it says something of the container and nobody has declared it wrong."""
        return self.wrong is None and not self.declares


@dataclass(frozen=True)
class _Known:
    """Names and divisions of whoever and whatever the events of a container mention."""

    organisations: dict[UUID, tuple[str, str]]
    stores: dict[UUID, tuple[str, str]]


def timeline(session: Session, container: Container) -> list[Step]:
    """Return the whole life of a container from its stream, oldest first, with names instead of ids."""
    past = ledger.stream(session, stream_of(container.id))
    known, wrong = _known(session, past), declarations(past)
    return [replace(_step(event, known), wrong=wrong.get(event.seq)) for event in past]


def opens(session: Session, actor: Actor, steps: Iterable[Step], act: Act) -> list[Step]:
    """Return those steps whose hand-in or batch the person may see, as far as the step itself tells."""

    def related(step: Step) -> set[Relation]:
        own = {Relation.OWN} if any(actor.acts_for(one) for one in step.sides) else set()
        inside = bool(actor.region_paths) and catalogue.any_within(session, step.regions, actor.region_paths)
        return own | ({Relation.REGION} if inside else set())

    return [step for step in steps if may(actor, act, related(step))]


def _known(session: Session, past: Sequence[Event]) -> _Known:
    places = [place for event in past for place in _places(event)]
    acting = [as_id(event.acting_for) for event in past]
    acting += [as_id(_own(json.loads(event.facts))) for event in past]
    organisations = {*acting, *(as_id(place.get("organisation")) for place in places)} - {None}
    stores = {as_id(place.get("facility")) for place in places} - {None}

    def named(model: type[Organisation] | type[Facility], ids: set[UUID | None]) -> dict[UUID, tuple[str, str]]:
        rows = session.execute(select(model.id, model.name, model.region_code).where(model.id.in_(ids)))
        return {one: (name, region) for one, name, region in rows}

    return _Known(named(Organisation, organisations), named(Facility, stores))


def _places(event: Event) -> list[dict[str, Any]]:
    """Return where a container was before an event and after it."""
    before = json.loads(event.facts).get("from")
    return [place for place in (before, holder_after(event)) if isinstance(place, dict)]


def _step(event: Event, known: _Known) -> Step:
    holder, places = holder_after(event), _places(event)
    facts = json.loads(event.facts)
    sides = [as_id(place.get("organisation")) for place in places]
    came_to = as_id(holder.get("facility"))
    found = [known.organisations[one] for one in sides if one] + ([known.stores[came_to]] if came_to else [])
    return Step(
        what=WORDS.get(event.kind, event.kind),
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        who=_name(event.acting_for, known.organisations),
        where=" · ".join(
            filter(
                None,
                (_name(holder.get("organisation"), known.organisations), _name(holder.get("facility"), known.stores)),
            )
        ),
        evidence=Evidence(event.evidence),  # type: ignore[call-arg]  # a Term is looked up by its value
        alarming=event.kind in _ALARMING,
        details=_details(facts),
        number=event.seq,
        hash=event.hash,
        manifest_id=as_id(facts.get("manifest")),
        hand_in_id=as_id(facts.get("hand_in")),
        batch_id=as_id(facts.get("batch")),
        sides=frozenset(one for one in sides if one),
        regions=frozenset(region for _, region in found),
        maker=as_id(event.acting_for),
        declares=is_declaration(event),
        by_mandate_of=_name(_own(facts), known.organisations),
    )


def _own(facts: dict[str, Any]) -> object:
    """Return the own organisation of somebody who acted for another, as the ledger writes it."""
    return facts.get("by_mandate", {}).get("organisation")


def _name(identity: object, names: dict[UUID, tuple[str, str]]) -> str:
    found = as_id(identity)
    return names.get(found, ("", ""))[0] if found else ""


def _details(facts: dict[str, Any]) -> tuple[tuple[str, Fact], ...]:
    """Return the facts that are said beside an event, masses as masses and processes by their names."""
    words = _SAID | {"number": _NUMBER_OF_BATCH} if "batch" in facts else _SAID
    return tuple((word, _readable(name, facts[name])) for name, word in words.items() if facts.get(name))


def _readable(name: str, fact: Any) -> Fact:
    if name.endswith("_g"):
        return Grams(fact)
    if name == "mode" and fact in set(TreatmentMode):
        return TreatmentMode(fact)  # type: ignore[call-arg]
    if name == "format":
        return LabelFormat(fact)  # type: ignore[call-arg]
    if name == "reprint":
        return ReprintReason(fact)  # type: ignore[call-arg]
    return "、".join(fact) if isinstance(fact, list) else str(fact)
