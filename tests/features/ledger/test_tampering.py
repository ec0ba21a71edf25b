"""Whoever changes the ledger behind our back is found; and the database does what it can to prevent it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import NOON
from wastetrack.domain.ledger import FIRST_LINK, Event, Flaw, hash_of
from wastetrack.features.ledger import service
from wastetrack.infra.db import reader, writing

pytestmark = pytest.mark.store

A, B = "test:a", "test:b"


@pytest.fixture(autouse=True)
def written(work_as):
    """Two streams, of four events and of one."""
    with work_as() as work:
        for number in range(4):
            service.append(work, A, "test.done", {"number": number})
        service.append(work, B, "test.done", {"number": 9})


LOG = {Flaw.GUARD, Flaw.UNKNOWN, Flaw.UNSEALED, Flaw.OTHER}
"""What the log says of the same; see test_log_tampering.py."""


def found(store):
    """Return what a verification finds in the streams."""
    with reader(store) as session:
        return [
            (finding.flaw, finding.stream, finding.seq)
            for finding in service.verify(session)
            if finding.flaw not in LOG
        ]


def test_a_ledger_nobody_touched_is_intact(store):
    with reader(store) as session:
        assert list(service.verify(session)) == []


def test_dropped_guards_are_found(store, behind_our_back):
    behind_our_back()
    with reader(store) as session:
        guards = {finding.stream for finding in service.verify(session) if finding.flaw is Flaw.GUARD}
    with reader(store) as session:
        assert guards >= service.queries.guards_wanted(session) - {"ledger_events_noted"}


def test_a_guard_that_was_replaced_by_one_that_does_nothing_is_found(store, behind_our_back):
    if store.dialect.name == "postgresql":
        named = "CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger"
        idle = f"{named} LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    else:
        idle = "CREATE TRIGGER ledger_events_no_update BEFORE UPDATE ON ledger_events BEGIN SELECT 1; END"
    behind_our_back(idle)
    with reader(store) as session:
        assert (Flaw.GUARD, "ledger_events_no_update") in {(one.flaw, one.stream) for one in service.verify(session)}


@pytest.mark.parametrize(
    "change",
    [
        "facts = '{}'",
        "kind = 'test.undone'",
        "actor_id = 'somebody'",
        "acting_for = 'somebody'",
        "device = 'another'",
        "place = 'elsewhere'",
        "evidence = 'scanned'",
        "act_key = 'k'",
        "hash = prev_hash",
        "occurred_at = '2020-01-01 00:00:00'",
        "recorded_at = '2020-01-01 00:00:00'",
    ],
)
def test_a_changed_row_is_found(store, behind_our_back, change):
    behind_our_back(f"UPDATE ledger_events SET {change} WHERE stream = '{A}' AND seq = 2")
    assert (Flaw.CHANGED, A, 2) in found(store)


def test_a_row_changed_together_with_its_hash_is_found_by_the_next(store, behind_our_back):
    behind_our_back(
        f"UPDATE ledger_events SET facts = '{{}}', hash = :hash WHERE stream = '{A}' AND seq = 2",
        hash=_hash_with(store, A, 2, facts="{}"),
    )
    assert found(store) == [(Flaw.INSERTED, A, 3)]


def test_a_row_removed_from_the_middle_is_found(store, behind_our_back):
    behind_our_back(f"DELETE FROM ledger_events WHERE stream = '{A}' AND seq = 3")
    assert (Flaw.REMOVED, A, 4) in found(store)


def test_a_row_removed_from_the_beginning_is_found(store, behind_our_back):
    behind_our_back(f"DELETE FROM ledger_events WHERE stream = '{A}' AND seq = 1")
    assert (Flaw.REMOVED, A, 2) in found(store)


def test_a_row_removed_from_the_end_is_found(store, behind_our_back):
    behind_our_back(f"DELETE FROM ledger_events WHERE stream = '{A}' AND seq = 4")
    assert found(store) == [(Flaw.CUT, A, 3)]


def test_a_whole_stream_removed_is_found(store, behind_our_back):
    behind_our_back(f"DELETE FROM ledger_events WHERE stream = '{A}'")
    assert found(store) == [(Flaw.CUT, A, 0)]


@pytest.mark.parametrize(("stream", "seq"), [(A, 5), (B, 2)])
def test_a_row_put_at_the_end_with_all_hashes_right_is_found(store, behind_our_back, stream, seq):
    _insert(store, behind_our_back, _event(store, stream, seq))
    assert found(store) == [(Flaw.CUT, stream, seq)]


def test_a_stream_put_in_is_found(store, behind_our_back):
    _insert(store, behind_our_back, _event(store, "test:c", 1))
    assert found(store) == [(Flaw.CUT, "test:c", 1)]


def test_a_row_in_place_of_a_removed_one_is_found(store, behind_our_back):
    forged = _event(store, A, 3, facts='{"number":99}')
    behind_our_back(f"DELETE FROM ledger_events WHERE stream = '{A}' AND seq = 3")
    _insert(store, behind_our_back, forged)
    assert found(store) == [(Flaw.INSERTED, A, 4)]


def test_two_rows_changing_places_are_found(store, behind_our_back):
    behind_our_back(
        f"UPDATE ledger_events SET seq = 30 WHERE stream = '{A}' AND seq = 3",
        f"UPDATE ledger_events SET seq = 3 WHERE stream = '{A}' AND seq = 2",
        f"UPDATE ledger_events SET seq = 2 WHERE stream = '{A}' AND seq = 30",
    )
    assert {flaw for flaw, _stream, _seq in found(store)} >= {Flaw.CHANGED, Flaw.INSERTED}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_events SET kind = kind",
        "UPDATE ledger_events SET hash = 'x' WHERE seq = 1",
        "DELETE FROM ledger_events",
        "DELETE FROM ledger_events WHERE seq = 4",
    ],
)
def test_the_database_refuses_to_change_or_delete(store, statement):
    with pytest.raises(DBAPIError, match="ledger rows cannot be"), writing(store) as session:
        session.execute(text(statement))
    assert found(store) == []


def test_the_database_refuses_to_empty_or_replace(store):
    if store.dialect.name == "postgresql":
        statement = "TRUNCATE ledger_events"
    else:
        columns = ", ".join(name if name != "kind" else "'forged'" for name in Event.__dataclass_fields__)
        named = ", ".join(Event.__dataclass_fields__)
        statement = f"INSERT OR REPLACE INTO ledger_events ({named}) SELECT {columns} FROM ledger_events WHERE seq = 1"
    with pytest.raises(DBAPIError, match="ledger rows cannot be"), writing(store) as session:
        session.execute(text(statement))
    assert found(store) == []


# --- forging ---------------------------------------------------------------------------------------------------------


def _event(store, stream, seq, facts="{}"):
    """Forge an event that links rightly to the one before it."""
    from dataclasses import replace

    with reader(store) as session:
        before = [event for event in service.queries.stream(session, stream) if event.seq == seq - 1]
    link = before[0].hash if before else FIRST_LINK
    event = Event(stream, seq, "test.done", facts, NOON, NOON, None, None, "server", None, "chosen", None, link)
    return replace(event, hash=hash_of(event))


def _insert(store, behind_our_back, event):
    values = {name: getattr(event, name) for name in Event.__dataclass_fields__}
    for moment in ("occurred_at", "recorded_at"):
        zone = "+00" if store.dialect.name == "postgresql" else ""
        values[moment] = values[moment].strftime("%Y-%m-%d %H:%M:%S.%f") + zone
    named = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    behind_our_back(f"INSERT INTO ledger_events ({named}) VALUES ({marks})", **values)


def _hash_with(store, stream, seq, **changed):
    from dataclasses import replace

    with reader(store) as session:
        (event,) = [event for event in service.queries.stream(session, stream) if event.seq == seq]
    return hash_of(replace(event, **changed))
