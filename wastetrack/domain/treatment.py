"""What may be treated by which process, and how a batch is numbered.

- The operating licence: Ecological Environment Code Art. 534; its scope by code and mode, in force on the day.
- Which process makes which waste harmless: `domain.processes`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from wastetrack.domain.containers import Doing, State, not_now
from wastetrack.domain.papers import Paper, named
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal
from wastetrack.domain.processes import fit_problem
from wastetrack.domain.registration import on_manifest
from wastetrack.domain.waste_codes import TreatmentMode, WasteCode
from wastetrack.domain.words import N_, Several

LICENSED = N_("Ecological Environment Code, Art. 534")


@dataclass(frozen=True)
class Box:
    """One container as it stands now. `here`: in the store from which the batch is taken."""

    code: str
    waste_code: WasteCode
    medical: bool
    state: State
    here: bool
    on_manifest: bool = False


def problems(
    boxes: Sequence[Box], mode: TreatmentMode, *, store: FacilityKind, licences: Sequence[Paper], day: date
) -> list[Problem]:
    """Return everything that stands against treating these boxes by this process on this day."""
    return [
        *_place(boxes, store),
        *(problem for box in boxes for problem in _standing(box)),
        *_licence(boxes, mode, licences, day),
        *_fit(boxes, mode),
    ]


def modes_in_force(licences: Sequence[Paper], day: date) -> list[TreatmentMode]:
    """Return the processes that the licences in force on `day` allow, in the order of the code list."""
    allowed = {mode for paper in licences if paper.in_date(day) for mode in paper.modes}
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
    if box.state is not State.STORED:
        yield not_now(box.state, Doing.TREAT, code=box.code)
    elif not box.here:
        sentence = N_("Container {code} does not stand in this store. Scan it in on arrival before it is treated.")
        yield Problem("batch.elsewhere", sentence, {"code": box.code}, "container_ids", Kind.CONFLICT)
    elif box.on_manifest:
        yield on_manifest(box.code, "container_ids")


def _licence(boxes: Sequence[Box], mode: TreatmentMode, licences: Sequence[Paper], day: date) -> Iterator[Problem]:
    valid = [paper for paper in licences if paper.in_date(day)]
    if not valid:
        sentence = N_("No operating licence is in force on {day}. Nothing may be treated before a new one is entered.")
        yield Problem("batch.no_licence", sentence, {"day": day}, "mode", basis=LICENSED)
        return
    fitting = [paper for paper in valid if mode.value in paper.modes]
    if not fitting:
        sentence = N_("The operating licence does not allow {code} ({mode}). Choose a process that it names.")
        yield Problem("batch.mode", sentence, {"code": mode.value, "mode": mode}, "mode", basis=LICENSED)
        return
    for waste_code in sorted({box.waste_code for box in boxes}):
        if not any(paper.covers(waste_code) for paper in fitting):
            sentence = N_("{waste} is outside the licence for {mode}. Not to be treated here: {codes}.")
            facts: dict[str, Fact] = {"waste": waste_code, "mode": mode, "codes": _named(boxes, waste_code)}
            yield Problem("batch.scope", sentence, facts, "container_ids", basis=LICENSED)


def _fit(boxes: Sequence[Box], mode: TreatmentMode) -> Iterator[Problem]:
    """Judge each sort of waste once, naming the boxes of it."""
    for waste_code, medical in sorted({(box.waste_code, box.medical) for box in boxes}):
        problem = fit_problem(waste_code, medical, mode, _named(boxes, waste_code))
        if problem:
            yield problem


def _named(boxes: Sequence[Box], waste_code: WasteCode) -> Several:
    return named([box.code for box in boxes if box.waste_code == waste_code])


def not_in_queue(code: str) -> Exception:
    """Make the refusal for a scanned label that is not of a box waiting here. It tells nothing about where it is."""
    sentence = N_("{code} does not wait for treatment in this store. Was it received here, or is it already treated?")
    return Refusal([Problem("batch.not_in_queue", sentence, {"code": code}, "code", Kind.CONFLICT)])
