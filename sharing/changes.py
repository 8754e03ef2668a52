"""What changed since a version that the reader has (第十五条、第十七条): the same right, log and limits as all reading.

Only the way from a version that the reader could have had to the current one is told, net of what came between: rows
that came and went again in the meantime were never this reader's to see. Where that way cannot be told row by row, the
answer says to take the whole table again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from catalog.models import DataVersion
from catalog.selectors import columns_of
from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, RuleBroken, WrongState
from guiyang_data.tables.changes import Change, ChangeCounts, Changes, VersionGone, changes_between
from guiyang_data.tables.query import Filter
from guiyang_data.tables.refusals import NoSuchVersion
from sharing.log_writing import unread
from sharing.models import SharingGrant, Taking, WayOfSupply
from sharing.reading import KINDS, MOST_ROWS_A_PAGE, Clock, Opening, Reading, RowStream, Wish
from sharing.rights import Access, Right, right_at
from sharing.ways import PAGE, require_way, ways_for
from sharing.workflow import OWN_DUTIES

LOGGED = "diff-"
"""Before the kind of a reading of changes in the log."""
LONGEST_NUMBER = 9


class TakeWholeAgain(WrongState):
    """The way from the reader's version to the current one cannot be told row by row."""

    code = "take_whole_again"


class MovedOn(WrongState):
    """A newer version came between two pages."""

    code = "moved_on"


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """Some changes with the counts of all. ``is_keyed``: whether a changed row is told as an update."""

    codes: tuple[str, ...]
    counts: ChangeCounts
    is_keyed: bool
    changes: list[Change]


@dataclass(frozen=True, kw_only=True)
class ReadChanges:
    """Changes that may leave: their reading is in the log with its end. ``number``: of the reading in the log."""

    number: uuid.UUID
    right: Right
    since: DataVersion
    page: ChangePage


def ways_for_changes(kind: str) -> frozenset[str]:
    """By which ways of supply changes are read so: those of the rows themselves, and following what is new."""
    return ways_for(kind) | {WayOfSupply.SUBSCRIBE}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a reader asks of changes, as it was sent: between which versions, of which rows, and for what."""

    since: str
    until: str
    wish: Wish
    with_before: bool
    purpose: str
    case_number: str


@dataclass(frozen=True, kw_only=True)
class _Question:
    """The same as it was understood: the right, the version that the reader has, and what the log will say of it."""

    right: Right
    since: DataVersion
    opening: Opening


def _understood(
    asked: _Asked, *, by: User, access: Access, right: Right | None, kind: str, at: dt.datetime
) -> _Question:
    """The right asked, and the version that the reader has found."""
    right = right_at(right, by, access, at=at)
    require_way(right, ways_for_changes(kind))
    version = version_had(right, asked.since)
    _require_current(right, asked.until)
    opening = Opening(
        right=right,
        wish=asked.wish,
        by=by,
        at=at,
        kind=f"{LOGGED}{kind}",
        purpose=asked.purpose,
        case_number=asked.case_number,
        more={"since": version.number, "before": asked.with_before},
    )
    return _Question(right=right, since=version, opening=opening)


def read_changes(
    *,
    by: User,
    access: Access,
    since: str,
    at: dt.datetime,
    until: str = "",
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    with_before: bool = False,
    offset: int = 0,
    limit: int = 100,
    right: Right | None = None,
) -> ReadChanges:
    """One page of what changed since version ``since`` for ``by`` through ``access``, at most 1000; logged and counted.

    ``since``, ``until``: numbers of data versions as they were sent; ``until`` may only name the current one, for pages
    that belong together. ``with_before``: the earlier values of updated rows too. Other arguments and refusals as for
    ``read_page``; raises TakeWholeAgain and MovedOn besides.
    """
    wish, limit = Wish(items=items, filters=tuple(filters)), min(limit, MOST_ROWS_A_PAGE)
    asked = _Asked(
        since=since, until=until, wish=wish, with_before=with_before, purpose=purpose, case_number=case_number
    )
    question = _understood(asked, by=by, access=access, right=right, kind=PAGE, at=at)

    def changed() -> ChangePage:
        with changes_for(question.right, question.since, wish=wish) as found:
            changes = found.page(offset=offset, limit=limit)
            return ChangePage(codes=found.codes, counts=found.counts, is_keyed=found.is_keyed, changes=changes)

    number, page = question.opening.answered(changed, lambda page: len(page.changes), behind=offset)
    return ReadChanges(number=number, right=question.right, since=question.since, page=page)


def open_changes(
    *,
    by: User,
    access: Access,
    since: str,
    at: dt.datetime,
    kind: str,
    until: str = "",
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    with_before: bool = False,
    clock: Clock | None = None,
    right: Right | None = None,
) -> ChangeReading:
    """Begin to read all changes as ``kind``, and commit the log's first row. Arguments and refusals as above."""
    if kind not in KINDS:
        raise RuleBroken(f"不能以「{kind}」方式读取。可用的有：{'、'.join(KINDS)}。")
    wish = Wish(items=items, filters=tuple(filters))
    asked = _Asked(
        since=since, until=until, wish=wish, with_before=with_before, purpose=purpose, case_number=case_number
    )
    question = _understood(asked, by=by, access=access, right=right, kind=kind, at=at)
    return ChangeReading(
        opened=question.opening.write(),
        right=question.right,
        wish=wish,
        kind=kind,
        by=by,
        clock=clock or (lambda: at),
        since=question.since,
        with_before=with_before,
    )


