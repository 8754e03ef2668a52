"""A new table made from a version of another by SQL: how a desensitized version comes about."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from guiyang_data.tables.columns import ROW, Column, arrow_schema, check_distinct
from guiyang_data.tables.reading_rows import private_connection
from guiyang_data.tables.storing import find_load, locked, write

COMMIT_BATCH = 100_000


@dataclass(frozen=True, kw_only=True)
class Transformed:
    """The version written, its rows, and whether this ``load_id`` had been committed before."""

    version: int
    rows: int
    repeated: bool = False


def transform(
    table_in: Path | str,
    version: int,
    table_out: Path | str,
    *,
    select: Sequence[tuple[Column, str]],
    load_id: str,
    where: str | None = None,
    order: str | None = None,
    prepare: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
) -> Transformed:
    """Replace the rows of ``table_out`` by what ``select`` makes of a version, as one new version.

    ``select``: (column, DuckDB expression over the codes of the relation ``rows``); each value is cast to the column's
    type, and a value that does not fit raises duckdb.ConversionException. ``where``: keeps rows. ``order``: an
    expression to number the output by, where the order of the file would give persons away; the order of the file
    without it. ``prepare``: makes macros and registers Arrow tables on a connection of this call's own (functions
    in Python need numpy, which DuckDB asks for and this project does not bring).
    The expressions are trusted: they come from the engine that makes them, never from a person. The same ``load_id``
    again does nothing.
    """
    columns = [column for column, _expression in select]
    check_distinct(columns)
    target = Path(table_out)
    with locked(target):
        before = find_load(target, load_id)
        if before is not None:
            found, recorded = before
            return Transformed(version=found, rows=recorded.get("rows", 0), repeated=True)
        with (
            tempfile.TemporaryDirectory(prefix=".make-", dir=target.parent) as folder,
            private_connection(table_in, version, Path(folder)) as connection,
        ):
            if prepare is not None:
                prepare(connection)
            connection.execute(_statement(select, where, order))
            rows = connection.execute("SELECT count(*) FROM made").fetchall()[0][0]
            return Transformed(version=_commit(connection, target, columns, load_id, rows), rows=rows)


def _statement(select: Sequence[tuple[Column, str]], where: str | None, order: str | None) -> str:
    # Made once and kept: an expression that draws at random must not be drawn again while it is written.
    made = ", ".join(f"CAST(({sql}) AS {column.data_type.sql}) AS {column.identifier}" for column, sql in select)
    kept = f" WHERE {where}" if where else ""
    return (
        f"CREATE TEMP TABLE made AS SELECT row_number() OVER (ORDER BY {order or ROW}) AS {ROW}, {made} "  # noqa: S608
        f"FROM rows{kept} ORDER BY 1"
    )


def _commit(
    connection: duckdb.DuckDBPyConnection, target: Path, columns: Sequence[Column], load_id: str, rows: int
) -> int:
    schema = arrow_schema(columns)
    reader = connection.sql(f"SELECT * FROM made ORDER BY {ROW}").to_arrow_reader(COMMIT_BATCH)  # noqa: S608
    batches = pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in reader))
    return write(target, batches, mode="replace", load_id=load_id, result={"rows": rows})
