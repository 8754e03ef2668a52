"""CSV as it really arrives: its encoding found, marks of order taken out, quotes that never close refused."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from guiyang_data.tables.jsonfiles import is_json
from guiyang_data.tables.parquetfiles import PARQUET
from guiyang_data.tables.refusals import LoadRefused

CHUNK = 1 << 20
LONGEST_CELL = 16 * 1024**2
SEPARATORS = (",", "\t", ";", "|")
MARK = "\ufeff"
END_OF_FILE = "\x1a"

BINARY = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls", PARQUET: "parquet"}
# GBK before GB18030, which reads it too: the name tells the provider what was found.
CANDIDATES = (("UTF-8", "utf-8"), ("GBK", "gbk"), ("GB18030", "gb18030"))
BIG5 = ("Big5", "cp950")
PAIRS = re.compile(rb"[\x81-\xfe]([\x40-\x7e\x80-\xfe])")
FEWEST_PAIRS = 8
LOW_PAIRS_OF_BIG5 = 0.15
"""Of the characters of Big5 four in ten end below 0x7F, of those of GBK only rare ones do."""

PACKED = (b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")

# The module's limit is global to the process; raised once, for cells such as the text of a reply.
csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one pass over the bytes tells: kind, encoding (label and codec), SHA-256, size in bytes."""

    kind: str
    sha256: str
    size: int
    encoding: str = ""
    codec: str = ""