def first_version(access: Access, versions: Any) -> int:
    """The number of the oldest version that the reader can have: the one there was when the right began."""
    began = _began(access)
    there = versions.filter(made_at__lte=began).order_by("-number").values_list("number", flat=True).first()
    return int(there or 1)


def _began(access: Access) -> dt.datetime:
    if isinstance(access, SharingGrant):
        start = dt.datetime.combine(access.valid_from, dt.time(), tzinfo=timezone.get_default_timezone())
        return max(access.granted_at, start)
    takings = Taking.objects.filter(agency=access.agency_id, entry=access.entry_id).order_by("taken_at")
    return takings.values_list("taken_at", flat=True)[0]


def version_had(right: Right, since: str) -> DataVersion:
    """The version that the reader names. Raises RuleBroken where there is none, TakeWholeAgain where it is no use."""
    number = _number(since, "since")
    current = right.version
    if not 1 <= number <= current.number:
        raise _no_version(number, current, "since")
    versions = DataVersion.objects.filter(entry=right.entry)
    if number < first_version(right.access, versions):
        raise _whole_again(number, current, "早于本机关取得这项数据的时间")
    found = versions.select_related("revision").filter(number=number).first()
    if found is None:
        raise _no_version(number, current, "since")
    if not is_comparable(right, found):
        raise _whole_again(number, current, "之后目录的信息项有调整，不能逐行比较")
    return found


def _require_current(right: Right, until: str) -> None:
    if not until.strip():
        return
    number, current = _number(until, "until"), right.version.number
    if not 1 <= number <= current:
        raise _no_version(number, right.version, "until")
    if number != current:
        raise MovedOn(
            f"数据刚刚有了新的一版，现行为第{current}版，第{number}版的变化不再提供。请从第一页重新读取，已经取得的变化"
            "重复套用不影响结果。",
            basis=OWN_DUTIES,
        )


