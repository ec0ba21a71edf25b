"""Loading reference data: what ships with the platform (`load`) and what an operator supplies (the three `load_…`).

Everything may be done again at any time: the second time changes nothing. What an operator has loaded is never taken
back by what ships, unless the platform comes to ship the same thing itself.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.problems import Problem, refuse, refuse_all
from wastetrack.domain.regions import Level, Place, supervision_paths
from wastetrack.domain.waste_codes import (
    category_of,
    medical_class_of,
    parse_hazards,
    parse_scope_entry,
    parse_waste_code,
)
from wastetrack.domain.words import N_
from wastetrack.domain.working_days import CalendarStatus
from wastetrack.features.catalogue.models import (
    MedicalClassText,
    Region,
    WasteEdition,
    WasteEntry,
    WasteExemption,
    WorkingDayException,
)
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.reference import Change, packed_rows, reconcile
from wastetrack.infra.sheets import SheetRow, attempt, fault, missing, read_each, read_sheet, too_long
from wastetrack.infra.work import Work

DATA = Path(__file__).resolve().parent / "data"
STREAM = "catalogue:reference"

Row = dict[str, Any]

CODE_COLUMNS = ("code", "category_name", "industry", "description", "hazards")
EXEMPTION_COLUMNS = ("item", "applies_to", "waste", "stage", "condition", "exempted_as")
DAY_COLUMNS = ("day", "works", "occasion")
_YES_NO = {"1": True, "0": False}
_LEVELS = {level.value: level for level in Level}
_STATUSES = {status.value: status for status in CalendarStatus}


# --- what ships ----------------------------------------------------------------------------------------------------


def load(work: Work, folder: Path = DATA) -> list[Change]:
    """Bring all reference tables to what the files in `folder` say, and write to the ledger what that changed."""
    session = work.session
    changes = [
        reconcile(session, Region, region_rows(folder), gone={"current": False}),
        _load_editions(session, folder),
        _load_entries(session, folder),
        _load_exemptions(session, folder),
        reconcile(session, MedicalClassText, _medical_rows(folder)),
        _load_working_days(session, folder),
    ]
    facts = {change.table: [change.added, change.changed, change.removed] for change in changes if change.any}
    if facts:
        ledger.append(work, STREAM, "catalogue.loaded", {"tables": facts, "files_sha256": _digest(folder)})
    return changes


def load_if_new(work: Work, folder: Path = DATA) -> list[Change]:
    """Load as `load` does, unless the record says that these very files were the last to be loaded: a quick start."""
    told = [event.facts for event in ledger_queries.stream(work.session, STREAM) if event.kind == "catalogue.loaded"]
    last = told[-1] if told else ""
    return [] if _digest(folder) in last else load(work, folder)


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.csv.gz")):
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def region_rows(folder: Path = DATA) -> list[Row]:
    """Return every division as a row of the table, those above before those below."""
    rows = [_region_row(row) for row in packed_rows(folder / "regions.csv.gz")]
    rows += [_village_row(row) for row in packed_rows(folder / "villages.csv.gz")]
    paths = supervision_paths({row["code"]: Place(row["parent_code"], row["supervised_by"]) for row in rows})
    for row in rows:
        row["path"] = paths[row["code"]]
    depth = {level: level.depth for level in Level}
    return sorted(rows, key=lambda row: depth[row["level"]])


def _region_row(row: dict[str, str]) -> Row:
    return {
        "code": row["code"],
        "name": row["name"],
        "level": _LEVELS[row["level"]],
        "kind": row["kind"],
        "parent_code": row["parent_code"] or None,
        "supervised_by": row["supervised_by"] or None,
        "official": _YES_NO[row["official"]],
        "statistical": _YES_NO[row["statistical"]],
        "current": True,
    }


def _village_row(row: dict[str, str]) -> Row:
    return {
        "code": row["code"],
        "name": row["name"],
        "level": Level.VILLAGE,
        "kind": "",
        "parent_code": row["parent_code"],
        "supervised_by": None,
        "official": True,
        "statistical": False,
        "current": True,
    }


def _load_editions(session: Session, folder: Path) -> Change:
    stored = {row.edition: row for row in session.scalars(select(WasteEdition))}
    rows = [_edition_row(row) for row in packed_rows(folder / "editions.csv.gz")]
    for row in rows:
        before = stored.get(row["edition"])
        # What an operator has loaded of an edition that does not ship stays loaded.
        row["codes_loaded"] = row["codes_loaded"] or bool(before and before.codes_loaded)
        row["exemptions_loaded"] = row["exemptions_loaded"] or bool(before and before.exemptions_loaded)
    shipped = WasteEdition.edition.in_([row["edition"] for row in rows])
    return reconcile(session, WasteEdition, rows, within=shipped)


def _edition_row(row: dict[str, str]) -> Row:
    return {
        "edition": row["edition"],
        "decree": row["decree"],
        "effective_from": _day(row["effective_from"]),
        "effective_to": _day(row["effective_to"]),
        "kinds": int(row["kinds"]) if row["kinds"] else None,
        "codes_loaded": _YES_NO[row["codes_loaded"]],
        "exemptions_loaded": _YES_NO[row["exemptions_loaded"]],
        "note": row["note"],
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _load_entries(session: Session, folder: Path) -> Change:
    rows: list[Row] = [dict(row) for row in packed_rows(folder / "waste_entries.csv.gz")]
    return reconcile(session, WasteEntry, rows, within=WasteEntry.edition.in_({row["edition"] for row in rows}))


def _load_exemptions(session: Session, folder: Path) -> Change:
    rows: list[Row] = [
        {**row, "item": int(row["item"]), "line": int(row["line"])} for row in packed_rows(folder / "exemptions.csv.gz")
    ]
    return reconcile(session, WasteExemption, rows, within=WasteExemption.edition.in_({row["edition"] for row in rows}))


def _medical_rows(folder: Path) -> list[Row]:
    return [
        {**row, "seq": int(row["seq"]), "medical_class": medical_class_of(parse_waste_code(row["waste_code"]))}
        for row in packed_rows(folder / "medical_classes.csv.gz")
    ]


def _load_working_days(session: Session, folder: Path) -> Change:
    rows: list[Row] = [
        {
            "day": date.fromisoformat(row["day"]),
            "works": _YES_NO[row["works"]],
            "occasion": row["occasion"],
            "status": _STATUSES[row["status"]],
        }
        for row in packed_rows(folder / "working_days.csv.gz")
    ]
    known = _official_years(session)
    estimated = {row["day"].year for row in rows if row["status"] is CalendarStatus.ESTIMATE}
    # An estimate that ships does not replace the notice an operator has loaded since.
    rows = [row for row in rows if row["day"].year not in estimated & known]
    return reconcile(session, WorkingDayException, rows, within=_in_years({row["day"].year for row in rows}))


def _official_years(session: Session) -> set[int]:
    official = WorkingDayException.status == CalendarStatus.OFFICIAL
    return {day.year for day in session.scalars(select(WorkingDayException.day).where(official))}


def _in_years(years: Iterable[int]) -> ColumnElement[bool]:
    day = WorkingDayException.day
    return or_(*[day.between(date(year, 1, 1), date(year, 12, 31)) for year in years])


# --- what an operator supplies -------------------------------------------------------------------------------------


def load_edition(
    work: Work, edition: str, data: bytes, *, effective_from: date | None = None, decree: str | None = None
) -> Change:
    """Load the codes of an edition from a CSV file; all faults are reported at once, each with its row.

    An edition that is not known yet needs the first day of its force and its decree.
    """
    session = work.session
    known = session.get(WasteEdition, edition)
    problems = [] if known else _new_edition_problems(effective_from, decree)
    rows, faults = read_each(read_sheet(data, CODE_COLUMNS), lambda row: _code_row(edition, row), "code")
    problems += faults
    if known and known.kinds and not problems and len(rows) != known.kinds:
        sentence = N_("The file has {found} codes, but the {edition} edition has {kinds}. Complete the file.")
        problems.append(
            Problem("edition.count", sentence, {"found": len(rows), "edition": edition, "kinds": known.kinds})
        )
    refuse_all(problems)
    if known is None:
        known = _new_edition(session, edition, effective_from, decree or "")
    known.codes_loaded = True
    change = reconcile(session, WasteEntry, rows, within=WasteEntry.edition == edition)
    _record(work, "catalogue.edition_loaded", edition, data, change)
    return change


def load_exemptions(work: Work, edition: str, data: bytes) -> Change:
    """Load the exemption list of a known edition from a CSV file; all faults are reported at once."""
    known = _known_edition(work.session, edition)
    rows, problems = read_each(read_sheet(data, EXEMPTION_COLUMNS), lambda row: _exemption_row(edition, row))
    refuse_all(problems)
    lines: dict[int, int] = {}
    for row in rows:
        row["line"] = lines[row["item"]] = lines.get(row["item"], 0) + 1
    known.exemptions_loaded = True
    change = reconcile(work.session, WasteExemption, rows, within=WasteExemption.edition == edition)
    _record(work, "catalogue.exemptions_loaded", edition, data, change)
    return change


def load_working_days(work: Work, year: int, data: bytes) -> Change:
    """Load the State Council's notice for one year from a CSV file, in place of what was known of that year."""
    rows, problems = read_each(read_sheet(data, DAY_COLUMNS), lambda row: _day_row(year, row), "day")
    refuse_all(problems)
    change = reconcile(work.session, WorkingDayException, rows, within=_in_years({year}))
    _record(work, "catalogue.working_days_loaded", str(year), data, change)
    return change


