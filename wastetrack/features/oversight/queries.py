"""Following waste from a regulator's desk: one search over everything, and containers by what is asked of them.

Everything is confined to the regulator's region: what arose there or stands there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wastetrack.domain.access import Act, Actor, Relation, may
from wastetrack.domain.check_symbols import is_symbols
from wastetrack.domain.container_code import LENGTH, code_in
from wastetrack.domain.containers import SEALED_IN_STORE, State
from wastetrack.domain.oversight import LEAST_SEARCHED, Moment
from wastetrack.domain.times import end_of_day, start_of_day
from wastetrack.domain.typed_text import compact, narrow
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import Standing
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.manifests.queries import Row as ManifestRow
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation
from wastetrack.features.treatment.models import Batch, BatchBox
from wastetrack.infra.paging import newest_first

PAGE = 50
FEW = 10
"""How many hits of each kind the one search shows."""
DIGITAL = 37
"""Length of the digital identification code of HJ 1276."""
LEAST_CODE, LEAST_NUMBER, LEAST_PLATE, LEAST_NAME = 4, 4, 3, LEAST_SEARCHED
"""How much of a container code, manifest number, plate or name must be typed before it is searched for."""


def scope(actor: Actor) -> ColumnElement[bool]:
    """Return the criterion "a container that arose or stands in the person's region"; without a region none."""
    if not actor.region_paths or not may(actor, Act.OVERSEE, {Relation.REGION}):
        return false()
    return or_(
        catalogue.within(Container.producer_region_code, actor.region_paths),
        catalogue.within(Container.holder_region_code, actor.region_paths),
    )


# --- containers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What a list of containers is narrowed to; what is empty narrows nothing. The days are whole, in China."""

    text: str = ""
    """The beginning of a container code, or a part of the producer's name."""
    state: State | None = None
    moment: Moment = Moment.REGISTERED
    since: date | None = None
    until: date | None = None
    store: UUID | None = None


@dataclass(frozen=True)
class Row:
    """One container in a list, with the names of who produced it and where it stands."""

    container: Container
    producer: str
    place: str


def find_containers(
    session: Session, actor: Actor, wanted: Wanted, after: UUID | None = None, size: int = PAGE
) -> tuple[list[Row], UUID | None]:
    """Return one page of containers in the person's region, the latest first, and where the next page begins."""
    query = _containers(actor, wanted)
    found, following = newest_first(session, query, Container.registered_at, after, size)
    return _rows(session, found), following


@dataclass(frozen=True)
class Sum:
    """How many containers there are, and their mass."""

    count: int
    mass_g: int


def sum_containers(session: Session, actor: Actor, wanted: Wanted, most: int | None = None) -> Sum:
    """Count exactly what `find_containers` lists; beyond `most`, where exact costs too much, only that it is more."""
    query = _containers(actor, wanted)
    inside = (query if most is None else query.limit(most + 1)).subquery()
    count, mass = session.execute(select(func.count(), func.sum(inside.c.mass_g))).one()
    return Sum(count, int(mass or 0))


def _containers(actor: Actor, wanted: Wanted) -> Select[tuple[Container]]:
    query = select(Container).where(scope(actor), *_narrowed(wanted))
    if wanted.moment is Moment.TREATED and (wanted.since or wanted.until):
        query = query.join(BatchBox, BatchBox.container_id == Container.id).join(Batch, Batch.id == BatchBox.batch_id)
        return query.where(*_between(Batch.finished_at, wanted))
    return query.where(*_between(Container.registered_at, wanted))


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if narrow(wanted.text):
        named = select(Organisation.id).where(Organisation.name.contains(narrow(wanted.text), autoescape=True))
        found.append(or_(_code_begins(code_in(wanted.text)), Container.producer_id.in_(named)))
    if wanted.state is not None:
        found.append(Container.state.in_(SEALED_IN_STORE if wanted.state is State.STORED else (wanted.state,)))
    if wanted.store is not None:
        found.append(Container.holder_facility_id == wanted.store)
    return found


def _between(column: InstrumentedAttribute[datetime], wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(column >= start_of_day(wanted.since))
    if wanted.until:
        found.append(column < end_of_day(wanted.until))
    return found


def _code_begins(code: str) -> ColumnElement[bool]:
    """Return the criterion "the code begins so", as a range that every index on codes serves."""
    if not LEAST_CODE <= len(code) <= LENGTH or not is_symbols(code):
        return false()
    return Container.code.between(code, code.ljust(LENGTH, "Z"))


def _rows(session: Session, found: Sequence[Container]) -> list[Row]:
    ids = {one.holder_facility_id for one in found} - {None}
    stores = dict(session.execute(select(Facility.id, Facility.name).where(Facility.id.in_(ids))).tuples().all())
    names = parties.names(session, {party for one in found for party in (one.producer_id, one.holder_organisation_id)})
    return [Row(one, names[one.producer_id], _place(one, names, stores)) for one in found]


def _place(one: Container, names: dict[UUID, str], stores: dict[UUID, str]) -> str:
    """Return the holder and the store; the holder is not repeated where it is the producer itself."""
    elsewhere = one.holder_organisation_id if one.holder_organisation_id != one.producer_id else None
    holder = names.get(elsewhere, "") if elsewhere else ""
    store = stores.get(one.holder_facility_id, "") if one.holder_facility_id else ""
    return " · ".join(filter(None, (holder, store)))


# --- one search ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hits:
    """What one text finds, each kind with whether there are more than are shown."""

    containers: list[Row] = field(default_factory=list)
    manifests: list[ManifestRow] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    stores: list[Standing] = field(default_factory=list)

    @property
    def none(self) -> bool:
        """Tell whether nothing was found at all."""
        return not (self.containers or self.manifests or self.organisations or self.stores)


def find(session: Session, actor: Actor, text: str, now: datetime) -> Hits:
    """Find what a text may mean within the person's region: a code, a manifest number, a name, a plate."""
    if not may(actor, Act.OVERSEE, {Relation.REGION} if actor.region_paths else ()):
        return Hits()
    words, joined = narrow(text), compact(text)
    named = len(words) >= LEAST_NAME
    return Hits(
        containers=_by_code(session, actor, text),
        manifests=_manifests(session, actor, joined),
        organisations=parties.page(session, actor, parties.Filters(text=words), FEW)[0] if named else [],
        stores=containers.stores(session, actor, containers.StoreFilters(words), now, FEW)[0] if named else [],
    )


def _by_code(session: Session, actor: Actor, text: str) -> list[Row]:
    """Find by a whole code or label address, also what only passed through the region; by a part what is there now."""
    code = code_in(text)
    whole = containers.by_code(session, code) if len(code) == LENGTH and is_symbols(code) else None
    if whole is None and len(digital := compact(text)) == DIGITAL:
        whole = session.scalar(select(Container).where(Container.digital_code == digital))
    if whole is not None:
        return _rows(session, [whole]) if containers.visible(session, actor, whole) else []
    part = select(Container).where(scope(actor), _code_begins(code)).order_by(Container.code).limit(FEW)
    return _rows(session, list(session.scalars(part)))


def _manifests(session: Session, actor: Actor, joined: str) -> list[ManifestRow]:
    """Find manifests by a part of the number, else by the plate of the vehicle."""
    if joined.isascii() and joined.isdigit() and len(joined) >= LEAST_NUMBER:
        numbered = manifests.find(session, actor, manifests.Filter(number=joined), limit=FEW).rows
        if numbered:
            return numbered
    if len(joined) < LEAST_PLATE:
        return []
    return manifests.find(session, actor, manifests.Filter(plate=joined), limit=FEW).rows
