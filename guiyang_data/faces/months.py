"""Days as month grids: rest days, swapped working days and what a day means, told in words and not by colour alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from guiyang_data.statute.counting import DAY, WEEKDAYS, Calendar, DueDay
from guiyang_data.statute.law import Unit


@dataclass(frozen=True, kw_only=True)
class Square:
    """One day of a month. ``mark``: 休 or 班; ``note``: what the day is here; ``tones``: names for the style sheet."""

    day: dt.date
    mark: str
    note: str
    tones: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month in weeks from Monday on; None where a week reaches into another month."""

    year: int
    month: int
    weeks: tuple[tuple[Square | None, ...], ...]

    @property
    def title(self) -> str:
        return gettext("%(year)s年%(month)s月") % {"year": self.year, "month": self.month}


def _square(day: dt.date, calendar: Calendar, note: str, tone: str) -> Square:
    exception = calendar.days.get(day)
    swapped = exception is not None and exception.working
    rest = not calendar.is_working(day)
    mark = "班" if swapped else "休" if rest else ""
    named = calendar.name_of(day) if exception else ""
    words = [f"{day.month}月{day.day}日周{WEEKDAYS[day.weekday()]}", named or ("休息日" if rest else ""), note]
    tones = [tone, "worked" if swapped else "rest" if rest else "", "counted" if note and not tone else ""]
    return Square(
        day=day,
        mark=mark,
        note=note,
        tones=" ".join(f"day--{each}" for each in tones if each),
        label="，".join(word for word in words if word),
    )


def month_of(
    year: int, month: int, calendar: Calendar, *, notes: Mapping[dt.date, str], tones: Mapping[dt.date, str]
) -> Month:
    """One month. ``notes`` and ``tones``: what particular days mean, and how they are drawn."""
    first = dt.date(year, month, 1)
    squares: list[Square | None] = [None] * first.weekday()
    day = first
    while day.month == month:
        squares.append(_square(day, calendar, notes.get(day, ""), tones.get(day, "")))
        day += DAY
    squares += [None] * (-len(squares) % 7)
    weeks = tuple(tuple(squares[place : place + 7]) for place in range(0, len(squares), 7))
    return Month(year=year, month=month, weeks=weeks)


def year_grid(year: int, calendar: Calendar, *, notes: Mapping[dt.date, str] | None = None) -> list[Month]:
    """The twelve months of a year; days with a note are drawn as changed."""
    notes = notes or {}
    tones = dict.fromkeys(notes, "changed")
    return [month_of(year, month, calendar, notes=notes, tones=tones) for month in range(1, 13)]


def _counted(
    start: dt.date, due: dt.date, unit: Unit, length: int, calendar: Calendar
) -> Iterator[tuple[dt.date, int]]:
    day, number = start, 0
    while day < due and number < length:
        day += DAY
        if unit is Unit.CALENDAR or calendar.is_working(day):
            number += 1
            yield day, number


def count_grid(start: dt.date, due: DueDay, *, unit: Unit, length: int, calendar: Calendar) -> list[Month]:
    """The months of a count: its first day, the days counted with their numbers, and the last day."""
    counted = _counted(start, due.on, unit, length, calendar)
    notes = {day: gettext("第%(number)s日") % {"number": number} for day, number in counted}
    notes[start] = gettext("起算")
    notes[due.on] = gettext("到期")
    tones = {start: "start", due.on: "due"}
    months: list[Month] = []
    year, month = start.year, start.month
    while (year, month) <= (due.on.year, due.on.month):
        months.append(month_of(year, month, calendar, notes=notes, tones=tones))
        year, month = (year + month // 12, month % 12 + 1)
    return months
