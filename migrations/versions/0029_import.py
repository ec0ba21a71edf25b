"""Containers come from files, too; a file that somebody sent for his organisation is that organisation's."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KINDS = ("organisations", "sites", "vehicles", "crew", "licences", "users", "containers")


def upgrade() -> None:
    """Admit the kind. The files so far were sent by administrators, for nobody's organisation."""
    with op.batch_alter_table("imports") as table:
        table.drop_constraint("importkind", type_="check")
        table.create_check_constraint("importkind", sa.column("kind").in_(KINDS))
        table.add_column(sa.Column("organisation_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_imports_organisation_id_organisations"), "organisations", ["organisation_id"], ["id"]
        )
        table.create_index(op.f("ix_imports_organisation_id"), ["organisation_id"])
