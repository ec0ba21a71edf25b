"""The life of a container: its states, the acts that move it, and the refusal for every act that does not fit.

Every pair of a state and an act is either a transition or a named refusal. A container is opened only where it stands
in a store, and what is open counts there like any other. What was repacked lives on in the new container, which
names the old one and keeps its clock. What is packed stands in a large box (`domain.boxes`) in its store, counts there
like any other, and goes where its box goes. A blank label is the state before the first: nothing but binding it to a
container is possible with it. What is emptied into a tank (`domain.tanks`) lives on there, and its label is used up.
"""

from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Kind, Problem, Refusal
from wastetrack.domain.words import N_, Term


class Packaging(Term):
    """What holds the waste."""

    BAG = "bag", N_("Bag")
    SHARPS_BOX = "sharps_box", N_("Sharps box")
    TURNOVER_BOX = "turnover_box", N_("Turnover box")
    DRUM = "drum", N_("Drum")
    IBC = "ibc", N_("IBC")


MOST = {
    Packaging.BAG: Grams(30_000),
    Packaging.SHARPS_BOX: Grams(20_000),
    Packaging.TURNOVER_BOX: Grams(80_000),
    Packaging.DRUM: Grams(400_000),
    Packaging.IBC: Grams(2_000_000),
}
"""The most that one container of a kind can weigh before the figure is surely a slip (design, not law)."""


USUAL_LITRES = {
    Packaging.BAG: 50,
    Packaging.SHARPS_BOX: 10,
    Packaging.TURNOVER_BOX: 120,
    Packaging.DRUM: 200,
    Packaging.IBC: 1000,
}
"""What one container of a kind usually holds, where its volume is not on record: an estimate (house figures, not law).
"""

MOST_LITRES = {
    Packaging.BAG: 200,
    Packaging.SHARPS_BOX: 100,
    Packaging.TURNOVER_BOX: 600,
    Packaging.DRUM: 450,
    Packaging.IBC: 3000,
}
"""The most that one container of a kind can hold before the figure is surely a slip (house figures)."""


class Isolation(Term):
    """Waste of isolated patients goes into two bags, sealed promptly, and is marked (MoH Order 36; rule H-15).

    In an epidemic the mark is 高度感染性废物 (环发〔2003〕206号, epidemic chapter).
    """

    ISOLATION = "isolation", N_("from isolation, double-bagged")
    EPIDEMIC = "epidemic", N_("highly infectious waste (epidemic), double-bagged")


class State(Term):
    """Where a container is in its life."""

    SEALED = "sealed", N_("sealed, not yet in a store")
    STORED = "stored", N_("in store")
    PACKED = "packed", N_("in store, in a large box")
    OPENED = "opened", N_("open in its store")
    LOADED = "loaded", N_("on the vehicle")
    REFUSED = "refused", N_("refused, on its way back")
    MISSING = "missing", N_("missing")
    TREATED = "treated", N_("treated")
    REPACKED = "repacked", N_("repacked into another container")
    VOID = "void", N_("void")


class Unbound(Term):
    """What a label is before it stands for any waste; no container is ever in this state."""

    BLANK = "blank", N_("blank label, on no waste yet")


LabelState = Unbound | State
"""Everything that a label can be, from the roll to the end."""

LABEL_STATES: tuple[LabelState, ...] = (*Unbound, *State)

ENDED = frozenset({State.TREATED, State.REPACKED, State.VOID})
"""States in which no waste bears the label any more and nobody holds the container."""

LIVE = frozenset(State) - ENDED
"""States in which somebody must be holding the container."""

SEALED_IN_STORE = (State.STORED, State.PACKED)
"""States in which it stands sealed in a store, alone or in a large box: what goes on from there."""

STANDING = frozenset({State.STORED, State.PACKED, State.OPENED})
"""States in which the container stands in a store and counts there."""


