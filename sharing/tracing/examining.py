"""Was I in it? Readings that name nobody, held against one person's rows, a version at a time and never twice.

A version that does not have the person answers for all its readings at once, with one look. Where the person is in it,
its few rows are fetched once and every reading is compared with them; only where a page of a longer list was read is
the page itself asked again. Versions never change, so the answer is that of the day of the reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet

from catalog.models import DataVersion
from catalog.selectors import column_of
from guiyang_data.accounts.models import Person
from guiyang_data.accounts.protection import decrypt
from guiyang_data.errors import DomainError
from guiyang_data.ledger.models import Access
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Filter, query
from sharing.identities import identifies_person, normal
from sharing.log_writing import UNREAD
from sharing.models import Examination, Found, ReadingTrace
from sharing.tracing.matching import Asked, is_known, read, takes
from sharing.tracing.writing import VERIFY

EXAMINE = "sharing.examine"
"""The job's name."""
AT_ONCE = 40
"""Versions that are looked into while the person waits; more are a job."""
READINGS_AT_ONCE = 2_000
STILL_COMING = 1_000
"""Traces before the last one seen that are looked at again: their numbers are given before they are committed.

A hundred readings a second for ten seconds, longer than one of them waits for the log."""
ROWS_OF_ONE = 1_000
KEPT = dt.timedelta(days=30)
"""How long what was found is kept after the person last looked."""

Clock = Callable[[], dt.datetime]


def begin(person: Person, *, at: dt.datetime) -> Examination:
    """The person looks: what was examined before is taken up where it ended."""
    examination, _made = Examination.objects.get_or_create(person=person, defaults={"asked_at": at, "seen_at": at})
    Examination.objects.filter(pk=examination.pk).update(asked_at=at)
    return examination


def versions_to_examine(examination: Examination) -> list[tuple[int, int]]:
    """Entry and version of the readings that were not held against the person yet; none where nothing new was read."""
    if not _new(examination).exists():
        return []
    fresh = _fresh(examination).order_by()
    earlier = fresh.exclude(since=None).values_list("entry", "since").distinct()
    since = {(entry, number) for entry, number in earlier if number is not None}
    return sorted({*fresh.values_list("entry", "version").distinct(), *since})


def is_long(examination: Examination) -> bool:
    """Whether the examination takes longer than somebody waits for a page."""
    new = _new(examination)
    versions = new.values("entry", "version").order_by().distinct()
    return versions[: AT_ONCE + 1].count() > AT_ONCE or new[: READINGS_AT_ONCE + 1].count() > READINGS_AT_ONCE


def _new(examination: Examination) -> QuerySet[ReadingTrace]:
    return ReadingTrace.objects.filter(names_all=False, pk__gt=examination.examined_to).order_by()


def _fresh(examination: Examination) -> QuerySet[ReadingTrace]:
    """The new ones, and those that may have been committed after newer ones were seen."""
    return ReadingTrace.objects.filter(names_all=False, pk__gt=examination.examined_to - STILL_COMING)


def examine(examination_pk: int, *, at: dt.datetime, clock: Clock | None = None) -> Examination | None:
    """Hold every reading since the last time against the person's rows. Safe to repeat, and to break off."""
    examination = Examination.objects.select_related("person").filter(pk=examination_pk).first()
    if examination is None:
        return None
    clock = clock or (lambda: at)
    newest = ReadingTrace.objects.aggregate(newest=Max("pk"))["newest"] or 0
    versions = versions_to_examine(examination)
    rows = Examination.objects.filter(pk=examination.pk)
    rows.update(total=len(versions), done=0, seen_at=clock(), finished_at=None)
    number = normal(decrypt(examination.person.id_number_encrypted))
    for done, (entry_id, version) in enumerate(versions, start=1):
        _examine_version(examination, entry_id, version, number)
        rows.update(done=done, seen_at=clock())
    rows.update(examined_to=max(newest, examination.examined_to), finished_at=clock())
    examination.refresh_from_db()
    return examination


