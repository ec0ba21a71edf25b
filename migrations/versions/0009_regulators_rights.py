"""Regulators may inspect, approve and command beside seeing: three more roles."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROLES = (
    "collector", "manager", "clinic", "driver", "attendant", "operator", "regulator", "inspector", "approver",
    "commander", "system_admin", "security_admin", "audit_admin",
)  # fmt: skip


def upgrade() -> None:
    """Admit them."""
    with op.batch_alter_table("user_roles") as table:
        table.drop_constraint("role", type_="check")
        table.create_check_constraint("role", sa.column("role").in_(ROLES))
