"""The bytes of an OpenAPI document as plain values: JSON or YAML, within bounds, an alias counted at each use.

A few lines of YAML can unfold to more than memory holds, and a few thousand brackets break any reader that calls itself
for each. So brackets are counted before anything is built, and what is built is counted while it unfolds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import yaml

from catalog.contracts.parts import Unreadable

MOST_BYTES = 2_000_000
MOST_PARTS = 200_000
"""Values of a document, each mapping, list and scalar counted, an alias as often as it is used."""
DEEPEST = 60
TOO_MANY = f"文档展开后超过 {MOST_PARTS:,} 项，没有接收。请拆成几个接口，或者去掉层层套用的别名。"
TOO_DEEP = f"文档嵌套超过 {DEEPEST} 层，没有接收。请简化结构。"


def read(content: bytes) -> dict[str, Any]:
    """The document as plain values with texts as keys. Raises ``Unreadable``."""
    check_size(len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("文档不是 UTF-8 编码的文字。请用 UTF-8 编码保存为 JSON 或者 YAML 后再报送。") from error
    if not text.strip():
        raise Unreadable("这是空文件，没有接收。请检查后重新选择。")
    found = _from_json(text) if text.lstrip()[0] in "{[" else _from_yaml(text)
    if not isinstance(found, dict):
        raise Unreadable("文档的最外层应当是一个对象（openapi、info、paths……），现在不是。请核对文件。")
    return found


def check_size(size: int) -> None:
    """Raise ``Unreadable`` for a document of so many bytes where that is too much."""
    if size > MOST_BYTES:
        raise Unreadable(
            f"文档有 {size / 1_000_000:.1f} MB，超过 {MOST_BYTES // 1_000_000} MB 的上限，没有接收。"
            "请只保留这个接口的部分，或者拆成几个接口。"
        )


def _from_json(text: str) -> Any:
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"第 {error.lineno} 行第 {error.colno} 列附近不是正确的 JSON 写法。请用编辑器的 JSON 检查改正后再报送。"
        ) from error
    except RecursionError as error:
        raise Unreadable(TOO_DEEP) from error
    except ValueError as error:
        raise Unreadable("文档里有长得读不出来的数字。请改正后再报送。") from error
    _Count().all(found)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unreadable(f"「{twice[:60]}」在同一个对象里出现了两次，不知道以哪个为准。请删去一个。")
    return found


def _no_number(name: str) -> NoReturn:
    raise Unreadable(f"文档里有 {name}，这不是 JSON 的数字。请改正后再报送。")


def _number(text: str) -> float:
    found = float(text)
    return found if abs(found) != float("inf") else _no_number(text[:20])


class _Count:
    """Counts the values of a document that has been built, and how deep it goes."""

    def __init__(self) -> None:
        self._left = MOST_PARTS

    def all(self, value: Any, depth: int = 0) -> None:
        self.one(depth)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.all(inner, depth + 1)

    def one(self, depth: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unreadable(TOO_MANY)
        if depth > DEEPEST:
            raise Unreadable(TOO_DEEP)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as OpenAPI has it (1.2, of JSON's values): no dates, no ``yes`` and ``no``, but merge keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}


_TAG = "tag:yaml.org,2002:"
_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("merge", r"^<<$", "<"),
)
for _name, _pattern, _first in _PLAIN:
    # the empty text resolves by the empty letter
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), [*_first, *([""] if _name == "null" else [])])


def _from_yaml(text: str) -> Any:
    try:
        _check_brackets(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列附近" if mark else "文档里有一处"
        raise Unreadable(f"{where}不是正确的 YAML 写法。请检查缩进、冒号和引号，改正后再报送。") from error
    except yaml.YAMLError as error:
        raise Unreadable("文档里有 YAML 不允许的字符。请用 UTF-8 编码的纯文字重新保存后再报送。") from error
    return _Unfolding().value(node) if node is not None else None


def _check_brackets(text: str) -> None:
    """Depth and number of what stands there, before anything is built of it."""
    depth, count = 0, _Count()
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        count.one(depth)


class _Unfolding:
    """Builds values of nodes; a node that several aliases name is counted each time."""

    def __init__(self) -> None:
        self._count = _Count()
        self._open: set[int] = set()

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        self._count.one(depth)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._open:
            raise Unreadable(f"第 {_line(node)} 行的 YAML 别名指回它自己，展开没有尽头。请改正后再报送。")
        self._open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            built: Any = [self.value(inner, depth + 1) for inner in node.value]
        else:
            built = self._mapping(node, depth)
        self._open.discard(id(node))
        return built

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(f"第 {_line(key)} 行的键不是文字。请改正后再报送。")
            value = self.value(inner, depth + 1)
            if key.tag == f"{_TAG}merge":
                merged = {**_merged(value, node), **merged}
            elif key.value in own:
                raise Unreadable(f"第 {_line(key)} 行：「{key.value[:60]}」在同一个对象里出现了两次。请删去一个。")
            else:
                own[key.value] = value
        return merged | own


def _merged(value: Any, node: yaml.Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts: Iterable[Any] = value if isinstance(value, list) else [value]
    for part in parts:
        if not isinstance(part, dict):
            raise Unreadable(f"第 {_line(node)} 行附近的「<<」后面应当是对象。请改正后再报送。")
        found = part | found
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    kind, text = node.tag.removeprefix(_TAG), node.value
    if kind in {"str", "merge"}:
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        if kind == "int":
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        if kind == "float":
            return _finite(float(text), node)
    except ValueError as error:
        raise Unreadable(f"第 {_line(node)} 行的数字读不出来。请改正后再报送。") from error
    raise Unreadable(f"第 {_line(node)} 行用了平台不认识的 YAML 标签「{node.tag[:40]}」。请去掉标签后再报送。")


def _finite(number: float, node: yaml.Node) -> float:
    if number in {float("inf"), float("-inf")}:
        raise Unreadable(f"第 {_line(node)} 行的数字太大。请改正后再报送。")
    return number


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
