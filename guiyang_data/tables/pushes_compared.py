"""Rows of several pushes, compared with each other and with what a table holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from guiyang_data.tables.checking import LINE, Refusal
from guiyang_data.tables.columns import ROW, Column, arrow_schema
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.staging import ALREADY_THERE
from guiyang_data.tables.storing import columns_of, files_of, read_parquet

TWICE_IN_PUSH = "与本批中前面的行重复"
COMMIT_BATCH = 100_000


class Comparison:
    """``files``: how many files the table has. A relation ``stage`` holds the rows, ``gone`` what is not taken in."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delta: DeltaTable | None,
        columns: Sequence[Column],
        carried: Sequence[str],
        *,
        mode: str,
    ) -> None:
        self._connection, self._columns, self._mode = connection, columns, mode
        self._keys = [column for column in columns if column.is_key]
        self._groups = [self._keys] if self._keys else []
        self._groups += [[c] for c in columns if c.unique and [c] != self._keys and c.code in carried]
        self._scan, self._old = "", set[str]()
        self.files = 0
        if delta is not None:
            self._attach(delta)

    def _attach(self, delta: DeltaTable) -> None:
        schema = columns_of(delta)
        for column in self._columns:
            if column.code in schema.names and schema.field(column.code).type != column.data_type.arrow:
                raise LoadRefused(f"信息项“{column.name}”的数据类型已经变更，不能与原有数据合并。请改用整表替换，")
        files = files_of(delta)
        self.files = len(files)
        if files and self._groups:
            self._scan = read_parquet(files)
            self._old = {*self._connection.sql(f"SELECT * FROM {self._scan}").columns}  # noqa: S608

    def take(self, good: pa.Table) -> None:
        """Compare these rows (``_line``, ``_push`` and the typed columns) from here on."""
        self._connection.register("stage", good)
        self._sql(f"CREATE OR REPLACE TEMP TABLE gone ({LINE} BIGINT)")

    def repeats(self, whole: Callable[[int], str]) -> Iterator[Refusal]:
        """The rows that repeat a key or a unique value, with the whole row as sent; what came first stays."""
        for group in self._groups:
            yield from self._take_out(self._twice(group, "_push"), TWICE_IN_PUSH, group, whole)
            if self._mode == "upsert" and group == self._keys:
                self._sql(f"INSERT INTO gone {self._superseded(group)}")
                continue
            if all(column.code in self._old for column in group):
                yield from self._take_out(self._already_there(group), ALREADY_THERE, group, whole)
            yield from self._take_out(self._said_before(group), ALREADY_THERE, group, whole)

    def _twice(self, group: Sequence[Column], within: str) -> str:
        return self._numbered(group, f"{within}, ", LINE)

    def _superseded(self, group: Sequence[Column]) -> str:
        """Of two updates of a key in two pushes the later holds: the earlier is accepted and overwritten at once."""
        return self._numbered(group, "", f"{LINE} DESC")

    def _numbered(self, group: Sequence[Column], within: str, order: str) -> str:
        names = ", ".join(column.identifier for column in group)
        filled = " AND ".join(f"{column.identifier} IS NOT NULL" for column in group)
        return (
            f"SELECT {LINE} FROM ("  # noqa: S608
            f"SELECT {LINE}, row_number() OVER (PARTITION BY {within}{names} ORDER BY {order}) AS n FROM stage "
            f"WHERE {filled} AND {LINE} NOT IN (SELECT {LINE} FROM gone)) WHERE n > 1"
        )

    def _already_there(self, group: Sequence[Column]) -> str:
        return (
            f"SELECT DISTINCT s.{LINE} FROM stage s JOIN {self._scan} o ON {self._same(group, 'o')} "  # noqa: S608
            f"WHERE s.{LINE} NOT IN (SELECT {LINE} FROM gone)"
        )

    def _said_before(self, group: Sequence[Column]) -> str:
        return (
            f"SELECT DISTINCT s.{LINE} FROM stage s JOIN stage b ON {self._same(group, 'b')} AND b._push < s._push "  # noqa: S608
            f"WHERE s.{LINE} NOT IN (SELECT {LINE} FROM gone) AND b.{LINE} NOT IN (SELECT {LINE} FROM gone)"
        )

    def _same(self, group: Sequence[Column], other: str) -> str:
        same = " AND ".join(f"{other}.{column.identifier} = s.{column.identifier}" for column in group)
        if self._mode != "upsert":
            return same
        # a unique value may stay with its own key
        return same + " AND (" + " OR ".join(f"{other}.{k.identifier} <> s.{k.identifier}" for k in self._keys) + ")"

    def _take_out(
        self, query: str, reason: str, group: Sequence[Column], whole: Callable[[int], str]
    ) -> Iterator[Refusal]:
        self._sql(f"CREATE OR REPLACE TEMP TABLE found AS {query}")
        self._sql(f"INSERT INTO gone SELECT {LINE} FROM found")  # noqa: S608
        values = " || ' ' || ".join(f"CAST({column.identifier} AS VARCHAR)" for column in group)
        rows = self._sql(
            f"SELECT {LINE}, {values} FROM stage WHERE {LINE} IN (SELECT {LINE} FROM found) ORDER BY {LINE}"  # noqa: S608
        ).fetchall()
        name = "、".join(column.name for column in group)
        for line, value in rows:
            yield Refusal(line=line, column=name, value=value, reason=reason, row=whole(line))

    def left(self, *, last: int) -> pa.RecordBatchReader:
        """What is taken in, numbered on from ``last``."""
        codes = ", ".join(column.identifier for column in self._columns)
        found = self._connection.sql(
            f"SELECT {last} + row_number() OVER (ORDER BY {LINE}) AS {ROW}, {codes} FROM stage "  # noqa: S608
            f"WHERE {LINE} NOT IN (SELECT {LINE} FROM gone) ORDER BY {LINE}"
        )
        schema = arrow_schema(self._columns)
        batches = (batch.cast(schema) for batch in found.to_arrow_reader(COMMIT_BATCH))
        return pa.RecordBatchReader.from_batches(schema, batches)

    def _sql(self, query: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(query)
