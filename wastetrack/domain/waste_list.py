"""Editions of the National List of Hazardous Wastes 国家危险废物名录: which is the law on a day, which is at hand.

The list is a decree with a date: 2021 edition up to 2024-12-31, 2025 edition (Order 36) from 2025-01-01. The edition is
chosen by the day of the act, never by today. Where the law's edition is not loaded, the nearest one that is loaded
stands in for it, and every answer says so; a well-formed code it does not hold is accepted with a warning, because the
new edition may well hold it (regulations §5, product rule).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.waste_codes import Hazard, WasteCode, category_of, parse_hazards
from wastetrack.domain.words import N_, Term


class HazardMode(Term):
    """How the hazard letters of one entry are meant, by the sign between them (note to the table of the list)."""

    SINGLE = "single", N_("this hazard")
    FIRST_CERTAIN = "first_certain", N_("the first hazard, possibly the others")
    ANY = "any", N_("one or more of these hazards")


@dataclass(frozen=True)
class Edition:
    """One edition: the first and last day of its force, and which of its two lists are loaded here."""

    edition: str
    effective_from: date | None
    effective_to: date | None
    codes_loaded: bool
    exemptions_loaded: bool

    def in_force_on(self, day: date) -> bool:
        """Tell whether the edition is the law on `day`; an unknown first day reaches back without end."""
        starts, ends = self.effective_from or date.min, self.effective_to or date.max
        return starts <= day <= ends


@dataclass(frozen=True)
class EditionChoice:
    """The edition that is read for a day (`edition`), and the one that is the law on it (`in_force`, None: unknown)."""

    edition: str
    in_force: str | None

    @property
    def substitute(self) -> bool:
        """Tell whether the edition read is not the one in force."""
        return self.edition != self.in_force


class Listing(Term):
    """What the list says of a well-formed code."""

    LISTED = "listed", N_("on the list")
    UNLISTED = "unlisted", N_("not on the list")


def choose_codes(editions: Iterable[Edition], day: date) -> EditionChoice:
    """Choose the edition whose list of codes is read for acts of `day`."""
    return _choose(editions, day, lambda edition: edition.codes_loaded)


def choose_exemptions(editions: Iterable[Edition], day: date) -> EditionChoice:
    """Choose the edition whose list of exemptions 豁免管理清单 is read for acts of `day`."""
    return _choose(editions, day, lambda edition: edition.exemptions_loaded)


def _choose(editions: Iterable[Edition], day: date, loaded: Callable[[Edition], bool]) -> EditionChoice:
    by_start = sorted(editions, key=_start)
    lawful = [edition for edition in by_start if edition.in_force_on(day)]
    in_force = lawful[-1] if lawful else None
    if in_force and loaded(in_force):
        return EditionChoice(in_force.edition, in_force.edition)
    at_hand = [edition for edition in by_start if loaded(edition)]
    if not at_hand:
        raise refuse(
            "catalogue.not_loaded",
            N_("No edition of the national list of hazardous wastes is loaded. Ask the platform operator to load it."),
        )
    before = [edition for edition in at_hand if _start(edition) <= day]
    nearest = before[-1] if before else at_hand[0]
    return EditionChoice(nearest.edition, in_force.edition if in_force else None)


def _start(edition: Edition) -> date:
    return edition.effective_from or date.min


def choice_words(choice: EditionChoice) -> Problem:
    """Say which edition is read and whether it is the law of the day, as one sentence for people."""
    facts = {"edition": choice.edition, "in_force": choice.in_force}
    if not choice.substitute:
        return Problem("edition.in_force", N_("Edition {edition} of the national list is in force and is read."), facts)
    if choice.in_force is None:
        return Problem("edition.unknown_day", N_("Which edition was in force is not known; {edition} is read."), facts)
    sentence = N_("Edition {in_force} of the national list is in force but not loaded; edition {edition} stands in.")
    return Problem("edition.substitute", sentence, facts)


def listing_warnings(
    code: WasteCode, listing: Listing, choice: EditionChoice, field: str = "waste_code"
) -> list[Problem]:
    """Return what a person should know about this code before using it. Nothing here refuses."""
    facts = {"code": code, "edition": choice.edition, "in_force": choice.in_force}
    if listing is Listing.UNLISTED and choice.substitute:
        sentence = N_(
            "{code} is not on the {edition} edition of the national list; the edition in force is not loaded."
            " Check the code against the official text."
        )
        return [Problem("waste_code.unlisted_in_substitute", sentence, facts, field)]
    if listing is Listing.UNLISTED:
        sentence = N_("{code} is not on the {edition} edition of the national list. Check the code before you use it.")
        return [Problem("waste_code.unlisted", sentence, facts, field)]
    if choice.substitute:
        sentence = N_("{code} was checked against the {edition} edition; the edition in force is not loaded.")
        return [Problem("waste_code.substitute", sentence, facts, field)]
    return []


def hazard_mode(raw: str) -> HazardMode:
    """Tell from the sign between the letters how they are meant: `T/C` any of them, `T,I` the first is certain."""
    if "/" in raw:
        return HazardMode.ANY
    return HazardMode.SINGLE if len(parse_hazards(raw)) == 1 else HazardMode.FIRST_CERTAIN


def certain_hazards(hazards: tuple[Hazard, ...], mode: HazardMode) -> tuple[Hazard, ...]:
    """Return the characteristics a waste of the entry has in every case; for "one or more of" the list names none."""
    return () if mode is HazardMode.ANY else hazards[:1]


def exemption_names(applies_to: str, code: WasteCode) -> bool:
    """Tell whether an exemption's first column (codes or a category, with `;` between them) names the code.

    Exemptions that name a situation instead (household waste, emergencies, legacy waste, item 32) name no code.
    Their conditions are for a person to judge, as are the conditions of every other.
    """
    named = applies_to.split(";")
    return code in named or category_of(code) in named
