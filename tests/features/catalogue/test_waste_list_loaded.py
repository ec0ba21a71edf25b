"""The national list that ships: its numbers, its editions by date, its exemptions, and looking things up."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.domain.waste_codes import Hazard, MedicalClass, WasteCode, category_of
from wastetrack.domain.waste_list import HazardMode, Listing
from wastetrack.domain.working_days import CalendarStatus
from wastetrack.features.catalogue import queries
from wastetrack.features.catalogue.models import WasteEntry, WasteExemption, WorkingDayException

pytestmark = pytest.mark.store

IN_2024, IN_2026 = date(2024, 12, 31), date(2026, 11, 23)
INFECTIOUS = MedicalClass.INFECTIOUS.waste_code
UNLISTED = WasteCode("321-999-48")


def test_the_2021_list_has_467_codes_in_46_categories(session: Session) -> None:
    entries = list(session.scalars(select(WasteEntry)))
    assert len(entries) == 467
    assert len({entry.category_code for entry in entries}) == 46


def test_every_code_names_its_own_category_and_industry(session: Session) -> None:
    for entry in session.scalars(select(WasteEntry)):
        assert entry.category_code == category_of(WasteCode(entry.code))
        assert entry.code.startswith(entry.industry_code)
        assert entry.description
        assert entry.hazard_list


def test_the_exemption_list_has_32_items(session: Session) -> None:
    assert session.scalar(select(func.count(WasteExemption.item.distinct()))) == 32
    assert session.scalar(select(func.count()).select_from(WasteExemption)) == 57


def test_the_edition_goes_by_the_date(session: Session) -> None:
    then, now = queries.edition_on(session, IN_2024), queries.edition_on(session, IN_2026)
    assert (then.edition, then.in_force, then.substitute) == ("2021", "2021", False)
    assert (now.edition, now.in_force, now.substitute) == ("2021", "2025", True)


def test_a_listed_code_of_2024_is_told_without_warning(session: Session) -> None:
    found = queries.listing(session, INFECTIOUS, IN_2024)
    assert found.listing is Listing.LISTED
    assert found.entry is not None
    assert found.entry.description == "感染性废物"
    assert found.warnings == ()


def test_a_listed_code_of_today_says_which_edition_was_read(session: Session) -> None:
    warnings = queries.listing(session, INFECTIOUS, IN_2026).warnings
    assert [(warning.code, warning.facts["edition"]) for warning in warnings] == [("waste_code.substitute", "2021")]


def test_an_unlisted_code_is_accepted_with_a_warning(session: Session) -> None:
    found = queries.listing(session, UNLISTED, IN_2024)
    assert (found.listing, found.entry) == (Listing.UNLISTED, None)
    assert [warning.code for warning in found.warnings] == ["waste_code.unlisted"]


def test_an_entry_tells_its_hazards_and_how_they_are_meant(session: Session) -> None:
    chemical = queries.waste_entry(session, MedicalClass.CHEMICAL.waste_code, IN_2024)
    assert chemical is not None
    assert chemical.hazard_mode is HazardMode.ANY
    assert chemical.hazard_list == (Hazard.TOXIC, Hazard.CORROSIVE, Hazard.IGNITABLE, Hazard.REACTIVE)


@pytest.mark.parametrize("medical", list(MedicalClass))
def test_the_medical_classes_of_the_law_are_those_of_the_list(session: Session, medical: MedicalClass) -> None:
    entry = queries.waste_entry(session, medical.waste_code, IN_2026)
    assert entry is not None
    assert entry.hazard_list == medical.hazards


@pytest.mark.parametrize("text", ["841-001-01", "841001", "感染性", "hw01 感染性", "８４１－００１－０１"])
def test_a_code_is_found_by_digits_words_or_category(session: Session, text: str) -> None:
    assert INFECTIOUS in [entry.code for entry in queries.search_waste(session, text, IN_2026)]


def test_every_word_narrows_the_search_and_the_limit_holds(session: Session) -> None:
    assert len(queries.search_waste(session, "废", IN_2026, limit=7)) == 7
    assert queries.search_waste(session, "感染性 铬渣", IN_2026) == []
    assert queries.search_waste(session, "%", IN_2026) == []


def test_exemptions_are_found_by_code_and_by_category(session: Session) -> None:
    assert {line.item for line in queries.exemptions_for(session, INFECTIOUS, IN_2024)} == {2, 3}
    assert queries.exemptions_for(session, UNLISTED, IN_2024) == []


def test_small_institutions_are_exempt_in_collection_and_transport_only(session: Session) -> None:
    lines = [line for line in queries.exemptions_for(session, INFECTIOUS, IN_2024) if "19张" in line.waste]
    assert [line.stage for line in lines] == ["收集", "运输"]


def test_only_texts_of_the_edition_itself_count_as_complete(session: Session) -> None:
    classes = queries.medical_classes(session)
    assert [one.name for one in classes] == ["感染性废物", "损伤性废物", "病理性废物", "药物性废物", "化学性废物"]
    assert [one.complete for one in classes] == [True, True, False, False, False]


def test_the_calendar_knows_make_up_days_and_estimates(session: Session) -> None:
    calendar = queries.calendar(session)
    assert calendar.is_working(date(2026, 10, 10))
    assert not calendar.is_working(date(2026, 10, 7))
    assert not calendar.add_working_days(IN_2026, 5).provisional
    assert calendar.add_working_days(date(2026, 12, 30), 5).provisional


def test_only_2027_is_estimated(session: Session) -> None:
    estimate = WorkingDayException.status == CalendarStatus.ESTIMATE
    years = {day.year for day in session.scalars(select(WorkingDayException.day).where(estimate))}
    assert years == {2027}
