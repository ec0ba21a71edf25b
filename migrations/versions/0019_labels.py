"""Prints of labels with their copies, printers, what each person chose last, and blank labels."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FORMATS = (
    "tag_80x60", "tag_60x40", "tag_40x30", "tag_100x100", "tag_2x4", "tag_2x5", "tag_3x7", "tag_3x8", "tag_4x10",
    "label_as_asked", "label_100", "label_150", "label_200", "label_a4", "sticker_40x30", "sticker_60x40",
    "sticker_3x8", "sticker_4x10",
)  # fmt: skip
REASONS = ("lost", "damaged", "misprint", "changed", "larger", "further", "other")
STATES = ("working", "done", "stopped")


def upgrade() -> None:
    """Make room for them."""
    with op.batch_alter_table("containers") as table:
        table.add_column(sa.Column("label_copies", sa.Integer(), server_default="0", nullable=False))
    _blanks()
    _printers()
    _prints()


def _list(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _blanks() -> None:
    op.create_table(
        "blank_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("format", _list(FORMATS, "labelformat"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_blank_batches_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"], name=op.f("fk_blank_batches_issued_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blank_batches")),
    )
    op.create_index(op.f("ix_blank_batches_organisation_id"), "blank_batches", ["organisation_id"], unique=False)
    op.create_table(
        "blank_labels",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["blank_batches.id"], name=op.f("fk_blank_labels_batch_id_blank_batches")
        ),
        sa.ForeignKeyConstraint(
            ["container_id"], ["containers.id"], name=op.f("fk_blank_labels_container_id_containers")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_blank_labels")),
        sa.UniqueConstraint("container_id", name=op.f("uq_blank_labels_container_id")),
    )
    op.create_index(op.f("ix_blank_labels_batch_id"), "blank_labels", ["batch_id"], unique=False)


def _printers() -> None:
    op.create_table(
        "label_printers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("right_tenths", sa.Integer(), nullable=False),
        sa.Column("down_tenths", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "abs(right_tenths) <= 100 AND abs(down_tenths) <= 100", name=op.f("ck_label_printers_shift_is_small")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_label_printers_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_printers")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_label_printers_organisation_id_name")),
    )
    op.create_table(
        "label_choices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("medical", _list(FORMATS, "medical"), nullable=False),
        sa.Column("other", _list(FORMATS, "other"), nullable=False),
        sa.Column("printer_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_choices_user_id_users")),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["label_printers.id"], name=op.f("fk_label_choices_printer_id_label_printers")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_label_choices")),
    )


def _prints() -> None:
    op.create_table(
        "label_prints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", _list(STATES, "printstate"), nullable=False),
        sa.Column("medical", _list(FORMATS, "medical"), nullable=False),
        sa.Column("other", _list(FORMATS, "other"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("right_tenths", sa.Integer(), nullable=False),
        sa.Column("down_tenths", sa.Integer(), nullable=False),
        sa.Column("reason", _list(REASONS, "reprintreason"), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_label_prints_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_prints_user_id_users")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["blank_batches.id"], name=op.f("fk_label_prints_batch_id_blank_batches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_prints")),
        sa.UniqueConstraint("act_key", name=op.f("uq_label_prints_act_key")),
    )
    op.create_index(op.f("ix_label_prints_organisation_id"), "label_prints", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_label_prints_created_at"), "label_prints", ["created_at"], unique=False)
    op.create_index(op.f("ix_label_prints_batch_id"), "label_prints", ["batch_id"], unique=False)
    op.create_table(
        "label_copies",
        sa.Column("print_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["print_id"], ["label_prints.id"], name=op.f("fk_label_copies_print_id_label_prints")),
        sa.ForeignKeyConstraint(
            ["container_id"], ["containers.id"], name=op.f("fk_label_copies_container_id_containers")
        ),
        sa.PrimaryKeyConstraint("print_id", "number", name=op.f("pk_label_copies")),
    )
    op.create_index(op.f("ix_label_copies_container_id"), "label_copies", ["container_id"], unique=False)
