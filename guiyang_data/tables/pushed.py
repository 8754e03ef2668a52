"""Rows as a system pushes them: JSON, one JSON object a line, or CSV; read whole, since a push is small.

Numbers keep the digits they were sent with. Only flat rows are rows: texts, numbers, booleans and nulls by name.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NoReturn, get_args

from guiyang_data.errors import RuleBroken

Kind = Literal["json", "ndjson", "csv"]
KINDS: tuple[str, ...] = get_args(Kind)
LONGEST_NAME = 200
MOST_NAMES = 1000
csv.field_size_limit(16 * 1024**2)


class Unreadable(RuleBroken):
    """What was pushed holds no rows that can be told apart; nothing was received."""

    code = "unreadable"


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """``header``: names in the order in which they first appear. ``rows``: cells under it, as texts.

    ``lines``: where each row stands: its number among the rows of JSON, its line in a text. ``uniform``: every row
    names the same items. ``said``: what JSON says besides its rows.
    """

    header: tuple[str, ...]
    rows: Sequence[list[str]]
    lines: Sequence[int]
    uniform: bool = True
    said: Mapping[str, Any] = field(default_factory=dict)

    def records(self) -> Iterator[dict[str, str]]:
        """The rows by name."""
        for row in self.rows:
            yield dict(zip(self.header, row, strict=True))


def read_pushed(content: bytes, kind: str) -> Pushed:
    """The rows of a push. Raises ``Unreadable``, saying where it breaks off."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"内容不是 UTF-8 编码（第 {error.start + 1} 个字节），没有接收。请改用 UTF-8 发送。"
        ) from error
    read = {"json": _json, "ndjson": _lines, "csv": _csv}[kind](text)
    if not read.rows:
        raise Unreadable("没有数据行，没有接收。请至少发送一行。")
    _refuse_strange(read)
    return read


def as_pushed(records: Sequence[object], lines: Sequence[int] | None = None) -> Pushed:
    """Records (mappings by name) as rows. Raises ``Unreadable`` for what is no flat record."""
    places = lines or range(1, len(records) + 1)
    header: dict[str, None] = {}
    named: list[dict[str, object]] = []
    for line, record in zip(places, records, strict=True):
        if not isinstance(record, dict):
            raise Unreadable(f"第 {line} 行不是对象，没有接收。每一行写成 {{信息项: 值}} 的样子。")
        if not record.keys() <= header.keys():
            header.update(dict.fromkeys(record))
        named.append(record)
    names = tuple(header)
    rows = [
        [value if type(value := row.get(name)) is str else _cell(value, line, name) for name in names]
        for line, row in zip(places, named, strict=True)
    ]
    uniform = all(len(row) == len(names) for row in named)
    return Pushed(header=names, rows=rows, lines=tuple(places), uniform=uniform)


def loads(text: str) -> Any:
    """JSON whose numbers are texts, digit by digit as sent. Raises ``ValueError``."""
    try:
        return json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_named_once
        )
    except RecursionError as error:
        raise ValueError("嵌套太深") from error


def _json(text: str) -> Pushed:
    try:
        found = loads(text)
    except json.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 个字符"
        raise Unreadable(f"内容不是完整的 JSON（{place}），没有接收。请检查后重新发送。") from error
    except ValueError as error:
        raise Unreadable(f"内容不是规范的 JSON（{error}），没有接收。请检查后重新发送。") from error
    rows = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise Unreadable('没有找到数据行，没有接收。请写成 {"rows": [ … ]}，或者直接写成数组。')
    said = {name: value for name, value in found.items() if name != "rows"} if isinstance(found, dict) else {}
    return replace(as_pushed(rows), said=said)


def _lines(text: str) -> Pushed:
    records, lines = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            records.append(loads(line))
        except ValueError as error:
            raise Unreadable(f"第 {number} 行不是完整的 JSON，没有接收。请检查后重新发送。") from error
        lines.append(number)
    return as_pushed(records, lines)


def _csv(text: str) -> Pushed:
    reader = csv.reader(io.StringIO(text), strict=True)
    header: list[str] = []
    rows, lines, start = [], [], 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise Unreadable(
                    f"第 {line} 行有 {len(cells)} 列，表头有 {len(header)} 列，没有接收。请检查分隔符和引号后重新发送。"
                )
            rows.append(cells)
            lines.append(line)
    except csv.Error as error:
        raise Unreadable(f"第 {start} 行不是完整的 CSV，没有接收。请检查引号后重新发送。") from error
    return Pushed(header=tuple(header), rows=rows, lines=lines)


def _cell(value: object, line: int, name: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise Unreadable(f"第 {line} 行的“{name}”是对象或者数组，没有接收。值只能是文字、数字、真假或者空。")


def _refuse_strange(read: Pushed) -> None:
    if len(read.header) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in read.header):
        raise Unreadable(f"信息项的名称太多或者太长，没有接收。最多 {MOST_NAMES} 项，每个名称 {LONGEST_NAME} 字以内。")
    if why := _why_strange(read.header):
        raise Unreadable(f"信息项的名称里有{why}，没有接收。请改正名称后重新发送。")
    if not _why_strange(cell for cells in read.rows for cell in cells):
        return
    line, why = next(
        (line, why) for line, cells in zip(read.lines, read.rows, strict=True) if (why := _why_strange(cells))
    )
    raise Unreadable(f"第 {line} 行有{why}，没有接收。请检查文字后重新发送。")


def _why_strange(cells: Iterable[str]) -> str:
    """Which sign in these texts neither a file nor a database keeps; empty where there is none."""
    text = "".join(cells)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "不成对的编码字符"
    return "零字符" if "\0" in text else ""


def _named_once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("同一个对象里有重名的项")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"不能用 {name}")
