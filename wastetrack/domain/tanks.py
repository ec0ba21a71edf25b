"""Waste in bulk 储罐/贮存池: from a level or a meter to a volume, from a volume to a mass, and what a tank may hold.

Tank farms 贮存罐区 and pools 贮存池 are kinds of storage facility of GB 18597-2023. What comes in through a pipe is
recorded by the day (HJ 1259-2022, 6.2). A mass is rounded in one place, `grams`; everything before it is exact.

The content is the last level that was read plus what flowed since. A level that tells another mass than was reckoned
replaces nothing: the difference is an entry of its own size, so the content is always the sum of all entries.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal, refuse
from wastetrack.domain.registration import CLOCKS_DIFFER, is_medical
from wastetrack.domain.times import end_of_day, local_day, start_of_day
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.waste_codes import WasteCode
from wastetrack.domain.weighing import MassSource
from wastetrack.domain.words import N_, Term

TANK_PLACES = frozenset({FacilityKind.TANK_FARM, FacilityKind.POOL})
TANK_KEEPERS = frozenset({OrganisationKind.ENTERPRISE, OrganisationKind.DISPOSER})
HIGH_PERCENT = 90
"""High-level limit of a new tank, in percent of its usable volume: a house figure, no national one is certain. Each
tank may have its own."""
MOST_LITRES = 100_000_000
"""The largest usable volume that is not surely a slip (house figure)."""
LEAST_DENSITY, MOST_DENSITY = 300, 4_000
"""Densities in g/l beyond which a figure is surely a slip (house figures): oil is near 900, sludge below 2000."""
MOST_MILLIMETRES = 200_000
MOST_POINTS = 500
WARN_FIFTHS = 4
"""A tank is filling up from four fifths of its limit on, as a store is (rule S-04)."""
_PI = Fraction(314_159_265_358_979_323_846, 10**20)


class Shape(Term):
    """What turns a level into a volume."""

    UPRIGHT = "upright", N_("Upright cylinder")
    BOX = "box", N_("Rectangular pool or box")
    TABLE = "table", N_("Own calibration table")


class MeterUnit(Term):
    """What the counter at the inlet counts, if there is one."""

    NONE = "none", N_("No counter")
    LITRE = "litre", N_("litres (L)")
    KILOGRAM = "kilogram", N_("kilograms (kg)")


class Unit(Term):
    """The unit of a quantity as it is typed."""

    LITRE = "l", N_("L")
    CUBIC_METRE = "m3", N_("m³")
    KILOGRAM = "kg", N_("kg")
    TONNE = "t", N_("t")


class Origin(Term):
    """Where a figure comes from. Each entry keeps its own."""

    MEASURED = "measured", N_("measured")
    METERED = "metered", N_("metered")
    ESTIMATED = "estimated", N_("estimated")
    MANUAL = "manual", N_("typed in")


class TankState(Term):
    """Where a tank is in its life."""

    EMPTY = "empty", N_("empty and clean")
    IN_USE = "in_use", N_("in use")
    CLOSED = "closed", N_("closed for good")


class Entry(Term):
    """What is entered of a tank: each an event of its stream."""

    SET_UP = "set_up", N_("Set up")
    CHANGED = "changed", N_("Changed")
    INFLOW = "inflow", N_("Inflow")
    LEVEL = "level", N_("Level read")
    OUTFLOW = "outflow", N_("Outflow")
    CORRECTION = "correction", N_("Correction")
    FILLED = "filled", N_("Filled in from a container")
    CLEANED = "cleaned", N_("Emptied and cleaned")
    CLOSED = "closed", N_("Closed")


class Destination(Term):
    """Where it went (HJ 1259-2022, 6.3.3 去向)."""

    HANDED_OVER = "handed_over", N_("Handed over to a licensed organisation")
    TREATED = "treated", N_("Own recovery or disposal")
    OTHER_STORE = "other_store", N_("Another tank or store of our own")


TRANSITIONS: dict[tuple[TankState, Entry], TankState] = {
    (TankState.EMPTY, Entry.CHANGED): TankState.EMPTY,
    (TankState.EMPTY, Entry.INFLOW): TankState.IN_USE,
    (TankState.EMPTY, Entry.LEVEL): TankState.IN_USE,
    (TankState.EMPTY, Entry.CORRECTION): TankState.IN_USE,
    (TankState.EMPTY, Entry.FILLED): TankState.IN_USE,
    (TankState.EMPTY, Entry.CLOSED): TankState.CLOSED,
    (TankState.IN_USE, Entry.CHANGED): TankState.IN_USE,
    (TankState.IN_USE, Entry.INFLOW): TankState.IN_USE,
    (TankState.IN_USE, Entry.LEVEL): TankState.IN_USE,
    (TankState.IN_USE, Entry.OUTFLOW): TankState.IN_USE,
    (TankState.IN_USE, Entry.CORRECTION): TankState.IN_USE,
    (TankState.IN_USE, Entry.FILLED): TankState.IN_USE,
    (TankState.IN_USE, Entry.CLEANED): TankState.EMPTY,
}
"""Every other pair is refused with the sentence of the state. A clean tank in which no level is found stays clean."""

_WHY_NOT = {
    TankState.EMPTY: N_("Tank {number} is empty and clean: there is nothing to take out, and nothing to clean."),
    TankState.IN_USE: N_("Tank {number} is in use. Enter that it was emptied and cleaned, then close it."),
    TankState.CLOSED: N_("Tank {number} is closed. Set up a new one for what comes."),
}


def after(state: TankState, entry: Entry, *, number: str, holds: bool = True) -> TankState:
    """Return the state that follows, or refuse with the reason that belongs to the present one.

    `holds` tells whether anything is in the tank after the entry; `number` is only named in the sentence.
    """
    following = TRANSITIONS.get((state, entry))
    if following is None:
        code, facts = f"tank.{entry.value}_when_{state.value}", {"number": number}
        raise Refusal([Problem(code, _WHY_NOT[state], facts, kind=Kind.CONFLICT)])
    return state if state is TankState.EMPTY and following is TankState.IN_USE and not holds else following


# --- level, volume, mass ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """One line of a calibration table: at this level the tank holds so much."""

    level_mm: int
    litres: int


@dataclass(frozen=True)
class Vessel:
    """What a tank is as far as its figures go. Lengths in mm, volume in litres, density in g/l."""

    shape: Shape
    usable_l: int
    density_g_l: int
    high_percent: int = HIGH_PERCENT
    diameter_mm: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    calibration: tuple[Point, ...] = ()

    @property
    def most(self) -> Grams:
        """Return the mass of the usable volume."""
        return grams(Fraction(self.usable_l), self.density_g_l)

    @property
    def high(self) -> Grams:
        """Return the mass at the high-level limit."""
        return grams(Fraction(self.usable_l * self.high_percent, 100), self.density_g_l)

    def litres_at(self, level_mm: int) -> Fraction:
        """Return the exact volume below a level; what lies above the last line of a table is refused."""
        match self.shape:
            case Shape.UPRIGHT:
                return _PI * (self.diameter_mm or 0) ** 2 * level_mm / 4 / 10**6
            case Shape.BOX:
                return Fraction((self.length_mm or 0) * (self.width_mm or 0) * level_mm, 10**6)
            case Shape.TABLE:
                return _between(self.calibration, level_mm)

    def mass_at(self, level_mm: int) -> Grams:
        """Return the mass below a level."""
        return grams(self.litres_at(level_mm), self.density_g_l)


def grams(litres: Fraction, density_g_l: int) -> Grams:
    """Return the mass of a volume in whole grams, rounded half-even: the one place where a tank's figures are."""
    return Grams(round(litres * density_g_l))


