"""Acts on the time limits of stores and regions: enter one, and remember when one turns. Every limit is kept.

That of a region is entered by an official who approves there (Act.APPROVE), because it is the act of an authority and
has to bear the name of somebody who acts for it: the platform's system administrator is none. He enters only what a
document allows a single store.
"""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wastetrack.domain.access import Act, forbidden, may, unknown
from wastetrack.domain.problems import Kind, Problem, refuse_all
from wastetrack.domain.storage_time import (
    MOST_HOURS,
    LocalLimit,
    StoreGroup,
    allowed_besides,
    group_of,
    is_laxer,
    limit_problems,
    next_turn,
)
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Facility, RegionTimeLimit, StoreTimeLimit
from wastetrack.features.parties.queries.time_limits import (
    as_limit,
    entered,
    entered_for,
    forget,
    may_limit,
    of_region,
    own_limits,
)
from wastetrack.features.parties.service.base import added, done_before, held
from wastetrack.infra.commands import ActKey, Command, Day, OptionalText, Text
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

SOON = timedelta(minutes=1)


class SetTimeLimit(Command):
    """Give a store a time limit from a day until a day; without hours the law alone counts in that time."""

    organisation_id: UUID
    facility_id: UUID
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] | None = None
    by_law: bool = False
    """Said in so many words, so that an empty field is not taken for it."""
    first_day: Day
    last_day: date | None = None
    document: OptionalText = ""
    document_day: date | None = None
    reason: Text
    act_key: ActKey | None = None


def set_time_limit(work: Work, command: SetTimeLimit) -> StoreTimeLimit:
    """Enter a time limit of a store.

    Whoever keeps the store may make it stricter than the law and take that back. What is laxer, and what replaces
    a limit that rests on a document, is for who keeps the parties.
    """
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    store = queries.part(work.session, Facility, command.facility_id, one.id)
    done = done_before(work, StoreTimeLimit, one.id, command.act_key)
    if done is not None:
        return done
    before = entered(work.session, store.id)
    allowed = _allowed_besides(work, command, store)
    problems = _problems(work, command, allowed)
    keeps_parties = may(work.actor, Act.MANAGE_PARTIES, queries.relations(work.session, work.actor, one))
    if _needs_registrar(work, command, allowed, before) and not keeps_parties:
        sentence = N_(
            "More hours than else are allowed here, and what takes the place of a limit that rests on a document, are "
            "entered by the system administrator. Send the document there."
        )
        problems.append(Problem("time_limit.registrar", sentence, field="hours", kind=Kind.FORBIDDEN))
    refuse_all(problems)
    row = StoreTimeLimit(
        id=new_id(),
        number=len(before) + 1,
        recorded_at=work.now,
        **command.model_dump(exclude={"act_key", "by_law"}),
    )
    said = {"hours", "first_day", "last_day", "document", "document_day", "reason"}
    facts = {"facility": store.id, "code": store.code, **command.model_dump(include=said)}
    store.has_time_limits = True
    # At this very moment somebody may put a container there by the limits as they were: the next sweep mends it.
    store.recount_at = work.now
    added(work, row, "time_limit_set", facts, command.act_key, list)
    forget(work.session)
    return row


def note_recounted(work: Work, store: Facility) -> None:
    """Remember when a time limit of a store turns next, now that its deadlines have been reckoned."""
    store.recount_at = next_turn(own_limits(work.session, store), work.now)


def note_limits(work: Work, store: Facility) -> None:
    """Remember that the region of a store has set limits, when the store is new, moved or rebuilt."""
    if of_region(work.session, store.region_code, group_of(store.kind, store.temperature)):
        store.has_time_limits = True


def _allowed_besides(work: Work, command: SetTimeLimit, store: Facility) -> timedelta | None:
    """Return what the law and the region allow on the days of a limit."""
    group = group_of(store.kind, store.temperature)
    days = LocalLimit(command.hours, command.first_day, command.last_day, work.now)
    return allowed_besides(of_region(work.session, store.region_code, group), group.allowed, days.begins, days.ends)


