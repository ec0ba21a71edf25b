"""Acts on the time limits of stores: enter one, and remember when one turns. Every limit entered is kept."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wastetrack.domain.access import Act, may
from wastetrack.domain.problems import Kind, Problem, refuse_all
from wastetrack.domain.storage_time import MOST_HOURS, LocalLimit, hours_by_law, is_laxer, limit_problems, next_turn
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Facility, StoreTimeLimit
from wastetrack.features.parties.queries.time_limits import as_limit, entered, forget
from wastetrack.features.parties.service.base import added, done_before, held
from wastetrack.infra.commands import ActKey, Command, Day, OptionalText, Text
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


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
    problems = _problems(work, command, store)
    keeps_parties = may(work.actor, Act.MANAGE_PARTIES, queries.relations(work.session, work.actor, one))
    if _needs_registrar(work, command, store, before) and not keeps_parties:
        sentence = N_(
            "More hours than the law allows, and what takes the place of a limit that rests on a document, are entered "
            "by the system administrator. Send the document there."
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
    forget(work.session, store.id)
    return row


def note_recounted(work: Work, store: Facility) -> None:
    """Remember when a time limit of a store turns next, now that its deadlines have been reckoned."""
    store.recount_at = next_turn(queries.time_limits(work.session, store), work.now)


def _problems(work: Work, command: SetTimeLimit, store: Facility) -> list[Problem]:
    problems = limit_problems(
        command.hours,
        command.first_day,
        command.last_day,
        command.document,
        command.document_day,
        by_law=hours_by_law(store.kind, store.temperature),
        today=local_day(work.now),
    )
    if (command.hours is None) is not command.by_law:
        sentence = N_("Enter the hours, or choose that the law alone counts: one of the two.")
        problems.append(Problem("time_limit.hours", sentence, field="hours"))
    return problems


def _needs_registrar(work: Work, command: SetTimeLimit, store: Facility, before: list[StoreTimeLimit]) -> bool:
    """Tell whether a limit is laxer than the law, or takes the place of one that rests on a document."""
    if is_laxer(command.hours, hours_by_law(store.kind, store.temperature)):
        return True
    new = LocalLimit(command.hours, command.first_day, command.last_day, work.now)
    told = [as_limit(row) for row in before if row.document]
    return any(old.begins < new.ends and new.begins < old.ends for old in told)
