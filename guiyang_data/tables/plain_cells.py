"""Cells that are right at first sight, a column at a time by Arrow; whatever is not goes to the full check.

What is let through here has the value that the full check would give it. A doubt costs nothing but time, so the shapes
are narrow: a number without sign or comma tricks, a day in ISO form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from guiyang_data.tables.check_digits import holds
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.conversion import FALSE, TRUE
from guiyang_data.tables.uncomputed import UNCOMPUTED

_YEARLY = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_LEAP_DAY = r"[1-9]\d(?:0[48]|[2468][048]|[13579][26])-02-29"
_DAY = rf"(?:[1-9]\d{{3}}-{_YEARLY}|{_LEAP_DAY})"
SHAPES = {
    DataType.NUMBER: r"-?[1-9]\d{0,14}(?:\.\d{1,9})?|0(?:\.\d{1,9})?",
    DataType.DOUBLE: r"-?[1-9]\d{0,14}(?:\.\d{1,9})?|0(?:\.\d{1,9})?",
    DataType.FLOAT: r"-?[1-9]\d{0,14}(?:\.\d{1,9})?|0(?:\.\d{1,9})?",
    DataType.MONEY: r"-?\d{1,17}(?:\.\d{1,2})?",
    DataType.INTEGER: r"-?\d{1,18}",
    DataType.DATE: _DAY,
    DataType.DATETIME: rf"{_DAY} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d",
}
MONEY = Decimal("0.01")

Bound = Callable[[pa.Array], pa.BooleanArray]


class PlainCells:
    """One column's way to tell plain cells. ``judge`` gives (values, mask of the cells that are right)."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._type = column.data_type
        self._shape = rf"\A(?:{SHAPES[self._type]})\z" if self._type in SHAPES else None
        self._pattern = rf"\A(?:{column.pattern})\z" if column.pattern else None
        self._codes = None if column.codes is None else pa.array(list(dict.fromkeys(column.codes)), pa.string())
        self._bounds = [
            _compared(bound, self._type, compare)
            for bound, compare in ((column.minimum, pc.greater_equal), (column.maximum, pc.less_equal))
            if bound is not None
        ]

    def judge(self, text: pa.StringArray) -> tuple[pa.Array, pa.BooleanArray]:
        """The typed values of cleaned cells, null where one is empty or in doubt."""
        values, right = self._values(text)
        for rule in self._rules(text, values):
            right = rule if right is None else pc.and_(right, rule)
        empty = pc.is_null(text)
        if right is None:
            right = pc.is_valid(text)
        right = pc.fill_null(right, fill_value=False)
        if not self._column.must_be_filled:
            right = pc.or_(right, empty)
        return values, right

    def _values(self, text: pa.StringArray) -> tuple[pa.Array, pa.BooleanArray | None]:
        if self._type.is_text:
            return text, pc.not_equal(text, UNCOMPUTED)
        if self._type is DataType.BOOLEAN:
            word = pc.utf8_lower(text)
            true = pc.is_in(word, value_set=pa.array(TRUE))
            false = pc.is_in(word, value_set=pa.array(FALSE))
            either = pc.or_(true, false)
            return pc.if_else(either, true, pa.scalar(None, pa.bool_())), either
        shaped = pc.match_substring_regex(text, pattern=self._shape)
        plain = text if pc.all(shaped).as_py() else pc.if_else(shaped, text, pa.scalar(None, pa.string()))
        return plain.cast(self._type.arrow), shaped

    def _rules(self, text: pa.StringArray, values: pa.Array) -> list[pa.BooleanArray]:
        rules = [bound(values) for bound in self._bounds]
        if self._column.length is not None and (self._type.is_text or self._type.is_numeric):
            rules.append(pc.less_equal(pc.utf8_length(text), int(self._column.length)))
        if self._pattern is not None:
            rules.append(pc.match_substring_regex(text, pattern=self._pattern))
        if self._codes is not None:
            rules.append(pc.is_in(text, value_set=self._codes))
        if self._column.check_digits is not None:
            rules.append(holds(self._column.check_digits, text))
        return rules


def whole_bound(bound: Any) -> int | None:
    """A bound as a 64-bit integer, None where it is none: whole numbers are compared exactly."""
    text = str(bound)
    if re.fullmatch(r"-?\d{1,19}", text) is None or not -(2**63) <= int(text) < 2**63:
        return None
    return int(text)


def _compared(bound: Any, data_type: DataType, compare: Callable[[pa.Array, pa.Scalar], pa.BooleanArray]) -> Bound:
    """Values held against a bound; where it cannot be brought to their type exactly, all of them are in doubt."""
    held = _bound(bound, data_type)
    if held is None:
        return lambda values: pa.array([False] * len(values), pa.bool_())
    if data_type is DataType.INTEGER and held.type == pa.float64():
        return lambda values: compare(values.cast(pa.float64(), safe=False), held)
    return lambda values: compare(values, held)


def _bound(bound: Any, data_type: DataType) -> pa.Scalar | None:
    try:
        if data_type is DataType.MONEY:
            exact = Decimal(str(bound))
            return pa.scalar(exact.quantize(MONEY), data_type.arrow) if exact == exact.quantize(MONEY) else None
        if data_type is DataType.INTEGER and (whole := whole_bound(bound)) is not None:
            return pa.scalar(whole, pa.int64())
        if data_type.is_numeric:
            return pa.scalar(float(str(bound)), pa.float64())
        if data_type is DataType.DATE:
            return pa.scalar(date.fromisoformat(str(bound)), pa.date32())
        return pa.scalar(datetime.fromisoformat(str(bound)), pa.timestamp("us"))
    except (ArithmeticError, ValueError, pa.ArrowException):
        return None
