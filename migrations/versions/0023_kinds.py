"""Rules by kind: zones of stores, double bags of isolated patients, what is fuller than three quarters."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ISOLATIONS = ("isolation", "epidemic")


def upgrade() -> None:
    """Make the zones; containers and their stays may be in one; containers say how they were filled."""
    op.create_table(
        "store_zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_store_zones_facility_id_facilities")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_store_zones_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_zones")),
        sa.UniqueConstraint("facility_id", "name", name=op.f("uq_store_zones_facility_id_name")),
    )
    op.create_index(op.f("ix_store_zones_organisation_id"), "store_zones", ["organisation_id"], unique=False)
    op.drop_index("ix_containers_standing", table_name="containers")
    with op.batch_alter_table("containers") as table:
        table.add_column(sa.Column("zone_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_containers_zone_id_store_zones"), "store_zones", ["zone_id"], ["id"])
        isolation = sa.Enum(*ISOLATIONS, name="isolation", native_enum=False, create_constraint=True, length=32)
        table.add_column(sa.Column("isolation", isolation, nullable=True))
        table.add_column(sa.Column("overfull", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.create_check_constraint("zone_of_a_store", "zone_id IS NULL OR holder_facility_id IS NOT NULL")
    standing = sa.text("holder_facility_id IS NOT NULL")
    op.create_index(
        "ix_containers_standing",
        "containers",
        ["holder_facility_id", "must_leave_by"],
        unique=False,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    with op.batch_alter_table("container_stays") as table:
        table.add_column(sa.Column("zone_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_container_stays_zone_id_store_zones"), "store_zones", ["zone_id"], ["id"])
