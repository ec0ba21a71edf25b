"""Random packing and carrying by a hospital, a carrier and a plant: what is in a box is where the box is, always."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from tests.conftest import NOON
from tests.features.boxes.conftest import Packer
from tests.features.lives.tables import snapshot
from tests.living import shown_batch
from wastetrack.domain.boxes import EMPTY, HOLDS, BoxKind, BoxState
from wastetrack.domain.containers import ENDED, State
from wastetrack.domain.manifests import State as Stage
from wastetrack.domain.problems import Refusal
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.models import Box
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import mending
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.treatment import service as treatment
from wastetrack.infra.ids import new_token

PICK = st.integers(0, 10_000)
STRAY = st.sampled_from([False, False, False, True])
"""Whether any pairing may come up, not only one that fits: most of these are refused."""
HOUSE = {"manager": "hospital", "operator": "plant"}
STORES = {"hospital": "hospital", "hospital_cold": "hospital", "plant": "plant", "plant_yard": "plant"}
Thing = Container | Box


@dataclass(frozen=True)
class Stock:
    """The bags, boxes and manifests of one life as the store keeps them now."""

    bags: dict[UUID, Container]
    boxes: dict[UUID, Box]
    papers: list[Manifest]

    def directly_in(self, box: Box) -> list[Thing]:
        return [one for one in self.bags.values() if one.box_id == box.id] + [
            one for one in self.boxes.values() if one.parent_id == box.id
        ]

    def within(self, box: Box) -> list[Container]:
        found = []
        for one in self.directly_in(box):
            found += [one] if isinstance(one, Container) else self.within(one)
        return found

    def inside(self, thing: Thing) -> list[Container]:
        return [thing] if isinstance(thing, Container) else self.within(thing)

    def outermost(self, box: Box) -> Box:
        return box if box.parent_id is None else self.outermost(self.boxes[box.parent_id])


def place_of(thing: Thing) -> tuple[UUID | None, UUID | None, UUID | None]:
    return thing.holder_organisation_id, thing.holder_facility_id, thing.holder_leg_id


class Packing(RuleBasedStateMachine):
    """People who pack. `masses` is what there should be: the grams of every bag whose life has not ended."""

    def __init__(self, packer: Packer, done: Counter[tuple[str, bool]]) -> None:
        super().__init__()
        self.packer, self.done = packer, done
        self.masses: dict[UUID, int] = {}
        self.bag_ids: list[UUID] = []
        self.box_ids: list[UUID] = []
        self.paper_ids: list[UUID] = []

    # --- how an act goes ---------------------------------------------------------------------------------------------

    def stock(self) -> Stock:
        with self.packer.work_as() as work:
            bags = work.session.scalars(select(Container).where(Container.id.in_(self.bag_ids)).order_by(Container.id))
            boxes = work.session.scalars(select(Box).where(Box.id.in_(self.box_ids)).order_by(Box.id))
            papers = work.session.scalars(
                select(Manifest).where(Manifest.id.in_(self.paper_ids)).order_by(Manifest.id.desc())
            )
            return Stock({one.id: one for one in bags}, {one.id: one for one in boxes}, list(papers))

    def snapshot(self) -> object:
        with self.packer.work_as() as work:
            return snapshot(work.session)

    def act(self, name: str, do: Callable[[], Any], allowed: bool | None = None) -> bool:
        """Do it: it goes as it should where that is said, and what is refused changes nothing."""
        before = None if allowed else self.snapshot()
        try:
            do()
        except Refusal as refusal:
            assert not allowed, (name, [one.code for one in refusal.problems])  # noqa: PT017
            assert self.snapshot() == before, name
            self.done[name, False] += 1
            return False
        assert allowed is not False, name
        self.done[name, True] += 1
        return True

    @staticmethod
    def pick(pick: int, stray: bool, every: list[Any], fits: Callable[..., bool]) -> Any:
        pool = every if stray else [one for one in every if fits(*one)]
        return pool[pick % len(pool)] if pool else None

    def holds(self, who: str, thing: Thing) -> bool:
        return thing.holder_organisation_id == self.packer.world.id(HOUSE[who])

    # --- what there is -----------------------------------------------------------------------------------------------

    @initialize()
    def some_of_each(self) -> None:
        self.more_bags(4)
        for kind in BoxKind:
            self.new_box(kind)
        self.new_box(BoxKind.CARTON)

    @rule(count=st.integers(1, 2))
    def more_bags(self, count: int) -> None:
        if len(self.masses) < 9:
            for one in self.packer.boxes(count):
                self.bag_ids.append(one.id)
                self.masses[one.id] = one.mass_g

    def new_box(self, kind: BoxKind) -> None:
        self.box_ids.append(self.packer.box(kind=kind.value).id)

    # --- packing -----------------------------------------------------------------------------------------------------

    @rule(pick=PICK, stray=STRAY)
    def pack(self, pick: int, stray: bool) -> None:
        stock = self.stock()

        def fits(who: str, box: Box, thing: Thing) -> bool:
            content = stock.within(box)
            ways = {one.manifest_id for one in [*content, *stock.inside(thing)]}
            if box is thing or not self.holds(who, box) or place_of(box) != place_of(thing) or len(ways) != 1:
                return False
            if isinstance(thing, Container):
                return box.state in {BoxState.READY, BoxState.OPEN} and thing.state is State.STORED
            apart = thing.parent_id is None and thing.state is BoxState.CLOSED and thing.kind in HOLDS[box.kind]
            return box.state in {BoxState.READY, BoxState.OPEN} and apart

        things: list[Thing] = [*stock.bags.values(), *stock.boxes.values()]
        every = [(who, box, thing) for who in HOUSE for box in stock.boxes.values() for thing in things]
        if chosen := self.pick(pick, stray, every, fits):
            who, box, thing = chosen
            self.act("pack", lambda: self.packer.pack(box, thing, who=who), fits(*chosen))

    @rule(pick=PICK, stray=STRAY)
    def take_out(self, pick: int, stray: bool) -> None:
        stock = self.stock()

        def fits(who: str, box: Box, thing: Thing) -> bool:
            within = thing.box_id if isinstance(thing, Container) else thing.parent_id
            return self.holds(who, box) and box.state is BoxState.OPEN and within == box.id

        things: list[Thing] = [*stock.bags.values(), *stock.boxes.values()]
        every = [(who, box, thing) for who in HOUSE for box in stock.boxes.values() for thing in things]
        if chosen := self.pick(pick, stray, every, fits):
            who, box, thing = chosen
            self.act("take_out", lambda: self.packer.take_out(box, thing, who=who), fits(*chosen))

    @rule(pick=PICK, stray=STRAY, what=st.sampled_from(["close", "close", "reopen"]))
    def shut(self, pick: int, stray: bool, what: str) -> None:
        wanted = BoxState.OPEN if what == "close" else BoxState.CLOSED

        def fits(who: str, box: Box) -> bool:
            return self.holds(who, box) and box.state is wanted and box.parent_id is None

        every = [(who, box) for who in HOUSE for box in self.stock().boxes.values()]
        if chosen := self.pick(pick, stray, every, fits):
            who, box = chosen
            self.act(what, lambda: getattr(self.packer, what)(box, who), fits(*chosen))

    @rule(pick=PICK, stray=STRAY)
    def move(self, pick: int, stray: bool) -> None:
        stock, world = self.stock(), self.packer.world

        def fits(who: str, box: Box, store: str) -> bool:
            if STORES[store] != HOUSE[who] or box.parent_id is not None or box.state is BoxState.LOADED:
                return False
            bound = any(one.manifest_id for one in stock.within(box))
            stays = box.holder_facility_id == world.stores[store].id
            return box.state in EMPTY or (self.holds(who, box) and (stays or not bound))

        every = [(who, box, store) for who in HOUSE for box in stock.boxes.values() for store in STORES]
        if chosen := self.pick(pick, stray, every, fits):
            who, box, store = chosen
            self.act("move", lambda: self.packer.put(box, store, who), fits(*chosen))

    @rule(pick=PICK, stray=STRAY)
    def wash(self, pick: int, stray: bool) -> None:
        def fits(who: str, box: Box) -> bool:
            return self.holds(who, box) and box.state in {BoxState.READY, BoxState.DIRTY}

        dirty = [one for one in self.stock().boxes.values() if stray or one.state is BoxState.DIRTY]
        if chosen := self.pick(pick, stray, [(who, box) for who in HOUSE for box in dirty], fits):
            who, box = chosen
            self.act("wash", lambda: self.packer.clean(box, who), fits(*chosen))

    @rule(pick=PICK, grams=st.integers(1, 9))
    def weigh(self, pick: int, grams: int) -> None:
        """Weigh a bag; in a box it is weighed by nobody, on a vehicle only by who may."""
        who = list(HOUSE)[pick % 2]
        bags = list(self.stock().bags.values())
        bag = bags[pick % len(bags)]
        command = mending.WeighAgain(code=bag.code, mass=str(grams), act_key=new_token())
        free = self.holds(who, bag) and bag.state is State.STORED and bag.manifest_id is None
        allowed = True if free else None
        if self.act("weigh", lambda: self.packer.act(who, mending.weigh, command), allowed):
            self.masses[bag.id] = grams * 1000

    # --- on the way --------------------------------------------------------------------------------------------------

    @rule(pick=PICK)
    def sign(self, pick: int) -> None:
        """Send a closed box whole, now and then with a bag beside it."""
        stock, here = self.stock(), self.packer.world.stores["hospital"].id
        free = [
            one for one in [*stock.boxes.values(), *stock.bags.values()]
            if one.holder_facility_id == here
            and (one.state is State.STORED if isinstance(one, Container) else
                 one.state is BoxState.CLOSED and one.parent_id is None)
            and not any(bag.manifest_id for bag in stock.inside(one))
        ]  # fmt: skip
        boxes = [one for one in free if isinstance(one, Box)]
        chosen = boxes[pick % len(boxes) :][:1] if boxes else free[:1]
        chosen += [one for one in free if isinstance(one, Container) and one not in chosen][: pick % 2]
        if not chosen:
            return
        bags = [bag for one in chosen for bag in stock.inside(one)]

        def do() -> None:
            self.paper_ids.append(self.packer.signed(bags).id)

        self.act("sign", do, allowed=True)
        for box in chosen:  # a part of what is in a box is not sent
            inside = stock.inside(box)
            if len(inside) > 1:
                self.act("part", lambda inside=inside: self.packer.draft(inside[:1]), allowed=False)

    @rule(pick=PICK, stray=STRAY, back=st.sampled_from([False, False, True]))
    def load(self, pick: int, stray: bool, back: bool) -> None:
        stock = self.stock()

        def fits(paper: Manifest, thing: Thing) -> bool:
            on_it = {one.manifest_id for one in stock.inside(thing)} == {paper.id}
            alone = (thing.box_id if isinstance(thing, Container) else thing.parent_id) is None
            aboard = thing.state in {State.LOADED, BoxState.LOADED}
            ready = aboard if back else thing.state in {State.STORED, BoxState.CLOSED}
            return on_it and alone and ready and paper.state is Stage.SIGNED

        every = [(paper, one) for paper in stock.papers for one in [*stock.boxes.values(), *stock.bags.values()]]
        if chosen := self.pick(pick, stray, every, fits):
            name, do = ("unload", manifests.unload) if back else ("load", manifests.load)
            self.act(name, lambda: self.packer.scan("driver", do, *chosen), True if fits(*chosen) else None)

    @rule(pick=PICK)
    def drive(self, pick: int) -> None:
        papers = [one for one in self.stock().papers if one.state is Stage.SIGNED]
        if papers:
            paper = papers[pick % len(papers)]

            left = []

            def depart() -> None:
                left.append(self.packer.depart(paper, leave_behind=True))

            if self.act("depart", depart):
                self.act("arrive", lambda: self.packer.arrive(left[0]), allowed=True)

    @rule(pick=PICK, stray=STRAY, how=st.sampled_from(["receive", "receive", "refuse", "withdraw", "take_back"]))
    def judge(self, pick: int, stray: bool, how: str) -> None:
        """Look at a box or a bag on arrival, take that back, or take back what was refused."""
        stock = self.stock()
        things: list[Thing] = [*stock.boxes.values(), *stock.bags.values()]
        every = [(paper, one) for paper in stock.papers for one in things]

        def promising(paper: Manifest, one: Thing) -> bool:
            aboard = paper.state in {Stage.IN_TRANSIT, Stage.ARRIVED}
            fit = {
                "receive": one.state in {State.LOADED, BoxState.LOADED} and aboard,
                "refuse": one.state is State.LOADED and aboard,
                "withdraw": isinstance(one, Container) and one.state in {State.PACKED, State.STORED, State.REFUSED},
                "take_back": one.state in {State.REFUSED, State.MISSING},
            }
            return fit[how]

        if chosen := self.pick(pick, stray, every, promising):
            paper, one = chosen
            does = {
                "receive": lambda: self.packer.receive(paper, one),
                "refuse": lambda: self.packer.refuse(paper, one),
                "withdraw": lambda: self.packer.scan("operator", manifests.withdraw, paper, one),
                "take_back": lambda: self.packer.scan("manager", manifests.take_back, paper, one),
            }
            self.act(how, does[how])

    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        papers = [one for one in self.stock().papers if one.state is Stage.ARRIVED]
        if papers:
            paper = papers[pick % len(papers)]
            self.act("confirm", lambda: self.packer.confirm(paper, name_missing=True))

    @rule(pick=PICK)
    def treat(self, pick: int) -> None:
        stock, here = self.stock(), self.packer.world.stores["plant"].id
        things = [one for one in [*stock.boxes.values(), *stock.bags.values()] if one.holder_facility_id == here]
        things = [one for one in things if stock.inside(one)]
        if not things:
            return
        thing = things[pick % len(things)]
        codes, key = (thing.code,), new_token()

        def do() -> None:
            with self.packer.work_as(self.packer.world.people["operator"], NOON) as work:
                chosen = treatment.ChooseBatch(facility_id=here, mode="Y10", codes=codes, act_key=key)
                treatment.treat(work, shown_batch(work, chosen))

        if self.act("treat", do):
            for bag in stock.inside(thing):
                del self.masses[bag.id]

    @rule(picks=st.lists(PICK, min_size=4, max_size=10))
    def carry_on(self, picks: list[int]) -> None:
        """Bring something onward, so that the later acts come up."""
        for pick in picks:
            steps: list[Callable[[], None]] = [
                lambda pick=pick: self.shut(pick, stray=False, what="close"),
                lambda pick=pick: self.pack(pick, stray=False),
                lambda pick=pick: self.sign(pick),
                lambda pick=pick: self.load(pick, stray=False, back=False),
                lambda pick=pick: self.drive(pick),
                lambda pick=pick: self.judge(pick, stray=False, how="receive"),
                lambda pick=pick: self.confirm(pick),
                lambda pick=pick: self.treat(pick),
            ]  # fmt: skip
            before = self.done.total()
            for step in steps[pick % len(steps) :] + steps[: pick % len(steps)]:
                step()
                if self.done.total() > before:
                    break

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def what_is_in_a_box_is_where_the_box_is(self) -> None:
        stock = self.stock()
        live = {one.id: one.mass_g for one in stock.bags.values() if one.state not in ENDED}
        assert live == self.masses, "count and mass of each"
        for bag in stock.bags.values():
            assert (bag.holder_organisation_id is None) == (bag.state in ENDED)
            in_store = bag.box_id is not None and bag.holder_facility_id is not None
            assert (bag.state is State.PACKED) == in_store, (bag.code, bag.state)
            if bag.box_id is not None:
                around = stock.boxes[bag.box_id]
                assert place_of(bag) == place_of(around) == place_of(stock.outermost(around)), bag.code
                assert (bag.state is State.LOADED) == (around.state is BoxState.LOADED)
        for box in stock.boxes.values():
            self._well_kept(stock, box)

    def _well_kept(self, stock: Stock, box: Box) -> None:
        assert (box.state in EMPTY) == (not stock.directly_in(box)), (box.code, box.state)
        assert (box.unclean_since is not None) == (box.state is BoxState.DIRTY)
        assert box.state is not BoxState.LOADED or box.holder_leg_id is not None
        if box.parent_id is not None:
            around = stock.boxes[box.parent_id]
            assert box.kind in HOLDS[around.kind]
            assert place_of(box) == place_of(around)
            assert box.state in {BoxState.CLOSED, BoxState.LOADED}
            assert (box.state is BoxState.LOADED) == (around.state is BoxState.LOADED)
        with self.packer.work_as() as work:
            counted = queries.load(work.session, box)
        inside = stock.within(box)
        assert (counted.count, counted.mass_g) == (len(inside), sum(one.mass_g for one in inside))
