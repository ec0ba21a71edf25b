"""Large boxes (大箱): what holds containers, and reusable ones with their cleanings."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATES = ("sealed", "stored", "packed", "opened", "loaded", "refused", "missing", "treated", "repacked", "void")
SUBJECTS = ("facility", "organisation", "container", "manifest", "vehicle", "box")
KINDS = ("turnover_box", "drum", "pallet", "carton")
BOX_STATES = ("ready", "open", "closed", "loaded", "dirty", "retired")
UNCLEAN = sa.text("unclean_since IS NOT NULL")


def upgrade() -> None:
    """Make room for them."""
    _boxes()
    _cleanings()
    with op.batch_alter_table("containers") as table:
        table.drop_constraint("state", type_="check")
        table.create_check_constraint("state", sa.column("state").in_(STATES))
        table.add_column(sa.Column("box_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_containers_box_id_boxes"), "boxes", ["box_id"], ["id"])
        table.create_check_constraint("packed_in_a_box", "state <> 'packed' OR box_id IS NOT NULL")
    op.create_index(op.f("ix_containers_box_id"), "containers", ["box_id"], unique=False)
    with op.batch_alter_table("alerts") as table:
        table.drop_constraint("subject", type_="check")
        table.create_check_constraint("subject", sa.column("subject").in_(SUBJECTS))


def _boxes() -> None:
    kind = sa.Enum(*KINDS, name="boxkind", native_enum=False, create_constraint=True, length=32)
    state = sa.Enum(*BOX_STATES, name="boxstate", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "boxes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("capacity_count", sa.Integer(), nullable=True),
        sa.Column("capacity_g", sa.BigInteger(), nullable=True),
        sa.Column("capacity_l", sa.Integer(), nullable=True),
        sa.Column("state", state, nullable=False),
        sa.Column("holder_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("holder_facility_id", sa.Uuid(), nullable=True),
        sa.Column("holder_leg_id", sa.Uuid(), nullable=True),
        sa.Column("holder_region_code", sa.String(length=12), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("unclean_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'retired' OR holder_organisation_id IS NOT NULL",
                           name=op.f("ck_boxes_live_has_a_holder")),
        sa.CheckConstraint("holder_facility_id IS NULL OR holder_leg_id IS NULL",
                           name=op.f("ck_boxes_one_place_at_a_time")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_boxes_not_in_itself")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisations.id"], name=op.f("fk_boxes_owner_id_organisations")),
        sa.ForeignKeyConstraint(["holder_organisation_id"], ["organisations.id"],
                                name=op.f("fk_boxes_holder_organisation_id_organisations")),
        sa.ForeignKeyConstraint(["holder_facility_id"], ["facilities.id"],
                                name=op.f("fk_boxes_holder_facility_id_facilities")),
        sa.ForeignKeyConstraint(["holder_leg_id"], ["manifest_legs.id"],
                                name=op.f("fk_boxes_holder_leg_id_manifest_legs")),
        sa.ForeignKeyConstraint(["holder_region_code"], ["regions.code"],
                                name=op.f("fk_boxes_holder_region_code_regions")),
        sa.ForeignKeyConstraint(["parent_id"], ["boxes.id"], name=op.f("fk_boxes_parent_id_boxes")),
        sa.ForeignKeyConstraint(["registered_by"], ["users.id"], name=op.f("fk_boxes_registered_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boxes")),
        sa.UniqueConstraint("code", name=op.f("uq_boxes_code")),
        sa.UniqueConstraint("registered_by", "act_key", name=op.f("uq_boxes_registered_by_act_key")),
    )  # fmt: skip
    for columns in (["owner_id"], ["holder_facility_id"], ["parent_id"]):
        op.create_index(op.f(f"ix_boxes_{'_'.join(columns)}"), "boxes", columns, unique=False)
    op.create_index("ix_boxes_held", "boxes", ["holder_organisation_id", "state"], unique=False)
    op.create_index("ix_boxes_unclean", "boxes", ["holder_organisation_id", "unclean_since"], unique=False,
                    sqlite_where=UNCLEAN, postgresql_where=UNCLEAN)  # fmt: skip


def _cleanings() -> None:
    op.create_table(
        "box_cleanings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.Uuid(), nullable=False),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_for", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name=op.f("fk_box_cleanings_box_id_boxes")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_box_cleanings_recorded_by_users")),
        sa.ForeignKeyConstraint(["recorded_for"], ["organisations.id"],
                                name=op.f("fk_box_cleanings_recorded_for_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_cleanings")),
    )  # fmt: skip
    op.create_index("ix_box_cleanings_box", "box_cleanings", ["box_id", "cleaned_at"], unique=False)
