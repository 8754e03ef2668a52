"""What lies between two versions of a table: the rows inserted, updated and deleted, net of all that came between.

Where the commits in between tell what they changed, the table's change feed is read, whose cost goes by the changed
rows alone. Where one of them wrote rows anew (a replacement, a restored version), the files that only one of the two
versions has are compared. Either way condition and filters judge the earlier and the later image of a row: one that
leaves them is deleted for this reader, one that enters is inserted, and one that differs only in columns that are not
selected does not appear.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from guiyang_data.tables.columns import Column
from guiyang_data.tables.conversion import add_guard, literal
from guiyang_data.tables.exporting import (
    BATCH,
    Check,
    RowCount,
    csv_expression,
    csv_parts,
    excel_expression,
    json_expression,
    json_parts,
)
from guiyang_data.tables.netting import NET, by_key, by_row
from guiyang_data.tables.reading_rows import MEMORY, OFFLINE, OpenVersion, nothing_of, relation_of
from guiyang_data.tables.selecting import Filter, Selection, select
from guiyang_data.tables.storing import at_version, columns_of, commit_file, files_of

logger = logging.getLogger(__name__)

INSERT, UPDATE, DELETE, UPDATE_BEFORE = "insert", "update", "delete", "update-before"
WORDS = {INSERT: "新增", UPDATE: "修改后", DELETE: "删除", UPDATE_BEFORE: "修改前"}
KIND_HEADER = "变化"
EARLIER, LATER = ("update_preimage", "delete"), ("update_postimage", "insert")
MOST_COMMITS = 2_000
"""Beyond so many commits their logs cost more than the files of both versions."""


class VersionGone(Exception):
    """Rows of one of the versions, or of the way between them, are not kept any more."""


@dataclass(frozen=True, kw_only=True)
class ChangeCounts:
    """How many rows are to be inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, kw_only=True)
class Change:
    """One changed row. ``row``: as it is now, or as it was last where it is deleted; ``before``: of an update."""

    kind: str
    row: tuple[Any, ...]
    before: tuple[Any, ...] | None = None


def changes_between(
    table: Path | str,
    before: int,
    after: int,
    *,
    columns: Sequence[Column],
    keys: Sequence[str] = (),
    selected: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    row_condition: Sequence[Filter] = (),
    condition_columns: Sequence[Column] | None = None,
) -> Changes:
    """Find what changed from version ``before`` to ``after`` as one reader sees it; close what is given back.

    ``keys``: the columns that name a row in both versions, among ``columns``; without any, and where they name several,
    a changed row is one deleted and one inserted. Other arguments as for ``query``.
    Raises UnknownColumn, BadFilter, NoSuchVersion, VersionGone.
    """
    found = Changes(Path(table))
    try:
        found.find(
            before,
            after,
            keys,
            columns=columns,
            selected=selected,
            filters=filters,
            row_condition=row_condition,
            condition_columns=condition_columns,
            sort=(),
        )
    except (duckdb.Error, OSError) as failed:
        found.close()
        raise VersionGone(str(failed)) from failed
    except BaseException:
        found.close()
        raise
    return found


