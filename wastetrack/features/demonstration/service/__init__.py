"""Builds the demonstration through the services of the features: nothing is written past them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from wastetrack.domain.access import SYSTEM
from wastetrack.domain.problems import Kind, refuse
from wastetrack.domain.words import N_
from wastetrack.features.demonstration import queries
from wastetrack.features.demonstration.service import cast, script
from wastetrack.features.demonstration.service.cast import Login
from wastetrack.features.demonstration.service.stage import Open, Scene, Stage

DAYS = 28
LEAST_DAYS = 3
"""A shorter history has no room for the troubles."""
SEED = 20261123

Tell = Callable[[int, int, int], None]
"""Told after each week: which of how many it was, and how many containers there are now."""


def load(
    open_work: Open, now: datetime, *, days: int = DAYS, seed: int = SEED, tell: Tell | None = None
) -> list[Login]:
    """Build the demonstration so that it ends now; return the accounts with their passwords.

    Refused on a store that is in use: what is invented must never stand among what is real.
    """
    now = now.replace(microsecond=0)
    with open_work(SYSTEM, now) as work:
        if not queries.is_empty(work.session):
            raise refuse(
                "demonstration.not_empty",
                N_("This store already holds organisations. The demonstration is only for an empty store."),
                kind=Kind.CONFLICT,
            )
    stage = Stage(open_work, now, now - timedelta(days=days), Random(seed))  # noqa: S311  (the same world each time)
    logins = cast.engage(stage, stage.start - timedelta(days=30), script.licence_ends(stage))
    script.write(stage)
    stage.play(_by_week(stage, days, tell or (lambda *_: None)))
    return logins


def _by_week(stage: Stage, days: int, tell: Tell) -> Scene:
    """Return what tells of each week once it has passed; the last one passes with now."""
    weeks = -(-days // 7)
    told = 0

    def passed(at: datetime) -> None:
        nonlocal told
        over = weeks if at >= stage.now else (at - stage.start).days // 7
        while told < over:
            told += 1
            _count(stage, told, weeks, tell)

    return passed


def _count(stage: Stage, week: int, weeks: int, tell: Tell) -> None:
    with stage.open(SYSTEM, stage.now) as work:
        tell(week, weeks, queries.count_containers(work.session))
