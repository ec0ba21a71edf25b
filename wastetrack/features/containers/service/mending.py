"""Putting right what stands here: weighing again, opening on the record, sealing again, repacking.

Nothing is overwritten: every figure stands in the container's stream with who weighed it. What was repacked lives on
in a new container that names the old one, and its clock goes on (domain.md, Life of a container).
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from wastetrack.domain.access import Act, require, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import ENDED, Doing, Packaging, State
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Refusal, refuse_all
from wastetrack.domain.registration import foreign_label, mass_problems, on_hand_in, on_manifest, packaging_problems
from wastetrack.domain.waste_codes import WasteCode
from wastetrack.domain.weighing import MassSource, WeighedBy, Weighing, weighed_by
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.containers.service.moving import following_state, move_held
from wastetrack.features.containers.service.registering import (
    digital_code,
    facts_of,
    fresh_code,
    person,
    producer_held,
    require_label,
)
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.infra.commands import ActKey, Code, Command, Mass, Text
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


class WeighAgain(Command):
    """Weigh a container again where it is."""

    code: Code
    mass: Mass
    act_key: ActKey | None = None


class OpenContainer(Command):
    """Open a container that stands in one's own store, with the reason."""

    code: Code
    reason: Text
    act_key: ActKey | None = None


class SealAgain(Command):
    """Seal an open container again; what is in it is weighed."""

    code: Code
    mass: Mass
    act_key: ActKey | None = None


class Repack(Command):
    """Put the content of a damaged, leaking or wrong container into a new one, with the reason."""

    code: Code
    packaging: Packaging
    mass: Mass
    reason: Text
    act_key: ActKey | None = None


class DeclareWrong(Command):
    """Declare an entry of a container's record wrong, with the reason; `replaced_by` is the entry that put it right."""

    code: Code
    wrong: int
    reason: Text
    replaced_by: Annotated[int | None, BeforeValidator(lambda given: given or None)] = None
    act_key: ActKey | None = None


def weigh(work: Work, command: WeighAgain) -> Container:
    """Weigh a container again. The producer's figure is renewed while nothing else rests on it; others stand beside it.

    Who carries, passes on or receives it keeps his own figure; the producer's stays as it is.
    """
    container, done = _held(work, command.code, Act.WEIGH, Doing.WEIGH, command.act_key)
    if done:
        return container
    _weighed(work, container, Doing.WEIGH, command.mass, command.act_key)
    work.session.flush()
    return container


def open_up(work: Work, command: OpenContainer) -> Container:
    """Open a container in its store. It counts there as before and goes nowhere until it is sealed or repacked."""
    container, done = _held(work, command.code, Act.REPACK, Doing.OPEN, command.act_key)
    if done:
        return container
    _require_undeclared(container)
    move_held(work, container, Doing.OPEN, facts={"reason": command.reason}, act_key=command.act_key)
    work.session.flush()
    return container


def seal_again(work: Work, command: SealAgain) -> Container:
    """Seal an open container with the mass it has now. The storage clock was never stopped."""
    container, done = _held(work, command.code, Act.REPACK, Doing.SEAL, command.act_key)
    if done:
        return container
    _weighed(work, container, Doing.SEAL, command.mass, command.act_key)
    work.session.flush()
    return container


def repack(work: Work, command: Repack) -> Container:
    """Move the content into a new container with its own code, at the same place, with the same clock."""
    old, done = _held(work, command.code, Act.REPACK, Doing.REPACK, command.act_key)
    if done:
        return queries.repacked_into(work.session, old.id) or old
    _require_undeclared(old)
    following_state(work, old, Doing.REPACK)
    code = WasteCode(old.waste_code)
    refuse_all([*packaging_problems(code, command.packaging), *mass_problems(command.mass.mass, command.packaging)])
    new = _successor(work, old, command)
    facts = {"reason": command.reason, "into": new.id, "into_code": pretty(ContainerCode(new.code))}
    move_held(work, old, Doing.REPACK, facts=facts, act_key=command.act_key)
    return new


def declare_wrong(work: Work, command: DeclareWrong) -> Container:
    """Declare an entry wrong that one's own organisation made. It stays, struck through, beside who says so and why."""
    container = queries.locked_by_code(work.session, command.code)
    if not queries.visible(work.session, work.actor, container):
        raise unknown()
    stream = stream_of(container.id)
    if ledger.done(work, stream, command.act_key):
        return container
    event = ledger.declare_wrong(work, stream, command.wrong, command.reason, command.replaced_by, command.act_key)
    container.version = event.seq
    work.session.flush()
    return container


