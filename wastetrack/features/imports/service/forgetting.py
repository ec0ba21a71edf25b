"""Files that were sent hold personal data: after some days they are deleted, and what was said of their rows.

That somebody sent a file, with its hash, its counts and what became of it, stays.
"""

from datetime import timedelta

from sqlalchemy import delete

from wastetrack.domain.imports import ImportState
from wastetrack.features.imports import queries
from wastetrack.features.imports.models import ImportRow
from wastetrack.features.imports.service.acts import stream_of
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.files import Files
from wastetrack.infra.work import Work


def forget_files(files: Files, days: int, work: Work) -> int:
    """Delete the files of imports that were sent so many days ago and are not under way; return how many.

    A file that was checked and never saved is given up. What another import or a paper's scan still names stays.
    """
    old = queries.sent_before(work.session, work.now - timedelta(days=days))
    for one in old:
        one.file_gone_at = work.now
        if one.state is ImportState.CHECKED:
            one.state, one.finished_at = ImportState.DISCARDED, work.now
        work.session.execute(delete(ImportRow).where(ImportRow.import_id == one.id))
        ledger.append(work, stream_of(one.id), "import.file_deleted", {"file": one.file_hash})
    work.session.flush()
    for digest in {one.file_hash for one in old}:
        if not queries.is_named(work.session, digest):
            files.drop(digest)
    return len(old)
