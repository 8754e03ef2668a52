"""What becomes of the rows of an import: a new entry, an update, nothing new, or a refusal. Reads, and changes nothing.

The preview, the dry run and the import itself ask here, so that what is foreseen is what happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from django.db.models import Q

from catalog.models import CatalogEntry, EntryRevision
from catalog.records import ELEMENTS, ITEM_ELEMENTS
from catalog.services.codes import require_free
from catalog.services.import_entries import LOOKS_ALIKE, DraftRow
from catalog.services.import_entries import SHOWN as KEY_SHOWN
from catalog.services.import_rows import restated
from catalog.services.item_rules import rule_problems, settled
from catalog.services.rules import ItemSpec
from catalog.workflow import OPEN_STATES, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency
from guiyang_data.errors import RuleBroken
from guiyang_data.tables.alike import alike
from guiyang_data.tables.columns import header_key

BATCH = 100
CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
EDITABLE = WORKFLOW["edit"].sources
SHOWN = (*OPEN_STATES, RevisionStatus.IN_FORCE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What becomes of a row.

    ``revision``: what an update starts from, a draft or what is in force; ``elements`` and ``items``: what it changes
    (``items`` None: nothing). ``proposed``: by name, the sensitivity that the portal proposes for those that are new.
    ``refusals``: by row and column, where the row is refused.
    """

    row: DraftRow
    kind: str
    revision: EntryRevision | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[ItemSpec] | None = None
    proposed: Mapping[str, str] = field(default_factory=dict)
    refusals: Sequence[Mapping[str, Any]] = ()