def _code_row(edition: str, row: SheetRow) -> Row:
    problems = missing(row, CODE_COLUMNS)
    code = attempt(lambda: parse_waste_code(row.cells["code"], row.field("code")), problems)
    hazards = row.cells["hazards"].replace("，", ",").replace("／", "/")
    attempt(lambda: parse_hazards(hazards, row.field("hazards")), problems)
    problems += too_long(row, {"category_name": 80, "industry": 80, "hazards": 20})
    refuse_all(problems)
    assert code is not None  # noqa: S101  (a refusal otherwise)
    return {
        "edition": edition,
        "code": code,
        "category_code": category_of(code),
        "category_name": row.cells["category_name"],
        "industry_code": code[:3],
        "industry": row.cells["industry"],
        "description": row.cells["description"],
        "hazards": hazards,
    }


def _exemption_row(edition: str, row: SheetRow) -> Row:
    problems = missing(row, ("item", "waste", "stage", "condition", "exempted_as"))
    item = row.cells["item"]
    if item and not (item.isascii() and item.isdigit()):
        problems.append(fault("sheet.number", N_("Row {row}: “{column}” must be a number."), row, "item"))
    entries = [entry.strip() for entry in row.cells["applies_to"].replace("；", ";").split(";") if entry.strip()]
    names = [_scope_or_words(entry, row, problems) for entry in entries]
    problems += too_long(row, {"applies_to": 120, "stage": 20})
    refuse_all(problems)
    texts = {column: row.cells[column] for column in ("waste", "stage", "condition", "exempted_as")}
    return {"edition": edition, "item": int(item), "line": 0, "applies_to": ";".join(names), **texts}


