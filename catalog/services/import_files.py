"""Lists that others keep (catalogues, service matters) as rows of text, whatever wrote them: XLSX, XLS, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from catalog.records import joined
from catalog.services.import_words import element_named
from catalog.workflow import COMPILE
from guiyang_data.errors import RuleBroken
from guiyang_data.statute.law import Article
from guiyang_data.tables.conversion import strip_guard
from guiyang_data.tables.reading import open_source
from guiyang_data.texts import legible

MOST_ROWS = 100_000
MOST_COLUMNS = 500
"""More than any list of people has; each becomes a choice on the page that understands them."""
MOST_CELLS = 5_000_000
MOST_JSON_BYTES = 64 * 1024**2
"""A file is read whole; what is more would take the memory of those who read other things."""
ENCODINGS = ("utf-8-sig", "gb18030")
ALMOST = 0.8
LOOKED_AT = 12
"""Rows from the top among which the header is looked for: titles and notes stand above it."""


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One row: the line of the file (of JSON: the number of the record), and its cells by column; blank ones left out.

    Several rows have one line where a record of JSON holds several information items.
    """

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
        return [tidy(value) for value in islice(found, most)]


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """What the records of a file are called, how their headers are understood, and on what basis they are taken.

    ``named``: what a header names and how usual the name is (0 the most), None where it names nothing.
    """

    called: str
    named: Callable[[str], tuple[str, int] | None]
    basis: Article

    def refused(self, message: str) -> RuleBroken:
        """That the file cannot be taken, and what to do."""
        return RuleBroken(message, basis=self.basis, fields={"file": message})


ENTRIES = RecordKind(called="目录条目", named=element_named, basis=COMPILE)


def read_catalogue(path: Path, file_name: str) -> SourceTable:
    """Read a file of catalogue entries. Raises RuleBroken where it is no table of records, or has none."""
    return read_records(path, file_name, ENTRIES)


def read_records(path: Path, file_name: str, kind: RecordKind) -> SourceTable:
    """Read a file of records of this kind. Raises RuleBroken where it is no table of records, or has none."""
    table = _read_json(path, file_name, kind) if _looks_like_json(path) else _read_table(path, file_name, kind)
    if not table.rows:
        raise kind.refused(f"「{file_name}」里没有{kind.called}。请检查文件后重新上传。")
    return table


def _within(rows: Iterable[SourceRow], file_name: str, kind: RecordKind) -> tuple[SourceRow, ...]:
    """The rows, as long as they are not too many; nothing is read beyond that."""
    read: list[SourceRow] = []
    cells = 0
    for row in rows:
        read.append(row)
        cells += len(row.cells)
        if len(read) > MOST_ROWS or cells > MOST_CELLS:
            most = f"{MOST_ROWS:,} 行" if len(read) > MOST_ROWS else f"{MOST_CELLS:,} 个单元格"
            raise kind.refused(f"「{file_name}」超过 {most}，没有接收。请拆成几个文件，逐个导入。")
    return tuple(read)


def tidy(text: str) -> str:
    """A cell as people write it: single blanks, no blank lines."""
    lines = (" ".join(line.replace("\u00a0", " ").split()) for line in text.splitlines())
    return "\n".join(filter(None, lines))


