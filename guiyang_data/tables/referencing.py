"""Values that must be found in another table: all of them at once, in the version that its readers have.

What is kept of the other table are the values asked for; a reason says that one is not there, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from guiyang_data.tables.columns import Column
from guiyang_data.tables.reading_rows import relation_of
from guiyang_data.tables.refusals import LoadRefused, NoSuchVersion

NOT_FOUND = "在所引用的目录条目中没有找到"
UNKNOWN = "unknown"


def note_unknown(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], *, rows: str, number: str) -> None:
    """Make a table ``unknown`` of the cells not found: number of the row, place of the column, the value as text.

    ``rows``: a relation with the column ``number`` and one by each column's code. Raises LoadRefused where what a
    column refers to is not there.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {UNKNOWN} ({number} BIGINT, _place INTEGER, _value VARCHAR)")
    for place, column in enumerate(columns):
        found = _values_of(connection, column)
        mine = column.identifier
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE known AS SELECT DISTINCT _value FROM ({found}) "  # noqa: S608 - codes are checked
            f"WHERE _value IN (SELECT {mine} FROM {rows} WHERE {mine} IS NOT NULL)"
        )
        connection.execute(
            f"INSERT INTO {UNKNOWN} SELECT {number}, {place}, CAST({mine} AS VARCHAR) FROM {rows} "  # noqa: S608
            f"WHERE {mine} IS NOT NULL AND {mine} NOT IN (SELECT _value FROM known)"
        )


def _values_of(connection: duckdb.DuckDBPyConnection, column: Column) -> str:
    reference = column.reference
    if reference is None:
        raise ValueError(f"信息项“{column.name}”没有引用。")
    try:
        relation, codes = relation_of(connection, reference.table, reference.version)
    except NoSuchVersion as missing:
        raise _unusable(column) from missing
    if reference.code not in codes:
        raise _unusable(column)
    return f'SELECT "{reference.code}" AS _value FROM ({relation})'  # noqa: S608 - a code among those of the table


def _unusable(column: Column) -> LoadRefused:
    return LoadRefused(
        f"信息项“{column.name}”所引用的目录条目现在没有可以核对的数据。请先汇聚被引用条目的数据，或者修订目录去掉引用，"
    )
