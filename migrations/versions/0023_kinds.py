"""Rules by kind: zones of stores, double bags, how full, what a load was damaged by."""

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Still empty: filled in with what it is for."""
