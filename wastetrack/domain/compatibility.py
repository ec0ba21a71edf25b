"""What may not share a large box, a zone of a store or a store without zones, and why (rule S-08).

That what is incompatible must not be mixed is certain law: Ecological Environment Code Art. 535, before it Solid Waste
Law 2020 Art. 81; GB 18597-2023, 4.3 and 6.1.2 (zones keep it apart) and 6.2.1 (an aisle, a partition or a wall lies
between zones). Which pairs are incompatible no law in force says. So the table here is dated, sourced and marked by how
sure it is: only what is certain refuses by itself, the rest warns. An organisation or a region may set each cell
stricter at any time, and laxer only by a dated local document (domain.md, "Limits and alerts").
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from wastetrack.domain.alerts import CODE_IN_FORCE
from wastetrack.domain.problems import Fact, Kind, Problem
from wastetrack.domain.waste_codes import Category, Hazard, MedicalClass, WasteCode, category_of, medical_class_of
from wastetrack.domain.words import N_, Term


@dataclass(frozen=True)
class Waste:
    """What the rules need to know of one container: its code as people read it, its waste code and its hazards."""

    code: str
    waste_code: WasteCode
    hazards: tuple[Hazard, ...] = ()

    @property
    def category(self) -> Category:
        """Return the category of the national list."""
        return category_of(self.waste_code)


class Where(Term):
    """What two containers would share."""

    PARENT = "parent", N_("one large box")
    ZONE = "zone", N_("one zone of a store")
    STORE = "store", N_("a store without zones")


class Effect(Term):
    """What follows where two wastes do not go together."""

    NONE = "none", N_("allowed")
    WARN = "warn", N_("warns, and the warning is kept")
    REFUSE = "refuse", N_("is refused")


_STRICTNESS = {Effect.NONE: 0, Effect.WARN: 1, Effect.REFUSE: 2}


class Confidence(Term):
    """How sure it is that the pair is incompatible."""

    CERTAIN = "certain", N_("certain")
    PROBABLE = "probable", N_("probable: to be confirmed")


class Pair(Term):
    """Two sorts of waste that do not go together; the label is the reason, as it stands in a sentence."""

    MEDICAL_OTHER = "medical_other", N_("medical waste is kept apart from all other waste")
    ACID_CYANIDE = "acid_cyanide", N_("acid sets deadly hydrogen cyanide free from cyanides")
    ACID_ALKALI = "acid_alkali", N_("acid and alkali react violently and become hot")
    EXPLOSIVE = "explosive", N_("explosive waste is kept apart as an explosive")
    REACTIVE_CORROSIVE = "reactive_corrosive", N_("reactive waste may set poisonous or burning gas free with acids")
    REACTIVE_IGNITABLE = "reactive_ignitable", N_("reactive waste may be oxidising and set ignitable waste on fire")
    MEDICAL_CLASSES = "medical_classes", N_("chemical and pharmaceutical waste go another way than infected waste")


_MIXING = (
    N_("Ecological Environment Code, Art. 535; GB 18597-2023, 4.3 and 6.1.2"),
    N_("Solid Waste Law 2020, Art. 81; GB 18597-2023, 4.3 and 6.1.2"),
)
"""As the law is since the Code, and as it was before."""


@dataclass(frozen=True)
class Rule:
    """One line of the table: what it rests on, since when and how surely, and what follows in each place."""

    pair: Pair
    basis: tuple[str, str]
    source: str
    """Where it was read that the two do not go together, for who confirms or corrects the table."""
    confidence: Confidence
    since: date
    effects: dict[Where, Effect]


_GB_18597 = date(2023, 7, 1)
_CERTAIN = {Where.PARENT: Effect.REFUSE, Where.ZONE: Effect.REFUSE, Where.STORE: Effect.WARN}
_PROBABLE = {Where.PARENT: Effect.WARN, Where.ZONE: Effect.WARN, Where.STORE: Effect.NONE}

RULES: tuple[Rule, ...] = (
    Rule(
        Pair.MEDICAL_OTHER,
        (N_("Medical Waste Regulation, Art. 14"), N_("Medical Waste Regulation, Art. 14")),
        N_("text of the regulation: medical waste must not be mixed into other waste"),
        Confidence.CERTAIN,
        date(2003, 6, 16),
        _CERTAIN,
    ),
    Rule(
        Pair.ACID_CYANIDE,
        _MIXING,
        N_("GB 5085.5: cyanides are reactive because acid sets hydrogen cyanide free; HW34 with HW07, HW33 and HW38"),
        Confidence.CERTAIN,
        _GB_18597,
        _CERTAIN,
    ),
    Rule(
        Pair.ACID_ALKALI,
        _MIXING,
        N_("general chemistry: neutralisation gives off heat; HW34 with HW35"),
        Confidence.CERTAIN,
        _GB_18597,
        _CERTAIN,
    ),
    Rule(
        Pair.EXPLOSIVE,
        (N_("GB 18597-2023, 4.9"), N_("GB 18597-2023, 4.9")),
        N_("4.9: what may explode is stabilised first, else stored as an explosive; HW15 with any other category"),
        Confidence.PROBABLE,
        _GB_18597,
        _PROBABLE,
    ),
    Rule(
        Pair.REACTIVE_CORROSIVE,
        _MIXING,
        N_("GB 5085.5: reaction with acid; the letters R and C do not tell with what a waste reacts"),
        Confidence.PROBABLE,
        _GB_18597,
        _PROBABLE,
    ),
    Rule(
        Pair.REACTIVE_IGNITABLE,
        _MIXING,
        N_("GB 5085.5: spent oxidisers are reactive; the letter R does not tell whether a waste is one"),
        Confidence.PROBABLE,
        _GB_18597,
        _PROBABLE,
    ),
    Rule(
        Pair.MEDICAL_CLASSES,
        (N_("MoH Order 36"), N_("MoH Order 36")),
        N_("Order 36 forbids collecting the classes mixed; of sealed bags in one box it does not speak"),
        Confidence.PROBABLE,
        date(2003, 10, 15),
        {Where.PARENT: Effect.WARN, Where.ZONE: Effect.NONE, Where.STORE: Effect.NONE},
    ),
)
"""From what is surest to what is least sure: of two containers the first line that holds is said."""

_ACID, _ALKALI, _EXPLOSIVE = frozenset({"HW34"}), frozenset({"HW35"}), frozenset({"HW15"})
_CYANIDE = frozenset({"HW07", "HW33", "HW38"})
_MEDICAL = "HW01"
_APART = frozenset({MedicalClass.CHEMICAL, MedicalClass.PHARMACEUTICAL})


def is_of(pair: Pair, one: Waste, other: Waste) -> bool:
    """Tell whether two wastes are such a pair, whichever comes first. The same waste goes with itself."""
    return one.waste_code != other.waste_code and (_ordered(pair, one, other) or _ordered(pair, other, one))


def _ordered(pair: Pair, one: Waste, other: Waste) -> bool:
    medical, both = one.category == _MEDICAL, {one.category, other.category}
    match pair:
        case Pair.MEDICAL_OTHER:
            return medical and other.category != _MEDICAL
        case Pair.MEDICAL_CLASSES:
            first, second = medical_class_of(one.waste_code), medical_class_of(other.waste_code)
            return first in _APART and second is not None and second not in _APART
        case Pair.ACID_CYANIDE:
            return one.category in _ACID and other.category in _CYANIDE
        case Pair.ACID_ALKALI:
            return one.category in _ACID and other.category in _ALKALI
        case Pair.EXPLOSIVE:
            return one.category in _EXPLOSIVE and other.category not in _EXPLOSIVE
        case Pair.REACTIVE_CORROSIVE:
            return _MEDICAL not in both and Hazard.REACTIVE in one.hazards and Hazard.CORROSIVE in other.hazards
        case Pair.REACTIVE_IGNITABLE:
            return _MEDICAL not in both and Hazard.REACTIVE in one.hazards and Hazard.IGNITABLE in other.hazards


@dataclass(frozen=True)
class Setting:
    """What an organisation or a region has set for one cell of the table, from a day until a day.

    Settings stand in the order in which they were entered: of two of one level for a day the later counts.
    """

    pair: Pair
    where: Where
    effect: Effect
    first_day: date
    last_day: date | None = None
    cited: bool = False
    """Whether a dated local document is named: only then it may be laxer than what else holds."""
    level: int = 99
    """How near it is: of a region how far below the country, an organisation's own is nearest."""


