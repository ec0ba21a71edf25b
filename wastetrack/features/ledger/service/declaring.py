"""Declaring an event wrong by a later one that names it, its hash, why, and what put it right: in every stream."""

from collections.abc import Mapping
from uuid import UUID

from wastetrack.domain.access import Act, Relation, require
from wastetrack.domain.declared_wrong import SUFFIX, problems_declaring, problems_naming
from wastetrack.domain.ledger import Event
from wastetrack.domain.problems import refuse_all
from wastetrack.features.ledger import queries
from wastetrack.features.ledger.service.appending import append
from wastetrack.infra.work import Work

CONTAINER = "container:"


def declare_wrong(
    work: Work,
    stream: str,
    wrong: int,
    reason: str,
    replaced_by: int | None,
    act_key: str | None,
    also: Mapping[str, object] | None = None,
) -> Event:
    """Write that one's own organisation's event is wrong. Who calls has the thing held, and has its tables follow.

    `also` names, for those who listen, of what the event is where the stream does not say it.

    Asked for beforehand: that the person may see the thing, and `done`, since a repeated act finds it declared.
    """
    past = _past(work, stream, wrong, replaced_by)
    named = next((event for event in past if event.seq == wrong), None)
    maker = UUID(named.acting_for) if named and named.acting_for else None
    require(work.actor, Act.DECLARE_WRONG, {Relation.OWN} if work.actor.acts_for(maker) else ())
    refuse_all((problems_declaring if stream.startswith(CONTAINER) else problems_naming)(past, wrong, replaced_by))
    facts: dict[str, object] = {
        "wrong": wrong,
        "reason": reason,
        "replaced_by": replaced_by,
        "wrong_hash": named.hash if named else "",
    }
    facts |= also or {}
    return append(work, stream, f"{stream.partition(':')[0]}{SUFFIX}", facts, act_key=act_key)


def _past(work: Work, stream: str, wrong: int, replaced_by: int | None) -> list[Event]:
    """Return what the decision rests on: of a container all of its life, of longer streams what is named in it."""
    if stream.startswith(CONTAINER):
        return queries.stream(work.session, stream)
    return queries.named_and_declared(work.session, stream, {wrong} | ({replaced_by} if replaced_by else set()))
