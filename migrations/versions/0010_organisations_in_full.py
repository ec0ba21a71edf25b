"""Organisations in full: what they are registered with, and those that ask to be admitted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = ("pending", "active", "suspended", "closed")
KNOWN = sa.text("state <> 'pending'")


def upgrade() -> None:
    """Make room for them."""
    _organisations()
    ordered = ("key", "simplified", "registration", "computed")
    op.create_table(
        "supervision_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("ordered", _term("ordered", ordered), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_supervision_decisions_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_decisions")),
    )
    op.create_index(op.f("ix_supervision_decisions_organisation_id"), "supervision_decisions", ["organisation_id"])
    states = ("open", "accepted", "refused", "withdrawn")
    op.create_table(
        "admission_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("state", _term("requeststate", states), nullable=False),
        sa.Column("manager_name", sa.String(length=60), nullable=False),
        sa.Column("manager_username", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_admission_requests_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission_requests")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_admission_requests_organisation_id")),
        sa.UniqueConstraint("reference_hash", name=op.f("uq_admission_requests_reference_hash")),
    )
    op.create_index(op.f("ix_admission_requests_state"), "admission_requests", ["state"])


def _organisations() -> None:
    """Let an organisation be pending, and more be said of it. A pending one takes no code away from another."""
    # SQLite copies the table and would lose what it cannot read back of it: so that is said again.
    kept = [sa.CheckConstraint("credit_code IS NOT NULL OR medical_licence_no IS NOT NULL", name="has_an_identity")]
    with op.batch_alter_table("organisations", table_args=kept) as table:
        table.drop_constraint("organisationstate", type_="check")
        table.create_check_constraint("organisationstate", sa.column("state").in_(STATES))
        table.drop_constraint(op.f("uq_organisations_credit_code"), type_="unique")
        table.drop_constraint(op.f("uq_organisations_medical_licence_no"), type_="unique")
        table.add_column(sa.Column("legal_representative", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("industry_code", sa.String(length=5), nullable=True))
        table.add_column(sa.Column("industry_name", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("latitude_e6", sa.Integer(), nullable=True))
        table.add_column(sa.Column("longitude_e6", sa.Integer(), nullable=True))
        table.create_check_constraint("both_coordinates", sa.text("(latitude_e6 IS NULL) = (longitude_e6 IS NULL)"))
    for column in ("credit_code", "medical_licence_no"):
        op.create_index(
            f"uq_organisations_{column}",
            "organisations",
            [column],
            unique=True,
            postgresql_where=KNOWN,
            sqlite_where=KNOWN,
        )


def _term(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
