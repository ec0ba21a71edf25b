"""What should be, told without the product: people, boxes, manifests and hand-ins, and who may do what with them when.

It is written from domain.md and knows nothing of how the product does it; only the words for states are shared.
"""

from dataclasses import dataclass, field

from wastetrack.domain.collection import HandInState
from wastetrack.domain.containers import ENDED, State
from wastetrack.domain.manifests import State as Stage
from wastetrack.domain.manifests import Verdict

HOUSE = {
    "collector": "hospital", "manager": "hospital", "chief": "second", "doctor_a": "clinic_a", "doctor_b": "clinic_b",
    "attendant": "station", "driver": "carrier", "driver_b": "carrier", "operator": "plant", "county": None,
}  # fmt: skip
"""Who acts, and for which house."""

STORES = {
    "hospital": "hospital", "hospital_cold": "hospital", "second": "second", "clinic_a": "clinic_a",
    "clinic_b": "clinic_b", "station": "station", "plant": "plant", "plant_yard": "plant",
}  # fmt: skip
CLINICS = {"clinic_a", "clinic_b"}
REGISTERING = {"collector", "manager", "chief", "doctor_a", "doctor_b"}
HANDLING = REGISTERING | {"attendant", "operator"}
SENDING = {"manager", "chief", "attendant"}
SIGNING_OFF = {"manager", "chief", "doctor_a", "doctor_b", "attendant", "operator"}
DRIVERS = {"driver", "driver_b"}
AT_REST = {State.SEALED, State.STORED}


@dataclass(eq=False)
class Entry:
    """One event of a box: for which house it was written, and whether it moved or changed anything."""

    house: str | None
    moved: bool = True
    declares: bool = False
    struck: bool = False


@dataclass(eq=False)
class Box:
    """One container: where it is, who holds it, what it weighs, and on what paper it stands."""

    code: str
    id: object
    producer: str
    mass: int
    state: State = State.SEALED
    holder: str | None = None
    store: str | None = None
    paper: "Paper | None" = None
    """The open manifest it is on."""
    announced: "HandIn | None" = None
    """The open hand-in it stands on."""
    came_back: bool = False
    drivers: set[str] = field(default_factory=set)
    """Who has had it on his vehicle: he may follow it from then on."""
    entries: list["Entry"] = field(default_factory=list)
    origin: "Box | None" = None
    """Whose content it took over."""
    told: int = 0
    """The mass that its record told last."""

    @property
    def line_of_life(self) -> "list[Box]":
        """Return it and all whose content it took over."""
        return [self, *(self.origin.line_of_life if self.origin else [])]

    def end(self, state: State) -> None:
        self.state, self.holder, self.store = state, None, None


@dataclass(eq=False)
class Line:
    """One box on a manifest."""

    box: Box
    stated: int
    left: bool = False
    verdict: Verdict | None = None
    treated: bool = False
    taken_back: bool = False


@dataclass(eq=False)
class Paper:
    """One manifest to the plant."""

    id: object
    consignor: str
    store: str
    driver: str
    lines: list[Line]
    stage: Stage = Stage.DRAFT
    confirmed: bool = False

    def line(self, box: Box) -> Line | None:
        return next((one for one in self.lines if one.box is box and not one.left), None)

    @property
    def aboard(self) -> list[Line]:
        return [one for one in self.lines if one.box.state is State.LOADED and one.box.paper is self]

    @property
    def open(self) -> list[Line]:
        return [one for one in self.lines if one.verdict is None and not one.left]

    def settle(self) -> None:
        """Tell how far a confirmed manifest is from its verdicts."""
        counted = [one for one in self.lines if not one.left]
        accepted = [one for one in counted if one.verdict is Verdict.ACCEPTED]
        if not accepted:
            self.stage = Stage.REJECTED
        elif all(one.treated for one in accepted):
            self.stage = Stage.COMPLETED
        else:
            self.stage = Stage.ACCEPTED if len(accepted) == len(counted) else Stage.PARTLY_ACCEPTED


@dataclass(eq=False)
class HandIn:
    """One hand-in of a clinic at the station."""

    id: object
    sender: str
    boxes: list[Box]
    received: list[Box] = field(default_factory=list)
    state: HandInState = HandInState.DECLARED


# --- who may do what, when -------------------------------------------------------------------------------------------


def holds(who: str, box: Box) -> bool:
    return box.holder is not None and HOUSE[who] == box.holder


