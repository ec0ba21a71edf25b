"""The codes on the walls of stores: which one is in force, and which store a scanned one stands for."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wastetrack.documents.wall_sign import WallSignFacts
from wastetrack.domain.parties import is_medical_store
from wastetrack.domain.presence_code import PresenceCode as Code
from wastetrack.domain.presence_code import show_presence_code
from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Facility, PresenceCode
from wastetrack.infra.i18n import CHINESE, _, speaking


def in_force(session: Session, facility_id: UUID) -> PresenceCode | None:
    """Return the code that holds for a store now."""
    query = select(PresenceCode).where(PresenceCode.facility_id == facility_id, PresenceCode.replaced_at.is_(None))
    return session.scalar(query)


def on_the_wall(session: Session, code: Code) -> PresenceCode | None:
    """Return what was ever issued under a code, in force or replaced."""
    return session.get(PresenceCode, code)


def sign_of(session: Session, store: Facility, address: str, on: date) -> WallSignFacts:
    """Return what the sign of a store says, in Chinese; refuse where no code was issued yet.

    That of a plant is one for medical waste while its papers in date let in nothing else.
    """
    code = in_force(session, store.id)
    if code is None:
        raise refuse("presence_code.none", N_("This store has no presence code yet. Issue one first."))
    holder = queries.organisation(session, store.organisation_id)
    with speaking(CHINESE):
        kind = _(store.kind.label)
    return WallSignFacts(
        organisation=holder.name,
        store=store.name,
        store_code=store.code,
        kind=kind,
        emergency_phone=holder.emergency_phone,
        address=f"{address}/P/{code.code}".upper(),
        code=show_presence_code(Code(code.code)),
        medical=is_medical_store(store.kind, _let_in(session, store, on)),
    )


def _let_in(session: Session, store: Facility, on: date) -> list[str]:
    """Return the codes and categories that the papers of a store's organisation let in."""
    papers = [queries.paper(each) for each in queries.receiving_papers(session, store.organisation_id)]
    return [entry for paper in papers if paper.in_date(on) for entry in paper.scope]
