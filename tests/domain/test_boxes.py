"""Large boxes: every state and act, what may go in, what is washed."""

from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.boxes import (
    HOLDS,
    BoxDoing,
    BoxKind,
    BoxState,
    Content,
    Filling,
    Parcel,
    after,
    emptied,
    packing_problems,
    warnings,
)
from wastetrack.domain.compatibility import Waste
from wastetrack.domain.containers import STANDING, Doing, State, after_in_box
from wastetrack.domain.containers import after as container_after
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.waste_codes import WasteCode

S, D, K = BoxState, BoxDoing, BoxKind
TABLE = {
    S.READY: {D.PACK: S.OPEN, D.STORE: S.READY, D.CLEAN: S.READY, D.RETIRE: S.RETIRED},
    S.OPEN: {D.PACK: S.OPEN, D.UNPACK: S.OPEN, D.CLOSE: S.CLOSED, D.STORE: S.OPEN},
    S.CLOSED: {
        D.OPEN: S.OPEN, D.PUT_IN: S.CLOSED, D.TAKE_OUT: S.CLOSED, D.STORE: S.CLOSED, D.HAND_IN: S.CLOSED,
        D.LOAD: S.LOADED, D.WITHDRAW: S.LOADED, D.TREAT: S.CLOSED,
    },
    S.LOADED: {D.UNLOAD: S.CLOSED, D.ACCEPT: S.CLOSED, D.REFUSE: S.LOADED, D.TAKE_BACK: S.CLOSED},
    S.DIRTY: {D.STORE: S.DIRTY, D.CLEAN: S.READY, D.RETIRE: S.RETIRED},
    S.RETIRED: {},
}  # fmt: skip
CODE = "7K3M-9QXR-2F4C"


@pytest.mark.parametrize(("state", "doing"), list(product(S, D)))
def test_an_act_leads_to_the_state_of_the_table_or_is_refused_by_name(state, doing):
    if doing in TABLE[state]:
        assert after(state, doing, code=CODE) is TABLE[state][doing]
        return
    with pytest.raises(Refusal) as refusal:
        after(state, doing, code=CODE)
    problem = refusal.value.problems[0]
    assert (problem.code, problem.kind) == (f"box.{doing.value}_when_{state.value}", Kind.CONFLICT)
    assert problem.facts == {"code": CODE}


def test_a_box_is_filled_only_after_it_was_washed():
    with pytest.raises(Refusal) as refusal:
        after(S.DIRTY, D.PACK, code=CODE)
    assert refusal.value.problems[0].basis == "GB 39707-2020, 5.5.2"
    assert after(after(S.DIRTY, D.CLEAN, code=CODE), D.PACK, code=CODE) is S.OPEN


@pytest.mark.parametrize(
    ("kind", "medical", "following"),
    [
        (K.TURNOVER_BOX, True, S.DIRTY), (K.DRUM, True, S.DIRTY), (K.PALLET, True, S.READY), (K.CARTON, True, S.READY),
        (K.TURNOVER_BOX, False, S.READY),
    ],
)  # fmt: skip
def test_what_is_used_again_is_washed_after_medical_waste(kind, medical, following):
    assert emptied(kind, medical=medical) is following


@given(st.lists(st.sampled_from(list(K)), min_size=2, max_size=6))
def test_boxes_stand_in_each_other_three_deep_at_most_and_never_in_a_ring(row):
    nested = all(inner in HOLDS[outer] for outer, inner in pairwise(row))
    if nested:
        assert len(row) <= 3
        assert len(set(row)) == len(row)


# --- a container in a box --------------------------------------------------------------------------------------------

MOVES = [Doing.STORE, Doing.HAND_IN, Doing.LOAD, Doing.UNLOAD, Doing.ACCEPT, Doing.WITHDRAW, Doing.TAKE_BACK]


@pytest.mark.parametrize(("state", "doing"), list(product(State, MOVES)))
def test_with_its_box_a_container_goes_as_it_would_alone_and_stands_packed(state, doing):
    """Whatever the box does, the child ends PACKED where one alone would end STORED."""
    alone = State.STORED if state is State.PACKED else state
    try:
        expected = container_after(alone, doing, code=CODE)
    except Refusal:
        with pytest.raises(Refusal):
            after_in_box(state, doing, box="BOX", with_box=True, code=CODE)
        return
    found = after_in_box(state, doing, box="BOX", with_box=True, code=CODE)
    assert found is (State.PACKED if expected is State.STORED else expected)
    assert (found in STANDING) == (expected in STANDING)


