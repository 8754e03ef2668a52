"""Keys that differ only by what the eye does not see: width, blanks, case, the letter O for a zero.

They are different keys, and stay so: nothing is changed in the data. Where two such stand in one table one of them is
most likely the other, which doubles a row, and only a person can say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guiyang_data.tables.columns import Column, header_key
from guiyang_data.tables.reading_rows import open_version

WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
NARROW = "".join(map(chr, range(0x21, 0x7F)))
BLANKS = "[\\s\u00a0\u3000\u200b\ufeff]"
ODD = "[^0-9A-NP-Z_./\u4e00-\u9fff-]"
"""Of two keys that look alike one at least has such a sign; most keys have none, and are not folded."""


def alike(text: str) -> str:
    """What texts that look alike have in common."""
    return header_key(text).upper().replace("O", "0")


@dataclass(frozen=True, kw_only=True)
class Alike:
    """``number``: of groups of keys that look alike. ``first``: some of them, the values of each group."""

    number: int
    first: tuple[tuple[str, ...], ...]


def alike_keys(table: Path | str, version: int, *, columns: Sequence[Column], most: int = 5) -> Alike:
    """Groups of keys of a version that look alike; none where its only key is no text, or where it has none.

    Several key columns are one key, its parts in their order. Raises NoSuchVersion.
    """
    keys = [column for column in columns if column.is_key]
    if not any(column.data_type.is_text for column in keys):
        return Alike(number=0, first=())
    parts = ", ".join(f"CAST({column.identifier} AS VARCHAR)" for column in keys)
    with open_version(table, version) as opened:
        asked = [WIDE, NARROW, BLANKS, ODD, most]
        found = opened.connection.execute(_GROUPS.format(parts=parts), asked).fetchall()
    number = found[0][1] if found else 0
    return Alike(number=number, first=tuple(tuple(sorted(values)) for values, _number in found))


_GROUPS = """
WITH keys AS (SELECT concat_ws(' · ', {parts}) AS key FROM rows),
odd AS (
    SELECT key, replace(upper(regexp_replace(translate(key, ?, ?), ?, '', 'g')), 'O', '0') AS folded
    FROM keys WHERE regexp_matches(key, ?)
),
each AS (
    SELECT folded, key FROM odd UNION SELECT key, key FROM keys WHERE key IN (SELECT folded FROM odd)
)
SELECT list(key), count(*) OVER () FROM each GROUP BY folded HAVING count(*) > 1 ORDER BY min(key) LIMIT ?
"""
