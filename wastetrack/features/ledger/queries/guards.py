"""Whether the database still refuses to change what the ledger wrote (migrations 0002, 0007, 0018 and 0026)."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from wastetrack.infra import roles
from wastetrack.infra.roles import GUARDED, Power

NOTED = "ledger_events_noted"
"""What writes the marker of each event."""

_SQLITE = f"""
SELECT name FROM sqlite_master WHERE type = 'trigger' AND (
    name = '{NOTED}' AND sql LIKE '%AFTER INSERT ON ledger_events%BEGIN INSERT INTO ledger_pending%'
    OR sql LIKE '%RAISE(ABORT,%' AND (name LIKE '%\\_no\\_replace' ESCAPE '\\' OR sql NOT LIKE '%WHEN%')
)"""  # noqa: S608
_POSTGRESQL = f"""
SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND tgenabled = 'A' AND tgqual IS NULL
AND tgrelid IN ({", ".join(f"to_regclass('{table}')" for table in GUARDED)})
AND (prosrc LIKE '%RAISE EXCEPTION%' AND prosrc NOT LIKE '%RETURN%'
     OR tgname = '{NOTED}' AND prosrc LIKE '%INSERT INTO%.ledger_pending%')
"""  # noqa: S608


def guards_wanted(session: Session) -> set[str]:
    """Return the names of the triggers that have to be in force on this store."""
    own = "replace" if session.get_bind().dialect.name == "sqlite" else "truncate"
    return {f"{table}_no_{act}" for table in GUARDED for act in ("update", "delete", own)} | {NOTED}


def powers(session: Session) -> list[Power]:
    """Return by what the role under which we run could lift the guards: none where owner and site are two roles."""
    return roles.powers(session.connection())


def guards(session: Session) -> set[str]:
    """Return the names of the triggers that are in force and do what they are there for."""
    return set(session.scalars(text(_SQLITE if session.get_bind().dialect.name == "sqlite" else _POSTGRESQL)))
