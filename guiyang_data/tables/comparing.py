"""What changed between two versions of a table: rows added, removed and changed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from guiyang_data.tables.columns import Column
from guiyang_data.tables.reading_rows import MEMORY, private_connection, relation_of


class NotCompared(Exception):
    """Storage or memory did not suffice; both versions are as they were."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Rows that the later version alone has, that the earlier one alone has, and rows of one key that differ.

    ``changed`` is None where rows have no key: then a changed row is one removed and one added.
    """

    added: int
    removed: int
    changed: int | None


def compare(
    table: Path | str, before: int, after: int, *, columns: Sequence[Column], keys: Sequence[str] = ()
) -> Difference:
    """Compare two versions by ``columns``; rows belong together by ``keys``, which name each row in both.

    A column that a version does not have is empty in it. Raises NoSuchVersion, NotCompared.
    """
    try:
        removed, added, changed = _counted(Path(table), before, after, [column.code for column in columns], keys)
    except (OSError, duckdb.Error) as failed:
        raise NotCompared(str(failed)) from failed
    return Difference(added=int(added), removed=int(removed), changed=None if changed is None else int(changed))


def _counted(table: Path, before: int, after: int, codes: Sequence[str], keys: Sequence[str]) -> tuple[Any, Any, Any]:
    with (
        tempfile.TemporaryDirectory(prefix=".compare-", dir=table.parent) as folder,
        private_connection(table, after, Path(folder)) as connection,
    ):
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        old, old_codes = relation_of(connection, table, before)
        new, new_codes = relation_of(connection, table, after)
        one, other = _selected(old, codes, old_codes), _selected(new, codes, new_codes)
        query = _by_key(one, other, codes, keys) if keys else _by_row(one, other, codes)
        removed, added, changed = connection.execute(query).fetchall()[0]
    return removed, added, changed


def _selected(rows: str, codes: Sequence[str], there: frozenset[str]) -> str:
    named = ", ".join(f'CAST({_named(code) if code in there else "NULL"} AS VARCHAR) AS "{code}"' for code in codes)
    return f"SELECT true AS there, {named} FROM ({rows})"  # noqa: S608 - codes hold letters, digits and underscores


def _named(code: str) -> str:
    return f'"{code}"'


def _by_key(one: str, other: str, codes: Sequence[str], keys: Sequence[str]) -> str:
    same = " AND ".join(f'o."{key}" = n."{key}"' for key in keys)
    differs = " OR ".join(f'o."{code}" IS DISTINCT FROM n."{code}"' for code in codes if code not in keys) or "false"
    return (
        "SELECT count(*) FILTER (n.there IS NULL), count(*) FILTER (o.there IS NULL), "  # noqa: S608
        f"count(*) FILTER (o.there AND n.there AND ({differs})) FROM ({one}) o FULL JOIN ({other}) n ON {same}"
    )


def _by_row(one: str, other: str, codes: Sequence[str]) -> str:
    named = ", ".join(map(_named, codes))
    # the rows of a version are counted, not only whether there are any: the same row may stand in it twice
    return (
        "SELECT coalesce(sum(greatest(was - is_now, 0)), 0), coalesce(sum(greatest(is_now - was, 0)), 0), NULL FROM ("  # noqa: S608
        "SELECT count(*) FILTER (side = 'o') AS was, count(*) FILTER (side = 'n') AS is_now FROM ("
        f"SELECT 'o' AS side, * FROM ({one}) UNION ALL SELECT 'n' AS side, * FROM ({other})) GROUP BY {named})"
    )
