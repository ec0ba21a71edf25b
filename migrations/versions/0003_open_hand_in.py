"""A container remembers the one open hand-in it stands on, so that no manifest takes it meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, filled for what is declared and not yet received."""
    column = sa.Column(
        "hand_in_id",
        sa.Uuid(),
        sa.ForeignKey("hand_ins.id", name=op.f("fk_containers_hand_in_id_hand_ins")),
        nullable=True,
    )
    op.add_column("containers", column, inline_references=True)  # SQLite adds a reference in no other way
    op.execute(
        """UPDATE containers SET hand_in_id = (
            SELECT b.hand_in_id FROM hand_in_boxes b JOIN hand_ins h ON h.id = b.hand_in_id
            WHERE b.container_id = containers.id AND b.received_at IS NULL AND h.state = 'declared'
            ORDER BY h.declared_at DESC, h.id DESC LIMIT 1
        ) WHERE state IN ('sealed', 'stored') AND id IN (
            SELECT b.container_id FROM hand_in_boxes b JOIN hand_ins h ON h.id = b.hand_in_id
            WHERE b.received_at IS NULL AND h.state = 'declared'
        )"""
    )