class Doing(Term):
    """What can be done with a label and its container; how one is registered without a blank label is not among it."""

    BIND = "bind", N_("register waste with the blank label")
    STORE = "store", N_("place in a store")
    HAND_IN = "hand_in", N_("receive at a station")
    LOAD = "load", N_("load")
    UNLOAD = "unload", N_("take off the vehicle before departure")
    ACCEPT = "accept", N_("accept at the disposal site")
    REFUSE = "refuse", N_("refuse at the disposal site")
    MISS = "miss", N_("declare missing")
    WITHDRAW = "withdraw", N_("take back the verdict given on arrival")
    TAKE_BACK = "take_back", N_("take back")
    TREAT = "treat", N_("treat")
    VOID = "void", N_("void")
    WEIGH = "weigh", N_("weigh again")
    OPEN = "open", N_("open")
    SEAL = "seal", N_("seal again")
    REPACK = "repack", N_("repack into another container")
    PACK = "pack", N_("put into a large box")
    UNPACK = "unpack", N_("take out of a large box")
    POUR = "pour", N_("empty into a tank")


TRANSITIONS: dict[tuple[LabelState, Doing], State] = {
    (Unbound.BLANK, Doing.BIND): State.SEALED,
    (State.SEALED, Doing.STORE): State.STORED,
    (State.SEALED, Doing.HAND_IN): State.STORED,
    (State.SEALED, Doing.VOID): State.VOID,
    (State.STORED, Doing.STORE): State.STORED,
    (State.STORED, Doing.HAND_IN): State.STORED,
    (State.STORED, Doing.LOAD): State.LOADED,
    (State.STORED, Doing.VOID): State.VOID,
    (State.STORED, Doing.TREAT): State.TREATED,
    (State.LOADED, Doing.UNLOAD): State.STORED,
    (State.LOADED, Doing.ACCEPT): State.STORED,
    (State.LOADED, Doing.REFUSE): State.REFUSED,
    (State.LOADED, Doing.MISS): State.MISSING,
    (State.STORED, Doing.WITHDRAW): State.LOADED,
    (State.REFUSED, Doing.WITHDRAW): State.LOADED,
    (State.REFUSED, Doing.TAKE_BACK): State.STORED,
    (State.MISSING, Doing.ACCEPT): State.STORED,
    (State.MISSING, Doing.REFUSE): State.REFUSED,
    (State.MISSING, Doing.TAKE_BACK): State.STORED,
    (State.SEALED, Doing.WEIGH): State.SEALED,
    (State.STORED, Doing.WEIGH): State.STORED,
    (State.LOADED, Doing.WEIGH): State.LOADED,
    (State.STORED, Doing.OPEN): State.OPENED,
    (State.OPENED, Doing.SEAL): State.STORED,
    (State.SEALED, Doing.REPACK): State.REPACKED,
    (State.STORED, Doing.REPACK): State.REPACKED,
    (State.OPENED, Doing.REPACK): State.REPACKED,
    (State.LOADED, Doing.REPACK): State.REPACKED,
    (State.OPENED, Doing.VOID): State.VOID,
    (State.STORED, Doing.PACK): State.PACKED,
    (State.PACKED, Doing.UNPACK): State.STORED,
    (State.PACKED, Doing.WITHDRAW): State.LOADED,
    (State.STORED, Doing.POUR): State.REPACKED,
    (State.OPENED, Doing.POUR): State.REPACKED,
}

_WHY_NOT: dict[LabelState, str] = {
    Unbound.BLANK: N_("Label {code} is blank: no waste is registered under it yet. Register the waste with it first."),
    State.SEALED: N_("Container {code} is sealed but not yet in a store. Place it in the store first."),
    State.STORED: N_("Container {code} is not on the vehicle: it stands in a store. Scan it onto the vehicle first."),
    State.PACKED: N_("Container {code} stands in box {box}. Scan the box, or take it out first."),
    State.LOADED: N_(
        "Container {code} is already on a vehicle (manifest {manifest}). Scanned twice? Go on with the next one."
    ),
    State.REFUSED: N_("Container {code} was refused and goes back. The consignor takes it back by scanning it."),
    State.MISSING: N_(
        "Container {code} is declared missing. If it is here, the receiver scans it in or the consignor takes it back."
    ),
    State.TREATED: N_(
        "Container {code} was already received and treated. Set what bears this label aside and report it."
    ),
    State.OPENED: N_("Container {code} is open. Weigh it and seal it again, or repack it; then go on."),
    State.REPACKED: N_(
        "Label {code} is used up: what was in it was repacked. Set what bears this label aside and report it."
    ),
    State.VOID: N_("Label {code} is void. It must not be used: take the label off and register the waste again."),
}

