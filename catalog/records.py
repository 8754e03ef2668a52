"""The elements of the guide as columns of a file: what export writes, and import reads back as the same value.

A value is written in the words that the pages show. A list is joined by 「、」, or stands as JSON where that would not
give the same list back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.db import models

from catalog.models import CLOSED_GROUNDS, CatalogEntry, EntryRevision, InformationItem
from guiyang_data.tables.columns import header_key
from guiyang_data.texts import legible

YES, NO = "是", "否"
JOINT = "、"
SEPARATORS = re.compile(r"[\n,，、;；]+")
TRUTHS = {
    **dict.fromkeys(("是", "1", "true", "yes", "y"), True),
    **dict.fromkeys(("否", "0", "false", "no", "n"), False),
}


class Unreadable(ValueError):
    """A text that is no value of the element; says in Chinese what would be one."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """A column. ``choices``: value -> word. ``longest``: characters of a text, 0 where nothing bounds it.

    ``is_public``: whether the public catalogues show it. ``read``: from words to value; raises Unreadable.
    """

    name: str
    label: str
    read: Callable[[Element, str], Any]
    choices: Mapping[Any, str] = field(default_factory=dict)
    longest: int = 0
    is_public: bool = True

    def words(self, value: Any) -> Any:
        """The value as a file has it: a text, a number, a list of texts, or None."""
        if self.choices:
            return self.choices.get(value)
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        if isinstance(value, list | tuple):
            return [legible(str(one)) for one in value]
        return legible(value) if isinstance(value, str) else value

    def value(self, text: str) -> Any:
        """The value that some words mean. Raises Unreadable."""
        return self.read(self, text)


def joined(words: Any) -> Any:
    """A list as the text of one cell; everything else as it is."""
    if not isinstance(words, list):
        return words
    text = JOINT.join(words)
    return text if listed(text) == words else json.dumps(words, ensure_ascii=False)


def listed(text: str) -> list[str]:
    """The list that the text of a cell means."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list):
            return [str(one) for one in found]
    return list(dict.fromkeys(filter(None, map(str.strip, SEPARATORS.split(text)))))


def _text(element: Element, text: str) -> str:
    said = legible(text)
    if element.longest and len(said) > element.longest:
        raise Unreadable(f"超过 {element.longest} 个字，请改短")
    return said


def _list(element: Element, text: str) -> list[str]:
    return listed(text)


def _truth(element: Element, text: str) -> bool:
    found = TRUTHS.get(header_key(text))
    if found is None and (text.strip() or element.name == "is_open"):
        raise Unreadable("应当是「是」或者「否」")
    return bool(found)


def _number(element: Element, text: str) -> int | None:
    said = header_key(text)
    if not said:
        return None
    if not re.fullmatch(r"\d{1,9}", said):
        raise Unreadable("应当是整数")
    return int(said)


def _choice(element: Element, text: str) -> Any:
    said = header_key(text)
    known = {header_key(word): value for value, word in element.choices.items()}
    found = known.get(said, next((value for value in element.choices if str(value).casefold() == said), None))
    if found is None:
        raise Unreadable(f"应当是：{JOINT.join(element.choices.values())}")
    return found


def _percent(element: Element, text: str) -> Decimal:
    said = header_key(text).removesuffix("%")
    try:
        found = Decimal(said or 100)
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 <= found <= 100 or found != found.quantize(Decimal("0.01")):
        raise Unreadable("应当是 0 到 100 的数，最多两位小数")
    return found


def _choice_or_blank(element: Element, text: str) -> Any:
    return _choice(element, text) if text.strip() else ""


def _choice_or_none(element: Element, text: str) -> Any:
    return _choice(element, text) if text.strip() else None


def _of_model(model: type[models.Model], name: str, label: str, *, is_public: bool = True) -> Element:
    """An element as its field of the model bounds it."""
    column = cast("models.Field[Any, Any]", model._meta.get_field(name))
    choices = {value: str(word) for value, word in column.flatchoices}
    read: Callable[[Element, str], Any]
    if name == "closed_ground":
        choices, read = {value: str(word) for value, word in CLOSED_GROUNDS}, _choice_or_none
    elif choices:
        read = _choice_or_blank if column.blank else _choice
    else:
        read = _READERS.get(type(column), _text)
    longest = column.max_length or 0 if read is _text else 0
    return Element(name=name, label=label, read=read, choices=choices, longest=longest, is_public=is_public)


_READERS: dict[type[models.Field[Any, Any]], Callable[[Element, str], Any]] = {
    models.BooleanField: _truth,
    models.DecimalField: _percent,
    models.JSONField: _list,
    models.PositiveIntegerField: _number,
}

INTERNAL = frozenset(
    {
        *("sharing_basis", "closed_ground", "closed_basis", "source_system", "contact", "contact_phone", "note"),
        *("required", "is_key", "code_list", "is_unique", "minimum", "maximum", "pattern", "check_digits"),
        *("reference_code", "reference_item", "sensitivity", "grade", "bad_share_limit"),
    }
)
"""What no second person judged for the public, or what only those who gather need (第二十四条)."""


def _elements(model: type[models.Model], labels: Mapping[str, str]) -> tuple[Element, ...]:
    return tuple(_of_model(model, name, label, is_public=name not in INTERNAL) for name, label in labels.items())


