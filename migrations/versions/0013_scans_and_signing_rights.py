"""Scans of papers by content, and who may sign for whom from when until when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "paper",
            sa.Enum("licence", "contract", "vehicle", "crew", "plan", name="paperkind", native_enum=False,
                    create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column(
            "file_type",
            sa.Enum("pdf", "jpeg", "png", name="filetype", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_scans_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )  # fmt: skip
    op.create_index(op.f("ix_scans_organisation_id"), "scans", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_scans_file_hash"), "scans", ["file_hash"], unique=False)
    op.create_index("ix_scans_paper", "scans", ["paper_id", "added_at"], unique=False)
