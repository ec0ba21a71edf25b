"""Vehicles and crew: whose they are, in their roles, with papers in date, what carries large enough.

A tractor carries nothing itself and needs a trailer, a truck may have one. What is asked of the load (capacity, the
mark of GB 19217, whether it is clean) is asked of what the load stands on, papers in date of all that is on the road.

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
from wastetrack.domain.plates import NOT_FOR_WASTE, Plate, VehicleKind, plate_problems
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.words import N_, Several

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
class Vehicle(Permit):
    """A truck, a tractor or a trailer; its name is its plate. Without capacity no load is compared to it."""

    kind: VehicleKind = VehicleKind.TRUCK
    capacity_g: int | None = None
    for_medical: bool = False
    """Whether it is one for medical waste as GB 19217 asks."""
    unclean: bool = False
    """Whether it carried medical waste and should have been cleaned since (H-07)."""


@dataclass(frozen=True)
class Combination:
    """A truck or tractor as it goes on the road, alone or with a trailer."""

    vehicle: Vehicle
    trailer: Vehicle | None = None

    @property
    def on_the_road(self) -> list[tuple[str, Vehicle]]:
        """Return vehicle and trailer, each with its field on a manifest."""
        return [("vehicle_id", self.vehicle), *([("trailer_id", self.trailer)] if self.trailer else [])]

    @property
    def carrying(self) -> list[tuple[str, Vehicle]]:
        """Return what the load stands on: the truck, with a trailer both, of a tractor the trailer alone."""
        return [(field, one) for field, one in self.on_the_road if one.kind.carries]

    @property
    def capacity_g(self) -> int | None:
        """Return how much may be loaded; None where it is not entered of all that carries."""
        each = [one.capacity_g for _field, one in self.carrying]
        return sum(some for some in each if some is not None) if each and None not in each else None

    @property
    def for_medical(self) -> bool:
        """Tell whether all that carries is for medical waste as GB 19217 asks."""
        return bool(self.carrying) and all(one.for_medical for _field, one in self.carrying)


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
    could = [
        one
        for one in _combinations([one for one in fleet.vehicles if not vehicle_problems(day, "", one, carrier.name)])
        if (one.for_medical or not medical_only) and not capacity_problems(one, load.mass_g)
    ]
    named = {one.name for each in could for _field, one in each.on_the_road}
    fitting = Fleet(
        [one for one in fleet.vehicles if one.name in named],
        [one for one in fleet.drivers if not permit_problems(day, "", one, carrier.name)],
        [one for one in fleet.escorts if not permit_problems(day, "", one, carrier.name)],
    )
    reasons = unlicensed
    if medical_only and fitting.vehicles:
        reasons = papers.problems(carrier, _wish(load, day, fields, exempt=True))
    reasons = [*reasons, *_none_fitting(carrier.name, fleet, fitting, load, fields.party)]
    aboard = [*fitting.vehicles, *fitting.drivers, *fitting.escorts]
    soon = [one for one in aboard if one.valid_until - day <= ENDS_SOON]
    return Carriage(reasons, fitting, sorted(soon, key=lambda one: one.valid_until))


def _combinations(vehicles: Sequence[Vehicle]) -> Iterator[Combination]:
    """Return in which ways vehicles can go on the road."""
    trailers = [one for one in vehicles if one.kind is VehicleKind.TRAILER]
    for vehicle in vehicles:
        if vehicle.kind is VehicleKind.TRUCK:
            yield Combination(vehicle)
        if vehicle.kind is not VehicleKind.TRAILER:
            yield from (Combination(vehicle, trailer) for trailer in trailers)


def coupling_problems(vehicles: Combination, *, whole: bool = True) -> list[Problem]:
    """Return whether vehicles go together: a tractor with a trailer, a truck with or without, no trailer alone.

    In a draft the trailer may still be missing; it is not `whole` then.
    """
    found = []
    vehicle, trailer = vehicles.vehicle, vehicles.trailer
    if vehicle.kind is VehicleKind.TRAILER:
        sentence = N_(
            "{name} is a trailer and cannot go alone. Choose the tractor or truck here and {name} as trailer."
        )
        found.append(_problem("trailer_alone", "vehicle_id", sentence, QUALIFIED, name=vehicle.name))
    if trailer is not None and trailer.kind is not VehicleKind.TRAILER:
        sentence = N_("{name} is not a trailer. Choose a trailer, or none.")
        found.append(_problem("not_a_trailer", "trailer_id", sentence, QUALIFIED, name=trailer.name))
    if whole and trailer is None and vehicle.kind is VehicleKind.TRACTOR:
        sentence = N_("{name} is a tractor and carries nothing itself. Choose the trailer that carries the load.")
        found.append(_problem("trailer_missing", "trailer_id", sentence, QUALIFIED, name=vehicle.name))
    return found


def vehicle_problems(day: date, at: str, vehicle: Vehicle, carrier: str) -> list[Problem]:
    """Judge a vehicle: the carrier's, with papers in date, and none that carries no waste by its plate."""
    by_plate = [one for one in plate_problems(Plate(vehicle.name), vehicle.kind) if one.code == NOT_FOR_WASTE]
    refused = [replace(one, field=at, basis=QUALIFIED) for one in by_plate]
    return [*refused, *permit_problems(day, at, vehicle, carrier)]


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


def capacity_problems(vehicles: Combination, mass_g: int) -> list[Problem]:
    """Judge whether what carries may take so much, where it is entered (regulations.md §1.5: no overload)."""
    most = vehicles.capacity_g
    if most is None or mass_g <= most:
        return []
    name = Several(tuple(one.name for _field, one in vehicles.carrying))
    sentence = N_("{name} may carry {capacity}, the load is {load}. Choose a larger vehicle or fewer containers.")
    facts: dict[str, Fact] = {"name": name, "capacity": Grams(most), "load": Grams(mass_g)}
    return [_problem("overloaded", vehicles.carrying[0][0], sentence, NO_OVERLOAD, **facts)]


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
