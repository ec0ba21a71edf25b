"""Many people act at random in several houses: one holder always, nothing lost, what is refused changes nothing.

The model (`model`) says who may do what when; the product must allow exactly that, once, and its streams must tell
what its tables say.
"""

from collections import Counter
from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.features.lives.acts import Acts
from tests.features.lives.living import live
from tests.features.lives.tables import moments, replayed
from wastetrack.domain.containers import State
from wastetrack.domain.manifests import State as Stage

pytestmark = pytest.mark.store
LATER = NOON + timedelta(days=1)


def test_whatever_people_do_every_box_has_one_holder_and_the_record_tells_it(houses, work_as):
    done = Counter()

    class Lived(Acts):
        def __init__(self):
            super().__init__(houses, work_as, done)

        def teardown(self):
            with work_as() as work:
                replayed(work.session, self.boxes, self.papers)
                moments(work.session, houses, self.boxes, LATER)

    live(Lived, 10, 40, work_as)
    assert all(done[act, True] for act in ("register", "place", "draft", "sign", "load"))


@pytest.fixture
def lives(houses, work_as):
    """The same people, one act after another as a test says; what may be done is done at the first that fits."""
    here = Acts(houses, work_as, Counter())
    here.some_waste(3000)
    return here


def test_every_act_can_be_done_and_what_was_repacked_ends_its_manifest_too(lives):
    lives.plan(0, False, 2, False)
    for act in (lives.sign, lives.load, lives.unload, lives.load, lives.load):
        act(0, False)
    lives.depart(0, False, leave=False)
    lives.arrive(0, False)
    lives.accept(0, False, yard=False)
    lives.withdraw(0, False)
    lives.accept(0, False, yard=False)
    lives.confirm(0, False, name_missing=True)
    (paper,) = lives.papers
    accepted, missing = (line.box for line in paper.lines)
    assert (paper.stage, missing.state) == (Stage.PARTLY_ACCEPTED, State.MISSING)
    plant = [box for box in lives.boxes if box.holder == "plant"]
    assert plant == [accepted]
    lives.repack_as("operator", accepted, 2500)
    lives.treat(0, False, size=1)
    assert paper.stage is Stage.COMPLETED, "what was accepted was treated, in its new container"
    lives.take_back(0, False)
    lives.repack_as("manager", missing, 3000)
    lives.void_as("manager", lives.boxes[-1])
    assert lives.boxes[-1].state is State.STORED, "it was away once: no label of it is made void"
    lives.the_tables_say_what_the_model_says()


def test_what_a_station_expects_is_not_made_void(lives):
    bag = next(box for box in lives.boxes if box.producer == "clinic_a")
    lives.announce(0, False, size=1)
    assert bag.announced
    lives.void_as("doctor_a", bag)
    lives.cancel(0, False)
    lives.void_as("doctor_a", bag)
    assert bag.state is State.VOID
    assert lives.done["void", False] == lives.done["void", True] == 1
