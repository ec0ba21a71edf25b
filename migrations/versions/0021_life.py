"""Containers are opened and repacked on the record, and what stood in a store at any past moment can be told."""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATES = ("sealed", "stored", "opened", "loaded", "refused", "missing", "treated", "repacked", "void")
STANDING = sa.text("holder_facility_id IS NOT NULL")


def upgrade() -> None:
    """Make room for them."""
    op.drop_index("ix_containers_standing", table_name="containers")
    with op.batch_alter_table("containers") as table:
        table.drop_constraint("state", type_="check")
        table.create_check_constraint("state", sa.column("state").in_(STATES))
        table.drop_constraint("live_has_a_holder", type_="check")
        table.create_check_constraint(
            "live_has_a_holder", "state IN ('treated', 'repacked', 'void') OR holder_organisation_id IS NOT NULL"
        )
        table.add_column(sa.Column("stood_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("repacked_from", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_containers_repacked_from_containers"), "containers", ["repacked_from"], ["id"]
        )
    op.create_index(
        "ix_containers_standing",
        "containers",
        ["holder_facility_id", "must_leave_by"],
        unique=False,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index(op.f("ix_containers_repacked_from"), "containers", ["repacked_from"], unique=False)
    op.create_table(
        "container_stays",
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("left_seq", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"], ["containers.id"], name=op.f("fk_container_stays_container_id_containers")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_container_stays_facility_id_facilities")
        ),
        sa.PrimaryKeyConstraint("container_id", "left_seq", name=op.f("pk_container_stays")),
    )
    op.create_index("ix_container_stays_there", "container_stays", ["facility_id", "left_at", "came_at"], unique=False)
    _stays_so_far()


def _stays_so_far() -> None:
    """Read out of the containers' streams where each has stood, and since when it stands where it is."""
    bind = op.get_bind()
    containers = sa.table("containers", sa.column("id", sa.Uuid()), sa.column("mass_g"),
                          sa.column("stood_since", sa.DateTime(True)))  # fmt: skip
    events = sa.table("ledger_events", sa.column("stream"), sa.column("seq"), sa.column("facts"),
                      sa.column("occurred_at", sa.DateTime(True)))  # fmt: skip
    stays = sa.table("container_stays", sa.column("container_id", sa.Uuid()), sa.column("left_seq"),
                     sa.column("facility_id", sa.Uuid()), sa.column("came_at", sa.DateTime(True)),
                     sa.column("left_at", sa.DateTime(True)), sa.column("mass_g"))  # fmt: skip
    for identity, mass in bind.execute(sa.select(containers.c.id, containers.c.mass_g)).all():
        found, here, since = [], None, None
        life = sa.select(events.c.seq, events.c.facts, events.c.occurred_at)
        life = life.where(events.c.stream == f"container:{identity}").order_by(events.c.seq)
        for seq, facts, at in bind.execute(life).all():
            there = (json.loads(facts).get("to") or {}).get("facility")
            if there == here:
                continue
            if here is not None:
                found.append({"container_id": identity, "left_seq": seq, "facility_id": UUID(here),
                              "came_at": since, "left_at": max(since, at), "mass_g": mass})  # fmt: skip
            here, since = there, at if there else None
        if found:
            bind.execute(stays.insert(), found)
        if since is not None:
            bind.execute(containers.update().where(containers.c.id == identity).values(stood_since=since))