def litres(mass_g: int, density_g_l: int) -> int:
    """Return a mass as whole litres, for showing and for the limit of a store."""
    return round(Fraction(mass_g, density_g_l))


def percent(mass_g: int, vessel: Vessel) -> int:
    """Return how full a tank is, in whole percent of its usable volume, rounded down so that 100 means full."""
    return mass_g * 100 // vessel.most if vessel.most else 0


def _between(table: Sequence[Point], level_mm: int) -> Fraction:
    """Read a table, linear between its lines."""
    if level_mm > table[-1].level_mm:
        sentence = N_("The calibration table ends at {most} mm, so {level} mm cannot be read. Check the level.")
        raise refuse("tank.beyond_table", sentence, field="level_mm", most=table[-1].level_mm, level=level_mm)
    for low, high in pairwise(table):
        if level_mm <= high.level_mm:
            share = Fraction(level_mm - low.level_mm, high.level_mm - low.level_mm)
            return low.litres + share * (high.litres - low.litres)
    return Fraction(table[-1].litres)


# --- setting up ------------------------------------------------------------------------------------------------------


def calibration_in(text: str, field: str = "calibration") -> tuple[Point, ...]:
    """Read a calibration table as it is typed or pasted: in each line a level in mm and the litres at it."""
    points, problems = [], []
    for number, line in enumerate(narrow(text).replace("；", ";").replace(";", "\n").splitlines(), start=1):
        figures = re.fullmatch(r"\s*([0-9]{1,6})\s*[,:\t ]\s*([0-9]{1,9})\s*", line)
        if figures:
            points.append(Point(int(figures[1]), int(figures[2])))
        elif line.strip():
            sentence = N_("Line {row} of the table cannot be read: {typed}. Write a level in mm and the litres.")
            problems.append(Problem("tank.table_line", sentence, {"row": number, "typed": quoted(line)}, field))
    if problems:
        raise Refusal(problems)
    return tuple(points)


