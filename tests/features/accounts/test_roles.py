"""Who may give whom which roles, and that no administrator becomes another."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import parties
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.parties import COUNTY, PASSWORD, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import SYSTEM, Actor, Role
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.models import SignIn
from wastetrack.features.accounts.service import ChangeRoles, CreateAccount, ResetPassword
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service as parties_service
from wastetrack.features.parties.service import AddCrewMember

pytestmark = pytest.mark.store
Change = Callable[..., None]


@pytest.fixture
def people(work_as: WorkAs) -> dict[str, Actor]:
    """A hospital with a manager and a collector, another hospital's manager, a regulator."""
    with work_as(SYSTEM_ADMIN) as work:
        own, other = parties.organisation(work), parties.organisation(work)
    with work_as(SECURITY_ADMIN) as work:
        return {
            "manager": parties.person(work, "manager", Role.MANAGER, organisation_id=own.id),
            "collector": parties.person(work, "collector", Role.COLLECTOR, organisation_id=own.id),
            "stranger": parties.person(work, "stranger", Role.MANAGER, organisation_id=other.id),
            "regulator": parties.person(work, "regulator", Role.REGULATOR, region_code=COUNTY),
            "security": parties.person(work, "security", Role.SECURITY_ADMIN),
            "audit": parties.person(work, "audit", Role.AUDIT_ADMIN),
        }


@pytest.fixture
def change(people: dict[str, Actor], work_as: WorkAs) -> Change:
    """Give somebody roles as somebody."""

    def give(by: str, whom: str, *roles: Role, **given: object) -> None:
        command = ChangeRoles(user_id=people[whom].user_id, roles=frozenset(roles), reason="演示调岗", **given)
        with work_as(people[by]) as work:
            service.change_roles(work, command)

    return give


def roles(session: Session, person: Actor) -> set[Role]:
    session.rollback()
    return queries.roles_of(session, person.user_id)  # type: ignore[arg-type]


def events(session: Session, person: Actor) -> list[dict[str, object]]:
    session.rollback()
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == service.stream_of(person.user_id))  # type: ignore[arg-type]
    return [json.loads(facts) for facts in session.scalars(query.where(LedgerEvent.kind == "account.roles_changed"))]


def refused(code: str) -> object:
    return pytest.raises(Refusal, match=code)


def test_a_manager_gives_his_own_people_roles_with_a_reason(people, change, session) -> None:
    change("manager", "collector", Role.COLLECTOR, Role.MANAGER)
    assert roles(session, people["collector"]) == {Role.COLLECTOR, Role.MANAGER}
    said = {"from": ["collector"], "to": ["collector", "manager"], "crew": None, "reason": "演示调岗"}
    assert events(session, people["collector"]) == [said]


def test_the_security_administrator_changes_roles_everywhere(people, change, session) -> None:
    change("security", "collector", Role.MANAGER)
    assert roles(session, people["collector"]) == {Role.MANAGER}


def test_a_manager_knows_nothing_of_other_organisations_accounts(people, change) -> None:
    for other in ("stranger", "regulator", "audit"):
        with refused("access.unknown"):
            change("manager", other, Role.COLLECTOR)


def test_whoever_keeps_no_accounts_changes_none(people, change) -> None:
    with refused("access.unknown"):
        change("collector", "manager", Role.COLLECTOR)


def test_nobody_changes_his_own_roles(people, change) -> None:
    with refused("account.own"):
        change("manager", "manager", Role.COLLECTOR)


def test_a_role_that_does_not_fit_the_organisation_is_refused(people, change, session) -> None:
    with refused("account.role_fit"):
        change("manager", "collector", Role.REGULATOR)
    assert roles(session, people["collector"]) == {Role.COLLECTOR}


def test_the_last_manager_of_an_organisation_stays(people, change, session) -> None:
    with refused("account.last_keeper"):
        change("security", "manager", Role.COLLECTOR)
    change("security", "collector", Role.MANAGER)
    change("security", "manager", Role.COLLECTOR)
    assert roles(session, people["manager"]) == {Role.COLLECTOR}


