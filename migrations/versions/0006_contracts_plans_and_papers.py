"""Contracts and management plans; permits and exemptions beside the licences; vehicles fit for medical waste."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; licences are of more kinds and say how far they go."""
    op.create_table(
        "contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_contracts_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["organisations.id"], name=op.f("fk_contracts_partner_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint(
            "organisation_id", "partner_id", "number", name=op.f("uq_contracts_organisation_id_partner_id_number")
        ),
    )
    op.create_index(op.f("ix_contracts_organisation_id"), "contracts", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_contracts_partner_id"), "contracts", ["partner_id"], unique=False)
    op.create_table(
        "management_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_management_plans_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_management_plans")),
        sa.UniqueConstraint(
            "organisation_id", "year", "version", name=op.f("uq_management_plans_organisation_id_year_version")
        ),
    )
    op.create_index(op.f("ix_management_plans_organisation_id"), "management_plans", ["organisation_id"], unique=False)
    op.create_table(
        "planned_wastes",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["management_plans.id"], name=op.f("fk_planned_wastes_plan_id_management_plans")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["organisations.id"], name=op.f("fk_planned_wastes_receiver_id_organisations")
        ),
        sa.PrimaryKeyConstraint("plan_id", "position", name=op.f("pk_planned_wastes")),
    )
    op.create_index(op.f("ix_planned_wastes_receiver_id"), "planned_wastes", ["receiver_id"], unique=False)
    _licences()
    op.add_column("vehicles", sa.Column("medical", sa.Boolean(), server_default=sa.false(), nullable=False))


def _licences() -> None:
    """Let a licence be of more kinds, and say of those that stand how far they go: without modes only collecting."""
    kinds = ("operating", "transport", "pollution", "small_source", "point_to_point")
    with op.batch_alter_table("licences") as table:
        table.drop_constraint("licencekind", type_="check")
        table.create_check_constraint("licencekind", sa.column("kind").in_(kinds))
        coverage = sa.Enum(
            "comprehensive", "collection", name="coverage", native_enum=False, create_constraint=True, length=32
        )
        table.add_column(sa.Column("coverage", coverage, nullable=True))
        table.add_column(sa.Column("basis", sa.String(length=200), server_default="", nullable=False))
        table.add_column(sa.Column("source_id", sa.Uuid(), nullable=True))
        table.create_index(op.f("ix_licences_source_id"), ["source_id"], unique=False)
        table.create_foreign_key(op.f("fk_licences_source_id_organisations"), "organisations", ["source_id"], ["id"])
    op.execute(
        "UPDATE licences SET coverage = CASE WHEN modes = '' THEN 'collection' ELSE 'comprehensive' END"
        " WHERE kind = 'operating'"
    )
