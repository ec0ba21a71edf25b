"""Finding batches and what waits for treatment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.containers import SEALED_IN_STORE
from wastetrack.domain.manifests import Verdict
from wastetrack.domain.measures import Grams, kilograms
from wastetrack.domain.papers import Party
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.registration import waste_words
from wastetrack.domain.signing import Signature, Statement
from wastetrack.domain.treatment import modes_in_force
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.boxes import queries as boxes
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility
from wastetrack.features.treatment.models import Batch, BatchBox
from wastetrack.infra.i18n import _, show
from wastetrack.infra.paging import newest_first

PAGE = 30
MOST_SHOWN = 500
"""As many boxes of the queue as one page lists; a batch may hold more lorries than that, one after another."""

_BY_AGE = (Container.must_leave_by.is_(None), Container.must_leave_by, Container.sealed_at, Container.id)


def stream_of(batch_id: UUID) -> str:
    """Return the name of a batch's stream in the ledger."""
    return f"batch:{batch_id}"


def plant_stores(session: Session, organisation_id: UUID | None) -> list[Facility]:
    """Return the stores of a disposal site by their codes."""
    query = select(Facility).where(
        Facility.organisation_id == organisation_id, Facility.kind == FacilityKind.PLANT_STORE
    )
    return list(session.scalars(query.order_by(Facility.code)))


def plant_of(session: Session, organisation_id: UUID) -> Party:
    """Return an organisation that treats waste, with its licences and exemptions, as the rules read it."""
    one = parties.organisation(session, organisation_id)
    return parties.party(one, one.region_code, parties.receiving_papers(session, one.id))


def modes_offered(session: Session, organisation_id: UUID | None, day: date) -> list[TreatmentMode]:
    """Return the processes that the papers of an organisation allow on a day."""
    return modes_in_force(plant_of(session, organisation_id).papers, day) if organisation_id else []


