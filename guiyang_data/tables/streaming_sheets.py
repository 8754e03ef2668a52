"""XLSX that leaves while it is made: openpyxl makes the workbook around the rows, which go into its archive in turn.

Memory holds one batch of rows, however many there are, and the first bytes leave at once.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from guiyang_data.tables.conversion import add_guard
from guiyang_data.texts import fit_for_xml

BATCH = 500
SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SIZE = re.compile("<dimension [^>]*/>")
_END = "</sheetData>"
_EMPTY = "<sheetData/>"


def stream_workbook(book: Workbook, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The workbook with ``rows`` below those that its first sheet has already; texts are guarded against formulas.

    A cell is a text, a number or None. Who calls has seen to it that no more than ``SHEET_ROWS`` rows and
    ``CELL_CHARACTERS`` a cell are to be written: what has left cannot be taken back.
    """
    whole = io.BytesIO()
    start = book.worksheets[0].max_row + 1
    book.save(whole)
    first = book.worksheets[0].path.lstrip("/")
    out = _Outlet()
    with zipfile.ZipFile(whole) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in made.namelist():
            if part != first:
                archive.writestr(part, made.read(part))
        head, tail = _around(made.read(first).decode())
        with archive.open(first, "w", force_zip64=True) as sheet:
            sheet.write(head.encode())
            for written in _written(rows, start):
                sheet.write(written)
                yield out.taken()
            sheet.write(tail.encode())
    yield out.taken()


def _around(sheet: str) -> tuple[str, str]:
    """What stands before the end of the rows, and the rest; how large the sheet will be is not said."""
    head, end, tail = _SIZE.sub("", sheet).replace(_EMPTY, f"<sheetData>{_END}").partition(_END)
    return head, end + tail


def _written(rows: Iterable[Sequence[Any]], start: int) -> Iterator[bytes]:
    numbered = enumerate(rows, start=start)
    letters: list[str] = []
    while batch := list(islice(numbered, BATCH)):
        lines = []
        for number, row in batch:
            while len(letters) < len(row):
                letters.append(get_column_letter(len(letters) + 1))
            cells = "".join(
                _cell(f"{letter}{number}", value)
                for letter, value in zip(letters, row, strict=False)
                if value is not None and value != ""
            )
            lines.append(f'<row r="{number}">{cells}</row>')
        yield "".join(lines).encode()


def _cell(place: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(_ESCAPE.sub("_x005F_", fit_for_xml(add_guard(str(value)))))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


class _Outlet(io.RawIOBase):
    """What the archive is written to: bytes wait here until they are taken, and nothing can be written again."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)
