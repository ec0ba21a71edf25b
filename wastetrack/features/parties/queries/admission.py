"""Requests to be admitted: by their reference, and as who reviews them finds them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.admission import REMIND_AFTER, RequestState, overdue_until
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import end_of_day, local_day
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties.models import AdmissionRequest, Organisation
from wastetrack.features.parties.queries import relations, scope

REQUESTS = 25
_SATURDAY = 5


@dataclass(frozen=True)
class Asked:
    """A request with the organisation that it is for."""

    request: AdmissionRequest
    organisation: Organisation


def request_with(session: Session, reference_hash: str) -> AdmissionRequest | None:
    """Return the request whose reference has this hash."""
    return session.scalar(select(AdmissionRequest).where(AdmissionRequest.reference_hash == reference_hash))


def asked(session: Session, request_id: UUID) -> Asked:
    """Return a request; refuse where there is none."""
    request = session.get(AdmissionRequest, request_id)
    if request is None:
        raise unknown()
    return Asked(request, session.get_one(Organisation, request.organisation_id))


def held_request(session: Session, request_id: UUID) -> Asked:
    """Return a request as it stands now, held against whoever else would decide on it."""
    query = select(AdmissionRequest).where(AdmissionRequest.id == request_id).with_for_update()
    request = session.scalar(query.execution_options(populate_existing=True))
    if request is None:
        raise unknown()
    of = select(Organisation).where(Organisation.id == request.organisation_id).with_for_update()
    return Asked(request, session.scalars(of.execution_options(populate_existing=True)).one())


def request_relations(session: Session, actor: Actor, request_id: UUID) -> set[Relation]:
    """Return how a person stands to a request; to whom it is not his to review, there is none."""
    one = asked(session, request_id).organisation
    require_review(session, actor, one)
    return relations(session, actor, one)


def require_review(session: Session, actor: Actor, one: Organisation) -> None:
    """Refuse unless the person approves applications where this organisation sits."""
    if not may_review(session, actor, one):
        raise unknown()


def for_review(session: Session, actor: Actor, request_id: UUID) -> Asked:
    """Return a request for somebody who may decide on it; for anybody else there is none."""
    found = asked(session, request_id)
    require_review(session, actor, found.organisation)
    return found


def requests(
    session: Session, actor: Actor, *, decided: bool = False, after: UUID | None = None
) -> tuple[list[Asked], UUID | None]:
    """Return one page of the requests that a person may decide on, the longest waiting first; or the decided ones,
    the latest first. Beside it where the next page begins.
    """
    order = AdmissionRequest.asked_at
    query = (
        select(AdmissionRequest, Organisation)
        .join(Organisation, Organisation.id == AdmissionRequest.organisation_id)
        .where(_to_review(actor), _is_open() if not decided else ~_is_open())
    )
    last = session.get(AdmissionRequest, after) if after else None
    if last is not None:
        later, same = (order < last.asked_at, AdmissionRequest.id < last.id) if decided else (
            order > last.asked_at, AdmissionRequest.id > last.id)  # fmt: skip
        query = query.where(or_(later, and_(order == last.asked_at, same)))
    sort = (order.desc(), AdmissionRequest.id.desc()) if decided else (order, AdmissionRequest.id)
    found = [Asked(*row) for row in session.execute(query.order_by(*sort).limit(REQUESTS + 1)).tuples()]
    return found[:REQUESTS], found[REQUESTS - 1].request.id if len(found) > REQUESTS else None


def count_requests(session: Session, actor: Actor) -> int:
    """Count the requests that wait for this person's review."""
    query = select(func.count()).select_from(AdmissionRequest).join(
        Organisation, Organisation.id == AdmissionRequest.organisation_id
    ).where(_to_review(actor), _is_open())  # fmt: skip
    return session.scalar(query) or 0


_remind_after = [REMIND_AFTER]


def remind_after(days: int) -> None:
    """Show a request as overdue after so many working days. Set once, in `wastetrack.app`."""
    _remind_after[:] = [days]


@dataclass(frozen=True)
class Waiting:
    """How many requests wait for somebody, how many of them are overdue, and since when the first waits."""

    count: int
    overdue: int
    since: datetime | None


def waiting(session: Session, actor: Actor, now: datetime) -> Waiting:
    """Return what waits for this person's review."""
    late = case((AdmissionRequest.asked_at < overdue_before(session, now), 1), else_=0)
    query = select(func.count(), func.sum(late), func.min(AdmissionRequest.asked_at)).select_from(AdmissionRequest)
    query = query.join(Organisation, Organisation.id == AdmissionRequest.organisation_id)
    count, overdue, since = session.execute(query.where(_to_review(actor), _is_open())).one()
    return Waiting(count, int(overdue or 0), since)


def overdue_before(session: Session, now: datetime) -> datetime:
    """Return the moment before which an open request was asked that is overdue now."""
    calendar = catalogue.calendar(session)

    def works(day: date) -> bool:
        # It reminds and decides nothing: where the calendar of a year is not loaded, weekends have to do.
        try:
            return calendar.is_working(day)
        except Refusal:
            return day.weekday() < _SATURDAY

    return end_of_day(overdue_until(works, local_day(now), _remind_after[0]))


def rivals(session: Session, one: Asked) -> list[Asked]:
    """Return the other open requests that name the same code, wherever they were asked."""
    this = one.organisation
    same = [
        column == value
        for column, value in (
            (Organisation.credit_code, this.credit_code),
            (Organisation.medical_licence_no, this.medical_licence_no),
        )
        if value
    ]
    query = (
        select(AdmissionRequest, Organisation)
        .join(Organisation, Organisation.id == AdmissionRequest.organisation_id)
        .where(_is_open(), Organisation.id != this.id, or_(false(), *same))
        .order_by(AdmissionRequest.asked_at)
        .limit(REQUESTS)
    )
    return [Asked(*row) for row in session.execute(query).tuples()]


def namesakes(session: Session, actor: Actor, one: Organisation) -> list[Organisation]:
    """Return the organisations of the same name that the person may see."""
    query = select(Organisation).where(scope(actor), Organisation.name == one.name, Organisation.id != one.id)
    return list(session.scalars(query.order_by(Organisation.id).limit(REQUESTS)))


def may_review(session: Session, actor: Actor, one: Organisation) -> bool:
    """Tell whether the person decides on requests from where this organisation sits."""
    return may(actor, Act.APPROVE, relations(session, actor, one))


def requests_decided_before(session: Session, moment: datetime) -> list[Asked]:
    """Return the requests that were decided or withdrawn before a moment."""
    query = (
        select(AdmissionRequest, Organisation)
        .join(Organisation, Organisation.id == AdmissionRequest.organisation_id)
        .where(AdmissionRequest.decided_at < moment)
        .order_by(AdmissionRequest.decided_at)
        .limit(500)
    )
    return [Asked(*row) for row in session.execute(query).tuples()]


def _is_open() -> ColumnElement[bool]:
    return AdmissionRequest.state == RequestState.OPEN


def _to_review(actor: Actor) -> ColumnElement[bool]:
    if actor.region_paths and may(actor, Act.APPROVE, {Relation.REGION}):
        return catalogue.within(Organisation.region_code, actor.region_paths)
    return false()
