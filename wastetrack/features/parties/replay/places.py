"""How sites, stores with their time limits and signs, departments, and time limits of regions follow from events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from wastetrack.domain.ledger import moment
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.regions import codes_in
from wastetrack.domain.storage_time import LocalLimit, StoreGroup, group_of, next_turn
from wastetrack.features.ledger.service.replaying import Change, OneOf, Put, Rows, Told, Value
from wastetrack.features.parties.models import (
    Department,
    Facility,
    PresenceCode,
    RegionTimeLimit,
    Site,
    StoreTimeLimit,
    StoreZone,
)

SITES, FACILITIES, DEPARTMENTS = Site.__tablename__, Facility.__tablename__, Department.__tablename__
SIGNS, ZONES = PresenceCode.__tablename__, StoreZone.__tablename__
STORE_LIMITS, REGION_LIMITS = StoreTimeLimit.__tablename__, RegionTimeLimit.__tablename__

_LIMITS = ("kind", "temperature", "mass_limit_g", "count_limit", "volume_limit_l")
_TIME_LIMIT = ("hours", "first_day", "last_day", "document", "document_day", "reason")


def site_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a site."""
    yield Put(SITES, (told.facts["id"],), {"organisation_id": told.thing, **_place(told)})


def site_changed(rows: Rows, told: Told) -> Iterator[Change]:
    """Correct a site; its stores lie where it lies."""
    yield Put(SITES, (told.facts["id"],), _place(told))
    for store in rows.where(FACILITIES, "site_id", told.facts["id"]):
        moved = {**store, "region_code": told.facts["region"]}
        limited = _limited(rows, store, told.recorded_at) or _limited(rows, moved, told.recorded_at)
        values = {"region_code": told.facts["region"], "has_time_limits": store["has_time_limits"] or limited}
        yield Put(FACILITIES, (store["id"],), values)


