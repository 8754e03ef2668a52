"""What several acts ask of what was filled in. Every refusal names the field and says that nothing was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from catalog.models import CatalogEntry, EntryRevision, SharingType
from catalog.selectors import columns_of
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.statute.law import Article
from guiyang_data.tables.refusals import BadFilter, UnknownColumn
from guiyang_data.tables.selecting import OPERATORS, coerce
from sharing.models import WayOfSupply
from sharing.workflow import APPLY, TAKE, TYPES

NOTHING_LOST = "您填写的内容都还在。"


def broken(basis: Article, fields: Mapping[str, str]) -> RuleBroken:
    """A refusal that names every field."""
    return RuleBroken("".join(fields.values()) + NOTHING_LOST, basis=basis, fields=fields)


def refuse_if(fields: Mapping[str, str], basis: Article) -> None:
    """Raise where something stands against the act."""
    if fields:
        raise broken(basis, fields)


def reasons_or_refuse(text: str, basis: Article, message: str, field: str = "reasons") -> str:
    """The reasons, without outer blanks; RuleBroken where there are none."""
    reasons = text.strip()
    if not reasons:
        raise broken(basis, {field: message})
    return reasons


def revision_in_force(entry: CatalogEntry) -> EntryRevision:
    """The entry's published revision; WrongState where it was withdrawn or never published."""
    if entry.in_force is None:
        raise WrongState("这一目录条目没有公布，或者已经撤销，不能共享。请返回目录选择其他条目。", basis=TYPES)
    return entry.in_force


def require_sharing_type(revision: EntryRevision, wanted: str) -> None:
    """Unconditional data is taken at once, conditional data is applied for, withheld data is neither (第十四条)."""
    actual = revision.sharing_type
    if actual == wanted:
        return
    if actual == SharingType.WITHHELD:
        raise RuleBroken("这项数据不予共享，不能获取或者申请。依据见目录。", basis=TYPES)
    if actual == SharingType.UNCONDITIONAL:
        raise RuleBroken("这项数据无条件共享，不需要申请或者授权，登记所履行的职责后即可直接获取。", basis=TAKE)
    raise RuleBroken("这项数据有条件共享，须经授权，或者向提供机关提出申请。", basis=APPLY)


def known_items(codes: Sequence[str], revision: EntryRevision, *, field: str = "items") -> list[str]:
    """The chosen codes in the order of the catalogue. RuleBroken where none is chosen or one is not an item."""
    items = [item.code for item in revision.items.all()]
    if not codes:
        raise broken(APPLY, {field: "请至少选择一个信息项。"})
    unknown = [code for code in codes if code not in items]
    if unknown:
        message = f"目录中没有信息项「{'、'.join(unknown)}」。请对照目录重新选择。"
        raise broken(APPLY, {field: message})
    return [code for code in items if code in set(codes)]


def known_conditions(conditions: Sequence[Mapping[str, Any]], revision: EntryRevision) -> list[dict[str, Any]]:
    """Row conditions as they are stored: ``{code, operator, value}``, each fit for its item's type."""
    columns = {column.code: column for column in columns_of(revision)}
    stored = []
    for condition in conditions:
        code, operator, value = str(condition.get("code")), condition.get("operator"), condition.get("value")
        if code not in columns or operator not in OPERATORS:
            raise broken(APPLY, {"row_condition": f"数据范围中的「{code}」不是目录的信息项，或者比较方式不能识别。"})
        try:
            for part in value if operator == "in" and isinstance(value, list) else [value]:
                if operator != "isnull":
                    coerce(columns[code], part)
        except (BadFilter, UnknownColumn) as refused:
            raise broken(APPLY, {"row_condition": refused.message}) from refused
        stored.append({"code": code, "operator": str(operator), "value": value})
    return stored


def known_ways(ways: Sequence[str], among: Sequence[str] = ()) -> list[str]:
    """Ways of supply in their order. RuleBroken where one is unknown, or not ``among`` those that were asked for."""
    unknown = set(ways) - set(among or WayOfSupply.values)
    if unknown:
        message = "提供方式只能从申请的方式中选择。" if among else f"提供方式「{'、'.join(sorted(unknown))}」不能识别。"
        raise broken(APPLY, {"ways": message})
    return [way for way in WayOfSupply.values if way in set(ways)]


def require_valid_fields(row: models.Model, names: Sequence[str], basis: Article) -> None:
    """Lengths and choices as the model states them; RuleBroken naming every field."""
    every = {field.name for field in row._meta.fields}
    try:
        row.clean_fields(exclude=every - set(names))
    except ValidationError as error:
        wrong = {name: f"{_label(row, name)}：{''.join(texts)}" for name, texts in error.message_dict.items()}
        raise broken(basis, wrong) from error


def _label(row: models.Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "verbose_name", name))
