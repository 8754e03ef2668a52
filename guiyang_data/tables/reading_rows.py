"""Open one version of a table for reading: the one place that knows where its rows lie.

A version is read from an immutable DuckDB file built from it (``views/<table>/<version>.duckdb`` beside the table), or
from the Parquet files of the version itself while that file is not there yet. Both give the same relation ``rows``.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from guiyang_data.tables.columns import ARROW_TYPES, ROW, SQL_TYPES
from guiyang_data.tables.leftovers import FAILURES
from guiyang_data.tables.refusals import StorageFailed
from guiyang_data.tables.storing import at_version, columns_of, commit_file, files_of, read_parquet

logger = logging.getLogger(__name__)

KEPT_OPEN = 32
# More threads per process made pages slower, not faster: the web serves many readers at once.
THREADS = 2
MEMORY = "512MiB"
"""What DuckDB may hold while it builds a file, before it spills to the disk."""
READING_MEMORY = "256MiB"
"""What it may hold of one version that is read, blocks it has read among it: unbounded, it would keep whole tables."""
INDEXED_FROM = 200_000
"""Shorter tables are read through sooner than an index of theirs is built."""
MOST_INDEXES = 4
INDEX = "by_"
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": THREADS,
}

SQL_BY_ARROW = {ARROW_TYPES[kind]: SQL_TYPES[kind] for kind in ARROW_TYPES}


@dataclass(frozen=True, kw_only=True)
class OpenVersion:
    """A version open for one reader.

    ``connection``: this reader's own cursor, with the relation ``rows``. ``codes``: the columns the version really has.
    ``contiguous``: the hidden row number runs 1, 2, 3 … without a gap (in the DuckDB file), so a page is a range.
    ``indexed``: columns by whose values rows are found without reading the table through.
    """

    connection: duckdb.DuckDBPyConnection
    codes: frozenset[str]
    contiguous: bool
    indexed: frozenset[str] = frozenset()


def view_path(table: Path | str, version: int) -> Path:
    """Where the DuckDB file of a version stands, whether it is built or not."""
    table = Path(table)
    return table.parent / "views" / table.name / f"{version}.duckdb"


def build_view(table: Path | str, version: int, *, looked_up: Sequence[str] = ()) -> Path:
    """Build the DuckDB file of a version, atomically and once; a job in the background.

    ``looked_up``: codes of the columns by whose values single rows are asked for; a long table gets an index of each.
    Raises NoSuchVersion, and StorageFailed where there is no room; the version is then read from Parquet.
    """
    table = Path(table)
    target = view_path(table, version)
    if target.exists():
        return target
    try:
        _build(table, version, target, looked_up)
    except (OSError, *FAILURES) as failed:
        raise StorageFailed(str(failed)) from failed
    return target


def _build(table: Path, version: int, target: Path, looked_up: Sequence[str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=target.parent) as folder:
        building = Path(folder) / target.name
        config = {**OFFLINE, "temp_directory": f"{folder}/spill", "memory_limit": MEMORY}
        with duckdb.connect(str(building), config=config) as connection:
            connection.execute(f"CREATE TABLE rows AS {_numbered(connection, table, version)}")
            _index(connection, looked_up)
            # Closing would write it too, but says nothing where the disk is full.
            connection.execute("CHECKPOINT")
        building.replace(target)


def _index(connection: duckdb.DuckDBPyConnection, looked_up: Sequence[str]) -> None:
    """Indexes of a long table. Where there is no room for one, its rows are found by reading them through."""
    ((rows,),) = connection.execute("SELECT count(*) FROM rows").fetchall()
    if rows < INDEXED_FROM:
        return
    codes = _codes_of(connection)
    for code in [code for code in looked_up if code in codes][:MOST_INDEXES]:
        try:
            connection.execute(f'CREATE INDEX "{INDEX}{code}" ON rows ("{code}")')
        except duckdb.OutOfMemoryException:
            logger.warning("no room for an index of %s over %s rows", code, rows)


def _codes_of(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    described = connection.execute("DESCRIBE rows").fetchall()
    return frozenset(name for name, *_ in described if name != ROW)


def _numbered(connection: duckdb.DuckDBPyConnection, table: Path, version: int) -> str:
    """The rows of a version in their order, numbered without a gap; sorted only where they do not lie so already."""
    relation, _codes = relation_of(connection, table, version)
    ordered = _in_order(files_of(at_version(table, version)))
    if ordered is not None:
        return f"SELECT {ROW}, * EXCLUDE ({ROW}) FROM ({relation_of(connection, table, version, ordered)[0]})"  # noqa: S608
    return (
        f"SELECT row_number() OVER (ORDER BY {ROW}) AS {ROW}, * EXCLUDE ({ROW}) "  # noqa: S608
        f"FROM ({relation}) ORDER BY {ROW}"
    )


def _in_order(files: Sequence[str]) -> list[str] | None:
    """The Parquet files in the order of their rows, where row groups follow each other from 1 on without a gap."""
    groups = [(*group, file) for file in files for group in _row_numbers(file)]
    groups.sort()
    next_row = 1
    for first, last, count, _file in groups:
        if first != next_row or last - first + 1 != count:
            return None
        next_row = last + 1
    ordered = list(dict.fromkeys(file for *_numbers, file in groups))
    in_files = [(*group, file) for file in ordered for group in _row_numbers(file)]
    return ordered if in_files == groups else None


def _row_numbers(file: str) -> Iterator[tuple[int, int, int]]:
    """(first, last, how many) row numbers of each row group, as its statistics tell; zeros where they tell nothing."""
    metadata = pq.read_metadata(file.removeprefix("file://"))
    place = metadata.schema.names.index(ROW)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        told = group.column(place).statistics
        known = told is not None and told.has_min_max
        yield (told.min, told.max, group.num_rows) if known else (0, 0, 0)


def share_view(table: Path | str, version: int, same: int) -> None:
    """Give a version the DuckDB file of another that has its rows; where that is not built, Parquet is read."""
    source, target = view_path(table, same), view_path(table, version)
    if source.exists() and not target.exists():
        os.link(source, target)


@contextmanager
def open_version(table: Path | str, version: int) -> Iterator[OpenVersion]:
    """Open a version for reading; safe in threads, each reader has a cursor of its own. Raises NoSuchVersion."""
    with _CACHE.borrow(Path(table), version) as held:
        cursor = held.connection.cursor()
        try:
            yield OpenVersion(connection=cursor, codes=held.codes, contiguous=held.contiguous, indexed=held.indexed)
        finally:
            cursor.close()


@contextmanager
def private_connection(table: Path | str, version: int, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection nobody else has, with the relation ``rows``: for work that registers functions or tables."""
    with duckdb.connect(":memory:", config={**OFFLINE, "temp_directory": str(spill)}) as connection:
        relation, _codes = relation_of(connection, Path(table), version)
        connection.execute(f"CREATE VIEW rows AS {relation}")
        yield connection


