"""Who stands how to a manifest, and what he may see of it."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import RIGHTS, Act, Actor, Relation, Role, may, unknown
from wastetrack.features.accounts.models import User
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.manifests.queries.sheets import Sheet, leg_of, sheet


def crew_id_of(session: Session, actor: Actor) -> UUID | None:
    """Return the crew member whose account this is."""
    if actor.user_id is None or Role.DRIVER not in actor.roles:
        return None
    return session.scalar(select(User.crew_id).where(User.id == actor.user_id))


def relations(session: Session, actor: Actor, manifest: Manifest) -> set[Relation]:
    """Return how the person stands to a manifest. A draft is nobody's business but the consignor's."""
    if manifest.signed_at is None:
        return _of_draft(actor, manifest)
    return relations_by(session, actor, manifest, leg_of(session, manifest.id), crew_id_of(session, actor))


def _of_draft(actor: Actor, manifest: Manifest) -> set[Relation]:
    return {Relation.CONSIGNOR} if actor.acts_for(manifest.consignor_id) else set()


def relations_by(
    session: Session, actor: Actor, manifest: Manifest, leg: ManifestLeg, crew_id: UUID | None
) -> set[Relation]:
    """Return the same where the leg and the crew member that the person is are known already."""
    found = _of_draft(actor, manifest)
    if manifest.signed_at is None:
        return found
    if actor.acts_for(manifest.receiver_id):
        found.add(Relation.RECEIVER)
    if actor.acts_for(leg.carrier_id):
        found.add(Relation.CARRIER)
    if crew_id in {leg.driver_id, leg.escort_id} - {None}:
        found.add(Relation.CREW)
    # The costly ones are asked only where a role of the person makes something of them: not at every scan.
    costly = {Relation.PRODUCER, Relation.REGION} & _of_use(actor)
    for relation, rule in _seen_by(actor, None).items():
        if relation in costly and session.scalar(select(Manifest.id).where(Manifest.id == manifest.id, rule)):
            found.add(relation)
    return found


def _of_use(actor: Actor) -> set[Relation]:
    """Return the relations by which the person's roles let him see manifests."""
    return {relation for role in actor.roles for relation in RIGHTS[Act.VIEW_MANIFEST].get(role, ())}


def _seen_by(actor: Actor, crew: UUID | None) -> dict[Relation, ColumnElement[bool]]:
    """Return for each relation the criterion on manifests that a person stands in it."""
    organisation = actor.organisation_id
    by_relation: dict[Relation, ColumnElement[bool]] = {}
    if organisation:
        of_leg = ManifestLeg.manifest_id == Manifest.id
        produced = (
            select(ManifestBox.container_id)
            .join(Container, Container.id == ManifestBox.container_id)
            .where(ManifestBox.manifest_id == Manifest.id, Container.producer_id == organisation)
        )
        by_relation[Relation.CONSIGNOR] = Manifest.consignor_id == organisation
        by_relation[Relation.RECEIVER] = Manifest.receiver_id == organisation
        by_relation[Relation.CARRIER] = exists().where(of_leg, ManifestLeg.carrier_id == organisation)
        by_relation[Relation.PRODUCER] = produced.exists()
    if crew:
        by_relation[Relation.CREW] = of_crew(crew)
    if actor.region_paths:
        by_relation[Relation.REGION] = or_(
            catalogue.within(Manifest.consignor_region_code, actor.region_paths),
            catalogue.within(Manifest.receiver_region_code, actor.region_paths),
        )
    return by_relation


def of_crew(crew_id: UUID) -> ColumnElement[bool]:
    """Return the criterion "driver or escort of a leg is this crew member"."""
    return exists().where(
        ManifestLeg.manifest_id == Manifest.id, or_(ManifestLeg.driver_id == crew_id, ManifestLeg.escort_id == crew_id)
    )


def visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Return the criterion "a manifest that this person may see"; drafts only for their consignor."""
    allowed = _of_use(actor)
    seen = {name: rule for name, rule in _seen_by(actor, crew_id_of(session, actor)).items() if name in allowed}
    drafts = seen.pop(Relation.CONSIGNOR, None)
    signed = and_(Manifest.signed_at.is_not(None), or_(*seen.values())) if seen else false()
    return signed if drafts is None else or_(drafts, signed)


def view(session: Session, actor: Actor, manifest_id: UUID) -> tuple[Sheet, set[Relation]]:
    """Return a manifest as this person may see it, with his relations; unknown to whoever may not.

    A producer who is nothing else to it sees only his own boxes.
    """
    manifest = session.get(Manifest, manifest_id)
    if manifest is None:
        raise unknown()
    held = relations(session, actor, manifest)
    if not may(actor, Act.VIEW_MANIFEST, held):
        raise unknown()
    only_own = not may(actor, Act.VIEW_MANIFEST, held - {Relation.PRODUCER})
    return sheet(session, manifest, actor.organisation_id if only_own else None), held


def related(session: Session, actor: Actor, container: Container) -> set[Relation]:
    """Return how a person stands to a container because of the open manifest it is on: he is to carry or receive it."""
    manifest = session.get(Manifest, container.manifest_id) if container.manifest_id else None
    return relations(session, actor, manifest) - {Relation.PRODUCER} if manifest else set()
