"""Making, closing and signing in to accounts, through the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests import parties
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import SYSTEM, Actor, Role
from wastetrack.domain.accounts import IDLE, LONGEST_SESSION
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.passwords import password_problems
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import FailedSignIns, SignIn, User, UserRole
from wastetrack.features.accounts.service import (
    ChangePassword,
    CreateAccount,
    ResetPassword,
    SetActive,
    SignInCommand,
)
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties import service as parties_service
from wastetrack.features.parties.service import AddCrewMember

pytestmark = pytest.mark.store

TOKEN = "0" * 64


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    with pytest.raises(Refusal) as refusal:
        yield refusal
    assert {problem.code for problem in refusal.value.problems} == set(codes)


@pytest.fixture
def regulator(work_as: WorkAs) -> User:
    with work_as(SECURITY_ADMIN) as work:
        return parties.account(work, "regulator", Role.REGULATOR, region_code=COUNTY)


def attempt(work_as: WorkAs, password: str, username: str = "regulator", after: float = 0) -> Actor | Refusal:
    """Try to sign in, `after` seconds past noon."""
    with work_as(SYSTEM, NOON + timedelta(seconds=after)) as work:
        proof = service.proven(work.session, username, password)
        command = SignInCommand(username=username, password=password)
        return service.sign_in(work, command, proof)


def failures(session: Session) -> FailedSignIns:
    """Return what is counted for whoever comes from nowhere known."""
    return session.get_one(FailedSignIns, (queries.username_hash("regulator"), "address unknown"))


def code(answer: Actor | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.problems[0].code


# --- making accounts ---


def test_a_one_time_password_is_made_shown_and_must_be_changed(work_as: WorkAs) -> None:
    command = CreateAccount(username="Neu", name="演示", roles=frozenset({Role.REGULATOR}), region_code=COUNTY)
    with work_as(SECURITY_ADMIN) as work:
        user, password = service.create_account(work, command)
    assert password is not None
    assert user.must_change_password
    assert password_problems(password, "neu") == []
    assert isinstance(attempt(work_as, password, "neu"), Actor)


def test_the_password_is_kept_as_an_argon2id_hash_only(regulator: User) -> None:
    assert regulator.password_hash.startswith("$argon2id$")
    assert PASSWORD not in regulator.password_hash


def test_a_username_is_given_once(work_as: WorkAs, regulator: User) -> None:
    with refused("account.username_taken"), work_as(SECURITY_ADMIN) as work:
        parties.account(work, "REGULATOR", Role.REGULATOR, region_code=COUNTY)


def test_only_the_security_administrator_makes_accounts(work_as: WorkAs) -> None:
    with refused("access.forbidden"), work_as(SYSTEM_ADMIN) as work:
        parties.account(work, "someone", Role.REGULATOR, region_code=COUNTY)


def test_an_account_has_one_scope(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
    with refused("account.scope"), work_as(SECURITY_ADMIN) as work:
        parties.account(work, "someone", Role.MANAGER, organisation_id=one.id, region_code=COUNTY)


def test_a_driver_is_a_member_of_the_crew_of_his_carrier_and_of_one_account(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        carrier = parties.organisation(work, OrganisationKind.CARRIER)
        other = parties.organisation(work, OrganisationKind.CARRIER)
        member = parties_service.add_crew_member(
            work,
            AddCrewMember(
                organisation_id=carrier.id,
                role="driver",  # type: ignore[arg-type]
                name="演示驾驶员",
                phone="13000000000",
                permit_no="1301000001",
                permit_until=NOON.date(),
            ),
        )
    with refused("account.crew_unknown"), work_as(SECURITY_ADMIN) as work:
        parties.account(work, "driver", Role.DRIVER, organisation_id=other.id, crew_id=member.id)
    with work_as(SECURITY_ADMIN) as work:
        driver = parties.person(work, "driver", Role.DRIVER, organisation_id=carrier.id, crew_id=member.id)
        assert queries.crew_id_of(work.session, driver.user_id) == member.id
    with refused("account.crew_taken"), work_as(SECURITY_ADMIN) as work:
        parties.account(work, "driver2", Role.DRIVER, organisation_id=carrier.id, crew_id=member.id)


def test_the_console_makes_administrators_and_nobody_else(work_as: WorkAs) -> None:
    admin = CreateAccount(username="root", name="演示", roles=frozenset({Role.SYSTEM_ADMIN}))
    with work_as() as work:
        service.create_administrator(work, admin, password=PASSWORD)
        assert queries.has_administrators(work.session)
    manager = CreateAccount(username="other", name="演示", roles=frozenset({Role.REGULATOR}), region_code=COUNTY)
    with refused("access.forbidden"), work_as() as work:
        service.create_administrator(work, manager, password=PASSWORD)
    with refused("access.forbidden"), work_as(SECURITY_ADMIN) as work:
        service.create_administrator(work, admin, password=PASSWORD)


# --- signing in ---


def test_the_right_password_signs_in_with_all_rights_of_the_moment(work_as: WorkAs, regulator: User) -> None:
    actor = attempt(work_as, PASSWORD, " Regulator")
    assert isinstance(actor, Actor)
    assert (actor.user_id, actor.roles) == (regulator.id, frozenset({Role.REGULATOR}))
    assert actor.region_paths == ("/130000/130100/130102/",)


def test_unknown_name_wrong_password_and_closed_account_sound_the_same(work_as: WorkAs, regulator: User) -> None:
    wrong = attempt(work_as, "Wrong-password-1")
    unknown = attempt(work_as, "Wrong-password-1", "nobody")
    with work_as(SECURITY_ADMIN) as work:
        service.set_active(work, SetActive(user_id=regulator.id, active=False))
    closed = attempt(work_as, PASSWORD)
    assert code(wrong) == code(unknown) == code(closed) == "account.wrong"


def test_an_unknown_name_costs_a_hash_too(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(service.base, "verifies", lambda hashed, password: bool(seen.append(hashed)))
    service.proven(session, "nobody", "Wrong-password-1")
    assert seen == [service.base.DUMMY]


@pytest.mark.parametrize("username", ["regulator", "nobody"])
def test_after_five_failures_nobody_gets_in_for_a_while(work_as: WorkAs, regulator: User, username: str) -> None:
    answers = [code(attempt(work_as, "Wrong-password-1", username)) for _ in range(6)]
    assert answers == ["account.wrong"] * 4 + ["account.locked"] * 2


def test_the_right_password_waits_too_and_then_works(work_as: WorkAs, regulator: User) -> None:
    for _ in range(5):
        attempt(work_as, "Wrong-password-1")
    locked = attempt(work_as, PASSWORD, after=29)
    assert isinstance(locked, Refusal)
    assert locked.problems[0].facts["until"] == NOON + timedelta(seconds=30)
    assert isinstance(attempt(work_as, PASSWORD, after=30), Actor)


def test_guessing_while_locked_does_not_lock_for_longer(work_as: WorkAs, regulator: User, session: Session) -> None:
    for _ in range(50):
        attempt(work_as, "Wrong-password-1")
    assert failures(session).failures == 5


def test_the_wait_grows_with_every_failure(work_as: WorkAs, regulator: User, session: Session) -> None:
    for _ in range(5):
        attempt(work_as, "Wrong-password-1")
    attempt(work_as, "Wrong-password-1", after=30)
    row = failures(session)
    assert row.locked_until == NOON + timedelta(seconds=30 + 60)


def test_signing_in_forgives_the_failures_before(work_as: WorkAs, regulator: User) -> None:
    for _ in range(2):
        for _ in range(4):
            attempt(work_as, "Wrong-password-1")
        assert isinstance(attempt(work_as, PASSWORD), Actor)


def test_a_lock_and_a_success_are_events_and_single_failures_are_not(
    work_as: WorkAs, regulator: User, session: Session
) -> None:
    for _ in range(5):
        attempt(work_as, "Wrong-password-1")
    attempt(work_as, PASSWORD, after=30)
    kinds = [event.kind for event in ledger.stream(session, f"user:{regulator.id}")]
    assert kinds == ["account.created", "account.locked", "account.signed_in"]


def test_a_proof_is_worth_nothing_after_the_password_has_changed(work_as: WorkAs, regulator: User) -> None:
    with work_as() as work:
        proof = service.proven(work.session, "regulator", PASSWORD)
    with work_as(SECURITY_ADMIN) as work:
        service.reset_password(work, ResetPassword(user_id=regulator.id))
    with work_as() as work:
        answer = service.sign_in(work, SignInCommand(username="regulator", password=PASSWORD), proof)
    assert code(answer) == "account.wrong"


# --- sessions ---


@pytest.fixture
def signed_in(work_as: WorkAs, regulator: User) -> User:
    with work_as() as work:
        service.open_session(work, regulator.id, TOKEN)
    return regulator


def test_a_session_names_its_person_until_it_is_idle_or_old(work_as: WorkAs, signed_in: User, session: Session) -> None:
    actor = queries.signed_in(session, TOKEN, NOON)
    assert actor is not None
    assert actor.user_id == signed_in.id
    assert queries.signed_in(session, TOKEN, NOON + IDLE) is None
    with work_as(now=NOON + LONGEST_SESSION - timedelta(minutes=1)) as work:
        service.saw(work, TOKEN)
    session.rollback()
    assert queries.signed_in(session, TOKEN, NOON + LONGEST_SESSION - timedelta(seconds=1)) is not None
    assert queries.signed_in(session, TOKEN, NOON + LONGEST_SESSION) is None


def test_a_name_nobody_was_given_is_nobody(signed_in: User, session: Session) -> None:
    assert queries.signed_in(session, "f" * 64, NOON) is None


def test_rights_are_read_anew_each_time(work_as: WorkAs, signed_in: User, session: Session) -> None:
    with work_as() as work:
        work.session.execute(update(UserRole).where(UserRole.user_id == signed_in.id).values(role=Role.AUDIT_ADMIN))
    actor = queries.signed_in(session, TOKEN, NOON)
    assert actor is not None
    assert actor.roles == {Role.AUDIT_ADMIN}


def test_signing_out_ends_the_session_on_the_server(work_as: WorkAs, signed_in: User, session: Session) -> None:
    with work_as(queries.actor_of(session, signed_in.id)) as work:
        service.sign_out(work, TOKEN)
    session.rollback()
    assert queries.signed_in(session, TOKEN, NOON) is None


def test_a_closed_account_is_out_at_once(work_as: WorkAs, signed_in: User, session: Session) -> None:
    with work_as(SECURITY_ADMIN) as work:
        service.set_active(work, SetActive(user_id=signed_in.id, active=False))
        service.set_active(work, SetActive(user_id=signed_in.id, active=True))
    assert queries.signed_in(session, TOKEN, NOON) is None


def test_nobody_closes_the_account_he_is_using(work_as: WorkAs, session: Session) -> None:
    with work_as(SECURITY_ADMIN) as work:
        own = parties.person(work, "security", Role.SECURITY_ADMIN)
    with refused("account.own") as refusal, work_as(own) as work:
        service.set_active(work, SetActive(user_id=own.user_id, active=False))
    assert refusal.value.kind is Kind.CONFLICT


def test_what_has_ended_is_forgotten(work_as: WorkAs, signed_in: User, session: Session) -> None:
    attempt(work_as, "Wrong-password-1", "nobody")
    with work_as(now=NOON + timedelta(hours=1)) as work:
        assert service.forget_ended(work) == 0
    with work_as(now=NOON + timedelta(hours=24)) as work:
        assert service.forget_ended(work) == 3
    assert session.get(SignIn, TOKEN) is None


# --- passwords ---


def choose(work_as: WorkAs, user: User, *, old: str = PASSWORD, new: str, again: str | None = None) -> User | Refusal:
    with work_as() as work:
        actor = queries.actor_of(work.session, user.id)
        proof = service.proven(work.session, user.username, old)
    command = ChangePassword(password=old, new_password=new, repeated=new if again is None else again)
    with work_as(actor) as work:
        return service.change_password(work, command, proof)


def test_a_new_password_ends_all_sessions(work_as: WorkAs, signed_in: User, session: Session) -> None:
    assert isinstance(choose(work_as, signed_in, new="Another-horse-8"), User)
    assert queries.signed_in(session, TOKEN, NOON) is None
    assert isinstance(attempt(work_as, "Another-horse-8"), Actor)


def test_the_present_password_is_asked_for_and_its_failures_count(work_as: WorkAs, regulator: User) -> None:
    answers = [choose(work_as, regulator, old="Wrong-password-1", new="Another-horse-8") for _ in range(6)]
    assert [code(answer) for answer in answers[-2:]] == ["account.locked"] * 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "again", "problem"),
    [
        ("weak", None, "password.short"),
        (PASSWORD, None, "password.same"),
        ("Another-horse-8", "x", "password.repeated"),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    work_as: WorkAs, regulator: User, new: str, again: str | None, problem: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        choose(work_as, regulator, new=new, again=again)
    assert problem in {found.code for found in refusal.value.problems}


def test_a_reset_ends_lock_and_sessions_and_shows_its_password_once(
    work_as: WorkAs, signed_in: User, session: Session
) -> None:
    for _ in range(5):
        attempt(work_as, "Wrong-password-1")
    command = ResetPassword(user_id=signed_in.id, act_key="once")
    with work_as(SECURITY_ADMIN) as work:
        _user, password = service.reset_password(work, command)
        assert service.reset_password(work, command)[1] is None
    assert password is not None
    assert queries.signed_in(session, TOKEN, NOON) is None
    assert isinstance(attempt(work_as, password), Actor)
    assert queries.must_change_password(session, signed_in.id)
