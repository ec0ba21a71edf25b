"""The parties: kinds of organisation, store, crew and licence, as the trade and the law name them; what fits what."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wastetrack.domain.papers import Coverage
from wastetrack.domain.plates import VehicleKind
from wastetrack.domain.problems import Fact, Kind, Problem
from wastetrack.domain.regions import Level
from wastetrack.domain.words import N_, Several, Term


class OrganisationKind(Term):
    """What an organisation is to the waste. One organisation may be several."""

    HOSPITAL = "hospital", N_("Hospital")
    CLINIC = "clinic", N_("Clinic or village health room")
    ENTERPRISE = "enterprise", N_("Enterprise producing hazardous waste")
    LABORATORY = "laboratory", N_("University or research laboratory")
    STATION = "station", N_("Township transfer station")
    HUB = "hub", N_("County collection hub")
    CARRIER = "carrier", N_("Carrier")
    DISPOSER = "disposer", N_("Disposal site")
    AUTHORITY = "authority", N_("Authority")


MEDICAL_PRODUCERS = frozenset({OrganisationKind.HOSPITAL, OrganisationKind.CLINIC})


class OrganisationState(Term):
    """Whether an organisation may be newly named. A suspended or closed one finishes what is under way.

    A pending one has asked to be admitted and is nothing yet: nobody names it, and nobody acts for it.
    """

    PENDING = "pending", N_("not yet admitted")
    ACTIVE = "active", N_("active")
    SUSPENDED = "suspended", N_("suspended")
    CLOSED = "closed", N_("closed")


class FacilityKind(Term):
    """Kinds of place where containers stand (GB 18597-2023; Medical Waste Regulation Art. 17)."""

    MEDICAL_STORE = "medical_store", N_("Medical waste temporary store")
    COLD_STORE = "cold_store", N_("Medical waste cold store")
    WAREHOUSE = "warehouse", N_("Hazardous waste warehouse")
    YARD = "yard", N_("Open storage yard")
    POOL = "pool", N_("Storage pool")
    TANK_FARM = "tank_farm", N_("Tank farm")
    STORAGE_POINT = "storage_point", N_("Storage point")
    STATION_STORE = "station_store", N_("Township station store")
    HUB_STORE = "hub_store", N_("County hub store")
    PLANT_STORE = "plant_store", N_("Disposal site store")


class Temperature(Term):
    """At what temperature a store is kept; a plant's time limit depends on it (GB 39707-2020, 5.4.6)."""

    AMBIENT = "ambient", N_("at or above 5 °C")
    COLD = "cold", N_("below 5 °C")


class CrewRole(Term):
    """Who is on the vehicle."""

    DRIVER = "driver", N_("Driver")
    ESCORT = "escort", N_("Escort")


class LicenceKind(Term):
    """Papers that an organisation works under, and the exemptions that stand in for them."""

    OPERATING = "operating", N_("Hazardous waste operating licence")
    TRANSPORT = "transport", N_("Road transport licence for dangerous goods")
    POLLUTION = "pollution", N_("Pollution discharge permit")
    SMALL_SOURCE = "small_source", N_("Exemption: collecting and carrying the waste of at most 19 beds")
    POINT_TO_POINT = "point_to_point", N_("Exemption: point-to-point use")


EXEMPTIONS = frozenset({LicenceKind.SMALL_SOURCE, LicenceKind.POINT_TO_POINT})
MOST_BEDS = 19
"""Up to here waste is carried under exemption 2 of the national list, with one bed more it is not (rule H-25)."""
SMALL_SCOPE = "HW01"
EXEMPTION_LIST = N_("National list of hazardous wastes, exemption list")


class PaperState(Term):
    """Whether a licence or permit holds on a day."""

    VALID = "valid", N_("in date")
    ENDING = "ending", N_("ends soon")
    EXPIRED = "expired", N_("expired")
    FUTURE = "future", N_("not yet in force")


ENDING_WITHIN = timedelta(days=90)
"""Rule L-01 warns first 90 days before the end: renewal is applied for 30 working days before it."""

