"""How alembic reaches the store: through the engine it is handed, one transaction for each migration."""

import importlib.util
import pkgutil

from alembic import context

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
    with engine.execution_options(writes=True).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_plain_types,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


def _plain_types(kind: str, item: object, _autogen_context: object) -> str | bool:
    # A revision must not depend on our own types, which may be gone in three years.
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


run()
