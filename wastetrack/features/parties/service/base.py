"""How every act on an organisation begins and ends: hold it and ask access; write the row and the event.

Every act is an event in the stream `organisation:<id>`. Facts carry ids, codes and dates; names of persons and
telephone numbers stay out of the ledger.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy.exc import IntegrityError

from wastetrack.domain.access import Act, require, unknown
from wastetrack.domain.measures import Grams
from wastetrack.domain.parties import OrganisationKind, OrganisationState, seat_problems
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.regions import Level
from wastetrack.domain.typed_text import compact
from wastetrack.domain.weighing import MassUnit, parse_mass
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import (
    Contract,
    CrewMember,
    Department,
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    Scan,
    Site,
    StoreTimeLimit,
    StoreZone,
    SupervisionDecision,
    Vehicle,
)
from wastetrack.infra.commands import read_by
from wastetrack.infra.work import Work

T = TypeVar(
    "T",
    Site,
    Facility,
    StoreZone,
    Department,
    Vehicle,
    CrewMember,
    Licence,
    Contract,
    ManagementPlan,
    SupervisionDecision,
    Scan,
    StoreTimeLimit,
)


def mass_in(unit: MassUnit, most: Grams) -> Callable[[str], Grams]:
    """Return the reader of a mass typed in a unit."""
    return lambda text: parse_mass(text, unit, most=most).mass


Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+()（） \-—转]{5,30}$")]
PaperNumber = Annotated[str, StringConstraints(min_length=3, max_length=40), read_by(compact)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]


def stream_of(organisation_id: UUID) -> str:
    """Return the name of an organisation's stream in the ledger."""
    return f"organisation:{organisation_id}"


def held(work: Work, organisation_id: UUID, act: Act, *, closed_too: bool = False) -> Organisation:
    """Return the organisation, held against other writers, for somebody who may do `act` on it."""
    one = queries.locked(work.session, organisation_id)
    relations = queries.relations(work.session, work.actor, one)
    if not queries.is_visible(work.session, work.actor, one):
        raise unknown()
    require(work.actor, act, relations)
    if one.state is OrganisationState.CLOSED and not closed_too:
        raise refuse(
            "organisation.closed",
            N_("{name} is closed. Nothing can be added or changed until it is made active again."),
            kind=Kind.CONFLICT,
            name=one.name,
        )
    return one


def region_problems(work: Work, code: str, kinds: Iterable[OrganisationKind]) -> list[Problem]:
    """Return what speaks against a region as the place of an organisation of these kinds."""
    region = catalogue.region(work.session, code)
    if region is None or not region.current or region.placeholder:
        return [Problem("region.unknown", N_("Choose a region from the list."), field="region_code")]
    # Only of a city it matters whether it has counties: nobody else is asked about.
    has_below = region.level is Level.CITY and bool(catalogue.children(work.session, code))
    return seat_problems(region.level, has_below, set(kinds))


def taken_problems(
    work: Work, holder: Organisation | None, but: Organisation | None, field: str, sentences: tuple[str, str]
) -> list[Problem]:
    """Say that a code is in use; the holder is named only to somebody who may know it."""
    if holder is None or (but is not None and holder.id == but.id):
        return []
    if queries.is_visible(work.session, work.actor, holder):
        return [Problem(f"{field}.taken", sentences[0], {"holder": holder.name}, field, Kind.CONFLICT)]
    return [Problem(f"{field}.taken", sentences[1], {}, field, Kind.CONFLICT)]


def done_before(work: Work, model: type[T], organisation_id: UUID, act_key: str | None) -> T | None:
    """Return what the act with this key has added already."""
    facts = queries.recorded(work.session, stream_of(organisation_id), act_key)
    return work.session.get(model, UUID(facts["id"])) if facts and "id" in facts else None


def keep(work: Work, row: Any, taken: Callable[[], list[Problem]]) -> None:
    """Write the row. Somebody who was faster with the same code is found by the store, and said like any other."""
    try:
        with work.session.begin_nested():
            work.session.add(row)
            work.session.flush()
    except IntegrityError:
        refuse_all(taken())
        raise


def added(
    work: Work, row: T, doing: str, facts: Mapping[str, object], act_key: str | None, taken: Callable[[], list[Problem]]
) -> T:
    """Write a new row unless its code is taken, and its event."""
    refuse_all(taken())
    keep(work, row, taken)
    return recorded(work, row, doing, facts, act_key)


def changed(work: Work, row: T, doing: str, facts: Mapping[str, object], act_key: str | None) -> T:
    """Write a changed row and its event."""
    work.session.flush()
    return recorded(work, row, doing, facts, act_key)


def recorded(work: Work, row: T, doing: str, facts: Mapping[str, object], act_key: str | None) -> T:
    """Append the event of an act on something that belongs to an organisation."""
    stream = stream_of(row.organisation_id)
    ledger.append(work, stream, f"organisation.{doing}", {"id": row.id, **facts}, act_key=act_key)
    return row
