"""Working days 工作日 and the deadlines that are counted in them (民法典 200-203).

The day of the event is not counted (201). A deadline ends at 24:00 of its last day in China; if that is a rest day,
of the next working day (203). Working days follow the State Council's yearly calendar with its make-up days 调休:
a year that was not imported blocks, a year that is only estimated makes the deadline provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wastetrack.domain.problems import refuse
from wastetrack.domain.times import end_of_day
from wastetrack.domain.words import N_, Term

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarStatus(Term):
    """How sure an exception is."""

    OFFICIAL = "official", N_("published by the State Council")
    ESTIMATE = "estimate", N_("estimated, not yet published")


@dataclass(frozen=True)
class DayException:
    """A day that differs from its weekday, or a weekend day named in the yearly notice."""

    works: bool
    status: CalendarStatus = CalendarStatus.OFFICIAL


@dataclass(frozen=True)
class Deadline:
    """The last day of a period. `provisional` while it rests on an estimated year: show it so."""

    day: date
    provisional: bool

    @property
    def ends_at(self) -> datetime:
        """Return 24:00 of the last day in China, in UTC: from that moment on it is late."""
        return end_of_day(self.day)


class Calendar:
    """Weekends and the exceptions to them; knows the years for which it has at least one exception."""

    def __init__(self, exceptions: Mapping[date, DayException]) -> None:
        """Take the exceptions of all imported years."""
        self._exceptions = dict(exceptions)
        self._years = {day.year for day in exceptions}
        self._estimated = {day.year for day, rule in exceptions.items() if rule.status is CalendarStatus.ESTIMATE}

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is a working day; refuse for a year that was not imported."""
        if day.year not in self._years:
            raise refuse(
                "working_days.year_missing",
                N_("The working-day calendar of {year} is not loaded. Ask the platform operator to import it."),
                year=str(day.year),
            )
        exception = self._exceptions.get(day)
        return exception.works if exception else day.weekday() < _SATURDAY

    def add_working_days(self, start: date, count: int) -> Deadline:
        """Return the `count`-th working day after `start`, the day of the event."""
        return self._step(start, count)

    def add_calendar_days(self, start: date, count: int) -> Deadline:
        """Return the day `count` days after `start`, moved on to a working day where it is none (203).

        Not for hours and not for fixed dates such as 31 March, which do not move (regulations §7, §9).
        """
        if count < 1:
            raise ValueError("a period has at least one day")
        return self._step(start + (count - 1) * _DAY, 1)

    def _step(self, day: date, count: int) -> Deadline:
        if count < 1:
            raise ValueError("a period has at least one day")
        provisional = False
        while count:
            day += _DAY
            count -= self.is_working(day)
            provisional = provisional or self._is_estimated(day)
        return Deadline(day, provisional)

    def _is_estimated(self, day: date) -> bool:
        return day.year in self._estimated
