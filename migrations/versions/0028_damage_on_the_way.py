"""A container remembers that it was damaged on its way; a box on a manifest, which one took its place there."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: nothing was declared damaged so far."""
    op.add_column("containers", sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("containers", sa.Column("damage", sa.String(200), nullable=False, server_default=""))
    replaced_by = sa.Column(
        "replaced_by",
        sa.Uuid(),
        sa.ForeignKey("containers.id", name=op.f("fk_manifest_boxes_replaced_by_containers")),
        nullable=True,
    )
    op.add_column("manifest_boxes", replaced_by, inline_references=True)  # SQLite adds a reference in no other way
