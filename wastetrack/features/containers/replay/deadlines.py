"""By when everything must have left where it is: reckoned by the rules, because time limits turn without events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from wastetrack.domain.containers import State
from wastetrack.domain.ledger import moment
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.regions import codes_in
from wastetrack.domain.storage_time import (
    OWN,
    LocalLimit,
    StoreGroup,
    WayStation,
    group_of,
    leaves_institution_by,
    must_leave,
)
from wastetrack.domain.storing import may_stand
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.service.replaying import UNSAID, Change, OneOf, Put, Rows, Value

CONTAINERS = Container.__tablename__


def reckoned(rows: Rows, now: datetime) -> Iterator[Change]:
    """Reckon by the rules of `domain.storage_time` when everything must leave where it is: limits turn without events.

    What is in no store yet may also hold what its registration said: a store that was built since changes nothing.
    """
    limits = _Limits(rows, now)
    for row in rows.all(CONTAINERS):
        if row.get("holder_facility_id"):
            value = _leaves_store(limits, row)
        elif row.get("state") == State.SEALED:
            value = _either([row["must_leave_by"], *_leaves_producer(limits, row)])
        else:
            continue
        yield Put(CONTAINERS, (row["id"],), {"must_leave_by": value})


def _leaves_store(limits: "_Limits", row: Mapping[str, Value]) -> Value:
    store = limits.rows.get("facilities", row["holder_facility_id"])
    if store is None or UNSAID in (row["entered_at"], row["sealed_at"]):
        return UNSAID
    kind, temperature = FacilityKind(store["kind"]), Temperature(store["temperature"])  # type: ignore[call-arg]
    found: list[Value] = []
    for at, local in limits.of_store(store):
        deadline = must_leave(
            medical=row["medical"],
            waste_code=row["waste_code"],
            kind=kind,
            temperature=temperature,
            sealed_at=_read(row["sealed_at"]),
            entered_at=_read(row["entered_at"] or row["sealed_at"]),
            local=local,
            now=at,
        )
        found.append(moment(deadline.at) if deadline else None)
    return _either(found)


def _leaves_producer(limits: "_Limits", row: Mapping[str, Value]) -> Iterator[Value]:
    for at, places in limits.of_producer(row["producer_id"], row["medical"]):
        leaves = leaves_institution_by(row["medical"], row["waste_code"], _read(row["sealed_at"]), places, at)
        yield moment(leaves) if leaves else None


def _either(values: Sequence[Value]) -> Value:
    """Return the one value that all agree in, else that each of them is right."""
    if UNSAID in values:
        return UNSAID
    several = tuple(dict.fromkeys(values))
    return several[0] if len(several) == 1 else OneOf(several)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass
class _Limits:
    """The time limits of stores and regions as they are now, and as they were before what is still being reckoned."""

    rows: Rows
    now: datetime
    _stores: dict[str, list[tuple[datetime, list[LocalLimit]]]] = field(default_factory=dict)
    _producers: dict[tuple[str, bool], list[tuple[datetime, list[WayStation]]]] = field(default_factory=dict)

    def of_store(self, store: Mapping[str, Value]) -> list[tuple[datetime, list[LocalLimit]]]:
        """Return the limits of a store and its regions, by the moments at which they may have been looked at."""
        if store["id"] not in self._stores:
            group = group_of(FacilityKind(store["kind"]), Temperature(store["temperature"]))  # type: ignore[call-arg]
            own = sorted(
                self.rows.where("store_time_limits", "facility_id", store["id"]), key=lambda one: one["number"]
            )
            above = self._above(store["region_code"], group)
            turning = [*self._due(store), *(row["recorded_at"] for row in own)] if self._due(store) else []
            turning += [at for row, _level, _name in above if self._under_way(row) for at in self._before(row)]
            limits = [_limit(row, level, name) for row, level, name in above] + [_limit(row) for row in own]
            self._stores[store["id"]] = self._looked_at(limits, turning)
        return self._stores[store["id"]]

    def of_producer(self, producer_id: str, medical: bool) -> list[tuple[datetime, list[WayStation]]]:
        """Return where a producer's waste may come to stand, by the same moments."""
        if (producer_id, medical) not in self._producers:
            stores = [
                one
                for one in self.rows.where("facilities", "organisation_id", producer_id)
                if may_stand(medical, FacilityKind(one["kind"]))  # type: ignore[call-arg]
            ]
            moments = {at for one in stores for at, _local in self.of_store(one)} or {self.now}
            self._producers[producer_id, medical] = [
                (at, self._places(producer_id, stores, medical, at)) for at in sorted(moments)
            ]
        return self._producers[producer_id, medical]

    def _places(
        self, producer_id: str, stores: Sequence[Mapping[str, Value]], medical: bool, at: datetime
    ) -> list[WayStation]:
        if stores:
            return [
                WayStation(FacilityKind(one["kind"]), Temperature(one["temperature"]), self._local(one, at))  # type: ignore[call-arg]
                for one in stores
            ]
        producer = self.rows.get("organisations", producer_id)
        if not medical or producer is None:
            return []
        above = self._above(producer["region_code"], StoreGroup.INSTITUTION)
        return [WayStation(None, Temperature.AMBIENT, [_limit(row, level, name) for row, level, name in above])]

    def _local(self, store: Mapping[str, Value], at: datetime) -> list[LocalLimit]:
        return next((local for when, local in self.of_store(store) if when == at), self.of_store(store)[-1][1])

    def _above(self, code: str, group: StoreGroup) -> list[tuple[Mapping[str, Value], int, str]]:
        """Return the limits of a region and those above it, the farthest first."""
        region = self.rows.get("regions", code)
        found = []
        for above in codes_in(region["path"]) if region else ():
            here = self.rows.where("region_time_limits", "region_code", above)
            place = self.rows.get("regions", above) if here else None
            if place is not None:
                level = len(codes_in(place["path"]))
                chosen = sorted((row for row in here if row["stores"] == group), key=lambda row: row["number"])
                found += [(row, level, place["name"]) for row in chosen]
        return found

    def _looked_at(self, limits: list[LocalLimit], turning: Sequence[str]) -> list[tuple[datetime, list[LocalLimit]]]:
        moments = {_read(at) - timedelta(microseconds=1) for at in turning if at}
        earlier = [(at, [one for one in limits if one.recorded_at <= at]) for at in sorted(moments)]
        return [*earlier, (self.now, limits)]

    def _due(self, store: Mapping[str, Value]) -> list[str]:
        """Return when the limits of a store were to be looked at, if that is still to be done."""
        at = self._progress("facilities", store).get("recount_at")
        return [at] if at and _read(at) <= self.now else []

    def _under_way(self, row: Mapping[str, Value]) -> bool:
        stands = self._progress("region_time_limits", row)
        at = stands.get("recount_at")
        return (at is not None and _read(at) <= self.now) or stands.get("done", 0) < stands.get("total", 0)

    def _before(self, row: Mapping[str, Value]) -> tuple[str, str | None]:
        return row["recorded_at"], self._progress("region_time_limits", row).get("recount_at")

    def _progress(self, table: str, row: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return a row as it stands: how far scheduled work is no event says."""
        return self.rows.stands(table, row["id"]) or {}


def _limit(row: Mapping[str, Value], level: int = OWN, place: str = "") -> LocalLimit:
    last = row["last_day"]
    return LocalLimit(
        hours=row["hours"],
        first_day=date.fromisoformat(row["first_day"]),
        last_day=date.fromisoformat(last) if last else None,
        recorded_at=_read(row["recorded_at"]),
        document=row["document"],
        cited=bool(row["document"] and row["document_day"]),
        level=level,
        place=place,
    )