class Changes:
    """Found changes, in a place of their own that ``close`` gives up. ``is_keyed``: whether updates are told."""

    columns: tuple[Column, ...]
    counts: ChangeCounts
    is_keyed: bool

    def __init__(self, table: Path) -> None:
        self._table = table
        self._spill = tempfile.TemporaryDirectory(prefix="changes-")
        self.folder = self._spill.name
        config = {**OFFLINE, "temp_directory": self.folder, "memory_limit": MEMORY}
        self._connection = duckdb.connect(":memory:", config=config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up what was found; may be repeated."""
        self._connection.close()
        self._spill.cleanup()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of a row's values, in their order."""
        return tuple(column.code for column in self.columns)

    def find(self, before: int, after: int, keys: Sequence[str], **asked: Any) -> None:
        """Fill the table of net changes."""
        delta = at_version(self._table, after)
        schema = columns_of(delta)
        opened = OpenVersion(connection=self._connection, codes=frozenset(schema.names), contiguous=False)
        chosen = select(opened, **asked)
        judged = [item.code for item in (*asked["row_condition"], *asked["filters"])]
        needed = [code for code in schema.names if code in {*keys, *judged, *(c.code for c in chosen.columns)}]
        if before == after:
            self._sides(nothing_of(schema), nothing_of(schema))
        elif not (_told(self._table, before, after) and self._fed(delta, before, after, needed, keys)):
            self._read_files(before, after)
        self.columns = chosen.columns
        self.is_keyed = bool(keys) and not self._stand_twice(keys)
        self._net(chosen, keys if self.is_keyed else ())
        counted = self._connection.execute(f"SELECT _change, count(*) FROM {NET} GROUP BY 1").fetchall()  # noqa: S608
        by_kind = dict(counted)
        self.counts = ChangeCounts(
            inserted=by_kind.get(INSERT, 0), updated=by_kind.get(UPDATE, 0), deleted=by_kind.get(DELETE, 0)
        )

    def _fed(self, delta: DeltaTable, before: int, after: int, needed: Sequence[str], keys: Sequence[str]) -> bool:
        """Whether the feed could be read; the files of both versions tell the same, only slower."""
        try:
            self._read_feed(delta, before, after, needed, keys)
        except (DeltaError, duckdb.Error, OSError):
            logger.exception("the change feed of %s from %s to %s", self._table, before, after)
            return False
        return True

    def _read_feed(
        self, delta: DeltaTable, before: int, after: int, needed: Sequence[str], keys: Sequence[str]
    ) -> None:
        """The earlier image of a row is its first in the feed, the later one its last."""
        feed = delta.load_cdf(
            starting_version=before + 1,
            ending_version=after,
            columns=[*needed, "_change_type", "_commit_version"],
            allow_out_of_range=True,
        )
        self._connection.register("feed", pa.RecordBatchReader.from_stream(feed))
        same = ", ".join(f'"{key}"' for key in keys)
        window = f"OVER (PARTITION BY {same})"
        span = (
            f"min(_commit_version) {window} AS _first, max(_commit_version) {window} AS _last"
            if keys
            else "_commit_version AS _first, _commit_version AS _last"
        )
        self._connection.execute(f"CREATE TEMP TABLE events AS SELECT *, {span} FROM feed")  # noqa: S608
        self._connection.unregister("feed")
        self._sides(
            f"SELECT * FROM events WHERE _commit_version = _first AND _change_type IN {EARLIER}",  # noqa: S608
            f"SELECT * FROM events WHERE _commit_version = _last AND _change_type IN {LATER}",  # noqa: S608
        )

    def _read_files(self, before: int, after: int) -> None:
        """Files are never changed: rows of a file that both versions have are the same in both."""
        old, new = (set(files_of(at_version(self._table, version))) for version in (before, after))
        self._sides(self._scan(before, old - new), self._scan(after, new - old))

    def _scan(self, version: int, files: set[str]) -> str:
        if not files:
            return nothing_of(columns_of(at_version(self._table, version)))
        return relation_of(self._connection, self._table, version, sorted(files))[0]

    def _sides(self, old: str, new: str) -> None:
        self._connection.execute(f"CREATE TEMP VIEW olds AS {old}")
        self._connection.execute(f"CREATE TEMP VIEW news AS {new}")

    def _stand_twice(self, keys: Sequence[str]) -> bool:
        """Rows from before the key was one may share it; then it names none of them."""
        named = ", ".join(f'"{key}"' for key in keys)
        twice = "SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 LIMIT 1"
        return any(self._connection.execute(twice.format(side, named)).fetchall() for side in ("olds", "news"))

    def _net(self, chosen: Selection, keys: Sequence[str]) -> None:
        old, new = (f"FROM {side} {chosen.where}" for side in ("olds", "news"))
        query = by_key(chosen, old, new, keys) if keys else by_row(chosen, old, new)
        self._connection.execute(f"CREATE TEMP TABLE {NET} AS {query}", [*chosen.values, *chosen.values])

    def page(self, *, offset: int = 0, limit: int = 100) -> list[Change]:
        """Some of the changes, by their key (without one: deleted rows first, each by its values)."""
        width = len(self.columns)
        named = ", ".join([*(f"r{place}" for place in range(width)), *(f"b{place}" for place in range(width))])
        rows = self._connection.execute(
            f"SELECT _change, {named} FROM {NET} WHERE _place > ? AND _place <= ? ORDER BY _place",  # noqa: S608
            [offset, offset + limit],
        ).fetchall()
        return [
            Change(kind=kind, row=tuple(cells[:width]), before=tuple(cells[width:]) if kind == UPDATE else None)
            for kind, *cells in rows
        ]

    def stream_csv(
        self,
        *,
        with_before: bool = False,
        for_excel: bool = False,
        check: Check | None = None,
        counter: RowCount | None = None,
    ) -> Iterator[bytes]:
        """All changes as CSV, the kind in front; ``with_before``: a line of its own before each update.

        ``for_excel``: kinds in Chinese, with BOM, formulas guarded. Other arguments as for ``tables.query.stream_csv``.
        """
        render = excel_expression if for_excel else csv_expression

        def line(image: str, kind: str, order: int, where: str = "") -> str:
            cells = [render(column, f"{image}{place}") for place, column in enumerate(self.columns)]
            named = ", ".join(f"{cell} AS c{place}" for place, cell in enumerate(cells))
            return f"SELECT {kind} AS kind, {named}, _place, {order} AS _image FROM {NET} {where}"  # noqa: S608

        words = " ".join(f"WHEN {literal(kind)} THEN {literal(word)}" for kind, word in WORDS.items())
        lines = [line("r", "_change", 1)]
        if with_before:
            lines.append(line("b", literal(UPDATE_BEFORE), 0, f"WHERE _change = {literal(UPDATE)}"))
        kind = f"CASE kind {words} END AS kind" if for_excel else "kind"
        query = (
            f"SELECT {kind}, * EXCLUDE (kind, _place, _image) FROM ({' UNION ALL '.join(lines)}) "  # noqa: S608
            "ORDER BY _place, _image"
        )
        names = [KIND_HEADER, *(add_guard(c.name) if for_excel else c.name for c in self.columns)]
        return csv_parts(names, self._batches(query, check, counter), bom=for_excel)

    def stream_json(
        self, *, with_before: bool = False, check: Check | None = None, counter: RowCount | None = None
    ) -> Iterator[bytes]:
        """All changes as one JSON array of objects: ``change``, ``row`` by code, ``before`` where it is wanted."""
        pairs = {"change": "_change", "row": self._object("r")}
        if with_before:
            pairs["before"] = f"CASE WHEN _change = {literal(UPDATE)} THEN {self._object('b')} END"
        fields = ", ".join(f"{literal(name)}: {value}" for name, value in pairs.items())
        query = f"SELECT CAST(to_json({{{fields}}}) AS VARCHAR) FROM {NET} ORDER BY _place"  # noqa: S608
        return json_parts(self._batches(query, check, counter))

    def _object(self, image: str) -> str:
        cells = (
            f"{literal(column.code)}: {json_expression(column, f'{image}{place}')}"
            for place, column in enumerate(self.columns)
        )
        return f"{{{', '.join(cells)}}}"

    def _batches(
        self, query: str, check: Check | None, counter: RowCount | None
    ) -> Generator[pa.RecordBatch, None, None]:
        if check:
            check()
        for number, batch in enumerate(self._connection.sql(query).to_arrow_reader(BATCH)):
            if check and number:
                check()
            if counter:
                counter.rows += batch.num_rows
            yield batch


def _told(table: Path, before: int, after: int) -> bool:
    """Whether every commit after ``before`` tells its changes row by row: as such, or by adding files only."""
    if after - before > MOST_COMMITS:
        return False
    return all(_tells(commit_file(table, version)) for version in range(before + 1, after + 1))


def _tells(commit: Path) -> bool:
    if not commit.exists():
        return False
    actions = [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines() if line.strip()]
    if any("cdc" in action for action in actions):
        return True
    return not any(action["remove"].get("dataChange", True) for action in actions if "remove" in action)