def _scope_or_words(entry: str, row: SheetRow, problems: list[Problem]) -> str:
    # The list names codes, categories, or a situation in words; words have no digits at their beginning.
    if not entry[0].isdigit() and not entry.upper().startswith("HW"):
        return entry
    return attempt(lambda: parse_scope_entry(entry, row.field("applies_to")), problems) or entry


def _day_row(year: int, row: SheetRow) -> Row:
    problems = missing(row, DAY_COLUMNS)
    works = _YES_NO.get(row.cells["works"])
    if works is None and row.cells["works"]:
        problems.append(fault("sheet.yes_no", N_("Row {row}: “{column}” must be 1 or 0."), row, "works"))
    try:
        day = date.fromisoformat(row.cells["day"])
    except ValueError:
        day = date.min
    if day.year != year and row.cells["day"]:
        problems.append(fault("sheet.day", N_("Row {row}: “{column}” must be a day of the year."), row, "day"))
    problems += too_long(row, {"occasion": 40})
    refuse_all(problems)
    return {"day": day, "works": works, "occasion": row.cells["occasion"], "status": CalendarStatus.OFFICIAL}


def _new_edition_problems(effective_from: date | None, decree: str | None) -> list[Problem]:
    problems = []
    if effective_from is None:
        sentence = N_("The edition is new here: give the first day of its force.")
        problems.append(Problem("edition.effective_from", sentence, field="effective_from"))
    if not decree:
        problems.append(Problem("edition.decree", N_("The edition is new here: name its decree."), field="decree"))
    return problems


def _new_edition(session: Session, edition: str, effective_from: date | None, decree: str) -> WasteEdition:
    row = WasteEdition(
        edition=edition,
        decree=decree,
        effective_from=effective_from,
        effective_to=None,
        kinds=None,
        codes_loaded=False,
        exemptions_loaded=False,
        note="",
    )
    session.add(row)
    return row


def _known_edition(session: Session, edition: str) -> WasteEdition:
    known = session.get(WasteEdition, edition)
    if known is None:
        raise refuse(
            "edition.unknown",
            N_("The {edition} edition is not known. Load its codes first."),
            field="edition",
            edition=edition,
        )
    return known


def _record(work: Work, kind: str, what: str, data: bytes, change: Change) -> None:
    digest = hashlib.sha256(data).hexdigest()
    counts = {"rows": change.rows, "added": change.added, "changed": change.changed, "removed": change.removed}
    ledger.append(work, STREAM, kind, {"loaded": what, "file_sha256": digest, **counts})
