"""Large boxes 大箱: what holds containers. Their states, what may be done in each, what may go in, when one is washed.

A box is no waste: count and mass of what is in it are those of its containers, always derived. What is in a box is
where the box is, and goes where the box goes. Boxes stand in boxes by kind only (a carton in a turnover box on a
pallet), so that there are never more than three, one in the other, and never a ring.

Reusable boxes for medical waste are washed and disinfected within 24 hours after each use (`domain.cleaning`, H-07).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from wastetrack.domain.cleaning import CLEANED
from wastetrack.domain.compatibility import Waste, Where, problems_of_sharing, warnings_of_sharing
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import named
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal
from wastetrack.domain.words import N_, Term


class BoxKind(Term):
    """What a large box is."""

    TURNOVER_BOX = "turnover_box", N_("Turnover box")
    DRUM = "drum", N_("Turnover barrel")
    PALLET = "pallet", N_("Pallet")
    CARTON = "carton", N_("Carton")


WASHED = frozenset({BoxKind.TURNOVER_BOX, BoxKind.DRUM})
"""Kinds that are used again and therefore washed after medical waste (周转箱/桶: GB 39707-2020, 5.1 and 5.5.2)."""

HOLDS = {
    BoxKind.PALLET: frozenset({BoxKind.TURNOVER_BOX, BoxKind.DRUM, BoxKind.CARTON}),
    BoxKind.TURNOVER_BOX: frozenset({BoxKind.CARTON}),
    BoxKind.DRUM: frozenset({BoxKind.CARTON}),
    BoxKind.CARTON: frozenset(),
}
"""Which boxes may stand in which: by kind, downward only, so three deep at most and never in a ring."""

MOST_AT_ONCE = 200
"""So many boxes are registered, or things packed, in one act at most (house figure)."""


class BoxState(Term):
    """Where a large box is in its round."""

    READY = "ready", N_("clean and empty")
    OPEN = "open", N_("open, being filled")
    CLOSED = "closed", N_("filled and closed")
    LOADED = "loaded", N_("on the vehicle")
    DIRTY = "dirty", N_("emptied, to be washed")
    RETIRED = "retired", N_("retired")


EMPTY = frozenset({BoxState.READY, BoxState.DIRTY, BoxState.RETIRED})
"""States in which nothing is in the box."""


class BoxDoing(Term):
    """What can be done with a large box."""

    PACK = "pack", N_("put something in")
    UNPACK = "unpack", N_("take something out")
    CLOSE = "close", N_("close")
    OPEN = "open", N_("open")
    PUT_IN = "put_in", N_("put into another box")
    TAKE_OUT = "take_out", N_("take out of another box")
    STORE = "store", N_("place in a store")
    HAND_IN = "hand_in", N_("receive at a station")
    LOAD = "load", N_("load")
    UNLOAD = "unload", N_("take off the vehicle before departure")
    ACCEPT = "accept", N_("accept at the disposal site")
    REFUSE = "refuse", N_("refuse at the disposal site")
    WITHDRAW = "withdraw", N_("take back the verdict given on arrival")
    TAKE_BACK = "take_back", N_("take back")
    TREAT = "treat", N_("treat")
    CLEAN = "clean", N_("wash and disinfect")
    RETIRE = "retire", N_("retire")


_S, _D = BoxState, BoxDoing
TRANSITIONS: dict[tuple[BoxState, BoxDoing], BoxState] = {
    (_S.READY, _D.PACK): _S.OPEN,
    (_S.READY, _D.STORE): _S.READY,
    (_S.READY, _D.CLEAN): _S.READY,
    (_S.READY, _D.RETIRE): _S.RETIRED,
    (_S.OPEN, _D.PACK): _S.OPEN,
    (_S.OPEN, _D.UNPACK): _S.OPEN,
    (_S.OPEN, _D.CLOSE): _S.CLOSED,
    (_S.OPEN, _D.STORE): _S.OPEN,
    (_S.CLOSED, _D.OPEN): _S.OPEN,
    (_S.CLOSED, _D.PUT_IN): _S.CLOSED,
    (_S.CLOSED, _D.TAKE_OUT): _S.CLOSED,
    (_S.CLOSED, _D.STORE): _S.CLOSED,
    (_S.CLOSED, _D.HAND_IN): _S.CLOSED,
    (_S.CLOSED, _D.LOAD): _S.LOADED,
    (_S.CLOSED, _D.WITHDRAW): _S.LOADED,
    (_S.CLOSED, _D.TREAT): _S.CLOSED,
    (_S.LOADED, _D.UNLOAD): _S.CLOSED,
    (_S.LOADED, _D.ACCEPT): _S.CLOSED,
    (_S.LOADED, _D.REFUSE): _S.LOADED,
    (_S.LOADED, _D.TAKE_BACK): _S.CLOSED,
    (_S.DIRTY, _D.STORE): _S.DIRTY,
    (_S.DIRTY, _D.CLEAN): _S.READY,
    (_S.DIRTY, _D.RETIRE): _S.RETIRED,
}
"""What leaves a box empty is no act of its own: the last content leaves it by its own act (`emptied`)."""

_WHY_NOT = {
    BoxState.READY: N_("Box {code} is empty. Put something in first."),
    BoxState.OPEN: N_("Box {code} is open. Close it first."),
    BoxState.CLOSED: N_("Box {code} is closed and does not stand on a vehicle. Open it first, or go on with it whole."),
    BoxState.LOADED: N_("Box {code} is on a vehicle. Nothing in it is changed on the way."),
    BoxState.DIRTY: N_(
        "Box {code} was emptied and is not washed yet. Wash and disinfect it and record that; then it can be filled."
    ),
    BoxState.RETIRED: N_("Box {code} is retired. Take its label off, and take another box."),
}
_STILL_FULL = N_("There is still something in box {code}. Take it out first.")
_WHY_NOT_THIS = {
    (_S.OPEN, _D.OPEN): N_("Box {code} is open already."),
    (_S.CLOSED, _D.CLOSE): N_("Box {code} is closed already."),
    (_S.LOADED, _D.LOAD): N_("Box {code} is already on a vehicle. Scanned twice? Go on with the next one."),
    **{(state, doing): _STILL_FULL for state in (_S.OPEN, _S.CLOSED) for doing in (_D.CLEAN, _D.RETIRE)},
    (_S.DIRTY, _D.UNPACK): N_("Box {code} is empty. Put something in first."),
    (_S.DIRTY, _D.LOAD): N_("Box {code} is empty. Put something in first."),
}
"""Where the sentence of the state alone would lead the wrong way."""


def after(state: BoxState, doing: BoxDoing, *, code: str) -> BoxState:
    """Return the state that follows, or refuse with the reason that belongs to the present state."""
    following = TRANSITIONS.get((state, doing))
    if following is None:
        raise Refusal([not_now(state, doing, code=code)])
    return following


def not_now(state: BoxState, doing: BoxDoing, *, code: str, field: str = "code") -> Problem:
    """Return the problem that names why `doing` does not fit a box in `state`."""
    sentence = _WHY_NOT_THIS.get((state, doing), _WHY_NOT[state])
    basis = CLEANED if state is BoxState.DIRTY and doing is BoxDoing.PACK else None
    return Problem(f"box.{doing.value}_when_{state.value}", sentence, {"code": code}, field, Kind.CONFLICT, basis)


def emptied(kind: BoxKind, *, medical: bool) -> BoxState:
    """Return what follows when the last content has left: what is used again is washed after medical waste (H-07)."""
    return BoxState.DIRTY if medical and kind in WASHED else BoxState.READY


def only_with(code: str, outer: str, field: str = "code") -> Problem:
    """Make the problem of a box that stands in another one: only the outer one moves."""
    sentence = N_("Box {code} stands in box {box}. Scan box {box}, or take it out there first.")
    return Problem("box.in_another", sentence, {"code": code, "box": outer}, field, Kind.CONFLICT)


# --- on a manifest ---------------------------------------------------------------------------------------------------
# What is in a box goes one way and at one time: a manifest takes a box whole or not at all.


def not_on_it_whole(box: str, strange: Sequence[str]) -> Problem:
    """Make the problem of a scanned box in which there is something that is not on the manifest."""
    sentence = N_(
        "In box {box}, but not on this manifest: {codes}. A box goes whole or not at all: do not take it, and ask "
        "the consignor."
    )
    facts: dict[str, Fact] = {"box": box, "codes": named(strange)}
    return Problem("manifest.box_not_on_it", sentence, facts, "code", Kind.CONFLICT)


def chosen_in_part(box: str, left: Sequence[str]) -> Problem:
    """Make the problem of a box of which something is chosen for a manifest and something is left."""
    sentence = N_("In box {code} with chosen ones, but not chosen: {codes}. Choose all of it, or take it out.")
    facts: dict[str, Fact] = {"code": box, "codes": named(left)}
    return Problem("manifest.box_partly", sentence, facts, "container_ids", Kind.CONFLICT)


def one_by_one(box: str) -> Problem:
    """Make the problem of a box that is scanned where each container is looked at by itself."""
    sentence = N_("{box} is a large box. Scan the labels of the containers in it, one by one.")
    return Problem("manifest.one_by_one", sentence, {"box": box}, "code")


# --- packing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """One container, as far as it matters beside others in a box."""

    waste: Waste
    mass_g: int
    litres: int


@dataclass(frozen=True)
class Parcel:
    """What is to go in: one container, or a box with everything in it."""

    code: str
    holder: str
    place: str
    """The store it stands in; empty where it stands in none."""
    content: Sequence[Content]
    bound: Sequence[str] = ()
    """The open manifests and hand-ins that it stands on."""
    kind: BoxKind | None = None
    """What box it is; None for a container."""


@dataclass(frozen=True)
class Filling:
    """A box that is being filled, with what is in it."""

    code: str
    kind: BoxKind
    holder: str
    place: str
    capacity_count: int | None = None
    capacity_g: int | None = None
    capacity_l: int | None = None
    content: Sequence[Content] = field(default_factory=tuple)
    bound: Sequence[str] = ()
    """The open manifests and hand-ins on which what is in it stands."""


def packing_problems(box: Filling, parcels: Sequence[Parcel], *, on: date, at: str) -> list[Problem]:
    """Return everything that speaks against putting these into the box, each at the field `at`.

    Whether states allow it is said by the tables (`after` here, and that of the containers).
    """
    return [
        *_places(box, parcels, at),
        *_kinds(box, parcels, at),
        *_bound(box, parcels, at),
        *_sharing(problems_of_sharing, box, parcels, on, at),
        *_room(box, parcels, at),
    ]


def _places(box: Filling, parcels: Sequence[Parcel], at: str) -> Iterator[Problem]:
    others = [one.code for one in parcels if one.holder != box.holder]
    if others:
        sentence = N_("Held by somebody else: {codes}. What goes into a box is held by who holds the box.")
        yield _problem("other_holder", sentence, at, codes=named(others))
    elsewhere = [one.code for one in parcels if one.holder == box.holder and one.place != box.place]
    if elsewhere:
        sentence = N_("Not in the store of box {code}: {codes}. Bring the box and what goes in to one store first.")
        yield _problem("other_store", sentence, at, code=box.code, codes=named(elsewhere))


def _kinds(box: Filling, parcels: Sequence[Parcel], at: str) -> Iterator[Problem]:
    unfit = [one for one in parcels if one.kind is not None and one.kind not in HOLDS[box.kind]]
    for one in unfit:
        assert one.kind is not None  # noqa: S101  (said above; the type checker cannot see it)
        sentence = N_("{code} ({kind}) cannot stand in {box} ({outer}).")
        yield _problem("kind_in_kind", sentence, at, code=one.code, kind=one.kind, box=box.code, outer=box.kind)


def _bound(box: Filling, parcels: Sequence[Parcel], at: str) -> Iterator[Problem]:
    """All that is in a box goes the same way: on one manifest or hand-in, or on none."""
    ways = {tuple(sorted(one.bound)) for one in parcels} | ({tuple(sorted(box.bound))} if box.content else set())
    if len(ways) <= 1:
        return
    bound = [one.code for one in parcels if tuple(sorted(one.bound)) != tuple(sorted(box.bound))]
    sentence = N_(
        "On another open manifest or hand-in than what is in box {code}: {codes}. All that is in a box goes one way."
    )
    yield _problem("other_way", sentence, at, code=box.code, codes=named(bound or [one.code for one in parcels]))


def warnings(box: Filling, parcels: Sequence[Parcel], *, on: date, at: str) -> list[Problem]:
    """Return what is said and kept of what shares a box, though it does not forbid it."""
    return list(_sharing(warnings_of_sharing, box, parcels, on, at))


Judge = Callable[..., list[Problem]]


def _sharing(judge: Judge, box: Filling, parcels: Sequence[Parcel], on: date, at: str) -> Iterator[Problem]:
    """Say what does not go together in one large box: by the table of `domain.compatibility`, each pair once."""
    present, said = [one.waste for one in box.content], set()
    for coming in (one.waste for parcel in parcels for one in parcel.content):
        for problem in judge(present, coming, Where.PARENT, at, on=on):
            pair = (problem.code, problem.facts["waste"], problem.facts["other_waste"])
            if pair not in said:
                said.add(pair)
                yield problem
        present.append(coming)


def _room(box: Filling, parcels: Sequence[Parcel], at: str) -> Iterator[Problem]:
    inside = [*box.content, *(one for parcel in parcels for one in parcel.content)]
    mass, litres = sum(one.mass_g for one in inside), sum(one.litres for one in inside)
    if box.capacity_count is not None and len(inside) > box.capacity_count:
        sentence = N_("Box {code} takes {most} {most:container|containers}; with these it would hold {n}.")
        yield _problem("too_many", sentence, at, code=box.code, most=box.capacity_count, n=len(inside))
    if box.capacity_g is not None and mass > box.capacity_g:
        sentence = N_("Box {code} carries {most}; with these it would hold {mass}.")
        yield _problem("too_heavy", sentence, at, code=box.code, most=Grams(box.capacity_g), mass=Grams(mass))
    if box.capacity_l is not None and litres > box.capacity_l:
        sentence = N_("Box {code} has room for {most} L; with these it would hold about {n} L.")
        yield _problem("too_large", sentence, at, code=box.code, most=box.capacity_l, n=litres)


def _problem(code: str, sentence: str, at: str, /, *, basis: str | None = None, **facts: Fact) -> Problem:
    return Problem(f"box.{code}", sentence, facts, at, Kind.CONFLICT, basis)
