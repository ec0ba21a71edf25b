"""The database itself refuses to change, delete or truncate ledger rows, on both stores."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER ledger_events_no_update BEFORE UPDATE ON ledger_events
    BEGIN SELECT RAISE(ABORT, 'ledger rows cannot be changed'); END""",
    """CREATE TRIGGER ledger_events_no_delete BEFORE DELETE ON ledger_events
    BEGIN SELECT RAISE(ABORT, 'ledger rows cannot be deleted'); END""",
    # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
    """CREATE TRIGGER ledger_events_no_replace BEFORE INSERT ON ledger_events
    WHEN EXISTS (SELECT 1 FROM ledger_events WHERE stream = NEW.stream AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM ledger_events WHERE stream = NEW.stream AND act_key = NEW.act_key)
    BEGIN SELECT RAISE(ABORT, 'ledger rows cannot be replaced'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'ledger rows cannot be changed or deleted'; END $$""",
    """CREATE TRIGGER ledger_events_no_update BEFORE UPDATE ON ledger_events
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()""",
    """CREATE TRIGGER ledger_events_no_delete BEFORE DELETE ON ledger_events
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()""",
    """CREATE TRIGGER ledger_events_no_truncate BEFORE TRUNCATE ON ledger_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()""",
)


def upgrade() -> None:
    """Set the guards."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
