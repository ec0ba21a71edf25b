"""What fits what among organisations, stores and licences."""

from dataclasses import replace
from datetime import date

import pytest

from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import (
    FacilityKind,
    LicenceKind,
    LicenceSays,
    OrganisationKind,
    OrganisationState,
    PaperState,
    date_problems,
    identity_problems,
    licence_problems,
    may_be_named,
    paper_state,
    seat_problems,
    store_problems,
    vehicle_problems,
)
from wastetrack.domain.regions import Level

K = OrganisationKind


def test_only_an_active_organisation_may_be_newly_named() -> None:
    assert [state for state in OrganisationState if may_be_named(state)] == [OrganisationState.ACTIVE]


@pytest.mark.parametrize("kind", [kind for kind in K if kind is not K.CLINIC])
def test_only_a_clinic_may_have_no_credit_code(kind: OrganisationKind) -> None:
    assert identity_problems({kind}, None, "12345678")
    assert identity_problems({kind, K.CLINIC}, None, "12345678")


def test_a_clinic_may_have_its_medical_licence_instead() -> None:
    assert identity_problems({K.CLINIC}, None, "12345678") == []


def test_an_organisation_without_kind_is_nothing() -> None:
    assert [p.field for p in identity_problems(set(), "91130102000000001X", None)] == ["kinds"]


def test_a_party_sits_in_a_county_or_below() -> None:
    small = [level for level in Level if not seat_problems(level, True, {K.HOSPITAL})]
    assert small == [Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE]


def test_a_city_is_near_enough_where_nothing_smaller_is_known() -> None:
    assert seat_problems(Level.CITY, False, {K.DISPOSER}) == []


def test_an_authority_sits_anywhere() -> None:
    assert seat_problems(Level.PROVINCE, True, {K.AUTHORITY}) == []


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        (FacilityKind.STATION_STORE, K.STATION),
        (FacilityKind.HUB_STORE, K.HUB),
        (FacilityKind.PLANT_STORE, K.DISPOSER),
    ],
)
def test_a_store_with_a_clock_of_its_own_belongs_to_its_kind_only(store: FacilityKind, kind: OrganisationKind) -> None:
    assert store_problems(store, {kind}) == []
    assert store_problems(store, set(K) - {kind})


def test_only_carriers_have_vehicles() -> None:
    assert vehicle_problems({K.CARRIER, K.DISPOSER}) == []
    assert vehicle_problems(set(K) - {K.CARRIER})


def test_a_collection_licence_needs_no_treatment_mode() -> None:
    says = LicenceSays(LicenceKind.OPERATING, Coverage.COLLECTION, scope="HW01")
    assert licence_problems(says, {K.HUB}) == []
    assert [p.field for p in licence_problems(replace(says, modes=["Y10"]), {K.HUB})] == ["modes"]


def test_a_comprehensive_licence_names_modes_quantity_and_scope() -> None:
    found = licence_problems(LicenceSays(LicenceKind.OPERATING, Coverage.COMPREHENSIVE), {K.DISPOSER})
    assert {p.field for p in found} == {"modes", "yearly_quantity_g", "scope"}


def test_an_exemption_rests_on_a_document_and_point_to_point_use_on_one_source() -> None:
    says = LicenceSays(LicenceKind.POINT_TO_POINT, modes=["R9"], scope="HW08")
    assert {p.field for p in licence_problems(says, {K.ENTERPRISE})} == {"basis", "source_code"}
    assert licence_problems(replace(says, basis="冀环函1号", has_source=True), {K.ENTERPRISE}) == []


@pytest.mark.parametrize(("beds", "fields"), [(None, []), (0, []), (19, []), (20, ["kind"])])
def test_the_exemption_of_small_institutions_ends_at_19_beds(beds: int | None, fields: list[str]) -> None:
    says = LicenceSays(LicenceKind.SMALL_SOURCE, scope="HW01", basis="名录豁免清单")
    assert [p.field for p in licence_problems(says, {K.CLINIC}, beds)] == fields


def test_a_transport_licence_with_a_treatment_mode_is_a_slip() -> None:
    found = licence_problems(LicenceSays(LicenceKind.TRANSPORT, modes=["Y10"], scope="HW01"), {K.CARRIER})
    assert [p.field for p in found] == ["modes"]


def test_a_licence_may_be_of_one_day() -> None:
    assert date_problems(date(2026, 1, 1), date(2026, 1, 1)) == []
    assert date_problems(date(2026, 1, 2), date(2026, 1, 1))


def test_the_last_day_of_a_paper_still_counts() -> None:
    day = date(2026, 11, 23)
    assert paper_state(None, day, day) is PaperState.ENDING
    assert paper_state(None, date(2026, 11, 22), day) is PaperState.EXPIRED
    assert paper_state(date(2026, 11, 24), date(2030, 1, 1), day) is PaperState.FUTURE
    assert paper_state(day, date(2027, 2, 21), day) is PaperState.VALID