def batches(rows: Iterable[DraftRow], size: int = BATCH) -> Iterator[list[DraftRow]]:
    """The rows, some at a time."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def outcomes(provider: Agency, rows: Sequence[DraftRow]) -> list[Outcome]:
    """What becomes of some rows, in their order; as many queries for a hundred as for one."""
    known = _Known(provider, [row for row in rows if not row.is_refused and row.repeats is None])
    return [_outcome(row, known) for row in rows]


def foreseen(provider: Agency, rows: Iterable[DraftRow]) -> Iterator[Outcome]:
    """What would become of all rows if the import ran now."""
    for batch in batches(rows, 500):
        yield from outcomes(provider, batch)


def note_alike(provider: Agency, found: Sequence[Outcome]) -> None:
    """Blame new rows whose key looks like that of an entry which the agency has: most likely they mean it."""
    new = [outcome.row for outcome in found if outcome.kind == CREATED and outcome.row.key]
    if not new:
        return
    keys = CatalogEntry.objects.filter(provider=provider).exclude(source_key="").values_list("source_key", flat=True)
    known = {alike(key): key for key in keys}
    for row in new:
        other = known.get(alike(row.key), row.key)
        if other != row.key:
            row.blame(row.key_column, row.key, f"与已有条目的「{other[:KEY_SHOWN]}」{LOOKS_ALIKE}")


def counted(found: Iterable[Outcome]) -> Counter[str]:
    """How many rows come to what."""
    return Counter(outcome.kind for outcome in found)


class _Known:
    """Entries that rows mean: of the agency by key, of anybody by code; with what an update would start from."""

    def __init__(self, provider: Agency, rows: Sequence[DraftRow]) -> None:
        self.provider = provider
        own = Q(provider=provider, source_key__in=[row.key for row in rows if row.key])
        coded = Q(resource_code__in=[row.resource_code for row in rows if row.resource_code])
        entries = list(CatalogEntry.objects.filter(own | coded).select_related("provider"))
        self.by_code = {entry.resource_code: entry for entry in entries}
        self.by_key = {entry.source_key: entry for entry in entries if entry.provider_id == provider.pk}
        by_pk = {entry.pk: entry for entry in entries}
        shown = EntryRevision.objects.filter(entry__in=by_pk, status__in=SHOWN)
        self.in_force: dict[int, EntryRevision] = {}
        self.under_way: dict[int, EntryRevision] = {}
        for revision in shown.prefetch_related("items"):
            revision.entry = by_pk[revision.entry_id]
            found = self.in_force if revision.status == RevisionStatus.IN_FORCE else self.under_way
            found[revision.entry_id] = revision

    def entry(self, row: DraftRow) -> CatalogEntry | None:
        """The entry that a row means."""
        coded = self.by_code.get(row.resource_code) if row.is_whole else None
        return coded or (self.by_key.get(row.key) if row.key else None)

    def revision(self, entry: CatalogEntry) -> EntryRevision | None:
        """What an update of the entry would start from."""
        return self.under_way.get(entry.pk) or self.in_force.get(entry.pk)


def _outcome(row: DraftRow, known: _Known) -> Outcome:
    if row.is_refused:
        return refused(row, [asdict(problem) for problem in row.problems if problem.fatal])
    if row.repeats is not None:
        return Outcome(row=row, kind=UNCHANGED)
    entry = known.entry(row)
    if entry is None:
        return _new(row)
    if entry.provider_id != known.provider.pk:
        return refused_whole(row, f"资源代码已经是「{entry.provider.name}」的，这一行没有导入。")
    revision = known.revision(entry)
    if revision is None:
        return refused_whole(row, f"「{row.title}」已放弃或者撤销，这一行没有更新。")
    return _update(row, revision)


def _new(row: DraftRow) -> Outcome:
    """A new entry; where it is to keep its code, only if an entry of its category can have it."""
    if row.keeps_code:
        category = row.elements.get("category")
        try:
            require_free(row.resource_code, str(getattr(category, "pk", category)), set())
        except RuleBroken as refusal:
            return refused_whole(row, refusal.message)
    items = [settled(item) for item in row.specs()]
    own_code = row.resource_code if row.keeps_code else ""
    made = Outcome(row=row, kind=CREATED, elements=row.elements, items=items, proposed=row.proposed)
    return _with_wrong_rules(row, items, own_code) or made


def _update(row: DraftRow, revision: EntryRevision) -> Outcome:
    """A repeat updates: the draft itself, or a revision of what is in force; what says the same is left alone."""
    changed = dict(_changes(revision, row))
    items = _items_changed(revision, row)
    if not changed and items is None:
        return Outcome(row=row, kind=UNCHANGED)
    if revision.status not in EDITABLE and revision.status != RevisionStatus.IN_FORCE:
        message = f"「{revision.title}」正在{revision.get_status_display()}，这一行没有更新。"
        return refused_whole(row, message)
    wrong = _with_wrong_rules(row, items or (), revision.entry.resource_code)
    known = {header_key(item.name) for item in revision.items.all()}
    proposed = {name: mark for name, mark in row.proposed.items() if header_key(name) not in known} if items else {}
    return wrong or Outcome(row=row, kind=UPDATED, revision=revision, elements=changed, items=items, proposed=proposed)


def _with_wrong_rules(row: DraftRow, items: Sequence[ItemSpec], own_code: str) -> Outcome | None:
    """A row that states rules for the values of an item which cannot work, with the column of each."""
    labels = {element.name: element.label for element in ITEM_ELEMENTS}
    told = [
        {
            "line": row.line,
            "column": labels[name],
            "value": str(getattr(item, name)),
            "message": f"信息项「{item.name}」：{message}",
            "fatal": True,
        }
        for item in items
        for name, message in rule_problems(item, own_code=own_code)
    ]
    return refused(row, told) if told else None


def _changes(revision: EntryRevision, row: DraftRow) -> Iterator[tuple[str, Any]]:
    """What the file says otherwise. The resource code rests on the category, which therefore stays."""
    for element in ELEMENTS:
        if element.name not in row.said or (element.name == "note" and not row.is_whole):
            continue
        value = row.said[element.name]
        if element.words(getattr(revision, element.name)) != element.words(value):
            yield element.name, value
    if not row.is_whole:
        note = restated(revision.note, row.notes, row.said.get("note", ""))
        if note != revision.note:
            yield "note", note


def _items_changed(revision: EntryRevision, row: DraftRow) -> list[ItemSpec] | None:
    """The items as the file has them, None where that changes nothing.

    A file that names no items says nothing about them, and what it does not say of one that it names stays.
    """
    if row.items is None:
        return None
    before = [ItemSpec.of(item) for item in revision.items.all()]
    known = {header_key(item.name): item for item in before}
    after = [settled(_merged(row, known.get(header_key(said["name"])), said)) for said in row.items]
    old, new = [_in_words(item) for item in before], [_in_words(item) for item in after]
    same = old == new if row.is_whole else sorted(old, key=str) == sorted(new, key=str)
    return None if same else after


def _merged(row: DraftRow, item: ItemSpec | None, said: Mapping[str, Any]) -> ItemSpec:
    return replace(item, **said) if item else row.spec(said)


def _in_words(item: ItemSpec) -> list[Any]:
    return [*(element.words(getattr(item, element.name)) for element in ITEM_ELEMENTS), item.collector_id]


def refused(row: DraftRow, refusals: Sequence[Mapping[str, Any]]) -> Outcome:
    """A row that is not imported, for reasons by column."""
    return Outcome(row=row, kind=REFUSED, refusals=refusals)


def refused_whole(row: DraftRow, message: str) -> Outcome:
    """A row that is not imported as it stands."""
    told = {"line": row.line, "column": row.key_column, "value": row.title, "message": message, "fatal": True}
    return refused(row, [told])
