"""A row for each container that was sealed and weighed elsewhere, known by the producer's own number.

Each is registered as by the form, by the same rules; the ledger says that it came from a file. A number that is
registered already is left as it is, so that a file sent again registers nothing twice, whoever sends it.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from wastetrack.domain.containers import Isolation, Packaging, State
from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.registration import moment_in, waste_code_in
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.waste_codes import Form as Physical
from wastetrack.domain.waste_codes import Hazard, MedicalClass, WasteCode
from wastetrack.domain.words import N_
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service.registering import RegisterContainer, producer_held, register
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, left, word_of
from wastetrack.features.imports.service.sheets import Sheet
from wastetrack.infra.i18n import CHINESE, _, speaking

LONGEST_NUMBER = 40
"""It is printed on the label, where there is no more room."""
_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:时](\d{2})(?:[:分].*)?")
_YES_NO = {**dict.fromkeys(("是", "有", "1", "yes", "true"), True), **dict.fromkeys(("否", "无", "0", "no"), False)}
_ONE_OF_LIST = N_("One of the list. Empty: as usual for this waste.")

COLUMNS = (
    Column("number", N_("Own number"), N_("Your number of this container, such as of your old list: never two alike."),
           required=True, form=Form.CODE, width=18, example="2026-0001"),
    Column("waste", N_("Class or waste code"), N_("Class of medical waste, or the waste code of the national list."),
           required=True, form=Form.CODE, width=16, example="900-249-08"),
    Column("mass", N_("Mass (kg)"), N_("A number in kg, with a point for decimals."), required=True, width=12,
           example="182.5"),
    Column("sealed_at", N_("Sealed at"), N_("Day and time, with the year first; not more than seven days ago."),
           required=True, width=20, example="2026-11-23 09:30"),
    Column("packaging", N_("Packaging"), _ONE_OF_LIST, form=Form.TERM, terms=Packaging, example="桶"),
    Column("department", N_("Department"), N_("As entered for your organisation; needed where it has departments.")),
    Column("volume_l", N_("Volume (litres)"), N_("A whole number; empty: the usual of the packaging."), width=12,
           example="200"),
    Column("waste_name", N_("Name of the waste"), N_("Empty: the category of the list."), width=22),
    Column("hazards", N_("Hazards"), N_("Of the list, with 、 between them. Empty: as the list says."), form=Form.TERMS,
           terms=Hazard, width=14, example="T、I"),
    Column("form", N_("Form"), N_("One of the list. Empty: solid."), form=Form.TERM, terms=Physical, width=12,
           example="液态"),
    Column("components", N_("Main components"), N_("Empty: as last time for this waste, else its name."), width=22),
    Column("harmful", N_("Harmful components"), N_("Empty where nothing is to be said."), width=22),
    Column("precautions", N_("Precautions"), N_("Empty: as last time for this waste, else by its hazards."), width=22),
    Column("isolation", N_("From isolated patients"), N_("Medical waste only. Empty: no."), form=Form.TERM,
           terms=Isolation, width=18),
    Column("double_bagged", N_("The second bag is on it"), N_("是 or 否; needed for waste of isolated patients.")),
    Column("overfull", N_("Fuller than three quarters"), N_("是 or 否. Empty: no.")),
    Column("label", N_("Pre-printed label"), N_("The code of a blank label that is on it. Empty: it gets a new code."),
           form=Form.CODE, width=18),
    Column("note", N_("Special note on the label"), N_("Empty: your own number is printed there."), width=22),
)  # fmt: skip
_READ_HERE = {"number", "waste", "sealed_at", "hazards", "double_bagged", "overfull", "note"}
_CELLS = {column.key: column.key for column in COLUMNS if column.key not in _READ_HERE}
_REQUIRED = ("number", "sealed_at")
"""What the form would fill in by itself, and an import cannot: waste and mass are asked for by the command."""


def look_up(desk: Desk, rows: Sequence[Row]) -> None:
    """Find what is registered of these rows. The producer is held, so that nobody registers the same meanwhile."""
    organisation_id = desk.work.actor.organisation_id
    if organisation_id is None:
        return
    producer_held(desk.work, organisation_id)
    found = queries.imported_with(desk.work.session, organisation_id, {_key(desk, row) for row in rows})
    desk.known = {one.act_key: one for one in found if one.act_key}


def keep(desk: Desk, row: Row) -> Outcome:
    """Register the container, or say how the file differs from what is registered under its number."""
    slip = Slip(desk, row)
    key = _key(desk, row)
    command = _command(slip, key)
    stored = desk.known.get(key)
    if stored is not None:
        remarks = tuple(_differences(stored, command, row))
        return Outcome(Verdict.DIFFERS if remarks else Verdict.SAME, remarks)
    register(desk.work, command, evidence=Evidence.IMPORTED)
    return Outcome(Verdict.NEW)


def _command(slip: Slip, key: str) -> RegisterContainer:
    """Read the row as the form would be read; everything that is wrong with it is said at once."""
    empty = [Problem("field.missing", N_("This is still empty. Fill it in."), field=one) for one in _REQUIRED]
    slip.note(problem for problem in empty if not slip.row[problem.field or ""])
    number = slip.get("number", _number)
    hazards = slip.value("hazards") or ()
    given = {
        "waste": slip.get("waste", _waste),
        "sealed_at": slip.get("sealed_at", _moment),
        "hazards": tuple(hazard for hazard in Hazard if hazard in hazards),
        "double_bagged": slip.get("double_bagged", _yes_or_no),
        "overfull": slip.get("overfull", _yes_or_no),
        "note": slip.row["note"] or _as_note(number or ""),
        "act_key": key,
    }
    return slip.fill(RegisterContainer, _CELLS, given)


def _differences(stored: Container, sent: RegisterContainer, row: Row) -> list[Problem]:
    if stored.state is State.VOID:
        sentence = N_("The label of this number was made void. To register it again, give it another number.")
        return [Problem("import.void", sentence, field="number")]
    remarks = []
    if stored.waste_code != sent.waste:
        remarks.append(left("waste", stored.waste_code, sent.waste))
    if stored.mass_g != sent.mass.mass:
        remarks.append(left("mass", Grams(stored.mass_g), sent.mass.mass))
    if sent.sealed_at and min(sent.sealed_at, stored.registered_at) != stored.sealed_at:
        remarks.append(left("sealed_at", stored.sealed_at, sent.sealed_at))
    if sent.packaging and stored.packaging is not sent.packaging:
        remarks.append(left("packaging", stored.packaging, sent.packaging))
    if row["department"] and stored.department != sent.department:
        remarks.append(left("department", stored.department, sent.department))
    return remarks


def _plain_number(row: Row) -> str:
    return re.sub(r"\s+", "", narrow(row["number"])).upper()


def _key(desk: Desk, row: Row) -> str:
    """Return the idempotency key of a container: the same for its producer and number, whoever sends it."""
    return "import:" + sha256(f"{desk.work.actor.organisation_id}|{_plain_number(row)}".encode()).hexdigest()[:40]


def _number(text: str) -> str:
    if len(narrow(text)) > LONGEST_NUMBER:
        sentence = N_("This is too long. Use at most {most} characters.")
        raise refuse("field.string_too_long", sentence, most=LONGEST_NUMBER)
    return narrow(text)


def _as_note(number: str) -> str:
    with speaking(CHINESE):
        return _("Own number {number}", number=number)


def _waste(text: str) -> WasteCode:
    named = word_of(MedicalClass, text) or word_of(MedicalClass, f"{text}废物")
    return named.waste_code if named else waste_code_in(text)


def _moment(text: str) -> datetime:
    """Read a moment as spreadsheet programs write it; a day alone is no moment."""
    found = _TIME.fullmatch(narrow(text))
    if found is None:
        sentence = N_("{typed} is not a time. Write day and time such as 2026-11-23 14:30.")
        raise refuse("registration.no_time", sentence, typed=quoted(text))
    year, month, day, hour, minute = (int(part) for part in found.groups())
    return moment_in(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")


def _yes_or_no(text: str) -> bool:
    said = _YES_NO.get(narrow(text).lower())
    if said is None:
        raise refuse("field.bool_parsing", N_("Choose yes or no."))
    return said


SHEET = Sheet(ImportKind.CONTAINERS, COLUMNS, _plain_number, keep, named_by="number", fetch=look_up)
