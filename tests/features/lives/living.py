"""Letting people live at random, and what the ledger has to be afterwards."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.features.ledger import service as ledger


def live(lived: type[RuleBasedStateMachine], lives: int, steps: int, work_as) -> None:
    """Let so many lives be lived, LIVES=300 to look longer; then the ledger is whole and the tables follow from it."""
    run_state_machine_as_test(
        lived,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", lives)),
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    with work_as() as work:
        assert not list(ledger.verify(work.session))
        assert_rebuilds(work.session, CUSTODY)
