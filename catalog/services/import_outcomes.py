"""What becomes of the rows of an import: a new entry, an update, nothing new, or a refusal. Reads, and changes nothing.

The preview, the dry run and the import itself ask here, so that what is foreseen is what happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from catalog.models import CatalogEntry, EntryRevision
from catalog.services.import_rows import DraftRow, restated
from catalog.services.rules import ItemSpec
from catalog.workflow import OPEN_STATES, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency

BATCH = 100
CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
EDITABLE = WORKFLOW["edit"].sources
SHOWN = (*OPEN_STATES, RevisionStatus.IN_FORCE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What becomes of a row.

    ``revision``: what an update starts from, a draft or what is in force; ``elements`` and ``items``: what it changes
    (``items`` None: nothing). ``refusals``: by row and column, where the row is refused.
    """

    row: DraftRow
    kind: str
    revision: EntryRevision | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[ItemSpec] | None = None
    refusals: Sequence[Mapping[str, Any]] = ()


def batches(rows: Iterable[DraftRow], size: int = BATCH) -> Iterator[list[DraftRow]]:
    """The rows, some at a time."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def outcomes(provider: Agency, rows: Sequence[DraftRow]) -> list[Outcome]:
    """What becomes of some rows, in their order; as many queries for a hundred as for one."""
    known = _Known(provider, [row.key for row in rows if not row.is_refused and row.repeats is None])
    return [_outcome(row, known) for row in rows]


def foreseen(provider: Agency, rows: Iterable[DraftRow]) -> Iterator[Outcome]:
    """What would become of all rows if the import ran now."""
    for batch in batches(rows, 500):
        yield from outcomes(provider, batch)


def counted(found: Iterable[Outcome]) -> Counter[str]:
    """How many rows come to what."""
    return Counter(outcome.kind for outcome in found)


class _Known:
    """Entries that the agency has under some keys, with the revision that an update would start from."""

    def __init__(self, provider: Agency, keys: Sequence[str]) -> None:
        entries = CatalogEntry.objects.filter(provider=provider, source_key__in=keys)
        self.entries = {entry.source_key: entry for entry in entries}
        shown = EntryRevision.objects.filter(entry__in=[entry.pk for entry in entries], status__in=SHOWN)
        self.in_force: dict[int, EntryRevision] = {}
        self.under_way: dict[int, EntryRevision] = {}
        for revision in shown.select_related("category").prefetch_related("items"):
            found = self.in_force if revision.status == RevisionStatus.IN_FORCE else self.under_way
            found[revision.entry_id] = revision

    def revision(self, entry: CatalogEntry) -> EntryRevision | None:
        return self.under_way.get(entry.pk) or self.in_force.get(entry.pk)


def _outcome(row: DraftRow, known: _Known) -> Outcome:
    if row.is_refused:
        return refused(row, [asdict(problem) for problem in row.problems if problem.fatal])
    if row.repeats is not None:
        return Outcome(row=row, kind=UNCHANGED)
    entry = known.entries.get(row.key)
    if entry is None:
        return Outcome(row=row, kind=CREATED, elements=row.elements, items=row.items)
    revision = known.revision(entry)
    if revision is None:
        return refused_whole(row, f"「{row.title}」已放弃或者撤销，这一行没有更新。")
    return _update(row, revision)


def _update(row: DraftRow, revision: EntryRevision) -> Outcome:
    """A repeat updates: the draft itself, or a revision of what is in force; what says the same is left alone."""
    changed = dict(_changes(revision, row))
    items = row.items if _items_changed(revision, row) else None
    if not changed and items is None:
        return Outcome(row=row, kind=UNCHANGED)
    if revision.status not in EDITABLE and revision.status != RevisionStatus.IN_FORCE:
        message = f"「{revision.title}」正在{revision.get_status_display()}，这一行没有更新。"
        return refused_whole(row, message)
    return Outcome(row=row, kind=UPDATED, revision=revision, elements=changed, items=items)


def _changes(revision: EntryRevision, row: DraftRow) -> Iterator[tuple[str, Any]]:
    """What the file says otherwise. The resource code rests on the category, which therefore stays."""
    for name, value in row.said.items():
        if name != "category" and getattr(revision, name) != value:
            yield name, value
    note = restated(revision.note, row.notes)
    if note != revision.note:
        yield "note", note


def _items_changed(revision: EntryRevision, row: DraftRow) -> bool:
    """A file that names no items says nothing about them; what a steward added to named ones stays."""
    return bool(row.items) and {item.name for item in revision.items.all()} != {item.name for item in row.items}


def refused(row: DraftRow, refusals: Sequence[Mapping[str, Any]]) -> Outcome:
    """A row that is not imported, for reasons by column."""
    return Outcome(row=row, kind=REFUSED, refusals=refusals)


def refused_whole(row: DraftRow, message: str) -> Outcome:
    """A row that is not imported as it stands."""
    told = {"line": row.line, "column": row.key_column, "value": row.title, "message": message, "fatal": True}
    return refused(row, [told])
