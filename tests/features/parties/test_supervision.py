"""An organisation in full, and its supervision class: computed from what it registered and plans, or by a document."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from tests.conftest import NOON, WorkAs
from tests.living import chain, living_template, page, store_url, world  # noqa: F401
from tests.world import World, credit_code
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.supervision import Ordered, Supervision, Why
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import yearly
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service, shapes
from wastetrack.features.parties.models import Organisation

pytestmark = pytest.mark.store

TODAY = date(2026, 11, 23)
LAST_YEAR = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
"""23:59 of the last day of the year before, in China."""


@pytest.fixture
def view(world: World, session):  # noqa: F811
    def look(name: str) -> shapes.SupervisionView:
        session.rollback()
        return shapes.supervision_view(session, session.get_one(Organisation, world.id(name)), TODAY)

    return look


def fix(work_as: WorkAs, world: World, who: str = "system_admin", **given):  # noqa: F811
    facts = {"organisation_id": world.id("hospital"), "ordered": Ordered.KEY, "valid_from": date(2026, 1, 1),
             "document": "石环〔2026〕1号", **given}  # fmt: skip
    with work_as(world.people[who]) as work:
        return service.fix_supervision(work, service.FixSupervision(**facts))


def test_only_full_years_count_and_void_labels_do_not(chain, work_as, world, session, view) -> None:  # noqa: F811
    bags = [chain.bag() for _ in range(4)]
    with work_as() as work:
        rows = [work.session.get_one(Container, one.id) for one in bags]
        rows[0].registered_at, rows[0].mass_g = LAST_YEAR, 10_000_000
        rows[1].registered_at, rows[1].mass_g = LAST_YEAR.replace(hour=16), 900_000_000
        rows[2].registered_at, rows[2].mass_g = LAST_YEAR.replace(year=2022), 900_000_000
        rows[3].mass_g = 900_000_000
    found = view("hospital").computed
    assert (found.supervision, found.quantity_g, found.year) == (Supervision.SIMPLIFIED, 10_000_000, 2025)
    chain.void(bags[0], NOON)
    assert view("hospital").computed.quantity_g == 0


def test_a_larger_plan_of_this_year_counts(work_as, world, view) -> None:  # noqa: F811
    with work_as(world.people["manager"]) as work:
        lines = {0: service.PlanLine(waste_code="841-001-01", mass_g="99"),
                 1: service.PlanLine(waste_code="841-002-01", mass_g="1")}  # fmt: skip
        service.file_plan(
            work, service.FilePlan(organisation_id=world.id("hospital"), year=2026, filed_on=TODAY, lines=lines)
        )
    found = view("hospital").computed
    assert (found.supervision, found.why, found.quantity_g) == (Supervision.KEY, Why.PLANNED, 100_000_000)


def test_who_treats_is_key_and_who_carries_has_no_class(world, view) -> None:  # noqa: F811
    assert view("plant").computed.why is Why.LICENCE
    assert view("carrier") is None


def test_a_document_counts_and_a_later_one_supersedes_it(work_as, world, session, view) -> None:  # noqa: F811
    first = fix(work_as, world)
    assert view("hospital").supervision is Supervision.KEY
    fix(work_as, world, ordered=Ordered.COMPUTED, valid_from=TODAY, document="石环〔2026〕9号")
    found = view("hospital")
    assert found.supervision is found.computed.supervision is Supervision.REGISTRATION
    assert [one.document for one in found.decisions] == ["石环〔2026〕9号", "石环〔2026〕1号"]
    events = select(LedgerEvent.facts).where(LedgerEvent.kind == "organisation.supervision_fixed")
    assert {json.loads(one)["document"] for one in session.scalars(events)} == {"石环〔2026〕1号", "石环〔2026〕9号"}
    assert found.decisions[1].id == first.id


def test_the_same_form_twice_is_one_decision(work_as, world, view) -> None:  # noqa: F811
    assert fix(work_as, world, act_key="k").id == fix(work_as, world, act_key="k").id
    assert len(view("hospital").decisions) == 1


@pytest.mark.parametrize("who", ["manager", "county", "security_admin"])
def test_only_the_registrar_enters_one(work_as, world, who: str) -> None:  # noqa: F811
    with pytest.raises(Refusal):
        fix(work_as, world, who)


def test_the_page_says_class_reason_and_document(work_as, world, page) -> None:  # noqa: F811
    path = f"/organisations/{world.id('hospital')}"
    text = page("county", path, language="en")
    assert "registration only" in text
    assert "Nothing is registered or planned yet." in text
    assert f"{path}/supervision" not in text
    fix(work_as, world)
    assert "石环〔2026〕1号" in page("manager", path)
    assert f"{path}/supervision" in page("system_admin", path)
    assert "危险废物经营许可证" in page("system_admin", f"/organisations/{world.id('plant')}")


def test_what_else_is_known_of_an_organisation_is_kept_and_shown(work_as, world, page, session) -> None:  # noqa: F811
    facts = {"name": "演示第九医院", "kinds": {OrganisationKind.HOSPITAL}, "credit_code": credit_code(700),
             "region_code": "130123", "address": "演示路1号", "contact": "演示", "phone": "0311-00000000",
             "emergency_phone": "0311-00000000", "legal_representative": "演示负责人", "industry_code": "q8411",
             "industry_name": "综合医院", "latitude_e6": "38.14635", "longitude_e6": "114.57094"}  # fmt: skip
    with work_as(world.people["system_admin"]) as work:
        one = service.create_organisation(work, service.CreateOrganisation(**facts))
    kept = session.get_one(Organisation, one.id)
    assert (kept.industry_code, kept.latitude_e6, kept.longitude_e6) == ("Q8411", 38_146_350, 114_570_940)
    text = page("county", f"/organisations/{one.id}")
    for seen in ("演示负责人", "Q8411 综合医院", "38.146350, 114.570940"):
        assert seen in text
    event = session.scalars(select(LedgerEvent.facts).where(LedgerEvent.stream == service.stream_of(one.id))).one()
    assert "演示负责人" not in event
    swapped = {**facts, "latitude_e6": "114.57094", "longitude_e6": "38.14635", "credit_code": None}
    with pytest.raises(Refusal) as refusal, work_as(world.people["system_admin"]) as work:
        service.create_organisation(work, service.CreateOrganisation(**swapped))
    assert {one.field for one in refusal.value.problems} == {"latitude_e6", "credit_code"}


def test_the_yearly_sums_of_a_large_producer_are_read_from_the_index_alone(chain, world, session, store) -> None:  # noqa: F811
    chain.bag()
    asked = []
    event.listen(store, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
    yearly(session, world.id("hospital"), [2023, 2024, 2025])
    (statement, facts), *_others = [one for one in asked if "sum(" in one[0]]
    connection = session.connection()
    if store.dialect.name == "postgresql":
        for way in ("seqscan", "bitmapscan", "indexscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", facts).scalars().all()
        assert any("Index Only Scan using ix_containers_producer" in line for line in plan)
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", facts).all()
        assert [row[3].split(" (")[0] for row in plan] == [
            "SEARCH containers USING COVERING INDEX ix_containers_producer"
        ]
