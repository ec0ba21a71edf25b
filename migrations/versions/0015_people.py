"""Acting for another by mandate; the management of an organisation handed over, and where nobody has it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("own_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("signs", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            _words("mandatestate", "offered", "accepted", "declined", "withdrawn", "given_back", "ended"),
            nullable=False,
        ),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        _moment("given_at"),
        _moment("accepted_at", nullable=True),
        _moment("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        _to("mandates", "organisation_id", "organisations"),
        _to("mandates", "own_organisation_id", "organisations"),
        _to("mandates", "user_id", "users"),
        _to("mandates", "given_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    op.create_index("ix_mandates_organisation_id", "mandates", ["organisation_id", "id"], unique=False)
    going = sa.text("state in ('offered', 'accepted')")
    op.create_index("ix_mandates_open", "mandates", ["user_id"], sqlite_where=going, postgresql_where=going)
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("leaver_id", sa.Uuid(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("keeps", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", _words("handoverstate", "open", "accepted", "refused", "withdrawn"), nullable=False),
        _moment("asked_at"),
        _moment("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        _to("handovers", "organisation_id", "organisations"),
        _to("handovers", "leaver_id", "users"),
        _to("handovers", "successor_id", "users"),
        _to("handovers", "asked_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    still = sa.text("state = 'open'")
    op.create_index(
        "uq_handovers_open", "handovers", ["organisation_id"], unique=True, sqlite_where=still, postgresql_where=still
    )
    op.create_index("ix_handovers_successor", "handovers", ["successor_id"], sqlite_where=still, postgresql_where=still)
    op.create_table(
        "manager_gaps",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _moment("since"),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _to("manager_gaps", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_manager_gaps")),
    )
    op.add_column("sign_ins", sa.Column("mandate_id", sa.Uuid(), nullable=True))
    # Not in a batch: SQLite would make the table anew and lose the triggers that keep the record from change.
    op.add_column("audit_entries", sa.Column("mandate_id", sa.Uuid(), nullable=True))
    op.add_column("audit_entries", sa.Column("own_organisation", sa.String(length=200), nullable=True))
    op.add_column("manifests", sa.Column("signed_mandate_id", sa.Uuid(), nullable=True))
    op.add_column("manifests", sa.Column("confirmed_mandate_id", sa.Uuid(), nullable=True))
