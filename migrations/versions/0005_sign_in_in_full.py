"""The security policy, second factors, past passwords; failures count by origin, sessions know when they were proven.

Sessions and counted failures are of the moment: both tables are made anew, and everybody signs in once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"))


def upgrade() -> None:
    """Make the tables."""
    op.add_column("users", _moment("password_changed_at", nullable=True))
    op.create_table(
        "past_passwords",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _moment("set_at"),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        _of_user("past_passwords"),
        sa.PrimaryKeyConstraint("user_id", "set_at", name=op.f("pk_past_passwords")),
    )
    op.create_table(
        "security_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passwords", _words("passwordrules", "classified_protection", "modern"), nullable=False),
        sa.Column("change_after_days", sa.Integer(), nullable=False),
        sa.Column("remembered", sa.Integer(), nullable=False),
        sa.Column("least_length", sa.Integer(), nullable=False),
        sa.Column("second_factor", _words("secondfactorrule", "required", "offered"), nullable=False),
        sa.Column("signing_minutes", sa.Integer(), nullable=False),
        _moment("changed_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_security_policy_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_policy")),
    )
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        _moment("created_at"),
        _moment("confirmed_at", nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        _of_user("second_factors"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        _of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "mark", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "pending_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_mark", sa.String(length=64), nullable=False),
        _moment("expires_at"),
        _of_user("pending_sign_ins"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pending_sign_ins")),
    )
    op.create_index(op.f("ix_pending_sign_ins_expires_at"), "pending_sign_ins", ["expires_at"], unique=False)
    op.create_index(op.f("ix_pending_sign_ins_user_id"), "pending_sign_ins", ["user_id"], unique=False)
    op.drop_table("failed_sign_ins")
    op.create_table(
        "failed_sign_ins",
        sa.Column("username_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("locked_until", nullable=True),
        sa.PrimaryKeyConstraint("username_hash", "origin", name=op.f("pk_failed_sign_ins")),
    )
    op.create_index(op.f("ix_failed_sign_ins_last_at"), "failed_sign_ins", ["last_at"], unique=False)
    op.drop_table("sign_ins")
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("expires_at"),
        sa.Column("device", sa.String(length=200), nullable=False),
        _moment("proven_at"),
        sa.Column("assurance", _words("assurance", "password", "password_code"), nullable=False),
        _of_user("sign_ins"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)
