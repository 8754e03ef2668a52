"""What is wrong in an OpenAPI document by its own rules (3.0 and 3.1), in words that whoever wrote it can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError, best_match, relevance
from jsonschema_path.paths import SchemaPath
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.validation import SpecValidator
from openapi_spec_validator.validation import exceptions as semantic
from referencing.exceptions import Unresolvable

from catalog.contracts.parts import MOST_FAULTS, Fault, Unreadable, place
from catalog.contracts.references import broken_references

VERSION = re.compile(r"^3\.[01]\.\d+$")
TYPES = {
    "object": "对象",
    "array": "列表",
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或者 false",
    "null": "空值",
}
REFERENCES_TOO_DEEP = "引用层层相套，核对不完。请简化结构后再报送。"


def _placed(keyword: type[Any]) -> type[Any]:
    """The library's rule, whose errors also say at which place of the document they were found."""

    class Placed(keyword):
        def __call__(self, *given: Any, **more: Any) -> Iterator[ValidationError]:
            here = next((one.parts for one in given if isinstance(one, SchemaPath)), ())
            for error in super().__call__(*given, **more):
                if not hasattr(error, "found_at"):
                    error.found_at = here
                yield error

    return Placed


def _with_places(keywords: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    return {name: each if name == "__root__" else _placed(each) for name, each in keywords.items()}


class _Rules30(OpenAPIV30SpecValidator):
    keyword_validators = _with_places(OpenAPIV30SpecValidator.keyword_validators)


class _Rules31(OpenAPIV31SpecValidator):
    keyword_validators = _with_places(OpenAPIV31SpecValidator.keyword_validators)


RULES: dict[str, type[SpecValidator]] = {"3.0": _Rules30, "3.1": _Rules31}


class _Never(dict[str, Any]):
    """What fetches other documents, by scheme: nothing. An empty mapping would let the library open them itself."""

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Callable[[str], Any]:
        return _refuse


def _refuse(address: str) -> Any:
    raise _outside(address)


def _outside(address: str) -> Unreadable:
    return Unreadable(f"引用了文档以外的「{address[:120]}」。平台不会去取外部文件，请把它的内容合并到这份文档里。")


def version_of(document: dict[str, Any]) -> str:
    """``3.0.3`` or the like. Raises ``Unreadable`` for another standard or version."""
    if "swagger" in document:
        raise Unreadable("这是 Swagger 2.0 的文档。请转换成 OpenAPI 3.0 或者 3.1 后再报送（多数编辑器可以一键转换）。")
    said = document.get("openapi")
    if said is None:
        raise Unreadable("文档里没有 openapi 一项，看不出是 OpenAPI 文档。请在最外层写明，例如 openapi: 3.0.3。")
    if not isinstance(said, str) or not VERSION.fullmatch(said):
        raise Unreadable(
            f"openapi 一项写的是「{str(said)[:40]}」。平台接收 3.0 和 3.1 版，请写成 3.0.3、3.1.0 的样子。"
        )
    return said


def faults_of(document: dict[str, Any]) -> list[Fault]:
    """What is wrong, the first ``MOST_FAULTS``; empty where the document holds. Raises ``Unreadable`` as above."""
    version = version_of(document)
    outside = broken_references(document)
    if outside:
        return outside
    validator = RULES[version[:3]](SchemaPath.from_dict(document, handlers=_Never()))
    try:
        shape = sorted(validator.schema_validator.iter_errors(document), key=relevance)
        # the rules beyond the shape can only be asked of what has the shape
        errors = shape or list(validator.root_validator(validator.schema_path))
    except RecursionError as error:
        raise Unreadable(REFERENCES_TOO_DEEP) from error
    except Unresolvable as error:
        raise _outside(str(error.ref)) from error
    return list(dict.fromkeys(_fault(error) for error in errors))[:MOST_FAULTS]


def _fault(error: ValidationError) -> Fault:
    found_at = getattr(error, "found_at", ())
    if not isinstance(error.validator, str):
        return Fault(where=place(found_at), what=_semantic(error))
    nearest, allowed = _nearest(error)
    steps = [*found_at, *_steps(nearest)]
    if found_at and not isinstance(error, semantic.OpenAPIValidationError):
        steps = [*found_at, "default", *_steps(nearest)]  # the only values of a document that are asked to fit
    what = f"应当是 {'、'.join(allowed)} 之一。" if allowed else in_words(nearest)
    return Fault(where=place(steps), what=what)


def _nearest(error: ValidationError) -> tuple[ValidationError, list[str]]:
    """The deepest thing wrong: that a whole path fits no allowed form says nothing, that its answers lack does.

    Where forms are told apart by one value, and it is none of theirs: that value, and what it may be.
    """
    while error.context:
        candidates = [one for one in error.context if not _is_other_form(one)] or error.context
        apart, allowed = _told_apart(candidates)
        if apart is not None:
            return apart, allowed
        error = best_match(candidates) or candidates[0]
    return error, []


def _told_apart(errors: Sequence[ValidationError]) -> tuple[ValidationError | None, list[str]]:
    forms: dict[object, dict[tuple[object, ...], ValidationError]] = {}
    for one in errors:
        form = forms.setdefault(one.relative_schema_path[0], {})
        if one.validator in {"enum", "const"}:
            form[tuple(one.relative_path)] = one
    common = set.intersection(*(set(form) for form in forms.values())) if len(forms) > 1 else set()
    for where in common:
        values = [form[where].validator_value for form in forms.values()]
        flat = [str(one)[:40] for value in values for one in (value if isinstance(value, list) else [value])]
        return next(iter(forms.values()))[where], list(dict.fromkeys(flat))
    return None, []


def _is_other_form(error: ValidationError) -> bool:
    """Whether it only says that a thing is no reference, which it was not meant to be."""
    return error.validator == "required" and list(error.validator_value) == ["$ref"]


def _steps(error: ValidationError) -> list[object]:
    steps: list[object] = []
    here: ValidationError | None = error
    while here is not None:
        steps = [*here.relative_path, *steps]
        here = here.parent
    return steps


def _semantic(error: ValidationError) -> str:
    names = re.findall(r"'([^']{1,80})'", error.message)
    # what is missing may be several; of the others the first name is what it is about, the rest where
    name = "、".join(names[:3] if isinstance(error, semantic.ExtraParametersError) else names[:1])
    for kind, words in _SEMANTIC.items():
        if isinstance(error, kind):
            return words.format(name=name)
    if "dialect" in error.message:
        return "用了平台不认识的 JSON Schema 方言。请删去 $schema、jsonSchemaDialect，按 OpenAPI 3.1 的默认写法。"
    if error.message.startswith("Duplicate tag"):
        return f"标签「{name}」写了两次。请删去一个。"
    return f"不符合 OpenAPI 的规定（{error.message[:120]}）。请改正。"


_SEMANTIC: dict[type[ValidationError], str] = {
    semantic.DuplicateOperationIDError: "operationId「{name}」用了两次。每个操作要有自己的编号。",
    semantic.ParameterDuplicateError: "参数「{name}」在同一个操作里写了两次。请删去一个。",
    semantic.UnresolvableParameterError: "路径里的「{name}」没有对应的参数说明。请在 parameters 里补上（in: path）。",
    semantic.ExtraParametersError: "required 里的「{name}」在 properties 里没有写明。请补上，或者从 required 里去掉。",
}


def in_words(error: ValidationError) -> str:
    """A rule that is broken, in Chinese, without the value that breaks it: it may be somebody's data."""
    words = _WORDS.get(str(error.validator))
    return words(error) if words else f"不符合 {error.validator} 的规定。"


def _types(error: ValidationError) -> str:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return f"应当是{'、'.join(TYPES.get(str(one), str(one)) for one in wanted)}。"


def _missing(error: ValidationError) -> str:
    known = error.instance if isinstance(error.instance, dict) else {}
    # one error for each name that lacks: which one stands in its words alone
    lacking = [str(name) for name in error.validator_value if name not in known]
    named = [name for name in lacking if repr(name) in error.message] or lacking
    return f"缺少「{named[0]}」。" if named else "缺少必须有的内容。"


def _unknown(error: ValidationError) -> str:
    names = re.findall(r"'([A-Za-z$_][\w$.-]{0,40})'", error.message.partition("(")[2] or error.message)[:3]
    return (
        f"有不认识的内容「{'、'.join(names)}」。请核对拼写和位置。" if names else "有不认识的内容。请核对拼写和位置。"
    )


def _listed(error: ValidationError) -> str:
    return f"应当是 {'、'.join(str(one)[:40] for one in error.validator_value[:8])} 之一。"


def _limit(text: str) -> Callable[[ValidationError], str]:
    return lambda error: text.format(error.validator_value)


def _fixed(text: str) -> Callable[[ValidationError], str]:
    return lambda error: text


_WORDS: dict[str, Callable[[ValidationError], str]] = {
    "type": _types,
    "required": _missing,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "propertyNames": _unknown,
    "enum": _listed,
    "const": lambda error: f"应当是 {str(error.validator_value)[:60]}。",
    "format": _limit("写法不符合格式 {}。"),
    "pattern": lambda error: f"写法不符合规定的样式 {str(error.validator_value)[:80]}。",
    "minLength": _limit("至少要有 {} 个字。"),
    "maxLength": _limit("最多 {} 个字。"),
    "minItems": _limit("至少要有 {} 项。"),
    "maxItems": _limit("最多 {} 项。"),
    "minProperties": _limit("至少要有 {} 项内容。"),
    "maxProperties": _limit("最多 {} 项内容。"),
    "minimum": _limit("不能小于 {}。"),
    "maximum": _limit("不能大于 {}。"),
    "exclusiveMinimum": _limit("应当大于 {}。"),
    "exclusiveMaximum": _limit("应当小于 {}。"),
    "multipleOf": _limit("应当是 {} 的倍数。"),
    "uniqueItems": _fixed("列表里有重复的项。"),
    "oneOf": _fixed("不是恰好符合所列形式中的一种。"),
    "anyOf": _fixed("不符合所列形式中的任何一种。"),
    "not": _fixed("是文档说明不允许的形式。"),
    "contains": _fixed("列表里没有应当有的项。"),
    "dependentRequired": _fixed("有的内容必须同时出现，现在缺少。"),
}
