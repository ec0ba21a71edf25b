"""One trip from draft to furnace, with what can go wrong on the way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.demonstration.service import loads
from wastetrack.features.demonstration.service.loads import Load, Route
from wastetrack.features.demonstration.service.stage import Stage

_STEAM_TAKES = frozenset({"841-001-01", "841-002-01"})
_FURNACE_TAKES = frozenset({"841-003-01", "841-004-01", "841-005-01"})

CITY = Route("city-hospital/01", "city.manager", "city", "incineration", "incineration/01", TreatmentMode.Y10)
COUNTY = Route("county-hospital/01", "county.manager", "county", "steam", "steam/01", TreatmentMode.Y11, _STEAM_TAKES)
INFECTION_WARD = Route(
    "county-hospital/02", "county.manager", "county", "steam", "steam/01", TreatmentMode.Y11, _STEAM_TAKES
)
COUNTY_TO_FURNACE = Route(
    "county-hospital/01", "county.manager", "city", "incineration", "incineration/01", TreatmentMode.Y10, _FURNACE_TAKES
)
STATION = Route(
    "station-a/01", "station.xinchengpu", "township", "steam", "steam/01", TreatmentMode.Y11,
    drive=timedelta(minutes=40),
)  # fmt: skip
HUB = Route("hub/01", "hub.zhengding", "township", "steam", "steam/01", TreatmentMode.Y11)
FACTORY = Route("factory/01", "factory.manager", "chemical", "incineration", "incineration/02", TreatmentMode.D10)
UNIVERSITY = Route(
    "university/01", "university.manager", "chemical", "incineration", "incineration/02", TreatmentMode.D10
)

_MINUTE = timedelta(minutes=1)
SIGNED_AFTER, DEPARTS_AFTER = 8 * _MINUTE, 50 * _MINUTE
LASTS = timedelta(hours=4)
"""From draft to confirmation at most."""
_TREATED_AFTER = {
    TreatmentMode.Y10: timedelta(hours=2, minutes=30),
    TreatmentMode.Y11: timedelta(hours=1, minutes=40),
    TreatmentMode.D10: timedelta(hours=21),
}
_WASHED_AFTER = 35 * _MINUTE
_FOUND_AFTER = timedelta(hours=21)
_BACK_AFTER = timedelta(hours=4)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong on a trip. The reasons are what people type: they stay in Chinese."""

    voided: str = ""
    one_missing: bool = False
    found: bool = False
    one_refused: str = ""
    all_refused: str = ""


SMOOTH = Trouble()


def begin(stage: Stage, route: Route, at: datetime, trouble: Trouble = SMOOTH) -> None:
    """Draft a manifest and let the rest of the trip follow."""
    load = loads.draft(stage, route, at)
    if load is None:
        return
    stage.plan(at + SIGNED_AFTER, lambda then: _sign(stage, load, then, trouble))


def _sign(stage: Stage, load: Load, at: datetime, trouble: Trouble) -> None:
    loads.sign(stage, load, at)
    if trouble.voided:
        stage.plan(at + 12 * _MINUTE, lambda then: loads.void(stage, load, then, trouble.voided))
        stage.plan(at + 15 * _MINUTE, lambda then: begin(stage, load.route, then))
        return
    stage.plan(at + DEPARTS_AFTER, lambda then: _depart(stage, load, then, trouble))


def _depart(stage: Stage, load: Load, at: datetime, trouble: Trouble) -> None:
    loads.depart(stage, load, at)
    stage.plan(at + load.route.drive, lambda then: _arrive(stage, load, then, trouble))


def _arrive(stage: Stage, load: Load, at: datetime, trouble: Trouble) -> None:
    loads.arrive(stage, load, at)
    stage.plan(at + 40 * _MINUTE, lambda then: _receive(stage, load, then, trouble))


def _receive(stage: Stage, load: Load, at: datetime, trouble: Trouble) -> None:
    """Give verdicts and confirm; what is accepted is treated, what is refused comes back."""
    codes = list(load.boxes)
    if trouble.all_refused:
        loads.refuse(stage, load, at, codes, trouble.all_refused)
        loads.confirm(stage, load, at + 2 * _MINUTE)
        stage.plan(at + _BACK_AFTER, lambda then: loads.take_back(stage, load, then, codes))
        return
    # The youngest box is the one that is refused or gets lost: it can still wait a day without being overdue.
    odd = codes[-1:] if trouble.one_refused or trouble.one_missing else []
    accepted = [code for code in codes if code not in odd]
    loads.receive(stage, load, at, accepted)
    if trouble.one_refused:
        loads.refuse(stage, load, at, odd, trouble.one_refused)
        stage.plan(at + _BACK_AFTER, lambda then: loads.take_back(stage, load, then, odd))
    loads.confirm(stage, load, at + 2 * _MINUTE, name_missing=trouble.one_missing)
    if load.route.mode is not TreatmentMode.D10:
        stage.plan(at + _WASHED_AFTER, lambda then: loads.wash(stage, load, then))
    _treat_later(stage, load, at, accepted)
    if trouble.found:
        stage.plan(at + _FOUND_AFTER, lambda then: _find(stage, load, then, odd))


def _find(stage: Stage, load: Load, at: datetime, codes: list[str]) -> None:
    loads.receive(stage, load, at, codes)
    _treat_later(stage, load, at, codes)


def _treat_later(stage: Stage, load: Load, at: datetime, codes: list[str]) -> None:
    ids = [load.boxes[code] for code in codes]
    stage.plan(at + _TREATED_AFTER[load.route.mode], lambda then: loads.treat(stage, load.route, then, ids))
