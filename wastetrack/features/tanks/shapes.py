"""Tanks as files and as forms: the entries and the days in columns, what a form shows before it is typed into."""

import csv
import io
from collections.abc import Mapping, Sequence
from uuid import UUID

from wastetrack.documents.workbook import Sheet, SheetColumn, workbook
from wastetrack.domain.measures import kilograms
from wastetrack.domain.tanks import Day, Entry, MeterUnit, calibration_text, points_from, thousandths_shown
from wastetrack.domain.words import N_
from wastetrack.features.tanks.models import Tank, TankEntry
from wastetrack.infra.i18n import _, show

Rows = Sequence[Sequence[str]]
Columns = Sequence[tuple[str, int]]

ENTRY_COLUMNS: Columns = (
    (N_("When"), 18), (N_("What"), 20), (N_("Change (kg)"), 16), (N_("Content after it (kg)"), 18),
    (N_("Difference (kg)"), 16), (N_("Origin"), 12), (N_("Level (mm)"), 12), (N_("Counter"), 14),
    (N_("Volume (L)"), 14), (N_("Counts for the day"), 14), (N_("Where to"), 24), (N_("Note"), 30), (N_("Who"), 16),
    (N_("Recorded"), 18),
)  # fmt: skip
DAY_COLUMNS: Columns = (
    (N_("Day"), 12), (N_("Opening (kg)"), 16), (N_("Inflow (kg)"), 16), (N_("Outflow (kg)"), 16),
    (N_("Corrected (kg)"), 16), (N_("Difference (kg)"), 16), (N_("Closing (kg)"), 16),
)  # fmt: skip
_FORMULA = ("=", "+", "@", "\t", "\r")


def signed(mass: int) -> str:
    """Write a change in kg with its sign; nothing is no change."""
    return f"+{kilograms(mass)}" if mass > 0 else kilograms(mass)


def entry_rows(entries: Sequence[TankEntry], names: Mapping[UUID, str]) -> Rows:
    """Return the entries in the order of ENTRY_COLUMNS."""
    return [
        (
            show(one.occurred_at), show(one.entry), "" if one.entry is Entry.LEVEL else kilograms(one.change_g),
            kilograms(one.after_g), kilograms(one.change_g) if one.entry is Entry.LEVEL else "",
            show(one.origin) if one.origin else "", "" if one.level_mm is None else str(one.level_mm),
            "" if one.counter is None else thousandths_shown(one.counter),
            "" if one.volume_ml is None else thousandths_shown(one.volume_ml), show(one.day),
            show(one.destination) if one.destination else "", one.note, names.get(one.recorded_by, ""),
            show(one.recorded_at),
        )
        for one in entries
    ]  # fmt: skip


def day_rows(days: Sequence[Day]) -> Rows:
    """Return the days in the order of DAY_COLUMNS."""
    return [
        (show(one.day), *(kilograms(mass) for mass in (
            one.opening_g, one.inflow_g, one.outflow_g, one.corrected_g, one.difference_g, one.closing_g,
        )))
        for one in days
    ]  # fmt: skip


def as_workbook(title: str, columns: Columns, rows: Rows) -> bytes:
    """Return a list as a workbook in which every cell is text."""
    return workbook([Sheet(title, [SheetColumn(_(name), width) for name, width in columns], rows)])


def as_text(_title: str, columns: Columns, rows: Rows) -> bytes:
    """Return a list as a CSV file; what a spreadsheet program would take for a formula is quoted."""
    buffer = io.StringIO()
    lines = csv.writer(buffer)
    lines.writerow([_(name) for name, _width in columns])
    lines.writerows(
        [f"'{cell}" if cell.startswith(_FORMULA) or _is_words(cell) else cell for cell in row] for row in rows
    )
    return buffer.getvalue().encode("utf-8-sig")


def _is_words(cell: str) -> bool:
    """Tell whether something begins like a negative number and is none."""
    return cell.startswith("-") and not cell[1:].replace(".", "", 1).isdigit()


_AS_KEPT = (
    "number", "waste_name", "form", "harmful", "diameter_mm", "length_mm", "width_mm", "usable_l", "density_g_l",
    "high_percent",
)  # fmt: skip


def typed(tank: Tank) -> dict[str, object]:
    """Return what is entered of a tank as its form shows it."""
    return {
        **{name: getattr(tank, name) for name in _AS_KEPT},
        "waste": tank.waste_code,
        "shape": tank.shape.value,
        "meter": tank.meter.value,
        "hazards": tank.hazards.split(),
        "calibration": calibration_text(points_from(tank.calibration)),
        "counter": "" if tank.meter is MeterUnit.NONE else thousandths_shown(tank.counter),
    }