_STORES_OF = {
    FacilityKind.COLD_STORE: (
        OrganisationKind.HOSPITAL, OrganisationKind.CLINIC, OrganisationKind.STATION, OrganisationKind.HUB,
    ),
    FacilityKind.STATION_STORE: (OrganisationKind.STATION,),
    FacilityKind.HUB_STORE: (OrganisationKind.HUB,),
    FacilityKind.PLANT_STORE: (OrganisationKind.DISPOSER,),
}  # fmt: skip
_LICENCES_OF = {
    LicenceKind.OPERATING: frozenset({OrganisationKind.DISPOSER, OrganisationKind.HUB, OrganisationKind.STATION}),
    LicenceKind.TRANSPORT: frozenset({OrganisationKind.CARRIER}),
    LicenceKind.POLLUTION: frozenset(OrganisationKind) - {OrganisationKind.AUTHORITY},
    LicenceKind.SMALL_SOURCE: MEDICAL_PRODUCERS,
    LicenceKind.POINT_TO_POINT: frozenset({OrganisationKind.DISPOSER, OrganisationKind.ENTERPRISE}),
}


def may_be_named(state: OrganisationState) -> bool:
    """Tell whether an organisation may be newly named, on a manifest say. What it has begun it may always finish."""
    return state is OrganisationState.ACTIVE


def station_problems(holder: str, state: OrganisationState, field: str) -> list[Problem]:
    """Return whether waste may newly be meant for the station of this holder."""
    if may_be_named(state):
        return []
    sentence = N_("{holder} is {state} and cannot be newly named. Choose another station.")
    return [Problem("organisation.station_state", sentence, {"holder": holder, "state": state}, field)]


def may_register(state: OrganisationState) -> bool:
    """Tell whether an organisation may still register waste: while it is suspended too, or waste would go unseen."""
    return state in {OrganisationState.ACTIVE, OrganisationState.SUSPENDED}


def is_known(state: OrganisationState) -> bool:
    """Tell whether an organisation stands among the others at all: one that only asks to be admitted does not."""
    return state is not OrganisationState.PENDING


def may_sign_in(state: OrganisationState, *, under_way: bool) -> bool:
    """Tell whether the people of an organisation may sign in: of a closed one until nothing of it is under way."""
    return is_known(state) and (under_way or state is not OrganisationState.CLOSED)


def identity_problems(
    kinds: Collection[OrganisationKind], credit_code: str | None, medical_licence_no: str | None
) -> list[Problem]:
    """Return what is wrong with how an organisation is identified: only a clinic may go without a credit code."""
    if not kinds:
        return [Problem("organisation.kinds", N_("Choose at least one kind."), field="kinds")]
    if credit_code:
        return []
    if set(kinds) != {OrganisationKind.CLINIC}:
        sentence = N_("Enter the unified social credit code. Only a clinic or village health room may have none.")
        return [Problem("organisation.credit_code", sentence, field="credit_code")]
    if not medical_licence_no:
        sentence = N_("A clinic without a credit code needs its medical licence number.")
        return [Problem("organisation.medical_licence", sentence, field="medical_licence_no")]
    return []


def seat_problems(level: Level, has_below: bool, kinds: Collection[OrganisationKind]) -> list[Problem]:
    """Return whether a division is too large to say where a party is. An authority sits where it governs."""
    near_enough = level.depth >= Level.COUNTY.depth or (level is Level.CITY and not has_below)
    if near_enough or OrganisationKind.AUTHORITY in kinds:
        return []
    sentence = N_("Choose the county or district, or a township or village in it.")
    return [Problem("region.too_large", sentence, field="region_code")]


