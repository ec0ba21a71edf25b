"""People are invited by a link that works once: who may, what the link opens, and what it leaves behind."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import SYSTEM, Actor, Role
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import Invitation, User
from wastetrack.features.accounts.service import (
    AcceptInvitation,
    Invite,
    RenewInvitation,
    SetActive,
    WithdrawInvitation,
)
from wastetrack.features.audit.models import AuditEntry
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.infra import clock
from wastetrack.infra.db import reader

pytestmark = pytest.mark.store
CHOSEN = "Another-horse-8"
Asked = Callable[..., tuple[User, str]]


@pytest.fixture
def people(work_as: WorkAs, monkeypatch: pytest.MonkeyPatch) -> dict[str, Actor]:
    """The managers of two hospitals, a collector, and the security administrator; it is noon."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with work_as(SYSTEM_ADMIN) as work:
        own, other = parties.organisation(work), parties.organisation(work)
    with work_as(SECURITY_ADMIN) as work:
        return {
            "manager": parties.person(work, "manager", Role.MANAGER, organisation_id=own.id),
            "collector": parties.person(work, "collector", Role.COLLECTOR, organisation_id=own.id),
            "stranger": parties.person(work, "stranger", Role.MANAGER, organisation_id=other.id),
            "security": parties.person(work, "security", Role.SECURITY_ADMIN),
        }


@pytest.fixture
def invited(people: dict[str, Actor], work_as: WorkAs) -> Asked:
    """Invite somebody as somebody, into the inviter's organisation unless said otherwise."""

    def invite(by: str = "manager", *roles: Role, **given: object) -> tuple[User, str]:
        facts = {"name": "演示新人", "username": "newcomer", "organisation_id": people[by].organisation_id, **given}
        with work_as(people[by]) as work:
            user, token = service.invite(work, Invite(roles=frozenset(roles or {Role.COLLECTOR}), **facts))
        assert token is not None
        return user, token

    return invite


def accept(work_as: WorkAs, token: str, *, password: str = CHOSEN, again: str | None = None, days: float = 0) -> User:
    with work_as(SYSTEM, NOON + timedelta(days=days)) as work:
        command = AcceptInvitation(token=token, new_password=password, repeated=again or password)
        return service.accept_invitation(work, command)


def refused(code: str) -> object:
    return pytest.raises(Refusal, match=code)


def lets_in(session: Session, username: str, password: str) -> bool:
    session.rollback()
    return service.proven(session, username, password) is not None


# --- who may invite whom ---


def test_the_invited_chooses_a_password_and_signs_in_with_it(invited, work_as, session) -> None:
    user, token = invited()
    assert not lets_in(session, "newcomer", CHOSEN)
    assert not lets_in(session, "newcomer", "")
    accept(work_as, token)
    assert lets_in(session, "newcomer", CHOSEN)
    assert not queries.must_change_password(session, user.id, NOON)


def test_a_manager_invites_for_his_own_organisation_only_and_a_collector_nobody(people, invited) -> None:
    with refused("access.forbidden"):
        invited("manager", organisation_id=people["stranger"].organisation_id)
    with refused("access.forbidden"):
        invited("manager", Role.REGULATOR, organisation_id=None, region_code=COUNTY)
    with refused("access.forbidden"):
        invited("collector")


def test_a_manager_gives_no_role_that_an_organisation_cannot_hold(invited) -> None:
    for role in (Role.REGULATOR, Role.SECURITY_ADMIN, Role.DRIVER):
        with refused("account.role_fit"):
            invited("manager", role)


def test_the_security_administrator_invites_regulators_and_nobody_invites_administrators(invited) -> None:
    invited("security", Role.REGULATOR, organisation_id=None, region_code=COUNTY)
    with refused("account.console_only"):
        invited("security", Role.AUDIT_ADMIN, organisation_id=None, username="other")


def test_a_driver_is_invited_as_a_member_of_the_crew(work_as, invited) -> None:
    from tests.house.standing import _driver

    with work_as(SYSTEM_ADMIN) as work:
        carrier = parties.organisation(work, OrganisationKind.CARRIER)
        crew = _driver(work, carrier.id)
    with refused("account.crew"):
        invited("security", Role.DRIVER, organisation_id=carrier.id)
    user, _token = invited("security", Role.DRIVER, organisation_id=carrier.id, crew_id=crew)
    assert user.crew_id == crew


