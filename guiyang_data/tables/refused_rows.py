"""Rows that were not taken in, written down so that the provider can put them right."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from guiyang_data.tables.checking import Refusal
from guiyang_data.tables.conversion import add_guard, strip_guard
from guiyang_data.tables.matching import LINE_BEFORE, REASON_BEFORE
from guiyang_data.tables.refusals import LoadRefused

AT_ONCE = 64 * 1024
HEADER = ("行号", "信息项", "值", "原因", "整行")


@dataclass(frozen=True, kw_only=True)
class RefusedCell:
    """One cell of a list of refused rows.

    ``row``: the cells of its whole row by the names of the items it carried. Of a row that has another width than the
    header nobody can tell; its cells are ``loose``.
    """

    line: int
    column: str
    value: str
    reason: str
    row: Mapping[str, str]
    loose: Sequence[str] = ()


def read_refused(path: Path, *, offset: int, limit: int) -> tuple[int, list[RefusedCell]]:
    """(how many rows the list has, the cells of ``limit`` of them from ``offset`` on), without the guard."""
    rows, last, cells = 0, "", []
    for listed in _listed(path):
        if listed[0] != last:
            rows, last = rows + 1, listed[0]
        if offset < rows <= offset + limit:
            cells.append(_cell(listed))
    return rows, cells


def rows_to_mend(path: Path, names: Sequence[str]) -> Iterator[bytes]:
    """The refused rows as a CSV to put right and load again: the items they carried, before them line and reasons.

    ``names``: of the items, in their order. For a person with a spreadsheet: UTF-8 with BOM, guarded. Loading passes
    over what stands before the items.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    carried = next((cell.row for cell in map(_cell, _listed(path)) if cell.row), dict.fromkeys(names))
    names = [name for name in names if name in carried]
    writer.writerow([LINE_BEFORE, REASON_BEFORE, *map(add_guard, names)])
    yield codecs.BOM_UTF8
    for _line, listed in groupby(_listed(path), key=itemgetter(0)):
        cells = [_cell(one) for one in listed]
        first, why = cells[0], "；".join(f"{cell.column}：{cell.reason}" for cell in cells)
        values = first.loose or [first.row.get(name, "") for name in names]
        writer.writerow([first.line, *map(add_guard, (why, *values))])
        if text.tell() > AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _listed(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream)
        next(lines, None)
        yield from lines


def _cell(listed: Sequence[str]) -> RefusedCell:
    line, column, value, reason, row = listed
    whole = json.loads(strip_guard(row))
    told = {"column": strip_guard(column), "value": strip_guard(value), "reason": strip_guard(reason)}
    if isinstance(whole, dict):
        return RefusedCell(line=int(line), row=whole, **told)
    return RefusedCell(line=int(line), row={}, loose=whole, **told)


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
