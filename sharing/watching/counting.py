"""From sealed rows of the log to what was used on each day. Each is read once, in the transaction that marks it so."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from guiyang_data.ledger.models import Access
from sharing.models import SharingGrant, Taking
from sharing.models.watching import LookupDay, UsageDay, no_hours
from sharing.named_rights import rights_by_name
from sharing.watching import bitmap

RIGHTS = tuple(f"{model._meta.label_lower}:" for model in (SharingGrant, Taking))
Day = tuple[str, dt.date]
"""A grant or taking, as the log names it, and a day."""


@dataclass
class _Use:
    """What the rows at hand add to one row of a day."""

    agency: str
    calls: int = 0
    rows: int = 0
    hours: list[int] = field(default_factory=no_hours)


def count(rows: Sequence[Access]) -> set[Day]:
    """Add these rows of the log to the days they belong to; which rights were used on which days."""
    _add_use(rows)
    touched = {day for row in rows if (day := _day_of(row)) is not None}
    known = rights_by_name({access for access, _day in touched})
    touched = {day for day in touched if day[0] in known}
    _add_lookups(row for row in rows if _day_of(row) in touched)
    return touched


def _day_of(row: Access) -> Day | None:
    if not row.grant.startswith(RIGHTS):
        return None
    return row.grant, timezone.localdate(row.at)


def _add_use(rows: Sequence[Access]) -> None:
    added: dict[tuple[str, dt.date, str, str, str], _Use] = {}
    for row in rows:
        wall = timezone.localtime(row.at)
        kind = str(row.query.get("kind", ""))[:10]
        use = added.setdefault((row.grant, wall.date(), row.resource, row.actor, kind), _Use(agency=row.agency))
        if row.phase == Access.Phase.OPENED:
            use.calls += 1
            use.hours[wall.hour] += 1
        else:
            use.rows += row.rows or 0
    known = {
        (day.access, day.day, day.resource, day.actor, day.kind): day
        for day in UsageDay.objects.filter(access__in={key[0] for key in added}, day__in={key[1] for key in added})
    }
    new, changed = [], []
    for key, use in added.items():
        day = known.get(key)
        if day is None:
            access, on, resource, actor, kind = key
            values = {"access": access, "day": on, "resource": resource, "actor": actor, "kind": kind}
            new.append(UsageDay(**values, agency=use.agency, calls=use.calls, rows=use.rows, hours=use.hours))
            continue
        day.calls, day.rows = day.calls + use.calls, day.rows + use.rows
        day.hours = [before + more for before, more in zip(day.hours, use.hours, strict=True)]
        changed.append(day)
    UsageDay.objects.bulk_create(new)
    UsageDay.objects.bulk_update(changed, ["calls", "rows", "hours"], batch_size=500)


def keys_of(row: Access) -> list[tuple[str, bool]]:
    """The single subjects that a reading asked for by their keys, and whether each can be compared with others.

    A verification has one or several. Rows are asked for by one key whichever way they are taken, by page or as a file.
    """
    if row.phase != Access.Phase.OPENED:
        return []
    if verified := row.query.get("subject_index", []):
        return [(one, False) for one in verified]
    keys = [one for one in row.query.get("filters", []) if one.get("key")]
    if not keys:
        return []
    texts = [one["value"] if "value" in one else "".join(one.get("value_index", [])) for one in keys]
    return [("\x1f".join(texts), all("value" in one for one in keys))]


def _add_lookups(rows: Iterable[Access]) -> None:
    asked: dict[Day, list[tuple[str, bool]]] = defaultdict(list)
    for row in rows:
        keys, day = keys_of(row), _day_of(row)
        if keys and day is not None:
            asked[day] += keys
    known = {
        (found.access, found.day): found
        for found in LookupDay.objects.filter(access__in={day[0] for day in asked}, day__in={day[1] for day in asked})
    }
    new: list[LookupDay] = []
    changed: list[LookupDay] = []
    for (access, on), keys in asked.items():
        before = known.get((access, on))
        (changed if before else new).append(_with_lookups(before or LookupDay(access=access, day=on), keys))
    LookupDay.objects.bulk_create(new)
    LookupDay.objects.bulk_update(changed, ["lookups", "steps", "rising", "last_key", "seen"], batch_size=100)


def _with_lookups(row: LookupDay, keys: Sequence[tuple[str, bool]]) -> LookupDay:
    row.lookups += len(keys)
    row.seen = bitmap.with_keys(bytes(row.seen), (key for key, _plain in keys))
    for key in (key for key, plain in keys if plain):
        if row.last_key and key[:200] != row.last_key:
            row.steps += 1
            row.rising += _greater(key[:200], row.last_key)
        row.last_key = key[:200]
    return row


def _greater(key: str, before: str) -> bool:
    """Numbers by their value, anything else as text."""
    if key.isdecimal() and before.isdecimal():
        return int(key) > int(before)
    return key > before
