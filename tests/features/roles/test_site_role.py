"""The site runs under a database role that can do all of its work and cannot lift the guards of the ledger."""

import os
import subprocess
import sys

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import HOUSE
from tests.features.roles.conftest import SECRET, plain
from wastetrack.domain.containers import State
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries, service
from wastetrack.infra import jobs, roles
from wastetrack.infra.db import reader, snapshot, writing
from wastetrack.infra.roles import GUARDED, Power

pytestmark = pytest.mark.store

LEDGER = (*GUARDED, "ledger_streams")
BREAKING = {
    **{f"update {one}": f"UPDATE {one} SET {column} = {column}" for one, column in (
        ("ledger_events", "facts"), ("ledger_log", "hash"), ("ledger_nodes", "hash"), ("ledger_heads", "root"),
        ("signatures", "shown"), ("audit_entries", "name"))},
    **{f"delete {one}": f"DELETE FROM {one}" for one in LEDGER},
    **{f"truncate {one}": f"TRUNCATE {one} CASCADE" for one in LEDGER},
    **{f"disable {one}": f"ALTER TABLE {one} DISABLE TRIGGER ALL" for one in LEDGER},
    **{f"drop {one}": f"DROP TABLE {one} CASCADE" for one in LEDGER},
    "drop trigger": "DROP TRIGGER ledger_events_no_update ON ledger_events",
    "new trigger": "CREATE TRIGGER x BEFORE INSERT ON ledger_events EXECUTE FUNCTION refuse_ledger_change()",
    "empty function": "CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS"
                      " 'BEGIN RETURN NEW; END'",
    "silence": "SET session_replication_role = replica",
    "own table": "CREATE TABLE ledger_new (a int)",
    "table in front": "CREATE TEMPORARY TABLE ledger_pending (stream text, seq int, hash text)",
    "new column": "ALTER TABLE ledger_events ADD COLUMN x int",
    "rule": "CREATE RULE r AS ON INSERT TO ledger_events DO INSTEAD NOTHING",
    "change marker": "UPDATE ledger_pending SET hash = hash",
    "schema version": "UPDATE alembic_version SET version_num = '0001'",
    "become the owner": "SET ROLE wastetrack",
}  # fmt: skip


def test_a_journey_from_ward_to_furnace_under_the_role(chain, store, app, session):
    boxes = [chain.bag(), chain.bag(mass="2.1")]
    made = chain.arrive(chain.depart(boxes))
    for box in boxes:
        chain.receive(made, box)
    chain.confirm(made)
    chain.treat(boxes)
    assert {session.get_one(Container, box.id).state for box in boxes} == {State.TREATED}
    sealer = app.extensions["wastetrack.sealer"]
    assert sealer.round(wait=True).signed == 1
    with snapshot(store) as looking:
        assert list(service.verify(looking, service.Outside(sealer.kept))) == []
        assert queries.powers(looking) == []
        assert queries.waiting(looking) == 0


def test_the_queue_and_the_pages_work_under_the_role(store, app, tmp_path, signed_in):
    jobs.bell(store, tmp_path)()
    browser = signed_in("audit_admin", "en")
    page = browser.get("/ledger").text
    assert "could lift the guards" not in page
    assert browser.get("/readyz").get_json() == {"status": "ok"}


def test_the_role_can_neither_change_the_ledger_nor_lift_a_guard(on_postgresql, store):
    insufficient_privilege = "42501"  # said before any trigger is asked
    answers = {}
    for what, statement in BREAKING.items():
        try:
            with writing(store) as session:
                session.execute(text(statement))
        except DBAPIError as error:
            answers[what] = error.orig.sqlstate
    assert answers == dict.fromkeys(BREAKING, insufficient_privilege)


def test_what_a_migration_makes_is_not_open_until_the_rights_are_gone_over(on_postgresql, store, owners_url):
    owner = create_engine(owners_url)
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE newly_made (id bigserial PRIMARY KEY, what text)"))
    adding, changing = text("INSERT INTO newly_made (what) VALUES ('a')"), text("UPDATE newly_made SET what = 'b'")
    with writing(store) as session:
        session.execute(adding)
    with pytest.raises(DBAPIError, match="permission denied"), writing(store) as session:
        session.execute(changing)
    roles.again(owner)
    with writing(store) as session:
        session.execute(changing)
    with pytest.raises(DBAPIError, match="permission denied"), writing(store) as session:
        session.execute(text("DELETE FROM ledger_events"))
    owner.dispose()


def test_the_owner_is_told_on_every_way_that_it_could_lift_the_guards(on_postgresql, owners_url, tmp_path):
    owner = create_engine(owners_url)
    with reader(owner) as session:
        assert {Power.SUPERUSER, Power.OWNER, Power.CHANGE, Power.CREATE} <= set(queries.powers(session))
    with pytest.raises(Refusal, match=r"roles\.powerful"):
        roles.grant(owner, make_url(owners_url).username)
    with pytest.raises(Refusal, match=r"roles\.unknown"):
        roles.grant(owner, "nobody_at_all")
    owner.dispose()
    environment = os.environ | {"DATABASE_URL": owners_url, "INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET}
    said = {}
    for words in (("ledger", "verify"), ("database", "role")):
        command = [sys.executable, "-m", "flask", "--app", "wastetrack.app", *words]
        done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
        said[words[0]] = (done.returncode, "owns guarded tables" in done.stderr)
    assert said == {"ledger": (0, True), "database": (1, True)}


MORE = {
    "GRANT UPDATE (facts) ON ledger_events TO {role}": Power.CHANGE,
    "GRANT TRIGGER ON ledger_log TO {role}": Power.CHANGE,
    "GRANT CREATE ON SCHEMA public TO {role}": Power.CREATE,
    "GRANT SET ON PARAMETER session_replication_role TO {role}": Power.SILENCE,
    "GRANT {owner} TO {role}": Power.OWNER,
    "GRANT pg_write_server_files TO {role}": Power.SERVER,
    "GRANT pg_write_all_data TO {role}": Power.CHANGE,
    "ALTER FUNCTION refuse_ledger_change() OWNER TO {role}": Power.OWNER,
}


def test_a_role_that_was_given_more_is_noticed(on_postgresql, store, owners_url):
    names = {"role": store.url.username, "owner": make_url(owners_url).username}
    noticed = {}
    for also in MORE:
        with psycopg.connect(plain(owners_url)) as connection:
            connection.execute(also.format(**names))
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(names["role"])))
            with create_engine("postgresql+psycopg://", creator=lambda c=connection: c).connect() as as_the_role:
                noticed[also] = MORE[also] in roles.powers(as_the_role)
                as_the_role.rollback()
    assert noticed == dict.fromkeys(MORE, True)


def test_pages_and_readiness_say_when_the_role_has_more(on_postgresql, store, owners_url, signed_in):
    with psycopg.connect(plain(owners_url)) as connection:
        connection.execute(f"GRANT TRIGGER ON ledger_log TO {store.url.username}")
    browser = signed_in("audit_admin", "en")
    assert str(Power.CHANGE.label) in browser.get("/ledger").text
    assert browser.get("/readyz").get_json()["warnings"] == ["database role could lift the ledger's guards"]


def test_on_sqlite_there_is_no_role_to_grant(store):
    if store.dialect.name == "sqlite":
        with pytest.raises(Refusal, match=r"roles\.sqlite"):
            roles.grant(store, "site")
