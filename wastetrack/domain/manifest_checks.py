"""Everything the law asks before a manifest may be signed and before its load may move, checked at once.

The facts are gathered by who knows the store; here they are only judged. Every problem carries the field of the form
it belongs to and the article it rests on. Order 23 of 2021 (危险废物转移管理办法); Ecological Environment Code
(生态环境法典) Arts 534, 536; Medical Waste Regulation (医疗废物管理条例) Art. 26; regulations.md rules M-08 to M-16.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from wastetrack.domain import papers
from wastetrack.domain.cleaning import CLEANED
from wastetrack.domain.containers import SEALED_IN_STORE, State
from wastetrack.domain.fleet import (
    Combination,
    Permit,
    Vehicle,
    capacity_problems,
    coupling_problems,
    permit_problems,
    vehicle_problems,
)
from wastetrack.domain.papers import Agreement, Deed, Fields, Load, Party, Taken, Wish, inactive, named
from wastetrack.domain.plans import Line, Shipped, not_filed, plan_problems, plan_warnings
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.words import N_

WEIGHED = N_("Order 23 of 2021, Art. 10")
LABELLED = N_("Order 23 of 2021, Art. 13")
APART = N_("Order 23 of 2021, Art. 16; Medical Waste Regulation, Art. 26")
APPROVED = N_("Ecological Environment Code, Art. 536 (2); Order 23 of 2021, Arts 21 to 28")


@dataclass(frozen=True)
class Box:
    """One container as it stands now, and the mass that the draft states for it."""

    code: str
    waste_code: str
    medical: bool
    state: State
    at_consignor: bool
    mass_g: int
    stated_g: int
    on_hand_in: bool = False
    """Whether it stands on an open hand-in: the station is waiting for it."""
    exempt: bool = False
    """Whether carrying it needs no licence: waste of an exempt small institution (national list, exemption 2)."""


@dataclass(frozen=True)
class Transport:
    """Who carries: the second half of what is checked, and all that is checked again when the load departs."""

    carrier: Party
    vehicle: Vehicle
    driver: Permit
    escort: Permit | None = None
    trailer: Vehicle | None = None

    @property
    def vehicles(self) -> Combination:
        """Return vehicle and trailer as they go on the road."""
        return Combination(self.vehicle, self.trailer)


@dataclass(frozen=True)
class Facts:
    """All that signing depends on. `taken` is what the receiver accepted this year and what is on its way to it."""

    day: date
    consignor: Party
    boxes: Sequence[Box]
    transport: Transport
    receiver: Party
    receives_there: bool
    """Whether the store named for the receipt is the receiver's own."""
    mode: str
    taken: Sequence[Taken] = ()
    source: str = ""
    """Who hands the waste over, as exemptions for point-to-point use name it."""
    paperwork: "Paperwork | None" = None
    """Contract and plan of the consignor; None where they are not asked about."""


@dataclass(frozen=True)
class Paperwork:
    """What the consignor has agreed with the receiver and planned for the year.

    Without a filed plan `planned` is None. `insist_on_contract` and `insist_on_plan` are the installation's to decide:
    that a contract and a plan have to be there is law, that nothing may leave without them here is not certain.
    """

    receiver: str
    agreements: Sequence[Agreement]
    plans: bool
    planned: Sequence[Line] | None
    shipped: Sequence[Shipped]
    insist_on_contract: bool = False
    insist_on_plan: bool = False
    with_carrier: Sequence[Agreement] | None = None
    """Contracts of consignor and receiver with the carrier; None where they are not asked about."""


def problems(facts: Facts) -> list[Problem]:
    """Return everything that stands against signing; nothing means it may be signed."""
    return [
        *_boxes(facts.boxes),
        *_compatible(facts.boxes),
        *_consignor(facts.consignor),
        *_receiver(facts),
        *_paperwork(facts)[0],
        *_same_province(facts),
        *_carrier(facts.day, facts.transport.carrier, facts.boxes, begun=False),
        *coupling_problems(facts.transport.vehicles),
        *_crew(facts.day, facts.transport),
        *capacity_problems(facts.transport.vehicles, sum(box.mass_g for box in facts.boxes)),
    ]


