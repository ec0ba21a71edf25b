"""Inspections with their findings, and orders of the command."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _term(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make room for them."""
    _inspections()
    _findings()
    _orders()


def _inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("inspected_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_region_code", sa.String(length=12), nullable=False),
        sa.Column("presence", _term("presence", "proven", "not_proven"), nullable=False),
        sa.Column("presence_reason", sa.String(length=200), nullable=False),
        sa.Column("met", sa.String(length=60), nullable=False),
        sa.Column("looked_at", sa.String(length=500), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_inspections_withdrawn_by_somebody")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_inspections_facility_id_facilities")),
        sa.ForeignKeyConstraint(["inspector_id"], ["users.id"], name=op.f("fk_inspections_inspector_id_users")),
        sa.ForeignKeyConstraint(
            ["inspector_region_code"], ["regions.code"], name=op.f("fk_inspections_inspector_region_code_regions")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_inspections_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_inspections_region_code_regions")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_inspections_site_id_sites")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["users.id"], name=op.f("fk_inspections_withdrawn_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("inspector_id", "act_key", name=op.f("uq_inspections_inspector_id_act_key")),
    )
    op.create_index("ix_inspections_inspected_at", "inspections", ["inspected_at"], unique=False)
    op.create_index("ix_inspections_organisation", "inspections", ["organisation_id", "inspected_at"], unique=False)
    op.create_index("ix_inspections_region", "inspections", ["region_code", "inspected_at"], unique=False)


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _term(
                "findingkind",
                "label",
                "over_time",
                "over_quantity",
                "mixed",
                "not_sealed",
                "register",
                "papers",
                "cleaning",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state", _term("findingstate", "open", "answered", "sent_back", "confirmed", "on_the_spot"), nullable=False
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(due_on IS NULL) = (state = 'on_the_spot')", name=op.f("ck_findings_due_or_done")),
        sa.CheckConstraint("container_id IS NULL OR manifest_id IS NULL", name=op.f("ck_findings_one_code")),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name=op.f("fk_findings_container_id_containers")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_findings_inspection_id_inspections")
        ),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name=op.f("fk_findings_manifest_id_manifests")),
        sa.PrimaryKeyConstraint("inspection_id", "position", name=op.f("pk_findings")),
    )
    unsettled = sa.text("state IN ('open', 'answered', 'sent_back')")
    op.create_index(
        "ix_findings_unsettled",
        "findings",
        ["state", "due_on"],
        unique=False,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column(
            "all_of",
            _term(
                "organisationkind",
                "hospital",
                "clinic",
                "enterprise",
                "laboratory",
                "station",
                "hub",
                "carrier",
                "disposer",
                "authority",
            ),
            nullable=True,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("answer_by", _MOMENT, nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=False),
        sa.Column("state", _term("orderstate", "in_force", "ended", "withdrawn"), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'in_force') = (closed_at IS NULL)", name=op.f("ck_orders_closed_or_in_force")),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_orders_closed_by_users")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_orders_given_by_users")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_orders_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("given_by", "act_key", name=op.f("uq_orders_given_by_act_key")),
    )
    op.create_index("ix_orders_given_at", "orders", ["given_at"], unique=False)
    op.create_index("ix_orders_region", "orders", ["region_code", "given_at"], unique=False)
    op.create_table(
        "order_addressees",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", _MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("carried_out_at", _MOMENT, nullable=True),
        sa.Column("carried_out_by", sa.Uuid(), nullable=True),
        sa.Column("report", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["users.id"], name=op.f("fk_order_addressees_acknowledged_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["carried_out_by"], ["users.id"], name=op.f("fk_order_addressees_carried_out_by_users")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_addressees_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_order_addressees_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("order_id", "organisation_id", name=op.f("pk_order_addressees")),
    )
    op.create_index(
        "ix_order_addressees_organisation", "order_addressees", ["organisation_id", "order_id"], unique=False
    )
