"""Who counts and who changes what is counted by keep out of each other's way, until their transactions end.

A clock that starts while the calendar or a rule is being changed is counted either before the change, and is then
found by the recount, or by the changed calendar; never by the old one after the recount has passed. SQLite needs
none of this: a writing transaction already holds the only write lock.
"""

from __future__ import annotations

from django.db import connection

CALENDAR = 2_021_0527
"""The number of the advisory lock on PostgreSQL."""


def hold_calendar() -> None:
    """Calendar and rules stay as they are until this transaction ends; many may hold them at once."""
    _lock("pg_advisory_xact_lock_shared")


def change_calendar() -> None:
    """Wait until nobody counts any more; who counts next sees what this transaction changed. Ask first of all locks."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [CALENDAR])
