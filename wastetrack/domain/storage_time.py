"""How long waste may stand where it stands, and from when that is counted.

- Medical waste at the institution and on its way through township stations: two days (48 h) from sealing. Medical
  Waste Regulation (医疗废物管理条例) Art. 17; rule H-01. The clock is carried along: another room, another store or a
  hand-over to a station does not reset it. A cold store is a better room, not a longer limit (206号, 2.4; rule H-04).
- At the disposal site: 24 h at or above 5 °C, 72 h below, from receipt. GB 39707-2020, 5.4.6; rules H-05 and H-06.
- Chemical and pharmaceutical medical waste at the plant follows GB 18597 instead (GB 39707-2020, 5.4.7): no hours.
- Other hazardous waste has no statutory hours at the producer; one year binds licensed operators (Code Art. 535 (3)).

A store may have a time limit of its own for some days: stricter whenever its keeper wants, laxer only by a dated
local document (domain.md, "Limits and alerts"; regulations §4.7). A county, city or province may set one for all its
stores of a group, always by a dated local document. Of those that hold at once the nearer goes before the farther, the
store's own before all; but what cites no dated document only ever makes it stricter. Waste is overdue as soon as it has
stood longer than what is allowed at that very moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from wastetrack.domain.alerts import Limit
from wastetrack.domain.parties import FacilityKind, Temperature
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.times import end_of_day, start_of_day
from wastetrack.domain.words import N_, Term

INSTITUTION = timedelta(hours=48)
PLANT = timedelta(hours=24)
PLANT_COLD = timedelta(hours=72)

MOST_HOURS = 8784
"""A time limit of a store is a year at most: what is longer is no limit of storage."""

_BY_GB_18597 = frozenset({"841-004-01", "841-005-01"})
_NO_STATUTORY_HOURS = frozenset(
    {
        FacilityKind.WAREHOUSE,
        FacilityKind.YARD,
        FacilityKind.POOL,
        FacilityKind.TANK_FARM,
        FacilityKind.STORAGE_POINT,
    }
)
OWN = 99
"""How near a store's own limit is: nearer than that of any region."""

_EVER, _ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class StoreGroup(Term):
    """The stores for which the law has one and the same answer: a region sets its limits for one of them."""

    INSTITUTION = "institution", N_("medical waste at institutions and stations (48 hours by law)")
    PLANT = "plant", N_("medical waste at the plant, 5 °C and above (24 hours by law)")
    PLANT_COLD = "plant_cold", N_("medical waste at the plant, below 5 °C (72 hours by law)")
    OTHER = "other", N_("hazardous waste that is not medical (no hours by law)")

    @property
    def allowed(self) -> timedelta | None:
        """Return how long waste may stand in such stores by law."""
        return _BY_LAW[self]


_BY_LAW: dict[StoreGroup, timedelta | None] = {
    StoreGroup.INSTITUTION: INSTITUTION,
    StoreGroup.PLANT: PLANT,
    StoreGroup.PLANT_COLD: PLANT_COLD,
    StoreGroup.OTHER: None,
}


def group_of(kind: FacilityKind | None, temperature: Temperature) -> StoreGroup:
    """Return the group a store belongs to; medical waste that is in no store yet is at its institution."""
    if kind in _NO_STATUTORY_HOURS:
        return StoreGroup.OTHER
    if kind is not FacilityKind.PLANT_STORE:
        return StoreGroup.INSTITUTION
    return StoreGroup.PLANT_COLD if temperature is Temperature.COLD else StoreGroup.PLANT


def kinds_in(group: StoreGroup) -> list[tuple[FacilityKind, Temperature]]:
    """Return the stores of a group, by kind and temperature."""
    return [(kind, warmth) for kind in FacilityKind for warmth in Temperature if group_of(kind, warmth) is group]


class LimitState(Term):
    """How a time limit that was entered for a store or a region stands at a moment."""

    COUNTS = "counts", N_("counts now")
    FUTURE = "future", N_("still to come")
    ASIDE = "aside", N_("set aside")
    OVER = "over", N_("over")


@dataclass(frozen=True)
class Deadline:
    """When something must have left its store, and by which rule."""

    at: datetime
    limit: Limit


