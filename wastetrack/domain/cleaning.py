"""Cleaning of what carried medical waste 清洗消毒: washed and disinfected within 24 hours after each use.

GB 39707-2020, 5.5.2; Medical Waste Regulation (医疗废物管理条例) Art. 26; regulations.md rule H-07. A use ends when the
whole load has a verdict of the receiver, so when nothing of it is left to unload: from then the hours run on.
"""

from datetime import datetime, timedelta

from wastetrack.domain.problems import Problem
from wastetrack.domain.times import show_minute
from wastetrack.domain.words import N_

CLEAN_WITHIN = timedelta(hours=24)
WARN_BEFORE = timedelta(hours=6)
"""From 18 hours after the use on it is said that the time is running out."""
CLEANED = N_("GB 39707-2020, 5.5.2")


def clean_by(used_at: datetime) -> datetime:
    """Return by when what was in use until `used_at` is to be clean."""
    return used_at + CLEAN_WITHIN


def is_late(used_at: datetime | None, now: datetime) -> bool:
    """Tell whether it should have been cleaned by now: at the very end of the 24 hours it should."""
    return used_at is not None and clean_by(used_at) <= now


def cleaning_problems(
    cleaned_at: datetime, used_at: datetime | None, last_at: datetime | None, now: datetime
) -> list[Problem]:
    """Return what speaks against a cleaning at this moment: it is still ahead, or another act shows it to be wrong.

    `used_at` is the first use since the last cleaning, `last_at` that cleaning. Moments are typed to the minute.
    """
    if cleaned_at > now:
        sentence = N_("This moment has not come yet. Enter when the cleaning ended, now at the latest.")
        return [Problem("cleaning.ahead", sentence, field="cleaned_at")]
    if used_at is not None and show_minute(cleaned_at) < show_minute(used_at):
        sentence = N_(
            "The load was on it until {used}: only a cleaning after that counts. Correct the moment, or clean it again."
        )
        return [Problem("cleaning.before_use", sentence, {"used": used_at}, "cleaned_at", basis=CLEANED)]
    if last_at is not None and cleaned_at < last_at:
        sentence = N_("A later cleaning, of {last}, is recorded already. Look at the history below.")
        return [Problem("cleaning.older", sentence, {"last": last_at}, "cleaned_at")]
    return []