def warnings(facts: Facts) -> list[Problem]:
    """Return what does not stand against signing and has to be said before it all the same."""
    return [*_paperwork(facts)[1], *_unclean(facts.transport)]


def transport_problems(day: date, transport: Transport, boxes: Sequence[Box]) -> list[Problem]:
    """Return what stands against carrier, vehicle and crew on `day`: asked at signing, loading and departure (M-11)."""
    return [*_carrier(day, transport.carrier, boxes, begun=True), *_crew(day, transport)]


def departure_problems(day: date, transport: Transport, boxes: Sequence[Box], on_vehicle_g: int) -> list[Problem]:
    """Return what stands against departing with `boxes` on a vehicle that holds `on_vehicle_g` from other manifests."""
    mass = on_vehicle_g + sum(box.mass_g for box in boxes)
    return [*transport_problems(day, transport, boxes), *capacity_problems(transport.vehicles, mass)]


def no_boxes() -> Iterator[Problem]:
    """Say that a manifest without containers is none."""
    yield _problem("no_boxes", "container_ids", N_("Choose at least one container that stands in the store."))


def on_hand_in(codes: Sequence[str]) -> Problem:
    """Make the problem of boxes that a station is waiting for: they cannot go two ways."""
    return _problem(
        "on_hand_in",
        "container_ids",
        N_("Declared for handing in at the station: {codes}. Cancel that hand-in, or take these off the manifest."),
        codes=named(codes),
    )


# --- the boxes -------------------------------------------------------------------------------------------------------


def _boxes(boxes: Sequence[Box]) -> Iterator[Problem]:
    """At least one, each in the consignor's store, weighed (M-09), and with the mass that the draft states (M-12)."""
    if not boxes:
        yield from no_boxes()
    yield from _each(
        boxes,
        lambda box: box.state not in SEALED_IN_STORE or not box.at_consignor,
        "not_in_store",
        N_("Not in the consignor's store any more: {codes}. Take it off the draft, or place it in the store."),
        LABELLED,
    )
    promised = [box.code for box in boxes if box.on_hand_in]
    if promised:
        yield on_hand_in(promised)
    yield from _each(
        boxes,
        lambda box: box.mass_g <= 0,
        "not_weighed",
        N_("Not weighed: {codes}. Without a mass nothing may be handed over: weigh it first."),
        WEIGHED,
    )
    yield from _each(
        boxes,
        lambda box: box.mass_g > 0 and box.mass_g != box.stated_g,
        "mass_changed",
        N_("Weighed again since the draft was made: {codes}. Save the draft again with the new mass."),
        LABELLED,
    )


def _compatible(boxes: Sequence[Box]) -> Iterator[Problem]:
    """Medical waste travels by itself: its vehicle carries nothing else, and one manifest is for one vehicle's trip."""
    if len({box.medical for box in boxes}) > 1:
        yield _problem(
            "mixed_classes",
            "container_ids",
            N_("Medical waste and other hazardous waste cannot be on one manifest. Make one manifest for each."),
            APART,
        )


# --- the parties -----------------------------------------------------------------------------------------------------


def _consignor(consignor: Party) -> Iterator[Problem]:
    if not consignor.active:
        yield inactive(consignor, "facility_id")


def _receiver(facts: Facts) -> Iterator[Problem]:
    """The store is the receiver's own, and the receiver may treat this waste so on this day (M-10, `papers`)."""
    if not facts.receives_there:
        yield _problem(
            "receiver_store",
            "receiver_facility_id",
            N_("This store does not belong to {name}. Choose one of the receiver's own stores."),
            name=facts.receiver.name,
        )
    wish = Wish(Deed.TREAT, facts.day, _loads(facts.boxes), facts.mode, facts.source, facts.taken)
    yield from papers.problems(facts.receiver, wish)


def _carrier(day: date, carrier: Party, boxes: Sequence[Box], *, begun: bool) -> Iterator[Problem]:
    """Judge the carrier; one that is suspended later still finishes the loads that name it (`begun`)."""
    at = Fields(party="carrier_id", waste="carrier_id", amount="carrier_id")
    wish = Wish(Deed.CARRY, day, _loads(boxes), begun=begun, fields=at)
    yield from papers.problems(carrier, wish)


