"""Looking up scans of papers: those of one paper, how many each has, the paper that one belongs to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import unknown
from wastetrack.domain.scans import PaperKind
from wastetrack.features.parties.models import Contract, CrewMember, Licence, ManagementPlan, Scan, Vehicle

Scannable = Licence | Contract | Vehicle | CrewMember | ManagementPlan
_MODELS: dict[PaperKind, type[Scannable]] = {
    PaperKind.LICENCE: Licence,
    PaperKind.CONTRACT: Contract,
    PaperKind.VEHICLE: Vehicle,
    PaperKind.CREW: CrewMember,
    PaperKind.PLAN: ManagementPlan,
}


def model_of(kind: PaperKind) -> type[Any]:
    """Return the table that papers of a kind stand in."""
    return _MODELS[kind]


def scannable(session: Session, organisation_id: UUID, kind: PaperKind, paper_id: UUID) -> Scannable:
    """Return a paper as it stands on the page of an organisation: its own, or a contract that others made with it."""
    found: Scannable | None = session.get(model_of(kind), paper_id)
    sides = {found.organisation_id} if found is not None else set()
    if isinstance(found, Contract):
        sides.add(found.partner_id)
    if found is None or organisation_id not in sides:
        raise unknown()
    return found


def scan(session: Session, organisation_id: UUID, scan_id: UUID) -> tuple[Scan, Scannable]:
    """Return a scan with its paper, as far as that stands on the page of this organisation."""
    found = session.get(Scan, scan_id)
    if found is None:
        raise unknown()
    return found, scannable(session, organisation_id, found.paper, found.paper_id)


def scans_of(session: Session, kind: PaperKind, paper_id: UUID) -> list[Scan]:
    """Return the scans of a paper, the newest first, those that were withdrawn last."""
    query = select(Scan).where(Scan.paper == kind, Scan.paper_id == paper_id)
    return list(session.scalars(query.order_by(Scan.withdrawn_at.isnot(None), Scan.added_at.desc(), Scan.id.desc())))


def scan_counts(session: Session, papers: Iterable[UUID]) -> Mapping[UUID, int]:
    """Return how many scans in force each of these papers has; their ids are unlike each other whatever they are."""
    wanted = set(papers)
    if not wanted:
        return {}
    query = select(Scan.paper_id, func.count()).where(Scan.paper_id.in_(wanted), Scan.withdrawn_at.is_(None))
    return dict(session.execute(query.group_by(Scan.paper_id)).tuples().all())


def kept_files(session: Session) -> set[str]:
    """Return the hashes of all files that rows of the parties name."""
    return set(session.scalars(select(Scan.file_hash).distinct()))


# --- who sent them, which is known further up ------------------------------------------------------------------------

PeopleNames = Callable[[Session, Sequence[UUID], Sequence[UUID]], Mapping[UUID, str]]
_names: list[PeopleNames] = []


def people_are(names: PeopleNames) -> None:
    """Have this tell the names of people by their accounts. Wired once, in `wastetrack.app`."""
    _names[:] = [names]


def people(session: Session, ids: Iterable[UUID | None], of: UUID) -> dict[UUID, str]:
    """Return the names of people by their accounts, as they acted for this organisation."""
    wanted = [one for one in set(ids) if one is not None]
    return {user_id: name for ask in _names for user_id, name in ask(session, wanted, [of]).items()} if wanted else {}


def is_scan(session: Session, digest: str) -> bool:
    """Tell whether a scan of a paper has this content."""
    return session.scalar(select(Scan.id).where(Scan.file_hash == digest).limit(1)) is not None
