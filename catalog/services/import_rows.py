"""Rows of a foreign catalogue as entries to compile, with what is wrong in them by row and column."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Category, EntryRevision
from catalog.services.import_files import SourceRow, SourceTable
from catalog.services.import_values import (
    as_cycle,
    as_day,
    as_field,
    as_formats,
    as_opening,
    as_sharing_type,
    is_nothing,
)
from catalog.services.rules import ItemSpec
from guiyang_data.tables.columns import header_key

LONGEST_TITLE = 200
LONGEST_KEY = 300
LONGEST_ABSTRACT = 3000
LONGEST_CONDITION = 2000
LONGEST_NOTE = 2000
LONGEST_ITEM = 120
FORMER_PROVIDER, FORMER_DAY, FORMER_CHANGE = "原提供部门", "原发布日期", "原更新日期"
SHORT: dict[str, int] = {
    field.name: field.max_length or 0
    for field in EntryRevision._meta.concrete_fields
    if field.name in ("keywords", "contact", "contact_phone", "spatial_scope", "time_scope")
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong in a cell. ``fatal``: the row cannot be imported; else a default is taken."""

    line: int
    column: str
    value: str
    message: str
    fatal: bool


@dataclass
class DraftRow:
    """An entry to compile, or what a repeat says about one. ``key`` recognises it at the next import.

    ``said``: elements that the file states; ``elements``: with defaults for what it does not, as a new entry has them.
    ``repeats``: the line that says word for word the same.
    """

    line: int
    said: dict[str, Any] = dataclasses.field(default_factory=dict)
    elements: dict[str, Any] = dataclasses.field(default_factory=dict)
    items: list[ItemSpec] = dataclasses.field(default_factory=list)
    key: str = ""
    key_column: str = ""
    words: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    repeats: int | None = None

    @property
    def title(self) -> str:
        """What the entry is called; empty where the row does not say."""
        return str(self.said.get("title", ""))

    @property
    def is_refused(self) -> bool:
        """Whether something stands against importing it."""
        return any(problem.fatal for problem in self.problems)


class Reader:
    """Reads rows under a mapping (column -> element) and defaults for what the file does not say."""

    def __init__(
        self,
        mapping: Mapping[str, str],
        defaults: Mapping[str, Any],
        *,
        source: str,
        categories: Mapping[str, Category],
    ) -> None:
        self._columns = {target: column for column, target in mapping.items() if target}
        self._defaults = dict(defaults)
        self._source = source
        self._categories = categories
        self._seen: dict[str, SourceRow] = {}

    def rows(self, table: SourceTable) -> Iterator[DraftRow]:
        """Every row of the table, in its order."""
        for row in table.rows:
            yield self.read(row)

    def read(self, row: SourceRow) -> DraftRow:
        """One row as a draft. The order of calls is the order of the file: a repeated key refuses the later row."""
        draft = DraftRow(line=row.line)
        for target, column in self._columns.items():
            text = row.cells.get(column, "")
            READERS.get(target, _nothing)(draft, column, text)
        self._category(draft, row)
        self._title(draft, row)
        self._keywords(draft, row)
        self._key(draft, row)
        draft.elements = self._as_new(draft)
        return draft

    def _cell(self, row: SourceRow, target: str) -> str:
        return row.cells.get(self._columns.get(target, ""), "")

    def _category(self, draft: DraftRow, row: SourceRow) -> None:
        text = self._cell(row, "category")
        if not text:
            return
        found = self._categories.get(text.split("/")[0].strip()) or self._categories.get(text)
        if found is not None:
            draft.said["category"] = found
            return
        _blame(draft, self._columns["category"], text, "没有这个资源分类，按缺省值")
        if "field" not in self._columns:
            # portals call by this name what is a field here
            _field(draft, self._columns["category"], text)

    def _title(self, draft: DraftRow, row: SourceRow) -> None:
        column, title = self._columns.get("title", ""), " ".join(self._cell(row, "title").split())
        if not title:
            _blame(draft, column, "", "没有资源名称", fatal=True)
        elif len(title) > LONGEST_TITLE:
            _blame(draft, column, title, f"资源名称超过 {LONGEST_TITLE} 个字", fatal=True)
        draft.said["title"] = title

    def _keywords(self, draft: DraftRow, row: SourceRow) -> None:
        industry = self._cell(row, "industry")
        words = [draft.said.get("keywords", ""), *draft.words, "" if is_nothing(industry) else industry]
        if any(words):
            draft.said["keywords"] = "、".join(filter(None, words))[: SHORT["keywords"]]

    def _key(self, draft: DraftRow, row: SourceRow) -> None:
        text = self._cell(row, "source_key")
        draft.key_column = self._columns.get("source_key" if text else "title", "")
        key = text or draft.title
        draft.key = key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
        if not draft.key:
            return
        first = self._seen.setdefault(draft.key, row)
        if first is row:
            return
        if first.cells == row.cells:
            draft.repeats = first.line
            _blame(draft, draft.key_column, key, f"与第 {first.line} 行完全相同，只导入一次")
        else:
            _blame(draft, draft.key_column, key, f"与第 {first.line} 行是同一条目", fatal=True)

    def _as_new(self, draft: DraftRow) -> dict[str, Any]:
        """What a new entry says: defaults below what the file states, and where it comes from."""
        elements = {"abstract": draft.title, **self._defaults, **draft.said}
        if elements.get("is_open") is False:
            elements.setdefault("closed_basis", "")
        elements["note"] = "；".join([*draft.notes, f"由「{self._source}」导入"])[:LONGEST_NOTE]
        return elements


