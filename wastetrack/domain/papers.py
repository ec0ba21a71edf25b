"""May this party do this with this waste, this amount, by this mode, on this day? Asked in one place, answered whole.

- Carrying: Order 23 of 2021 (危险废物转移管理办法) Art. 13. Neither carrying nor collecting exempt waste of small
  institutions asks for a licence, as the exemption list of the national list (item 2) has it.
- Collecting and treating: Ecological Environment Code (生态环境法典) Art. 534; the licence by code, mode, day and
  yearly quantity (rule M-10; Measures for Operating Licences 危险废物经营许可证管理办法). A licence for collecting
  allows no treatment. Whoever is exempt for point-to-point use may take what the exemption names, from whom it names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.processes import fit_problem
from wastetrack.domain.waste_codes import TreatmentMode, WasteCode, scope_covers
from wastetrack.domain.words import N_, Several, Term

LICENSED = N_("Ecological Environment Code, Art. 534; Order 23 of 2021, Art. 10")
QUALIFIED = N_("Order 23 of 2021, Art. 13")
CONTRACTED = N_("Order 23 of 2021, Art. 10")
SHIPPED_UNDER = N_("Order 23 of 2021, Arts 10 and 13")

_NAMED_AT_MOST = 5


class Deed(Term):
    """What a party would do with waste."""

    CARRY = "carry", N_("carry it")
    COLLECT = "collect", N_("collect and store it")
    TREAT = "treat", N_("use or dispose of it")


class Coverage(Term):
    """How far an operating licence goes 经营方式 (Measures for Operating Licences, Art. 3)."""

    COMPREHENSIVE = "comprehensive", N_("comprehensive: collect, store and treat")
    COLLECTION = "collection", N_("collecting only")


@dataclass(frozen=True)
class Paper:
    """A licence with its scope. `modes` is empty for a carrier; without `yearly_g` the quantity is not limited."""

    number: str
    valid_from: date
    valid_until: date
    scope: tuple[str, ...]
    modes: frozenset[str] = frozenset()
    yearly_g: int | None = None
    collecting_only: bool = False
    only_from: str = ""
    """Whose waste alone it is for: that of an exemption for point-to-point use."""

    def in_date(self, day: date) -> bool:
        """Tell whether it holds on `day`, its last day included."""
        return self.valid_from <= day <= self.valid_until

    def covers(self, waste_code: str) -> bool:
        """Tell whether its scope names the waste."""
        return scope_covers(self.scope, WasteCode(waste_code))

    def takes_from(self, source: str) -> bool:
        """Tell whether it is for waste of this source."""
        return not self.only_from or self.only_from == source


@dataclass(frozen=True)
class Party:
    """An organisation named on the manifest: whether it may be newly named, and its papers of the kind asked for."""

    name: str
    active: bool
    province: str
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Load:
    """So much of one waste. `codes` names the containers, where there are some."""

    waste_code: str
    mass_g: int
    medical: bool
    codes: tuple[str, ...] = ()
    exempt: bool = False
    """Whether collecting and carrying it needs no licence, being the waste of an exempt small institution."""


@dataclass(frozen=True)
class Taken:
    """What a party has taken in a year and what is on its way to it, of one waste, by one mode, from one source."""

    waste_code: str
    mode: str
    mass_g: int
    source: str = ""


@dataclass(frozen=True)
class Fields:
    """At which fields of its form the caller shows what is wrong."""

    party: str = "receiver_id"
    waste: str = "receiver_id"
    mode: str = "mode"
    amount: str = "receiver_id"


@dataclass(frozen=True)
class Wish:
    """What a party would do: with which loads, by which mode, on which day; whose waste it is; what it took before."""

    deed: Deed
    day: date
    loads: Sequence[Load]
    mode: str = ""
    source: str = ""
    taken: Sequence[Taken] = ()
    begun: bool = False
    """Whether this only goes on with what is under way: a suspended party finishes that, and it has counted already."""
    fields: Fields = field(default_factory=Fields)


def problems(party: Party, wish: Wish) -> list[Problem]:
    """Return every reason why the party may not do it, at once; nothing means it may."""
    return [*_standing(party, wish), *_papers(party, wish), *_process(wish)]


def used(papers: Iterable[Paper], taken: Iterable[Taken]) -> dict[str, int]:
    """Return how much of the year's waste counts on each licence, by its number.

    Waste that several licences cover counts on the one that ends first while it has room; waste with the least choice
    is counted first. What exceeds all of them stands on the last one, so that it is seen.
    """
    shares = _shared(papers, taken)
    return {number: shares.used(number) for number in shares.within}


def named(codes: Sequence[str]) -> Several:
    """Return the first few codes and how many more there are."""
    return Several(tuple(codes[:_NAMED_AT_MOST]), max(0, len(codes) - _NAMED_AT_MOST))


# --- the reasons -----------------------------------------------------------------------------------------------------


def _standing(party: Party, wish: Wish) -> Iterator[Problem]:
    if not party.active and not wish.begun:
        yield inactive(party, wish.fields.party)


def _papers(party: Party, wish: Wish) -> Iterator[Problem]:
    """Date, mode, scope and quantity. Where no paper holds on the day, the last one is judged all the same."""
    loads = [load for load in wish.loads if wish.deed is Deed.TREAT or not load.exempt]
    if wish.loads and not loads:
        return
    papers = [paper for paper in party.papers if paper.takes_from(wish.source)]
    valid = [paper for paper in papers if paper.in_date(wish.day)]
    if not valid:
        yield _out_of_date(party, papers, wish)
        if not papers:
            return
        valid = [max(papers, key=lambda paper: paper.valid_until)]
    fitting = [paper for paper in valid if _allows(paper, wish)]
    if not fitting:
        yield _not_for_this(party, valid, wish)
    yield from _scope(party, fitting or valid, loads, wish)
    yield from _quantity(party, fitting, loads, wish)


def _allows(paper: Paper, wish: Wish) -> bool:
    """Tell whether a paper is for this deed: treatment asks for the mode, collecting for none."""
    return wish.deed is not Deed.TREAT or (wish.mode in paper.modes and not paper.collecting_only)


def _not_for_this(party: Party, papers: Sequence[Paper], wish: Wish) -> Problem:
    facts: dict[str, Fact] = {"number": papers[0].number, "name": party.name, "mode": wish.mode}
    if all(paper.collecting_only for paper in papers):
        sentence = N_("The licence {number} of {name} is for collecting only: nothing is treated under it.")
        return _problem("collecting_only", wish.fields.mode, sentence, LICENSED, **facts)
    sentence = N_(
        "The licence {number} of {name} does not name the mode {mode}. Choose another mode, or have another do it."
    )
    return _problem("licence_mode", wish.fields.mode, sentence, LICENSED, **facts)


def _scope(party: Party, papers: Sequence[Paper], loads: Sequence[Load], wish: Wish) -> Iterator[Problem]:
    for waste_code in sorted({load.waste_code for load in loads}):
        if any(paper.covers(waste_code) for paper in papers):
            continue
        facts: dict[str, Fact] = {"waste_code": waste_code, "number": papers[0].number, "name": party.name}
        sentence = N_("{waste_code} is outside licence {number} of {name}. Have it done by one licensed for it.")
        codes = [code for load in loads if load.waste_code == waste_code for code in load.codes]
        if codes:
            facts["codes"] = named(codes)
            sentence = N_(
                "{waste_code} is outside licence {number} of {name}: {codes}. Take these off, or have them go to one "
                "licensed for it."
            )
        yield _problem("licence_scope", wish.fields.waste, sentence, LICENSED, **facts)


def _quantity(party: Party, papers: Sequence[Paper], loads: Sequence[Load], wish: Wish) -> Iterator[Problem]:
    """What was taken this year, what is under way and this load stay within the licensed yearly quantities.

    What is under way or already here has counted when it was signed for: it is not counted a second time.
    """
    if wish.begun:
        return
    in_date = [paper for paper in party.papers if paper.in_date(wish.day)]
    added = [Taken(load.waste_code, wish.mode, load.mass_g, wish.source) for load in loads]
    before, after = _shared(in_date, wish.taken), _shared(in_date, [*wish.taken, *added])
    if not papers or sum(after.over.values()) <= sum(before.over.values()):
        return
    concerned = [paper for paper in papers if any(paper.covers(load.waste_code) for load in loads)]
    yield _problem(
        "licence_quantity",
        wish.fields.amount,
        N_(
            "{name} may take {limit} in a year; {running} are already accepted or under way, and {load} would be "
            "added. Choose another receiver or a smaller load."
        ),
        LICENSED,
        name=party.name,
        limit=Grams(sum(paper.yearly_g or 0 for paper in concerned)),
        running=Grams(sum(before.used(paper.number) for paper in concerned)),
        load=Grams(sum(load.mass_g for load in loads)),
    )


def _process(wish: Wish) -> Iterator[Problem]:
    """Judge whether the process meant can treat every waste: what the steam plant cannot treat must not go there.

    A load that mixes medical and other waste is refused for that; no process need be named beside it.
    """
    mode = next((each for each in TreatmentMode if each.value == wish.mode), None)
    if wish.deed is not Deed.TREAT or mode is None or len({load.medical for load in wish.loads}) > 1:
        return
    for load in sorted(wish.loads, key=lambda load: load.waste_code):
        problem = fit_problem(WasteCode(load.waste_code), load.medical, mode, named(load.codes or (load.waste_code,)))
        if problem:
            yield problem


# --- how the year's waste counts -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shares:
    """By the number of each licence: what counts on it, and what found no room on it nor on any other."""

    within: dict[str, int]
    over: dict[str, int]

    def used(self, number: str) -> int:
        """Return all that counts on a licence, beyond its limit too."""
        return self.within[number] + self.over[number]


def _shared(papers: Iterable[Paper], taken: Iterable[Taken]) -> _Shares:
    """Share what was taken among the licences that cover it."""
    papers = sorted(papers, key=lambda paper: (paper.valid_until, paper.number))
    shares = _Shares({paper.number: 0 for paper in papers}, {paper.number: 0 for paper in papers})
    choices = [(flow, [paper for paper in papers if _counts_on(paper, flow)]) for flow in taken]
    for flow, fitting in sorted(choices, key=lambda one: (len(one[1]), one[0].waste_code, one[0].mode, one[0].source)):
        rest = flow.mass_g
        for paper in fitting:
            room = rest if paper.yearly_g is None else max(0, paper.yearly_g - shares.within[paper.number])
            shares.within[paper.number] += min(rest, room)
            rest -= min(rest, room)
        if fitting:
            shares.over[fitting[-1].number] += rest
    return shares


def _counts_on(paper: Paper, flow: Taken) -> bool:
    """Tell whether what was taken may count on a licence."""
    in_mode = not flow.mode or not paper.modes or flow.mode in paper.modes
    return in_mode and paper.covers(flow.waste_code) and paper.takes_from(flow.source)


# --- contracts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """A written contract of one party with another. An empty scope names no waste: it is for all."""

    number: str
    valid_from: date
    valid_until: date
    scope: tuple[str, ...] = ()

    def covers(self, waste_code: str) -> bool:
        """Tell whether the contract is for this waste."""
        return not self.scope or scope_covers(self.scope, WasteCode(waste_code))


def contract_problems(
    agreements: Sequence[Agreement], receiver: str, waste_codes: Iterable[str], day: date
) -> list[Problem]:
    """Return what is missing of the written contract with the receiver (Order 23 of 2021, Art. 10)."""
    if not agreements:
        sentence = N_("No written contract with {name} is entered. Enter it among the contracts of your organisation.")
        return [_problem("no_contract", "receiver_id", sentence, CONTRACTED, name=receiver)]
    return _of_contract("contract", "receiver_id", CONTRACTED, agreements, receiver, waste_codes, day)


def carrier_contract_problems(
    agreements: Sequence[Agreement], carrier: str, waste_codes: Iterable[str], day: date
) -> list[Problem]:
    """Return what is missing of the written contract with the carrier (Order 23 of 2021, Arts 10 and 13).

    Whoever ships, the consignor or the receiver, has it: `agreements` are those of both, and one is enough.
    """
    if not agreements:
        sentence = N_(
            "No written contract of the consignor or the receiver with the carrier {name} is entered. Whoever of the "
            "two ships the waste enters it among its contracts."
        )
        return [_problem("no_carrier_contract", "carrier_id", sentence, SHIPPED_UNDER, name=carrier)]
    return _of_contract("carrier_contract", "carrier_id", SHIPPED_UNDER, agreements, carrier, waste_codes, day)


def _of_contract(
    code: str, at: str, basis: str, agreements: Sequence[Agreement], name: str, waste_codes: Iterable[str], day: date
) -> list[Problem]:
    """Judge days and scope of contracts with one party."""
    valid = [one for one in agreements if one.valid_from <= day <= one.valid_until]
    if not valid:
        last = max(agreements, key=lambda one: one.valid_until)
        sentence = N_("The contract {number} with {name} does not hold on this day; its last day is {until}. Renew it.")
        facts: dict[str, Fact] = {"number": last.number, "name": name, "until": last.valid_until}
        return [_problem(f"{code}_out_of_date", at, sentence, basis, **facts)]
    missing = [waste for waste in sorted(set(waste_codes)) if not any(one.covers(waste) for one in valid)]
    if not missing:
        return []
    sentence = N_("The contract {number} with {name} does not name this waste: {codes}.")
    facts = {"number": valid[0].number, "name": name, "codes": named(missing)}
    return [_problem(f"{code}_scope", at, sentence, basis, **facts)]


# --- words -----------------------------------------------------------------------------------------------------------


def inactive(party: Party, at: str) -> Problem:
    """Make the problem of a party that may not be newly named."""
    return _problem(
        "party_inactive",
        at,
        N_("{name} is suspended or closed and cannot be named on a new manifest. Choose another."),
        LICENSED,
        name=party.name,
    )


def _out_of_date(party: Party, papers: Sequence[Paper], wish: Wish) -> Problem:
    basis = QUALIFIED if wish.deed is Deed.CARRY else LICENSED
    if not papers:
        return _problem(
            "no_licence",
            wish.fields.party,
            N_("{name} has no licence for this on record. Have it entered, or have another do it."),
            basis,
            name=party.name,
        )
    last = max(papers, key=lambda paper: paper.valid_until)
    if last.valid_until < wish.day:
        sentence = N_(
            "The licence {number} of {name} ended on {until}. Have the new one entered, or have another do it."
        )
    else:
        sentence = N_(
            "The licence {number} of {name} does not hold on this day; it ends on {until}. Have another do it."
        )
    facts: dict[str, Fact] = {"number": last.number, "name": party.name, "until": last.valid_until}
    return _problem("licence_expired", wish.fields.party, sentence, basis, **facts)


def _problem(code: str, at: str, sentence: str, basis: str, **facts: Fact) -> Problem:
    return Problem(f"papers.{code}", sentence, facts, at, basis=basis)