def _number(text: str, name: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        message = f"请用 {name} 写明数据版本号，例如 {name}=3。版本号见上次读取结果中的 version。"
        raise RuleBroken(message, fields={name: message})
    # longer than any number of a version: as far away as the longest that is shown
    return int(text) if len(text.lstrip("0")) <= LONGEST_NUMBER else 10**LONGEST_NUMBER


def _no_version(number: int, current: DataVersion, name: str) -> RuleBroken:
    shown = f"第{number}版" if number < 10**LONGEST_NUMBER else "这一版"
    message = f"没有{shown}数据，现行数据为第{current.number}版。请核对版本号，或者重新取全表。"
    return RuleBroken(message, fields={name: message})


def _whole_again(number: int, current: DataVersion, why: str) -> TakeWholeAgain:
    return TakeWholeAgain(
        f"第{number}版{why}。请重新取全表（现行为第{current.number}版），以后再从取得的版本起读取变化。",
        basis=OWN_DUTIES,
    )


def is_comparable(right: Right, version: DataVersion) -> bool:
    """Whether what this reader sees, and what chooses the rows, was the same in that version; the rest may differ."""
    if version.is_outdated:
        return False
    if version.revision_id == right.version.revision_id:
        return True
    then = {column.code: column.data_type for column in columns_of(version.revision)}
    chosen_by = {condition.code for condition in right.conditions}
    needed = [*right.columns, *(column for column in right.condition_columns if column.code in chosen_by)]
    return all(then.get(column.code) == column.data_type for column in needed)


def keys_for(right: Right, since: DataVersion) -> list[str]:
    """The items that named a row in both versions and do now; none where one of them is hidden from this reader."""
    keys = [column.code for column in right.condition_columns if column.is_key]
    for version in (since, right.version):
        if version.revision_id == right.entry.in_force_id:
            continue
        if {column.code for column in columns_of(version.revision) if column.is_key} != set(keys):
            return []
    return keys if {column.code for column in right.columns}.issuperset(keys) else []


def changes_for(
    right: Right, since: DataVersion, *, until: DataVersion | None = None, wish: Wish | None = None
) -> Changes:
    """The changes as the right lets them be seen; close them. Raises TakeWholeAgain where rows are not kept."""
    wish, version = wish or Wish(items=None), until or right.version
    try:
        return changes_between(
            right.entry.table,
            since.table_version,
            version.table_version,
            columns=right.columns,
            keys=keys_for(right, since),
            selected=wish.items,
            filters=wish.filters,
            row_condition=right.conditions,
            condition_columns=right.condition_columns,
        )
    except (NoSuchVersion, VersionGone) as gone:
        raise _whole_again(since.number, right.version, "的数据已不再完整保存") from gone


@dataclass(kw_only=True)
class ChangeReading(Reading):
    """A reading of all changes whose first log row is committed; taken once, by ``stream``."""

    since: DataVersion
    with_before: bool = False
    changes: Changes | None = field(default=None, init=False)

    def _ways(self) -> frozenset[str]:
        return ways_for_changes(self.kind)

    def _find(self) -> Changes:
        self.changes = changes_for(self.right, self.since, wish=self.wish)
        return self.changes

    def stream(self) -> RowStream:
        """All changes as CSV (``csv``; ``excel`` with formulas guarded) or as a JSON array. Close it when done."""
        try:
            found = self._find()
            self._require_room(lambda: self._lines(found.counts))
            parts = self._parts(found)
        except DomainError as refused:
            self.close(0, unread(refused))
            raise
        return RowStream(self, parts)

    def _lines(self, counts: ChangeCounts) -> int:
        """Lines that leave: in CSV an update with what it was before has two."""
        return counts.total + (counts.updated if self.with_before and self.kind != "json" else 0)

    def _parts(self, found: Changes) -> Iterator[bytes]:
        checks: dict[str, Any] = {"check": self._ask_again, "counter": self.counter, "with_before": self.with_before}
        if self.kind == "json":
            return found.stream_json(**checks)
        return found.stream_csv(**checks, for_excel=self.kind == "excel")

    def close(self, rows: int, outcome: str) -> None:
        """Write the log's second row and give up what was found."""
        try:
            super().close(rows, outcome)
        finally:
            if self.changes is not None:
                self.changes.close()
