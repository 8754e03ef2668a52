"""Compiling and editing catalogue entries (第十一条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from catalog import policies
from catalog.models import CatalogEntry, Category, EntryRevision, InformationItem
from catalog.selectors import open_revision
from catalog.services.co_collecting import void_co_collections
from catalog.services.codes import give_codes, require_free
from catalog.services.confidentiality import void_reviews
from catalog.services.item_rules import rule_problems, settled
from catalog.services.locking import lock_entry, lock_revision, note
from catalog.services.referring import require_own_references
from catalog.services.rules import NOTHING_LOST, ItemSpec, coded, substance_of
from catalog.workflow import COMPILE, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import Entry, record, record_many
from guiyang_data.tables.columns import layout_of

ELEMENTS = (
    "title",
    "abstract",
    "category",
    "field",
    "keywords",
    "format_class",
    "format_type",
    "sharing_type",
    "sharing_condition",
    "sharing_basis",
    "sharing_method",
    "is_open",
    "opening_condition",
    "closed_ground",
    "closed_basis",
    "update_cycle",
    "spatial_scope",
    "time_scope",
    "source_system",
    "contact",
    "contact_phone",
    "related_codes",
    "note",
    "bad_share_limit",
)
"""What a person states: the elements of the national guide, and how many bad rows a load may have."""


CHANGED_SINCE = (
    "这份草稿在您打开之后又有人改过，没有保存，以免盖掉别人的修改。请先看看现在的草稿；仍以您填写的为准的，再保存一次。"
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A new entry as stated. ``resource_code``: the one it had in a portal that this one follows, else one is given."""

    elements: Mapping[str, Any]
    items: Sequence[ItemSpec] = ()
    source_key: str = ""
    resource_code: str = ""


def compile_entry(
    *,
    provider: Agency,
    by: User,
    at: dt.datetime,
    elements: Mapping[str, Any],
    items: Sequence[ItemSpec] = (),
    source_key: str = "",
) -> EntryRevision:
    """Compile a new entry as a draft (第十一条第二款); its resource code is given out now and never changes.

    ``elements``: values by the names in ``ELEMENTS``. A draft may be incomplete; submitting it asks for the rest.
    """
    draft = Draft(elements=elements, items=items, source_key=source_key)
    (made,) = compile_entries(provider=provider, by=by, at=at, drafts=[draft])
    if isinstance(made, RuleBroken):
        raise made
    return made


@transaction.atomic
def compile_entries(
    *, provider: Agency, by: User, at: dt.datetime, drafts: Sequence[Draft]
) -> list[EntryRevision | RuleBroken]:
    """Compile new entries of one agency, in the order given; as many queries for a hundred as for one.

    In place of an entry that a rule stands against, the rule's refusal; the others are compiled.
    """
    policies.require(by, "compile", provider)
    taken = _taken(provider, drafts)
    prepared = [_prepared(draft, provider, taken, by=by, at=at) for draft in drafts]
    good = [(draft, one) for draft, one in zip(drafts, prepared, strict=True) if not isinstance(one, RuleBroken)]
    codes = give_codes([(one.category, draft.resource_code) for draft, (one, _items) in good])
    entries = [
        CatalogEntry(resource_code=code, provider=provider, source_key=draft.source_key, created_at=at)
        for code, (draft, _one) in zip(codes, good, strict=True)
    ]
    CatalogEntry.objects.bulk_create(entries)
    for entry, (_draft, (revision, _items)) in zip(entries, good, strict=True):
        revision.entry = entry
    EntryRevision.objects.bulk_create([revision for _draft, (revision, _items) in good])
    items = [item for _draft, (_revision, items) in good for item in items]
    InformationItem.objects.bulk_create(items)
    record_many([_compiling(entry, by=by, at=at) for entry in entries])
    return [one if isinstance(one, RuleBroken) else one[0] for one in prepared]


def _taken(provider: Agency, drafts: Sequence[Draft]) -> set[str]:
    """Codes and source keys that entries have already."""
    codes = [draft.resource_code for draft in drafts if draft.resource_code]
    keys = [draft.source_key for draft in drafts if draft.source_key]
    coded = CatalogEntry.objects.filter(resource_code__in=codes).values_list("resource_code", flat=True)
    keyed = CatalogEntry.objects.filter(provider=provider, source_key__in=keys).values_list("source_key", flat=True)
    return {*coded, *(f"key:{key}" for key in keyed)}


def _prepared(
    draft: Draft, provider: Agency, taken: set[str], *, by: User, at: dt.datetime
) -> tuple[EntryRevision, list[InformationItem]] | RuleBroken:
    """The first revision and its items, checked and not saved."""
    try:
        category = _category(draft.elements)
        if draft.resource_code:
            require_free(draft.resource_code, category.pk, taken)
        _require_free_key(draft.source_key, taken)
        revision = EntryRevision(number=1, compiled_by=by, writers=[by.holder_key], created_at=at, updated_at=at)
        _write(revision, draft.elements)
        items = _checked_items(revision, draft.items, provider.pk, own_code=draft.resource_code)
    except RuleBroken as refusal:
        return refusal
    _set_digests(revision, items)
    taken |= {value for value in (draft.resource_code, draft.source_key and f"key:{draft.source_key}") if value}
    return revision, items


