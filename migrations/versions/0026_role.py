"""The ledger's guards hold for the application's own database role."""

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Still empty: filled in with what it is for."""
