"""Which answers of an interface can be looked at: of GET operations that the document itself says how to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

from catalog.contracts.references import NoSuchPlace, followed

MOST_SAMPLES = 3
"""Operations that are asked in one check."""
NOT_SAMPLED = "x-portal-sample"
"""With ``false`` an operation says that it is not to be asked."""
OURS = frozenset({"accept", "authorization", "content-length", "content-type", "host"})
"""Headers that no parameter may set."""
LONGEST_TARGET = 2_000
FIT_FOR_HEADER = re.compile(r"[!-~](?:[ -~]{0,500}[!-~])?")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One question: the operation's path as the document has it, what is asked for it, and whether it needs proof."""

    path: str
    target: str
    headers: dict[str, str]
    needs_credentials: bool

    def as_dict(self) -> dict[str, Any]:
        """For another process, and to be kept."""
        return asdict(self)


def count_operations(document: dict[str, Any]) -> int:
    """How many operations the document describes."""
    return sum(1 for _path, _item, _method, _operation in _operations(document))


def samples(document: dict[str, Any]) -> list[Sample]:
    """The first ``MOST_SAMPLES`` operations that can be asked, those without parameters first."""
    found = [
        sample
        for path, item, method, operation in _operations(document)
        if method == "get" and operation.get(NOT_SAMPLED) is not False
        for sample in _sample(document, path, item, operation)
    ]
    return sorted(found, key=lambda one: (one.needs_credentials, one.target != one.path))[:MOST_SAMPLES]


_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str, dict[str, Any]]]:
    for path, said in (document.get("paths") or {}).items():
        try:
            item = followed(document, said)
        except NoSuchPlace:
            continue
        if isinstance(item, dict):
            yield from ((path, item, method, item[method]) for method in _METHODS if isinstance(item.get(method), dict))


def _sample(document: dict[str, Any], path: str, item: dict[str, Any], operation: dict[str, Any]) -> Iterator[Sample]:
    """The question for one operation; none where a value that must be given stands nowhere."""
    try:
        parameters = _parameters(document, item, operation)
        given = {key: _given(document, one) for key, one in parameters.items() if one.get("required")}
    except NoSuchPlace:
        return
    if None in given.values() or any(kind == "cookie" for _name, kind in given):
        return
    target = path
    for (name, kind), value in given.items():
        if kind == "path":
            target = target.replace(f"{{{name}}}", quote(_one(value), safe=""))
    query = [pair for (name, kind), value in given.items() if kind == "query" for pair in _pairs(name, value)]
    headers = {name.lower(): _one(value) for (name, kind), value in given.items() if kind == "header"}
    target += f"?{urlencode(query)}" if query else ""
    kept = {name: value for name, value in headers.items() if name not in OURS}
    if not _is_askable(target) or not all(FIT_FOR_HEADER.fullmatch(text) for pair in kept.items() for text in pair):
        return
    yield Sample(path=path, target=target, headers=kept, needs_credentials=_is_secured(document, operation))


def _parameters(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]
) -> dict[tuple[str, str], dict[str, Any]]:
    """By name and place; those of the operation go before those of its path."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for said in [*(item.get("parameters") or []), *(operation.get("parameters") or [])]:
        one = followed(document, said)
        if isinstance(one, dict):
            found[str(one.get("name", "")), str(one.get("in", ""))] = one
    return found


def _given(document: dict[str, Any], parameter: dict[str, Any]) -> Any:
    """A value the document itself gives for a parameter; None where it gives none that can be written plainly."""
    schema = followed(document, parameter.get("schema") or {})
    schema = schema if isinstance(schema, dict) else {}
    for source in (parameter, schema):
        for value in _offered(document, source):
            if _is_plain(value) or (isinstance(value, list) and value and all(_is_plain(one) for one in value)):
                return value
    return None


def _offered(document: dict[str, Any], source: dict[str, Any]) -> Iterator[Any]:
    yield from (source[key] for key in ("example", "const", "default") if key in source)
    examples = source.get("examples")
    if isinstance(examples, dict):
        for said in examples.values():
            one = followed(document, said)
            if isinstance(one, dict) and "value" in one:
                yield one["value"]
    elif isinstance(examples, list):
        yield from examples
    if isinstance(source.get("enum"), list):
        yield from source["enum"]


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value != "" and value.isprintable())


def _one(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_one, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    return [(name, _one(one)) for one in (value if isinstance(value, list) else [value])]


def _is_askable(target: str) -> bool:
    """Whether it is a path below the interface's address, whole, and of a reasonable length."""
    return target.startswith("/") and target.isprintable() and "{" not in target and len(target) <= LONGEST_TARGET


def _is_secured(document: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Whether every way into the operation asks for credentials."""
    ways = operation.get("security", document.get("security"))
    return isinstance(ways, list) and bool(ways) and all(ways)