def store_problems(kind: FacilityKind, kinds: Collection[OrganisationKind], field: str = "kind") -> list[Problem]:
    """Return whether an organisation of `kinds` may keep such a store.

    The kind of a store decides how long waste may stand in it (`storage_time`), so nobody may call his own room
    the store of a plant. The cold store of a plant is a plant store kept below 5 °C: its hours count from receipt.
    """
    needed = _STORES_OF.get(kind)
    if needed is None or set(needed) & set(kinds):
        return []
    if kind is FacilityKind.COLD_STORE:
        sentence = N_(
            "A {store} belongs to a hospital, clinic, station or hub. A disposal site has a disposal site store below "
            "5 °C; all others have another kind of store."
        )
        return [Problem("facility.kind", sentence, {"store": kind}, field)]
    sentence = N_("A {store} belongs to an organisation of the kind “{kind}”. Choose another kind of store.")
    return [Problem("facility.kind", sentence, {"store": kind, "kind": needed[0]}, field)]


def is_medical_store(kind: FacilityKind, scope: Collection[str] = ()) -> bool:
    """Tell whether a store is for medical waste alone: its sign says so.

    It is by its kind, or, at a plant, because all that its papers let in (`scope`: codes and categories) is HW01.
    """
    if kind is FacilityKind.PLANT_STORE:
        return bool(scope) and all(entry[-2:] == "01" for entry in scope)
    return kind in {FacilityKind.MEDICAL_STORE, FacilityKind.COLD_STORE, *_FOR_HAND_IN}


_FOR_HAND_IN = frozenset({FacilityKind.STATION_STORE, FacilityKind.HUB_STORE})


def refit_problems(
    before: tuple[FacilityKind, Temperature],
    after: tuple[FacilityKind, Temperature],
    *,
    occupied: bool,
    handed_in_at: bool,
) -> list[Problem]:
    """Return what speaks against making a store another kind of store, or warmer or colder.

    Both decide how long waste may stand there and which may (`storage_time`, `storing`), so the store is empty then.
    """
    problems = []
    if occupied:
        sentence = N_(
            "Waste stands in this store, and its time limit rests on what the store is. Change this once it is empty."
        )
        fields = [name for name, old, new in zip(("kind", "temperature"), before, after, strict=True) if old != new]
        problems += [Problem("facility.occupied", sentence, field=field, kind=Kind.CONFLICT) for field in fields]
    if handed_in_at and after[0] not in _FOR_HAND_IN:
        sentence = N_("Clinics hand in at this store. Give them another station first.")
        problems.append(Problem("facility.handed_in_at", sentence, field="kind", kind=Kind.CONFLICT))
    return problems


def move_problems(occupied: Collection[str]) -> list[Problem]:
    """Return what speaks against saying that a site lies elsewhere: waste on it would be seen by another authority."""
    if not occupied:
        return []
    sentence = N_("Waste stands here: {stores}. Change the region once these stores are empty.")
    return [Problem("site.occupied", sentence, {"stores": Several(tuple(occupied))}, "region_code", Kind.CONFLICT)]


def vehicle_problems(kinds: Collection[OrganisationKind]) -> list[Problem]:
    """Return whether an organisation may have vehicles and crew: a carrier may."""
    if OrganisationKind.CARRIER in kinds:
        return []
    sentence = N_("Only a carrier has vehicles and crew. Have the system administrator add the kind “Carrier” first.")
    return [Problem("vehicle.carrier", sentence)]


def load_problems(kind: VehicleKind, capacity_g: int | None) -> list[Problem]:
    """Return whether it is said how much a vehicle may carry: of a truck or trailer it must be, of a tractor not."""
    if kind.carries and capacity_g is None:
        sentence = N_("Enter how much it may carry, as its papers say.")
        return [Problem("vehicle.capacity", sentence, field="capacity_g")]
    if not kind.carries and capacity_g is not None:
        sentence = N_("A tractor carries nothing itself. Leave the capacity empty and enter it with the trailer.")
        return [Problem("vehicle.capacity", sentence, field="capacity_g")]
    return []


@dataclass(frozen=True)
class LicenceSays:
    """What is entered of a licence, but for its number and days."""

    kind: LicenceKind
    coverage: Coverage | None = None
    modes: Collection[str] = ()
    quantity: int | None = None
    scope: str = ""
    basis: str = ""
    has_source: bool = False


