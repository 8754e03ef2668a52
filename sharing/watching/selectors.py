"""Reading what was counted: the rules in force, flags, and the days of use."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from guiyang_data.statute.counting import Calendar
from guiyang_data.statute.selectors import calendar
from sharing.models import FlagKind, LookupDay, UsageDay, UsageFlag, WatchRule
from sharing.named_rights import rights_by_name
from sharing.watching import bitmap
from sharing.watching.counting import Day
from sharing.watching.judging import DayOfUse, Lookups
from sharing.watching.rules import DAYS_BEFORE, usual


def thresholds() -> dict[str, dict[str, int]]:
    """The thresholds in force, by kind: the newest version, the usual ones where none was set."""
    found = {kind: usual(kind) for kind in FlagKind.values}
    for rule in WatchRule.objects.order_by("id"):
        found[rule.kind] = usual(rule.kind) | rule.thresholds
    return found


def rule_versions() -> QuerySet[WatchRule]:
    """Every version that was set, the newest first."""
    return WatchRule.objects.select_related("set_by").order_by("-id")


def flags_with_parties(flags: QuerySet[UsageFlag]) -> QuerySet[UsageFlag]:
    """What lists and pages of flags show besides themselves."""
    return flags.select_related(
        "grant__entry__provider",
        "grant__grantee",
        "grant__system",
        "taking__entry__provider",
        "taking__entry__in_force",
        "taking__agency",
        "decided_by",
    )


class Use:
    """The use of some rights on some days and in the weeks before. Five queries at most, however many."""

    def __init__(self, touched: Collection[Day]) -> None:
        days = {day for _access, day in touched}
        self.rights = rights_by_name({access for access, _day in touched})
        since = min(days) - dt.timedelta(days=DAYS_BEFORE)
        self._calendar: Calendar = calendar({since.year, max(days).year})
        self._days = self._by_right(since, max(days))
        rows = LookupDay.objects.filter(access__in=self.rights, day__in=days)
        self._lookups = {(row.access, row.day): row for row in rows}

    def _by_right(self, since: dt.date, until: dt.date) -> Mapping[str, Mapping[dt.date, DayOfUse]]:
        rows: dict[Day, list[UsageDay]] = defaultdict(list)
        for row in UsageDay.objects.filter(access__in=self.rights, day__gte=since, day__lte=until):
            rows[row.access, row.day].append(row)
        found: dict[str, dict[dt.date, DayOfUse]] = defaultdict(dict)
        for (access, day), of_day in sorted(rows.items()):
            found[access][day] = self._together(day, of_day)
        return found

    def _together(self, day: dt.date, rows: Iterable[UsageDay]) -> DayOfUse:
        rows = list(rows)
        return DayOfUse(
            day=day,
            calls=sum(row.calls for row in rows),
            rows=sum(row.rows for row in rows),
            hours=[sum(calls) for calls in zip(*(row.hours for row in rows), strict=True)],
            resting=not self._calendar.is_working(day),
        )

    def of(self, access: str, day: dt.date) -> tuple[DayOfUse, list[DayOfUse]] | None:
        """A day and the days of use before it, oldest first."""
        days = self._days.get(access, {})
        if day not in days:
            return None
        since = day - dt.timedelta(days=DAYS_BEFORE)
        return days[day], [one for on, one in days.items() if since <= on < day]

    def lookups(self, access: str, day: dt.date) -> Lookups | None:
        """The single subjects asked for on the day."""
        row = self._lookups.get((access, day))
        if row is None:
            return None
        current = self.rights[access].entry.current_data
        return Lookups(
            lookups=row.lookups,
            different=bitmap.different(bytes(row.seen)),
            keys=current.rows if current else 0,
            steps=row.steps,
            rising=row.rising,
        )


def used_by_day(rows: QuerySet[UsageDay]) -> list[dict[str, Any]]:
    """Calls and rows of each day, oldest first."""
    found: dict[dt.date, dict[str, Any]] = {}
    for day, calls, left, hours in rows.order_by("day").values_list("day", "calls", "rows", "hours"):
        one = found.setdefault(day, {"day": day, "calls": 0, "rows": 0, "hours": [0] * len(hours)})
        one["calls"] += calls
        one["rows"] += left
        one["hours"] = [before + more for before, more in zip(one["hours"], hours, strict=True)]
    return list(found.values())
