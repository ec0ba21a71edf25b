"""However often, in whatever pieces, and through whatever death of a worker: a file is in the records once."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.conftest import HOUSE
from tests.features.imports.conftest import Counts, Desk
from tests.features.imports.files import hospital, text
from wastetrack.domain.access import Actor
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.features.imports import service
from wastetrack.features.imports.models import Import
from wastetrack.features.imports.service import passes
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties.models import Organisation, OrganisationKindRow
from wastetrack.infra import clock, outbox
from wastetrack.infra.db import reader

ORGANISATIONS = ImportKind.ORGANISATIONS

rows = st.lists(
    st.builds(
        lambda number, kind, beds, phone, name: hospital(number, kinds=kind, beds=beds, phone=phone, name=name),
        st.integers(1, 8),
        st.sampled_from(["医院", "诊所", "运输单位、处置(利用)单位", "不明"]),
        st.sampled_from(["", "7", "100", "many"]),
        st.sampled_from(["0311-00000000", "0311-00000009", ""]),
        st.sampled_from(["演示甲", "演示乙", "=1+1", ""]),
    ),
    min_size=1,
    max_size=8,
)


def records(store: Engine) -> list[Any]:
    """All that an import of organisations may touch, events among it."""
    kinds = OrganisationKindRow.__table__
    with reader(store) as session:
        tables: tuple[Any, ...] = (
            select(Organisation.__table__).order_by(Organisation.id),
            select(kinds).order_by(kinds.c.organisation_id, kinds.c.kind),
            select(LedgerEvent.hash).where(LedgerEvent.stream.startswith("organisation:")).order_by(LedgerEvent.hash),
        )
        return [session.execute(query).all() for query in tables]


def bring(desk: Desk, keeper: Actor, file: bytes) -> Import:
    """Save the right rows of a file, if there are any to save."""
    one = desk.send(keeper, ORGANISATIONS, file)
    return desk.save(keeper, one, only_right=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_importing_twice_equals_importing_once(desk: Desk, keeper: Actor, store: Engine, sent: list[Any]) -> None:
    file = text(sent)
    once = bring(desk, keeper, file)
    after = records(store)
    twice = bring(desk, keeper, file)
    assert records(store) == after
    assert (twice.new, twice.changed, twice.same) == (0, 0, once.new + once.changed + once.same)
    assert twice.wrong == once.wrong


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=rows, most=st.integers(1, 4))
def test_a_file_in_pieces_becomes_what_it_becomes_as_a_whole(
    desk: Desk, keeper: Actor, store: Engine, counts: Counts, sent: list[Any], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "SMALL", 0)
        patch.setattr(passes, "CHUNK", most)
        patch.setattr("wastetrack.features.imports.jobs.BREATH", 0)
        pieces = bring(desk, keeper, text(sent))
    whole = bring(desk, keeper, text(sent))
    assert pieces.done == len(sent)
    assert (whole.same, whole.wrong) == (pieces.new + pieces.changed + pieces.same, pieces.wrong)
    assert sum(counts(pieces)) == len(sent)


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    desk: Desk, keeper: Actor, session: Session, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real worker, real kill: takes its seconds because nothing else shows it."""
    many = 600
    checked = desk.send(keeper, ORGANISATIONS, text([hospital(number) for number in range(1, many + 1)]))
    with desk.work_as(keeper) as work:
        service.save_rows(work, service.SaveRows(import_id=checked.id))
    environment = os.environ | {"DATABASE_URL": store_url.replace("+psycopg", ""), "INSTANCE_PATH": str(tmp_path)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wastetrack.app", "worker"], cwd=HOUSE, env=environment
    )
    try:
        desk.outbox.ring()
        deadline = time.monotonic() + 60
        while not 0 < desk.now(checked).done < many:
            assert time.monotonic() < deadline, f"the worker has not begun: {desk.now(checked).state}"
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    half = desk.now(checked)
    assert half.state is ImportState.IMPORTING
    assert desk.outbox.run_due() == 0, "the dead worker still holds its lease"
    later = clock.now() + outbox.LEASE + timedelta(seconds=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    desk.outbox.run_due()
    one = desk.now(checked)
    assert (one.state, one.new, one.done) == (ImportState.DONE, many, many)
    assert session.scalar(select(func.count()).select_from(Organisation)) == many
    events = select(func.count()).where(LedgerEvent.stream.startswith("organisation:"))
    assert session.scalar(events) == many
