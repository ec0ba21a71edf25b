"""The industry of an organisation 行业类别, as the national economic classification GB/T 4754 codes it."""

import re

from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import compact, quoted
from wastetrack.domain.words import N_

_SHAPE = re.compile(r"[A-T][0-9]{2,4}", re.ASCII)


def parse_industry(text: str, field: str = "industry_code") -> str:
    """Read a code such as `Q8411`: a section from A to T, then two to four digits.

    The pattern alone is checked: the classification itself is not part of the reference data, and editions differ.
    """
    code = compact(text)
    if not _SHAPE.fullmatch(code):
        raise refuse(
            "industry.shape",
            N_("{typed} is no industry code. It is a letter from A to T and two to four digits, such as Q8411."),
            field=field,
            basis="GB/T 4754",
            typed=quoted(text),
        )
    return code