def _loads(boxes: Sequence[Box]) -> list[Load]:
    """Return the boxes as loads, one for each sort of waste."""
    sorts: dict[tuple[str, bool, bool], list[Box]] = {}
    for box in boxes:
        sorts.setdefault((box.waste_code, box.medical, box.exempt), []).append(box)
    return [
        Load(waste_code, sum(box.mass_g for box in each), medical, tuple(box.code for box in each), exempt)
        for (waste_code, medical, exempt), each in sorts.items()
    ]


def _paperwork(facts: Facts) -> tuple[list[Problem], list[Problem]]:
    """Judge contracts (Arts 10, 13) and plan (Art. 14, M-08): what stands against signing, what is only said before it.

    Beyond a filed plan nothing leaves. A plan that is not filed is late (P-01), which is an alarm and no bar. A missing
    contract with the carrier is only ever said: whether consignor or receiver ships is theirs to agree.
    """
    asked = facts.paperwork
    if asked is None:
        return [], []
    against: list[Problem] = []
    said: list[Problem] = []
    loads: dict[str, int] = {}
    for box in facts.boxes:
        loads[box.waste_code] = loads.get(box.waste_code, 0) + box.mass_g
    name = facts.receiver.name
    contract = papers.contract_problems(asked.agreements, name, loads, facts.day)
    (against if asked.insist_on_contract else said).extend(contract)
    if asked.with_carrier is not None:
        carrier = facts.transport.carrier.name
        said += papers.carrier_contract_problems(asked.with_carrier, carrier, loads, facts.day)
    if asked.planned is not None:
        against += plan_problems(asked.planned, asked.shipped, loads, asked.receiver, name)
        said += plan_warnings(asked.planned, asked.shipped, loads, asked.receiver, name)
    elif asked.plans:
        (against if asked.insist_on_plan else said).append(not_filed(facts.day.year))
    return against, said


def _same_province(facts: Facts) -> Iterator[Problem]:
    """Out of the province only with an approval, and none can be recorded yet: so not at all (M-16)."""
    if facts.consignor.province != facts.receiver.province:
        yield _problem(
            "cross_province",
            "receiver_id",
            N_("{name} lies in another province. Nothing may go there without an approval: choose another receiver."),
            APPROVED,
            name=facts.receiver.name,
        )


def _crew(day: date, transport: Transport) -> Iterator[Problem]:
    """Vehicle, trailer, driver and escort are the carrier's, in their roles, with papers in date (`fleet`)."""
    for at, vehicle in transport.vehicles.on_the_road:
        yield from vehicle_problems(day, at, vehicle, transport.carrier.name)
    for at, permit in (("driver_id", transport.driver), ("escort_id", transport.escort)):
        if permit is not None:
            yield from permit_problems(day, at, permit, transport.carrier.name)


def _unclean(transport: Transport) -> Iterator[Problem]:
    """Say that what is to carry was not cleaned in time after medical waste (H-07): no bar, it can still be cleaned."""
    for field, one in transport.vehicles.carrying:
        if one.unclean:
            sentence = N_(
                "{name} carried medical waste and its cleaning is not recorded within 24 hours. Have it washed and "
                "disinfected, and recorded, before it is loaded."
            )
            yield _problem("vehicle_unclean", field, sentence, CLEANED, name=one.name)


# --- words -----------------------------------------------------------------------------------------------------------


def _each(
    boxes: Iterable[Box], wrong: Callable[[Box], bool], code: str, sentence: str, basis: str
) -> Iterator[Problem]:
    """Name the boxes that are wrong in one problem, the first few by their codes."""
    codes = [box.code for box in boxes if wrong(box)]
    if codes:
        yield _problem(code, "container_ids", sentence, basis, codes=named(codes))


def _problem(code: str, field: str, sentence: str, basis: str | None = None, **facts: Fact) -> Problem:
    return Problem(f"manifest.{code}", sentence, facts, field, basis=basis)