def _problems(work: Work, command: "SetTimeLimit | SetRegionTimeLimit", allowed: timedelta | None) -> list[Problem]:
    problems = limit_problems(
        command.hours,
        command.first_day,
        command.last_day,
        command.document,
        command.document_day,
        by_law=allowed,
        today=local_day(work.now),
    )
    if (command.hours is None) is not command.by_law:
        sentence = N_("Enter the hours, or choose that the law alone counts: one of the two.")
        problems.append(Problem("time_limit.hours", sentence, field="hours"))
    return problems


def _needs_registrar(
    work: Work, command: SetTimeLimit, allowed: timedelta | None, before: list[StoreTimeLimit]
) -> bool:
    """Tell whether a limit is laxer than what else holds, or takes the place of one that rests on a document."""
    if is_laxer(command.hours, allowed):
        return True
    new = LocalLimit(command.hours, command.first_day, command.last_day, work.now)
    told = [as_limit(row) for row in before if row.document]
    return any(old.begins < new.ends and new.begins < old.ends for old in told)


# --- of a region -----------------------------------------------------------------------------------------------------


class SetRegionTimeLimit(Command):
    """Give all stores of a group in a region a time limit; without hours the region sets none any more."""

    region_code: str
    stores: StoreGroup
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] | None = None
    by_law: bool = False
    """Said in so many words, so that an empty field is not taken for it."""
    first_day: Day
    last_day: date | None = None
    document: Text
    document_day: Day
    reason: Text
    act_key: ActKey | None = None


def set_region_time_limit(work: Work, command: SetRegionTimeLimit) -> RegionTimeLimit:
    """Enter a time limit of a region by a dated local document: for the official who approves there."""
    region = catalogue.region(work.session, command.region_code)
    if region is None or not may_limit(work.actor, region) or work.actor.user_id is None:
        raise forbidden(Act.APPROVE) if region else unknown()
    stream = region_stream(region.code)
    if ledger.done(work, stream, command.act_key):
        return entered_for(work.session, region.code)[-1]
    refuse_all(_problems(work, command, command.stores.allowed))
    row = RegionTimeLimit(
        id=new_id(),
        number=len(entered_for(work.session, region.code)) + 1,
        recorded_at=work.now,
        recorded_by=work.actor.user_id,
        recount_at=work.now,
        again=True,
        **command.model_dump(exclude={"act_key", "by_law"}),
    )
    work.session.add(row)
    work.session.flush()
    facts = command.model_dump(exclude={"act_key", "by_law"})
    ledger.append(work, stream, "region.time_limit_set", {"id": row.id, **facts}, act_key=command.act_key)
    forget(work.session)
    return row


def region_stream(code: str) -> str:
    """Return the name of a region's stream in the ledger."""
    return f"region:{code}"


def begin_recount(work: Work, limit: RegionTimeLimit) -> None:
    """Begin to reckon anew everything that a time limit of a region concerns."""
    limit.total, limit.done, limit.done_to = queries.concerned(work.session, limit), 0, None
    limit.recount_at = None


def go_on_recounting(work: Work, limit: RegionTimeLimit, size: int) -> tuple[list[UUID], list[Facility]]:
    """Take the next organisations that a limit concerns and their stores, and remember that they have been done.

    The last ones done, it is remembered when all of it is to be done again: the first time soon, for what somebody put
    into a store while the limit was entered; then when the limit begins or ends.
    """
    organisations = [one.id for one in queries.next_concerned(work.session, limit, size)]
    stores = queries.stores_concerned(work.session, limit, organisations)
    for store in stores:
        store.has_time_limits = True
    queries.read_ahead(work.session, stores)
    limit.done += len(organisations)
    limit.done_to = organisations[-1] if organisations else None
    if len(organisations) < size:
        limit.total, limit.done_to = limit.done, None
        turn = next_turn([as_limit(limit)], work.now)
        limit.recount_at, limit.again = (work.now + SOON, False) if limit.again else (turn, False)
    work.session.flush()
    return organisations, stores
