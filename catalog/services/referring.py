"""Items that refer to another entry: what may be referred to, and what a load is held against (第十二条、第十四条).

Whether a value stands in another entry is told by every refusal. So only an agency's own entries and those that are
shared without conditions can be referred to: of others it would be a way to ask for their rows one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from catalog import policies
from catalog.models import CatalogEntry, EntryRevision, InformationItem, SharingType
from catalog.selectors import column_of
from catalog.workflow import GATHER, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.notices.services import tell_agency
from guiyang_data.tables.check_digits import CheckDigits
from guiyang_data.tables.columns import Column, DataType, Reference
from guiyang_data.tables.refusals import LoadRefused


def reference_problems(revision: EntryRevision) -> list[str]:
    """What stands against the references of a revision, each with the item's name; two queries for any number."""
    every = list(revision.items.all())
    items = [item for item in every if item.reference_code]
    known = _entries(items)
    told = [
        (item, _problem(item, revision.entry, known.get(item.reference_code), _senders(item, every))) for item in items
    ]
    return [f"信息项「{item.name}」的引用：{problem}" for item, problem in told if problem]


def require_own_references(revision: EntryRevision, asked: Collection[tuple[str, str]], *, by: User) -> None:
    """Raise RuleBroken where somebody an entry was delegated to has it held against what only its provider may ask.

    ``asked``: (resource code, code of the item) as they shall stand. The provider's other entries are not delegated:
    rows gathered for a draft would tell their values, one by one.
    """
    if policies.compiles_for(by, revision.entry.provider):
        return
    before = {(item.reference_code, item.reference_item) for item in revision.items.all()}
    codes = {code for code, item in asked if code and (code, item) not in before}
    shared = CatalogEntry.objects.filter(
        resource_code__in=codes, in_force__sharing_type=SharingType.UNCONDITIONAL
    ).values_list("resource_code", flat=True)
    closed = sorted(codes - set(shared)) if codes else []
    if closed:
        message = (
            f"{'、'.join(closed)} 不是无条件共享的现行目录条目，受托编制的人不能引用。"
            "请由提供机关的数据管理员填写这条引用。"
        )
        raise RuleBroken(message, basis=WORKFLOW["edit"].basis, fields={"items": message})


def columns_to_check(revision: EntryRevision, *, without: Collection[str] = ()) -> list[Column]:
    """The columns of an entry's table with every rule for new rows; those ``without`` rules are not brought.

    Raises LoadRefused where an item refers to what cannot be asked now.
    """
    items = list(revision.items.all())
    known = _entries([item for item in items if item.code not in without])
    return [
        column_of(item) if item.code in without else _column(item, revision.entry, known, _senders(item, items))
        for item in items
    ]


def share_limit(revision: EntryRevision) -> float | None:
    """The share of bad rows, between 0 and 1, over which a load is refused whole; None where the entry sets none."""
    return None if revision.bad_share_limit >= 100 else float(revision.bad_share_limit / 100)


def entries_referring_to(entry: CatalogEntry) -> int:
    """How many entries in force hold their rows against this one."""
    items = InformationItem.objects.filter(reference_code=entry.resource_code, revision__status=RevisionStatus.IN_FORCE)
    return items.exclude(reference_code="").values("revision__entry").distinct().count()


def tell_referring(entry: CatalogEntry, title: str, *, at: dt.datetime) -> None:
    """Tell the agencies whose entries hold their rows against one that is withdrawn: their loads are refused from now.

    ``title``: what the entry was called.
    """
    items = InformationItem.objects.filter(reference_code=entry.resource_code, revision__status=RevisionStatus.IN_FORCE)
    found = items.exclude(revision__entry=entry).select_related("revision__entry__provider", "collector")
    told: dict[Agency, dict[EntryRevision, list[str]]] = {}
    for item in found.order_by("revision__entry__resource_code", "position"):
        for agency in {item.revision.entry.provider, item.collector or item.revision.entry.provider}:
            told.setdefault(agency, {}).setdefault(item.revision, []).append(item.name)
    for agency, revisions in told.items():
        named = "；".join(f"《{revision.title}》的{'、'.join(names)}" for revision, names in revisions.items())
        tell_agency(
            agency,
            [Role.DATA_STEWARD],
            key=f"catalog-referred-withdrawn:{entry.pk}:{at.isoformat()}:{agency.code}",
            about=entry,
            kind="catalog",
            title=f"引用的目录条目已撤销：{title}",
            body=f"引用它的信息项：{named}。在修订目录、改掉这条引用之前，这些条目报送的数据不能核对，不会入库。",
            path=next(iter(revisions)).get_absolute_url(),
            at=at,
            basis=GATHER,
        )


