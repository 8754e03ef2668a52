"""Catalogues as files, streamed: what is exported can be imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog import records, sheets
from catalog.models import CatalogEntry, EntryRevision, InformationItem
from catalog.records import Extent
from catalog.workflow import COMPILE, OPEN_STATES, RevisionStatus
from guiyang_data.errors import RuleBroken
from guiyang_data.tables.conversion import add_guard
from guiyang_data.tables.streaming_sheets import CELL_CHARACTERS, SHEET_ROWS, stream_workbook

CHUNK = 500
BOM = "\ufeff".encode()


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a catalogue leaves as a file."""

    media_type: str
    write: Callable[[QuerySet[EntryRevision], Extent], Iterator[bytes]]


def export(
    revisions: QuerySet[EntryRevision], kind: str, *, public: bool = False, extent: Extent | None = None
) -> Iterator[bytes]:
    """The catalogue of some revisions, by resource code, as ``csv``, ``xlsx`` or ``json``; memory holds some hundred.

    ``public``: only what the public catalogues show; ``extent``: only what it names. CSV and XLSX are for people with a
    spreadsheet: texts that it would run as a formula are guarded, and import takes the guard off. Raises RuleBroken,
    before the first byte, where XLSX cannot hold it.
    """
    return FORMATS[kind].write(revisions, extent or records.whole(public=public))


def revisions_in_force(entries: QuerySet[CatalogEntry]) -> QuerySet[EntryRevision]:
    """What is in force of some entries."""
    return EntryRevision.objects.filter(entry__in=entries.values("pk"), status=RevisionStatus.IN_FORCE)


def revisions_to_work_on(entries: QuerySet[CatalogEntry], inside: QuerySet[CatalogEntry]) -> QuerySet[EntryRevision]:
    """One revision of each entry: of those ``inside`` the one on its way where there is one, else what is in force."""
    drafts = EntryRevision.objects.filter(status__in=OPEN_STATES, entry__in=inside.values("pk"))
    is_replaced = Exists(drafts.filter(entry=OuterRef("entry")))
    chosen = Q(pk__in=drafts.values("pk")) | Q(status=RevisionStatus.IN_FORCE) & ~Q(is_replaced)
    return EntryRevision.objects.filter(chosen, entry__in=entries.values("pk"))


def _records(revisions: QuerySet[EntryRevision], extent: Extent) -> Iterator[dict[str, Any]]:
    found = revisions.select_related("entry__provider", "category").prefetch_related("items__collector")
    for revision in found.order_by("entry__resource_code").iterator(chunk_size=CHUNK):
        yield records.record_of(revision, extent=extent, address=settings.PUBLIC_ADDRESS)


def _as_csv(revisions: QuerySet[EntryRevision], extent: Extent) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*extent.entry, *extent.items])
    yield BOM
    for number, row in enumerate(records.table_rows(_records(revisions, extent), extent), start=1):
        writer.writerow([add_guard(value) if isinstance(value, str) else value for value in row])
        if number % CHUNK == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _as_xlsx(revisions: QuerySet[EntryRevision], extent: Extent) -> Iterator[bytes]:
    _refuse_what_no_sheet_holds(revisions)
    rows = records.table_rows(_records(revisions, extent), extent)
    return stream_workbook(sheets.workbook(extent), rows)


def _refuse_what_no_sheet_holds(revisions: QuerySet[EntryRevision]) -> None:
    shown = revisions.order_by().values("pk")
    items = InformationItem.objects.filter(revision__in=shown)
    if revisions.count() + items.count() > SHEET_ROWS:
        raise _too_large("超过一张工作表能放下的 1,048,575 行")
    listed = items.exclude(code_list=[]).values_list("code_list", flat=True)
    related = revisions.exclude(related_codes=[]).order_by().values_list("related_codes", flat=True)
    cells = chain(listed.iterator(chunk_size=CHUNK), related.iterator(chunk_size=CHUNK))
    if any(len(records.joined([str(one) for one in words])) > CELL_CHARACTERS for words in cells):
        raise _too_large("有单元格超过电子表格能放下的 32,767 个字")


def _too_large(what: str) -> RuleBroken:
    message = f"目录{what}，不能导出为 XLSX。请导出 CSV 或者 JSON，或者按机关分别导出。"
    return RuleBroken(message, basis=COMPILE, fields={"format": message})


def _as_json(revisions: QuerySet[EntryRevision], extent: Extent) -> Iterator[bytes]:
    start = b"["
    for record in _records(revisions, extent):
        yield start + orjson.dumps(record)
        start = b",\n"
    yield b"[]" if start == b"[" else b"]"


FORMATS: dict[str, Format] = {
    "csv": Format(media_type="text/csv; charset=utf-8", write=_as_csv),
    "xlsx": Format(media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write=_as_xlsx),
    "json": Format(media_type="application/json", write=_as_json),
}
