"""XLS and XLSX as rows of text, through calamine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from guiyang_data.tables.refusals import LoadRefused

UNPACKED_LIMIT = 4 * 1024**3
"""Bytes a workbook may unpack to; beyond it the file is an attack or belongs in a CSV."""

EXACT = 2**53
MIDNIGHT = time()

Cell = int | float | str | bool | time | date | datetime | timedelta


class SheetReader:
    """Rows of one sheet; the line number is the row number that the spreadsheet shows."""

    encoding = ""

    def __init__(self, path: Path, *, size: int, sheet: str | None) -> None:
        self._size = size
        self._done = 0.0
        self._workbook, self._sheet = _open(path, sheet)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        height = max(self._sheet.total_height, 1)
        for index, cells in enumerate(self._sheet.iter_rows(), start=1):
            self._done = index / height
            yield index, [as_text(cell) for cell in cells]

    def done_bytes(self) -> int:
        return min(self._size, int(self._size * self._done))

    def close(self) -> None:
        self._workbook.close()


def _open(path: Path, sheet: str | None) -> tuple[CalamineWorkbook, CalamineSheet]:
    if zipfile.is_zipfile(path):
        _refuse_bomb(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        if sheet is not None:
            if sheet not in workbook.sheet_names:
                raise LoadRefused(f"文件里没有名为“{sheet}”的工作表。请核对工作表名称后重新上传，")
            return workbook, workbook.get_sheet_by_name(sheet)
        for name in workbook.sheet_names:
            found = workbook.get_sheet_by_name(name)
            if found.height:
                return workbook, found
    except (CalamineError, zipfile.BadZipFile) as error:
        raise LoadRefused(
            "文件打不开，可能已损坏、加了密码，或者不是电子表格。请另存为XLSX或CSV后重新上传，"
        ) from error
    raise LoadRefused("电子表格里没有内容。请检查文件后重新上传，")


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    if unpacked > UNPACKED_LIMIT:
        raise LoadRefused("电子表格展开后过大。请另存为CSV后重新上传，")


def as_text(cell: Cell | None) -> str:
    """A cell as a person reads it: 123.0 as 123, a float without the noise beyond 15 digits, a date as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == MIDNIGHT else cell.isoformat(sep=" ")
    return str(cell)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return f"{value:.15g}"