def test_a_username_is_made_up_where_none_is_given_and_the_same_act_twice_is_one(people, work_as) -> None:
    command = Invite(
        name="演示", roles={Role.COLLECTOR}, organisation_id=people["manager"].organisation_id, act_key="k"
    )
    with work_as(people["manager"]) as work:
        first, token = service.invite(work, command)
        second, none = service.invite(work, command)
    assert first.id == second.id
    assert token is not None
    assert none is None
    assert first.username.startswith("collector.")


def test_the_first_of_an_organisation_is_invited_by_whoever_admitted_it_and_the_second_is_not(work_as, session) -> None:
    officer = Actor(None, "演示审批人员", frozenset({Role.APPROVER}))
    with work_as(SYSTEM_ADMIN) as work:
        own = parties.organisation(work)
    command = Invite(name="演示", username="first", roles={Role.MANAGER}, organisation_id=own.id)
    with work_as(officer) as work:
        _user, token = service.invite_first(work, command)
    accept(work_as, str(token))
    with refused("access.forbidden"), work_as(officer) as work:
        service.invite_first(work, command.model_copy(update={"username": "second"}))


# --- the link ---


def test_a_link_works_once_and_says_why_it_does_not_any_more(people, invited, work_as) -> None:
    _user, used = invited()
    accept(work_as, used)
    with refused("invitation.used"):
        accept(work_as, used)
    user, first = invited(username="another")
    with work_as(people["manager"]) as work:
        _again, second = service.renew_invitation(work, RenewInvitation(user_id=user.id))
    with refused("invitation.replaced"):
        accept(work_as, first)
    with work_as(people["manager"]) as work:
        service.withdraw_invitation(work, WithdrawInvitation(user_id=user.id))
    with refused("invitation.withdrawn"):
        accept(work_as, str(second))
    with refused("invitation.unknown"):
        accept(work_as, "7K3M9QXR2F4C")


def test_a_link_is_good_for_seven_days_to_the_second(invited, work_as) -> None:
    second = 1 / 24 / 3600
    _user, late = invited()
    with refused("invitation.expired"):
        accept(work_as, late, days=7)
    accept(work_as, late, days=7 - second)


def test_a_closed_account_and_one_with_a_password_open_to_no_link(people, invited, work_as) -> None:
    user, token = invited()
    with work_as(people["security"]) as work:
        service.set_active(work, SetActive(user_id=user.id, active=False))
    with refused("invitation.withdrawn"):
        accept(work_as, token)
    other, token = invited(username="other")
    with work_as(people["security"]) as work:
        service.reset_password(work, service.ResetPassword(user_id=other.id))
    with refused("invitation.replaced"):
        accept(work_as, token)
    with refused("invitation.needless"), work_as(people["manager"]) as work:
        service.renew_invitation(work, RenewInvitation(user_id=other.id))


def test_a_bad_password_leaves_the_link_open_and_all_that_is_wrong_is_said_at_once(invited, work_as, session) -> None:
    _user, token = invited()
    with pytest.raises(Refusal) as refusal:
        accept(work_as, token, password="newcomer", again="other")
    codes = {one.code for one in refusal.value.problems}
    assert codes == {"password.short", "password.username", "password.classes", "password.repeated"}
    accept(work_as, token)


