"""The good rows of a load, kept aside until the whole file has been judged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from pyarrow.dataset import dataset

from guiyang_data.tables.checking import LINE, Refusal
from guiyang_data.tables.columns import ROW, Column, arrow_schema
from guiyang_data.tables.conversion import literal
from guiyang_data.tables.leftovers import stage_prefix
from guiyang_data.tables.referencing import NOT_FOUND, UNKNOWN, note_unknown
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.row_files import RowFiles, groups_of, without
from guiyang_data.tables.storing import columns_of, existing, files_of, merge, read_parquet, take_over

TWICE_IN_FILE = "与文件中前面的行重复"
ALREADY_THERE = "与已有数据重复"
Config = dict[str, str | bool | int | float | list[str]]
LINES = pa.schema([(ROW, pa.int64()), (LINE, pa.int64())])
MEMORY = "512MiB"
"""What DuckDB may hold of a load before it spills to the disk."""


class Stage:
    """Typed rows in Parquet files beside the table, which the commit takes over as they are where every row may stay.

    Memory stays bounded, and nothing is committed by halves. Which line a row came from is kept beside them.
    """

    def __init__(self, table: Path, columns: Sequence[Column], positions: Sequence[int | None], *, mode: str) -> None:
        self._table = table
        self._columns = columns
        # of a part that is replaced, a column that the file does not carry is emptied
        carried = zip(columns, positions, strict=True)
        self._carried = [c.code for c, place in carried if place is not None or (mode == "part" and not c.closed)]
        self._mode = mode
        self._keys = [column for column in columns if column.is_key]
        self._last = 0
        self._old_columns: set[str] = set()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix=stage_prefix(self._table), dir=self._table.parent)
        folder = Path(self._folder.name)
        with ExitStack() as opened:
            opened.callback(self._folder.cleanup)
            config: Config = {"temp_directory": str(folder / "spill"), "memory_limit": MEMORY}
            self.connection = opened.enter_context(duckdb.connect(":memory:", config=config))
            self._lines_path = folder / "lines.arrow"
            self._lines = opened.enter_context(pa.ipc.new_file(str(self._lines_path), LINES))
            self._files = opened.enter_context(RowFiles(folder, told_of=[column.code for column in self._keys]))
            if self._mode != "replace":
                self._attach_existing()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, good: pa.Table) -> None:
        """Keep rows that passed (``_line`` and the typed columns)."""
        numbers = pa.arange(self._last + 1, self._last + good.num_rows + 1)
        self._last += good.num_rows
        self._lines.write_table(pa.table([numbers, good[LINE]], schema=LINES))
        self._files.add(good.drop_columns([LINE]).add_column(0, ROW, numbers))

    def close_input(self) -> None:
        """All rows are in: from here on they can be compared, with each other and with what is there."""
        self._lines.close()
        files = self._files.finish()
        self.connection.register("lines", dataset(self._lines_path, format="ipc"))
        if files:
            self._sql(f"CREATE VIEW stage AS SELECT * FROM {read_parquet(file.path for file in files)}")  # noqa: S608
        else:
            self.connection.register("stage", arrow_schema(self._columns).empty_table())
        self._sql(f"CREATE TABLE gone ({ROW} BIGINT)")

    def _attach_existing(self) -> None:
        delta = existing(self._table)
        if delta is None:
            return
        schema = columns_of(delta)
        self._refuse_changed_types(schema)
        files = files_of(delta)
        if not files:
            return
        self._sql(f"CREATE VIEW old AS SELECT * FROM {read_parquet(files)}")  # noqa: S608
        self._old_columns = {name for name, *_ in self.connection.sql("DESCRIBE old").fetchall()}
        self._last = self.connection.sql(f"SELECT coalesce(max({ROW}), 0) FROM old").fetchall()[0][0]  # noqa: S608

    def _refuse_changed_types(self, schema: pa.Schema) -> None:
        for column in self._columns:
            if column.code in schema.names and schema.field(column.code).type != column.data_type.arrow:
                raise LoadRefused(f"信息项“{column.name}”的数据类型已经变更，不能与原有数据合并。请改用整表替换，")

    def unknown(self) -> Iterator[Refusal]:
        """Take out and give the rows with values that are not in the table they refer to; every such cell is told."""
        columns = [c for c in self._columns if c.reference is not None and c.code in self._carried]
        if not columns:
            return
        note_unknown(self.connection, columns, rows="stage", number=ROW)
        self._sql(f"INSERT INTO gone SELECT DISTINCT {ROW} FROM {UNKNOWN}")  # noqa: S608
        rows = self._sql(
            f"SELECT {LINE}, u._place, u._value, {self._whole()} FROM stage JOIN {UNKNOWN} u USING ({ROW}) "  # noqa: S608
            f"JOIN lines USING ({ROW}) ORDER BY {ROW}, u._place"
        )
        while batch := rows.fetchmany(10_000):
            for line, place, value, row in batch:
                yield Refusal(line=line, column=columns[place].name, value=value, reason=NOT_FOUND, row=row)

    def _whole(self) -> str:
        carried = (column for column in self._columns if column.code in self._carried)
        named = (f"{literal(c.name)}, coalesce(CAST({c.identifier} AS VARCHAR), '')" for c in carried)
        return f"CAST(json_object({', '.join(named)}) AS VARCHAR)"

    def duplicates(self) -> Iterator[Refusal]:
        """Take out and give the rows that repeat a key or a unique value; the first of the file stays."""
        for group in self._unique_groups():
            if self._may_repeat(group):
                yield from self._take(self._twice_in_file(group), TWICE_IN_FILE, group)
            if all(column.code in self._old_columns for column in group):
                yield from self._take(self._already_there(group), ALREADY_THERE, group)

    def _unique_groups(self) -> list[list[Column]]:
        groups = [self._keys] if self._keys else []
        return groups + [[c] for c in self._columns if c.unique and [c] != self._keys and c.code in self._carried]

    def _may_repeat(self, group: Sequence[Column]) -> bool:
        """Whether two rows can have the same: numbers made of the values are compared sooner than the values."""
        names = ", ".join(column.identifier for column in group)
        filled = " AND ".join(f"{column.identifier} IS NOT NULL" for column in group)
        counted = self._sql(f"SELECT count(*), count(DISTINCT hash({names})) FROM stage WHERE {filled}")  # noqa: S608
        return len({*counted.fetchall()[0]}) > 1

    def _twice_in_file(self, group: Sequence[Column]) -> str:
        names = ", ".join(column.identifier for column in group)
        filled = " AND ".join(f"{column.identifier} IS NOT NULL" for column in group)
        same = " AND ".join(f"m.{column.identifier} = f.{column.identifier}" for column in group)
        mine = f"SELECT {ROW}, {names} FROM stage WHERE {filled} AND {ROW} NOT IN (SELECT {ROW} FROM gone)"  # noqa: S608
        # numbering the rows of each value would sort them all, for the few that stand twice
        return (
            f"WITH mine AS ({mine}), first AS ("  # noqa: S608
            f"SELECT {names}, min({ROW}) AS _first FROM mine GROUP BY {names} HAVING count(*) > 1) "
            f"SELECT m.{ROW} FROM mine m JOIN first f ON {same} AND m.{ROW} > f._first"
        )

    def _already_there(self, group: Sequence[Column]) -> str:
        same = " AND ".join(f"o.{column.identifier} = s.{column.identifier}" for column in group)
        other = ""
        if self._mode == "part":
            return f"SELECT {ROW} FROM stage WHERE false"  # noqa: S608 - every value that was there goes
        if self._mode == "upsert":
            if list(group) == self._keys:
                return f"SELECT {ROW} FROM stage WHERE false"  # noqa: S608 - the same key is what an upsert is for
            # A unique value may move to its own row again, not to another key. A row whose own value this load
            # changes frees that value only in the next load: the order within one commit is not the file's.
            other = " AND (" + " OR ".join(f"o.{k.identifier} <> s.{k.identifier}" for k in self._keys) + ")"
        return (
            f"SELECT DISTINCT s.{ROW} FROM stage s JOIN old o ON {same}{other} "  # noqa: S608
            f"WHERE s.{ROW} NOT IN (SELECT {ROW} FROM gone)"
        )

    def _take(self, query: str, reason: str, group: Sequence[Column]) -> Iterator[Refusal]:
        self._sql(f"CREATE OR REPLACE TABLE found AS {query}")
        self._sql(f"INSERT INTO gone SELECT {ROW} FROM found")  # noqa: S608
        values = " || ' ' || ".join(f"CAST({column.identifier} AS VARCHAR)" for column in group)
        rows = self._sql(
            f"SELECT {LINE}, {values}, {self._whole()} FROM stage JOIN lines USING ({ROW}) "  # noqa: S608
            f"WHERE {ROW} IN (SELECT {ROW} FROM found) ORDER BY {ROW}"
        )
        name = "、".join(column.name for column in group)
        while batch := rows.fetchmany(10_000):
            for line, value, row in batch:
                yield Refusal(line=line, column=name, value=value, reason=reason, row=row)

    def commit(self, *, load_id: str, result: Mapping[str, Any]) -> int:
        """Write what is left as one new version of the table."""
        gone = self.connection.sql("SELECT * FROM gone").to_arrow_table().column(ROW)
        files = without(self._files.files, gone, Path(self._folder.name))
        schema = arrow_schema(self._columns)
        if self._mode not in {"upsert", "part"}:
            return take_over(self._table, files, schema, mode=self._mode, load_id=load_id, result=result)
        rows = pa.RecordBatchReader.from_batches(schema, (b for rows in groups_of(files) for b in rows.to_batches()))
        keys = [column.code for column in self._keys]
        kept = [c.code for c in self._columns if c.closed] if self._mode == "part" else None
        return merge(self._table, rows, keys=keys, carried=self._carried, kept=kept, load_id=load_id, result=result)

    def _sql(self, query: str) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(query)
