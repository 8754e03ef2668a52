"""Versions of a table on disk: one Delta Lake commit per load, found again by the id of its load.

A folder ``table`` holds the Delta table; beside it stand ``views/<name>/<version>.duckdb``, ``bad/<load>.csv`` and a
lock file. Nothing is ever cleaned up: log and files are kept for a hundred years, so that every version stays readable.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, create_table_with_add_actions

from guiyang_data.tables.columns import ROW, Column
from guiyang_data.tables.conversion import literal
from guiyang_data.tables.refusals import NoSuchVersion
from guiyang_data.tables.row_files import RowFile, groups_of

FOREVER = "interval 36500 days"
CONFIGURATION: dict[str, str | None] = {
    "delta.logRetentionDuration": FOREVER,
    "delta.deletedFileRetentionDuration": FOREVER,
    "delta.enableExpiredLogCleanup": "false",
    "delta.enableChangeDataFeed": "true",
}
HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
RESULT = "load_result"
LOAD_ID = "load_id"
COMPACTS = "compacts_load"


@contextmanager
def locked(table: Path) -> Iterator[None]:
    """One writer per table at a time, over all processes of the machine; a second one waits."""
    table.parent.mkdir(parents=True, exist_ok=True)
    with (table.parent / f".{table.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def existing(table: Path, version: int | None = None) -> DeltaTable | None:
    """The Delta table at its latest or the given version; None when nothing was ever written."""
    if not (table / "_delta_log").is_dir():
        return None
    try:
        return DeltaTable(str(table), version=version)
    except TableNotFoundError:
        return None


def at_version(table: Path, version: int) -> DeltaTable:
    """The Delta table at a version. Raises NoSuchVersion."""
    if not commit_file(table, version).exists():
        raise NoSuchVersion(version)
    found = existing(table, version)
    if found is None:
        raise NoSuchVersion(version)
    return found


def commit_file(table: Path, version: int) -> Path:
    """The log entry of a version; it exists as long as the version does."""
    return table / "_delta_log" / f"{version:020d}.json"


def latest_version(table: Path | str) -> int | None:
    """The newest version written; readers follow the version pinned in the database, never this one."""
    found = existing(Path(table))
    return None if found is None else int(found.version())


def find_load(table: Path | str, load_id: str) -> tuple[int, dict[str, Any]] | None:
    """(version, what was recorded with it) of the commit that carries ``load_id``; None when there is none.

    Finds a load whose commit was made but whose row in the database was not.
    """
    found = existing(Path(table))
    if found is None or found.transaction_version(load_id) is None:
        return None
    for commit in found.history():
        if commit.get(LOAD_ID) == load_id:
            return int(commit["version"]), json.loads(commit.get(RESULT, "{}"))
    return None


def newest_after(table: Path | str, version: int) -> str | None:
    """The id of the load that the newest version is of, where there is one newer than ``version``; else None.

    Where there is none, no log is read.
    """
    path = Path(table)
    if not commit_file(path, version + 1).exists():
        return None
    found = existing(path)
    return None if found is None else str(found.history(1)[0].get(LOAD_ID, ""))


def columns_of(delta: DeltaTable) -> pa.Schema:
    return pa.schema(delta.schema())


def changed_types(table: Path | str, columns: Sequence[Column]) -> bool:
    """Whether one of the columns is kept as another type in the newest version, so that rows cannot be merged."""
    found = existing(Path(table))
    if found is None:
        return False
    schema = columns_of(found)
    return any(c.code in schema.names and schema.field(c.code).type != c.data_type.arrow for c in columns)


def read_parquet(files: Iterable[Path | str]) -> str:
    """A relation of DuckDB over the rows of Parquet files; a column that a file does not have is empty there."""
    listed = ", ".join(literal(str(file)) for file in files)
    return f"read_parquet([{listed}], union_by_name=true)"


def files_of(delta: DeltaTable) -> list[str]:
    return list(delta.file_uris())


def find_commit(table: Path, load_id: str) -> tuple[int, dict[str, Any]] | None:
    """The same for a commit without a mark: (the version in which its rows stand compacted or as written, what was
    recorded). Reads the log back, for use after a failure alone.
    """
    found = existing(table)
    compacted = None
    for commit in found.history() if found is not None else ():
        if commit.get(COMPACTS) == load_id:
            compacted = int(commit["version"])
        if commit.get(LOAD_ID) == load_id:
            return compacted or int(commit["version"]), json.loads(commit.get(RESULT, "{}"))
    return None


def compact(table: Path, load_id: str) -> int:
    """Put the many small files of a table together; gives the version, whose rows are those of ``load_id``'s.

    The caller holds the lock.
    """
    delta = DeltaTable(str(table))
    delta.optimize.compact(
        commit_properties=CommitProperties(custom_metadata={COMPACTS: load_id}), post_commithook_properties=HOOKS
    )
    return int(DeltaTable(str(table)).version())


def rows_in(table: Path, version: int, opened: DeltaTable | None = None) -> int:
    """How many rows a version has, by what its commits say. ``opened``: the table at a version shortly before it."""
    if opened is None:
        opened = at_version(table, version)
    elif opened.version() != version:
        opened.update_incremental()
    actions = pa.table(opened.get_add_actions(flatten=True))
    return int(pc.sum(actions["num_records"]).as_py() or 0)


def last_row(delta: DeltaTable) -> int:
    """The highest of the hidden row numbers, by what the commits say of their files."""
    actions = pa.table(delta.get_add_actions(flatten=True))
    return int(pc.max(actions[f"max.{ROW}"]).as_py() or 0) if actions.num_rows else 0


def properties(load_id: str, result: Mapping[str, Any], *, marked: bool = True) -> CommitProperties:
    """What a commit says of its load. ``marked``: it is found again at once; every mark stays in the log for good."""
    return CommitProperties(
        custom_metadata={LOAD_ID: load_id, RESULT: json.dumps(dict(result), ensure_ascii=False)},
        app_transactions=[Transaction(load_id, 1)] if marked else None,
    )


def write(
    table: Path,
    rows: pa.RecordBatchReader,
    *,
    mode: str,
    load_id: str,
    result: Mapping[str, Any],
    marked: bool = True,
    opened: DeltaTable | None = None,
) -> int:
    """Replace or append in one commit; gives the new version. The caller holds the lock.

    ``opened``: the table at its newest version, which then is at the new one: its log is not read again.
    """
    write_deltalake(
        str(table) if opened is None else opened,
        rows,
        mode="overwrite" if mode == "replace" else "append",
        schema_mode="overwrite" if mode == "replace" else "merge",
        configuration=CONFIGURATION,
        commit_properties=properties(load_id, result, marked=marked),
        post_commithook_properties=HOOKS,
    )
    return int((opened or DeltaTable(str(table))).version())


def take_over(
    table: Path,
    files: Sequence[RowFile],
    schema: pa.Schema,
    *,
    mode: str,
    load_id: str,
    result: Mapping[str, Any],
) -> int:
    """Replace or append rows by files written before, in one commit; gives the new version. The caller holds the lock.

    The files lie on the table's disk and have ``schema``. Where the table has other columns, its rows are written anew.
    """
    delta = existing(table)
    if delta is not None and columns_of(delta) != schema:
        rows = (batch for group in groups_of(files) for batch in group.to_batches())
        reader = pa.RecordBatchReader.from_batches(schema, rows)
        return write(table, reader, mode=mode, load_id=load_id, result=result)
    table.mkdir(parents=True, exist_ok=True)
    added = [_added(file.path.rename(table / file.path.name), file) for file in files]
    told: dict[str, Any] = {"commit_properties": properties(load_id, result), "post_commithook_properties": HOOKS}
    columns = Schema.from_arrow(schema)
    if delta is None:
        create_table_with_add_actions(
            str(table), columns, added, mode="error", partition_by=[], configuration=CONFIGURATION, **told
        )
    else:
        delta.create_write_transaction([*added], "overwrite" if mode == "replace" else "append", columns, **told)
    return int(DeltaTable(str(table)).version())


def _added(path: Path, file: RowFile) -> AddAction:
    """What the log says of a file: its rows, and the numbers they have."""
    stats = {"numRecords": file.rows, "minValues": {ROW: file.first}, "maxValues": {ROW: file.last}}
    facts = path.stat()
    return AddAction(
        path=path.name,
        size=facts.st_size,
        partition_values={},
        modification_time=int(facts.st_mtime * 1000),
        data_change=True,
        stats=json.dumps(stats | {"nullCount": {ROW: 0}}),
    )


def merge(
    table: Path,
    rows: pa.RecordBatchReader,
    *,
    keys: Sequence[str],
    carried: Sequence[str],
    load_id: str,
    result: Mapping[str, Any],
    marked: bool = True,
    kept: Sequence[str] | None = None,
    opened: DeltaTable | None = None,
) -> int:
    """Update rows of the same key, insert the others, in one commit; gives the new version. The caller holds the lock.

    ``carried``: the columns that the file brings; the others keep their value. A row that is updated keeps its place.
    ``kept``: where the file is the whole of its columns, those that it says nothing about; rows that are not in it lose
    what it could have brought, and go where nothing of these is left. ``opened``: as for ``write``.
    """
    delta = opened or DeltaTable(str(table))
    before = int(delta.version())
    known = {*columns_of(delta).names}
    merger = delta.merge(
        rows,
        predicate=" AND ".join(f't."{key}" = s."{key}"' for key in keys),
        source_alias="s",
        target_alias="t",
        merge_schema=not known.issuperset(rows.schema.names),
        commit_properties=properties(load_id, result, marked=marked),
        post_commithook_properties=HOOKS,
    )
    updates = {f'"{code}"': f's."{code}"' for code in carried if code not in keys and code != ROW}
    if updates:
        merger = merger.when_matched_update(updates)
    merger = merger.when_not_matched_insert_all()
    if kept is not None:
        # of two clauses for a row the first that fits holds
        merger = merger.when_not_matched_by_source_delete(_nothing_in(kept, known))
        emptied = {f'"{code}"': "NULL" for code in carried if code not in keys and code in known}
        merger = merger.when_not_matched_by_source_update(emptied) if emptied else merger
    merger.execute()
    if int(delta.version()) != before:
        return int(delta.version())
    # Nothing but known keys in a file of keys alone: still a version of its own, so that a repeat finds it.
    nothing = rows.schema.empty_table().to_reader()
    return write(table, nothing, mode="append", load_id=load_id, result=result, marked=marked, opened=delta)


def _nothing_in(codes: Sequence[str], known: Collection[str]) -> str:
    """SQL that is true of a row of the table that has no value in any of these columns."""
    return " AND ".join(f't."{code}" IS NULL' for code in codes if code in known) or "true"


def restore(table: Path | str, version: int, *, load_id: str, result: Mapping[str, Any]) -> int:
    """Make the rows of an earlier version the newest again, in one commit; gives the new version.

    The same ``load_id`` again does nothing and gives the version of the first time. Raises NoSuchVersion.
    """
    path = Path(table)
    with locked(path):
        done = find_load(path, load_id)
        if done is not None:
            return done[0]
        at_version(path, version)
        delta = DeltaTable(str(path))
        if int(delta.version()) != version:
            delta.restore(version, commit_properties=properties(load_id, result), post_commithook_properties=HOOKS)
            return int(DeltaTable(str(path)).version())
        # It is the newest already: still a version of its own, so that a repeat finds it.
        empty = columns_of(delta).empty_table().to_reader()
        return write(path, empty, mode="append", load_id=load_id, result=result)
