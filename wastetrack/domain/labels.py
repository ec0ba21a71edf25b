"""Labels: which size the law asks for, which formats may bear which waste, and how copies and blank labels are kept.

Sizes and character heights: HJ 1276-2022 (regulations §2.1). The tag of medical waste: 医疗卫生机构医疗废物管理办法
and HJ 421-2008 (§4.2, §4.6). What a smaller roll or a sheet may bear follows from both: a label of HJ 1276 is never
smaller than 100 × 100 mm, so smaller paper only takes tags of medical waste, or a code sticker beside the label.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from wastetrack.domain.containers import USED
from wastetrack.domain.problems import Fact, Kind, Problem
from wastetrack.domain.words import N_, Term

BASIS = "HJ 1276-2022"

MOST_AT_ONCE = 2000
"""Containers whose labels are printed in one go (house figure)."""
MOST_BLANKS = 2000
"""Blank labels in one batch (house figure)."""


class LabelSize(Term):
    """The sizes of HJ 1276-2022, square, in millimetres."""

    MM100 = "100", N_("100 × 100 mm")
    MM150 = "150", N_("150 × 150 mm")
    MM200 = "200", N_("200 × 200 mm")

    @property
    def mm(self) -> int:
        """Return the side in millimetres."""
        return int(self.value)


CHARACTER_MM = {LabelSize.MM100: 3.0, LabelSize.MM150: 5.0, LabelSize.MM200: 6.0}
"""The least height of a character on a label of each size (HJ 1276-2022)."""


def size_for(litres: int) -> LabelSize:
    """Return the least size for a container: up to 50 L 100 mm, up to 450 L 150 mm, above 200 mm (HJ 1276-2022)."""
    if litres <= 50:
        return LabelSize.MM100
    return LabelSize.MM150 if litres <= 450 else LabelSize.MM200


def sheets_for(litres: int) -> int:
    """Return how many labels a container bears: above 450 L two, on opposite sides (HJ 1276-2022)."""
    return 2 if litres > 450 else 1


class What(Term):
    """What is printed."""

    TAG = "tag", N_("Tag of medical waste")
    LABEL = "label", N_("Label of hazardous waste")
    STICKER = "sticker", N_("Extra code sticker")


class LabelFormat(Term):
    """What is printed on which paper. A roll is one label a page; a sheet is A4 in columns × rows."""

    TAG_80X60 = "tag_80x60", N_("Roll 80 × 60 mm")
    TAG_60X40 = "tag_60x40", N_("Roll 60 × 40 mm")
    TAG_40X30 = "tag_40x30", N_("Roll 40 × 30 mm")
    TAG_100X100 = "tag_100x100", N_("Roll 100 × 100 mm")
    TAG_2X4 = "tag_2x4", N_("A4 sheet 2 × 4 (105 × 74.2 mm)")
    TAG_2X5 = "tag_2x5", N_("A4 sheet 2 × 5 (105 × 59.4 mm)")
    TAG_3X7 = "tag_3x7", N_("A4 sheet 3 × 7 (70 × 42.4 mm)")
    TAG_3X8 = "tag_3x8", N_("A4 sheet 3 × 8 (70 × 37.1 mm)")
    TAG_4X10 = "tag_4x10", N_("A4 sheet 4 × 10 (52.5 × 29.7 mm)")
    LABEL_AS_ASKED = "label_as_asked", N_("As the volume asks: 100, 150 or 200 mm, one a page")
    LABEL_100 = "label_100", N_("100 × 100 mm, one a page")
    LABEL_150 = "label_150", N_("150 × 150 mm, one a page")
    LABEL_200 = "label_200", N_("200 × 200 mm, one a page")
    LABEL_A4 = "label_a4", N_("As the volume asks, on A4 pages to cut out")
    STICKER_40X30 = "sticker_40x30", N_("Extra code sticker, roll 40 × 30 mm")
    STICKER_60X40 = "sticker_60x40", N_("Extra code sticker, roll 60 × 40 mm")
    STICKER_3X8 = "sticker_3x8", N_("Extra code sticker, A4 sheet 3 × 8 (70 × 37.1 mm)")
    STICKER_4X10 = "sticker_4x10", N_("Extra code sticker, A4 sheet 4 × 10 (52.5 × 29.7 mm)")

    @property
    def what(self) -> What:
        """Return what this format prints."""
        return What(self.value.partition("_")[0])  # type: ignore[call-arg]  # a Term is looked up by its value

    @property
    def grid(self) -> tuple[int, int] | None:
        """Return columns and rows of a sheet; None for a roll or a page."""
        columns, _, rows = self.value.rpartition("_")[2].partition("x")
        return (int(columns), int(rows)) if rows and int(columns) < 10 else None

    @property
    def roll_mm(self) -> tuple[int, int] | None:
        """Return width and height of a label on a roll; None where it is a sheet or the size is the standard's."""
        wide, _, high = self.value.rpartition("_")[2].partition("x")
        return (int(wide), int(high)) if high and int(wide) >= 10 else None

    @property
    def places(self) -> int:
        """Return how many labels a sheet bears; one for a roll."""
        columns, rows = self.grid or (1, 1)
        return columns * rows

    @property
    def size(self) -> LabelSize | None:
        """Return the size of HJ 1276 that this format names; None where the volume decides."""
        named = self.value.rpartition("_")[2]
        return LabelSize(named) if named in set(LabelSize) else None  # type: ignore[call-arg]


