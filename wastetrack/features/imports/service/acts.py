"""Acts on an import: send the file, save what was checked, give it up, give the new accounts their passwords."""

from uuid import UUID

from wastetrack.domain.access import forbidden, require_beginning
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.domain.problems import Kind, refuse
from wastetrack.domain.words import N_
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import User
from wastetrack.features.imports import queries
from wastetrack.features.imports.models import Import
from wastetrack.features.imports.service import fleet, licences, organisations, people, places
from wastetrack.features.imports.service.sheets import Opened, Sheet, open_file
from wastetrack.features.ledger import service as ledger
from wastetrack.infra import outbox
from wastetrack.infra.commands import ActKey, Command
from wastetrack.infra.files import Files
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

OUTBOX = "import"
PASSWORDS_AT_ONCE = 100
"""Hashing is slow on purpose; so many take two or three seconds."""

SHEETS: dict[ImportKind, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        organisations.SHEET,
        places.SHEET,
        fleet.SHEET_OF_VEHICLES,
        fleet.SHEET_OF_CREW,
        licences.SHEET,
        people.SHEET,
    )
}
"""What the desk takes. Features above this one bring theirs (`take`)."""


def take(sheet: Sheet) -> None:
    """Have the desk take files of a feature that stands higher on the ladder. Wired once, in `wastetrack.app`."""
    SHEETS[sheet.kind] = sheet


class SendFile(Command):
    """Send a file to be checked. Nothing of it is saved before somebody says so."""

    kind: ImportKind
    file_name: str
    file: bytes
    act_key: ActKey


class SaveRows(Command):
    """Save what was checked; `only_right` saves the right rows where others are wrong."""

    import_id: UUID
    only_right: bool = False
    act_key: ActKey | None = None


class GiveUp(Command):
    """Give up a file that was checked: nothing of it is saved."""

    import_id: UUID


class GivePasswords(Command):
    """Give the accounts of an import one-time passwords, the next hundred that have none."""

    import_id: UUID


def stream_of(import_id: UUID) -> str:
    """Return the name of an import's stream in the ledger."""
    return f"import:{import_id}"


def opened(kind: ImportKind, content: bytes) -> Opened:
    """Read a file; what is wrong with it as a whole is refused."""
    return open_file(SHEETS[kind], content)


def send_file(work: Work, files: Files, command: SendFile, rows: int) -> Import:
    """Keep the file (of so many rows) and have it checked."""
    if command.kind not in queries.kinds_for(work.actor):
        raise forbidden(command.kind.act)
    if command.kind.own:
        require_beginning(work.actor, waste_only=True)
    known = queries.by_act_key(work.session, command.act_key)
    if known is not None:
        return known
    one = Import(
        id=new_id(),
        kind=command.kind,
        state=ImportState.CHECKING,
        user_id=work.actor.user_id,
        organisation_id=work.actor.organisation_id if command.kind.own else None,
        act_key=command.act_key,
        created_at=work.now,
        file_name=command.file_name[-200:],
        file_hash=files.keep(command.file),
        file_size=len(command.file),
        total=rows,
    )
    work.session.add(one)
    work.session.flush()
    facts = {"kind": one.kind, "file": one.file_hash, "size": one.file_size, "rows": rows}
    ledger.append(work, stream_of(one.id), "import.sent", facts, act_key=command.act_key)
    outbox.put(work, OUTBOX, one.id)
    return one


def save_rows(work: Work, command: SaveRows) -> Import:
    """Have the rows saved that were checked. Asked for again, it is the same act."""
    one = _held(work, command.import_id)
    if one.state in {ImportState.IMPORTING, ImportState.DONE}:
        return one
    if one.state is not ImportState.CHECKED:
        raise _moved_on(one)
    if one.wrong and not command.only_right:
        raise refuse(
            "import.has_wrong",
            N_(
                "{n} {n:row is|rows are} wrong. Mend what is wrong and send the file again, "
                "or tick that the right rows be saved alone."
            ),
            field="only_right",
            n=one.wrong,
        )
    begin(one, ImportState.IMPORTING)
    one.only_right = command.only_right
    work.session.flush()
    facts = {"only_right": command.only_right, "wrong": one.wrong}
    ledger.append(work, stream_of(one.id), "import.confirmed", facts, act_key=command.act_key)
    outbox.put(work, OUTBOX, one.id)
    return one


def give_up(work: Work, command: GiveUp) -> Import:
    """Give up a file that was checked."""
    one = _held(work, command.import_id)
    if one.state is ImportState.DISCARDED:
        return one
    if one.state is not ImportState.CHECKED:
        raise _moved_on(one)
    one.state, one.finished_at = ImportState.DISCARDED, work.now
    work.session.flush()
    ledger.append(work, stream_of(one.id), "import.given_up", {})
    return one


def give_passwords(work: Work, files: Files, command: GivePasswords) -> list[tuple[User, str]]:
    """Give the next accounts of an import that have no password a one-time one, and return them: shown this once."""
    one = _held(work, command.import_id)
    given = []
    for user in waiting_for_passwords(work, files, one)[:PASSWORDS_AT_ONCE]:
        reset, password = accounts.reset_password(work, accounts.ResetPassword(user_id=user.id))
        if password is not None:
            given.append((reset, password))
    return given


def waiting_for_passwords(work: Work, files: Files, one: Import) -> list[User]:
    """Return the accounts that this import has made and that nobody can sign in to yet."""
    if one.kind is not ImportKind.USERS or one.state is not ImportState.DONE or one.file_gone_at:
        return []
    rows = opened(one.kind, files.read(one.file_hash)).rows
    names = [row["username"].strip().lower() for row in rows]
    return queries.without_password(work.session, names, accounts.NO_PASSWORD)


def begin(one: Import, state: ImportState) -> None:
    """Put an import at the begin of a pass over its rows. What the pass before found stands until its first chunk."""
    one.state, one.done = state, 0


def _held(work: Work, import_id: UUID) -> Import:
    """Return the import for somebody who may import the same, held against other writers."""
    queries.visible(work.session, work.actor, import_id)
    return queries.locked(work.session, import_id)


def _moved_on(one: Import) -> Exception:
    sentence = N_("The import has moved on: {state}. Load the page again and look.")
    return refuse("import.moved_on", sentence, kind=Kind.CONFLICT, state=one.state)
