"""The storage watch: what a limit measures, its words and legal basis, and how an alert lives.

An alert is known before it opens: the moment at which its cause crosses the limit is computed when something
changes. It opens exactly then, clears by itself when the cause is gone, and never flaps: one cause, one alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from wastetrack.domain import cleaning, plans
from wastetrack.domain.measures import Grams
from wastetrack.domain.words import N_, Term

CODE_IN_FORCE = date(2026, 8, 15)
"""The Ecological Environment Code replaced the Solid Waste Law on this day."""

STORAGE_POINT_MOST = Grams(3_000_000)
"""A storage point 贮存点 may hold at most 3 t at any time (GB 18597-2023, 8.3.5)."""


class Limit(Term):
    """The rules that are watched, by their id in the rule set (regulations §7)."""

    INSTITUTION_TIME = "H-01", N_("Medical waste stands longer than 48 hours")
    PLANT_TIME = "H-05", N_("Medical waste at the plant longer than 24 hours")
    PLANT_TIME_COLD = "H-06", N_("Medical waste in cold store at the plant longer than 72 hours")
    LOCAL_TIME = "LOCAL", N_("Waste stands longer than the time limit of its store")
    STORAGE_POINT = "S-03", N_("Storage point above 3 t")
    CAPACITY = "S-04", N_("Store above its limit")
    MISSING = "H-18", N_("Box missing from a load")
    CONFIRMATION = "M-04", N_("Receipt not confirmed within five working days")
    CLEANING = "H-07", N_("Vehicle or large box not cleaned within 24 hours after medical waste")
    PLAN = "P-01", N_("Management plan not filed by 31 March")
    LICENSED_YEAR = "S-01", N_("Stored longer than one year by a licensed operator")
    ADVISED_YEAR = "S-02", N_("Stored longer than one year at its producer")
    COLLECTED = "S-09", N_("Collected oil or batteries not handed on within 90 working days")
    TANK_HIGH = "TANK", N_("Tank above its high-level limit")
    TANK_FILLING = "TANK-80", N_("Tank filled to 80 % of its limit")


LONG_LIMITS = (Limit.LICENSED_YEAR, Limit.ADVISED_YEAR, Limit.COLLECTED)
TIME_LIMITS = (Limit.INSTITUTION_TIME, Limit.PLANT_TIME, Limit.PLANT_TIME_COLD, Limit.LOCAL_TIME)

SENTENCES = {
    Limit.INSTITUTION_TIME: N_("Medical waste in {place} should have left by {threshold}. Have it collected now."),
    Limit.PLANT_TIME: N_("Medical waste in {place} should have been treated by {threshold}. Treat it now."),
    Limit.PLANT_TIME_COLD: N_("Medical waste in {place} should have been treated by {threshold}. Treat it now."),
    Limit.LOCAL_TIME: N_(
        "Waste in {place} should have left by {threshold}: {hours} hours are allowed there. Have it taken away now."
    ),
    Limit.STORAGE_POINT: N_(
        "{place} holds {mass}; a storage point may hold {limit} at most. Have the surplus taken away."
    ),
    Limit.CAPACITY: N_(
        "{place} holds {mass} in {count} {count:container|containers}; its limit is {limit}. "
        "Have the surplus taken away."
    ),
    Limit.MISSING: N_("Container {code} of manifest {number} was loaded but did not arrive. Search for it at once."),
    Limit.CONFIRMATION: N_("The receipt of manifest {number} had to be confirmed by {threshold}. Confirm it now."),
    Limit.CLEANING: N_(
        "{plate} carried medical waste and is to be washed and disinfected by {threshold}. Clean it and record that."
    ),
    Limit.PLAN: N_(
        "No hazardous waste management plan of {year} is filed here. It is due by 31 March {year}. "
        "File it, then enter it."
    ),
    Limit.LICENSED_YEAR: N_(
        "Waste in {place} is to be treated or handed on by {threshold}: one year is allowed. Later only with the "
        "approval of the authority that issued the licence."
    ),
    Limit.ADVISED_YEAR: N_(
        "Waste in {place} has stood for a year on {threshold}. No law forbids it; have it taken away soon all the same."
    ),
    Limit.COLLECTED: N_(
        "Waste mineral oil or nickel-cadmium batteries in {place} are to be handed on by {threshold}: ninety working "
        "days are allowed to who collects only."
    ),
    Limit.TANK_HIGH: N_(
        "Tank {place} holds {mass}, {percent} % of its usable volume; its high-level limit is {limit}. Stop the inflow "
        "and draw it off."
    ),
    Limit.TANK_FILLING: N_(
        "Tank {place} holds {mass}, {percent} % of its usable volume; its high-level limit is {limit}. Have it emptied "
        "in time."
    ),
}
"""What is wrong and what to do. `threshold` is the alert's own; the other facts are stored with it."""