FOR_MEDICAL = tuple(one for one in LabelFormat if one.what is not What.LABEL)
FOR_OTHERS = tuple(one for one in LabelFormat if one.what is not What.TAG)
USUAL = {True: LabelFormat.TAG_80X60, False: LabelFormat.LABEL_AS_ASKED}
"""The format offered first, for medical waste and for other."""
BLANK_TAGS = (LabelFormat.TAG_80X60, LabelFormat.TAG_60X40, LabelFormat.TAG_100X100, LabelFormat.TAG_2X4,
              LabelFormat.TAG_2X5)  # fmt: skip
"""Tags large enough to write the entries by hand."""
BLANK_STICKERS = tuple(one for one in LabelFormat if one.what is What.STICKER)
"""Mere codes. A label of HJ 1276 is printed with its entries, which are known when the waste is registered."""


class PrintState(Term):
    """How far the making of a file of labels is."""

    WORKING = "working", N_("being made")
    DONE = "done", N_("ready to print")
    STOPPED = "stopped", N_("could not be made")


SMALL = 60
"""Up to so many labels are made at once, in the request itself (house figure)."""
KEPT_DAYS = 7
"""So long the file of a print can be fetched again; what was printed stays on the record (house figure)."""


def format_problems(chosen: LabelFormat, *, medical: bool, litres: int, code: str, field: str) -> list[Problem]:
    """Return why a container may not be labelled in a format: of the other kind of waste, or too small for it.

    HJ 1276-2022 leaves medical waste to HJ 421, and sets the least size by the volume: larger is free, smaller not.
    """
    if chosen not in (FOR_MEDICAL if medical else FOR_OTHERS):
        sentence = N_("This format is for medical waste; container {code} holds other waste.")
        if medical:
            sentence = N_("This format is for other hazardous waste; container {code} holds medical waste.")
        return [Problem("label.format", sentence, {"code": code}, field, basis=BASIS)]
    least = size_for(litres)
    if chosen.size is not None and chosen.size.mm < least.mm:
        sentence = N_("Container {code} holds {litres} L: its label is at least {least}. Choose that size or a larger.")
        facts: dict[str, Fact] = {"code": code, "litres": litres, "least": least}
        return [Problem("label.too_small", sentence, facts, field, basis=BASIS)]
    return []


class Entry(Term):
    """The entries of a label that can be too long for it, by their fields."""

    PRODUCER = "producer_name", N_("Producer")
    DEPARTMENT = "department", N_("Department")
    CLASS = "class_name", N_("Class")
    NOTE = "special_note", N_("Special note on the label")
    REMARK = "remark", N_("Special note on the label")
    NAME = "waste_name", N_("Name of the waste")
    CATEGORY = "category", N_("Category")
    HARMFUL = "harmful_components", N_("Harmful components")
    MAIN = "main_components", N_("Main components")
    MINDED = "precautions", N_("Precautions")
    CONTACT = "contact", N_("Contact")
    OTHER = "other", N_("An entry")


