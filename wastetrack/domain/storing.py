"""What may stand in which store, and when a store is too full or something stands too long in it.

Everything is judged at the exact threshold: overdue from the very moment, too full from the first gram above.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wastetrack.domain.alerts import STORAGE_POINT_MOST, WARN_BEFORE, Limit, Stock
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.problems import Problem
from wastetrack.domain.storage_time import LocalLimit, hours_by_law, local_limit
from wastetrack.domain.words import N_

MEDICAL_PLACES = frozenset(
    {
        FacilityKind.MEDICAL_STORE,
        FacilityKind.COLD_STORE,
        FacilityKind.STATION_STORE,
        FacilityKind.HUB_STORE,
        FacilityKind.PLANT_STORE,
    }
)
"""Where medical waste may stand: apart from other waste and never in the open, so in no yard, pool or tank farm.

Medical Waste Regulation, Arts. 16 and 17; GB 39707-2020.
"""

OTHER_PLACES = frozenset(
    {
        FacilityKind.WAREHOUSE,
        FacilityKind.YARD,
        FacilityKind.POOL,
        FacilityKind.TANK_FARM,
        FacilityKind.STORAGE_POINT,
        FacilityKind.PLANT_STORE,
    }
)
"""Where other hazardous waste may stand: the kinds of store of GB 18597-2023, and the plant."""

WARN_SHARE = 0.8
"""Share of a limit from which a store is shown as filling up (rules S-03 and S-04)."""


class Store(Protocol):
    """What the rules need to know of a storage facility."""

    kind: FacilityKind
    mass_limit_g: int | None
    count_limit: int | None
    volume_limit_l: int | None
    temperature: Temperature


def may_stand(medical: bool, kind: FacilityKind) -> bool:
    """Tell whether such waste may stand in a store of this kind."""
    return kind in (MEDICAL_PLACES if medical else OTHER_PLACES)


def wrong_place(code: str, medical: bool, kind: FacilityKind, field: str = "code") -> list[Problem]:
    """Return the problem of putting a container into a store that is not for its sort of waste; empty when it fits."""
    if may_stand(medical, kind):
        return []
    facts = {"code": code, "kind": kind}
    if medical:
        sentence = N_("{code} is medical waste and must not stand here ({kind}). Put it into the medical waste store.")
        return [Problem("store.not_for_medical", sentence, facts, field, basis=N_("Medical Waste Regulation, Art. 17"))]
    sentence = N_("{code} is not medical waste and must not stand here ({kind}). Put it into the warehouse.")
    return [Problem("store.only_medical", sentence, facts, field, basis="GB 18597-2023")]


def mass_limit(store: Store) -> Grams | None:
    """Return the most that may stand in a store by mass: its own limit, and never above 3 t at a storage point."""
    limits = [Grams(store.mass_limit_g)] if store.mass_limit_g is not None else []
    if store.kind is FacilityKind.STORAGE_POINT:
        limits.append(STORAGE_POINT_MOST)
    return min(limits, default=None)


def limits_broken(store: Store, *, mass: int, count: int, volume_l: int) -> list[Limit]:
    """Return the quantity limits that what stands in a store is above; exactly the limit is not above it."""
    stock = Stock(mass, count, volume_l, store.mass_limit_g, store.count_limit, store.volume_limit_l)
    broken = [Limit.CAPACITY] if stock.above else []
    if store.kind is FacilityKind.STORAGE_POINT and mass > STORAGE_POINT_MOST:
        broken.append(Limit.STORAGE_POINT)
    return broken


def time_limit(store: Store, local: Sequence[LocalLimit] = (), at: datetime | None = None) -> Limit:
    """Return by which rule time runs in a store at a moment (as `storage_time.must_leave` applies it)."""
    by_law = hours_by_law(store.kind, store.temperature)
    if at is not None and local_limit(local, at, by_law) is not None:
        return Limit.LOCAL_TIME
    if store.kind is not FacilityKind.PLANT_STORE:
        return Limit.INSTITUTION_TIME
    return Limit.PLANT_TIME_COLD if store.temperature is Temperature.COLD else Limit.PLANT_TIME


def overdue(must_leave_by: datetime | None, now: datetime) -> bool:
    """Tell whether a container should have left: from the very moment of its deadline on."""
    return must_leave_by is not None and must_leave_by <= now


def due_soon(must_leave_by: datetime | None, now: datetime) -> bool:
    """Tell whether the deadline is near, but not yet reached."""
    return must_leave_by is not None and must_leave_by - WARN_BEFORE <= now < must_leave_by
