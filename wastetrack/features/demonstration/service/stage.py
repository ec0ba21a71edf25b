"""The stage: who plays, what time it is there, and the agenda of what happens when.

Everything happens through the services of the features, each act in a transaction of its own and at its own moment.
"""

import csv
import heapq
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from uuid import UUID

from wastetrack.domain.access import SYSTEM, Actor
from wastetrack.features.demonstration import queries
from wastetrack.features.watch import service as watch
from wastetrack.infra.work import Work

DATA = Path(__file__).resolve().parent.parent / "data"

Open = Callable[[Actor, datetime], AbstractContextManager[Work]]
"""Opens one transaction in which somebody acts at some moment; kept as a whole when its block ends."""

Scene = Callable[[datetime], object]

_BETWEEN_SWEEPS = timedelta(minutes=10)


@dataclass(frozen=True)
class Truck:
    """A vehicle with those who drive it."""

    carrier_id: UUID
    vehicle_id: UUID
    driver_id: UUID
    escort_id: UUID
    plate: str


@dataclass
class Stage:
    """The world while it is built. Organisations, stores and people are found under the short names of the data."""

    open: Open
    now: datetime
    start: datetime
    random: Random
    organisations: dict[str, UUID] = field(default_factory=dict)
    stores: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    trucks: dict[str, Truck] = field(default_factory=dict)
    brought: set[UUID] = field(default_factory=set)
    """Boxes that somebody carries to a station, announced or not: nobody brings them a second time."""
    _agenda: list[tuple[datetime, int, Scene]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _swept: datetime | None = None
    _keys: Iterator[int] = field(default_factory=count)

    def key(self) -> str:
        """Return a fresh idempotency key."""
        return f"demo-{next(self._keys)}"

    @contextmanager
    def act(self, who: str, at: datetime) -> Iterator[Work]:
        """Open one transaction in which the person with this username acts."""
        with self.open(self.people[who], at) as work:
            yield work

    def plan(self, at: datetime, scene: Scene) -> None:
        """Have `scene` happen at its moment, unless that is still to come or long past."""
        if self.start <= at <= self.now:
            heapq.heappush(self._agenda, (at, next(self._order), scene))

    def play(self, tell: Scene) -> None:
        """Let everything happen in the order of time; `tell` is called with the moment of each scene, and with now."""
        while self._agenda:
            at, _, scene = heapq.heappop(self._agenda)
            if self._swept is None or at - self._swept >= _BETWEEN_SWEEPS:
                self.sweep(at)
            tell(at)
            scene(at)
        self.sweep(self.now)
        tell(self.now)

    def sweep(self, until: datetime) -> None:
        """Write the alerts that open up to `until`, each when the worker would have: within the next minute."""
        self._swept = until
        while True:
            with self.open(SYSTEM, until) as work:
                opens = queries.next_opening(work.session, until)
                if opens is None:
                    return
                noticed = min(until, opens.replace(second=0, microsecond=0) + timedelta(minutes=1))
                watch.sweep(replace(work, now=max(noticed, opens)))


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the files that describe the world."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
