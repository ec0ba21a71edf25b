"""Looking imports up: those that a person may see, one of them, what is said of its rows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor, Relation, may, unknown
from wastetrack.domain.imports import UNDER_WAY, ImportKind, Verdict
from wastetrack.features.accounts.models import User
from wastetrack.features.imports.models import Import, ImportRow
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Licence

PAGE = 25
SHOWN = 100
"""So many rows are shown on the page; the file of the wrong rows has them all."""
_AT_ONCE = 500


def kinds_for(actor: Actor) -> list[ImportKind]:
    """Return what a person may import: files of parties and accounts, or those of his own organisation's records."""
    own = {Relation.OWN} if actor.organisation_id else set()
    return [kind for kind in ImportKind if may(actor, kind.act, own if kind.own else ())]


def visible(session: Session, actor: Actor, import_id: UUID) -> Import:
    """Return an import for somebody who may import the same, for the same organisation; else there is none."""
    one = session.get(Import, import_id)
    if one is None or one.kind not in kinds_for(actor):
        raise unknown()
    if one.kind.own and not actor.acts_for(one.organisation_id):
        raise unknown()
    return one


def locked(session: Session, import_id: UUID) -> Import:
    """Return an import as it stands now, held against other writers until the transaction ends."""
    query = select(Import).where(Import.id == import_id).with_for_update()
    one = session.scalar(query.execution_options(populate_existing=True))
    if one is None:
        raise unknown()
    return one


def by_act_key(session: Session, act_key: str) -> Import | None:
    """Return the import that this act has begun already."""
    return session.scalar(select(Import).where(Import.act_key == act_key))


def page(session: Session, actor: Actor, before: UUID | None = None) -> tuple[list[Import], UUID | None]:
    """Return one page of imports, the newest first, and where the next page begins (None on the last)."""
    kinds = kinds_for(actor)
    own = [kind for kind in kinds if kind.own]
    others = [kind for kind in kinds if not kind.own]
    query = select(Import).where(
        or_(
            Import.kind.in_(others) if others else false(),
            (Import.organisation_id == actor.organisation_id) & Import.kind.in_(own) if own else false(),
        )
    )
    if before is not None:
        query = query.where(Import.id < before)
    rows = list(session.scalars(query.order_by(Import.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def rows(session: Session, import_id: UUID, verdicts: Iterable[Verdict], most: int | None = SHOWN) -> list[ImportRow]:
    """Return the rows with these verdicts of which there is something to say, by their numbers."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.verdict.in_(list(verdicts)))
    return list(session.scalars(query.order_by(ImportRow.number).limit(most)))


def spoken_of(session: Session, import_id: UUID) -> dict[Verdict, int]:
    """Return of how many rows with each verdict there is something to say."""
    query = select(ImportRow.verdict, func.count()).where(ImportRow.import_id == import_id)
    return dict(session.execute(query.group_by(ImportRow.verdict)).tuples().all())


def unlisted(session: Session, licence: Licence, on: date) -> list[str]:
    """Return the waste codes of a licence that the list in force on a day does not have."""
    return parties.unlisted_codes(session, [licence], on)


def without_password(session: Session, usernames: Sequence[str], no_password: str) -> list[User]:
    """Return the open accounts of these names into which nobody can sign in yet, by username."""
    found: list[User] = []
    for start in range(0, len(usernames), _AT_ONCE):
        some = usernames[start : start + _AT_ONCE]
        query = select(User).where(User.username.in_(some), User.password_hash == no_password, User.active)
        found += session.scalars(query)
    return sorted(found, key=lambda user: user.username)


def kept_files(session: Session) -> set[str]:
    """Return the hashes of all files that rows of the imports name."""
    return set(session.scalars(select(Import.file_hash).where(Import.file_gone_at.is_(None)).distinct()))


def is_named(session: Session, digest: str) -> bool:
    """Tell whether an import or a scan of a paper still needs the file with this hash."""
    here = select(Import.id).where(Import.file_hash == digest, Import.file_gone_at.is_(None)).limit(1)
    return session.scalar(here) is not None or parties.is_scan(session, digest)


def sent_before(session: Session, moment: datetime) -> list[Import]:
    """Return imports sent before a moment whose files are still kept and not under way, held for who deletes them."""
    query = select(Import).where(
        Import.created_at < moment, Import.file_gone_at.is_(None), Import.state.not_in(UNDER_WAY)
    )
    query = query.order_by(Import.id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    return list(session.scalars(query))
