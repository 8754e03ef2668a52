"""Catalogues of other portals as rows of text, whatever wrote them: XLSX, XLS, CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from catalog.workflow import COMPILE
from guiyang_data.errors import RuleBroken
from guiyang_data.tables.reading import open_source

MOST_ROWS = 100_000
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One row: the line of the file (of JSON: the number of the record), and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """A file read whole: catalogues have thousands of rows, not millions."""

    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]

    def values(self, column: str, most: int = 200) -> list[str]:
        """Values of a column that are not blank, from the top."""
        found = (row.cells[column] for row in self.rows if row.cells.get(column))
        return [value for value, _ in zip(found, range(most), strict=False)]


def read_catalogue(path: Path, file_name: str) -> SourceTable:
    """Read the file. Raises RuleBroken where it is no table of records, or has none."""
    table = _read_json(path, file_name) if _looks_like_json(path) else _read_table(path, file_name)
    if not table.rows:
        raise _refused(f"「{file_name}」里没有目录条目。请检查文件后重新上传。")
    if len(table.rows) > MOST_ROWS:
        raise _refused(f"「{file_name}」超过 {MOST_ROWS} 行。请拆成几个文件，逐个导入。")
    return table


def _refused(message: str) -> RuleBroken:
    return RuleBroken(message, basis=COMPILE, fields={"file": message})


def _looks_like_json(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in {b"[", b"{"}


def _read_json(path: Path, file_name: str) -> SourceTable:
    records = _records(_parsed(path, file_name))
    if records is None or not all(isinstance(record, dict) for record in records):
        raise _refused(f"「{file_name}」不是一组目录条目。JSON 文件应当是由条目对象组成的数组。")
    columns = tuple(dict.fromkeys(str(name) for record in records for name in record))
    rows = tuple(
        SourceRow(line=number, cells={name: _as_text(record.get(name)) for name in columns})
        for number, record in enumerate(records, start=1)
    )
    return SourceTable(columns=columns, rows=rows)


def _parsed(path: Path, file_name: str) -> Any:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return orjson.loads(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        except orjson.JSONDecodeError as error:
            message = f"「{file_name}」第 {error.lineno} 行不符合 JSON 格式。请检查文件后重新上传。"
            raise _refused(message) from error
    raise _refused(f"「{file_name}」的编码不能识别。请另存为 UTF-8 编码后重新上传。")


def _records(content: Any) -> list[Any] | None:
    """The array of records, at the top or as the one array inside the top object."""
    if isinstance(content, list):
        return content
    inside = [value for value in content.values() if isinstance(value, list)] if isinstance(content, dict) else []
    return inside[0] if len(inside) == 1 else None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(filter(None, map(_as_text, value)))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return _clean(str(value))


def _clean(text: str) -> str:
    """Outer blanks go, no-break spaces and tabs become plain ones; lines stay."""
    lines = (" ".join(line.replace("\u00a0", " ").split()) for line in text.splitlines())
    return "\n".join(filter(None, lines))


def _read_table(path: Path, file_name: str) -> SourceTable:
    with open_source(path, file_name=file_name) as source:
        columns = _distinct(source.header)
        rows = tuple(
            SourceRow(line=line, cells=dict(zip(columns, map(_clean, _as_wide(cells, len(columns))), strict=True)))
            for line, cells in source
        )
    return SourceTable(columns=columns, rows=rows)


def _as_wide(cells: Sequence[str], width: int) -> Iterator[str]:
    yield from cells[:width]
    yield from [""] * (width - len(cells))


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Columns need names of their own: a second one of the same name, or one without, gets its place."""
    names: list[str] = []
    for place, name in enumerate(header, start=1):
        names.append(f"{name or '未命名'}（第{place}列）" if not name or name in names else name)
    return tuple(names)
