"""Counting days as calendar.md and the Civil Code say it, a second time and in the plainest way: day by day.

Nothing here comes from the portal's own counting; only the notices of the State Council are read from its seed file.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

SEED = Path(__file__).resolve().parents[2] / "guiyang_data" / "statute" / "data" / "calendar.json"
DAY = dt.timedelta(days=1)
REST_2027_WITHOUT_NOTICE = (
    *[dt.date(2027, 1, 1)],
    *[dt.date(2027, 2, day) for day in (5, 6, 7, 8)],
    *[dt.date(2027, 4, 5)],
    *[dt.date(2027, 5, day) for day in (1, 2)],
    *[dt.date(2027, 6, 9)],
    *[dt.date(2027, 9, 15)],
    *[dt.date(2027, 10, day) for day in (1, 2, 3)],
)
"""The thirteen days of 全国年节及纪念日放假办法 in 2027, looked up by hand."""


class DayBook:
    """Which days are rest days, and which years' notices are known."""

    def __init__(self) -> None:
        self.rest: set[dt.date] = set(REST_2027_WITHOUT_NOTICE)
        self.work: set[dt.date] = set()
        self.known: set[int] = set()
        for year in json.loads(SEED.read_text(encoding="utf-8"))["years"]:
            self.known.add(int(year["year"]))
            self.work |= {dt.date.fromisoformat(text) for text in year["work"]}
            for span in year["rest"]:
                self.rest |= _days(dt.date.fromisoformat(span["from"]), dt.date.fromisoformat(span["until"]))

    def publish(self, year: int, *, rest: set[dt.date], work: set[dt.date]) -> None:
        """The notice of a year, in place of what stood for it."""
        self.known.add(year)
        self.rest = {day for day in self.rest if day.year != year} | rest
        self.work = {day for day in self.work if day.year != year} | work

    def extend(self, days: set[dt.date]) -> None:
        """A holiday made longer by decree, as in 2020: these days are rest days, whatever they were."""
        self.rest |= days
        self.work -= days

    def is_working(self, day: dt.date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.rest)

    def end_of(self, start: dt.date, length: int, *, working_days: bool) -> dt.date:
        """The last day of a period that ``start`` sets going: the day itself is never counted."""
        day = start
        if working_days:
            for _nth in range(length):
                day += DAY
                while not self.is_working(day):
                    day += DAY
            return day
        for _nth in range(length):
            day += DAY
        while not self.is_working(day):
            day += DAY
        return day

    def is_provisional(self, start: dt.date, end: dt.date, *, working_days: bool) -> bool:
        """Whether the day rests on a notice that has not come. A notice may reach back to 28 December before it."""
        needed = {end.year}
        if working_days:
            needed |= set(range(start.year, end.year + 1))
        if end >= dt.date(end.year, 12, 28):
            needed.add(end.year + 1)
        return bool(needed - self.known)


def _days(first: dt.date, last: dt.date) -> set[dt.date]:
    return {first + DAY * number for number in range((last - first).days + 1)}
