"""The log over all events and its signed heads: markers for the sealer, the log, nodes of its tree, heads; guarded."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYS = {
    "ledger_log": ("position = NEW.position", "stream = NEW.stream AND seq = NEW.seq"),
    "ledger_nodes": ("level = NEW.level AND position = NEW.position",),
    "ledger_heads": ("size = NEW.size AND key_id = NEW.key_id",),
}
"""What is unique in each guarded table."""


def upgrade() -> None:
    """Make the tables, guard them, and note every event there is."""
    op.create_table(
        "ledger_pending",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("stream", sa.String(80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "ledger_log",
        sa.Column("position", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.String(80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
    op.create_index("uq_ledger_log_stream_seq", "ledger_log", ["stream", "seq"], unique=True)
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("size", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.String(16), primary_key=True),
        sa.Column("log_id", sa.String(26), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
    )
    statements = list(_sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql())
    for statement in statements:
        op.execute(statement)
    op.execute(
        "INSERT INTO ledger_pending (stream, seq, hash)"
        " SELECT stream, seq, hash FROM ledger_events ORDER BY recorded_at, stream, seq"
    )


def _sqlite() -> list[str]:
    noted = """CREATE TRIGGER ledger_events_noted AFTER INSERT ON ledger_events
    BEGIN INSERT INTO ledger_pending (stream, seq, hash) VALUES (NEW.stream, NEW.seq, NEW.hash); END"""
    guards = []
    for table, unique in KEYS.items():
        for act, done in (("update", "changed"), ("delete", "deleted")):
            guards.append(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'ledger rows cannot be {done}'); END"
            )
        # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in unique)  # noqa: S608
        refusal = "SELECT RAISE(ABORT, 'ledger rows cannot be replaced')"
        guards.append(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} BEGIN {refusal}; END")
    return [noted, *guards]


def _postgresql() -> list[str]:
    noting = """CREATE FUNCTION note_ledger_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ledger_pending (stream, seq, hash) VALUES (NEW.stream, NEW.seq, NEW.hash);
        RETURN NULL;
    END $$"""
    noted = """CREATE TRIGGER ledger_events_noted AFTER INSERT ON ledger_events
    FOR EACH ROW EXECUTE FUNCTION note_ledger_event()"""
    guards = [
        f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table}"
        f" FOR EACH {level} EXECUTE FUNCTION refuse_ledger_change()"
        for table in KEYS
        for act, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT"))
    ]
    return [noting, noted, *guards]
