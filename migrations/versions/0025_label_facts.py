"""What the label of a hazardous waste says further: its main components and what to mind."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for both; containers that were registered before keep them empty, as their labels are."""
    with op.batch_alter_table("containers") as table:
        table.add_column(sa.Column("components", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("precautions", sa.String(length=200), nullable=False, server_default=""))
