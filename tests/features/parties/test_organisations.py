"""Entering and changing organisations."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from tests import parties
from tests.conftest import WorkAs
from tests.parties import COUNTY, OTHER_COUNTY, SECURITY_ADMIN, SYSTEM_ADMIN
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.parties import OrganisationKind, OrganisationState
from wastetrack.domain.problems import Kind, Refusal
from wastetrack.features.catalogue.models import Region
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.models import Organisation
from wastetrack.features.parties.service import ChangeOrganisation, CreateOrganisation, SetOrganisationState

pytestmark = pytest.mark.store

CLINIC, HOSPITAL, CARRIER = OrganisationKind.CLINIC, OrganisationKind.HOSPITAL, OrganisationKind.CARRIER


def regulator(session: Session, code: str) -> Actor:
    region = session.get_one(Region, code)
    return Actor(None, "演示监管人员", frozenset({Role.REGULATOR}), region_code=code, region_paths=(region.path,))


def codes_of(refusal: pytest.ExceptionInfo[Refusal]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def change(one: Organisation, **given: object) -> ChangeOrganisation:
    names = (
        "name",
        "credit_code",
        "medical_licence_no",
        "region_code",
        "address",
        "contact",
        "phone",
        "emergency_phone",
    )
    facts: dict[str, object] = {name: getattr(one, name) for name in names}
    return ChangeOrganisation(
        **{**facts, "organisation_id": one.id, "version": one.version, "kinds": frozenset({HOSPITAL}), **given}
    )


def test_an_organisation_is_kept_with_its_kinds(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, HOSPITAL, CARRIER)
    assert queries.kinds_of(session, one.id) == {HOSPITAL, CARRIER}
    assert [event.kind for event in ledger.stream(session, f"organisation:{one.id}")] == ["organisation.created"]


def test_names_and_telephones_of_persons_stay_out_of_the_ledger(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
    facts = ledger.stream(session, f"organisation:{one.id}")[0].facts
    assert one.contact not in facts
    assert one.phone not in facts


def test_a_village_clinic_may_have_a_medical_licence_instead_of_a_credit_code(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, CLINIC, credit_code=None, medical_licence_no="PDY10014813010217D2102")
    assert one.medical_licence_no == "PDY10014813010217D2102"


@pytest.mark.parametrize("kinds", [(HOSPITAL,), (CLINIC, CARRIER)])
def test_nobody_else_may_go_without_a_credit_code(work_as: WorkAs, kinds: tuple[OrganisationKind, ...]) -> None:
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work, *kinds, credit_code=None, medical_licence_no="PDY10014813010217D2102")
    assert codes_of(refusal) == {"organisation.credit_code"}


def test_a_clinic_needs_one_of_the_two(work_as: WorkAs) -> None:
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work, CLINIC, credit_code=None)
    assert codes_of(refusal) == {"organisation.medical_licence"}


def test_a_credit_code_is_entered_once_and_its_holder_named(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        first = parties.organisation(work, name="演示第一医院")
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work, credit_code=first.credit_code)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.kind, problem.facts) == ("credit_code", Kind.CONFLICT, {"holder": "演示第一医院"})


def test_somebody_who_was_faster_is_found_by_the_store(work_as: WorkAs, monkeypatch: pytest.MonkeyPatch) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        first = parties.organisation(work)
    answers = iter([None, first])
    monkeypatch.setattr(queries, "by_credit_code", lambda session, code: next(answers))
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work, credit_code=first.credit_code)
    assert codes_of(refusal) == {"credit_code.taken"}


def test_the_same_act_twice_is_one_organisation(work_as: WorkAs, session: Session) -> None:
    command = CreateOrganisation(**parties.organisation_facts(act_key="once"))
    ids = []
    for _ in range(2):
        with work_as(SYSTEM_ADMIN) as work:
            ids.append(service.create_organisation(work, command).id)
    assert ids[0] == ids[1]
    assert len(ledger.stream(session, f"organisation:{ids[0]}")) == 1


@pytest.mark.parametrize("code", ["130000", "130100", "999999", "139000"])
def test_a_region_too_large_or_unknown_is_refused(work_as: WorkAs, code: str) -> None:
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work, region_code=code)
    assert {problem.field for problem in refusal.value.problems} == {"region_code"}


def test_an_authority_sits_where_it_governs(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        assert parties.organisation(work, OrganisationKind.AUTHORITY, region_code="130100").region_code == "130100"


def test_only_the_system_administrator_enters_organisations(work_as: WorkAs) -> None:
    with pytest.raises(Refusal) as refusal, work_as(SECURITY_ADMIN) as work:
        parties.organisation(work)
    assert refusal.value.kind is Kind.FORBIDDEN


def test_a_change_made_on_an_old_version_is_refused(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
    with work_as(SYSTEM_ADMIN) as work:
        service.change_organisation(work, change(one, name="演示新名", version=1))
    with pytest.raises(Refusal) as refusal, work_as(SYSTEM_ADMIN) as work:
        service.change_organisation(work, change(one, address="演示路2号", version=1))
    assert (codes_of(refusal), refusal.value.kind) == ({"organisation.changed"}, Kind.CONFLICT)
    assert queries.organisation(session, one.id).name == "演示新名"


def test_a_change_keeps_what_is_its_own(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        service.change_organisation(work, change(one, contact="另一演示联系人"))
        assert (one.contact, one.version) == ("另一演示联系人", 2)


def test_a_kind_that_a_store_rests_on_must_stay(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, OrganisationKind.STATION, CLINIC)
        site = service.add_site(
            work, service.AddSite(organisation_id=one.id, name="站点", region_code=COUNTY, address="演示路1号")
        )
        store = service.AddFacility(organisation_id=one.id, site_id=site.id, name="站", code="1", kind="station_store")
        service.add_facility(work, store)
        with pytest.raises(Refusal) as refusal:
            service.change_organisation(work, change(one, kinds=frozenset({CLINIC})))
    assert codes_of(refusal) == {"organisation.kind_in_use"}


def test_a_suspended_organisation_is_not_offered_any_more(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, CARRIER)
        command = SetOrganisationState(organisation_id=one.id, state=OrganisationState.SUSPENDED, reason="演示整改")
        service.set_organisation_state(work, command)
    assert queries.organisations_of_kind(session, CARRIER) == []
    assert [found.id for found in queries.organisations_of_kind(session, CARRIER, None)] == [one.id]


def test_nothing_is_added_to_a_closed_organisation(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        state = SetOrganisationState(organisation_id=one.id, state=OrganisationState.CLOSED, reason="演示注销")
        service.set_organisation_state(work, state)
        with pytest.raises(Refusal) as refusal:
            service.add_department(work, service.AddDepartment(organisation_id=one.id, name="内科"))
    assert codes_of(refusal) == {"organisation.closed"}


def test_a_clinic_may_name_only_the_store_of_a_station(work_as: WorkAs) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
        site = service.add_site(
            work, service.AddSite(organisation_id=one.id, name="院区", region_code=COUNTY, address="演示路1号")
        )
        store = service.AddFacility(
            organisation_id=one.id, site_id=site.id, name="暂存间", code="1", kind="medical_store"
        )
        facility = service.add_facility(work, store)
        with pytest.raises(Refusal) as refusal:
            parties.organisation(work, CLINIC, station_facility_id=facility.id)
    assert codes_of(refusal) == {"organisation.station"}


def test_a_regulator_lists_his_region_and_below_only(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        here = parties.organisation(work, region_code=COUNTY)
        parties.organisation(work, region_code=OTHER_COUNTY)
    rows, _next = queries.page(session, regulator(session, "130100"), queries.Filters())
    assert [row.id for row in rows] == [here.id]


def test_an_organisation_elsewhere_is_as_if_it_were_not_there(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, region_code=OTHER_COUNTY)
    with pytest.raises(Refusal) as refusal:
        queries.visible(session, regulator(session, "130100"), one.id)
    assert refusal.value.kind is Kind.UNKNOWN


def test_a_manager_lists_his_own_organisation_only(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        own = parties.organisation(work)
        parties.organisation(work)
    manager = Actor(None, "演示管理员", frozenset({Role.MANAGER}), organisation_id=own.id)
    assert [row.id for row in queries.page(session, manager, queries.Filters())[0]] == [own.id]


def test_a_role_without_the_right_lists_nothing(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work)
    driver = Actor(None, "演示驾驶员", frozenset({Role.DRIVER}), organisation_id=one.id)
    assert queries.page(session, driver, queries.Filters())[0] == []


def test_pages_follow_each_other_without_gap_or_repeat(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        ids = {parties.organisation(work, name="演示同名").id for _ in range(5)}
    seen, after = [], None
    while True:
        rows, after = queries.page(session, SYSTEM_ADMIN, queries.Filters(after=after), size=2)
        seen += [row.id for row in rows]
        if after is None:
            break
    assert len(seen) == 5
    assert set(seen) == ids


def test_the_list_finds_parts_of_a_name_and_beginnings_of_a_code(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        one = parties.organisation(work, name="演示县中医医院")
        parties.organisation(work, name="演示化工厂", credit_code=None, kinds=[CLINIC], medical_licence_no="QQ12345678")
    for text in ("中医", "中医 演示", one.credit_code or "", (one.credit_code or "")[:8].lower()):
        rows, _next = queries.page(session, SYSTEM_ADMIN, queries.Filters(text=text))
        assert [row.id for row in rows] == [one.id], text


def test_a_percent_sign_is_searched_as_it_stands(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        parties.organisation(work)
    assert queries.page(session, SYSTEM_ADMIN, queries.Filters(text="%"))[0] == []


def test_the_list_is_narrowed_by_kind_and_region(work_as: WorkAs, session: Session) -> None:
    with work_as(SYSTEM_ADMIN) as work:
        here = parties.organisation(work, CARRIER)
        parties.organisation(work, CARRIER, region_code=OTHER_COUNTY)
        parties.organisation(work, HOSPITAL)
    path = session.get_one(Region, "130100").path
    filters = replace(queries.Filters(), kind=CARRIER, region_path=path)
    assert [row.id for row in queries.page(session, SYSTEM_ADMIN, filters)[0]] == [here.id]