def effect_of(rule: Rule, where: Where, on: date, settings: Sequence[Setting] = ()) -> Effect:
    """Return what follows on a day: the table, then what was set, from the farthest level to the nearest.

    What cites no dated document only ever makes it stricter.
    """
    effect = rule.effects[where] if on >= rule.since else Effect.NONE
    here = [one for one in settings if (one.pair, one.where) == (rule.pair, where) and _counts(one, on)]
    for level in sorted({one.level for one in here}):
        newest = [one for one in here if one.level == level][-1]
        if newest.cited or _STRICTNESS[newest.effect] > _STRICTNESS[effect]:
            effect = newest.effect
    return effect


def _counts(one: Setting, on: date) -> bool:
    return one.first_day <= on and (one.last_day is None or on <= one.last_day)


def is_laxer(pair: Pair, where: Where, effect: Effect, on: date) -> bool:
    """Tell whether an effect is laxer than what the table itself says."""
    rule = next(one for one in RULES if one.pair is pair)
    return _STRICTNESS[effect] < _STRICTNESS[effect_of(rule, where, on)]


_MUST_NOT = {
    Where.PARENT: N_("{code} ({waste}) must not go into one large box with {other} ({other_waste}): {reason}."),
    Where.ZONE: N_("{code} ({waste}) must not stand in one zone with {other} ({other_waste}): {reason}."),
    Where.STORE: N_("{code} ({waste}) must not stand in one store with {other} ({other_waste}): {reason}."),
}
_SHOULD_NOT = {
    Where.PARENT: N_("{code} ({waste}) had better not go into one box with {other} ({other_waste}): {reason}."),
    Where.ZONE: N_("{code} ({waste}) had better not stand in one zone with {other} ({other_waste}): {reason}."),
    Where.STORE: N_(
        "{code} ({waste}) stands in one store with {other} ({other_waste}): {reason}. Divide the store into zones."
    ),
}


