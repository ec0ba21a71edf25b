"""Putting containers into stores, and making labels void before the waste has left."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator

from wastetrack.domain.access import Act, Relation, require, unknown
from wastetrack.domain.container_code import (
    ContainerCode,
    pretty,
)
from wastetrack.domain.containers import Doing
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Problem, Refusal, refuse_all
from wastetrack.domain.registration import (
    foreign_label,
    has_left,
    nothing_chosen,
    on_hand_in,
    on_manifest,
)
from wastetrack.domain.storing import wrong_place
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.containers.service.moving import InStore, following_state, move, move_held
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility
from wastetrack.infra.commands import ActKey, Code, Command, Text
from wastetrack.infra.work import Work


class PlaceContainers(Command):
    """Put containers into one of the own stores: those named by their codes, or all of one's own that are in none."""

    facility_id: UUID
    zone_id: Annotated[UUID | None, BeforeValidator(lambda given: given or None)] = None
    """The zone of the store; None where it has none, or the container stands in none of them."""
    codes: tuple[Code, ...] = ()
    all_sealed: bool = False
    typed: bool = False
    """Whether the codes were typed or scanned, not ticked in a list."""
    act_key: ActKey | None = None


def place(work: Work, command: PlaceContainers) -> list[Container]:
    """Put containers into a store, all of them or none. The clock of medical waste goes on, whatever the store."""
    store = parties.facility(work.session, command.facility_id)
    if not work.actor.acts_for(store.organisation_id):
        raise unknown()
    require(work.actor, Act.STORE, {Relation.OWN})
    zone = parties.open_zone(work.session, store.id, command.zone_id) if command.zone_id else None
    chosen = _to_place(work, command)
    if not chosen and not command.all_sealed:
        raise nothing_chosen("codes")
    refuse_all([problem for container in chosen for problem in _not_placeable(work, container, store, "codes")])
    evidence = Evidence.TYPED if command.typed else Evidence.CHOSEN
    moving = [one for one in chosen if one.holder_facility_id != store.id or (zone and one.zone_id != zone.id)]
    ledger.hold(work, [stream_of(one.id) for one in moving], command.act_key)
    for one in moving:
        move_held(work, one, Doing.STORE, to=InStore(store, zone), evidence=evidence, act_key=command.act_key)
    work.session.flush()
    return chosen


def _to_place(work: Work, command: PlaceContainers) -> list[Container]:
    """Return the containers meant, their rows held, each once."""
    if command.all_sealed:
        return queries.all_locked(work.session, [one.id for one in queries.round_of(work.session, work.actor)])
    return queries.all_locked_by_code(work.session, command.codes, "codes", Doing.STORE)


def _not_placeable(work: Work, container: Container, store: Facility, field: str) -> list[Problem]:
    """Return why a container cannot be put into this store."""
    code = pretty(ContainerCode(container.code))
    if container.holder_organisation_id is not None and container.holder_organisation_id != store.organisation_id:
        return [foreign_label(code, field)]
    if container.manifest_id is not None and container.holder_facility_id != store.id:
        return [on_manifest(code, field)]
    try:
        following_state(work, container, Doing.STORE)
    except Refusal as refusal:
        return list(refusal.problems)
    return wrong_place(code, container.medical, store.kind, field)


class VoidContainer(Command):
    """Declare a label void, with the reason."""

    code: Code
    reason: Text
    act_key: ActKey | None = None


def void(work: Work, command: VoidContainer) -> Container:
    """Make a label void: only by its producer and before the waste has left him.

    Not from an open manifest or hand-in: somebody expects it there.
    """
    container = queries.locked_by_code(work.session, command.code, doing=Doing.VOID)
    code = pretty(ContainerCode(container.code))
    if not queries.visible(work.session, work.actor, container):
        raise Refusal([foreign_label(code)])
    require(work.actor, Act.VOID_CONTAINER, queries.relations(work.actor, container))
    if ledger.done(work, stream_of(container.id), command.act_key):
        return container
    if container.manifest_id is not None:
        raise Refusal([on_manifest(code)])
    if container.hand_in_id is not None:
        raise Refusal([on_hand_in(code)])
    following_state(work, container, Doing.VOID)
    if container.holder_organisation_id != container.producer_id or queries.has_returned(work.session, container.id):
        raise Refusal([has_left(code)])
    return move(work, container.id, Doing.VOID, facts={"reason": command.reason}, act_key=command.act_key)
