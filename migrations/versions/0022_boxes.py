"""Large boxes (大箱): what holds containers, and reusable ones with their cleanings."""

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Still empty: filled in with what it is for."""
