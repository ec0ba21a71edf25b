"""A row for each organisation, known by its credit code, or a clinic by its medical licence number."""

from typing import Any

from wastetrack.domain.credit_code import CreditCode, credit_code_doubts, parse_credit_code
from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.medical_licence import parse_medical_licence
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.problems import Kind, Problem, refuse
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, at_columns
from wastetrack.features.imports.service.sheets import Sheet
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility, Organisation

FIELDS = {
    name: name
    for name in (
        "name", "kinds", "credit_code", "medical_licence_no", "region_code", "address", "contact", "phone",
        "emergency_phone", "beds", "legal_representative", "industry_code", "industry_name", "latitude_e6",
        "longitude_e6",
    )
} | {"station_facility_id": "station"}  # fmt: skip
LEFT_AS_IT_IS = (
    "credit_code", "medical_licence_no", "beds", "station_facility_id", "legal_representative", "industry_code",
    "industry_name", "latitude_e6", "longitude_e6",
)  # fmt: skip
"""What an empty cell says nothing of."""
_FROM_CELLS = {name: key for name, key in FIELDS.items() if key != "station"}

COLUMNS = (
    Column("name", N_("Name"), N_("As on the licence, at most 120 characters."), required=True, width=30,
           example="演示县人民医院"),
    Column("kinds", N_("Kinds"), N_("One or several of the list, with 、 or a comma between them."), required=True,
           form=Form.TERMS, terms=OrganisationKind, width=22, example="医院"),
    Column("credit_code", N_("Unified social credit code"),
           N_("18 characters. Only a clinic or village health room may have none."), form=Form.CODE, width=22,
           example="12130123MA0000015Y"),
    Column("medical_licence_no", N_("Medical licence number"),
           N_("Of a clinic or village health room without a credit code."), form=Form.CODE, width=26),
    Column("region_code", N_("Region"),
           N_("County or district, township or village: its code such as 130123, or its name such as 石家庄市正定县."),
           required=True, form=Form.REGION, width=24, example="130123"),
    Column("address", N_("Address"), N_("Street and number."), required=True, width=30, example="演示路1号"),
    Column("contact", N_("Contact"), N_("Whom to ask for."), required=True, example="演示联系人"),
    Column("phone", N_("Telephone"), N_("Digits; blanks, dashes and brackets may stand between them."), required=True,
           example="0311-00000000"),
    Column("emergency_phone", N_("Emergency telephone"), N_("Answered day and night."), required=True,
           example="0311-00000001"),
    Column("beds", N_("Beds"), N_("Of a hospital or clinic; a whole number. Empty leaves what is recorded."),
           width=8, example="300"),
    Column("station", N_("Hands in at"),
           N_("Of a clinic: the code of the station's organisation. If it has several stores: a blank, then the "
              "store's code. The station has to be entered first."), form=Form.CODE, width=24),
    Column("legal_representative", N_("Legal representative"), N_("Empty leaves what is recorded."),
           example="演示负责人"),
    Column("industry_code", N_("Industry code"), N_("By GB/T 4754, such as Q8411."), form=Form.CODE, width=12,
           example="Q8411"),
    Column("industry_name", N_("Branch of industry"), N_("As the classification calls it."), example="综合医院"),
    Column("latitude_e6", N_("Latitude"), N_("Decimal degrees, such as 38.042307."), width=14, example="38.146350"),
    Column("longitude_e6", N_("Longitude"), N_("Decimal degrees, such as 114.514860."), width=14,
           example="114.570940"),
)  # fmt: skip


def keep(desk: Desk, row: Row) -> Outcome:
    """Enter the organisation, or change it where the row says something else."""
    slip = Slip(desk, row)
    one = _known(slip)
    station = slip.get("station", lambda text: _station(desk, text))
    doubts = _doubts(slip)
    if one is None:
        given: dict[str, Any] = {"station_facility_id": station, "act_key": desk.key(row)}
        create = slip.fill(service.CreateOrganisation, _FROM_CELLS, given)
        with at_columns(FIELDS):
            service.create_organisation(desk.work, create)
        return Outcome(Verdict.NEW, doubts)
    kinds = frozenset(parties.kinds_of(desk.work.session, one.id))
    stored = {name: getattr(one, name) for name in FIELDS if name != "kinds"} | {"kinds": kinds}
    given = {name: stored[name] for name in LEFT_AS_IT_IS}
    given |= {"station_facility_id": station} if station else {}
    given |= {"organisation_id": one.id, "version": one.version, "act_key": desk.key(row)}
    change = slip.fill(service.ChangeOrganisation, _FROM_CELLS, given)
    if all(getattr(change, name) == stored[name] for name in FIELDS):
        return Outcome(Verdict.SAME)
    with at_columns(FIELDS):
        service.change_organisation(desk.work, change)
    return Outcome(Verdict.CHANGED, doubts)


def _known(slip: Slip) -> Organisation | None:
    """Return the organisation that the row is about; both of its codes must lead to the same one."""
    slip.code("credit_code")
    slip.code("medical_licence_no")
    session = slip.desk.work.session
    code = slip.get("credit_code", parse_credit_code)
    number = slip.get("medical_licence_no", parse_medical_licence)
    # A code that nobody had may have come in with a row before this one; then the row was named as a repetition.
    by_code = parties.by_credit_code(session, code) if code and code not in slip.desk.absent else None
    by_number = parties.by_medical_licence(session, number) if number else None
    if by_code is not None and by_number is not None and by_code.id != by_number.id:
        raise refuse(
            "import.two_organisations",
            N_("The credit code is that of {one}, the medical licence number that of {other}. Check both."),
            field="medical_licence_no",
            kind=Kind.CONFLICT,
            one=by_code.name,
            other=by_number.name,
        )
    return by_code or by_number


def _doubts(slip: Slip) -> tuple[Problem, ...]:
    code = slip.get("credit_code", parse_credit_code)
    return tuple(credit_code_doubts(CreditCode(code))) if code else ()


def _station(desk: Desk, text: str) -> Any:
    """Return the store that a cell names: by the code of its organisation, and its own where there are several."""
    organisation_code, _blank, store_code = text.strip().partition(" ")
    session = desk.work.session
    holder = parties.by_credit_code(session, compact(organisation_code))
    stores = parties.facilities_of(session, holder.id) if holder else []
    fitting = [store for store in stores if _takes(store) and store_code.strip() in ("", store.code)]
    if len(fitting) != 1:
        sentence = N_(
            "This names no store of a station, or several. Write the station's code, a blank, the store's code."
        )
        raise refuse("import.station", sentence)
    return fitting[0].id


def _takes(store: Facility) -> bool:
    return store.kind in {FacilityKind.STATION_STORE, FacilityKind.HUB_STORE}


def _identity(row: Row) -> str:
    return compact(row["credit_code"]) or compact(row["medical_licence_no"])


SHEET = Sheet(ImportKind.ORGANISATIONS, COLUMNS, _identity, keep)