def _held(work: Work, code: str, act: Act, doing: Doing, act_key: str | None) -> tuple[Container, bool]:
    """Hold the container and ask whether the person may do this; tell whether this very act is already done."""
    container = queries.locked_by_code(work.session, code, doing=doing)
    if not queries.visible(work.session, work.actor, container):
        raise unknown()
    if container.state not in ENDED and not work.actor.acts_for(container.holder_organisation_id):
        raise Refusal([foreign_label(pretty(ContainerCode(container.code)))])
    done = ledger.done(work, stream_of(container.id), act_key)
    if not done:
        require(work.actor, act, queries.all_relations(work.session, work.actor, container))
    return container, done


def _require_free(container: Container) -> None:
    """Refuse what stands on an open manifest: its figures and its count are stated there."""
    if container.manifest_id is not None:
        raise Refusal([on_manifest(pretty(ContainerCode(container.code)))])


def _require_undeclared(container: Container) -> None:
    """Refuse what stands on an open manifest or hand-in: somebody expects this very container, sealed."""
    _require_free(container)
    if container.hand_in_id is not None:
        raise Refusal([on_hand_in(pretty(ContainerCode(container.code)))])


def _weighed(work: Work, container: Container, doing: Doing, weighing: Weighing, act_key: str | None) -> None:
    origin = _origin(work, container)
    if origin is WeighedBy.PRODUCER:
        _require_free(container)
    following_state(work, container, doing)
    refuse_all(mass_problems(weighing.mass, container.packaging))
    facts = {"mass_g": weighing.mass, "mass_source": weighing.source, "weighed_by": origin}
    if origin is WeighedBy.PRODUCER:
        facts["before_g"] = container.mass_g
        container.mass_g, container.mass_source = weighing.mass, weighing.source
    move_held(work, container, doing, facts=facts, act_key=act_key)


def _origin(work: Work, container: Container) -> WeighedBy:
    """Tell as what the holder weighs."""
    holder = container.holder_organisation_id
    kinds: set[OrganisationKind] = parties.kinds_of(work.session, holder) if holder else set()
    return weighed_by(
        producer=holder == container.producer_id, on_vehicle=container.holder_leg_id is not None, kinds=kinds
    )


def repack_aboard(
    work: Work, old: Container, packaging: Packaging, facts: Mapping[str, object], *, act_key: str
) -> Container:
    """Move the content of a held container into another one on the same vehicle, with its mass as it was stated.

    Called by the manifest it is on, which has asked for the right. Nobody weighs anything on the road.
    """
    refuse_all(packaging_problems(WasteCode(old.waste_code), packaging))
    there = {"state": State.LOADED, "holder_leg_id": old.holder_leg_id, "manifest_id": old.manifest_id}
    new = _new_for(work, old, packaging, (old.mass_g, old.mass_source), facts, act_key, there)
    into = {"into": new.id, "into_code": pretty(ContainerCode(new.code))}
    move_held(work, old, Doing.REPACK, facts={**facts, **into}, act_key=act_key)
    return new


_INHERITED = (
    "producer_id", "producer_region_code", "department", "waste_code", "waste_name", "medical", "hazards", "form",
    "harmful", "components", "precautions", "note", "isolation", "sealed_at", "entered_at", "must_leave_by",
    "label_leave_by", "holder_organisation_id", "holder_facility_id", "zone_id", "holder_region_code",
)  # fmt: skip
"""What the content brings with it into the new container."""


def _successor(work: Work, old: Container, command: Repack) -> Container:
    """Make the new container at the place of the old one."""
    there = {
        "state": State.SEALED if old.state is State.SEALED else State.STORED,
        "stood_since": work.now if old.holder_facility_id else None,
    }
    facts = {"reason": command.reason, "weighed_by": _origin(work, old)}
    mass = command.mass.mass, command.mass.source
    return _new_for(work, old, command.packaging, mass, facts, command.act_key, there)


def _new_for(
    work: Work,
    old: Container,
    packaging: Packaging,
    mass: tuple[int, MassSource],
    facts: Mapping[str, object],
    act_key: str | None,
    there: Mapping[str, object],
) -> Container:
    """Make the container that takes over what is in `old`, with its label and clock; `there` says how it stands."""
    producer = producer_held(work, old.producer_id)
    mass_g, mass_source = mass
    new = Container(
        id=new_id(),
        code=fresh_code(work),
        packaging=packaging,
        digital_code=None if old.medical else digital_code(work, producer, WasteCode(old.waste_code), old.sealed_at),
        mass_g=mass_g,
        mass_source=mass_source,
        registered_at=work.now,
        registered_by=person(work),
        act_key=act_key,
        overfull=False,
        repacked_from=old.id,
        version=1,
        **{name: getattr(old, name) for name in _INHERITED},
        **there,
    )
    require_label(new, producer)
    work.session.add(new)
    origin = {"from_container": old.id, "from_code": pretty(ContainerCode(old.code)), "before_g": old.mass_g}
    begun = {**facts_of(new), **facts, **origin, "entered_at": old.entered_at}
    ledger.append(work, stream_of(new.id), "container.successor", begun, act_key=act_key, begins=True)
    work.session.flush()
    return new
