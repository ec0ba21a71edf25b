"""What the pages on containers offer to choose from, and how they say what they show."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor, unknown
from wastetrack.domain.containers import Isolation, Packaging
from wastetrack.domain.parties import MEDICAL_PRODUCERS, OrganisationKind
from wastetrack.domain.registration import PACKAGING_OF_OTHERS
from wastetrack.domain.storing import may_stand
from wastetrack.domain.waste_codes import Form, Hazard, MedicalClass
from wastetrack.domain.words import Term
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility

Choice = tuple[str, str]
CLASSES: tuple[Term, ...] = tuple(MedicalClass)


@dataclass(frozen=True)
class Offer:
    """What the registration page offers to this person."""

    medical: bool
    """Whether the organisation registers by the five classes."""
    departments: list[Choice]
    department: str
    """The one of the container registered last."""
    packagings: tuple[Packaging, ...]
    codes: list[Choice]
    """Waste codes that this producer used before."""
    hazards: tuple[Hazard, ...] = tuple(Hazard)
    forms: tuple[Form, ...] = tuple(Form)
    classes: tuple[Term, ...] = CLASSES
    isolations: tuple[Isolation, ...] = tuple(Isolation)


def offer(session: Session, actor: Actor, *, other: bool) -> Offer:
    """Return what to offer; `other` when a hospital registers waste that is not medical."""
    if actor.organisation_id is None:
        raise unknown()
    kinds: set[OrganisationKind] = parties.kinds_of(session, actor.organisation_id)
    medical = bool(MEDICAL_PRODUCERS & kinds) and not other
    names = [one.name for one in parties.departments_of(session, actor.organisation_id)]
    last = queries.last_department(session, actor)
    return Offer(
        medical=medical,
        departments=[(name, name) for name in names],
        department=last if last in names else (names[0] if len(names) == 1 else ""),
        packagings=tuple(Packaging) if medical else PACKAGING_OF_OTHERS,
        codes=queries.codes_used(session, actor.organisation_id),
    )


def stores_for(facilities: Sequence[Facility], containers: Sequence[Container]) -> list[Facility]:
    """Return the stores into which all of these containers may go together."""
    return [facility for facility in facilities if all(may_stand(one.medical, facility.kind) for one in containers)]