USED = N_("Label {code} is already on another container. Take the next one from the roll.")

_WHY_NOT_THIS: dict[tuple[LabelState, Doing], str] = {
    **{(state, Doing.BIND): USED for state in State},
    (State.STORED, Doing.SEAL): N_("Container {code} is not open, so there is nothing to seal."),
    (State.SEALED, Doing.SEAL): N_("Container {code} is not open, so there is nothing to seal."),
    (State.SEALED, Doing.PACK): N_("Container {code} is not yet in a store. Place it in the store of the box first."),
    (State.STORED, Doing.UNPACK): N_("Container {code} stands in no box, so there is nothing to take it out of."),
    (State.LOADED, Doing.OPEN): N_("Container {code} is on a vehicle. Nothing is opened on the way."),
}
"""Where the sentence of the state alone would lead the wrong way."""


def after(state: LabelState, doing: Doing, *, code: str, manifest: str = "—", box: str = "—") -> State:
    """Return the state that follows, or refuse with the reason that belongs to the present state.

    `code`, `manifest` and `box` are only named in the sentence.
    """
    following = TRANSITIONS.get((state, doing))
    if following is None:
        raise Refusal([not_now(state, doing, code=code, manifest=manifest, box=box)])
    return following


def still_blank(code: str, field: str = "code", doing: Doing | None = None) -> Problem:
    """Return the problem of a label that stands for nothing yet; without `doing` it was only looked for."""
    if doing is not None:
        return not_now(Unbound.BLANK, doing, code=code, field=field)
    return Problem("container.blank", _WHY_NOT[Unbound.BLANK], {"code": code}, field, Kind.CONFLICT)


def not_now(
    state: LabelState, doing: Doing, *, code: str, manifest: str = "—", box: str = "—", field: str = "code"
) -> Problem:
    """Return the problem that names why `doing` does not fit a container in `state`."""
    return Problem(
        f"container.{doing.value}_when_{state.value}",
        _WHY_NOT_THIS.get((state, doing), _WHY_NOT[state]),
        {"code": code, "manifest": manifest, "box": box},
        field=field,
        kind=Kind.CONFLICT,
    )


# --- in a large box --------------------------------------------------------------------------------------------------

ONLY_WITH_ITS_BOX = frozenset({Doing.STORE, Doing.HAND_IN, Doing.LOAD, Doing.UNLOAD, Doing.TREAT})
"""What is done with the whole box or not at all. A receiver looks at what is in a box one by one, too."""

KEEPS_IT_THERE = frozenset({Doing.PACK, Doing.WEIGH})
"""What leaves a container in its box though it is done with it alone. Any other act on it alone takes it out."""


def after_in_box(state: State, doing: Doing, *, box: str, with_box: bool, code: str, manifest: str = "—") -> State:
    """Return what follows for a container that is in a box: moved `with_box`, or acted on alone.

    What stands in a store is PACKED there as long as it is in a box, and for the box's own way it is as if it stood
    there alone.
    """
    if with_box:
        following = after(State.STORED if state is State.PACKED else state, doing, code=code, manifest=manifest)
        return State.PACKED if following is State.STORED else following
    if doing in ONLY_WITH_ITS_BOX:
        raise Refusal([only_with_box(code, box, doing)])
    return after(state, doing, code=code, manifest=manifest, box=box)


def stays_in_box(following: State, doing: Doing, *, with_box: bool) -> bool:
    """Tell whether a container is still in its box after an act: not once its life has ended."""
    return following not in ENDED and (with_box or doing in KEEPS_IT_THERE)


def only_with_box(code: str, box: str, doing: Doing, field: str = "code") -> Problem:
    """Make the problem of a container that goes where its box goes."""
    facts = {"code": code, "box": box}
    return Problem(f"container.{doing.value}_when_packed", _WHY_NOT[State.PACKED], facts, field, Kind.CONFLICT)
