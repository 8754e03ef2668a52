"""References of a document: all inside it, each leading somewhere, none leading back to itself without a value between.

Nothing is ever fetched for a reference. A schema may well name itself for what lies inside a value (a tree of regions);
one that names itself for the same value could be followed for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from catalog.contracts.parts import MOST_FAULTS, Fault, place

NAMES = frozenset(
    {
        *("callbacks", "content", "definitions", "$defs", "dependentSchemas", "encoding", "examples", "headers"),
        *("links", "mapping", "parameters", "pathItems", "paths", "patternProperties", "properties", "requestBodies"),
        *("responses", "schemas", "scopes", "securitySchemes", "variables", "webhooks"),
    }
)
"""Below these stand names that somebody chose, which are no keywords even where they look like some."""
VALUES = frozenset({"const", "default", "enum", "example", "examples", "value"})
"""Below these stand values, in which nothing is a reference."""
SAME_VALUE_LISTS = ("allOf", "anyOf", "oneOf")
SAME_VALUE = ("not", "if", "then", "else")
UNSUPPORTED = ("$dynamicRef", "$recursiveRef", "$id")


class NoSuchPlace(Exception):
    """A reference that leads nowhere."""


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What ``#/a/b`` leads to. Raises ``NoSuchPlace``."""
    if not reference.startswith("#/"):
        raise NoSuchPlace(reference)
    return pointed_at(document, unquote(reference[1:]))


def pointed_at(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901). Raises ``NoSuchPlace``."""
    found = value
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isascii() and name.isdigit() and int(name[:9]) < len(found):
            found = found[int(name[:9])]
        else:
            raise NoSuchPlace(pointer)
    return found


def followed(document: dict[str, Any], value: Any, most: int = 20) -> Any:
    """The value itself, behind at most so many references. Raises ``NoSuchPlace``."""
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        most -= 1
        if most < 0:
            raise NoSuchPlace(value["$ref"])
        value = resolve(document, value["$ref"])
    return value


def broken_references(document: dict[str, Any]) -> list[Fault]:
    """Every reference that leads outside, nowhere, or round in a circle; the first ``MOST_FAULTS`` of them."""
    found: list[Fault] = []
    targets: set[str] = set()
    for path, keyword, value in _references(document, (), names=False):
        fault = _fault(document, path, keyword, value)
        if fault is None:
            targets.add(value)
        else:
            found.append(fault)
        if len(found) >= MOST_FAULTS:
            return found
    return found or list(_circles(document, targets))


def _references(value: Any, path: tuple[object, ...], *, names: bool) -> Iterator[tuple[tuple[object, ...], str, Any]]:
    """Each place where a keyword of reference stands, with the keyword and what it says."""
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _references(inner, (*path, number), names=False)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if not names and isinstance(inner, str) and key in {"$ref", *UNSUPPORTED}:
            yield path, key, inner
        elif names or (key not in VALUES and not key.startswith("x-")):
            yield from _references(inner, (*path, key), names=not names and key in NAMES)


def _fault(document: dict[str, Any], path: tuple[object, ...], keyword: str, said: str) -> Fault | None:
    where, shown = place(path), said[:120]
    if keyword != "$ref":
        return Fault(where=where, what=f"平台的核对程序不支持 {keyword}，请改用以 #/ 开头的 $ref。")
    if not said.startswith("#"):
        what = f"引用了文档以外的「{shown}」。平台不会去取外部文件，请把它的内容合并到这份文档里。"
        return Fault(where=where, what=what)
    try:
        resolve(document, said)
    except NoSuchPlace:
        return Fault(where=where, what=f"引用的「{shown}」在文档里找不到。请核对名称，引用要以 #/ 开头。")
    return None


def _circles(document: dict[str, Any], targets: set[str]) -> Iterator[Fault]:
    following = {target: sorted(set(_same_value(resolve(document, target)))) for target in targets}
    done: set[str] = set()
    for start in sorted(targets):
        trail: list[str] = []
        circle = _circle_from(start, following, trail, done)
        if circle:
            words = " → ".join(step.rpartition("/")[2] for step in circle)
            yield Fault(where=circle[0], what=f"引用绕成了一圈（{words}），永远读不完。请断开其中一处。")
            return


def _circle_from(start: str, following: dict[str, list[str]], trail: list[str], done: set[str]) -> list[str]:
    """The first circle met on the way from ``start``; without calling itself, since chains may be long."""
    ways = [iter([start])]
    while ways:
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            if trail:
                done.add(trail.pop())
        elif step in trail:
            return [*trail[trail.index(step) :], step]
        elif step not in done and step in following:
            trail.append(step)
            ways.append(iter(following[step]))
    return []


def _same_value(schema: Any) -> Iterator[str]:
    """References that are followed for the very value that ``schema`` is asked about."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    lists = [inner for key in SAME_VALUE_LISTS if isinstance(schema.get(key), list) for inner in schema[key]]
    dependent = schema.get("dependentSchemas")
    inside = [schema.get(key) for key in SAME_VALUE] + (list(dependent.values()) if isinstance(dependent, dict) else [])
    for inner in (*lists, *inside):
        yield from _same_value(inner)
