"""Whether the use of a grant on a day is unlike what it was before, and what is to be seen of it. Plain numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sharing.models.watching import FlagKind

Seen = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DayOfUse:
    """One grant's use on one day, by all its readers together. ``resting``: a holiday or weekend."""

    day: dt.date
    calls: int
    rows: int
    hours: Sequence[int]
    resting: bool

    def outside_hours(self, night_from: int, night_until: int) -> int:
        """Calls at night; on a day of rest, all calls."""
        if self.resting:
            return self.calls
        return sum(calls for hour, calls in enumerate(self.hours) if hour >= night_from or hour < night_until)


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """Single subjects asked for on one day: how many lookups, how many different keys of how many, in what order."""

    lookups: int
    different: int
    keys: int
    steps: int
    rising: int


def unusual_hour(day: DayOfUse, before: Sequence[DayOfUse], rule: Mapping[str, int]) -> Seen | None:
    """Calls at night or on a day of rest, many times as many as on the days of use before."""
    night = (rule["night_from"], rule["night_until"])
    now = day.outside_hours(*night)
    average = sum(one.outside_hours(*night) for one in before) / len(before) if before else 0.0
    if now < rule["least_calls"] or now < rule["times_before"] * average:
        return None
    facts = {"calls_outside": now, "average_before": round(average, 1), "calls": day.calls, "resting": day.resting}
    return facts | {"series": list(day.hours), "x": [f"{hour}时" for hour in range(len(day.hours))]}


def unusual_volume(
    day: DayOfUse, before: Sequence[DayOfUse], rule: Mapping[str, int], *, limit: int | None
) -> Seen | None:
    """Rows many times as many as on the days of use before, or nearly all that the day's limit lets through."""
    average = sum(one.rows for one in before) / len(before) if before else 0.0
    known = len(before) >= rule["days_known"]
    much = known and day.rows >= rule["least_rows"] and day.rows >= rule["times_before"] * average
    near = limit is not None and day.rows * 100 >= rule["share_of_limit"] * limit
    # what comes near the limit day after day was explained when it began
    near = near and 2 * day.rows >= 3 * average
    if not (much or near):
        return None
    days = [*before, day]
    facts: Seen = {"rows": day.rows, "average_before": round(average, 1), "limit": limit, "near_limit": near}
    return facts | {"series": [one.rows for one in days], "x": [f"{one.day.month}月{one.day.day}日" for one in days]}


def walking(day: DayOfUse, asked: Lookups, rule: Mapping[str, int]) -> Seen | None:
    """Key by key through the data: very many single lookups that cover much of it, or whose keys keep rising."""
    if asked.lookups < rule["least_lookups"]:
        return None
    share = asked.different * 100 / asked.keys if asked.keys else 0.0
    rising = asked.rising * 100 / asked.steps if asked.steps else 0.0
    # a table of few keys is gone through by ordinary use
    covers = share >= rule["share_of_keys"] and asked.different >= rule["least_lookups"]
    # the same few in turn rise as well
    climbs = rising >= rule["rising_share"] and min(asked.steps, asked.different) >= rule["least_lookups"] // 2
    if not (covers or climbs):
        return None
    facts: Seen = {"lookups": asked.lookups, "different": min(asked.different, asked.lookups), "keys": asked.keys}
    facts |= {"share": round(min(share, 100.0), 1), "rising": round(rising, 1), "covers": covers, "climbs": climbs}
    return facts | {"series": list(day.hours), "x": [f"{hour}时" for hour in range(len(day.hours))]}


def judge(
    day: DayOfUse,
    before: Sequence[DayOfUse],
    rules: Mapping[str, Mapping[str, int]],
    *,
    limit: int | None,
    asked: Lookups | None,
) -> dict[str, Seen]:
    """What is unusual about a day, by kind, with the thresholds it was held against."""
    found = {
        FlagKind.HOUR.value: unusual_hour(day, before, rules[FlagKind.HOUR]),
        FlagKind.VOLUME.value: unusual_volume(day, before, rules[FlagKind.VOLUME], limit=limit),
        FlagKind.WALKING.value: walking(day, asked, rules[FlagKind.WALKING]) if asked else None,
    }
    return {kind: seen | {"thresholds": dict(rules[kind])} for kind, seen in found.items() if seen is not None}
