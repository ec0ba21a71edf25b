"""What stands beside what: asked whenever a container comes to stand in a store, or in a zone of it."""

from wastetrack.domain.compatibility import Waste, Where, problems_of_sharing, warnings_of_sharing
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import Doing
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.storing import MEDICAL_PLACES
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Hazard, WasteCode
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Facility, StoreZone
from wastetrack.infra.work import Work

_ALWAYS_TAKEN = frozenset({Doing.UNLOAD, Doing.TAKE_BACK})
"""Coming back to the consignor is never refused (domain.md, Life of a manifest)."""


def settle(
    work: Work, container: Container, doing: Doing, store: Facility, zone: StoreZone | None
) -> dict[str, object]:
    """Refuse what must not stand there; return what the event keeps of a warning."""
    if not _matters(container, store):
        return {}
    problems, warnings = _beside(work, container, store, zone)
    if doing not in _ALWAYS_TAKEN:
        refuse_all(problems)
    told = [*problems, *warnings]
    if not told:
        return {}
    return {"warned": [one.code for one in told], "beside": [one.facts["other"] for one in told]}


def _beside(
    work: Work, container: Container, store: Facility, zone: StoreZone | None
) -> tuple[list[Problem], list[Problem]]:
    """Return what forbids it to stand there, and what only warns. Who puts things into a zone waits for the others."""
    if zone is not None:
        queries.hold_zone(work.session, zone)
    work.session.flush()
    where = Where.ZONE if zone is not None else Where.STORE
    there = queries.wastes_in(work.session, store.id, zone.id if zone else None, container.id)
    coming, on = as_waste(container), local_day(work.now)
    return (
        problems_of_sharing(there, coming, where, "codes", on=on),
        warnings_of_sharing(there, coming, where, "codes", on=on),
    )


def as_waste(container: Container) -> Waste:
    """Return what the rules need to know of a container."""
    hazards = tuple(Hazard(letters) for letters in container.hazards.split())  # type: ignore[call-arg]
    return Waste(pretty(ContainerCode(container.code)), WasteCode(container.waste_code), hazards)


def _matters(container: Container, store: Facility) -> bool:
    """Tell whether anything can be incompatible there: a store for medical waste alone holds nothing else."""
    return not (container.medical and store.kind in MEDICAL_PLACES - {FacilityKind.PLANT_STORE})
