"""What a reading leaves beside the log, in the log's own transaction: whom it names, or what it asked."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from guiyang_data.accounts.protection import encrypt
from guiyang_data.ledger.services import Actor, subject_of
from guiyang_data.tables.query import Filter
from guiyang_data.tables.selecting import MOST_VALUES
from sharing.identities import subject_index
from sharing.models import ReadingTrace, TracedSubject
from sharing.rights import Right

EXACT = {"page", "csv", "excel", "json", "verify"}
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


def write_trace(
    number: uuid.UUID, right: Right, asking: Asking, *, by: Actor, at: dt.datetime, case_number: str
) -> ReadingTrace | None:
    """Leave a trace of a reading; None where no person can be found in the data."""
    if not right.identities:
        return None
    named = named_by(asking.filters, right.identities)
    # with two persons in a row, whoever asks for one is handed the other
    names_all = bool(named) and len(right.identities) == 1
    trace = ReadingTrace.objects.create(
        reading=number,
        entry=right.entry,
        version=right.version.number,
        since=asking.since,
        at=at,
        kind=asking.kind,
        agency=by.agency_code,
        access=subject_of(right.access),
        case_number=case_number,
        names_all=names_all,
        asked="" if names_all else written(asking, (*right.conditions, *asking.filters)),
        is_exact=asking.kind in EXACT,
    )
    name_subjects(trace, named)
    return trace


def name_subjects(trace: ReadingTrace, indexes: Iterable[str]) -> None:
    """Keep whom a reading names."""
    TracedSubject.objects.bulk_create(
        [TracedSubject(trace=trace, index=index) for index in indexes], ignore_conflicts=True
    )


def named_by(filters: Iterable[Filter], identities: frozenset[str]) -> list[str]:
    """The keyed indexes of those whose numbers the filters give, each once."""
    named: dict[str, None] = {}
    for item in filters:
        if item.code in identities and item.operator in NAMING:
            values = item.value if isinstance(item.value, list | tuple | set) else [item.value]
            named |= dict.fromkeys(subject_index(value) for value in list(values)[:MOST_VALUES] if str(value).strip())
    return list(named)


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
