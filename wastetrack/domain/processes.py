"""Which process makes which waste harmless.

- Steam (HJ 276) infectious and sharps waste only; chemical (HJ 228) and microwave (HJ 229) disinfection also
  pathological waste (国家危险废物名录, exemption list, items 3 to 5). Disinfection does nothing to chemical and
  pharmaceutical waste: it goes to the furnace, or to another licensed process. Whether pathological waste holds
  organs, which item 5 leaves out, a code does not say: the operator must.
- The process codes are those of HJ 1033 Annex F: Y10 to Y16 are for medical waste and for no other.
"""

from collections.abc import Collection

from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.waste_codes import MedicalClass, TreatmentMode, WasteCode, medical_class_of
from wastetrack.domain.words import N_, Several

MODES = "HJ 1033"

_Mode, _Class = TreatmentMode, MedicalClass
MEDICAL_MODES = frozenset({_Mode.Y10, _Mode.Y11, _Mode.Y12, _Mode.Y13, _Mode.Y16})
"""Processes for medical waste only."""

_INFECTIVE = frozenset({_Class.INFECTIOUS, _Class.SHARPS, _Class.PATHOLOGICAL})
_DISINFECTED_BY = {
    _Mode.Y11: (frozenset({_Class.INFECTIOUS, _Class.SHARPS}), N_("HJ 276; national list, exemptions 3 and 4")),
    _Mode.Y12: (_INFECTIVE, N_("HJ 228; national list, exemptions 3 to 5")),
    _Mode.Y13: (_INFECTIVE, N_("HJ 229; national list, exemptions 3 to 5")),
    _Mode.Y16: (_INFECTIVE, N_("GB 39707-2020, Annex B")),
}
"""What a disinfecting process may be used for, and where that stands. The furnace takes all five classes."""

_FOR_INFECTIVE = MEDICAL_MODES | {_Mode.D10}


def fit_problem(waste_code: WasteCode, medical: bool, mode: TreatmentMode, codes: Several) -> Problem | None:
    """Return why this waste cannot be treated by this process, whatever the licence says; `codes` names the boxes."""
    facts: dict[str, Fact] = {"waste": waste_code, "mode": mode, "codes": codes}
    medical_class = medical_class_of(waste_code)
    if not medical or medical_class is None:
        if mode not in MEDICAL_MODES:
            return None
        sentence = N_("{waste} is not medical waste, and {mode} is for nothing else: {codes}. Choose another process.")
        return Problem("batch.only_medical", sentence, facts, "mode", basis=MODES)
    facts["waste"] = medical_class
    suited: Collection[MedicalClass] = frozenset(MedicalClass)
    basis: str = MODES
    if mode in _DISINFECTED_BY:
        suited, basis = _DISINFECTED_BY[mode]
    elif medical_class in _INFECTIVE and mode not in _FOR_INFECTIVE:
        suited = frozenset()
    if medical_class in suited:
        return None
    sentence = N_("{mode} does not make {waste} harmless: {codes}. Take these out, or choose another process.")
    return Problem("batch.process", sentence, facts, "mode", basis=basis)