@dataclass(frozen=True, kw_only=True)
class _Mine:
    """A person's rows in one version."""

    version: DataVersion
    columns: dict[str, Column]
    identities: tuple[str, ...]
    rows: Sequence[dict[str, Any]]


def _examine_version(examination: Examination, entry_id: int, number: int, person_number: str) -> None:
    mine = _mine(entry_id, number, person_number)
    if mine is None or not mine.rows:
        return
    readings = _fresh(examination).filter(Q(version=number) | Q(since=number), entry=entry_id)
    touched = {
        trace: certain for trace in readings.iterator() if (certain := _touched(trace, mine, person_number)) is not None
    }
    empty = _took_nothing(touched)
    Found.objects.bulk_create(
        [
            Found(examination=examination, trace=trace, is_certain=certain)
            for trace, certain in touched.items()
            if trace.reading not in empty
        ],
        ignore_conflicts=True,
    )


def _mine(entry_id: int, number: int, person_number: str) -> _Mine | None:
    versions = DataVersion.objects.select_related("revision", "entry__in_force")
    version = versions.filter(entry=entry_id, number=number).first()
    if version is None:
        return None
    revisions = [revision for revision in (version.entry.in_force, version.revision) if revision is not None]
    items = {item.code: item for revision in revisions for item in revision.items.all()}
    columns = {code: column_of(item) for code, item in items.items()}
    identities = tuple(code for code, item in items.items() if identifies_person(item))
    spellings = [person_number, person_number.lower()]
    rows = [row for code in identities for row in _rows(version, columns, Filter(code, "in", spellings))]
    return _Mine(version=version, columns=columns, identities=identities, rows=rows)


def _rows(version: DataVersion, columns: dict[str, Column], by: Filter) -> Iterable[dict[str, Any]]:
    page = query(
        version.entry.table,
        version.table_version,
        columns=tuple(columns.values()),
        filters=[by],
        limit=ROWS_OF_ONE,
    )
    return [dict(zip(page.codes, row, strict=True)) for row in page.rows]


def _touched(trace: ReadingTrace, mine: _Mine, number: str) -> bool | None:
    """Whether the reading took one of the person's rows: surely, perhaps (False), or not (None)."""
    asked = read(trace.asked)
    if not any(takes(asked, row, mine.columns) for row in mine.rows):
        return None
    certain = trace.is_exact and is_known(asked, mine.columns)
    if asked.window is None or not certain:
        return certain
    return True if _on_the_page(asked, asked.window, mine, number) else None


def _on_the_page(asked: Asked, window: tuple[int, int], mine: _Mine, number: str) -> bool:
    """The page is asked again: the same version gives the same rows in the same order."""
    try:
        page = query(
            mine.version.entry.table,
            mine.version.table_version,
            columns=tuple(mine.columns.values()),
            selected=mine.identities,
            filters=asked.filters,
            sort=asked.sort,
            offset=window[0],
            limit=window[1],
        )
    except DomainError:
        # what cannot be asked was refused then as well
        return False
    return any(normal(value) == number for row in page.rows for value in row if value is not None)


def _took_nothing(traces: Iterable[ReadingTrace]) -> set[Any]:
    """Readings that ended without a single row: refused, or cut off before the first.

    A verification tells of whom it is about without one, unless it was refused.
    """
    kinds = {trace.reading: trace.kind for trace in traces}
    ends = Access.objects.filter(reading__in=kinds, phase=Access.Phase.CLOSED, rows=0)
    return {
        reading
        for reading, outcome in ends.values_list("reading", "outcome")
        if kinds[reading] != VERIFY or outcome.startswith(UNREAD)
    }


def forget(*, at: dt.datetime) -> int:
    """Drop what was found for those who have not looked for a while; returns for how many."""
    _count, dropped = Examination.objects.filter(asked_at__lt=at - KEPT).delete()
    return dropped.get("sharing.Examination", 0)


def left_behind(*, at: dt.datetime) -> list[int]:
    """Examinations that were asked for and have made no progress for some minutes."""
    waiting = Examination.objects.filter(finished_at=None, seen_at__lt=at - dt.timedelta(minutes=3))
    return list(waiting.values_list("pk", flat=True)[:100])
