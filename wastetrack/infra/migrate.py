"""Bringing a store to the schema of this code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from wastetrack.infra import jobs, roles

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration that the store lacks, and give the sites' roles what came with them."""
    command.upgrade(_config(engine), revision)
    jobs.make_tables(engine)
    roles.again(engine)


def revision(engine: Engine, words: str) -> None:
    """Write the next numbered migration from the difference between models and store."""
    config = _config(engine)
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    command.revision(config, words, autogenerate=True, rev_id=f"{number:04}")


def is_current(engine: Engine) -> bool:
    """Tell whether the store has the schema of this code."""
    heads = ScriptDirectory.from_config(_config(engine)).get_heads()
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)