def calibration_text(points: Iterable[Point]) -> str:
    """Write a calibration table as a form shows it."""
    return "\n".join(f"{one.level_mm} {one.litres}" for one in points)


def points_kept(points: Iterable[Point]) -> str:
    """Write a calibration table as the store keeps it."""
    return json.dumps([[one.level_mm, one.litres] for one in points])


def points_from(kept: str) -> tuple[Point, ...]:
    """Read it from there."""
    return tuple(Point(level, volume) for level, volume in json.loads(kept))


def vessel_problems(vessel: Vessel) -> list[Problem]:
    """Return everything that is wrong with the measures of a tank, each at its field."""
    asked = {
        Shape.UPRIGHT: ("diameter_mm",), Shape.BOX: ("length_mm", "width_mm"), Shape.TABLE: (),
    }[vessel.shape]  # fmt: skip
    sentence = N_("This shape needs this length. Enter it in mm.")
    missing = [Problem("tank.length", sentence, field=name) for name in asked if not getattr(vessel, name)]
    return missing + (_table_problems(vessel) if vessel.shape is Shape.TABLE else [])


def _table_problems(vessel: Vessel) -> list[Problem]:
    table = vessel.calibration
    if len(table) < 2 or table[0].level_mm != 0 or len(table) > MOST_POINTS:
        sentence = N_("A calibration table begins at 0 mm and has from two to {most} lines. Enter it whole.")
        return [Problem("tank.table_short", sentence, {"most": MOST_POINTS}, "calibration")]
    found = [
        Problem(
            "tank.table_falls",
            N_(
                "Line {row} of the table ({level} mm) does not rise: each level is above the one before, with no less "
                "in it."
            ),
            {"row": number, "level": high.level_mm},
            "calibration",
        )
        for number, (low, high) in enumerate(pairwise(table), start=2)
        if high.level_mm <= low.level_mm or high.litres < low.litres
    ]
    if not found and table[-1].litres < vessel.usable_l:
        sentence = N_("The table ends at {litres} L, below the usable volume. Complete it, or lower the volume.")
        found = [Problem("tank.table_ends", sentence, {"litres": table[-1].litres}, "calibration")]
    return found


