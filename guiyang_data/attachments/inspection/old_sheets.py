"""XLS of the old binary format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from guiyang_data.attachments.inspection.findings import Findings, Unreadable
from guiyang_data.attachments.inspection.sheets import Sheet, note_hidden, read_rows

BROKEN = (XLRDError, CompDocError, ValueError, IndexError, KeyError, AssertionError, OverflowError)
"""What the library raises on a damaged file."""


def read_old_sheets(path: Path, findings: Findings) -> None:
    """Everything an XLS hides, and the numbers of persons in its cells."""
    with path.open("rb") as file, Path("/dev/null").open("w") as nowhere:
        try:
            book = xlrd.open_workbook(file_contents=file.read(), formatting_info=True, logfile=nowhere)
        except BROKEN as error:
            raise Unreadable("文件打不开，可能已损坏、加了密码，或者不是 XLS") from error
    if book.user_name:
        findings.add("author", "最后保存者", sample=book.user_name)
        findings.read(book.user_name, "文件属性", is_hidden=True)
    external = sum(1 for name in book.name_obj_list if "[" in str(name.formula_text if name.evaluated else ""))
    findings.add("external-links", "工作簿", count=external)
    for source in book.sheets():
        _read_sheet(source, findings)


def _read_sheet(source: Any, findings: Findings) -> None:
    sheet = Sheet(name=source.name, part="", is_hidden=source.visibility != 0)
    sheet.hidden_rows = {number + 1 for number, row in source.rowinfo_map.items() if row.hidden}
    hidden = sorted(number + 1 for number, column in source.colinfo_map.items() if column.hidden)
    sheet.hidden_columns = [(number, number) for number in hidden]
    note_hidden(sheet, findings)
    notes = [note.text for note in source.cell_note_map.values()]
    findings.add("comments", sheet.place, count=len(notes))
    findings.read_each(notes, f"{sheet.place}批注", is_hidden=True)
    read_rows(sheet, _rows(source), findings)


def _rows(source: Any) -> Iterator[tuple[int, list[Any]]]:
    for number in range(source.nrows):
        yield number + 1, source.row_values(number)
