"""Number of a transfer manifest 联单编号 (Order 23 of 2021, Art 15): 14 digits.

Year (4), province (2) and city (2) of the place of departure, serial in that city (6). Issued by the state system,
or in a standalone installation by the platform, when the consignor signs; never used again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NewType

from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import compact, quoted
from wastetrack.domain.words import N_

ManifestNumber = NewType("ManifestNumber", str)

LAST_SERIAL = 999_999

BASIS = "危险废物转移管理办法 第十五条"
_SHAPE = re.compile(r"20[0-9]{12}")


def digits_of_departure(above: Sequence[str], city: str, own: Mapping[str, str]) -> str:
    """Return the four digits of province and city for a place of departure.

    `above` are the divisions that the place lies in by supervision, from the province down, itself included; `city`
    is its administrative city. Where one of them has digits of its `own` those count, the nearest first: for cities
    directly under the province the official codes do not say them (regulations §1.2, low), so they are a setting.
    """
    return next((own[code] for code in reversed(above) if code in own), city[:4])


def build_manifest_number(year: int, province: str, city: str, serial: int) -> ManifestNumber:
    """Make the number with this serial; refuse when the city has used up its million of the year."""
    if not (2000 <= year <= 2099 and re.fullmatch("[0-9]{2}", province) and re.fullmatch("[0-9]{2}", city)):
        raise ValueError("year 20nn, province and city of two digits each")
    if serial < 1:
        raise ValueError("serials start at 1")
    if serial > LAST_SERIAL:
        raise refuse(
            "manifest_number.used_up",
            N_("The manifest numbers of this city for {year} are used up. Ask the platform operator."),
            basis=BASIS,
            year=str(year),
        )
    return ManifestNumber(f"{year:04d}{province}{city}{serial:06d}")


def parse_manifest_number(text: str, field: str = "number") -> ManifestNumber:
    """Read a number from the state system or from paper."""
    number = compact(text)
    if not number:
        raise refuse("manifest_number.missing", N_("Enter the manifest number."), field=field)
    if not _SHAPE.fullmatch(number):
        raise refuse(
            "manifest_number.shape",
            N_("{typed} is not a manifest number: 14 digits, year 4, province 2, city 2, serial 6."),
            field=field,
            basis=BASIS,
            typed=quoted(text),
        )
    return ManifestNumber(number)
