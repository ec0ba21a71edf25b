"""Roles, passwords, waits and the length of sessions."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.access import ADMINISTRATORS, REGULATORS, Role
from wastetrack.domain.accounts import (
    FITS,
    IDLE,
    LONGEST_SESSION,
    LONGEST_WAIT,
    Scope,
    failures_now,
    is_over,
    parse_username,
    role_problems,
    roles_for,
    wait_after,
)
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.passwords import password_problems
from wastetrack.domain.problems import Refusal

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
HOSPITAL = Scope(frozenset({OrganisationKind.HOSPITAL}))
CARRIER = Scope(frozenset({OrganisationKind.CARRIER}))
REGION, PLATFORM = Scope(region=True), Scope()


def codes(password: str, username: str = "zhang") -> set[str]:
    return {problem.code for problem in password_problems(password, username)}


def test_every_role_fits_somewhere() -> None:
    assert set(FITS) | REGULATORS | ADMINISTRATORS == set(Role)


@pytest.mark.parametrize("two", list(combinations(sorted(ADMINISTRATORS), 2)))
def test_nobody_holds_two_administrators_roles(two: tuple[Role, Role]) -> None:
    assert [p.code for p in role_problems(two, PLATFORM)] == ["account.one_administrator"]


def test_an_administrator_acts_for_no_organisation_and_no_region() -> None:
    for role in ADMINISTRATORS:
        assert role_problems([role], PLATFORM) == []
        assert role_problems([role], HOSPITAL)
        assert role_problems([role], REGION)


def test_a_regulator_needs_a_region() -> None:
    assert role_problems([Role.REGULATOR], REGION) == []
    assert role_problems([Role.REGULATOR, Role.INSPECTOR, Role.COMMANDER], REGION) == []
    assert [one.code for one in role_problems([Role.INSPECTOR], REGION)] == ["account.regulator"]
    assert role_problems([Role.REGULATOR], HOSPITAL)
    assert role_problems([Role.REGULATOR], PLATFORM)


def test_a_regulator_is_nothing_else() -> None:
    assert set(roles_for(REGION)) == REGULATORS


def test_a_driver_names_a_member_of_the_crew() -> None:
    assert [p.code for p in role_problems([Role.DRIVER], CARRIER)] == ["account.crew"]
    assert role_problems([Role.DRIVER], CARRIER, names_crew=True) == []


def test_nobody_else_is_a_member_of_the_crew() -> None:
    assert [p.code for p in role_problems([Role.MANAGER], CARRIER, names_crew=True)] == ["account.crew"]


def test_a_hospital_has_no_drivers() -> None:
    assert [p.code for p in role_problems([Role.DRIVER], HOSPITAL, names_crew=True)] == ["account.role_fit"]


@pytest.mark.parametrize("password", ["Correct-horse", "correct7horse-", "CORRECT7HORSE-", "密码很长Abc12345"])
def test_three_of_four_kinds_of_characters_are_enough(password: str) -> None:
    assert codes(password) == set()


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("Short-1", {"password.short"}),
        ("onlysmallletters", {"password.classes"}),
        ("abc", {"password.short", "password.classes"}),
        ("Zhang-2026-11", {"password.username"}),
        ("Aa1" * 50, {"password.long"}),
    ],
)
def test_a_weak_password_is_told_all_that_is_wrong(password: str, wrong: set[str]) -> None:
    assert codes(password) == wrong


@pytest.mark.parametrize("typed", ["Zhang.San", "ＺＨＡＮＧ.san", " zhang.san "])
def test_a_username_is_the_same_however_it_is_typed(typed: str) -> None:
    assert parse_username(typed) == "zhang.san"


@pytest.mark.parametrize("typed", ["", "ab", "a b c", "张三丰", "-abc", "a" * 61, "a\u0000bc", "a/../b"])
def test_what_cannot_be_a_username_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        parse_username(typed)


def test_the_fifth_failure_is_the_first_to_wait_for() -> None:
    assert wait_after(4) == timedelta(0)
    assert wait_after(5) == timedelta(seconds=30)


@given(st.integers(min_value=0, max_value=10**9))
def test_waits_grow_and_never_pass_the_longest(failures: int) -> None:
    assert wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


def test_the_wait_doubles_until_it_is_the_longest() -> None:
    waits = [wait_after(failures) for failures in range(5, 11)]
    assert all(later == earlier * 2 for earlier, later in pairwise(waits[:-1]))
    assert waits[-1] == LONGEST_WAIT


def test_failures_are_forgiven_after_a_day() -> None:
    assert failures_now(7, NOW - timedelta(hours=23), NOW) == 7
    assert failures_now(7, NOW - timedelta(hours=24), NOW) == 0


def test_a_session_ends_at_its_moment_and_when_nobody_uses_it() -> None:
    begun = NOW - LONGEST_SESSION
    assert is_over(begun + LONGEST_SESSION, NOW, NOW)
    assert not is_over(begun + LONGEST_SESSION, NOW, NOW - timedelta(microseconds=1))
    assert is_over(NOW + LONGEST_SESSION, NOW - IDLE, NOW)
    assert not is_over(NOW + LONGEST_SESSION, NOW - IDLE + timedelta(microseconds=1), NOW)
