"""What of a data set's rows is asked for, read from the address: the same words for the page, the API and exports.

``code=value`` is equality, ``code__operator=value`` any other test (ne lt le gt ge contains starts in isnull);
values of ``in`` are separated by commas. ``sort=code,-other``; ``fields=code,other``; ``limit`` and ``offset``.
For numbers and dates ``code=>=5`` works too, as a person types it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import OPERATORS, BadFilter, Filter, UnknownColumn

RESERVED = frozenset({"sort", "fields", "limit", "offset", "page", "format", "version"})
USUAL, MOST = 100, 1000
BEYOND_EVERY_TABLE = 10**15
_TYPED = re.compile(r"(>=|<=|>|<|≥|≤)(.+)", re.DOTALL)
_SIGNS = {">=": "ge", "≥": "ge", "<=": "le", "≤": "le", ">": "gt", "<": "lt"}
WORDS = {
    "eq": "",
    "ne": "不是 ",
    "lt": "小于 ",
    "le": "不大于 ",
    "gt": "大于 ",
    "ge": "不小于 ",
    "contains": "含 ",
    "starts": "开头是 ",
    "in": "是其中之一 ",
    "isnull": "为空 ",
}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One filter of the address: the parameter that carries it, and the test it means."""

    parameter: str
    text: str
    filter: Filter

    @property
    def words(self) -> str:
        """The test as people read it: 「不小于 35」."""
        value = self.filter.value
        return f"{WORDS[self.filter.operator]}{self.text if isinstance(value, list) else value}"


def conditions(parameters: Mapping[str, str], columns: Sequence[Column]) -> list[Condition]:
    """The filters of an address; empty ones do not filter. Raises UnknownColumn and BadFilter."""
    known = {column.code: column for column in columns}
    found: list[Condition] = []
    for parameter, text in parameters.items():
        code, _, operator = parameter.partition("__")
        if not text.strip() or (not operator and code in RESERVED):
            continue
        if code not in known:
            raise UnknownColumn(code)
        found.append(Condition(parameter=parameter, text=text, filter=_filter(known[code], operator, text.strip())))
    return found


def _filter(column: Column, operator: str, text: str) -> Filter:
    if operator and operator not in OPERATORS:
        raise BadFilter(f"不认识筛选方式“{operator}”。可用的有：{'、'.join(OPERATORS)}。")
    if operator == "in":
        return Filter(column.code, "in", [value.strip() for value in text.split(",") if value.strip()])
    typed = None if operator or column.data_type.is_text else _TYPED.fullmatch(text)
    if typed:
        return Filter(column.code, _SIGNS[typed[1]], typed[2].strip())
    return Filter(column.code, operator or "eq", text)


def listed(text: str) -> list[str]:
    """Codes separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def sorting(text: str, columns: Iterable[Column]) -> list[str]:
    """``-code,other`` as the table library takes it. Raises UnknownColumn."""
    known = {column.code for column in columns}
    order = listed(text)
    for code in order:
        if code.removeprefix("-") not in known:
            raise UnknownColumn(code.removeprefix("-"))
    return order


def whole(text: str, *, name: str, default: int, most: int | None = None) -> int:
    """A number of the address, between 0 and ``most``. Raises BadFilter."""
    if not text.strip():
        return default
    if not text.strip().isascii() or not text.strip().isdigit():
        raise BadFilter(f"{name} 应当是不小于 0 的整数，收到的是“{text}”。请改正后重试。")
    if len(text.strip()) > len(str(BEYOND_EVERY_TABLE)):
        raise BadFilter(f"{name} 大得超出了任何数据集。请改正后重试。")
    number = int(text)
    if most is not None and number > most:
        raise BadFilter(f"{name} 最大为 {most}。需要全部数据的，请使用下载或者 export 接口。")
    return number
