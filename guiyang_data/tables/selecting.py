"""Which rows and columns a reader gets: filters, a grant's condition, the order. Values are bound, never pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from guiyang_data.tables.columns import ROW, Column, DataType
from guiyang_data.tables.conversion import FALSE, TRUE
from guiyang_data.tables.reading_rows import OpenVersion
from guiyang_data.tables.refusals import BadFilter, UnknownColumn

COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
TEXT_TESTS = {"contains": "contains", "starts": "starts_with"}
OPERATORS = (*COMPARISONS, *TEXT_TESTS, "in", "isnull")
MOST_VALUES = 1000
LONGEST_INTEGER = 18
"""Power of ten of the greatest 64-bit integer."""
SHANGHAI = timezone(timedelta(hours=8))
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True)
class Filter:
    """One test on one column: eq ne lt le gt ge contains starts in isnull.

    ``value``: text as it comes from a URL, or a value of the column's type; a list for ``in``; true or false for
    ``isnull``. A null value passes ``isnull`` only, not ``ne`` either.
    """

    code: str
    operator: str
    value: object = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """SQL parts of one reading. ``where`` is empty or starts with WHERE; ``values`` are bound to it in order.

    ``looked_up``: an indexed column and the one value that it must have, where there is such a test.
    """

    columns: tuple[Column, ...]
    expressions: tuple[str, ...]
    where: str
    values: tuple[Any, ...]
    order: str
    sorted_by_file: bool
    looked_up: tuple[str, Any] | None = None


def select(
    opened: OpenVersion,
    *,
    columns: Sequence[Column],
    selected: Sequence[str] | None,
    filters: Sequence[Filter],
    row_condition: Sequence[Filter],
    condition_columns: Sequence[Column] | None,
    sort: Sequence[str],
) -> Selection:
    """Put a reading together. ``columns`` is all this reader may see, filter and sort by.

    ``row_condition`` is tested against ``condition_columns`` too, for a grant may rest on a column that it does not
    show; such a column must be in the version, or the reading is refused. ``sort``: codes, with ``-`` for descending.
    Raises UnknownColumn and BadFilter.
    """
    known = {column.code: column for column in columns}
    judged = known | {column.code: column for column in condition_columns or ()}
    for condition in row_condition:
        if condition.code not in opened.codes:
            raise UnknownColumn(condition.code)
    chosen = tuple(columns) if selected is None else tuple(_known(known, code) for code in selected)
    if not chosen:
        raise BadFilter("没有选择任何信息项。请至少选择一项后重试。")
    tests = [_test(opened, _known(judged, item.code), item) for item in row_condition]
    tests += [_test(opened, _known(known, item.code), item) for item in filters]
    order = [_order(opened, known, item) for item in sort]
    return Selection(
        columns=chosen,
        expressions=tuple(_value(opened, column) for column in chosen),
        where="WHERE " + " AND ".join(f"({sql})" for sql, _values in tests) if tests else "",
        values=tuple(value for _sql, values in tests for value in values),
        order=", ".join([*order, ROW]),
        sorted_by_file=not order,
        looked_up=_looked_up(opened, known, filters),
    )


def _looked_up(opened: OpenVersion, known: Mapping[str, Column], filters: Sequence[Filter]) -> tuple[str, Any] | None:
    """The first test of a filter that an index answers."""
    for item in filters:
        if item.operator == "eq" and item.code in opened.indexed:
            column = _known(known, item.code)
            return column.identifier, coerce(column, item.value)
    return None


def _known(columns: Mapping[str, Column], code: str) -> Column:
    if code not in columns:
        raise UnknownColumn(code)
    return columns[code]


def _value(opened: OpenVersion, column: Column) -> str:
    """The column, or a typed null where this version is older than the column."""
    return column.identifier if column.code in opened.codes else f"CAST(NULL AS {column.data_type.sql})"


def _order(opened: OpenVersion, known: Mapping[str, Column], item: str) -> str:
    column = _known(known, item.removeprefix("-"))
    return f"{_value(opened, column)} {'DESC' if item.startswith('-') else 'ASC'} NULLS LAST"


def _test(opened: OpenVersion, column: Column, item: Filter) -> tuple[str, list[Any]]:
    value = _value(opened, column)
    if item.operator in COMPARISONS:
        return f"{value} {COMPARISONS[item.operator]} ?", [coerce(column, item.value)]
    if item.operator in TEXT_TESTS:
        if not column.data_type.is_text:
            raise BadFilter(f"“{column.name}”是{column.data_type.label}，不能按文字查找。请改用大小比较。")
        return f"{TEXT_TESTS[item.operator]}({value}, ?)", [coerce(column, item.value)]
    if item.operator == "in":
        values = _listed(column, item.value)
        return f"{value} IN ({', '.join('?' * len(values))})", values
    if item.operator == "isnull":
        return f"{value} IS {'' if _truth(column, item.value) else 'NOT '}NULL", []
    raise BadFilter(f"不认识筛选方式“{item.operator}”。可用的有：{'、'.join(OPERATORS)}。")


def _listed(column: Column, values: object) -> list[Any]:
    if not isinstance(values, list | tuple | set | frozenset) or not values:
        raise BadFilter(f"“{column.name}”的筛选值应当是一个列表，且不能为空。请检查后重试。")
    if len(values) > MOST_VALUES:
        raise BadFilter(f"“{column.name}”的筛选值最多{MOST_VALUES}个。请分批查询。")
    return [coerce(column, value) for value in values]


def coerce(column: Column, value: object) -> Any:
    """A filter value as a value of the column. Raises BadFilter when it is none."""
    if value is None:
        raise BadFilter(f"“{column.name}”的筛选值没有填写。要查找空值，请用isnull。")
    try:
        return _COERCIONS.get(column.data_type, _text)(value)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise BadFilter(f"“{column.name}”是{column.data_type.label}，筛选值“{value}”不符合。请改正后重试。") from error


def _text(value: object) -> str:
    if isinstance(value, list | tuple | dict | set):
        raise TypeError
    return str(value)


def _finite(value: object) -> Decimal:
    number = Decimal(str(value).strip())
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError
    return number


def _double(value: object) -> float:
    return float(_finite(value))


def _money(value: object) -> Decimal:
    number = _finite(value)
    if abs(number) >= Decimal(10) ** 18:
        raise OverflowError
    # Finer than the column is compared as it stands: 1.005 equals no amount.
    return number if number != round(number, 2) else number.quantize(Decimal("0.01"))


def _integer(value: object) -> int:
    number = _finite(value)
    # size first: to count 1e999999999 out would take all memory
    if number.adjusted() > LONGEST_INTEGER or number != int(number) or abs(number) >= 2**63:
        raise ValueError
    return int(number)


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DAY.fullmatch(str(value).strip())
    if found is None:
        raise ValueError
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return date(year, month, day)


def _datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date) or _DAY.fullmatch(str(value).strip()):
        day = _date(value)
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time of Shanghai, as in the table
    else:
        moment = datetime.fromisoformat(str(value).strip())
    return moment.astimezone(SHANGHAI).replace(tzinfo=None) if moment.tzinfo else moment


def _boolean(value: object) -> bool:
    word = str(value).strip().lower()
    if word not in (*TRUE, *FALSE):
        raise ValueError
    return word in TRUE


def _truth(column: Column, value: object) -> bool:
    try:
        return _boolean(value)
    except ValueError as error:
        raise BadFilter(f"“{column.name}”的空值筛选只能填true或false。请改正后重试。") from error


_COERCIONS: dict[DataType, Callable[[object], Any]] = {
    DataType.NUMBER: _double,
    DataType.MONEY: _money,
    DataType.DATE: _date,
    DataType.DATETIME: _datetime,
    DataType.BOOLEAN: _boolean,
    DataType.DOUBLE: _double,
    DataType.INTEGER: _integer,
    DataType.FLOAT: _double,
}
