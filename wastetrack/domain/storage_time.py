"""How long waste may stand where it stands, and from when that is counted.

- Medical waste at the institution and on its way through township stations: two days (48 h) from sealing. Medical
  Waste Regulation (医疗废物管理条例) Art. 17; rule H-01. The clock is carried along: another room, another store or a
  hand-over to a station does not reset it.
- At the disposal site: 24 h at or above 5 °C, 72 h below, from receipt. GB 39707-2020, 5.4.6; rules H-05 and H-06.
- Chemical and pharmaceutical medical waste at the plant follows GB 18597 instead (GB 39707-2020, 5.4.7): no hours.
- Other hazardous waste has no statutory hours at the producer; one year binds licensed operators (Code Art. 535 (3)).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wastetrack.domain.alerts import Limit
from wastetrack.domain.parties import FacilityKind, Temperature

INSTITUTION = timedelta(hours=48)
PLANT = timedelta(hours=24)
PLANT_COLD = timedelta(hours=72)
WARN_BEFORE = timedelta(hours=12)
"""H-01 warns first at 36 hours, twelve before the limit; the plant's rules follow the same distance at most."""

_BY_GB_18597 = frozenset({"841-004-01", "841-005-01"})


@dataclass(frozen=True)
class Deadline:
    """When something must have left its store, and by which rule."""

    at: datetime
    limit: Limit


def must_leave(
    *,
    medical: bool,
    waste_code: str,
    kind: FacilityKind | None,
    temperature: Temperature,
    sealed_at: datetime,
    entered_at: datetime,
) -> Deadline | None:
    """Return by when a container must have left the store it stands in, None where the law sets no hours.

    `kind` is None before it is in any store; `entered_at` is when it came into this one.
    """
    if not medical:
        return None
    if kind is not FacilityKind.PLANT_STORE:
        return Deadline(sealed_at + INSTITUTION, Limit.INSTITUTION_TIME)
    if waste_code in _BY_GB_18597:
        return None
    if temperature is Temperature.COLD:
        return Deadline(entered_at + PLANT_COLD, Limit.PLANT_TIME_COLD)
    return Deadline(entered_at + PLANT, Limit.PLANT_TIME)


def leaves_institution_by(medical: bool, waste_code: str, sealed_at: datetime) -> datetime | None:
    """Return by when a container must have left the institution where it was sealed: what its label says."""
    deadline = must_leave(
        medical=medical,
        waste_code=waste_code,
        kind=None,
        temperature=Temperature.AMBIENT,
        sealed_at=sealed_at,
        entered_at=sealed_at,
    )
    return deadline.at if deadline else None
