"""Which edition of the national list is read for a day, and what is said about it."""

from datetime import date

import pytest

from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import Hazard, WasteCode
from wastetrack.domain.waste_list import (
    Edition,
    EditionChoice,
    HazardMode,
    Listing,
    certain_hazards,
    choose_codes,
    choose_exemptions,
    exemption_names,
    hazard_mode,
    listing_warnings,
)

OLD = Edition("2016", None, date(2020, 12, 31), codes_loaded=False, exemptions_loaded=False)
KNOWN = Edition("2021", date(2021, 1, 1), date(2024, 12, 31), codes_loaded=True, exemptions_loaded=True)
NEW = Edition("2025", date(2025, 1, 1), None, codes_loaded=False, exemptions_loaded=False)
NEW_CODES = Edition("2025", date(2025, 1, 1), None, codes_loaded=True, exemptions_loaded=False)
CODE = WasteCode("841-001-01")


@pytest.mark.parametrize("day", [date(2021, 1, 1), date(2024, 12, 31)])
def test_the_2021_edition_is_read_on_its_first_and_last_day(day: date) -> None:
    assert choose_codes([NEW, KNOWN, OLD], day) == EditionChoice("2021", "2021")


def test_from_2025_the_2021_edition_stands_in_and_says_so() -> None:
    choice = choose_codes([OLD, KNOWN, NEW], date(2025, 1, 1))
    assert (choice.edition, choice.in_force, choice.substitute) == ("2021", "2025", True)


def test_before_2021_the_nearest_loaded_edition_stands_in() -> None:
    assert choose_codes([OLD, KNOWN, NEW_CODES], date(2020, 12, 31)) == EditionChoice("2021", "2016")


def test_once_loaded_the_2025_edition_is_read_itself() -> None:
    assert not choose_codes([OLD, KNOWN, NEW_CODES], date(2026, 11, 23)).substitute


def test_codes_and_exemptions_are_chosen_apart() -> None:
    assert choose_exemptions([KNOWN, NEW_CODES], date(2026, 1, 1)) == EditionChoice("2021", "2025")


def test_a_day_without_any_law_is_read_from_the_nearest_edition() -> None:
    assert choose_codes([KNOWN], date(2020, 1, 1)) == EditionChoice("2021", None)


def test_nothing_loaded_is_said_in_words() -> None:
    with pytest.raises(Refusal, match=r"catalogue\.not_loaded"):
        choose_codes([OLD, NEW], date(2026, 1, 1))


@pytest.mark.parametrize(
    ("listing", "in_force", "codes"),
    [
        (Listing.LISTED, "2021", []),
        (Listing.LISTED, "2025", ["waste_code.substitute"]),
        (Listing.UNLISTED, "2021", ["waste_code.unlisted"]),
        (Listing.UNLISTED, "2025", ["waste_code.unlisted_in_substitute"]),
    ],
)
def test_what_a_person_is_told_about_a_code(listing: Listing, in_force: str, codes: list[str]) -> None:
    warnings = listing_warnings(CODE, listing, EditionChoice("2021", in_force))
    assert [warning.code for warning in warnings] == codes


@pytest.mark.parametrize(
    ("raw", "mode"), [("T", HazardMode.SINGLE), ("T,I", HazardMode.FIRST_CERTAIN), ("T/C/I/R", HazardMode.ANY)]
)
def test_the_sign_between_the_letters_says_how_they_are_meant(raw: str, mode: HazardMode) -> None:
    assert hazard_mode(raw) is mode


def test_only_the_first_hazard_is_certain() -> None:
    pair = (Hazard.TOXIC, Hazard.IGNITABLE)
    assert certain_hazards(pair, HazardMode.FIRST_CERTAIN) == (Hazard.TOXIC,)
    assert certain_hazards(pair, HazardMode.ANY) == ()


@pytest.mark.parametrize("applies_to", ["841-001-01", "HW01", "900-003-04;841-001-01"])
def test_an_exemption_names_a_code_or_its_category(applies_to: str) -> None:
    assert exemption_names(applies_to, CODE)


@pytest.mark.parametrize("applies_to", ["", "841-002-01", "HW34", "历史遗留危险废物"])
def test_an_exemption_for_another_thing_does_not_name_it(applies_to: str) -> None:
    assert not exemption_names(applies_to, CODE)
