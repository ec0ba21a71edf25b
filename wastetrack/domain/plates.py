"""Number plates of vehicles and trailers (GA 36): read as typed, kept as `冀A12345`.

Province, letter of the issuing office, then the number; an embassy's begins with 使 and has six digits. The letters I
and O are never used. Plates of the army, temporary paper plates and foreign plates carry no waste here and are not
read. Some vehicles can be read and carry no waste all the same: those of the police, of driving schools, for rescue,
of embassies and consulates have another task and no permit to carry goods for others.
"""

import re
from typing import NewType

from wastetrack.domain.problems import Fact, Problem, refuse
from wastetrack.domain.typed_text import compact, quoted
from wastetrack.domain.words import N_, Term

Plate = NewType("Plate", str)

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
"""The 31 abbreviations that begin a plate on the mainland."""

_DOTS = ".·•・‧∙⋅。"
_NUMBER = "A-HJ-NP-Z0-9"


class PlateKind(Term):
    """What sort of plate it is, told by its shape."""

    ORDINARY = "ordinary", N_("ordinary plate")
    NEW_ENERGY = "new_energy", N_("new-energy plate")
    TRAILER = "trailer", N_("trailer plate")
    COACHING = "coaching", N_("driving-school plate")
    POLICE = "police", N_("police plate")
    EMERGENCY = "emergency", N_("emergency and rescue plate")
    BORDER = "border", N_("Hong Kong or Macao plate")
    CONSULATE = "consulate", N_("consulate plate")
    EMBASSY = "embassy", N_("embassy plate")


class VehicleKind(Term):
    """What sort of vehicle it is 车辆种类, told by its papers: a truck and a tractor have plates of the same form."""

    TRUCK = "truck", N_("truck")
    TRACTOR = "tractor", N_("tractor unit")
    TRAILER = "trailer", N_("trailer")

    @property
    def carries(self) -> bool:
        """Tell whether waste stands on it: on a trailer, not on the tractor before it."""
        return self is not VehicleKind.TRACTOR


_SHAPES = {
    PlateKind.ORDINARY: re.compile(rf"[{_NUMBER}]{{5}}"),
    # D and F came first; A B C E (battery) and G H J K (other) were added when those ran out (medium confidence).
    PlateKind.NEW_ENERGY: re.compile(rf"[A-HJK][{_NUMBER}][0-9]{{4}}|[0-9]{{5}}[A-HJK]"),
    PlateKind.TRAILER: re.compile(rf"[{_NUMBER}]{{4}}挂"),
    PlateKind.COACHING: re.compile(rf"[{_NUMBER}]{{4}}学"),
    PlateKind.POLICE: re.compile(rf"[{_NUMBER}]{{4}}警"),
    PlateKind.EMERGENCY: re.compile(rf"[{_NUMBER}]{{4}}应急"),
    PlateKind.BORDER: re.compile(rf"[{_NUMBER}]{{4}}[港澳]"),
    PlateKind.CONSULATE: re.compile(rf"[{_NUMBER}]{{4}}领"),
}
NOT_FOR_WASTE = "plate.not_for_waste"
_EMBASSY = re.compile(r"使[0-9]{6}")
_NOT_FOR_WASTE = frozenset(
    {PlateKind.POLICE, PlateKind.COACHING, PlateKind.EMERGENCY, PlateKind.CONSULATE, PlateKind.EMBASSY}
)


def parse_plate(text: str, field: str = "plate") -> Plate:
    """Read a plate as typed (`冀a·12345`, full-width, with dots or spaces); refuse one that cannot exist."""
    plate = compact(text, also=_DOTS)
    if not plate:
        raise refuse("plate.missing", N_("Enter the number plate."), field=field)
    if plate[0] not in PROVINCES and not _EMBASSY.fullmatch(plate):
        raise refuse(
            "plate.province",
            N_("{typed} does not begin with the abbreviation of a province, such as 冀. Enter the whole plate."),
            field=field,
            typed=quoted(text),
        )
    if "I" in plate or "O" in plate:
        raise refuse(
            "plate.letter",
            N_("{typed} has the letter I or O, which no plate uses. Enter the digit 1 or 0 if that is meant."),
            field=field,
            typed=plate,
        )
    if _kind(plate) is None:
        raise refuse(
            "plate.shape",
            N_(
                "{typed} is not a number plate: after the province and a letter come 5 characters, "
                "6 on a new-energy plate, or 4 and 挂 on a trailer."
            ),
            field=field,
            typed=quoted(text),
        )
    return Plate(plate)


def plate_kind(plate: Plate) -> PlateKind:
    """Return the kind of a plate that was read by `parse_plate`."""
    kind = _kind(plate)
    if kind is None:
        raise ValueError("not a plate that was read")
    return kind


def show_plate(plate: Plate) -> str:
    """Return the plate with the dot that it carries on the metal, e.g. `冀A·12345`."""
    return f"{plate[:4]}·{plate[4:]}" if plate[0] == "使" else f"{plate[:2]}·{plate[2:]}"


def kind_by_plate(plate: Plate) -> VehicleKind:
    """Return what a vehicle is where nobody has said it: a trailer by its 挂, else a truck."""
    return VehicleKind.TRAILER if plate_kind(plate) is PlateKind.TRAILER else VehicleKind.TRUCK


def plate_problems(plate: Plate, kind: VehicleKind) -> list[Problem]:
    """Return what speaks against a vehicle of this kind carrying waste with this plate.

    挂 stands on trailers and on nothing else; the vehicles of some plates carry no waste at all.
    """
    says = _kind(plate)
    if says is None:
        return []  # what is no plate was refused where it was typed
    facts: dict[str, Fact] = {"plate": plate, "says": says}
    if says in _NOT_FOR_WASTE:
        sentence = N_(
            "{plate} is a {says}: such a vehicle has another task and carries no waste. Enter a truck, or a tractor "
            "and trailer, with a road transport permit of its own."
        )
        return [Problem(NOT_FOR_WASTE, sentence, facts, "plate")]
    if says is PlateKind.TRAILER and kind is not VehicleKind.TRAILER:
        sentence = N_("{plate} ends in 挂, so it is a trailer. Choose “trailer”, or correct the plate.")
        return [Problem("plate.trailer", sentence, facts, "kind")]
    if says is not PlateKind.TRAILER and kind is VehicleKind.TRAILER:
        sentence = N_("The plate of a trailer ends in 挂; {plate} does not. Choose another kind, or correct the plate.")
        return [Problem("plate.not_trailer", sentence, facts, "kind")]
    return []


def _kind(plate: str) -> PlateKind | None:
    if _EMBASSY.fullmatch(plate):
        return PlateKind.EMBASSY
    if not re.fullmatch(r"[A-Z]", plate[1:2]):
        return None
    return next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(plate[2:])), None)
