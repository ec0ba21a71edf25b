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


@dataclass(frozen=True)
class Declaration:
    """What was said of a wrong event: by which event, why, and which event (if any) put it right."""

    seq: int
    reason: str
    replaced_by: int | None


def is_declaration(event: Event) -> bool:
    """Tell whether an event only declares another one wrong."""
    return event.kind.endswith(SUFFIX)


def declarations(events: Sequence[Event]) -> dict[int, Declaration]:
    """Return by the number of each wrong event of a stream what was declared of it."""
    found = {}
    for event in filter(is_declaration, events):
        facts = json.loads(event.facts)
        found[facts["wrong"]] = Declaration(event.seq, facts["reason"], facts.get("replaced_by"))
    return found


def problems_declaring(events: Sequence[Event], wrong: int, replaced_by: int | None) -> list[Problem]:
    """Return why event number `wrong` of a stream cannot be declared wrong, with `replaced_by` as what put it right."""
    known = {event.seq: event for event in events}
    said = declarations(events)
    meant = known.get(wrong)
    if meant is None or is_declaration(meant):
        return [_problem("no_event", N_("There is no such entry in this record."), "wrong")]
    if wrong in said:
        return [_problem("already", N_("Entry no. {n} is already declared wrong."), "wrong", wrong)]
    if wrong == min(known):
        sentence = N_("With the first entry the record begins; it cannot be wrong by itself. Make the label void.")
        return [_problem("first", sentence, "wrong", wrong)]
    if replaced_by is None:
        if not _moved_something(events, wrong):
            return []
        sentence = N_("Entry no. {n} changed place, state or mass. Do the right act first, then name its entry here.")
        return [_problem("needs_replacement", sentence, "replaced_by", wrong)]
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
