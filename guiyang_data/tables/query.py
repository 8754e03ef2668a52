"""Read rows of a version: pages, exports, profiles, and new versions made from old ones. The entrance for callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from guiyang_data.tables.columns import ROW, Column
from guiyang_data.tables.exporting import RowCount, TooLargeForSpreadsheet, stream_csv, stream_json, write_xlsx
from guiyang_data.tables.profiling import ColumnProfile, Profile, filled_rows, profile
from guiyang_data.tables.reading_rows import OpenVersion, build_view, open_version, view_path
from guiyang_data.tables.refusals import BadFilter, NoSuchVersion, UnknownColumn
from guiyang_data.tables.selecting import OPERATORS, Filter, Selection, select
from guiyang_data.tables.transforming import Transformed, transform

__all__ = [
    "OPERATORS",
    "BadFilter",
    "ColumnProfile",
    "Filter",
    "NoSuchVersion",
    "OpenVersion",
    "Page",
    "Profile",
    "RowCount",
    "TooLargeForSpreadsheet",
    "Transformed",
    "UnknownColumn",
    "build_view",
    "filled_rows",
    "open_version",
    "profile",
    "query",
    "stream_csv",
    "stream_json",
    "transform",
    "view_path",
    "write_xlsx",
]


MOST_LOOKED_UP = 1_000
"""So many rows with one value of an index are put in order here."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows as tuples in the order of ``codes``; ``total``: how many rows pass the filters in all."""

    codes: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int


def query(
    table: Path | str,
    version: int,
    *,
    columns: Sequence[Column],
    selected: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    offset: int = 0,
    limit: int = 100,
    row_condition: Sequence[Filter] = (),
    condition_columns: Sequence[Column] | None = None,
) -> Page:
    """One page of a version.

    ``columns``: all that this reader may see, filter and sort by; ``selected``: the codes wanted, in that order (all
    without it). ``sort``: codes, ``-code`` descending, nulls last; the order of the file decides among equals.
    ``row_condition``: the rows of a grant, always applied; it may use ``condition_columns`` that the reader does not
    see. Values come as str, float, int, Decimal, date, datetime (wall time of Shanghai), bool or None.
    Raises UnknownColumn, BadFilter, NoSuchVersion.
    """
    if offset < 0 or limit < 0:
        raise BadFilter("起始位置和条数不能小于零。请改正后重试。")
    with open_version(table, version) as opened:
        chosen = select(
            opened,
            columns=columns,
            selected=selected,
            filters=filters,
            row_condition=row_condition,
            condition_columns=condition_columns,
            sort=sort,
        )
        codes = tuple(column.code for column in chosen.columns)
        found = _looked_up(opened, chosen)
        if found is not None:
            return Page(codes=codes, rows=found[offset : offset + limit], total=len(found))
        sql, values = _page(opened, chosen, offset, limit)
        rows = opened.connection.execute(sql, values).fetchall() if limit else []
        # a page that reaches the end tells how many there are: one row by its key costs one question
        reaches_end = len(rows) < limit and (rows or not offset)
        total = offset + len(rows) if reaches_end else _total(opened, chosen)
    return Page(codes=codes, rows=rows, total=total)


def _looked_up(opened: OpenVersion, chosen: Selection) -> list[tuple[Any, ...]] | None:
    """All rows that a test by an index leaves, in their order; None where there is no such test, or they are many.

    Every other test is answered beside the row and not put to DuckDB as one: to plan an order, a limit or a second
    test costs more than the row.
    """
    if chosen.looked_up is None or not chosen.sorted_by_file:
        return None
    column, value = chosen.looked_up
    named = ", ".join(chosen.expressions)
    passes = chosen.where.removeprefix("WHERE ")
    sql = f"SELECT {named}, {passes}, {ROW} FROM rows WHERE {column} = ?"  # noqa: S608
    found = opened.connection.execute(sql, [*chosen.values, value]).fetchmany(MOST_LOOKED_UP + 1)
    if len(found) > MOST_LOOKED_UP:
        return None
    return [row[:-2] for row in sorted(found, key=itemgetter(-1)) if row[-2]]


def _total(opened: OpenVersion, chosen: Selection) -> int:
    first, source, values = _sought(chosen)
    counted = opened.connection.execute(f"{first}SELECT count(*) FROM {source} {chosen.where}", values)  # noqa: S608
    return int(counted.fetchall()[0][0])


def _page(opened: OpenVersion, chosen: Selection, offset: int, limit: int) -> tuple[str, list[Any]]:
    named = ", ".join(chosen.expressions)
    if opened.contiguous and chosen.sorted_by_file and not chosen.where:
        # A range of row numbers costs the same at any offset.
        return (
            f"SELECT {named} FROM rows WHERE {ROW} > ? AND {ROW} <= ? ORDER BY {ROW}",  # noqa: S608
            [offset, offset + limit],
        )
    first, source, values = _sought(chosen)
    return (
        f"{first}SELECT {named} FROM {source} {chosen.where} ORDER BY {chosen.order} LIMIT ? OFFSET ?",  # noqa: S608
        [*values, limit, offset],
    )


def _sought(chosen: Selection) -> tuple[str, str, list[Any]]:
    """What stands before SELECT, the relation after FROM, and the values of both and of WHERE.

    Where an index answers one of the tests, the rows are taken from it first: beside another test, or an order with a
    limit, DuckDB would read the table through.
    """
    if chosen.looked_up is None:
        return "", "rows", list(chosen.values)
    column, value = chosen.looked_up
    found = f"WITH found AS MATERIALIZED (SELECT * FROM rows WHERE {column} = ?) "  # noqa: S608
    return found, "found", [value, *chosen.values]
