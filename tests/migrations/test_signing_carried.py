"""Whoever signed by his role before authority was granted apart from it may go on; nobody else may."""

import pytest
from sqlalchemy import Engine, text

from tests.migrations.test_filled import ONE, ROWS
from wastetrack.infra import migrate

BEFORE = "0015"
PEOPLE = {"manager": ("manager",), "both": ("driver", "attendant"), "collector": ("collector",), "nobody": ()}


@pytest.fixture
def old_store(empty: Engine) -> Engine:
    """A store from before, with people of an organisation in it."""
    migrate.upgrade(empty, BEFORE)
    with empty.execution_options(writes=True).begin() as connection:
        for row in ROWS[:2]:
            connection.execute(text(row))
        for number, (name, roles) in enumerate(PEOPLE.items(), start=1):
            user_id = f"{number:032}"
            # At 20:00 in Greenwich the next day has begun in China.
            connection.execute(text(
                "INSERT INTO users (id, username, name, password_hash, organisation_id, active, must_change_password,"
                f" created_at) VALUES ('{user_id}', '{name}', '演示', '', '{ONE}', true, false, '2026-03-01 20:00:00')"
            ))  # fmt: skip
            for role in roles:
                connection.execute(text(f"INSERT INTO user_roles (user_id, role) VALUES ('{user_id}', '{role}')"))
    return empty


@pytest.mark.store
def test_the_roles_that_sign_are_carried_over_from_the_day_of_the_account(old_store: Engine) -> None:
    migrate.upgrade(old_store)
    with old_store.connect() as connection:
        query = text(
            "SELECT username, signature, since, until, origin, granted_by FROM signing_grants"
            " JOIN users ON users.id = signing_grants.user_id ORDER BY username, signature"
        )
        found = [(*row[:2], str(row[2]), *row[3:]) for row in connection.execute(query)]
        rest = ("2026-03-02", None, "carried_over", None)
        assert found == [
            ("both", "carrier", *rest),
            ("both", "consignor", *rest),
            ("both", "station", *rest),
            ("manager", "consignor", *rest),
        ]
        assert connection.scalar(text("SELECT count(*) FROM ledger_events")) == 0, "an upgrade writes no history"
