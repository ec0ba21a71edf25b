"""Grants by their days, whose grant counts, what is refused, and when the agreement is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.access import Role
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import (
    WARNED_BEFORE,
    Due,
    GrantState,
    Signature,
    Span,
    Statement,
    Wanted,
    agreement_due,
    best,
    closed_door,
    grant_problems,
    granter_problems,
    last_day,
    require_shown,
    signatures_of,
)

DAY = date(2026, 11, 23)
ONE = timedelta(days=1)
S = GrantState


def test_each_role_signs_what_its_acts_are() -> None:
    assert {role: signatures_of({role}) for role in Role if signatures_of({role})} == {
        Role.MANAGER: [Signature.CONSIGNOR],
        Role.DRIVER: [Signature.CARRIER],
        Role.ATTENDANT: [Signature.CONSIGNOR, Signature.STATION],
        Role.OPERATOR: [Signature.RECEIVER, Signature.TREATMENT],
    }


@pytest.mark.parametrize(
    ("since", "until", "withdrawn", "state"),
    [
        (DAY, DAY, False, S.VALID),
        (DAY, None, False, S.VALID),
        (DAY + ONE, None, False, S.NOT_YET),
        (DAY - 2 * ONE, DAY - ONE, False, S.ENDED),
        (DAY, None, True, S.WITHDRAWN),
        (DAY + ONE, None, True, S.WITHDRAWN),
    ],
)
def test_a_grant_holds_on_its_first_and_its_last_day(since, until, withdrawn, state) -> None:
    assert Span(since, until, withdrawn).state(DAY) is state


@pytest.mark.parametrize(("left", "soon"), [(WARNED_BEFORE, True), (WARNED_BEFORE + ONE, False), (-ONE, False)])
def test_it_is_said_thirty_days_before_the_end(left, soon) -> None:
    assert Span(DAY - 60 * ONE, DAY + left).ends_soon(DAY) is soon
    assert not Span(DAY).ends_soon(DAY)


@given(st.lists(st.builds(
    Span,
    st.integers(-5, 5).map(lambda n: DAY + n * ONE),
    st.none() | st.integers(-5, 5).map(lambda n: DAY + n * ONE),
    st.booleans(),
)))  # fmt: skip
def test_the_door_is_open_just_where_one_of_the_grants_is_valid(spans) -> None:
    at = best(spans, DAY)
    problems = closed_door(Signature.CARRIER, "演示", spans[at] if at is not None else None, DAY, [])
    assert (problems == []) == any(span.state(DAY) is S.VALID for span in spans)


def told(wanted: Wanted, longest: int = 0, held=()) -> list[tuple[str, str | None]]:
    found = grant_problems(wanted, DAY, signs=[Signature.CARRIER], held=held, longest=longest)
    return [(one.code, one.field) for one in found]


def wanted(since=DAY, until=None, *signatures: Signature) -> Wanted:
    return Wanted(frozenset(signatures or {Signature.CARRIER}), since, until)


def test_what_is_asked_for_is_judged_field_by_field() -> None:
    assert told(wanted()) == []
    assert told(Wanted(frozenset(), DAY, None)) == [("signing.nothing", "signatures")]
    assert told(wanted(DAY, None, Signature.STATION)) == [("signing.no_role", "signatures")]
    assert told(wanted(DAY - ONE)) == [("signing.backdated", "since")]
    assert told(wanted(DAY + 2 * ONE, DAY + ONE)) == [("signing.days", "until")]
    assert told(wanted(DAY, DAY)) == []


def test_the_longest_term_counts_its_first_and_last_day() -> None:
    assert last_day(DAY, 1) == DAY
    assert last_day(DAY, 0) is None
    assert told(wanted(DAY, DAY + 9 * ONE), longest=10) == []
    assert told(wanted(DAY, DAY + 10 * ONE), longest=10) == [("signing.too_long", "until")]
    assert told(wanted(), longest=10) == [("signing.too_long", "until")]


def test_what_is_held_already_is_not_granted_again_and_a_longer_one_is() -> None:
    held = [(Signature.CARRIER, Span(DAY - ONE, DAY + ONE))]
    assert told(wanted(DAY, DAY + ONE), held=held) == [("signing.twice", "signatures")]
    assert told(wanted(DAY, DAY + 2 * ONE), held=held) == []
    assert told(wanted(DAY, DAY), held=[(Signature.CARRIER, Span(DAY - ONE, None, withdrawn=True))]) == []


def test_nobody_grants_to_himself_and_the_manager_goes_first() -> None:
    codes = {
        (own, manager, bool(names)): [one.code for one in granter_problems(own=own, manager=manager, managers=names)]
        for own in (True, False) for manager in (True, False) for names in ((), ("演示",))
    }  # fmt: skip
    assert codes == {
        (True, True, True): ["signing.own"], (True, True, False): ["signing.own"],
        (True, False, True): ["signing.own"], (True, False, False): ["signing.own"],
        (False, True, True): [], (False, True, False): [],
        (False, False, True): ["signing.has_manager"], (False, False, False): [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("accepted", "day", "due"),
    [
        (2, DAY, Due.NOT),
        (3, DAY, Due.NOT),
        (None, DAY, Due.NOW),
        (1, DAY, Due.SOON),
        (1, DAY + 13 * ONE, Due.SOON),
        (1, DAY + 14 * ONE, Due.NOW),
    ],
)
def test_an_earlier_version_does_for_the_days_of_grace(accepted, day, due) -> None:
    assert agreement_due(accepted, 2, DAY, 14, day) is due


def test_without_grace_a_new_version_is_due_at_once() -> None:
    assert agreement_due(1, 2, DAY, 0, DAY) is Due.NOW


@given(st.text(), st.text())
def test_other_words_have_another_hash(one: str, other: str) -> None:
    read, now = (Statement(Signature.CARRIER, text, (), (), "", "") for text in (one, other))
    if read.text == now.text:
        require_shown(now, read.hash)
    else:
        with pytest.raises(Refusal):
            require_shown(now, read.hash)
