"""Dates, numbers and sizes in the one form every page shows them in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from guiyang_data.statute.counting import WEEKDAYS

LONGEST_NUMBER = 18
_UNITS = ("B", "KB", "MB", "GB", "TB")


def local(moment: dt.datetime) -> dt.datetime:
    """The moment as people in Guiyang read it off the wall; a naive one is taken as it is."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def zh_date(day: dt.date | dt.datetime, *, with_year: bool = False) -> str:
    """「11月25日（周三）」, with the year in front where asked."""
    if isinstance(day, dt.datetime):
        day = local(day).date()
    year = f"{day.year}年" if with_year else ""
    return f"{year}{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def zh_datetime(moment: dt.datetime, *, with_year: bool = False) -> str:
    """「11月15日 09:10」 in Asia/Shanghai."""
    wall = local(moment)
    year = f"{wall.year}年" if with_year else ""
    return f"{year}{wall.month}月{wall.day}日 {wall:%H:%M}"


def ago(moment: dt.datetime, *, now: dt.datetime) -> str:
    """「20 分钟前」, 「7 小时前」, 「3 天前」; from a week on the date, with its year where it is another."""
    minutes_past = max(0, int((now - moment).total_seconds() // 60))
    if minutes_past < 1:
        return gettext("刚刚")
    if minutes_past < 60:
        return gettext("%(number)s 分钟前") % {"number": minutes_past}
    if minutes_past < 24 * 60:
        return gettext("%(number)s 小时前") % {"number": minutes_past // 60}
    if minutes_past < 7 * 24 * 60:
        return gettext("%(number)s 天前") % {"number": minutes_past // (24 * 60)}
    wall = local(moment)
    year = f"{wall.year}年" if wall.year != local(now).year else ""
    return f"{year}{wall.month}月{wall.day}日"


def thousands(number: float | Decimal) -> str:
    """12345.5 as 「12,345.5」."""
    return f"{number:,}"


def file_size(size: int) -> str:
    """Bytes as 「12.4 MB」, steps of 1024, one decimal above a kilobyte."""
    amount = float(size)
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            return f"{int(amount)} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable")


def days(number: int) -> str:
    """「4 天」."""
    return ngettext("%(number)s 天", "%(number)s 天", number) % {"number": thousands(number)}


def cell_text(value: object) -> str:
    """A value of a data table as it is read: no grouping of digits, since a number may be a code."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, dt.datetime):
        return f"{local(value):%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def whole_number(text: str) -> int | None:
    """A number of an address or a form, up to eighteen ASCII digits; None for anything else.

    Longer ones fit no column, and ``str.isdigit`` lets signs through that are no numbers, such as ``²``.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None
