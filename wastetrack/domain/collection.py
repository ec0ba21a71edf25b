"""Handing small loads in at a township station or county hub 小箱进大箱, box by box.

Such a hand-over runs without a transfer manifest. That is lawful only where collection is exempt: medical waste of
institutions with at most 19 beds (国家危险废物名录, exemption list, item 2; rule H-25). The exemption belongs to the
institution where the waste arose, so it is asked of the first producer, whoever carries the box now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from wastetrack.domain.containers import Doing, Packaging, State, not_now
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.problems import Fact, Kind, Problem, refuse
from wastetrack.domain.registration import foreign_label, mass_problems, on_hand_in, on_manifest
from wastetrack.domain.storing import wrong_place
from wastetrack.domain.words import N_, Term

MOST_BEDS = 19
EXEMPT = N_("National list of hazardous wastes, exemption list, item 2")

STATION_STORES = frozenset({FacilityKind.STATION_STORE, FacilityKind.HUB_STORE})
"""Kinds of store where a hand-in can be received."""


class HandInState(Term):
    """How far a hand-in is."""

    DECLARED = "declared", N_("declared, waiting at the station")
    RECEIVED = "received", N_("received")
    CANCELLED = "cancelled", N_("cancelled")


@dataclass(frozen=True)
class Producer:
    """Where waste arose, as far as the exemption asks."""

    name: str
    kinds: Collection[OrganisationKind]
    beds: int | None


@dataclass(frozen=True)
class Box:
    """One container as it stands before a hand-in. `held`: by the one who hands it in."""

    code: str
    state: State
    held: bool
    medical: bool
    producer: Producer
    on_manifest: bool = False
    on_hand_in: bool = False
    """Whether it stands on another open hand-in."""
    in_box: str = "—"
    """The large box that it is in."""


def with_its_box(box: Box) -> Box:
    """Return a container in a large box as it is judged where the box goes whole: as if it stood there alone."""
    return replace(box, state=State.STORED) if box.state is State.PACKED else box


def exempt_from_manifest(producer: Producer) -> bool:
    """Tell whether waste of this producer may be collected without a manifest: medical, and 19 beds or less.

    A clinic that states no beds has none; a hospital that states none is not known to be small.
    """
    if OrganisationKind.HOSPITAL in producer.kinds:
        return producer.beds is not None and producer.beds <= MOST_BEDS
    return OrganisationKind.CLINIC in producer.kinds and (producer.beds or 0) <= MOST_BEDS


def offer_problems(box: Box, field: str) -> list[Problem]:
    """Return what stands against handing this box in: where it stands, or what the law asks."""
    if not box.held:
        return [foreign_label(box.code, field)]
    if box.state not in {State.SEALED, State.STORED}:
        return [replace(not_now(box.state, Doing.HAND_IN, code=box.code, box=box.in_box), field=field)]
    if box.on_manifest:
        return [on_manifest(box.code, field)]
    if box.on_hand_in:
        return [on_hand_in(box.code, field)]
    return exemption_problems(box, field)


def exemption_problems(box: Box, field: str) -> list[Problem]:
    """Return whether the law asks for a manifest before this box may change hands."""
    if not box.medical:
        sentence = N_("{code} is not medical waste. It cannot be handed in at a station: use a manifest.")
        return [Problem("hand_in.not_medical", sentence, {"code": box.code}, field, basis=EXEMPT)]
    if not exempt_from_manifest(box.producer):
        sentence = N_(
            "{code} comes from {producer}, which is not known to have at most {most} beds. Without a manifest it must "
            "not be handed over: use a manifest."
        )
        facts: dict[str, Fact] = {"code": box.code, "producer": box.producer.name, "most": MOST_BEDS}
        return [Problem("hand_in.needs_manifest", sentence, facts, field, basis=EXEMPT)]
    return []


def receive_problems(box: Box, store: FacilityKind, packaging: Packaging, weighed: Grams | None) -> list[Problem]:
    """Return what stands against receiving this box in a station's store. Its holder hands it in at this station."""
    if box.state not in {State.SEALED, State.STORED}:
        return [not_now(box.state, Doing.HAND_IN, code=box.code, box=box.in_box)]
    if box.on_manifest:
        return [on_manifest(box.code)]
    problems = wrong_place(box.code, box.medical, store) or exemption_problems(box, "code")
    return problems + (mass_problems(weighed, packaging) if weighed is not None else [])


def not_for_this_station(code: str) -> Problem:
    """Make the problem of a box whose holder does not hand in here."""
    sentence = N_(
        "Container {code} is held by somebody who does not hand in at this station. Do not take it in: send it back "
        "with whoever brought it, or have the clinic assigned to this station first."
    )
    return Problem("hand_in.not_for_here", sentence, {"code": code}, "code", Kind.CONFLICT)


def box_not_for_this_station(code: str) -> Problem:
    """Make the problem of a large box whose holder does not hand in here."""
    sentence = N_(
        "Large box {code} is held by somebody who does not hand in at this station. Do not take it in: send it back "
        "with whoever brought it, or have the clinic assigned to this station first."
    )
    return Problem("hand_in.not_for_here", sentence, {"code": code}, "code", Kind.CONFLICT)