@pytest.mark.parametrize("doing", [Doing.STORE, Doing.HAND_IN, Doing.LOAD, Doing.UNLOAD, Doing.TREAT])
@pytest.mark.parametrize("state", [State.PACKED, State.LOADED])
def test_alone_it_is_refused_by_the_name_of_its_box(state, doing):
    with pytest.raises(Refusal) as refusal:
        after_in_box(state, doing, box="BOX", with_box=False, code=CODE)
    problem = refusal.value.problems[0]
    assert (problem.code, problem.facts["box"]) == (f"container.{doing.value}_when_packed", "BOX")


@pytest.mark.parametrize("doing", [Doing.ACCEPT, Doing.REFUSE, Doing.MISS])
def test_a_receiver_looks_at_each_in_the_box(doing):
    expected = container_after(State.LOADED, doing, code=CODE)
    assert after_in_box(State.LOADED, doing, box="BOX", with_box=False, code=CODE) is expected


# --- packing ---------------------------------------------------------------------------------------------------------


DAY = date(2026, 11, 23)


def bag(code="A", mass=1000, litres=50, *, waste="841-001-01"):
    return Content(Waste(code, WasteCode(waste)), mass, litres)


def parcel(one, **given):
    return Parcel(**{"code": one.waste.code, "holder": "we", "place": "store", "content": [one], **given})


def problems(box, *parcels):
    return [one.code for one in packing_problems(box, parcels, on=DAY, at="codes")]


BOX = Filling("BOX", K.TURNOVER_BOX, "we", "store", capacity_count=2, capacity_g=3000, capacity_l=120)


def test_at_its_capacity_a_box_is_full_and_one_more_is_too_many_too_heavy_and_too_large():
    full = [parcel(bag("A", 1500, 60)), parcel(bag("B", 1500, 60))]
    assert problems(BOX, *full) == []
    assert problems(BOX, *full, parcel(bag("C", 1, 1))) == ["box.too_many", "box.too_heavy", "box.too_large"]


def test_everything_that_is_wrong_is_said_at_once_each_at_its_field():
    wrong = [
        parcel(bag("A"), holder="they"),
        parcel(bag("B"), place="elsewhere"),
        parcel(bag("C"), bound=("manifest",)),
        parcel(bag("D", 9000, waste="900-041-49")),
        parcel(bag("E"), kind=K.PALLET),
    ]
    found = packing_problems(BOX, wrong, on=DAY, at="codes")
    assert {one.field for one in found} == {"codes"}
    assert {one.code.partition(".")[2] for one in found} == {
        "other_holder", "other_store", "kind_in_kind", "other_way", "medical_other", "too_many", "too_heavy",
        "too_large",
    }  # fmt: skip


def test_medical_waste_never_shares_a_box_and_of_its_classes_it_is_only_said():
    filled = Filling("BOX", K.TURNOVER_BOX, "we", "store", content=[bag()])
    strange = [parcel(bag("F", waste="900-041-49")), parcel(bag("G", waste="900-041-49"))]
    assert problems(filled, *strange) == ["compatibility.medical_other"]
    assert problems(filled, parcel(bag("S", waste="841-002-01"))) == []
    chemical = parcel(bag("C", waste="841-004-01"))
    assert problems(filled, chemical) == []
    assert [one.code for one in warnings(filled, [chemical], on=DAY, at="codes")] == ["compatibility.medical_classes"]


def test_what_is_in_a_box_goes_one_way():
    filled = Filling("BOX", K.CARTON, "we", "store", content=[bag()], bound=("m",))
    assert problems(filled, parcel(bag("B"))) == ["box.other_way"]
    assert problems(filled, parcel(bag("B"), bound=("m",))) == []
    assert problems(BOX, parcel(bag("B"), bound=("m",)), parcel(bag("C"))) == ["box.other_way"]
