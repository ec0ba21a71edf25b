"""Looking up what was printed and issued."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from wastetrack.documents.facts import LabelFacts
from wastetrack.documents.label import Paper
from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import LIVE, SEALED_IN_STORE
from wastetrack.domain.labels import BLANK_TAGS, KEPT_DAYS, USUAL, Issued, LabelFormat, PrintState
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.labels.models import (
    BlankBatch,
    BlankLabel,
    LabelChoice,
    LabelCopy,
    LabelPrint,
    LabelPrinter,
)
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import Organisation

PAGE = 25
_AT_ONCE = 200
MEDICAL_CODE = "841-001-01"
"""Stands on no blank label; by it the tag of medical waste is drawn."""


def own(actor: Actor, organisation_id: UUID, act: Act = Act.PRINT_LABEL) -> bool:
    """Tell whether somebody may print and issue for this organisation."""
    return actor.acts_for(organisation_id) and may(actor, act, {Relation.OWN})


def a_print(session: Session, actor: Actor, print_id: UUID) -> LabelPrint:
    """Return a print of the own organisation; of another's there is none."""
    one = session.get(LabelPrint, print_id)
    if one is None or not own(actor, one.organisation_id):
        raise unknown()
    return one


def print_held(session: Session, print_id: UUID) -> LabelPrint:
    """Return a print as it stands now, held against other writers."""
    query = select(LabelPrint).where(LabelPrint.id == print_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


CANCELLED = "labels.cancelled"


def stream_of(one: LabelPrint) -> str:
    """Return the stream in which a print stands: its own, or that of its batch of blank labels."""
    return f"labels:{one.batch_id or one.id}"


def cancelled(session: Session, prints: Sequence[LabelPrint]) -> set[UUID]:
    """Return which of some prints were cancelled, as the ledger says."""
    streams = {stream_of(one): one.id for one in prints if one.state is PrintState.STOPPED}
    query = select(LedgerEvent.stream).where(LedgerEvent.stream.in_(streams), LedgerEvent.kind == CANCELLED)
    return {streams[stream] for stream in session.scalars(query)} if streams else set()


def by_act_key(session: Session, act_key: str) -> LabelPrint | None:
    """Return the print that this act has begun already."""
    return session.scalar(select(LabelPrint).where(LabelPrint.act_key == act_key))


def prints(session: Session, actor: Actor, before: UUID | None = None) -> tuple[list[LabelPrint], UUID | None]:
    """Return one page of the organisation's prints, the newest first, and where the next page begins."""
    query = select(LabelPrint).where(LabelPrint.organisation_id == actor.organisation_id)
    if before is not None:
        query = query.where(LabelPrint.id < before)
    rows = list(session.scalars(query.order_by(LabelPrint.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def chosen(session: Session, user_id: UUID | None) -> LabelChoice:
    """Return what a person printed on last, else the usual formats."""
    held = session.get(LabelChoice, user_id) if user_id else None
    return held or LabelChoice(medical=USUAL[True], other=USUAL[False], printer_id=None)


def printers(session: Session, actor: Actor) -> list[LabelPrinter]:
    """Return the printers of the own organisation."""
    query = select(LabelPrinter).where(LabelPrinter.organisation_id == actor.organisation_id)
    return list(session.scalars(query.order_by(LabelPrinter.name)))


def printer(session: Session, actor: Actor, printer_id: UUID) -> LabelPrinter:
    """Return one printer of the own organisation."""
    one = session.get(LabelPrinter, printer_id)
    if one is None or not own(actor, one.organisation_id):
        raise unknown()
    return one


def paper_of(one: LabelPrint) -> Paper:
    """Return how a print goes on paper."""
    return Paper(one.medical, one.other, one.start, one.right_tenths / 10, one.down_tenths / 10)


def to_print(
    session: Session, actor: Actor, *, codes: Sequence[str], round_too: bool, store: UUID | None
) -> list[UUID]:
    """Return the containers that are meant, in the order of printing: named ones, one's round, what stands in a store.

    Of a store only what is the person's to label.
    """
    found: list[UUID] = []
    if codes:
        rows = session.execute(select(Container.code, Container.id).where(Container.code.in_(codes))).tuples()
        by_code = dict(rows.all())
        found += [by_code[code] for code in dict.fromkeys(codes) if code in by_code]
    if round_too and actor.user_id:
        found += [one.id for one in containers.round_of(session, actor)[::-1]]
    if store is not None and containers.sees_store(session, actor, store):
        query = select(Container.id).where(
            Container.holder_facility_id == store,
            Container.state.in_(SEALED_IN_STORE),
            Container.producer_id == actor.organisation_id,
        )
        found += session.scalars(query.order_by(Container.sealed_at, Container.id))
    return list(dict.fromkeys(found))


def some(session: Session, ids: Sequence[UUID]) -> list[Container]:
    """Return containers in the order of their ids given."""
    rows: dict[UUID, Container] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        rows |= {one.id: one for one in session.scalars(select(Container).where(Container.id.in_(part)))}
    return [rows[one] for one in ids if one in rows]


def may_print(actor: Actor, container: Container) -> bool:
    """Tell whether somebody may print the label of a container."""
    return may(actor, Act.PRINT_LABEL, containers.relations(actor, container))


def is_live(container: Container) -> bool:
    """Tell whether a container can still need a label."""
    return container.state in LIVE


def facts_of(session: Session, one: LabelPrint, address: str) -> Iterator[LabelFacts]:
    """Yield what the labels of a print say, a few hundred in memory at a time."""
    if one.batch_id is not None:
        yield from _blank_facts(session, one.batch_id, address)
        return
    query = select(LabelCopy.container_id, LabelCopy.copy).where(LabelCopy.print_id == one.id)
    copies = session.execute(query.order_by(LabelCopy.number)).tuples().all()
    for start in range(0, len(copies), _AT_ONCE):
        part = copies[start : start + _AT_ONCE]
        found = some(session, [container_id for container_id, _copy in part])
        for facts, (_id, copy) in zip(containers.labels_of(session, found, address), part, strict=True):
            yield replace(facts, copy=copy)
        session.expunge_all()


def blank_facts(organisation: Organisation, code: str, address: str) -> LabelFacts:
    """Return what a blank label says: whose it is, and the code."""
    return LabelFacts(
        code=pretty(ContainerCode(code)),
        address=f"{address.upper()}/C/{code}",
        producer_name=organisation.name,
        waste_code=MEDICAL_CODE,
        blank=True,
    )


def _blank_facts(session: Session, batch_id: UUID, address: str) -> Iterator[LabelFacts]:
    batch = session.get_one(BlankBatch, batch_id)
    organisation = session.get_one(Organisation, batch.organisation_id)
    query = select(BlankLabel.code).where(BlankLabel.batch_id == batch_id).order_by(BlankLabel.number)
    for code in session.scalars(query):
        yield blank_facts(organisation, code, address)


# --- blank labels ----------------------------------------------------------------------------------------------------


def is_blank(code: str) -> ColumnElement[bool]:
    """Return the condition that a code was issued on a blank label."""
    return exists().where(BlankLabel.code == code)


def is_unbound(session: Session, code: str) -> bool:
    """Tell whether a code was issued on a blank label that no container bears yet."""
    label = session.get(BlankLabel, code)
    return label is not None and label.container_id is None


def issued(session: Session, code: str) -> tuple[BlankLabel, Issued] | None:
    """Return a blank label, held against others who would bind it, and what the rules need to know of it."""
    query = select(BlankLabel).where(BlankLabel.code == code).with_for_update()
    label = session.scalar(query.execution_options(populate_existing=True))
    if label is None:
        return None
    batch = session.get_one(BlankBatch, label.batch_id)
    return label, Issued(batch.organisation_id, label.container_id is not None, batch.withdrawn_at is not None)


def batch(session: Session, actor: Actor, batch_id: UUID) -> BlankBatch:
    """Return a batch of the own organisation; of another's there is none."""
    one = session.get(BlankBatch, batch_id)
    if one is None or not own(actor, one.organisation_id):
        raise unknown()
    return one


def batch_by_code(session: Session, code: str) -> BlankBatch | None:
    """Return the batch of a blank label."""
    label = session.get(BlankLabel, code)
    return session.get(BlankBatch, label.batch_id) if label else None


def batches(session: Session, actor: Actor) -> list[tuple[BlankBatch, int]]:
    """Return the newest batches of the own organisation, each with how many of its labels were used."""
    query = (
        select(BlankBatch, func.count(BlankLabel.container_id))
        .join(BlankLabel, BlankLabel.batch_id == BlankBatch.id)
        .where(BlankBatch.organisation_id == actor.organisation_id)
        .group_by(BlankBatch.id)
        .order_by(BlankBatch.id.desc())
        .limit(PAGE)
    )
    return [(one, used) for one, used in session.execute(query)]


def used_of(session: Session, batch_id: UUID) -> int:
    """Return how many labels of a batch were bound."""
    query = select(func.count(BlankLabel.container_id)).where(BlankLabel.batch_id == batch_id)
    return session.scalar(query) or 0


def kinds_in(session: Session, one: LabelPrint) -> set[bool]:
    """Return of which kinds of waste a print has labels: medical, other."""
    if one.batch_id is not None:
        return {True}
    query = select(Container.medical).join(LabelCopy, LabelCopy.container_id == Container.id)
    return set(session.scalars(query.where(LabelCopy.print_id == one.id).distinct()))


def next_place(one: LabelPrint, kinds: set[bool]) -> int | None:
    """Return the next free place on the last sheet of a print; None where it is not on sheets of one kind."""
    chosen = one.medical if True in kinds else one.other
    if len(kinds) != 1 or chosen.grid is None:
        return None
    return (one.start - 1 + one.total) % chosen.places + 1


def print_of_batch(session: Session, batch_id: UUID) -> LabelPrint | None:
    """Return the print of a batch."""
    return session.scalar(select(LabelPrint).where(LabelPrint.batch_id == batch_id))


def has_blanks(session: Session, organisation_id: UUID | None) -> bool:
    """Tell whether an organisation has blank labels in use."""
    query = select(BlankBatch.id).where(
        BlankBatch.organisation_id == organisation_id, BlankBatch.withdrawn_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def bears_entries(chosen: LabelFormat) -> bool:
    """Tell whether a blank label is a tag by itself, not a mere code beside one."""
    return chosen in BLANK_TAGS


# --- files -----------------------------------------------------------------------------------------------------------


def kept_files(session: Session) -> set[str]:
    """Return the hashes of all files that prints name."""
    return set(session.scalars(select(LabelPrint.file_hash).where(LabelPrint.file_hash.is_not(None)).distinct()))


def outdated(session: Session, now: datetime) -> list[LabelPrint]:
    """Return the prints whose files were kept long enough, held."""
    query = select(LabelPrint).where(
        LabelPrint.file_hash.is_not(None), LabelPrint.created_at < now - timedelta(days=KEPT_DAYS)
    )
    return list(session.scalars(query.with_for_update(skip_locked=True)))
