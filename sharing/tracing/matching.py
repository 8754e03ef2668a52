"""Whether a row was among those a reading took: the comparisons of ``tables.selecting``, on one row."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from guiyang_data.accounts.protection import decrypt
from guiyang_data.tables.columns import Column
from guiyang_data.tables.conversion import TRUE
from guiyang_data.tables.query import BadFilter, Filter
from guiyang_data.tables.selecting import coerce

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "contains": lambda value, part: part in value,
    "starts": lambda value, part: value.startswith(part),
}
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a reading asked, as it was written down."""

    filters: tuple[Filter, ...] = ()
    sort: tuple[str, ...] = ()
    window: tuple[int, int] | None = None


def read(text: str) -> Asked:
    """What ``writing.written`` wrote."""
    if not text:
        return Asked()
    said = json.loads(decrypt(text))
    window = said["window"]
    return Asked(
        filters=tuple(Filter(code, how, value) for code, how, value in said["filters"]),
        sort=tuple(said["sort"]),
        window=(window[0], window[1]) if window else None,
    )


def takes(asked: Asked, row: Row, columns: Mapping[str, Column]) -> bool:
    """Whether the row passes every filter. A filter that could not be read took nothing; one on a lost item passes."""
    try:
        return all(_passes(item, row, columns[item.code]) for item in asked.filters if item.code in columns)
    except (BadFilter, TypeError, AttributeError):
        return False


def is_known(asked: Asked, columns: Mapping[str, Column]) -> bool:
    """Whether every item that the reading was chosen by is still there to be compared."""
    return all(item.code in columns for item in asked.filters)


def _passes(item: Filter, row: Row, column: Column) -> bool:
    value = row[column.code]
    if item.operator == "isnull":
        return (value is None) == (str(item.value).strip().lower() in TRUE)
    if value is None:
        return False
    if item.operator == "in":
        values = item.value if isinstance(item.value, list | tuple) else [item.value]
        return value in [coerce(column, one) for one in values]
    return _COMPARED[item.operator](value, coerce(column, item.value))
