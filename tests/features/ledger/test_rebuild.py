"""`ledger rebuild --check`: every table follows from the streams, or it is said why not."""

import json

from tests.rebuilding import assert_rebuilds, differences
from wastetrack.app import REBUILT
from wastetrack.features.ledger.service import Deviation, Plan, Rebuild, append
from wastetrack.features.ledger.service.replaying import Projection, Put, Replay
from wastetrack.features.manifests.models import ManifestSerial
from wastetrack.infra.db import Base, reader, writing
from wastetrack.infra.ids import new_id

ASKED = ("--language en", "--language zh", "--json")
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


def test_the_command_names_what_was_put_past_the_ledger_and_writes_nothing(app, store):
    with writing(store) as session:
        session.add(ManifestSerial(year=2026, city_code="1301", last=7))
    ran = {one: app.test_cli_runner().invoke(args=["ledger", "rebuild", "--check", *one.split()]) for one in ASKED}
    assert {one: answer.exit_code for one, answer in ran.items()} == dict.fromkeys(ASKED, 1)
    english, chinese, told = (answer.output for answer in ran.values())
    assert "manifest_serials 2026, 1301: the table has this row, the ledger knows nothing of it" in english
    assert "The tables are NOT what the ledger says: 1 finding." in english
    assert "数据表与账本不一致：发现 1 处。" in chinese
    found, counts = (json.loads(line) for line in told.splitlines())
    assert (found["what"], found["table"], found["key"]) == ("extra", "manifest_serials", [2026, "1301"])
    assert (counts["findings"], counts["rows"]) == (1, 1)
    with writing(store) as session:
        assert session.get_one(ManifestSerial, (2026, "1301")).last == 7
        session.delete(session.get_one(ManifestSerial, (2026, "1301")))
    clean = app.test_cli_runner().invoke(args=["ledger", "rebuild", "--check"])
    assert (clean.exit_code, clean.output.splitlines()[-1]) == (0, "The tables are what the ledger says.")
    assert app.test_cli_runner().invoke(args=["ledger", "rebuild"]).exit_code == 2


def test_what_an_older_event_does_not_say_is_counted_and_not_held_against_the_table(work_as, store):
    stream = f"hand_in:{new_id()}"
    steps = {
        "hand_in.opened": lambda _rows, told: [Put("manifest_serials", (2026, "1301"), {"last": told.said("last")})]
    }
    plan = Plan((Replay("x", families=("hand_in",), tables=(Projection(ManifestSerial),), steps=steps),), whole=False)
    with work_as() as work:
        append(work, stream, "hand_in.opened", {})
        work.session.add(ManifestSerial(year=2026, city_code="1301", last=7))
        work.session.flush()
        rebuild = Rebuild(work.session, plan, work.now)
        assert list(rebuild.findings()) == []
        assert rebuild.unsaid == {"manifest_serials.last": 1}
        append(work, stream, "hand_in.opened", {"last": 8})
        work.session.flush()
        (found,) = Rebuild(work.session, plan, work.now).findings()
        assert (found.column, found.expected, found.found, found.said) == ("last", 8, 7, (stream, 2))


def test_an_event_that_nobody_replays_and_a_stream_that_nobody_knows_are_findings(work_as):
    manifest = f"manifest:{new_id()}"
    with work_as() as work:
        append(work, manifest, "manifest.unheard_of", {"state": "draft", "number": None})
        append(work, "unheard:x", "unheard.of", {})
        work.session.flush()
        found = {(one.what, one.said.stream) for one in differences(work.session)}
    assert found == {(Deviation.KIND, manifest), (Deviation.FAMILY, "unheard")}
