"""The two roles on PostgreSQL: the owner migrates; the site runs under another one that cannot lift the guards.

Triggers stop whoever may not drop them. So the role of the site owns nothing, and on what is only ever added to it
holds no right but to read and to add (docs/decisions/0013). An SQLite file has no roles: who can write it can write
all of it.
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, text

from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_, Term

GUARDED = ("ledger_events", "ledger_log", "ledger_nodes", "ledger_heads", "signatures", "audit_entries")
"""Tables that are only ever added to."""
_APART = {
    **dict.fromkeys(GUARDED, "SELECT, INSERT"),
    "ledger_streams": "SELECT, INSERT, UPDATE",
    "ledger_pending": "SELECT, INSERT, DELETE",
    "alembic_version": "SELECT",
}
"""Tables on which the site holds fewer rights than on others."""
_TABLE = "SELECT, INSERT, UPDATE, DELETE"
_FUTURE = "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}"
"""Of a table that a migration has just made it may read and add to, until `again` has gone over its rights."""


class Power(Term):
    """Why a role could change what the guards keep."""

    SUPERUSER = "superuser", N_("it is, or can become, a superuser")
    OWNER = "owner", N_("it owns guarded tables, their guards or the database")
    CHANGE = "change", N_("it may change, delete or truncate guarded tables")
    CREATE = "create", N_("it may create objects beside the guarded tables")
    SILENCE = "silence", N_("it may set session_replication_role, which silences triggers")
    SERVER = "server", N_("it may write files of the database server, or make other roles its own")


_POWERS = """
WITH guarded AS (
    SELECT c.oid, c.relowner, c.relnamespace FROM pg_class c WHERE c.oid IN (
        SELECT to_regclass(name)::oid FROM unnest(CAST(:tables AS text[])) AS name)
)
SELECT
    EXISTS (SELECT FROM pg_roles WHERE rolsuper AND pg_has_role(:role, oid, 'MEMBER')),
    EXISTS (SELECT FROM guarded WHERE pg_has_role(:role, relowner, 'MEMBER'))
    OR EXISTS (SELECT FROM pg_trigger JOIN guarded ON guarded.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
               WHERE NOT tgisinternal AND pg_has_role(:role, proowner, 'MEMBER'))
    OR EXISTS (SELECT FROM pg_namespace n JOIN guarded ON n.oid = relnamespace
               WHERE pg_has_role(:role, nspowner, 'MEMBER'))
    OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(:role, datdba, 'MEMBER')),
    EXISTS (SELECT FROM guarded WHERE has_table_privilege(:role, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
            OR has_any_column_privilege(:role, oid, 'UPDATE, REFERENCES')),
    EXISTS (SELECT FROM guarded WHERE has_schema_privilege(:role, relnamespace, 'CREATE')),
    has_parameter_privilege(:role, 'session_replication_role', 'SET'),
    EXISTS (SELECT FROM pg_roles r WHERE rolname = :role AND (rolcreaterole OR rolreplication OR rolbypassrls))
    OR EXISTS (SELECT FROM pg_roles WHERE rolname IN ('pg_write_server_files', 'pg_execute_server_program')
               AND pg_has_role(:role, oid, 'MEMBER'))
"""


def powers(connection: Connection, role: str | None = None) -> list[Power]:
    """Return by what the role, or the one that is connected, could change what the guards keep; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    role = role or connection.scalar(text("SELECT current_user"))
    held = connection.execute(text(_POWERS), {"role": role, "tables": list(GUARDED)}).one()
    return [power for power, there in zip(Power, held, strict=True) if there]


def granted(connection: Connection) -> list[str]:
    """Return the roles under which a site may run."""
    if connection.dialect.name != "postgresql":
        return []
    rows = connection.scalars(text(
        "SELECT DISTINCT pg_get_userbyid(grantee) FROM pg_class, aclexplode(relacl)"
        " WHERE pg_class.oid = to_regclass('ledger_events') AND privilege_type = 'INSERT'"
        " AND grantee NOT IN (0, relowner) ORDER BY 1"
    ))  # fmt: skip
    return list(rows)


def grant(engine: Engine, role: str, password: str | None = None) -> None:
    """Let a site run under the role; make it where it is missing and a password is given.

    Everything or nothing: a role that could lift the guards all the same is refused, and says why.
    """
    if engine.dialect.name != "postgresql":
        raise refuse(
            "roles.sqlite", N_("Only PostgreSQL has roles: whoever can write an SQLite file can write all of it.")
        )
    with engine.begin() as connection:
        known = connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role})
        if password:
            _sign_in_with(connection, role, password, known=bool(known))
        elif not known:
            raise refuse(
                "roles.unknown",
                N_("There is no role {role}. Make it, or give its password in SITE_ROLE_PASSWORD to have it made."),
                role=role,
            )
        _give(connection, role)
        too_much = powers(connection, role)
        if too_much:
            raise refuse(
                "roles.powerful",
                N_("{role} could lift the guards of the ledger: {why}. Choose a role that owns nothing."),
                role=role,
                why=too_much[0],
            )


