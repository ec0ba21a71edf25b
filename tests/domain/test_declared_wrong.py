"""An entry is declared wrong by a later one that names it; what moved something names what put it right."""

import json
from datetime import UTC, datetime

import pytest

from wastetrack.domain.declared_wrong import declarations, problems_by_kind, problems_declaring
from wastetrack.domain.ledger import Event

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def event(seq, kind, **facts):
    return Event("container:1", seq, kind, json.dumps(facts), AT, AT, None, None, "", None, "chosen", None, "", "")


A, B = {"facility": "a"}, {"facility": "b"}
LIFE = [
    event(1, "container.registered", to=A, state="sealed", mass_g=3500),
    event(2, "container.store", to=A, state="stored"),
    event(3, "container.store", to=B, state="stored"),
    event(4, "container.store", to=A, state="stored"),
    event(5, "container.printed"),
    event(6, "container.declared_wrong", wrong=3, reason="选错", replaced_by=4),
    event(7, "container.weigh", to=A, state="stored", mass_g=3100),
]


def test_a_declaration_says_what_was_wrong_and_what_put_it_right():
    said = declarations(LIFE)
    assert list(said) == [3]
    assert (said[3].seq, said[3].reason, said[3].replaced_by) == (6, "选错", 4)


@pytest.mark.parametrize(
    ("wrong", "replaced_by", "code"),
    [
        (5, None, None),
        (5, 7, None),
        (2, 4, None),
        (9, None, "no_event"),
        (6, None, "no_event"),
        (3, 4, "already"),
        (1, 2, "first"),
        (4, None, "needs_replacement"),
        (7, None, "needs_replacement"),
        (4, 2, "replacement"),
        (2, 3, "replacement"),
        (4, 6, "replacement"),
        (4, 99, "replacement"),
    ],
)
def test_what_may_be_declared_wrong(wrong, replaced_by, code):
    found = [problem.code for problem in problems_declaring(LIFE, wrong, replaced_by)]
    assert found == ([f"declared_wrong.{code}"] if code else [])


@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        ("container.store", None),
        ("organisation.vehicle_cleaned", None),
        ("organisation.changed", "enter what is right"),
        ("manifest.signed", "voids the manifest"),
        ("hand_in.finished", "brought back"),
        ("batch.finished", "your regulator"),
        ("inspection.recorded", "Withdraw"),
    ],
)
def test_what_is_signed_or_changed_custody_is_put_right_in_another_way_that_is_said(kind, instead):
    found = problems_by_kind(kind)
    assert [problem.code for problem in found] == ([] if instead is None else ["declared_wrong.kind"])
    assert all(instead in problem.sentence for problem in found)


def test_a_withdrawn_inspection_is_declared_wrong_as_a_whole():
    past = [event(1, "inspection.recorded"), event(2, "inspection.withdrawn", reason="演示")]
    assert {seq: (said.seq, said.reason) for seq, said in declarations(past).items()} == {1: (2, "演示")}
