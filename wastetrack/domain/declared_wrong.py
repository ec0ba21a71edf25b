"""Events declared wrong: nothing in the ledger is edited; a later event names the wrong one, who says so, and why.

As in EPCIS 2.0 (error declaration with corrective events): what moved custody or changed a state is put right by an
act of its own first, and the declaration names that act. What only said something needs no other act.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from wastetrack.domain.ledger import Event
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_

SUFFIX = ".declared_wrong"
"""How the kind of every such event ends, after the name of the thing it is of."""
WITHDRAWN = "inspection.withdrawn"
"""By this event the whole inspection is declared wrong, which is its first entry."""

SAYS = frozenset({"organisation.vehicle_cleaned"})
"""Kinds outside a container's stream that only say something: what they said follows when they are declared wrong."""
_OTHERWISE = {
    "manifest": N_(
        "An entry of a manifest is signed or moved waste. Before departure the consignor voids the manifest; "
        "afterwards the receiver names the difference in the receipt."
    ),
    "hand_in": N_(
        "An entry of a hand-in moved waste: what came to the wrong place is brought back by an act of its own."
    ),
    "batch": N_("A batch is signed, and what was treated does not come back. Report the mistake to your regulator."),
    "inspection": N_("Withdraw the whole inspection; it stays to be read."),
}
_BY_ITS_OWN_ACT = N_(
    "An entry of this kind is put right by a new one of the same kind: enter what is right. Both stay in the record."
)


def problems_by_kind(kind: str) -> list[Problem]:
    """Return why no entry of this kind is declared wrong, and what is done instead.

    What changed custody or is a signature was done with others, who rely on it (domain.md, Life of a manifest).
    """
    if kind in SAYS or kind.startswith("container."):
        return []
    return [_problem("kind", _OTHERWISE.get(kind.partition(".")[0], _BY_ITS_OWN_ACT), "wrong")]


@dataclass(frozen=True)
class Declaration:
    """What was said of a wrong event: by which event, why, and which event (if any) put it right."""

    seq: int
    reason: str
    replaced_by: int | None


def is_declaration(event: Event) -> bool:
    """Tell whether an event only declares another one wrong."""
    return event.kind.endswith(SUFFIX) or event.kind == WITHDRAWN


def declarations(events: Sequence[Event]) -> dict[int, Declaration]:
    """Return by the number of each wrong event of a stream what was declared of it."""
    found = {}
    for event in filter(is_declaration, events):
        facts = json.loads(event.facts)
        found[facts.get("wrong", 1)] = Declaration(event.seq, facts["reason"], facts.get("replaced_by"))
    return found


def problems_declaring(events: Sequence[Event], wrong: int, replaced_by: int | None) -> list[Problem]:
    """Return why event number `wrong` of a stream cannot be declared wrong, with `replaced_by` as what put it right."""
    found = problems_naming(events, wrong, replaced_by)
    if found or replaced_by is not None or not _moved_something(events, wrong):
        return found
    sentence = N_("Entry no. {n} changed place, state or mass. Do the right act first, then name its entry here.")
    return [_problem("needs_replacement", sentence, "replaced_by", wrong)]


def problems_naming(events: Sequence[Event], wrong: int, replaced_by: int | None) -> list[Problem]:
    """Return why the one or the other cannot be named, whatever the entries say. `events` may be part of a stream."""
    known = {event.seq: event for event in events}
    said = declarations(events)
    meant = known.get(wrong)
    if meant is None or is_declaration(meant):
        return [_problem("no_event", N_("There is no such entry in this record."), "wrong")]
    if wrong in said:
        return [_problem("already", N_("Entry no. {n} is already declared wrong."), "wrong", wrong)]
    if found := problems_by_kind(meant.kind):
        return found
    if wrong == 1:
        sentence = N_("With the first entry the record begins; it cannot be wrong by itself. Make the label void.")
        return [_problem("first", sentence, "wrong", wrong)]
    if replaced_by is None:
        return []
    right = known.get(replaced_by)
    if right is None or replaced_by <= wrong or is_declaration(right) or replaced_by in said:
        sentence = N_("Name a later entry of this record that is itself not declared wrong.")
        return [_problem("replacement", sentence, "replaced_by", wrong)]
    return []


def _moved_something(events: Sequence[Event], seq: int) -> bool:
    """Tell whether an event left the thing elsewhere, in another state or with another mass than the ones before it."""
    before: tuple[object, ...] = (None, None, None)
    for event in events:
        facts = json.loads(event.facts)
        after = tuple(facts.get(name, was) for name, was in zip(("to", "state", "mass_g"), before, strict=True))
        if event.seq == seq:
            return after != before
        before = after
    return False


def _problem(code: str, sentence: str, field: str, n: int = 0) -> Problem:
    return Problem(f"declared_wrong.{code}", sentence, {"n": n}, field, Kind.CONFLICT)
