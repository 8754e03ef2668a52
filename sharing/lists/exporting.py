"""The public lists as files, streamed: CSV and XLSX for people with a spreadsheet, JSON for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson
from django.db.models import QuerySet

from catalog.exporting import BOM, FORMATS
from catalog.sheets import workbook_of
from guiyang_data.errors import TooLarge
from guiyang_data.tables.conversion import add_guard
from guiyang_data.tables.streaming_sheets import CELL_CHARACTERS, SHEET_ROWS, stream_workbook
from sharing.lists.counties import LetOut
from sharing.lists.rows import PublicList, Row

CHUNK = 500
MEDIA = {kind: one.media_type for kind, one in FORMATS.items()}


def export(which: PublicList, rows: QuerySet[Any], kind: str, let_out: LetOut) -> Iterator[bytes]:
    """The lines of a list as ``csv``, ``xlsx`` or ``json``; memory holds some hundred. TooLarge where no sheet does."""
    if kind == "xlsx" and rows.count() > SHEET_ROWS:
        raise TooLarge("清单超过一张工作表能放下的行数，不能导出为 XLSX。请导出 CSV 或者 JSON，或者加上筛选条件。")
    return WRITERS[kind](which, _lines(which, rows, let_out))


def _lines(which: PublicList, rows: QuerySet[Any], let_out: LetOut) -> Iterator[Row]:
    found = rows.iterator(chunk_size=CHUNK)
    while some := list(islice(found, CHUNK)):
        yield from which.lines(some, let_out)


def _as_csv(which: PublicList, lines: Iterator[Row]) -> Iterator[bytes]:
    yield BOM
    yield _csv_line(list(which.columns.values()))
    for line in lines:
        yield _csv_line([_guarded(line[code]) for code in which.columns])


def _csv_line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _guarded(value: Any) -> Any:
    return add_guard(value) if isinstance(value, str) else value


def _as_xlsx(which: PublicList, lines: Iterator[Row]) -> Iterator[bytes]:
    cells = ([_cut(line[code]) for code in which.columns] for line in lines)
    return stream_workbook(workbook_of(list(which.columns.values()), None), cells)


def _cut(value: Any) -> Any:
    return value[:CELL_CHARACTERS] if isinstance(value, str) else value


def _as_json(which: PublicList, lines: Iterator[Row]) -> Iterator[bytes]:
    start = b"["
    for line in lines:
        yield start + orjson.dumps(line)
        start = b",\n"
    yield b"[]" if start == b"[" else b"]"


WRITERS: dict[str, Callable[[PublicList, Iterator[Row]], Iterator[bytes]]] = {
    "csv": _as_csv,
    "xlsx": _as_xlsx,
    "json": _as_json,
}
