"""The words of the State Council's holiday notice as days: 「一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。」.

Pure text in, stated days out. Half- and full-width signs, 周六 and 星期六, line breaks inside a sentence are all the
same; what the text says and cannot be understood is a problem with its line, never left out silently.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guiyang_data.statute.counting import DAY, WEEKDAYS, Day

HOLIDAY_NAMES = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""The seven holidays of 全国年节及纪念日放假办法 that everybody has."""
LONGEST_REST = 31

_SAME_SIGNS = str.maketrans({"。": ".", "〔": "[", "〕": "]", "\u2013": "-", "\u2014": "-"})
_ONE_NAME = "(?:元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?)"
_NAMES = rf"{_ONE_NAME}(?:[、和,]{_ONE_NAME})*"
_SECTION = re.compile(rf"(?:(?<=^)|(?<=[一二三四五六七八九十][、.])|(?<=\.))({_NAMES})(?:假期|放假)?:")
_SECTION_OF_A_CHANGE = re.compile(rf"({_NAMES})[^.:]{{0,30}}:")
_YEAR = re.compile(r"(\d{4})年(?:部分节假日|元旦|春节|清明|劳动|端午|中秋|国庆)")
_NUMBER = re.compile(r"国办发(?:明电)?\[\d{4}\]\d+号")
_FULL_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_EXTENDED = re.compile(
    rf"延长(?:\d{{4}}年)?({_ONE_NAME})假期至(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})日(?:\(([^)]*)\))?"
)
_TOKEN = re.compile(
    r"(?P<skip>(?:鼓励|建议|请)[^.]*)"
    r"|(?P<date>(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:\((?P<note>[^)]*)\))?)"
    r"|(?P<count>(?:共|放假)(?P<days>\d+)天)"
    r"|(?P<rest>放假调休|放假|补休|休息)"
    r"|(?P<work>(?:正常)?上班)"
    r"|(?P<to>[至到~-]+)"
    r"|(?P<stop>\.)"
)
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What keeps a text from being loaded: its line (0 where it is about the whole), and what to do."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.message}" if self.line else self.message


@dataclass(frozen=True, kw_only=True)
class Stated:
    """One day as a text states it. ``working`` None: an ordinary day again."""

    day: dt.date
    working: bool | None
    name: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text says, before it is checked. ``holidays``: each name with the line on which it is arranged."""

    year: int | None = None
    document_number: str = ""
    issued_on: dt.date | None = None
    stated: tuple[Stated, ...] = ()
    holidays: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Text:
    """A text without spaces and with one kind of signs; where each character stood."""

    letters: str
    lines: tuple[int, ...]

    def line(self, place: int) -> int:
        return self.lines[min(place, len(self.lines) - 1)] if self.lines else 1


def _plain(text: str) -> _Text:
    letters: list[str] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for letter in unicodedata.normalize("NFKC", line).translate(_SAME_SIGNS):
            if not letter.isspace() and letter not in "\ufeff\u200b":
                letters.append(letter)
                lines.append(number)
    return _Text("".join(letters), tuple(lines))


def canonical(name: str) -> str:
    """The name as the law has it: 清明 -> 清明节."""
    name = name.strip()
    return next((known for known in HOLIDAY_NAMES if name and known.startswith(name) and len(name) >= 2), name)


def _names(text: str) -> list[str]:
    return [canonical(part) for part in re.split("[、和,]", text)]


@dataclass
class _Scan:
    """The state of reading one holiday's sentences."""

    text: _Text
    year: int
    name: str
    month: int | None = None
    last_year: int = 0
    pending: list[tuple[dt.date, int]] = field(default_factory=list)
    spanning: bool = False
    rested: int = 0
    stated: list[Stated] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def blame(self, place: int, message: str) -> None:
        self.problems.append(Problem(line=self.text.line(place), message=message))

    def date(self, found: re.Match[str], place: int) -> None:
        day = self._day(found, place)
        if day is None:
            return
        said = _WEEKDAY.search(found["note"] or "")
        if said and WEEKDAYS.index(said[1].replace("天", "日")) != day.weekday():
            is_really = WEEKDAYS[day.weekday()]
            self.blame(place, f"{day.isoformat()} 是周{is_really}，文中写的是周{said[1]}。请对照通知原文核对日期。")
        if self.spanning and self.pending:
            self._fill(day, place)
        else:
            self.pending.append((day, self.text.line(place)))
        self.spanning = False

    def _day(self, parts: re.Match[str], place: int) -> dt.date | None:
        year = int(parts["year"] or self.last_year or self.year)
        month = int(parts["month"] or self.month or 0)
        self.last_year = year if parts["year"] or self.spanning else 0
        if not month:
            self.blame(place, f"「{parts[0]}」没有写月份。请补上月份，例如 1月{parts['day']}日。")
            return None
        self.month = month
        try:
            return dt.date(year, month, int(parts["day"]))
        except ValueError:
            self.blame(place, f"{year}年没有{month}月{parts['day']}日。请对照通知原文核对日期。")
            return None

    def _fill(self, until: dt.date, place: int) -> None:
        first = self.pending[-1][0]
        if not first < until <= first + DAY * LONGEST_REST:
            self.blame(place, f"{first.isoformat()} 至 {until.isoformat()} 先后颠倒或者过长。请核对起止日期。")
            return
        line = self.text.line(place)
        self.pending += [(first + DAY * number, line) for number in range(1, (until - first).days + 1)]

    def settle(self, working: bool) -> None:
        name = "" if working else self.name
        self.stated += [Stated(day=day, working=working, name=name, line=line) for day, line in self.pending]
        self.rested += 0 if working else len(self.pending)
        self.pending = []
        self.last_year = 0

    def count(self, days: int, place: int) -> None:
        if self.pending:
            self.settle(working=False)
        if days != self.rested:
            message = f"{self.name}写明共 {days} 天，列出的放假日期是 {self.rested} 天。请对照通知原文核对。"
            self.blame(place, message)

    def stop(self, place: int) -> None:
        if self.pending:
            days = "、".join(day.isoformat() for day, _line in self.pending)
            self.blame(place - 1, f"没有看懂 {days} 是放假还是上班。请写成「…放假」或者「…上班」。")
        self.pending, self.last_year = [], 0


