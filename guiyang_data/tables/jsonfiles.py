"""A file of JSON as rows of text: an array of objects, ``{"rows": [ … ]}``, or one object a line; read as it comes.

DuckDB finds where each object begins and ends, so that memory holds some of them; numbers keep the digits they have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from guiyang_data.tables.pushed import MOST_NAMES, Unreadable, as_pushed, loads
from guiyang_data.tables.refusals import LoadRefused

LONGEST_RECORD = 16 * 1024**2
AT_ONCE = 2_000
_ARRAY = re.compile(rb"\[\s*(\{|\]|\Z)")
_OBJECT = re.compile(rb'\{\s*("|\}|\Z)')
_OBJECTS = "FROM read_json_objects(?, format = ?, maximum_object_size = ?)"
_NAMES = f"SELECT DISTINCT unnest(json_keys(json)) {_OBJECTS} ORDER BY 1"
_TEXTS = f"SELECT json::VARCHAR {_OBJECTS}"


def is_json(head: bytes) -> bool:
    """Whether a text that begins like this is JSON; a list of lists, or of numbers, has no names and is none."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(_ARRAY.match(start) or _OBJECT.match(start))


class JsonReader:
    """Rows under the names of all objects, those of the first one first. A row's line is its number among the rows."""

    encoding = "UTF-8"

    def __init__(self, path: Path, *, size: int) -> None:
        with path.open("rb") as stream:
            array = _ARRAY.match(stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip())
        self._asked: list[object] = [str(path), "array" if array else "unstructured", LONGEST_RECORD]
        self._size, self._done = size, 0
        self._connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"})
        self._wrapped = self._rows_within() if not array else None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        names = self._names()
        if len(names) > MOST_NAMES:
            raise LoadRefused(f"各行的项加起来有 {len(names)} 个，最多 {MOST_NAMES} 个。请核对后重新上传，")
        if names:
            yield 0, names
        for line, record in enumerate(self._records(), start=1):
            yield line, _cells(record, line, names)

    def _names(self) -> list[str]:
        first: Any = next(self._records(), {})
        known = dict.fromkeys(first if isinstance(first, Mapping) else ())
        if self._wrapped is not None:
            others: list[str] = [name for one in self._wrapped if isinstance(one, Mapping) for name in one]
        else:
            others = [name for (name,) in self._fetched(_NAMES)]
        return [*known, *dict.fromkeys(name for name in others if name not in known)]

    def _records(self) -> Iterator[Any]:
        return iter(self._wrapped) if self._wrapped is not None else self._each()

    def _each(self) -> Iterator[Any]:
        self._done = 0
        for number, (text,) in enumerate(self._fetched(_TEXTS), start=1):
            self._done += len(text.encode())
            try:
                yield loads(text)
            except ValueError as error:
                raise LoadRefused(f"第 {number} 行不是规范的 JSON（{error}）。请改正后重新上传，") from error

    def _rows_within(self) -> list[Any] | None:
        """The rows that one single object holds under ``rows``; None where every object is a row of its own."""
        records = self._each()
        first, more = next(records, None), next(records, None)
        rows = first.get("rows") if isinstance(first, Mapping) and more is None else None
        return rows if isinstance(rows, list) else None

    def _fetched(self, query: str) -> Iterator[tuple[str]]:
        passed = 0
        try:
            found = self._connection.cursor().execute(query, self._asked)
            while rows := found.fetchmany(AT_ONCE):
                passed += len(rows)
                yield from rows
        except duckdb.InvalidInputException as error:
            where = f"第 {passed} 行以后" if passed else "开头"
            raise LoadRefused(
                f"文件不是完整的 JSON，{where}读不下去；单独一行也不能超过 {LONGEST_RECORD // 1024**2} MB。"
                "请检查括号、引号和逗号后重新上传，"
            ) from error

    def done_bytes(self) -> int:
        return min(self._size, self._done)

    def close(self) -> None:
        self._connection.close()


def _cells(record: Any, line: int, names: list[str]) -> list[str]:
    try:
        row = as_pushed([record], [line])
    except Unreadable as error:
        raise LoadRefused(error.message.replace("没有接收。", "") + "请改正后重新上传，") from error
    known = dict(zip(row.header, row.rows[0], strict=True))
    return [known.get(name, "") for name in names]
