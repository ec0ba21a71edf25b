"""How long hazardous waste may stay in a store where the law counts in years and working days, not in hours.

- S-01: whoever holds an operating licence stores it at most one year; only the issuer of the licence extends that. Code
  Art. 535 (3), before 2026-08-15 Solid Waste Law 2020 Art. 81.
- S-02: a producer has no such limit in either law. One year is advice, so it is never more than a warning.
- S-09: whoever holds a licence for collecting only hands waste mineral oil and nickel-cadmium batteries on within
  ninety working days. 危险废物经营许可证管理办法 (2016), Art. 20.

Medical waste has hours instead (`domain.storage_time`), but for what GB 18597 governs at the plant (GB 39707-2020,
5.4.7). All three count from the day after it came into the first store of who holds it. A year ends with the same date
of the next one and does not move when that is a rest day: the stricter reading.
"""

from datetime import date, datetime, timedelta

from wastetrack.domain.alerts import Limit
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import end_of_day, local_day
from wastetrack.domain.working_days import Calendar

WORKING_DAYS = 90
MINERAL_OIL = "08"
"""The category HW08, 废矿物油与含矿物油废物."""
NICKEL_CADMIUM = "900-044-49"
BY_GB_18597 = ("841-004-01", "841-005-01")


def year_ends(entered_at: datetime) -> datetime:
    """Return the first moment after one year from the day of entry; from 29 February it ends on the 28th."""
    day = local_day(entered_at)
    return end_of_day(date(day.year + 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1))


def handed_on_by(entered_at: datetime, calendar: Calendar) -> datetime:
    """Return by when who collects only must have handed on what came in then (S-09).

    Where the working days of so far ahead are not loaded, eighteen weeks: no ninety working days are shorter.
    """
    day = local_day(entered_at)
    try:
        return calendar.add_working_days(day, WORKING_DAYS).ends_at
    except Refusal:
        return end_of_day(day + timedelta(weeks=WORKING_DAYS // 5))


def stood_a_year_since(now: datetime) -> datetime:
    """Return until when something must have come in for its year to be over now, to within a day."""
    return now - timedelta(days=365)


def year_limit(licensed: bool) -> Limit:
    """Return which of the two rules of one year is for who holds the waste."""
    return Limit.LICENSED_YEAR if licensed else Limit.ADVISED_YEAR
