"""From migration 0026 on signatures that were given before are guarded, and no session silences a guard."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.migrations.test_filled import ONE, ROWS, TWO
from wastetrack.features.ledger import queries
from wastetrack.infra import migrate
from wastetrack.infra.db import reader, writing

pytestmark = pytest.mark.store

BEFORE = "0025"
THREE = "0" * 31 + "3"
GIVEN = (
    "INSERT INTO signatures (id, stream, version, signature, user_id, name, organisation_id, roles, grant_id,"
    " agreement_version, language, shown, shown_hash, signed_hash, signed_at)"
    f" VALUES ('{{id}}', 'manifest:1', {{version}}, 'consignor', '{TWO}', '演示', '{ONE}', 'manager', '{THREE}',"
    " 1, 'zh-CN', '演示', '', '', '2026-11-23 04:00:00')"
)
FILLED = (
    *ROWS[:2],
    (
        "INSERT INTO users (id, username, name, password_hash, organisation_id, active, must_change_password,"
        f" created_at) VALUES ('{TWO}', 'demo', '演示', '', '{ONE}', true, false, '2026-03-01 01:00:00')"
    ),
    (
        "INSERT INTO signing_grants (id, user_id, organisation_id, signature, since, basis, origin, granted_at)"
        f" VALUES ('{THREE}', '{TWO}', '{ONE}', 'consignor', '2026-03-01', '', 'carried_over', '2026-03-01 01:00:00')"
    ),
    GIVEN.format(id="0" * 31 + "4", version=1),
)


@pytest.fixture
def migrated(empty: Engine) -> Engine:
    """A store with a signature in it from before the guards."""
    migrate.upgrade(empty, BEFORE)
    with writing(empty) as session:
        for row in FILLED:
            session.execute(text(row))
    migrate.upgrade(empty)
    return empty


@pytest.mark.parametrize("what", ["UPDATE signatures SET shown = ''", "DELETE FROM signatures", "TRUNCATE signatures"])
def test_a_signature_given_before_stays_as_it_is(migrated: Engine, what: str) -> None:
    sqlite = migrated.dialect.name == "sqlite"
    if sqlite and what.startswith("TRUNCATE"):
        what = GIVEN.replace("INSERT", "INSERT OR REPLACE").format(id="0" * 31 + "5", version=1)
    with pytest.raises(DBAPIError, match="cannot be"), writing(migrated) as session:
        session.execute(text(what))
    with writing(migrated) as session:  # another one is welcome
        session.execute(text(GIVEN.format(id="0" * 31 + "6", version=2)))


def test_all_guards_are_in_force_and_fire_even_in_a_session_that_silences_triggers(migrated: Engine) -> None:
    with reader(migrated) as session:
        assert queries.guards(session) >= queries.guards_wanted(session)
    if migrated.dialect.name == "sqlite":
        return
    silent = "SET LOCAL session_replication_role = replica; UPDATE signatures SET shown = ''"
    with pytest.raises(DBAPIError, match="cannot be"), writing(migrated) as session:
        session.connection().exec_driver_sql(silent)
