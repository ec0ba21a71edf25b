"""The management of an organisation on its way to somebody else, and organisations and offices where nobody has it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import ADMINISTRATORS, Act, Actor, Relation, Role, may, unknown
from wastetrack.domain.accounts import KEEPERS
from wastetrack.domain.handovers import HandoverState, age_in_days, last_ones
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Fact
from wastetrack.features.accounts.models import NO_PASSWORD, Handover, ManagerGap, User, UserRole
from wastetrack.features.accounts.queries import Listed, listed, roles_of, roles_of_others
from wastetrack.features.parties.models import Organisation

PAGE = 25

# --- one on its way --------------------------------------------------------------------------------------------------


def stream_of(handover_id: UUID) -> str:
    """Return the name of a hand-over's stream in the ledger."""
    return f"handover:{handover_id}"


def open_of(session: Session, organisation_id: UUID) -> Handover | None:
    """Return the hand-over of an organisation that waits for its successor."""
    return session.scalar(select(Handover).where(Handover.organisation_id == organisation_id, _is_open()))


def waiting_for(session: Session, user_id: UUID) -> Handover | None:
    """Return the hand-over that waits for this person's answer."""
    return session.scalar(select(Handover).where(Handover.successor_id == user_id, _is_open()).limit(1))


def handover(session: Session, handover_id: UUID) -> Handover:
    """Return a hand-over; refuse where there is none."""
    found = session.get(Handover, handover_id)
    if found is None:
        raise unknown()
    return found


def held(session: Session, handover_id: UUID) -> Handover:
    """Return a hand-over as it stands now, held against other writers."""
    query = select(Handover).where(Handover.id == handover_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise unknown()
    return found


def relations(actor: Actor, organisation_id: UUID) -> set[Relation]:
    """Return how a person stands to the hand-overs of an organisation."""
    return {Relation.OWN} if actor.acts_for(organisation_id) else set()


def may_hand_over(actor: Actor, organisation_id: UUID) -> bool:
    """Tell whether the person may hand over the management of an organisation."""
    return may(actor, Act.HAND_OVER, relations(actor, organisation_id))


def meant_for(session: Session, user_id: UUID) -> Sequence[Handover]:
    """Return the open hand-overs that somebody is the successor of, held."""
    query = select(Handover).where(Handover.successor_id == user_id, _is_open())
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def successors(session: Session, organisation_id: UUID, but: UUID | None = None) -> list[Listed]:
    """Return who could take over: the open accounts of the organisation that do not manage it already."""
    managers = select(UserRole.user_id).where(UserRole.role == Role.MANAGER)
    query = select(User).where(User.organisation_id == organisation_id, *_can_sign_in(), User.id.not_in(managers))
    users = session.scalars(query.order_by(User.name, User.username))
    return listed(session, [one for one in users if one.id != but])


def people_of(session: Session, organisation_id: UUID) -> list[Listed]:
    """Return the open accounts of an organisation."""
    query = select(User).where(User.organisation_id == organisation_id, User.active)
    return listed(session, list(session.scalars(query.order_by(User.name, User.username))))


def _is_open() -> ColumnElement[bool]:
    return Handover.state == HandoverState.OPEN


def _can_sign_in() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return User.active.is_(True), User.password_hash != NO_PASSWORD


# --- what is taken over, which is known further up -------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One thing that whoever takes over has to know of: untranslated words, how much, and what else belongs to it."""

    label: str
    value: Fact
    note: Fact = None


TakenOver = Callable[[Session, UUID], list[Line]]
_taken: list[TakenOver] = []


def taken_over_is(*ask: TakenOver) -> None:
    """Have these tell what somebody takes over with an organisation. Wired once, in `wastetrack.app`."""
    _taken[:] = ask


def taken_over(session: Session, organisation_id: UUID) -> list[Line]:
    """Return what somebody takes over with an organisation."""
    return [line for ask in _taken for line in ask(session, organisation_id)]


# --- where nobody is left --------------------------------------------------------------------------------------------


def last_roles(session: Session, account: User) -> list[Role]:
    """Return the roles that somebody, as things stand, is the last one to have."""
    held_now = roles_of(session, account.id)
    if not account.active or account.password_hash == NO_PASSWORD or not KEEPERS & held_now:
        return []
    return last_ones(held_now, roles_of_others(session, account))


def vacant(session: Session) -> list[Role]:
    """Return the administrators' roles that nobody has who can sign in."""
    query = select(UserRole.role).join(User, User.id == UserRole.user_id).where(*_can_sign_in()).distinct()
    there = set(session.scalars(query.where(UserRole.role.in_(ADMINISTRATORS))))
    return [role for role in Role if role in ADMINISTRATORS - there]


@dataclass(frozen=True)
class Gap:
    """An organisation that nobody manages any more."""

    organisation: Organisation
    since: datetime
    reason: str
    days: int
    waiting: bool
    """Whether a hand-over waits for its successor."""


def gaps(session: Session, now: datetime, after: UUID | None = None) -> tuple[list[Gap], UUID | None]:
    """Return one page of the organisations without manager, the longest first, and where the next page begins."""
    query = _gaps(Organisation, ManagerGap).order_by(ManagerGap.since, ManagerGap.organisation_id)
    last = session.get(ManagerGap, after) if after else None
    if last is not None:
        query = query.where(
            (ManagerGap.since > last.since)
            | ((ManagerGap.since == last.since) & (ManagerGap.organisation_id > last.organisation_id))
        )
    rows = session.execute(query.limit(PAGE + 1)).tuples().all()
    ids = [organisation.id for organisation, _gap in rows[:PAGE]]
    waiting = set(
        session.scalars(select(Handover.organisation_id).where(Handover.organisation_id.in_(ids), _is_open()))
    )
    found = [
        Gap(organisation, gap.since, gap.reason, age_in_days(gap.since, now), organisation.id in waiting)
        for organisation, gap in rows[:PAGE]
    ]
    return found, ids[-1] if len(rows) > PAGE else None


def count_gaps(session: Session) -> int:
    """Count the organisations without manager."""
    return session.scalar(_gaps(func.count())) or 0


def longest_gap(session: Session) -> datetime | None:
    """Return since when the longest of them lasts."""
    since: datetime | None = session.scalar(_gaps(func.min(ManagerGap.since)))
    return since


def gap_of(session: Session, organisation_id: UUID) -> datetime | None:
    """Return since when an organisation has no manager, None where it has one or never had."""
    since: datetime | None = session.scalar(
        _gaps(ManagerGap.since).where(ManagerGap.organisation_id == organisation_id)
    )
    return since


def _gaps(*what: Any) -> Select[Any]:
    """Select from the organisations that lost their last manager and have none now; a closed one needs none."""
    managed = exists().where(
        User.organisation_id == ManagerGap.organisation_id,
        UserRole.user_id == User.id,
        UserRole.role == Role.MANAGER,
        *_can_sign_in(),
    )
    query = select(*what).select_from(ManagerGap).join(Organisation, Organisation.id == ManagerGap.organisation_id)
    return query.where(~managed, Organisation.state != OrganisationState.CLOSED)
