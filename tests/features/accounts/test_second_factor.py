"""The second factor through the services and the pages."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.accounts import Origin
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import PasswordRules, SecondFactorRule
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import RecoveryCode, SecondFactor, User
from wastetrack.features.accounts.service import CodeCommand, ConfirmSecondFactor, SetPolicy, SignInCommand
from wastetrack.features.ledger import queries as ledger
from wastetrack.infra.sealing import Sealer

RFC = base64.b32encode(b"12345678901234567890").decode()
HALF_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    now = NOON + timedelta(seconds=seconds - NOON.timestamp())
    assert service.matching_step(RFC, code, now, 0) == seconds // 30


def test_a_sealed_secret_opens_with_the_key_before_and_not_elsewhere() -> None:
    old = Sealer("a" * 32)
    sealed = old.seal("SECRET", "one")
    new = Sealer("b" * 32, ("a" * 32,))
    assert "SECRET" not in sealed
    assert (new.open(sealed, "one"), new.is_stale(sealed)) == ("SECRET", True)
    assert new.open(sealed, "another") is None
    assert Sealer("b" * 32).open(sealed, "one") is None


pytestmark = pytest.mark.store


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def regulator(work_as: WorkAs) -> User:
    with work_as(SECURITY_ADMIN) as work:
        return parties.account(work, "regulator", Role.REGULATOR, region_code=COUNTY)


@pytest.fixture
def secret(work_as: WorkAs, regulator: User, session: Session) -> str:
    """The regulator has a second factor; its secret."""
    with work_as(queries.actor_of(session, regulator.id)) as work:
        secret = service.begin_second_factor(work)
        code = pyotp.TOTP(secret).at(NOON - HALF_MINUTE)
        service.confirm_second_factor(work, ConfirmSecondFactor(code=code), "x")
    return secret


def waiting(work_as: WorkAs, token: str = "T") -> None:
    """Give the right password."""
    with work_as() as work:
        proof = service.proven(work.session, "regulator", PASSWORD)
        answer = service.sign_in(work, SignInCommand(username="regulator", password=PASSWORD), proof)
        assert isinstance(answer, service.CodeWanted)
        assert proof
        service.wait_for_code(work, answer, proof, token)


def enter(work_as: WorkAs, code: str, token: str = "T", after: timedelta = timedelta(0)) -> Actor | Refusal:
    with work_as(now=NOON + after) as work:
        return service.sign_in_with_code(work, CodeCommand(code=code), token, Origin())


def test_the_secret_stands_nowhere_in_plain(secret: str, session: Session) -> None:
    session.rollback()
    assert secret not in session.scalars(select(SecondFactor.secret)).one()


def test_a_code_lets_in_once_even_from_two_sessions(work_as: WorkAs, secret: str) -> None:
    code = pyotp.TOTP(secret).at(NOON)
    waiting(work_as, "one")
    waiting(work_as, "two")
    assert isinstance(enter(work_as, code, "one"), Actor)
    again = enter(work_as, code, "two")
    assert isinstance(again, Refusal)
    assert again.problems[0].code == "account.code"


def test_wrong_codes_lock_like_wrong_passwords_and_the_right_password_forgives_none(
    work_as: WorkAs, secret: str
) -> None:
    answers = []
    for _try in range(5):
        waiting(work_as, f"T{_try}")
        answer = enter(work_as, "000000", f"T{_try}")
        assert isinstance(answer, Refusal)
        answers.append(answer.problems[0].code)
    assert answers == ["account.code"] * 4 + ["account.locked"]


def test_the_step_between_is_over_after_five_minutes(work_as: WorkAs, secret: str) -> None:
    waiting(work_as)
    late = timedelta(minutes=5)
    answer = enter(work_as, pyotp.TOTP(secret).at(NOON + late), after=late)
    assert isinstance(answer, Refusal)
    assert answer.problems[0].code == "account.pending_over"


def test_the_step_between_is_worth_nothing_once_the_password_is_another(
    work_as: WorkAs, secret: str, regulator: User
) -> None:
    waiting(work_as)
    with work_as(SECURITY_ADMIN) as work:
        service.reset_password(work, service.ResetPassword(user_id=regulator.id))
    assert isinstance(enter(work_as, pyotp.TOTP(secret).at(NOON)), Refusal)


def test_a_recovery_code_lets_in_once(work_as: WorkAs, secret: str, regulator: User, session: Session) -> None:
    with work_as(queries.actor_of(session, regulator.id)) as work:
        codes = service.new_recovery_codes(work)
    assert len(set(codes)) == 10
    session.rollback()
    assert not set(session.scalars(select(RecoveryCode.mark))) & {code.replace("-", "") for code in codes}
    waiting(work_as, "one")
    waiting(work_as, "two")
    assert isinstance(enter(work_as, codes[0].lower(), "one"), Actor)
    assert isinstance(enter(work_as, codes[0], "two"), Refusal)


def test_a_reset_names_its_reason_and_ends_the_sessions(
    work_as: WorkAs, secret: str, regulator: User, session: Session
) -> None:
    with work_as(SECURITY_ADMIN) as work:
        service.open_session(work, regulator.id, "S")
        command = service.ResetSecondFactor(user_id=regulator.id, reason="手机丢失（演示）", act_key="k")
        service.reset_second_factor(work, command)
    session.rollback()
    assert queries.signed_in(session, "S", NOON) is None
    last = ledger.stream(session, f"user:{regulator.id}")[-1]
    assert last.kind == "account.second_factor_reset"
    assert not queries.has_second_factor(session, regulator.id)


def test_an_administrators_second_factor_is_reset_at_the_console_only(work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        admin = parties.account(work, "system", Role.SYSTEM_ADMIN)
    with pytest.raises(Refusal) as refusal, work_as(SECURITY_ADMIN) as work:
        service.reset_second_factor(work, service.ResetSecondFactor(user_id=admin.id, reason="演示"))
    assert refusal.value.problems[0].code == "account.console_only"


# --- pages ---


def require(work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        chosen = {"passwords": PasswordRules.CLASSIFIED, "second_factor": SecondFactorRule.REQUIRED}
        service.set_policy(work, SetPolicy(**chosen, change_after_days=90, reason="演示"))


def test_who_must_have_one_sets_it_up_first_and_then_signs_in_with_it(
    work_as: WorkAs, regulator: User, browser: Browser
) -> None:
    require(work_as)
    browser.sign_in("regulator", PASSWORD)
    assert browser.get("/alerts").location == "/second-factor"
    browser.get("/second-factor")
    page = browser.post("/second-factor/begin").text
    assert "<svg" in page
    found = re.search(r'data-copy="([A-Z2-7 ]+)"', page)
    assert found
    secret = found.group(1).replace(" ", "")
    assert browser.post("/second-factor/confirm", {"code": "000000"}).status_code == 422
    page = browser.post("/second-factor/confirm", {"code": pyotp.TOTP(secret).at(NOON - HALF_MINUTE)}).text
    assert len(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)) == 10
    assert browser.get("/alerts").status_code == 200
    browser.post("/sign-out")
    assert browser.sign_in("regulator", PASSWORD).location == "/sign-in/code"
    assert browser.get("/alerts").location.startswith("/sign-in")
    assert browser.get("/sign-in/code").status_code == 200
    assert browser.post("/sign-in/code", {"code": pyotp.TOTP(secret).at(NOON)}).status_code == 303
    assert browser.get("/alerts").status_code == 200


def test_removing_it_asks_who_it_is_in_any_case(secret: str, browser: Browser) -> None:
    browser.sign_in("regulator", PASSWORD)
    browser.get("/sign-in/code")
    browser.post("/sign-in/code", {"code": pyotp.TOTP(secret).at(NOON)})
    browser.get("/second-factor")
    assert browser.post("/second-factor/remove").status_code == 422
    assert browser.post("/second-factor/remove", {"proof_password": "Wrong-password-1"}).status_code == 422
    assert browser.post("/second-factor/remove", {"proof_password": PASSWORD}).status_code == 303
    browser.post("/sign-out")
    assert browser.sign_in("regulator", PASSWORD).location == "/"
