"""Registering waste: what may be called what, in which packaging, how heavy, and sealed when.

Medical classes and their packaging: 医疗废物分类目录 (2021), collection column; HJ 421-2008 for bags and sharps boxes.
Sorting, sealing and the tag: 医疗卫生机构医疗废物管理办法 (MoH Order 36).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wastetrack.domain.containers import MOST, MOST_LITRES, Isolation, Packaging, State
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import MEDICAL_PRODUCERS, OrganisationKind
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal, refuse
from wastetrack.domain.times import SHANGHAI, local
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.waste_codes import Hazard, MedicalClass, WasteCode, medical_class_of, parse_waste_code
from wastetrack.domain.words import N_

PRODUCERS = MEDICAL_PRODUCERS | {OrganisationKind.ENTERPRISE, OrganisationKind.LABORATORY, OrganisationKind.DISPOSER}
"""Kinds of organisation in which waste arises. A disposal site has its residues; a station only passes waste on."""

CLASSES = N_("Catalogue of medical waste (2021)")
_MEDICAL = "-01"
"""Waste codes ending so are of HW01 医疗废物."""

PACKAGING_OF_CLASS: dict[MedicalClass, tuple[Packaging, ...]] = {
    MedicalClass.INFECTIOUS: (Packaging.BAG,),
    MedicalClass.SHARPS: (Packaging.SHARPS_BOX,),
    MedicalClass.PATHOLOGICAL: (Packaging.BAG,),
    MedicalClass.PHARMACEUTICAL: (Packaging.BAG, Packaging.DRUM),
    MedicalClass.CHEMICAL: (Packaging.DRUM, Packaging.BAG),
}
"""What each class goes into, the usual one first. For chemical and pharmaceutical waste the 2021 text was not found in
full ("in a container, labelled"): both ways are open (confidence medium)."""

PACKAGING_OF_OTHERS = (Packaging.DRUM, Packaging.IBC, Packaging.BAG, Packaging.TURNOVER_BOX)
"""For hazardous waste that is not medical: anything but a sharps box."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead a device's clock may be before its time is refused (house figure); up to that it counts as now."""

LATEST_ENTRY = timedelta(days=7)
"""How long after sealing a container can still be registered (house figure): later it is a case for the manager."""


MOST_ALIKE = 100
"""As many containers alike as one form registers (house figure): a slip of one digit more is caught."""


@dataclass(frozen=True)
class Registration:
    """What a person says of a container, as far as the rules judge it."""

    waste_code: WasteCode
    packaging: Packaging
    mass: Grams
    sealed_at: datetime
    hazards: tuple[Hazard, ...]
    department: str
    volume_l: int | None = None
    isolation: Isolation | None = None
    double_bagged: bool = False


def waste_code_in(text: str, field: str = "waste") -> WasteCode:
    """Read what a form or a scan says of the waste: the name of a medical class, or any waste code."""
    named = text.strip().lower()
    if named in set(MedicalClass):
        return MedicalClass(named).waste_code  # type: ignore[call-arg]  # a Term is looked up by its value
    return parse_waste_code(text, field)


def moment_in(text: str, field: str = "sealed_at") -> datetime:
    """Read a moment as a form sends it, `2026-11-23T14:30`; without a zone it is the time in China."""
    try:
        moment = datetime.fromisoformat(narrow(text))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        local(moment)
    except (ValueError, OverflowError):  # OverflowError: a day so near the ends of the calendar that no zone holds it
        sentence = N_("{typed} is not a time. Write date and time such as 2026-11-23T14:30.")
        raise refuse("registration.no_time", sentence, field=field, typed=quoted(text)) from None
    return moment


def is_medical(code: WasteCode) -> bool:
    """Tell whether a code is of HW01 medical waste."""
    return code.endswith(_MEDICAL)


def waste_words(code: str, name: str) -> str:
    """Return how a waste is called: by its class, to be translated, where it is medical; else the name it was given."""
    found = medical_class_of(WasteCode(code)) if is_medical(WasteCode(code)) else None
    return found.label if found else name


def packagings_for(code: WasteCode) -> tuple[Packaging, ...]:
    """Return what this waste may go into, the usual one first."""
    medical = medical_class_of(code)
    return PACKAGING_OF_CLASS[medical] if medical else PACKAGING_OF_OTHERS


