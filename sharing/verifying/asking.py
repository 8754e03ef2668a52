"""What a caller asks, checked against what it may ask. A hidden item is refused like one that does not exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guiyang_data.errors import RuleBroken
from guiyang_data.tables.columns import Column
from guiyang_data.tables.refusals import BadFilter, UnknownColumn
from guiyang_data.tables.selecting import coerce
from sharing.identities import normal
from sharing.verifying.permission import Permission
from sharing.verifying.results import Question
from sharing.workflow import OWN_DUTIES

LONGEST_VALUE = 200


def require_size(permission: Permission, subjects: Sequence[Any]) -> None:
    """A call has one subject at least, and no more than its terms let it."""
    if not subjects:
        raise RuleBroken("请至少写明一个核验对象。", basis=OWN_DUTIES, fields={"subjects": "没有核验对象。"})
    if len(subjects) > permission.most_subjects:
        message = f"每次最多核验 {permission.most_subjects} 个对象，这次有 {len(subjects)} 个。请分次核验。"
        raise RuleBroken(message, basis=OWN_DUTIES, fields={"subjects": message})


def understood(
    permission: Permission, subjects: Sequence[Question], items: Sequence[str] | None
) -> tuple[list[Question], tuple[Column, ...]]:
    """The questions with their values as they are compared, and the items to be told.

    ``items`` None: all that may be told. Raises UnknownColumn for what may not be asked, RuleBroken for values.
    """
    told = _known({column.code: column for column in permission.answered}, items)
    keys = {column.code: column for column in permission.keys}
    compared = {column.code: column for column in permission.compared}
    questions = []
    for place, asked in enumerate(subjects, start=1):
        for code in asked.keys:
            _require(keys, code)
        missing = [column.name for column in permission.keys if not normal(asked.keys.get(column.code, ""))]
        if missing:
            raise _wrong(place, f"没有填写{'、'.join(missing)}")
        for code in asked.claims:
            _require(compared, code)
        values = (_compared(keys, asked.keys, place), _compared(compared, asked.claims, place))
        questions.append(Question(keys=values[0], claims=values[1]))
    return questions, told


def _known(columns: Mapping[str, Column], codes: Sequence[str] | None) -> tuple[Column, ...]:
    if codes is None:
        return tuple(columns.values())
    for code in codes:
        _require(columns, code)
    return tuple(columns[code] for code in dict.fromkeys(codes))


def _require(columns: Mapping[str, Column], code: str) -> None:
    if code not in columns:
        raise UnknownColumn(str(code)[:63])


def _compared(columns: Mapping[str, Column], values: Mapping[str, Any], place: int) -> dict[str, Any]:
    return {code: comparable(columns[code], value, place) for code, value in values.items() if normal(value)}


def comparable(column: Column, value: Any, place: int) -> Any:
    """A value as it is compared: texts whatever way they were typed, other types as such. Never told in a refusal."""
    if isinstance(value, list | dict) or len(str(value)) > LONGEST_VALUE:
        raise _wrong(place, f"“{column.name}”的值太长，或者不是一个值")
    if column.data_type.is_text:
        return normal(value)
    try:
        return coerce(column, normal(value))
    except BadFilter as error:
        raise _wrong(place, f"“{column.name}”是{column.data_type.label}，填写的值不符合") from error


def _wrong(place: int, what: str) -> RuleBroken:
    message = f"第 {place} 个对象：{what}。请改正后重新核验，没有核验任何对象。"
    return RuleBroken(message, basis=OWN_DUTIES, fields={"subjects": message})


def recorded(column: Column) -> Callable[[Any], Any]:
    """How a value of the data is brought into the form in which it is compared."""
    return normal if column.data_type.is_text else lambda value: value
