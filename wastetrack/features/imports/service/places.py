"""A row for each store with its site; a row without a store is a site alone."""

from typing import Any

from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.problems import Problem
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, at_columns, left
from wastetrack.features.imports.service.sheets import Sheet
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Facility, Organisation, Site

SITE = {"organisation_id": "organisation", "name": "site", "region_code": "region_code", "address": "address"}
LIMITS = {"kind": "kind", "temperature": "temperature", "mass_limit_g": "mass_limit", "count_limit": "count_limit",
          "volume_limit_l": "volume_limit"}  # fmt: skip
STORE = {"organisation_id": "organisation", "site_id": "site", "code": "code", "name": "name", **LIMITS}
_ADD_STORE = {name: key for name, key in STORE.items() if not name.endswith("_id")}
_ADD_SITE = {name: key for name, key in SITE.items() if not name.endswith("_id")}

COLUMNS = (
    Column("organisation", N_("Code of the organisation"),
           N_("The unified social credit code, or the medical licence number of a clinic without one."), required=True,
           form=Form.CODE, width=22, example="12130123MA0000015Y"),
    Column("site", N_("Site"), N_("Name of the place where the store stands. A site that is not there yet is added."),
           required=True, width=20, example="本部"),
    Column("region_code", N_("Region"), N_("Of the site; empty means that of the organisation."), form=Form.REGION,
           width=20),
    Column("address", N_("Address"), N_("Of the site; empty means that of the organisation."), width=28),
    Column("code", N_("Code of the store"), N_("At most 20 characters; empty when the row is for the site only."),
           form=Form.CODE, width=12, example="TS001"),
    Column("name", N_("Name of the store"), N_("As people there call it."), width=24, example="医疗废物暂存间"),
    Column("kind", N_("Kind"), N_("One of the list."), form=Form.TERM, terms=FacilityKind, width=20,
           example="医疗废物暂存间"),
    Column("temperature", N_("Temperature"), N_("One of the list; empty means at or above 5 °C."), form=Form.TERM,
           terms=Temperature, width=14, example="5 ℃及以上"),
    Column("mass_limit", N_("Limit of mass (kg)"), N_("A number in kg. Empty leaves what is recorded."), width=14,
           example="500"),
    Column("count_limit", N_("Limit of containers"), N_("A whole number. Empty leaves what is recorded."), width=12),
    Column("volume_limit", N_("Limit of volume (litres)"), N_("A whole number. Empty leaves what is recorded."),
           width=14),
)  # fmt: skip


def keep(desk: Desk, row: Row) -> Outcome:
    """Add the site where it is not there, or correct it; then the store, or change the store's limits."""
    slip = Slip(desk, row)
    one = slip.organisation()
    known = _site(desk, one, row["site"]) if one else None
    given = {"organisation_id": one.id, "region_code": one.region_code, "address": one.address} if one else {}
    add_site = slip.fill(service.AddSite, _ADD_SITE, {**given, "act_key": desk.key(row, "s")})
    assert one is not None  # noqa: S101  (without it the command is refused)
    with at_columns(SITE):
        site, verdict = _keep_site(desk, row, known, add_site)
    if not any(row[key] for key in STORE.values() if key not in SITE.values()):
        return Outcome(verdict)
    return _keep_store(slip, one, site, verdict)


def _keep_site(desk: Desk, row: Row, known: Site | None, sent: service.AddSite) -> tuple[Site, Verdict]:
    """Add the site, or correct region and address where the row says another; by its name it is known."""
    if known is None:
        return service.add_site(desk.work, sent), Verdict.NEW
    region = sent.region_code if row["region_code"] else known.region_code
    address = sent.address if row["address"] else known.address
    if (region, address) == (known.region_code, known.address):
        return known, Verdict.SAME
    change = service.ChangeSite(
        organisation_id=known.organisation_id, site_id=known.id, name=known.name, region_code=region, address=address,
        reason=desk.reason, act_key=desk.key(row, "c"),
    )  # fmt: skip
    return service.change_site(desk.work, change), Verdict.CHANGED


def _keep_store(slip: Slip, one: Organisation, site: Site, of_site: Verdict) -> Outcome:
    desk, row = slip.desk, slip.row
    store = _store(desk, one, row["code"])
    if store is None:
        given: dict[str, Any] = {"organisation_id": one.id, "site_id": site.id, "act_key": desk.key(row, "f")}
        add = slip.fill(service.AddFacility, _ADD_STORE, given)
        with at_columns(STORE):
            service.add_facility(desk.work, add)
        return Outcome(Verdict.NEW)
    remarks = _store_differs(row, store, site)
    stored = {name: getattr(store, name) for name in LIMITS}
    ids = {"organisation_id": one.id, "facility_id": store.id, "reason": desk.reason, "act_key": desk.key(row, "f")}
    change = slip.fill(service.ChangeFacility, LIMITS, {**_as_typed(stored), **ids})
    if all(getattr(change, name) == stored[name] for name in LIMITS):
        otherwise = of_site if of_site is Verdict.CHANGED else Verdict.SAME
        return Outcome(Verdict.DIFFERS if remarks else otherwise, tuple(remarks))
    with at_columns(STORE):
        service.change_facility(desk.work, change)
    return Outcome(Verdict.CHANGED, tuple(remarks))


def _as_typed(stored: dict[str, Any]) -> dict[str, Any]:
    """Return stored values as a command takes them: a mass in grams is one already."""
    grams = {name: Grams(value) for name, value in stored.items() if name == "mass_limit_g" and value is not None}
    return {**stored, **grams}


def _site(desk: Desk, one: Organisation, name: str) -> Site | None:
    return next((site for site in parties.sites_of(desk.work.session, one.id) if site.name == name), None)


def _store(desk: Desk, one: Organisation, code: str) -> Facility | None:
    return next((store for store in parties.facilities_of(desk.work.session, one.id) if store.code == code), None)


def _store_differs(row: Row, store: Facility, site: Site) -> list[Problem]:
    remarks = [left("name", store.name, row["name"])] if row["name"] and row["name"] != store.name else []
    if store.site_id != site.id:
        sentence = N_("The store is recorded at another site. An import does not move it: do it by hand.")
        remarks.append(Problem("import.left", sentence, field="site"))
    return remarks


def _identity(row: Row) -> str:
    if not (row["organisation"] and row["site"]):
        return ""
    return f"{compact(row['organisation'])}|{'store ' + row['code'] if row['code'] else 'site ' + row['site']}"


SHEET = Sheet(ImportKind.SITES, COLUMNS, _identity, keep, named_by="site")
