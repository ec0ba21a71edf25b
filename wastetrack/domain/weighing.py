"""Reading a mass: what a person types or a scale sends, into whole grams, with where it came from.

A careful clerk reads only what can be read in one way. `3,42` may be three and a half kilograms or a slip for
3420 written with a thousands sign; it is refused, not guessed.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.words import N_, Term


class MassSource(Term):
    """Where a mass comes from. Only a scale's own figure goes unmarked on a screen."""

    SCALE = "scale", N_("read from the scale")
    MANUAL = "manual", N_("typed in")
    ESTIMATED = "estimated", N_("estimated")


class MassUnit(Term):
    """The unit of a figure that carries none itself."""

    KILOGRAM = "kg", N_("kilogram")
    GRAM = "g", N_("gram")
    TONNE = "t", N_("tonne")


@dataclass(frozen=True)
class Weighing:
    """A mass and where it came from."""

    mass: Grams
    source: MassSource


class WeighedBy(Term):
    """As what somebody weighs a container. Each has his own figure; none replaces another's."""

    PRODUCER = "producer", N_("producer")
    STATION = "station", N_("station")
    CARRIER = "carrier", N_("carrier")
    RECEIVER = "receiver", N_("receiver")


def weighed_by(*, producer: bool, on_vehicle: bool, kinds: Collection[OrganisationKind]) -> WeighedBy:
    """Tell as what the holder weighs: as the producer in his own house, as carrier on the vehicle, and so on."""
    if producer:
        return WeighedBy.PRODUCER
    if on_vehicle:
        return WeighedBy.CARRIER
    return WeighedBy.RECEIVER if OrganisationKind.DISPOSER in kinds else WeighedBy.STATION


DIFFERENCE_FROM = Grams(200)
DIFFERENCE_SHARE = 50
"""A difference is worth a second look above 0.2 kg and above one part in fifty (rule H-17: a house figure, no law)."""


def differs(stated: int, weighed: int) -> bool:
    """Tell whether two figures of one container, in grams, are so far apart that it should be weighed again (H-17)."""
    gap = abs(weighed - stated)
    return gap > DIFFERENCE_FROM and gap * DIFFERENCE_SHARE > stated


_GRAMS_IN = {MassUnit.GRAM: 1, MassUnit.KILOGRAM: 1_000, MassUnit.TONNE: 1_000_000}
_UNIT_WORDS = {
    "kg": MassUnit.KILOGRAM,
    "㎏": MassUnit.KILOGRAM,
    "公斤": MassUnit.KILOGRAM,
    "千克": MassUnit.KILOGRAM,
    "g": MassUnit.GRAM,
    "克": MassUnit.GRAM,
    "t": MassUnit.TONNE,
    "吨": MassUnit.TONNE,
}
_FIGURE = re.compile(r"([+-]?)\s*([0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12})\s*([^\s0-9.+-]*)")
_SCALE_LINE = re.compile(r"(ST|US|OL)\s*,(?:\s*(GS|NT|TR)\s*,)?\s*(.+)", re.IGNORECASE)
"""State, often what was weighed (gross, net, tare), figure: `ST,GS,+  3.42kg`, as common indicators send it."""


def parse_mass(
    text: str,
    unit: MassUnit = MassUnit.KILOGRAM,
    field: str = "mass",
    *,
    most: Grams | None = None,
    typed: MassSource = MassSource.MANUAL,
) -> Weighing:
    """Read a mass; a figure without a unit is in `unit`, one above `most` is refused as absurd.

    Without `most` any mass is read: what a container can weigh is known only with its packaging, and its own limit
    (`registration.mass_problems`) says more to who stands at the scale than one that would fit everything.
    A line from a scale is marked so; anything else is marked as `typed` says.
    """
    plain = narrow(text)
    if not plain:
        raise refuse("mass.missing", N_("Weigh it, or enter the mass."), field=field)
    line = _SCALE_LINE.fullmatch(plain)
    if line:
        _require_settled(line.group(1).upper(), (line.group(2) or "").upper(), field)
        return Weighing(_grams(line.group(3), unit, field, most), MassSource.SCALE)
    return Weighing(_grams(plain, unit, field, most), typed)


def _require_settled(state: str, what: str, field: str) -> None:
    if state == "US":
        raise refuse("mass.unstable", N_("The scale has not settled yet. Wait until it is still."), field=field)
    if state == "OL":
        raise refuse("mass.overload", N_("The scale is overloaded. Use a larger scale."), field=field)
    if what == "TR":
        raise refuse("mass.tare", N_("The scale sent its tare, not a mass. Press print again."), field=field)


def _grams(figure: str, unit: MassUnit, field: str, most: Grams | None) -> Grams:
    """Read a figure with or without unit; every way to be wrong has its own sentence."""
    if "," in figure:
        raise refuse(
            "mass.comma",
            N_("A comma can be read in two ways in {typed}. Write a point for the decimals and nothing for thousands."),
            field=field,
            typed=quoted(figure),
        )
    # Chinese keyboards give 。 where the point is meant; nothing else can be meant inside a figure.
    match = _FIGURE.fullmatch(figure.replace("。", ".").strip())
    if match is None:
        raise _unreadable(figure, field)
    sign, digits, word = match.groups()
    written_unit = _UNIT_WORDS.get(word.lower()) if word else unit
    if written_unit is None:
        raise _unreadable(figure, field)
    amount = Decimal(sign + digits) * _GRAMS_IN[written_unit]
    return _within(amount, field, most)


def _within(amount: Decimal, field: str, most: Grams | None) -> Grams:
    if amount == 0:
        raise refuse("mass.zero", N_("The mass is zero. Put it on the scale and weigh again."), field=field)
    if amount < 0:
        raise refuse("mass.negative", N_("The mass is below zero. Set the scale to zero and weigh again."), field=field)
    if amount != amount.to_integral_value():
        raise refuse(
            "mass.fine", N_("The mass is finer than a gram. Give at most three decimals of a kg."), field=field
        )
    if most is not None and amount > most:
        raise refuse(
            "mass.absurd",
            N_("The mass is above {most}, more than is possible here. Check the figure and its unit."),
            field=field,
            most=most,
        )
    return Grams(amount)


def _unreadable(figure: str, field: str) -> Refusal:
    return refuse(
        "mass.unreadable",
        N_("{typed} is not a mass. Write a figure such as 3.42, if need be with kg, g or t."),
        field=field,
        typed=quoted(figure),
    )
