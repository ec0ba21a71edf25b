"""What the supervision class of an organisation follows from, and the documents that fix it otherwise."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.supervision import YEARS, Decision, Facts, in_force, is_supervised, treats_itself
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Organisation, PlannedWaste, SupervisionDecision

RegisteredIn = Callable[[Session, UUID, Sequence[int]], Mapping[int, int]]
_registered: list[RegisteredIn] = []


def registered_is(ask: RegisteredIn) -> None:
    """Have `ask` tell how many grams an organisation registered in which year. Wired once, in `wastetrack.app`."""
    _registered[:] = [ask]


def facts_of(session: Session, one: Organisation, day: date) -> Facts | None:
    """Return what the class follows from on a day, None where the organisation has none."""
    kinds = queries.kinds_of(session, one.id)
    licences = queries.licences_of(session, one.id, LicenceKind.OPERATING)
    licensed = any(queries.paper(each).in_date(day) for each in licences)
    own = treats_itself(kinds)
    if not is_supervised(kinds, treats_itself=own, holds_licence=licensed):
        return None
    years = range(day.year - YEARS, day.year)
    registered = {year: mass for ask in _registered for year, mass in ask(session, one.id, years).items()}
    return Facts(registered, _planned(session, one.id, day.year), own, licensed)


def _planned(session: Session, organisation_id: UUID, year: int) -> int:
    plan = queries.plan_of(session, organisation_id, year)
    if plan is None:
        return 0
    return int(session.scalar(select(func.sum(PlannedWaste.mass_g)).where(PlannedWaste.plan_id == plan.id)) or 0)


def decisions_of(session: Session, organisation_id: UUID) -> list[SupervisionDecision]:
    """Return every decision on an organisation's class, the one recorded last first."""
    query = select(SupervisionDecision).where(SupervisionDecision.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(SupervisionDecision.recorded_at.desc(), SupervisionDecision.id.desc())))


def decision_on(decisions: Sequence[SupervisionDecision], day: date) -> SupervisionDecision | None:
    """Return which of them fixes the class on a day, None where the computed one counts."""
    return in_force(((Decision(each.ordered, each.valid_from, each.valid_until), each) for each in decisions), day)
