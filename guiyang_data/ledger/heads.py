"""The heads of chains, locked and moved on many at a time: a sweep appends tens of thousands of events.

Written as statements, since a model object made and thrown away for each head cost more than the rest of an append.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from guiyang_data.ledger.models import ChainHead

_TABLE = ChainHead._meta.db_table
_BEGIN = {
    "postgresql": f"INSERT INTO {_TABLE} (subject, sequence, hash) SELECT name, 0, '' "  # noqa: S608  a constant
    "FROM jsonb_array_elements_text(%s::jsonb) AS given (name) ON CONFLICT DO NOTHING",
    "sqlite": f"INSERT OR IGNORE INTO {_TABLE} (subject, sequence, hash) SELECT value, 0, '' FROM json_each(%s)",  # noqa: S608  a constant
}
_LOCK = {
    "postgresql": f"SELECT subject, sequence, hash FROM {_TABLE} "  # noqa: S608  a constant
    "WHERE subject IN (SELECT jsonb_array_elements_text(%s::jsonb)) ORDER BY subject FOR UPDATE",
    # a writing transaction already holds the only write lock
    "sqlite": f"SELECT subject, sequence, hash FROM {_TABLE} "  # noqa: S608  a constant
    "WHERE subject IN (SELECT value FROM json_each(%s)) ORDER BY subject",
}
_MOVE = {
    "postgresql": f"UPDATE {_TABLE} AS head SET sequence = given.sequence, hash = given.hash "  # noqa: S608  a constant
    "FROM jsonb_to_recordset(%s::jsonb) AS given (subject text, sequence integer, hash text) "
    "WHERE head.subject = given.subject",
    "sqlite": f"UPDATE {_TABLE} SET sequence = given.value ->> 'sequence', hash = given.value ->> 'hash' "  # noqa: S608  a constant
    f"FROM json_each(%s) AS given WHERE {_TABLE}.subject = given.value ->> 'subject'",
}


@dataclass
class Head:
    """The last event of one subject: its number in the chain (0 before the first), and its hash."""

    subject: str
    sequence: int
    hash: str


def lock_heads(subjects: Collection[str]) -> dict[str, Head]:
    """The heads of these chains, locked in sorted order until the transaction ends; begun where they are new."""
    names = json.dumps(sorted(subjects))
    with connection.cursor() as cursor:
        # whoever begins the same chain meanwhile is waited for here
        cursor.execute(_BEGIN[connection.vendor], [names])
        cursor.execute(_LOCK[connection.vendor], [names])
        return {subject: Head(subject, sequence, hash_) for subject, sequence, hash_ in cursor.fetchall()}


def move_heads(heads: Mapping[str, Head]) -> None:
    """Write down where these locked chains end now."""
    moved = json.dumps([vars(head) for head in heads.values()])
    with connection.cursor() as cursor:
        cursor.execute(_MOVE[connection.vendor], [moved])
