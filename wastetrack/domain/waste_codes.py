"""Waste codes of the national list 国家危险废物名录 and the short code lists around them (regulations §5).

Whether a code is listed on a given day is the catalogue's to say; here only what a code says by itself.
"""

import re
from collections.abc import Sequence
from typing import NewType

from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import compact, narrow, quoted
from wastetrack.domain.words import N_, Term

WasteCode = NewType("WasteCode", str)
"""As in the list: industry 3, serial 3, category 2, with dashes: `841-001-01`."""

Category = NewType("Category", str)
"""`HW01` to `HW50`."""

_CODE = re.compile(r"[0-9]{8}")
_CATEGORY = re.compile(r"HW(0[1-9]|[1-4][0-9]|50)")


class Hazard(Term):
    """Hazardous characteristic 危险特性, by its letters in the list."""

    TOXIC = "T", N_("toxic")
    CORROSIVE = "C", N_("corrosive")
    IGNITABLE = "I", N_("ignitable")
    REACTIVE = "R", N_("reactive")
    INFECTIOUS = "In", N_("infectious")


class Form(Term):
    """Physical form 形态."""

    SOLID = "S", N_("solid")
    SEMI_SOLID = "SS", N_("semi-solid (sludge)")
    LIQUID = "L", N_("liquid")
    GAS = "G", N_("gas (in a vessel)")


class ManifestPackaging(Term):
    """Packaging 包装方式 as the manifest form and plans name it; a finer official list was not found.

    What a single container is, is `containers.Packaging`.
    """

    DRUM = "drum", N_("drum packaging")
    BAG = "bag", N_("bag packaging")
    BOX = "box", N_("box packaging")
    TANK = "tank", N_("tank packaging")
    OTHER = "other", N_("other packaging")


class MedicalClass(Term):
    """The five classes of medical waste (医疗废物分类目录 2021) and what the national list says of each."""

    INFECTIOUS = "infectious", N_("infectious waste")
    SHARPS = "sharps", N_("sharps waste")
    PATHOLOGICAL = "pathological", N_("pathological waste")
    CHEMICAL = "chemical", N_("chemical waste")
    PHARMACEUTICAL = "pharmaceutical", N_("pharmaceutical waste")

    @property
    def waste_code(self) -> WasteCode:
        """Return the code of this class in the national list."""
        return WasteCode(f"841-00{list(MedicalClass).index(self) + 1}-01")

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """Return the characteristics the list gives; for chemical waste any of them may apply."""
        if self is MedicalClass.CHEMICAL:
            return (Hazard.TOXIC, Hazard.CORROSIVE, Hazard.IGNITABLE, Hazard.REACTIVE)
        return (Hazard.TOXIC,) if self is MedicalClass.PHARMACEUTICAL else (Hazard.INFECTIOUS,)


class TreatmentMode(Term):
    """How waste is used or disposed of 利用处置方式 (HJ 1033 Annex F). Numbers missing here are not in the table."""

    R1 = "R1", N_("use as fuel or to generate energy")
    R2 = "R2", N_("solvent recovery")
    R3 = "R3", N_("recycling of organic substances other than solvents")
    R4 = "R4", N_("recycling of metals and metal compounds")
    R5 = "R5", N_("recycling of other inorganic substances")
    R6 = "R6", N_("regeneration of acids or bases")
    R7 = "R7", N_("recovery of pollution abatement components")
    R8 = "R8", N_("recovery of catalyst components")
    R9 = "R9", N_("re-refining of waste oil")
    R15 = "R15", N_("other use")
    D1 = "D1", N_("landfill")
    D9 = "D9", N_("physical and chemical treatment")
    D10 = "D10", N_("incineration")
    D16 = "D16", N_("other disposal")
    C1 = "C1", N_("co-processing in a cement kiln")
    C2 = "C2", N_("production of building materials")
    C3 = "C3", N_("cleaning of packaging")
    Y10 = "Y10", N_("medical waste incineration")
    Y11 = "Y11", N_("medical waste high-temperature steam")
    Y12 = "Y12", N_("medical waste chemical disinfection")
    Y13 = "Y13", N_("medical waste microwave disinfection")
    Y16 = "Y16", N_("other medical waste treatment")
    G21 = "G21", N_("dry detoxification of chromium slag")
    G22 = "G22", N_("wet detoxification of chromium slag")
    G23 = "G23", N_("chromium slag for sintering and iron making")
    G24 = "G24", N_("chromium slag for cement")
    G29 = "G29", N_("other treatment of chromium slag")


class ReceiverOpinion(Term):
    """Manifest part 3, 接受人处理意见. Confidence low to medium: an installation may offer others."""

    ACCEPTED = "accepted", N_("load accepted")
    PARTLY_ACCEPTED = "partly_accepted", N_("load partly accepted")
    REJECTED = "rejected", N_("load rejected")


def parse_waste_code(text: str, field: str = "waste_code") -> WasteCode:
    """Read a code with or without its dashes."""
    digits = compact(text)
    if not digits:
        raise refuse("waste_code.missing", N_("Enter the waste code."), field=field)
    if not _CODE.fullmatch(digits) or not _CATEGORY.fullmatch(f"HW{digits[6:]}"):
        raise refuse(
            "waste_code.shape",
            N_("{typed} is not a waste code: 8 digits such as 841-001-01, the last two from 01 to 50."),
            field=field,
            typed=quoted(text),
        )
    return WasteCode(f"{digits[:3]}-{digits[3:6]}-{digits[6:]}")


def category_of(code: WasteCode) -> Category:
    """Return the category that the last two digits name."""
    return Category(f"HW{code[-2:]}")


def medical_class_of(code: WasteCode) -> MedicalClass | None:
    """Return the medical class that `code` stands for, or None for any other waste."""
    return next((medical for medical in MedicalClass if medical.waste_code == code), None)


def parse_hazards(text: str, field: str = "hazards") -> tuple[Hazard, ...]:
    """Read characteristics as written in the list and on labels: `T/C`, `T, In`. Each counts once, in their order."""
    by_letters = {hazard.value.upper(): hazard for hazard in Hazard}
    words = [word for word in re.split(r"[,/、;\s]+", narrow(text).upper()) if word]
    wrong = [word for word in words if word not in by_letters]
    if wrong or not words:
        raise refuse(
            "hazards.unknown",
            N_("{typed} is not a list of hazard letters. Use T, C, I, R and In, with / between them."),
            field=field,
            typed=quoted(text),
        )
    return tuple(dict.fromkeys(by_letters[word] for word in words))


def parse_scope_entry(text: str, field: str = "scope") -> WasteCode | Category:
    """Read one entry of a licence's scope: a waste code, or a whole category such as HW01."""
    entry = compact(text)
    if _CATEGORY.fullmatch(entry):
        return Category(entry)
    if _CODE.fullmatch(entry):
        return parse_waste_code(entry, field)
    raise refuse(
        "scope.entry",
        N_("{typed} is neither a waste code such as 841-001-01 nor a category such as HW01."),
        field=field,
        typed=quoted(text),
    )


def scope_covers(scope: Sequence[str], waste_code: WasteCode) -> bool:
    """Tell whether a scope (entries as `parse_scope_entry` returns them) names the code or its category."""
    return waste_code in scope or category_of(waste_code) in scope
