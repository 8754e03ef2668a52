"""Rows that were not taken in, written down so that the provider can put them right."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from guiyang_data.tables.checking import Refusal
from guiyang_data.tables.conversion import add_guard, strip_guard
from guiyang_data.tables.refusals import LoadRefused

HEADER = ("行号", "信息项", "值", "原因", "整行")


@dataclass(frozen=True, kw_only=True)
class RefusedCell:
    """One cell of a list of refused rows; ``row``: the cells of its whole row."""

    line: int
    column: str
    value: str
    reason: str
    row: tuple[str, ...]


def read_refused(path: Path, *, offset: int, limit: int) -> tuple[int, list[RefusedCell]]:
    """(how many rows the list has, the cells of ``limit`` of them from ``offset`` on), without the guard."""
    rows, last, cells = 0, "", []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        listed = csv.reader(stream)
        next(listed, None)
        for line, column, value, reason, row in listed:
            if line != last:
                rows, last = rows + 1, line
            if offset < rows <= offset + limit:
                plain = (strip_guard(one) for one in (column, value, reason))
                name, text, why = plain
                whole = tuple(json.loads(strip_guard(row)))
                cells.append(RefusedCell(line=int(line), column=name, value=text, reason=why, row=whole))
    return rows, cells


class RefusedRows:
    """A CSV of refused cells (UTF-8 with BOM, guarded, for a person with a spreadsheet), and their counts.

    One line per cell; a row may have several. The file is there only when something was refused.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: TextIO | None = None
        self._writer: Any = None
        self._last_line: int | None = None
        self.rows = 0
        self.reasons: Counter[str] = Counter()

    @property
    def path(self) -> Path | None:
        return self._path if self._stream is not None else None

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Write down refusals; those of one row stand together."""
        for refusal in refusals:
            if self._stream is None:
                self._open()
            if refusal.line != self._last_line:
                self.rows += 1
                self._last_line = refusal.line
            self.reasons[f"{refusal.column}：{refusal.reason}"] += 1
            values = (refusal.column, refusal.value, refusal.reason, refusal.row)
            self._writer.writerow([refusal.line, *(add_guard(value) for value in values)])

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(HEADER)

    def __enter__(self) -> Self:
        # What an earlier attempt at the same load left must not pass for the outcome of this one.
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is None:
            return
        try:
            self._stream.close()
        finally:
            if error is not None and not isinstance(error, LoadRefused):
                self._path.unlink(missing_ok=True)
