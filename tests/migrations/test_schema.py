"""The migrations lead to what the models say, one after the other, on both stores."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Enum, inspect

from wastetrack.infra import migrate
from wastetrack.infra.db import Base


def test_the_migrated_store_is_what_the_models_say(store: Engine) -> None:
    with store.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True, "include_name": ours}
        )
        assert compare_metadata(context, Base.metadata) == []


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell tables apart from those that the queue keeps for itself on PostgreSQL."""
    return not (kind == "table" and str(name).startswith("huey_"))


def test_a_store_that_was_migrated_is_current(store: Engine) -> None:
    assert migrate.is_current(store)


def test_migrations_stand_in_one_row() -> None:
    numbers = [one.revision for one in ScriptDirectory(str(migrate.FOLDER)).walk_revisions()]
    assert numbers == [f"{number:04}" for number in range(len(numbers), 0, -1)]


def test_the_store_admits_just_the_words_of_each_closed_list(store: Engine) -> None:
    look = inspect(store)
    wrong = {}
    for table in Base.metadata.sorted_tables:
        held = " ".join(one["sqltext"] for one in look.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, Enum) and (missing := [w for w in column.type.enums if f"'{w}'" not in held]):
                wrong[f"{table.name}.{column.name}"] = missing
    assert wrong == {}
