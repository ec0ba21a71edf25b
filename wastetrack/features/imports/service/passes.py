"""Going over the rows of an import, some at a time: the check does each act and takes it back, the import keeps it.

So what the check says is what the services themselves say. How far a pass is stands in the import's row and is
written in the transaction of the rows themselves: a worker that dies leaves whole chunks, and the next goes on.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from wastetrack.domain.imports import SMALL, UNDER_WAY, ImportState, Verdict
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.imports import queries
from wastetrack.features.imports.models import Import, ImportRow
from wastetrack.features.imports.service.acts import opened, stream_of
from wastetrack.features.imports.service.columns import Outcome, Row
from wastetrack.features.imports.service.desk import Desk
from wastetrack.features.imports.service.remarks import packed
from wastetrack.features.imports.service.sheets import Opened
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.files import Files
from wastetrack.infra.work import Work

CHUNK = 200
"""So many rows go into one transaction of a long file: others who write wait no longer than that takes."""

Done = list[tuple[Row, Outcome]]


def open_import(session: Session, files: Files, import_id: UUID) -> Opened:
    """Read the kept file of an import."""
    one = session.get_one(Import, import_id)
    return opened(one.kind, files.read(one.file_hash))


def go_on(work: Work, import_id: UUID, file: Opened) -> bool:
    """Go over the next rows of an import; return whether there are more. `work` needs no actor: it is the sender's."""
    one = queries.locked(work.session, import_id)
    if one.state not in UNDER_WAY:
        return False
    sender = accounts.user(work.session, one.user_id)
    actor = accounts.actor_of(work.session, one.user_id, work.now)
    work = replace(work, actor=actor, device=f"import {one.id}")
    elsewhere = one.organisation_id is not None and not actor.acts_for(one.organisation_id)
    if elsewhere or not (sender.active and accounts.let_in(work.session, actor)):
        return _end(work, one, ImportState.STOPPED)
    if one.done == 0:
        _forget(work, one)
    rows = file.rows[one.done : one.done + (one.total if one.total <= SMALL else CHUNK)]
    saving = one.state is ImportState.IMPORTING
    done, stopped = _go_over(work, one, file, rows, saving=saving)
    _write_down(work, one, file, done)
    if stopped:
        return _end(work, one, ImportState.STOPPED)
    one.done += len(rows)
    if one.done < len(file.rows):
        return True
    return _end(work, one, ImportState.DONE if saving else ImportState.CHECKED)


def stop(work: Work, import_id: UUID) -> None:
    """Write down that an import cannot go on, after all tries."""
    one = queries.locked(work.session, import_id)
    if one.state in UNDER_WAY:
        _end(work, one, ImportState.STOPPED)


def _go_over(work: Work, one: Import, file: Opened, rows: Sequence[Row], *, saving: bool) -> tuple[Done, bool]:
    """Do the act of each row. What is not to be kept is taken back; a wrong row may stop the saving of all."""
    desk = Desk(work, file.sheet.columns, f"import:{one.id.hex}", one.file_name)
    only_right = one.only_right
    desk.fetch(rows)
    if file.sheet.fetch:
        file.sheet.fetch(desk, rows)
    for_the_end = dict(work.session.info.get("last_things", {}))
    whole = work.session.begin_nested()
    done = [(row, _tried(desk, file, row)) for row in rows]
    wrong = [(row, outcome) for row, outcome in done if outcome.verdict is Verdict.WRONG]
    stopped = saving and bool(wrong) and not only_right
    if saving and not stopped:
        whole.commit()
        return done, False
    whole.rollback()
    # What the rows asked to have done at the end of the transaction goes with them.
    work.session.info["last_things"] = for_the_end
    return wrong if stopped else done, stopped


def _tried(desk: Desk, file: Opened, row: Row) -> Outcome:
    """Do the act of one row; when it is refused nothing of it is left."""
    if row.number in file.repeats:
        return Outcome(Verdict.WRONG, (file.repeats[row.number],))
    part = desk.work.session.begin_nested()
    try:
        outcome = file.sheet.keep(desk, row)
    except Refusal as refusal:
        part.rollback()
        return Outcome(Verdict.WRONG, refusal.problems)
    part.commit()
    return outcome


def _write_down(work: Work, one: Import, file: Opened, done: Done) -> None:
    """Count the rows, and keep those of which there is something to say."""
    for row, outcome in done:
        name = outcome.verdict.value
        setattr(one, name, getattr(one, name) + 1)
        if outcome.remarks:
            called = row[file.sheet.named_by][:200]
            work.session.add(
                ImportRow(
                    import_id=one.id,
                    number=row.number,
                    verdict=outcome.verdict,
                    name=called,
                    remarks=packed(outcome.remarks),
                )
            )
    work.session.flush()


def _forget(work: Work, one: Import) -> None:
    """Begin a pass with nothing counted and nothing said."""
    work.session.execute(delete(ImportRow).where(ImportRow.import_id == one.id))
    for verdict in Verdict:
        setattr(one, verdict.value, 0)


def _end(work: Work, one: Import, state: ImportState) -> bool:
    """End a pass; there is no more to do."""
    one.state = state
    if state is not ImportState.CHECKED:
        one.finished_at = work.now
    work.session.flush()
    if state is not ImportState.CHECKED:
        counts = {verdict.value: getattr(one, verdict.value) for verdict in Verdict}
        ledger.append(work, stream_of(one.id), f"import.{state.value}", {"rows": one.done, **counts})
    return False
