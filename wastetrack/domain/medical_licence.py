"""Licence number of a medical institution 医疗机构执业许可证登记号, for a clinic that has no credit code."""

import re
from typing import NewType

from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import compact, quoted
from wastetrack.domain.words import N_

MedicalLicence = NewType("MedicalLicence", str)

_SHAPE = re.compile(r"[0-9A-Z]{8,22}", re.ASCII)


def parse_medical_licence(text: str, field: str = "medical_licence") -> MedicalLicence:
    """Read a licence number; only what cannot be one at all is refused.

    Confidence low: the number is built of an organisation code, a region and classes and is usually 22 long, but
    older and local numbers differ and no text of the rule was found. So 8 to 22 letters and digits are taken.
    """
    number = compact(text)
    if not number:
        raise refuse("medical_licence.missing", N_("Enter the licence number of the medical institution."), field=field)
    if not _SHAPE.fullmatch(number):
        raise refuse(
            "medical_licence.shape",
            N_("{typed} is not a medical licence number: it has 8 to 22 letters and digits. Copy it from the licence."),
            field=field,
            typed=quoted(text),
        )
    return MedicalLicence(number)
