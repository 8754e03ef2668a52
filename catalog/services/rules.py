"""What a revision must say (第十一条、第十四条、第十八条), and the digests by which changes are recognised."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from catalog.collecting import is_shared, not_confirmed
from catalog.models import Category, EntryRevision, InformationItem, SharingType
from catalog.selectors import needs_review
from catalog.services.referring import reference_problems
from catalog.workflow import COMPILE, CONFIDENTIALITY, TOGETHER
from guiyang_data.errors import RuleBroken
from guiyang_data.statute.law import REGULATION, Article
from guiyang_data.tables.columns import CODE_PATTERN, header_key

SHARING = REGULATION.article("第十四条")
OPENING = REGULATION.article("第十八条第一款")
FORBIDDEN_BY_LAW = 4
"""第十八条第一款第四项: what laws or regulations forbid to open. The other three items name no instrument."""
LAW_OR_REGULATION = re.compile(r"《[^》]*(?:法|法典|条例)(?:（[^）]*）)?》")
NOTHING_LOST = "您填写的内容都还在。"
NOT_REVIEWED = "confidentiality"
"""The field of the rule that asks for a confidentiality review."""


@dataclass(frozen=True, kw_only=True)
class ItemSpec:
    """An information item as compiled. ``code`` empty: one is given out. ``code_list``: the values allowed.

    ``minimum`` and ``maximum`` are inclusive and in words of the type; ``pattern`` is an RE2 expression for the whole
    value; ``reference_code`` and ``reference_item`` name the key of another entry in which every value must be.
    ``collector_id``: the agency that collects it; None: the provider.
    """

    name: str
    code: str = ""
    data_type: str = InformationItem.DataType.TEXT
    length: int | None = None
    unit: str = ""
    meaning: str = ""
    required: bool = False
    is_key: bool = False
    code_list: Sequence[str] = field(default_factory=tuple)
    is_unique: bool = False
    minimum: str = ""
    maximum: str = ""
    pattern: str = ""
    check_digits: str = ""
    reference_code: str = ""
    reference_item: str = ""
    sensitivity: str = InformationItem.Sensitivity.NONE
    grade: int = 1
    collector_id: int | None = None

    @classmethod
    def of(cls, item: InformationItem) -> ItemSpec:
        """An item as it would be compiled again."""
        return cls(**{one.name: getattr(item, one.name) for one in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A rule that stands against submitting: where, what to do, and its basis."""

    field: str
    message: str
    basis: Article


def coded(items: Sequence[ItemSpec]) -> list[ItemSpec]:
    """The items with a code each. Raises RuleBroken where a name or a code stands twice or cannot be one."""
    _check_names(items)
    taken = {item.code.casefold() for item in items if item.code}
    if len(taken) < sum(1 for item in items if item.code):
        raise _items_wrong("有两个信息项的字段名相同。请改成不同的字段名。")
    numbers = (f"c{number:03d}" for number in range(1, 10_000))
    free = (code for code in numbers if code not in taken)
    return [item if item.code else ItemSpec(**{**vars(item), "code": next(free)}) for item in items]


def _check_names(items: Sequence[ItemSpec]) -> None:
    seen: set[str] = set()
    for item in items:
        name = item.name.strip()
        if not name:
            raise _items_wrong("有信息项没有填写名称。请填写，或者删去这一行。")
        if header_key(name) in seen:
            raise _items_wrong(f"信息项「{name}」出现了两次。请改名，或者删去其中一个。")
        seen.add(header_key(name))
        if item.code and not CODE_PATTERN.fullmatch(item.code):
            raise _items_wrong(f"信息项「{name}」的字段名只能用字母、数字和下划线，并以字母开头。")


def _items_wrong(message: str) -> RuleBroken:
    return RuleBroken(message + NOTHING_LOST, basis=COMPILE, fields={"items": message})


def substance_of(revision: EntryRevision, items: Sequence[InformationItem]) -> str:
    """A digest of what a confidentiality review judges: the items, and to whom they go."""
    meant = sorted((item.code, item.name, item.meaning, str(item.sensitivity), item.grade) for item in items)
    given_to = [str(revision.sharing_type), revision.sharing_condition, revision.is_open, revision.opening_condition]
    return _digest([meant, given_to])


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def require_complete(revision: EntryRevision, *, reviewed: bool = True) -> None:
    """Raise RuleBroken, naming every field, unless the revision may be submitted (第十一条第二款).

    ``reviewed``: False where the confidentiality review is still to be asked for.
    """
    broken = [rule for rule in broken_rules(revision) if reviewed or rule.field != NOT_REVIEWED]
    if not broken:
        return
    listed = "".join(f"{number}. {rule.message}" for number, rule in enumerate(broken, start=1))
    fields = dict.fromkeys((rule.field for rule in broken), "")
    for rule in broken:
        fields[rule.field] += rule.message
    raise RuleBroken(f"目录还不能提交审核，请先补正：{listed}{NOTHING_LOST}", basis=broken[0].basis, fields=fields)


