"""Counting a period, step by step (by analogy to 民法典第二百零一条、第二百零三条). Pure: dates in, dates out.

Day 0 is the date of the trigger and is not counted. A calendar period ends on day 0 + N; where that is a rest day under
the State Council's arrangement it moves forward to the next working day. A swapped working Saturday or Sunday is a
working day. A holiday inside the period does not lengthen it. The last day runs to 24:00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from guiyang_data.statute.law import CIVIL_CODE, HOLIDAYS, Article, Unit

DAY = dt.timedelta(days=1)
WEEKDAYS = "一二三四五六日"
NEW_YEAR_REACHES_BACK_FROM = (12, 28)
"""From this day on the notice of the following year may swap days for its New Year (2018-12-29 and 31 were swapped)."""
NOT_COUNTED = CIVIL_CODE.article("第二百零一条")
ROLLS = CIVIL_CODE.article("第二百零三条")
FIXED_HOLIDAYS = HOLIDAYS.article("第二条")


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day on which the calendar differs from the plain week."""

    working: bool
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Rest days and swapped working days of some years; ``official`` names the years whose notice is loaded."""

    days: Mapping[dt.date, Day]
    official: frozenset[int]
    years: frozenset[int]

    def is_working(self, day: dt.date) -> bool:
        """Whether ``day`` is a working day. Raises ``KeyError`` for a year that is not loaded at all."""
        if day.year not in self.years:
            raise KeyError(day.year)
        exception = self.days.get(day)
        return exception.working if exception else day.weekday() < 5

    def name_of(self, day: dt.date) -> str:
        """What ``day`` is called: ``国庆节``, ``周六``, ``调休上班``."""
        exception = self.days.get(day)
        if exception and exception.working:
            return "调休上班"
        return exception.name if exception and exception.name else f"周{WEEKDAYS[day.weekday()]}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a count: what was done and the law's place for it."""

    text: str
    basis: Article | None = None


@dataclass(frozen=True, kw_only=True)
class DueDay:
    """The last day of a period, and how it came about. ``provisional``: it rests on a year without notice."""

    on: dt.date
    provisional: bool
    steps: tuple[Step, ...] = field(default=())


def show(day: dt.date) -> str:
    """``2026年10月10日（周六）``."""
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def due_day(
    *, start: dt.date, unit: Unit, length: int, basis: Article, calendar: Calendar, starts: str = "起算日"
) -> DueDay:
    """The due day of a period of ``length`` days from ``start`` (``starts``: what happened on that day)."""
    opening = Step(text=f"{starts}：{show(start)}，当日不计入，自次日起算。", basis=NOT_COUNTED)
    end, middle = (
        _count_working(start, length, basis, calendar)
        if unit is Unit.WORKING
        else _count_calendar(start, length, basis, calendar)
    )
    waiting = sorted(_notices_for(start, end, unit) - calendar.official)
    closing = [Step(text=f"期限至 {show(end)} 24:00 届满；次日 0:00 起为逾期。", basis=ROLLS)]
    if waiting:
        years = "、".join(str(year) for year in waiting)
        closing.append(
            Step(
                text=f"{years} 年的放假安排尚未公布，先按周末和法定节日计算，这一天为暂定；安排公布后重新计算并告知。",
                basis=FIXED_HOLIDAYS,
            )
        )
    return DueDay(on=end, provisional=bool(waiting), steps=(opening, *middle, *closing))


def _notices_for(start: dt.date, end: dt.date, unit: Unit) -> set[int]:
    """The years whose notices the count rests on: those of the last day, and of every day where days are picked."""
    years = set(range(start.year, end.year + 1)) if unit is Unit.WORKING else {end.year}
    if (end.month, end.day) >= NEW_YEAR_REACHES_BACK_FROM:
        years.add(end.year + 1)
    return years


def years_for(start: dt.date, length: int) -> range:
    """The years a calendar must hold for a period of ``length`` days of either unit, with room for its roll."""
    return range(start.year, (start + DAY * (2 * length + 60)).year + 2)


def _count_calendar(start: dt.date, length: int, basis: Article, calendar: Calendar) -> tuple[dt.date, list[Step]]:
    last = start + DAY * length
    steps = [Step(text=f"{length} 日（自然日）：第 {length} 日为 {show(last)}。", basis=basis)]
    end = last
    while not calendar.is_working(end):
        end += DAY
    if end != last:
        rest = calendar.days.get(last)
        text = f"{show(last)}是休息日（{rest.name if rest else '周末'}），顺延至休息日后的第一个工作日 {show(end)}。"
        if calendar.name_of(end) == "调休上班":
            text += "该日为调休上班日，算工作日。"
        steps.append(Step(text=text, basis=ROLLS))
    elif end.weekday() >= 5:
        steps.append(Step(text=f"{show(end)}是调休上班日，算工作日，不顺延。", basis=ROLLS))
    return end, steps


def _count_working(start: dt.date, length: int, basis: Article, calendar: Calendar) -> tuple[dt.date, list[Step]]:
    end, counted = start, 0
    while counted < length:
        end += DAY
        counted += calendar.is_working(end)
    if not length:
        while not calendar.is_working(end):
            end += DAY
    skipped = (end - start).days - counted
    text = f"{length} 个工作日：第 {length} 个工作日为 {show(end)}"
    return end, [Step(text=f"{text}，其间 {skipped} 个休息日不计。" if skipped else f"{text}。", basis=basis)]
