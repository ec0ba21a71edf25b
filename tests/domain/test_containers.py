"""The life of a container: every pair of a state and an act is a transition or a refusal that says why not."""

from itertools import product

import pytest

from wastetrack.domain.containers import LABEL_STATES, LIVE, Doing, LabelState, State, Unbound, after
from wastetrack.domain.problems import Kind, Refusal

S, D = State, Doing
TABLE = {
    (Unbound.BLANK, D.BIND): S.SEALED,
    (S.SEALED, D.STORE): S.STORED,
    (S.SEALED, D.HAND_IN): S.STORED,
    (S.SEALED, D.VOID): S.VOID,
    (S.STORED, D.STORE): S.STORED,
    (S.STORED, D.HAND_IN): S.STORED,
    (S.STORED, D.LOAD): S.LOADED,
    (S.STORED, D.VOID): S.VOID,
    (S.STORED, D.TREAT): S.TREATED,
    (S.STORED, D.WITHDRAW): S.LOADED,
    (S.LOADED, D.UNLOAD): S.STORED,
    (S.LOADED, D.ACCEPT): S.STORED,
    (S.LOADED, D.REFUSE): S.REFUSED,
    (S.LOADED, D.MISS): S.MISSING,
    (S.REFUSED, D.WITHDRAW): S.LOADED,
    (S.REFUSED, D.TAKE_BACK): S.STORED,
    (S.MISSING, D.ACCEPT): S.STORED,
    (S.MISSING, D.REFUSE): S.REFUSED,
    (S.MISSING, D.TAKE_BACK): S.STORED,
    (S.SEALED, D.WEIGH): S.SEALED,
    (S.STORED, D.WEIGH): S.STORED,
    (S.LOADED, D.WEIGH): S.LOADED,
    (S.LOADED, D.REPACK): S.REPACKED,
    (S.STORED, D.OPEN): S.OPENED,
    (S.OPENED, D.SEAL): S.STORED,
    (S.OPENED, D.VOID): S.VOID,
    (S.SEALED, D.REPACK): S.REPACKED,
    (S.STORED, D.REPACK): S.REPACKED,
    (S.OPENED, D.REPACK): S.REPACKED,
    (S.STORED, D.PACK): S.PACKED,
    (S.PACKED, D.UNPACK): S.STORED,
    (S.PACKED, D.WITHDRAW): S.LOADED,
    (S.STORED, D.POUR): S.REPACKED,
    (S.OPENED, D.POUR): S.REPACKED,
}


@pytest.mark.parametrize(("state", "doing"), list(product(LABEL_STATES, Doing)))
def test_an_act_leads_to_the_state_of_the_table_or_is_refused_by_name(state: LabelState, doing: Doing) -> None:
    if (state, doing) in TABLE:
        assert after(state, doing, code="7K3M-9QXR-2F4C") is TABLE[state, doing]
        return
    with pytest.raises(Refusal) as refusal:
        after(state, doing, code="7K3M-9QXR-2F4C")
    problem = refusal.value.problems[0]
    assert (problem.code, problem.kind) == (f"container.{doing.value}_when_{state.value}", Kind.CONFLICT)


@pytest.mark.parametrize("state", [S.TREATED, S.REPACKED, S.VOID])
def test_nothing_follows_the_end_of_a_container(state: State) -> None:
    assert [doing for doing in Doing if (state, doing) in TABLE] == []


def test_a_blank_label_can_only_be_bound_and_holds_nothing() -> None:
    assert [doing for doing in Doing if (Unbound.BLANK, doing) in TABLE] == [D.BIND]
    assert [state for state in State if (state, D.BIND) in TABLE] == []
    assert Unbound.BLANK not in LIVE