@dataclass(frozen=True)
class LocalLimit:
    """A time limit entered for a store or a region: so many hours from a day until a day.

    Without hours there is none any more at this level: the farther ones and the law count. It counts from the first day
    on, but never before it was entered: nothing is overdue in hindsight.
    """

    hours: int | None
    first_day: date
    last_day: date | None
    recorded_at: datetime
    document: str = ""
    cited: bool = False
    """Whether the document and its day are named: only then it may be laxer than what else holds."""
    level: int = OWN
    """Of a region how far below the country it is, as in its supervision path: the larger is the nearer."""
    place: str = ""
    """The name of the region, empty for a store's own."""

    @property
    def begins(self) -> datetime:
        """Return the first moment at which it counts."""
        return max(start_of_day(self.first_day), self.recorded_at)

    @property
    def ends(self) -> datetime:
        """Return the first moment at which it no longer counts."""
        return end_of_day(self.last_day) if self.last_day else _ALWAYS


@dataclass(frozen=True)
class _Period:
    """A stretch of time in which one limit holds; `allowed` is None where there is none."""

    begins: datetime
    ends: datetime
    allowed: timedelta | None
    limit: Limit | None


@dataclass(frozen=True)
class _Law:
    """What the law allows a container in a store."""

    allowed: timedelta
    limit: Limit


def hours_by_law(kind: FacilityKind | None, temperature: Temperature) -> timedelta | None:
    """Return how long medical waste may stand in such a store by law, None where no medical waste may stand."""
    return group_of(kind, temperature).allowed


def must_leave(
    *,
    medical: bool,
    waste_code: str,
    kind: FacilityKind | None,
    temperature: Temperature,
    sealed_at: datetime,
    entered_at: datetime,
    local: Sequence[LocalLimit] = (),
    now: datetime | None = None,
) -> Deadline | None:
    """Return by when a container must have left the store it stands in, None where nothing sets hours.

    `kind` is None before it is in any store; `entered_at` is when it came to who holds it. `local` are the time limits
    of the store and its regions, of each in the order in which they were entered; seen from `now`: when the time that
    is running was or will be over. They bind whatever the law gives hours, and all waste where the law gives none.
    """
    law = _law(medical, waste_code, kind, temperature)
    if law is None and kind not in _NO_STATUTORY_HOURS:
        return None
    start = entered_at if kind is FacilityKind.PLANT_STORE else sealed_at
    return _overdue_from(start, _periods(local, law), entered_at if now is None else now)


def local_limit(local: Sequence[LocalLimit], at: datetime, by_law: timedelta | None = None) -> LocalLimit | None:
    """Return the time limit that counts at a moment, None where the law alone does.

    At each level the last entered of those for the moment; from the law and the farthest to the nearest each takes the
    place of those before it, unless it cites no dated document and is not stricter.
    """
    found, allowed = None, by_law
    for level in sorted({one.level for one in local}):
        here = _newest([one for one in local if one.level == level], at)
        if here is None or here.hours is None:
            continue
        span = timedelta(hours=here.hours)
        if allowed is None or here.cited or span < allowed:
            found, allowed = here, span
    return found


def _newest(local: Sequence[LocalLimit], at: datetime) -> LocalLimit | None:
    return next((one for one in reversed(local) if one.begins <= at < one.ends), None)


def limit_state(local: Sequence[LocalLimit], one: LocalLimit, at: datetime) -> LimitState:
    """Tell how one of the time limits of a store or a region stands at a moment among those of the same place."""
    if at < one.begins:
        return LimitState.FUTURE
    if at >= one.ends:
        return LimitState.OVER
    return (
        LimitState.COUNTS
        if _newest([each for each in local if each.level == one.level], at) is one
        else (LimitState.ASIDE)
    )


def allowed_besides(
    local: Sequence[LocalLimit], by_law: timedelta | None, first: datetime, last: datetime
) -> timedelta | None:
    """Return the least that the law and these limits allow between two moments; None where nothing is set."""
    edges = sorted({first, *(edge for one in local for edge in (one.begins, one.ends) if first < edge < last)})
    here = [local_limit(local, edge, by_law) for edge in edges]
    spans = [timedelta(hours=one.hours) if one and one.hours is not None else by_law for one in here]
    return min((span for span in spans if span is not None), default=None)


def next_turn(local: Sequence[LocalLimit], now: datetime) -> datetime | None:
    """Return the next moment at which a time limit of a store begins or ends."""
    edges = [edge for one in local for edge in (one.begins, one.ends)]
    return min((edge for edge in edges if now < edge < _ALWAYS), default=None)


