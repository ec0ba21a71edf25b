"""Digital identification code 数字识别码 of HJ 1276 / HJ 1259: 37 characters beside the QR of a hazardous-waste label.

Credit code (18), waste code without dashes (8), day of generation YYYYMMDD (8), serial of that day and waste (3).
The four segments are in the standard; their lengths are from memory (regulations §2.1, high confidence).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from wastetrack.domain.credit_code import CreditCode, parse_credit_code
from wastetrack.domain.problems import Problem, Refusal, refuse
from wastetrack.domain.typed_text import compact
from wastetrack.domain.waste_codes import WasteCode, parse_waste_code
from wastetrack.domain.words import N_

_Part = TypeVar("_Part")

LENGTH = 37
LAST_SERIAL = 999


@dataclass(frozen=True)
class DigitalCode:
    """What a digital identification code says; `str()` gives the 37 characters."""

    credit_code: CreditCode
    waste_code: WasteCode
    day: date
    serial: int

    def __str__(self) -> str:
        """Return the code as printed."""
        return f"{self.credit_code}{self.waste_code.replace('-', '')}{self.day:%Y%m%d}{self.serial:03d}"


def build_digital_code(credit_code: CreditCode, waste_code: WasteCode, day: date, serial: int) -> DigitalCode:
    """Make the code of the `serial`-th container of this waste on this day; refuse the thousandth."""
    if serial < 1:
        raise ValueError("serials start at 1")
    if serial > LAST_SERIAL:
        raise refuse(
            "digital_code.used_up",
            N_("More than 999 containers of {waste} on {day}: the label code has no room. Use larger containers."),
            basis="HJ 1276-2022",
            waste=waste_code,
            day=day,
        )
    return DigitalCode(credit_code, waste_code, day, serial)


def parse_digital_code(text: str, field: str = "digital_code") -> DigitalCode:
    """Read a code from a label; every segment that is wrong is named."""
    code = compact(text)
    if len(code) != LENGTH:
        raise refuse(
            "digital_code.length",
            N_("A digital identification code has 37 characters; this one has {count}. Copy it whole."),
            field=field,
            basis="HJ 1276-2022",
            count=len(code),
        )
    problems: list[Problem] = []
    credit_code = _segment(parse_credit_code, code[:18], field, problems)
    waste_code = _segment(parse_waste_code, code[18:26], field, problems)
    day = _segment(_parse_day, code[26:34], field, problems)
    serial = _segment(_parse_serial, code[34:], field, problems)
    if credit_code is None or waste_code is None or day is None or serial is None:
        raise Refusal(problems)
    return DigitalCode(credit_code, waste_code, day, serial)


def _segment(parse: Callable[[str, str], _Part], segment: str, field: str, problems: list[Problem]) -> _Part | None:
    """Read one segment; put what is wrong with it to the other problems."""
    try:
        return parse(segment, field)
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return None


def _parse_day(segment: str, field: str) -> date:
    if segment.isascii() and segment.isdigit():
        try:
            return date(int(segment[:4]), int(segment[4:6]), int(segment[6:]))
        except ValueError:
            pass
    sentence = N_("{segment} in the digital identification code is no date: year 4, month 2, day 2.")
    raise refuse("digital_code.day", sentence, field=field, basis="HJ 1276-2022", segment=segment)


def _parse_serial(segment: str, field: str) -> int:
    if segment.isascii() and segment.isdigit() and int(segment) > 0:
        return int(segment)
    sentence = N_("{segment} at the end of the digital identification code is no serial from 001 to 999.")
    raise refuse("digital_code.serial", sentence, field=field, basis="HJ 1276-2022", segment=segment)
