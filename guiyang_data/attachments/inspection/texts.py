"""CSV, plain text and JSON: nothing is hidden in them but numbers of persons may stand there."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from guiyang_data.attachments.inspection.findings import Findings, Unreadable
from guiyang_data.attachments.inspection.sheets import letters

LONGEST_FIELD = 1 << 20


def encoding_of(path: Path) -> str:
    """UTF-16 by its mark, else UTF-8, else GB18030."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding) as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("认不出文字编码，请另存为 UTF-8")


def read_csv(path: Path, findings: Findings) -> None:
    """Rows with numbers of persons, by column."""
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding=encoding_of(path), newline="") as file:
            for row in _rows(file):
                for column, cell in enumerate(row, start=1):
                    if len(cell) > 10:
                        findings.read(cell, f"{letters(column)} 列", is_hidden=False, once=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable("不是完整的 CSV") from error


def _rows(file: Iterator[str]) -> Iterator[list[str]]:
    first = next(file, "")
    separator = max(",;\t", key=first.count) if first else ","
    yield from csv.reader(chain([first], file), delimiter=separator)


def read_text(path: Path, findings: Findings) -> None:
    """Numbers of persons in a text."""
    try:
        with path.open(encoding=encoding_of(path)) as file:
            for line in file:
                findings.read(line, "正文", is_hidden=False)
    except UnicodeDecodeError as error:
        raise Unreadable("认不出文字编码，请另存为 UTF-8") from error
