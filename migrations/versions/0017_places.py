"""Limits of regions and counts of stores."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ALERTS = (
    "H-01", "H-05", "H-06", "H-07", "H-18", "LOCAL", "M-04", "P-01", "S-01", "S-02", "S-03", "S-04", "S-09",
)  # fmt: skip
GROUPS = ("institution", "plant", "plant_cold", "other")
PRESENCE = ("open", "proven", "unproven")


def upgrade() -> None:
    """Make room for them."""
    _presence()
    _limits()
    with op.batch_alter_table("alerts") as table:
        table.drop_constraint("limit", type_="check")
        table.create_check_constraint("limit", sa.column("limit").in_(ALERTS))
    op.drop_index("ix_containers_producer", "containers")
    op.create_index(
        "ix_containers_producer", "containers", ["producer_id", "registered_at", "mass_g", "state"], unique=False
    )
    op.add_column("imports", sa.Column("file_gone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("containers", sa.Column("volume_l", sa.Integer(), nullable=True))
    op.add_column("containers", sa.Column("label_leave_by", sa.DateTime(timezone=True), nullable=True))


def _presence() -> None:
    """Let each leg say whether its driver stood at the store: of those that have left nobody ever asked."""
    with op.batch_alter_table("manifest_legs") as table:
        table.add_column(
            sa.Column(
                "presence",
                sa.Enum(*PRESENCE, name="presence", native_enum=False, create_constraint=True, length=32),
                server_default="open",
                nullable=False,
            )
        )
        table.add_column(sa.Column("presence_reason", sa.String(length=200), server_default="", nullable=False))
    op.execute("UPDATE manifest_legs SET presence = 'unproven' WHERE departed_at IS NOT NULL")
    op.create_index(
        "ix_manifest_legs_unverified",
        "manifest_legs",
        ["manifest_id"],
        unique=False,
        sqlite_where=sa.text("presence = 'unproven'"),
        postgresql_where=sa.text("presence = 'unproven'"),
    )


def _limits() -> None:
    """Let counties, cities and provinces set time limits."""
    op.create_table(
        "region_time_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "stores",
            sa.Enum(*GROUPS, name="storegroup", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("document_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("done_to", sa.Uuid(), nullable=True),
        sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("recount_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("hours > 0", name=op.f("ck_region_time_limits_hours_are_positive")),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_region_time_limits_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_time_limits")),
        sa.UniqueConstraint("region_code", "number", name=op.f("uq_region_time_limits_region_code_number")),
    )
