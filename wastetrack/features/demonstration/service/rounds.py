"""Waste arises: rounds through the wards, drums in the workshops, a few bags in the clinics."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp
from random import Random

from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.registration import waste_code_in
from wastetrack.domain.waste_codes import MedicalClass
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import PlaceContainers, RegisterContainer
from wastetrack.features.demonstration.service.stage import Stage, rows
from wastetrack.infra.work import Work

_KILOGRAMS: dict[str, tuple[float, float]] = {
    MedicalClass.INFECTIOUS: (1.1, 6.8),
    MedicalClass.SHARPS: (0.5, 3.2),
    MedicalClass.PATHOLOGICAL: (0.6, 4.5),
    MedicalClass.PHARMACEUTICAL: (0.4, 2.8),
    MedicalClass.CHEMICAL: (4.0, 16.0),
}
_DRUM_KILOGRAMS = (45.0, 190.0)
_BETWEEN_BAGS = timedelta(seconds=50)


@dataclass(frozen=True)
class Ward:
    """Where waste arises: how much a day, of what, and in which store it goes."""

    producer: str
    name: str
    store: str
    daily: float
    mix: dict[str, int]

    def draw(self, random: Random) -> str:
        """Draw what the next container holds."""
        return random.choices(list(self.mix), list(self.mix.values()))[0]


def wards() -> list[Ward]:
    """Return all wards, workshops and laboratories."""
    return [
        Ward(
            row["organisation"],
            row["name"],
            f"{row['organisation']}/{row['store']}",
            float(row["daily"]),
            {what: int(weight) for what, _, weight in (part.partition(":") for part in row["mix"].split())},
        )
        for row in rows("departments")
    ]


def some(random: Random, mean: float) -> int:
    """Draw how many arise where `mean` do on average (Poisson)."""
    number, product, floor = 0, random.random(), exp(-mean)
    while product > floor:
        number, product = number + 1, product * random.random()
    return number


def round_through(
    stage: Stage, who: str, at: datetime, found: Sequence[tuple[Ward, str]], *, place: bool = True
) -> None:
    """Have one person register what was found in the wards, one after another, and put it into the stores.

    `at` is when the round ends; the bags were sealed on the way.
    """
    if not found:
        return
    with stage.act(who, at) as work:
        began = at - _BETWEEN_BAGS * (len(found) + 1)
        placed: dict[str, list[str]] = {}
        for number, (ward, what) in enumerate(found, start=1):
            one = register(stage, replace(work, now=began + _BETWEEN_BAGS * number), what, ward.name)
            placed.setdefault(ward.store, []).append(one.code)
        if place:
            for store, codes in placed.items():
                put(stage, work, store, codes)


def register(stage: Stage, work: Work, what: str, department: str = "") -> Container:
    """Register one container; in the hospital the scale says its mass, elsewhere it is typed."""
    least, most = _KILOGRAMS.get(what, _DRUM_KILOGRAMS)
    mass = f"{stage.random.uniform(least, most):.2f}"
    command = RegisterContainer(
        waste=waste_code_in(what),
        mass=f"ST,GS,+ {mass}kg" if department else mass,
        department=department,
    )
    return containers.register(work, command)


def put(stage: Stage, work: Work, store: str, codes: Sequence[str]) -> None:
    """Put containers into one of the own stores."""
    shown = tuple(pretty(ContainerCode(code)) for code in codes)
    containers.place(work, PlaceContainers(facility_id=stage.stores[store], codes=shown))