def test_a_closed_account_is_no_manager_to_rely_on(people, change, work_as) -> None:
    change("manager", "collector", Role.MANAGER)
    with work_as(people["security"]) as work:
        service.set_active(work, service.SetActive(user_id=people["collector"].user_id, active=False))
    with refused("account.last_keeper"):
        change("security", "manager", Role.COLLECTOR)


def test_no_kind_of_administrator_is_left_without_anybody(people, change) -> None:
    with refused("account.last_keeper"):
        change("security", "audit", Role.SYSTEM_ADMIN)


def test_nobody_holds_two_administrators_roles(people, change) -> None:
    with refused("account.one_administrator"):
        change("security", "audit", Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN)


def sessions(session: Session, person: Actor) -> int | None:
    session.rollback()
    return session.scalar(select(func.count()).select_from(SignIn).where(SignIn.user_id == person.user_id))


def test_sessions_end_when_rights_shrink_and_only_then(people, change, work_as, session) -> None:
    with work_as() as work:
        service.open_session(work, people["collector"].user_id, "a" * 64)
    change("manager", "collector", Role.COLLECTOR, Role.MANAGER)
    assert sessions(session, people["collector"]) == 1
    change("manager", "collector", Role.MANAGER)
    assert sessions(session, people["collector"]) == 0


def test_sending_the_same_change_twice_is_one_event(people, change, session) -> None:
    for _ in range(2):
        change("manager", "collector", Role.MANAGER, act_key="once")
    change("manager", "collector", Role.MANAGER)
    assert len(events(session, people["collector"])) == 1


def test_a_driver_needs_his_member_of_the_crew_and_leaves_it_with_the_role(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        carrier = parties.organisation(work, OrganisationKind.CARRIER)
        facts = {"name": "演示驾驶员", "phone": "13000000000", "permit_no": "1301000001", "permit_until": NOON.date()}
        member = parties_service.add_crew_member(
            work, AddCrewMember(organisation_id=carrier.id, role="driver", **facts)
        )
    with work_as(SECURITY_ADMIN) as work:
        one = parties.person(work, "one", Role.MANAGER, organisation_id=carrier.id)
        parties.person(work, "two", Role.MANAGER, organisation_id=carrier.id)
    command = {"user_id": one.user_id, "reason": "演示"}
    with refused("account.crew"), work_as(SECURITY_ADMIN) as work:
        service.change_roles(work, ChangeRoles(roles={Role.DRIVER}, **command))
    with work_as(SECURITY_ADMIN) as work:
        user = service.change_roles(work, ChangeRoles(roles={Role.DRIVER}, crew_id=member.id, **command))
        assert user.crew_id == member.id
        user = service.change_roles(work, ChangeRoles(roles={Role.MANAGER}, **command))
        assert user.crew_id is None


# --- three administrators are three persons ---


def test_an_administrators_password_is_not_reset_through_the_site(people, work_as) -> None:
    for whom in ("audit", "security"):
        with refused("account.c|account.own"), work_as(people["security"]) as work:
            service.reset_password(work, ResetPassword(user_id=people[whom].user_id))


def test_no_administrator_is_made_through_the_site(people, work_as) -> None:
    command = CreateAccount(username="third", name="演示三", roles=frozenset({Role.SYSTEM_ADMIN}))
    with refused("account.console_only"), work_as(people["security"]) as work:
        service.create_account(work, command)


def test_the_console_refuses_one_person_as_two_administrators(people, work_as) -> None:
    command = CreateAccount(username="again", name="演示audit", roles=frozenset({Role.SYSTEM_ADMIN}))
    with refused("account.same_person"), work_as() as work:
        service.create_administrator(work, command)
    same_kind = CreateAccount(username="again", name="演示audit", roles=frozenset({Role.AUDIT_ADMIN}))
    with work_as() as work:
        assert service.create_administrator(work, same_kind)[0].username == "again"


def test_the_console_resets_any_password_with_its_event(people, app: Flask, session: Session) -> None:
    run = app.test_cli_runner().invoke
    answer = run(args=["accounts", "reset-password", "--username", "audit", "--generate"])
    assert answer.exit_code == 0, answer.output
    password = answer.output.split("One-time password: ")[1].strip()
    assert Browser(app).sign_in("audit", password).status_code == 303
    stream = service.stream_of(people["audit"].user_id)  # type: ignore[arg-type]
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == stream, LedgerEvent.kind == "account.password_reset")
    assert [json.loads(facts) for facts in session.scalars(query)] == [{"at": "console", "must_change": True}]