def _looks_like_json(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in {b"[", b"{"}


def _read_json(path: Path, file_name: str, kind: RecordKind) -> SourceTable:
    records = _records(_parsed(path, file_name, kind))
    if records is None or not all(isinstance(record, dict) for record in records):
        raise kind.refused(f"「{file_name}」不是一组{kind.called}。JSON 文件应当是由对象组成的数组，一个对象是一条。")
    columns: dict[str, None] = {}
    told = (
        SourceRow(line=number, cells=cells)
        for number, record in enumerate(records, start=1)
        for cells in _flat(record, columns)
    )
    rows = _within(told, file_name, kind)
    _refuse_too_wide(len(columns), file_name, kind)
    if any("\0" in name for name in columns):
        raise kind.refused(f"「{file_name}」有一项的名称里有零字符。请改正名称后重新上传。")
    return SourceTable(columns=tuple(columns), rows=rows)


def _flat(record: Mapping[str, Any], columns: dict[str, None]) -> Iterator[dict[str, str]]:
    """A record as rows: one for each of the objects in the first of its lists of objects (the information items)."""
    inner = next((name for name, value in record.items() if _is_list_of_objects(value)), None)
    own = {str(name): value for name, value in record.items() if name != inner}
    columns.update(dict.fromkeys(own))
    first = _cells(own)
    if inner is None:
        yield first
        return
    for place, item in enumerate(record[inner]):
        told = {(f"{inner}/{name}" if name in own else str(name)): value for name, value in item.items()}
        columns.update(dict.fromkeys(told))
        yield (first if place == 0 else {}) | _cells(told)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _cells(record: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: _as_text(value) for name, value in record.items()}
    return {name: text for name, text in texts.items() if text}


def _parsed(path: Path, file_name: str, kind: RecordKind) -> Any:
    if path.stat().st_size > MOST_JSON_BYTES:
        most = MOST_JSON_BYTES // 1024**2
        raise kind.refused(f"「{file_name}」超过 {most} MB，没有接收。请拆成几个文件，逐个导入。")
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return orjson.loads(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        except orjson.JSONDecodeError as error:
            message = f"「{file_name}」第 {error.lineno} 行不符合 JSON 格式。请检查文件后重新上传。"
            raise kind.refused(message) from error
    raise kind.refused(f"「{file_name}」的编码不能识别。请另存为 UTF-8 编码后重新上传。")


def _records(content: Any) -> list[Any] | None:
    """The array of records, at the top or as the one array inside the top object."""
    if isinstance(content, list):
        return content
    inside = [value for value in content.values() if isinstance(value, list)] if isinstance(content, dict) else []
    return inside[0] if len(inside) == 1 else None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return str(joined(list(filter(None, map(_as_text, value))))) if value else ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return legible(str(value))


def _read_table(path: Path, file_name: str, kind: RecordKind) -> SourceTable:
    with open_source(path, file_name=file_name, has_header=False) as source:
        rows = iter(source)
        top = list(islice(rows, LOOKED_AT))
        header, below = _header([cells for _line, cells in top], kind)
        _refuse_too_wide(len(header), file_name, kind)
        columns = _distinct(header)
        told = (
            SourceRow(line=line, cells=cells)
            for line, raw in chain(top[below:], rows)
            if (cells := {name: text for name, cell in zip(columns, raw, strict=False) if (text := _cell(cell))})
        )
        return SourceTable(columns=columns, rows=_within(told, file_name, kind))


def _refuse_too_wide(width: int, file_name: str, kind: RecordKind) -> None:
    if width > MOST_COLUMNS:
        raise kind.refused(f"「{file_name}」超过 {MOST_COLUMNS} 列，不像是一份清单。请删去多余的列后重新上传。")


def _cell(text: str) -> str:
    return strip_guard(legible(text)) if text else ""


def _header(top: Sequence[Sequence[str]], kind: RecordKind) -> tuple[list[str], int]:
    """The header among the first rows, and how many rows it ends after: the one that names most elements.

    Two rows make one where the upper names groups (信息项, 共享属性) and the lower the columns in them.
    """
    named = [[strip_guard(tidy(cell).replace("\n", "")) for cell in cells] for cells in top]
    found, below, best = named[0], 1, _elements_in(named[0], kind)
    for place, names in enumerate(named):
        number = _elements_in(names, kind)
        if number > max(best, 1):
            found, below, best = names, place + 1, number
    if not best:
        return _fullest(named)
    if below < len(named):
        both = _over(found, named[below])
        if _elements_in(both, kind) > best and _elements_in(named[below], kind) > 0:
            return _ended(both), below + 1
    if below > 1:
        both = _over(named[below - 2], found)
        if _elements_in(both, kind) > best:
            return _ended(both), below
    return _ended(found), below


def _fullest(named: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """Where no row names anything known: the first about as full as any; titles and notes fill few cells."""
    filled = [sum(1 for name in names if name) for names in named]
    place = next(place for place, number in enumerate(filled) if number >= ALMOST * max(filled))
    return _ended(named[place]), place + 1


def _elements_in(names: Sequence[str], kind: RecordKind) -> int:
    return len({named[0] for name in names if name and (named := kind.named(name))})


def _over(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    filled = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    return [below or above for above, below in zip(*filled, strict=True)]


def _ended(names: Sequence[str]) -> list[str]:
    kept = list(names)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Columns need names of their own: a second one of the same name, or one without, gets its place."""
    names: list[str] = []
    for place, name in enumerate(header, start=1):
        names.append(f"{name or '未命名'}（第{place}列）" if not name or name in names else name)
    return tuple(names)