def facility_added(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a store with the sign on its wall; it lies where its site lies."""
    site: Mapping[str, Any] = rows.get(SITES, told.facts["site"]) or {}
    values = {
        "organisation_id": told.thing,
        "site_id": told.facts["site"],
        "name": told.said("name"),
        "code": told.facts["code"],
        "region_code": site.get("region_code"),
        "recount_at": None,
        **told.all_said(_LIMITS),
    }
    values["has_time_limits"] = _limited(rows, values, told.recorded_at)
    yield Put(FACILITIES, (told.facts["id"],), values)
    yield Put(SIGNS, (told.facts["id"], told.recorded_at), {"replaced_at": None})


def facility_changed(rows: Rows, told: Told) -> Iterator[Change]:
    """Give a store other limits, or make it another kind of store."""
    store = rows.get(FACILITIES, told.facts["id"])
    values = told.all_said(_LIMITS)
    if store is not None:
        limited = [_limited(rows, one, told.recorded_at) for one in (store, {**store, **values})]
        values["has_time_limits"] = store["has_time_limits"] or any(limited)
    yield Put(FACILITIES, (told.facts["id"],), values)


def zone_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a zone of a store."""
    values = {"organisation_id": told.thing, "facility_id": told.facts["facility"], "name": told.facts["name"]}
    yield Put(ZONES, (told.facts["id"],), {**values, "closed_at": None})


def zone_opened(_rows: Rows, told: Told) -> Iterator[Change]:
    """Open a zone again that was closed."""
    yield Put(ZONES, (told.facts["id"],), {"closed_at": None})


def zone_closed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Close a zone."""
    yield Put(ZONES, (told.facts["id"],), {"closed_at": told.recorded_at})


def sign_replaced(rows: Rows, told: Told) -> Iterator[Change]:
    """Replace the sign of a store."""
    facility = told.facts["id"]
    for row in rows.where(SIGNS, "facility_id", facility):
        if row["replaced_at"] is None:
            yield Put(SIGNS, rows.key_of(SIGNS, row), {"replaced_at": told.recorded_at})
    yield Put(SIGNS, (facility, told.recorded_at), {"replaced_at": None})


def department_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a department."""
    yield Put(DEPARTMENTS, (told.facts["id"],), {"organisation_id": told.thing, "name": told.facts["name"]})


def store_limited(rows: Rows, told: Told) -> Iterator[Change]:
    """Enter a time limit of a store."""
    facility = told.facts["facility"]
    number = len(rows.where(STORE_LIMITS, "facility_id", facility)) + 1
    values = {
        "organisation_id": told.thing,
        "facility_id": facility,
        "number": number,
        "recorded_at": told.recorded_at,
        **told.all_said(_TIME_LIMIT),
    }
    yield Put(STORE_LIMITS, (told.facts["id"],), values)
    yield Put(FACILITIES, (facility,), {"has_time_limits": True})


def region_limited(rows: Rows, told: Told) -> Iterator[Change]:
    """Enter a time limit of a region."""
    values = {
        "region_code": told.thing,
        "number": len(rows.where(REGION_LIMITS, "region_code", told.thing)) + 1,
        "recorded_at": told.recorded_at,
        "recorded_by": told.actor_id,
        **told.all_said(("stores", *_TIME_LIMIT)),
    }
    yield Put(REGION_LIMITS, (told.facts["id"],), values)


def looked_at_next(rows: Rows, now: datetime) -> Iterator[Change]:
    """Say when the limits of a store turn next, and that those of its region concern it: sweeps find both."""
    for store in rows.all(FACILITIES):
        own = sorted(rows.where(STORE_LIMITS, "facility_id", store["id"]), key=lambda row: row["number"])
        if own:
            yield Put(FACILITIES, (store["id"],), {"recount_at": _turning(own, now)})
        above = _above(rows, store, moment(now))
        if above and not store["has_time_limits"]:
            done = any(_is_done(rows, one) for one in above)
            yield Put(FACILITIES, (store["id"],), {"has_time_limits": True if done else OneOf((False, True))})


def _turning(own: list[Mapping[str, Value]], now: datetime) -> Value:
    """Return when a sweep may next have something to do: the limits just entered, or one that begins or ends."""
    limits = [_as_limit(row) for row in own]
    found: list[Value] = [own[-1]["recorded_at"]]
    at: datetime | None = _read(own[-1]["recorded_at"])
    while at is not None and at <= now:
        at = next_turn(limits, at)
        found.append(moment(at) if at else None)
    return OneOf(tuple(found))


def _is_done(rows: Rows, limit: Mapping[str, Value]) -> bool:
    """Tell whether all stores of a region have been told of a limit; how far that is no event says."""
    stands = rows.stands(REGION_LIMITS, limit["id"]) or {}
    return not stands.get("again", True) and stands.get("done_to") is None


def _limited(rows: Rows, store: Mapping[str, Value], at: str) -> bool:
    return bool(_above(rows, store, at))


def _above(rows: Rows, store: Mapping[str, Value], at: str) -> list[Mapping[str, Value]]:
    """Return the limits that the region of a store and those above it had set for such stores by a moment."""
    region = rows.get("regions", store["region_code"])
    group: StoreGroup = group_of(FacilityKind(store["kind"]), Temperature(store["temperature"]))  # type: ignore[call-arg]
    return [
        row
        for code in (codes_in(region["path"]) if region else ())
        for row in rows.where(REGION_LIMITS, "region_code", code)
        if row["stores"] == group.value and row["recorded_at"] <= at
    ]


def _as_limit(row: Mapping[str, Value]) -> LocalLimit:
    days = [datetime.fromisoformat(row[name]).date() if row[name] else None for name in ("first_day", "last_day")]
    assert days[0] is not None  # noqa: S101  (every limit has a first day)
    return LocalLimit(row["hours"], days[0], days[1], _read(row["recorded_at"]))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _place(told: Told) -> dict[str, Value]:
    return {"name": told.facts["name"], "region_code": told.facts["region"], "address": told.said("address")}
