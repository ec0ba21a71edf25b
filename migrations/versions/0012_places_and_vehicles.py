"""Stores of all kinds with their own time limits, and trailers beside tractors."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
