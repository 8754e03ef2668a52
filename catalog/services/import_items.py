"""Information items of a file: a row for each with all that is known of it, or a list of names in one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from catalog.models import InformationItem
from catalog.records import ITEM_COLUMNS, Element, Unreadable
from catalog.services.import_entries import DraftRow
from catalog.services.import_files import SourceRow, tidy
from catalog.services.import_values import as_data_type
from guiyang_data.detection import proposed_sensitivity
from guiyang_data.tables.columns import CODE_PATTERN, header_key

LONGEST_ITEM = 120
COLLECTOR = ("collector_code", "collector_name")
"""What tells the agency of an item; the code before the name."""
NAMES = re.compile(r"[,，、;；\n|]+")


class ItemReader:
    """Reads the items of an entry from its rows under a mapping (element -> column)."""

    def __init__(self, columns: Mapping[str, str], collectors: Mapping[str, int | None]) -> None:
        """``collectors``: agencies that may be named to collect an item, by name and by code."""
        self._name = columns.get("items", "")
        self._collectors = collectors
        found = ((element, columns.get(f"item_{element.name}", "")) for element in ITEM_COLUMNS)
        self._details = [(element, column) for element, column in found if column]

    def read(self, draft: DraftRow, group: Sequence[SourceRow]) -> None:
        """What the rows state of the entry's items."""
        if not self._name:
            return
        if self._details:
            found = [said for row in group if (said := self._item(draft, row)) is not None]
        else:
            found = [{"name": name} for row in group for name in _names(draft, self._name, row)]
        draft.items = found if found or draft.is_whole else None
        silent = [(said["name"], _proposed(said)) for said in found if "sensitivity" not in said]
        draft.proposed = {name: sensitivity for name, sensitivity in silent if sensitivity}
        _refuse_doubles(draft, self._name, group, found)

    def _item(self, draft: DraftRow, row: SourceRow) -> dict[str, Any] | None:
        name = row.cells.get(self._name, "")
        if not name:
            if any(row.cells.get(column) for _element, column in self._details):
                draft.blame(self._name, "", "没有信息项名称", fatal=True, line=row.line)
            return None
        said: dict[str, Any] = {"name": name if draft.is_whole else " ".join(name.split())}
        if len(name) > LONGEST_ITEM:
            draft.blame(self._name, name, f"信息项名称超过 {LONGEST_ITEM} 个字", fatal=True, line=row.line)
        for element, column in self._details:
            text = row.cells.get(column, "")
            if text or draft.is_whole:
                self._detail(draft, row, element, column, text, said)
        if said.get("is_key"):
            said["required"] = True
        self._collector(draft, row, said)
        return said

    def _collector(self, draft: DraftRow, row: SourceRow, said: dict[str, Any]) -> None:
        """The agency that the row names by its code, or by its name; none is named for what the provider collects."""
        told = {name: said.pop(name) for name in COLLECTOR if name in said}
        if not told:
            return
        words = next((word for word in told.values() if word), "")
        known = next((word for word in (words.upper(), words) if word in self._collectors), None)
        if words and known is None:
            column = next(column for element, column in self._details if element.name in told)
            message = "没有这个机关，请写机关全称或者统一社会信用代码"
            message = message if draft.is_whole else f"{message}，没有记下"
            draft.blame(column, words, message, fatal=draft.is_whole, line=row.line)
        elif known is not None or draft.is_whole:
            said["collector_id"] = self._collectors[known] if known else None

    def _detail(
        self, draft: DraftRow, row: SourceRow, element: Element, column: str, text: str, said: dict[str, Any]
    ) -> None:
        try:
            said[element.name] = _value(element, text if draft.is_whole else tidy(text))
        except Unreadable as wrong:
            message = f"{wrong}" if draft.is_whole else f"{wrong}，没有记下"
            draft.blame(column, text, message, fatal=draft.is_whole, line=row.line)


def _proposed(said: Mapping[str, Any]) -> str:
    is_logical = said.get("data_type") == InformationItem.DataType.LOGICAL
    return _by_name(said["name"], said.get("check_digits") or "", is_logical=is_logical)


@lru_cache(maxsize=10_000)
def _by_name(name: str, check_digits: str, *, is_logical: bool) -> str:
    # the items of a catalogue have few names, and are many
    return proposed_sensitivity(name, check_digits=check_digits, is_logical=is_logical)


def _value(element: Element, text: str) -> Any:
    if element.name == "data_type" and (letter := as_data_type(text)):
        return letter
    value = element.value(text)
    if element.name == "code" and value and not CODE_PATTERN.fullmatch(value):
        raise Unreadable("字段名只能用字母、数字和下划线，并以字母开头")
    return value


def _names(draft: DraftRow, column: str, row: SourceRow) -> list[str]:
    names: dict[str, str] = {}
    for name in map(str.strip, NAMES.split(tidy(row.cells.get(column, "")))):
        if len(name) > LONGEST_ITEM:
            draft.blame(column, name, f"信息项名称超过 {LONGEST_ITEM} 个字", fatal=True, line=row.line)
        elif name:
            names.setdefault(header_key(name), name)
    return list(names.values())


def _refuse_doubles(
    draft: DraftRow, column: str, group: Sequence[SourceRow], items: Sequence[Mapping[str, Any]]
) -> None:
    for what, label in (("name", "信息项"), ("code", "字段名")):
        seen: set[str] = set()
        for item in items:
            key = header_key(item.get(what) or "")
            if key and key in seen:
                line = next((row.line for row in reversed(group) if row.cells.get(column) == item["name"]), draft.line)
                draft.blame(column, item["name"], f"{label}「{item[what]}」出现了两次", fatal=True, line=line)
            seen.add(key)
