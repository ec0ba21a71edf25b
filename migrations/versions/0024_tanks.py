"""Tanks and pools: bulk waste by level or metered quantity."""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Still empty: filled in with what it is for."""
