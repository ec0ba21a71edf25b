"""A step that cannot be taken now is refused with what is true at that moment: too late, or too early."""

import pytest

from wastetrack.domain.manifests import ALLOWED, State, Step, check_step
from wastetrack.domain.problems import Refusal

EARLY = {
    (State.SIGNED, Step.ARRIVE): "not departed yet",
    (State.SIGNED, Step.RECEIVE): "not departed yet",
    (State.SIGNED, Step.CONFIRM): "not departed yet",
    (State.IN_TRANSIT, Step.CONFIRM): "Nothing is received",
}


def refusal_of(state: State, step: Step) -> str | None:
    try:
        check_step(state, step, number=None)
    except Refusal as refusal:
        return refusal.problems[0].code
    return None


@pytest.mark.parametrize(("state", "step"), list(EARLY))
def test_who_comes_too_early_is_told_what_must_come_first(state: State, step: Step) -> None:
    with pytest.raises(Refusal) as refusal:
        check_step(state, step, number="20261301000001")
    assert EARLY[state, step] in refusal.value.problems[0].sentence


@pytest.mark.parametrize("step", list(Step))
def test_every_step_is_refused_outside_its_states_and_only_there(step: Step) -> None:
    refused = {state for state in State if refusal_of(state, step)}
    assert refused == set(State) - ALLOWED[step]
    assert {refusal_of(state, step) for state in refused} == {f"manifest.{step}_when_{state}" for state in refused}