def inspect(path: Path, *, file_name: str, encoding: str | None = None) -> Facts:
    """Tell what the file is, in one pass. Raises LoadRefused for what is no table."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(0)
        kind = BINARY.get(head[:4])
        if kind:
            digest, size = _digest(stream)
            return Facts(kind=kind, sha256=digest, size=size)
        _refuse_foreign(head, file_name)
        candidates = _candidates(head, encoding)
        digest, size, label = _decode_all(stream, candidates, file_name)
        if candidates is CANDIDATES and label != "UTF-8" and _is_big5(stream):
            label = BIG5[0]
    codec = dict((*candidates, BIG5))[label]
    if is_json(head):
        if codec != "utf-8":
            raise LoadRefused(f"JSON 文件“{file_name}”不是 UTF-8 编码。请另存为 UTF-8 编码后重新上传，")
        return Facts(kind="json", sha256=digest, size=size, encoding=label, codec=codec)
    return Facts(kind="csv", sha256=digest, size=size, encoding=label, codec=codec)


def _digest(stream: io.BufferedReader) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _refuse_foreign(head: bytes, file_name: str) -> None:
    if not head.strip():
        raise LoadRefused(f"文件“{file_name}”里没有内容。请检查文件后重新上传，")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise LoadRefused(f"文件“{file_name}”是网页，不是电子表格。请用表格软件打开，另存为XLSX或CSV后重新上传，")
    if start.startswith(PACKED):
        raise LoadRefused(f"文件“{file_name}”是压缩文件，不是表格。请解压，上传里面的文件，")
    if start.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff")):
        raise LoadRefused(f"文件“{file_name}”不是表格。请另存为XLSX或CSV后重新上传，")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise LoadRefused(f"文件“{file_name}”不是表格。请另存为XLSX或CSV后重新上传，")


def _candidates(head: bytes, encoding: str | None) -> tuple[tuple[str, str], ...]:
    if encoding:
        try:
            return ((encoding, codecs.lookup(encoding).name),)
        except LookupError as error:
            raise LoadRefused(f"不认识编码“{encoding}”。请改选其他编码，") from error
    if head.startswith(codecs.BOM_UTF8):
        # Files glued together in different encodings do exist; what follows the mark decides.
        return (("UTF-8 BOM", "utf-8"), ("GB18030", "gb18030"))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (("UTF-16", "utf-16"),)
    return CANDIDATES


def _decode_all(
    stream: io.BufferedReader, candidates: tuple[tuple[str, str], ...], file_name: str
) -> tuple[str, int, str]:
    """Run every candidate over the whole file; the first that survives names the encoding."""
    decoders = {label: codecs.getincrementaldecoder(codec)() for label, codec in candidates}
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        texts = _feed(decoders, chunk)
        # of UTF-16 every other byte may be one
        if "\x00" in texts.get("UTF-16", "") or (b"\x00" in chunk and "UTF-16" not in decoders):
            raise LoadRefused(f"文件“{file_name}”里有空字符，不是完整的文本。请重新导出为CSV后上传，")
    _feed(decoders, b"", final=True)
    if not decoders:
        raise LoadRefused(f"文件“{file_name}”的编码无法识别。请另存为UTF-8编码的CSV后重新上传，")
    return digest.hexdigest(), size, next(iter(decoders))


def _is_big5(stream: io.BufferedReader) -> bool:
    """Whether text that GBK can read as well was written in Big5, by how its characters end."""
    stream.seek(0)
    chunk = stream.read(CHUNK)
    ends = PAIRS.findall(chunk)
    if len(ends) < FEWEST_PAIRS or sum(end < b"\x7f" for end in ends) <= len(ends) * LOW_PAIRS_OF_BIG5:
        return False
    decoder = {BIG5[0]: codecs.getincrementaldecoder(BIG5[1])()}
    while chunk and decoder:
        _feed(decoder, chunk)
        chunk = stream.read(CHUNK)
    _feed(decoder, b"", final=True)
    return bool(decoder)


def _feed(decoders: dict[str, codecs.IncrementalDecoder], chunk: bytes, *, final: bool = False) -> dict[str, str]:
    """The text of the chunk by each decoder; one that cannot read it is dropped."""
    texts: dict[str, str] = {}
    for label, decoder in list(decoders.items()):
        try:
            texts[label] = decoder.decode(chunk, final)
        except UnicodeDecodeError:
            del decoders[label]
    return texts


class TextReader:
    """Rows of a CSV, read as they come; memory holds one row.

    ``line`` and ``passed`` (bytes of the text as UTF-8) tell where the last row given ends.
    """

    def __init__(self, path: Path, facts: Facts, *, header_row: int | None = None) -> None:
        self.encoding = facts.encoding
        self._raw = path.open("rb")
        self._text = io.TextIOWrapper(self._raw, encoding=facts.codec, newline="")
        self._skip = (header_row or 1) - 1
        self._size = facts.size
        self._ended = False
        self.line = self._skip
        self.separator = SEPARATORS[0]
        self.codec = facts.codec
        self.path = path
        self.passed = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        for _ in range(self._skip):
            # What stands above the header is a title; its quotes must not swallow the header.
            self.passed += len(self._text.readline().encode())
        lines = self._lines()
        first = next((line for line in lines if line.strip()), None)
        if first is None:
            return
        self.separator = _separator(first)
        yield from self._parsed(csv.reader(_before(first, lines), delimiter=self.separator))

    def rows_from(self, passed: int, line: int) -> Iterator[tuple[int, list[str]]]:
        """The rows behind so many bytes (of the text as UTF-8), the first of which stands on ``line``."""
        self._text.seek(0)
        self.passed = 0
        while self.passed < passed:
            self.passed += len(self._text.readline().encode())
        self.line, self._ended = line - 1, False
        lines = self._lines()
        first = next(lines, None)
        if first is not None:
            yield from self._parsed(csv.reader(_before(first, lines), delimiter=self.separator))

    def _lines(self) -> Iterator[str]:
        for line in self._text:
            self.line += 1
            self.passed += len(line.encode())
            yield line.replace(MARK, "").rstrip(END_OF_FILE) if MARK in line or END_OF_FILE in line else line
        self._ended = True

    def _parsed(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        start = self.line
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise LoadRefused(f"第{start}行读不下去，可能有引号没有配对。请改正后重新上传，") from error
            if self._ended:
                # The parser came for another line inside a quoted cell and found the end of the file.
                raise LoadRefused(f"第{start}行的引号没有配对，它后面的内容无法分行。请改正后重新上传，")
            yield start, cells
            start = self.line + 1

    def done_bytes(self) -> int:
        return min(self._size, self._raw.tell())

    def close(self) -> None:
        self._text.close()


def _before(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _separator(line: str) -> str:
    """The separator that the first line has most of, outside its quotes; a comma when it has none."""
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