def licence_problems(says: LicenceSays, kinds: Collection[OrganisationKind], beds: int | None = None) -> list[Problem]:
    """Return whether a licence fits its holder and says what one of its kind must say, and nothing else."""
    problems = []
    if not _LICENCES_OF[says.kind] & set(kinds):
        sentence = N_("An organisation of these kinds does not hold this licence: {licence}.")
        problems.append(Problem("licence.kind", sentence, {"licence": says.kind}, "kind"))
    return [*problems, *_modes_and_quantity(says, kinds), *_scope_of(says), *_exempt(says, beds)]


def _modes_and_quantity(says: LicenceSays, kinds: Collection[OrganisationKind]) -> Iterator[Problem]:
    """A comprehensive licence names modes and a yearly quantity; one for collecting only has no modes."""
    treats = says.kind is LicenceKind.POINT_TO_POINT or says.coverage is Coverage.COMPREHENSIVE
    if treats and says.kind in {LicenceKind.OPERATING, LicenceKind.POINT_TO_POINT}:
        if not says.modes:
            yield Problem("licence.modes", N_("Choose at least one treatment mode."), field="modes")
        if says.quantity is None and OrganisationKind.DISPOSER in kinds:
            sentence = N_("Enter the yearly quantity of the licence in tonnes.")
            yield Problem("licence.quantity", sentence, field="yearly_quantity_g")
    elif says.modes and says.kind is LicenceKind.OPERATING:
        sentence = N_("A licence for collecting only has no treatment modes. Leave them out, or choose comprehensive.")
        yield Problem("licence.modes", sentence, field="modes")
    elif says.modes and says.kind is LicenceKind.TRANSPORT:
        yield Problem("licence.modes", N_("A transport licence has no treatment modes."), field="modes")
    elif says.modes:
        yield Problem("licence.modes", N_("A paper of this kind has no treatment modes."), field="modes")


def _scope_of(says: LicenceSays) -> Iterator[Problem]:
    if says.kind in {LicenceKind.POLLUTION, LicenceKind.SMALL_SOURCE} or says.scope:
        return
    yield Problem("licence.scope", N_("Enter the waste codes or categories that the paper names."), field="scope")


def _exempt(says: LicenceSays, beds: int | None) -> Iterator[Problem]:
    """An exemption names the document it rests on; one for point-to-point use also whose waste it is for."""
    if says.kind not in EXEMPTIONS:
        return
    if not says.basis:
        sentence = N_("Enter the document that the exemption rests on, with its number and day.")
        yield Problem("licence.basis", sentence, field="basis", basis=EXEMPTION_LIST)
    if says.kind is LicenceKind.POINT_TO_POINT and not says.has_source:
        sentence = N_("Choose whose waste the exemption is for: point-to-point use has one source.")
        yield Problem("licence.source", sentence, field="source_code", basis=EXEMPTION_LIST)
    if says.kind is LicenceKind.SMALL_SOURCE and not is_small(beds):
        sentence = N_("The exemption is for institutions of at most {most} beds; {beds} are entered here.")
        facts: dict[str, Fact] = {"most": MOST_BEDS, "beds": beds}
        yield Problem("licence.beds", sentence, facts, "kind", basis=EXEMPTION_LIST)


def is_small(beds: int | None) -> bool:
    """Tell whether an institution is small enough for exemption 2 of the national list; no beds count as none."""
    return (beds or 0) <= MOST_BEDS


def date_problems(valid_from: date, valid_until: date) -> list[Problem]:
    """Return whether the days of a paper are the wrong way round."""
    if valid_from <= valid_until:
        return []
    sentence = N_("The last day lies before the first. Check both.")
    return [Problem("licence.dates", sentence, field="valid_until")]


def paper_state(valid_from: date | None, valid_until: date, on: date) -> PaperState:
    """Tell how a paper stands on a day; its last day still counts."""
    if valid_from is not None and on < valid_from:
        return PaperState.FUTURE
    if on > valid_until:
        return PaperState.EXPIRED
    return PaperState.ENDING if valid_until - on < ENDING_WITHIN else PaperState.VALID