CLEARED_BY = {
    Limit.INSTITUTION_TIME: N_("It clears when the last overdue container has left the store."),
    Limit.PLANT_TIME: N_("It clears when the last overdue container has been treated."),
    Limit.PLANT_TIME_COLD: N_("It clears when the last overdue container has been treated."),
    Limit.LOCAL_TIME: N_("It clears when the last overdue container has left the store."),
    Limit.STORAGE_POINT: N_("It clears when no more than 3 t stand there."),
    Limit.CAPACITY: N_("It clears when no more stands there than the limit of the store allows."),
    Limit.MISSING: N_("It clears when the container is found and scanned in as received or taken back."),
    Limit.CONFIRMATION: N_("It clears when the receiver confirms the receipt."),
    Limit.CLEANING: N_("It clears when the cleaning is recorded."),
    Limit.PLAN: N_("It clears when the filed plan is entered."),
    Limit.LICENSED_YEAR: N_("It clears when what has stood for more than a year has left the store."),
    Limit.ADVISED_YEAR: N_("It clears when what has stood for more than a year has left the store."),
    Limit.COLLECTED: N_("It clears when what was to be handed on has left the store."),
    Limit.TANK_HIGH: N_("It clears when no more is in the tank than its high-level limit allows."),
    Limit.TANK_FILLING: N_("It clears when less than 80 % of its high-level limit is in the tank."),
}
"""The one act that ends the cause. Nobody can close an alert by hand."""


_NOT_HANDED_IN = N_(
    "Container {code} was declared for {station} and was not among the boxes handed in there. Search for it at once."
)
_FOUND_AGAIN = N_(
    "It clears when the container is found and scanned: on the page of the hand-in, at the station, or into a store."
)


_BOX_UNCLEAN = N_(
    "Large box {code} held medical waste and is to be washed and disinfected by {threshold}. Wash it and record that."
)


_FULL_BY_VOLUME = N_(
    "{place} holds {mass} in {count} {count:container|containers} of about {volume_l} L together; its limit is "
    "{limit}. Have the surplus taken away."
)


def sentence(limit: Limit, facts: Mapping[str, object]) -> str:
    """Return what is wrong and what to do; a box can be missing from a load, or from what a clinic handed in.

    Litres are named where the store has a limit of volume. What is to be washed is a vehicle or a large box.
    """
    if limit is Limit.CLEANING and facts.get("code"):
        return _BOX_UNCLEAN
    if limit is Limit.CAPACITY and facts.get("limit_l"):
        return _FULL_BY_VOLUME
    return _NOT_HANDED_IN if _at_hand_in(limit, facts) else SENTENCES[limit]


def cleared_by(limit: Limit, facts: Mapping[str, object]) -> str:
    """Return what ends the cause."""
    return _FOUND_AGAIN if _at_hand_in(limit, facts) else CLEARED_BY[limit]


def _at_hand_in(limit: Limit, facts: Mapping[str, object]) -> bool:
    return limit is Limit.MISSING and bool(facts.get("station"))


class Severity(Term):
    """How far it has come: a warning while there is time to act, an alarm from the threshold on.

    A limit is an alarm once it is crossed, but for those that are only advice (regulations §7, column Sev).
    """

    WARN = "warn", N_("Warning")
    ALARM = "alarm", N_("Alarm")


WARN_BEFORE = timedelta(hours=12)
"""H-01 warns first at 36 hours, twelve before the limit; the plant's rules follow the same distance at most."""

_WARN_BEFORE = {
    Limit.CLEANING: cleaning.WARN_BEFORE,
    Limit.PLAN: plans.WARN_BEFORE,
    Limit.LICENSED_YEAR: timedelta(days=60),
    Limit.ADVISED_YEAR: timedelta(days=30),
    Limit.COLLECTED: timedelta(days=21),
}
"""S-09 warns fifteen working days before: three weeks."""


def warn_before(limit: Limit) -> timedelta:
    """Return how long before its threshold a limit is said to come (regulations §7, column Pre)."""
    return _WARN_BEFORE.get(limit, WARN_BEFORE)


_ADVICE = frozenset({Limit.ADVISED_YEAR, Limit.TANK_FILLING})


def severity(threshold: datetime, now: datetime, limit: Limit | None = None) -> Severity:
    """Return whether a limit with this threshold is crossed: at the exact moment it is. Advice is never an alarm."""
    return Severity.ALARM if threshold <= now and limit not in _ADVICE else Severity.WARN


