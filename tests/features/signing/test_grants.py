"""Nobody signs without a grant that holds today; who grants to whom, and how a grant ends."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from tests.features.signing.conftest import SIGNERS, Desk, codes_of
from wastetrack.domain.access import Role
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.domain.signing import GrantOrigin, Signature
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import SecurityPolicy
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import Organisation
from wastetrack.features.signing import queries, service
from wastetrack.features.signing.models import GivenSignature, SigningGrant

pytestmark = pytest.mark.store

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
STATES = {
    "never": (lambda desk: desk.take_all(), NOON, "signing.no_grant"),
    "not yet": (lambda desk: granted(desk, since=TOMORROW), NOON, "signing.not_yet"),
    "valid": (lambda desk: granted(desk, until=TODAY), NOON, ""),
    "ended": (lambda desk: granted(desk, until=TODAY), NOON + timedelta(days=1), "signing.ended"),
    "withdrawn": (lambda desk: desk.withdraw_all(), NOON, "signing.withdrawn"),
    "for another organisation": (lambda desk: desk.give_away(), NOON, "signing.no_grant"),
}


def granted(desk: Desk, **given) -> None:
    desk.take_all()
    for signature, who in SIGNERS.items():
        desk.grant(who, signature, **given)


@pytest.mark.parametrize("state", STATES)
def test_each_signature_is_given_on_a_valid_grant_only(desk, session, state):
    put, now, code = STATES[state]
    put(desk)
    before = set(session.scalars(select(GivenSignature.id)))
    session.rollback()
    for signature in Signature:
        if not code:
            desk.sign(signature, now)
            continue
        with pytest.raises(Refusal) as refusal:
            desk.sign(signature, now)
        assert codes_of(refusal) == {code, "signing.ask"}, signature
        assert refusal.value.kind is Kind.FORBIDDEN
    given = {row.signature for row in session.scalars(select(GivenSignature)) if row.id not in before}
    assert given == (set(Signature) if not code else set())


def test_a_grant_for_one_signature_is_none_for_another(desk):
    desk.take_all()
    desk.grant("operator", Signature.TREATMENT)
    desk.sign(Signature.TREATMENT)
    with pytest.raises(Refusal, match=r"signing\.no_grant"):
        desk.sign(Signature.RECEIVER)


def test_a_suspended_organisation_finishes_what_is_under_way(desk, work_as, world):
    with work_as() as work:
        for one in work.session.scalars(select(Organisation)):
            one.state = OrganisationState.SUSPENDED
    desk.withdraw_all()
    desk.grant("driver", Signature.CARRIER)
    desk.grant("operator", Signature.RECEIVER)
    desk.sign(Signature.CARRIER)
    desk.sign(Signature.RECEIVER)


# --- granting --------------------------------------------------------------------------------------------------------


def second_manager(work_as, world, **given):
    with work_as(world.people["security_admin"]) as work:
        command = accounts.CreateAccount(
            username="second", name="演示-二", roles={Role.MANAGER}, organisation_id=world.id("hospital"), **given
        )
        user, _ = accounts.create_account(work, command, password="Demo-Pass-2026", must_change=False)
        world.people["second"] = account_queries.actor_of(work.session, user.id)
        return user


def test_whoever_makes_an_account_says_whether_it_may_sign(work_as, world, session):
    user = second_manager(work_as, world)
    (row,) = queries.grants_of(session, user.id)
    assert (row.signature, row.origin, row.since, row.until) == (
        Signature.CONSIGNOR, GrantOrigin.WITH_ACCOUNT, TODAY, None,
    )  # fmt: skip
    with work_as(world.people["security_admin"]) as work:
        command = accounts.Invite(
            name="演示", roles={Role.MANAGER}, organisation_id=world.id("hospital"), may_sign=False
        )
        invited, _link = accounts.invite(work, command)
        assert queries.grants_of(work.session, invited.id) == []


def test_the_manager_grants_and_the_security_administrator_only_where_there_is_no_other(desk, world, work_as):
    second_manager(work_as, world, may_sign=False)
    with pytest.raises(Refusal) as refusal:
        desk.grant("second", Signature.CONSIGNOR)
    assert codes_of(refusal) == {"signing.has_manager"}
    desk.grant("second", Signature.CONSIGNOR, by="manager")
    with pytest.raises(Refusal) as refusal:
        desk.grant("manager", Signature.CONSIGNOR, by="manager")
    assert codes_of(refusal) == {"signing.own"}
    with pytest.raises(Refusal) as refusal:
        desk.grant("attendant", Signature.STATION, by="manager")
    assert codes_of(refusal) == {"access.unknown"}


def test_everything_wrong_with_a_grant_is_told_at_once(desk, work_as):
    with work_as() as work:
        work.session.get(SecurityPolicy, 1).longest_grant_days = 365
    with pytest.raises(Refusal) as refusal:
        desk.grant("driver", Signature.CARRIER, Signature.TREATMENT, since=date(2026, 11, 22))
    told = {(one.code, one.field) for one in refusal.value.problems}
    assert told == {
        ("signing.no_role", "signatures"), ("signing.twice", "signatures"), ("signing.backdated", "since"),
        ("signing.too_long", "until"),
    }  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        desk.grant("driver", Signature.CARRIER, until=TODAY)
    assert codes_of(refusal) == {"signing.twice"}


def test_a_grant_and_its_end_stand_in_the_ledger_with_paper_and_reason(desk, world, session):
    desk.withdraw_all()
    desk.grant("driver", Signature.CARRIER, until=TOMORROW)
    stream = accounts.stream_of(world.people["driver"].user_id)
    events = session.scalars(select(LedgerEvent).where(LedgerEvent.stream == stream).order_by(LedgerEvent.seq)).all()
    told = [(one.kind, json.loads(one.facts)) for one in events if one.kind.startswith("signing.")]
    assert [kind for kind, _ in told] == [
        "signing.granted", "signing.agreed", "signing.withdrawn", "signing.granted",
    ]  # fmt: skip
    assert told[2][1]["reason"] == "演示撤回"
    assert (told[3][1]["basis"], told[3][1]["until"]) == ("演示授权书1号", "2026-11-24")
    assert len(queries.grants_of(session, world.people["driver"].user_id)) == 2, "nothing is deleted"


def test_whoever_moves_to_another_organisation_signs_for_neither(desk, world, work_as, session):
    with work_as(world.people["security_admin"]) as work:
        accounts.move_account(work, accounts.MoveAccount(
            user_id=world.people["attendant"].user_id, organisation_id=world.id("plant"),
            roles=frozenset({Role.OPERATOR}), reason="演示调动",
        ))  # fmt: skip
        world.people["attendant"] = account_queries.actor_of(work.session, world.people["attendant"].user_id)
    rows = queries.grants_of(session, world.people["attendant"].user_id)
    assert {(row.withdrawn_at is not None, row.withdrawn_reason) for row in rows} == {(True, "演示调动")}
    with work_as(world.people["attendant"]) as work, pytest.raises(Refusal, match=r"signing\.no_grant"):
        service.take_up(work, Signature.RECEIVER)


def test_a_role_taken_away_takes_its_signatures_along(world, work_as, session):
    with work_as(world.people["security_admin"]) as work:
        accounts.change_roles(work, accounts.ChangeRoles(
            user_id=world.people["operator"].user_id, roles=frozenset({Role.MANAGER}), reason="演示",
        ))  # fmt: skip
    rows = session.scalars(select(SigningGrant).where(SigningGrant.user_id == world.people["operator"].user_id)).all()
    assert {row.signature for row in rows if row.withdrawn_at} == {Signature.RECEIVER, Signature.TREATMENT}
