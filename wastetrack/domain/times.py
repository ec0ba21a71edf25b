"""Time: stored in UTC, always aware, shown in Asia/Shanghai to the minute (regulations §6)."""

from datetime import UTC, date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China Standard Time. Fixed, since China has had no summer time after 1991; so no zone file is read."""


def require_aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; a time without a zone is a mistake of the caller."""
    if moment.utcoffset() is None:
        raise ValueError("a time needs its zone")
    return moment.astimezone(UTC)


def local(moment: datetime) -> datetime:
    """Return `moment` as the clock on a wall in China shows it."""
    return require_aware(moment).astimezone(SHANGHAI)


def local_day(moment: datetime) -> date:
    """Return the calendar day in China on which `moment` falls."""
    return local(moment).date()


def start_of_day(day: date) -> datetime:
    """Return 00:00 of `day` in China, in UTC."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)  # in UTC it would be the day before the first there is
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return 24:00 of `day` in China, in UTC: the first moment that no longer belongs to it."""
    return start_of_day(day) + timedelta(days=1) if day < date.max else datetime.max.replace(tzinfo=UTC)


def show_minute(moment: datetime) -> str:
    """Return `moment` as 'YYYY-MM-DD HH:MM' in China. The seconds are cut off, as on every clock."""
    return local(moment).strftime("%Y-%m-%d %H:%M")


def show_deadline(moment: datetime) -> str:
    """Return a moment by which something must be done: the end of a day is its 24:00, not 00:00 of the day after.

    A period counted in days ends at 24:00 of its last day (GB/T 7408.1: 24:00 is the same moment as 00:00 next day).
    """
    if local(moment).time() == time():
        return f"{local_day(moment) - timedelta(days=1)} 24:00"
    return show_minute(moment)
