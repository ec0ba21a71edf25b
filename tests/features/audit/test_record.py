"""The audit record: written for every look, change and refusal, by nobody changed, and no act goes without it."""

import io
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.chain import sealed
from tests.client import Browser
from tests.world import PASSWORD, World
from wastetrack.domain.audit import AuditKind
from wastetrack.features.audit.models import AuditEntry
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import PresenceCode

SignedIn = Callable[..., Browser]


def lines(session: Session, **by: object) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).filter_by(**by).order_by(AuditEntry.id)))


def test_who_looks_at_a_bag_stands_in_the_record(signed_in: SignedIn, world: World, work_as, session) -> None:
    bag = sealed(work_as, world.people["collector"], department="内科")
    signed_in("manager").get(f"/c/{bag.code}")
    (line,) = lines(session, subject=f"container:{bag.code}")
    manager = world.people["manager"]
    assert (line.kind, line.user_id, line.name) == (AuditKind.LOOKED, manager.user_id, manager.name)
    assert (line.roles, line.organisation_id, line.status) == ("manager", world.id("hospital"), 200)
    assert line.address == "127.0.0.0/24"


def test_a_change_is_one_line_without_what_was_typed(signed_in: SignedIn, session) -> None:
    form = {"waste": "infectious", "mass": "2", "department": "内科", "act_key": "K"}
    assert signed_in("collector").post("/register", form).status_code == 303
    (line,) = lines(session, kind=AuditKind.CHANGED)
    assert (line.route, line.subject, line.status) == ("containers.register", "", None)


def test_a_form_that_was_refused_for_its_content_is_no_change(signed_in: SignedIn, session) -> None:
    assert signed_in("collector").post("/register", {"act_key": "K"}).status_code == 422
    assert lines(session, kind=AuditKind.CHANGED) == []


@pytest.mark.parametrize(("who", "path"), [("driver", "/ledger"), ("factory", "/stores/{store}")])
def test_who_is_turned_away_stands_in_the_record(signed_in: SignedIn, world: World, session, who, path) -> None:
    answer = signed_in(who).get(path.format(store=world.stores["hospital"].id))
    (line,) = lines(session, kind=AuditKind.REFUSED)
    assert (line.name, line.status) == (world.people[who].name, answer.status_code)


def test_a_print_is_told_from_a_look(signed_in: SignedIn, world: World, work_as, session) -> None:
    bag = sealed(work_as, world.people["collector"], department="内科")
    page = signed_in("collector")
    address = page.post("/labels/print-at-once", {"codes": bag.code, "act_key": "K"}).location
    page.get(address)
    assert lines(session, kind=AuditKind.PRINTED)[0].subject == f"print:{address.split('/')[3]}"


def test_sign_ins_and_failures_are_told_by_whose_account_it_is(browser: Browser, world: World, session) -> None:
    browser.sign_in("manager", "Not-the-password-9")
    browser.sign_in("nobody.at.all", "Not-the-password-9")
    browser.sign_in("manager", PASSWORD)
    known, stranger = lines(session, kind=AuditKind.FAILED_SIGN_IN)
    (entered,) = lines(session, kind=AuditKind.SIGNED_IN)
    assert known.user_id == entered.user_id == world.people["manager"].user_id
    assert (stranger.user_id, stranger.name) == (None, "")
    assert "nobody" not in stranger.subject


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET name = 'x'", "DELETE FROM audit_entries"])
def test_nobody_changes_or_deletes_a_line(signed_in: SignedIn, store: Engine, statement: str) -> None:
    signed_in("manager").get("/manifests")
    with pytest.raises(DBAPIError, match="audit rows"), store.begin() as connection:
        connection.execute(text(statement))


@pytest.fixture
def _unwritable(store: Engine) -> None:
    """A store whose audit record takes no line."""
    with store.begin() as connection:
        if store.dialect.name == "sqlite":
            connection.execute(text(
                "CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no room'); END"
            ))  # fmt: skip
        else:
            connection.execute(text("ALTER TABLE audit_entries ADD CONSTRAINT no_room CHECK (false) NOT VALID"))


@pytest.mark.usefixtures("_unwritable")
def test_what_cannot_be_recorded_is_not_shown(signed_in: SignedIn) -> None:
    answer = signed_in("manager", "en").get("/manifests")
    assert answer.status_code == 503
    assert "The audit record cannot be written" in answer.text


@pytest.mark.usefixtures("_unwritable")
def test_what_cannot_be_recorded_is_not_done(signed_in: SignedIn, session: Session) -> None:
    form = {"waste": "infectious", "mass": "2", "department": "内科", "act_key": "K"}
    assert signed_in("collector").post("/register", form).status_code == 503
    assert session.scalar(select(func.count()).select_from(Container)) == 0


@pytest.mark.usefixtures("_unwritable", "world")
def test_who_cannot_be_recorded_does_not_get_in(browser: Browser) -> None:
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"username": "manager", "password": PASSWORD}).status_code == 503
    assert browser.get("/manifests").status_code == 303


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_record_is_read_by_filters_and_taken_away_as_shown(signed_in: SignedIn, session, language: str) -> None:
    signed_in("factory").get("/manifests")
    signed_in("collector").get("/stores")
    auditor = signed_in("audit_admin", language)
    page = auditor.get("/audit?kind=looked&person=collector").text
    assert "containers.stores_page" in page
    assert "manifests.manifests_page" not in page
    file = auditor.get("/audit/record.csv?kind=looked&person=collector")
    assert file.data.decode("utf-8-sig").count("\n") == 2
    book = CalamineWorkbook.from_filelike(io.BytesIO(auditor.get("/audit/record.xlsx?kind=refused").data))
    assert len(book.get_sheet_by_index(0).to_python()) == 1
    assert [one.route for one in lines(session, kind=AuditKind.EXPORTED)] == ["audit.record_file"] * 2
    assert "empty" in auditor.get("/audit?since=2020-01-01&until=2020-01-02").text


def test_a_name_that_begins_like_a_formula_is_text_in_the_file(signed_in: SignedIn) -> None:
    browser = signed_in("collector")
    browser._client.get("/stores", headers={"User-Agent": "=cmd()"})
    assert ",'=cmd()," in signed_in("audit_admin").get("/audit/record.csv").data.decode("utf-8-sig")


def test_the_record_goes_on_page_by_page(signed_in: SignedIn) -> None:
    browser = signed_in("collector")
    for _time in range(60):
        browser.get("/stores")
    auditor = signed_in("audit_admin")
    first = auditor.get("/audit?person=collector").text
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert auditor.get(following).text.count("containers.stores_page") == 10


def test_only_the_audit_administrator_reads_it(signed_in: SignedIn) -> None:
    for who in ("system_admin", "security_admin", "province"):
        assert signed_in(who).get("/audit").status_code == 403


def test_the_code_on_a_wall_is_not_written_down(signed_in: SignedIn, world: World, session) -> None:
    code = session.scalars(select(PresenceCode.code)).first()
    session.rollback()
    assert signed_in("driver").get(f"/p/{code}").status_code == 200
    (line,) = lines(session, route="parties.presence_page")
    assert line.subject == ""
