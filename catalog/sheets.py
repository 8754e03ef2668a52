"""The workbook around a catalogue: its header, the words that its cells may hold, and how it is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from catalog import records
from catalog.records import Element, Extent

SHEET, WORDS, HOW = "目录", "取值", "填写说明"
LAST_ROW = 1_048_576
WIDE = {
    "资源名称": 32,
    "资源摘要": 48,
    "信息项名称": 24,
    "信息项说明": 40,
    "资源代码": 18,
    "提供机关": 24,
    "提供机关代码": 22,
    "采集机关": 24,
    "采集机关代码": 22,
}
USUAL = 14
HEAD = PatternFill("solid", fgColor="EAF2FA")


def workbook(extent: Extent) -> Workbook:
    """A workbook whose first sheet has the header of an export and no rows yet; lists where it can be brought in."""
    return workbook_of([*extent.entry, *extent.items], {} if extent == records.whole() else None)


def workbook_of(
    columns: Sequence[str],
    lists: Mapping[str, Sequence[str]] | None,
    *,
    title: str = SHEET,
    widths: Mapping[str, int] = WIDE,
) -> Workbook:
    """A workbook whose first sheet, called ``title``, has these columns and no rows yet.

    ``lists``: words to choose from for columns whose element has none of its own; None where nobody fills it in.
    """
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = title
    sheet.append(list(columns))
    for place, label in enumerate(columns, start=1):
        cell = sheet.cell(row=1, column=place)
        cell.font, cell.fill = Font(bold=True), HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(place)].width = widths.get(label, USUAL)
    sheet.freeze_panes = "C2" if records.CODE in columns else "B2"
    if lists is not None:
        own = {element.label: _words(element) for element in (*records.ELEMENTS, *records.ITEM_ELEMENTS)}
        chosen = {label: [*(own.get(label) or lists.get(label) or ())] for label in columns}
        _offer(book, sheet, {label: words for label, words in chosen.items() if words}, list(columns))
    return book


def _offer(book: Workbook, sheet: Worksheet, lists: Mapping[str, Sequence[str]], columns: list[str]) -> None:
    """Lists to choose from, on a sheet of their own: what stands in the rule itself may be 255 signs long."""
    listed = book.create_sheet(WORDS)
    for place, (label, words) in enumerate(lists.items(), start=1):
        letter = get_column_letter(place)
        for row, value in enumerate([label, *words], start=1):
            listed.cell(row=row, column=place, value=value)
        listed.cell(row=1, column=place).font = Font(bold=True)
        listed.column_dimensions[letter].width = USUAL + 6
        rule = DataValidation(
            type="list",
            formula1=f"{WORDS}!${letter}$2:${letter}${len(words) + 1}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=label,
            error="请从下拉列表中选择。",
        )
        own = get_column_letter(columns.index(label) + 1)
        rule.add(f"{own}2:{own}{LAST_ROW}")
        sheet.add_data_validation(rule)


def _words(element: Element) -> list[str]:
    """The words that an element is chosen from; none where it is written freely."""
    if element.choices:
        return list(element.choices.values())
    return [records.YES, records.NO] if element.name in {"is_open", "required", "is_key", "is_unique"} else []


def explain(book: Workbook, rows: Iterable[tuple[str, str, str]]) -> None:
    """A second sheet that says of each column whether it must be filled in, and how."""
    sheet = book.create_sheet(HOW, 1)
    sheet.append(["列", "是否必填", "怎样填写"])
    for row in rows:
        sheet.append(row)
    for letter, width in (("A", 18), ("B", 26), ("C", 80)):
        sheet.column_dimensions[letter].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        cells[2].alignment = Alignment(wrap_text=True, vertical="top")
