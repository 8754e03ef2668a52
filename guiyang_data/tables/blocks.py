"""The rows of a clean text file by blocks, every column at once; what is not clean goes row by row.

A block is split here only where it means the same to Python's csv module: no lone carriage return, and every quote
opens or closes a whole cell. Rows of another width than the header are read one by one. From the first block on that
is not of this kind, ``TextReader`` reads the rest.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from guiyang_data.tables.batches import Batch, Row
from guiyang_data.tables.textfiles import END_OF_FILE, LONGEST_CELL, MARK, TextReader

BLOCK = 8 * 1024**2
BLANK = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What ``str.strip`` takes off."""


class Utf8Stream:
    """The bytes of a text file as UTF-8, whatever its encoding."""

    def __init__(self, path: Path, codec: str) -> None:
        self._raw = path.open("rb")
        self._decoder = None if codec == "utf-8" else codecs.getincrementaldecoder(codec)()

    def read(self, size: int) -> bytes:
        """Some more bytes, about ``size``; none at the end of the file."""
        while chunk := self._raw.read(size):
            text = chunk if self._decoder is None else self._decoder.decode(chunk).encode()
            if text:
                return text
        return b"" if self._decoder is None else self._decoder.decode(b"", final=True).encode()

    def done_bytes(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        self._raw.close()


class Blocks:
    """The rows below the header that ``reader`` has read last, ``width`` cells each.

    ``passed`` (bytes of the text as UTF-8) and ``line`` move with what was given; where ``is_clean`` has become False,
    the rows from there on are to be read one by one.
    """

    def __init__(self, reader: TextReader, *, width: int) -> None:
        self._stream = Utf8Stream(reader.path, reader.codec)
        self._width = width
        self._separator = reader.separator
        self._pattern = _well_formed(reader.separator)
        self._ahead = b""
        self._is_over = False
        self.line = reader.line + 1
        self.passed = 0
        self.is_clean = True
        self._pass_over(reader.passed)

    def done_bytes(self) -> int:
        return self._stream.done_bytes()

    def close(self) -> None:
        self._stream.close()

    def _pass_over(self, skip: int) -> None:
        while self.passed < skip:
            self._ahead = self._stream.read(BLOCK)
            if not self._ahead:
                return
            self.passed += len(self._ahead)
        self._ahead = self._ahead[len(self._ahead) - (self.passed - skip) :]
        self.passed = skip

    def __iter__(self) -> Iterator[Batch]:
        while block := self._next():
            batch = self._quoted(block) if b'"' in block else self._plain(block)
            self.passed += len(block)
            yield batch

    def _next(self) -> bytes:
        """Whole rows that mean the same to both parsers; nothing at the end of what is clean."""
        while not self._is_over and len(self._ahead) < BLOCK:
            chunk = self._stream.read(BLOCK)
            self._is_over = not chunk
            self._ahead += chunk
        end = len(self._ahead) if self._is_over else _row_end(self._ahead)
        block, rest = self._ahead[:end], self._ahead[end:]
        self.is_clean = bool(block or not self._ahead) and self._understood(block)
        if not self.is_clean:
            return b""
        self._ahead = rest
        return block

    def _understood(self, block: bytes) -> bool:
        if END_OF_FILE.encode() in block or len(block) > LONGEST_CELL:
            return False
        if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
            return False
        if b'"' not in block:
            return True
        if MARK.encode() in block or block.count(b'"') % 2:
            return False
        return bool(pc.match_substring_regex(pa.array([_ended(block)], pa.binary()), pattern=self._pattern)[0].as_py())

    def _plain(self, block: bytes) -> Batch:
        """Rows without a quote: a row is a line."""
        if MARK.encode() in block:
            block = block.replace(MARK.encode(), b"")
        first, count = self.line, block.count(b"\n") + (not block.endswith(b"\n"))
        self.line += count
        try:
            cells = self._split(pa.py_buffer(block), is_quoted=False)
        except pa.ArrowInvalid:
            return self._line_by_line(block, first)
        return _without_blanks(pa.arange(first, first + count), cells, [])

    def _line_by_line(self, block: bytes, first: int) -> Batch:
        """Some lines are blank, or have more or fewer cells."""
        lines = pc.list_flatten(pc.split_pattern(pa.array([block.decode()]), "\n"))
        lines = lines[: len(lines) - block.endswith(b"\n")]
        numbers = pa.arange(first, first + len(lines))
        fits = pc.equal(pc.count_substring(lines, self._separator), self._width - 1)
        odd: list[Row] = []
        left = pc.invert(fits)
        for number, line in zip(numbers.filter(left).to_pylist(), lines.filter(left).to_pylist(), strict=True):
            odd += [(number, cells) for cells in csv.reader([line], delimiter=self._separator) if _filled(cells)]
        lines = lines.filter(fits)
        if not len(lines):
            return Batch.of([], odd, self._width)
        text = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_buffer()
        return _without_blanks(numbers.filter(fits), self._split(text, is_quoted=False), odd)

    def _quoted(self, block: bytes) -> Batch:
        """Rows with quotes in their places: a row may have several lines."""
        try:
            cells = self._split(pa.py_buffer(block), is_quoted=True)
        except pa.ArrowInvalid:
            return self._one_by_one(block)
        inside = [pc.count_substring(column, "\n").cast(pa.int64()) for column in cells]
        more = inside[0]
        for counts in inside[1:]:
            more = pc.add(more, counts)
        last = pc.cumulative_sum(pc.add(more, 1))
        starts = pc.add(pc.subtract(last, more), self.line - 1)
        self.line += last[-1].as_py()
        return _without_blanks(starts, cells, [])

    def _one_by_one(self, block: bytes) -> Batch:
        """Among its rows are some of another width; their ends are known."""
        reader = csv.reader(io.StringIO(block.decode(), newline=""), delimiter=self._separator)
        good: list[Row] = []
        odd: list[Row] = []
        before = 0
        for cells in reader:
            start, before = self.line + before, reader.line_num
            if _filled(cells):
                (good if len(cells) == self._width else odd).append((start, cells))
        self.line += before
        return Batch.of(good, odd, self._width)

    def _split(self, text: pa.Buffer, *, is_quoted: bool) -> list[pa.StringArray]:
        names = [str(number) for number in range(self._width)]
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._separator,
                quote_char='"' if is_quoted else False,
                newlines_in_values=is_quoted,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        return [column.combine_chunks() for column in table.columns]


def _without_blanks(lines: pa.Int64Array, cells: list[pa.StringArray], odd: list[Row]) -> Batch:
    blank = pc.equal(pc.utf8_trim(cells[0], BLANK), "")
    for column in cells[1:]:
        if not pc.any(blank).as_py():
            break
        blank = pc.and_(blank, pc.equal(pc.utf8_trim(column, BLANK), ""))
    if not pc.any(blank).as_py():
        return Batch(lines=lines, cells=cells, odd=odd)
    kept = pc.invert(blank)
    return Batch(lines=lines.filter(kept), cells=[column.filter(kept) for column in cells], odd=odd)


def _filled(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _ended(block: bytes) -> bytes:
    return block if block.endswith(b"\n") else block + b"\n"


def _row_end(ahead: bytes) -> int:
    """Behind the last line feed that no open quote holds; 0 where there is none."""
    end = ahead.rfind(b"\n") + 1
    quotes = ahead.count(b'"', 0, end)
    while end and quotes % 2:
        before = ahead.rfind(b"\n", 0, end - 1) + 1
        quotes -= ahead.count(b'"', before, end)
        end = before
    return end


def _well_formed(separator: str) -> str:
    """An expression for rows in which a quote opens or closes a whole cell, or stands doubled in it."""
    sep = "\\" + separator if separator == "|" else separator
    cell = rf'(?:"(?:[^"]|"")*"|[^"\r\n{sep}]*)'
    return rf"\A(?:{cell}(?:{sep}|\r?\n))*\z"
