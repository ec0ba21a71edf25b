"""What a hazardous label says further, and blanks of it."""

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Still empty: filled in with what it is for."""