TITLE = _of_model(EntryRevision, "title", "资源名称")
CATEGORY = "资源分类"
ELEMENTS = (
    TITLE,
    *_elements(
        EntryRevision,
        {
            "abstract": "资源摘要",
            "field": "领域",
            "keywords": "关键字",
            "format_class": "格式分类",
            "format_type": "格式类型",
            "sharing_type": "共享类型",
            "sharing_condition": "共享条件",
            "sharing_basis": "不予共享的依据",
            "sharing_method": "共享方式",
            "is_open": "是否开放",
            "opening_condition": "开放条件",
            "closed_ground": "不开放的情形",
            "closed_basis": "不开放的依据",
            "update_cycle": "更新周期",
            "spatial_scope": "空间范围",
            "time_scope": "时间范围",
            "source_system": "来源系统",
            "contact": "联系科室",
            "contact_phone": "联系电话",
            "related_codes": "关联资源代码",
            "note": "备注",
            "bad_share_limit": "允许的问题行比例",
        },
    ),
)
"""What a person states of an entry, but for its category."""
ITEM_ELEMENTS = _elements(
    InformationItem,
    {
        "name": "信息项名称",
        "code": "字段名",
        "data_type": "数据类型",
        "length": "长度",
        "unit": "计量单位",
        "meaning": "信息项说明",
        "required": "必填",
        "is_key": "主键",
        "code_list": "值域",
        "is_unique": "唯一",
        "minimum": "最小值",
        "maximum": "最大值",
        "pattern": "格式规则",
        "check_digits": "校验码",
        "reference_code": "引用的资源代码",
        "reference_item": "引用的字段名",
        "sensitivity": "敏感性",
        "grade": "信息项分级",
    },
)
"""What a person states of an information item."""
ITEM_COLLECTORS = (
    Element(name="collector_name", label="采集机关", read=_text),
    Element(name="collector_code", label="采集机关代码", read=_text),
)
"""Which agency collects an information item, where that is not the provider: by name, and by what it is known by."""
ITEM_COLUMNS = (*ITEM_ELEMENTS, *ITEM_COLLECTORS)
ITEMS = "信息项"
CODE, PROVIDER, PROVIDER_CODE, SOURCE_KEY = "资源代码", "提供机关", "提供机关代码", "来源标识"
GRADE, STATUS, PUBLISHED, ADDRESS = "数据分级", "状态", "公布日期", "地址"


def record_of(revision: EntryRevision, *, extent: Extent | None = None, address: str = "") -> dict[str, Any]:
    """An entry as a record: label -> words, its information items as records of their own under ``ITEMS``.

    ``extent``: only what it names; without it everything.
    """
    extent = extent or whole()
    entry = revision.entry
    told = {
        CODE: entry.resource_code,
        TITLE.label: legible(revision.title),
        CATEGORY: f"{revision.category_id} {revision.category.name}",
        PROVIDER: entry.provider.name,
        PROVIDER_CODE: entry.provider.code,
        SOURCE_KEY: legible(entry.source_key),
        GRADE: revision.grade,
        STATUS: str(revision.get_status_display()),
        PUBLISHED: revision.in_force_on.isoformat() if revision.in_force_on else "",
        ADDRESS: f"{address}/catalog/sharing/?q={entry.resource_code}",
    }
    told |= {element.label: element.words(getattr(revision, element.name)) for element in ELEMENTS}
    record = {label: told[label] for label in extent.entry}
    record[ITEMS] = [item_record(item, extent) for item in revision.items.all()] if extent.items else []
    return record


def record_of_entry(entry: CatalogEntry, *, extent: Extent) -> dict[str, Any]:
    """What is in force of an entry as a record."""
    revision = entry.in_force
    if revision is None:
        return {}
    revision.entry = entry
    return record_of(revision, extent=extent)


def item_record(item: InformationItem, extent: Extent) -> dict[str, Any]:
    """An information item as a record: label -> words."""
    shown = (element for element in ITEM_COLUMNS if element.label in extent.items)
    return {element.label: element.words(getattr(item, element.name)) for element in shown}


def entry_columns(*, public: bool = False) -> list[str]:
    """The columns of an entry in a table, in the order of a record."""
    shown = [element.label for element in ELEMENTS if element is not TITLE and (element.is_public or not public)]
    last = [PUBLISHED, ADDRESS] if public else [SOURCE_KEY, GRADE, STATUS, PUBLISHED]
    return [CODE, TITLE.label, CATEGORY, PROVIDER, PROVIDER_CODE, *shown, *last]


def item_columns(*, public: bool = False) -> list[str]:
    """The columns of an information item in a table."""
    return [element.label for element in ITEM_COLUMNS if element.is_public or not public]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What is told of entries and of information items: the columns of each, in their order."""

    entry: tuple[str, ...]
    items: tuple[str, ...]


def whole(*, public: bool = False) -> Extent:
    """Everything; ``public``: what the public catalogues show."""
    return Extent(entry=tuple(entry_columns(public=public)), items=tuple(item_columns(public=public)))


def table_rows(records: Sequence[Mapping[str, Any]] | Any, extent: Extent) -> Any:
    """Records as rows of a table: an entry on the row of its first item, then a row for each further item.

    A further row repeats code and title alone, so that an element is said, and corrected, in one place.
    """
    columns, items = extent.entry, extent.items
    again = (columns.index(CODE), columns.index(TITLE.label))
    for record in records:
        head = [joined(record[label]) for label in columns]
        rest = [value if place in again else None for place, value in enumerate(head)]
        for number, item in enumerate(record[ITEMS] or [{}]):
            yield [*(rest if number else head), *(joined(item.get(label)) for label in items)]