def box_on_several(code: str) -> Problem:
    """Make the problem of a large box whose content stands on more than one hand-in."""
    sentence = N_(
        "What is in large box {code} stands on several hand-ins. Have the sender cancel them and declare the box whole."
    )
    return Problem("hand_in.several", sentence, {"code": code}, "code", Kind.CONFLICT)


def box_has_no_mass(code: str) -> Problem:
    """Make the problem of a mass that is entered for a large box: only the containers in it have one."""
    sentence = N_("Large box {code} has no mass of its own. Leave the mass empty, or open it and weigh what is in it.")
    return Problem("hand_in.box_mass", sentence, {"code": code}, "mass")


def check_open(state: HandInState) -> None:
    """Refuse an act on a hand-in that is already received or cancelled."""
    if state is HandInState.RECEIVED:
        sentence = N_("This hand-in is already received and signed. Look at it again; a further box starts a new one.")
        raise refuse("hand_in.received", sentence, kind=Kind.CONFLICT)
    if state is HandInState.CANCELLED:
        sentence = N_("This hand-in was cancelled. Nothing can be received on it; scan the box at the station instead.")
        raise refuse("hand_in.cancelled", sentence, kind=Kind.CONFLICT)


def check_cancel(received: int) -> None:
    """Refuse to cancel once a box has changed hands."""
    if received:
        raise refuse(
            "hand_in.begun",
            N_("The station already has {n} of these boxes. It finishes the hand-in; the rest stays with you."),
            kind=Kind.CONFLICT,
            n=received,
        )


def check_finish(received: int, *, seen: int, version: int) -> None:
    """Refuse to sign what has changed since it was shown, and a receipt of nothing. `seen`: the version shown."""
    if seen != version:
        raise refuse(
            "hand_in.moved_on",
            N_("A box was received after this page was shown. Read the count again, then sign."),
            kind=Kind.CONFLICT,
        )
    if not received:
        sentence = N_("No box has been received yet. Scan what was brought; if nothing was, cancel the hand-in.")
        raise refuse("hand_in.nothing", sentence)


def nothing_chosen(offered: Sequence[Box]) -> list[Problem]:
    """Return whether a declaration names no box at all."""
    if offered:
        return []
    sentence = N_("Choose at least one container to hand in. If nothing stands here, register the waste first.")
    return [Problem("hand_in.empty", sentence, field="container_ids")]


class BoxNote(Term):
    """What is to be said of one box of a hand-in."""

    UNDECLARED = "undeclared", N_("not declared, taken in at the station")


def no_station() -> Problem:
    """Make the problem of an organisation that has nowhere to hand in."""
    sentence = N_(
        "Your organisation is not assigned to a station, so there is nowhere to hand in. Ask the system administrator "
        "to assign one, or use a manifest."
    )
    return Problem("hand_in.no_station", sentence)


def already_here(code: str) -> Problem:
    """Make the problem of a box that is scanned a second time."""
    sentence = N_("Container {code} is already received and counted. Scan the next one.")
    return Problem("hand_in.already", sentence, {"code": code}, "code", Kind.CONFLICT)


def box_already_here(code: str) -> Problem:
    """Make the problem of a large box that is scanned a second time."""
    sentence = N_("Large box {code} is already received, and all in it is counted. Scan the next one.")
    return Problem("hand_in.already", sentence, {"code": code}, "code", Kind.CONFLICT)


def box_of_another(code: str, sender: str) -> Problem:
    """Make the problem of a large box that is scanned on the hand-in of somebody else."""
    sentence = N_(
        "Large box {code} comes from {sender}, not from this hand-in. Scan it on the page of the station: it finds the "
        "right one by itself."
    )
    return Problem("hand_in.of_another", sentence, {"code": code, "sender": sender}, "code", Kind.CONFLICT)


def of_another(code: str, sender: str) -> Problem:
    """Make the problem of a box that is scanned on the hand-in of somebody else."""
    sentence = N_(
        "Container {code} comes from {sender}, not from this hand-in. Scan it on the page of the station: it finds the "
        "right one by itself."
    )
    return Problem("hand_in.of_another", sentence, {"code": code, "sender": sender}, "code", Kind.CONFLICT)


def not_sought(code: str) -> Problem:
    """Make the problem of a box that nobody looks for on this hand-in."""
    sentence = N_(
        "Container {code} is not among those that the station did not find here, or it has gone on since. Look at its "
        "own page to see where it is."
    )
    return Problem("hand_in.not_sought", sentence, {"code": code}, "code", Kind.CONFLICT)


def already_found(code: str) -> Problem:
    """Make the problem of a box whose finding is already recorded."""
    sentence = N_("It is already recorded that container {code} was found. Hand it in, or put it into your store.")
    return Problem("hand_in.already_found", sentence, {"code": code}, "code", Kind.CONFLICT)
