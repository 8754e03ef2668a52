"""Take a file into a table: read, check every row, set the bad ones aside, commit the good ones as one version."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from guiyang_data.tables.batches import Batch
from guiyang_data.tables.checking import BAD_WIDTH, WHOLE_ROW, Checker, Glance, Refusal, whole_row
from guiyang_data.tables.columns import Column, check_distinct, layout_of
from guiyang_data.tables.leftovers import tidied
from guiyang_data.tables.matching import match_header, match_positions
from guiyang_data.tables.pushed_parts import PartsReader
from guiyang_data.tables.reading import Source, open_source
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import RefusedRows
from guiyang_data.tables.staging import Stage
from guiyang_data.tables.storing import existing, find_load, locked

Mode = Literal["replace", "append", "upsert", "part"]
Progress = Callable[[int, int, int], None]
"""(bytes done, bytes in all, rows read)."""

AHEAD = 2
"""Batches in hand besides the one that is written down."""


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """What became of a load.

    ``version``: the version of the table to pin. ``rows_read`` = ``rows_accepted`` + ``rows_refused``; blank lines are
    no rows. ``reasons``: count of refused cells by “信息项：原因”. ``repeated``: this load had been committed
    before and nothing was done now; the figures are those of the first time. ``layout``: of the columns that the rows
    were checked by, as ``layout_of`` has it.
    """

    version: int
    rows_read: int
    rows_accepted: int
    rows_refused: int
    encoding: str
    sha256: str
    reasons: dict[str, int] = field(default_factory=dict)
    bad_rows_path: Path | None = None
    layout: str = ""
    repeated: bool = False


def load(
    path: Path | str,
    *,
    file_name: str,
    columns: Sequence[Column],
    table: Path | str,
    load_id: str,
    mode: Mode = "replace",
    progress: Progress | None = None,
    limit_bad_share: float | None = None,
    header_row: int | None = None,
    has_header: bool = True,
    encoding: str | None = None,
    sheet: str | None = None,
    bad_rows: Path | str | None = None,
) -> LoadResult:
    """Load a file into the Delta table at ``table`` as one new version.

    ``mode``: replace all rows; append; or upsert by the key columns (a column that the file does not carry keeps its
    value, a row that is updated its place); or replace a part: the columns that are not closed, of every row, by key.
    ``limit_bad_share``: between 0 and 1, the share of refused rows beyond
    which nothing is taken in. ``bad_rows``: where refused rows are written, by default ``bad/<load_id>.csv`` beside the
    table. Without a header the file carries all columns in their order. The same ``load_id`` again does nothing and
    gives the version of the first time.

    Raises LoadRefused, and leaves the table as it was, for a file that is no table, a header that does not fit, a share
    of bad rows beyond the limit, or no good row at all. Raises StorageFailed, and leaves nothing half done, where disk
    or memory fail. Raises ValueError for columns that cannot work.
    """
    return _load_once(
        partial(
            open_source,
            path,
            file_name=file_name,
            header_row=header_row,
            has_header=has_header,
            encoding=encoding,
            sheet=sheet,
        ),
        table=Path(table),
        load_id=load_id,
        limit_bad_share=limit_bad_share,
        columns=columns,
        mode=mode,
        progress=progress,
        bad_rows=bad_rows,
    )


def load_parts(
    parts: Sequence[tuple[Path, str]],
    *,
    header: Sequence[str],
    columns: Sequence[Column],
    table: Path | str,
    load_id: str,
    mode: Mode = "replace",
    progress: Progress | None = None,
    limit_bad_share: float | None = None,
) -> LoadResult:
    """Load what a system pushed in parts, (where each lies, its format), as one; lines count through all of them."""

    def opened() -> Source:
        read = PartsReader(parts, header)
        return Source(read, kind="rows", sha256="", size=read.size)

    return _load_once(
        opened,
        table=Path(table),
        load_id=load_id,
        limit_bad_share=limit_bad_share,
        columns=columns,
        mode=mode,
        progress=progress,
    )


def _load_once(
    opened: Callable[[], Source], *, table: Path, load_id: str, limit_bad_share: float | None, **job: Any
) -> LoadResult:
    """What every load keeps to: alone at its table, once by its id, nothing left where storage fails."""
    with locked(table), tidied(table):
        before = _earlier(table, load_id)
        if before is not None:
            return before
        with opened() as source:
            return _Job(table=table, load_id=load_id, **job).run(source, limit_bad_share)


def _earlier(table: Path, load_id: str) -> LoadResult | None:
    found = find_load(table, load_id)
    if found is None:
        return None
    version, recorded = found
    bad = recorded.get("bad_rows_path")
    recorded["bad_rows_path"] = table.parent / bad if bad else None
    return LoadResult(**{**recorded, "version": version, "repeated": True})


class _Job:
    """One load under way."""

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        table: Path,
        load_id: str,
        mode: Mode,
        progress: Progress | None = None,
        bad_rows: Path | str | None = None,
    ) -> None:
        check_distinct(columns)
        if mode in {"upsert", "part"} and not any(column.is_key for column in columns):
            raise LoadRefused("目录没有规定主键，不能按主键更新。请改用整表替换，或者先在目录中规定主键，")
        self._columns = tuple(columns)
        self._table = table
        self._load_id = load_id
        # The first rows of a table have nothing to be merged with.
        self._mode: Mode = mode if existing(table) is not None else "replace"
        self._refused = RefusedRows(Path(bad_rows) if bad_rows else table.parent / "bad" / f"{load_id}.csv")
        self._progress = progress or (lambda done, total, rows: None)
        self._read = 0

    def run(self, source: Source, limit_bad_share: float | None) -> LoadResult:
        positions = (
            match_header(source.header, self._columns)
            if source.has_header
            else match_positions(len(source.header), self._columns)
        )
        with self._refused, Stage(self._table, self._columns, positions, mode=self._mode) as stage:
            checker = Checker(stage.connection, self._columns, positions)
            for seen, misshapen in self._glances(checker, source):
                good, refusals = checker.decide(seen)
                stage.add(good)
                self._refused.add(sorted([*misshapen, *refusals], key=attrgetter("line")))
                self._progress(source.done_bytes, source.size, self._read)
            stage.close_input()
            self._refused.add(stage.unknown())
            self._refused.add(stage.duplicates())
            self._judge(limit_bad_share)
            result = self._result(source)
            version = stage.commit(load_id=self._load_id, result=self._recorded(result))
        self._progress(source.size, source.size, self._read)
        return replace(result, version=version)

    def _glances(self, checker: Checker, source: Source) -> Iterator[tuple[Glance, list[Refusal]]]:
        """Batches looked at, one in a thread while the next is read, and the rows that no column can be told of."""
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="load") as pool:
            waiting: deque[tuple[Future[Glance], list[Refusal]]] = deque()
            for batch in source.batches():
                waiting.append(self._looked_at(pool, checker, batch, source))
                if len(waiting) > AHEAD:
                    seen, misshapen = waiting.popleft()
                    yield seen.result(), misshapen
            for seen, misshapen in waiting:
                yield seen.result(), misshapen

    def _looked_at(
        self, pool: ThreadPoolExecutor, checker: Checker, batch: Batch, source: Source
    ) -> tuple[Future[Glance], list[Refusal]]:
        width = len(source.header)
        self._read += len(batch.lines) + len(batch.odd)
        fitted = [row for row in batch.odd if _fit(row[1], width, source)]
        misshapen = [_misshapen(line, cells) for line, cells in batch.odd if len(cells) != width]
        return pool.submit(checker.glance, batch.joined(fitted)), misshapen

    def _judge(self, limit_bad_share: float | None) -> None:
        refused = self._refused.rows
        if self._read == 0:
            raise LoadRefused("文件只有表头，没有数据行。请检查文件后重新上传，")
        if refused == self._read:
            reason = f"共{self._read}行，没有一行通过检查。请按问题清单改正后重新上传，"
        elif limit_bad_share is not None and refused / self._read > limit_bad_share:
            reason = (
                f"共{self._read}行，有{refused}行没有通过检查，占{refused / self._read:.2%}，"
                f"超过了允许的{limit_bad_share:.2%}，因此一行都没有入库。请按问题清单改正后重新上传，"
            )
        else:
            return
        raise LoadRefused(
            reason,
            rows_read=self._read,
            rows_refused=refused,
            reasons=self._refused.reasons,
            bad_rows_path=self._refused.path,
        )

    def _result(self, source: Source) -> LoadResult:
        return LoadResult(
            version=-1,
            rows_read=self._read,
            rows_accepted=self._read - self._refused.rows,
            rows_refused=self._refused.rows,
            encoding=source.encoding,
            sha256=source.sha256,
            reasons=dict(self._refused.reasons.most_common()),
            bad_rows_path=self._refused.path,
            layout=layout_of(self._columns),
        )

    def _recorded(self, result: LoadResult) -> dict[str, Any]:
        """The result as it goes into the commit; the path relative to the table, which may be moved."""
        recorded = asdict(result)
        bad = result.bad_rows_path
        inside = bad is not None and bad.is_relative_to(self._table.parent)
        recorded["bad_rows_path"] = str(bad.relative_to(self._table.parent)) if bad and inside else bad and str(bad)
        return recorded


def _fit(cells: list[str], width: int, source: Source) -> bool:
    """Make a row as wide as the header where only blank cells differ; False when it cannot be."""
    if any(cell.strip() for cell in cells[width:]):
        return False
    if len(cells) < width and source.kind == "csv":
        # A short line of a CSV has lost a separator somewhere: its cells may stand under the wrong names.
        return False
    cells[width:] = [""] * max(0, width - len(cells))
    return True


def _misshapen(line: int, cells: Sequence[str]) -> Refusal:
    return Refusal(line=line, column=WHOLE_ROW, value="", reason=BAD_WIDTH, row=whole_row(cells))