def sealed_moment(given: datetime | None, now: datetime) -> datetime:
    """Return when the container was sealed: what was said, but never after the server took it."""
    return min(given, now) if given else now


def problems_with(
    what: Registration, *, kinds: Collection[OrganisationKind], departments: Sequence[str], now: datetime
) -> list[Problem]:
    """Return everything that is wrong with a registration, each with its field."""
    return [
        *_producer(what, kinds),
        *packaging_problems(what.waste_code, what.packaging),
        *_mass(what),
        *_volume(what),
        *_sealed(what.sealed_at, now),
        *_hazards(what),
        *_department(what.department, departments),
        *_isolation(what),
    ]


ISOLATED = N_("MoH Order 36: waste of isolated patients in two bags")


def _isolation(what: Registration) -> list[Problem]:
    """Return what is wrong with waste of isolated patients: only medical waste is, and only in two bags (H-15)."""
    if what.isolation is None:
        return []
    if not is_medical(what.waste_code):
        sentence = N_("Only medical waste comes from isolated patients. Leave this open, or choose a medical class.")
        return [Problem("registration.not_isolation", sentence, field="isolation")]
    if what.double_bagged:
        return []
    sentence = N_(
        "Waste of isolated patients goes into two bags, sealed at once. Put the second one on, then tick this."
    )
    return [Problem("registration.double_bag", sentence, field="double_bagged", basis=ISOLATED)]


FULL = N_(
    "{code} is fuller than three quarters. It is kept in the record. Seal the next one when it is three quarters full."
)
"""Rule H-08 (MoH Order 36): a warning, nothing is refused."""


def _producer(what: Registration, kinds: Collection[OrganisationKind]) -> list[Problem]:
    if not PRODUCERS & set(kinds):
        sentence = N_(
            "Your organisation is not entered as a producer of waste. Receive waste by scanning its label; "
            "for waste of your own have the entry extended by the system administrator."
        )
        return [Problem("registration.no_producer", sentence, field="waste")]
    if is_medical(what.waste_code) and medical_class_of(what.waste_code) is None:
        sentence = N_("{code} is not one of the five classes of medical waste. Choose a class.")
        return [Problem("registration.no_class", sentence, {"code": what.waste_code}, "waste", basis=CLASSES)]
    if is_medical(what.waste_code) and not MEDICAL_PRODUCERS & set(kinds):
        sentence = N_(
            "{code} is medical waste, which only hospitals and clinics register. Choose the code of your own waste."
        )
        return [Problem("registration.not_medical", sentence, {"code": what.waste_code}, "waste")]
    return []


def packaging_problems(code: WasteCode, packaging: Packaging) -> list[Problem]:
    """Return whether waste of this code must not go into such a packaging."""
    allowed = packagings_for(code)
    if packaging in allowed:
        return []
    medical = medical_class_of(code)
    if medical is None:
        sentence = N_("A sharps box is only for sharps waste. Choose a drum, a bag or another packaging.")
        return [Problem("registration.packaging", sentence, field="packaging")]
    facts: dict[str, Fact] = {"waste": medical, "packaging": packaging, "right": allowed[0]}
    sentence = N_("{waste} must not go into this packaging: {packaging}. Use: {right}.")
    return [Problem("registration.packaging", sentence, facts, "packaging", basis=CLASSES)]


def _mass(what: Registration) -> list[Problem]:
    return mass_problems(what.mass, what.packaging)


def mass_problems(mass: Grams, packaging: Packaging, field: str = "mass") -> list[Problem]:
    """Return whether a mass is more than one container of this kind can weigh."""
    most = MOST[packaging]
    if mass <= most:
        return []
    facts: dict[str, Fact] = {"mass": mass, "most": most, "packaging": packaging}
    sentence = N_("{mass} is more than one such container can weigh ({packaging}: at most {most}). Check the scale.")
    return [Problem("mass.absurd", sentence, facts, field)]


def _volume(what: Registration) -> list[Problem]:
    most = MOST_LITRES[what.packaging]
    if what.volume_l is None or what.volume_l <= most:
        return []
    facts: dict[str, Fact] = {"litres": what.volume_l, "most": most, "packaging": what.packaging}
    sentence = N_("One such container ({packaging}) holds at most {most} L, not {litres} L. Check the figure.")
    return [Problem("volume.absurd", sentence, facts, "volume_l")]