# --- what the label of a hazardous waste says by itself -------------------------------------------------------------


class LabelWords(NamedTuple):
    """Main components and precautions, 主要成分 and 注意事项 of HJ 1276-2022."""

    components: str
    precautions: str


_PRECAUTIONS = {"T": "勿吸入，勿触及皮肤", "C": "戴防护手套和眼镜", "I": "远离火源和热源", "R": "防撞击，防受热",
                "In": "防刺伤，防渗漏"}  # fmt: skip


def usual_words(name: str, hazards: Iterable[str]) -> LabelWords:
    """Return what stands in both entries where a producer wrote nothing: the waste's name, a word on each hazard.

    HJ 1276-2022 asks for the entries and leaves their words to the producer. The words are ours, after the statements
    P210 (heat and fire), P250 (shock), P260 and P262 (breathing, skin) and P280 (protection) of the labelling rules of
    the GB 30000 series; those on infectious waste after MoH Order 36. They are defaults, which anyone may replace.
    """
    return LabelWords(name, "；".join(_PRECAUTIONS[one] for one in hazards if one in _PRECAUTIONS))


# --- copies ----------------------------------------------------------------------------------------------------------


class ReprintReason(Term):
    """Why a label is printed once more."""

    LOST = "lost", N_("Label lost or torn off")
    DAMAGED = "damaged", N_("Label damaged or illegible")
    MISPRINT = "misprint", N_("Printed wrongly: paper jam, shifted, empty ribbon")
    CHANGED = "changed", N_("Weighed again: the label no longer says what is right")
    LARGER = "larger", N_("Another size or format is needed")
    FURTHER = "further", N_("Further label on the same container")
    OTHER = "other", N_("Another reason (say which)")


def copy_problems(printed: int, reason: ReprintReason | None, note: str) -> list[Problem]:
    """Return whether a print lacks its reason: the first needs none, every further copy one from the list.

    `printed` is how many of the containers already have a label. So that no second label goes round unexplained
    (house rule).
    """
    if not printed:
        return []
    if reason is None:
        sentence = N_(
            "{n} {n:label was|labels were} already printed. Choose why {n:it is|they are} printed once more: the copy "
            "and its reason stay on the record."
        )
        return [Problem("label.reprint", sentence, {"n": printed}, "reason", Kind.CONFLICT)]
    if reason is ReprintReason.OTHER and not note:
        return [Problem("label.reprint_note", N_("Say in a few words what the reason is."), field="note")]
    return []


# --- sheets and printers ---------------------------------------------------------------------------------------------

MOST_SHIFT_MM = 10
"""So far a printer's error can be made good by shifting (house figure)."""


def start_problems(start: int, formats: Iterable[LabelFormat]) -> list[Problem]:
    """Return whether a partly used sheet has no such place; where nothing is printed on sheets any number will do."""
    most = min((one.places for one in formats if one.grid), default=start)
    if 1 <= start <= most:
        return []
    sentence = N_("A sheet has the places 1 to {most}, counted from the left upper corner, row by row.")
    return [Problem("label.start", sentence, {"most": most}, "start")]


# --- blank labels ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issued:
    """A blank label as it was issued: to whom, whether it was used, whether its batch was withdrawn."""

    organisation_id: UUID
    used: bool
    withdrawn: bool


def blank_problems(code: str, issued: Issued | None, organisation_id: UUID, field: str = "label") -> list[Problem]:
    """Return why a pre-printed label cannot be bound: unknown, another's, used already, or withdrawn."""
    facts: dict[str, Fact] = {"code": code}
    if issued is None:
        sentence = N_("{code} was never issued as a blank label. Use one from your own roll, or print a new label.")
        return [Problem("blank.unknown", sentence, facts, field)]
    if issued.organisation_id != organisation_id:
        sentence = N_("Blank label {code} was issued to another organisation. Use one from your own roll.")
        return [Problem("blank.foreign", sentence, facts, field)]
    if issued.used:
        return [Problem("blank.used", USED, facts, field, Kind.CONFLICT)]
    if issued.withdrawn:
        sentence = N_("Blank label {code} was withdrawn. Throw it away and take one from a roll that is in use.")
        return [Problem("blank.withdrawn", sentence, facts, field, Kind.CONFLICT)]
    return []
