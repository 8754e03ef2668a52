"""Spreadsheets: what their reader does not see, and numbers of persons in seen and unseen cells."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from guiyang_data.attachments.inspection.findings import Findings, Unreadable
from guiyang_data.attachments.inspection.office import read_office
from guiyang_data.attachments.inspection.packages import attribute, local, opened, streamed, text_of, tree, whole

EXACT = 2**53


@dataclass(kw_only=True)
class Sheet:
    """What one sheet hides. Rows and columns count from 1, as the spreadsheet shows them."""

    name: str
    part: str
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    is_filtered: bool = False
    uncomputed: int = 0

    @property
    def place(self) -> str:
        """The sheet in words."""
        return f"工作表「{self.name[:40]}」"

    def hides_column(self, number: int) -> bool:
        """Whether a column is hidden."""
        return any(first <= number <= last for first, last in self.hidden_columns)


class SheetTarget:
    """Takes from the stream of a sheet's XML what is hidden, and formulas without a value."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = 0
        self.rows_hide_themselves = False
        self.formula = self.value = False

    def start(self, tag: str, attributes: Any) -> None:
        """An element begins."""
        name = local(tag)
        if name == "row":
            self._row(attributes)
        elif name == "c":
            self.formula = self.value = False
        elif name == "f":
            self.formula = True
        elif name == "v":
            self.value = True
        elif name in {"col", "sheetFormatPr", "autoFilter"}:
            self._layout(name, attributes)

    def end(self, tag: str) -> None:
        """An element ends; a cell with a formula and no value was never computed."""
        if self.formula and local(tag) == "c":
            self.sheet.uncomputed += 1
            self.formula = False

    def _row(self, attributes: Any) -> None:
        number = attribute(attributes, "r")
        self.row = int(number) if number.isdigit() else self.row + 1
        hidden = attribute(attributes, "hidden")
        flat = attribute(attributes, "ht") in {"0", "0.0"}
        if _is_true(hidden) or flat or (self.rows_hide_themselves and not hidden):
            self.sheet.hidden_rows.add(self.row)

    def _layout(self, name: str, attributes: Any) -> None:
        if name == "autoFilter":
            self.sheet.is_filtered = True
        elif name == "sheetFormatPr":
            self.rows_hide_themselves = _is_true(attribute(attributes, "zeroHeight"))
        elif _is_true(attribute(attributes, "hidden")) or attribute(attributes, "width") in {"0", "0.0"}:
            first, last = attribute(attributes, "min"), attribute(attributes, "max")
            if first.isdigit() and last.isdigit():
                self.sheet.hidden_columns.append((int(first), int(last)))

    def data(self, text: str) -> None:
        """What a formula gave; the cells themselves are read by the spreadsheet library."""
        if self.value:
            self.formula = False

    def close(self) -> None:
        """The stream has ended."""


def read_sheets(path: Path, findings: Findings) -> None:
    """Everything an XLSX hides, and the numbers of persons in its cells."""
    with opened(path) as package:
        read_office(package, findings)
        sheets = sheets_of(package)
        _read_workbook(package, findings)
    for sheet in sheets:
        note_hidden(sheet, findings)
    read_cells(path, {sheet.name: sheet for sheet in sheets}, findings)


def sheets_of(package: zipfile.ZipFile) -> list[Sheet]:
    """The sheets of a workbook with what each hides."""
    names = set(package.namelist())
    if "xl/workbook.xml" not in names:
        raise Unreadable("不是 XLSX 格式的工作簿，请另存为 XLSX")
    targets = _relations(package, "xl/_rels/workbook.xml.rels") if "xl/_rels/workbook.xml.rels" in names else {}
    sheets = []
    for element in tree(whole(package, "xl/workbook.xml")).iter():
        if local(element.tag) != "sheet":
            continue
        part = targets.get(attribute(element.attrib, "id"), "")
        sheet = Sheet(name=element.get("name", ""), part=part, is_hidden=element.get("state", "visible") != "visible")
        if part in names:
            streamed(package, part, SheetTarget(sheet))
        sheets.append(sheet)
    return sheets


