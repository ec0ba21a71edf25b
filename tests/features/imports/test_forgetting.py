"""A file that was sent holds personal data: it goes after some days, the record of the run stays."""

from datetime import timedelta

from sqlalchemy import select

from tests.conftest import NOON
from tests.features.imports.files import hospital, text
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.features.imports import queries, service
from wastetrack.features.imports.models import Import, ImportRow

DAY = timedelta(days=1)


def forget(desk, after):
    with desk.work_as(now=NOON + after) as work:
        return service.forget_files(desk.files, 30, work)


def test_after_its_days_the_file_and_its_rows_go_and_the_record_stays(desk, keeper, session):
    wrong = text([hospital(1), hospital(2, beds="many")])
    sent = desk.send(keeper, ImportKind.ORGANISATIONS, wrong)
    assert forget(desk, 30 * DAY - timedelta(minutes=1)) == 0
    assert desk.files.read(sent.file_hash) == wrong
    assert forget(desk, 30 * DAY + timedelta(minutes=1)) == 1
    assert list(desk.files.kept()) == []
    session.rollback()
    one = session.get_one(Import, sent.id)
    assert (one.state, one.wrong, one.file_hash, one.file_gone_at is not None) == (
        ImportState.DISCARDED, 1, sent.file_hash, True,
    )  # fmt: skip
    assert session.scalars(select(ImportRow)).all() == []
    assert queries.kept_files(session) == set()
    assert forget(desk, 31 * DAY) == 0


def test_what_a_younger_import_still_needs_stays(desk, keeper, session):
    same = text([hospital(1)])
    old = desk.send(keeper, ImportKind.ORGANISATIONS, same)
    desk.send(keeper, ImportKind.ORGANISATIONS, same)
    with desk.work_as() as work:
        work.session.get_one(Import, old.id).created_at -= 40 * DAY
    assert forget(desk, timedelta()) == 1
    assert desk.files.read(old.file_hash) == same
