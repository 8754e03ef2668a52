"""Rows of a catalogue as entries to compile: leniently where another portal wrote them, exactly where this one did."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from catalog import records
from catalog.models import EntryRevision
from catalog.records import Element, Unreadable
from catalog.services.import_entries import LOOKS_ALIKE, PROPOSED, SENSITIVITY, SHOWN, DraftRow, Grouping, Surroundings
from catalog.services.import_files import SourceRow, SourceTable, tidy
from catalog.services.import_items import ItemReader
from catalog.services.import_values import (
    as_cycle,
    as_day,
    as_field,
    as_formats,
    as_opening,
    as_sharing_type,
    is_nothing,
)
from guiyang_data.tables.alike import alike
from guiyang_data.tables.uncomputed import NO_RESULT, UNCOMPUTED

LONGEST_TITLE = 200
LONGEST_KEY = 300
LONGEST_ABSTRACT = 3000
LONGEST_NOTE = 2000
FORMER_PROVIDER, FORMER_DAY, FORMER_CHANGE = "原提供部门", "原发布日期", "原更新日期"
SHORT: dict[str, int] = {
    field.name: field.max_length or 0
    for field in EntryRevision._meta.concrete_fields
    if field.name in ("keywords", "contact", "contact_phone", "spatial_scope", "time_scope", "source_system")
}
COLUMN_OF = {"is_open": "opening"}
"""Elements whose column in a mapping has another name."""


NOT_WHEN_OPEN: dict[str, Any] = {"closed_ground": None, "closed_basis": ""}


class Reader:
    """Reads rows under a mapping (column -> element) and defaults for what the file does not say."""

    def __init__(
        self,
        mapping: Mapping[str, str],
        defaults: Mapping[str, Any],
        *,
        source: str,
        surroundings: Surroundings,
        keep_codes: bool = False,
    ) -> None:
        self._columns = {target: column for column, target in mapping.items() if target}
        self._defaults = {name: value for name, value in defaults.items() if name != SENSITIVITY}
        self._takes_proposals = defaults.get(SENSITIVITY, PROPOSED) == PROPOSED
        self._source = source
        self._known = surroundings
        self._keep_codes = keep_codes
        self._items = ItemReader(self._columns, surroundings.collectors)
        self._seen: dict[str, tuple[int, list[dict[str, str]]]] = {}
        self._alike: dict[str, tuple[int, str]] = {}

    def rows(self, table: SourceTable) -> Iterator[DraftRow]:
        """Every entry of the table, in its order."""
        for group in Grouping(self._columns).groups(table.rows):
            yield self.read(group)

    def read(self, group: Sequence[SourceRow]) -> DraftRow:
        """The rows of one entry as a draft. Calls follow the order of the file: a repeated key refuses the later."""
        first = group[0]
        draft = DraftRow(line=first.line, takes_proposals=self._takes_proposals)
        self._whose(draft, first)
        if draft.is_whole:
            self._whole(draft, first)
        else:
            self._stated(draft, first)
        self._title(draft, first)
        self._items.read(draft, group)
        self._uncomputed(draft, group)
        self._key(draft, group)
        draft.elements = self._as_new(draft)
        return draft

    def _whose(self, draft: DraftRow, row: SourceRow) -> None:
        """A code beside the agency's own is the one the portal gave; beside an unknown one it is another portal's."""
        owner = self._cell(row, "provider_code").upper()
        if owner == self._known.provider_code:
            draft.resource_code = "".join(self._cell(row, "resource_code").split())
            draft.keeps_code = bool(draft.resource_code) and self._keep_codes
        elif owner in self._known.agencies:
            message = f"是「{self._known.agencies[owner]}」的条目，应当由该机关导入"
            draft.blame(self._columns["provider_code"], owner, message, fatal=True)

    def _whole(self, draft: DraftRow, row: SourceRow) -> None:
        for element in records.ELEMENTS:
            column = self._columns.get(COLUMN_OF.get(element.name, element.name))
            if column is not None:
                self._exact(draft, element, column, row.cells.get(column, ""))
        if draft.said.get("is_open"):
            draft.said |= {name: blank for name, blank in NOT_WHEN_OPEN.items() if name in draft.said}
        text = self._cell(row, "category")
        found = self._known.categories.get(text.split(" ")[0].strip())
        if found is not None:
            draft.said["category"] = found
        elif "category" in self._columns:
            draft.blame(self._columns["category"], text, "没有这个资源分类，应当以分类代码开头", fatal=True)

    def _exact(self, draft: DraftRow, element: Element, column: str, text: str) -> None:
        try:
            draft.said[element.name] = element.value(text)
        except Unreadable as wrong:
            draft.blame(column, text, str(wrong), fatal=True)

    def _stated(self, draft: DraftRow, row: SourceRow) -> None:
        for target, column in self._columns.items():
            READERS.get(target, _nothing)(draft, column, tidy(row.cells.get(column, "")))
        self._category(draft, row)
        self._keywords(draft, row)

    def _cell(self, row: SourceRow, target: str) -> str:
        return row.cells.get(self._columns.get(target, ""), "")

    def _category(self, draft: DraftRow, row: SourceRow) -> None:
        text = tidy(self._cell(row, "category"))
        if not text:
            return
        words = (text.split("/")[0].strip(), text, text.split(" ")[0])
        found = next((self._known.categories[word] for word in words if word in self._known.categories), None)
        if found is not None:
            draft.said["category"] = found
            return
        draft.blame(self._columns["category"], text, "没有这个资源分类，按缺省值")
        if "field" not in self._columns:
            # portals call by this name what is a field here
            _field(draft, self._columns["category"], text)

    def _title(self, draft: DraftRow, row: SourceRow) -> None:
        column, title = self._columns.get("title", ""), self._cell(row, "title")
        if not draft.is_whole:
            title = " ".join(title.split())
        if not title:
            draft.blame(column, "", "没有资源名称", fatal=True)
        elif len(title) > LONGEST_TITLE:
            draft.blame(column, title, f"资源名称超过 {LONGEST_TITLE} 个字", fatal=True)
        draft.said["title"] = title

    def _keywords(self, draft: DraftRow, row: SourceRow) -> None:
        industry = self._cell(row, "industry")
        words = [draft.said.get("keywords", ""), *draft.words, "" if is_nothing(industry) else industry]
        if any(words):
            draft.said["keywords"] = "、".join(dict.fromkeys(filter(None, words)))[: SHORT["keywords"]]

    def _uncomputed(self, draft: DraftRow, group: Sequence[SourceRow]) -> None:
        used = set(self._columns.values())
        for row in group:
            for column, text in row.cells.items():
                if text == UNCOMPUTED and column in used:
                    draft.blame(column, text, NO_RESULT, fatal=True, line=row.line)

    def _key(self, draft: DraftRow, group: Sequence[SourceRow]) -> None:
        targets = ("source_key", "resource_code", "title")
        target = next((name for name in targets if self._cell(group[0], name)), "title")
        draft.key_column = self._columns.get("resource_code" if draft.is_whole else target, "")
        # what has the code already needs no other mark, and keeps the one it has
        text = draft.title if target == "title" else tidy(self._cell(group[0], target))
        text = "" if draft.keeps_code and target != "source_key" else text
        draft.key = text if len(text) <= LONGEST_KEY else hashlib.sha256(text.encode()).hexdigest()
        mark = draft.resource_code or draft.key
        if not mark:
            return
        cells = [row.cells for row in group]
        line, known = self._seen.setdefault(mark, (draft.line, cells))
        if known is cells:
            self._note_alike(draft, mark)
            return
        if known == cells:
            draft.repeats = line
            draft.blame(draft.key_column, mark, f"与第 {line} 行完全相同，只导入一次")
        else:
            draft.blame(draft.key_column, mark, f"与第 {line} 行是同一条目", fatal=True)

    def _note_alike(self, draft: DraftRow, mark: str) -> None:
        line, other = self._alike.setdefault(alike(mark), (draft.line, mark))
        if other != mark:
            draft.blame(draft.key_column, mark, f"与第 {line} 行的「{other[:SHOWN]}」{LOOKS_ALIKE}")

    def _as_new(self, draft: DraftRow) -> dict[str, Any]:
        """What a new entry says: defaults below what the file states, and where it comes from."""
        elements = {"abstract": draft.title, **self._defaults, **draft.said}
        if elements.get("is_open") is False:
            elements.setdefault("closed_basis", "")
        if not (draft.is_whole and "note" in draft.said):
            stated = filter(None, [*draft.notes, draft.said.get("note", ""), f"由「{self._source}」导入"])
            elements["note"] = "；".join(stated)[:LONGEST_NOTE]
        return elements


def _nothing(draft: DraftRow, column: str, text: str) -> None:
    return


def _abstract(draft: DraftRow, column: str, text: str) -> None:
    words = text.replace("\\n", "\n")
    if len(words) > LONGEST_ABSTRACT:
        draft.blame(column, words, f"超过 {LONGEST_ABSTRACT} 个字，已截短")
    if words:
        draft.said["abstract"] = words[:LONGEST_ABSTRACT]


def _short(name: str) -> Callable[[DraftRow, str, str], None]:
    def read(draft: DraftRow, column: str, text: str) -> None:
        words = "、".join(text.split("\n")) if name == "keywords" else " ".join(text.split())
        if is_nothing(words):
            return
        if len(words) > SHORT[name]:
            draft.blame(column, words, f"超过 {SHORT[name]} 个字，已截短")
        draft.said[name] = words[: SHORT[name]]

    return read


def _cycle(draft: DraftRow, column: str, text: str) -> None:
    cycle = as_cycle(text)
    if cycle is not None:
        draft.said["update_cycle"] = str(cycle)
    elif not text:
        draft.blame(column, text, "没有填写更新周期，按缺省值")
    else:
        draft.blame(column, text, "不认识的更新周期，按缺省值")


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
            draft.blame(column, text, "不认识的开放条件，按缺省值")
        return
    draft.said["is_open"] = is_open
    if is_open and text not in {"无条件开放", "开放", "是", "1"}:
        draft.said.setdefault("opening_condition", text)


def _sharing(draft: DraftRow, column: str, text: str) -> None:
    kind = as_sharing_type(text)
    if kind is not None:
        draft.said["sharing_type"] = str(kind)
    elif text:
        draft.blame(column, text, "不认识的共享类型，应为无条件共享、有条件共享或者不予共享", fatal=True)


def _opening_condition(draft: DraftRow, column: str, text: str) -> None:
    """A column beside the one that says whether; 「无条件开放」 there is no condition."""
    if text and as_opening(text) is None:
        _plain("opening_condition")(draft, column, text)


def _plain(name: str) -> Callable[[DraftRow, str, str], None]:
    """An element as its kind reads it; what is too long or unknown refuses the row."""
    element = next(one for one in records.ELEMENTS if one.name == name)

    def read(draft: DraftRow, column: str, text: str) -> None:
        if is_nothing(text):
            return
        try:
            draft.said[name] = element.value(text)
        except Unreadable as wrong:
            draft.blame(column, text, str(wrong), fatal=True)

    return read


def _formats(draft: DraftRow, column: str, text: str) -> None:
    formats = as_formats(text)
    if formats:
        draft.said["format_type"] = formats


def _department(draft: DraftRow, column: str, text: str) -> None:
    if text:
        draft.notes.append(f"{FORMER_PROVIDER}：{text.replace('；', '、')}")


def _date(label: str) -> Callable[[DraftRow, str, str], None]:
    def read(draft: DraftRow, column: str, text: str) -> None:
        if not text:
            return
        day = as_day(text)
        if day is None:
            draft.blame(column, text, "不是日期，没有记下")
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
    **{name: _plain(name) for name in ("sharing_condition", "sharing_basis", "sharing_method", "format_class")},
    **{name: _plain(name) for name in ("closed_ground", "closed_basis", "related_codes", "note", "bad_share_limit")},
    "opening": _opening,
    "opening_condition": _opening_condition,
    "source_system": _short("source_system"),
    "format_type": _formats,
    "published_on": _date(FORMER_DAY),
    "updated_on": _date(FORMER_CHANGE),
    "contact": _short("contact"),
    "contact_phone": _short("contact_phone"),
    "spatial_scope": _short("spatial_scope"),
    "time_scope": _short("time_scope"),
}


def restated(note: str, stated: Sequence[str], said: str = "") -> str:
    """A note with what a file now says about the entry's former life, and ``said`` for the rest where it is new."""
    if said and said not in note:
        return "；".join([*stated, said])[:LONGEST_NOTE]
    labels = tuple(statement.split("：", 1)[0] + "：" for statement in stated)
    kept = [part for part in note.split("；") if not part.startswith(labels)]
    return "；".join(filter(None, [*stated, *kept]))[:LONGEST_NOTE] if stated else note