def _law(medical: bool, waste_code: str, kind: FacilityKind | None, temperature: Temperature) -> _Law | None:
    if not medical:
        return None
    if kind is not FacilityKind.PLANT_STORE:
        return _Law(INSTITUTION, Limit.INSTITUTION_TIME)
    if waste_code in _BY_GB_18597:
        return None
    if temperature is Temperature.COLD:
        return _Law(PLANT_COLD, Limit.PLANT_TIME_COLD)
    return _Law(PLANT, Limit.PLANT_TIME)


def _periods(local: Sequence[LocalLimit], law: _Law | None) -> Iterator[_Period]:
    """Cut all time where a limit begins or ends; in each piece the last entered of those for it holds, or the law."""
    edges = {_EVER, _ALWAYS, *(edge for one in local for edge in (one.begins, one.ends))}
    for begins, ends in pairwise(sorted(edges)):
        own = local_limit(local, begins, law.allowed if law else None)
        if own is not None and own.hours is not None:
            yield _Period(begins, ends, timedelta(hours=own.hours), Limit.LOCAL_TIME)
        else:
            yield _Period(begins, ends, law.allowed if law else None, law.limit if law else None)


def _overdue_from(start: datetime, periods: Iterator[_Period], now: datetime) -> Deadline | None:
    """Return since when it is overdue at `now`, else when it next will be.

    Overdue time that goes on from one period into the next is one, and began where it began.
    """
    running: Deadline | None = None
    for period in periods:
        if period.allowed is None or period.limit is None or max(period.begins, start + period.allowed) >= period.ends:
            running = None
            continue
        at = max(period.begins, start + period.allowed)
        if running is None or at > period.begins:
            running = Deadline(at, period.limit)
        if period.ends > now:
            return running
    return None


def limit_problems(
    hours: int | None,
    first_day: date,
    last_day: date | None,
    document: str,
    document_day: date | None,
    *,
    by_law: timedelta | None,
    today: date,
) -> list[Problem]:
    """Return what is wrong with a time limit for a store: laxer than the law only by a dated local document."""
    problems = []
    if last_day is not None and last_day < first_day:
        sentence = N_("The last day lies before the first. Check both.")
        problems.append(Problem("time_limit.days", sentence, field="last_day"))
    elif last_day is not None and last_day < today:
        problems.append(
            Problem("time_limit.past", N_("This day is over. A limit counts from now on."), field="last_day")
        )
    if document_day is not None and document_day > today:
        problems.append(Problem("time_limit.future", N_("This day is still to come. Check it."), field="document_day"))
    if is_laxer(hours, by_law):
        allowed: dict[str, Fact] = {"hours": hours_of(by_law)}
        sentence = N_("Here {hours} hours are allowed. More only by a local document: name its issuer and number.")
        if not document:
            problems.append(Problem("time_limit.document", sentence, allowed, "document"))
        if document_day is None:
            sentence = N_("Enter the day of the document that allows more than {hours} hours.")
            problems.append(Problem("time_limit.document_day", sentence, allowed, "document_day"))
    return problems


def is_laxer(hours: int | None, by_law: timedelta | None) -> bool:
    """Tell whether so many hours are more than the law allows in a store."""
    return hours is not None and by_law is not None and timedelta(hours=hours) > by_law


def hours_of(span: timedelta | None) -> int | None:
    """Return a span in whole hours."""
    return int(span.total_seconds()) // 3600 if span is not None else None


@dataclass(frozen=True)
class WayStation:
    """A store in which a container may come to stand, with the time limits that hold there; None: in none at all."""

    kind: FacilityKind | None
    temperature: Temperature
    local: Sequence[LocalLimit] = ()


def leaves_institution_by(
    medical: bool, waste_code: str, sealed_at: datetime, stores: Sequence[WayStation] = (), now: datetime | None = None
) -> datetime | None:
    """Return by when a container must have left the institution where it was sealed: what its label says.

    It is not yet known into which of the producer's stores it will come, so the strictest of them counts.
    """
    places = stores or (WayStation(None, Temperature.AMBIENT),)
    deadlines = [
        must_leave(
            medical=medical,
            waste_code=waste_code,
            kind=place.kind,
            temperature=place.temperature,
            sealed_at=sealed_at,
            entered_at=sealed_at,
            local=place.local,
            now=now,
        )
        for place in places
    ]
    return min((deadline.at for deadline in deadlines if deadline), default=None)
