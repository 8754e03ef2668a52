"""Whether an answer keeps to the document: status, kind of content, shape. Its values are told to nobody."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator, oas30_format_checker, oas31_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from catalog.contracts.faults import in_words
from catalog.contracts.references import NoSuchPlace, followed

MOST_BREACHES = 5
"""Told of one answer."""
CONTRACT = "urn:contract"
JSON = re.compile(r"^application/(?:[\w.-]+\+)?json$|^text/json$")
PLAIN_NAME = re.compile(r"^[A-Za-z_][A-Za-z_-]{0,40}$")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for the GET operation at ``path``. ``content_type`` as the header has it."""

    path: str
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One rule of the document that an answer breaks. ``rule``: status, content-type, json, schema, server-error...

    ``where``: the item of the answer, by the document's own names; ``times``: how often it occurs in the answer.
    """

    path: str
    rule: str
    what: str
    where: str = ""
    times: int = 1

    def as_dict(self) -> dict[str, Any]:
        """For another process, and to be kept."""
        return asdict(self)


def breaches(document: dict[str, Any], answer: Answer) -> list[Breach]:
    """What of an answer the document does not allow; empty where it keeps to it."""
    early = _early(answer)
    if early is not None:
        return [early]
    try:
        item = followed(document, document["paths"][answer.path])
        response = _response(document, item["get"].get("responses") or {}, answer.status)
    except (KeyError, NoSuchPlace):
        return [_breach(answer, "status", f"答复的状态码是 {answer.status}，文档没有说明这种答复。")]
    content = response.get("content") or {}
    media = _media_type(content, answer.content_type)
    if media is None:
        return _wrong_kind(answer, content)
    if not JSON.fullmatch(_bare(answer.content_type)):
        return []
    return _in_shape(document, content[media], answer)


def _early(answer: Answer) -> Breach | None:
    if 300 <= answer.status < 400:
        return _breach(answer, "redirect", f"答复要求跳转到别处（{answer.status}）。平台不跟随跳转，请登记最终的地址。")
    if answer.status >= 500:
        return _breach(answer, "server-error", f"系统自身出错（{answer.status}）。")
    return None


def _breach(answer: Answer, rule: str, what: str) -> Breach:
    return Breach(path=answer.path, rule=rule, what=what)


def _response(document: dict[str, Any], responses: dict[str, Any], status: int) -> dict[str, Any]:
    """The description of an answer with this status. Raises ``KeyError`` where there is none."""
    for code in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if code in responses:
            found = followed(document, responses[code])
            return found if isinstance(found, dict) else {}
    raise KeyError(status)


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _media_type(content: dict[str, Any], content_type: str) -> str | None:
    """The kind of content of the document that covers the answer's; the nearest."""
    kind = _bare(content_type)
    by_kind = {_bare(name): name for name in reversed(content)}
    for wanted in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if wanted in by_kind:
            return by_kind[wanted]
    return None


def _wrong_kind(answer: Answer, content: dict[str, Any]) -> list[Breach]:
    if not content:
        # what is not described may be empty or a few words
        return []
    said, wanted = _bare(answer.content_type)[:60] or "没有写明", "、".join(list(content)[:3])
    return [_breach(answer, "content-type", f"答复的内容类型是 {said}，文档写的是 {wanted}。")]


def _in_shape(document: dict[str, Any], media: dict[str, Any], answer: Answer) -> list[Breach]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return [_breach(answer, "json", "答复说是 JSON，但是读不出来。")]
    schema = media.get("schema") if isinstance(media, dict) else None
    if not isinstance(schema, dict):
        return []
    resource = DRAFT202012.create_resource(document)
    known = Registry().with_resource(CONTRACT, resource)
    kind, formats = VALIDATORS[str(document["openapi"])[:3]]
    validator = kind(schema, registry=known, _resolver=known.resolver_with_root(resource), format_checker=formats)
    try:
        errors = [_innermost(error) for error in validator.iter_errors(value)]
    except RecursionError:
        return [_breach(answer, "schema", "答复嵌套太深，核对不完。")]
    told = Counter((_where(error), _words(error)) for error in errors)
    return [
        Breach(path=answer.path, rule="schema", where=where, what=what, times=times)
        for (where, what), times in list(told.items())[:MOST_BREACHES]
    ]


_Reading31 = extend(
    OAS31Validator,
    {name: OAS30ReadValidator.VALIDATORS[name] for name in ("required", "writeOnly")},
)
VALIDATORS = {"3.0": (OAS30ReadValidator, oas30_format_checker), "3.1": (_Reading31, oas31_format_checker)}


def _innermost(error: ValidationError) -> ValidationError:
    """What is wrong inside a form, where only one form comes into question: that it may also be empty says nothing."""
    while error.context:
        forms = {one.relative_schema_path[0] for one in error.context if one.validator_value != "null"}
        inside = [one for one in error.context if one.relative_schema_path[0] in forms]
        if len(forms) != 1:
            break
        error = best_match(inside) or inside[0]
    return error


def _words(error: ValidationError) -> str:
    if error.validator not in {"additionalProperties", "unevaluatedProperties"}:
        return in_words(error)
    names = [name for name in error.instance if PLAIN_NAME.fullmatch(name) and repr(name) in error.message][:3]
    return "有文档没有写明的字段" + (f"（{'、'.join(names)}）。" if names else "。")


def _where(error: ValidationError) -> str:
    """The item by the names of the document: names that an answer makes up may be somebody's data."""
    steps: list[str] = []
    declared = {str(step) for step in error.absolute_schema_path}
    for step in error.absolute_path:
        if isinstance(step, int):
            steps.append("[]")
        else:
            known = step in declared and PLAIN_NAME.fullmatch(step)
            steps.append(f".{step}" if known else ".*")
    return "".join(steps).lstrip(".")
