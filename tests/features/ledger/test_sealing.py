"""Every event comes into the log once, in an order that never changes, under signed heads that never contradict."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.conftest import NOON
from tests.features.ledger.conftest import all_heads, log_of
from wastetrack.domain.access import SYSTEM
from wastetrack.domain.merkle import Climb, continues, leaf_hash, root_by_inclusion
from wastetrack.features.ledger import queries, service
from wastetrack.features.ledger.models import LedgerEntry, LedgerEvent
from wastetrack.features.ledger.service import sealing
from wastetrack.infra.db import reader, writing
from wastetrack.infra.signing import KeyFileError
from wastetrack.infra.work import Work

pytestmark = pytest.mark.store


def test_every_event_comes_into_the_log_once_in_the_order_of_its_stream(sealer, write, store):
    write(3)
    write(2, "test:b")
    before = sealer.round()
    write(2)
    after = sealer.round()
    assert (before.signed, after.sealed, after.signed) == (1, 2, 1)
    log = log_of(store)
    with reader(store) as session:
        written = set(session.execute(select(LedgerEvent.stream, LedgerEvent.seq)).tuples())
        assert queries.waiting(session) == 0
    assert set(log) == written
    assert len(log) == len(written)
    assert [seq for stream, seq in log if stream == "test:a"] == [1, 2, 3, 4, 5]
    assert log[-2:] == [("test:a", 4), ("test:a", 5)]


def test_a_round_without_anything_new_signs_nothing(sealer, write):
    write(1)
    assert sealer.round().signed == 1
    assert sealer.round() == sealing.Round(0, 0)


def test_in_small_batches_the_log_is_the_same_tree(sealer, write, store, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    monkeypatch.setattr(sealing.seal, "__defaults__", (7,))
    monkeypatch.setattr(sealing, "BREATH", 0)
    with writing(store) as session:
        for number in range(300):
            service.append(Work(session, SYSTEM, NOON), f"test:{number % 13}", "test.done", {})
    sealer.round()
    climb = Climb()
    with reader(store) as session:
        for digest in session.scalars(select(LedgerEntry.hash).order_by(LedgerEntry.position)):
            climb.add(leaf_hash(digest))
        head = queries.latest_head(session).head
        assert (head.size, head.root) == (climb.size, climb.root())
        assert queries.root(session, climb.size) == climb.root()


def test_a_slow_transaction_is_neither_passed_over_nor_put_in_between(sealer, write, store):
    if store.dialect.name == "sqlite":
        pytest.skip("on SQLite one transaction writes at a time")
    sealer.round()
    with writing(store) as slow:
        service.append(Work(slow, SYSTEM, NOON), "test:slow", "test.done", {})
        slow.flush()
        write(1, "test:quick")
        sealer.round()
        sealed = log_of(store)
    sealer.round()
    assert sealed[-1] == ("test:quick", 1)
    assert log_of(store) == [*sealed, ("test:slow", 1)]


def test_a_sealer_that_fails_in_the_middle_leaves_nothing_half(sealer, write, store, monkeypatch):
    write(20)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "grown", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealer.round()
        assert log_of(store) == []
    sealer.round()
    assert [one for one in log_of(store) if one[0] == "test:a"] == [("test:a", seq) for seq in range(1, 21)]


def test_a_crash_between_signing_and_keeping_is_made_good(sealer, write, store, monkeypatch):
    write(1)
    with monkeypatch.context() as patch:
        patch.setattr(service.KeptHeads, "add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealer.round()
    sealer.round()
    (head,) = all_heads(store)
    assert list(sealer.kept.of(head.head.log_id)) == [head]


def test_two_sealers_at_once_are_one(sealer, write, store):
    write(12)
    threads = [threading.Thread(target=sealer.round) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealer.round()
    log = log_of(store)
    assert len(set(log)) == len(log)
    assert [one for one in log if one[0] == "test:a"] == [("test:a", seq) for seq in range(1, 13)]
    with reader(store) as session:
        assert list(service.verify(session, service.Outside(sealer.kept))) == []


def test_while_one_sealer_is_at_it_another_turns_away(sealer, write, store):
    if store.dialect.name == "sqlite":
        pytest.skip("on SQLite the other one waits for the writer's lock")
    write(1)
    with writing(store) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": sealing._LOCK})
        assert sealer.round() == sealing.Round(turn=False)
    assert sealer.round().signed == 1


def test_each_head_continues_all_heads_before_it(sealer, write, store):
    for number in (1, 2, 17, 5):
        write(number)
        sealer.round()
    heads = [one.head for one in all_heads(store)]
    assert [one.size - heads[0].size for one in heads] == [0, 2, 19, 24]
    with reader(store) as session:
        for old in heads:
            for new in heads:
                if old.size <= new.size:
                    path = queries.consistency(session, old.size, new.size)
                    assert continues(old.size, old.root, new.size, new.root, path)


def test_every_event_is_proven_under_the_newest_head(sealer, write, store):
    with writing(store) as session:
        for number in range(40):
            service.append(Work(session, SYSTEM, NOON), "test:a", "test.done", {"number": number})
    sealer.round()
    with reader(store) as session:
        for seq in range(1, 41):
            proof = service.prove(session, "test:a", seq)
            leaf = leaf_hash(bytes.fromhex(proof.event.hash))
            assert root_by_inclusion(leaf, proof.position, proof.head.head.size, proof.path) == proof.head.head.root


def test_an_event_that_waits_has_no_proof_yet(sealer, write, store):
    sealer.round()
    write(1)
    with reader(store) as session:
        assert service.prove(session, "test:a", 1).head is None


def test_a_proof_reads_few_rows_however_long_the_log(sealer, store, monkeypatch):
    with writing(store) as session:
        work = Work(session, SYSTEM, NOON)
        for number in range(1500):
            service.append(work, f"test:{number}", "test.done", {}, begins=True)
    monkeypatch.setattr(sealing, "BREATH", 0)
    sealer.round()
    with reader(store) as session:
        read = []
        monkeypatch.setattr(queries.log, "kept_for", lambda place: read.append(place) or real(place))
        from wastetrack.domain.merkle import kept_for as real

        queries.inclusion(session, 700, queries.size(session))
        assert sum(len(real(place)) for place in set(read)) < 90


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_on_the_first_start_for_the_owner_only(sealer, write):
    sealer.round()
    (path,) = sealer.keys.folder.glob("*.pem")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    sealer.round()
    assert [path] == list(sealer.keys.folder.glob("*.pem"))


def test_a_key_that_others_may_read_is_not_used(sealer, write, store):
    sealer.round()
    (path,) = sealer.keys.folder.glob("*.pem")
    path.chmod(0o644)
    write(1)
    with pytest.raises(KeyFileError, match="chmod 600"):
        sealer.round()
    assert log_of(store)[-1] == ("test:a", 1), "sealing goes on"


def test_without_the_private_key_nothing_is_signed_and_no_other_takes_its_place(sealer, write, store):
    sealer.round()
    (path,) = sealer.keys.folder.glob("*.pem")
    path.unlink()
    write(1)
    with pytest.raises(KeyFileError, match="no private key"):
        sealer.round()
    assert len(all_heads(store)) == 1


def test_keys_change_with_an_overlap_and_old_heads_stay_valid(sealer, write, store):
    sealer.round()
    (first,) = sealer.keys.signers()
    second = sealer.introduce().key_id
    write(1)
    sealer.round()
    sealer.retire(first)
    write(1)
    sealer.round()
    signed = {}
    for one in all_heads(store):
        signed.setdefault(one.head.size, set()).add(one.head.key_id)
    assert list(signed.values()) == [{first}, {first, second}, {first, second}, {second}, {second}]
    with reader(store) as session:
        keys = queries.keys(session)
        assert [keys[first].until is None, keys[second].until is None] == [False, True]
        assert all(service.signature_fits(one, keys) for one in all_heads(store))
        assert queries.latest_head(session).head.key_id == second
        assert list(service.verify(session, service.Outside(sealer.kept))) == []


def test_a_key_can_be_provided_in_a_file(sealer, write, store, tmp_path):
    key = sealer.keys.make()
    provided = tmp_path / "mounted.pem"
    (sealer.keys.folder / f"{key.key_id}.pem").rename(provided)
    ring = type(sealer.keys)(tmp_path / "nothing here", provided)
    own = service.LogSealer(store, ring, sealer.kept)
    assert own.round().signed == 1
    assert all_heads(store)[0].head.key_id == key.key_id
    with pytest.raises(KeyFileError, match="provided"):
        own.introduce()


def test_a_clock_that_is_put_back_makes_no_head_older_than_the_one_before(sealer, write, store, monkeypatch):
    sealer.round()
    write(1)
    earlier = all_heads(store)[0].head.signed_at - timedelta(hours=1)
    monkeypatch.setattr(sealing.clock, "now", lambda: earlier)
    sealer.round()
    first, second = (one.head.signed_at for one in all_heads(store))
    assert second == first
