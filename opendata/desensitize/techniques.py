"""Desensitization techniques of DB52/T 1126-2016 and GB/T 37964-2019, each as one DuckDB expression over one column.

A technique is a frozen value that can be written to JSON and read back. Nulls stay null. Nothing here knows the portal.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

TEXT, DATE, DATETIME = "C", "D", "T"
NUMBERS = frozenset("NYBIF")
DATES = frozenset({DATE, DATETIME})


class PlanError(ValueError):
    """A technique that cannot be applied as asked; the message says what to change (Chinese)."""


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, kw_only=True)
class Technique:
    """What is done to one column. ``code`` names it in a plan, ``label`` on the screen."""

    code: ClassVar[str]
    label: ClassVar[str]
    protects: ClassVar[bool] = True
    """Whether a direct identifier treated with it no longer identifies by itself."""

    def check(self, data_type: str) -> None:
        """Raise ``PlanError`` where the parameters or the column's data type (a letter of the guide) do not fit."""

    def sql(self, column: str) -> str | None:
        """The expression over the quoted identifier ``column``; None leaves the column out."""
        raise NotImplementedError

    def describe(self) -> str:
        """What happens to the values, in words."""
        return self.label

    def result_type(self, data_type: str) -> str:
        """The data type of the result."""
        return TEXT

    def to_dict(self) -> dict[str, Any]:
        """The technique as JSON values."""
        return {"technique": self.code, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Keep(Technique):
    """The value itself."""

    code = "keep"
    label = "保留原值"
    protects = False

    def sql(self, column: str) -> str:
        return column

    def result_type(self, data_type: str) -> str:
        return data_type


@dataclass(frozen=True, kw_only=True)
class Suppress(Technique):
    """The column is left out (抑制)."""

    code = "suppress"
    label = "不开放该项"

    def sql(self, column: str) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Mask(Technique):
    """The middle is covered, the length kept (掩码): 135****0001."""

    code = "mask"
    label = "掩码"
    keep_first: int = 0
    keep_last: int = 0

    def check(self, data_type: str) -> None:
        if self.keep_first < 0 or self.keep_last < 0:
            raise PlanError("掩码保留的位数不能是负数。")

    def sql(self, column: str) -> str:
        text, shown = f"CAST({column} AS VARCHAR)", self.keep_first + self.keep_last
        length = f"length({text})"
        ending = f"right({text}, {self.keep_last})" if self.keep_last else "''"
        return (
            f"CASE WHEN {column} IS NULL THEN NULL WHEN {length} <= {shown} THEN repeat('*', {length}) "
            f"ELSE left({text}, {self.keep_first}) || repeat('*', {length} - {shown}) || {ending} END"
        )

    def describe(self) -> str:
        shown = [f"{end} {kept} 位" for end, kept in (("前", self.keep_first), ("后", self.keep_last)) if kept]
        start = f"保留{'、'.join(shown)}，其余" if shown else "全部"
        return f"{start}以 * 代替，位数不变"


@dataclass(frozen=True, kw_only=True)
class Truncate(Technique):
    """Only the first characters stay (数据截断)."""

    code = "truncate"
    label = "截断"
    keep_first: int = 2

    def check(self, data_type: str) -> None:
        if self.keep_first < 1:
            raise PlanError("截断至少保留 1 位；都不保留的，请选「不开放该项」。")

    def sql(self, column: str) -> str:
        return f"left(CAST({column} AS VARCHAR), {self.keep_first})"

    def describe(self) -> str:
        return f"只保留前 {self.keep_first} 位"


@dataclass(frozen=True, kw_only=True)
class Round(Technique):
    """Numbers become multiples of a step (取整)."""

    code = "round"
    label = "取整"
    protects = False
    step: float = 10

    def check(self, data_type: str) -> None:
        if data_type not in NUMBERS:
            raise PlanError("取整只用于数值型的信息项。")
        if self.step <= 0:
            raise PlanError("取整的步长必须大于 0。")

    def sql(self, column: str) -> str:
        return f"round(CAST({column} AS DOUBLE) / {self.step!r}) * {self.step!r}"

    def describe(self) -> str:
        return f"按 {self.step:g} 取整"

    def result_type(self, data_type: str) -> str:
        return "B"


@dataclass(frozen=True, kw_only=True)
class GeneralizeDate(Technique):
    """A date becomes its month or its year (日期取整)."""

    code = "generalize-date"
    label = "日期取整"
    protects = False
    to: str = "month"

    def check(self, data_type: str) -> None:
        if data_type not in DATES:
            raise PlanError("日期取整只用于日期型、日期时间型的信息项。")
        if self.to not in {"month", "year"}:
            raise PlanError("日期只能取整到月或者年。")

    def sql(self, column: str) -> str:
        return f"strftime({column}, '{'%Y-%m' if self.to == 'month' else '%Y'}')"

    def describe(self) -> str:
        return "只保留到月" if self.to == "month" else "只保留到年"


@dataclass(frozen=True, kw_only=True)
class Pseudonym(Technique):
    """A keyed pseudonym: equal values stay equal, nobody without the key can compute them (散列)."""

    code = "pseudonym"
    label = "假名"
    key: str = ""

    def check(self, data_type: str) -> None:
        if len(self.key) < 16:
            raise PlanError("假名需要至少 16 位的密钥。")

    def sql(self, column: str) -> str:
        key = literal(self.key)
        inner = f"sha256({key} || ':' || CAST({column} AS VARCHAR))"
        return f"left(sha256({key} || ':' || {inner}), 16)"

    def describe(self) -> str:
        return "以密钥生成的假名代替，同一值对应同一假名"

    def to_dict(self) -> dict[str, Any]:
        return {"technique": self.code}


TECHNIQUES: dict[str, type[Technique]] = {
    technique.code: technique for technique in (Keep, Suppress, Mask, Truncate, Round, GeneralizeDate, Pseudonym)
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def technique_from(values: dict[str, Any], *, key: str = "") -> Technique:
    """Read a technique from JSON values or form text: ``{"technique": "mask", "keep_first": 3}``.

    ``key``: the secret for pseudonyms, which a plan never carries. Raises ``PlanError``.
    """
    chosen = TECHNIQUES.get(str(values.get("technique", "")))
    if chosen is None:
        raise PlanError(f"没有「{values.get('technique', '')}」这种脱敏方法。")
    arguments: dict[str, Any] = {}
    for field in fields(chosen):
        if field.name in values and values[field.name] not in (None, ""):
            arguments[field.name] = _typed(values[field.name], field.type, field.name)
    if chosen is Pseudonym:
        arguments["key"] = key
    return chosen(**arguments)


def _typed(value: Any, kind: Any, name: str) -> Any:
    if kind == "str":
        return str(value)
    if not _NUMBER.fullmatch(str(value).strip()):
        raise PlanError(f"「{value}」不是数字（{name}）。")
    return int(float(str(value))) if kind == "int" else float(str(value))