def relation_of(
    connection: duckdb.DuckDBPyConnection, table: Path, version: int, ordered: Sequence[str] | None = None
) -> tuple[str, frozenset[str]]:
    """SQL over the Parquet files of a version, with every column of its schema, and the codes of those columns."""
    delta = at_version(table, version)
    schema, files = columns_of(delta), ordered or files_of(delta)
    codes = frozenset(name for name in schema.names if name != ROW)
    if not files:
        return nothing_of(schema), codes
    scan = read_parquet(files)
    there = {name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}  # noqa: S608
    # Files from before a column was added do not have it.
    return f"SELECT {_nulls(schema, there)} FROM {scan}", codes  # noqa: S608


def nothing_of(schema: pa.Schema) -> str:
    """SQL of no rows with every column of a schema."""
    return f"SELECT {_nulls(schema, set())} WHERE false"


def _nulls(schema: pa.Schema, there: set[str]) -> str:
    return ", ".join(
        f'"{field.name}"'
        if field.name in there
        else f'CAST(NULL AS {SQL_BY_ARROW.get(field.type, "VARCHAR")}) AS "{field.name}"'
        for field in schema
    )


@dataclass
class _Held:
    connection: duckdb.DuckDBPyConnection
    codes: frozenset[str]
    contiguous: bool
    indexed: frozenset[str] = frozenset()
    readers: int = 0
    retired: bool = False


class _Cache:
    """Read-only connections of this process, the least recently used closed once its last reader is done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, int, int, int], _Held] = OrderedDict()
        self._abandoned: list[object] = []

    @contextmanager
    def borrow(self, table: Path, version: int) -> Iterator[_Held]:
        with self._lock:
            held = self._find(table, version)
            held.readers += 1
        try:
            yield held
        finally:
            with self._lock:
                held.readers -= 1
                self._close_if_done(held)

    def _find(self, table: Path, version: int) -> _Held:
        view = view_path(table, version)
        from_file = view.exists()
        origin = view if from_file else commit_file(table, version)
        # The file's identity is part of the key: a table made anew at the same place is another table.
        stat = origin.stat() if origin.exists() else None
        key = (str(origin), version, stat.st_ino if stat else 0, stat.st_mtime_ns if stat else 0)
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        held = _open(view, table, version) if from_file else _open_parquet(table, version)
        self._held[key] = held
        while len(self._held) > KEPT_OPEN:
            _key, oldest = self._held.popitem(last=False)
            oldest.retired = True
            self._close_if_done(oldest)
        return held

    @staticmethod
    def _close_if_done(held: _Held) -> None:
        # Closing a connection closes the cursors taken from it.
        if held.retired and not held.readers:
            held.connection.close()

    def forget(self) -> None:
        """In a forked child: the threads behind these connections stayed with the parent; never touch them again."""
        self._abandoned.append(self._held)
        self._held = OrderedDict()
        self._lock = threading.Lock()


def _open(view: Path, table: Path, version: int) -> _Held:
    """The DuckDB file; a damaged one is no reason not to read the rows it was made from."""
    try:
        return _open_file(view)
    except duckdb.Error:
        return _open_parquet(table, version)


def _open_file(view: Path) -> _Held:
    spill = Path(tempfile.gettempdir()) / f"guiyang-spill-{os.getpid()}"
    config = {**OFFLINE, "memory_limit": READING_MEMORY, "temp_directory": str(spill)}
    connection = duckdb.connect(str(view), read_only=True, config=config)
    connection.execute("SET enable_external_access = false")
    indexes = connection.execute("SELECT index_name FROM duckdb_indexes()").fetchall()
    indexed = frozenset(name.removeprefix(INDEX) for (name,) in indexes)
    return _Held(connection, _codes_of(connection), contiguous=True, indexed=indexed)


def _open_parquet(table: Path, version: int) -> _Held:
    connection = duckdb.connect(":memory:", config=OFFLINE)
    relation, codes = relation_of(connection, table, version)
    connection.execute(f"CREATE VIEW rows AS {relation}")
    return _Held(connection, codes, contiguous=False)


_CACHE = _Cache()
os.register_at_fork(after_in_child=_CACHE.forget)
