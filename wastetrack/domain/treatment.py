"""What may be treated by which process, and how a batch is numbered.

- Whether the plant may: its licences and exemptions, by code, mode and day (`domain.papers`, Ecological Environment
  Code Art. 534). A suspended plant finishes what it has.
- Which process makes which waste harmless: `domain.processes`, asked there too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from wastetrack.domain import papers
from wastetrack.domain.containers import SEALED_IN_STORE, Doing, State, not_now
from wastetrack.domain.papers import Deed, Fields, Load, Paper, Party, Wish
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Kind, Problem, Refusal
from wastetrack.domain.registration import on_manifest
from wastetrack.domain.waste_codes import TreatmentMode, WasteCode
from wastetrack.domain.words import N_

_AT = Fields(party="mode", waste="container_ids", mode="mode", amount="container_ids")


@dataclass(frozen=True)
class Box:
    """One container as it stands now. `here`: in the store from which the batch is taken."""

    code: str
    waste_code: WasteCode
    medical: bool
    state: State
    here: bool
    on_manifest: bool = False
    source: str = ""
    """Who handed it over, as exemptions for point-to-point use name it."""


def problems(
    boxes: Sequence[Box], mode: TreatmentMode, *, store: FacilityKind, plant: Party, day: date
) -> list[Problem]:
    """Return everything that stands against treating these boxes by this process on this day."""
    return [
        *_place(boxes, store),
        *(problem for box in boxes for problem in _standing(box)),
        *_papers(boxes, mode, plant, day),
    ]


def modes_in_force(licences: Sequence[Paper], day: date) -> list[TreatmentMode]:
    """Return the processes that the licences in force on `day` allow, in the order of the code list."""
    treating = [paper for paper in licences if paper.in_date(day) and not paper.collecting_only]
    allowed = {mode for paper in treating for mode in paper.modes}
    return [mode for mode in TreatmentMode if mode.value in allowed]


def batch_number(day: date, serial: int) -> str:
    """Return the number of a batch in its organisation: the day and a serial from 1, e.g. `20261123-001`."""
    if serial < 1:
        raise ValueError("the first batch of a day is number 1")
    return f"{day:%Y%m%d}-{serial:03d}"


def _place(boxes: Sequence[Box], store: FacilityKind) -> Iterator[Problem]:
    if store is not FacilityKind.PLANT_STORE:
        sentence = N_("Only what stands in the store of a disposal site is treated. Choose that store.")
        yield Problem("batch.store", sentence, field="facility_id")
    if not boxes:
        sentence = N_("Choose or scan at least one container to treat.")
        yield Problem("batch.empty", sentence, field="container_ids")


def _standing(box: Box) -> Iterator[Problem]:
    if box.state not in SEALED_IN_STORE:
        yield not_now(box.state, Doing.TREAT, code=box.code)
    elif not box.here:
        sentence = N_("Container {code} does not stand in this store. Scan it in on arrival before it is treated.")
        yield Problem("batch.elsewhere", sentence, {"code": box.code}, "container_ids", Kind.CONFLICT)
    elif box.on_manifest:
        yield on_manifest(box.code, "container_ids")


def _papers(boxes: Sequence[Box], mode: TreatmentMode, plant: Party, day: date) -> list[Problem]:
    """Ask once for medical and once for other waste, and once for each source that has an exemption of its own.

    What stands here has counted on the year's quantity since it was signed for; it counts no second time (`begun`).
    """
    exempt = {paper.only_from for paper in plant.papers}
    groups: dict[tuple[str, bool], list[Box]] = {}
    for box in boxes:
        groups.setdefault((box.source if box.source in exempt else "", box.medical), []).append(box)
    found: list[Problem] = []
    for (source, _medical), those in (groups or {("", True): []}).items():
        wish = Wish(Deed.TREAT, day, _loads(those), mode.value, source, begun=True, fields=_AT)
        found += [problem for problem in papers.problems(plant, wish) if problem not in found]
    return found


def _loads(boxes: Sequence[Box]) -> list[Load]:
    """Return each sort of waste once, naming the boxes of it. How much it is decides nothing here."""
    sorts: dict[tuple[WasteCode, bool], list[str]] = {}
    for box in boxes:
        sorts.setdefault((box.waste_code, box.medical), []).append(box.code)
    return [Load(waste_code, 0, medical, tuple(codes)) for (waste_code, medical), codes in sorted(sorts.items())]


def not_in_queue(code: str) -> Exception:
    """Make the refusal for a scanned label that is not of a box waiting here. It tells nothing about where it is."""
    sentence = N_("{code} does not wait for treatment in this store. Was it received here, or is it already treated?")
    return Refusal([Problem("batch.not_in_queue", sentence, {"code": code}, "code", Kind.CONFLICT)])
