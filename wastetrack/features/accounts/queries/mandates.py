"""Mandates looked up: by those who were given one, by those who gave it, and by who keeps the accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session, aliased

from wastetrack.domain.access import Act, Actor, Relation, Role, may, unknown
from wastetrack.domain.mandates import OPEN, MandateState, can_act_for, is_over
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.times import local_day
from wastetrack.features.accounts.models import Mandate, User
from wastetrack.features.accounts.queries import mandate_holds
from wastetrack.features.parties.models import Organisation

PAGE = 25
_PERSON, _FOR, _OWN = aliased(User), aliased(Organisation), aliased(Organisation)


@dataclass(frozen=True)
class Shown:
    """A mandate with the names of those whom it joins."""

    mandate: Mandate
    person: str
    own: str
    organisation: str
    state_of: OrganisationState
    """How it stands with the organisation that is acted for."""
    holds: bool
    """Whether the person can act by it now."""
    over: bool
    """Whether it can never hold again."""

    @property
    def roles(self) -> list[Role]:
        """Return the roles in the order of the table."""
        return [role for role in Role if role.value in self.mandate.roles.split()]

    @property
    def suspended(self) -> bool:
        """Tell whether it rests because nobody may act for the organisation at present."""
        return not self.over and not can_act_for(self.state_of)


def stream_of(mandate_id: UUID) -> str:
    """Return the name of a mandate's stream in the ledger."""
    return f"mandate:{mandate_id}"


def held(session: Session, mandate_id: UUID) -> Mandate:
    """Return a mandate as it stands now, held against other writers; refuse where there is none."""
    query = select(Mandate).where(Mandate.id == mandate_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise unknown()
    return found


def mine(session: Session, user_id: UUID, now: datetime) -> list[Shown]:
    """Return what somebody is authorised to and what waits for his answer; what is over is left out."""
    rows = _shown(session, now, and_(Mandate.user_id == user_id, _is_open()))
    return [one for one in rows if not one.over]


def of_person(session: Session, user_id: UUID, now: datetime) -> list[Shown]:
    """Return every mandate somebody was ever given, the latest first."""
    return _shown(session, now, Mandate.user_id == user_id)[:PAGE]


def relations(actor: Actor, mandate: Mandate) -> set[Relation]:
    """Return how a person stands to a mandate: it belongs to whom it was given for."""
    return {Relation.OWN} if actor.acts_for(mandate.organisation_id) else set()


def visible(session: Session, actor: Actor, mandate_id: UUID, now: datetime) -> Shown:
    """Return a mandate for somebody who may end it; for anybody else there is none."""
    found = _shown(session, now, Mandate.id == mandate_id)
    if not found or not may(actor, Act.END_MANDATE, relations(actor, found[0].mandate)):
        raise unknown()
    return found[0]


def given(session: Session, actor: Actor, now: datetime, before: UUID | None = None) -> tuple[list[Shown], UUID | None]:
    """Return one page of the mandates that are a person's to end, ended ones too, and where the next page begins."""
    everywhere = may(actor, Act.END_MANDATE)
    which: ColumnElement[bool] = true() if everywhere else Mandate.organisation_id == actor.organisation_id
    if before is not None:
        which = and_(which, Mandate.id < before)
    found = _shown(session, now, which, PAGE + 1)
    return found[:PAGE], found[PAGE - 1].mandate.id if len(found) > PAGE else None


def running(session: Session, organisation_id: UUID, user_id: UUID) -> Sequence[Mandate]:
    """Return the mandates of an organisation for somebody that nobody has ended."""
    of = and_(Mandate.organisation_id == organisation_id, Mandate.user_id == user_id, _is_open())
    return session.scalars(select(Mandate).where(of).order_by(Mandate.id)).all()


def open_of(session: Session, user_ids: Iterable[UUID]) -> Sequence[Mandate]:
    """Return the mandates of these people that nobody has ended, held against other writers."""
    query = select(Mandate).where(Mandate.user_id.in_(list(user_ids)), _is_open()).order_by(Mandate.id)
    return session.scalars(query.with_for_update()).all()


def _is_open() -> ColumnElement[bool]:
    return Mandate.state.in_([one for one in MandateState if one in OPEN])


def _shown(session: Session, now: datetime, which: ColumnElement[bool], size: int = 200) -> list[Shown]:
    query = (
        select(Mandate, _PERSON, _OWN.name.label("own"), _FOR)
        .join(_PERSON, _PERSON.id == Mandate.user_id)
        .join(_OWN, _OWN.id == Mandate.own_organisation_id)
        .join(_FOR, _FOR.id == Mandate.organisation_id)
        .where(which)
        .order_by(Mandate.id.desc())
        .limit(size)
    )
    today = local_day(now)
    return [
        Shown(
            mandate,
            person.name,
            own,
            organisation.name,
            organisation.state,
            person.active and mandate_holds(mandate, organisation.state, person.organisation_id, now),
            is_over(mandate.state, mandate.until, today),
        )
        for mandate, person, own, organisation in session.execute(query).tuples()
    ]