def place_problems(kind: FacilityKind, kinds: Collection[OrganisationKind]) -> list[Problem]:
    """Return why no tank can stand in such a store, or with such an organisation (GB 18597-2023)."""
    if not TANK_KEEPERS & set(kinds):
        sentence = N_("Only enterprises and disposal sites keep waste in tanks and pools.")
        return [Problem("tank.keeper", sentence, field="facility_id", basis="GB 18597-2023")]
    if kind in TANK_PLACES:
        return []
    sentence = N_("A tank or pool stands in a tank farm or a storage pool, not here ({kind}). Choose another store.")
    return [Problem("tank.place", sentence, {"kind": kind}, "facility_id", basis="GB 18597-2023")]


def waste_problems(code: WasteCode, hazards: Collection[object]) -> list[Problem]:
    """Return why this waste cannot be kept in a tank as described: medical waste never is, hazards are named."""
    if is_medical(code):
        sentence = N_("{code} is medical waste: it is kept in bags and boxes, never in a tank.")
        return [
            Problem("tank.medical", sentence, {"code": code}, "waste", basis=N_("Medical Waste Regulation, Art. 17"))
        ]
    if hazards:
        return []
    sentence = N_("{code} is not on the list that is loaded, so the list names no hazards. Choose the hazard letters.")
    return [Problem("registration.hazards", sentence, {"code": code}, "hazards", basis="HJ 1276-2022")]


def change_problems(holds: int, *, before: WasteCode, waste: WasteCode, vessel: Vessel) -> list[Problem]:
    """Return what cannot be changed while something is in it: another waste, a volume below the content."""
    found = []
    if holds and waste != before:
        sentence = N_("{mass} of {code} are in it. Another waste can follow once it was emptied and cleaned.")
        found.append(
            Problem("tank.other_waste", sentence, {"mass": Grams(holds), "code": before}, "waste", Kind.CONFLICT)
        )
    if holds > vessel.most:
        found.append(_too_full(Grams(holds), vessel, "usable_l"))
    return found


# --- figures ---------------------------------------------------------------------------------------------------------

_FIGURE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12})\s*(\S*)")
_UNITS = {
    "l": Unit.LITRE, "升": Unit.LITRE, "m3": Unit.CUBIC_METRE, "m³": Unit.CUBIC_METRE, "立方米": Unit.CUBIC_METRE,
    "方": Unit.CUBIC_METRE, "kg": Unit.KILOGRAM, "公斤": Unit.KILOGRAM, "千克": Unit.KILOGRAM, "t": Unit.TONNE,
    "吨": Unit.TONNE,
}  # fmt: skip
_MASSES = frozenset({Unit.KILOGRAM, Unit.TONNE})
_THOUSANDTHS = {Unit.LITRE: 10**3, Unit.CUBIC_METRE: 10**6, Unit.KILOGRAM: 10**3, Unit.TONNE: 10**6}


@dataclass(frozen=True)
class Figure:
    """A number as it was typed, with the unit that stood beside it."""

    number: Decimal
    unit: Unit | None

    def thousandths(self, unit: Unit, field: str) -> int:
        """Return it in millilitres or grams; the unit is what stood beside it, else `unit`. Nothing is rounded."""
        exact = self.number * _THOUSANDTHS[self.unit or unit]
        if exact != exact.to_integral_value():
            raise refuse(
                "tank.fine", N_("The figure is finer than a gram or a millilitre. Give fewer decimals."), field=field
            )
        return int(exact)


def figure_in(text: str, field: str = "amount") -> Figure:
    """Read a quantity, the reading of a counter or a mass: a number from zero on, with or without a unit."""
    plain = narrow(text).replace("。", ".").strip()
    match = _FIGURE.fullmatch(plain)
    unit = _UNITS.get(match[2].lower()) if match and match[2] else None
    if match is None or (match[2] and unit is None):
        sentence = N_("{typed} is not a quantity. Write a figure such as 1250 or 12.5, with a point for the decimals.")
        raise refuse("tank.unreadable", sentence, field=field, typed=quoted(text))
    return Figure(Decimal(match[1]), unit)


@dataclass(frozen=True)
class Quantity:
    """How much flowed: its mass, and its volume in millilitres where a volume was given."""

    mass: Grams
    volume_ml: int | None = None