def problems_of_sharing(
    present: Collection[Waste],
    coming: Waste,
    where: Where,
    field: str,
    *,
    on: date,
    settings: Sequence[Setting] = (),
) -> list[Problem]:
    """Return why a container may not come to where others are: each pair of wastes once, naming both codes."""
    return _said(Effect.REFUSE, present, coming, where, field, on, settings)


def warnings_of_sharing(
    present: Collection[Waste],
    coming: Waste,
    where: Where,
    field: str,
    *,
    on: date,
    settings: Sequence[Setting] = (),
) -> list[Problem]:
    """Return what should be said, and kept, of a container that may come to where others are."""
    return _said(Effect.WARN, present, coming, where, field, on, settings)


def _said(
    effect: Effect,
    present: Collection[Waste],
    coming: Waste,
    where: Where,
    field: str,
    on: date,
    settings: Sequence[Setting],
) -> list[Problem]:
    """Say each pair of waste codes once, by the first container that was given."""
    sentences = _MUST_NOT if effect is Effect.REFUSE else _SHOULD_NOT
    found: dict[WasteCode, Problem] = {}
    for one in present:
        if one.code == coming.code or one.waste_code in found:
            continue
        rule = _strictest(one, coming, where, on, settings)
        if rule is None or effect_of(rule, where, on, settings) is not effect:
            continue
        facts: dict[str, Fact] = {
            "code": coming.code,
            "waste": coming.waste_code,
            "other": one.code,
            "other_waste": one.waste_code,
            "reason": rule.pair,
        }
        basis = rule.basis[0 if on >= CODE_IN_FORCE else 1]
        name = f"compatibility.{rule.pair.value}"
        found[one.waste_code] = Problem(name, sentences[where], facts, field, Kind.CONFLICT, basis)
    return list(found.values())


def _strictest(one: Waste, other: Waste, where: Where, on: date, settings: Sequence[Setting]) -> Rule | None:
    """Return the line of the table that holds most strictly for two wastes; of equals the surest."""
    holding = [rule for rule in RULES if is_of(rule.pair, one, other)]
    return max(holding, key=lambda rule: _STRICTNESS[effect_of(rule, where, on, settings)], default=None)
