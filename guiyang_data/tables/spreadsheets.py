"""XLS and XLSX as rows of text, through calamine: only in a process of its own (``apart``)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.uncomputed import UNCOMPUTED, column_number, has_formulas, uncomputed_cells

UNPACKED_LIMIT = 3 * 1024**3 // 2
"""Bytes a workbook may unpack to; beyond it the file is an attack or belongs in a CSV."""
SUSPICIOUS_SIZE, SUSPICIOUS_RATIO = 64 * 1024**2, 200
"""No workbook of this size that a person made is packed as tightly."""
MOST_MEMBERS = 10_000
MOST_CELLS = 40_000_000
"""A sheet is held as a rectangle up to its last row and column, however few of its cells are filled."""

CHUNK, LONGEST_TAG = 1024**2, 200
_COLUMN = re.compile(rb'<c [^<>]{0,150}?r="([A-Z]{1,3})\d')
_ROW = re.compile(rb'<row [^<>]{0,150}?r="(\d{1,7})"')

BOOK, OTHER_BOOKS = "xl/workbook.xml", ("content.xml", "xl/workbook.bin")
"""What the archive of an XLSX holds, and what those of other formats hold, of which it is not known beforehand how much
room their cells take."""
UNREADABLE = "文件打不开，可能已损坏、加了密码，或者不是电子表格。请另存为XLSX或CSV后重新上传，"
EXACT = 2**53
MIDNIGHT = time()

Cell = int | float | str | bool | time | date | datetime | timedelta


class SheetReader:
    """Rows of one sheet; the line number is the row number that the spreadsheet shows."""

    encoding = ""

    def __init__(self, path: Path, *, size: int, sheet: str | None) -> None:
        self._size = size
        self._share = 0.0
        self._workbook, self._sheet, uncomputed = _open(path, sheet)
        filled_from = (self._sheet.start or (0, 0))[1]
        first = min([filled_from, *(places[0] - 1 for places in uncomputed.values())])
        self._left = [""] * (filled_from - first)
        self._uncomputed = {line: [at - first - 1 for at in places] for line, places in uncomputed.items()}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        height = max(self._sheet.total_height, 1)
        index = 0
        for index, cells in enumerate(self._sheet.iter_rows(), start=1):
            self._share = index / height
            yield index, self._marked(index, [*self._left, *map(as_text, cells)])
        for line in [line for line in self._uncomputed if line > index]:
            yield line, self._marked(line, [*self._left, *[""] * self._sheet.width])

    def _marked(self, line: int, cells: list[str]) -> list[str]:
        """With a mark where a formula has no result, which the library gives as blank."""
        for place in self._uncomputed.get(line, ()):
            cells += [""] * (place + 1 - len(cells))
            cells[place] = UNCOMPUTED
        return cells

    def done_bytes(self) -> int:
        return min(self._size, int(self._size * self._share))

    def close(self) -> None:
        self._workbook.close()


def _open(path: Path, sheet: str | None) -> tuple[CalamineWorkbook, CalamineSheet, dict[int, list[int]]]:
    try:
        computes = _is_archive(path) and _computes(path)
        workbook = CalamineWorkbook.from_path(str(path))
        if sheet is None:
            found = _first_filled(workbook)
        elif sheet in workbook.sheet_names:
            found = workbook.get_sheet_by_name(sheet)
        else:
            raise LoadRefused(f"文件里没有名为“{sheet}”的工作表。请核对工作表名称后重新上传，")
        if not computes:
            return workbook, found, {}
        with zipfile.ZipFile(path) as archive:
            return workbook, found, uncomputed_cells(archive, found.name)
    except (CalamineError, zipfile.BadZipFile) as error:
        raise LoadRefused(UNREADABLE) from error


def _is_archive(path: Path) -> bool:
    """Whether it begins like an XLSX."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _refuse_others(archive: zipfile.ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if not names.isdisjoint(OTHER_BOOKS):
        raise LoadRefused("文件是ODS或者XLSB，不是XLSX。请用表格软件打开，另存为XLSX或CSV后重新上传，")
    if BOOK not in names:
        raise LoadRefused(UNREADABLE)


def _first_filled(workbook: CalamineWorkbook) -> CalamineSheet:
    """The first sheet with content that whoever opened the file has seen."""
    hidden = False
    for about in workbook.sheets_metadata:
        found = workbook.get_sheet_by_name(about.name)
        if found.height and about.visible == SheetVisibleEnum.Visible:
            return found
        hidden = hidden or bool(found.height)
    if hidden:
        raise LoadRefused("电子表格的内容都在隐藏的工作表里。请取消隐藏或者移到可见的工作表，再重新上传，")
    raise LoadRefused("电子表格里没有内容。请检查文件后重新上传，")


def _computes(path: Path) -> bool:
    """Whether any sheet has a formula. Raises LoadRefused for what unpacks to too much."""
    computes = False
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(item.file_size for item in members)
        tight = unpacked > SUSPICIOUS_SIZE and unpacked > SUSPICIOUS_RATIO * path.stat().st_size
        if unpacked > UNPACKED_LIMIT or tight or len(members) > MOST_MEMBERS:
            raise LoadRefused("电子表格展开后过大。请另存为CSV后重新上传，")
        _refuse_others(archive)
        for item in members:
            if item.filename.startswith("xl/worksheets/") and item.filename.endswith(".xml"):
                with archive.open(item) as sheet:
                    rows, columns, formulas = _extent(sheet)
                _refuse_far_cells(rows, columns)
                computes = computes or formulas
    return computes


def _refuse_far_cells(rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise LoadRefused(
            f"电子表格的内容一直到第{rows}行、第{columns}列，中间大多是空的。"
            "请删去数据以外的单元格，或者另存为CSV后重新上传，"
        )


def _extent(sheet: IO[bytes]) -> tuple[int, int, bool]:
    """The last row and column that a sheet of a workbook fills, and whether it has formulas."""
    rows, names, kept, formulas = 0, set[bytes](), b"", False
    while chunk := sheet.read(CHUNK):
        text = kept + chunk
        names.update(_COLUMN.findall(text))
        rows = max(rows, *map(int, _ROW.findall(text)), 0)
        formulas = formulas or has_formulas(text)
        kept = text[-LONGEST_TAG:]
    return rows, max(map(column_number, names), default=0), formulas


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
