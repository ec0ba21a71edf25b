"""Choosing a region step by step, from the province down or by a part of its name. Works without JavaScript."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wastetrack.domain.regions import Level
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region

LONGEST_SEARCH = 60


@dataclass(frozen=True)
class RegionChoice:
    """How far the choice has come: the divisions chosen from above, those below to go on with, those found by name."""

    lineage: list[Region]
    below: list[Region]
    found: list[Region]
    found_names: dict[str, str]
    text: str

    @property
    def chosen(self) -> Region | None:
        """Return the division chosen so far."""
        return self.lineage[-1] if self.lineage else None

    @property
    def code(self) -> str:
        """Return the code of the division chosen so far, empty for none."""
        return self.lineage[-1].code if self.lineage else ""

    @property
    def name(self) -> str:
        """Return the whole name of the division chosen so far."""
        return "".join(region.name for region in self.lineage)

    @property
    def is_seat(self) -> bool:
        """Tell whether the choice is near enough to say where an organisation is (`domain.parties.seat_problems`)."""
        if self.chosen is None:
            return False
        return self.chosen.level.depth >= Level.COUNTY.depth or (self.chosen.level is Level.CITY and not self.below)


def choose_region(session: Session, code: str, text: str = "", *, path: str | None = None) -> RegionChoice:
    """Return the state of the choice; `path` keeps it within a supervisor's scope."""
    lineage = catalogue.lineage(session, code) if code else []
    text = text[:LONGEST_SEARCH].strip()
    found = catalogue.search_regions(session, text, path=path) if text else []
    names = catalogue.full_names(session, [region.code for region in found])
    below = catalogue.children(session, code if lineage else None)
    return RegionChoice(lineage, below, found, names, text)