def test_of_two_who_open_a_link_at_once_one_is_let_in(invited, work_as, session) -> None:
    _user, token = invited()
    ready, said = threading.Barrier(2), []

    def try_it(password: str) -> None:
        ready.wait()
        try:
            accept(work_as, token, password=password)
            said.append(password)
        except Refusal as refusal:
            said.append(refusal.problems[0].code)

    both = [threading.Thread(target=try_it, args=(one,)) for one in (CHOSEN, f"{CHOSEN}9")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert "invitation.used" in said
    (winner,) = set(said) - {"invitation.used"}
    assert lets_in(session, "newcomer", winner)


def test_only_the_hash_of_a_link_is_kept_and_the_ledger_tells_what_became_of_it(invited, work_as, session) -> None:
    user, token = invited()
    accept(work_as, token)
    session.rollback()
    assert session.scalars(select(Invitation.token_hash)).one() == queries.hash_of_link(token)
    events = session.execute(
        select(LedgerEvent.kind, LedgerEvent.facts).where(LedgerEvent.stream == service.stream_of(user.id))
    ).all()
    assert [kind for kind, _facts in events] == [
        "account.created",
        "account.invited",
        "account.invitation_accepted",
    ]
    assert not any(token in facts or queries.hash_of_link(token) in facts for _kind, facts in events)


def test_who_has_not_come_yet_keeps_no_organisation(people, invited, work_as) -> None:
    invited("manager", Role.MANAGER)
    change = service.ChangeRoles(user_id=people["manager"].user_id, roles={Role.COLLECTOR}, reason="演示")
    with refused("account.last_keeper"), work_as(people["security"]) as work:
        service.change_roles(work, change)


# --- through the browser ---


def link_of(page: str) -> str:
    return re.search(r'data-copy="http://127\.0\.0\.1:8000(/invitation/[0-9A-Z]{26})"', page).group(1)  # type: ignore[union-attr]


@pytest.fixture
def as_manager(people, app: Flask) -> Browser:
    browser = Browser(app)
    browser.sign_in("manager", PASSWORD)
    return browser


def test_a_manager_invites_and_the_invited_comes_in(as_manager: Browser, app: Flask, store) -> None:
    assert "演示单位" in as_manager.get("/accounts/invite").text
    sent = {"name": "演示新人", "username": "newcomer", "roles": ["collector"], "act_key": "k"}
    shown = as_manager.post("/accounts/invite", sent)
    link = link_of(shown.text)
    assert "viewBox" in shown.text
    assert "/invitation/" not in as_manager.post("/accounts/invite", sent).text
    listed = as_manager.get("/accounts/invitations").text
    assert "newcomer" in listed
    assert link not in listed
    guest = Browser(app)
    for _ in range(3):
        opened = guest.get(link)
        assert opened.status_code == 200
    assert "newcomer" in opened.text
    assert opened.headers["Referrer-Policy"] == "strict-origin"
    assert opened.headers["Cache-Control"] == "no-store"
    wrong = guest.post(link, {"new_password": "short", "repeated": "other"})
    assert wrong.status_code == 422
    for field in ("new_password", "repeated"):
        assert f'id="field-{field}-error"' in wrong.text
    assert guest.post(link, {"new_password": CHOSEN, "repeated": CHOSEN}).location == "/sign-in"
    assert "newcomer" in guest.get("/sign-in").text
    over = guest.get(link)
    assert over.status_code == 410
    assert "已使用过" in over.text
    assert "newcomer" not in over.text
    assert guest.post(link, {"new_password": CHOSEN, "repeated": CHOSEN}).status_code == 410
    assert guest.sign_in("newcomer", CHOSEN).location == "/"
    assert "newcomer" not in as_manager.get("/accounts/invitations").text
    _token_is_not_in(store, link.removeprefix("/invitation/"))


def _token_is_not_in(store, token: str) -> None:
    """The audit record names the invited as the one who accepted, and nothing in it opens anything."""
    with reader(store) as session:
        lines = session.scalars(select(AuditEntry)).all()
    accepted = [one for one in lines if one.route == "accounts.accept_invitation"]
    assert [(one.name, one.kind) for one in accepted] == [("演示新人", "changed")]
    assert not any(token in f"{one.subject} {one.route} {one.device}" for one in lines)


def test_a_link_nobody_made_says_so_and_nothing_else(people, app: Flask) -> None:
    answer = Browser(app, "en").get("/invitation/7K3M9QXR2F4C")
    assert answer.status_code == 404
    assert "leads to no invitation" in answer.text


def test_an_invitation_is_renewed_and_withdrawn_on_its_page(as_manager: Browser, invited, app: Flask) -> None:
    user, token = invited()
    here = f"/accounts/{user.id}"
    assert "邀请有效期至" in as_manager.get(here).text
    renewed = link_of(as_manager.post(f"{here}/invitation", {"act_key": "r"}).text)
    assert Browser(app).get(f"/invitation/{token}").status_code == 410
    assert Browser(app).get(renewed).status_code == 200
    assert as_manager.post(f"{here}/invitation/withdraw", {"act_key": "w"}).location == "/accounts/invitations"
    assert "已撤回" in Browser(app).get(renewed).text
    assert as_manager.post(f"{here}/invitation/withdraw", {"act_key": "x"}).status_code == 409


def test_what_a_form_of_invitation_lacks_is_told_at_its_fields(as_manager: Browser) -> None:
    answer = as_manager.post("/accounts/invite", {})
    assert answer.status_code == 422
    for field in ("name", "roles"):
        assert f'id="field-{field}-error"' in answer.text