def test_the_console_takes_a_typed_password_and_refuses_a_weak_one(people, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    command = ["accounts", "reset-password", "--username", "audit"]
    assert run(args=command, input="weak\nweak\n").exit_code == 1
    assert run(args=command, input="Another-horse-8\nAnother-horse-8\n").exit_code == 0
    assert Browser(app).sign_in("audit", "Another-horse-8").location == "/"


def test_the_console_knows_no_such_account(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["accounts", "reset-password", "--username", "nobody", "--generate"])
    assert answer.exit_code == 1
    assert "There is no account nobody." in answer.output


def test_only_the_console_resets_so(people, work_as) -> None:
    with refused("access.forbidden"), work_as(people["security"]) as work:
        service.reset_at_console(work, "audit")
    with work_as(SYSTEM) as work:
        assert service.reset_at_console(work, "audit")[1]


# --- through the browser ---


@pytest.fixture
def as_manager(people, app: Flask) -> Browser:
    browser = Browser(app)
    browser.sign_in("manager", PASSWORD)
    return browser


def test_a_manager_sees_his_own_people_and_changes_a_role(people, as_manager: Browser, session: Session) -> None:
    page = as_manager.get("/accounts").text
    assert ">collector</a>" in page
    for other in ("stranger", "regulator", "security"):
        assert f">{other}</a>" not in page
    here = f"/accounts/{people['collector'].user_id}"
    assert "一次性密码" not in as_manager.get(here).text.split("<main", 1)[1].split("可办理", 1)[-1]
    assert 'value="collector" checked' in as_manager.get(f"{here}/roles").text
    sent = {"roles": ["collector", "manager"], "reason": "演示调岗", "act_key": "k"}
    assert as_manager.post(f"{here}/roles", sent).location == here
    assert roles(session, people["collector"]) == {Role.COLLECTOR, Role.MANAGER}


def test_what_a_manager_may_not_is_closed_to_him(people, as_manager: Browser) -> None:
    other = f"/accounts/{people['stranger'].user_id}"
    assert [as_manager.get(path).status_code for path in (other, f"{other}/roles")] == [404, 404]
    own = f"/accounts/{people['collector'].user_id}"
    assert as_manager.post(f"{own}/password").status_code == 403
    assert as_manager.post(f"{own}/active", {"active": "false"}).status_code == 403
    assert as_manager.get("/accounts/new").status_code == 403


def test_a_change_without_reason_or_role_is_told_at_its_fields(people, as_manager: Browser) -> None:
    answer = as_manager.post(f"/accounts/{people['collector'].user_id}/roles", {})
    assert answer.status_code == 422
    for field in ("roles", "reason"):
        assert f'id="field-{field}-error"' in answer.text


def test_the_page_of_an_administrator_says_why_his_password_is_not_reset_there(people, app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in("security", PASSWORD)
    here = f"/accounts/{people['audit'].user_id}"
    page = browser.get(here).text
    assert "只能在服务器控制台进行" in page
    assert f"{here}/password" not in page
    assert browser.post(f"{here}/password").status_code == 403
    assert "只能在服务器控制台进行" in browser.get("/accounts/new?for=platform").text
