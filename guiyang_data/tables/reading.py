"""Open a file of rows whatever wrote it: CSV in any Chinese encoding, XLS, XLSX, JSON, Parquet. Cells come as text.

Told by content, not by name: a page of HTML saved as ``.xls`` is a frequent guest and is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from guiyang_data.tables import parquetfiles, spreadsheets
from guiyang_data.tables.apart import ApartReader
from guiyang_data.tables.batches import Batch, Row, batched
from guiyang_data.tables.blocks import Blocks
from guiyang_data.tables.columns import DataType
from guiyang_data.tables.conversion import guess_type, strip_guard
from guiyang_data.tables.jsonfiles import JsonReader
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.textfiles import Facts, TextReader, inspect

GUESS_ROWS = 2000
LENGTHS = (*range(1, 21), 32, 50, 64, 100, 128, 200, 255, 500, 1000, 2000, 4000)
MEMO_FROM = 500
NAMED = ("json", "parquet")
"""Kinds of files whose columns have their names by themselves."""


class Reader(Protocol):
    """What gives (line, cells) for one file format."""

    encoding: str

    def rows(self) -> Iterator[Row]: ...
    def done_bytes(self) -> int: ...
    def close(self) -> None: ...


class Source:
    """An open file: its header, and its rows one by one. Iterate once; close when done (a context manager).

    ``kind``: csv, xls, xlsx, json, parquet or rows. ``encoding``: UTF-8, UTF-8 BOM, UTF-16, GBK, GB18030, Big5, or
    empty for what is no text. ``header``: names without outer blanks. ``header_line``: its line in the file, 0 when
    the file has none.
    Iterating gives (line where the row starts, cells), without rows that are blank throughout.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        kind: str,
        sha256: str,
        size: int,
        header_row: int | None = None,
        has_header: bool = True,
    ) -> None:
        self.reader = reader
        self.kind = kind
        self.sha256 = sha256
        self.size = size
        self.has_header = has_header
        self.header_line = 0
        self._rows = self._filled(reader.rows(), header_row or 0)
        self._first: Row | None = None
        self._blocks: Blocks | None = None
        self._cells = 0
        self.header = self._read_header()

    @property
    def encoding(self) -> str:
        return self.reader.encoding

    @property
    def done_bytes(self) -> int:
        return self.reader.done_bytes() if self._blocks is None else self._blocks.done_bytes()

    def batches(self) -> Iterator[Batch]:
        """The rows as batches, in place of iterating: from a clean text file by blocks, else gathered one by one."""
        if isinstance(self.reader, TextReader) and self.has_header and self._cells == len(self.header):
            yield from self._clean(self.reader)
        yield from batched(self, len(self.header))

    def _clean(self, reader: TextReader) -> Iterator[Batch]:
        with closing(Blocks(reader, width=self._cells)) as blocks:
            self._blocks = blocks
            yield from blocks
        self._blocks = None
        self._rows = iter(()) if blocks.is_clean else self._filled(reader.rows_from(blocks.passed, blocks.line), 0)

    def _filled(self, rows: Iterator[Row], start: int) -> Iterator[Row]:
        for line, cells in rows:
            if line >= start and any(cell.strip() for cell in cells):
                yield line, cells

    def _read_header(self) -> tuple[str, ...]:
        first = next(self._rows, None)
        if first is None:
            raise LoadRefused("文件里没有内容。请检查文件后重新上传，")
        line, cells = first
        if not self.has_header:
            self._first = first
            return tuple(f"列{index}" for index in range(1, len(cells) + 1))
        self.header_line, self._cells = line, len(cells)
        names = [strip_guard(" ".join(cell.split())) for cell in cells]
        while not names[-1]:
            names.pop()
        return tuple(names)

    def __iter__(self) -> Iterator[Row]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._rows

    def close(self) -> None:
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(
    path: Path | str,
    *,
    file_name: str,
    header_row: int | None = None,
    has_header: bool = True,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Source:
    """Open a file of rows.

    ``header_row``: its line (1 is the first) when something stands above it; without it the first line that is not
    blank. ``encoding``: forces a text encoding, where it cannot be told apart. ``sheet``: name of the sheet,
    without it the first that has content. Raises LoadRefused when the file is no table.
    """
    path = Path(path)
    facts = inspect(path, file_name=file_name, encoding=encoding)
    if facts.kind in NAMED:
        # every row names its own columns, nothing stands above them
        header_row, has_header = None, True
    reader = _reader(path, facts, header_row=header_row, sheet=sheet)
    try:
        return Source(
            reader, kind=facts.kind, sha256=facts.sha256, size=facts.size, header_row=header_row, has_header=has_header
        )
    except BaseException:
        reader.close()
        raise


def _reader(path: Path, facts: Facts, *, header_row: int | None, sheet: str | None) -> Reader:
    if facts.kind == "csv":
        return TextReader(path, facts, header_row=header_row)
    if facts.kind == "json":
        return JsonReader(path, size=facts.size)
    if facts.kind == "parquet":
        return ApartReader("parquet_apart", path, broken=parquetfiles.UNREADABLE)
    return ApartReader("sheets_apart", path, *([sheet] if sheet is not None else []), broken=spreadsheets.UNREADABLE)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A proposal for one information item, drawn from the values seen."""

    name: str
    data_type: DataType
    length: int | None


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The top of a file and what its columns look like, to propose information items from."""

    kind: str
    encoding: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guesses: tuple[Guess, ...]


def sample(
    path: Path | str,
    file_name: str,
    rows: int = 20,
    *,
    header_row: int | None = None,
    has_header: bool = True,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Sample:
    """The header, the first rows, and a guessed data type and length per column (from the first 2,000 rows)."""
    opened = open_source(
        path, file_name=file_name, header_row=header_row, has_header=has_header, encoding=encoding, sheet=sheet
    )
    with opened as source:
        seen: list[tuple[str, ...]] = []
        width = len(source.header)
        for _line, cells in source:
            seen.append(tuple((cells + [""] * width)[:width]))
            if len(seen) >= max(rows, GUESS_ROWS):
                break
        guesses = tuple(_guess(name, [row[index] for row in seen]) for index, name in enumerate(source.header))
        return Sample(
            kind=source.kind, encoding=source.encoding, header=source.header, rows=tuple(seen[:rows]), guesses=guesses
        )


def _guess(name: str, values: Sequence[str]) -> Guess:
    data_type = guess_type(values)
    lengths = {len(value.strip()) for value in values if value.strip()}
    longest = max(lengths, default=0)
    several_lines = any("\n" in value.strip() for value in values)
    if data_type is DataType.TEXT and (longest > MEMO_FROM or several_lines):
        return Guess(name=name, data_type=DataType.MEMO, length=None)
    if data_type is not DataType.TEXT:
        return Guess(name=name, data_type=data_type, length=None)
    # Codes are all of one length; a name in a row not yet seen may be longer than any so far.
    room = longest if len(lengths) == 1 else longest * 2
    return Guess(name=name, data_type=data_type, length=next((size for size in LENGTHS if size >= room), None))
