"""A day as people, spreadsheets and old systems write it, read in the one way it can be meant."""

import re
from datetime import date, timedelta

from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.words import N_

_WRITTEN = re.compile(
    r"([0-9]{4})\s*[-/.年。]\s*([0-9]{1,2})\s*[-/.月。]\s*([0-9]{1,2})\s*[日号]?(?:[ T]0{1,2}:00(:00)?)?"
)
_JOINED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"([0-9]{5,6})(?:\.0+)?")
_DAY_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's count from March 1900 on: it takes 1900 for a leap year. Serials here begin at 10000 (1927)."""

FIRST, LAST = date(1950, 1, 1), date(2199, 12, 31)


def parse_day(text: str, field: str = "day") -> date:
    """Read `2026-01-02`, `2026/1/2`, `2026年1月2日`, `20260102`, or Excel's count of days (`46024`).

    A day whose year does not come first is refused: `1/2/2026` is January or February, depending on who wrote it.
    """
    plain = narrow(text)
    day = _read(plain)
    if day is None:
        sentence = N_("{typed} is not a day. Write it with the year first, such as 2026-01-02.")
        raise refuse("day.unreadable", sentence, field=field, typed=quoted(text))
    if not FIRST <= day <= LAST:
        sentence = N_("{typed} would be the day {day}, which cannot be meant. Check the year.")
        raise refuse("day.far", sentence, field=field, typed=quoted(text), day=day)
    return day


def _read(plain: str) -> date | None:
    found = _WRITTEN.fullmatch(plain) or _JOINED.fullmatch(plain)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return None
    serial = _SERIAL.fullmatch(plain)
    return _DAY_ZERO + timedelta(days=int(serial[1])) if serial and int(serial[1]) >= 10_000 else None