def quantity(figure: Figure, unit: Unit, density_g_l: int, field: str = "amount") -> Quantity:
    """Turn a figure into a mass: a volume by the density, a mass as it is. Nothing at all is no flow."""
    thousandths = figure.thousandths(unit, field)
    if not thousandths:
        raise refuse("tank.nothing", N_("The quantity is zero. Where nothing flowed, nothing is entered."), field=field)
    if (figure.unit or unit) in _MASSES:
        return Quantity(Grams(thousandths))
    return Quantity(grams(Fraction(thousandths, 1000), density_g_l), thousandths)


def counted(before: int, now: int, meter: MeterUnit, density_g_l: int) -> Quantity:
    """Return what went through a counter between two readings, in thousandths of its unit."""
    if meter is MeterUnit.KILOGRAM:
        return Quantity(Grams(now - before))
    return Quantity(grams(Fraction(now - before, 1000), density_g_l), now - before)


def counter_at(figure: Figure, meter: MeterUnit, field: str = "counter") -> int:
    """Return where a counter stands in thousandths of its unit; a mass on a counter of litres is refused."""
    own = Unit.KILOGRAM if meter is MeterUnit.KILOGRAM else Unit.LITRE
    if figure.unit is not None and (figure.unit in _MASSES) is not (own in _MASSES):
        sentence = N_("This counter counts {unit}. Enter what it shows.")
        raise refuse("tank.counter_unit", sentence, field=field, unit=meter)
    return figure.thousandths(own, field)


def counter_problems(meter: MeterUnit, before: int, now: int) -> list[Problem]:
    """Return why a counter cannot stand so: there is none, or it would have run backwards."""
    if meter is MeterUnit.NONE:
        sentence = N_("This tank has no counter. Enter the quantity, or enter the counter with the tank.")
        return [Problem("tank.no_counter", sentence, field="counter")]
    if now >= before:
        return []
    sentence = N_(
        "The counter stood at {before} before and cannot run backwards. Read it again; enter a new counter with the "
        "tank."
    )
    return [Problem("tank.counter_back", sentence, {"before": thousandths_shown(before)}, "counter")]


