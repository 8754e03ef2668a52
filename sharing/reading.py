"""The one way to read rows on the sharing side (第十五条、第十七条): the right asked, the log written, rows last.

The log is committed before the first row leaves; where it cannot be written nothing leaves. A hidden item is answered
exactly like one that does not exist, in fields, filters and sorts. An export asks its right again at every batch.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, LimitReached, NotAllowed, RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Access as Logged
from guiyang_data.ledger.services import Ended, access_log, close_access, is_closed
from guiyang_data.tables.query import Filter, Page, RowCount, query, stream_csv, stream_json
from sharing.limits import (
    RowsUsedUp,
    count_rows,
    is_full_noted,
    minute_in_words,
    note_full,
    require_call_left,
    require_rows_left,
    rows_left,
)
from sharing.log_writing import UNREAD, begin_reading, filter_logged, items_logged, unread
from sharing.models import SharingGrant
from sharing.rights import Access, Right, right_at, right_of
from sharing.tracing.writing import Asking, Chosen
from sharing.ways import PAGE, require_way, ways_for
from sharing.workflow import OWN_DUTIES

KINDS = ("csv", "excel", "json")
"""As what all rows leave; a page of them is read by ``read_page``."""
MOST_ROWS_A_PAGE = 1000
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, kw_only=True)
class ReadPage:
    """A page of rows that may leave: its reading is in the log with its end. ``number``: of the reading in the log."""

    number: uuid.UUID
    right: Right
    page: Page


def read_page(
    *,
    by: User,
    entry: CatalogEntry,
    access: Access,
    at: dt.datetime,
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    offset: int = 0,
    limit: int = 100,
    right: Right | None = None,
) -> ReadPage:
    """One page of the rows that ``by`` may read of ``entry`` through ``access``, at most 1000, logged and counted.

    ``purpose`` and ``case_number``: of this reading; without either those of the grant or taking stand. ``items``:
    codes wanted, all permitted ones without it. ``right``: as it was asked at this very moment, where the caller needed
    it to understand the question.
    Raises NotSeen, NotAllowed, WrongState, RuleBroken; UnknownColumn, BadFilter, LimitReached of the day's rows, which
    the log then says; LimitReached of the minute's calls; Unavailable where the log cannot be written.
    """
    right = _right_to(entry, right, by, access, at=at)
    require_way(right, ways_for(PAGE))
    limit = min(limit, MOST_ROWS_A_PAGE)
    wish = Wish(items=items, filters=tuple(filters), sort=tuple(sort), window=(offset, limit))
    opening = Opening(right=right, wish=wish, by=by, at=at, kind=PAGE, purpose=purpose, case_number=case_number)

    def rows() -> Page:
        return query(right.entry.table, right.version.table_version, offset=offset, limit=limit, **wish.asked_of(right))

    number, page = opening.answered(rows, lambda page: len(page.rows), behind=offset)
    return ReadPage(number=number, right=right, page=page)


def open_reading(
    *,
    by: User,
    entry: CatalogEntry,
    access: Access,
    at: dt.datetime,
    kind: str,
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    clock: Clock | None = None,
    right: Right | None = None,
) -> Reading:
    """Begin to read all rows as ``kind``: ask the right, count the call, and commit the log's first row.

    ``clock``: tells the time during a long export (``at`` without it). Other arguments and refusals as for
    ``read_page``.
    """
    if kind not in KINDS:
        raise RuleBroken(f"不能以「{kind}」方式读取。可用的有：{'、'.join(KINDS)}。")
    right = _right_to(entry, right, by, access, at=at)
    require_way(right, ways_for(kind))
    wish = Wish(items=items, filters=tuple(filters), sort=tuple(sort))
    opening = Opening(right=right, wish=wish, by=by, at=at, kind=kind, purpose=purpose, case_number=case_number)
    opened = opening.write()
    return Reading(opened=opened, right=right, wish=wish, kind=kind, by=by, clock=clock or (lambda: at))


def _right_to(entry: CatalogEntry, asked: Right | None, by: User, access: Access, *, at: dt.datetime) -> Right:
    right = right_at(asked, by, access, at=at)
    if right.entry.pk != entry.pk:
        raise RuleBroken("授权与所读取的目录条目不一致。请核对授权编号。", basis=OWN_DUTIES)
    return right


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a reader asked for."""

    items: Sequence[str] | None
    filters: tuple[Filter, ...] = ()
    sort: tuple[str, ...] = ()
    window: tuple[int, int] | None = None

    def asked_of(self, right: Right) -> dict[str, Any]:
        """What pages and streams of the tables are asked with."""
        return {
            "columns": right.columns,
            "selected": self.items,
            "filters": self.filters,
            "sort": self.sort,
            "row_condition": right.conditions,
            "condition_columns": right.condition_columns,
        }


Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What the log says of a reading before it: who asks what, through which right, for what.

    ``asking``: what chooses its rows, where that is not the wish. ``more``: what else was asked. Without purpose and
    case number those of the grant or taking stand.
    """

    right: Right
    wish: Wish
    by: User
    at: dt.datetime
    kind: str
    purpose: str = ""
    case_number: str = ""
    asking: Asking | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    def write(self, ended: Ended | None = None) -> Logged:
        """Commit the log's first row, with ``ended`` the second too, and count the call; what the first row says.

        Beside it stands whom the reading touches, so that they can be told.
        """
        try:
            with access_log():
                return self._begun(ended)
        except RowsUsedUp:
            raise
        except LimitReached:
            self._note_full()
            raise

    def _note_full(self) -> None:
        """A minute whose calls are used up stands in the log once, so that the provider sees it; not once a call."""
        grant = self.right.grant
        if grant is None or is_full_noted(grant, at=self.at):
            return
        # nothing leaves, so that a log that cannot be written holds nothing up
        with suppress(Unavailable), access_log():
            if note_full(grant, at=self.at):
                ended = Ended(rows=0, outcome=f"{UNREAD}：{minute_in_words(grant)}")
                self._begun(ended, is_counted=False)

    def _begun(self, ended: Ended | None, *, is_counted: bool = True) -> Logged:
        right, wish, access = self.right, self.wish, self.right.access
        is_told = bool(self.purpose.strip() or self.case_number.strip())
        asked: dict[str, object] = {
            "kind": self.kind,
            "filters": [filter_logged(item, right) for item in wish.filters],
            "sort": items_logged(wish.sort, right),
            **self.more,
        }
        items = [column.code for column in right.columns] if wish.items is None else wish.items
        return begin_reading(
            by=self.by,
            at=self.at,
            entry=right.entry,
            touched=Chosen(right=right, asking=self.asking or self._chosen_by_wish()),
            access=access,
            purpose=self.purpose if is_told else access.purpose,
            case_number=self.case_number if is_told else access.case_number,
            items=items_logged(items, right),
            version=right.version.number,
            query=asked,
            ended=ended,
            is_counted=is_counted,
        )

    def answered(
        self, find: Callable[[], Answer], rows: Callable[[Answer], int], *, behind: int | None = None
    ) -> tuple[uuid.UUID, Answer]:
        """What ``find`` finds, with the number of its reading in the log; both rows of that are committed by then.

        For answers that lie in memory before they leave: the log is written once, and nobody waits for it while the
        rows are looked for. ``rows``: how many of the answer count. What is refused stands in the log without a row.
        ``behind``: of a page of rows, how many lie before it.
        """
        grant = self.right.grant
        if grant is not None:
            self._require_call_left(grant)
        try:
            answer = find() if behind is None else self._page(find, rows, behind)
        except Exception as failed:
            self.write(Ended(rows=0, outcome=unread(failed)))
            raise
        try:
            opened = self.write(Ended(rows=rows(answer)))
        except RowsUsedUp as refused:
            self.write(Ended(rows=0, outcome=unread(refused)))
            raise
        return opened.reading, answer

    def _require_call_left(self, grant: SharingGrant) -> None:
        try:
            require_call_left(grant, at=self.at)
        except LimitReached:
            self._note_full()
            raise

    def _page(self, find: Callable[[], Answer], rows: Callable[[Answer], int], behind: int) -> Answer:
        """A page tells how many rows there are only with one that leaves and is counted.

        So nobody learns who is among them by what no limit and no trace knows of: a page behind the last, or one asked
        for when the rows of the day are used up.
        """
        require_rows_left(self.right.grant, at=self.at)
        page = find()
        if behind and not rows(page):
            raise RuleBroken("没有这一页。请从第一页读取，或者调整筛选条件。", basis=OWN_DUTIES)
        return page

    def _chosen_by_wish(self) -> Asking:
        wish, earlier = self.wish, self.more.get("since")
        since = earlier if isinstance(earlier, int) else None
        return Asking(kind=self.kind, filters=wish.filters, sort=wish.sort, window=wish.window, since=since)


@dataclass(kw_only=True)
class Reading:
    """A reading of all rows whose first log row is committed. Take them once, by ``stream``, which closes it."""

    opened: Logged
    right: Right
    wish: Wish
    kind: str
    by: User
    clock: Clock
    counter: RowCount = field(default_factory=RowCount)
    closed: bool = False
    limits: SharingGrant | None = None
    """The grant as it was when the right was last asked: how many rows may leave is its word, also in mid-export."""

    @property
    def number(self) -> uuid.UUID:
        """The number of the reading in the log."""
        return self.opened.reading

    def stream(self) -> RowStream:
        """All rows as CSV (``csv``; ``excel`` with formulas guarded) or as a JSON array. Close it when done."""
        table, version = self.right.entry.table, self.right.version.table_version
        asked = self.wish.asked_of(self.right)
        checks: dict[str, Any] = {"check": self._ask_again, "counter": self.counter}
        try:
            self._require_room(self._total)
            if self.kind == "json":
                parts = stream_json(table, version, **asked, **checks)
            else:
                for_excel = self.kind == "excel"
                parts = stream_csv(table, version, **asked, **checks, for_excel=for_excel)
        except DomainError as refused:
            self.close(0, unread(refused))
            raise
        return RowStream(self, parts)

    def _total(self) -> int:
        table, version = self.right.entry.table, self.right.version.table_version
        return query(table, version, limit=0, **self.wish.asked_of(self.right)).total

    def _require_room(self, count: Callable[[], int]) -> None:
        """An export that cannot be finished today is not begun. ``count``: how many rows it has."""
        grant = self.right.grant
        left = rows_left(grant, at=self.clock()) if grant is not None else None
        if grant is None or left is None:
            return
        if not left or count() > left:
            # how many rows there are is not told: none of them leaves
            message = f"本次导出的行数超过这一授权今天还可读取的 {left:,} 行。请加上筛选条件，或者分日导出。"
            raise RuleBroken(message, basis=OWN_DUTIES)

    def _ways(self) -> frozenset[str]:
        return ways_for(self.kind)

    def _ask_again(self) -> None:
        """The right anew, before every batch: suspended, ended, run out or cut down, it stops here."""
        if is_closed(self.opened):
            self.closed = True
            raise WrongState(
                "本次导出历时过长，已按中断记入读取记录，不再继续。请缩小范围后重新导出。", basis=OWN_DUTIES
            )
        fresh = right_of(self.by, self.right.access, at=self.clock(), again=True)
        if {column.code for column in self.right.columns} - {column.code for column in fresh.columns}:
            raise NotAllowed("授权的信息项已经变化，导出中止。请重新导出。", basis=OWN_DUTIES)
        if fresh.conditions != self.right.conditions:
            raise NotAllowed("授权的数据范围已经变化，导出中止。请重新导出。", basis=OWN_DUTIES)
        require_way(fresh, self._ways())
        self.limits = fresh.grant

    def _count(self, rows: int) -> None:
        grant = self.limits or self.right.grant
        if grant is not None:
            count_rows(grant, rows, at=self.clock())

    def close(self, rows: int, outcome: str) -> None:
        """Write the log's second row: how many rows left, and how it ended. Once."""
        if self.closed:
            return
        with access_log():
            close_access(self.opened, at=self.clock(), rows=rows, outcome=outcome[:200])
        self.closed = True


class RowStream:
    """The bytes of an export. Rows are counted before they leave; however it ends, the log says how.

    An object and not a generator: a response that is closed before its first byte still closes its reading.
    """

    def __init__(self, reading: Reading, parts: Iterator[bytes]) -> None:
        self._reading = reading
        self._parts = parts
        self._left = 0

    def __iter__(self) -> RowStream:
        return self

    def __next__(self) -> bytes:
        reading = self._reading
        try:
            part = next(self._parts)
            reading._count(reading.counter.rows - self._left)
        except StopIteration:
            reading.close(self._left, "完成")
            raise
        except DomainError as stopped:
            # the connection breaks off here, so that nobody takes the part for the whole
            self._close_parts()
            reading.close(self._left, f"中止：{stopped.message}")
            raise
        self._left = reading.counter.rows
        return part

    def close(self) -> None:
        """Called by the server when the response is over, sent or not."""
        self._close_parts()
        self._reading.close(self._left, "没有传完：接收方中断")

    def _close_parts(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()
