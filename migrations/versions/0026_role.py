"""Signatures are guarded like the ledger, and on PostgreSQL no session can silence any of the guards.

The triggers fire whatever `session_replication_role` says, and the one that writes markers names its table in full, so
that none of the same name is taken for it.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ADDED_TO = ("ledger_events", "ledger_log", "ledger_nodes", "ledger_heads", "signatures", "audit_entries")
SQLITE = (
    """CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures
    BEGIN SELECT RAISE(ABORT, 'signatures cannot be changed'); END""",
    """CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures
    BEGIN SELECT RAISE(ABORT, 'signatures cannot be deleted'); END""",
    # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
    """CREATE TRIGGER signatures_no_replace BEFORE INSERT ON signatures
    WHEN EXISTS (SELECT 1 FROM signatures WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM signatures WHERE stream = NEW.stream AND version = NEW.version)
    BEGIN SELECT RAISE(ABORT, 'signatures cannot be replaced'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()""",
    """CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()""",
    """CREATE TRIGGER signatures_no_truncate BEFORE TRUNCATE ON signatures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()""",
    # A statement of its own only because the name of the schema is known here and not before.
    """DO $do$ BEGIN EXECUTE format($$
        CREATE OR REPLACE FUNCTION note_ledger_event() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO %I.ledger_pending (stream, seq, hash) VALUES (NEW.stream, NEW.seq, NEW.hash);
            RETURN NULL;
        END $body$ $$, current_schema());
    END $do$""",
    "ALTER TABLE ledger_events ENABLE ALWAYS TRIGGER ledger_events_noted",
    *(
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_{act}"
        for table in ADDED_TO
        for act in ("update", "delete", "truncate")
    ),
)


def upgrade() -> None:
    """Set the guards."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