def _require_free_key(key: str, taken: set[str]) -> None:
    if f"key:{key}" in taken:
        message = f"来源标识「{key}」已经是另一条目的。"
        raise RuleBroken(message, basis=COMPILE, fields={"source_key": message})


def _compiling(entry: CatalogEntry, *, by: User, at: dt.datetime) -> Entry:
    payload = {"revision": 1, "resource_code": entry.resource_code, "provider": entry.provider.code}
    return Entry(obj=entry, verb="compile", by=by, at=at, basis=COMPILE, payload=payload)


def _category(elements: Mapping[str, Any]) -> Category:
    category = elements.get("category")
    if not isinstance(category, Category) or category.level < Category.Level.ITEM:
        message = "资源分类要选到「目」一级，资源代码由它生成。"
        raise RuleBroken(message + NOTHING_LOST, basis=COMPILE, fields={"category": message})
    return category


@transaction.atomic
def edit_revision(
    *,
    revision_id: int,
    by: User,
    at: dt.datetime,
    elements: Mapping[str, Any],
    items: Sequence[ItemSpec] | None = None,
    seen_at: dt.datetime | None = None,
) -> EntryRevision:
    """Change a draft, or one that was sent back. ``items`` None leaves the items as they are.

    ``seen_at``: ``updated_at`` of the draft that ``by`` has read; one that was changed since is not written over.
    Changed items or a changed sharing void a confidentiality review of the revision (第二十四条).
    """
    revision = lock_revision(revision_id)
    policies.require(by, "edit", revision)
    WORKFLOW.target("edit", revision.status)
    if seen_at is not None and seen_at != revision.updated_at:
        raise WrongState(CHANGED_SINCE, basis=WORKFLOW["edit"].basis)
    before = revision.substance
    _write(revision, elements)
    revision.updated_at = at
    if by.holder_key not in revision.writers:
        revision.writers = [*revision.writers, by.holder_key]
    revision.save()
    if items is not None:
        asked = {(item.reference_code, item.reference_item) for item in map(settled, items)}
        require_own_references(revision, asked, by=by)
        _replace_items(revision, items)
    else:
        _digest(revision, list(revision.items.all()))
    if revision.substance != before:
        void_reviews(revision, by=by, at=at)
    void_co_collections(revision, by=by, at=at)
    note(revision, "edit", WORKFLOW, by=by, at=at)
    return revision


def _write(revision: EntryRevision, elements: Mapping[str, Any]) -> None:
    for name in ELEMENTS:
        if name in elements:
            value = elements[name]
            setattr(revision, name, value.strip() if isinstance(value, str) else value)
    if not revision.title:
        message = "请填写资源名称。"
        raise RuleBroken(message + NOTHING_LOST, basis=COMPILE, fields={"title": message})
    # what one value says nothing about must not stay behind from another
    if revision.is_open:
        revision.closed_ground, revision.closed_basis = None, ""
    try:
        revision.clean_fields(exclude=["entry", "category", "compiled_by", "reviewed_by", "approved_by"])
    except ValidationError as error:
        raise _invalid(error.message_dict) from error


def _invalid(messages: Mapping[str, Iterable[str]]) -> RuleBroken:
    fields = {name: "".join(texts) for name, texts in messages.items()}
    labels = {field.name: field.verbose_name for field in EntryRevision._meta.concrete_fields}
    listed = "".join(f"{labels.get(name, name)}：{text}" for name, text in fields.items())
    return RuleBroken(f"有内容不符合要求。{listed}{NOTHING_LOST}", basis=COMPILE, fields=fields)


def _replace_items(revision: EntryRevision, specs: Sequence[ItemSpec]) -> None:
    entry = revision.entry
    items = _checked_items(revision, specs, entry.provider_id, own_code=entry.resource_code)
    revision.items.all().delete()
    InformationItem.objects.bulk_create(items)
    _digest(revision, items)


