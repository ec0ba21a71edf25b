"""One transaction reads the end of a stream once, and still writes as if it had read it each time."""

from contextlib import suppress

import pytest
from sqlalchemy.exc import DBAPIError

from wastetrack.domain.ledger import flaws_in, line_of
from wastetrack.features.ledger import queries, service
from wastetrack.infra.db import reader

STREAM = "test:one"


def test_events_of_one_transaction_follow_each_other(work_as, store) -> None:
    with work_as() as work:
        service.append(work, STREAM, "test.first", {})
        service.append(work, STREAM, "test.second", {})
    with work_as() as work:
        service.append(work, STREAM, "test.third", {})
    with reader(store) as session:
        kept = queries.stream(session, STREAM)
        assert [event.kind for event in kept] == ["test.first", "test.second", "test.third"]
        assert not list(flaws_in(map(line_of, kept), {STREAM: queries.heads(session)[STREAM]}))


def test_an_act_is_known_in_the_transaction_that_writes_it_and_in_the_next(work_as) -> None:
    with work_as() as work:
        assert not service.done(work, STREAM, "key")
        service.append(work, STREAM, "test.first", {}, act_key="key")
        assert service.done(work, STREAM, "key")
        assert queries.has_act(work.session, STREAM, "key")
    with work_as() as work:
        assert service.done(work, STREAM, "key")
        assert not service.done(work, STREAM, "another key")
        assert not service.done(work, STREAM, None)


def test_what_a_savepoint_drops_is_forgotten(work_as, store) -> None:
    with work_as() as work:
        service.append(work, STREAM, "test.first", {})
        with suppress(ValueError), work.session.begin_nested():
            service.append(work, STREAM, "test.dropped", {}, act_key="key")
            work.session.flush()
            raise ValueError
        assert not service.done(work, STREAM, "key")
        service.append(work, STREAM, "test.second", {})
    with reader(store) as session:
        kept = queries.stream(session, STREAM)
        assert [event.kind for event in kept] == ["test.first", "test.second"]
        assert not list(flaws_in(map(line_of, kept), {STREAM: queries.heads(session)[STREAM]}))


def test_a_stream_begins_only_once(work_as) -> None:
    with work_as() as work:
        service.append(work, STREAM, "test.first", {}, begins=True)
    with pytest.raises(DBAPIError), work_as() as work:
        service.append(work, STREAM, "test.again", {}, begins=True)


def test_streams_held_together_know_where_the_act_stands(work_as) -> None:
    with work_as() as work:
        service.append(work, STREAM, "test.first", {}, act_key="key")
    with work_as() as work:
        service.hold(work, [STREAM, "test:two"], "key")
        assert service.done(work, STREAM, "key")
        assert not service.done(work, "test:two", "key")
