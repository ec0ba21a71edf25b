"""How a person stands to a container, and so whether he may follow it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, Role, may, unknown
from wastetrack.domain.ledger import Event
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries.found import by_code, stream_of
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.parties.models import Facility

Relatives = Callable[[Session, Actor, Container], set[Relation]]
_relatives: list[Relatives] = []


def also_related(find: Relatives) -> None:
    """Have `find` asked as well how a person stands to a container. Wired once, in `wastetrack.app`.

    Custody is known here, from the container's own stream. Plans are not: that somebody is to carry or receive it
    on a manifest, or is declared to take it in, is for the feature that holds the plan to say.
    """
    if find not in _relatives:
        _relatives.append(find)


def relations(actor: Actor, container: Container) -> set[Relation]:
    """Return how a person's organisation stands to a container now, without asking its history."""
    found: set[Relation] = set()
    if actor.acts_for(container.producer_id):
        found.add(Relation.PRODUCER)
    if actor.acts_for(container.holder_organisation_id):
        found.add(Relation.OWN)
    return found


def all_relations(session: Session, actor: Actor, container: Container) -> set[Relation]:
    """Return how a person stands to a container: by custody now and in the past, by region, and by plans."""
    found = relations(actor, container)
    past = ledger.stream(session, stream_of(container.id))
    found |= _by_custody(actor, past)
    if Role.REGULATOR in actor.roles and _in_region(session, actor, container, past):
        found.add(Relation.REGION)
    for find in _relatives:
        found |= find(session, actor, container)
    return found


def visible(session: Session, actor: Actor, container: Container) -> bool:
    """Tell whether a person may follow this container."""
    return may(actor, Act.VIEW_CONTAINER, relations(actor, container)) or may(
        actor, Act.VIEW_CONTAINER, all_relations(session, actor, container)
    )


def view(session: Session, actor: Actor, code: str) -> Container:
    """Return a container that the person may follow; where he may not, it is as if there were none."""
    container = by_code(session, code)
    if container is None or not visible(session, actor, container):
        raise unknown()
    return container


def _by_custody(actor: Actor, past: list[Event]) -> set[Relation]:
    """Return what follows from having held it, having acted on it, or having had it in hand oneself."""
    found: set[Relation] = set()
    for event in past:
        holder = holder_after(event)
        if actor.acts_for(as_id(holder.get("organisation"))):
            found |= {Relation.CARRIER} if holder.get("leg") else {Relation.CONSIGNOR, Relation.RECEIVER}
        elif actor.acts_for(as_id(event.acting_for)):
            found.add(Relation.RECEIVER)
        if actor.user_id and event.actor_id == str(actor.user_id) and "by_mandate" not in json.loads(event.facts):
            found.add(Relation.CREW)
    return found


def _in_region(session: Session, actor: Actor, container: Container, past: list[Event]) -> bool:
    """Tell whether it arose, stands or ever stood in a regulator's region."""
    places = {as_id(holder_after(event).get("facility")) for event in past} - {None}
    codes = {container.producer_region_code, container.holder_region_code} - {None}
    if places:
        codes |= set(session.scalars(select(Facility.region_code).where(Facility.id.in_(places))))
    return catalogue.any_within(session, codes, actor.region_paths)


def holder_after(event: Event) -> dict[str, Any]:
    """Return the holder that an event of a container names as the new one."""
    after = json.loads(event.facts).get("to")
    return after if isinstance(after, dict) else {}


def as_id(text: object) -> UUID | None:
    """Read an id as the ledger writes it."""
    return UUID(text) if isinstance(text, str) else None