def thousandths_shown(value: int) -> str:
    """Write thousandths of a unit as people read them, e.g. 12500 → '12.5'."""
    return f"{Decimal(value) / 1000:f}".rstrip("0").rstrip(".") if value % 1000 else str(value // 1000)


def moment_problems(at: datetime, last: datetime, now: datetime, field: str = "at") -> list[Problem]:
    """Return why a moment does not fit: it is still to come, or lies before the last entry."""
    if at > max(now, last) + CLOCKS_DIFFER:
        sentence = N_("The moment {at} is in the future. Check it.")
        return [Problem("tank.future", sentence, {"at": at}, field)]
    if at < last:
        sentence = N_("The moment {at} lies before the last entry of this tank ({last}). Enter things in their order.")
        return [Problem("tank.before_last", sentence, {"at": at, "last": last}, field)]
    return []


def fitting(given: datetime | None, last: datetime, now: datetime) -> datetime:
    """Return when it happened: now where nothing is said, never before the last entry of the same minute.

    What is typed is typed to the minute, and of two who write at once one comes second.
    """
    if given is None:
        return max(now, last)
    if given > now:
        return given if given > now + CLOCKS_DIFFER else max(now, last)
    return last if given < last < given + timedelta(minutes=1) else given


def piped_at(day: date, now: datetime) -> datetime:
    """Return when the quantity of a day counts: at its end, or now while it lasts."""
    return min(end_of_day(day), now) if day <= local_day(now) else start_of_day(day)


def content_problems(content: int, vessel: Vessel, *, change: int, field: str) -> list[Problem]:
    """Return why so much cannot flow in (more than the usable volume) or out (more than is in it)."""
    if content + change < 0:
        sentence = N_("By reckoning only {mass} are in it. Check the figure, or read the level first.")
        return [Problem("tank.too_little", sentence, {"mass": Grams(content)}, field)]
    return [_too_full(Grams(content + change), vessel, field)] if content + change > vessel.most else []


def mass_of(figure: Figure, density_g_l: int, field: str = "content") -> Grams:
    """Return the mass of what is to be in a tank, nothing at all included; a figure without unit is in kg."""
    thousandths = figure.thousandths(Unit.KILOGRAM, field)
    if (figure.unit or Unit.KILOGRAM) in _MASSES:
        return Grams(thousandths)
    return grams(Fraction(thousandths, 1000), density_g_l)


def correction_problems(content: int, right: int, vessel: Vessel) -> list[Problem]:
    """Return why a correction is none: it changes nothing, or names more than the tank holds."""
    if content == right:
        sentence = N_("By reckoning {mass} are in it already: there is nothing to correct.")
        return [Problem("tank.same", sentence, {"mass": Grams(content)}, "content")]
    return content_problems(content, vessel, change=right - content, field="content")


def pour_problems(code: str, waste: str, tank_waste: str) -> list[Problem]:
    """Return why a container cannot be emptied into a tank: one tank holds one waste."""
    if waste == tank_waste:
        return []
    sentence = N_("Container {code} holds {waste}, the tank {other}. Only the same waste is put together.")
    return [Problem("tank.pour_other", sentence, {"code": code, "waste": waste, "other": tank_waste}, "code")]


def origin_of(source: MassSource) -> Origin:
    """Return the origin of a container's mass as a tank names it."""
    return {
        MassSource.SCALE: Origin.MEASURED, MassSource.MANUAL: Origin.MANUAL, MassSource.ESTIMATED: Origin.ESTIMATED,
    }[source]  # fmt: skip


def _too_full(mass: Grams, vessel: Vessel, field: str) -> Problem:
    sentence = N_("{mass} are more than the usable volume of {litres} L holds ({most}). Check the figure.")
    facts: dict[str, Fact] = {"mass": mass, "litres": vessel.usable_l, "most": vessel.most}
    return Problem("tank.too_full", sentence, facts, field)


def clean_problems(content: int) -> list[Problem]:
    """Return why a tank cannot have been emptied: by reckoning something is in it, and mass does not vanish."""
    if not content:
        return []
    sentence = N_("By reckoning {mass} are still in it. Enter the outflow, or the level 0, first.")
    return [Problem("tank.not_empty", sentence, {"mass": Grams(content)}, kind=Kind.CONFLICT)]


class Filling(Term):
    """How far a tank is filled against its high-level limit."""

    FINE = "fine", N_("within its limit")
    WARN = "warn", N_("filling up")
    ALARM = "alarm", N_("above its high-level limit")


def filling(content: int, vessel: Vessel) -> Filling:
    """Judge at the exact threshold: a warning from four fifths of the limit on, an alarm from the first gram above."""
    if content > vessel.high:
        return Filling.ALARM
    return Filling.WARN if content * 5 >= vessel.high * WARN_FIFTHS else Filling.FINE


# --- by the day ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What one entry changed in the content, in grams, and the day it counts for."""

    day: date
    entry: Entry
    change_g: int


@dataclass(frozen=True)
class Day:
    """The figures of one day for the ledger of HJ 1259-2022 (6.2, tables B.1 to B.3), in grams."""

    day: date
    opening_g: int
    inflow_g: int
    outflow_g: int
    corrected_g: int
    difference_g: int
    closing_g: int


def by_day(opening_g: int, changes: Iterable[Change]) -> list[Day]:
    """Sum the entries of each day on which there were any: closing = opening + in - out + corrections + difference."""
    days: dict[date, list[Change]] = {}
    for one in changes:
        days.setdefault(one.day, []).append(one)
    found, content = [], opening_g
    for day in sorted(days):
        sums = {entry: sum(one.change_g for one in days[day] if one.entry is entry) for entry in Entry}
        closing = content + sum(sums.values())
        inflow = sums[Entry.INFLOW] + sums[Entry.FILLED]
        found.append(
            Day(day, content, inflow, -sums[Entry.OUTFLOW], sums[Entry.CORRECTION], sums[Entry.LEVEL], closing)
        )
        content = closing
    return found
