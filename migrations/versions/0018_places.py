"""Limits of regions and counts of stores."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PRESENCE = ("open", "proven", "unproven")


def upgrade() -> None:
    """Make room for them."""
    _presence()


def _presence() -> None:
    """Let each leg say whether its driver stood at the store: of those that have left nobody ever asked."""
    with op.batch_alter_table("manifest_legs") as table:
        table.add_column(
            sa.Column(
                "presence",
                sa.Enum(*PRESENCE, name="presence", native_enum=False, create_constraint=True, length=32),
                server_default="open",
                nullable=False,
            )
        )
        table.add_column(sa.Column("presence_reason", sa.String(length=200), server_default="", nullable=False))
    op.execute("UPDATE manifest_legs SET presence = 'unproven' WHERE departed_at IS NOT NULL")
    op.create_index(
        "ix_manifest_legs_unverified",
        "manifest_legs",
        ["manifest_id"],
        unique=False,
        sqlite_where=sa.text("presence = 'unproven'"),
        postgresql_where=sa.text("presence = 'unproven'"),
    )
