"""`ledger rebuild --check`: every table follows from the streams, or it is said why not."""

from tests.rebuilding import assert_rebuilds
from wastetrack.app import REBUILT
from wastetrack.infra.db import Base, reader

TABLES = Base.metadata.tables


def test_every_table_follows_from_the_ledger_or_says_why_not():
    followed = [one.name for one in REBUILT.projections]
    lists = (followed, list(REBUILT.set_aside), sorted(REBUILT.to_come & TABLES.keys()))
    named = [name for one in lists for name in one]
    assert sorted(named) == sorted(TABLES)  # each once


def test_nothing_is_still_to_come_that_is_here():
    families = {family for one in REBUILT.replays for family in (*one.families, *one.silent)}
    assert not REBUILT.to_come & families


def test_whatever_is_set_aside_says_why():
    reasons = [*REBUILT.set_aside.values(), *(why for one in REBUILT.projections for why in one.aside.values())]
    assert all(len(why) > 20 for why in reasons)
    for one in REBUILT.projections:
        assert one.aside.keys() | one.through.keys() <= set(one.table.columns.keys())
        assert not one.aside.keys() & {*one.found_by, *one.through}


def test_an_empty_store_is_what_the_ledger_says(store):
    with reader(store) as session:
        assert_rebuilds(session)
