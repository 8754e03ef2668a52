"""Re-identification risk by equivalence classes (GB/T 42460-2023 Annex D): a row's risk is 1 / size of its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

PUBLIC_THRESHOLD = 0.05
"""Highest acceptable risk for data that everyone can have (classes of at least 20); a setting of the caller."""


@dataclass(frozen=True, kw_only=True)
class RiskReport:
    """``level``: 1 direct identifiers remain, 2 risk too high, 3 acceptable, 4 nothing personal in single rows.

    ``smallest_class``: rows of the smallest class over ``quasi``; ``rows_at_risk``: rows in classes below the bound.
    """

    level: int
    rows: int
    quasi: tuple[str, ...]
    smallest_class: int
    highest_risk: float
    rows_at_risk: int
    threshold: float

    @property
    def is_acceptable(self) -> bool:
        """Whether data of this level may be opened."""
        return self.level >= 3

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "quasi": list(self.quasi)}


def measure(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    *,
    quasi: Sequence[str],
    direct_left: bool,
    personal: bool,
    threshold: float = PUBLIC_THRESHOLD,
) -> RiskReport:
    """Measure ``relation`` (SQL that stands after FROM) over the quoted columns ``quasi``.

    ``direct_left``: a direct identifier is still in it. ``personal``: its rows are about single persons at all.
    """
    rows = int(_one(connection, f"SELECT count(*) FROM {relation}")[0])  # noqa: S608  the caller's own relation
    if not personal or not rows:
        return _report(1 if direct_left else 4, rows, quasi, rows, 0, threshold)
    if not quasi:
        return _report(1 if direct_left else 3, rows, quasi, rows, 0, threshold)
    columns = ", ".join(quasi)
    bound = int(-(-1 // threshold)) if threshold else rows + 1
    query = (
        f"SELECT min(n), coalesce(sum(n) FILTER (WHERE n < {bound}), 0) "  # noqa: S608  the caller's own columns
        f"FROM (SELECT count(*) AS n FROM {relation} GROUP BY {columns})"
    )
    smallest, at_risk = _one(connection, query)
    level = 1 if direct_left else 2 if at_risk else 3
    return _report(level, rows, quasi, int(smallest), int(at_risk), threshold)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise RuntimeError("an aggregate gives one row")
    return tuple(row)


def _report(level: int, rows: int, quasi: Sequence[str], smallest: int, at_risk: int, threshold: float) -> RiskReport:
    return RiskReport(
        level=level,
        rows=rows,
        quasi=tuple(quasi),
        smallest_class=smallest,
        highest_risk=round(1 / smallest, 6) if smallest else 0.0,
        rows_at_risk=at_risk,
        threshold=threshold,
    )
