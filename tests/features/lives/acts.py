"""Random acts of many people, each told to the product and to the model: what one allows the other must allow."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import count, product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conftest import NOON, WorkAs
from tests.features.lives import model
from tests.features.lives.model import DRIVERS, HOUSE, STORES, Box, Entry, HandIn, Line, Paper
from tests.features.lives.tables import agree, snapshot
from tests.living import shown, shown_batch, shown_hand_in
from tests.world import World
from wastetrack.domain.collection import HandInState
from wastetrack.domain.containers import State
from wastetrack.domain.manifests import State as Stage
from wastetrack.domain.manifests import Verdict
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Signature
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.collection import service as collection
from wastetrack.features.collection.models import HandIn as HandInRow
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.service import mending
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.treatment import service as treatment
from wastetrack.infra.ids import new_token

WHY = "演示"
GRAMS = st.integers(1, 9).map(lambda kilograms: kilograms * 1000)
PICK = st.integers(0, 10_000)
STRAY = st.sampled_from([False, False, False, True])
"""Whether any pairing may come up, not only one that fits: most of these are refused."""
NUMBERS = count(1)


class Acts(RuleBasedStateMachine):
    """The people at work. What each rule picks is told by numbers, so that a failure prints as a list of acts."""

    def __init__(self, world: World, work_as: WorkAs, done: Counter[tuple[str, bool]]) -> None:
        super().__init__()
        self.world, self.work_as, self.done = world, work_as, done
        self.boxes: list[Box] = []
        self.papers: list[Paper] = []
        self.hand_ins: list[HandIn] = []

    # --- how an act goes ---------------------------------------------------------------------------------------------

    def pick(self, pick: int, stray: bool, combos: Iterable[tuple[Any, ...]], fits: Callable[..., bool]) -> Any:
        """Return one of the pairings, one that fits unless astray; None where there is none."""
        every = list(combos)
        pool = every if stray else [one for one in every if fits(*one)]
        return pool[pick % len(pool)] if pool else None

    def act(self, who: str, allowed: bool, do: Callable[..., Any], make: Callable[..., Any]) -> Any:
        """Do it as somebody: it succeeds if the model allows it, once only; else it is refused and changes nothing."""
        actor, now = self.world.people[who], NOON + timedelta(seconds=next(NUMBERS))
        with self.work_as(actor, now) as work:
            command = make(work)
        before = None if allowed else self.snapshot()
        try:
            with self.work_as(actor, now) as work:
                made = do(work, command)
        except Refusal as refusal:
            assert not allowed, (do.__name__, who, [one.code for one in refusal.problems])  # noqa: PT017
            assert self.snapshot() == before, (do.__name__, who)
            self.done[do.__name__, False] += 1
            return None
        assert allowed, (do.__name__, who, command)
        self.done[do.__name__, True] += 1
        after = self.snapshot()
        with self.work_as(actor, now) as work:  # the same act sent again is the same act
            do(work, command)
        assert self.snapshot() == after, (do.__name__, who)
        return made

    def snapshot(self) -> object:
        with self.work_as() as work:
            return snapshot(work.session)

    def note(self, who: str, *boxes: Box, moved: bool = True, declares: bool = False) -> None:
        for box in boxes:
            box.entries.append(Entry(HOUSE[who], moved, declares))

    # --- registering and what stands here ----------------------------------------------------------------------------

    @initialize(grams=GRAMS)
    def some_waste(self, grams: int) -> None:
        for who, store in (("collector", "hospital"), ("collector", "hospital"), ("chief", "second"),
                           ("doctor_a", "clinic_a"), ("doctor_b", "clinic_b")):  # fmt: skip
            self.register(list(HOUSE).index(who), grams)
            self.place_in(who, self.boxes[-1], store)

    @rule(pick=PICK, grams=GRAMS)
    def register(self, pick: int, grams: int) -> None:
        who = list(HOUSE)[pick % len(HOUSE)]
        ward = "内科" if HOUSE[who] == "hospital" else ""
        facts = {"waste": "infectious", "mass": kilograms(grams), "department": ward, "act_key": new_token()}
        command = containers.RegisterContainer.model_validate(facts)
        made = self.act(who, who in model.REGISTERING, containers.register, lambda _: command)
        if made:
            house = HOUSE[who] or ""
            self.boxes.append(Box(made.code, made.id, house, grams, holder=house, told=grams))
            self.note(who, self.boxes[-1])

    @rule(pick=PICK, stray=STRAY)
    def place(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes, STORES), model.may_place)
        if chosen:
            self.place_in(*chosen)

    def place_in(self, who: str, box: Box, store: str) -> None:
        facility = self.world.stores[store].id
        command = containers.PlaceContainers(facility_id=facility, codes=(box.code,), act_key=new_token())
        allowed = model.may_place(who, box, store)
        if self.act(who, allowed, containers.place, lambda _: command) and box.store != store:
            box.state, box.store = State.STORED, store
            self.note(who, box)

    @rule(pick=PICK, stray=STRAY)
    def void(self, pick: int, stray: bool) -> None:
        if pick % 3 and not stray:  # not too often: what is void lives no more
            return
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_void)
        if chosen:
            self.void_as(*chosen)

    def void_as(self, who: str, box: Box) -> None:
        command = containers.VoidContainer(code=box.code, reason=WHY, act_key=new_token())
        if self.act(who, model.may_void(who, box), containers.void, lambda _: command):
            box.end(State.VOID)
            self.note(who, box)

    @rule(pick=PICK, stray=STRAY, grams=GRAMS)
    def weigh(self, pick: int, stray: bool, grams: int) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_weigh)
        if chosen:
            who, box = chosen
            command = mending.WeighAgain(code=box.code, mass=kilograms(grams), act_key=new_token())
            if self.act(who, model.may_weigh(who, box), mending.weigh, lambda _: command):
                self.weighed(who, box, grams)

    def weighed(self, who: str, box: Box, grams: int, *, moved: bool = False) -> None:
        self.note(who, box, moved=moved or grams != box.told)
        box.told = grams
        if box.holder == box.producer:
            box.mass = grams

    @rule(pick=PICK, stray=STRAY)
    def open(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_open)
        if chosen:
            who, box = chosen
            command = mending.OpenContainer(code=box.code, reason=WHY, act_key=new_token())
            if self.act(who, model.may_open(who, box), mending.open_up, lambda _: command):
                box.state = State.OPENED
                self.note(who, box)

    @rule(pick=PICK, stray=STRAY, grams=GRAMS)
    def seal(self, pick: int, stray: bool, grams: int) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_seal)
        if chosen:
            who, box = chosen
            command = mending.SealAgain(code=box.code, mass=kilograms(grams), act_key=new_token())
            if self.act(who, model.may_seal(who, box), mending.seal_again, lambda _: command):
                box.state = State.STORED
                self.weighed(who, box, grams, moved=True)

    @rule(pick=PICK, stray=STRAY, grams=GRAMS)
    def repack(self, pick: int, stray: bool, grams: int) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_repack)
        if chosen:
            self.repack_as(*chosen, grams)

    def repack_as(self, who: str, old: Box, grams: int) -> None:
        facts = {"code": old.code, "packaging": "bag", "mass": kilograms(grams), "reason": WHY, "act_key": new_token()}
        command = mending.Repack.model_validate(facts)
        made = self.act(who, model.may_repack(who, old), mending.repack, lambda _: command)
        if made:
            state = State.SEALED if old.state is State.SEALED else State.STORED
            new = Box(made.code, made.id, old.producer, grams, state, old.holder, old.store, origin=old, told=grams)
            old.end(State.REPACKED)
            self.boxes.append(new)
            self.note(who, old, new)

    @rule(pick=PICK, stray=STRAY)
    def strike(self, pick: int, stray: bool) -> None:
        def pairs() -> Iterator[tuple[str, Box, int, int | None]]:
            for who, box in product(HOUSE, self.boxes):
                for wrong in range(1, len(box.entries) + 1):
                    yield who, box, wrong, None
                    yield who, box, wrong, len(box.entries)

        chosen = self.pick(pick, stray, pairs(), model.may_strike)
        if chosen:
            who, box, wrong, right = chosen
            facts = {"code": box.code, "wrong": wrong, "replaced_by": right, "reason": WHY, "act_key": new_token()}
            command = mending.DeclareWrong.model_validate(facts)
            if self.act(who, model.may_strike(*chosen), mending.declare_wrong, lambda _: command):
                box.entries[wrong - 1].struck = True
                self.note(who, box, moved=False, declares=True)

    # --- the consignor and his manifest ------------------------------------------------------------------------------

    @rule(pick=PICK, stray=STRAY, size=st.integers(1, 3), other=st.booleans())
    def plan(self, pick: int, stray: bool, size: int, other: bool) -> None:
        def pairs() -> Iterator[tuple[str, list[Box], str]]:
            for who, store in product(HOUSE, STORES):
                here = [box for box in self.boxes if model.may_plan(who, [box], store)] or self.boxes[:1]
                yield who, here[:size], store

        chosen = self.pick(pick, stray, pairs(), model.may_plan)
        if not chosen:
            return
        who, boxes, store = chosen
        w, driver = self.world, "driver_b" if other else "driver"
        command = manifests.DraftManifest(
            container_ids=[box.id for box in boxes], facility_id=w.stores[store].id, carrier_id=w.id("carrier"),
            vehicle_id=w.vehicles["truck_b" if other else "truck"].id, driver_id=w.crew[driver].id,
            escort_id=w.crew["escort"].id, receiver_id=w.id("plant"), receiver_facility_id=w.stores["plant"].id,
            mode=TreatmentMode.Y10, act_key=new_token(),
        )  # fmt: skip
        made = self.act(who, model.may_plan(*chosen), manifests.draft, lambda _: command)
        if made:
            paper = Paper(made.id, HOUSE[who] or "", store, driver, [Line(box, box.mass) for box in boxes])
            self.papers.append(paper)
            for box in boxes:
                box.paper = paper

    def _sign(self, who: str, paper: Paper, signature: Signature, kind: Any, **given: Any) -> Callable[..., Any]:
        def make(work: Any) -> Any:
            row = work.session.get_one(Manifest, paper.id)
            words = shown(work, row, signature)
            return kind(manifest_id=paper.id, version=row.version, shown=words, act_key=new_token(), **given)

        return make

    @rule(pick=PICK, stray=STRAY)
    def sign(self, pick: int, stray: bool) -> None:
        def fits(who: str, paper: Paper) -> bool:
            return model.sends(who, paper) and paper.stage is Stage.DRAFT

        chosen = self.pick(pick, stray, product(HOUSE, self.papers), fits)
        if chosen:
            who, paper = chosen
            make = self._sign(who, paper, Signature.CONSIGNOR, manifests.SignManifest)
            if self.act(who, fits(who, paper), manifests.sign, make):
                paper.stage = Stage.SIGNED

    @rule(pick=PICK, stray=STRAY, signed=st.booleans())
    def drop(self, pick: int, stray: bool, signed: bool) -> None:
        """Discard a draft, or void what is signed and not loaded."""

        def fits(who: str, paper: Paper) -> bool:
            stage = Stage.SIGNED if signed else Stage.DRAFT
            return model.sends(who, paper) and paper.stage is stage and not paper.aboard

        if pick % 2 and not stray:
            return
        chosen = self.pick(pick, stray, product(HOUSE, self.papers), fits)
        if not chosen:
            return
        who, paper = chosen
        key = {"manifest_id": paper.id, "act_key": new_token()}
        command = manifests.VoidManifest(reason=WHY, **key) if signed else manifests.DiscardDraft(**key)
        do: Any = manifests.void if signed else manifests.discard
        if self.act(who, fits(who, paper), do, lambda _: command):
            paper.stage = Stage.VOID if signed else Stage.DISCARDED
            for line in paper.lines:
                line.box.paper = None

    # --- the driver --------------------------------------------------------------------------------------------------

    def on_paper(self, *, but: Callable[[Box], bool] = lambda _: True) -> Iterator[tuple[str, Paper, Box]]:
        """Return people, papers and the boxes on them, and one more that is not."""
        for paper in self.papers:
            others = [box for box in self.boxes if paper.line(box) is None][:1]
            for box in [*(line.box for line in paper.lines), *others]:
                if but(box):
                    yield from ((who, paper, box) for who in HOUSE)

    def scan(self, paper: Paper, box: Box) -> Callable[..., Any]:
        command = manifests.ScanBox(manifest_id=paper.id, code=box.code, act_key=new_token())
        return lambda _: command

    @rule(pick=PICK, stray=STRAY)
    def load(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_load)
        if chosen:
            who, paper, box = chosen
            if self.act(who, model.may_load(*chosen), manifests.load, self.scan(paper, box)):
                box.state, box.holder, box.store = State.LOADED, "carrier", None
                box.drivers.add(who)
                self.note(who, box)

    @rule(pick=PICK, stray=STRAY)
    def unload(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_unload)
        if chosen:
            who, paper, box = chosen
            if self.act(who, model.may_unload(*chosen), manifests.unload, self.scan(paper, box)):
                box.state, box.holder, box.store = State.STORED, paper.consignor, paper.store
                self.note(who, box)

    @rule(pick=PICK, stray=STRAY, leave=st.booleans())
    def depart(self, pick: int, stray: bool, leave: bool) -> None:
        def fits(who: str, paper: Paper) -> bool:
            whole = len(paper.aboard) == len(paper.lines)
            return who == paper.driver and paper.stage is Stage.SIGNED and bool(paper.aboard) and (whole or leave)

        chosen = self.pick(pick, stray, product(HOUSE, self.papers), fits)
        if chosen:
            who, paper = chosen
            make = self._sign(who, paper, Signature.CARRIER, manifests.Depart, leave_behind=leave)
            if self.act(who, fits(who, paper), manifests.depart, make):
                for line in paper.lines:
                    if line not in paper.aboard:
                        line.left, line.box.paper = True, None
                paper.stage = Stage.IN_TRANSIT

    @rule(pick=PICK, stray=STRAY)
    def arrive(self, pick: int, stray: bool) -> None:
        def fits(who: str, paper: Paper) -> bool:
            return who in {paper.driver, "operator"} and paper.stage is Stage.IN_TRANSIT

        chosen = self.pick(pick, stray, product(HOUSE, self.papers), fits)
        if chosen:
            who, paper = chosen
            command = manifests.Arrive(manifest_id=paper.id, act_key=new_token())
            if self.act(who, fits(who, paper), manifests.arrive, lambda _: command):
                paper.stage = Stage.ARRIVED

    # --- the plant, and what comes back ------------------------------------------------------------------------------

    @rule(pick=PICK, stray=STRAY, yard=st.booleans())
    def accept(self, pick: int, stray: bool, yard: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_judge)
        if chosen:
            who, paper, box = chosen
            store = "plant_yard" if yard else "plant"
            command = manifests.ReceiveBox(
                manifest_id=paper.id, code=box.code, facility_id=self.world.stores[store].id, act_key=new_token()
            )
            if self.act(who, model.may_judge(*chosen), manifests.receive_box, lambda _: command):
                box.state, box.holder, box.store, box.paper = State.STORED, "plant", store, None
                self.judged(who, paper, box, Verdict.ACCEPTED)

    @rule(pick=PICK, stray=STRAY)
    def refuse(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_judge)
        if chosen:
            who, paper, box = chosen
            command = manifests.RefuseBox(manifest_id=paper.id, code=box.code, reason=WHY, act_key=new_token())
            if self.act(who, model.may_judge(*chosen), manifests.refuse_box, lambda _: command):
                box.state = State.REFUSED
                self.judged(who, paper, box, Verdict.REFUSED)

    def judged(self, who: str, paper: Paper, box: Box, verdict: Verdict) -> None:
        self.note(who, box)
        line = paper.line(box)
        assert line
        line.verdict = verdict
        if paper.confirmed:
            paper.settle()
        else:
            paper.stage = Stage.ARRIVED

    @rule(pick=PICK, stray=STRAY)
    def withdraw(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_withdraw)
        if chosen:
            who, paper, box = chosen
            if self.act(who, model.may_withdraw(*chosen), manifests.withdraw, self.scan(paper, box)):
                box.state, box.holder, box.store, box.paper = State.LOADED, "carrier", None, paper
                line = paper.line(box)
                assert line
                line.verdict = None
                self.note(who, box)

    @rule(pick=PICK, stray=STRAY, name_missing=st.booleans())
    def confirm(self, pick: int, stray: bool, name_missing: bool) -> None:
        def fits(who: str, paper: Paper) -> bool:
            return who == "operator" and paper.stage is Stage.ARRIVED and (name_missing or not paper.open)

        chosen = self.pick(pick, stray, product(HOUSE, self.papers), fits)
        if chosen:
            who, paper = chosen
            make = self._sign(who, paper, Signature.RECEIVER, manifests.ConfirmReceipt, name_missing=name_missing)
            if self.act(who, fits(who, paper), manifests.confirm, make):
                for line in paper.open:
                    line.verdict, line.box.state = Verdict.MISSING, State.MISSING
                    self.note(who, line.box)
                paper.confirmed = True
                paper.settle()

    @rule(pick=PICK, stray=STRAY)
    def take_back(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, self.on_paper(), model.may_take_back)
        if chosen:
            who, paper, box = chosen
            if self.act(who, model.may_take_back(*chosen), manifests.take_back, self.scan(paper, box)):
                box.state, box.holder, box.store, box.paper = State.STORED, paper.consignor, paper.store, None
                box.came_back = True
                line = paper.line(box)
                assert line
                line.taken_back = True
                self.note(who, box)

    @rule(pick=PICK, stray=STRAY, size=st.integers(1, 3))
    def treat(self, pick: int, stray: bool, size: int) -> None:
        def pairs() -> Iterator[tuple[str, list[Box], str]]:
            for who, store in product(HOUSE, STORES):
                here = [box for box in self.boxes if model.may_treat(who, [box], store)] or self.boxes[:1]
                yield who, here[:size], store

        chosen = self.pick(pick, stray, pairs(), model.may_treat)
        if not chosen:
            return
        who, boxes, store = chosen
        wanted = treatment.ChooseBatch(
            facility_id=self.world.stores[store].id, mode=TreatmentMode.Y10,
            container_ids=tuple(box.id for box in boxes), act_key=new_token(),
        )  # fmt: skip
        if self.act(who, model.may_treat(*chosen), treatment.treat, lambda work: shown_batch(work, wanted)):
            self.note(who, *boxes)
            for box in boxes:
                box.end(State.TREATED)
                self._treated(box)

    def _treated(self, box: Box) -> None:
        """What was accepted is treated, also where it was repacked since."""
        for paper in self.papers:
            for line in paper.lines:
                if line.box in box.line_of_life and line.verdict is Verdict.ACCEPTED:
                    line.treated = True
            if paper.confirmed:
                paper.settle()

    # --- clinics and their station -----------------------------------------------------------------------------------

    @rule(pick=PICK, stray=STRAY, size=st.integers(1, 3))
    def announce(self, pick: int, stray: bool, size: int) -> None:
        def pairs() -> Iterator[tuple[str, list[Box]]]:
            for who in HOUSE:
                own = [box for box in self.boxes if model.may_announce(who, [box])] or self.boxes[:1]
                yield who, own[:size]

        chosen = self.pick(pick, stray, pairs(), model.may_announce)
        if chosen:
            who, boxes = chosen
            command = collection.DeclareHandIn(container_ids=tuple(box.id for box in boxes), act_key=new_token())
            made = self.act(who, model.may_announce(*chosen), collection.declare, lambda _: command)
            if made:
                self.hand_ins.append(HandIn(made.id, HOUSE[who] or "", list(boxes)))
                for box in boxes:
                    box.announced = self.hand_ins[-1]

    @rule(pick=PICK, stray=STRAY)
    def take_in(self, pick: int, stray: bool) -> None:
        chosen = self.pick(pick, stray, product(HOUSE, self.boxes), model.may_take_in)
        if not chosen:
            return
        who, box = chosen
        command = collection.ReceiveHandedIn(code=box.code, act_key=new_token())
        made = self.act(who, model.may_take_in(who, box), collection.receive_box, lambda _: command)
        if made:
            found = next((one for one in self.hand_ins if one.id == made.hand_in.id), None)
            if found is None:  # nobody had announced it
                found = HandIn(made.hand_in.id, box.holder or "", [])
                self.hand_ins.append(found)
            assert box.announced in {None, found} or box.announced is found
            assert found.sender == box.holder
            assert found.state is HandInState.DECLARED
            found.boxes += [] if box in found.boxes else [box]
            found.received.append(box)
            box.state, box.holder, box.store, box.announced = State.STORED, "station", "station", None
            self.note(who, box)

    @rule(pick=PICK, stray=STRAY)
    def finish(self, pick: int, stray: bool) -> None:
        def fits(who: str, hand_in: HandIn) -> bool:
            return who == "attendant" and hand_in.state is HandInState.DECLARED and bool(hand_in.received)

        chosen = self.pick(pick, stray, product(HOUSE, self.hand_ins), fits)
        if chosen:
            who, hand_in = chosen

            def make(work: Any) -> Any:
                row = work.session.get_one(HandInRow, hand_in.id)
                return collection.FinishHandIn(
                    hand_in_id=hand_in.id, version=row.version, shown=shown_hand_in(work, row), act_key=new_token()
                )

            if self.act(who, fits(who, hand_in), collection.finish, make):
                self.over(hand_in, HandInState.RECEIVED)

    @rule(pick=PICK, stray=STRAY)
    def cancel(self, pick: int, stray: bool) -> None:
        def fits(who: str, hand_in: HandIn) -> bool:
            side = who == "attendant" or (HOUSE[who] == hand_in.sender and who not in DRIVERS)
            return side and hand_in.state is HandInState.DECLARED and not hand_in.received

        if pick % 2 and not stray:
            return
        chosen = self.pick(pick, stray, product(HOUSE, self.hand_ins), fits)
        if chosen:
            who, hand_in = chosen
            command = collection.CancelHandIn(hand_in_id=hand_in.id, act_key=new_token())
            if self.act(who, fits(who, hand_in), collection.cancel, lambda _: command):
                self.over(hand_in, HandInState.CANCELLED)

    def over(self, hand_in: HandIn, state: HandInState) -> None:
        hand_in.state = state
        for box in hand_in.boxes:
            if box.announced is hand_in:
                box.announced = None

    # --- far enough for the later acts to come up --------------------------------------------------------------------

    @rule(picks=st.lists(PICK, min_size=2, max_size=8))
    def carry_on(self, picks: list[int]) -> None:
        """Do some of what brings boxes onward, each time any of what can be done now."""
        for pick in picks:
            steps: list[Callable[[], None]] = [
                lambda pick=pick: self.plan(pick, stray=False, size=1 + pick % 3, other=bool(pick % 2)),
                lambda pick=pick: self.sign(pick, stray=False),
                lambda pick=pick: self.load(pick, stray=False),
                lambda pick=pick: self.depart(pick, stray=False, leave=pick % 3 == 0),
                lambda pick=pick: self.accept(pick, stray=False, yard=bool(pick % 2)),
                lambda pick=pick: self.refuse(pick, stray=False),
                lambda pick=pick: self.confirm(pick, stray=False, name_missing=bool(pick % 2)),
                lambda pick=pick: self.treat(pick, stray=False, size=1 + pick % 3),
                lambda pick=pick: self.take_back(pick, stray=False),
                lambda pick=pick: self.withdraw(pick, stray=False),
            ]  # fmt: skip
            before = self.done.total()
            for step in steps[pick % len(steps) :] + steps[: pick % len(steps)]:
                step()
                if self.done.total() > before:
                    break

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        with self.work_as() as work:
            agree(work.session, self.world, self.boxes, self.papers, self.hand_ins)


def kilograms(grams: int) -> str:
    return f"{grams / 1000:.3f}"