_BASIS = {
    Limit.INSTITUTION_TIME: N_("Medical Waste Regulation, Art. 17"),
    Limit.PLANT_TIME: N_("GB 39707-2020, 5.4.6 a"),
    Limit.PLANT_TIME_COLD: N_("GB 39707-2020, 5.4.6 b"),
    Limit.LOCAL_TIME: N_("Time limit entered for this store or its region"),
    Limit.STORAGE_POINT: N_("GB 18597-2023, 8.3.5"),
    Limit.CAPACITY: N_("HJ 1259-2022, 5.5.2.2"),
    Limit.MISSING: N_("Medical Waste Regulation, Arts. 13 and 14"),
    Limit.CONFIRMATION: N_("Order 23 of 2021, Art. 18"),
    Limit.CLEANING: cleaning.CLEANED,
    Limit.PLAN: N_("HJ 1259-2022, 5.2.2"),
    Limit.ADVISED_YEAR: N_("advice: no law sets a limit for producers"),
    Limit.TANK_HIGH: N_("High-level limit entered for this tank"),
    Limit.TANK_FILLING: N_("High-level limit entered for this tank"),
    Limit.COLLECTED: N_("Hazardous Waste Operating Licence Measures (2016), Art. 20"),
}
_STORED_BY_LAW = (N_("Ecological Environment Code, Art. 533"), N_("Solid Waste Law 2020, Art. 79"))
_LAW_BEHIND = {
    Limit.STORAGE_POINT: _STORED_BY_LAW,
    Limit.CAPACITY: _STORED_BY_LAW,
    Limit.PLAN: (N_("Ecological Environment Code, Art. 532"), N_("Solid Waste Law 2020, Art. 78")),
    Limit.LICENSED_YEAR: (N_("Ecological Environment Code, Art. 535 (3)"), N_("Solid Waste Law 2020, Art. 81")),
}
"""The law as it is, and as it was before the Code."""


def legal_basis(limit: Limit, on: date) -> tuple[str, ...]:
    """Return what the limit rests on as the law stood on that day, as messages to translate."""
    standing = (_BASIS[limit],) if limit in _BASIS else ()
    if limit not in _LAW_BEHIND:
        return standing
    now, before = _LAW_BEHIND[limit]
    return (*standing, now if on >= CODE_IN_FORCE else before)


class AlertState(Term):
    """An alert is known beforehand, opens at its threshold, and clears when its cause is gone."""

    SCHEDULED = "scheduled", N_("will open")
    OPEN = "open", N_("open")
    CLEARED = "cleared", N_("cleared")


class Subject(Term):
    """What an alert is about."""

    FACILITY = "facility", N_("store")
    ORGANISATION = "organisation", N_("organisation")
    CONTAINER = "container", N_("container")
    MANIFEST = "manifest", N_("manifest")
    VEHICLE = "vehicle", N_("vehicle")
    BOX = "box", N_("large box")
    TANK = "tank", N_("tank")


class Course(Enum):
    """What is to be done with the live alert of a cause when the cause was looked at again."""

    NOTHING = auto()
    BEGIN = auto()
    SHIFT = auto()
    FORGET = auto()
    CLEAR = auto()
    RENEW = auto()


def course(live: datetime | None, wanted: datetime | None, now: datetime) -> Course:
    """Decide from the threshold of the live alert and the one that the cause has now, None where there is none.

    An alert in force stays the same alert as long as its cause lasts, even if the oldest of several overdue bags
    has left; one that only waits is moved, or forgotten without a trace.
    """
    if live is None:
        return Course.NOTHING if wanted is None else Course.BEGIN
    in_force = live <= now
    if wanted is None:
        return Course.CLEAR if in_force else Course.FORGET
    if not in_force:
        return Course.NOTHING if wanted == live else Course.SHIFT
    return Course.NOTHING if wanted <= now else Course.RENEW


@dataclass(frozen=True)
class Stock:
    """What stands in a store, against its own limits. Litres are an estimate where nobody entered them."""

    mass_g: int
    count: int
    volume_l: int
    mass_limit_g: int | None
    count_limit: int | None
    volume_limit_l: int | None

    @property
    def above(self) -> bool:
        """Tell whether the store holds more than it may; exactly the limit is not above it."""
        too_heavy = self.mass_limit_g is not None and self.mass_g > self.mass_limit_g
        too_many = self.count_limit is not None and self.count > self.count_limit
        too_large = self.volume_limit_l is not None and self.volume_l > self.volume_limit_l
        return too_heavy or too_many or too_large
