"""The database itself refuses to change or delete what was recorded.

Triggers are made again after every migration, since SQLite rebuilds tables and drops them on the way; a system check
says when one is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

GUARDED = ("ledger_event", "ledger_access", "ledger_seal", "ledger_sealmember")

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME;
END;
$$ LANGUAGE plpgsql
"""


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"DROP TRIGGER IF EXISTS {table}_guard ON {table}",
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
            f"DROP TRIGGER IF EXISTS {table}_guard_truncate ON {table}",
            f"CREATE TRIGGER {table}_guard_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
        ]
    return [
        statement
        for act in ("UPDATE", "DELETE")
        for statement in (
            f"DROP TRIGGER IF EXISTS {table}_guard_{act.lower()}",
            f"CREATE TRIGGER {table}_guard_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {act} on {table} refused'); END",
        )
    ]


def _names(vendor: str, table: str) -> list[str]:
    endings = ("guard", "guard_truncate") if vendor == "postgresql" else ("guard_update", "guard_delete")
    return [f"{table}_{ending}" for ending in endings]


def raise_guards(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that refuse update, delete and (PostgreSQL) truncate."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in GUARDED:
            if table in tables:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement)


def drop_guards(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away. Only a test's teardown and the archiving of sealed months do this."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            for name in _names(connection.vendor, table):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that should be there and are not."""
    tables = [table for table in GUARDED if table in connection.introspection.table_names()]
    query = (
        "SELECT tgname FROM pg_trigger"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return [name for table in tables for name in _names(connection.vendor, table) if name not in present]


def after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Raise the guards again after each run of migrations."""
    raise_guards(connections[using])


@register(Tags.database)
def check_guards(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every guard stands (run by ``check --database default`` and by ``migrate``)."""
    return [
        Error(f"The ledger's guard {name} is missing.", hint="Run manage.py migrate.", id="ledger.E001")
        for alias in databases or ()
        for name in missing_guards(connections[alias])
    ]


def connect(config: AppConfig) -> None:
    """Follow migrations of this app's tables and of any other (SQLite rebuilds)."""
    post_migrate.connect(after_migrate, sender=config, dispatch_uid="ledger.guards")
