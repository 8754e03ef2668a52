"""Rows of a foreign catalogue as entries to compile, with what is wrong in them by row and column."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
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
    """An entry to compile. ``key`` recognises it at the next import."""

    line: int
    elements: dict[str, Any] = dataclasses.field(default_factory=dict)
    items: list[ItemSpec] = dataclasses.field(default_factory=list)
    key: str = ""
    notes: list[str] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)

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
        self._seen: dict[str, int] = {}

    def rows(self, table: SourceTable) -> Iterator[DraftRow]:
        """Every row of the table, in its order."""
        for row in table.rows:
            yield self.read(row)

    def read(self, row: SourceRow) -> DraftRow:
        """One row as a draft. The order of calls is the order of the file: a repeated key refuses the later row."""
        draft = DraftRow(line=row.line, elements=dict(self._defaults))
        for target, column in self._columns.items():
            text = row.cells.get(column, "")
            READERS.get(target, _nothing)(draft, column, text)
        self._category(draft, row)
        self._title(draft, row)
        self._note(draft, row)
        self._key(draft, row)
        return draft

    def _cell(self, row: SourceRow, target: str) -> str:
        return row.cells.get(self._columns.get(target, ""), "")

    def _category(self, draft: DraftRow, row: SourceRow) -> None:
        text = self._cell(row, "category")
        if not text:
            return
        found = self._categories.get(text.split("/")[0].strip()) or self._categories.get(text)
        if found is None:
            _blame(draft, self._columns["category"], text, "没有这个资源分类，按缺省值")
        else:
            draft.elements["category"] = found

    def _title(self, draft: DraftRow, row: SourceRow) -> None:
        column, title = self._columns.get("title", ""), " ".join(self._cell(row, "title").split())
        if not title:
            _blame(draft, column, "", "没有资源名称", fatal=True)
        elif len(title) > LONGEST_TITLE:
            _blame(draft, column, title, f"资源名称超过 {LONGEST_TITLE} 个字", fatal=True)
        draft.elements["title"] = title
        draft.elements.setdefault("abstract", "")
        if not draft.elements["abstract"]:
            draft.elements["abstract"] = title

    def _note(self, draft: DraftRow, row: SourceRow) -> None:
        industry = self._cell(row, "industry")
        if industry and not is_nothing(industry):
            words = [draft.elements.get("keywords", ""), industry]
            draft.elements["keywords"] = "、".join(filter(None, words))[: SHORT["keywords"]]
        if draft.elements.get("is_open") is False:
            draft.elements.setdefault("closed_basis", "")
        draft.notes.append(f"由「{self._source}」导入")
        draft.elements["note"] = "；".join(draft.notes)[:2000]

    def _key(self, draft: DraftRow, row: SourceRow) -> None:
        column = self._columns.get("source_key", "")
        text = row.cells.get(column, "") if column else ""
        key = text or draft.elements["title"]
        draft.key = key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
        if not draft.key:
            return
        first = self._seen.setdefault(draft.key, draft.line)
        if first != draft.line:
            _blame(draft, column or self._columns.get("title", ""), key, f"与第 {first} 行是同一条目", fatal=True)


def _blame(draft: DraftRow, column: str, value: str, message: str, *, fatal: bool = False) -> None:
    shown = value if len(value) <= 60 else value[:60] + "……"
    draft.problems.append(Problem(line=draft.line, column=column, value=shown, message=message, fatal=fatal))


def _nothing(draft: DraftRow, column: str, text: str) -> None:
    return


def _abstract(draft: DraftRow, column: str, text: str) -> None:
    draft.elements["abstract"] = text.replace("\\n", "\n")[:3000]


def _short(name: str) -> Callable[[DraftRow, str, str], None]:
    def read(draft: DraftRow, column: str, text: str) -> None:
        words = "、".join(text.split("\n")) if name == "keywords" else " ".join(text.split())
        if len(words) > SHORT[name]:
            _blame(draft, column, words, f"超过 {SHORT[name]} 个字，已截短")
        draft.elements[name] = "" if is_nothing(words) else words[: SHORT[name]]

    return read


def _cycle(draft: DraftRow, column: str, text: str) -> None:
    cycle = as_cycle(text)
    if cycle is not None:
        draft.elements["update_cycle"] = str(cycle)
    elif not text:
        _blame(draft, column, text, "没有填写更新周期，按缺省值")
    else:
        _blame(draft, column, text, "不认识的更新周期，按缺省值")


def _field(draft: DraftRow, column: str, text: str) -> None:
    found = as_field(text)
    if found is not None:
        draft.elements["field"] = str(found)
    elif text and not is_nothing(text):
        draft.elements["keywords"] = "、".join(filter(None, [draft.elements.get("keywords", ""), text]))[:300]


def _opening(draft: DraftRow, column: str, text: str) -> None:
    is_open = as_opening(text)
    if is_open is None:
        if text:
            _blame(draft, column, text, "不认识的开放条件，按缺省值")
        return
    draft.elements["is_open"] = is_open
    if is_open and text not in {"无条件开放", "开放", "是", "1"}:
        draft.elements["opening_condition"] = text


def _sharing(draft: DraftRow, column: str, text: str) -> None:
    kind = as_sharing_type(text)
    if kind is not None:
        draft.elements["sharing_type"] = str(kind)
    elif text:
        _blame(draft, column, text, "不认识的共享类型，应为无条件共享、有条件共享或者不予共享", fatal=True)


def _condition(draft: DraftRow, column: str, text: str) -> None:
    draft.elements["sharing_condition"] = text[:2000]


def _formats(draft: DraftRow, column: str, text: str) -> None:
    draft.elements["format_type"] = as_formats(text) or draft.elements.get("format_type", "")


def _items(draft: DraftRow, column: str, text: str) -> None:
    seen: set[str] = set()
    for name in re.split(r"[,，、;；\n|]+", text):
        name = name.strip()[:120]
        if name and header_key(name) not in seen:
            seen.add(header_key(name))
            draft.items.append(ItemSpec(name=name))


def _department(draft: DraftRow, column: str, text: str) -> None:
    if text:
        draft.notes.append(f"原提供部门：{text}")


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
    "published_on": _date("原发布日期"),
    "updated_on": _date("原更新日期"),
    "contact": _short("contact"),
    "contact_phone": _short("contact_phone"),
    "spatial_scope": _short("spatial_scope"),
    "time_scope": _short("time_scope"),
}
