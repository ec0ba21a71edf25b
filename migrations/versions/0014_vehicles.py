"""Tractors with trailers; vehicles that are cleaned after medical waste; plans that are watched."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LIMITS = ("H-01", "H-05", "H-06", "H-07", "H-18", "LOCAL", "M-04", "P-01", "S-03", "S-04")
SUBJECTS = ("facility", "organisation", "container", "manifest", "vehicle")


def upgrade() -> None:
    """Make room for them."""
    _vehicles()
    _legs()
    _cleanings()
    with op.batch_alter_table("alerts") as table:
        table.drop_constraint("limit", type_="check")
        table.create_check_constraint("limit", sa.column("limit").in_(LIMITS))
        table.drop_constraint("subject", type_="check")
        table.create_check_constraint("subject", sa.column("subject").in_(SUBJECTS))


def _vehicles() -> None:
    """Say of those that stand what they are: a trailer by its 挂, else a truck. A tractor has no load of its own."""
    kind = sa.Enum(
        "truck", "tractor", "trailer", name="vehiclekind", native_enum=False, create_constraint=True, length=32
    )
    with op.batch_alter_table("vehicles") as table:
        table.add_column(sa.Column("kind", kind, server_default="truck", nullable=False))
        table.add_column(sa.Column("unclean_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=True))
        table.alter_column("capacity_g", existing_type=sa.BigInteger(), nullable=True)
    op.execute("UPDATE vehicles SET kind = 'trailer' WHERE plate LIKE '%挂'")
    op.create_index(
        "ix_vehicles_unclean",
        "vehicles",
        ["organisation_id", "unclean_since"],
        unique=False,
        sqlite_where=sa.text("unclean_since IS NOT NULL"),
        postgresql_where=sa.text("unclean_since IS NOT NULL"),
    )


def _legs() -> None:
    with op.batch_alter_table("manifest_legs") as table:
        table.add_column(sa.Column("trailer_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("unloaded_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index(op.f("ix_manifest_legs_trailer_id"), ["trailer_id"], unique=False)
        table.create_foreign_key(op.f("fk_manifest_legs_trailer_id_vehicles"), "vehicles", ["trailer_id"], ["id"])


def _cleanings() -> None:
    op.create_table(
        "vehicle_cleanings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_for", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_vehicle_cleanings_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_for"], ["organisations.id"], name=op.f("fk_vehicle_cleanings_recorded_for_organisations")
        ),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_vehicle_cleanings_vehicle_id_vehicles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_cleanings")),
    )
    op.create_index(
        op.f("ix_vehicle_cleanings_organisation_id"), "vehicle_cleanings", ["organisation_id"], unique=False
    )
    op.create_index("ix_vehicle_cleanings_vehicle", "vehicle_cleanings", ["vehicle_id", "cleaned_at"], unique=False)
