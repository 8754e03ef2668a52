"""A workbook with only what its reader sees: visible sheets, rows and columns, values instead of formulas."""

from __future__ import annotations

import zipfile
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.utils.exceptions import InvalidFileException

from guiyang_data.attachments.inspection.findings import Unreadable
from guiyang_data.attachments.inspection.packages import opened
from guiyang_data.attachments.inspection.sheets import Sheet, letters, sheets_of

MOST_CELLS = 500_000
BROKEN = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError)
"""What the library raises on a damaged file."""


def clean_sheets(path: Path, target: Path) -> None:
    """Write the copy. Charts, pictures, comments and formulas do not come along; formulas leave their results."""
    with opened(path) as package:
        hidden = {sheet.name: sheet for sheet in sheets_of(package)}
    shown = [sheet for sheet in hidden.values() if not sheet.is_hidden]
    if any(sheet.uncomputed for sheet in shown):
        raise Unreadable("有公式没有保存计算结果。请用表格软件打开、保存一次后重新上传")
    try:
        with path.open("rb") as file:
            source = load_workbook(file, data_only=True, keep_links=False)
        made = Workbook()
        made.remove(made.worksheets[0])
        left = MOST_CELLS
        for worksheet in source.worksheets:
            if not hidden[worksheet.title].is_hidden:
                left -= worksheet.max_row * worksheet.max_column
                if left < 0:
                    raise Unreadable("表格太大，不能自动清理。请另存为只含所需内容的文件后重新上传")
                _copy_sheet(worksheet, made.create_sheet(worksheet.title), hidden[worksheet.title])
        made.properties = DocumentProperties(creator=None, lastModifiedBy=None)
        made.save(target)
    except BROKEN as error:
        raise Unreadable("文件打不开，可能已损坏") from error


def _copy_sheet(source: Any, made: Any, hidden: Sheet) -> None:
    rows = [number for number in range(1, source.max_row + 1) if number not in hidden.hidden_rows]
    columns = [number for number in range(1, source.max_column + 1) if not hidden.hides_column(number)]
    for new_row, row in enumerate(rows, start=1):
        for new_column, column in enumerate(columns, start=1):
            _copy_cell(source.cell(row, column), made.cell(new_row, new_column))
    for new_column, column in enumerate(columns, start=1):
        width = source.column_dimensions[letters(column)].width
        if width:
            made.column_dimensions[letters(new_column)].width = width
    _copy_merged(source, made, {row: new for new, row in enumerate(rows, 1)}, {c: n for n, c in enumerate(columns, 1)})


def _copy_cell(source: Any, made: Any) -> None:
    if source.value is not None:
        made.value = source.value
        if isinstance(source.value, str):
            made.data_type = "s"  # a text that begins with = stays a text
    if source.has_style:
        made.number_format = source.number_format
        made.font, made.fill = copy(source.font), copy(source.fill)
        made.alignment, made.border = copy(source.alignment), copy(source.border)


def _copy_merged(source: Any, made: Any, rows: dict[int, int], columns: dict[int, int]) -> None:
    for area in source.merged_cells.ranges:
        down = [rows[row] for row in range(area.min_row, area.max_row + 1) if row in rows]
        across = [columns[column] for column in range(area.min_col, area.max_col + 1) if column in columns]
        if len(down) * len(across) > 1:
            made.merge_cells(start_row=down[0], end_row=down[-1], start_column=across[0], end_column=across[-1])
