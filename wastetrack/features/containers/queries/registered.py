"""What somebody registered: the round so far, and what the form for the next container knows from it."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor
from wastetrack.domain.containers import State
from wastetrack.domain.labels import LabelWords
from wastetrack.domain.times import start_of_day
from wastetrack.features.containers.models import Container


def registered_with(session: Session, user_id: UUID, act_key: str) -> Container | None:
    """Return the container that this person registered with this idempotency key."""
    return session.scalar(select(Container).where(Container.registered_by == user_id, Container.act_key == act_key))


def imported_with(session: Session, producer_id: UUID, act_keys: Collection[str]) -> list[Container]:
    """Return the containers of a producer that were registered with these idempotency keys, by whomever."""
    query = select(Container).where(Container.producer_id == producer_id, Container.act_key.in_(act_keys))
    return list(session.scalars(query)) if act_keys else []


def last_serial(session: Session, producer_id: UUID, stem: str) -> int:
    """Return the last serial that a producer used after `stem`, the digital code without its serial; 0 for none."""
    last = session.scalar(
        select(func.max(Container.digital_code)).where(
            Container.producer_id == producer_id,
            Container.digital_code >= f"{stem}000",
            Container.digital_code <= f"{stem}999",
        )
    )
    return int(last[-3:]) if last else 0


def yearly(session: Session, producer_id: UUID, years: Sequence[int]) -> dict[int, int]:
    """Return how many grams a producer registered in each of these years, in one look; void labels do not count,
    nor what was repacked: it counts in its new container.

    A year in which nothing was registered is left out.
    """
    days = [(year, start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))) for year in years]
    at = Container.registered_at
    sums = [func.sum(case((and_(at >= first, at < end), Container.mass_g))) for _year, first, end in days]
    first, end = min(one[1] for one in days), max(one[2] for one in days)
    counts = Container.state.not_in((State.VOID, State.REPACKED))
    own = select(*sums).where(Container.producer_id == producer_id, counts, at >= first, at < end)
    found = session.execute(own).one()
    return {year: int(mass) for (year, _first, _end), mass in zip(days, found, strict=True) if mass}


def round_of(session: Session, actor: Actor) -> list[Container]:
    """Return what a person has registered and not yet put into a store, the latest first.

    Only that of the organisation he acts for now: somebody may register for his own and, by mandate, for another.
    """
    query = (
        select(Container)
        .where(_his(actor), Container.state == State.SEALED)
        .order_by(Container.registered_at.desc(), Container.id.desc())
    )
    return list(session.scalars(query))


def codes_used(session: Session, producer_id: UUID, most: int = 30) -> list[tuple[str, str]]:
    """Return the waste codes, medical classes aside, that a producer used lately, with the names it gave them."""
    recent = (
        select(Container.waste_code, Container.waste_name)
        .where(Container.producer_id == producer_id, ~Container.medical)
        .order_by(Container.registered_at.desc())
        .limit(500)
        .subquery()
    )
    rows = session.execute(select(recent).distinct().order_by(recent.c.waste_code).limit(most))
    return [(code, name) for code, name in rows]


def last_words(session: Session, producer_id: UUID, waste_code: str, hazards: str) -> LabelWords | None:
    """Return what a producer wrote last on the label of this waste with these hazards."""
    query = select(Container.components, Container.precautions).where(
        Container.producer_id == producer_id, Container.waste_code == waste_code, Container.hazards == hazards
    )
    row = session.execute(query.order_by(Container.registered_at.desc(), Container.id.desc()).limit(1)).first()
    return LabelWords(*row) if row else None


def last_department(session: Session, actor: Actor) -> str | None:
    """Return the department of what a person registered last."""
    return session.scalar(
        select(Container.department).where(_his(actor)).order_by(Container.registered_at.desc()).limit(1)
    )


def _his(actor: Actor) -> ColumnElement[bool]:
    return and_(Container.registered_by == actor.user_id, Container.producer_id == actor.organisation_id)
