"""What labels mean to containers: each print is an event of its container, and a pre-printed label lends its code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.problems import Problem
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import blank_labels_are, stream_of
from wastetrack.features.containers.service import boxed
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.work import Work


@dataclass(frozen=True)
class Blanks:
    """What the feature that issues blank labels knows of them: here only that they are there is known."""

    is_blank: Callable[[str], ColumnElement[bool]]
    """The condition that a code was issued on a blank label, to be asked together with others."""
    problems: Callable[[Work, str, UUID], list[Problem]]
    """Why a code cannot be bound by an organisation; its row is held from then on."""
    bind: Callable[[Work, Container], Mapping[str, object]]
    """Mark it used by this container and return what the registration says of it."""
    owner: Callable[[Session, str], UUID | None]
    """To whom a blank label was issued."""
    unbound: Callable[[Session, str], bool]
    """Whether a code was issued on a blank label that stands for no waste yet."""
    in_use: Callable[[Session, UUID], bool]
    """Whether an organisation registers with blank labels."""


_blanks: list[Blanks] = []


def blanks_are(blanks: Blanks) -> None:
    """Have pre-printed labels looked up and bound by `blanks`. Wired once, in `wastetrack.app`."""
    _blanks[:] = [blanks]
    blank_labels_are(blanks.unbound)


def is_taken(session: Session, code: str) -> bool:
    """Tell whether a code is that of a container or a large box, or stands on a pre-printed label, in one look."""
    taken = exists().where(Container.code == code)
    elsewhere = (*(one.is_blank(code) for one in _blanks), *boxed.is_box(code))
    return bool(session.scalar(select(or_(taken, *elsewhere))))


def problems_with_blank(work: Work, code: str, organisation_id: UUID) -> list[Problem]:
    """Return why the code of a pre-printed label cannot become that of a container."""
    return [problem for one in _blanks for problem in one.problems(work, code, organisation_id)]


def bind_blank(work: Work, container: Container) -> dict[str, object]:
    """Bind the pre-printed label to the container that bears its code."""
    return {name: fact for one in _blanks for name, fact in one.bind(work, container).items()}


def owner_of_blank(session: Session, code: str) -> UUID | None:
    """Return to whom a blank label was issued; None where there is no such label."""
    return next((one.owner(session, code) for one in _blanks), None)


def uses_blanks(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation registers with blank labels."""
    return any(one.in_use(session, organisation_id) for one in _blanks)


def label_printed(
    work: Work, containers: Sequence[Container], facts: Callable[[Container], Mapping[str, object]], act_key: str
) -> None:
    """Write down that the labels of held containers were printed, each with the number of its copy."""
    ledger.hold(work, [stream_of(one.id) for one in containers], act_key)
    for container in containers:
        container.label_copies += 1
        said = {"copy": container.label_copies, **facts(container)}
        event = ledger.append(work, stream_of(container.id), "container.label_printed", said, act_key=act_key)
        container.version = event.seq
