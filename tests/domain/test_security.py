"""The security policy, passwords under both schools, one-time codes and where failures count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.access import ADMINISTRATORS, Role
from wastetrack.domain.accounts import FREE_TOGETHER, Origin, address_block, wait_after
from wastetrack.domain.passwords import is_common, password_problems
from wastetrack.domain.security import (
    PasswordRules,
    Policy,
    SecondFactorRule,
    is_worn,
    needs_second_factor,
    still_proven,
)
from wastetrack.domain.totp import open_steps, read_code, step_of

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
MODERN = Policy(passwords=PasswordRules.MODERN)
COMMON = {"password", "dragon", "woaini", "welcome", "admin"}


def test_a_fresh_installation_follows_the_national_rules_and_requires_a_second_factor() -> None:
    assert Policy().passwords is PasswordRules.CLASSIFIED
    assert Policy().second_factor is SecondFactorRule.REQUIRED


@pytest.mark.parametrize("role", [*sorted(ADMINISTRATORS), Role.REGULATOR, Role.MANAGER, Role.ATTENDANT])
def test_regulators_administrators_and_signers_need_a_second_factor_where_it_is_required(role: Role) -> None:
    assert needs_second_factor(Policy(), {role})
    assert not needs_second_factor(Policy(second_factor=SecondFactorRule.OFFERED), {role})


def test_a_collector_needs_none() -> None:
    assert not needs_second_factor(Policy(), {Role.COLLECTOR})


def test_a_password_is_worn_on_the_ninetieth_day_and_never_under_the_modern_rules() -> None:
    day = timedelta(days=1)
    assert not is_worn(Policy(), NOW - 90 * day + timedelta(seconds=1), NOW)
    assert is_worn(Policy(), NOW - 90 * day, NOW)
    assert not is_worn(MODERN, NOW - 9000 * day, NOW)


def test_a_proof_is_good_for_signing_for_a_quarter_of_an_hour() -> None:
    assert still_proven(Policy(), NOW - timedelta(minutes=15, seconds=-1), NOW)
    assert not still_proven(Policy(), NOW - timedelta(minutes=15), NOW)


def codes(password: str, policy: Policy) -> set[str]:
    return {one.code for one in password_problems(password, "zhang", policy=policy, common=COMMON)}


def test_the_modern_rules_ask_for_length_and_nothing_else() -> None:
    assert codes("only small letters", MODERN) == set()
    assert codes("elevenchars", MODERN) == {"password.short"}
    assert codes("twelve chars", MODERN) == set()


@pytest.mark.parametrize(
    "password",
    ["Password2026!", "p@ssw0rd1234", "123456789012", "qwertyuiop123", "abababababab", "woaini1314520",
     "admin-Welcome-1",
     "dragondragon", "1qaz2wsx3edc"],
)  # fmt: skip
def test_what_many_people_use_is_refused_in_any_disguise(password: str) -> None:
    assert "password.common" in codes(password, MODERN)


@pytest.mark.parametrize("password", ["tin roof carrot evening", "gBx7-Wp2q-Lm4t", "红色的屋顶和一只慢慢走的骆驼"])
def test_what_nobody_else_uses_is_taken(password: str) -> None:
    assert not is_common(password, COMMON)


@given(st.text(min_size=1, max_size=40))
def test_any_text_at_all_can_be_judged(password: str) -> None:
    assert is_common(password, COMMON) in {True, False}


def test_a_code_is_good_one_step_to_either_side() -> None:
    present = step_of(NOW)
    assert open_steps(NOW, 0) == [present, present - 1, present + 1]


def test_a_code_is_never_good_again_nor_one_before_it() -> None:
    present = step_of(NOW)
    assert open_steps(NOW, present) == [present + 1]
    assert open_steps(NOW, present + 1) == []


def test_a_code_may_be_typed_as_people_type() -> None:
    assert read_code(" １２３ 456 ") == "123456"
    assert read_code("7k3m-9qxr-2f4c") == "7K3M9QXR2F4C"


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("", "unknown"),
    ],
)
def test_strangers_count_by_their_block_of_addresses(address: str, block: str) -> None:
    assert address_block(address) == block


def test_a_known_device_and_a_signed_in_person_share_no_counter_with_strangers() -> None:
    strangers = {name for name, _free in Origin("203.0.113.7").counters()}
    for own in (Origin("203.0.113.7", device="D"), Origin("203.0.113.7", signed_in=True)):
        assert strangers.isdisjoint(name for name, _free in own.counters())


def test_guessing_from_everywhere_ends_after_a_hundred() -> None:
    assert wait_after(FREE_TOGETHER - 1, FREE_TOGETHER) == timedelta(0)
    assert wait_after(FREE_TOGETHER, FREE_TOGETHER) > timedelta(0)
