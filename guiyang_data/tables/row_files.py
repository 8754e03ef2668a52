"""The Parquet files of a version, written while its rows are still judged, so that the commit only has to name them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from guiyang_data.tables.columns import ROW

GROUP_ROWS = 250_000
LOOKED_AT = 10_000
FILE_ROWS = 1_000_000
"""Readers take the files of a version side by side, and a repair writes only those anew that it touches."""


@dataclass(frozen=True, kw_only=True)
class RowFile:
    """One file: where it lies, how many rows it has, and the hidden numbers of its first and last."""

    path: Path
    rows: int
    first: int
    last: int


class RowFiles:
    """Files that are written by a thread of their own, in the order in which rows are added."""

    def __init__(self, folder: Path, *, told_of: Sequence[str] = ()) -> None:
        """``told_of``: columns of which each row group says its least and greatest value, beside the row numbers."""
        self._folder = folder
        self._told_of = [ROW, *told_of]
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="row-files")
        self._writing: Future[None] | None = None
        self._waiting: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None
        self._path = folder
        self._groups: list[tuple[int, int, int]] = []
        self.files: list[RowFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Take rows over; their numbers (``_row``) rise. Waits where the disk is slower than whoever adds."""
        self._waiting.append(rows)
        if sum(part.num_rows for part in self._waiting) >= GROUP_ROWS:
            self._hand_over()

    def finish(self) -> list[RowFile]:
        """Write what is left; all files."""
        if self._waiting:
            self._hand_over()
        if self._writing is not None:
            self._writing.result()
        self._end_file()
        return self.files

    def _hand_over(self) -> None:
        group, self._waiting = pa.concat_tables(self._waiting), []
        if self._writing is not None:
            self._writing.result()
        self._writing = self._pool.submit(self._write, group)

    def _write(self, group: pa.Table) -> None:
        if not group.num_rows:
            return
        if self._writer is None:
            self._path = self._folder / f"part-{uuid.uuid4()}.parquet"
            self._writer = pq.ParquetWriter(
                str(self._path), group.schema, use_dictionary=_repeating(group), write_statistics=self._told_of
            )
        self._writer.write_table(group, row_group_size=group.num_rows)
        numbers = group[ROW]
        self._groups.append((group.num_rows, numbers[0].as_py(), numbers[-1].as_py()))
        if sum(rows for rows, _first, _last in self._groups) >= FILE_ROWS:
            self._end_file()

    def _end_file(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        rows = sum(group[0] for group in self._groups)
        self.files.append(RowFile(path=self._path, rows=rows, first=self._groups[0][1], last=self._groups[-1][2]))
        self._writer, self._groups = None, []


def _repeating(rows: pa.Table) -> list[str]:
    """Columns whose values repeat among the first rows; a dictionary of the others would be filled for nothing."""
    first = rows.slice(0, LOOKED_AT)
    return [name for name in first.schema.names if pc.count_distinct(first[name]).as_py() * 2 <= first.num_rows]


def without(files: Sequence[RowFile], gone: pa.ChunkedArray, folder: Path) -> list[RowFile]:
    """The files without the rows of these numbers; those that have none of them stay as they are."""
    if not len(gone):
        return list(files)
    kept: list[RowFile] = []
    for file in files:
        inside = pc.and_(pc.greater_equal(gone, file.first), pc.less_equal(gone, file.last))
        kept += _rewritten(file, gone, folder) if pc.any(inside).as_py() else [file]
    return kept


def _rewritten(file: RowFile, gone: pa.ChunkedArray, folder: Path) -> list[RowFile]:
    with RowFiles(folder) as again:
        for rows in groups_of([file]):
            again.add(rows.filter(pc.invert(pc.is_in(rows[ROW], value_set=gone))))
        return again.finish()


def groups_of(files: Sequence[RowFile]) -> Iterator[pa.Table]:
    """The rows of the files, a row group at a time."""
    for file in files:
        with pq.ParquetFile(str(file.path)) as opened:
            for number in range(opened.num_row_groups):
                yield opened.read_row_group(number)
