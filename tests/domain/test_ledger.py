"""The quick way to check an event gives what the plain way gives, whatever stands in it."""

from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.ledger import Event, canonical, hash_of, line_of, moment, quick_line

EARLIEST = datetime(1900, 1, 2)  # noqa: DTZ001  (hypothesis adds the zone)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
moments = st.datetimes(
    min_value=EARLIEST, timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])
)  # fmt: skip
events = st.builds(
    Event, texts, st.integers(1, 10**9), texts, texts | st.just(canonical({"旧": "\"\\\n\x00\x1f\x7f\u2028"})), moments,
    moments, st.none() | texts, st.none() | texts, texts, st.none() | texts, texts, st.none() | texts, texts, texts,
)  # fmt: skip


@given(events)
def test_a_line_is_the_same_by_either_way(event):
    assert quick_line(row_of(event)) == line_of(event)


@given(events, texts)
def test_a_hash_covers_every_field(event, other):
    for name in (
        "stream",
        "kind",
        "facts",
        "actor_id",
        "acting_for",
        "device",
        "place",
        "evidence",
        "act_key",
        "prev_hash",
    ):
        if getattr(event, name) != other:
            assert quick_line(row_of(replace(event, **{name: other}))).right_hash != hash_of(event)


@given(events, st.sampled_from(["facts", "device", "kind"]), st.sampled_from([None, b"x", 7]))
def test_what_is_no_text_is_no_event(event, name, other):
    row = row_of(event)
    row[list(Event.__dataclass_fields__).index(name)] = other
    assert quick_line(row).right_hash == ""


def row_of(event):
    """Return the fields as the store gives them to the quick way."""
    return [moment(value) if isinstance(value, datetime) else value for value in astuple(event)]
