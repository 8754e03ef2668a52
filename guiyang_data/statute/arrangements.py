"""A year's arrangement of holidays, from the notice's text, CSV or JSON: read, checked line by line, compared.

No ORM. What is wrong is listed whole, with its line and what to do; nothing is loaded while a problem stands.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from guiyang_data.statute.counting import DAY, WEEKDAYS, Calendar, Day
from guiyang_data.statute.holidays import fixed_holidays
from guiyang_data.statute.notice_text import HOLIDAY_NAMES, Problem, Reading, Stated, canonical, read_notice

YEARS = range(1949, 2100)
"""Anything else is a slip of the pen, and no calendar reaches there."""
REACHES_BACK_FROM = (12, 20)
"""New Year's arrangement may swap days of the old year from this day on."""
WORKING = {"1", "true", "yes", "work", "working", "上班", "是", "班"}
RESTING = {"0", "false", "no", "rest", "off", "休息", "放假", "否", "休"}
ORDINARY = {"plain", "ordinary", "普通", "平常"}
COLUMNS = {
    "day": ("day", "date", "日期"),
    "working": ("working", "上班", "是否上班", "安排"),
    "name": ("name", "节日", "名称"),
}


def read(text: str, *, year: int | None = None, loaded: Mapping[dt.date, Day] | None = None) -> Reading:
    """What a text says, whichever of the three forms it has. ``loaded``: the days in force, for an extension."""
    if year is not None and year not in YEARS:
        return _NO_YEAR
    reading = _read(text, year, loaded)
    return reading if reading.year is None or reading.year in YEARS else _NO_YEAR


_NO_YEAR = Reading(problems=(Problem(line=0, message="年份不对。请写成 2027 这样的年份。"),))


def _read(text: str, year: int | None, loaded: Mapping[dt.date, Day] | None) -> Reading:
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in {"{", "["}:
        return _read_json(text, year)
    if _columns(start.split("\n", 1)[0]):
        return _read_csv(text, year)
    return read_notice(text, year=year, loaded=loaded)


# --- CSV and JSON ------------------------------------------------------------------------------------------


def _columns(head: str) -> dict[str, int]:
    cells = [cell.strip().strip('"').lower() for cell in head.replace("，", ",").split(",")]
    places = {name: next((cells.index(word) for word in words if word in cells), -1) for name, words in COLUMNS.items()}
    return places if places["day"] >= 0 and places["working"] >= 0 else {}


def _read_csv(text: str, year: int | None) -> Reading:
    lines = text.lstrip("\ufeff").splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip())
    places = _columns(lines[first])
    stated: list[Stated] = []
    problems: list[Problem] = []
    for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines[first + 1 :]))), start=first + 2):
        values = {name: cells[place].strip() if 0 <= place < len(cells) else "" for name, place in places.items()}
        if any(values.values()):
            _state(values, number, stated, problems)
    return _of_days(stated, problems, year)


def _state(values: Mapping[str, str], line: int, stated: list[Stated], problems: list[Problem]) -> None:
    try:
        day = dt.date.fromisoformat(values["day"])
    except ValueError:
        message = f"「{values['day'][:30]}」不是日期，请写成 2027-01-01 这样。"
        problems.append(Problem(line=line, message=message))
        return
    word = values["working"].lower()
    if word not in WORKING | RESTING | ORDINARY:
        message = f"「{values['working'][:30]}」看不出是上班还是休息。上班写 1，休息写 0；改回普通日写 普通。"
        problems.append(Problem(line=line, message=message))
        return
    working = None if word in ORDINARY else word in WORKING
    name = "、".join(canonical(part) for part in values["name"].split("、")) if working is False else ""
    stated.append(Stated(day=day, working=working, name=name, line=line))


def _read_json(text: str, year: int | None) -> Reading:
    try:
        content = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        message = f"不是完整的 JSON（第 {error.colno} 列起读不下去）。请核对括号和引号。"
        return Reading(year=year, problems=(Problem(line=error.lineno, message=message),))
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets nested without end
        return Reading(year=year, problems=(Problem(line=1, message="这份 JSON 读不下去。请只保留日期、安排和名称。"),))
    whole: dict[str, Any] = content if isinstance(content, dict) else {"days": content}
    stated: list[Stated] = []
    problems: list[Problem] = []
    lines = _lines_of(text)
    for row in [*_listed(whole.get("days")), *_spans(whole)]:
        _state(row, lines.get(row["day"], 1), stated, problems)
    reading = _of_days(stated, problems, whole["year"] if isinstance(whole.get("year"), int) else year)
    number = whole.get("document_number") or whole.get("document") or ""
    return replace(reading, document_number=str(number), issued_on=_issued(whole.get("issued_on")))


def _listed(rows: Any) -> Iterator[dict[str, str]]:
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            yield {"day": str(row), "working": "", "name": ""}
            continue
        rest = row.get("isOffDay")
        working = row.get("working", not rest if isinstance(rest, bool) else "")
        if isinstance(working, bool):
            working = int(working)
        day, name = row.get("day", row.get("date", "")), row.get("name", "")
        yield {"day": str(day), "working": str(working), "name": str(name or "")}


