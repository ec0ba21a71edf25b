"""A box that a station did not find at a hand-in remembers when its clinic found it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: nobody has said so yet."""
    op.add_column("hand_in_boxes", sa.Column("found_at", sa.DateTime(timezone=True), nullable=True))