def _scan(text: _Text, year: int, name: str, start: int, end: int) -> _Scan:
    scan = _Scan(text=text, year=year, name=name)
    for found in _TOKEN.finditer(text.letters, start, end):
        place = found.start()
        match found.lastgroup if found.lastgroup != "days" else "count":
            case "date":
                scan.date(found, place)
            case "count":
                scan.count(int(found["days"]), place)
            case "rest":
                scan.settle(working=False)
            case "work":
                scan.settle(working=True)
            case "to":
                scan.spanning = bool(scan.pending)
            case "stop":
                scan.stop(place)
    scan.stop(end)
    return scan


def _sections(text: _Text) -> Iterator[tuple[str, int, int, int]]:
    """``(names, place of the name, first place, end)`` of each arranged holiday."""
    found = list(_SECTION.finditer(text.letters)) or list(_SECTION_OF_A_CHANGE.finditer(text.letters))[:1]
    ends = [match.start() for match in found[1:]] + [_tail(text.letters, found[-1].end())] if found else []
    for match, end in zip(found, ends, strict=True):
        yield match[1], match.start(), match.end(), end


def _tail(letters: str, start: int) -> int:
    """Where the last arranged holiday ends: before the general remarks and the signature."""
    places = [letters.find(word, start) for word in ("节假日期间", "鼓励单位", "国务院办公厅")]
    return min((place for place in places if place >= 0), default=len(letters))


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _extension(
    text: _Text, year: int | None, loaded: Mapping[dt.date, Day]
) -> tuple[list[Stated], list[Problem], list[tuple[str, int]]]:
    """「延长春节假期至2月2日」: from the day after the loaded last day of rest on."""
    found = _EXTENDED.search(text.letters)
    if found is None:
        return [], [], []
    line, name = text.line(found.start()), canonical(found[1])
    until = _day(int(found[2] or year or 1), int(found[3]), int(found[4]))
    if until is None:
        return [], [Problem(line=line, message=f"没有{found[3]}月{found[4]}日。请对照通知原文核对日期。")], []
    rest = [day for day, one in loaded.items() if not one.working and name in one.name and day.year == until.year]
    if not rest or max(rest) >= until:
        message = f"{until.year} 年{name}的放假安排还没有录入，或者已经到了 {until.isoformat()}，没有可以延长的。"
        return [], [Problem(line=line, message=message)], []
    last = max(rest)
    days = [last + DAY * number for number in range(1, (until - last).days + 1)]
    return [Stated(day=day, working=False, name=name, line=line) for day in days], [], []


def read_notice(text: str, *, year: int | None = None, loaded: Mapping[dt.date, Day] | None = None) -> Reading:
    """What a notice's text says. ``year``: where the text itself does not name it. ``loaded``: the days in force, on
    which the extension of a holiday rests.
    """
    plain = _plain(text)
    named = _YEAR.search(plain.letters)
    year = int(named[1]) if named else year
    number = _NUMBER.search(plain.letters)
    signed = _FULL_DATE.findall(plain.letters[_signature(plain.letters) :])
    stated, problems, holidays = _extension(plain, year, loaded or {})
    if not (stated or problems):
        if year is None:
            problems = [Problem(line=1, message="没有找到是哪一年的安排。请连同通知标题一起粘贴，或者填写年份。")]
        for names, place, start, end in _sections(plain) if year else ():
            scan = _scan(plain, year or 0, "、".join(_names(names)), start, end)
            stated += scan.stated
            problems += scan.problems
            holidays += [(name, plain.line(place)) for name in _names(names)]
        if not (stated or problems):
            problems = [Problem(line=1, message="没有找到「元旦：…放假」这样的安排。请粘贴通知全文。")]
    return Reading(
        year=year,
        document_number=number[0].replace("[", "〔").replace("]", "〕") if number else "",
        issued_on=_day(*map(int, signed[-1])) if signed else None,
        stated=tuple(stated),
        holidays=tuple(holidays),
        problems=tuple(problems),
    )


def _signature(letters: str) -> int:
    place = letters.rfind("国务院办公厅")
    return place if place > 0 else len(letters)
