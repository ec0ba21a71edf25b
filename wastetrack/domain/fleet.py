"""Vehicle and crew: whose they are, in their roles, with papers in date, the vehicle large enough.

Judged where a manifest names them, when its load is taken aboard and when it departs (`manifest_checks`), and before
there is a manifest: how many of a carrier's could carry a load on a day. Order 23 of 2021 (危险废物转移管理办法)
Art. 13; Rules for Road Transport of Dangerous Goods (危险货物道路运输安全管理办法) Art. 22.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from wastetrack.domain import papers
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import QUALIFIED, Deed, Fields, Load, Party, Wish
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.words import N_

NO_OVERLOAD = N_("Rules for Road Transport of Dangerous Goods, Art. 22")
ENDS_SOON = timedelta(days=30)
"""House figure: papers that end so soon after the day asked about are named beside the answer."""


@dataclass(frozen=True)
class Permit:
    """A vehicle or a member of the crew: its name for people, whose it is, and until when its permit holds."""

    name: str
    of_carrier: bool
    valid_until: date
    fit: bool = True
    """For crew: whether it is the role the place on the manifest asks for."""


@dataclass(frozen=True)
class Vehicle:
    """A vehicle of a carrier."""

    permit: Permit
    capacity_g: int
    for_medical: bool = False
    """Whether it is one for medical waste as GB 19217 asks."""


@dataclass(frozen=True)
class Fleet:
    """What a carrier has to carry with."""

    vehicles: Sequence[Vehicle] = ()
    drivers: Sequence[Permit] = ()
    escorts: Sequence[Permit] = ()


@dataclass(frozen=True)
class Carriage:
    """Whether a carrier may and could carry a load on a day: every reason against it, what fits, what ends soon."""

    reasons: list[Problem] = field(default_factory=list)
    fleet: Fleet = field(default_factory=Fleet)
    """Those of the fleet that fit."""
    ending: list[Permit] = field(default_factory=list)


def carriage(carrier: Party, fleet: Fleet, load: Load, day: date, fields: Fields) -> Carriage:
    """Judge a carrier with all that it has, as a manifest of that day would be judged.

    An exempt load goes without a licence on a vehicle for medical waste alone (national list, exemption 2).
    """
    unlicensed = papers.problems(carrier, _wish(load, day, fields, exempt=False))
    medical_only = load.exempt and bool(unlicensed)
    fitting = Fleet(
        [
            one
            for one in fleet.vehicles
            if (one.for_medical or not medical_only)
            and not permit_problems(day, "", one.permit, carrier.name)
            and not capacity_problems("", one.permit.name, one.capacity_g, load.mass_g)
        ],
        [one for one in fleet.drivers if not permit_problems(day, "", one, carrier.name)],
        [one for one in fleet.escorts if not permit_problems(day, "", one, carrier.name)],
    )
    reasons = unlicensed
    if medical_only and fitting.vehicles:
        reasons = papers.problems(carrier, _wish(load, day, fields, exempt=True))
    reasons = [*reasons, *_none_fitting(carrier.name, fleet, fitting, load, fields.party)]
    aboard = [*(one.permit for one in fitting.vehicles), *fitting.drivers, *fitting.escorts]
    soon = [one for one in aboard if one.valid_until - day <= ENDS_SOON]
    return Carriage(reasons, fitting, sorted(soon, key=lambda one: one.valid_until))


def permit_problems(day: date, at: str, permit: Permit, carrier: str) -> list[Problem]:
    """Judge a vehicle or a member of the crew: the carrier's, in its role, with papers in date."""
    found = []
    if not permit.of_carrier:
        sentence = N_("{name} does not belong to {carrier}. Choose a vehicle and crew of the carrier.")
        found.append(_problem("not_of_carrier", at, sentence, QUALIFIED, name=permit.name, carrier=carrier))
    if not permit.fit:
        sentence = N_(
            "{name} is not entered for this task on the vehicle. Choose somebody with the right qualification."
        )
        found.append(_problem("wrong_role", at, sentence, QUALIFIED, name=permit.name))
    if permit.valid_until < day:
        sentence = N_(
            "The permit of {name} ended on {until}. Choose another, or have the carrier renew it and enter it."
        )
        found.append(_problem("permit_expired", at, sentence, QUALIFIED, name=permit.name, until=permit.valid_until))
    return found


def capacity_problems(at: str, name: str, capacity_g: int, mass_g: int) -> list[Problem]:
    """Judge whether a vehicle may carry so much."""
    if mass_g <= capacity_g:
        return []
    sentence = N_("{name} may carry {capacity}, the load is {load}. Choose a larger vehicle or fewer containers.")
    facts: dict[str, Fact] = {"name": name, "capacity": Grams(capacity_g), "load": Grams(mass_g)}
    return [_problem("overloaded", at, sentence, NO_OVERLOAD, **facts)]


def _wish(load: Load, day: date, fields: Fields, *, exempt: bool) -> Wish:
    return Wish(Deed.CARRY, day, [replace(load, exempt=exempt)], fields=fields)


def _none_fitting(carrier: str, fleet: Fleet, fitting: Fleet, load: Load, at: str) -> Iterator[Problem]:
    facts: dict[str, Fact] = {"name": carrier, "load": Grams(load.mass_g)}
    if not fitting.vehicles:
        sentence = N_("No vehicle of {name} is entered. Without one nothing is carried.")
        if fleet.vehicles:
            sentence = N_("No vehicle of {name} has papers in date on this day and may carry {load} of this waste.")
        yield _problem("no_vehicle", at, sentence, QUALIFIED, **facts)
    if not fitting.drivers:
        sentence = N_("No driver of {name} is entered. Without one nothing is carried.")
        if fleet.drivers:
            sentence = N_("No driver of {name} has papers in date on this day.")
        yield _problem("no_driver", at, sentence, QUALIFIED, **facts)


def _problem(code: str, at: str, sentence: str, basis: str, **facts: Fact) -> Problem:
    return Problem(f"manifest.{code}", sentence, facts, at, basis=basis)
