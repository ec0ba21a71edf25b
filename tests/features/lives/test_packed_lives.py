"""Whatever people pack, open and carry: what is in a large box is where the box is, and nothing is lost or doubled."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.features.boxes.conftest import Packer
from tests.features.lives.packing import Packing
from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.features.ledger import service as ledger

pytestmark = pytest.mark.store
EXAMPLES, STEPS = int(os.environ.get("LIVES", "6")), 30
"""How many lives are lived; LIVES=300 looks longer."""


def test_whatever_is_packed_is_where_its_box_is_and_the_record_tells_it(houses, work_as):
    done: Counter[tuple[str, bool]] = Counter()

    class Lived(Packing):
        def __init__(self):
            super().__init__(Packer(houses, work_as), done)

    run_state_machine_as_test(
        Lived,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    with work_as() as work:
        assert not list(ledger.verify(work.session))
        assert_rebuilds(work.session, CUSTODY)
    assert all(done[act, True] for act in ("pack", "close", "move", "sign")), done
    if os.environ.get("LIVES"):
        print(done)