def sources_of(session: Session, organisation_id: UUID, container_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return who handed these containers over to the organisation; what came on no manifest is not among them.

    What was repacked here came in the container before it.
    """
    now_in = containers.contents_of(session, container_ids)
    query = (
        select(ManifestBox.container_id, Manifest.consignor_id)
        .join(Manifest, Manifest.id == ManifestBox.manifest_id)
        .where(
            ManifestBox.container_id.in_(now_in),
            ManifestBox.verdict == Verdict.ACCEPTED,
            Manifest.receiver_id == organisation_id,
        )
        .order_by(ManifestBox.received_at)
    )
    return {now_in[one]: consignor for one, consignor in session.execute(query).tuples()}


@dataclass(frozen=True)
class Queue:
    """What stands in a plant's store: how much in all, and the boxes that must be treated first."""

    count: int
    mass_g: int
    boxes: Sequence[Container]


def queue(session: Session, store_id: UUID, codes: Collection[str] = ()) -> Queue:
    """Return what waits in this store by age; those named by `codes` are on the page however young they are."""
    here = (Container.holder_facility_id == store_id, Container.state.in_(SEALED_IN_STORE))
    count, mass = session.execute(select(func.count(), func.sum(Container.mass_g)).where(*here)).one()
    query = select(Container).where(*here).order_by(Container.code.in_(codes).desc(), *_BY_AGE)
    return Queue(count, int(mass or 0), list(session.scalars(query.limit(MOST_SHOWN))))


def waiting_under(session: Session, store_id: UUID, code: str) -> list[str]:
    """Return the codes of what waits in this store under this (parsed) code: one container, or all in a large box."""
    box = boxes.by_code(session, code)
    within = [box.id, *(one.id for one in boxes.below(session, [box.id]))] if box else []
    named = Container.box_id.in_(within) if box else Container.code == code
    query = select(Container.code).where(
        named, Container.holder_facility_id == store_id, Container.state.in_(SEALED_IN_STORE)
    )
    return list(session.scalars(query.order_by(Container.id)))


def modes_meant(session: Session, container_ids: Collection[UUID]) -> set[str]:
    """Return the processes that the manifests named on which these containers were accepted."""
    query = (
        select(Manifest.mode)
        .join(ManifestBox, ManifestBox.manifest_id == Manifest.id)
        .where(
            ManifestBox.container_id.in_(containers.contents_of(session, container_ids)),
            ManifestBox.verdict == Verdict.ACCEPTED,
        )
    )
    return set(session.scalars(query.distinct()))


def by_ids(session: Session, ids: Collection[UUID]) -> list[Container]:
    """Return the containers with these ids, by age."""
    return list(session.scalars(select(Container).where(Container.id.in_(ids)).order_by(*_BY_AGE)))


# --- batches ---------------------------------------------------------------------------------------------------------


def view(session: Session, actor: Actor, batch_id: UUID) -> Batch:
    """Return a batch of the own organisation or of a plant in the own region; any other is as if there were none."""
    batch = session.get(Batch, batch_id)
    if batch is None or not may(actor, Act.VIEW_BATCH, _relations(session, actor, batch)):
        raise unknown()
    return batch


def _relations(session: Session, actor: Actor, batch: Batch) -> set[Relation]:
    found = {Relation.OWN} if actor.acts_for(batch.organisation_id) else set()
    if actor.region_paths:
        plant, store = (
            parties.organisation(session, batch.organisation_id),
            parties.facility(session, batch.facility_id),
        )
        inside = catalogue.any_within(session, {plant.region_code, store.region_code}, actor.region_paths)
        found |= {Relation.REGION} if inside else set()
    return found


def done_with(session: Session, organisation_id: UUID, act_key: str) -> Batch | None:
    """Return the batch that this organisation finished with this idempotency key."""
    return session.scalar(select(Batch).where(Batch.organisation_id == organisation_id, Batch.act_key == act_key))


def batches_named(session: Session, organisation_id: UUID, prefix: str) -> int:
    """Return how many batches of an organisation have a number beginning so."""
    query = select(func.count()).where(
        Batch.organisation_id == organisation_id, Batch.number.startswith(prefix, autoescape=True)
    )
    return session.scalar(query) or 0


def statement(store: Facility, mode: TreatmentMode, boxes: Sequence[Container]) -> Statement:
    """Say what is signed of a batch, in the reader's language: the page draws it, the record keeps it."""
    sorts: dict[str, list[Container]] = {}
    for one in boxes:
        sorts.setdefault(one.waste_code, []).append(one)
    lines = [
        f"{_(waste_words(code, rows[0].waste_name))} {code}: "
        + _("{n} {n:container|containers}, {mass} kg", n=len(rows), mass=kilograms(sum(one.mass_g for one in rows)))
        for code, rows in sorted(sorts.items())
    ]
    return Statement(
        Signature.TREATMENT,
        _("Record this batch as treated"),
        rows=(
            (_("Process"), f"{mode.value} {_(mode.label)}"),
            (_("Store"), store.name),
            (_("Boxes"), str(len(boxes))),
            (_("Mass"), show(Grams(sum(one.mass_g for one in boxes)))),
        ),
        lines=tuple(lines),
        sentence=_(
            "I confirm that these containers, unopened, went through this process as a whole. Their record ends with "
            "it and cannot be taken back."
        ),
        button=_("Confirm: {n} {n:box|boxes} treated", n=len(boxes)),
    )


def boxes_of(session: Session, batch_id: UUID) -> list[Container]:
    """Return the boxes of a batch by producer and age."""
    query = select(Container).join(BatchBox, BatchBox.container_id == Container.id).where(BatchBox.batch_id == batch_id)
    return list(session.scalars(query.order_by(Container.producer_id, Container.sealed_at, Container.id)))


def batch_of(session: Session, container_id: UUID) -> Batch | None:
    """Return the batch in which a container was treated."""
    query = select(Batch).join(BatchBox, BatchBox.batch_id == Batch.id).where(BatchBox.container_id == container_id)
    return session.scalar(query)


def page(session: Session, organisation_id: UUID | None, before: UUID | None) -> tuple[list[Batch], UUID | None]:
    """Return one page of an organisation's batches, the latest first, and where the next page begins."""
    query = select(Batch).where(Batch.organisation_id == organisation_id)
    return newest_first(session, query, Batch.finished_at, before, PAGE)


def manifests_of(session: Session, container_ids: Collection[UUID]) -> list[UUID]:
    """Return the manifests on which these containers, or what they took over, were accepted and are not yet treated."""
    query = select(ManifestBox.manifest_id).where(
        ManifestBox.container_id.in_(containers.contents_of(session, container_ids)),
        ManifestBox.verdict == Verdict.ACCEPTED,
        ManifestBox.treated_at.is_(None),
    )
    return sorted(set(session.scalars(query)))