def broken_rules(revision: EntryRevision) -> Iterator[Broken]:
    """Everything that stands against submitting the revision, in the order of the form."""
    yield from _elements(revision)
    yield from _sharing(revision)
    yield from _opening(revision)
    if not revision.items.exists():
        yield Broken(field="items", message="至少要有一个信息项。", basis=COMPILE)
    yield from (Broken(field="items", message=problem, basis=COMPILE) for problem in reference_problems(revision))
    yield from _co_collection(revision)
    if needs_review(revision):
        yield Broken(
            field=NOT_REVIEWED,
            message="还没有由第二人作出的保密审查结论，或者审查之后内容有变动。请先提请保密审查。",
            basis=CONFIDENTIALITY,
        )


def _co_collection(revision: EntryRevision) -> Iterator[Broken]:
    """Every other agency that collects has agreed by its own act (第十二条第二款)."""
    if not is_shared(revision):
        return
    keys = [item for item in revision.items.all() if item.is_key]
    if not keys:
        message = "共同采集的条目须有主键，各机关报送的行才能合到一起。请先指明主键。"
        yield Broken(field="items", message=message, basis=TOGETHER)
    if any(item.collector_id for item in keys):
        message = "主键由各采集机关都报送，不用选择采集机关。请改为由提供机关采集。"
        yield Broken(field="items", message=message, basis=TOGETHER)
    for agency, word in not_confirmed(revision):
        reasons = word.reasons.rstrip("。；; ") if word is not None else ""
        said = f"{agency.name}不同意共同采集：{reasons}。" if reasons else ""
        message = said or f"{agency.name}还没有确认共同采集。"
        yield Broken(field="co-collection", message=f"{message}请提请其确认，或者修改信息项。", basis=TOGETHER)


def _elements(revision: EntryRevision) -> Iterator[Broken]:
    for name, label in (("title", "资源名称"), ("abstract", "资源摘要"), ("format_type", "格式类型")):
        if not getattr(revision, name).strip():
            yield Broken(field=name, message=f"请填写{label}。", basis=COMPILE)
    if revision.category.level < Category.Level.ITEM:
        yield Broken(field="category", message="资源分类要选到「目」一级，资源代码由它生成。", basis=COMPILE)


def _sharing(revision: EntryRevision) -> Iterator[Broken]:
    if revision.sharing_type == SharingType.CONDITIONAL and not revision.sharing_condition.strip():
        yield Broken(
            field="sharing_condition", message="有条件共享的，请写明共享条件（用途、范围或者对象）。", basis=SHARING
        )
    if revision.sharing_type == SharingType.WITHHELD and not revision.sharing_basis.strip():
        yield Broken(
            field="sharing_basis",
            message="不予共享的，请写明所依据的法律、行政法规或者党中央、国务院政策依据。",
            basis=SHARING,
        )
    if revision.sharing_type != SharingType.WITHHELD and not revision.sharing_method.strip():
        yield Broken(field="sharing_method", message="请填写共享方式。", basis=SHARING)


def _opening(revision: EntryRevision) -> Iterator[Broken]:
    if revision.is_open:
        return
    if revision.closed_ground is None:
        yield Broken(
            field="closed_ground",
            message="不向社会开放的，请选择属于哪一种情形（国家秘密、商业秘密、个人隐私、法律法规禁止）。",
            basis=OPENING,
        )
    basis = revision.closed_basis.strip()
    if not basis:
        yield Broken(field="closed_basis", message="不向社会开放的，请写明依据。", basis=OPENING)
    elif revision.closed_ground == FORBIDDEN_BY_LAW and not LAW_OR_REGULATION.search(basis):
        yield Broken(
            field="closed_basis",
            message="以第四项为由不开放的，依据必须是法律或者法规，请用书名号写出其名称和条款；规章、通知和内部文件不能作为依据。",
            basis=REGULATION.article("第十八条第一款第四项"),
        )
