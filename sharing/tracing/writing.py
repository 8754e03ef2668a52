"""What a reading leaves beside the log, in the log's own transaction: whom it names, or what it asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.models import CatalogEntry
from guiyang_data.accounts.protection import encrypt
from guiyang_data.ledger.models import Access
from guiyang_data.tables.query import Filter
from guiyang_data.tables.selecting import MOST_VALUES
from sharing.identities import subject_index
from sharing.models import ReadingTrace, TracedSubject
from sharing.rights import Right

VERIFY = "verify"
"""The kind of a reading that says of somebody whether it is so; without a row, where no item was to be told."""
EXACT = {"page", "csv", "excel", "json", VERIFY}
"""Kinds whose rows are all that their filters choose; of any other, whoever passes them may have been among them."""
NAMING = {"eq", "in"}
"""Comparisons by which a filter names whom it is about."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What chose the rows of a reading: filters, order and ``window`` (first row and number of rows; None: all).

    ``since``: the version from which changes were taken; what was taken away since is handed over too."""

    kind: str
    filters: tuple[Filter, ...] = ()
    sort: tuple[str, ...] = ()
    window: tuple[int, int] | None = None
    since: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Whoever lies in the rows that a right lets through and that were asked for."""

    right: Right
    asking: Asking


@dataclass(frozen=True, kw_only=True)
class Named:
    """Nobody but those whose identity numbers are given; ``kind``: by which way, as they are told."""

    kind: str
    numbers: tuple[str, ...] = ()


Touched = Chosen | Named


def write_trace(opened: Access, entry: CatalogEntry, touched: Touched) -> ReadingTrace | None:
    """Leave a trace of a reading that was just logged; None where no person can be found in the data."""
    if isinstance(touched, Named):
        trace = _trace(opened, entry, kind=touched.kind, names_all=True)
        trace.save(force_insert=True)
        name_subjects(trace, _indexes(touched.numbers))
        return trace
    right, asking = touched.right, touched.asking
    if not right.identities:
        return None
    named = named_by(asking.filters, right.identities)
    # with two persons in a row, whoever asks for one is handed the other
    names_all = bool(named) and len(right.identities) == 1
    trace = _trace(opened, entry, kind=asking.kind, names_all=names_all)
    trace.since, trace.is_exact = asking.since, asking.kind in EXACT
    trace.asked = "" if names_all else written(asking, (*right.conditions, *asking.filters))
    trace.save(force_insert=True)
    name_subjects(trace, named)
    return trace


def _trace(opened: Access, entry: CatalogEntry, *, kind: str, names_all: bool) -> ReadingTrace:
    """What the log's row says already; not saved yet."""
    return ReadingTrace(
        reading=opened.reading,
        entry=entry,
        version=opened.version or 0,
        at=opened.at,
        kind=kind,
        agency=opened.agency,
        access=opened.grant,
        case_number=opened.case_number,
        names_all=names_all,
    )


def name_found(opened: Access, numbers: Iterable[str]) -> None:
    """Add whom a reading has come upon, before they are shown to its reader."""
    name_subjects(ReadingTrace.objects.get(reading=opened.reading), _indexes(numbers))


def _indexes(numbers: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(subject_index(number) for number in numbers if str(number).strip()))


def name_subjects(trace: ReadingTrace, indexes: Iterable[str]) -> None:
    """Keep whom a reading names."""
    TracedSubject.objects.bulk_create(
        [TracedSubject(trace=trace, index=index) for index in indexes], ignore_conflicts=True
    )


def named_by(filters: Iterable[Filter], identities: frozenset[str]) -> list[str]:
    """The keyed indexes of those whose numbers the filters give, each once."""
    numbers: list[object] = []
    for item in filters:
        if item.code in identities and item.operator in NAMING:
            values = item.value if isinstance(item.value, list | tuple | set) else [item.value]
            numbers += list(values)[:MOST_VALUES]
    return _indexes(numbers)


def written(asking: Asking, filters: Iterable[Filter]) -> str:
    """What was asked, encrypted; empty for every row."""
    said: dict[str, Any] = {
        "filters": [[item.code, item.operator, _plain(item.value)] for item in filters],
        "sort": list(asking.sort) if asking.window else [],
        "window": asking.window,
    }
    return encrypt(json.dumps(said, ensure_ascii=False, default=str)) if any(said.values()) else ""


def _plain(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else value