def _checked_items(
    revision: EntryRevision, specs: Sequence[ItemSpec], provider_id: int, *, own_code: str
) -> list[InformationItem]:
    _check_rules(specs, own_code)
    items = [
        InformationItem(
            revision=revision,
            position=position,
            name=spec.name.strip(),
            code=spec.code,
            data_type=spec.data_type,
            length=spec.length,
            unit=spec.unit.strip(),
            meaning=spec.meaning.strip(),
            required=spec.required or spec.is_key,
            is_key=spec.is_key,
            code_list=list(spec.code_list),
            is_unique=spec.is_unique,
            minimum=spec.minimum,
            maximum=spec.maximum,
            pattern=spec.pattern,
            check_digits=spec.check_digits,
            reference_code=spec.reference_code,
            reference_item=spec.reference_item,
            sensitivity=spec.sensitivity,
            grade=spec.grade,
            # who is named beside the provider's own items is the provider
            collector_id=spec.collector_id if spec.collector_id != provider_id else None,
        )
        for position, spec in enumerate(map(settled, coded(specs)), start=1)
    ]
    for item in items:
        try:
            item.clean_fields(exclude=["revision", "collector"])
        except ValidationError as error:
            told = "".join(text for texts in error.message_dict.values() for text in texts)
            message = f"信息项「{item.name}」：{told}"
            raise RuleBroken(message + NOTHING_LOST, basis=COMPILE, fields={"items": message}) from error
    return items


def _check_rules(specs: Sequence[ItemSpec], own_code: str) -> None:
    """Raise RuleBroken, naming every item, where rules for its values cannot work."""
    wrong = [(spec.name, told) for spec in specs for _field, told in rule_problems(settled(spec), own_code=own_code)]
    if wrong:
        message = "".join(f"信息项「{name}」：{told}" for name, told in wrong)
        raise RuleBroken(message + NOTHING_LOST, basis=COMPILE, fields={"items": message})


def _digest(revision: EntryRevision, items: Sequence[InformationItem]) -> None:
    _set_digests(revision, items)
    revision.save(update_fields=["grade", "layout", "substance"])


def _set_digests(revision: EntryRevision, items: Sequence[InformationItem]) -> None:
    """Grade (the highest of the items), layout and substance follow from the items."""
    revision.grade = max((item.grade for item in items), default=1)
    revision.layout = layout_of(items)
    revision.substance = substance_of(revision, items)


@transaction.atomic
def revise(*, entry_id: int, by: User, at: dt.datetime) -> EntryRevision:
    """Begin a new revision from the one in force (第十三条第一款). The one in force stays so until it is replaced."""
    entry = lock_entry(entry_id)
    if entry.in_force is None:
        raise WrongState("这一条目没有已公布的目录，不能修订。请在草稿上直接修改。", basis=WORKFLOW["revise"].basis)
    policies.require(by, "revise", entry)
    revision = entry.in_force
    WORKFLOW.target("revise", revision.status)
    if open_revision(entry) is not None:
        raise WrongState(
            "这一条目已有一份正在办理的修订稿，不能再开始一份。请打开那一份继续办理。", basis=WORKFLOW["revise"].basis
        )
    items = list(revision.items.all())
    draft = EntryRevision(entry=entry, number=_next_number(entry), status=RevisionStatus.DRAFT, compiled_by=by)
    draft.writers = [by.holder_key]
    for name in (*ELEMENTS, "grade", "layout", "substance"):
        setattr(draft, name, getattr(revision, name))
    draft.created_at = draft.updated_at = at
    draft.save(force_insert=True)
    for item in items:
        item.pk, item.revision = None, draft
        item._state.adding = True
    InformationItem.objects.bulk_create(items)
    note(draft, "revise", WORKFLOW, by=by, at=at, payload={"from": revision.number})
    return draft


def _next_number(entry: CatalogEntry) -> int:
    return (entry.revisions.order_by("-number").values_list("number", flat=True).first() or 0) + 1


@transaction.atomic
def drop(*, revision_id: int, by: User, at: dt.datetime) -> EntryRevision:
    """Give up a draft; what was written stays to be seen."""
    revision = lock_revision(revision_id)
    policies.require(by, "drop", revision)
    revision.status = WORKFLOW.target("drop", revision.status)
    revision.updated_at = at
    revision.save(update_fields=["status", "updated_at"])
    void_reviews(revision, by=by, at=at)
    void_co_collections(revision, by=by, at=at)
    note(revision, "drop", WORKFLOW, by=by, at=at)
    return revision


@transaction.atomic
def delegate_entry(*, entry_id: int, to: User, by: User, at: dt.datetime) -> None:
    """Let somebody else compile and gather for this entry; the agency keeps its right (第十二条第三款)."""
    entry = lock_entry(entry_id)
    policies.require(by, "delegate", entry)
    if not is_staff_member(to):
        message = "只能委托给机关工作人员。请核对账号。"
        raise RuleBroken(message, basis=WORKFLOW["delegate"].basis, fields={"to": message})
    assign_perm("catalog.compile_entry", to, entry)
    record(entry, "delegate", by=by, at=at, basis=WORKFLOW["delegate"].basis, payload={"to": to.actor_key})


@transaction.atomic
def end_delegation(*, entry_id: int, of: User, by: User, at: dt.datetime) -> None:
    """Take a delegation back."""
    entry = lock_entry(entry_id)
    policies.require(by, "delegate", entry)
    remove_perm("catalog.compile_entry", of, entry)
    record(entry, "end-delegation", by=by, at=at, basis=WORKFLOW["delegate"].basis, payload={"of": of.actor_key})
