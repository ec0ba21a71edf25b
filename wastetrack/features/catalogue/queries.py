"""Looking things up: divisions, waste codes on a day, exemptions, medical classes, the working-day calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wastetrack.domain.problems import Problem
from wastetrack.domain.regions import Level, codes_in, path_range
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.waste_codes import WasteCode
from wastetrack.domain.waste_list import (
    Edition,
    EditionChoice,
    Listing,
    choose_codes,
    choose_exemptions,
    exemption_names,
    listing_warnings,
)
from wastetrack.domain.working_days import Calendar, DayException
from wastetrack.features.catalogue.models import (
    MedicalClassText,
    Region,
    WasteEdition,
    WasteEntry,
    WasteExemption,
    WorkingDayException,
)

_SHORTEST_SCOPE = 2
_SELECTABLE = and_(Region.current, or_(~Region.statistical, Region.level != Level.CITY))
"""Everything but what has been abolished and the placeholders."""

# --- divisions ---------------------------------------------------------------------------------------------------


def region(session: Session, code: str) -> Region | None:
    """Return one division, also one that has been abolished."""
    return session.get(Region, code)


def children(session: Session, code: str | None) -> list[Region]:
    """Return the divisions directly below in supervision; for None the provinces. Placeholders are passed over."""
    above: ColumnElement[bool] = Region.level == Level.PROVINCE
    if code is not None:
        above = or_(Region.supervised_by == code, and_(Region.supervised_by.is_(None), Region.parent_code == code))
    return list(session.scalars(select(Region).where(above, _SELECTABLE).order_by(Region.code)))


def lineage(session: Session, code: str) -> list[Region]:
    """Return the divisions from the province down to this one, in supervision; empty for an unknown code."""
    path = session.scalar(select(Region.path).where(Region.code == code))
    if path is None:
        return []
    found = {one.code: one for one in session.scalars(select(Region).where(Region.code.in_(codes_in(path))))}
    return [found[above] for above in codes_in(path)]


def region_chain(session: Session, code: str) -> list[str]:
    """Return the names from the province down, as an address is written: 河北省, 雄安新区, 雄县."""
    return [above.name for above in lineage(session, code)]


def regions_of(session: Session, paths: Iterable[str]) -> list[Region]:
    """Return the divisions with these supervision paths, in their order."""
    wanted = list(paths)
    found = {one.path: one for one in session.scalars(select(Region).where(Region.path.in_(wanted)))}
    return [found[path] for path in wanted if path in found]


def full_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the whole names of many divisions in two queries: `{"130102": "河北省石家庄市长安区"}`."""
    paths = {
        code: codes_in(path)
        for code, path in session.execute(select(Region.code, Region.path).where(Region.code.in_(set(codes))))
    }
    wanted = {above for chain in paths.values() for above in chain}
    rows = session.execute(select(Region.code, Region.name).where(Region.code.in_(wanted)))
    names = {code: name for code, name in rows}  # noqa: C416  (a result is no mapping)
    return {code: "".join(names[above] for above in chain) for code, chain in paths.items()}


def at_level(session: Session, code: str, level: Level) -> Region | None:
    """Return the division of `level` that contains this one *administratively*, or is it: its official city, say.

    This is what numbers and forms ask for; scoping asks for supervision (`within`).
    """
    one = session.get(Region, code)
    while one is not None and one.level is not level:
        one = session.get(Region, one.parent_code) if one.parent_code else None
    return one


def within(
    region_code: ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    paths: tuple[str, ...],
) -> ColumnElement[bool]:
    """Return the criterion "this column names a division with one of these supervision paths, or one below it".

    No path, no rows: a regulator whose region is unknown sees nothing.
    """
    ranges = [path_range(path) for path in paths if len(path) >= _SHORTEST_SCOPE]
    if not ranges:
        return false()
    inside = or_(*(and_(Region.path >= lower, Region.path < upper) for lower, upper in ranges))
    return region_code.in_(select(Region.code).where(inside))


def any_within(session: Session, codes: Iterable[str | None], paths: tuple[str, ...]) -> bool:
    """Tell whether one of these divisions has one of these supervision paths, or lies below it."""
    wanted = [code for code in codes if code]
    return (
        session.scalar(select(Region.code).where(Region.code.in_(wanted), within(Region.code, paths)).limit(1))
        is not None
    )


