"""A plan: one technique for each column, checked as a whole before anything is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guiyang_data.detection import DIRECT, QUASI, Detected
from opendata.desensitize.techniques import PlanError, Suppress, Technique, technique_from


@dataclass(frozen=True, kw_only=True)
class PlannedColumn:
    """One column: its name, its quoted identifier's source code, its data type, what it holds, what is done to it."""

    name: str
    code: str
    data_type: str
    detected: Detected | None
    technique: Technique

    @property
    def leaves_identifier(self) -> bool:
        """Whether a direct identifier would still identify after the technique."""
        return self.detected is not None and self.detected.kind == DIRECT and not self.technique.protects

    @property
    def is_open(self) -> bool:
        """Whether the column is in the result at all."""
        return not isinstance(self.technique, Suppress)

    @property
    def is_quasi(self) -> bool:
        """Whether the result can help to single a person out."""
        return self.is_open and self.detected is not None and self.detected.kind == QUASI


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every column of a table with its technique."""

    columns: tuple[PlannedColumn, ...]

    def faults(self) -> dict[str, str]:
        """What stands against the plan, by column code; empty where it can be carried out."""
        faults: dict[str, str] = {}
        for column in self.columns:
            try:
                column.technique.check(column.data_type)
            except PlanError as error:
                faults[column.code] = str(error)
            if column.leaves_identifier and column.detected is not None:
                faults[column.code] = f"「{column.name}」含{column.detected.what}，属于个人身份信息，不能保留原值开放。"
        if not any(column.is_open for column in self.columns):
            faults[""] = "所有信息项都不开放，没有可以开放的内容。"
        return faults

    @property
    def personal(self) -> bool:
        """Whether the rows are about single persons."""
        return any(column.detected is not None for column in self.columns)

    def selection(self) -> list[tuple[PlannedColumn, str]]:
        """Columns of the result with their expressions, in order."""
        chosen: list[tuple[PlannedColumn, str]] = []
        for column in self.columns:
            expression = column.technique.sql(quoted(column.code))
            if expression is not None:
                chosen.append((column, expression))
        return chosen


def quoted(identifier: str) -> str:
    """``identifier`` quoted for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def make_plan(
    columns: Sequence[tuple[str, str, str]],
    techniques: Mapping[str, Mapping[str, Any]],
    *,
    detected: Mapping[str, Detected | None],
    key: str = "",
) -> Plan:
    """Build a plan for ``columns`` of (name, code, data type letter); a column without a technique is kept.

    Raises ``PlanError`` for a technique that does not exist or a column that does not.
    """
    known = {code for _name, code, _type in columns}
    unknown = sorted(set(techniques) - known)
    if unknown:
        raise PlanError(f"没有这样的信息项：{'、'.join(unknown)}。")
    return Plan(
        columns=tuple(
            PlannedColumn(
                name=name,
                code=code,
                data_type=data_type,
                detected=detected.get(code),
                technique=technique_from(dict(techniques.get(code, {"technique": "keep"})), key=key),
            )
            for name, code, data_type in columns
        )
    )