def _spans(whole: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """``rest``: spans with a name; ``work``: days. The form of the portal's own file."""
    for span in whole.get("rest") or []:
        try:
            day, until = dt.date.fromisoformat(span["from"]), dt.date.fromisoformat(span["until"])
        except (KeyError, TypeError, ValueError):
            yield {"day": json.dumps(span, ensure_ascii=False), "working": "0", "name": ""}
            continue
        while day <= until:
            yield {"day": day.isoformat(), "working": "0", "name": str(span.get("name", ""))}
            day += DAY
    for text in whole.get("work") or []:
        yield {"day": str(text), "working": "1", "name": ""}


def _lines_of(text: str) -> dict[str, int]:
    """On which line each day is first written."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in line.split('"'):
            found.setdefault(piece, number)
    return found


def _issued(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _of_days(stated: Sequence[Stated], problems: Sequence[Problem], year: int | None) -> Reading:
    if year is None and stated:
        year = Counter(one.day.year for one in stated).most_common(1)[0][0]
    if not (stated or problems):
        problems = [Problem(line=1, message="没有读到任何一天。请至少列出一天：日期、是否上班、节日名称。")]
    return Reading(year=year, stated=tuple(stated), problems=tuple(problems))


# --- arranging and checking --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """The days of one year that differ from the plain week, and everything that speaks against them."""

    year: int
    days: Mapping[dt.date, Day]
    problems: tuple[Problem, ...]


def arrange(reading: Reading, *, loaded: Mapping[dt.date, Day] | None = None) -> Arrangement:
    """A reading as a year's days, checked.

    ``loaded``: the year as it stands, where only some of its days change (an emergency change of one holiday); without
    it the reading is the whole year.
    """
    year = reading.year or 0
    problems = list(reading.problems)
    if reading.stated:
        problems += [*_twice(reading.stated), *_misplaced(reading.stated, year)]
        problems += _whole_year(reading, year) if loaded is None else []
    days = dict(loaded or {})
    for day in _given_up(reading, days):
        del days[day]
    for one in reading.stated:
        if one.working is None:
            days.pop(one.day, None)
        else:
            days[one.day] = Day(working=one.working, name=one.name)
    if loaded is not None and not problems and days == dict(loaded):
        problems.append(Problem(line=0, message="与现在的安排没有不同，不需要变更。"))
    problems.sort(key=lambda problem: problem.line)
    return Arrangement(year=year, days=dict(sorted(days.items())), problems=tuple(problems))


def _given_up(reading: Reading, days: Mapping[dt.date, Day]) -> list[dt.date]:
    """Days of rest of a holiday that is arranged anew, and that are not among its new ones."""
    anew = {name for name, _line in reading.holidays}
    kept = {one.day for one in reading.stated}
    return [
        day
        for day, one in days.items()
        if not one.working and day not in kept and anew & set(one.name.split("、")) and day.year == reading.year
    ]


def _twice(stated: Sequence[Stated]) -> Iterator[Problem]:
    seen: dict[dt.date, int] = {}
    for one in stated:
        if one.day in seen:
            message = f"{one.day.isoformat()} 在第 {seen[one.day]} 行已经写过。一天只能写一次，请删去多余的。"
            yield Problem(line=one.line, message=message)
        seen.setdefault(one.day, one.line)


def _misplaced(stated: Sequence[Stated], year: int) -> Iterator[Problem]:
    first = dt.date(year - 1, *REACHES_BACK_FROM)
    for one in stated:
        if not first <= one.day <= dt.date(year, 12, 31):
            message = f"{one.day.isoformat()} 不在 {year} 年的安排之内。请核对年份。"
            yield Problem(line=one.line, message=message)
        elif one.working and one.day.weekday() < 5:
            message = f"{one.day.isoformat()} 是周{WEEKDAYS[one.day.weekday()]}，调休上班只能在周六、周日。请核对日期。"
            yield Problem(line=one.line, message=message)
        elif one.working is False and not one.name:
            message = f"{one.day.isoformat()} 休息，没有写节日名称。请补上，例如 春节。"
            yield Problem(line=one.line, message=message)


def _whole_year(reading: Reading, year: int) -> Iterator[Problem]:
    """Every holiday once, and the days that the law itself fixes among the days of rest."""
    named = Counter(name for name, _line in reading.holidays)
    lines = dict(reversed(reading.holidays))
    for name in HOLIDAY_NAMES:
        if named[name] > 1:
            yield Problem(line=lines[name], message=f"{name}安排了 {named[name]} 次。请删去多余的一项。")
        elif not named[name] and not any(name in one.name for one in reading.stated):
            message = f"没有找到{name}的安排。全年安排应当写明七个节日；只改几天的，选「调整个别日期」（--change）。"
            yield Problem(line=0, message=message)
    days = {one.day: one for one in reading.stated}
    for day, fixed in sorted(fixed_holidays(year).items()):
        one = days.get(day)
        if one.working if one else day.weekday() < 5:
            message = f"{day.isoformat()} 是法定节日（{fixed.name}），安排中不是休息日。请对照通知原文核对。"
            yield Problem(line=one.line if one else 0, message=message)


# --- comparing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Change:
    """A day that is another kind of day than before."""

    day: dt.date
    before: str
    after: str


def kind_of(day: dt.date, calendar: Calendar) -> str:
    """``春节休息``, ``调休上班``, ``工作日``, ``周末休息``."""
    exception = calendar.days.get(day)
    if exception and exception.working:
        return "调休上班"
    if exception and exception.name:
        return f"{exception.name}休息"
    return "工作日" if calendar.is_working(day) else "周末休息"


def changes(before: Calendar, after: Calendar, year: int) -> list[Change]:
    """The days on which two calendars differ, over a year and the end of the one before it."""
    day, last = dt.date(year - 1, *REACHES_BACK_FROM), dt.date(year, 12, 31)
    found: list[Change] = []
    while day <= last:
        old, new = kind_of(day, before), kind_of(day, after)
        if old != new:
            found.append(Change(day=day, before=old, after=new))
        day += DAY
    return found
