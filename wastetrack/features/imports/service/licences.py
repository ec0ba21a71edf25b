"""A row for each licence, known by its number."""

from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_, Several
from wastetrack.features.imports import queries
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, at_columns, left, organisation_id
from wastetrack.features.imports.service.sheets import Sheet, identity
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Licence

FIELDS = {
    "organisation_id": "organisation", "kind": "kind", "number": "number", "valid_from": "valid_from",
    "valid_until": "valid_until", "scope": "scope", "modes": "modes", "yearly_quantity_g": "yearly_quantity",
}  # fmt: skip
_CELLS = {name: key for name, key in FIELDS.items() if name != "organisation_id"}

COLUMNS = (
    Column("organisation", N_("Code of the organisation"),
           N_("The unified social credit code, or the medical licence number of a clinic without one."), required=True,
           form=Form.CODE, width=22, example="91130102MA0000058R"),
    Column("kind", N_("Kind"), N_("One of the list."), required=True, form=Form.TERM, terms=LicenceKind, width=24,
           example="危险废物经营许可证"),
    Column("number", N_("Licence number"), N_("As on the licence."), required=True, form=Form.CODE, width=20,
           example="冀危许YS0001"),
    Column("valid_from", N_("Valid from"), N_("First day, with the year first, such as 2026-01-02."), required=True,
           form=Form.DAY, width=14, example="2025-01-01"),
    Column("valid_until", N_("Valid until"), N_("Last day, with the year first, such as 2026-01-02."), required=True,
           form=Form.DAY, width=14, example="2028-12-31"),
    Column("scope", N_("Scope"), N_("Waste codes and categories with blanks or commas between them, such as "
           "841-001-01 HW08."), required=True, width=36, example="HW01 900-249-08"),
    Column("modes", N_("Treatment modes"), N_("Codes such as Y10, of an operating licence; empty for a carrier."),
           form=Form.TERMS, terms=TreatmentMode, width=16, example="Y10、D10"),
    Column("yearly_quantity", N_("Yearly quantity (t)"), N_("A number in t, of an operating licence."), width=14,
           example="20000"),
)  # fmt: skip


def keep(desk: Desk, row: Row) -> Outcome:
    """Add the licence, or enter its new dates; anything else of a licence is not changed by a file."""
    slip = Slip(desk, row)
    one = slip.organisation()
    given = {"organisation_id": organisation_id(one), "act_key": desk.key(row)}
    add = slip.fill(service.AddLicence, _CELLS, given)
    stored = next(
        (paper for paper in parties.licences_of(desk.work.session, add.organisation_id) if paper.number == add.number),
        None,
    )
    if stored is None:
        with at_columns(FIELDS):
            made = service.add_licence(desk.work, add)
        return Outcome(Verdict.NEW, _unlisted(desk, made))
    remarks = tuple(_differences(row, stored, add))
    if (stored.valid_from, stored.valid_until) == (add.valid_from, add.valid_until):
        return Outcome(Verdict.DIFFERS if remarks else Verdict.SAME, remarks)
    change = service.ChangeLicenceDates(
        organisation_id=add.organisation_id, licence_id=stored.id, valid_from=add.valid_from,
        valid_until=add.valid_until, reason=desk.reason, act_key=desk.key(row),
    )  # fmt: skip
    with at_columns(FIELDS):
        service.change_licence_dates(desk.work, change)
    return Outcome(Verdict.CHANGED, remarks)


def _unlisted(desk: Desk, made: Licence) -> tuple[Problem, ...]:
    """Say which codes of the scope the national list does not have: taken as they stand, and to be looked at twice."""
    codes = queries.unlisted(desk.work.session, made, local_day(desk.work.now))
    if not codes:
        return ()
    sentence = N_("These codes are not in the national list in use: {codes}. Compare them with the licence.")
    return (Problem("import.unlisted", sentence, {"codes": Several(tuple(codes))}, "scope"),)


def _differences(row: Row, stored: Licence, sent: service.AddLicence) -> list[Problem]:
    modes = " ".join(mode.value for mode in TreatmentMode if mode in sent.modes)
    told: list[tuple[str, Fact, Fact]] = [
        ("kind", stored.kind, sent.kind),
        ("scope", stored.scope, sent.scope),
        ("modes", stored.modes, modes),
        ("yearly_quantity", _grams(stored.yearly_quantity_g), sent.yearly_quantity_g),
    ]
    return [left(key, held, said) for key, held, said in told if row[key] and held != said]


def _grams(quantity: int | None) -> Grams | None:
    return None if quantity is None else Grams(quantity)


SHEET = Sheet(ImportKind.LICENCES, COLUMNS, identity("number"), keep, named_by="number")
