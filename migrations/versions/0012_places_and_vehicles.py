"""Stores of all kinds with their own time limits."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STORES = (
    "medical_store", "cold_store", "warehouse", "yard", "pool", "tank_farm", "storage_point", "station_store",
    "hub_store", "plant_store",
)  # fmt: skip
LIMITS = ("H-01", "H-05", "H-06", "H-18", "LOCAL", "M-04", "S-03", "S-04")
ENTERED = ("container.store", "container.accept", "container.hand_in", "container.take_back", "container.unload")


def upgrade() -> None:
    """Make room for them."""
    _stores()
    _alerts()
    _containers()


def _stores() -> None:
    with op.batch_alter_table("facilities") as table:
        table.drop_constraint("facilitykind", type_="check")
        table.create_check_constraint("facilitykind", sa.column("kind").in_(STORES))
        table.add_column(sa.Column("volume_limit_l", sa.Integer(), nullable=True))
        table.add_column(sa.Column("has_time_limits", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("recount_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_facilities_recount",
        "facilities",
        ["recount_at"],
        unique=False,
        sqlite_where=sa.text("recount_at IS NOT NULL"),
        postgresql_where=sa.text("recount_at IS NOT NULL"),
    )
    op.create_table(
        "store_time_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("document_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_store_time_limits_hours_are_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_store_time_limits_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_store_time_limits_facility_id_facilities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_time_limits")),
        sa.UniqueConstraint("facility_id", "number", name=op.f("uq_store_time_limits_facility_id_number")),
    )
    op.create_index(
        op.f("ix_store_time_limits_organisation_id"), "store_time_limits", ["organisation_id"], unique=False
    )


def _alerts() -> None:
    with op.batch_alter_table("alerts") as table:
        table.drop_constraint("limit", type_="check")
        table.create_check_constraint("limit", sa.column("limit").in_(LIMITS))


def _containers() -> None:
    """Since when each stands with its holder is in its stream: what was the last act that brought it into a store."""
    op.add_column("containers", sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    bind = op.get_bind()
    containers = sa.table(
        "containers", sa.column("id", sa.Uuid()), sa.column("state"), sa.column("entered_at", sa.DateTime(True))
    )
    events = sa.table(
        "ledger_events", sa.column("stream"), sa.column("kind"), sa.column("occurred_at", sa.DateTime(True))
    )
    for one in bind.execute(sa.select(containers.c.id).where(containers.c.state == "stored")).scalars().all():
        last = sa.select(sa.func.max(events.c.occurred_at, type_=sa.DateTime(True))).where(
            events.c.stream == f"container:{one}", events.c.kind.in_(ENTERED)
        )
        entered = bind.execute(last).scalar()
        bind.execute(containers.update().where(containers.c.id == one).values(entered_at=entered))
