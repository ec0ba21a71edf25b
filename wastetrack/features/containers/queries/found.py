"""Finding containers by identity: as they stand, or held against other writers."""

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import SEALED_IN_STORE, Doing, State, still_blank
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.registration import unknown_label
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger


def stream_of(container_id: UUID) -> str:
    """Return the name of a container's stream in the ledger."""
    return f"container:{container_id}"


_blank: list[Callable[[Session, str], bool]] = []


def blank_labels_are(known: Callable[[Session, str], bool]) -> None:
    """Have labels known that were issued and stand for no waste yet. Wired with what issues them."""
    _blank[:] = [known]


def is_blank(session: Session, code: str) -> bool:
    """Tell whether a code was issued on a blank label that stands for no waste yet."""
    return any(known(session, code) for known in _blank)


def nothing_there(session: Session, code: str, field: str = "code", doing: Doing | None = None) -> Problem:
    """Return why nothing can be done with a (parsed) code that no container bears: it is blank, or unknown."""
    shown = pretty(ContainerCode(code))
    if is_blank(session, code):
        return still_blank(shown, field, doing)
    return unknown_label(shown, field).problems[0]


_BY_CODE = select(Container).where(Container.code == bindparam("code"))


def by_code(session: Session, code: str) -> Container | None:
    """Return the container with this (parsed) code."""
    return session.scalar(_BY_CODE, {"code": code})


def labelled(session: Session, code: ContainerCode, field: str = "code", doing: Doing | None = None) -> Container:
    """Return the container with this (parsed) code; refuse, naming the code, where none was registered."""
    container = by_code(session, code)
    if container is None:
        raise Refusal([nothing_there(session, code, field, doing)])
    return container


# Built once: every move of every container runs them.
_HELD = select(Container).with_for_update().execution_options(populate_existing=True)
_LOCKED = _HELD.where(Container.id == bindparam("this"))
_LOCKED_BY_CODE = _HELD.where(Container.code == bindparam("code"))
_IN_ORDER = _HELD.order_by(Container.id)
_ALL_LOCKED = _IN_ORDER.where(Container.id.in_(bindparam("these", expanding=True)))
_ALL_LOCKED_BY_CODE = _IN_ORDER.where(Container.code.in_(bindparam("codes", expanding=True)))


def locked(session: Session, container_id: UUID) -> Container:
    """Return the container as it stands now, held against other writers until the transaction ends."""
    container = session.scalar(_LOCKED, {"this": container_id})
    if container is None:
        raise unknown()
    return container


def locked_by_code(session: Session, code: str, field: str = "code", doing: Doing | None = None) -> Container:
    """Return the container with this (parsed) code, held against other writers; refuse where there is none."""
    container = session.scalar(_LOCKED_BY_CODE, {"code": code})
    if container is None:
        raise Refusal([nothing_there(session, code, field, doing)])
    return container


def all_locked(session: Session, ids: Iterable[UUID]) -> list[Container]:
    """Return these containers as they stand now, each once, held.

    They are held in the order of their ids, so that no two acts wait for each other in a ring.
    """
    return list(session.scalars(_ALL_LOCKED, {"these": list(ids)}))


def all_locked_by_code(
    session: Session, codes: Iterable[str], field: str = "code", doing: Doing | None = None
) -> list[Container]:
    """Return the containers with these (parsed) codes, held as `all_locked` does; refuse where one is missing."""
    wanted = dict.fromkeys(codes)
    found = list(session.scalars(_ALL_LOCKED_BY_CODE, {"codes": list(wanted)}))
    missing = sorted(wanted.keys() - {one.code for one in found})
    if missing:
        raise Refusal([nothing_there(session, code, field, doing) for code in missing])
    return found


def all_locked_in(session: Session, facilities: Collection[UUID]) -> list[Container]:
    """Return what stands in these stores as it stands now, held as `all_locked` does."""
    here = Container.holder_facility_id.in_(facilities)
    return _held(session, select(Container).where(here))


def all_unplaced_locked(session: Session, producers: Collection[UUID]) -> list[Container]:
    """Return what these producers sealed and put into no store yet, held the same way."""
    theirs = Container.producer_id.in_(producers)
    return _held(session, select(Container).where(theirs, Container.state == State.SEALED))


def _held(session: Session, query: Select[tuple[Container]]) -> list[Container]:
    query = query.order_by(Container.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def standing_in(session: Session, facility_id: UUID) -> list[Container]:
    """Return what stands in a store, what must leave first first."""
    query = (
        select(Container)
        .where(Container.holder_facility_id == facility_id, Container.state.in_(SEALED_IN_STORE))
        .order_by(Container.must_leave_by.is_(None), Container.must_leave_by, Container.sealed_at, Container.id)
    )
    return list(session.scalars(query))


def contents_of(session: Session, container_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return these containers and all whose content was repacked into them, each with the one of these it is in now."""
    found = {one: one for one in container_ids}
    newest = set(found)
    while newest:
        query = select(Container.id, Container.repacked_from).where(Container.id.in_(newest))
        before = {
            old: found[new] for new, old in session.execute(query.where(Container.repacked_from.is_not(None))) if old
        }
        found |= before
        newest = set(before)
    return found


def has_returned(session: Session, container_id: UUID) -> bool:
    """Tell whether a container, or one whose content it took over, was once away and came back to its consignor."""
    streams = map(stream_of, contents_of(session, [container_id]))
    return any(event.kind == "container.take_back" for one in streams for event in ledger.stream(session, one))