def again(engine: Engine) -> None:
    """Go over the rights of every such role: what migrations made since is given, and nothing more than that."""
    with engine.begin() as connection:
        for role in granted(connection):
            _give(connection, role)


def _give(connection: Connection, role: str) -> None:
    """Give the role what a site needs in this database, and take away whatever else it holds there."""
    schema = connection.scalar(text("SELECT current_schema()"))
    names = connection.scalars(text(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'p')"
        " AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
    ), {"schema": f'"{schema}"'})  # fmt: skip
    whom, where = sql.Identifier(role), sql.Identifier(str(schema))
    database = sql.Identifier(str(connection.scalar(text("SELECT current_database()"))))
    both = {"role": whom, "schema": where, "database": database}
    _run(connection, (
        # PUBLIC is everybody: what it may, the role may. A temporary table would hide the one of the same name.
        sql.SQL("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC").format(**both),
        sql.SQL("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}").format(**both),
        sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}").format(**both),
        sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**both),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}").format(**both),
        sql.SQL(f"{_FUTURE} REVOKE ALL ON TABLES FROM {{role}}").format(**both),
        sql.SQL(f"{_FUTURE} GRANT SELECT, INSERT ON TABLES TO {{role}}").format(**both),
        sql.SQL(f"{_FUTURE} GRANT USAGE, SELECT ON SEQUENCES TO {{role}}").format(**both),
    ))  # fmt: skip
    for name in names:
        table = sql.Identifier(str(schema), name)
        rights = sql.SQL(_APART.get(name, _TABLE))
        _run(connection, (
            sql.SQL("REVOKE ALL ON {table} FROM PUBLIC, {role}").format(table=table, role=whom),
            sql.SQL("GRANT {rights} ON {table} TO {role}").format(rights=rights, table=table, role=whom),
        ))  # fmt: skip


def _sign_in_with(connection: Connection, role: str, password: str, *, known: bool) -> None:
    """Make the role, or give it this password; only its salted hash is sent, so that no log of the server has more."""
    raw: psycopg.Connection[object] = connection.connection.driver_connection  # type: ignore[assignment]
    hashed = raw.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = sql.SQL("ALTER" if known else "CREATE")
    _run(connection, [sql.SQL("{verb} ROLE {role} LOGIN PASSWORD {hashed}").format(
        verb=verb, role=sql.Identifier(role), hashed=sql.Literal(hashed)
    )])  # fmt: skip


def _run(connection: Connection, statements: Iterable[sql.Composed]) -> None:
    raw: psycopg.Connection[object] = connection.connection.driver_connection  # type: ignore[assignment]
    for statement in statements:
        raw.execute(statement)