def _senders(item: InformationItem, items: Sequence[InformationItem]) -> set[int | None]:
    """The agencies that bring an item (None: the provider): whoever collects it; the key everyone who collects."""
    return {one.collector_id for one in items} if item.is_key else {item.collector_id}


def _column(
    item: InformationItem, own: CatalogEntry, known: Mapping[str, CatalogEntry], senders: Collection[int | None]
) -> Column:
    column = _with_rules(item)
    if not item.reference_code:
        return column
    target = known.get(item.reference_code)
    problem = _problem(item, own, target, senders)
    if target is None or problem:
        raise LoadRefused(f"信息项「{item.name}」的引用现在不能核对：{problem}请修订目录后重新报送，")
    data = target.current_data
    if data is None:
        named = _named(target)
        raise LoadRefused(
            f"信息项「{item.name}」引用的{named}还没有数据，无法核对。"
            "请等它汇聚数据之后重新报送，或者修订目录去掉这条引用，"
        )
    reference = Reference(table=target.table, version=data.table_version, code=item.reference_item)
    return replace(column, reference=reference)


def _with_rules(item: InformationItem) -> Column:
    return replace(
        column_of(item),
        unique=item.is_unique,
        minimum=item.minimum or None,
        maximum=item.maximum or None,
        pattern=item.pattern or None,
        check_digits=CheckDigits(item.check_digits) if item.check_digits else None,
    )


def _entries(items: Sequence[InformationItem]) -> dict[str, CatalogEntry]:
    codes = {item.reference_code for item in items if item.reference_code}
    if not codes:
        return {}
    entries = CatalogEntry.objects.filter(resource_code__in=codes, in_force__isnull=False)
    found = entries.select_related("in_force", "current_data").prefetch_related("in_force__items")
    return {entry.resource_code: entry for entry in found}


def _problem(
    item: InformationItem, own: CatalogEntry, target: CatalogEntry | None, senders: Collection[int | None]
) -> str:
    """Why an item cannot refer to the entry; empty where it can."""
    if target is None or target.in_force is None:
        return f"没有找到资源代码为 {item.reference_code} 的现行目录条目。请核对；还没有公布的，公布之后才能引用。"
    if target.pk == own.pk:
        return "不能引用本条目自己。请写另一条目的资源代码，或者清空。"
    is_own = all((sender or own.provider_id) == target.provider_id for sender in senders)
    if not is_own and target.in_force.sharing_type != SharingType.UNCONDITIONAL:
        return f"{_named(target)}不是无条件共享的，逐条核对等于查询它的数据。只能引用本机关的或者无条件共享的条目。"
    other = next((one for one in target.in_force.items.all() if one.code == item.reference_item), None)
    if other is None:
        return f"{_named(target)}没有字段名为 {item.reference_item} 的信息项。请核对字段名。"
    if not (other.is_key or other.is_unique):
        return f"{_named(target)}的「{other.name}」不是主键，也没有规定唯一，不能据此核对。请改为引用它的主键。"
    if not _alike(item, other):
        mine, theirs = item.get_data_type_display(), other.get_data_type_display()
        return f"{_named(target)}的「{other.name}」是{theirs}，本项是{mine}，不能核对。请改为相同的数据类型。"
    return ""


def _alike(item: InformationItem, other: InformationItem) -> bool:
    mine, theirs = DataType(item.data_type), DataType(other.data_type)
    return mine is theirs or (mine.is_text and theirs.is_text)


def _named(entry: CatalogEntry) -> str:
    return f"《{entry.in_force.title}》" if entry.in_force else entry.resource_code
