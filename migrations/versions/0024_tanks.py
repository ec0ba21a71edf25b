"""Tanks and pools: bulk waste by level or metered quantity."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SHAPES = ("upright", "box", "table")
METERS = ("none", "litre", "kilogram")
STATES = ("empty", "in_use", "closed")
ENTRIES = ("set_up", "changed", "inflow", "level", "outflow", "correction", "filled", "cleaned", "closed")
ORIGINS = ("measured", "metered", "estimated", "manual")
DESTINATIONS = ("handed_over", "treated", "other_store")
ALERTS = (
    "H-01", "H-05", "H-06", "H-07", "H-18", "LOCAL", "M-04", "P-01", "S-01", "S-02", "S-03", "S-04", "S-09",
    "TANK", "TANK-80",
)  # fmt: skip
SUBJECTS = ("facility", "organisation", "container", "manifest", "vehicle", "box", "tank")


def upgrade() -> None:
    """Make the tables; alarms can be about a tank."""
    _tanks()
    _entries()
    with op.batch_alter_table("alerts") as table:
        table.drop_constraint("limit", type_="check")
        table.create_check_constraint("limit", sa.column("limit").in_(ALERTS))
        table.drop_constraint("subject", type_="check")
        table.create_check_constraint("subject", sa.column("subject").in_(SUBJECTS))


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _tanks() -> None:
    op.create_table(
        "tanks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("hazards", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("harmful", sa.String(length=200), nullable=False),
        sa.Column("shape", _words("shape", SHAPES), nullable=False),
        sa.Column("diameter_mm", sa.Integer(), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("calibration", sa.Text(), nullable=False),
        sa.Column("usable_l", sa.Integer(), nullable=False),
        sa.Column("density_g_l", sa.Integer(), nullable=False),
        sa.Column("high_percent", sa.Integer(), nullable=False),
        sa.Column("meter", _words("meterunit", METERS), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("content_g", sa.BigInteger(), nullable=False),
        sa.Column("level_mm", sa.Integer(), nullable=True),
        sa.Column("level_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", _words("tankstate", STATES), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("content_g >= 0", name=op.f("ck_tanks_content_is_not_negative")),
        sa.CheckConstraint("usable_l > 0 AND density_g_l > 0", name=op.f("ck_tanks_measures_are_positive")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_tanks_facility_id_facilities")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_tanks_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tanks")),
        sa.UniqueConstraint("code", name=op.f("uq_tanks_code")),
        sa.UniqueConstraint("organisation_id", "act_key", name=op.f("uq_tanks_organisation_id_act_key")),
        sa.UniqueConstraint("facility_id", "number", name=op.f("uq_tanks_facility_id_number")),
    )
    op.create_index("ix_tanks_organisation", "tanks", ["organisation_id", "number"], unique=False)


def _entries() -> None:
    op.create_table(
        "tank_entries",
        sa.Column("tank_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entry", _words("entry", ENTRIES), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("origin", _words("origin", ORIGINS), nullable=True),
        sa.Column("change_g", sa.BigInteger(), nullable=False),
        sa.Column("after_g", sa.BigInteger(), nullable=False),
        sa.Column("volume_ml", sa.BigInteger(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=True),
        sa.Column("level_mm", sa.Integer(), nullable=True),
        sa.Column("destination", _words("destination", DESTINATIONS), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"], ["containers.id"], name=op.f("fk_tank_entries_container_id_containers")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_tank_entries_recorded_by_users")),
        sa.ForeignKeyConstraint(["tank_id"], ["tanks.id"], name=op.f("fk_tank_entries_tank_id_tanks")),
        sa.PrimaryKeyConstraint("tank_id", "seq", name=op.f("pk_tank_entries")),
    )
    op.create_index("ix_tank_entries_moment", "tank_entries", ["tank_id", "occurred_at", "seq"], unique=False)
    op.create_index("ix_tank_entries_day", "tank_entries", ["tank_id", "day"], unique=False)
    op.create_index(op.f("ix_tank_entries_container_id"), "tank_entries", ["container_id"], unique=False)
