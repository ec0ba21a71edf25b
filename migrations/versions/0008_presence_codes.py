"""The code on the wall of each store; those that are there already get theirs."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def upgrade() -> None:
    """Make the table and fill it."""
    table = op.create_table(
        "presence_codes",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_presence_codes_facility_id_facilities")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_presence_codes")),
    )
    op.create_index(op.f("ix_presence_codes_facility_id"), "presence_codes", ["facility_id"], unique=False)
    op.create_index(
        "uq_presence_codes_in_force",
        "presence_codes",
        ["facility_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    stores = op.get_bind().execute(sa.select(sa.column("id", sa.Uuid())).select_from(sa.table("facilities")))
    rows = [{"code": _new_code(), "facility_id": one, "issued_at": datetime.now(UTC)} for one in stores.scalars()]
    if rows:
        op.bulk_insert(table, rows)


def _new_code() -> str:
    """Fifteen random symbols and the check symbol, as `wastetrack.domain.presence_code` had them at this revision."""
    body = [secrets.randbelow(32) for _ in range(15)]
    value = 0
    for symbol in body:
        value = _times_alpha(value) ^ symbol
    return "".join(SYMBOLS[one] for one in [*body, _times_alpha(value)])


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