def _relations(package: zipfile.ZipFile, name: str) -> dict[str, str]:
    found = {}
    for element in tree(whole(package, name)):
        target = element.get("Target", "")
        found[element.get("Id", "")] = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return found


def _read_workbook(package: zipfile.ZipFile, findings: Findings) -> None:
    names = package.namelist()
    for element in tree(whole(package, "xl/workbook.xml")).iter():
        if local(element.tag) == "definedName":
            _read_name(element, findings)
    parts = {
        "external-links": ("xl/externalLinks/externalLink",),
        "connections": ("xl/connections.xml", "xl/queryTables/", "xl/model/"),
        "cached-rows": ("xl/pivotCache/pivotCacheRecords",),
    }
    for code, beginnings in parts.items():
        found = [name for name in names if name.startswith(beginnings) and not name.endswith(".rels")]
        findings.add(code, "工作簿", count=len(found))
        for name in found:
            if name.endswith(".xml"):
                _read_values(package, name, findings)


def _read_name(element: Any, findings: Findings) -> None:
    text, name = text_of(element), element.get("name", "")
    if "[" in text and "]" in text and "!" in text:
        findings.add("external-links", f"名称 {name}", sample=text)
    if _is_true(element.get("hidden", "")) and not name.startswith("_xlnm."):
        findings.add("hidden-names", f"名称 {name}", sample=text)
    findings.read(text, f"名称 {name}", is_hidden=True)


class _Values:
    """Reads attributes and texts of a part that holds values of its own."""

    def __init__(self, findings: Findings, place: str) -> None:
        self.findings, self.place = findings, place

    def start(self, tag: str, attributes: Any) -> None:
        for value in attributes.values():
            self.data(value)

    def end(self, tag: str) -> None:
        """Nothing is kept."""

    def data(self, text: str) -> None:
        self.findings.read(text, self.place, is_hidden=True)

    def close(self) -> None:
        """The stream has ended."""


def _read_values(package: zipfile.ZipFile, name: str, findings: Findings) -> None:
    streamed(package, name, _Values(findings, "工作簿带有的数据"))
    if name.startswith("xl/pivotCache/"):
        definition = name.replace("Records", "Definition")
        if definition in package.namelist():
            streamed(package, definition, _Values(findings, "工作簿带有的数据"))


def note_hidden(sheet: Sheet, findings: Findings) -> None:
    """What a sheet hides, as findings."""
    if sheet.is_hidden:
        findings.add("hidden-sheet", sheet.place)
    findings.add("filtered-rows" if sheet.is_filtered else "hidden-rows", sheet.place, count=len(sheet.hidden_rows))
    columns = sum(last - first + 1 for first, last in sheet.hidden_columns if first < 16_000)
    findings.add("hidden-columns", sheet.place, count=min(columns, 16_384))


def read_cells(path: Path, sheets: dict[str, Sheet], findings: Findings) -> None:
    """Numbers of persons in the cells; a row counts once for each column."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        for name in workbook.sheet_names:
            sheet = sheets.get(name) or Sheet(name=name, part="")
            rows = workbook.get_sheet_by_name(name).iter_rows()
            read_rows(sheet, enumerate(rows, start=1), findings)
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable("文件打不开，可能已损坏或者加了密码") from error


def read_rows(sheet: Sheet, rows: Iterator[tuple[int, list[Any]]], findings: Findings) -> None:
    """The same for rows with their numbers."""
    for number, cells in rows:
        row_hidden = sheet.is_hidden or number in sheet.hidden_rows
        for column, cell in enumerate(cells, start=1):
            if cell is None or cell == "" or isinstance(cell, bool):
                continue
            text = _as_text(cell)
            if len(text) > 10:
                hidden = row_hidden or sheet.hides_column(column)
                findings.read(text, f"{sheet.place}{letters(column)} 列", is_hidden=hidden, once=True)


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    return str(cell)


def letters(column: int) -> str:
    """The column as the spreadsheet calls it: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _is_true(text: str) -> bool:
    return text in {"1", "true"}