def may_place(who: str, box: Box, store: str) -> bool:
    here = who in HANDLING and holds(who, box) and STORES[store] == HOUSE[who] and box.state in AT_REST
    return here and (box.paper is None or box.store == store)


def may_void(who: str, box: Box) -> bool:
    back = any(one.came_back for one in box.line_of_life)
    home = who in REGISTERING and HOUSE[who] == box.producer == box.holder and not back
    return home and box.state in AT_REST | {State.OPENED} and box.paper is None and box.announced is None


def may_weigh(who: str, box: Box) -> bool:
    if who in DRIVERS:
        driving = box.paper is not None and box.paper.driver == who
        return box.state is State.LOADED and (driving or who in box.drivers)
    at_rest = who in HANDLING and holds(who, box) and box.state in AT_REST
    return at_rest and (box.paper is None or box.holder != box.producer)


def _may_mend(who: str, box: Box) -> bool:
    return who in HANDLING and holds(who, box) and box.paper is None and box.announced is None


def may_open(who: str, box: Box) -> bool:
    return _may_mend(who, box) and box.state is State.STORED


def may_seal(who: str, box: Box) -> bool:
    return who in HANDLING and holds(who, box) and box.state is State.OPENED


def may_repack(who: str, box: Box) -> bool:
    return _may_mend(who, box) and box.state in AT_REST | {State.OPENED}


def may_strike(who: str, box: Box, wrong: int, right: int | None) -> bool:
    """Declare an own entry wrong, never the first one; one that moved something names what put it right."""
    entry = box.entries[wrong - 1]
    if who not in SIGNING_OFF or entry.house != HOUSE[who] or wrong == 1 or entry.declares or entry.struck:
        return False
    if right is None:
        return not entry.moved
    by = box.entries[right - 1]
    return right > wrong and not by.declares and not by.struck


def may_plan(who: str, boxes: list[Box], store: str) -> bool:
    own = who in SENDING and STORES[store] == HOUSE[who] and bool(boxes)
    return own and all(
        box.state is State.STORED and box.store == store and box.paper is None and box.announced is None
        for box in boxes
    )


def sends(who: str, paper: Paper) -> bool:
    return who in SENDING and HOUSE[who] == paper.consignor


def may_load(who: str, paper: Paper, box: Box) -> bool:
    line = paper.line(box)
    return who == paper.driver and paper.stage is Stage.SIGNED and line is not None and box.state is State.STORED


def may_unload(who: str, paper: Paper, box: Box) -> bool:
    return who == paper.driver and paper.stage is Stage.SIGNED and box.state is State.LOADED and box.paper is paper


def may_judge(who: str, paper: Paper, box: Box) -> bool:
    line = paper.line(box)
    if who != "operator" or line is None or line.taken_back:
        return False
    under_way = paper.stage in {Stage.IN_TRANSIT, Stage.ARRIVED}
    return (under_way and line.verdict is None) or line.verdict is Verdict.MISSING


def may_withdraw(who: str, paper: Paper, box: Box) -> bool:
    line = paper.line(box)
    if who != "operator" or line is None or paper.stage not in {Stage.IN_TRANSIT, Stage.ARRIVED}:
        return False
    if line.verdict is Verdict.ACCEPTED:
        return box.state is State.STORED and box.holder == "plant"
    return line.verdict is Verdict.REFUSED and box.state is State.REFUSED


def may_take_back(who: str, paper: Paper, box: Box) -> bool:
    line = paper.line(box)
    refused = line is not None and line.verdict in {Verdict.REFUSED, Verdict.MISSING} and not line.taken_back
    return sends(who, paper) and refused


def may_treat(who: str, boxes: list[Box], store: str) -> bool:
    here = who == "operator" and STORES[store] == "plant" and bool(boxes)
    return here and all(box.state is State.STORED and box.store == store and box.paper is None for box in boxes)


def may_announce(who: str, boxes: list[Box]) -> bool:
    own = HOUSE[who] in CLINICS and bool(boxes)
    return own and all(
        holds(who, box) and box.state in AT_REST and box.paper is None and box.announced is None for box in boxes
    )


def may_take_in(who: str, box: Box) -> bool:
    return who == "attendant" and box.holder in CLINICS and box.state in AT_REST


def alive(box: Box) -> bool:
    return box.state not in ENDED