def alike_problems(count: int, *, labelled: bool) -> list[Problem]:
    """Return what stands against registering so many containers alike: a pre-printed label is on one only."""
    if not labelled or count == 1:
        return []
    sentence = N_("A pre-printed label is on one container. Register one at a time, or leave the label empty.")
    return [Problem("registration.one_label", sentence, field="label")]


def _sealed(sealed_at: datetime, now: datetime) -> list[Problem]:
    if sealed_at > now + CLOCKS_DIFFER:
        sentence = N_("The time of sealing {sealed} is in the future. Check the clock of the device.")
        return [Problem("registration.future", sentence, {"sealed": sealed_at}, "sealed_at")]
    if sealed_at < now - LATEST_ENTRY:
        sentence = N_(
            "The time of sealing {sealed} is more than seven days ago. Check it; if it is right, ask your waste "
            "manager."
        )
        return [Problem("registration.long_ago", sentence, {"sealed": sealed_at}, "sealed_at")]
    return []


def _hazards(what: Registration) -> list[Problem]:
    if what.hazards or is_medical(what.waste_code):
        return []
    sentence = N_("{code} is not on the list that is loaded, so the list names no hazards. Choose the hazard letters.")
    return [Problem("registration.hazards", sentence, {"code": what.waste_code}, "hazards", basis="HJ 1276-2022")]


def _department(department: str, known: Sequence[str]) -> list[Problem]:
    if not known or department in known:
        return []
    if not department:
        sentence = N_("Choose the department the waste comes from.")
        return [Problem("registration.department_missing", sentence, field="department")]
    sentence = N_("{department} is not a department of your organisation. Choose one from the list.")
    return [Problem("registration.department", sentence, {"department": department}, "department")]


# --- labels that cannot be dealt with ------------------------------------------------------------------------------


STATE_FOR_STRANGERS = {
    State.SEALED: N_("in the care of a known organisation"),
    State.STORED: N_("in the care of a known organisation"),
    State.PACKED: N_("in the care of a known organisation"),
    State.OPENED: N_("in the care of a known organisation"),
    State.LOADED: N_("on its way to disposal"),
    State.REFUSED: N_("on its way back"),
    State.MISSING: N_("missing: it is being searched for"),
    State.TREATED: N_("already treated: no waste should carry this label any more"),
    State.REPACKED: N_("repacked: no waste should carry this label any more"),
    State.VOID: N_("void: no waste should carry this label"),
}
"""What somebody may know who finds a label and is no party to it."""


def nothing_chosen(field: str) -> Refusal:
    """Make the refusal of an act on containers that names none."""
    return Refusal(
        [Problem("place.nothing", N_("Nothing was chosen. Scan or enter the code of a label."), field=field)]
    )


def unknown_label(code: str, field: str = "code") -> Refusal:
    """Make the refusal for a well-formed code that was never registered."""
    sentence = N_(
        "No container is registered under {code}. Set it aside, compare the label, and register the waste if it "
        "is yours."
    )
    return Refusal([Problem("label.unknown", sentence, {"code": code}, field, Kind.UNKNOWN)])


def foreign_label(code: str, field: str = "code") -> Problem:
    """Make the problem for a container that another organisation holds."""
    return Problem(
        "label.foreign",
        N_("Container {code} is held by another organisation. Leave it where it is and tell its holder."),
        {"code": code},
        field,
        Kind.FORBIDDEN,
    )


def on_manifest(code: str, field: str = "code") -> Problem:
    """Make the problem for a container that stands on an open manifest."""
    return Problem(
        "label.on_manifest",
        N_("Container {code} stands on an open manifest. Take it off the manifest first."),
        {"code": code},
        field,
        Kind.CONFLICT,
    )


def on_hand_in(code: str, field: str = "code") -> Problem:
    """Make the problem for a container that stands on an open hand-in."""
    sentence = N_("Container {code} already stands on an open hand-in. Cancel that one first.")
    return Problem("hand_in.twice", sentence, {"code": code}, field, Kind.CONFLICT)


def has_left(code: str, field: str = "code") -> Problem:
    """Make the problem for a label that shall be voided after the waste had left its producer."""
    return Problem(
        "label.has_left",
        N_("Container {code} has already left its producer, so its label can no longer be made void."),
        {"code": code},
        field,
        Kind.CONFLICT,
    )