def _blame(draft: DraftRow, column: str, value: str, message: str, *, fatal: bool = False) -> None:
    shown = value if len(value) <= 60 else value[:60] + "……"
    draft.problems.append(Problem(line=draft.line, column=column, value=shown, message=message, fatal=fatal))


def _nothing(draft: DraftRow, column: str, text: str) -> None:
    return


def _abstract(draft: DraftRow, column: str, text: str) -> None:
    words = text.replace("\\n", "\n")
    if len(words) > LONGEST_ABSTRACT:
        _blame(draft, column, words, f"超过 {LONGEST_ABSTRACT} 个字，已截短")
    if words:
        draft.said["abstract"] = words[:LONGEST_ABSTRACT]


def _short(name: str) -> Callable[[DraftRow, str, str], None]:
    def read(draft: DraftRow, column: str, text: str) -> None:
        words = "、".join(text.split("\n")) if name == "keywords" else " ".join(text.split())
        if is_nothing(words):
            return
        if len(words) > SHORT[name]:
            _blame(draft, column, words, f"超过 {SHORT[name]} 个字，已截短")
        draft.said[name] = words[: SHORT[name]]

    return read


def _cycle(draft: DraftRow, column: str, text: str) -> None:
    cycle = as_cycle(text)
    if cycle is not None:
        draft.said["update_cycle"] = str(cycle)
    elif not text:
        _blame(draft, column, text, "没有填写更新周期，按缺省值")
    else:
        _blame(draft, column, text, "不认识的更新周期，按缺省值")


def _field(draft: DraftRow, column: str, text: str) -> None:
    found = as_field(text)
    if found is not None:
        draft.said["field"] = str(found)
    elif not is_nothing(text):
        draft.words.append(text)


def _opening(draft: DraftRow, column: str, text: str) -> None:
    is_open = as_opening(text)
    if is_open is None:
        if text:
            _blame(draft, column, text, "不认识的开放条件，按缺省值")
        return
    draft.said["is_open"] = is_open
    if is_open and text not in {"无条件开放", "开放", "是", "1"}:
        draft.said["opening_condition"] = text


def _sharing(draft: DraftRow, column: str, text: str) -> None:
    kind = as_sharing_type(text)
    if kind is not None:
        draft.said["sharing_type"] = str(kind)
    elif text:
        _blame(draft, column, text, "不认识的共享类型，应为无条件共享、有条件共享或者不予共享", fatal=True)


def _condition(draft: DraftRow, column: str, text: str) -> None:
    if len(text) > LONGEST_CONDITION:
        _blame(draft, column, text, f"超过 {LONGEST_CONDITION} 个字", fatal=True)
    elif text:
        draft.said["sharing_condition"] = text


def _formats(draft: DraftRow, column: str, text: str) -> None:
    formats = as_formats(text)
    if formats:
        draft.said["format_type"] = formats


def _items(draft: DraftRow, column: str, text: str) -> None:
    seen: set[str] = set()
    for name in map(str.strip, re.split(r"[,，、;；\n|]+", text)):
        if len(name) > LONGEST_ITEM:
            _blame(draft, column, name, f"信息项名称超过 {LONGEST_ITEM} 个字", fatal=True)
        elif name and header_key(name) not in seen:
            seen.add(header_key(name))
            draft.items.append(ItemSpec(name=name))


def _department(draft: DraftRow, column: str, text: str) -> None:
    if text:
        draft.notes.append(f"{FORMER_PROVIDER}：{text.replace('；', '、')}")


def _date(label: str) -> Callable[[DraftRow, str, str], None]:
    def read(draft: DraftRow, column: str, text: str) -> None:
        if not text:
            return
        day = as_day(text)
        if day is None:
            _blame(draft, column, text, "不是日期，没有记下")
        else:
            draft.notes.append(f"{label}：{day.isoformat()}")

    return read


READERS: dict[str, Callable[[DraftRow, str, str], None]] = {
    "abstract": _abstract,
    "department": _department,
    "field": _field,
    "keywords": _short("keywords"),
    "update_cycle": _cycle,
    "sharing_type": _sharing,
    "sharing_condition": _condition,
    "opening": _opening,
    "format_type": _formats,
    "items": _items,
    "published_on": _date(FORMER_DAY),
    "updated_on": _date(FORMER_CHANGE),
    "contact": _short("contact"),
    "contact_phone": _short("contact_phone"),
    "spatial_scope": _short("spatial_scope"),
    "time_scope": _short("time_scope"),
}


def restated(note: str, stated: Sequence[str]) -> str:
    """A note with what a file now says about the entry's former life in place of what it said before."""
    labels = tuple(statement.split("：", 1)[0] + "：" for statement in stated)
    kept = [part for part in note.split("；") if not part.startswith(labels)]
    return "；".join(filter(None, [*stated, *kept]))[:LONGEST_NOTE] if stated else note
