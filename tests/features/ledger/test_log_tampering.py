"""Whoever writes streams anew, changes the log, or puts the database back to a backup, is found out."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from config import Settings
from tests import stores
from tests.features.ledger.conftest import all_heads
from wastetrack.app import create_app
from wastetrack.domain.access import SYSTEM
from wastetrack.domain.ledger import FIRST_LINK, Flaw, hash_of, moment
from wastetrack.domain.merkle import grown, leaf_hash
from wastetrack.features.ledger import queries, service
from wastetrack.features.ledger.models import LedgerEntry
from wastetrack.features.ledger.service import Outside, sealing
from wastetrack.infra import clock
from wastetrack.infra.db import reader, writing
from wastetrack.infra.work import Work

pytestmark = pytest.mark.store
A = "test:a"
OTHER = (Flaw.OTHER, A, 5)
AT = "stream = 'test:a' AND seq"


@pytest.fixture(autouse=True)
def written(store, sealer):
    """Some forty events of two streams, sealed under a head, and two that wait."""
    _write(store, 40)
    sealer.round()
    _write(store, 2)


def _write(store, number):
    with writing(store) as session:
        for at in range(number):
            work = Work(session, SYSTEM, clock.now())
            service.append(work, "test:b" if at % 4 == 3 else A, "test.done", {"number": at})


@pytest.fixture
def found(store, sealer):
    """Verify everything; return what is found, the dropped guards aside."""

    def verify(*brought):
        with reader(store) as session:
            outside = Outside(sealer.kept, brought)
            findings = list(service.verify(session, outside))
        return {(one.flaw, one.stream, one.seq) for one in findings if one.flaw is not Flaw.GUARD}

    return verify


@pytest.fixture
def found_since(store, sealer):
    """Verify what came after this checkpoint only."""

    def verify(last):
        with reader(store) as session:
            findings = list(service.verify_since(session, last, Outside(sealer.kept)))
        return {(one.flaw, one.stream, one.seq) for one in findings if one.flaw is not Flaw.GUARD}

    return verify


@pytest.fixture
def checked(store):
    """What an earlier verification found right."""
    with reader(store) as session:
        return service.checkpoint(session, None)


def position_of(store, stream, seq):
    with reader(store) as session:
        return queries.entry(session, stream, seq).position


def test_a_log_nobody_touched_is_intact(found, found_since, checked, sealer, store):
    assert found(*all_heads(store)) == found_since(checked) == set()
    sealer.round()
    assert found() == found_since(checked) == set()


def test_the_database_refuses_to_change_log_nodes_and_heads(store):
    for table in ("ledger_log", "ledger_nodes", "ledger_heads"):
        statements = [f"UPDATE {table} SET {'root' if 'heads' in table else 'hash'} = NULL", f"DELETE FROM {table}"]
        if store.dialect.name == "postgresql":
            statements.append(f"TRUNCATE {table}")
        else:
            statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        for statement in statements:
            with pytest.raises(Exception, match="ledger rows cannot be"), writing(store) as session:
                session.execute(text(statement))


# --- the streams against the log --------------------------------------------------------------------------------------


def _rewrite(store, behind_our_back, upto):
    """Write a whole stream anew with every hash right, its end and its markers included."""
    with reader(store) as session:
        events = queries.stream(session, A)
    link = FIRST_LINK
    for event in events:
        forged = replace(event, facts=event.facts.replace("1", "7"), prev_hash=link, hash="")
        link = hash_of(forged)
        behind_our_back(
            "UPDATE ledger_events SET facts = :facts, prev_hash = :before, hash = :hash"
            " WHERE stream = :stream AND seq = :seq",
            "UPDATE ledger_pending SET hash = :hash WHERE stream = :stream AND seq = :seq",
            "UPDATE ledger_streams SET hash = :hash WHERE stream = :stream",
            facts=forged.facts, before=forged.prev_hash, hash=link, stream=A, seq=event.seq,
        )  # fmt: skip


def test_a_stream_written_anew_with_all_hashes_right_is_found_by_the_log(store, found, behind_our_back):
    _rewrite(store, behind_our_back, 40)
    flaws = found()
    assert (Flaw.OTHER, A, 2) in flaws
    assert {flaw for flaw, _stream, _seq in flaws} == {Flaw.OTHER}


def test_together_with_the_log_it_is_found_by_the_nodes_and_the_head(store, found, behind_our_back):
    _rewrite(store, behind_our_back, 40)
    _log_as_the_events(store, behind_our_back)
    size = all_heads(store)[0].head.size
    assert {(Flaw.NODE, "node 4", 0), (Flaw.HEAD, "head", size)} <= found()


def test_with_nodes_made_right_as_well_it_is_found_by_the_head(store, found, behind_our_back):
    _rewrite(store, behind_our_back, 40)
    _log_as_the_events(store, behind_our_back)
    _nodes_as_the_log(store, behind_our_back)
    size = all_heads(store)[0].head.size
    assert found() == {(Flaw.HEAD, "head", size)}


def test_with_heads_signed_anew_by_the_right_key_it_is_found_by_the_heads_kept_outside(
    store, found, behind_our_back, sealer
):
    older = all_heads(store)[0]
    _rewrite(store, behind_our_back, 40)
    _log_as_the_events(store, behind_our_back)
    _nodes_as_the_log(store, behind_our_back)
    (key,) = sealer.keys.signers().values()
    with reader(store) as session:
        forged = replace(older.head, root=queries.root(session, older.head.size))
    signature = key.sign(forged.text().encode())
    behind_our_back("UPDATE ledger_heads SET root = :root, signature = :signature", root=forged.root,
                    signature=signature)  # fmt: skip
    assert found() == {(Flaw.HEAD, "head", older.head.size)}
    for path in sealer.kept.folder.glob("heads-*.jsonl"):
        path.unlink()
    assert found() == set(), "nothing on this machine knows better any more"
    assert found(older) == {(Flaw.HEAD, "head", older.head.size)}, "but whoever kept a head does"


def test_a_head_signed_by_a_key_of_ones_own_is_found(store, found, behind_our_back, sealer, tmp_path):
    key = type(sealer.keys)(tmp_path / "own").make()
    (one,) = all_heads(store)
    behind_our_back("UPDATE ledger_heads SET signature = :mine", mine=key.sign(one.head.text().encode()))
    assert found() == {(Flaw.SIGNATURE, "head", one.head.size)}


def _log_as_the_events(store, behind_our_back):
    for event in _events(store):
        behind_our_back("UPDATE ledger_log SET hash = :hash WHERE stream = :stream AND seq = :seq",
                        hash=bytes.fromhex(event.hash), stream=event.stream, seq=event.seq)  # fmt: skip


def _events(store):
    with reader(store) as session:
        return queries.stream(session, A)


def _nodes_as_the_log(store, behind_our_back):
    with reader(store) as session:
        rows = session.query(LedgerEntry).order_by(LedgerEntry.position).all()
    for level, position, one in grown(0, [], [leaf_hash(row.hash) for row in rows]):
        behind_our_back("UPDATE ledger_nodes SET hash = :hash WHERE level = :level AND position = :position",
                        hash=one, level=level, position=position)  # fmt: skip


# --- each table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "flaw"),
    [
        ("DELETE FROM ledger_events WHERE stream = 'test:a' AND seq = 5", (Flaw.UNKNOWN, A, 5)),
        ("DELETE FROM ledger_events", (Flaw.UNKNOWN, A, 5)),
        ("DELETE FROM ledger_log WHERE stream = 'test:a' AND seq = 5", (Flaw.UNSEALED, A, 5)),
        ("DELETE FROM ledger_log", (Flaw.UNSEALED, A, 5)),
        ("DELETE FROM ledger_pending", (Flaw.UNSEALED, A, 32)),
        (f"UPDATE ledger_log SET hash = (SELECT l.hash FROM ledger_log l WHERE {AT} = 6) WHERE {AT} = 5", OTHER),
        ("INSERT INTO ledger_log SELECT 1000, 'test:a', 900, hash FROM ledger_log WHERE position = 0",
         (Flaw.UNKNOWN, A, 900)),
        ("UPDATE ledger_nodes SET hash = (SELECT hash FROM ledger_nodes WHERE position = 1) WHERE position = 0",
         (Flaw.NODE, "node 4", 0)),
        ("DELETE FROM ledger_nodes WHERE position = 1", (Flaw.NODE, "node 4", 1)),
        ("INSERT INTO ledger_nodes SELECT 4, 9, hash FROM ledger_nodes WHERE position = 0", (Flaw.NODE, "node 4", 9)),
    ],
)  # fmt: skip
def test_what_is_changed_removed_or_put_in_is_named(behind_our_back, found, statement, flaw):
    behind_our_back(statement)
    assert flaw in found()


def test_two_places_of_the_log_that_change_are_found_by_nodes_and_head(store, behind_our_back, found):
    first, second = position_of(store, A, 5), position_of(store, A, 7)
    behind_our_back(
        f"UPDATE ledger_log SET position = 5000 WHERE position = {first}",
        f"UPDATE ledger_log SET position = {first} WHERE position = {second}",
        f"UPDATE ledger_log SET position = {second} WHERE position = 5000",
    )
    assert {Flaw.NODE, Flaw.HEAD} <= {flaw for flaw, _stream, _seq in found()}


def test_a_log_that_was_cut_is_shorter_than_what_was_signed(store, behind_our_back, found):
    size = all_heads(store)[0].head.size
    behind_our_back(f"DELETE FROM ledger_log WHERE position >= {size - 3}")
    assert (Flaw.SHORT, "head", size) in found()


def test_heads_that_are_gone_are_still_met_by_those_kept_outside(store, behind_our_back, found):
    size = all_heads(store)[0].head.size
    behind_our_back("DELETE FROM ledger_heads", f"DELETE FROM ledger_log WHERE position >= {size - 1}")
    assert (Flaw.SHORT, "head", size) in found()


# --- from a checkpoint -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "flaw"),
    [
        ("UPDATE ledger_events SET facts = '{}' WHERE stream = 'test:a' AND seq = 32", (Flaw.CHANGED, A, 32)),
        ("UPDATE ledger_events SET facts = '{}' WHERE stream = 'test:a' AND seq = 5", (Flaw.CHANGED, A, 5)),
        ("DELETE FROM ledger_events WHERE stream = 'test:a' AND seq = 5", (Flaw.UNKNOWN, A, 5)),
        ("UPDATE ledger_streams SET hash = 'x' WHERE stream = 'test:b'", (Flaw.CUT, "test:b", 10)),
    ],
)
def test_from_a_checkpoint_what_is_new_and_in_time_what_is_old_is_named(
    behind_our_back, found_since, checked, sealer, statement, flaw
):
    behind_our_back(statement)
    assert flaw in found_since(checked)


def test_from_a_checkpoint_the_counts_show_what_is_missing_wherever_it_was(
    behind_our_back, found_since, checked, monkeypatch
):
    monkeypatch.setattr(service.verifying, "AGAIN", 0)
    behind_our_back("DELETE FROM ledger_events WHERE stream = 'test:a' AND seq = 5")
    assert found_since(checked) == {(Flaw.COUNT, "log", checked.size)}


def test_from_a_checkpoint_another_history_is_seen_at_once(store, behind_our_back, found_since, checked):
    _rewrite(store, behind_our_back, 40)
    _log_as_the_events(store, behind_our_back)
    _nodes_as_the_log(store, behind_our_back)
    assert found_since(checked) == {(Flaw.HEAD, "log", checked.size)}


def test_in_time_every_old_event_is_read_again(store, sealer, checked, monkeypatch, found_since):
    monkeypatch.setattr(service.verifying, "AGAIN", 16)
    again, last = [], checked
    with reader(store) as session:
        for _ in range(4):
            again.append(last.again)
            last = service.checkpoint(session, last)
    assert again == [0, 16, 32, 0]


# --- a backup --------------------------------------------------------------------------------------------------------


@pytest.fixture
def put_back(store, store_url, server, tmp_path):
    """Take a backup now; what is returned opens the application on it later, with the same data folder."""
    store.dispose()
    folder = tmp_path / "backup"
    folder.mkdir()
    if server is None:
        stores.settle(store)
    with stores.copy_of(store_url, server, folder) as url:
        yield lambda: create_app(
            Settings(
                url, "a-secret-that-only-the-tests-know-0123456789", "http://127.0.0.1:8000", tmp_path, testing=True
            )
        )


def test_a_database_that_was_put_back_is_found_and_signs_nothing(put_back, store, sealer):
    _write(store, 3)
    sealer.round()
    lost = all_heads(store)[-1].head
    app = put_back()
    old_store, old_sealer = app.extensions["wastetrack.engine"], app.extensions["wastetrack.sealer"]
    with reader(old_store) as session:
        assert (Flaw.SHORT, "head", lost.size) in {
            (one.flaw, one.stream, one.seq) for one in service.verify(session, Outside(sealer.kept))
        }
    _write(old_store, 9)  # as if nothing had happened: by now the log is longer than it was
    with pytest.raises(sealing.ContradictionError, match=moment(lost.signed_at)):
        old_sealer.round()
    with reader(old_store) as session:
        assert (Flaw.HEAD, "head", lost.size) in {
            (one.flaw, one.stream, one.seq) for one in service.verify(session, Outside(sealer.kept))
        }
    assert max(one.head.size for one in all_heads(old_store)) < lost.size
    old_sealer.restored("演示：磁盘损坏，恢复昨天的备份")
    with reader(old_store) as session:
        assert list(service.verify(session, Outside(sealer.kept))) == []
        head = queries.latest_head(session).head
        assert head.log_id != lost.log_id
        assert lost.root.hex() in queries.stream(session, "ledger:log")[-1].facts
    old_store.dispose()


def test_another_database_in_place_of_this_one_is_found(store, sealer, template, server, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    with stores.copy_of(template, server, folder) as url:
        app = create_app(
            Settings(
                url, "a-secret-that-only-the-tests-know-0123456789", "http://127.0.0.1:8000", tmp_path, testing=True
            )
        )
        other = app.extensions["wastetrack.engine"]
        with reader(other) as session:
            assert Flaw.LOG in {one.flaw for one in service.verify(session, Outside(sealer.kept))}
        other.dispose()
