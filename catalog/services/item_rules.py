"""Rules that an information item sets for its values (第十二条): what cannot work is refused when written down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from catalog.services.rules import ItemSpec
from guiyang_data.tables.check_digits import CheckDigits
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.patterns import check_pattern
from guiyang_data.tables.refusals import BadFilter
from guiyang_data.tables.selecting import coerce
from guiyang_data.texts import legible, one_line

Wrong = tuple[str, str]
"""A field of the item, and what is wrong in it and what to do."""
BOUNDS = (("minimum", "最小值"), ("maximum", "最大值"))
KINDS = {kind.value: kind for kind in DataType}
NUMBERS = {number.value: number for number in CheckDigits}
"""By what an item says; a catalogue has tens of thousands of items, and each is asked."""
NEVER_UNIQUE = frozenset({DataType.BOOLEAN, DataType.MEMO})
LEAST_LENGTH = {CheckDigits.RESIDENT_ID: 18, CheckDigits.CREDIT_CODE: 18, CheckDigits.BANK_CARD: 16}


def settled(item: ItemSpec) -> ItemSpec:
    """The item with its rules in one spelling: bounds as values of the type have them, no unseen signs."""
    return replace(
        item,
        minimum=_spelled(item, item.minimum),
        maximum=_spelled(item, item.maximum),
        pattern=legible(item.pattern),
        reference_code=one_line(item.reference_code),
        reference_item=one_line(item.reference_item),
    )


def rule_problems(item: ItemSpec, *, own_code: str = "") -> Iterator[Wrong]:
    """Every rule of the item that cannot work or does not fit its type. ``own_code``: the resource code of its entry.

    What it refers to is looked for when the revision is submitted: a draft may be ahead of it.
    """
    kind = _kind(item)
    if kind is None:
        return
    for rule in (_unique, _range, _pattern, _check_digits):
        yield from rule(item, kind)
    yield from _reference(item, kind, own_code)


def _kind(item: ItemSpec) -> DataType | None:
    return KINDS.get(item.data_type)


def _unique(item: ItemSpec, kind: DataType) -> Iterator[Wrong]:
    if item.is_unique and kind in NEVER_UNIQUE:
        yield "is_unique", f"{kind.label}的值不适合规定唯一。请取消。"


def _range(item: ItemSpec, kind: DataType) -> Iterator[Wrong]:
    said = [(name, label, getattr(item, name)) for name, label in BOUNDS if getattr(item, name)]
    if said and not _column(kind).has_range:
        yield said[0][0], f"{kind.label}没有大小，不能规定最小值、最大值。请清空，或者改用值域、格式规则。"
        return
    values: dict[str, Any] = {}
    for name, label, text in said:
        value = _value(kind, text)
        if value is None:
            yield name, f"{label}「{text}」不是{kind.label}的值{_EXAMPLES.get(kind, '')}。请改正。"
        else:
            values[name] = value
    if len(values) == len(BOUNDS) and values["minimum"] > values["maximum"]:
        yield "maximum", "最小值大于最大值，没有一个值能通过。请改正。"


_EXAMPLES = {
    DataType.INTEGER: "，应当是整数",
    DataType.MONEY: "，应当是最多两位小数的数",
    DataType.DATE: "，应当写成 2026-01-31 的样子",
    DataType.DATETIME: "，应当写成 2026-01-31 或者 2026-01-31 08:30:00 的样子",
}


def _pattern(item: ItemSpec, kind: DataType) -> Iterator[Wrong]:
    if not item.pattern:
        return
    if not kind.is_text:
        yield "pattern", f"格式规则只用于文字，{kind.label}的值有多种写法。请清空，改用最小值、最大值。"
        return
    try:
        check_pattern(item.pattern)
    except ValueError as error:
        yield "pattern", f"格式规则不能使用：{error}。请改正。"


def _check_digits(item: ItemSpec, kind: DataType) -> Iterator[Wrong]:
    number = NUMBERS.get(item.check_digits)
    if number is None:
        return
    if not kind.is_text:
        yield "check_digits", f"{number.label}要用字符型保存，不能是{kind.label}。请改数据类型，或者不核对校验码。"
    elif item.length and item.length < LEAST_LENGTH[number]:
        yield "length", f"{number.label}至少 {LEAST_LENGTH[number]} 位，长度 {item.length} 放不下。请改正。"


def _reference(item: ItemSpec, kind: DataType, own_code: str) -> Iterator[Wrong]:
    if not item.reference_code and not item.reference_item:
        return
    if not item.reference_code:
        yield "reference_code", "写了引用的字段名，没有写资源代码。请补上，或者两项都清空。"
    elif not item.reference_item:
        yield "reference_item", "写了引用的资源代码，没有写字段名。请补上，或者两项都清空。"
    elif item.reference_code == own_code:
        yield "reference_code", "不能引用本条目自己。请写另一条目的资源代码，或者清空。"
    elif kind is DataType.BOOLEAN:
        yield "reference_code", "逻辑型只有「是」和「否」，不用引用其他条目核对。请清空。"


def _spelled(item: ItemSpec, text: str) -> str:
    kind = _kind(item)
    said = one_line(text)
    if not said or kind is None or not _column(kind).has_range:
        return said
    value = _value(kind, said)
    return said if value is None else _AS_TEXT.get(kind, _plain)(value)


def _value(kind: DataType, text: str) -> Any:
    """A bound as a value of the type; None where it is none."""
    try:
        value = coerce(_column(kind), text)
    except BadFilter:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value == value.quantize(Decimal("0.01")) else None
    return value


def _column(kind: DataType) -> Column:
    return Column(name="值", code="value", data_type=kind)


def _plain(value: Any) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


_AS_TEXT: dict[DataType, Callable[[Any], str]] = {
    DataType.MONEY: lambda value: f"{value.normalize():f}",
    DataType.DATETIME: lambda value: value.isoformat(" "),
}
