"""Containers from files: registered by the rules of the form, once, and seen by their own organisation alone."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from tests.client import Browser
from tests.conftest import NOON
from tests.features.containers.conftest import World
from tests.features.imports.conftest import Desk
from tests.features.imports.files import text, workbook
from tests.living import sit_down
from tests.world import offered
from wastetrack.domain.access import SYSTEM, Role
from wastetrack.domain.containers import Packaging, State
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts.models import User, UserRole
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import VoidContainer, void
from wastetrack.features.imports import queries, service
from wastetrack.features.imports.models import Import
from wastetrack.features.ledger import queries as ledger
from wastetrack.infra.db import writing
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store

KIND = ImportKind.CONTAINERS
DRUM = {
    "自编号": "D-1", "类别或废物代码": "900-249-08", "重量（kg）": "182.5", "封口时间": "2026-11-22 09:30",
    "包装": "桶", "危险特性": "I、T", "形态": "", "主要成分": "演示矿物油", "注意事项": "", "废物名称": "废矿物油",
}  # fmt: skip
BAG = {"number": "1-11", "waste": "感染性", "mass": "3.42", "sealed_at": "2026/11/23 9:05", "department": "内科"}


@pytest.fixture
def desk(world, work_as, app, store):
    with work_as(SYSTEM) as work:
        offered(work)
    with writing(store) as session:  # the worker reads the roles of the sender himself
        session.add_all(
            UserRole(user_id=one.user_id, role=role)
            for one in (world.manager, world.worker, world.collector)
            for role in one.roles
        )
        session.execute(update(User).values(password_changed_at=NOON))
    return Desk(work_as, app.extensions["wastetrack.files"], app.extensions["wastetrack.outbox"], store)


@pytest.fixture
def counts() -> Callable[[Import], tuple[int, ...]]:
    return lambda one: (one.new, one.changed, one.same, one.differs, one.wrong)


def colleague(world, store):
    """Another manager of the hospital."""
    with writing(store) as session:
        one = World(session).person(Role.MANAGER, world.hospital)
        session.add(UserRole(user_id=one.user_id, role=Role.MANAGER))
        return one


def test_a_factory_brings_its_drums(desk, world, session):
    checked = desk.send(world.worker, KIND, workbook([DRUM, DRUM | {"自编号": "D-2", "包装": "IBC"}]))
    assert (checked.state, checked.new, checked.wrong) == (ImportState.CHECKED, 2, 0)
    assert session.scalar(select(func.count()).select_from(Container)) == 0
    session.rollback()
    assert desk.save(world.worker, checked).state is ImportState.DONE
    drum, ibc = session.scalars(select(Container).order_by(Container.note)).all()
    assert (drum.mass_g, drum.hazards, drum.components) == (182_500, "T I", "演示矿物油")
    assert (drum.state, drum.producer_id, drum.note) == (State.SEALED, world.factory.id, "自编号 D-1")
    assert (drum.packaging, ibc.packaging) == (Packaging.DRUM, Packaging.IBC)
    assert drum.sealed_at.isoformat() == "2026-11-22T01:30:00+00:00"
    (event,) = ledger.stream(session, f"container:{drum.id}")
    assert (event.kind, event.evidence, event.device) == ("container.registered", "imported", f"import {checked.id}")


def test_the_same_file_registers_nothing_twice_whoever_sends_it(desk, world, store, session, counts):
    file = text([BAG, BAG | {"number": "11-1"}])
    assert counts(desk.bring(world.manager, KIND, file)) == (2, 0, 0, 0, 0)
    assert counts(desk.bring(world.manager, KIND, file)) == (0, 0, 2, 0, 0)
    assert counts(desk.bring(colleague(world, store), KIND, file)) == (0, 0, 2, 0, 0)
    assert session.scalar(select(func.count()).select_from(Container)) == 2


def test_two_files_checked_before_either_is_saved_register_once(desk, world, store, session):
    other = colleague(world, store)
    first, second = (desk.send(one, KIND, text([BAG])) for one in (world.manager, other))
    assert desk.save(world.manager, first).new == 1
    assert desk.save(other, second).same == 1
    assert session.scalar(select(func.count()).select_from(Container)) == 1


def test_the_same_number_of_another_producer_is_another_container(desk, world, session):
    bag = desk.bring(world.manager, KIND, text([BAG | {"number": "D-1"}]))
    drum = desk.bring(world.worker, KIND, workbook([DRUM]))
    assert (bag.new, drum.new) == (1, 1)


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_registered(desk, world, session):
    rows = [
        BAG,
        BAG | {"number": "2", "waste": "不明", "mass": "abc", "sealed_at": "昨天"},
        BAG | {"number": "3", "waste": "损伤性废物", "packaging": "bag", "mass": "31", "department": "外科"},
        BAG | {"number": "", "sealed_at": "", "mass": ""},
        BAG | {"number": "5", "isolation": "isolation", "double_bagged": "否"},
        BAG | {"number": "6", "sealed_at": "2026-11-10 09:00", "double_bagged": "也许"},
    ]  # fmt: skip
    titles = {key: "" for row in rows for key in row}
    one = desk.send(world.manager, KIND, text([titles | row for row in rows]))
    assert (one.new, one.wrong) == (1, 5)
    said = {number: {field for field, _code in problems} for number, problems in desk.said(one).items()}
    assert said == {
        3: {"waste", "mass", "sealed_at"}, 4: {"packaging", "mass", "department"}, 5: {"number", "sealed_at", "mass"},
        6: {"double_bagged"}, 7: {"double_bagged"},
    }  # fmt: skip
    with pytest.raises(Refusal) as refused:
        desk.save(world.manager, one)
    assert [problem.code for problem in refused.value.problems] == ["import.has_wrong"]
    assert session.scalar(select(func.count()).select_from(Container)) == 0
    session.rollback()
    assert desk.save(world.manager, one, only_right=True).new == 1


def test_what_differs_from_the_record_is_said_and_left(desk, world, work_as, session):
    desk.bring(world.manager, KIND, text([BAG]))
    later = desk.bring(world.manager, KIND, text([BAG | {"mass": "4", "sealed_at": "2026-11-23 09:06"}]))
    assert desk.said(later) == {2: [("mass", "import.left"), ("sealed_at", "import.left")]}
    made = session.scalars(select(Container)).one()
    assert made.mass_g == 3420
    with work_as(world.manager) as work:
        void(work, VoidContainer(code=made.code, reason="演示"))
    again = desk.send(world.manager, KIND, text([BAG]))
    assert (again.new, desk.said(again)) == (0, {2: [("number", "import.void")]})


def test_an_import_is_seen_by_its_own_organisation_alone(desk, world, session, app, store):
    one = desk.bring(world.manager, KIND, text([BAG]))
    assert queries.page(session, colleague(world, store))[0][0].id == one.id
    assert queries.page(session, world.worker)[0] == []
    with pytest.raises(Refusal):
        queries.visible(session, world.worker, one.id)
    nobody = replace(world.manager, organisation_id=None)
    assert queries.kinds_for(nobody) == []
    stranger = sit_down(Browser(app), world.worker)
    for path in ("", "/wrong.xlsx"):
        assert stranger.get(f"/imports/{one.id}{path}").status_code == 404
    assert one.file_name not in stranger.get("/imports").text


def test_who_has_left_the_organisation_saves_nothing_for_it(desk, world, store, session):
    one = desk.send(world.manager, KIND, text([BAG]))
    with desk.work_as(world.manager) as work:
        service.save_rows(work, service.SaveRows(import_id=one.id))
        work.session.get_one(User, world.manager.user_id).organisation_id = world.factory.id
    desk.outbox.run_due()
    assert desk.now(one).state is ImportState.STOPPED
    assert session.scalar(select(func.count()).select_from(Container)) == 0


def test_only_a_manager_is_offered_it(desk, world, app):
    assert queries.kinds_for(world.collector) == []
    assert queries.kinds_for(world.manager) == [KIND]
    assert sit_down(Browser(app), world.collector).get("/imports").status_code == 403


def test_the_example_of_the_template_is_right_in_the_browser(desk, world, app, session):
    browser = sit_down(Browser(app), world.worker)
    assert "/imports/new/containers" in browser.get("/imports").text
    assert browser.get("/imports/templates/containers.xlsx").status_code == 200
    browser.get("/imports/new/containers")
    sent = {"file": (io.BytesIO(workbook([DRUM])), "容器.xlsx"), "act_key": new_token()}
    here = browser.post("/imports/new/containers", sent).location
    browser.post(f"{here}/save", {"act_key": new_token()})
    assert "查看本次收集" in browser.get(here).text
    code = session.scalars(select(Container.code)).one()
    assert "来自批量导入的文件" in browser.get(f"/c/{code}").text
