"""Gather several small pushes into one new version of a table; each keeps an outcome of its own.

What one push after the other would do, in one commit: rows of an earlier push count as already there for a later one,
and of two updates of a key the later holds. A push that fails as a whole leaves nothing behind, and the others are
judged again without it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from guiyang_data.tables.batches import Batch
from guiyang_data.tables.checking import LINE, Checker, Refusal, named_row
from guiyang_data.tables.columns import Column, check_distinct
from guiyang_data.tables.in_memory import short_connection
from guiyang_data.tables.leftovers import drop_strangers, tidied
from guiyang_data.tables.loading import Mode
from guiyang_data.tables.matching import match_header
from guiyang_data.tables.pushed import Pushed
from guiyang_data.tables.pushes_compared import Comparison
from guiyang_data.tables.referencing import NOT_FOUND, UNKNOWN, note_unknown
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import RefusedRows
from guiyang_data.tables.storing import compact, existing, find_commit, last_row, locked, merge, rows_in, write

MOST_FILES = 60
"""A table of more files is compacted by whoever adds the next one."""


@dataclass(frozen=True, kw_only=True)
class Push:
    """Rows that wait to be gathered; ``push_id`` names them in the commit and their list of refused rows."""

    push_id: str
    pushed: Pushed


@dataclass(frozen=True, kw_only=True)
class PushOutcome:
    """What became of a push. ``refused``: why nothing of it was taken in; empty where its good rows were."""

    rows_read: int
    rows_accepted: int
    rows_refused: int
    reasons: dict[str, int] = field(default_factory=dict)
    bad_rows_path: Path | None = None
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """``version``: the version to pin, None where no push was taken in. ``rows``: how many it has."""

    version: int | None
    rows: int
    outcomes: dict[str, PushOutcome]


def gather(
    pushes: Sequence[Push],
    *,
    columns: Sequence[Column],
    table: Path | str,
    gathering_id: str,
    mode: Mode,
    limit_bad_share: float | None = None,
    repeated: bool = False,
    fresh: bool = False,
) -> Gathered:
    """Take pushes of one header into the table, in their order, as one new version.

    ``mode``: append or upsert. ``limit_bad_share``: for each push, the share of refused rows beyond which nothing of it
    is taken in. ``repeated``: this gathering was begun before, and its commit may be there. ``fresh``: these are the
    first rows, whatever lies in the table's folder. Raises LoadRefused where the header fits no column or the table
    cannot be added to: then nothing of any push is taken in. Raises StorageFailed, and leaves nothing half done, where
    disk or memory fail.
    """
    target = Path(table)
    with locked(target), tidied(target):
        if repeated:
            before = _earlier(target, gathering_id)
            if before is not None:
                return before
            drop_strangers(target)
        return _Gathering(pushes, columns=columns, table=target, mode=mode, fresh=fresh).run(
            gathering_id, limit_bad_share
        )


def _earlier(table: Path, gathering_id: str) -> Gathered | None:
    found = find_commit(table, gathering_id)
    if found is None:
        return None
    version, recorded = found
    outcomes = {push_id: _read_outcome(table, outcome) for push_id, outcome in recorded["pushes"].items()}
    return Gathered(version=version, rows=rows_in(table, version), outcomes=outcomes)


def _read_outcome(table: Path, recorded: dict[str, Any]) -> PushOutcome:
    bad = recorded.pop("bad_rows_path")
    return PushOutcome(**recorded, bad_rows_path=table.parent / bad if bad else None)


class _Gathering:
    def __init__(
        self, pushes: Sequence[Push], *, columns: Sequence[Column], table: Path, mode: Mode, fresh: bool
    ) -> None:
        check_distinct(columns)
        if mode == "upsert" and not any(column.is_key for column in columns):
            raise LoadRefused("目录没有规定主键，不能按主键更新。请改用追加或者整表替换，")
        self._pushes, self._columns, self._table, self._mode = pushes, columns, table, mode
        self._width = len(pushes[0].pushed.header)
        self._positions = match_header(pushes[0].pushed.header, columns)
        self._delta = None if fresh else existing(table)
        self._cells = [row for push in pushes for row in push.pushed.rows]
        self._starts = list(accumulate((len(push.pushed.rows) for push in pushes[:-1]), initial=1))
        self._refusals: dict[int, list[Refusal]] = defaultdict(list)
        self._why: dict[int, str] = {}

    def run(self, gathering_id: str, limit: float | None) -> Gathered:
        with short_connection() as connection:
            checker = Checker(connection, self._columns, self._positions)
            good, refusals = checker.check(Batch.of(list(enumerate(self._cells, start=1)), [], self._width))
            self._sort(refusals)
            carried = [c.code for c, place in zip(self._columns, self._positions, strict=True) if place is not None]
            good = self._known(connection, good, carried)
            compared = Comparison(connection, self._delta, self._columns, carried, mode=self._mode)
            good = good.append_column("_push", pa.array(self._push_of(good[LINE].to_pylist()), pa.int64()))
            repeats = self._settle(compared, good, limit)
            self._sort(repeats)
            outcomes = self._outcomes()
            if len(self._why) == len(self._pushes):
                return Gathered(version=None, rows=0, outcomes=outcomes)
            version = self._commit(compared.left(last=self._last()), carried, gathering_id, outcomes)
        if compared.files >= MOST_FILES:
            version = compact(self._table, gathering_id)
        return Gathered(version=version, rows=rows_in(self._table, version, self._delta), outcomes=outcomes)

    def _known(self, connection: duckdb.DuckDBPyConnection, good: pa.Table, carried: Sequence[str]) -> pa.Table:
        """The rows whose values are all in the tables they refer to; the others are refused, cell by cell."""
        columns = [c for c in self._columns if c.reference is not None and c.code in carried]
        if not columns:
            return good
        connection.register("referring", good)
        note_unknown(connection, columns, rows="referring", number=LINE)
        found = connection.execute(f"SELECT * FROM {UNKNOWN} ORDER BY {LINE}, _place").fetchall()  # noqa: S608
        connection.unregister("referring")
        for line, place, value in found:
            whole = self._whole(line)
            self._sort([Refusal(line=line, column=columns[place].name, value=value, reason=NOT_FOUND, row=whole)])
        strange = pa.array(sorted({line for line, _place, _value in found}), pa.int64())
        return good.filter(pc.invert(pc.is_in(good[LINE], value_set=strange)))

    def _settle(self, compared: Comparison, good: pa.Table, limit: float | None) -> list[Refusal]:
        """Judge, and again without what failed, until every push that is left passes; gives the repeats among them.

        One after the other: a push may only fail because of one that failed before it.
        """
        for place in range(len(self._pushes)):
            self._fail(place, [], limit)
        while True:
            failed = pa.array(list(self._why), pa.int64())
            compared.take(good.filter(pc.invert(pc.is_in(good["_push"], value_set=failed))))
            repeats = list(compared.repeats(self._whole))
            by_push: dict[int, list[Refusal]] = defaultdict(list)
            for refusal in repeats:
                by_push[self._push_of([refusal.line])[0]].append(refusal)
            if not any(self._fail(place, by_push[place], limit) for place in sorted(by_push)):
                return repeats

    def _fail(self, place: int, repeats: list[Refusal], limit: float | None) -> bool:
        why = "" if place in self._why else self._judge(place, repeats, limit)
        if why:
            self._why[place] = why
            self._refusals[place] += repeats
        return bool(why)

    def _judge(self, place: int, repeats: Sequence[Refusal], limit: float | None) -> str:
        read = self._size(place)
        refused = len({one.line for one in (*self._refusals[place], *repeats)})
        if refused == read:
            return f"共{read}行，没有一行通过检查。请按问题清单改正后重新报送，原有数据没有变动。"
        if limit is not None and refused / read > limit:
            over = f"占{refused / read:.2%}，超过了允许的{limit:.2%}，因此一行都没有入库"
            return f"共{read}行，有{refused}行没有通过检查，{over}。请按问题清单改正后重新报送，原有数据没有变动。"
        return ""

    def _outcomes(self) -> dict[str, PushOutcome]:
        return {push.push_id: self._outcome(place, push) for place, push in enumerate(self._pushes)}

    def _outcome(self, place: int, push: Push) -> PushOutcome:
        bad = RefusedRows(self._table.parent / "bad" / f"{push.push_id}.csv")
        with bad:
            bad.add(self._as_sent(place, push))
        read, why = self._size(place), self._why.get(place, "")
        return PushOutcome(
            rows_read=read,
            rows_accepted=0 if why else read - bad.rows,
            rows_refused=bad.rows,
            reasons=dict(bad.reasons.most_common()),
            bad_rows_path=bad.path,
            refused=why,
        )

    def _as_sent(self, place: int, push: Push) -> Iterator[Refusal]:
        """The refusals of a push, by its own lines."""
        for one in sorted(self._refusals[place], key=lambda refusal: refusal.line):
            line = push.pushed.lines[one.line - self._starts[place]]
            yield Refusal(line=line, column=one.column, value=one.value, reason=one.reason, row=one.row)

    def _commit(
        self, left: pa.RecordBatchReader, carried: list[str], gathering_id: str, outcomes: dict[str, PushOutcome]
    ) -> int:
        recorded = {"pushes": {push_id: self._recorded(outcome) for push_id, outcome in outcomes.items()}}
        told: dict[str, Any] = {"load_id": gathering_id, "result": recorded, "marked": False, "opened": self._delta}
        if self._delta is None:
            return write(self._table, left, mode="replace", **told)
        if self._mode == "append":
            return write(self._table, left, mode="append", **told)
        keys = [column.code for column in self._columns if column.is_key]
        return merge(self._table, left, keys=keys, carried=carried, **told)

    def _recorded(self, outcome: PushOutcome) -> dict[str, Any]:
        bad = outcome.bad_rows_path
        return asdict(outcome) | {"bad_rows_path": str(bad.relative_to(self._table.parent)) if bad else None}

    def _last(self) -> int:
        return 0 if self._delta is None else last_row(self._delta)

    def _sort(self, refusals: Sequence[Refusal]) -> None:
        for refusal in refusals:
            place = self._push_of([refusal.line])[0]
            if place not in self._why:
                self._refusals[place].append(refusal)

    def _push_of(self, lines: Sequence[int]) -> list[int]:
        return [bisect_right(self._starts, line) - 1 for line in lines]

    def _size(self, place: int) -> int:
        return len(self._pushes[place].pushed.rows)

    def _whole(self, line: int) -> str:
        return named_row(self._columns, self._positions, self._cells[line - 1])
