"""What the values of a version look like, for the data dictionary and for quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guiyang_data.tables.columns import Column
from guiyang_data.tables.reading_rows import open_version


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column: ``nulls`` and ``distinct`` count rows and values; the bounds are None when all is null."""

    code: str
    nulls: int
    distinct: int
    minimum: Any
    maximum: Any


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A version: its rows, and each of its columns in the order asked."""

    rows: int
    columns: tuple[ColumnProfile, ...]


def profile(table: Path | str, version: int, columns: Sequence[Column]) -> Profile:
    """Count rows, nulls and distinct values, and find the bounds, in one pass. Raises NoSuchVersion.

    A column that is younger than the version is null throughout.
    """
    with open_version(table, version) as opened:
        there = [column for column in columns if column.code in opened.codes]
        asked = "".join(
            f", count({c.identifier}), count(DISTINCT {c.identifier}), min({c.identifier}), max({c.identifier})"
            for c in there
        )
        total, *figures = opened.connection.execute(f"SELECT count(*){asked} FROM rows").fetchall()[0]  # noqa: S608
    by_code = {column.code: figures[index * 4 : index * 4 + 4] for index, column in enumerate(there)}
    return Profile(rows=total, columns=tuple(_column(column.code, total, by_code) for column in columns))


def _column(code: str, total: int, by_code: dict[str, list[Any]]) -> ColumnProfile:
    filled, distinct, minimum, maximum = by_code.get(code, (0, 0, None, None))
    return ColumnProfile(code=code, nulls=total - filled, distinct=distinct, minimum=minimum, maximum=maximum)


def filled_rows(table: Path | str, version: int, groups: Sequence[Sequence[Column]]) -> tuple[int, list[int]]:
    """How many rows a version has, and in how many of them all columns of each group are filled; one pass.

    A group without columns is filled everywhere, one with a column younger than the version nowhere. Raises
    NoSuchVersion.
    """
    with open_version(table, version) as opened:
        tests = [
            " AND ".join(f"{c.identifier} IS NOT NULL" for c in group) or "true"
            if all(c.code in opened.codes for c in group)
            else "false"
            for group in groups
        ]
        asked = "".join(f", count(*) FILTER (WHERE {test})" for test in tests)
        total, *filled = opened.connection.execute(f"SELECT count(*){asked} FROM rows").fetchall()[0]  # noqa: S608
    return int(total), [int(number) for number in filled]
