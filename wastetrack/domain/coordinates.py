"""Where on the map a place is: degrees as people and telephones write them, kept as whole millionths of a degree.

Never a float: 0.000001° is a tenth of a metre, and a whole number is equal to itself on every machine.
"""

import re
from decimal import Decimal
from typing import NewType

from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.words import N_

Microdegrees = NewType("Microdegrees", int)

LATITUDES = (3_000_000, 54_000_000)
LONGITUDES = (73_000_000, 136_000_000)
"""China from 曾母暗沙 to 漠河 and from 帕米尔 to 黑瞎子岛, with half a degree to spare: plausible, not exact."""

_DEGREES = re.compile(r"([NSEW北南东西])?(\d{1,3}(?:\.\d{1,12})?)°?([NSEW])?", re.ASCII | re.IGNORECASE)
_SOUTH_OR_WEST = frozenset("SW南西")
_MICRO = 1_000_000


def parse_degrees(text: str, field: str = "coordinate") -> Microdegrees:
    """Read one coordinate in decimal degrees, such as `38.042307` or `N38.042307°`; more digits are rounded."""
    plain = narrow(text).replace(" ", "").replace("，", ".").replace(",", ".")
    found = _DEGREES.fullmatch(plain)
    before, figure, after = found.groups() if found else (None, None, None)
    if figure is None or (before and after) or ((before or after or "").upper() in _SOUTH_OR_WEST):
        raise refuse(
            "coordinate.shape",
            N_("{typed} is no coordinate. Write decimal degrees as a map shows them, such as 38.042307."),
            field=field,
            typed=quoted(text),
        )
    return Microdegrees(int((Decimal(figure) * _MICRO).to_integral_value()))


def degrees(micro: int) -> str:
    """Write a coordinate as it is typed: `38.042307`."""
    whole, rest = divmod(micro, _MICRO)
    return f"{whole}.{rest:06d}"


def shown_coordinates(latitude: int | None, longitude: int | None) -> str | None:
    """Write a pair as maps take it: `38.042307, 114.514860`; None where there is none."""
    return None if latitude is None or longitude is None else f"{degrees(latitude)}, {degrees(longitude)}"


def coordinate_problems(
    latitude: int | None, longitude: int | None, fields: tuple[str, str] = ("latitude_e6", "longitude_e6")
) -> list[Problem]:
    """Return what is wrong with a pair: only one of the two, outside China, or the two swapped."""
    if latitude is None and longitude is None:
        return []
    if latitude is None or longitude is None:
        sentence = N_("A place has a latitude and a longitude. Enter both, or leave both empty.")
        return [Problem("coordinate.both", sentence, field=fields[0] if latitude is None else fields[1])]
    if _within(longitude, LATITUDES) and _within(latitude, LONGITUDES):
        sentence = N_("Latitude and longitude are swapped: in China the latitude lies between {least} and {most}.")
        facts = {"least": LATITUDES[0] // _MICRO, "most": LATITUDES[1] // _MICRO}
        return [Problem("coordinate.swapped", sentence, facts, fields[0])]
    problems = []
    for value, bounds, field in ((latitude, LATITUDES, fields[0]), (longitude, LONGITUDES, fields[1])):
        if not _within(value, bounds):
            sentence = N_("This lies outside China: between {least} and {most} degrees are possible here. Check it.")
            facts = {"least": bounds[0] // _MICRO, "most": bounds[1] // _MICRO}
            problems.append(Problem("coordinate.outside", sentence, facts, field))
    return problems


def _within(value: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= value <= bounds[1]
