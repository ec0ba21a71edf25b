"""How alembic reaches the store: through the engine it is handed, one transaction for each migration."""

import importlib.util
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from wastetrack import features
from wastetrack.infra import outbox  # noqa: F401  (its table is one of the store's)
from wastetrack.infra.db import Base

# Importing a feature's models is what makes its tables known.
for feature in pkgutil.iter_modules(features.__path__):
    name = f"wastetrack.features.{feature.name}.models"
    if importlib.util.find_spec(name):
        importlib.import_module(name)


def run() -> None:
    """Migrate on the engine that `infra.migrate` passed in."""
    engine = context.config.attributes["engine"]
    with engine.execution_options(writes=True).connect() as connection, _tables_may_be_copied(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_plain_types,
            include_name=_ours,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _tables_may_be_copied(connection: Connection) -> Iterator[None]:
    """Let SQLite replace a table that others refer to: it can change one only by copying it and dropping the old.

    That is how SQLite itself tells to do it (https://www.sqlite.org/lang_altertable.html, section 7): the references
    are not enforced meanwhile, and all of them are checked at the end.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    # Past SQLAlchemy, because within a transaction the switch does nothing.
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"after the migration rows refer to nothing: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    # The queue keeps its own tables (infra.jobs); none of our models speaks of them.
    return not (kind == "table" and str(name).startswith("huey_"))


def _plain_types(kind: str, item: object, _autogen_context: object) -> str | bool:
    # A revision must not depend on our own types, which may be gone in three years.
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


run()