def search_regions(
    session: Session, text: str, level: Level | None = None, *, path: str | None = None, limit: int = 20
) -> list[Region]:
    """Find divisions by a part of the name or the beginning of the code, the highest first."""
    words = narrow(text).split()
    query = select(Region).where(_SELECTABLE)
    for word in words:
        query = query.where(
            or_(Region.name.contains(word, autoescape=True), Region.code.startswith(word, autoescape=True))
        )
    if level is not None:
        query = query.where(Region.level == level)
    if path is not None:
        query = query.where(within(Region.code, (path,)))
    # A deeper division has the longer path; the better name match is the shorter name.
    order = (func.length(Region.path), func.length(Region.name), Region.code)
    return list(session.scalars(query.order_by(*order).limit(limit))) if words else []


# --- the national list ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeListing:
    """What the list says of a code on a day: the entry if it is there, the edition read, and what to warn of."""

    code: WasteCode
    listing: Listing
    edition: EditionChoice
    entry: WasteEntry | None
    warnings: tuple[Problem, ...]


def editions(session: Session) -> list[WasteEdition]:
    """Return all editions that are known, the newest first."""
    return list(session.scalars(select(WasteEdition).order_by(WasteEdition.edition.desc())))


def edition_on(session: Session, on: date) -> EditionChoice:
    """Return the edition that is read for acts of this day and the one that is the law; refuse when none is loaded."""
    return choose_codes(_editions(session), on)


def waste_entry(session: Session, code: str, on: date) -> WasteEntry | None:
    """Return the entry of a code in the edition read for this day."""
    return session.get(WasteEntry, (edition_on(session, on).edition, code))


def listing(session: Session, code: WasteCode, on: date, field: str = "waste_code") -> CodeListing:
    """Look a well-formed code up: listed or not, in which edition, with warnings in words. Never refuses the code."""
    choice = edition_on(session, on)
    entry = session.get(WasteEntry, (choice.edition, code))
    found = Listing.LISTED if entry else Listing.UNLISTED
    return CodeListing(code, found, choice, entry, tuple(listing_warnings(code, found, choice, field)))


@dataclass(frozen=True)
class CategoryCount:
    """A category of an edition and how many codes it has."""

    code: str
    name: str
    kinds: int


def categories(session: Session, on: date) -> list[CategoryCount]:
    """Return the categories of the edition read for this day."""
    count = func.count(WasteEntry.code)
    query = (
        select(WasteEntry.category_code, func.min(WasteEntry.category_name), count)
        .where(WasteEntry.edition == edition_on(session, on).edition)
        .group_by(WasteEntry.category_code)
        .order_by(WasteEntry.category_code)
    )
    return [CategoryCount(*row) for row in session.execute(query)]


def search_waste(session: Session, text: str, on: date, limit: int = 20) -> list[WasteEntry]:
    """Find entries by every word of the text: the beginning of a code, a category, or a part of what is said of it."""
    query = select(WasteEntry).where(WasteEntry.edition == edition_on(session, on).edition)
    for word in narrow(text).split():
        query = query.where(_says(word))
    return list(session.scalars(query.order_by(WasteEntry.category_code, WasteEntry.code).limit(limit)))


def exemptions(session: Session, on: date) -> list[WasteExemption]:
    """Return the whole exemption list that is read for this day."""
    choice = choose_exemptions(_editions(session), on)
    query = select(WasteExemption).where(WasteExemption.edition == choice.edition)
    return list(session.scalars(query.order_by(WasteExemption.item, WasteExemption.line)))


def exemptions_for(session: Session, code: WasteCode, on: date) -> list[WasteExemption]:
    """Return the exemption lines that name this code or its category. A person judges whether their condition holds."""
    return [line for line in exemptions(session, on) if exemption_names(line.applies_to, code)]


def medical_classes(session: Session) -> list[MedicalClassText]:
    """Return the five classes as the catalogue of medical waste describes them, in its order."""
    return list(session.scalars(select(MedicalClassText).order_by(MedicalClassText.seq)))


def _editions(session: Session) -> list[Edition]:
    return [
        Edition(row.edition, row.effective_from, row.effective_to, row.codes_loaded, row.exemptions_loaded)
        for row in session.scalars(select(WasteEdition))
    ]


def _says(word: str) -> ColumnElement[bool]:
    digits = word.replace("-", "")
    said = [
        column.contains(word, autoescape=True)
        for column in (WasteEntry.description, WasteEntry.category_name, WasteEntry.industry)
    ]
    if digits.isascii() and digits.isdigit():
        said.append(func.replace(WasteEntry.code, "-", "").startswith(digits))
    return or_(WasteEntry.category_code == word.upper(), *said)


# --- working days --------------------------------------------------------------------------------------------------


def calendar(session: Session) -> Calendar:
    """Return the working-day calendar of all loaded years."""
    rows = session.execute(select(WorkingDayException.day, WorkingDayException.works, WorkingDayException.status))
    return Calendar({day: DayException(works, status) for day, works, status in rows})
