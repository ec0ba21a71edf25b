"""Organisations in full: what they are registered with, and those that ask to be admitted."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
